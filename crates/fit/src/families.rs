//! Two-parameter families by maximum likelihood and by moments.

use twosided_prob::{Family, Gamma, Lognormal, ParameterError, Pareto, Weibull};

use crate::{
    coordinates::{coordinates_of, family_at},
    observations::Observations,
    search::{least, least_between, zero_between},
    special::digamma,
};

/// Shape of a gamma above which it is not offered: its cv is below 0.001, and its distribution function takes as long as the root
/// of the shape.
const MOST_GAMMA_SHAPE: f64 = 1e6;

/// Why a law is not offered.
pub(crate) type Reason = String;

/// The families that are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FamilyKind {
    Lognormal,
    Gamma,
    Weibull,
    Pareto,
}

impl FamilyKind {
    pub const ALL: [Self; 4] = [Self::Lognormal, Self::Gamma, Self::Weibull, Self::Pareto];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Lognormal => "lognormal",
            Self::Gamma => "gamma",
            Self::Weibull => "weibull",
            Self::Pareto => "pareto",
        }
    }

    /// The member of the family that makes the amounts likeliest.
    ///
    /// # Source
    /// \[KPW19\], chapter 11: the lognormal in closed form, the others by the one equation that is left when the scale (of the
    /// Pareto, the shape) is put in terms of the other number.
    pub fn likeliest(self, data: &Observations) -> Result<Family, Reason> {
        let log_mean = data.mean_of(|at| data.logs[at]);
        match self {
            Self::Lognormal => {
                let variance = data.mean_of(|at| (data.logs[at] - log_mean).powi(2));
                Ok(Family::Lognormal(Lognormal { location: log_mean, scale: variance.sqrt() }))
            }
            Self::Gamma => {
                // ln k - ψ(k) = ln(mean) - mean(ln), which falls in k.
                let gap = data.mean().ln() - log_mean;
                let log_shape = zero_between(-12.0, 25.0, |log_shape| gap - (log_shape - digamma(log_shape.exp())));
                if log_shape > MOST_GAMMA_SHAPE.ln() {
                    return Err("the amounts are too alike for it".to_owned());
                }
                Ok(Family::Gamma(Gamma { shape: log_shape.exp(), scale: data.mean() / log_shape.exp() }))
            }
            Self::Weibull => {
                // Σ x^k ln x / Σ x^k - 1/k = mean(ln), with x over its geometric mean.
                let powers = |shape: f64| {
                    let (mut power, mut product) = (0.0, 0.0);
                    for (log, weight) in data.logs.iter().zip(&data.weights) {
                        let term = weight * (shape * (log - log_mean)).exp();
                        power += term;
                        product += term * (log - log_mean);
                    }
                    (power, product)
                };
                let shape = zero_between(-5.0_f64, 6.0, |log_shape| {
                    let shape = log_shape.exp();
                    let (power, product) = powers(shape);
                    // Sums overflow only far above the root.
                    if power.is_finite() { product / power - 1.0 / shape } else { 1.0 }
                })
                .exp();
                let scale = (log_mean + (powers(shape).0 / data.total()).ln() / shape).exp();
                Ok(Family::Weibull(Weibull { shape, scale }))
            }
            Self::Pareto => {
                let (low, high) = ((1e-4 * data.quantile(0.5)).ln(), (1e3 * data.values[data.len() - 1]).ln());
                let mean_log = |scale: f64| data.mean_of(|at| (data.values[at] / scale).ln_1p());
                let log_scale = least_between(low, high, |log_scale| {
                    let mean_log = mean_log(log_scale.exp());
                    mean_log.ln() + log_scale + mean_log
                });
                if log_scale > high - 1.0 {
                    return Err("the tail is no heavier than exponential".to_owned());
                }
                Ok(Family::Pareto(Pareto { shape: 1.0 / mean_log(log_scale.exp()), scale: log_scale.exp() }))
            }
        }
    }

    /// The member of the family with that mean and coefficient of variation.
    pub fn of_moments(self, mean: f64, cv: f64) -> Result<Family, ParameterError> {
        match self {
            Self::Lognormal => Family::lognormal(mean, cv),
            Self::Gamma => Family::gamma(mean, cv),
            Self::Weibull => Family::weibull(mean, cv),
            Self::Pareto => Family::pareto(mean, cv),
        }
    }
}

/// The likeliest member of a family for amounts that are known to lie at or below a threshold.
pub(crate) fn likeliest_below(kind: FamilyKind, below: &Observations, threshold: f64) -> Result<Family, Reason> {
    let start = kind.likeliest(below)?;
    let (log_mean, mean) = (below.mean_of(|at| below.logs[at]), below.mean());
    let log_variance = below.mean_of(|at| (below.logs[at] - log_mean).powi(2));
    let minus_likelihood = |at: &[f64]| {
        let family = family_at(start, at);
        if matches!(family, Family::Gamma(Gamma { shape, .. }) if shape > MOST_GAMMA_SHAPE) {
            return f64::INFINITY;
        }
        let inside = family.cdf(threshold);
        let at_means = || family.log_densities(&[mean], &[log_mean])[0];
        let density = match family {
            // The log density is a parabola in the logarithm, of curvature one over the squared scale.
            Family::Lognormal(Lognormal { scale, .. }) => at_means() - log_variance / (2.0 * scale * scale),
            // The log density is linear in the amount and its logarithm.
            Family::Gamma(_) => at_means(),
            Family::Weibull(_) | Family::Pareto(_) => {
                let densities = family.log_densities(&below.values, &below.logs);
                below.mean_of(|at| densities[at])
            }
        };
        // Less than a tenth of the body below the threshold is a law far from the amounts.
        if inside > 0.1 { inside.ln() - density } else { f64::INFINITY }
    };
    let found = least(&coordinates_of(start), 0.2, minus_likelihood);
    Ok(family_at(start, &found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> Observations {
        // Quantiles of a lognormal, of unequal weights.
        let law = Family::lognormal(500.0, 1.2).expect("valid parameters");
        Observations::new(
            (0..300)
                .map(|at| {
                    (law.law().quantile_above(1.0 - (f64::from(at) + 0.5) / 300.0), 1.0 + f64::from(at % 3), at as u32)
                })
                .collect(),
        )
    }

    #[test]
    fn no_neighbor_is_likelier() {
        let data = data();
        let likelihood = |family: Family| {
            let rows = family.log_densities(&data.values, &data.logs);
            data.mean_of(|at| rows[at])
        };
        for kind in FamilyKind::ALL {
            let found = kind.likeliest(&data).expect("it is found");
            let [first, second] = coordinates_of(found);
            for (a, b) in [(0.01, 0.0), (-0.01, 0.0), (0.0, 0.01), (0.0, -0.01)] {
                let other = family_at(found, &[first + a, second + b]);
                assert!(likelihood(found) > likelihood(other), "{found:?} and {other:?}");
            }
        }
    }

    #[test]
    fn a_light_tail_is_not_called_pareto() {
        let even = Observations::new((1..200).map(|at| (100.0 + f64::from(at), 1.0, at as u32)).collect());
        assert!(FamilyKind::Pareto.likeliest(&even).is_err());
    }
}
