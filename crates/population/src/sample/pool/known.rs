//! What a pool knows of the layers' means, which no formula gives: their standard errors, as far as the regression on a person's row
//! does not explain the layer.

use super::{
    cells::{CellWeights, Drawn},
    regression::Regression,
    shape::Shape,
};

/// A layer's mean for one person, under average factors.
#[derive(Clone, Copy, Debug)]
pub(super) struct LayerMean {
    pub(super) mean: f64,
    pub(super) standard_error: f64,
}

/// What the calibration found.
pub(super) struct Known<'a> {
    /// People of the pool.
    pub(super) persons: u64,
    /// Of each cell, before weights.
    pub(super) shares: &'a [f64],
    /// The mean row, before weights.
    pub(super) mean: &'a [f64],
    pub(super) regression: &'a Regression,
    /// Expected means less those of the pool.
    pub(super) missing: &'a [f64],
    /// The part of them that the weights make up for.
    pub(super) met: f64,
}

/// A cell's bundles, and one figure of each.
struct Figures<'a> {
    cell: &'a Drawn,
    width: usize,
    of_each: Vec<f64>,
}

impl Figures<'_> {
    fn rows(&self) -> impl Iterator<Item = (&[f32], f64)> {
        self.cell.bundles.chunks_exact(self.width).zip(self.of_each.iter().copied())
    }

    /// Of one person.
    fn mean(&self) -> f64 {
        self.of_each.iter().sum::<f64>() / self.persons()
    }

    fn persons(&self) -> f64 {
        self.of_each.len() as f64 * self.cell.size as f64
    }

    /// Of one person, between the people of the cell.
    fn variance(&self) -> f64 {
        let center = self.mean() * self.cell.size as f64;
        self.of_each.iter().map(|figure| (figure - center) * (figure - center)).sum::<f64>() / self.persons()
    }
}

/// The mean of each layer for a person, and its standard error: of what the regression leaves unexplained, between cells and within
/// them, and of what the weights do not make up for.
pub(super) fn layer_means(
    shape: &Shape,
    cells: &[Drawn],
    weights: &[CellWeights],
    factors: &[f64],
    known: &Known<'_>,
) -> Vec<LayerMean> {
    let of_layer = |layer: usize| {
        let mut cells: Vec<Figures<'_>> = cells.iter().map(|cell| figures_of(shape, cell, layer, factors)).collect();
        let mean = cells.iter().zip(weights).map(|(cell, weights)| {
            let sum: f64 = cell.of_each.iter().zip(&weights.bundles).map(|(figure, weight)| figure * weight).sum();
            weights.share * sum / (weights.bundles.iter().sum::<f64>() * cell.cell.size as f64)
        });
        let mean = mean.sum();
        let coefficients = known.regression.coefficients(&covariances(&cells, known));
        for cell in &mut cells {
            let residuals = cell.rows().map(|(row, figure)| {
                figure - row.iter().zip(&coefficients).map(|(&x, coefficient)| f64::from(x) * coefficient).sum::<f64>()
            });
            cell.of_each = residuals.collect();
        }
        let center: f64 = cells.iter().zip(known.shares).map(|(cell, share)| share * cell.mean()).sum();
        let variance = cells.iter().zip(known.shares).map(|(cell, share)| {
            let off = cell.mean() - center;
            share * off * off / known.persons as f64 + share * share * cell.variance() / cell.persons()
        });
        let variance: f64 = variance.sum();
        let unmet: f64 = coefficients.iter().zip(known.missing).map(|(a, b)| a * b * (1.0 - known.met)).sum();
        LayerMean { mean, standard_error: (variance + unmet * unmet).sqrt() }
    };
    (0..shape.layers.len()).map(of_layer).collect()
}

/// A layer of each bundle.
fn figures_of<'a>(shape: &Shape, cell: &'a Drawn, layer: usize, factors: &[f64]) -> Figures<'a> {
    let (mut totals, mut layers) = (Vec::new(), vec![0.0; shape.layers.len()]);
    let figure = |row: &[f32]| {
        shape.set_totals(row, factors, &mut totals);
        layers.fill(0.0);
        match cell.sides {
            Some(sides) => shape.add_layers(sides, cell.size as f64, &totals, &mut layers),
            None => shape.add_layers_of_one(&totals, &mut layers),
        }
        layers[layer]
    };
    let of_each = cell.bundles.chunks_exact(shape.width()).map(figure).collect();
    Figures { cell, width: shape.width(), of_each }
}

/// Covariances of a person's figure with the person's row.
fn covariances(cells: &[Figures<'_>], known: &Known<'_>) -> Vec<f64> {
    let center: f64 = cells.iter().zip(known.shares).map(|(cell, share)| share * cell.mean()).sum();
    let mut covariances = vec![0.0; known.mean.len()];
    for (cell, share) in cells.iter().zip(known.shares) {
        let (of_cell, mut mean) = (cell.mean() * cell.cell.size as f64, vec![0.0; known.mean.len()]);
        for (row, figure) in cell.rows() {
            for ((covariance, mean), &other) in covariances.iter_mut().zip(&mut mean).zip(row) {
                *covariance += share * (figure - of_cell) * f64::from(other) / cell.persons();
                *mean += f64::from(other) / cell.persons();
            }
        }
        for ((covariance, mean), all) in covariances.iter_mut().zip(&mean).zip(known.mean) {
            *covariance += share * (cell.mean() - center) * (mean - all);
        }
    }
    covariances
}
