//! Correlated normals: a checked matrix, and the nearest valid matrix to one that is not.

use nalgebra::{DMatrix, SymmetricEigen};
/// A correlation matrix, ready to be drawn from.
#[derive(Clone, Debug, PartialEq)]
pub struct CorrelationMatrix {
    /// The lower triangle of its Cholesky factor, row by row.
    rows: Vec<Vec<f64>>,
}

/// A matrix that cannot be one of correlations.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("the correlation matrix is not positive definite: its smallest eigenvalue is {smallest:.4}")]
pub struct CorrelationError {
    /// The smallest eigenvalue.
    pub smallest: f64,
    /// The nearest correlation matrix, by the sum of squared differences, whose eigenvalues are at least 0.001.
    pub nearest: Vec<Vec<f64>>,
}

/// Least eigenvalue of a matrix that is accepted.
const LEAST: f64 = 1e-8;
/// Least eigenvalue of the matrix that is proposed instead.
const NEAREST_LEAST: f64 = 1e-3;

impl CorrelationMatrix {
    /// A symmetric matrix with ones on its diagonal, of which only the lower triangle is read.
    ///
    /// # Errors
    /// [`CorrelationError`] when it is not positive definite.
    pub fn new(matrix: &[Vec<f64>]) -> Result<Self, CorrelationError> {
        let size = matrix.len();
        let symmetric =
            DMatrix::from_fn(
                size,
                size,
                |row, column| {
                    if row == column { 1.0 } else { matrix[row.max(column)][row.min(column)] }
                },
            );
        let smallest = SymmetricEigen::new(symmetric.clone()).eigenvalues.iter().copied().fold(1.0, f64::min);
        let factor = symmetric.clone().cholesky().filter(|_| smallest >= LEAST);
        let Some(factor) = factor else {
            let nearest = nearest(&symmetric);
            let nearest = (0..size).map(|row| (0..size).map(|column| nearest[(row, column)]).collect()).collect();
            return Err(CorrelationError { smallest, nearest });
        };
        let lower = factor.l();
        let rows = (0..size).map(|row| (0..=row).map(|column| lower[(row, column)]).collect()).collect();
        Ok(Self { rows })
    }

    /// The correlation of two scores.
    pub fn of(&self, one: usize, other: usize) -> f64 {
        self.rows[one].iter().zip(&self.rows[other]).map(|(a, b)| a * b).sum()
    }

    /// Correlates independent standard normals; each is standard normal by itself again.
    pub fn correlate(&self, independent: &[f64]) -> Vec<f64> {
        self.rows.iter().map(|row| row.iter().zip(independent).map(|(a, b)| a * b).sum()).collect()
    }
}

/// Alternating projections with Dykstra's correction.
///
/// # Source
/// \[HIG02\].
fn nearest(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let mut point = matrix.clone();
    let mut correction = DMatrix::zeros(matrix.nrows(), matrix.ncols());
    for _ in 0..1_000 {
        let shifted = &point - &correction;
        let positive = projected(&shifted);
        correction = &positive - shifted;
        let mut next = positive;
        next.fill_diagonal(1.0);
        let moved = (&next - &point).norm();
        point = next;
        if moved < 1e-10 {
            break;
        }
    }
    // The last projection may leave an eigenvalue a little too small: mixing with the identity mends it.
    let smallest = SymmetricEigen::new(point.clone()).eigenvalues.iter().copied().fold(1.0, f64::min);
    let weight = ((NEAREST_LEAST - smallest) / (1.0 - smallest)).max(0.0);
    let identity = DMatrix::<f64>::identity(matrix.nrows(), matrix.ncols());
    point * (1.0 - weight) + identity * weight
}

fn projected(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    let mut eigen = SymmetricEigen::new(matrix.clone());
    for value in eigen.eigenvalues.iter_mut() {
        *value = value.max(NEAREST_LEAST);
    }
    eigen.recompose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, Stream, StreamKey, TCopula};

    fn stream(trial: u64) -> Stream {
        Stream::new(&StreamKey { seed: 2, purpose: Purpose::Factor, segment: 0, service: 0, trial, year: 0 })
    }

    #[test]
    fn draws_have_their_correlation_under_both_copulas() {
        for copula in [None, Some(TCopula::new(5.0, 0.0))] {
            let law = CorrelationMatrix::new(&[vec![], vec![0.6]]).expect("positive definite");
            let pairs: Vec<Vec<f64>> = (0..40_000)
                .map(|trial| {
                    let mut stream = stream(trial);
                    let independent = [stream.normal(), stream.normal()];
                    let normals = law.correlate(&independent);
                    copula.as_ref().map_or_else(|| normals.clone(), |copula| copula.scores(&normals, stream.normal()))
                })
                .collect();
            let n = pairs.len() as f64;
            let mean_square = |of: &dyn Fn(&Vec<f64>) -> f64| pairs.iter().map(of).sum::<f64>() / n;
            let variance = mean_square(&|pair| pair[0] * pair[0]);
            assert!((variance - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "{copula:?}: variance {variance}");
            let both = pairs.iter().filter(|pair| pair[0] < -2.0 && pair[1] < -2.0).count() as f64 / n;
            // Both in the lowest 2.275%: by the bivariate normal and t laws of dispersion 0.6.
            let expected: f64 = if copula.is_none() { 0.005_499_98 } else { 0.007_904_56 };
            let z = (both - expected) / (expected / n).sqrt();
            assert!(z.abs() < 4.0, "{copula:?}: both low with {both}, {z:.1} standard errors");
            if copula.is_none() {
                let product = mean_square(&|pair| pair[0] * pair[1]);
                assert!((product - 0.6).abs() < 4.0 * (1.36 / n).sqrt(), "correlation {product}");
            }
        }
    }

    #[test]
    fn an_impossible_matrix_is_refused_with_the_nearest_valid_one() {
        // If a moves with b and b with c, then a cannot move against c.
        let impossible = vec![vec![], vec![0.9], vec![-0.9, 0.9]];
        let error = CorrelationMatrix::new(&impossible).expect_err("not positive definite");
        assert!(error.smallest < 0.0);
        assert!(CorrelationMatrix::new(&error.nearest).is_ok());
        // By symmetry every correlation moves by the same amount, to one half.
        for (row, column, expected) in [(1, 0, 0.5), (2, 0, -0.5), (2, 1, 0.5)] {
            assert!((error.nearest[row][column] - expected).abs() < 2e-3, "{:?}", error.nearest);
        }
    }
}
