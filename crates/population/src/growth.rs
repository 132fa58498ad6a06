//! What factors do to costs over the years: on average, and at their most extreme.

use std::collections::BTreeMap;

use crate::{Factor, FactorLaw, Population, Segment, Service, System};

/// Normal scores between which a law is integrated, and in how many steps.
const WIDEST: f64 = 8.0;
const STEPS: u32 = 1_024;

impl FactorLaw {
    /// Mean of the factor to a power.
    pub fn mean_of_power(&self, loading: f64) -> f64 {
        let lognormal =
            |location: f64, scale: f64| libm::exp(loading * location + 0.5 * (loading * scale) * (loading * scale));
        match self {
            _ if loading == 0.0 => 1.0,
            Self::Lognormal { location, scale } => lognormal(*location, *scale),
            Self::Other(_, mean) if loading == 1.0 => *mean,
            Self::Other(..) => {
                let width = 2.0 * WIDEST / f64::from(STEPS);
                let sum = (0..STEPS).fold((0.0, 0.0), |(weight, sum), step| {
                    let score = width * (f64::from(step) + 0.5) - WIDEST;
                    let density = libm::exp(-0.5 * score * score);
                    (weight + density, sum + density * libm::pow(self.value(score), loading))
                });
                sum.1 / sum.0
            }
            Self::Shock { probability, location, scale } => 1.0 + probability * (lognormal(*location, *scale) - 1.0),
        }
    }
}

impl System {
    /// What a cost with these loadings on the factors is expected to be multiplied by in the first year; none where factors that
    /// are correlated with each other both move it and the mean of their product is not known.
    fn expected_cost(&self, loadings: &[f64]) -> Option<f64> {
        let moving = || self.factors().iter().zip(loadings).enumerate().filter(|(_, (_, loading))| **loading != 0.0);
        let alone: f64 = moving().map(|(_, (factor, loading))| factor.law.mean_of_power(*loading)).product();
        let mut together = 0.0;
        for (index, (factor, loading)) in moving() {
            for (other_index, (other, other_loading)) in moving().take_while(|&(other_index, _)| other_index < index) {
                let correlation = self.correlation_of_scores(index, other_index)?;
                if correlation == 0.0 {
                    continue;
                }
                let (FactorLaw::Lognormal { scale: a, .. }, FactorLaw::Lognormal { scale: b, .. }) =
                    (&factor.law, &other.law)
                else {
                    return None;
                };
                together += correlation * a * loading * b * other_loading;
            }
        }
        Some(self.trend.mean() * alone * libm::exp(together))
    }

    /// The most extreme conceivable path of all factors, as the logarithm of what costs or benchmarks are multiplied by at
    /// its end: eight standard deviations of luck, all in one year or spread over all, in every factor together.
    pub fn extremes(&self, years: u32) -> (f64, f64) {
        let years = f64::from(years);
        let (trend, spread) = (self.trend.location(), self.trend.scale() * WIDEST * years.sqrt());
        let mut extremes = (trend * years - spread, trend * years + spread);
        for factor in self.factors() {
            let loading = &factor.loading;
            let ahead = |map: &BTreeMap<String, f64>, least: f64| {
                map.values().fold(least, |most, loading| most.max(loading.abs()))
            };
            let most = ahead(&loading.services, loading.cost.abs()) * ahead(&loading.segments, 1.0);
            let most = most.max(loading.benchmark.abs());
            let path = |score: f64| {
                let once = libm::log(factor.law.value(score)).abs();
                let spread = years * libm::log(factor.law.value(score / years.sqrt())).abs();
                if factor.compounding { once.max(spread) } else { once }
            };
            // A power below zero turns good luck into bad.
            let amplitude = most * path(-WIDEST).max(path(WIDEST));
            if most > 0.0 {
                extremes = (extremes.0 - amplitude, extremes.1 + amplitude);
            }
        }
        extremes
    }
}

impl Population {
    /// What the cost of each service of each segment is expected to be multiplied by in the first year; see
    /// [`ExpectedCosts`](crate::ExpectedCosts) for where there is none.
    ///
    /// # Shape
    /// `[segment][service]`.
    pub(crate) fn expected_factors(&self) -> Vec<Vec<Option<f64>>> {
        self.by_loadings(|_| true, |loadings| self.system().expected_cost(loadings))
    }

    /// What costs are expected to be multiplied by from one year to the next: the trend and the factors that compound, as they
    /// weigh in what is spent.
    pub fn expected_growth(&self) -> f64 {
        let factors = self.system().factors();
        let growth = self.by_loadings(
            |factor| factor.compounding,
            |loadings| {
                factors
                    .iter()
                    .zip(loadings)
                    .map(|(factor, loading)| factor.law.mean_of_power(*loading))
                    .product::<f64>()
            },
        );
        let (mut before, mut after) = (0.0, 0.0);
        for (segment, growth) in self.segments().iter().zip(growth) {
            for (index, growth) in growth.into_iter().enumerate() {
                let cost = segment.members as f64 * segment.mean_of(index).0;
                before += cost;
                after += cost * growth;
            }
        }
        self.system().trend.mean() * if before > 0.0 { after / before } else { 1.0 }
    }

    /// A figure of every service of every segment by its loadings on the factors, zero for those left out. Most services
    /// have the same, of which it is computed once.
    fn by_loadings<T: Clone>(&self, counts: impl Fn(&Factor) -> bool, figure: impl Fn(&[f64]) -> T) -> Vec<Vec<T>> {
        let mut known: BTreeMap<Vec<u64>, T> = BTreeMap::new();
        let mut of_service = |segment: &Segment, service: &Service| {
            let loading = |factor: &Factor| {
                if counts(factor) { factor.loading.of(segment.segment_name(), &service.name) } else { 0.0 }
            };
            let loadings: Vec<f64> = self.system().factors().iter().map(loading).collect();
            let key = loadings.iter().map(|loading| loading.to_bits()).collect();
            known.entry(key).or_insert_with(|| figure(&loadings)).clone()
        };
        let segments = self.segments().iter();
        segments.map(|segment| segment.services.iter().map(|service| of_service(segment, service)).collect()).collect()
    }
}
