//! One trial: the years of a horizon, each as it is and as it would be under other conduct.
//!
//! The table of a trial is `[variant, year, segment, observation]`. The system and the programs are drawn first; then each
//! segment's people are, in one pass that keeps nobody.

mod add;
mod annual;
mod attribution;
mod change;
mod counts;
mod derived;
mod episode;
mod follow;
mod frailty_classes;
mod layer;
mod measure;
mod memory;
mod panel;
mod persons;
mod pool;
mod risk_score;
mod rows;
mod screen;
mod segment;
mod service;
mod streams;
mod vary;
mod year;

use std::sync::{Arc, atomic::AtomicBool};

use twosided_prob::{Draws, name_key};

use crate::{
    Plan, Population, PopulationError, Program, SegmentName, ServiceScope, System, Variant, program::ProgramYear,
    use_elasticity::Link,
};

use derived::Derived;
use measure::{Drawn, Effects, MeasureSampler};
use rows::Rows;
use segment::{SegmentSampler, SegmentTrial, Visit};

pub use memory::Scratch;
pub use persons::PersonYearBlock;
pub use pool::{Pool, PoolDraft, PoolFigure, PoolPart};
pub use segment::Interrupted;

/// A population made ready to be sampled under one plan.
#[derive(Clone, Debug)]
pub struct Sampler {
    system: System,
    programs: Vec<Program>,
    draws: Draws,
    variants: Vec<Variant>,
    years: u32,
    segments: Vec<NamedSegment>,
    columns: usize,
    /// Expected updates of thresholds, by year.
    price_index: Vec<f64>,
}

/// A segment with the names by which the system and the programs find it.
#[derive(Clone, Debug)]
struct NamedSegment {
    name: String,
    group: Option<String>,
    /// Services, each with those that it follows.
    services: Vec<(String, Vec<String>)>,
    social_cost: f64,
    members: u64,
    /// Share of its people who were among them in the year before; one where no program asks.
    stayers: f64,
    people: SegmentSampler,
    pool: Option<Arc<Pool>>,
    measures: Vec<MeasureSampler>,
    derived: Vec<Derived>,
    links: Vec<Link>,
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
        let scopes = scopes_of(plan);
        let everyone = population.members();
        let mut members_before = 0;
        let asks_for_stayers = population.programs.iter().any(|program| program.only_stayers);
        let segments = population.segments().iter().map(|segment| {
            let services = segment.services.iter().map(|service| (service.name.clone(), segment.followed_by(service)));
            let before = members_before;
            members_before += segment.members;
            let measures = population.measures.iter();
            let measures: Vec<_> = measures
                .filter_map(|measure| MeasureSampler::new(measure, (segment, before, everyone), plan))
                .collect();
            let people = SegmentSampler::new(segment, population.assignment, years, plan, &scopes)?;
            Ok(NamedSegment {
                name: segment.name.clone(),
                group: segment.group.clone(),
                services: services.collect(),
                social_cost: segment.social_risk.cost,
                members: segment.members,
                stayers: if asks_for_stayers { segment.stayers(population.assignment) } else { 1.0 },
                people: people.counting_frailty(measures.iter().any(MeasureSampler::is_loaded)),
                pool: None,
                measures,
                derived: Derived::of(population, segment, plan),
                links: Link::of(&population.elasticities, &population.measures, segment),
            })
        });
        Ok(Self {
            system: population.system().clone(),
            programs: population.programs.clone(),
            draws: Draws::Independent,
            variants: variants.to_vec(),
            years,
            segments: segments.collect::<Result<_, _>>()?,
            columns: plan.observations().len(),
            price_index: (0..years).map(|year| population.system().expected_update(year)).collect(),
        })
    }

    /// A sampler of one year or more that observes what a report asks, and whose persons can be visited.
    ///
    /// # Errors
    /// As for [`Sampler::new`].
    pub fn of_persons(population: &Population, years: u32) -> Result<Self, PopulationError> {
        Self::new(population, &Plan::for_population(population), years, &[Variant::default()])
    }

    /// Draws the segment at an index from a pool, which must be of the same population, plan and seed. The years of other
    /// segments do not change.
    pub fn set_pool(&mut self, segment: usize, pool: Pool) {
        self.segments[segment].pool = Some(Arc::new(pool));
    }

    /// The pools of the segments that have one.
    pub fn pools(&self) -> impl Iterator<Item = (usize, &Pool)> {
        self.segments.iter().enumerate().filter_map(|(index, segment)| Some((index, &**segment.pool.as_ref()?)))
    }

    /// The same with the scores of the trend, the factors and the programs drawn in this way.
    #[must_use]
    pub fn with_draws(self, draws: Draws) -> Self {
        Self { draws, ..self }
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
        mut visit: Visit<'_>,
    ) -> Result<(), Interrupted> {
        assert_eq!(
            table.len(),
            self.table_length(),
            "a table has one entry per variant, year, segment and observation"
        );
        table.fill(0.0);
        let system = self.system.draw(self.draws, seed, trial, self.years);
        let outcomes: Vec<f64> = self.programs.iter().map(|program| program.draw(self.draws, seed, trial)).collect();
        scratch.note(&system, &outcomes);
        for (index, segment) in self.segments.iter().enumerate() {
            let segment_name = SegmentName { name: &segment.name, group: segment.group.as_deref() };
            let factors: Vec<Vec<f64>> = system
                .iter()
                .map(|year| {
                    let cost = |service: &String| year.cost(self.system.factors(), segment_name, service);
                    segment.services.iter().map(|(service, _)| cost(service) * segment.social_cost).collect()
                })
                .collect();
            let programs = |year| ProgramYear {
                programs: &self.programs,
                outcomes: &outcomes,
                year,
                segment: segment_name,
                stayers: segment.stayers,
            };
            let used = |variant: &Variant, year| -> Vec<f64> {
                let links = (&segment.links[..], &segment.services[..]);
                let of = |(service, followed): &(String, Vec<String>)| {
                    programs(year).use_with(variant, (service, followed), links)
                };
                segment.services.iter().map(of).collect()
            };
            let uses: Vec<Vec<Vec<f64>>> =
                (0..self.years).map(|year| self.variants.iter().map(|variant| used(variant, year)).collect()).collect();
            let priced = |variant: &Variant, year| -> Vec<f64> {
                segment.services.iter().map(|(service, _)| programs(year).price_of(variant, service)).collect()
            };
            let prices: Vec<Vec<Vec<f64>>> = (0..self.years)
                .map(|year| self.variants.iter().map(|variant| priced(variant, year)).collect())
                .collect();
            let mut rows = Rows {
                table,
                years: self.years as usize,
                row: self.row_length(),
                columns: self.columns,
                segment: index,
            };
            let price_index = &self.price_index;
            let of_segment =
                SegmentTrial { seed, trial, stop, price_index, factors: &factors, uses: &uses, prices: &prices };
            scratch.block.people_of_years.clear();
            match &segment.pool {
                Some(pool) if visit.is_none() && pool.holds_under(&factors[0]) => {
                    pool.observe((seed, trial), &factors[0], &mut scratch.block.words, rows.of(0, 0));
                }
                _ => segment.people.observe(&of_segment, scratch, &mut rows, &mut visit)?,
            }
            for year in 0..self.years {
                let classes = scratch.block.classes.get(year as usize);
                // Of those who were drawn, or of all members of a pool.
                let people = scratch.block.people_of_years.get(year as usize).copied().unwrap_or(segment.members);
                for measure in &segment.measures {
                    let effects = |variant: &Variant| Effects {
                        closed: programs(year).closed_of(variant, &measure.name),
                        shift: programs(year).shift_of(variant, &measure.name),
                    };
                    let drawn = (name_key(&segment.name), Drawn { people, classes });
                    measure.observe((seed, trial), drawn, year, &self.variants, effects, &mut rows);
                }
                for variant in 0..self.variants.len() {
                    for derived in &segment.derived {
                        derived.write(rows.of(variant, year));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The scopes of what a plan observes person by person, each once.
fn scopes_of(plan: &Plan) -> Vec<&ServiceScope> {
    let mut scopes: Vec<&ServiceScope> = Vec::new();
    for observation in plan.observations() {
        if let Some(services) = observation.scope_of_people()
            && !scopes.contains(&services)
        {
            scopes.push(services);
        }
    }
    scopes
}
