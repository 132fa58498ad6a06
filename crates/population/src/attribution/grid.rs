//! Functions of a standard normal score, given at nodes and linear between them.

use twosided_prob::{upper_probability, upper_score};

/// Nodes of a score: from -4 to 4, a 32nd apart. Scores beyond count as the last.
pub(crate) struct Grid;

impl Grid {
    /// Nodes.
    pub(crate) const NODES: usize = 257;
    const LEAST: f64 = -4.0;
    const PER_UNIT: f64 = 32.0;

    /// Scores of the nodes.
    pub(crate) fn scores() -> impl Iterator<Item = f64> {
        (0..Self::NODES).map(|node| Self::LEAST + node as f64 / Self::PER_UNIT)
    }

    /// The node below a score, and how far the score is on its way to the next.
    #[inline(always)]
    pub(crate) fn position(score: f32) -> (usize, f32) {
        let most = (Self::NODES - 1) as f32;
        let position = ((score - Self::LEAST as f32) * Self::PER_UNIT as f32).clamp(0.0, most);
        let node = (position as usize).min(Self::NODES - 2);
        (node, position - node as f32)
    }

    /// The value of a function at a score.
    pub(crate) fn at(values: &[f64], score: f64) -> f64 {
        let (node, way) = Self::position(score as f32);
        values[node] + f64::from(way) * (values[node + 1] - values[node])
    }

    /// The expected value of a function of a standard normal.
    pub(crate) fn mean(values: &[f64]) -> f64 {
        sum(&weights(0.0, 1.0), values)
    }

    /// At each node, what is expected of a function of another score that correlates with it.
    pub(crate) fn expect(values: &[f64], correlation: f64) -> Vec<f64> {
        let own = (1.0 - correlation * correlation).sqrt();
        let expect = |score: f64| {
            if own > 0.0 {
                sum(&weights(correlation * score, own), values)
            } else {
                Self::at(values, correlation * score)
            }
        };
        Self::scores().map(expect).collect()
    }

    /// Weights of the nodes in the mean of a function of a standard normal.
    pub(crate) fn weights() -> Vec<f64> {
        weights(0.0, 1.0)
    }

    /// By node, the weights of the nodes of a score that correlates with it.
    pub(crate) fn kernel(correlation: f64) -> Vec<Vec<f64>> {
        let own = (1.0 - correlation * correlation).sqrt();
        let of = |score: f64| {
            if own > 0.0 {
                return weights(correlation * score, own);
            }
            let (node, way) = Self::position((correlation * score) as f32);
            let mut weights = vec![0.0; Self::NODES];
            (weights[node], weights[node + 1]) = (1.0 - f64::from(way), f64::from(way));
            weights
        };
        Self::scores().map(of).collect()
    }
}

/// The expected share of each node in the value at a normal score: the mean of a function that is linear between nodes is exact.
fn weights(mean: f64, sd: f64) -> Vec<f64> {
    // E[max(score - node, 0)], times the nodes of a unit.
    let above = |node: f64| {
        let z = (node - mean) / sd;
        let density = libm::exp(-0.5 * z * z) / std::f64::consts::TAU.sqrt();
        Grid::PER_UNIT * sd * (density - z * upper_probability(z))
    };
    let above: Vec<f64> = Grid::scores().map(above).collect();
    let last = Grid::NODES - 1;
    // What a step from a node to the next adds, at most one.
    let steps: Vec<f64> = above.windows(2).map(|pair| pair[0] - pair[1]).collect();
    let weight = |node: usize| {
        let (reached, next) =
            (if node == 0 { 1.0 } else { steps[node - 1] }, if node == last { 0.0 } else { steps[node] });
        (reached - next).max(0.0)
    };
    (0..=last).map(weight).collect()
}

fn sum(weights: &[f64], values: &[f64]) -> f64 {
    weights.iter().zip(values).map(|(weight, value)| weight * value).sum()
}

/// At each node of frailty, the probability that a score which loads on it lies above the point of a probability.
pub(crate) fn above_by_frailty(probability: f64, loading: f64) -> Vec<f64> {
    let (from, own) = (upper_score(probability), (1.0 - loading * loading).sqrt());
    let of = |frailty: f64| {
        let common = loading * frailty;
        if own > 0.0 { upper_probability((from - common) / own) } else { f64::from(common > from) }
    };
    Grid::scores().map(of).collect()
}
