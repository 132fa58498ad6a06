//! Named factors on costs and benchmarks: their laws, and whom they move how much.

use std::collections::BTreeMap;

use twosided_prob::{ScoredAmounts, Severity, upper_probability, upper_score};

use crate::SegmentName;

/// A factor on costs and benchmarks, drawn each year.
#[derive(Clone, Debug, PartialEq)]
pub struct Factor {
    /// Unique name.
    pub name: String,
    /// The law of a year's value.
    pub law: FactorLaw,
    /// Whom it moves, and how much.
    pub loading: Loading,
    /// Whether a year's value also moves the years after it, as a trend does.
    pub compounding: bool,
    /// Correlation of its normal score with that of the year before.
    pub persistence: f64,
}

/// The law of a factor.
#[derive(Clone, Debug, PartialEq)]
pub enum FactorLaw {
    /// `exp(location + scale × score)`.
    Lognormal {
        /// Mean of the logarithm.
        location: f64,
        /// Standard deviation of the logarithm.
        scale: f64,
    },
    /// Another law, with its mean.
    Other(ScoredAmounts, f64),
    /// One, but in years of a shock a lognormal.
    Shock {
        /// Probability of the shock in a year.
        probability: f64,
        /// Mean of the logarithm of the factor in such a year.
        location: f64,
        /// Its standard deviation.
        scale: f64,
    },
}

/// How a factor's value `F` moves what is loaded on it: by `F^loading`.
#[derive(Clone, Debug, PartialEq)]
pub struct Loading {
    /// Of benchmarks that are updated after the year.
    pub benchmark: f64,
    /// Of the cost of every service that is not named.
    pub cost: f64,
    /// Of the cost of services.
    pub services: BTreeMap<String, f64>,
    /// Of segments; multiplies the loading of the service, and is 1 where not named.
    pub segments: BTreeMap<String, f64>,
}

impl Default for Loading {
    /// All costs in full, and no benchmark.
    fn default() -> Self {
        Self { benchmark: 0.0, cost: 1.0, services: BTreeMap::new(), segments: BTreeMap::new() }
    }
}

impl Loading {
    /// The loading of a segment's service.
    pub fn of<'a>(&self, segment: impl Into<SegmentName<'a>>, service: &str) -> f64 {
        let service = self.services.get(service).copied().unwrap_or(self.cost);
        service * segment.into().find(&self.segments).copied().unwrap_or(1.0)
    }
}

impl Factor {
    /// Whether it is an error of benchmarks: it moves no cost, and its value of a year is of that year alone.
    pub(crate) fn is_benchmark_error(&self) -> bool {
        let Loading { benchmark, cost, services, .. } = &self.loading;
        !self.compounding && *benchmark != 0.0 && *cost == 0.0 && services.values().all(|&loading| loading == 0.0)
    }

    /// What it makes of benchmarks at a score.
    pub(crate) fn benchmark_at(&self, score: f64) -> f64 {
        power(self.law.value(score), self.loading.benchmark)
    }
}

impl FactorLaw {
    /// Another law of positive values.
    pub fn other(law: &Severity) -> Self {
        let scored = ScoredAmounts::new(0.0, law).expect("a law without zeros");
        Self::Other(scored, law.mean())
    }

    /// Mean.
    pub fn mean(&self) -> f64 {
        let lognormal = |location: f64, scale: f64| libm::exp(location + 0.5 * scale * scale);
        match self {
            Self::Lognormal { location, scale } => lognormal(*location, *scale),
            Self::Other(_, mean) => *mean,
            Self::Shock { probability, location, scale } => 1.0 + probability * (lognormal(*location, *scale) - 1.0),
        }
    }

    /// The value at a normal score. A shock comes with the highest scores.
    pub fn value(&self, score: f64) -> f64 {
        match self {
            Self::Lognormal { location, scale } => libm::exp(location + scale * score),
            // A factor of zero would make benchmarks and costs that nothing can be divided by.
            Self::Other(law, _) => law.amount(score).max(1e-6),
            Self::Shock { probability, location, scale } => {
                let above = upper_probability(score);
                if above >= *probability { 1.0 } else { libm::exp(location + scale * upper_score(above / probability)) }
            }
        }
    }
}

/// `base^loading`, exactly one for no loading.
pub(crate) fn power(base: f64, loading: f64) -> f64 {
    if loading == 0.0 { 1.0 } else { libm::pow(base, loading) }
}
