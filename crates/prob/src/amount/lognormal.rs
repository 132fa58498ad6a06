//! The lognormal law.

use crate::{
    AmountLaw, Family, ParameterError, Stream,
    amount::family::checked_mean_and_cv,
    amount::{FamilyLaw, SeverityScratch},
    special::{HALF_LN_TWO_PI, normal_cdf},
    upper_probability, upper_score,
};

/// The lognormal law: the logarithm of the amount is normal.
///
/// # Density
///
/// For `x > 0`,
///
/// ```text
/// f(x) = 1 / (x σ √(2π)) exp(-(ln x - μ)² / (2 σ²))
/// ```
///
/// with mean `exp(μ + σ² / 2)` and squared coefficient of variation `exp(σ²) - 1`. All moments exist.
///
/// # Example
///
/// ```
/// use twosided_prob::{AmountLaw, Lognormal};
///
/// let law = Lognormal::new(15_000.0, 1.1)?;
/// assert!((law.mean() - 15_000.0).abs() < 1e-6);
/// assert!((law.limited_mean(50_000.0) + law.excess_mean(50_000.0) - 15_000.0).abs() < 1e-6);
/// # Ok::<(), twosided_prob::ParameterError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lognormal {
    /// Mean `μ` of the logarithm.
    pub location: f64,
    /// Standard deviation `σ` of the logarithm, above zero.
    pub scale: f64,
}

impl Lognormal {
    /// A lognormal by its mean and coefficient of variation.
    ///
    /// # Errors
    /// A mean that is not from 1e-6 to 1e12, or a cv that is not from 1e-6 to 100.
    pub fn new(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        let (mean, cv) = checked_mean_and_cv(mean, cv)?;
        let variance = libm::log1p(cv * cv);
        Ok(Self { location: libm::log(mean) - 0.5 * variance, scale: variance.sqrt() })
    }

    /// Standard deviations by which the logarithm of an amount above zero lies above its mean.
    fn score(&self, x: f64) -> f64 {
        (libm::log(x) - self.location) / self.scale
    }
}

impl AmountLaw for Lognormal {
    fn mean(&self) -> f64 {
        libm::exp(self.location + 0.5 * self.scale * self.scale)
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        mean * mean * libm::expm1(self.scale * self.scale)
    }

    fn relative_moment(&self, order: f64) -> f64 {
        libm::exp(0.5 * order * (order - 1.0) * self.scale * self.scale)
    }

    fn log_densities(&self, _: &[f64], logs: &[f64]) -> Vec<f64> {
        let constant = -libm::log(self.scale) - HALF_LN_TWO_PI;
        let of = |&log: &f64| {
            let z = (log - self.location) / self.scale;
            constant + (-log - 0.5 * z * z)
        };
        logs.iter().map(of).collect()
    }

    fn cdf(&self, x: f64) -> f64 {
        if x > 0.0 { normal_cdf(self.score(x)) } else { 0.0 }
    }

    fn survival(&self, x: f64) -> f64 {
        if x > 0.0 { upper_probability(self.score(x)) } else { 1.0 }
    }

    fn limited_mean(&self, x: f64) -> f64 {
        self.partial_mean(x) + x * self.survival(x)
    }

    fn excess_mean(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return self.mean() - x;
        }
        let score = self.score(x);
        self.mean() * upper_probability(score - self.scale) - x * upper_probability(score)
    }

    fn quantile_above(&self, probability: f64) -> f64 {
        let score = upper_score(probability.clamp(1e-15, 1.0 - 1e-15));
        libm::exp(self.location + self.scale * score)
    }

    fn quantile_near(&self, probability: f64, _: f64) -> f64 {
        self.quantile_above(probability)
    }

    /// Draw order: one batch of normals.
    fn fill(&self, stream: &mut Stream, out: &mut [f64], _: &mut SeverityScratch) {
        stream.fill_lognormals(self.location, self.scale, out);
    }
}

impl FamilyLaw for Lognormal {
    fn key(&self) -> &'static str {
        "lognormal"
    }

    fn cv(&self) -> f64 {
        libm::expm1(self.scale * self.scale).sqrt()
    }

    fn restated(&self, number: &dyn Fn(f64) -> f64) -> Result<Family, ParameterError> {
        Family::lognormal(number(self.mean()), number(self.cv()))
    }

    fn scaled(&self, factor: f64) -> Family {
        Family::Lognormal(Self { location: self.location + libm::log(factor), ..*self })
    }

    fn partial_mean(&self, x: f64) -> f64 {
        if x > 0.0 { self.mean() * normal_cdf(self.score(x) - self.scale) } else { 0.0 }
    }

    fn partial_square(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let square = libm::exp(2.0 * self.location + 2.0 * self.scale * self.scale);
        square * normal_cdf(self.score(x) - 2.0 * self.scale)
    }
}
