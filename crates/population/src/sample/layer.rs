//! Layers of people's annual totals, and how many people are above an amount.

use twosided_prob::vectorized;

use crate::{Limit, Observation, Plan, Segment, ServiceScope};

/// People drawn together.
pub(super) const BLOCK: usize = 1024;
/// Sums made side by side.
pub(super) const LANES: usize = 8;

/// A layer of the total of one scope, for one segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layer {
    pub(super) column: usize,
    pub(super) scope: usize,
    attachment_point: f64,
    limit: f64,
}

impl Layer {
    /// Where it begins and ends, in the prices of the first year.
    pub(super) fn ends(&self) -> (f64, f64) {
        (self.attachment_point, self.limit.max(self.attachment_point))
    }
}

/// A count of the people whose total of one scope is above an amount, for one segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Above {
    pub(super) column: usize,
    scope: usize,
    point: f64,
}

/// The counts of people of a plan for a segment, of totals in the order of the scopes.
pub(super) fn above_of(plan: &Plan, segment: &Segment, scopes: &[&ServiceScope]) -> Vec<Above> {
    let counts = plan.observations().iter().enumerate().filter_map(|(column, observation)| {
        let Observation::PeopleAbove { services, attachment } = observation else { return None };
        let point = attachment.of(segment.segment_name()).0;
        Some(Above { column, scope: index_of(scopes, services), point })
    });
    counts.collect()
}

/// Where a scope stands among those of the plan.
fn index_of(scopes: &[&ServiceScope], services: &ServiceScope) -> usize {
    scopes.iter().position(|scope| *scope == services).expect("every scope of the plan is listed")
}

impl Above {
    /// How many of a block's totals are above the amount, which is indexed.
    pub(super) fn count(&self, totals: &[[f64; BLOCK]], index: f64) -> f64 {
        let point = self.point * index;
        let mut count: u32 = 0;
        vectorized(
            #[inline(always)]
            || {
                for &cost in &totals[self.scope] {
                    count += u32::from(cost > point);
                }
            },
        );
        f64::from(count)
    }
}

/// The layers of a plan for a segment, of totals in the order of the scopes.
pub(super) fn layers_of(plan: &Plan, segment: &Segment, scopes: &[&ServiceScope]) -> Vec<Layer> {
    let layers = plan.observations().iter().enumerate().filter_map(|(column, observation)| {
        let Observation::Layer { services, attachment, limit } = observation else { return None };
        let attachment_point = attachment.of(segment.segment_name());
        let limit = match limit {
            Limit::Unlimited => None,
            Limit::Amount(amount) => Some(*amount),
            Limit::Width(width) => Some(attachment_point + *width),
            Limit::TruncationPoint => segment.truncation_point,
        };
        Some(Layer {
            column,
            scope: index_of(scopes, services),
            attachment_point: attachment_point.0,
            limit: limit.map_or(f64::INFINITY, |limit| limit.0),
        })
    });
    layers.collect()
}

/// Adds a block's layers: of each total, the part from the attachment point to the limit, both indexed.
///
/// Entries beyond the people hold zero, which no layer counts.
pub(super) fn sum_layers(layers: &[Layer], totals: &[[f64; BLOCK]], index: f64, sums: &mut [[f64; LANES]]) {
    vectorized(
        #[inline(always)]
        || {
            for (layer, sums) in layers.iter().zip(sums.iter_mut()) {
                let low = layer.attachment_point * index;
                let high = (layer.limit * index).max(low);
                let mut lanes = *sums;
                for turn in totals[layer.scope].chunks_exact(LANES) {
                    for lane in 0..LANES {
                        let cost = turn[lane];
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
