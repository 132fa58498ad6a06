//! The Weibull law.

use crate::{
    AmountLaw, Family, ParameterError, Stream,
    amount::family::checked_mean_and_cv,
    amount::{FamilyLaw, SeverityScratch},
    elementary,
    special::{gamma_lower, gamma_upper, ln_gamma},
};

/// The Weibull law: a power of an exponential amount.
///
/// # Density
///
/// For `x > 0`,
///
/// ```text
/// f(x) = k / θ (x / θ)^(k - 1) exp(-(x / θ)^k)
/// ```
///
/// with mean `θ Γ(1 + 1/k)` and survival `exp(-(x / θ)^k)`. A shape of 1 is the exponential law; below 1 the tail is heavier.
/// All moments exist.
///
/// # Example
///
/// ```
/// use twosided_prob::{AmountLaw, Weibull};
///
/// let law = Weibull { shape: 0.5, scale: 1_000.0 };
/// assert!((law.mean() - 2_000.0).abs() < 1e-9);
/// assert!((law.survival(4_000.0) - (-2.0_f64).exp()).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weibull {
    /// Shape `k`, above zero: below 1 for a tail heavier than exponential.
    pub shape: f64,
    /// Scale `θ` in dollars, above zero.
    pub scale: f64,
}

impl Weibull {
    /// A Weibull by its mean and coefficient of variation.
    ///
    /// # Errors
    /// A mean that is not from 1e-6 to 1e12, or a cv that is not from 0.01 to 50.
    pub fn new(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        let (mean, cv) = checked_mean_and_cv(mean, cv)?;
        if !(0.01..=50.0).contains(&cv) {
            let expected = "a Weibull's cv must be from 0.01 to 50";
            return Err(ParameterError { parameter: "cv", value: cv, expected });
        }
        // 1 + cv² = Γ(1 + 2/k) / Γ(1 + 1/k)², which falls as k grows: bisect on ln k.
        let target = libm::log1p(cv * cv);
        let excess = |log_shape: f64| {
            let inverse = libm::exp(-log_shape);
            ln_gamma(1.0 + 2.0 * inverse) - 2.0 * ln_gamma(1.0 + inverse) - target
        };
        let (mut low, mut high) = (-4.0, 6.0);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if excess(middle) > 0.0 { low = middle } else { high = middle }
        }
        let shape = libm::exp(0.5 * (low + high));
        Ok(Self { shape, scale: mean / libm::exp(ln_gamma(1.0 + 1.0 / shape)) })
    }

    /// `(x / θ)^k`, which is exponential of mean one.
    fn power(&self, x: f64) -> f64 {
        libm::pow(x / self.scale, self.shape)
    }
}

impl AmountLaw for Weibull {
    fn mean(&self) -> f64 {
        self.scale * libm::exp(ln_gamma(1.0 + 1.0 / self.shape))
    }

    fn variance(&self) -> f64 {
        let sd = self.mean() * self.cv();
        sd * sd
    }

    fn relative_moment(&self, order: f64) -> f64 {
        libm::exp(ln_gamma(1.0 + order / self.shape) - order * ln_gamma(1.0 + 1.0 / self.shape))
    }

    fn log_densities(&self, _: &[f64], logs: &[f64]) -> Vec<f64> {
        let (shape, log_scale) = (self.shape, libm::log(self.scale));
        let constant = libm::log(shape) - shape * log_scale;
        let of = |&log: &f64| constant + ((shape - 1.0) * log - libm::exp(shape * (log - log_scale)));
        logs.iter().map(of).collect()
    }

    fn cdf(&self, x: f64) -> f64 {
        if x > 0.0 { -libm::expm1(-self.power(x)) } else { 0.0 }
    }

    fn survival(&self, x: f64) -> f64 {
        if x > 0.0 { libm::exp(-self.power(x)) } else { 1.0 }
    }

    fn limited_mean(&self, x: f64) -> f64 {
        self.partial_mean(x) + x * self.survival(x)
    }

    fn excess_mean(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return self.mean() - x;
        }
        (self.mean() * gamma_upper(1.0 + 1.0 / self.shape, self.power(x)) - x * self.survival(x)).max(0.0)
    }

    /// Draw order: one batch of uniforms, by inverse survival.
    fn fill(&self, stream: &mut Stream, out: &mut [f64], _: &mut SeverityScratch) {
        let (power, scale) = (1.0 / self.shape, self.scale);
        stream.fill_uniforms(
            out,
            #[inline(always)]
            |survival| scale * elementary::exp(power * elementary::ln(-elementary::ln(survival))),
        );
    }
}

impl FamilyLaw for Weibull {
    fn key(&self) -> &'static str {
        "weibull"
    }

    fn name(&self) -> &'static str {
        "Weibull"
    }

    fn cv(&self) -> f64 {
        libm::expm1(ln_gamma(1.0 + 2.0 / self.shape) - 2.0 * ln_gamma(1.0 + 1.0 / self.shape)).sqrt()
    }

    fn restated(&self, number: &dyn Fn(f64) -> f64) -> Result<Family, ParameterError> {
        Family::weibull(number(self.mean()), number(self.cv()))
    }

    fn scaled(&self, factor: f64) -> Family {
        Family::Weibull(Self { scale: self.scale * factor, ..*self })
    }

    fn partial_mean(&self, x: f64) -> f64 {
        if x > 0.0 { self.mean() * gamma_lower(1.0 + 1.0 / self.shape, self.power(x)) } else { 0.0 }
    }

    fn partial_square(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let order = 1.0 + 2.0 / self.shape;
        self.scale * self.scale * libm::exp(ln_gamma(order)) * gamma_lower(order, self.power(x))
    }
}
