//! Named factors that move many costs and benchmarks at once: trends, prices, shocks, and the provider's own lasting
//! differences.

use std::collections::BTreeMap;

use twosided_prob::{
    Correlation, Purpose, ScoredAmounts, Severity, Stream, StreamKey, name_key, upper_probability, upper_score,
};

use crate::{Called, Trend};

/// What moves all costs together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct System {
    /// The trend of all costs.
    pub trend: Trend,
    factors: Vec<Factor>,
    correlation: Option<FactorCorrelation>,
}

/// How factors are correlated.
#[derive(Clone, Debug, PartialEq)]
pub struct FactorCorrelation {
    /// Of their scores, in every year.
    pub scores: Correlation,
    /// Of what is new in a later year: of scores that persist differently, more or less than that of the scores.
    pub renewed: Correlation,
}

impl FactorCorrelation {
    /// What two factors' new parts must be correlated by for their scores to be so in every year.
    pub fn of_renewed(scores: f64, one: &Factor, other: &Factor) -> f64 {
        let (a, b) = (one.persistence, other.persistence);
        scores * (1.0 - a * b) / ((1.0 - a * a) * (1.0 - b * b)).sqrt()
    }
}

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
    pub fn of<'a>(&self, segment: impl Into<Called<'a>>, service: &str) -> f64 {
        let service = self.services.get(service).copied().unwrap_or(self.cost);
        service * segment.into().find(&self.segments).copied().unwrap_or(1.0)
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
        let lognormal = |location: f64, scale: f64| (location + 0.5 * scale * scale).exp();
        match self {
            Self::Lognormal { location, scale } => lognormal(*location, *scale),
            Self::Other(_, mean) => *mean,
            Self::Shock { probability, location, scale } => 1.0 + probability * (lognormal(*location, *scale) - 1.0),
        }
    }

    /// The value at a normal score. A shock comes with the highest scores.
    pub(crate) fn value(&self, score: f64) -> f64 {
        match self {
            Self::Lognormal { location, scale } => (location + scale * score).exp(),
            // A factor of zero would make benchmarks and costs that nothing can be divided by.
            Self::Other(law, _) => law.amount(score).max(1e-6),
            Self::Shock { probability, location, scale } => {
                let above = upper_probability(score);
                if above >= *probability { 1.0 } else { (location + scale * upper_score(above / probability)).exp() }
            }
        }
    }
}

impl System {
    /// A trend and factors, correlated as the matrix says whose rows are in their order; independent without one.
    pub fn new(trend: Trend, factors: Vec<Factor>, correlation: Option<FactorCorrelation>) -> Self {
        Self { trend, factors, correlation }
    }

    /// The factors.
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// Correlation of the normal scores of two factors; none where extremes go together otherwise than in a Gaussian copula.
    pub(crate) fn correlation_of_scores(&self, one: usize, other: usize) -> Option<f64> {
        self.correlation.as_ref().map_or(Some(0.0), |correlation| correlation.scores.gaussian(one, other))
    }

    /// What benchmarks and rates are expected to be updated by from the first year to another, counted from 0.
    pub fn expected_update(&self, year: u32) -> f64 {
        let compounding = self.factors.iter().filter(|factor| factor.compounding);
        let factors: f64 = compounding.map(|factor| factor.law.mean().powf(factor.loading.benchmark)).product();
        (self.trend.mean() * factors).powf(f64::from(year))
    }

    /// Draws a trial: for each year, the values of the factors, and what has become of benchmarks.
    ///
    /// Draw order: the trend from its stream of the year; each factor from the stream of its name and the year; the mixing of a
    /// t copula from a stream of the year.
    pub fn draw(&self, seed: u64, trial: u64, years: u32) -> Vec<SystemYear> {
        let mut scores = vec![0.0; self.factors.len()];
        let mut drawn: Vec<SystemYear> = Vec::with_capacity(years as usize);
        let mut trend = 1.0;
        let mut compounded = vec![1.0; self.factors.len()];
        let mut benchmark_compounded = 1.0;
        for year in 0..years {
            let trend_factor = self.trend.factor(seed, trial, year);
            trend *= trend_factor;
            let updated = if year == 0 { 1.0 } else { self.trend.mean() };
            let surprise = trend_factor / self.trend.mean();
            benchmark_compounded *= updated * power(surprise, self.trend.benchmark_loading);
            self.draw_scores(seed, trial, year, &mut scores);
            let mut transient = 1.0;
            let factors =
                self.factors.iter().zip(&scores).zip(&mut compounded).map(|((factor, &score), compounded)| {
                    let value = factor.law.value(score);
                    let expected = factor.law.mean();
                    if !factor.compounding {
                        transient *= power(value, factor.loading.benchmark);
                        return value;
                    }
                    *compounded *= value;
                    let counted = if year == 0 { value / expected } else { value };
                    benchmark_compounded *= power(counted, factor.loading.benchmark);
                    *compounded
                });
            let factors = factors.collect();
            drawn.push(SystemYear { trend, factors, benchmark: benchmark_compounded * transient });
        }
        drawn
    }

    fn draw_scores(&self, seed: u64, trial: u64, year: u32, scores: &mut [f64]) {
        if self.factors.is_empty() {
            return;
        }
        let stream =
            |service| Stream::new(&StreamKey { seed, purpose: Purpose::Factor, segment: 0, service, trial, year });
        let mut fresh: Vec<f64> = self.factors.iter().map(|factor| stream(name_key(&factor.name)).normal()).collect();
        if let Some(FactorCorrelation { scores, renewed }) = &self.correlation {
            let correlation = if year == 0 { scores } else { renewed };
            fresh = correlation.correlate(&fresh, &mut stream(0));
        }
        for ((score, fresh), factor) in scores.iter_mut().zip(fresh).zip(&self.factors) {
            let kept = if year == 0 { 0.0 } else { factor.persistence };
            *score = kept * *score + (1.0 - kept * kept).sqrt() * fresh;
        }
    }
}

/// `base^loading`, exactly one for no loading.
fn power(base: f64, loading: f64) -> f64 {
    if loading == 0.0 { 1.0 } else { base.powf(loading) }
}

/// What the system is in one year of a trial.
#[derive(Clone, Debug, PartialEq)]
pub struct SystemYear {
    /// Factor of the trend on all costs.
    pub trend: f64,
    /// Value of each factor, those that compound since the first year.
    pub factors: Vec<f64>,
    /// Benchmarks updated after the year, over what terms state for the first.
    pub benchmark: f64,
}

impl SystemYear {
    /// What the cost of a segment's service is multiplied by.
    pub fn cost(&self, factors: &[Factor], segment: Called<'_>, service: &str) -> f64 {
        let values = self.factors.iter().zip(factors);
        self.trend * values.map(|(&value, factor)| power(value, factor.loading.of(segment, service))).product::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_prob::Copula;

    fn factor(name: &str, law: FactorLaw, benchmark: f64, compounding: bool, persistence: f64) -> Factor {
        let loading = Loading { benchmark, cost: 1.0, services: BTreeMap::new(), segments: BTreeMap::new() };
        Factor { name: name.to_owned(), law, loading, compounding, persistence }
    }

    fn lognormal(mean: f64, scale: f64) -> FactorLaw {
        FactorLaw::Lognormal { location: f64::ln(mean) - 0.5 * scale * scale, scale }
    }

    fn mean(values: &[f64]) -> f64 {
        values.iter().sum::<f64>() / values.len() as f64
    }

    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        let (mean_a, mean_b) = (mean(a), mean(b));
        let product =
            |x: &[f64], mx: f64, y: &[f64], my: f64| -> f64 { x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum() };
        product(a, mean_a, b, mean_b) / (product(a, mean_a, a, mean_a) * product(b, mean_b, b, mean_b)).sqrt()
    }

    #[test]
    fn a_compounding_factor_carries_benchmarks_that_share_it_and_leaves_others_at_its_mean() {
        let trend = Trend::new(1.04, 0.02).expect("valid");
        let shared = System::new(Trend::NONE, vec![factor("t", lognormal(1.04, 0.02), 1.0, true, 0.0)], None);
        let unshared = System::new(trend, vec![], None);
        for trial in 0..50 {
            let (with, without) = (shared.draw(1, trial, 3), unshared.draw(1, trial, 3));
            for year in 0..3 {
                assert!((with[year].benchmark - with[year].factors[0] / 1.04).abs() < 1e-12);
                assert!((without[year].benchmark - 1.04_f64.powf(year as f64)).abs() < 1e-12);
            }
        }
        assert!((shared.expected_update(2) - 1.04 * 1.04).abs() < 1e-12);
    }

    #[test]
    fn lasting_factors_have_their_correlation_from_year_to_year() {
        let system = System::new(Trend::NONE, vec![factor("own", lognormal(1.0, 0.03), 0.0, false, 0.7)], None);
        let paths: Vec<Vec<SystemYear>> = (0..20_000).map(|trial| system.draw(4, trial, 3)).collect();
        let of = |year: usize| -> Vec<f64> { paths.iter().map(|path| path[year].factors[0].ln()).collect() };
        let error = 1.0 / 20_000_f64.sqrt();
        assert!((correlation(&of(0), &of(1)) - 0.7).abs() < 4.0 * error);
        assert!((correlation(&of(0), &of(2)) - 0.49).abs() < 4.0 * error);
    }

    #[test]
    fn shocks_come_as_often_as_they_should_and_hit_cost_and_benchmark_alike() {
        let law = FactorLaw::Shock { probability: 0.1, location: 0.9_f64.ln(), scale: 0.0 };
        let system = System::new(Trend::NONE, vec![factor("pandemic", law, 1.0, false, 0.0)], None);
        let years: Vec<SystemYear> = (0..20_000).flat_map(|trial| system.draw(9, trial, 1)).collect();
        let shocks = years.iter().filter(|year| year.factors[0] < 1.0).count() as f64;
        assert!((shocks - 2_000.0).abs() < 4.0 * (2_000.0_f64 * 0.9).sqrt(), "{shocks}");
        for year in &years {
            assert!((year.benchmark - year.factors[0]).abs() < 1e-12);
        }
    }

    #[test]
    fn factors_that_persist_differently_keep_their_correlation_in_later_years() {
        let pair = vec![
            factor("a", lognormal(1.0, 0.02), 0.0, false, 0.0),
            factor("b", lognormal(1.0, 0.03), 0.0, false, 0.8),
        ];
        let renewed = FactorCorrelation::of_renewed(0.5, &pair[0], &pair[1]);
        let of = |value: f64| Correlation::new(&[vec![], vec![value]], Copula::Gaussian).expect("valid");
        let correlations = FactorCorrelation { scores: of(0.5), renewed: of(renewed) };
        let system = System::new(Trend::NONE, pair, Some(correlations));
        let paths: Vec<Vec<SystemYear>> = (0..20_000).map(|trial| system.draw(6, trial, 4)).collect();
        for year in 0..4 {
            let of = |place: usize| -> Vec<f64> { paths.iter().map(|path| path[year].factors[place].ln()).collect() };
            let found = correlation(&of(0), &of(1));
            assert!((found - 0.5).abs() < 4.0 * 0.75 / 20_000_f64.sqrt(), "year {year}: {found}");
        }
    }

    #[test]
    fn correlated_factors_move_together_and_others_keep_their_draws() {
        let pair = || {
            vec![factor("a", lognormal(1.0, 0.02), 0.0, false, 0.0), factor("b", lognormal(1.0, 0.03), 0.0, false, 0.0)]
        };
        let scores = Correlation::new(&[vec![], vec![0.5]], Copula::Gaussian).expect("valid");
        let matrix = FactorCorrelation { renewed: scores.clone(), scores };
        let (alone, together) =
            (System::new(Trend::NONE, pair(), None), System::new(Trend::NONE, pair(), Some(matrix)));
        let draw = |system: &System, place: usize| -> Vec<f64> {
            (0..20_000).map(|trial| system.draw(3, trial, 1)[0].factors[place].ln()).collect()
        };
        assert_eq!(draw(&alone, 0), draw(&together, 0));
        let error = 1.0 / 20_000_f64.sqrt();
        assert!((correlation(&draw(&together, 0), &draw(&together, 1)) - 0.5).abs() < 4.0 * error);
        assert!(correlation(&draw(&alone, 0), &draw(&alone, 1)).abs() < 4.0 * error);
    }
}
