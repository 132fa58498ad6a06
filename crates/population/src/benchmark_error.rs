//! The errors of benchmarks, of one that goes on and of one that is set anew.

use crate::Factor;

/// Scores of factors that move benchmarks alone, from year to year.
///
/// A benchmark that is set anew begins with an error of its own: what is new of the factor's score in that year, at its full spread.
/// From then on it persists as the factor does.
#[derive(Default)]
pub(crate) struct BenchmarkErrors {
    /// For each such factor: its score in the last year, then by the year in which a benchmark was set.
    scores: Vec<Vec<f64>>,
}

impl BenchmarkErrors {
    /// What the errors make of this year's benchmarks, by the year in which they were set, the first year first; nothing where no
    /// factor moves benchmarks alone.
    pub(crate) fn next(&mut self, factors: &[Factor], scores: &[f64]) -> Vec<f64> {
        let of_benchmarks = || factors.iter().zip(scores).filter(|(factor, _)| factor.is_benchmark_error());
        self.scores.resize(of_benchmarks().count(), Vec::new());
        let mut errors = Vec::new();
        for ((factor, &score), by_year) in of_benchmarks().zip(&mut self.scores) {
            if let Some(&before) = by_year.first() {
                let kept = factor.persistence;
                let new = score - kept * before;
                for score in &mut *by_year {
                    *score = kept * *score + new;
                }
                by_year.push(new / (1.0 - kept * kept).sqrt());
            } else {
                by_year.push(score);
            }
            errors.resize(by_year.len(), 1.0);
            for (error, &score) in errors.iter_mut().zip(&*by_year) {
                *error *= factor.benchmark_at(score);
            }
        }
        errors
    }
}
