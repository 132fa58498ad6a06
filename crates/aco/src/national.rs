//! The national population from which every ACO's is scaled, with what is expected of its people and a sample of them.

use std::sync::LazyLock;

use twosided_form::Document;
use twosided_population::{Assignment, Population, Sampler, Segment, System, Utilization};
use twosided_scenario::read_population;

use crate::{EnrollmentType, SampledPersons, index_of, people::EnrollmentGroup};

const TEXT: &str = include_str!("../../../scenarios/populations/medicare-2022.toml");

/// Truncated spending a person-year of each enrollment type, weighted by person-years over all rows of performance year 2022.
pub(crate) const PER_CAPITA: [f64; 4] = [85_828.88, 11_098.76, 17_053.56, 10_603.75];
/// Services in the order in which a scenario has them.
pub(crate) const SERVICES: [&str; 22] = [
    "inpatient",
    "inpatient professional",
    "readmission",
    "emergency admitted",
    "long-term hospital",
    "rehabilitation",
    "psychiatric",
    "skilled nursing",
    "skilled nursing days",
    "emergency",
    "primary care visits",
    "specialist visits",
    "other evaluation and management",
    "CT",
    "MRI",
    "professional",
    "Part B drugs",
    "ambulance",
    "outpatient",
    "home health",
    "hospice",
    "equipment",
];
/// Services on which the cost of a death is spent, in the order in which a scenario has them.
const OF_DEATHS: [&str; 6] = ["inpatient", "hospice", "skilled nursing", "professional", "home health", "ambulance"];

/// Persons of each type in the sample of the national laws.
const PERSONS: u64 = 10_000;
/// Key of the random streams of the persons who are sampled.
pub(crate) const SEED: u64 = 2_022;

/// The national population; of each enrollment type, in the order of [`EnrollmentType::ALL`].
pub(crate) struct National {
    segments: [Segment; 4],
    /// What is expected of a person.
    pub(crate) expected: [Expected; 4],
    /// `[service][person]`, dollars.
    pub(crate) persons: [Vec<Vec<f32>>; 4],
    /// Truncation points.
    pub(crate) points: [f64; 4],
    /// Mean risk scores.
    pub(crate) risk_scores: [f64; 4],
}

/// What is expected of one person of a type in a year.
pub(crate) struct Expected {
    /// Services, in the order of their names.
    pub(crate) services: Vec<String>,
    /// The service that each follows.
    pub(crate) follows: Vec<Option<usize>>,
    /// Share of the year lived.
    pub(crate) person_years: f64,
    /// Dollars of each service.
    pub(crate) costs: Vec<f64>,
    /// Events of each service.
    pub(crate) counts: Vec<f64>,
}

static NATIONAL: LazyLock<National> = LazyLock::new(|| {
    let population = read_population(&Document::new("medicare-2022.toml", TEXT)).expect("it is a population");
    let mut found = expected(&population);
    let mut sampled = sample(&population, SampledPersons { count: PERSONS, times: 1, seed: SEED });
    let indices = EnrollmentType::ALL.map(|enrollment| index_of(&population, enrollment));
    let segment = |index: usize| &population.segments()[index];
    National {
        segments: indices.map(|index| of_file(segment(index))),
        points: indices.map(|index| segment(index).truncation_point.expect("every type has its point").0),
        risk_scores: indices.map(|index| segment(index).mean_risk_score(0)),
        persons: indices.map(|index| std::mem::take(&mut sampled[index])),
        expected: indices.map(|index| found[index].take()),
    }
});

impl National {
    /// Read once.
    pub(crate) fn get() -> &'static Self {
        &NATIONAL
    }

    /// Draws persons of each type.
    pub(crate) fn sampled(&self, persons: SampledPersons) -> [Vec<Vec<f32>>; 4] {
        let people = Population::new(self.segments.to_vec(), System::default()).expect("as it was read");
        let mut sampled = sample(&people, persons);
        std::array::from_fn(|index| std::mem::take(&mut sampled[index]))
    }

    /// Person-years of each type, as shares of all or a multiple of them.
    pub(crate) fn person_years(&self) -> [f64; 4] {
        std::array::from_fn(|index| self.segments[index].members as f64 * self.expected[index].person_years)
    }

    /// The segments of an ACO's enrollment types, in their order.
    pub(crate) fn segments(&self, kinds: &[EnrollmentGroup]) -> Vec<Segment> {
        kinds.iter().map(|kind| self.segments[kind.enrollment as usize].clone()).collect()
    }
}

/// A segment with the cost of its deaths in the order of the file.
fn of_file(segment: &Segment) -> Segment {
    let mut segment = segment.clone();
    let end = segment.life.mortality.as_mut().and_then(|mortality| mortality.end_of_life.as_mut());
    if let Some(end) = end {
        end.services.sort_by_key(|(service, _)| OF_DEATHS.iter().position(|known| known == service));
    }
    segment
}

impl Expected {
    fn of(segment: &Segment) -> Self {
        let year = segment.expected_year(Assignment::default()).expect("its laws were read");
        let follows = segment.services.iter().map(|service| match &service.utilization {
            Utilization::Following { after, .. } => segment.index(after),
            Utilization::Events { .. } | Utilization::Annual { .. } => None,
        });
        Self {
            services: segment.services.iter().map(|service| service.name.clone()).collect(),
            follows: follows.collect(),
            person_years: year.person_years,
            costs: year.costs,
            counts: year.counts,
        }
    }

    fn take(&mut self) -> Self {
        let Self { person_years, .. } = *self;
        Self {
            services: std::mem::take(&mut self.services),
            follows: std::mem::take(&mut self.follows),
            person_years,
            costs: std::mem::take(&mut self.costs),
            counts: std::mem::take(&mut self.counts),
        }
    }

    /// The index of a service.
    pub(crate) fn index(&self, service: &str) -> Option<usize> {
        self.services.iter().position(|known| known == service)
    }
}

/// What is expected of a person of each segment.
pub(crate) fn expected(population: &Population) -> Vec<Expected> {
    population.segments().iter().map(Expected::of).collect()
}

/// Draws persons of each segment: `[segment][service][person]`, dollars of the first year.
pub(crate) fn sample(population: &Population, persons: SampledPersons) -> Vec<Vec<Vec<f32>>> {
    let segments = population.segments().iter().map(|segment| Segment { members: persons.count, ..segment.clone() });
    let people = Population::new(segments.collect(), System::default()).expect("as it was, with other members");
    let sampler = Sampler::of_persons(&people, 1).expect("its laws were read");
    let mut sampled: Vec<Vec<Vec<f32>>> =
        people.segments().iter().map(|segment| vec![Vec::new(); segment.services.len()]).collect();
    sampler.visit(persons.seed, 0, &mut |block| {
        for (all, costs) in sampled[block.segment].iter_mut().zip(block.costs) {
            all.extend(costs.iter().map(|&cost| cost as f32));
        }
    });
    sampled
}
