//! Families of positive continuous laws, by mean and coefficient of variation.

use crate::{
    ParameterError, Stream, elementary,
    special::{gamma_lower, gamma_upper, ln_gamma},
    upper_probability,
};

/// A two-parameter law of positive amounts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Family {
    /// `exp(location + scale * normal)`.
    Lognormal {
        /// Mean of the logarithm.
        location: f64,
        /// Standard deviation of the logarithm.
        scale: f64,
    },
    /// Gamma.
    Gamma {
        /// Shape, `1 / cv²`.
        shape: f64,
        /// Dollars; mean over shape.
        scale: f64,
    },
    /// Weibull: survival `exp(-(x / scale)^shape)`.
    Weibull {
        /// Below 1 for a tail heavier than exponential.
        shape: f64,
        /// Dollars.
        scale: f64,
    },
    /// Pareto of the second kind (Lomax): survival `(1 + x / scale)^-shape`, from zero up.
    Pareto {
        /// Tail index: moments of this order and above do not exist.
        shape: f64,
        /// Dollars.
        scale: f64,
    },
}

const MEAN: &str = "a mean is dollars, from 1e-6 to 1e12";
const CV: &str = "cv is the standard deviation over the mean, from 1e-6 to 100";

fn checked_mean(mean: f64) -> Result<f64, ParameterError> {
    if (1e-6..=1e12).contains(&mean) {
        Ok(mean)
    } else {
        Err(ParameterError { parameter: "mean", value: mean, expected: MEAN })
    }
}

fn checked(mean: f64, cv: f64) -> Result<(f64, f64), ParameterError> {
    let mean = checked_mean(mean)?;
    if !(1e-6..=100.0).contains(&cv) {
        return Err(ParameterError { parameter: "cv", value: cv, expected: CV });
    }
    Ok((mean, cv))
}

impl Family {
    /// Tail index: moments of this order and above do not exist. Infinite where all exist.
    pub const fn tail_index(&self) -> f64 {
        match self {
            Self::Pareto { shape, .. } => *shape,
            Self::Lognormal { .. } | Self::Gamma { .. } | Self::Weibull { .. } => f64::INFINITY,
        }
    }

    /// A lognormal by its mean and coefficient of variation.
    ///
    /// # Errors
    /// A mean that is not from 1e-6 to 1e12, or a cv that is not from 1e-6 to 100.
    pub fn lognormal(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        let (mean, cv) = checked(mean, cv)?;
        let variance = libm::log1p(cv * cv);
        Ok(Self::Lognormal { location: libm::log(mean) - 0.5 * variance, scale: variance.sqrt() })
    }

    /// A gamma by its mean and coefficient of variation.
    ///
    /// # Errors
    /// As for [`Family::lognormal`].
    pub fn gamma(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        let (mean, cv) = checked(mean, cv)?;
        Ok(Self::Gamma { shape: 1.0 / (cv * cv), scale: mean * cv * cv })
    }

    /// A Weibull by its mean and coefficient of variation.
    ///
    /// # Errors
    /// As for [`Family::lognormal`]; a cv below 0.01 or above 50 is refused too.
    pub fn weibull(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        let (mean, cv) = checked(mean, cv)?;
        if !(0.01..=50.0).contains(&cv) {
            return Err(ParameterError {
                parameter: "cv",
                value: cv,
                expected: "a Weibull's cv must be from 0.01 to 50",
            });
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
        Ok(Self::Weibull { shape, scale: mean / libm::exp(ln_gamma(1.0 + 1.0 / shape)) })
    }

    /// A Pareto (of the second kind) by its mean and coefficient of variation.
    ///
    /// # Errors
    /// As for [`Family::lognormal`]; a cv of 1 or below has no Pareto.
    pub fn pareto(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        let (mean, cv) = checked(mean, cv)?;
        if cv <= 1.0 {
            let expected = "a Pareto's cv is above 1; give `shape` instead for a tail without variance";
            return Err(ParameterError { parameter: "cv", value: cv, expected });
        }
        let square = cv * cv;
        Self::pareto_of_shape(mean, 2.0 * square / (square - 1.0))
    }

    /// A Pareto (of the second kind) by its mean and tail index.
    ///
    /// # Errors
    /// A mean out of range, or a shape of 1 or below, which has no mean.
    pub fn pareto_of_shape(mean: f64, shape: f64) -> Result<Self, ParameterError> {
        let mean = checked_mean(mean)?;
        if !(shape > 1.0 && shape <= 1e6) {
            let expected = "a Pareto's shape (tail index) is above 1, or its mean does not exist";
            return Err(ParameterError { parameter: "shape", value: shape, expected });
        }
        Ok(Self::Pareto { shape, scale: mean * (shape - 1.0) })
    }

    /// The law of so many times the amount; the factor is above zero.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        match self {
            Self::Lognormal { location, scale } => Self::Lognormal { location: location + libm::log(factor), scale },
            Self::Gamma { shape, scale } => Self::Gamma { shape, scale: scale * factor },
            Self::Weibull { shape, scale } => Self::Weibull { shape, scale: scale * factor },
            Self::Pareto { shape, scale } => Self::Pareto { shape, scale: scale * factor },
        }
    }

    /// Mean, in dollars.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Lognormal { location, scale } => libm::exp(location + 0.5 * scale * scale),
            Self::Gamma { shape, scale } => shape * scale,
            Self::Weibull { shape, scale } => scale * libm::exp(ln_gamma(1.0 + 1.0 / shape)),
            Self::Pareto { shape, scale } => scale / (shape - 1.0),
        }
    }

    /// Probability of an amount of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        match *self {
            Self::Lognormal { location, scale } => normal_cdf((libm::log(x) - location) / scale),
            Self::Gamma { shape, scale } => gamma_lower(shape, x / scale),
            Self::Weibull { shape, scale } => -libm::expm1(-libm::pow(x / scale, shape)),
            Self::Pareto { shape, scale } => -libm::expm1(-shape * libm::log1p(x / scale)),
        }
    }

    /// Probability of an amount above `x`, as exact far out as near the middle.
    pub fn survival(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 1.0;
        }
        match *self {
            Self::Lognormal { location, scale } => upper_probability((libm::log(x) - location) / scale),
            Self::Gamma { shape, scale } => gamma_upper(shape, x / scale),
            Self::Weibull { shape, scale } => libm::exp(-libm::pow(x / scale, shape)),
            Self::Pareto { shape, scale } => libm::exp(-shape * libm::log1p(x / scale)),
        }
    }

    /// Mean of the amounts of at most `x` times their probability: `E[X; X <= x]`, in dollars.
    pub fn partial_mean(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        match *self {
            Self::Lognormal { location, scale } => self.mean() * normal_cdf((libm::log(x) - location) / scale - scale),
            Self::Gamma { shape, scale } => shape * scale * gamma_lower(shape + 1.0, x / scale),
            Self::Weibull { shape, scale } => self.mean() * gamma_lower(1.0 + 1.0 / shape, libm::pow(x / scale, shape)),
            Self::Pareto { shape, scale } => {
                let survival = self.survival(x);
                let limited_mean = scale / (shape - 1.0) * (1.0 - (1.0 + x / scale) * survival);
                limited_mean - x * survival
            }
        }
    }

    /// Fills a batch with draws.
    ///
    /// Draw order: lognormal, one batch of normals; Weibull and Pareto, one batch of uniforms by inverse survival; gamma,
    /// as [`fill_gammas`].
    pub(crate) fn fill(&self, stream: &mut Stream, out: &mut [f64], uniforms: &mut Vec<f64>) {
        match *self {
            Self::Lognormal { location, scale } => stream.fill_lognormals(location, scale, out),
            Self::Gamma { shape, scale } => fill_gammas(stream, out, uniforms, scale, |_| shape),
            Self::Weibull { shape, scale } => {
                let power = 1.0 / shape;
                stream.fill_uniforms(
                    out,
                    #[inline(always)]
                    |survival| scale * elementary::exp(power * elementary::ln(-elementary::ln(survival))),
                );
            }
            Self::Pareto { shape, scale } => {
                let power = -1.0 / shape;
                stream.fill_uniforms(
                    out,
                    #[inline(always)]
                    |survival| scale * (elementary::exp(power * elementary::ln(survival)) - 1.0),
                );
            }
        }
    }
}

fn normal_cdf(x: f64) -> f64 {
    upper_probability(-x)
}

/// Fills a batch with gammas, the shape of each given by its place.
///
/// Draw order: a batch of normals, a batch of uniforms, then for each place in turn whatever a second try needs (normal,
/// uniform, ...), and one uniform more where the shape is below one.
///
/// # Source
/// \[MT00\]: rejection from the cube of a shifted normal; a shape below one is raised by one and the draw multiplied by
/// `uniform^(1/shape)`.
pub(crate) fn fill_gammas(
    stream: &mut Stream,
    out: &mut [f64],
    uniforms: &mut Vec<f64>,
    scale: f64,
    shape_at: impl Fn(usize) -> f64,
) {
    uniforms.resize(out.len(), 0.0);
    stream.fill_normals(
        out,
        #[inline(always)]
        |normal| normal,
    );
    stream.fill_uniforms(
        uniforms,
        #[inline(always)]
        |uniform| uniform,
    );
    for (index, (x, uniform)) in out.iter_mut().zip(uniforms.iter()).enumerate() {
        let shape = shape_at(index);
        let raised = if shape < 1.0 { shape + 1.0 } else { shape };
        let d = raised - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        let (mut normal, mut uniform) = (*x, *uniform);
        let cube = loop {
            let v = 1.0 + c * normal;
            let square = normal * normal;
            let v = v * v * v;
            if v > 0.0
                && (uniform < 1.0 - 0.0331 * square * square
                    || elementary::ln(uniform) < 0.5 * square + d * (1.0 - v + elementary::ln(v)))
            {
                break v;
            }
            normal = stream.normal();
            uniform = stream.uniform();
        };
        *x = scale * d * cube;
        if shape < 1.0 {
            *x *= elementary::exp(elementary::ln(stream.uniform()) / shape);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, StreamKey};

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
        family.fill(&mut Stream::new(&key), &mut out, &mut Vec::new());
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
    fn the_mean_and_cv_asked_for_are_had() {
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
