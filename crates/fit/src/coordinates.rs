//! Laws as points of a space without bounds, where estimates are searched for and have their covariance.

use twosided_prob::{AmountLaw, Family, Gamma, Lognormal, LognormalMixture, Pareto, Severity, Spliced, Weibull};

use crate::special::{logistic, logit};

/// The two numbers of a family: location or log shape, and log scale.
pub(crate) fn coordinates_of(family: Family) -> [f64; 2] {
    match family {
        Family::Lognormal(Lognormal { location, scale }) => [location, scale.ln()],
        Family::Gamma(Gamma { shape, scale })
        | Family::Weibull(Weibull { shape, scale })
        | Family::Pareto(Pareto { shape, scale }) => [shape.ln(), scale.ln()],
    }
}

/// A family of the same kind at other coordinates.
pub(crate) fn family_at(kind: Family, at: &[f64]) -> Family {
    let scale = at[1].exp();
    match kind {
        Family::Lognormal(_) => Family::Lognormal(Lognormal { location: at[0], scale }),
        Family::Gamma(_) => Family::Gamma(Gamma { shape: at[0].exp(), scale }),
        Family::Weibull(_) => Family::Weibull(Weibull { shape: at[0].exp(), scale }),
        Family::Pareto(_) => Family::Pareto(Pareto { shape: at[0].exp(), scale }),
    }
}

/// The numbers of a law. A threshold is not among them, and quantiles have none.
pub(crate) fn coordinates(law: &Severity) -> Vec<f64> {
    match law {
        Severity::Family(family) => coordinates_of(*family).to_vec(),
        Severity::LognormalMixture(mixture) => {
            let free = mixture.components().len() - 1;
            let last = mixture.components().last().map_or(1.0, |(weight, _)| weight);
            let weights = mixture.components().take(free).map(|(weight, _)| (weight / last).ln());
            weights.chain(mixture.components().flat_map(|(_, law)| [law.location, law.scale.ln()])).collect()
        }
        Severity::Spliced(Spliced { body, tail, tail_weight, .. }) => {
            [&[logit(*tail_weight)][..], &coordinates_of(*body), &coordinates_of(*tail)].concat()
        }
        Severity::Empirical(_) => Vec::new(),
    }
}

/// The law of the same kind at other coordinates.
pub(crate) fn law_at(kind: &Severity, at: &[f64]) -> Severity {
    match kind {
        Severity::Family(family) => Severity::Family(family_at(*family, at)),
        Severity::LognormalMixture(mixture) => {
            let free = mixture.components().len() - 1;
            let ratios: Vec<f64> = at[..free].iter().map(|ratio| ratio.exp()).chain([1.0]).collect();
            let total: f64 = ratios.iter().sum();
            let parts = ratios.iter().zip(at[free..].chunks_exact(2));
            Severity::LognormalMixture(LognormalMixture::of(
                parts.map(|(ratio, part)| (ratio / total, Lognormal { location: part[0], scale: part[1].exp() })),
            ))
        }
        Severity::Spliced(Spliced { body, tail, threshold, .. }) => Severity::Spliced(Spliced {
            body: family_at(*body, &at[1..3]),
            tail: family_at(*tail, &at[3..5]),
            threshold: *threshold,
            tail_weight: logistic(at[0]),
        }),
        Severity::Empirical(_) => kind.clone(),
    }
}

/// How many numbers of a law were fitted; a threshold, chosen from the data, counts.
pub(crate) fn freedom(law: &Severity) -> usize {
    match law {
        Severity::Family(_) | Severity::LognormalMixture(_) => coordinates(law).len(),
        Severity::Spliced(_) => coordinates(law).len() + 1,
        Severity::Empirical(quantiles) => quantiles.points().len(),
    }
}

/// Mean excess over an amount, of those above it.
pub(crate) fn mean_excess(law: &dyn AmountLaw, x: f64) -> f64 {
    law.excess_mean(x) / law.survival(x)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A law of each kind.
    pub(crate) fn laws() -> Vec<Severity> {
        let family = |family: Result<Family, _>| family.expect("valid parameters");
        let component = |weight, location, scale| (weight, Lognormal { location, scale });
        vec![
            Severity::Family(family(Family::lognormal(900.0, 1.4))),
            Severity::Family(family(Family::gamma(900.0, 1.3))),
            Severity::Family(family(Family::weibull(900.0, 1.6))),
            Severity::Family(family(Family::pareto_of_shape(900.0, 3.5))),
            Severity::LognormalMixture(LognormalMixture::of([component(0.7, 5.0, 0.6), component(0.3, 7.5, 0.9)])),
            Severity::Spliced(Spliced {
                body: family(Family::lognormal(500.0, 1.0)),
                tail: family(Family::pareto_of_shape(2_000.0, 2.6)),
                threshold: 1_500.0,
                tail_weight: 0.1,
            }),
        ]
    }

    #[test]
    fn coordinates_lead_back() {
        for law in laws() {
            let again = law_at(&law, &coordinates(&law));
            for probability in [0.9, 0.4, 0.01] {
                let x = law.quantile_above(probability);
                assert!((again.survival(x) / probability - 1.0).abs() < 1e-6, "{}", law.title());
            }
        }
    }
}
