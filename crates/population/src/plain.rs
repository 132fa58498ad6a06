//! A segment's year without layers: people whose services and years have nothing to do with each other.
//!
//! People come in blocks small enough for the processor's nearest memory. For each block and service, the people with
//! events are found first, and only they are touched again; costs are drawn in batches and added to a total per person and
//! scope; last, each layer is summed over the block. Sums run in eight interleaved lanes, in an order that never changes.

use std::sync::atomic::Ordering;

use twosided_prob::{CountTable, ParameterError, Purpose, Severity, Stream, StreamKey, name_key, vectorised};

use crate::{
    Plan, PopulationError, Segment, ServiceScope, Utilization,
    layer::{BLOCK, Columns, LANES, Layer, layers_of, sum_layers},
    sampler::{Draw, Interrupted, Scratch},
};

/// A segment made ready to be sampled.
#[derive(Clone, Debug)]
pub(crate) struct Plain {
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
    columns: Columns,
}

/// Who has costs.
#[derive(Clone, Debug)]
enum Users {
    /// Those with events; their cost is a sum.
    Some(CountTable),
    /// Most people, once: drawn for all, and set to nothing where the word lies below the bound.
    Most { zero_below: u64 },
}

/// From this probability of nothing on, an annual amount is drawn for its users only.
const MANY_ZEROS: f64 = 0.4;

impl Plain {
    pub(crate) fn new(segment: &Segment, plan: &Plan, scopes: &[&ServiceScope]) -> Result<Self, PopulationError> {
        let services = segment.services.iter().map(|service| {
            let law =
                |error| PopulationError::Law { segment: segment.name.clone(), service: service.name.clone(), error };
            let (users, severity) = users_of(&service.utilization).map_err(law)?;
            let columns = Columns::of(plan, &service.name, scopes);
            Ok(ServiceSampler { key: name_key(&service.name), users, severity, columns })
        });
        let services = services.collect::<Result<_, _>>()?;
        Ok(Self {
            key: name_key(&segment.name),
            members: segment.members,
            services,
            layers: layers_of(plan, segment, scopes),
        })
    }

    /// Samples a year, in which the cost of each service is multiplied by its factor.
    pub(crate) fn observe(
        &self,
        draw: &Draw<'_>,
        year: u32,
        factors: &[f64],
        scratch: &mut Scratch,
        row: &mut [f64],
    ) -> Result<(), Interrupted> {
        let &Draw { seed, trial, stop, .. } = draw;
        let index = draw.index[year as usize];
        // Where all services have one factor, totals are multiplied by it; otherwise costs are, as they are drawn.
        let alike = factors.iter().all(|factor| *factor == factors[0]);
        let trend = if alike { factors[0] } else { 1.0 };
        let Scratch { totals, streams, .. } = scratch;
        let mut streams = std::mem::take(streams);
        streams.clear();
        streams.extend(self.services.iter().map(|service| {
            let stream = |purpose| {
                Stream::new(&StreamKey { seed, purpose, segment: self.key, service: service.key, trial, year })
            };
            let split = (!service.columns.capped.is_empty()).then(|| stream(Purpose::Split));
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
            for ((service, (frequency, severity, split)), &factor) in
                self.services.iter().zip(&mut streams).zip(factors)
            {
                let of_total = if alike { 1.0 } else { factor };
                let (cost, count) = service.add_costs(people, frequency, severity, of_total, scratch);
                if let Some(column) = service.columns.expenditure {
                    row[column] += cost * factor;
                }
                if let Some(column) = service.columns.count {
                    row[column] += count as f64;
                }
                if let Some(split) = split {
                    service.add_capped(split, factor, index, scratch, row);
                }
            }
            sum_layers(&self.layers, &scratch.totals, trend, index, &mut layer_sums);
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
        Utilization::Following { .. } => unreachable!("people with services that follow others are sampled as persons"),
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
    /// Draws the service for a block of people and adds each one's cost, times a factor, to the totals; returns the block's
    /// cost without the factor, and its count.
    ///
    /// Draw order: one frequency word a person, then the costs as [`Severity::fill_sums`] says. Where most people use the
    /// service, costs are drawn first, for everyone, and words only if someone may use nothing.
    fn add_costs(
        &self,
        people: usize,
        frequency: &mut Stream,
        severity: &mut Stream,
        factor: f64,
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
                for &scope in &self.columns.scopes {
                    add(&mut totals[scope][..people], costs, factor);
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
                for &scope in &self.columns.scopes {
                    let totals = &mut totals[scope];
                    for (&user, cost) in users[..found].iter().zip(costs.iter()) {
                        totals[user as usize] += cost * factor;
                    }
                }
                (lane_sum(costs), counts.iter().map(|&count| u64::from(count)).sum())
            }
        }
    }

    /// Adds what the block's events cost up to each limit, after [`ServiceSampler::add_costs`].
    fn add_capped(&self, split: &mut Stream, factor: f64, index: f64, scratch: &mut Scratch, row: &mut [f64]) {
        let Scratch { counts, costs, severity, .. } = scratch;
        let amounts = match self.users {
            Users::Most { .. } => costs,
            Users::Some(_) => self.severity.amounts_of(split, counts, costs, severity),
        };
        for &(column, limit) in &self.columns.capped {
            row[column] += amounts.iter().map(|amount| (amount * factor).min(limit * index)).sum::<f64>();
        }
    }
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

fn add(totals: &mut [f64], costs: &[f64], factor: f64) {
    vectorised(
        #[inline(always)]
        || {
            for (total, cost) in totals.iter_mut().zip(costs) {
                *total += cost * factor;
            }
        },
    );
}

/// The sum, in eight interleaved lanes.
pub(crate) fn lane_sum(costs: &[f64]) -> f64 {
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
