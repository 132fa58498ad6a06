//! Laws of cost as they are fitted: densities, quantiles, and the numbers that a population file states.

use twosided_prob::{Family, ParameterError, Severity};

use crate::special::{HALF_LN_TWO_PI, ln_gamma, logistic, logit, normal_cdf};

/// A law of positive amounts.
#[derive(Clone, Debug, PartialEq)]
pub enum Law {
    /// One family.
    Family(Family),
    /// Lognormals: weight, mean and standard deviation of the logarithm.
    Mixture(Vec<[f64; 3]>),
    /// A body up to a threshold and a Pareto tail of excesses.
    Spliced {
        /// Cut off at the threshold.
        body: Family,
        /// Of the excess.
        tail: Family,
        /// Dollars.
        threshold: f64,
        /// Probability of the tail.
        tail_weight: f64,
    },
    /// Quantiles, as probability and dollars, where there is too little for a law.
    Empirical(Vec<[f64; 2]>),
}

/// A number of a law under its key in a population file.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The key; of a part of the law with its place, as `component 1 mean`.
    pub name: String,
    /// The number.
    pub value: f64,
}

/// The two numbers of a family on scales without bounds: location or log shape, and log scale.
pub(crate) fn coordinates_of(family: Family) -> [f64; 2] {
    match family {
        Family::Lognormal { location, scale } => [location, scale.ln()],
        Family::Gamma { shape, scale } | Family::Weibull { shape, scale } | Family::Pareto { shape, scale } => {
            [shape.ln(), scale.ln()]
        }
    }
}

/// A family of the same kind at other coordinates.
pub(crate) fn family_at(kind: Family, at: &[f64]) -> Family {
    let scale = at[1].exp();
    match kind {
        Family::Lognormal { .. } => Family::Lognormal { location: at[0], scale },
        Family::Gamma { .. } => Family::Gamma { shape: at[0].exp(), scale },
        Family::Weibull { .. } => Family::Weibull { shape: at[0].exp(), scale },
        Family::Pareto { .. } => Family::Pareto { shape: at[0].exp(), scale },
    }
}

/// The log density of a family, with what does not depend on the amount worked out once.
pub(crate) fn log_density(family: Family) -> impl Fn(f64, f64) -> f64 {
    let constant = match family {
        Family::Lognormal { scale, .. } => -scale.ln() - HALF_LN_TWO_PI,
        Family::Gamma { shape, scale } => -ln_gamma(shape) - shape * scale.ln(),
        Family::Weibull { shape, scale } => shape.ln() - shape * scale.ln(),
        Family::Pareto { shape, scale } => shape.ln() - scale.ln(),
    };
    move |x, log_x| {
        constant
            + match family {
                Family::Lognormal { location, scale } => {
                    let z = (log_x - location) / scale;
                    -log_x - 0.5 * z * z
                }
                Family::Gamma { shape, scale } => (shape - 1.0) * log_x - x / scale,
                Family::Weibull { shape, scale } => (shape - 1.0) * log_x - (shape * (log_x - scale.ln())).exp(),
                Family::Pareto { shape, scale } => -(shape + 1.0) * (x / scale).ln_1p(),
            }
    }
}

/// Standard deviation over mean of a family.
fn cv_of(family: Family) -> f64 {
    match family {
        Family::Lognormal { scale, .. } => (scale * scale).exp_m1().sqrt(),
        Family::Gamma { shape, .. } => shape.recip().sqrt(),
        Family::Weibull { shape, .. } => {
            (ln_gamma(1.0 + 2.0 / shape) - 2.0 * ln_gamma(1.0 + 1.0 / shape)).exp_m1().sqrt()
        }
        Family::Pareto { shape, .. } if shape > 2.0 => (shape / (shape - 2.0)).sqrt(),
        Family::Pareto { .. } => f64::INFINITY,
    }
}

/// The second number by which a population file states a family: the shape of a Pareto, the cv of any other.
fn second_of(family: Family) -> (&'static str, f64) {
    match family {
        Family::Pareto { shape, .. } => ("shape", shape),
        Family::Lognormal { .. } | Family::Gamma { .. } | Family::Weibull { .. } => ("cv", cv_of(family)),
    }
}

fn scaled_family(family: Family, factor: f64) -> Family {
    match family {
        Family::Lognormal { location, scale } => Family::Lognormal { location: location + factor.ln(), scale },
        Family::Gamma { shape, scale } => Family::Gamma { shape, scale: scale * factor },
        Family::Weibull { shape, scale } => Family::Weibull { shape, scale: scale * factor },
        Family::Pareto { shape, scale } => Family::Pareto { shape, scale: scale * factor },
    }
}

/// A family's key in a population file.
pub(crate) const fn key_of(family: Family) -> &'static str {
    match family {
        Family::Lognormal { .. } => "lognormal",
        Family::Gamma { .. } => "gamma",
        Family::Weibull { .. } => "weibull",
        Family::Pareto { .. } => "pareto",
    }
}

/// A number to seven digits, as a population file states it.
pub(crate) fn rounded(value: f64) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(value)
}

fn named(name: impl Into<String>, value: f64) -> Parameter {
    Parameter { name: name.into(), value }
}

impl Law {
    /// What the law is called.
    pub fn title(&self) -> String {
        match self {
            Self::Family(family) => key_of(*family).to_owned(),
            Self::Mixture(components) => format!("mixture of {} lognormals", components.len()),
            Self::Spliced { body, .. } => format!("{} with Pareto tail", key_of(*body)),
            Self::Empirical(_) => "empirical".to_owned(),
        }
    }

    /// The law's key in a population file.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Family(family) => key_of(*family),
            Self::Mixture(_) => "lognormal_mixture",
            Self::Spliced { .. } => "spliced",
            Self::Empirical(_) => "empirical",
        }
    }

    /// How many numbers were fitted; a threshold, chosen from the data, counts.
    pub(crate) fn freedom(&self) -> usize {
        match self {
            Self::Family(_) => 2,
            Self::Mixture(components) => 3 * components.len() - 1,
            Self::Spliced { .. } => 6,
            Self::Empirical(points) => points.len(),
        }
    }

    /// The law as numbers without bounds. A threshold is not among them.
    pub(crate) fn coordinates(&self) -> Vec<f64> {
        match self {
            Self::Family(family) => coordinates_of(*family).to_vec(),
            Self::Mixture(components) => {
                let last = components[components.len() - 1][0];
                let weights = components[..components.len() - 1].iter().map(|component| (component[0] / last).ln());
                weights.chain(components.iter().flat_map(|&[_, location, scale]| [location, scale.ln()])).collect()
            }
            Self::Spliced { body, tail, tail_weight, .. } => {
                [&[logit(*tail_weight)][..], &coordinates_of(*body), &coordinates_of(*tail)].concat()
            }
            Self::Empirical(_) => Vec::new(),
        }
    }

    /// The law of the same kind at other coordinates.
    pub(crate) fn at(&self, at: &[f64]) -> Self {
        match self {
            Self::Family(family) => Self::Family(family_at(*family, at)),
            Self::Mixture(components) => {
                let free = components.len() - 1;
                let ratios: Vec<f64> = at[..free].iter().map(|ratio| ratio.exp()).chain([1.0]).collect();
                let total: f64 = ratios.iter().sum();
                let parts = ratios.iter().zip(at[free..].chunks_exact(2));
                Self::Mixture(parts.map(|(ratio, part)| [ratio / total, part[0], part[1].exp()]).collect())
            }
            Self::Spliced { body, tail, threshold, .. } => Self::Spliced {
                body: family_at(*body, &at[1..3]),
                tail: family_at(*tail, &at[3..5]),
                threshold: *threshold,
                tail_weight: logistic(at[0]),
            },
            Self::Empirical(_) => self.clone(),
        }
    }

    /// The numbers that a population file states.
    pub fn parameters(&self) -> Vec<Parameter> {
        match self {
            Self::Family(family) => {
                let (key, second) = second_of(*family);
                vec![named("mean", family.mean()), named(key, second)]
            }
            Self::Mixture(components) => (1..)
                .zip(components)
                .flat_map(|(index, &[weight, location, scale])| {
                    let family = Family::Lognormal { location, scale };
                    let of = |key: &str| format!("component {index} {key}");
                    [named(of("weight"), weight), named(of("mean"), family.mean()), named(of("cv"), cv_of(family))]
                })
                .collect(),
            Self::Spliced { body, tail, tail_weight, threshold } => {
                let ((body_key, body_second), (tail_key, tail_second)) = (second_of(*body), second_of(*tail));
                vec![
                    named("threshold", *threshold),
                    named("tail_weight", *tail_weight),
                    named("body mean", body.mean()),
                    named(format!("body {body_key}"), body_second),
                    named("tail mean", tail.mean()),
                    named(format!("tail {tail_key}"), tail_second),
                ]
            }
            Self::Empirical(_) => Vec::new(),
        }
    }

    /// The law as a population file takes it.
    ///
    /// # Errors
    /// A law that the program cannot use: without a mean, or so spread that no file may state it.
    pub fn severity(&self) -> Result<Severity, ParameterError> {
        self.severity_of(|number| number)
    }

    /// The law that a population file states and a scenario reads back: its numbers rounded as they are written.
    ///
    /// # Errors
    /// As for [`Law::severity`].
    pub fn stated(&self) -> Result<Severity, ParameterError> {
        self.severity_of(rounded)
    }

    fn severity_of(&self, number: fn(f64) -> f64) -> Result<Severity, ParameterError> {
        match self {
            Self::Family(family) => usable(*family, number).map(Severity::Family),
            Self::Mixture(components) => {
                let parts = components.iter().map(|&[weight, location, scale]| {
                    let family = Family::Lognormal { location, scale };
                    (number(weight), number(family.mean()), number(cv_of(family)))
                });
                Severity::lognormal_mixture(&parts.collect::<Vec<_>>())
            }
            Self::Spliced { body, tail, threshold, tail_weight } => {
                let (body, tail) = (usable(*body, number)?, usable(*tail, number)?);
                Severity::spliced(body, tail, number(*threshold), number(*tail_weight))
            }
            Self::Empirical(points) => Severity::empirical(
                &points.iter().map(|&[probability, value]| (number(probability), number(value))).collect::<Vec<_>>(),
            ),
        }
    }

    /// Probability of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        match self {
            Self::Family(family) => family.cdf(x),
            Self::Mixture(_) if x <= 0.0 => 0.0,
            Self::Mixture(components) => {
                let part = |&[weight, location, scale]: &[f64; 3]| weight * normal_cdf((x.ln() - location) / scale);
                components.iter().map(part).sum()
            }
            Self::Spliced { body, tail, threshold, tail_weight } => {
                if x <= *threshold {
                    (1.0 - tail_weight) * body.cdf(x) / body.cdf(*threshold)
                } else {
                    1.0 - tail_weight * (1.0 - tail.cdf(x - threshold))
                }
            }
            Self::Empirical(points) => {
                let above = points.partition_point(|point| point[1] <= x);
                if above == 0 || above == points.len() {
                    return if above == 0 { 0.0 } else { 1.0 };
                }
                let ([p, v], [next_p, next_v]) = (points[above - 1], points[above]);
                p + (next_p - p) * (x - v) / (next_v - v)
            }
        }
    }

    /// Log densities of rising amounts, given with their logarithms.
    pub(crate) fn log_densities(&self, values: &[f64], logs: &[f64]) -> Vec<f64> {
        let rows = values.iter().zip(logs);
        match self {
            Self::Family(family) => {
                let density = log_density(*family);
                rows.map(|(&x, &log_x)| density(x, log_x)).collect()
            }
            Self::Mixture(components) => {
                let of = |log_x: f64| {
                    let parts = components.iter().map(|&[weight, location, scale]| {
                        let z = (log_x - location) / scale;
                        weight / scale * (-0.5 * z * z).exp()
                    });
                    parts.sum::<f64>().max(1e-300).ln() - log_x - HALF_LN_TWO_PI
                };
                logs.iter().map(|&log_x| of(log_x)).collect()
            }
            Self::Spliced { body, tail, threshold, tail_weight } => {
                let (of_body, of_tail) = (log_density(*body), log_density(*tail));
                let weight = (1.0 - tail_weight).ln() - body.cdf(*threshold).ln();
                rows.map(|(&x, &log_x)| {
                    if x <= *threshold {
                        weight + of_body(x, log_x)
                    } else {
                        let excess = x - threshold;
                        tail_weight.ln() + of_tail(excess, excess.ln())
                    }
                })
                .collect()
            }
            Self::Empirical(_) => vec![0.0; values.len()],
        }
    }

    /// The amount that has that probability below it.
    pub fn quantile(&self, probability: f64) -> f64 {
        let (mut low, mut high) = (1e-9_f64.ln(), 1e15_f64.ln());
        for _ in 0..80 {
            let middle = f64::midpoint(low, high);
            if self.cdf(middle.exp()) < probability { low = middle } else { high = middle }
        }
        f64::midpoint(low, high).exp()
    }

    /// Mean, in dollars.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Family(family) => family.mean(),
            _ => self.severity().map_or(f64::INFINITY, |severity| severity.mean()),
        }
    }

    /// Mean excess over an amount, of those above it: `∫ S(t) dt / S(x)` from `x` up.
    pub fn mean_excess(&self, x: f64) -> f64 {
        let above = 1.0 - self.cdf(x);
        if above > 0.0 { self.integral(x, |_| 1.0) / above } else { f64::NAN }
    }

    /// Mean cost above an amount: `∫ S(t) dt` from `x` up.
    pub fn excess_cost(&self, x: f64) -> f64 {
        self.integral(x, |_| 1.0)
    }

    /// Standard deviation, in dollars; infinite where there is none.
    pub fn sd(&self) -> f64 {
        let tail = match self {
            Self::Family(family) => Some(*family),
            Self::Spliced { tail, .. } => Some(*tail),
            Self::Mixture(_) | Self::Empirical(_) => None,
        };
        if tail.is_some_and(|tail| cv_of(tail).is_infinite()) {
            return f64::INFINITY;
        }
        if let Self::Family(family) = self {
            return family.mean() * cv_of(*family);
        }
        let mean = self.mean();
        (2.0 * self.integral(0.0, |x| x) - mean * mean).max(0.0).sqrt()
    }

    /// `∫ weight(t) S(t) dt` from an amount up, by steps even in the logarithm.
    fn integral(&self, from: f64, weight: impl Fn(f64) -> f64) -> f64 {
        const STEPS: u32 = 4_000;
        let (low, high) = (from.max(1e-3).ln(), (1e4 * self.quantile(0.9999).max(from)).ln());
        let step = (high - low) / f64::from(STEPS);
        let start = if from == 0.0 { 1e-3 * weight(1e-3) } else { 0.0 };
        start
            + (0..STEPS)
                .map(|index| {
                    let x = (low + (f64::from(index) + 0.5) * step).exp();
                    weight(x) * (1.0 - self.cdf(x)) * x * step
                })
                .sum::<f64>()
    }

    /// Every amount times a factor.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        match self {
            Self::Family(family) => Self::Family(scaled_family(*family, factor)),
            Self::Mixture(components) => Self::Mixture(
                components.iter().map(|&[weight, location, scale]| [weight, location + factor.ln(), scale]).collect(),
            ),
            Self::Spliced { body, tail, threshold, tail_weight } => Self::Spliced {
                body: scaled_family(*body, factor),
                tail: scaled_family(*tail, factor),
                threshold: threshold * factor,
                tail_weight: *tail_weight,
            },
            Self::Empirical(points) => {
                Self::Empirical(points.iter().map(|&[probability, value]| [probability, value * factor]).collect())
            }
        }
    }
}

/// A family that a population file may state.
fn usable(family: Family, number: fn(f64) -> f64) -> Result<Family, ParameterError> {
    let (mean, cv) = (number(family.mean()), number(cv_of(family)));
    match family {
        Family::Lognormal { .. } => Family::lognormal(mean, cv),
        Family::Gamma { .. } => Family::gamma(mean, cv),
        Family::Weibull { .. } => Family::weibull(mean, cv),
        Family::Pareto { shape, scale } => {
            let mean = if shape > 1.0 { number(scale / (shape - 1.0)) } else { 1.0 };
            Family::pareto_of_shape(mean, number(shape))
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn laws() -> Vec<Law> {
        let family = |family: Result<Family, ParameterError>| family.expect("valid parameters");
        vec![
            Law::Family(family(Family::lognormal(900.0, 1.4))),
            Law::Family(family(Family::gamma(900.0, 1.3))),
            Law::Family(family(Family::weibull(900.0, 1.6))),
            Law::Family(family(Family::pareto_of_shape(900.0, 3.5))),
            Law::Mixture(vec![[0.7, 5.0, 0.6], [0.3, 7.5, 0.9]]),
            Law::Spliced {
                body: family(Family::lognormal(500.0, 1.0)),
                tail: family(Family::pareto_of_shape(2_000.0, 2.6)),
                threshold: 1_500.0,
                tail_weight: 0.1,
            },
        ]
    }

    #[test]
    fn densities_are_slopes_of_the_cdf() {
        for law in laws() {
            for x in [40.0_f64, 700.0, 4_000.0] {
                let slope = (law.cdf(x * 1.0001) - law.cdf(x * 0.9999)) / (x * 0.0002);
                let density = law.log_densities(&[x], &[x.ln()])[0].exp();
                assert!((density / slope - 1.0).abs() < 1e-4, "{}: {density} and {slope} at {x}", law.title());
            }
        }
    }

    #[test]
    fn coordinates_quantiles_and_factors_lead_back() {
        for law in laws() {
            let again = law.at(&law.coordinates());
            for share in [0.1, 0.6, 0.99] {
                let x = law.quantile(share);
                assert!((law.cdf(x) - share).abs() < 1e-6, "{}", law.title());
                assert!((again.cdf(x) - share).abs() < 1e-6, "{}", law.title());
                assert!((law.scaled(3.0).cdf(3.0 * x) - share).abs() < 1e-6, "{}", law.title());
            }
            assert!((law.mean_excess(0.0) / law.mean() - 1.0).abs() < 2e-3, "{}", law.title());
            assert!(law.severity().is_ok());
        }
    }

    #[test]
    fn a_law_without_a_mean_cannot_be_used() {
        assert!(Law::Family(Family::Pareto { shape: 0.9, scale: 10.0 }).severity().is_err());
        assert_eq!(Law::Family(Family::Pareto { shape: 1.5, scale: 10.0 }).sd(), f64::INFINITY);
    }
}
