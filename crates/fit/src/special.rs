//! The normal law and the functions of the gamma law's likelihood.

pub(crate) use statrs::function::gamma::{digamma, ln_gamma};
use twosided_prob::{upper_probability, upper_score};

/// `ln(2π) / 2`.
pub(crate) const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;

/// Probability that a standard normal is at most `x`.
pub(crate) fn normal_cdf(x: f64) -> f64 {
    upper_probability(-x)
}

/// Where a standard normal has that probability below it; infinite at 0 and 1.
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    -upper_score(probability)
}

/// Density of the standard normal.
pub(crate) fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x - HALF_LN_TWO_PI).exp()
}

/// The logistic function.
pub(crate) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Its inverse.
pub(crate) fn logit(share: f64) -> f64 {
    (share / (1.0 - share)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_undoes_the_cdf() {
        for x in [-6.0, -1.0, 0.0, 0.5, 3.0] {
            assert!((normal_quantile(normal_cdf(x)) - x).abs() < 1e-8, "{x}");
        }
        assert!((logit(logistic(0.3)) - 0.3).abs() < 1e-12);
    }
}
