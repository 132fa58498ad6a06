//! Standard errors in which a person's years count as one draw.

use std::collections::BTreeMap;

/// An estimate with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// A symmetric matrix by rows.
pub(crate) type Matrix = Vec<Vec<f64>>;

/// Sums of products of the totals over each person's rows, times people over people less one.
pub(crate) fn clustered(persons: &[u32], width: usize, of_row: impl Fn(usize) -> Vec<f64>) -> Matrix {
    let mut sums: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for (index, &person) in persons.iter().enumerate() {
        let own = sums.entry(person).or_insert_with(|| vec![0.0; width]);
        for (sum, part) in own.iter_mut().zip(of_row(index)) {
            *sum += part;
        }
    }
    let people = sums.len() as f64;
    let factor = if people > 1.0 { people / (people - 1.0) } else { f64::NAN };
    let mut products = vec![vec![0.0; width]; width];
    for own in sums.values() {
        for row in 0..width {
            for column in 0..width {
                products[row][column] += factor * own[row] * own[column];
            }
        }
    }
    products
}

/// Distance of the points between which derivatives are taken; coordinates are logarithms, logits or of their size.
const STEP: f64 = 1e-3;

/// Covariance of maximum-likelihood estimates, from the log-likelihood of every row at any coordinates: the inverse of the
/// observed information, around the sums of each person's scores. With independent rows, weights of one and the right law it is
/// the inverse of the information alone.
///
/// `None` where the information is not positive: the likelihood is flat, or highest at a boundary.
///
/// # Source
/// \[W82\], and \[LZ86\] for rows of one person.
pub(crate) fn covariance(
    at: &[f64],
    weights: &[f64],
    persons: &[u32],
    of_rows: impl Fn(&[f64]) -> Vec<f64>,
) -> Option<Matrix> {
    let width = at.len();
    let moved = |moves: &[(usize, f64)]| {
        let mut point = at.to_vec();
        for &(coordinate, by) in moves {
            point[coordinate] += by * STEP;
        }
        of_rows(&point)
    };
    let total = |rows: &[f64]| rows.iter().zip(weights).map(|(row, weight)| row * weight).sum::<f64>();
    let middle = total(&of_rows(at));
    let sides: Vec<[Vec<f64>; 2]> = (0..width).map(|at| [moved(&[(at, 1.0)]), moved(&[(at, -1.0)])]).collect();
    let second_difference = |row: usize, column: usize| {
        if row == column {
            return (total(&sides[row][0]) - 2.0 * middle + total(&sides[row][1])) / (STEP * STEP);
        }
        let corner = |a: f64, b: f64| total(&moved(&[(row, a), (column, b)]));
        (corner(1.0, 1.0) - corner(1.0, -1.0) - corner(-1.0, 1.0) + corner(-1.0, -1.0)) / (4.0 * STEP * STEP)
    };
    let lower: Matrix =
        (0..width).map(|row| (0..=row).map(|column| -second_difference(row, column)).collect()).collect();
    let symmetric = |row: usize, column: usize| lower[row.max(column)][row.min(column)];
    let information: Matrix = (0..width).map(|row| (0..width).map(|column| symmetric(row, column)).collect()).collect();
    let slope = |(above, below): (&f64, &f64)| (above - below) / (2.0 * STEP);
    let scores: Vec<Vec<f64>> =
        sides.iter().map(|[above, below]| above.iter().zip(below).map(slope).collect()).collect();
    let inverse = inverse(&information)?;
    let spread = clustered(persons, width, |index| scores.iter().map(|score| weights[index] * score[index]).collect());
    let covariance = product(&product(&inverse, &spread), &inverse);
    (0..width).all(|at| inverse[at][at] > 0.0 && covariance[at][at].is_finite()).then_some(covariance)
}

/// Figures of functions of estimates: values, with errors by the delta method.
pub(crate) fn figures(at: &[f64], covariance: &Matrix, function: impl Fn(&[f64]) -> Vec<f64>) -> Vec<Figure> {
    let values = function(at);
    let slopes: Vec<Vec<f64>> = (0..at.len())
        .map(|coordinate| {
            let moved = |by: f64| {
                let mut point = at.to_vec();
                point[coordinate] += by;
                function(&point)
            };
            let (above, below) = (moved(STEP), moved(-STEP));
            above.iter().zip(&below).map(|(above, below)| (above - below) / (2.0 * STEP)).collect()
        })
        .collect();
    let error = |figure: usize| {
        let mut variance = 0.0;
        for row in 0..at.len() {
            for column in 0..at.len() {
                variance += slopes[row][figure] * covariance[row][column] * slopes[column][figure];
            }
        }
        variance.max(0.0).sqrt()
    };
    values.iter().enumerate().map(|(figure, &value)| Figure { value, standard_error: error(figure) }).collect()
}

fn product(left: &Matrix, right: &Matrix) -> Matrix {
    let cell = |row: usize, column: usize| (0..right.len()).map(|at| left[row][at] * right[at][column]).sum();
    (0..left.len()).map(|row| (0..right.len()).map(|column| cell(row, column)).collect()).collect()
}

/// The inverse of a positive definite matrix, by elimination; `None` of any other.
fn inverse(matrix: &Matrix) -> Option<Matrix> {
    let width = matrix.len();
    let mut left = matrix.clone();
    let mut right: Matrix = (0..width).map(|row| (0..width).map(|column| f64::from(row == column)).collect()).collect();
    for pivot in 0..width {
        let value = left[pivot][pivot];
        // A pivot that is only rounding is zero.
        let is_positive = value > 1e-8 * matrix[pivot][pivot].abs() && value.is_finite();
        if !is_positive {
            return None;
        }
        for row in 0..width {
            if row == pivot {
                continue;
            }
            let factor = left[row][pivot] / value;
            for column in 0..width {
                left[row][column] -= factor * left[pivot][column];
                right[row][column] -= factor * right[pivot][column];
            }
        }
        for column in 0..width {
            left[pivot][column] /= value;
            right[pivot][column] /= value;
        }
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_normal_mean_and_deviation_is_known() {
        // Standard normal, n values at ± 1: information n for the mean, 2n for the logarithm of the deviation; by scores the
        // mean's is the same, and the deviation's none, as every value lies at distance one.
        let values: Vec<f64> = (0..400).map(|index| if index % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let of_rows = |at: &[f64]| values.iter().map(|x| -at[1] - 0.5 * ((x - at[0]) / at[1].exp()).powi(2)).collect();
        let persons: Vec<u32> = (0..400).collect();
        let found = covariance(&[0.0, 0.0], &vec![1.0; 400], &persons, of_rows).expect("positive");
        assert!((found[0][0] * 399.0 - 1.0).abs() < 1e-4, "{found:?}");
        assert!(found[1][1].abs() < 1e-8);
        let of_square = figures(&[3.0], &vec![vec![0.01]], |at| vec![at[0] * at[0]]);
        assert!((of_square[0].standard_error - 0.6).abs() < 1e-6);
    }

    #[test]
    fn a_flat_likelihood_has_no_error() {
        assert_eq!(covariance(&[0.0], &[1.0; 3], &[0, 1, 2], |_| vec![0.0; 3]), None);
        assert_eq!(inverse(&vec![vec![1.0, 1.0], vec![1.0, 1.0]]), None);
    }
}
