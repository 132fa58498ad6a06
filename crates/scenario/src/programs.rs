//! The `[[provider.programs]]`, and the measures of `[[population.measures]]`.

use std::collections::BTreeMap;

use twosided_contracts::Known;
use twosided_form::{At, Names, Section, unique};
use twosided_population::{Effect, Program, QualityMeasure};
use twosided_units::{Pmpm, Share};

const MOST_PROGRAMS: usize = 50;
const MOST_MEASURES: usize = 100;
const MOST_RAMP: usize = 50;

/// Reads the programs; their names are known from then on.
pub(crate) fn read_programs(provider: &Section<'_>, known: &mut Known) -> Option<Vec<Program>> {
    let mut names = Vec::new();
    let programs = provider.or("programs", Vec::new(), |provider| {
        provider.each("programs", MOST_PROGRAMS, |section| read_program(section, known, &mut names))
    });
    known.programs.extend(names.into_iter().map(|name| name.value));
    if programs.is_none() {
        known.programs.may_be_more();
    }
    programs
}

fn read_program(section: Section<'_>, known: &Known, names: &mut Vec<At<String>>) -> Option<Program> {
    let name = section.name("name").filter(|name| unique(&section, names, name, "program"));
    let cost = section.or("cost_pmpm", 0.0, |section| {
        let help = "cost_pmpm is dollars per member of its segments and month, from 0 to 100,000";
        section.number_within("cost_pmpm", 0.0, 100_000.0, help).map(|at| at.value)
    });
    let segments = section.or("segments", None, |section| {
        let named = section.texts("segments")?;
        let path = section.path_of("segments");
        let found = named.iter().filter(|name| known.segments.has(name, section, &path)).count();
        (found == named.len()).then(|| Some(named.into_iter().map(|name| name.value).collect()))
    });
    let effects = section.or("effect", BTreeMap::new(), |section| {
        let help = "mean is the relative change of use, from -1 to 1: -0.06 is six percent fewer";
        read_effects(section.section("effect")?, &known.services, (-1.0, 1.0), help)
    });
    let closes = section.or("closes", BTreeMap::new(), |section| {
        let help = "mean is the share of open care gaps that are closed, from 0 to 1";
        read_effects(section.section("closes")?, &known.measures, (0.0, 1.0), help)
    });
    let ramp = section.or("ramp", Vec::new(), |section| {
        let help = "ramp is the strength in the first years, each from 0 to 1, as [0.3, 0.7]";
        let ramp = section.numbers("ramp", 0.0, 1.0, help)?;
        if ramp.len() > MOST_RAMP {
            section.wrong(&section.span_of("ramp"), format!("{} has too many years", section.path_of("ramp")), help);
            return None;
        }
        ramp.into_iter().map(|share| Share::new(share).ok()).collect()
    });
    let decay = section.or("decay", Share::ZERO, |section| section.share("decay"));
    section.finish();
    Some(Program {
        name: name?.value,
        cost: Pmpm(cost?),
        segments: segments?,
        effects: effects?,
        closes: closes?,
        ramp: ramp?,
        decay: decay?,
    })
}

fn read_effects(
    section: Section<'_>,
    names: &Names,
    (low, high): (f64, f64),
    help: &str,
) -> Option<BTreeMap<String, Effect>> {
    let path = section.path.clone();
    let effects = section.each_named(100, "effects", |name, effect| {
        let is_known = names.has(name, &effect, &path);
        effect.require("mean", "give the mean effect, as mean = -0.06");
        let mean = effect.number_within("mean", low, high, help);
        let sd = effect.or("sd", 0.0, |effect| {
            let help = "sd is what is not known of the effect, from 0 to 1";
            effect.number_within("sd", 0.0, 1.0, help).map(|at| at.value)
        });
        effect.finish();
        let effect = Effect { mean: mean?.value, sd: sd? };
        is_known.then(|| (name.value.clone(), effect))
    });
    section.finish_named();
    Some(effects?.into_iter().collect())
}

/// Reads the measures; their names are known from then on.
pub(crate) fn read_measures(population: &Section<'_>, known: &mut Known) -> Option<Vec<QualityMeasure>> {
    let mut names = Vec::new();
    let measures = population.or("measures", Vec::new(), |population| {
        population.each("measures", MOST_MEASURES, |section| read_measure(section, known, &mut names))
    });
    known.measures.extend(names.into_iter().map(|name| name.value));
    if measures.is_none() {
        known.measures.may_be_more();
    }
    measures
}

fn read_measure(section: Section<'_>, known: &Known, names: &mut Vec<At<String>>) -> Option<QualityMeasure> {
    let name = section.name("name").filter(|name| unique(&section, names, name, "measure"));
    section.require("denominator", "give the share of people whom it concerns, as denominator = 0.25");
    let denominator = section.share("denominator");
    section.require("rate", "give the share of those who meet it, as rate = 0.7");
    let rate = section.share("rate");
    let segments = section.or("segments", BTreeMap::new(), |section| {
        let section = section.section("segments")?;
        let rates = section.shares_by_name(&known.segments);
        section.finish_named();
        rates
    });
    section.finish();
    Some(QualityMeasure { name: name?.value, denominator: denominator?, rate: rate?, segments: segments? })
}
