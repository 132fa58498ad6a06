//! The `[population]` block: segments, their services, and the trend.

use std::ops::Range;

use twosided_contracts::{Known, read_truncation_point};
use twosided_form::{At, Section, unique};
use twosided_population::{Assignment, Population, Segment, Service, Trend, Utilization};
use twosided_units::Share;

use crate::{
    laws::{law_of, read_frequency, read_severity},
    life::{read_life, read_loading, read_risk_score, read_social_risk},
    programs::read_measures,
    system,
    tiers::{read_tiers, resize, split},
};

const MOST_SEGMENTS: usize = 1_000;
const MOST_SERVICES: usize = 100;
/// More people than this, and one trial alone takes hours.
const MOST_MEMBERS: u64 = 1_000_000_000;

/// What the block says.
#[derive(Default)]
pub(crate) struct PopulationBlock {
    /// The population; `None` when anything in it is wrong.
    pub(crate) population: Option<Population>,
    /// The names that other blocks may refer to, whether or not what they name can be read.
    pub(crate) known: Known,
    /// The largest number of members, and where it stands.
    largest: Option<At<u64>>,
    /// Where what makes costs grow is stated.
    pub(crate) span_of_growth: Range<usize>,
}

/// Reads the block.
pub(crate) fn read(root: &Section<'_>) -> PopulationBlock {
    let mut people = PopulationBlock::default();
    root.require("population", "describe the people: one [[population.segments]] or more");
    let Some(section) = root.section("population") else {
        // Not unknown keys, but of no use without people.
        let _ = ["system", "organization"].map(|key| root.has(key));
        return people;
    };
    let trend = section.or("trend", Trend::NONE, |section| section.section("trend").and_then(read_trend));
    let members = section.or("members", None, |section| {
        let help = "members is a whole number of people in all, from 1 to 1,000,000,000";
        section.count("members", 1, MOST_MEMBERS, help).map(Some)
    });
    people.largest = members.clone().flatten();
    let assignments = [("prospective", Assignment::Prospective), ("retrospective", Assignment::Retrospective)];
    let assignment =
        section.or("assignment", Assignment::default(), |section| section.choice("assignment", &assignments));
    section.require("segments", "add at least one [[population.segments]] with name, members and services");
    let mut names: Vec<At<String>> = Vec::new();
    let segments = section.each("segments", MOST_SEGMENTS, |segment| read_segment(segment, &mut names, &mut people));
    let tiers = read_tiers(&section);
    let segments = segments.zip(tiers).map(|(segments, tiers)| split(segments, &tiers));
    if let Some(segments) = &segments {
        people.known.segments.extend(segments.iter().map(|segment| segment.name.clone()));
    }
    let measures = read_measures(&section, &mut people.known);
    people.known.measures.complete();
    people.span_of_growth = if section.has("trend") { section.span_of("trend") } else { root.span_of("system") };
    let system = system::read(root, trend.unwrap_or(Trend::NONE), &people.known);
    let span = section.span_of("segments");
    let population = (|| {
        let mut segments = segments?;
        if let Some(members) = members? {
            if (segments.len() as u64) > members.value {
                let message = format!("population.members is {} for {} segments", members.value, segments.len());
                section.wrong(&members.span, message, "there is at least one person of each segment");
                return None;
            }
            resize(&mut segments, members.value);
        }
        let mut population = match Population::new(segments, system?) {
            Ok(population) => population,
            Err(error) => {
                section.wrong(&span, error.to_string(), "give each segment, with its tier, a name of its own");
                return None;
            }
        };
        population.assignment = assignment?;
        population.measures = measures?;
        trend.map(|_| population)
    })();
    section.finish();
    people.population = population;
    people
}

impl PopulationBlock {
    /// Where the most people are counted.
    pub(crate) fn span_of_most(&self) -> Range<usize> {
        self.largest.as_ref().map_or(0..0, |largest| largest.span.clone())
    }
}

fn read_trend(section: Section<'_>) -> Option<Trend> {
    let number = |key, absent| section.or(key, absent, |section| Some(section.number(key)?.value));
    let trend =
        law_of(&section, [(number("mean", 1.0), 1.0), (number("cv", 0.0), 0.0)], |[mean, cv]| Trend::new(mean, cv));
    let benchmark_loading = section.or("benchmark_loading", 0.0, |section| {
        let help = "benchmark_loading is how far benchmarks follow the trend as it turns out, from 0 to 1";
        section.number_within("benchmark_loading", 0.0, 1.0, help).map(|at| at.value)
    });
    section.finish();
    let mut trend = trend?;
    trend.benchmark_loading = benchmark_loading?;
    Some(trend)
}

fn read_segment(section: Section<'_>, names: &mut Vec<At<String>>, people: &mut PopulationBlock) -> Option<Segment> {
    let name = section.name("name").filter(|name| unique(&section, names, name, "segment"));
    match &name {
        Some(name) => people.known.segments.extend([name.value.clone()]),
        None => people.known.segments.may_be_more(),
    }
    section.require("members", "give the number of people, as members = 5_000");
    let members = section.count("members", 1, MOST_MEMBERS, "members is a whole number from 1 to 1,000,000,000");
    people.largest = people.largest.take().into_iter().chain(members.clone()).max_by_key(|members| members.value);
    let risk_score = section.or("risk_score", None, |section| read_risk_score(section).map(Some));
    let social_risk = read_social_risk(&section);
    let truncation_point = section.or("truncation_point", None, |section| read_truncation_point(section).map(Some));
    section.require("services", "add at least one, as [population.segments.services.inpatient]");
    let services = section.section("services");
    if services.is_none() {
        people.known.services.may_be_more();
    }
    let names: Vec<String> = services.iter().flat_map(Section::names).collect();
    let services = services.and_then(|services| {
        let span = services.span.clone();
        let services = read_services(services, people)?;
        let followed = Segment::order_of(&services, name.as_ref().map_or("", |name| &name.value));
        if let Err(error) = followed {
            section.wrong(&span, error.to_string(), "a service follows the events of another service of its segment");
            return None;
        }
        Some(services)
    });
    let life = read_life(&section, &names);
    section.finish();
    Some(Segment {
        name: name?.value,
        group: None,
        members: members?.value,
        risk_score: risk_score?,
        social_risk: social_risk?,
        life: life?,
        truncation_point: truncation_point?,
        services: services?,
    })
}

fn read_services(section: Section<'_>, people: &mut PopulationBlock) -> Option<Vec<Service>> {
    people.known.services.extend(section.names());
    let services = section.each_named(MOST_SERVICES, "services", |name, service| {
        let valid = service.checked_name(&name.value, &name.span);
        let frailty_loading = read_loading(&service);
        let utilization = read_utilization(service);
        let name = valid.then(|| name.value.clone())?;
        Some(Service { name, utilization: utilization?, frailty_loading: frailty_loading? })
    });
    section.finish_named();
    services
}

fn read_utilization(section: Section<'_>) -> Option<Utilization> {
    let [annual, frequency, severity] = ["annual", "frequency", "severity"].map(|key| section.has(key));
    if annual && (frequency || severity) {
        let message = format!("{} has both `annual` and `frequency` or `severity`", section.path);
        section.wrong(&section.span, message, "a service is either events with a cost each, or one annual amount");
    } else if frequency != severity {
        let absent = if frequency { "severity" } else { "frequency" };
        section.missing(absent, "a service needs `frequency` and `severity`, or `annual`");
    } else if !annual && !frequency {
        section.missing_all("a service needs `frequency` and `severity`, or `annual`");
    }
    let follows = section.or("follows", None, |section| {
        if annual {
            let message = format!("{} has both `annual` and `follows`", section.path);
            section.wrong(
                &section.span_of("follows"),
                message,
                "what follows events is events; give frequency and severity",
            );
            return None;
        }
        if section.has("frailty_loading") {
            let message = format!("{} has both `follows` and `frailty_loading`", section.path);
            let help = "what follows events has the frailty of the service that it follows";
            section.wrong(&section.span_of("frailty_loading"), message, help);
        }
        section.text("follows").map(|after| Some(after.value.to_owned()))
    });
    let amount = section.section("annual").and_then(read_annual);
    let law = section.section("frequency").and_then(read_frequency);
    let cost = section.section("severity").and_then(|section| {
        let severity = read_severity(&section);
        section.finish();
        severity
    });
    section.finish();
    match (annual, frequency || severity) {
        (true, false) => amount,
        (false, true) => {
            let (frequency, severity) = law.zip(cost)?;
            Some(match follows? {
                Some(after) => Utilization::Following { after, frequency, severity },
                None => Utilization::Events { frequency, severity },
            })
        }
        _ => None,
    }
}

fn read_annual(section: Section<'_>) -> Option<Utilization> {
    let zero = section.or("zero", Share::ZERO, |section| section.share("zero")).map(Share::value);
    let all_zero = zero == Some(1.0);
    if all_zero {
        let message = format!("{}.zero is 1", section.path);
        section.wrong(&section.span_of("zero"), message, "nobody would use the service; leave it out");
    }
    let amount = read_severity(&section);
    section.finish();
    Some(Utilization::Annual { zero: zero.filter(|_| !all_zero)?, amount: amount? })
}
