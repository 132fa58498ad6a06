//! The `[[provider.programs]]`.

use std::collections::BTreeMap;

use twosided_contracts::Known;
use twosided_form::{
    At, Key, List,
    Literal::{Number, Truth},
    Names, Range, Section, TablesByName, Unit, keys, unique,
};
use twosided_population::{Effect, Program};
use twosided_units::{Pmpm, Share};

const MOST_RAMP: usize = 50;
const MOST_EFFECTS: usize = 100;

/// The programs of a provider.
pub(crate) const PROGRAMS: Key<List> = Key::tables("programs", ProgramKeys::TABLE, 50)
    .absent("none", "[{ name = \"transitional care\", cost_pmpm = 4 }]")
    .meaning("the programs that change use");

keys! {
    /// A program.
    pub(crate) struct ProgramKeys "provider.programs" {
        NAME: String = Key::name().more("Unique among programs");
        COST_PMPM: Pmpm = Key::quantity("cost_pmpm", Unit::PMPM, Range::of(0.0, 100_000.0)).default(Number(0.0))
            .meaning("the cost per member of its segments, for the months lived");
        SEGMENTS: Vec<At<String>> = Key::names("segments", "names of segments").absent("all", "[\"aged\"]")
            .meaning("the segments that it reaches, at least one");
        EFFECT: TablesByName = Key::tables_by_name("effect", "service", EffectKeys::TABLE, MOST_EFFECTS)
            .absent("none", "{ inpatient = { mean = -0.06 } }")
            .meaning("the relative change of the use of services: -0.06 is six percent fewer");
        COSTS: TablesByName = Key::tables_by_name("costs", "service", CostsKeys::TABLE, MOST_EFFECTS)
            .absent("none", "{ rehabilitation = { mean = -0.2 } }")
            .meaning("the relative change of what an event of a service costs, or a year of an annual amount: -0.2 is a fifth less")
            .more("All programs together at most double it");
        CLOSES: TablesByName = Key::tables_by_name("closes", "measure", ClosesKeys::TABLE, MOST_EFFECTS)
            .absent("none", "{ \"blood pressure control\" = { mean = 0.2 } }")
            .meaning("the shares of open care gaps that are closed").more("Of measures with a `rate`");
        SHIFTS: TablesByName = Key::tables_by_name("shifts", "measure", ShiftKeys::TABLE, MOST_EFFECTS)
            .absent("none", "{ A1c = { mean = -0.3 } }")
            .meaning("by how much amounts are shifted").more("Of measures with a `mean` or a `survey`");
        RAMP: Vec<f64> = Key::numbers("ramp", Range::UNIT).absent("full at once", "[0.3, 0.7]")
            .meaning("the strength in the first years");
        DECAY: Share = Key::share("decay").default(Number(0.0))
            .meaning("the part of the strength that is lost each year after the ramp");
        ONLY_STAYERS: bool = Key::truth("only_stayers").default(Truth(false))
            .meaning("whether it works on those alone who were among the people of their segment in the year before")
            .more("Its effects on a segment are then multiplied by the expected share of such people: of those who are assigned, where there is `attribution`, and otherwise of members who neither died nor joined");
    }
}

keys! {
    /// What a program does to the use of one service.
    pub(crate) struct EffectKeys "provider.programs.effect" {
        MEAN: f64 = Key::number("mean", Range::of(-1.0, 1.0)).required("-0.06")
            .meaning("the relative change of use: -0.06 is six percent fewer");
        SD: f64 = SD;
    }
}

keys! {
    /// What a program does to the cost of one service.
    pub(crate) struct CostsKeys "provider.programs.costs" {
        MEAN: f64 = Key::number("mean", Range::of(-1.0, 1.0)).required("-0.2")
            .meaning("the relative change of the cost: -0.2 is a fifth less");
        SD: f64 = SD;
    }
}

keys! {
    /// What a program does to one measure.
    pub(crate) struct ClosesKeys "provider.programs.closes" {
        MEAN: f64 = Key::number("mean", Range::UNIT).required("0.2")
            .meaning("the share of open care gaps that are closed");
        SD: f64 = SD;
    }
}

keys! {
    /// What a program does to the amounts of one measure.
    pub(crate) struct ShiftKeys "provider.programs.shifts" {
        MEAN: f64 = Key::number("mean", Range::of(-1e6, 1e6)).required("-0.3")
            .meaning("by how much the mean is shifted, in the unit of the measure");
        SD: f64 = Key::number("sd", Range::of(0.0, 1e6)).default(Number(0.0))
            .meaning("the standard deviation of what is not known of the shift");
    }
}

const SD: Key<f64> = Key::number("sd", Range::UNIT)
    .default(Number(0.0))
    .meaning("the standard deviation of what is not known of the effect");

/// Reads the programs; their names are known from then on.
pub(crate) fn read_programs(provider: &Section<'_>, known: &mut Known) -> Option<Vec<Program>> {
    let mut names = Vec::new();
    let programs = provider.optional_tables(&PROGRAMS, |section| read_program(section, known, &mut names));
    known.programs.extend(names.into_iter().map(|name| name.value));
    if programs.is_none() {
        known.programs.may_be_more();
    }
    programs
}

fn read_program(section: Section<'_>, known: &Known, names: &mut Vec<At<String>>) -> Option<Program> {
    type Keys = ProgramKeys;
    let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, names, name, "program"));
    let cost = section.read(&Keys::COST_PMPM);
    let segments = match section.optional(&Keys::SEGMENTS) {
        Some(Some(named)) if named.is_empty() => {
            let message = format!("{} is empty", section.path_of(Keys::SEGMENTS.name));
            let help = "name at least one segment, or leave the key out for all of them";
            section.wrong(&section.span_of(Keys::SEGMENTS.name), message, help);
            None
        }
        Some(Some(named)) => known.segments.all_of(named, &section, &Keys::SEGMENTS).map(Some),
        other => other.map(|_| None),
    };
    let effects = read_effects(&section, &Keys::EFFECT, &known.services, (&EffectKeys::MEAN, &EffectKeys::SD));
    let costs = read_effects(&section, &Keys::COSTS, &known.services, (&CostsKeys::MEAN, &CostsKeys::SD));
    let closes = read_effects(&section, &Keys::CLOSES, &known.counted_measures, (&ClosesKeys::MEAN, &ClosesKeys::SD));
    let shifts = read_effects(&section, &Keys::SHIFTS, &known.mean_measures, (&ShiftKeys::MEAN, &ShiftKeys::SD));
    let ramp = section.optional(&Keys::RAMP).and_then(|ramp| {
        let wrong = |what: &str, help: String| {
            section.wrong(
                &section.span_of(Keys::RAMP.name),
                format!("{} {what}", section.path_of(Keys::RAMP.name)),
                help,
            );
            None
        };
        if ramp.as_ref().is_some_and(Vec::is_empty) {
            let help = "give the strength in each of the first years, or leave the key out for full strength at once";
            return wrong("is empty", help.to_owned());
        }
        let ramp = ramp.unwrap_or_default();
        if ramp.len() > MOST_RAMP {
            return wrong("has too many years", format!("write at most {MOST_RAMP}"));
        }
        ramp.into_iter().map(|share| Share::new(share).ok()).collect()
    });
    let (decay, only_stayers) = (section.read(&Keys::DECAY), section.read(&Keys::ONLY_STAYERS));
    section.finish();
    Some(Program {
        name: name?.value,
        cost: cost?,
        segments: segments?,
        effects: effects?,
        costs: costs?,
        closes: closes?,
        shifts: shifts?,
        ramp: ramp?,
        decay: decay?,
        only_stayers: only_stayers?,
    })
}

fn read_effects(
    program: &Section<'_>,
    key: &Key<TablesByName>,
    names: &Names,
    (mean, sd): (&Key<f64>, &Key<f64>),
) -> Option<BTreeMap<String, Effect>> {
    if !program.has(key.name) {
        return Some(BTreeMap::new());
    }
    let path = program.path_of(key.name);
    let effects = program.tables_by_name(key, |name, effect| {
        let is_known = names.has(name, &effect, &path);
        let (mean, sd) = (effect.read(mean), effect.read(sd));
        effect.finish();
        let effect = Effect { mean: mean?, sd: sd? };
        is_known.then(|| (name.value.clone(), effect))
    });
    Some(effects?.into_iter().collect())
}
