//! What a pool keeps of a person, and on which side of each layer's ends the person stands.

use crate::sample::layer::Layer;

/// Which figures a pool's rows hold: costs and counts by service, the share of the year lived and the risk score.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) services: usize,
    /// Indices of the services of each scope.
    pub(super) scopes: Vec<Vec<usize>>,
    pub(super) layers: Vec<Layer>,
    /// The least and the greatest factor on a service's cost for which the sides hold.
    pub(super) range: (f64, f64),
}

/// The side of each layer on which a person's total stands whatever the factors: two bits a layer.
pub(super) type Sides = u128;

const BELOW: Sides = 0;
const WITHIN: Sides = 1;
const ABOVE: Sides = 2;
const BITS: usize = 2;

impl Shape {
    /// Length of a row.
    pub(super) fn width(&self) -> usize {
        2 * self.services + 2
    }

    /// The sides of a person with totals by scope; none if for some layer they depend on the factors.
    pub(super) fn sides(&self, totals: impl Fn(usize) -> f64) -> Option<Sides> {
        let (least, greatest) = self.range;
        let mut sides = 0;
        for (index, layer) in self.layers.iter().enumerate() {
            let total = totals(layer.scope);
            let (low, high) = layer.ends();
            let side = if total * least >= low && total * greatest <= high {
                WITHIN
            } else if total * greatest <= low {
                BELOW
            } else if total * least >= high {
                ABOVE
            } else {
                return None;
            };
            sides |= side << (BITS * index);
        }
        Some(sides)
    }

    /// Adds the layers of people who share their sides, from the sums of their totals by scope.
    pub(super) fn add_layers(&self, sides: Sides, people: f64, totals: &[f64], layers: &mut [f64]) {
        for (index, (layer, sum)) in self.layers.iter().zip(layers).enumerate() {
            let (low, high) = layer.ends();
            match sides >> (BITS * index) & 3 {
                WITHIN => *sum += totals[layer.scope] - people * low,
                ABOVE => *sum += people * (high - low),
                _ => {}
            }
        }
    }

    /// Adds the layers of one person.
    pub(super) fn add_layers_of_one(&self, totals: &[f64], layers: &mut [f64]) {
        for (layer, sum) in self.layers.iter().zip(layers) {
            let (low, high) = layer.ends();
            *sum += totals[layer.scope].clamp(low, high) - low;
        }
    }

    /// Sets the totals by scope of a row under factors by service.
    pub(super) fn set_totals<T: Copy + Into<f64>>(&self, costs: &[T], factors: &[f64], totals: &mut Vec<f64>) {
        let total = |services: &Vec<usize>| -> f64 {
            services.iter().map(|&service| costs[service].into() * factors[service]).sum()
        };
        totals.clear();
        totals.extend(self.scopes.iter().map(total));
    }
}
