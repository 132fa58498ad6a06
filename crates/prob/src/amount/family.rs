//! The families that a file states by a mean and one number more.

use super::{FamilyLaw, Gamma, Lognormal, Pareto, Weibull};
use crate::ParameterError;

/// A two-parameter law of positive amounts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Family {
    /// `exp(location + scale * normal)`.
    Lognormal(Lognormal),
    /// Gamma.
    Gamma(Gamma),
    /// Weibull: survival `exp(-(x / scale)^shape)`.
    Weibull(Weibull),
    /// Pareto of the second kind (Lomax): survival `(1 + x / scale)^-shape`, from zero up.
    Pareto(Pareto),
}

const MEAN: &str = "a mean is dollars, from 1e-6 to 1e12";
const CV: &str = "cv is the standard deviation over the mean, from 1e-6 to 100";

/// A mean that any family can have.
pub(super) fn checked_mean(mean: f64) -> Result<f64, ParameterError> {
    if (1e-6..=1e12).contains(&mean) {
        Ok(mean)
    } else {
        Err(ParameterError { parameter: "mean", value: mean, expected: MEAN })
    }
}

/// A mean and a coefficient of variation that a family can have.
pub(super) fn checked_mean_and_cv(mean: f64, cv: f64) -> Result<(f64, f64), ParameterError> {
    let mean = checked_mean(mean)?;
    if !(1e-6..=100.0).contains(&cv) {
        return Err(ParameterError { parameter: "cv", value: cv, expected: CV });
    }
    Ok((mean, cv))
}

impl Family {
    /// A lognormal by its mean and coefficient of variation.
    ///
    /// # Errors
    /// As for [`Lognormal::new`].
    pub fn lognormal(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        Lognormal::new(mean, cv).map(Self::Lognormal)
    }

    /// A gamma by its mean and coefficient of variation.
    ///
    /// # Errors
    /// As for [`Gamma::new`].
    pub fn gamma(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        Gamma::new(mean, cv).map(Self::Gamma)
    }

    /// A Weibull by its mean and coefficient of variation.
    ///
    /// # Errors
    /// As for [`Weibull::new`].
    pub fn weibull(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        Weibull::new(mean, cv).map(Self::Weibull)
    }

    /// A Pareto (of the second kind) by its mean and coefficient of variation.
    ///
    /// # Errors
    /// As for [`Pareto::new`].
    pub fn pareto(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        Pareto::new(mean, cv).map(Self::Pareto)
    }

    /// A Pareto (of the second kind) by its mean and tail index.
    ///
    /// # Errors
    /// As for [`Pareto::of_shape`].
    pub fn pareto_of_shape(mean: f64, shape: f64) -> Result<Self, ParameterError> {
        Pareto::of_shape(mean, shape).map(Self::Pareto)
    }

    /// The law itself, which answers everything.
    pub fn law(&self) -> &dyn FamilyLaw {
        match self {
            Self::Lognormal(law) => law,
            Self::Gamma(law) => law,
            Self::Weibull(law) => law,
            Self::Pareto(law) => law,
        }
    }

    /// The family's key in a file.
    pub fn key(&self) -> &'static str {
        self.law().key()
    }

    /// The two numbers by which a file states the law, under their keys.
    pub fn parameters(&self) -> [(&'static str, f64); 2] {
        [("mean", self.mean()), self.law().second()]
    }

    /// The law whose stated numbers are these after a function, such as rounding.
    ///
    /// # Errors
    /// A number that the law cannot have.
    pub fn restated(&self, number: &dyn Fn(f64) -> f64) -> Result<Self, ParameterError> {
        self.law().restated(number)
    }

    /// The law of the amount times a factor; the factor is above zero.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        self.law().scaled(factor)
    }

    /// Tail index: moments of this order and above do not exist. Infinite where all exist.
    pub fn tail_index(&self) -> f64 {
        self.law().tail_index()
    }

    /// Mean, in dollars; infinite where there is none.
    pub fn mean(&self) -> f64 {
        self.law().mean()
    }

    /// Natural logarithms of the densities of amounts above zero, given with their own logarithms.
    pub fn log_densities(&self, amounts: &[f64], logs: &[f64]) -> Vec<f64> {
        self.law().log_densities(amounts, logs)
    }

    /// Probability of an amount of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.law().cdf(x)
    }

    /// Probability of an amount above `x`, as exact far out as near the middle.
    pub fn survival(&self, x: f64) -> f64 {
        self.law().survival(x)
    }

    /// Mean of the amounts of at most `x` times their probability: `E[X; X <= x]`, in dollars.
    pub fn partial_mean(&self, x: f64) -> f64 {
        self.law().partial_mean(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, SeverityScratch, Stream, StreamKey};

    fn families() -> [Family; 7] {
        [
            Family::lognormal(15_000.0, 1.1),
            Family::gamma(900.0, 0.8),
            Family::gamma(900.0, 2.5),
            Family::weibull(4_000.0, 2.2),
            Family::weibull(4_000.0, 0.5),
            Family::pareto(20_000.0, 1.8),
            Family::pareto_of_shape(20_000.0, 1.5),
        ]
        .map(|family| family.expect("valid parameters"))
    }

    fn draws(family: Family, n: usize) -> Vec<f64> {
        let key = StreamKey { seed: 11, purpose: Purpose::Severity, segment: 0, service: 0, trial: 0, year: 0 };
        let mut out = vec![0.0; n];
        family.law().fill(&mut Stream::new(&key), &mut out, &mut SeverityScratch::default());
        out
    }

    /// Kolmogorov and Smirnov at 0.001: 1.95 over the root of the sample size.
    #[test]
    fn draws_follow_their_law() {
        for family in families() {
            let mut sample = draws(family, 200_000);
            sample.sort_by(f64::total_cmp);
            let n = sample.len() as f64;
            let distance = sample
                .iter()
                .enumerate()
                .map(|(rank, &x)| (family.cdf(x) - (rank as f64 + 0.5) / n).abs() + 0.5 / n)
                .fold(0.0, f64::max);
            assert!(distance < 1.95 / n.sqrt(), "{family:?}: KS distance {distance}");
        }
    }

    #[test]
    fn families_have_the_mean_and_cv_asked_for() {
        // By quadrature of survival: E[X] = ∫ S, E[X²] = ∫ 2 x S, on a grid even in ln x.
        for (family, mean, cv) in [
            (Family::lognormal(15_000.0, 1.1), 15_000.0, 1.1),
            (Family::gamma(900.0, 0.8), 900.0, 0.8),
            (Family::weibull(4_000.0, 2.2), 4_000.0, 2.2),
            (Family::weibull(4_000.0, 0.5), 4_000.0, 0.5),
            (Family::pareto(20_000.0, 1.3), 20_000.0, 1.3),
        ] {
            let family = family.expect("valid parameters");
            assert!((family.mean() / mean - 1.0).abs() < 1e-9, "{family:?}");
            let step: f64 = 1e-3;
            let (mut first, mut second) = (0.0, 0.0);
            for point in -30_000..40_000 {
                let x = (step * f64::from(point)).exp();
                let survival = 1.0 - family.cdf(x);
                first += survival * x * step;
                second += 2.0 * survival * x * x * step;
            }
            assert!((first / mean - 1.0).abs() < 1e-3, "{family:?}: mean {first}");
            let our_cv = (second / (first * first) - 1.0).sqrt();
            assert!((our_cv / cv - 1.0).abs() < 1e-2, "{family:?}: cv {our_cv}");
        }
    }

    #[test]
    fn partial_means_agree_with_draws() {
        for family in families() {
            let cut = 2.0 * family.mean();
            let sample = draws(family, 200_000);
            let parts: Vec<f64> = sample.iter().map(|&x| if x <= cut { x } else { 0.0 }).collect();
            let n = parts.len() as f64;
            let mean = parts.iter().sum::<f64>() / n;
            let variance = parts.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            let z = (mean - family.partial_mean(cut)) / (variance / n).sqrt();
            assert!(z.abs() < 4.0, "{family:?}: {z:.1} standard errors");
        }
    }

    #[test]
    fn impossible_parameters_are_refused() {
        assert!(Family::lognormal(-1.0, 1.0).is_err());
        assert!(Family::lognormal(1.0, f64::NAN).is_err());
        assert!(Family::gamma(1.0, 0.0).is_err());
        assert!(Family::weibull(1.0, 60.0).is_err());
        assert!(Family::pareto(1.0, 0.9).is_err());
        assert!(Family::pareto_of_shape(1.0, 1.0).is_err());
    }
}
