//! The `[population]` block: segments, their services, and the year's trend.

use std::ops::Range;

use twosided_contracts::{Known, read_truncation_point};
use twosided_form::{At, Section, unique};
use twosided_population::{Population, Segment, Service, Trend, Utilization};
use twosided_units::Share;

use crate::laws::{law_of, read_frequency, read_severity};

const MOST_SEGMENTS: usize = 1_000;
const MOST_SERVICES: usize = 100;
/// More people than this, and one trial alone takes hours.
const MOST_MEMBERS: u64 = 1_000_000_000;

/// What the block says.
#[derive(Default)]
pub(crate) struct People {
    /// The population; `None` when anything in it is wrong.
    pub(crate) population: Option<Population>,
    /// The names that other blocks may refer to, whether or not what they name can be read.
    pub(crate) known: Known,
    /// The largest number of members, and where it stands.
    largest: Option<At<u64>>,
}

/// Reads the block.
pub(crate) fn read(root: &Section<'_>) -> People {
    let mut people = People::default();
    root.require("population", "describe the people: one [[population.segments]] or more");
    let Some(section) = root.section("population") else { return people };
    let trend = section.or("trend", Trend::NONE, |section| section.section("trend").and_then(read_trend));
    section.require("segments", "add at least one [[population.segments]] with name, members and services");
    let mut names: Vec<At<String>> = Vec::new();
    let segments = section.each("segments", MOST_SEGMENTS, |segment| read_segment(segment, &mut names, &mut people));
    section.finish();
    people.population = segments.zip(trend).map(|(segments, trend)| {
        Population::new(segments, trend).expect("names and members are checked as they are read")
    });
    people
}

impl People {
    /// Where the most people are counted.
    pub(crate) fn place_of_most(&self) -> Range<usize> {
        self.largest.as_ref().map_or(0..0, |largest| largest.span.clone())
    }
}

fn read_trend(section: Section<'_>) -> Option<Trend> {
    let number = |key, absent| section.or(key, absent, |section| Some(section.number(key)?.value));
    let trend =
        law_of(&section, [(number("mean", 1.0), 1.0), (number("cv", 0.0), 0.0)], |[mean, cv]| Trend::new(mean, cv));
    section.finish();
    trend
}

fn read_segment(section: Section<'_>, names: &mut Vec<At<String>>, people: &mut People) -> Option<Segment> {
    let name = section.name("name").filter(|name| unique(&section, names, name, "segment"));
    match &name {
        Some(name) => people.known.segments.extend([name.value.clone()]),
        None => people.known.segments.may_be_more(),
    }
    section.require("members", "give the number of people, as members = 5_000");
    let members = section.count("members", 1, MOST_MEMBERS, "members is a whole number from 1 to 1,000,000,000");
    people.largest = people.largest.take().into_iter().chain(members.clone()).max_by_key(|members| members.value);
    let risk_score = section.or("risk_score", None, |section| {
        let help = "risk_score is the segment's mean score, near 1, from 0.01 to 100";
        Some(Some(section.number_within("risk_score", 0.01, 100.0, help)?.value))
    });
    let truncation_point = section.or("truncation_point", None, |section| read_truncation_point(section).map(Some));
    section.require("services", "add at least one, as [population.segments.services.inpatient]");
    let services = section.section("services");
    if services.is_none() {
        people.known.services.may_be_more();
    }
    let services = services.and_then(|services| read_services(services, people));
    section.finish();
    Some(Segment {
        name: name?.value,
        members: members?.value,
        risk_score: risk_score?,
        truncation_point: truncation_point?,
        services: services?,
    })
}

fn read_services(section: Section<'_>, people: &mut People) -> Option<Vec<Service>> {
    people.known.services.extend(section.names());
    let services = section.each_named(MOST_SERVICES, "services", |name, service| {
        let valid = service.checked_name(&name.value, &name.span);
        let utilization = read_utilization(service);
        Some(Service { name: valid.then(|| name.value.clone())?, utilization: utilization? })
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
        (false, true) => law.zip(cost).map(|(frequency, severity)| Utilization::Events { frequency, severity }),
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
