//! One sampled year: a pass over the people that fills the plan's row and keeps nobody.
//!
//! People come in blocks small enough for the processor's nearest memory. For each block and service, the people with
//! events are found first, and only they are touched again; costs are drawn in batches and added to a total per person and
//! scope; last, each layer is summed over the block. Sums run in eight interleaved lanes, in an order that never changes.

use std::sync::atomic::{AtomicBool, Ordering};

use twosided_prob::{
    CountTable, ParameterError, Purpose, Severity, SeverityScratch, Stream, StreamKey, name_key, vectorised,
};

use crate::{Limit, Observation, Plan, Population, PopulationError, Segment, ServiceScope, Trend, Utilization};

/// People drawn together.
const BLOCK: usize = 1024;
const LANES: usize = 8;

/// A population made ready to be sampled under one plan.
#[derive(Clone, Debug)]
pub struct Sampler {
    trend: Trend,
    segments: Vec<SegmentSampler>,
    scopes: usize,
    columns: usize,
}

#[derive(Clone, Debug)]
struct SegmentSampler {
    key: u64,
    members: u64,
    services: Vec<ServiceSampler>,
    layers: Vec<Layer>,
}

#[derive(Clone, Debug)]
struct ServiceSampler {
    key: u64,
    users: Users,
    severity: Severity,
    /// The scopes that count this service.
    scopes: Vec<usize>,
    expenditure_column: Option<usize>,
    count_column: Option<usize>,
    /// Columns that count each event up to a limit.
    capped_columns: Vec<(usize, f64)>,
}

/// Who has costs.
#[derive(Clone, Debug)]
enum Users {
    /// Those with events; their cost is a sum.
    Some(CountTable),
    /// Most people, once: drawn for all, and set to nothing where the word lies below the bound.
    Most { zero_below: u64 },
}

/// A layer of the total of one scope, for one segment.
#[derive(Clone, Copy, Debug)]
struct Layer {
    column: usize,
    scope: usize,
    attachment_point: f64,
    limit: f64,
}

/// From this probability of nothing on, an annual amount is drawn for its users only.
const MANY_ZEROS: f64 = 0.4;

/// Sampling was told to stop before the year was complete; the row is not to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// Memory that one thread reuses from trial to trial.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    totals: Vec<[f64; BLOCK]>,
    streams: Vec<(Stream, Stream, Option<Stream>)>,
    words: Vec<u64>,
    users: Vec<u32>,
    user_words: Vec<u64>,
    counts: Vec<u32>,
    costs: Vec<f64>,
    severity: SeverityScratch,
}

impl Sampler {
    /// Makes tables of the population's laws and columns of the plan's observations.
    ///
    /// # Errors
    /// [`PopulationError::Law`] for a frequency or zero mass that cannot be.
    pub fn new(population: &Population, plan: &Plan) -> Result<Self, PopulationError> {
        let mut scopes: Vec<&ServiceScope> = Vec::new();
        for observation in plan.observations() {
            if let Observation::Layer { services, .. } = observation
                && !scopes.contains(&services)
            {
                scopes.push(services);
            }
        }
        let segments = population
            .segments()
            .iter()
            .map(|segment| SegmentSampler::new(segment, plan, &scopes))
            .collect::<Result<_, _>>()?;
        Ok(Self { trend: population.trend(), segments, scopes: scopes.len(), columns: plan.observations().len() })
    }

    /// Length of a row: segments times observations.
    pub fn row_length(&self) -> usize {
        self.segments.len() * self.columns
    }

    /// Samples one year and writes what the plan observes.
    ///
    /// # Shape
    /// `row` is `[segment, observation]`, observations side by side; segments in the order of the file.
    ///
    /// # Units
    /// Dollars, or events.
    ///
    /// # Errors
    /// [`Interrupted`] soon after `stop` becomes true.
    ///
    /// # Panics
    /// When the row does not have [`Sampler::row_length`].
    pub fn observe(
        &self,
        seed: u64,
        trial: u64,
        stop: &AtomicBool,
        scratch: &mut Scratch,
        row: &mut [f64],
    ) -> Result<(), Interrupted> {
        assert_eq!(row.len(), self.row_length(), "a row has one place per segment and observation");
        row.fill(0.0);
        scratch.totals.resize(self.scopes, [0.0; BLOCK]);
        let trend = self.trend.factor(seed, trial);
        for (segment, row) in self.segments.iter().zip(row.chunks_exact_mut(self.columns)) {
            segment.observe(seed, trial, trend, stop, scratch, row)?;
        }
        Ok(())
    }
}

impl SegmentSampler {
    fn new(segment: &Segment, plan: &Plan, scopes: &[&ServiceScope]) -> Result<Self, PopulationError> {
        let layers = plan.observations().iter().enumerate().filter_map(|(column, observation)| {
            let Observation::Layer { services, attachment, limit } = observation else { return None };
            let attachment_point = attachment.of(&segment.name);
            let limit = match limit {
                Limit::Unlimited => None,
                Limit::Amount(amount) => Some(*amount),
                Limit::Width(width) => Some(attachment_point + *width),
                Limit::TruncationPoint => segment.truncation_point,
            };
            Some(Layer {
                column,
                scope: scopes.iter().position(|scope| *scope == services).expect("every layer's scope is listed"),
                attachment_point: attachment_point.0,
                limit: limit.map_or(f64::INFINITY, |limit| limit.0),
            })
        });
        let services = segment.services.iter().map(|service| {
            let law =
                |error| PopulationError::Law { segment: segment.name.clone(), service: service.name.clone(), error };
            let (users, severity) = users_of(&service.utilization).map_err(law)?;
            let column = |wanted: Observation| plan.observations().iter().position(|known| *known == wanted);
            Ok(ServiceSampler {
                key: name_key(&service.name),
                users,
                severity,
                scopes: (0..scopes.len()).filter(|&scope| scopes[scope].includes(&service.name)).collect(),
                expenditure_column: column(Observation::Expenditure { service: service.name.clone() }),
                count_column: column(Observation::Count { service: service.name.clone() }),
                capped_columns: capped_columns(plan, &service.name),
            })
        });
        let services = services.collect::<Result<_, _>>()?;
        Ok(Self { key: name_key(&segment.name), members: segment.members, services, layers: layers.collect() })
    }

    fn observe(
        &self,
        seed: u64,
        trial: u64,
        trend: f64,
        stop: &AtomicBool,
        scratch: &mut Scratch,
        row: &mut [f64],
    ) -> Result<(), Interrupted> {
        let Scratch { totals, streams, .. } = scratch;
        let mut streams = std::mem::take(streams);
        streams.clear();
        streams.extend(self.services.iter().map(|service| {
            let stream =
                |purpose| Stream::new(&StreamKey { seed, purpose, segment: self.key, service: service.key, trial });
            let split = (!service.capped_columns.is_empty()).then(|| stream(Purpose::Split));
            (stream(Purpose::Frequency), stream(Purpose::Severity), split)
        }));
        let mut layer_sums = vec![[0.0; LANES]; self.layers.len()];
        let mut left = self.members;
        for scope in totals.iter_mut() {
            scope.fill(0.0);
        }
        while left > 0 {
            if stop.load(Ordering::Relaxed) {
                return Err(Interrupted);
            }
            let people = left.min(BLOCK as u64) as usize;
            left -= people as u64;
            for (service, (frequency, severity, split)) in self.services.iter().zip(&mut streams) {
                let (cost, count) = service.add_costs(people, frequency, severity, scratch);
                if let Some(column) = service.expenditure_column {
                    row[column] += cost * trend;
                }
                if let Some(column) = service.count_column {
                    row[column] += count as f64;
                }
                if let Some(split) = split {
                    service.add_capped(split, trend, scratch, row);
                }
            }
            sum_layers(&self.layers, &scratch.totals, trend, &mut layer_sums);
            for scope in &mut scratch.totals {
                scope.fill(0.0);
            }
        }
        for (layer, sums) in self.layers.iter().zip(&layer_sums) {
            row[layer.column] = sums.iter().sum();
        }
        scratch.streams = streams;
        Ok(())
    }
}

fn users_of(utilization: &Utilization) -> Result<(Users, Severity), ParameterError> {
    match utilization {
        Utilization::Events { frequency, severity } => Ok((Users::Some(frequency.table()?), severity.clone())),
        Utilization::Annual { zero, amount } => {
            if !(0.0..1.0).contains(zero) {
                let expected = "zero is the probability of no use in a year, a decimal from 0 to below 1";
                return Err(ParameterError { parameter: "zero", value: *zero, expected });
            }
            let users = if *zero < MANY_ZEROS {
                Users::Most { zero_below: (zero * 18_446_744_073_709_551_616.0) as u64 }
            } else {
                Users::Some(twosided_prob::Frequency::Bernoulli { probability: 1.0 - zero }.table()?)
            };
            Ok((users, amount.clone()))
        }
    }
}

impl ServiceSampler {
    /// Draws the service for a block of people and adds each one's cost to the totals; returns the block's cost and count.
    ///
    /// Draw order: one frequency word a person, then the costs as [`Severity::fill_sums`] says. Where most people use the
    /// service, costs are drawn first, for everyone, and words only if someone may use nothing.
    fn add_costs(
        &self,
        people: usize,
        frequency: &mut Stream,
        severity: &mut Stream,
        scratch: &mut Scratch,
    ) -> (f64, u64) {
        let Scratch { totals, words, users, user_words, counts, costs, severity: severity_scratch, .. } = scratch;
        words.resize(BLOCK, 0);
        costs.resize(people, 0.0);
        match &self.users {
            Users::Most { zero_below } => {
                self.severity.fill(severity, costs, severity_scratch);
                let mut count = people as u64;
                if *zero_below > 0 {
                    frequency.fill_words(&mut words[..people]);
                    count = keep_users(costs, &words[..people], *zero_below);
                }
                for &scope in &self.scopes {
                    add(&mut totals[scope][..people], costs);
                }
                (lane_sum(costs), count)
            }
            Users::Some(table) => {
                frequency.fill_words(&mut words[..people]);
                users.resize(BLOCK, 0);
                user_words.resize(BLOCK, 0);
                let found = find_users(&words[..people], table.first_event(), users, user_words);
                counts.clear();
                counts.extend(user_words[..found].iter().map(|&word| table.count(word)));
                costs.resize(found, 0.0);
                self.severity.fill_sums(severity, counts, costs, severity_scratch);
                for &scope in &self.scopes {
                    let totals = &mut totals[scope];
                    for (&user, cost) in users[..found].iter().zip(costs.iter()) {
                        totals[user as usize] += cost;
                    }
                }
                (lane_sum(costs), counts.iter().map(|&count| u64::from(count)).sum())
            }
        }
    }

    /// Adds what the block's events cost up to each limit, after [`ServiceSampler::add_costs`].
    fn add_capped(&self, split: &mut Stream, trend: f64, scratch: &mut Scratch, row: &mut [f64]) {
        let Scratch { counts, costs, severity, .. } = scratch;
        let amounts = match self.users {
            Users::Most { .. } => costs,
            Users::Some(_) => self.severity.amounts_of(split, counts, costs, severity),
        };
        for &(column, limit) in &self.capped_columns {
            row[column] += amounts.iter().map(|amount| (amount * trend).min(limit)).sum::<f64>();
        }
    }
}

fn capped_columns(plan: &Plan, name: &str) -> Vec<(usize, f64)> {
    let columns = plan.observations().iter().enumerate().filter_map(|(column, observation)| match observation {
        Observation::CappedExpenditure { service, limit } if service == name => Some((column, limit.0)),
        _ => None,
    });
    columns.collect()
}

/// Lists the people whose word has events, and their words, without a branch; returns how many.
fn find_users(words: &[u64], first_event: u64, users: &mut [u32], user_words: &mut [u64]) -> usize {
    let mut found = 0;
    for (person, &word) in words.iter().enumerate() {
        users[found] = person as u32;
        user_words[found] = word;
        found += usize::from(word >= first_event);
    }
    found
}

/// Sets to nothing the costs of those whose word lies below the bound; returns how many are left.
fn keep_users(costs: &mut [f64], words: &[u64], zero_below: u64) -> u64 {
    let mut count = 0;
    vectorised(
        #[inline(always)]
        || {
            for (cost, &word) in costs.iter_mut().zip(words) {
                let uses = word >= zero_below;
                *cost = if uses { *cost } else { 0.0 };
                count += u64::from(uses);
            }
        },
    );
    count
}

fn add(totals: &mut [f64], costs: &[f64]) {
    vectorised(
        #[inline(always)]
        || {
            for (total, cost) in totals.iter_mut().zip(costs) {
                *total += cost;
            }
        },
    );
}

/// The sum, in eight interleaved lanes.
fn lane_sum(costs: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    vectorised(
        #[inline(always)]
        || {
            let turns = costs.chunks_exact(LANES);
            let rest = turns.remainder();
            for turn in turns {
                for lane in 0..LANES {
                    sums[lane] += turn[lane];
                }
            }
            for (sum, cost) in sums.iter_mut().zip(rest) {
                *sum += cost;
            }
        },
    );
    sums.iter().sum()
}

/// Adds a block's layers: of each total after trend, the part from the attachment point to the limit.
///
/// Places beyond the people hold zero, which no layer counts.
fn sum_layers(layers: &[Layer], totals: &[[f64; BLOCK]], trend: f64, sums: &mut [[f64; LANES]]) {
    vectorised(
        #[inline(always)]
        || {
            for (layer, sums) in layers.iter().zip(sums.iter_mut()) {
                let (low, high) = (layer.attachment_point, layer.limit.max(layer.attachment_point));
                let mut lanes = *sums;
                for turn in totals[layer.scope].chunks_exact(LANES) {
                    for lane in 0..LANES {
                        let cost = turn[lane] * trend;
                        let cost = if cost > low { cost } else { low };
                        let cost = if cost < high { cost } else { high };
                        lanes[lane] += cost - low;
                    }
                }
                *sums = lanes;
            }
        },
    );
}
