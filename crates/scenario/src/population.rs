//! The `[population]` block: segments, their services, and the trend.

use std::ops;

use twosided_contracts::{Known, TRUNCATION_POINT};
use twosided_form::{
    At, Holds, Key, List,
    Literal::{Number, Word},
    Nested, Range, Section, Status, TablesByName, Unit, keys, unique,
};
use twosided_population::{Assignment, Population, PopulationError, Segment, Service, Trend, Utilization};
use twosided_units::{Dollars, Share};

use crate::{
    RootKeys,
    elasticities::{ELASTICITIES, check_substitutions, read_elasticities},
    groups::{GROUPS, read_groups},
    laws::{FrequencyKeys, SeverityKeys, law_of, read_frequency, read_severity},
    life::{FRAILTY_LOADING, LifeKeys, read_life, read_risk_score, read_social_risk},
    measures::{MEASURES, read_measures},
    payers::{self, PayerBlock},
    system,
    tiers::{TIERS, read_tiers, resize, split},
};

/// More people than this, and one trial alone takes hours.
const MOST_MEMBERS: u64 = 1_000_000_000;

keys! {
    /// The block.
    pub(crate) struct PopulationKeys "population" {
        TREND: Nested = Key::table("trend", TrendKeys::TABLE).absent("no trend", "{ mean = 1.03, cv = 0.02 }")
            .meaning("one factor a year, on every cost of that year and of the years after it");
        SEGMENTS: List = Key::tables("segments", SegmentKeys::TABLE, 1_000)
            .absent("required, here or in an included file", "[{ name = \"all\", members = 5_000, services = { visits = { annual = { gamma = { mean = 9_000, cv = 2 } } } } }]")
            .ask("add at least one [[population.segments]] with name, members and services")
            .meaning("the people, as `[[population.segments]]`");
        MEMBERS: u64 = Key::whole("members", 1, MOST_MEMBERS).unit(Unit::PEOPLE).absent("as the segments say", "20_000")
            .meaning("the number of people in all").more("The segments are brought to it in their proportions");
        ASSIGNMENT: Assigned = Key::word("assignment").default(Word("prospective"))
            .meaning("who counts under turnover, and whose visits count under attribution")
            .more("`\"prospective\"`: who leaves during a year still counts for it and is replaced in the next, and last year's visits assign; `\"retrospective\"`: the replacement counts in the year itself, and the visits of the year assign");
        TIERS: List = TIERS;
        MEASURES: List = MEASURES;
        GROUPS: List = GROUPS;
        ELASTICITIES: List = ELASTICITIES;
    }
}

keys! {
    /// The trend of costs.
    pub(crate) struct TrendKeys "population.trend" {
        MEAN: f64 = Key::number("mean", Range::above(0.0, 10.0)).default(Number(1.0))
            .meaning("the mean factor: `1.03` is three percent up");
        CV: f64 = Key::number("cv", Range::UNIT).default(Number(0.0)).meaning("the standard deviation over the mean");
        BENCHMARK_LOADING: f64 = Key::number("benchmark_loading", Range::UNIT).default(Number(0.0))
            .meaning("how far benchmarks that are updated after the year follow what the trend turned out to be")
            .more("Its mean moves benchmarks, rates and thresholds from the second year on in any case");
    }
}

keys! {
    /// People alike enough to share their laws.
    pub(crate) struct SegmentKeys "population.segments" with [LifeKeys::OWN] {
        NAME: String = Key::name().more("Unique among segments");
        PAYER: String = Key::text("payer").absent("payers are not distinguished", "\"Medicare\"")
            .meaning("the name of the one of [`[[payers]]`](#payers) that pays for their care");
        MEMBERS: u64 = Key::whole("members", 1, MOST_MEMBERS).unit(Unit::PEOPLE)
            .absent("required without `attribution`", "5_000").meaning("the number of people")
            .more("With `attribution` it is the expected number of those who are assigned, and is not stated");
        SERVICES: TablesByName = Key::tables_by_name("services", "[name](#names)", ServiceKeys::TABLE, 100)
            .required("{ visits = { annual = { gamma = { mean = 9_000, cv = 2 } } } }")
            .ask("add at least one, as [population.segments.services.inpatient]")
            .meaning("the care that they use, one table a service");
        TRUNCATION_POINT: Dollars = TRUNCATION_POINT
            .more("It counts in `mssp`. CMS uses the national 99th percentile of the enrollment type. Each person's cost in the year is cut, whether or not the person died; that CMS annualizes spending before it truncates needs checking")
            .status(Status::Unconfirmed);
    }
}

keys! {
    /// A service: events with a cost each, or one amount a year.
    pub(crate) struct ServiceKeys "services" {
        FREQUENCY: Nested = Key::table("frequency", FrequencyKeys::TABLE)
            .absent("required without `annual`", "{ poisson = { mean = 0.3 } }").meaning("the law of events per person-year");
        SEVERITY: Nested = Key::table("severity", SeverityKeys::TABLE)
            .absent("required without `annual`", "{ lognormal = { mean = 15_000, cv = 1.1 } }")
            .meaning("the law of dollars per event");
        ANNUAL: Nested = Key::table("annual", AnnualKeys::TABLE)
            .absent("required without the two", "{ gamma = { mean = 9_000, cv = 2 } }")
            .meaning("the law of dollars a year, in place of `frequency` and `severity`");
        FOLLOWS: String = Key::text("follows").absent("none", "\"inpatient\"")
            .meaning("the service with events whose events these follow")
            .more("`frequency` is then events **per event** of that service: readmissions, days of a stay, episodes");
        SEVERITY_ELASTICITY: f64 = Key::number("severity_elasticity", Range::of(0.0, 2.0)).default(Number(0.0))
            .meaning("how far the cost of an event that is followed moves the cost of those that follow it")
            .more("That cost is multiplied by a power of the cost of the event that `follows` names, over the mean of this power: `1` is in proportion. The mean stays, and so does the number of events");
        FRAILTY_LOADING: f64 = FRAILTY_LOADING;
    }
}

keys! {
    /// One amount a year.
    pub(crate) struct AnnualKeys "services.annual" with [SeverityKeys::OWN] {
        ZERO: Share = Key::new("zero", Holds::Share(Range::below(0.0, 1.0))).default(Number(0.0))
            .meaning("the share of people who use none")
            .more("The law is of **users**: the mean over everyone is `(1 - zero) × mean`");
    }
}

/// Who counts under turnover, as a file says it.
#[derive(Clone, Copy)]
pub(crate) struct Assigned(Assignment);

impl twosided_form::Word for Assigned {
    const WORDS: &'static [(&'static str, Self)] =
        &[("prospective", Self(Assignment::Prospective)), ("retrospective", Self(Assignment::Retrospective))];
}

/// What the block says.
#[derive(Default)]
pub(crate) struct PopulationBlock {
    /// The population; `None` when anything in it is wrong.
    pub(crate) population: Option<Population>,
    /// The names that other blocks may refer to, whether or not what they name can be read.
    pub(crate) known: Known,
    /// The payers; `None` when anything in them is wrong.
    pub(crate) payers: Option<Vec<PayerBlock>>,
    /// The largest number of members, and where it stands.
    largest: Option<At<u64>>,
    /// Where what makes costs grow is stated.
    pub(crate) span_of_growth: ops::Range<usize>,
}

/// Reads the block, with what the blocks on the system say.
pub(crate) fn read(root: &Section<'_>) -> PopulationBlock {
    type Keys = PopulationKeys;
    let mut people = PopulationBlock::default();
    people.payers = payers::read(root, &mut people.known);
    if !root.has(RootKeys::POPULATION.name) {
        root.missing(RootKeys::POPULATION.name, RootKeys::POPULATION.ask);
    }
    let Some(section) = root.table(&RootKeys::POPULATION) else {
        // Not unknown keys, but of no use without people.
        let _ = [&RootKeys::SYSTEM, &RootKeys::ORGANIZATION].map(|key| root.has(key.name));
        return people;
    };
    let trend = section.optional_table(&Keys::TREND, read_trend).map(|trend| trend.unwrap_or(Trend::NONE));
    let members = section.optional(&Keys::MEMBERS);
    people.largest = members.flatten().map(|value| At { value, span: section.span_of(Keys::MEMBERS.name) });
    let assignment = section.read(&Keys::ASSIGNMENT);
    let mut names: Vec<At<String>> = Vec::new();
    if !section.has(Keys::SEGMENTS.name) {
        section.missing(Keys::SEGMENTS.name, Keys::SEGMENTS.ask);
    }
    let segments = section.tables(&Keys::SEGMENTS, |segment| read_segment(segment, &mut names, &mut people));
    let tiers = read_tiers(&section);
    let segments = segments.zip(tiers).map(|(segments, tiers)| split(segments, &tiers));
    if let Some(segments) = &segments {
        people.known.segments.extend(segments.iter().map(|segment| segment.name.clone()));
    }
    let measures = read_measures(&section, &mut people.known);
    people.known.measures.complete();
    people.known.counted_measures.complete();
    people.known.mean_measures.complete();
    let groups = read_groups(&section, &people.known);
    let elasticities = read_elasticities(&section, &people.known);
    people.span_of_growth = if section.has(Keys::TREND.name) {
        section.span_of(Keys::TREND.name)
    } else {
        root.span_of(RootKeys::SYSTEM.name)
    };
    let blocks = (&RootKeys::SYSTEM, &RootKeys::ORGANIZATION);
    let system = system::read(root, blocks, trend.unwrap_or(Trend::NONE), &people.known);
    let span = section.span_of(Keys::SEGMENTS.name);
    let population = (|| {
        let mut segments = segments?;
        if let Some(members) = members? {
            if (segments.len() as u64) > members {
                let message = format!("population.members is {members} for {} segments", segments.len());
                section.wrong(
                    &section.span_of(Keys::MEMBERS.name),
                    message,
                    "there is at least one person of each segment",
                );
                return None;
            }
            resize(&mut segments, members);
        }
        let mut population = match Population::new(segments, system?) {
            Ok(population) => population,
            Err(error) => {
                let help = match error {
                    PopulationError::FewAssigned { .. } => "use more people, fewer tiers, or a larger share of visits",
                    _ => "give each segment, with its tier, a name of its own",
                };
                section.wrong(&span, error.to_string(), help);
                return None;
            }
        };
        population.assignment = assignment?.0;
        population.measures = measures?;
        population.groups = groups?;
        population.elasticities = elasticities?;
        if !check_substitutions(&population, &section) {
            return None;
        }
        trend.map(|_| population)
    })();
    section.finish();
    people.population = population;
    people
}

impl PopulationBlock {
    /// Where the most people are counted.
    pub(crate) fn span_of_most(&self) -> ops::Range<usize> {
        self.largest.as_ref().map_or(0..0, |largest| largest.span.clone())
    }
}

fn read_trend(section: Section<'_>) -> Option<Trend> {
    type Keys = TrendKeys;
    let parameters = [(section.read(&Keys::MEAN), 1.0), (section.read(&Keys::CV), 0.0)];
    let trend = law_of(&section, parameters, |[mean, cv]| Trend::new(mean, cv));
    let benchmark_loading = section.read(&Keys::BENCHMARK_LOADING);
    section.finish();
    let mut trend = trend?;
    trend.benchmark_loading = benchmark_loading?;
    Some(trend)
}

fn read_segment(section: Section<'_>, names: &mut Vec<At<String>>, people: &mut PopulationBlock) -> Option<Segment> {
    type Keys = SegmentKeys;
    let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, names, name, "segment"));
    match &name {
        Some(name) => people.known.segments.extend([name.value.clone()]),
        None => people.known.segments.may_be_more(),
    }
    let payer = if section.has(Keys::PAYER.name) {
        let path = section.path_of(Keys::PAYER.name);
        let payer = section.read_at(&Keys::PAYER);
        payer.filter(|payer| people.known.payers.has(payer, &section, &path)).map(|payer| Some(payer.value))
    } else {
        Some(None)
    };
    let members = read_members(&section);
    people.largest = people.largest.take().into_iter().chain(members.clone()).max_by_key(|members| members.value);
    let risk_score = read_risk_score(&section);
    let social_risk = read_social_risk(&section);
    let truncation_point = section.optional(&Keys::TRUNCATION_POINT);
    let names = section.names_in(&Keys::SERVICES);
    people.known.services.extend(names.iter().cloned());
    let services = section.tables_by_name(&Keys::SERVICES, read_service);
    if names.is_empty() {
        people.known.services.may_be_more();
    }
    let services = services.filter(|services| {
        let followed = Segment::order_of(services, name.as_ref().map_or("", |name| &name.value));
        if let Err(error) = &followed {
            let help = match error {
                PopulationError::Elasticity { .. } => "lower the severity_elasticity of the service that follows",
                _ => "a service follows the events of another service of its segment",
            };
            section.wrong(&section.span_of(Keys::SERVICES.name), error.to_string(), help);
        }
        followed.is_ok()
    });
    let life = read_life(&section, &names);
    let attribution = life.as_ref().and_then(|life| life.attribution.as_ref());
    let assigned = attribution.map(|attribution| attribution.people().round() as u64);
    let eligible = attribution
        .map(|attribution| At { value: attribution.eligible, span: section.span_of(LifeKeys::ATTRIBUTION.name) });
    people.largest = people.largest.take().into_iter().chain(eligible).max_by_key(|people| people.value);
    section.finish();
    let segment = Segment {
        name: name?.value,
        group: None,
        payer: payer?,
        members: assigned.or(members.map(|members| members.value))?,
        risk_score: risk_score?,
        social_risk: social_risk?,
        life: life?,
        truncation_point: truncation_point?,
        services: services?,
    };
    people.known.follows.add(&segment);
    Some(segment)
}

/// The number of members, or of those who are eligible; noted where both or neither are there.
fn read_members(section: &Section<'_>) -> Option<At<u64>> {
    type Keys = SegmentKeys;
    if !section.has(LifeKeys::ATTRIBUTION.name) {
        section.need(&Keys::MEMBERS);
        return section.read_at(&Keys::MEMBERS);
    }
    if section.has(Keys::MEMBERS.name) {
        let message = format!("{} has both `members` and `attribution`", section.path);
        let help =
            "state the eligible people of the attribution; members are the expected number of those who are assigned";
        section.wrong(&section.span_of(Keys::MEMBERS.name), message, help);
    }
    None
}

fn read_service(name: &At<String>, service: Section<'_>) -> Option<Service> {
    let valid = service.checked_name(&name.value, &name.span);
    let frailty_loading = service.read(&ServiceKeys::FRAILTY_LOADING);
    let utilization = read_utilization(service);
    let name = valid.then(|| name.value.clone())?;
    Some(Service { name, utilization: utilization?, frailty_loading: frailty_loading? })
}

fn read_utilization(section: Section<'_>) -> Option<Utilization> {
    type Keys = ServiceKeys;
    let [annual, frequency, severity] =
        [&Keys::ANNUAL, &Keys::FREQUENCY, &Keys::SEVERITY].map(|key| section.has(key.name));
    if annual && (frequency || severity) {
        let message = format!("{} has both `annual` and `frequency` or `severity`", section.path);
        section.wrong(&section.span, message, "a service is either events with a cost each, or one annual amount");
    } else if frequency != severity {
        let absent = if frequency { &Keys::SEVERITY } else { &Keys::FREQUENCY };
        section.missing(absent.name, "a service needs `frequency` and `severity`, or `annual`");
    } else if !annual && !frequency {
        section.missing_all("a service needs `frequency` and `severity`, or `annual`");
    }
    let follows = read_follows(&section, annual);
    let severity_elasticity = read_severity_elasticity(&section);
    let amount = section.table(&Keys::ANNUAL).and_then(read_annual);
    let law = section.table(&Keys::FREQUENCY).and_then(read_frequency);
    let cost = section.table(&Keys::SEVERITY).and_then(|section| {
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
                Some(after) => {
                    Utilization::Following { after, frequency, severity, severity_elasticity: severity_elasticity? }
                }
                None => Utilization::Events { frequency, severity },
            })
        }
        _ => None,
    }
}

/// The service whose events a service follows.
#[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is absent")]
fn read_follows(section: &Section<'_>, is_annual: bool) -> Option<Option<String>> {
    let key = &ServiceKeys::FOLLOWS;
    if section.has(key.name) && is_annual {
        let message = format!("{} has both `annual` and `follows`", section.path);
        let help = "what follows events is events; give frequency and severity";
        section.wrong(&section.span_of(key.name), message, help);
        return None;
    }
    let loading = ServiceKeys::FRAILTY_LOADING.name;
    if section.has(key.name) && section.has(loading) {
        let message = format!("{} has both `follows` and `frailty_loading`", section.path);
        let help = "what follows events has the frailty of the service that it follows";
        section.wrong(&section.span_of(loading), message, help);
    }
    section.optional(key)
}

/// How far amounts move with those of the service that is followed.
fn read_severity_elasticity(section: &Section<'_>) -> Option<f64> {
    let key = &ServiceKeys::SEVERITY_ELASTICITY;
    let elasticity = section.read(key);
    if section.has(key.name) && !section.has(ServiceKeys::FOLLOWS.name) {
        let message = format!("{} has `severity_elasticity` without `follows`", section.path);
        let help = "it is of what follows the events of another service; name that service, or leave it out";
        section.wrong(&section.span_of(key.name), message, help);
        return None;
    }
    elasticity
}

fn read_annual(section: Section<'_>) -> Option<Utilization> {
    let zero = section.read(&AnnualKeys::ZERO);
    let amount = read_severity(&section);
    section.finish();
    Some(Utilization::Annual { zero: zero?.value(), amount: amount? })
}
