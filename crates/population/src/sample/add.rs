//! Where a service's figures go, and how they are added up: in eight interleaved lanes, in an order that never changes.

use twosided_prob::vectorized;

use crate::{Observation, Plan, Segment, ServiceScope};

use super::layer::{BLOCK, LANES};

/// Where a service's figures go.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// The scopes that count the service.
    pub(super) scopes: Vec<usize>,
    /// Columns that count all of its cost.
    expenditures: Vec<usize>,
    count: Option<usize>,
    /// Columns that count each event up to a limit.
    pub(super) capped: Vec<(usize, f64)>,
}

impl Columns {
    pub(super) fn of(plan: &Plan, segment: &Segment, name: &str, scopes: &[&ServiceScope]) -> Self {
        let columns = || plan.observations().iter().enumerate();
        let capped = columns().filter_map(|(column, observation)| match observation {
            Observation::CappedExpenditure { service, limit } if service == name => Some((column, limit.0)),
            // An episode is its first event alone where nothing that counts follows it.
            Observation::Episodes { anchor, following, limit: Some(limit) }
                if anchor == name
                    && !segment
                        .services
                        .iter()
                        .any(|other| other.name != *name && segment.is_of_episode(&other.name, anchor, following)) =>
            {
                Some((column, limit.0))
            }
            _ => None,
        });
        let expenditures = columns().filter(|(_, observation)| match observation {
            Observation::Expenditure { service } => service == name,
            Observation::Episodes { anchor, following, limit: None } => segment.is_of_episode(name, anchor, following),
            _ => false,
        });
        Self {
            scopes: (0..scopes.len()).filter(|&scope| scopes[scope].includes(name)).collect(),
            expenditures: expenditures.map(|(column, _)| column).collect(),
            count: plan.position(&Observation::Count { service: name.to_owned() }),
            capped: capped.collect(),
        }
    }

    /// Adds an expenditure and a count to a row.
    pub(super) fn add(&self, row: &mut [f64], expenditure: f64, count: f64) {
        for &column in &self.expenditures {
            row[column] += expenditure;
        }
        if let Some(column) = self.count {
            row[column] += count;
        }
    }

    /// Adds what amounts times a factor count, each up to the limits, which are indexed.
    pub(super) fn add_capped(&self, row: &mut [f64], amounts: &[f64], factor: f64, index: f64) {
        for &(column, limit) in &self.capped {
            row[column] += capped_sum(amounts, factor, limit * index);
        }
    }

    /// Takes away what amounts times a factor count, each up to the limits.
    pub(super) fn take_capped(&self, row: &mut [f64], amounts: &[f64], factor: f64, index: f64) {
        for &(column, limit) in &self.capped {
            row[column] -= capped_sum(amounts, factor, limit * index);
        }
    }
}

/// Adds costs times a factor to the totals of the people at the positions, or of all people in turn where everybody has a cost.
pub(super) fn add(totals: &mut [f64; BLOCK], positions: &[u32], costs: &[f64], factor: f64, is_everybody: bool) {
    if is_everybody {
        vectorized(
            #[inline(always)]
            || {
                for (total, cost) in totals.iter_mut().zip(costs) {
                    *total += cost * factor;
                }
            },
        );
    } else {
        for (&position, cost) in positions.iter().zip(costs) {
            totals[position as usize % BLOCK] += cost * factor;
        }
    }
}

/// The sum of costs, in eight interleaved lanes.
pub(super) fn lane_sum(costs: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    vectorized(
        #[inline(always)]
        || {
            let (turns, rest) = costs.as_chunks::<LANES>();
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

/// The number of events.
pub(super) fn sum_counts(counts: &[u32]) -> f64 {
    counts.iter().map(|&count| u64::from(count)).sum::<u64>() as f64
}

/// The sum of what each amount times a factor counts up to a limit.
fn capped_sum(amounts: &[f64], factor: f64, limit: f64) -> f64 {
    amounts.iter().map(|amount| (amount * factor).min(limit)).sum()
}
