//! The likeliest parameters, with their covariance.

use nalgebra::{DMatrix, DVector};

/// The greatest log likelihood.
#[derive(Clone, Debug)]
pub(crate) struct Likeliest {
    pub(crate) at: Vec<f64>,
    pub(crate) log_likelihood: f64,
    /// The inverse of the information that was observed.
    pub(crate) covariance: DMatrix<f64>,
}

/// Steps of a search at most, and the gain below which it ends.
const MOST_STEPS: usize = 500;
const NO_GAIN: f64 = 1e-7;
/// Steps of differences, of the log likelihood and of its gradient.
const STEP: f64 = 1e-5;
const WIDE_STEP: f64 = 1e-3;
/// Damping beyond which no step gains anything.
const MOST_DAMPING: f64 = 1e9;

/// Finds the likeliest parameters, given the log likelihood of each independent unit; none where it has no peak.
///
/// # Source
/// The method of Berndt, Hall, Hall and Hausman (1974): information from the outer products of the units' gradients, damped as by
/// Marquardt (1963). The covariance is from second differences.
pub(crate) fn likeliest(start: &[f64], units: impl Fn(&[f64]) -> Vec<f64>) -> Option<Likeliest> {
    let total = |at: &[f64]| {
        let total: f64 = units(at).iter().sum();
        if total.is_nan() { f64::NEG_INFINITY } else { total }
    };
    let mut at = start.to_vec();
    let mut value = total(&at);
    let mut damping = 1e-2;
    for _ in 0..MOST_STEPS {
        let scores = scores(&at, &units);
        let gradient: DVector<f64> = scores.column_sum();
        let information = outer_products(&scores);
        let step = loop {
            let mut damped = information.clone();
            for index in 0..at.len() {
                damped[(index, index)] += damping * information[(index, index)] + 1e-9;
            }
            let step = damped.cholesky()?.solve(&gradient);
            let there: Vec<f64> = at.iter().zip(step.iter()).map(|(at, step)| at + step).collect();
            let new = total(&there);
            if new > value {
                (at, value) = (there, new);
                damping = (damping * 0.3).max(1e-6);
                break Some(step);
            }
            damping *= 4.0;
            if damping > MOST_DAMPING {
                break None;
            }
        };
        let Some(step) = step else { break };
        if step.dot(&gradient).abs() < NO_GAIN {
            break;
        }
    }
    let covariance = information(&at, &units).try_inverse()?;
    let is_peak = (0..at.len()).all(|index| covariance[(index, index)] > 0.0);
    is_peak.then_some(Likeliest { at, log_likelihood: value, covariance })
}

/// The sum of the gradients' outer products, in one order: a library's product of matrices may have other bits on another processor.
fn outer_products(scores: &DMatrix<f64>) -> DMatrix<f64> {
    let count = scores.nrows();
    let product = |row: usize, column: usize| -> f64 {
        (0..scores.ncols()).map(|unit| scores[(row, unit)] * scores[(column, unit)]).sum()
    };
    DMatrix::from_fn(count, count, product)
}

/// Gradients of the units, each a column.
fn scores(at: &[f64], units: &impl Fn(&[f64]) -> Vec<f64>) -> DMatrix<f64> {
    let rows: Vec<Vec<f64>> = (0..at.len())
        .map(|index| {
            let moved = |by: f64| {
                let mut there = at.to_vec();
                there[index] += by;
                units(&there)
            };
            let (above, below) = (moved(STEP), moved(-STEP));
            above.iter().zip(below).map(|(above, below)| (above - below) / (2.0 * STEP)).collect()
        })
        .collect();
    DMatrix::from_fn(at.len(), rows[0].len(), |row, column| rows[row][column])
}

/// The information that was observed: less the second derivatives of the log likelihood.
fn information(at: &[f64], units: &impl Fn(&[f64]) -> Vec<f64>) -> DMatrix<f64> {
    let gradient_at = |index: usize, by: f64| {
        let mut there = at.to_vec();
        there[index] += by;
        scores(&there, units).column_sum()
    };
    let columns: Vec<DVector<f64>> = (0..at.len())
        .map(|index| (gradient_at(index, -WIDE_STEP) - gradient_at(index, WIDE_STEP)) / (2.0 * WIDE_STEP))
        .collect();
    let raw = DMatrix::from_columns(&columns);
    (&raw + raw.transpose()) * 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_normal_sample_has_its_mean_and_its_errors() {
        let sample: Vec<f64> = (0..200).map(|index| f64::from(index % 20)).collect();
        let units = |at: &[f64]| -> Vec<f64> {
            let (mean, log_sd) = (at[0], at[1]);
            sample.iter().map(|x| -log_sd - 0.5 * ((x - mean) / log_sd.exp()).powi(2)).collect()
        };
        let found = likeliest(&[3.0, 0.0], units).expect("it has a peak");
        let variance: f64 = (0..20).map(|x| (f64::from(x) - 9.5).powi(2)).sum::<f64>() / 20.0;
        assert!((found.at[0] - 9.5).abs() < 1e-4 && (found.at[1] - 0.5 * variance.ln()).abs() < 1e-4);
        // The error of a mean is sd / √n, that of the logarithm of an sd 1 / √(2n).
        assert!((found.covariance[(0, 0)] / (variance / 200.0) - 1.0).abs() < 1e-3);
        assert!((found.covariance[(1, 1)] * 400.0 - 1.0).abs() < 1e-3);
    }
}
