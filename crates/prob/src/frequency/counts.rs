//! Counts of people who can have events: Poisson, or negative binomial.

use crate::special::{beta_lower, gamma_lower, ln_gamma};

/// Longest table of counts kept; a law that needs more is refused.
pub(super) const LONGEST_TABLE: u32 = 100_000;
/// A probability that is left out of a table.
const NEGLIGIBLE: f64 = 1e-18;

/// A Poisson, or with a dispersion a negative binomial, of those who can have events.
pub(super) struct Counts {
    pub(super) mean: f64,
    pub(super) dispersion: Option<f64>,
    pub(super) zero_inflation: f64,
}

impl Counts {
    /// Natural logarithm of the probability of a count.
    pub(super) fn log_probability(&self, count: u32) -> f64 {
        let (k, mean) = (f64::from(count), self.mean);
        let Some(dispersion) = self.dispersion else { return k * libm::log(mean) - mean - ln_gamma(k + 1.0) };
        let log_success = -libm::log1p(mean / dispersion);
        let log_failure = -libm::log1p(dispersion / mean);
        ln_gamma(dispersion + k) - ln_gamma(dispersion) - ln_gamma(k + 1.0) + dispersion * log_success + k * log_failure
    }

    /// Probability of more than so many.
    ///
    /// ```text
    /// Poisson:            P(k + 1, μ), the lower gamma probability
    /// negative binomial:  I(k + 1, r; μ / (r + μ)), the beta probability
    /// ```
    pub(super) fn survival(&self, count: u32) -> f64 {
        let k = f64::from(count);
        match self.dispersion {
            None => gamma_lower(k + 1.0, self.mean),
            Some(r) => beta_lower(k + 1.0, r, self.mean / (r + self.mean)),
        }
    }

    /// Mean of counts cut at so many.
    ///
    /// ```text
    /// E[min(N, n)] = E[N; N < n] + n P(N >= n),  E[N; N < n] = μ P(N' < n - 1)
    /// ```
    /// where `N'` is the same Poisson, or the negative binomial of the same odds whose dispersion is larger by one.
    pub(super) fn limited_mean(&self, limit: u32) -> f64 {
        let at_least = |counts: &Self, n: u32| if n == 0 { 1.0 } else { counts.survival(n - 1) };
        if limit == 0 {
            return 0.0;
        }
        let larger = self.dispersion.map(|r| r + 1.0);
        let mean = self.mean * self.dispersion.map_or(1.0, |r| (r + 1.0) / r);
        let shifted = Self { mean, dispersion: larger, zero_inflation: 0.0 };
        self.mean * (1.0 - at_least(&shifted, limit - 1)) + f64::from(limit) * at_least(self, limit)
    }

    /// Mean of the square.
    pub(super) fn mean_square(&self) -> f64 {
        self.mean + self.mean * self.mean * (1.0 + self.dispersion.map_or(0.0, f64::recip))
    }

    /// Whether the probabilities, which fall from the mean on, are negligible at a count. A negative binomial of a tiny
    /// dispersion is almost always zero, and then its terms are small long before they fade: each must be a factor below
    /// the one before, and as many factors negligible.
    pub(super) fn fade_within(&self, count: u32) -> bool {
        let log_factor = self.dispersion.map_or(f64::NEG_INFINITY, |dispersion| -libm::log1p(dispersion / self.mean));
        self.mean < f64::from(count)
            && self.log_probability(count) < libm::log(NEGLIGIBLE)
            && f64::from(count) * log_factor < libm::log(NEGLIGIBLE)
    }

    /// Probabilities of the counts from zero up, everyone counted.
    pub(super) fn probabilities(&self) -> Vec<f64> {
        let mut probabilities = Vec::new();
        let mut total = 0.0;
        for count in 0..=LONGEST_TABLE {
            let probability = libm::exp(self.log_probability(count));
            probabilities.push(probability);
            total += probability;
            // Past the mean the terms fall; what is left is below the resolution of a double next to one.
            if f64::from(count) > self.mean && probability < NEGLIGIBLE * total.max(1e-300) {
                break;
            }
        }
        for probability in &mut probabilities {
            *probability *= (1.0 - self.zero_inflation) / total;
        }
        probabilities[0] += self.zero_inflation;
        probabilities
    }
}
