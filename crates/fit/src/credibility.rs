//! How much the data count against a prior mean.

use std::collections::BTreeMap;

use crate::{error::Figure, special::normal_quantile};

/// Prior means, dollars a person-year.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prior {
    /// By segment and service.
    pub by_segment: BTreeMap<(String, String), f64>,
    /// By service, for segments of which nothing else is known.
    pub by_service: BTreeMap<String, f64>,
}

impl Prior {
    /// The prior mean of a service in a segment.
    pub fn mean(&self, segment: &str, service: &str) -> Option<f64> {
        let of_segment = self.by_segment.get(&(segment.to_owned(), service.to_owned()));
        of_segment.or_else(|| self.by_service.get(service)).copied()
    }
}

/// How the weight of the data follows from them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CredibilityMethod {
    /// `Z = n / (n + k)`, of `n` person-years.
    Buhlmann {
        /// Person-years at which the data count half.
        k: f64,
    },
    /// `Z = √(n / full)` up to 1, where `full` is as many person-years as bring the mean within a share of itself with that
    /// probability.
    LimitedFluctuation {
        /// Probability.
        probability: f64,
        /// Share of the mean.
        within: f64,
    },
}

/// A mean between the data's and a prior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Credibility {
    /// Dollars a person-year.
    pub prior: f64,
    /// Weight of the data, from 0 to 1.
    pub weight: f64,
    /// Weighted mean, dollars a person-year; its error is that of the data's part, the prior being given.
    pub mean: Figure,
}

impl CredibilityMethod {
    /// Weighs an observed mean against a prior.
    ///
    /// Limited fluctuation takes the mean's own standard error `s`, so that a person's years need not be independent:
    /// `n / full = (within × mean / (z × s))²`.
    ///
    /// # Source
    /// \[KPW19\], chapters 16 and 17; \[B67\].
    pub fn weigh(self, observed: Figure, person_years: f64, prior: f64) -> Credibility {
        let weight = match self {
            Self::Buhlmann { k } => person_years / (person_years + k),
            Self::LimitedFluctuation { probability, within } => {
                let z = normal_quantile(f64::midpoint(1.0, probability));
                (within * observed.value / (z * observed.standard_error)).min(1.0)
            }
        };
        let mean = Figure {
            value: weight * observed.value + (1.0 - weight) * prior,
            standard_error: weight * observed.standard_error,
        };
        Credibility { prior, weight, mean }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_the_formulas() {
        let observed = Figure { value: 100.0, standard_error: 20.0 };
        let half = CredibilityMethod::Buhlmann { k: 500.0 }.weigh(observed, 500.0, 200.0);
        assert_eq!((half.weight, half.mean.value, half.mean.standard_error), (0.5, 150.0, 10.0));
        // Poisson claims of one size: 1,082 of them are fully credible at 90% within 5%; a quarter of them count half.
        let claims = Figure { value: 270.5, standard_error: 270.5_f64.sqrt() };
        let rule = CredibilityMethod::LimitedFluctuation { probability: 0.9, within: 0.05 };
        assert!((rule.weigh(claims, 1.0, 0.0).weight - 0.5).abs() < 1e-3);
        assert_eq!(rule.weigh(Figure { value: 1.0, standard_error: 1e-9 }, 1.0, 0.0).weight, 1.0);
    }

    #[test]
    fn a_segment_of_its_own_comes_first() {
        let mut prior = Prior::default();
        prior.by_service.insert("drugs".into(), 10.0);
        prior.by_segment.insert(("young".into(), "drugs".into()), 5.0);
        assert_eq!((prior.mean("young", "drugs"), prior.mean("old", "drugs")), (Some(5.0), Some(10.0)));
        assert_eq!(prior.mean("old", "care"), None);
    }
}
