//! Second moments of rows, and the regression on them.

use twosided_prob::vectorized;

/// A column whose variance is less than this part of its second moment does not vary; one that the columns before it explain but for
/// this part adds nothing to them.
const NEGLIGIBLE: f64 = 1e-9;

/// A symmetric matrix, of which the upper half is kept.
#[derive(Clone, Debug)]
pub(super) struct Symmetric {
    width: usize,
    entries: Vec<f64>,
}

impl Symmetric {
    pub(super) fn zeros(width: usize) -> Self {
        Self { width, entries: vec![0.0; width * width] }
    }

    pub(super) fn get(&self, row: usize, column: usize) -> f64 {
        self.entries[row.min(column) * self.width + row.max(column)]
    }

    /// Adds a multiple of the products of a row's figures.
    pub(super) fn add_products(&mut self, row: &[f64], multiple: f64) {
        let Self { width, entries } = self;
        vectorized(
            #[inline(always)]
            || {
                for (at, &figure) in row.iter().enumerate().filter(|(_, figure)| **figure != 0.0) {
                    let figure = figure * multiple;
                    for (entry, other) in entries[at * *width + at..(at + 1) * *width].iter_mut().zip(&row[at..]) {
                        *entry += figure * other;
                    }
                }
            },
        );
    }

    pub(super) fn add(&mut self, other: &Self, multiple: f64) {
        for (entry, other) in self.entries.iter_mut().zip(&other.entries) {
            *entry += multiple * other;
        }
    }
}

/// A covariance matrix, decomposed by Cholesky without the columns that do not vary or that others explain.
#[derive(Clone, Debug)]
pub(super) struct Regression {
    /// Standard deviations; zero for the columns left out.
    scales: Vec<f64>,
    /// Lower triangle of the correlations' root, `[row][column]`.
    root: Vec<Vec<f64>>,
}

impl Regression {
    /// Of a covariance matrix of columns with these means.
    pub(super) fn new(covariance: &Symmetric, means: &[f64]) -> Self {
        let varies = |(column, mean): (usize, &f64)| {
            let variance = covariance.get(column, column);
            if variance > NEGLIGIBLE * (variance + mean * mean) { variance.sqrt() } else { 0.0 }
        };
        let mut scales: Vec<f64> = means.iter().enumerate().map(varies).collect();
        let mut root: Vec<Vec<f64>> = Vec::with_capacity(scales.len());
        for row in 0..scales.len() {
            let mut of_row = vec![0.0; row + 1];
            if scales[row] > 0.0 {
                for column in 0..row {
                    if scales[column] > 0.0 {
                        let known: f64 = of_row[..column].iter().zip(&root[column]).map(|(a, b)| a * b).sum();
                        let correlation = covariance.get(row, column) / (scales[row] * scales[column]);
                        of_row[column] = (correlation - known) / root[column][column];
                    }
                }
                let own = 1.0 - of_row[..row].iter().map(|part| part * part).sum::<f64>();
                if own > NEGLIGIBLE {
                    of_row[row] = own.sqrt();
                } else {
                    scales[row] = 0.0;
                }
            }
            root.push(of_row);
        }
        Self { scales, root }
    }

    /// The coefficients of the columns in the regression of a figure with these covariances with them.
    pub(super) fn coefficients(&self, covariances: &[f64]) -> Vec<f64> {
        let width = self.scales.len();
        let mut solved = vec![0.0; width];
        for row in (0..width).filter(|&row| self.scales[row] > 0.0) {
            let known: f64 = self.root[row][..row].iter().zip(&solved).map(|(a, b)| a * b).sum();
            solved[row] = (covariances[row] / self.scales[row] - known) / self.root[row][row];
        }
        for row in (0..width).rev().filter(|&row| self.scales[row] > 0.0) {
            let known: f64 = (row + 1..width)
                .filter(|&below| self.scales[below] > 0.0)
                .map(|below| self.root[below][row] * solved[below])
                .sum();
            solved[row] = (solved[row] - known) / self.root[row][row];
        }
        solved
            .iter()
            .zip(&self.scales)
            .map(|(&solved, &scale)| if scale > 0.0 { solved / scale } else { 0.0 })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_found_among_columns_that_repeat_others_or_stand_still() {
        // Columns: a, 2a, 3 (constant), b; the figure is 5a - b.
        let pairs = [(1.0, 2.0), (2.0, -1.0), (4.0, 0.5), (-3.0, 1.0), (0.5, 3.0)];
        let rows: Vec<[f64; 4]> = pairs.iter().map(|&(a, b)| [a, 2.0 * a, 3.0, b]).collect();
        let n = rows.len() as f64;
        let means: Vec<f64> = (0..4).map(|column| rows.iter().map(|row| row[column]).sum::<f64>() / n).collect();
        let mut covariance = Symmetric::zeros(4);
        let mut with_figure = vec![0.0; 4];
        for row in &rows {
            let centered: Vec<f64> = row.iter().zip(&means).map(|(figure, mean)| figure - mean).collect();
            covariance.add_products(&centered, 1.0 / n);
            for (sum, figure) in with_figure.iter_mut().zip(&centered) {
                *sum += figure * (5.0 * centered[0] - centered[3]) / n;
            }
        }
        let found = Regression::new(&covariance, &means).coefficients(&with_figure);
        for (found, expected) in found.iter().zip([5.0, 0.0, 0.0, -1.0]) {
            assert!((found - expected).abs() < 1e-9, "{found} against {expected}");
        }
    }
}
