//! Weights under which a pool has the means that the laws say.
//!
//! The weights are those of a regression estimator: a person counts by `1 + λ · (x - mean of the pool)`, where `x` is the person's row
//! and `λ` solves `covariance × λ = expected - mean of the pool`. A cell counts by the same with its mean, and a bundle within its cell
//! by the same with its sum, so that the weighted means of the whole are the expected ones.

use super::{
    cells::{CellWeights, Drawn},
    known::{Known, LayerMean, layer_means},
    regression::{Regression, Symmetric},
    shape::Shape,
};

/// Weights of a pool's cells and rows.
#[derive(Clone, Debug)]
pub(super) struct Calibrated {
    pub(super) cells: Vec<CellWeights>,
    /// By layer.
    pub(super) layers: Vec<LayerMean>,
}

/// The least that a row may count. If one would count less, all weights move toward 1 together, and the means are not quite the
/// expected ones.
const LEAST_WEIGHT: f64 = 0.1;

/// The mean of a person's row and its covariance matrix, from sums over bundles of people.
struct Spread {
    mean: Vec<f64>,
    covariance: Symmetric,
}

impl Spread {
    fn of(rows: &[f32], width: usize, size: u64) -> Self {
        let (n, size) = ((rows.len() / width) as f64, size as f64);
        let mut mean = vec![0.0; width];
        let mut covariance = Symmetric::zeros(width);
        let mut row = vec![0.0; width];
        for figures in rows.chunks_exact(width) {
            for ((wide, mean), &figure) in row.iter_mut().zip(&mut mean).zip(figures) {
                *wide = f64::from(figure);
                *mean += *wide / (n * size);
            }
            covariance.add_products(&row, 1.0 / (n * size));
        }
        covariance.add_products(&mean, -size);
        Self { mean, covariance }
    }
}

/// Weighs the rows of a pool so that their means are the expected ones; `factors` are those of an average trial.
pub(super) fn calibrate(shape: &Shape, cells: &[Drawn], expected: &[f64], factors: &[f64]) -> Calibrated {
    let width = shape.width();
    let persons: u64 = cells.iter().map(|cell| cell.seen).sum();
    let shares: Vec<f64> = cells.iter().map(|cell| cell.seen as f64 / persons as f64).collect();
    let spreads: Vec<Spread> = cells.iter().map(|cell| Spread::of(&cell.bundles, width, cell.size)).collect();
    let mut mean = vec![0.0; width];
    for (share, spread) in shares.iter().zip(&spreads) {
        for (mean, of_cell) in mean.iter_mut().zip(&spread.mean) {
            *mean += share * of_cell;
        }
    }
    let mut covariance = Symmetric::zeros(width);
    for (&share, spread) in shares.iter().zip(&spreads) {
        covariance.add(&spread.covariance, share);
        covariance.add_products(&differences(&spread.mean, &mean), share);
    }
    let regression = Regression::new(&covariance, &mean);
    let missing = differences(expected, &mean);
    let slope = regression.coefficients(&missing);
    let mut weights: Vec<Vec<f64>> = cells
        .iter()
        .zip(&spreads)
        .map(|(cell, spread)| weights_of(&cell.bundles, cell.size, spread, &slope, &mean))
        .collect();
    let met = temper(&mut weights);

    let weighed = cells.iter().zip(weights).zip(&shares).map(|((cell, bundles), share)| {
        let all: f64 = bundles.iter().sum();
        let mut of_cell = vec![0.0; width];
        for (row, weight) in cell.bundles.chunks_exact(width).zip(&bundles) {
            for (sum, &figure) in of_cell.iter_mut().zip(row) {
                *sum += f64::from(figure) * weight / (all * cell.size as f64);
            }
        }
        let persons = weights_of_persons(&cell.persons, &of_cell);
        CellWeights { share: share * all / bundles.len() as f64, bundles, persons }
    });
    let weighed: Vec<CellWeights> = weighed.collect();
    let known = Known { persons, shares: &shares, mean: &mean, regression: &regression, missing: &missing, met };
    let layers = layer_means(shape, cells, &weighed, factors, &known);
    Calibrated { cells: weighed, layers }
}

/// What the rows of a cell count, each the sum of this many people, in a pool with this mean.
fn weights_of(rows: &[f32], size: u64, Spread { mean: of_cell, .. }: &Spread, slope: &[f64], mean: &[f64]) -> Vec<f64> {
    let base =
        1.0 + of_cell.iter().zip(mean).zip(slope).map(|((of_cell, mean), slope)| (of_cell - mean) * slope).sum::<f64>();
    let centers: Vec<f64> = of_cell.iter().map(|mean| mean * size as f64).collect();
    let weight = |row: &[f32]| {
        let figures = row.iter().zip(&centers).zip(slope);
        base + figures.map(|((&figure, center), slope)| (f64::from(figure) - center) * slope).sum::<f64>()
    };
    rows.chunks_exact(mean.len()).map(weight).collect()
}

/// Moves all weights toward 1 if one lies below the least. Returns the part of their distance from 1 that is left.
fn temper(weights: &mut [Vec<f64>]) -> f64 {
    let least = weights.iter().flatten().copied().fold(1.0, f64::min);
    if least >= LEAST_WEIGHT {
        return 1.0;
    }
    let part = (1.0 - LEAST_WEIGHT) / (1.0 - least);
    for weight in weights.iter_mut().flatten() {
        *weight = 1.0 + part * (*weight - 1.0);
    }
    part
}

/// Weights of single people that give them the mean of their cell.
fn weights_of_persons(rows: &[f32], expected: &[f64]) -> Vec<f64> {
    if rows.is_empty() {
        return Vec::new();
    }
    let spread = Spread::of(rows, expected.len(), 1);
    let slope = Regression::new(&spread.covariance, &spread.mean).coefficients(&differences(expected, &spread.mean));
    let mut weights = [weights_of(rows, 1, &spread, &slope, &spread.mean)];
    temper(&mut weights);
    let [weights] = weights;
    weights
}

fn differences(one: &[f64], other: &[f64]) -> Vec<f64> {
    one.iter().zip(other).map(|(one, other)| one - other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_give_the_expected_means_and_are_tempered_where_they_would_be_too_small() {
        // Costs 0 to 9, and a count that goes along with some of them.
        let rows: Vec<f32> = (0..10_u8).flat_map(|cost| [f32::from(cost), f32::from(cost % 3)]).collect();
        let means = |weights: &[f64]| {
            let all: f64 = weights.iter().sum();
            let of = |column: usize| {
                let figures = rows.chunks_exact(2).zip(weights);
                figures.map(|(row, weight)| f64::from(row[column]) * weight).sum::<f64>() / all
            };
            [of(0), of(1)]
        };
        // As they are, the means are 4.5 and 0.9.
        let near = weights_of_persons(&rows, &[4.9, 0.8]);
        for (found, expected) in means(&near).into_iter().zip([4.9, 0.8]) {
            assert!((found - expected).abs() < 1e-12, "{found} against {expected}");
        }
        assert!(near.iter().all(|&weight| weight > LEAST_WEIGHT));
        let far = weights_of_persons(&rows, &[8.5, 0.9]);
        let least = far.iter().copied().fold(f64::INFINITY, f64::min);
        assert!((least - LEAST_WEIGHT).abs() < 1e-12, "{least}");
        let [cost, _] = means(&far);
        assert!(cost > 5.0 && cost < 8.5, "{cost}");
    }
}
