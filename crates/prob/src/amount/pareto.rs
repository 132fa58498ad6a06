//! The Pareto law of the second kind.

use crate::{
    AmountLaw, Family, ParameterError, Stream,
    amount::family::{checked_mean, checked_mean_and_cv},
    amount::{FamilyLaw, SeverityScratch},
    elementary,
    special::ln_gamma,
};

/// The Pareto law of the second kind (Lomax), from zero up.
///
/// # Density
///
/// For `x > 0`,
///
/// ```text
/// f(x) = α / θ (1 + x / θ)^(-α - 1)
/// ```
///
/// with survival `(1 + x / θ)^-α`. Moments of order `α` and above do not exist: the mean is `θ / (α - 1)` for `α > 1`, and the
/// squared coefficient of variation `α / (α - 2)` for `α > 2`.
///
/// # Example
///
/// ```
/// use twosided_prob::{AmountLaw, Pareto};
///
/// let law = Pareto::of_shape(20_000.0, 1.5)?;
/// assert_eq!(law.variance(), f64::INFINITY);
/// // Above any amount the excess is again a Pareto, of a mean that grows in line.
/// let mean_excess = law.excess_mean(30_000.0) / law.survival(30_000.0);
/// assert!((mean_excess - (20_000.0 + 30_000.0 / 0.5)).abs() < 1e-6);
/// # Ok::<(), twosided_prob::ParameterError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pareto {
    /// Tail index `α`, above zero: moments of this order and above do not exist.
    pub shape: f64,
    /// Scale `θ` in dollars, above zero.
    pub scale: f64,
}

impl Pareto {
    /// A Pareto by its mean and coefficient of variation.
    ///
    /// # Errors
    /// A mean that is not from 1e-6 to 1e12, or a cv that is not above 1 and at most 100.
    pub fn new(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        let (mean, cv) = checked_mean_and_cv(mean, cv)?;
        if cv <= 1.0 {
            let expected = "a Pareto's cv is above 1; give `shape` instead for a tail without variance";
            return Err(ParameterError { parameter: "cv", value: cv, expected });
        }
        let square = cv * cv;
        Self::of_shape(mean, 2.0 * square / (square - 1.0))
    }

    /// A Pareto by its mean and tail index.
    ///
    /// # Errors
    /// A mean that is not from 1e-6 to 1e12, or a shape of 1 or below, which has no mean, or above 1e6.
    pub fn of_shape(mean: f64, shape: f64) -> Result<Self, ParameterError> {
        let mean = checked_mean(mean)?;
        if !(shape > 1.0 && shape <= 1e6) {
            let expected = "a Pareto's shape (tail index) is above 1, or its mean does not exist";
            return Err(ParameterError { parameter: "shape", value: shape, expected });
        }
        Ok(Self { shape, scale: mean * (shape - 1.0) })
    }
}

/// `(w^p - 1) / p`, which is `ln w` at zero.
fn power_integral(w: f64, p: f64) -> f64 {
    if p == 0.0 { libm::log(w) } else { libm::expm1(p * libm::log(w)) / p }
}

impl AmountLaw for Pareto {
    fn mean(&self) -> f64 {
        if self.shape > 1.0 { self.scale / (self.shape - 1.0) } else { f64::INFINITY }
    }

    fn variance(&self) -> f64 {
        let sd = self.mean() * self.cv();
        sd * sd
    }

    fn relative_moment(&self, order: f64) -> f64 {
        let moment = ln_gamma(self.shape - order) + ln_gamma(1.0 + order) - ln_gamma(self.shape);
        libm::exp(moment + order * libm::log(self.shape - 1.0))
    }

    fn tail_index(&self) -> f64 {
        self.shape
    }

    fn log_densities(&self, amounts: &[f64], _: &[f64]) -> Vec<f64> {
        let constant = libm::log(self.shape) - libm::log(self.scale);
        let of = |x: &f64| constant - (self.shape + 1.0) * libm::log1p(x / self.scale);
        amounts.iter().map(of).collect()
    }

    fn cdf(&self, x: f64) -> f64 {
        if x > 0.0 { -libm::expm1(-self.shape * libm::log1p(x / self.scale)) } else { 0.0 }
    }

    fn survival(&self, x: f64) -> f64 {
        if x > 0.0 { libm::exp(-self.shape * libm::log1p(x / self.scale)) } else { 1.0 }
    }

    fn limited_mean(&self, x: f64) -> f64 {
        if x > 0.0 { self.scale * power_integral(1.0 + x / self.scale, 1.0 - self.shape) } else { x }
    }

    fn excess_mean(&self, x: f64) -> f64 {
        if x > 0.0 { self.mean() * (1.0 + x / self.scale) * self.survival(x) } else { self.mean() - x }
    }

    /// Draw order: one batch of uniforms, by inverse survival.
    fn fill(&self, stream: &mut Stream, out: &mut [f64], _: &mut SeverityScratch) {
        let (power, scale) = (-1.0 / self.shape, self.scale);
        stream.fill_uniforms(
            out,
            #[inline(always)]
            |survival| scale * (elementary::exp(power * elementary::ln(survival)) - 1.0),
        );
    }
}

impl FamilyLaw for Pareto {
    fn key(&self) -> &'static str {
        "pareto"
    }

    fn name(&self) -> &'static str {
        "Pareto"
    }

    fn cv(&self) -> f64 {
        if self.shape > 2.0 { (self.shape / (self.shape - 2.0)).sqrt() } else { f64::INFINITY }
    }

    fn second(&self) -> (&'static str, f64) {
        ("shape", self.shape)
    }

    fn restated(&self, number: &dyn Fn(f64) -> f64) -> Result<Family, ParameterError> {
        // Of a shape without a mean, the shape is what is wrong.
        let mean = if self.shape > 1.0 { number(self.mean()) } else { 1.0 };
        Family::pareto_of_shape(mean, number(self.shape))
    }

    fn scaled(&self, factor: f64) -> Family {
        Family::Pareto(Self { scale: self.scale * factor, ..*self })
    }

    fn partial_mean(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let survival = self.survival(x);
        if self.shape <= 1.0 {
            return self.limited_mean(x) - x * survival;
        }
        let limited_mean = self.mean() * (1.0 - (1.0 + x / self.scale) * survival);
        limited_mean - x * survival
    }

    fn partial_square(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        // ∫ t S(t) dt from 0 to x, with w = 1 + t / θ.
        let w = 1.0 + x / self.scale;
        let integral = power_integral(w, 2.0 - self.shape) - power_integral(w, 1.0 - self.shape);
        2.0 * self.scale * self.scale * integral - x * x * self.survival(x)
    }
}
