//! Nodes and weights of integrals.

/// Normals beyond are left out: one in 1.3 × 10^11 lies there.
const WIDEST: f64 = 6.75;

/// A node of an integral, with its weight under the rule and under one of half as many nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Weighted {
    pub(crate) at: f64,
    pub(crate) weight: f64,
    pub(crate) coarse: f64,
}

/// Even nodes of a standard normal, about a step apart. For a smooth figure such a sum is off by about `exp(-2 (π / step)²)`; under
/// the rule of half as many nodes, of which every other one is, by `exp(-(π / step)² / 2)`.
pub(crate) fn normal_nodes(step: f64) -> Vec<Weighted> {
    let half = 2 * (0.5 * WIDEST / step).ceil() as i32;
    let step = WIDEST / f64::from(half);
    let mut nodes: Vec<Weighted> = (-half..=half)
        .map(|index| {
            let at = step * f64::from(index);
            let weight = libm::exp(-0.5 * at * at);
            Weighted { at, weight, coarse: if index % 2 == 0 { weight } else { 0.0 } }
        })
        .collect();
    let [sum, coarse] = nodes.iter().fold([0.0; 2], |[sum, coarse], node| [sum + node.weight, coarse + node.coarse]);
    for node in &mut nodes {
        node.weight /= sum;
        node.coarse /= coarse;
    }
    nodes
}

/// Gauss and Legendre's nodes and weights of the mean over the unit interval.
pub(crate) fn unit_nodes(count: u32) -> Vec<(f64, f64)> {
    let n = f64::from(count);
    let node = |index: u32| {
        let mut x = libm::cos(std::f64::consts::PI * (f64::from(index) + 0.75) / (n + 0.5));
        let mut slope = 1.0;
        for _ in 0..50 {
            let (mut before, mut here) = (1.0, x);
            for degree in 2..=count {
                let degree = f64::from(degree);
                (before, here) = (here, ((2.0 * degree - 1.0) * x * here - (degree - 1.0) * before) / degree);
            }
            slope = n * (x * here - before) / (x * x - 1.0);
            let change = here / slope;
            x -= change;
            if change.abs() < 1e-15 {
                break;
            }
        }
        (0.5 * (1.0 + x), 1.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..count).map(node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_normal_has_its_moments_under_both_rules() {
        let nodes = normal_nodes(0.5);
        for power in 0..8 {
            let moment = |weight: fn(&Weighted) -> f64| -> f64 {
                nodes.iter().map(|node| weight(node) * node.at.powi(power)).sum()
            };
            let exact = [1.0, 0.0, 1.0, 0.0, 3.0, 0.0, 15.0, 0.0][power as usize];
            assert!((moment(|node| node.weight) - exact).abs() < 1e-5, "{power}");
            assert!((moment(|node| node.coarse) - exact).abs() < 1e-4, "{power}");
        }
    }

    #[test]
    fn an_interval_is_integrated_to_the_degree_of_its_nodes() {
        let nodes = unit_nodes(4);
        for power in 0..8 {
            let mean: f64 = nodes.iter().map(|(at, weight)| weight * at.powi(power)).sum();
            assert!((mean - 1.0 / f64::from(power + 1)).abs() < 1e-14, "{power}: {mean}");
        }
    }
}
