//! One trial: the years of a horizon, each as it is and as it would be under other conduct.
//!
//! The table of a trial is `[variant, year, segment, observation]`. The system and the programs are drawn first; then each
//! segment's people are, in one pass that keeps nobody. A segment without layers goes the short way of [`IndependentSampler`].

use std::sync::atomic::AtomicBool;

use twosided_prob::{Purpose, SeverityScratch, Stream, StreamKey, name_key};

use crate::{
    Life, Observation, Plan, Population, PopulationError, Program, QualityMeasure, Segment, SegmentName, ServiceScope,
    System, Utilization, Variant,
    independent_sampler::IndependentSampler,
    layer::BLOCK,
    people::{PersonBlock, PersonSampler, PersonYearBlock},
    program::{closed_of, use_of},
};

/// A population made ready to be sampled under one plan.
#[derive(Clone, Debug)]
pub struct Sampler {
    system: System,
    programs: Vec<Program>,
    variants: Vec<Variant>,
    years: u32,
    segments: Vec<SegmentSampler>,
    scopes: usize,
    columns: usize,
    /// Expected updates of thresholds, by year.
    price_index: Vec<f64>,
}

#[derive(Clone, Debug)]
struct SegmentSampler {
    name: String,
    group: Option<String>,
    /// Services, each with those that it follows.
    services: Vec<(String, Vec<String>)>,
    social_cost: f64,
    pass: Pass,
    /// Without layers: its person-years, and the sum of its risk scores by year.
    person_years: Option<(usize, f64)>,
    risk_scores: Option<(usize, Vec<f64>)>,
    measures: Vec<MeasureSampler>,
}

/// The way in which a segment's people are drawn.
#[derive(Clone, Debug)]
enum Pass {
    IndependentSampler(IndependentSampler),
    PersonSampler(Box<PersonSampler>),
}

#[derive(Clone, Debug)]
struct MeasureSampler {
    name: String,
    members: u64,
    denominator: f64,
    rate: f64,
    denominator_column: Option<usize>,
    numerator_column: Option<usize>,
}

/// Sampling was stopped before the trial was complete; its table must not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// What is drawn, and with what key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw<'a> {
    pub(crate) seed: u64,
    pub(crate) trial: u64,
    pub(crate) stop: &'a AtomicBool,
    /// Expected updates of thresholds, by year.
    pub(crate) price_index: &'a [f64],
}

/// Memory that one thread reuses from trial to trial.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    pub(crate) totals: Vec<[f64; BLOCK]>,
    pub(crate) streams: Vec<(Stream, Stream, Option<Stream>)>,
    pub(crate) words: Vec<u64>,
    pub(crate) users: Vec<u32>,
    pub(crate) user_words: Vec<u64>,
    pub(crate) counts: Vec<u32>,
    pub(crate) costs: Vec<f64>,
    pub(crate) severity: SeverityScratch,
    pub(crate) person_block: PersonBlock,
    benchmark: Vec<f64>,
    /// By year, and by the year in which a benchmark was set.
    benchmark_errors: Vec<Vec<f64>>,
}

impl Scratch {
    /// What benchmarks that are updated after the year are worth in each year of the last trial, over what terms state.
    pub fn benchmark(&self) -> &[f64] {
        &self.benchmark
    }

    /// The part of [`Scratch::benchmark`] in a year that is the benchmark's error, by the year in which the benchmark was set.
    pub fn benchmark_errors(&self, year: u32) -> &[f64] {
        &self.benchmark_errors[year as usize]
    }
}

impl Sampler {
    /// Makes tables of the population's laws and columns of the plan's observations, for a horizon of years. The first
    /// variant is the year as it is.
    ///
    /// # Errors
    /// [`PopulationError::Law`] for a frequency or zero mass that cannot be.
    pub fn new(
        population: &Population,
        plan: &Plan,
        years: u32,
        variants: &[Variant],
    ) -> Result<Self, PopulationError> {
        Self::with(population, plan, years, variants, Segment::is_plain)
    }

    /// As [`Sampler::new`], with every segment's people drawn as persons, so that they can be visited.
    ///
    /// # Errors
    /// As for [`Sampler::new`].
    pub fn of_persons(population: &Population, years: u32) -> Result<Self, PopulationError> {
        Self::with(population, &Plan::for_population(population), years, &[Variant::default()], |_| false)
    }

    fn with(
        population: &Population,
        plan: &Plan,
        years: u32,
        variants: &[Variant],
        is_plain: impl Fn(&Segment) -> bool,
    ) -> Result<Self, PopulationError> {
        let mut scopes: Vec<&ServiceScope> = Vec::new();
        for observation in plan.observations() {
            if let Observation::Layer { services, .. } = observation
                && !scopes.contains(&services)
            {
                scopes.push(services);
            }
        }
        let segments = population.segments().iter().map(|segment| {
            let is_changed = variants.iter().any(|variant| {
                let mut run = variant.programs.iter().map(|&index| &population.programs[index]);
                !variant.volume.is_empty() || run.any(|program| program.reaches(segment.segment_name()))
            });
            let is_plain = is_plain(segment) && !is_changed;
            let pass = if is_plain {
                Pass::IndependentSampler(IndependentSampler::new(segment, plan, &scopes)?)
            } else {
                Pass::PersonSampler(Box::new(PersonSampler::new(segment, population.assignment, years, plan, &scopes)?))
            };
            let measures = population.measures.iter().map(|measure| MeasureSampler::new(measure, segment, plan));
            let person_years = plan.position(&Observation::PersonYears).filter(|_| is_plain);
            let risk_scores = plan.position(&Observation::RiskScore).filter(|_| is_plain);
            Ok(SegmentSampler {
                name: segment.name.clone(),
                group: segment.group.clone(),
                services: segment
                    .services
                    .iter()
                    .map(|service| (service.name.clone(), segment.followed_by(service)))
                    .collect(),
                social_cost: segment.social_risk.cost,
                pass,
                person_years: person_years.map(|column| (column, segment.members as f64)),
                risk_scores: risk_scores.map(|column| (column, segment.total_risk_scores(years))),
                measures: measures.collect(),
            })
        });
        Ok(Self {
            system: population.system().clone(),
            programs: population.programs.clone(),
            variants: variants.to_vec(),
            years,
            segments: segments.collect::<Result<_, _>>()?,
            scopes: scopes.len(),
            columns: plan.observations().len(),
            price_index: (0..years).map(|year| population.system().expected_update(year)).collect(),
        })
    }

    /// Length of a trial's table.
    pub fn table_length(&self) -> usize {
        self.variants.len() * self.years as usize * self.row_length()
    }

    /// Length of one year of one variant: segments times observations.
    pub fn row_length(&self) -> usize {
        self.segments.len() * self.columns
    }

    /// What benchmarks, rates and thresholds are expected to be updated by in each year.
    pub fn price_index(&self) -> &[f64] {
        &self.price_index
    }

    /// Samples one trial and writes what the plan observes.
    ///
    /// # Shape
    /// `table` is `[variant, year, segment, observation]`, observations side by side; segments in the order of the file.
    ///
    /// # Units
    /// Dollars, events or people.
    ///
    /// # Errors
    /// [`Interrupted`] soon after `stop` becomes true.
    ///
    /// # Panics
    /// When the table does not have [`Sampler::table_length`].
    pub fn observe(
        &self,
        seed: u64,
        trial: u64,
        stop: &AtomicBool,
        scratch: &mut Scratch,
        table: &mut [f64],
    ) -> Result<(), Interrupted> {
        self.draw(seed, trial, stop, scratch, table, None)
    }

    /// Samples one trial and shows every block of people in every year; see [`Sampler::of_persons`].
    pub fn visit(&self, seed: u64, trial: u64, visit: &mut dyn FnMut(&PersonYearBlock<'_>)) {
        let mut table = vec![0.0; self.table_length()];
        self.draw(seed, trial, &AtomicBool::new(false), &mut Scratch::default(), &mut table, Some(visit))
            .expect("nobody stops it");
    }

    fn draw(
        &self,
        seed: u64,
        trial: u64,
        stop: &AtomicBool,
        scratch: &mut Scratch,
        table: &mut [f64],
        mut visit: Option<&mut dyn FnMut(&PersonYearBlock<'_>)>,
    ) -> Result<(), Interrupted> {
        assert_eq!(
            table.len(),
            self.table_length(),
            "a table has one place per variant, year, segment and observation"
        );
        table.fill(0.0);
        scratch.totals.resize(self.scopes, [0.0; BLOCK]);
        let draw = Draw { seed, trial, stop, price_index: &self.price_index };
        let system = self.system.draw(seed, trial, self.years);
        let outcomes: Vec<f64> = self.programs.iter().map(|program| program.draw(seed, trial)).collect();
        scratch.benchmark.clear();
        scratch.benchmark.extend(system.iter().map(|year| year.benchmark));
        scratch.benchmark_errors.clear();
        scratch.benchmark_errors.extend(system.iter().map(|year| year.benchmark_errors.clone()));
        for (index, segment) in self.segments.iter().enumerate() {
            let segment_name = SegmentName { name: &segment.name, group: segment.group.as_deref() };
            let factors: Vec<Vec<f64>> = system
                .iter()
                .map(|year| {
                    let cost = |service: &String| year.cost(self.system.factors(), segment_name, service);
                    segment.services.iter().map(|(service, _)| cost(service) * segment.social_cost).collect()
                })
                .collect();
            let mut rows =
                Rows { table, years: self.years as usize, row: self.row_length(), columns: self.columns, index };
            match &segment.pass {
                Pass::IndependentSampler(plain) => {
                    for (year, factors) in (0..).zip(&factors) {
                        let row = rows.of(0, year);
                        plain.observe(&draw, year, factors, scratch, row)?;
                        segment.add_lives(year, row);
                        for variant in 1..self.variants.len() {
                            rows.copy(variant, year);
                        }
                    }
                }
                Pass::PersonSampler(people) => {
                    let used = |variant: &Variant, year| -> Vec<f64> {
                        let of = |(service, followed): &(String, Vec<String>)| {
                            use_of(variant, &self.programs, &outcomes, year, segment_name, service, followed)
                        };
                        segment.services.iter().map(of).collect()
                    };
                    let uses: Vec<Vec<Vec<f64>>> = (0..self.years)
                        .map(|year| self.variants.iter().map(|variant| used(variant, year)).collect())
                        .collect();
                    people.observe(&draw, &factors, &uses, scratch, &mut rows, &mut visit)?;
                }
            }
            for year in 0..self.years {
                for measure in &segment.measures {
                    let closed = |variant: &Variant| {
                        closed_of(variant, &self.programs, &outcomes, year, segment_name, &measure.name)
                    };
                    measure.observe(&draw, name_key(&segment.name), year, &self.variants, closed, &mut rows);
                }
            }
        }
        Ok(())
    }
}

/// The rows of one segment in a trial's table.
pub(crate) struct Rows<'a> {
    table: &'a mut [f64],
    years: usize,
    row: usize,
    columns: usize,
    index: usize,
}

impl Rows<'_> {
    fn start(&self, variant: usize, year: u32) -> usize {
        (variant * self.years + year as usize) * self.row + self.index * self.columns
    }

    /// The row of a variant's year.
    pub(crate) fn of(&mut self, variant: usize, year: u32) -> &mut [f64] {
        let start = self.start(variant, year);
        &mut self.table[start..start + self.columns]
    }

    /// Place of the segment.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// Makes a variant's year what the reference is.
    pub(crate) fn copy(&mut self, variant: usize, year: u32) {
        let (from, to) = (self.start(0, year), self.start(variant, year));
        self.table.copy_within(from..from + self.columns, to);
    }
}

impl SegmentSampler {
    /// Writes the person-years and risk scores of people of whom all live and have the mean score.
    fn add_lives(&self, year: u32, row: &mut [f64]) {
        if let Some((column, person_years)) = self.person_years {
            row[column] = person_years;
        }
        if let Some((column, scores)) = &self.risk_scores {
            row[*column] = scores[year as usize];
        }
    }
}

impl Segment {
    /// Whether its people's services and years have nothing to do with each other and all live through them.
    fn is_plain(&self) -> bool {
        let plain_service = |service: &crate::Service| {
            service.frailty_loading == 0.0 && !matches!(service.utilization, Utilization::Following { .. })
        };
        let Life { mortality, turnover, .. } = &self.life;
        mortality.is_none()
            && turnover.is_none()
            && self.risk_score.is_none_or(|score| score.cv == 0.0)
            && self.services.iter().all(plain_service)
    }

    /// The sum of its people's mean risk scores, by year.
    fn total_risk_scores(&self, years: u32) -> Vec<f64> {
        let total = |year: u32| self.mean_risk_score(year) * self.members as f64;
        (0..years).map(total).collect()
    }

    /// Mean risk score in a year, counted from 0: one where the segment has none.
    pub fn mean_risk_score(&self, year: u32) -> f64 {
        let grown =
            self.risk_score.map_or(1.0, |score| score.mean * libm::pow(1.0 + score.coding_growth, f64::from(year)));
        grown * self.social_risk.risk_score
    }
}

impl MeasureSampler {
    fn new(measure: &QualityMeasure, segment: &Segment, plan: &Plan) -> Self {
        let column = |observation: Observation| plan.position(&observation);
        Self {
            name: measure.name.clone(),
            members: segment.members,
            denominator: measure.denominator.value(),
            rate: measure.rate_of(segment.segment_name()).value(),
            denominator_column: column(Observation::Denominator { measure: measure.name.clone() }),
            numerator_column: column(Observation::Numerator { measure: measure.name.clone() }),
        }
    }

    /// Draws who is in the denominator and the numerator; gaps that a program closes are drawn among the open ones.
    fn observe(
        &self,
        draw: &Draw<'_>,
        segment: u64,
        year: u32,
        variants: &[Variant],
        closed: impl Fn(&Variant) -> f64,
        rows: &mut Rows<'_>,
    ) {
        let &Draw { seed, trial, .. } = draw;
        let key = StreamKey { seed, purpose: Purpose::Measure, segment, service: name_key(&self.name), trial, year };
        let mut stream = Stream::new(&key);
        let denominator = stream.binomial(self.members, self.denominator);
        let numerator = stream.binomial(denominator, self.rate);
        for (index, variant) in variants.iter().enumerate() {
            let mut gaps = stream.clone();
            let closed = gaps.binomial(denominator - numerator, closed(variant));
            let row = rows.of(index, year);
            for (column, count) in [(self.denominator_column, denominator), (self.numerator_column, numerator + closed)]
            {
                if let Some(column) = column {
                    row[column] = count as f64;
                }
            }
        }
    }
}
