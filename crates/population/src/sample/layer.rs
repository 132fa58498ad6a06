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

/// Layers of one scope, from the lowest attachment point up, among which nobody with a small total counts in any.
const MANY: usize = 4;

/// Adds a block's layers: of each total, the part from the attachment point to the limit, both indexed.
///
/// Entries beyond the people hold zero, which no layer counts. Layers are in the order of [`sort`].
pub(super) fn sum_layers(layers: &[Layer], totals: &[[f64; BLOCK]], index: f64, sums: &mut [[f64; LANES]]) {
    let mut rest = sums;
    for layers in layers.chunk_by(|a, b| a.scope == b.scope) {
        let (sums, others) = rest.split_at_mut(layers.len());
        rest = others;
        let totals = &totals[layers[0].scope];
        let from_zero = layers.partition_point(|layer| layer.attachment_point <= 0.0);
        let one_by_one = if layers.len() - from_zero < MANY { layers.len() } else { from_zero };
        sum_each(&layers[..one_by_one], totals, index, &mut sums[..one_by_one]);
        sum_many(&layers[one_by_one..], totals, index, &mut sums[one_by_one..]);
    }
}

/// Puts layers in the order in which they are summed: by scope, from the lowest attachment point up.
pub(super) fn sort(layers: &mut [Layer]) {
    layers.sort_by(|a, b| a.scope.cmp(&b.scope).then(a.attachment_point.total_cmp(&b.attachment_point)));
}

/// Passes over everybody for each layer.
fn sum_each(layers: &[Layer], totals: &[f64; BLOCK], index: f64, sums: &mut [[f64; LANES]]) {
    vectorized(
        #[inline(always)]
        || {
            for (layer, sums) in layers.iter().zip(sums.iter_mut()) {
                let low = layer.attachment_point * index;
                let high = (layer.limit * index).max(low);
                let mut lanes = *sums;
                for turn in totals.chunks_exact(LANES) {
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

/// Passes over everybody once, and adds those who reach the lowest layer to the layers that they reach: the same sums to the bit,
/// since all others would add zero.
fn sum_many(layers: &[Layer], totals: &[f64; BLOCK], index: f64, sums: &mut [[f64; LANES]]) {
    let Some(least) = layers.first().map(|layer| layer.attachment_point * index) else { return };
    vectorized(
        #[inline(always)]
        || {
            for turn in totals.chunks_exact(LANES) {
                let mut is_reached = false;
                for cost in turn {
                    is_reached |= *cost > least;
                }
                if !is_reached {
                    continue;
                }
                for (lane, &cost) in turn.iter().enumerate() {
                    for (layer, sums) in layers.iter().zip(sums.iter_mut()) {
                        let low = layer.attachment_point * index;
                        if cost <= low {
                            break;
                        }
                        let high = (layer.limit * index).max(low);
                        sums[lane] += if cost < high { cost } else { high } - low;
                    }
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_layers_have_the_sums_of_each_to_the_bit() {
        let of = |column: usize, attachment_point: f64, limit: f64| Layer { column, scope: 0, attachment_point, limit };
        let mut layers: Vec<Layer> = (0..40)
            .map(|column| {
                of(column, 37.0 * ((column * 17) % 40) as f64, if column % 3 == 0 { 900.0 } else { f64::INFINITY })
            })
            .collect();
        sort(&mut layers);
        let mut totals = [0.0; BLOCK];
        for (person, total) in totals[..1_000].iter_mut().enumerate() {
            *total = ((person * 7_919) % 1_613) as f64 * 1.01;
        }
        let (mut once, mut each) = (vec![[0.0; LANES]; 40], vec![[0.0; LANES]; 40]);
        for index in [1.0, 1.03] {
            sum_layers(&layers, &[totals], index, &mut once);
            sum_each(&layers, &totals, index, &mut each);
        }
        assert_eq!(once, each);
        // A layer that ends below its beginning holds nothing.
        let holds = |(layer, lanes): (&Layer, &[f64; LANES])| {
            (lanes.iter().sum::<f64>() > 0.0) == (layer.limit > layer.attachment_point)
        };
        assert!(layers.iter().zip(&each).all(holds));
    }
}
