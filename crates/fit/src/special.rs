//! Functions of estimation: of the normal law, of the gamma law's likelihood, and of shares.

pub(crate) use statrs::function::gamma::digamma;
use twosided_prob::upper_score;

/// Where a standard normal has that probability below it; infinite at 0 and 1.
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    -upper_score(probability)
}

/// Density of the standard normal.
pub(crate) fn normal_density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt()
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
    fn functions_undo_each_other() {
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-9);
        assert!((logit(logistic(0.3)) - 0.3).abs() < 1e-12);
    }
}
