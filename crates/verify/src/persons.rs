//! A default population sampled person by person, for the figures that no contract observes.

use rayon::prelude::*;
use twosided_form::{Document, DocumentError};
use twosided_population::{Population, Sampler, Segment};
use twosided_scenario::{read_population, resized};

use crate::Effort;

/// Batches from which standard errors are computed.
const BATCHES: u64 = 20;

/// Years of each person.
const YEARS: u32 = 2;

/// Most groups of services whose events are counted.
pub(crate) const GROUPS: usize = 5;

/// One person in two years.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) segment: usize,
    /// Dollars of each year.
    pub(crate) cost: [f64; 2],
    /// Share of the first year that is lived.
    pub(crate) lived: f64,
    pub(crate) died: bool,
    /// Whether someone else took the membership in the second year.
    pub(crate) replaced: bool,
    /// Share of the second year that is lived, and whether it is the last.
    pub(crate) lived_second: f64,
    pub(crate) died_second: bool,
    /// Events of the first year in each of the groups of services that are asked for.
    pub(crate) events: [u16; GROUPS],
}

/// People of a population, batch by batch, with what was spent and used on each service.
pub(crate) struct SampledPeople {
    pub(crate) population: Population,
    batches: Vec<Batch>,
    /// What a sampled person of each segment stands for.
    weights: Vec<f64>,
}

/// How many people of each segment are sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strata {
    /// As many as the population has in proportion.
    Proportional,
    /// By the square root of that, so that small segments are well known and rare services of large ones still are.
    Balanced,
}

/// One batch.
struct Batch {
    people: Vec<Person>,
    /// First-year dollars and events, `[segment][service]`, in the order of [`Population::service_names`].
    services: Vec<Vec<(f64, f64)>>,
}

impl SampledPeople {
    /// Samples this many people of a population's text; `groups` are services whose events are counted together.
    pub(crate) fn sample(
        file: &str,
        text: &str,
        effort: Effort,
        groups: &[&[&str]],
        strata: Strata,
    ) -> Result<Self, DocumentError> {
        let read = read_population(&Document::new(file, text))?;
        let (people, segments) = (effort.people / BATCHES, read.segments().len());
        let population = match strata {
            Strata::Proportional => resized(read.clone(), people),
            Strata::Balanced => {
                let root = |segment: &Segment| (segment.members as f64).sqrt();
                let all: f64 = read.segments().iter().map(root).sum();
                read.clone().with_members(|segment| (people as f64 * root(segment) / all) as u64)
            }
        };
        let pairs = read.segments().iter().zip(population.segments());
        let weights = pairs.map(|(read, sampled)| read.members as f64 / sampled.members as f64).collect();
        let names: Vec<String> = population.service_names().into_iter().map(str::to_owned).collect();
        let sampler = Sampler::of_persons(&population, YEARS).expect("a population that is read can be sampled");
        let batches = (0..BATCHES).into_par_iter().map(|trial| {
            let mut batch = Batch { people: Vec::new(), services: vec![vec![(0.0, 0.0); names.len()]; segments] };
            sampler.visit(effort.seed, trial, &mut |block| {
                let segment = &population.segments()[block.segment];
                let people = block.lived.len();
                let total = |person: usize| block.costs.iter().map(|costs| costs[person]).sum::<f64>();
                if block.year == 1 {
                    let first = batch.people.len() - people;
                    for (person, known) in batch.people[first..].iter_mut().enumerate() {
                        known.cost[1] = total(person);
                        known.replaced = block.joined[person];
                        known.lived_second = block.lived[person];
                        known.died_second = block.died[person];
                    }
                    return;
                }
                for (service, (costs, counts)) in segment.services.iter().zip(block.costs.iter().zip(block.counts)) {
                    let index = names.iter().position(|name| *name == service.name).expect("every service is listed");
                    let sums = &mut batch.services[block.segment][index];
                    sums.0 += costs.iter().sum::<f64>();
                    sums.1 += counts.iter().map(|&count| f64::from(count)).sum::<f64>();
                }
                for person in 0..people {
                    let of_group = |index: usize| {
                        let Some(group) = groups.get(index) else { return 0 };
                        let counted = segment.services.iter().zip(block.counts);
                        let counted = counted.filter(|(service, _)| group.contains(&service.name.as_str()));
                        let events: u32 = counted.map(|(_, counts)| counts[person]).sum();
                        u16::try_from(events).unwrap_or(u16::MAX)
                    };
                    batch.people.push(Person {
                        segment: block.segment,
                        cost: [total(person), 0.0],
                        lived: block.lived[person],
                        died: block.died[person],
                        replaced: false,
                        lived_second: 0.0,
                        died_second: false,
                        events: std::array::from_fn(of_group),
                    });
                }
            });
            batch
        });
        let batches = batches.collect();
        Ok(Self { population, batches, weights })
    }

    /// A figure of everyone, with its standard error from batch to batch.
    pub(crate) fn figures(&self, of: impl Fn(&[&Person]) -> Vec<f64> + Sync) -> Vec<(f64, f64)> {
        let all: Vec<&Person> = self.batches.iter().flat_map(|batch| &batch.people).collect();
        let by_batch: Vec<Vec<f64>> =
            self.batches.par_iter().map(|batch| of(&batch.people.iter().collect::<Vec<_>>())).collect();
        with_errors(of(&all), &by_batch)
    }

    /// What a sampled person of a segment stands for.
    pub(crate) fn weight(&self, segment: usize) -> f64 {
        self.weights[segment]
    }

    /// Sums of a service group over persons: dollars and events a person-year, each with its standard error.
    pub(crate) fn service(&self, names: &[&str]) -> [(f64, f64); 2] {
        let known: Vec<&str> = self.population.service_names().into_iter().collect();
        let indices: Vec<usize> = (0..known.len()).filter(|&index| names.contains(&known[index])).collect();
        let of = |batches: &[&Batch]| -> Vec<f64> {
            let people = batches.iter().flat_map(|batch| &batch.people);
            let lived: f64 = people.map(|person| self.weights[person.segment] * person.lived).sum();
            let (mut dollars, mut events) = (0.0, 0.0);
            for batch in batches {
                for (services, weight) in batch.services.iter().zip(&self.weights) {
                    dollars += weight * indices.iter().map(|&index| services[index].0).sum::<f64>();
                    events += weight * indices.iter().map(|&index| services[index].1).sum::<f64>();
                }
            }
            vec![dollars / lived, events / lived]
        };
        let all: Vec<&Batch> = self.batches.iter().collect();
        let by_batch: Vec<Vec<f64>> = self.batches.iter().map(|batch| of(&[batch])).collect();
        let figures = with_errors(of(&all), &by_batch);
        [figures[0], figures[1]]
    }
}

fn with_errors(whole: Vec<f64>, by_batch: &[Vec<f64>]) -> Vec<(f64, f64)> {
    let n = by_batch.len() as f64;
    let error = |index: usize| {
        let mean = by_batch.iter().map(|batch| batch[index]).sum::<f64>() / n;
        let squares: f64 = by_batch.iter().map(|batch| (batch[index] - mean).powi(2)).sum();
        (squares / (n - 1.0) / n).sqrt()
    };
    whole.into_iter().enumerate().map(|(index, figure)| (figure, error(index))).collect()
}

/// Shares of all that the top parts spend, and the mean and threshold of each part over the mean of all.
pub(crate) struct Concentration {
    /// Costs, falling.
    costs: Vec<f64>,
    total: f64,
}

impl Concentration {
    pub(crate) fn of(costs: impl Iterator<Item = f64>) -> Self {
        let mut costs: Vec<f64> = costs.collect();
        costs.sort_by(|a, b| b.total_cmp(a));
        let total = costs.iter().sum();
        Self { costs, total }
    }

    fn first(&self, part: f64) -> usize {
        ((self.costs.len() as f64 * part).round() as usize).clamp(1, self.costs.len())
    }

    /// Share of spending of the top part of people.
    pub(crate) fn share(&self, part: f64) -> f64 {
        self.costs[..self.first(part)].iter().sum::<f64>() / self.total
    }

    /// Least cost in the top part.
    pub(crate) fn threshold(&self, part: f64) -> f64 {
        self.costs[self.first(part) - 1]
    }

    /// Mean cost of all.
    pub(crate) fn mean(&self) -> f64 {
        self.total / self.costs.len() as f64
    }

    /// Standard deviation over mean.
    pub(crate) fn cv(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.costs.iter().map(|cost| (cost - mean) * (cost - mean)).sum();
        (squares / (self.costs.len() as f64 - 1.0)).sqrt() / mean
    }
}
