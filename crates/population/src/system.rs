//! Named factors that move many costs and benchmarks at once: trends, prices, shocks, and the provider's own lasting
//! differences.

use std::collections::BTreeMap;

use twosided_prob::{
    CorrelationError, CorrelationMatrix, Purpose, ScoredAmounts, Severity, Stream, StreamKey, TCopula, name_key,
    upper_probability, upper_score,
};

use crate::{SegmentName, Trend, benchmark_error::BenchmarkErrors};

/// What moves all costs together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct System {
    /// The trend of all costs.
    pub trend: Trend,
    factors: Vec<Factor>,
    correlation: Option<FactorCorrelation>,
}

/// How the normal scores of factors are correlated: in every year by the matrix that is stated, from year to year by the
/// factors' persistences.
///
/// Under a t copula the scores are those of normals over a mixing that all factors share. The mixing persists as the most
/// persistent factor does, so that every year has the same copula, and years are independent where nothing persists.
#[derive(Clone, Debug, PartialEq)]
pub struct FactorCorrelation {
    /// Of the normals in the first year.
    first: CorrelationMatrix,
    /// Of what is new in a later year: of normals that persist differently, more or less than that of the normals.
    renewed: CorrelationMatrix,
    /// What each factor's normal keeps of the one before.
    kept: Vec<f64>,
    copula: Option<TCopula>,
    /// What the mixing's normal keeps of the one before.
    mixing_kept: f64,
}

/// Factors that cannot be correlated so, with correlations of their scores that can be.
#[derive(Clone, Debug, PartialEq)]
pub enum FactorCorrelationError {
    /// The matrix as stated.
    Stated(CorrelationError),
    /// What must be new in later years.
    Renewed(CorrelationError),
}

impl FactorCorrelation {
    /// Factors whose scores have the correlations of a matrix, of which the lower triangle is read; extremes meet as those
    /// of Student's t with these degrees of freedom where they are given, as those of normals elsewhere.
    ///
    /// # Errors
    /// [`FactorCorrelationError`] where no normals have such scores.
    pub fn new(matrix: &[Vec<f64>], factors: &[Factor], freedom: Option<f64>) -> Result<Self, FactorCorrelationError> {
        let mixing_kept = factors.iter().map(|factor| factor.persistence.abs()).fold(0.0, f64::max);
        let copula = freedom.map(|freedom| TCopula::new(freedom, mixing_kept));
        let of = |stated: f64| copula.as_ref().map_or(stated, |copula| copula.dispersion(stated));
        let stated_by = |normals: f64| copula.as_ref().map_or(normals, |copula| copula.correlation(normals));
        let kept: Vec<f64> = factors
            .iter()
            .map(|factor| copula.as_ref().map_or(factor.persistence, |copula| copula.step(factor.persistence)))
            .collect();
        let each = |matrix: &[Vec<f64>], of: &dyn Fn(usize, usize, f64) -> f64| -> Vec<Vec<f64>> {
            let row = |(row, values): (usize, &Vec<f64>)| {
                values.iter().enumerate().take(row).map(|(column, &value)| of(row, column, value)).collect()
            };
            matrix.iter().enumerate().map(row).collect()
        };
        // What two new parts must be correlated by for their normals to be so in every year.
        let renewal = |row: usize, column: usize| {
            let (a, b): (f64, f64) = (kept[row], kept[column]);
            (1.0 - a * b) / ((1.0 - a * a) * (1.0 - b * b)).sqrt()
        };
        let normals = each(matrix, &|_, _, value| of(value));
        let first = CorrelationMatrix::new(&normals).map_err(|error| {
            let nearest = each(&error.nearest, &|_, _, value| stated_by(value));
            FactorCorrelationError::Stated(CorrelationError { nearest, ..error })
        })?;
        let renewed = each(&normals, &|row, column, value| value * renewal(row, column));
        let renewed = CorrelationMatrix::new(&renewed).map_err(|error| {
            let nearest = each(&error.nearest, &|row, column, value| stated_by(value / renewal(row, column)));
            FactorCorrelationError::Renewed(CorrelationError { nearest, ..error })
        })?;
        Ok(Self { first, renewed, kept, copula, mixing_kept })
    }
}

/// The scores of a trial's factors, from year to year.
struct Scores {
    /// Standard normals, those of the scores or, under a t copula, behind them.
    normals: Vec<f64>,
    mixing: f64,
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
    pub(crate) fn value(&self, score: f64) -> f64 {
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
        self.correlation.as_ref().map_or(Some(0.0), |correlation| {
            if correlation.copula.is_some() { None } else { Some(correlation.first.of(one, other)) }
        })
    }

    /// What benchmarks and rates are expected to be updated by from the first year to another, counted from 0.
    pub fn expected_update(&self, year: u32) -> f64 {
        let compounding = self.factors.iter().filter(|factor| factor.compounding);
        let factors: f64 = compounding.map(|factor| libm::pow(factor.law.mean(), factor.loading.benchmark)).product();
        libm::pow(self.trend.mean() * factors, f64::from(year))
    }

    /// Draws a trial: for each year, the values of the factors, and what has become of benchmarks.
    ///
    /// Draw order: the trend from its stream of the year; each factor from the stream of its name and the year; the mixing of a
    /// t copula, one normal from a stream of the year.
    pub fn draw(&self, seed: u64, trial: u64, years: u32) -> Vec<SystemYear> {
        let mut state = Scores { normals: vec![0.0; self.factors.len()], mixing: 0.0 };
        let mut drawn: Vec<SystemYear> = Vec::with_capacity(years as usize);
        let mut trend = 1.0;
        let mut compounded = vec![1.0; self.factors.len()];
        let mut benchmark_compounded = 1.0;
        let mut errors = BenchmarkErrors::default();
        for year in 0..years {
            let trend_factor = self.trend.factor(seed, trial, year);
            trend *= trend_factor;
            let updated = if year == 0 { 1.0 } else { self.trend.mean() };
            let surprise = trend_factor / self.trend.mean();
            benchmark_compounded *= updated * power(surprise, self.trend.benchmark_loading);
            let scores = self.draw_scores(seed, trial, year, &mut state);
            let benchmark_errors = errors.next(&self.factors, &scores);
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
            drawn.push(SystemYear { trend, factors, benchmark: benchmark_compounded * transient, benchmark_errors });
        }
        drawn
    }

    fn draw_scores(&self, seed: u64, trial: u64, year: u32, state: &mut Scores) -> Vec<f64> {
        let stream =
            |service| Stream::new(&StreamKey { seed, purpose: Purpose::Factor, segment: 0, service, trial, year });
        let mut fresh: Vec<f64> = self.factors.iter().map(|factor| stream(name_key(&factor.name)).normal()).collect();
        if let Some(FactorCorrelation { first, renewed, .. }) = &self.correlation {
            fresh = if year == 0 { first } else { renewed }.correlate(&fresh);
        }
        let persisting = |before: f64, fresh: f64, kept: f64| {
            let kept = if year == 0 { 0.0 } else { kept };
            kept * before + (1.0 - kept * kept).sqrt() * fresh
        };
        for (index, (normal, fresh)) in state.normals.iter_mut().zip(fresh).enumerate() {
            let kept = self.correlation.as_ref().map_or(self.factors[index].persistence, |known| known.kept[index]);
            *normal = persisting(*normal, fresh, kept);
        }
        let Some(FactorCorrelation { copula: Some(copula), mixing_kept, .. }) = &self.correlation else {
            return state.normals.clone();
        };
        state.mixing = persisting(state.mixing, stream(0).normal(), *mixing_kept);
        copula.scores(&state.normals, state.mixing)
    }
}

/// `base^loading`, exactly one for no loading.
fn power(base: f64, loading: f64) -> f64 {
    if loading == 0.0 { 1.0 } else { libm::pow(base, loading) }
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
    /// The part of it that is the benchmark's error, by the year in which the benchmark was set, the first year first; empty where
    /// benchmarks have none.
    pub benchmark_errors: Vec<f64>,
}

impl SystemYear {
    /// What the cost of a segment's service is multiplied by.
    pub fn cost(&self, factors: &[Factor], segment: SegmentName<'_>, service: &str) -> f64 {
        let values = self.factors.iter().zip(factors);
        self.trend * values.map(|(&value, factor)| power(value, factor.loading.of(segment, service))).product::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn correlation_of(a: &[f64], b: &[f64]) -> f64 {
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
        assert!((correlation_of(&of(0), &of(1)) - 0.7).abs() < 4.0 * error);
        assert!((correlation_of(&of(0), &of(2)) - 0.49).abs() < 4.0 * error);
    }

    #[test]
    fn a_benchmark_set_anew_has_an_error_of_its_own_that_persists() {
        let mut error = factor("error", lognormal(1.0, 0.05), 1.0, false, 0.7);
        error.loading.cost = 0.0;
        let system = System::new(Trend::NONE, vec![error], None);
        let paths: Vec<Vec<SystemYear>> = (0..20_000).map(|trial| system.draw(5, trial, 4)).collect();
        let of = |year: usize, set_in: usize| -> Vec<f64> {
            paths.iter().map(|path| path[year].benchmark_errors[set_in].ln()).collect()
        };
        let whole = |year: usize| -> Vec<f64> { paths.iter().map(|path| path[year].benchmark.ln()).collect() };
        let error = 1.0 / 20_000_f64.sqrt();
        for year in [2, 3] {
            let own = of(year, 2);
            let center = mean(&own);
            let variance = mean(&own.iter().map(|value| (value - center).powi(2)).collect::<Vec<_>>());
            assert!((variance.sqrt() / 0.05 - 1.0).abs() < 4.0 * error / 2_f64.sqrt());
            for old in [0, 1] {
                assert!(correlation_of(&whole(old), &own).abs() < 4.0 * error);
            }
        }
        assert!((correlation_of(&of(2, 2), &of(3, 2)) - 0.7).abs() < 4.0 * error);
        assert!(whole(3).iter().zip(of(3, 0)).all(|(whole, error)| (whole - error).abs() < 1e-12));
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
        let correlations = FactorCorrelation::new(&[vec![], vec![0.5]], &pair, None).expect("valid");
        let system = System::new(Trend::NONE, pair, Some(correlations));
        let paths: Vec<Vec<SystemYear>> = (0..20_000).map(|trial| system.draw(6, trial, 4)).collect();
        for year in 0..4 {
            let of = |index: usize| -> Vec<f64> { paths.iter().map(|path| path[year].factors[index].ln()).collect() };
            let found = correlation_of(&of(0), &of(1));
            assert!((found - 0.5).abs() < 4.0 * 0.75 / 20_000_f64.sqrt(), "year {year}: {found}");
        }
    }

    #[test]
    fn correlated_factors_move_together_and_others_keep_their_draws() {
        let pair = || {
            vec![factor("a", lognormal(1.0, 0.02), 0.0, false, 0.0), factor("b", lognormal(1.0, 0.03), 0.0, false, 0.0)]
        };
        let matrix = FactorCorrelation::new(&[vec![], vec![0.5]], &pair(), None).expect("valid");
        let (alone, together) =
            (System::new(Trend::NONE, pair(), None), System::new(Trend::NONE, pair(), Some(matrix)));
        let draw = |system: &System, index: usize| -> Vec<f64> {
            (0..20_000).map(|trial| system.draw(3, trial, 1)[0].factors[index].ln()).collect()
        };
        assert_eq!(draw(&alone, 0), draw(&together, 0));
        let error = 1.0 / 20_000_f64.sqrt();
        assert!((correlation_of(&draw(&together, 0), &draw(&together, 1)) - 0.5).abs() < 4.0 * error);
        assert!(correlation_of(&draw(&alone, 0), &draw(&alone, 1)).abs() < 4.0 * error);
    }

    /// Scores of two factors by year, `[factor][year][trial]`, where a factor is the exponential of its score.
    fn scores_of(system: &System, years: u32, trials: u64) -> [Vec<Vec<f64>>; 2] {
        let paths: Vec<Vec<SystemYear>> = (0..trials).map(|trial| system.draw(8, trial, years)).collect();
        [0, 1].map(|index| {
            let of_year = |year: usize| paths.iter().map(|path| path[year].factors[index].ln()).collect();
            (0..years as usize).map(of_year).collect()
        })
    }

    #[test]
    fn a_t_copula_is_as_stated_in_every_year() {
        const TRIALS: u64 = 40_000;
        let n = TRIALS as f64;
        for (freedom, stated, persistences) in
            [(2.0, 0.5, [0.8, 0.8]), (3.0, 0.6, [0.8, 0.8]), (8.0, -0.4, [0.5, -0.3]), (3.0, 0.6, [0.0, 0.0])]
        {
            let [a, b] = persistences;
            let score = FactorLaw::Lognormal { location: 0.0, scale: 1.0 };
            let pair = vec![factor("a", score.clone(), 0.0, false, a), factor("b", score, 0.0, false, b)];
            let correlation = FactorCorrelation::new(&[vec![], vec![stated]], &pair, Some(freedom)).expect("valid");
            let scores = scores_of(&System::new(Trend::NONE, pair, Some(correlation)), 8, TRIALS);
            let what = format!("t of {freedom}, {stated}, persistences {persistences:?}");
            // A product of two scores has a variance of at most 3 + its square, whatever the copula.
            let error = 2.0 / n.sqrt();
            for year in [0, 1, 3, 7] {
                let found = correlation_of(&scores[0][year], &scores[1][year]);
                assert!((found - stated).abs() < 4.0 * error, "{what}: {found} in year {}", year + 1);
                let variance = mean(&scores[0][year].iter().map(|score| score * score).collect::<Vec<_>>());
                assert!((variance - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "{what}: variance {variance}");
            }
            for (index, persistence) in persistences.into_iter().enumerate() {
                for year in [1, 7] {
                    let found = correlation_of(&scores[index][year - 1], &scores[index][year]);
                    assert!((found - persistence).abs() < 4.0 * error, "{what}: {found} from year {year} to the next");
                }
            }
            // Both beyond the 99th percentile: as often in the first year as in the last.
            let both = |year: usize| {
                let pairs = scores[0][year].iter().zip(&scores[1][year]);
                pairs.filter(|&(a, b)| *a > 2.326_347_874 && *b * stated.signum() > 2.326_347_874).count() as f64 / n
            };
            let (first, last) = (both(0), both(7));
            let error = ((first + last) / n).sqrt();
            assert!((first - last).abs() < 4.0 * error, "{what}: {first} in year 1, {last} in year 8");
        }
    }

    #[test]
    fn extremes_meet_as_often_as_the_t_copula_says() {
        // P(both above the 99th percentile) of the bivariate t of 3 degrees of freedom and dispersion 0.613942, whose scores
        // correlate by 0.6: by integration over one of the two.
        const BOTH: f64 = 0.004_006_4;
        let score = FactorLaw::Lognormal { location: 0.0, scale: 1.0 };
        let pair = vec![factor("a", score.clone(), 0.0, false, 0.8), factor("b", score, 0.0, false, 0.8)];
        let correlation = FactorCorrelation::new(&[vec![], vec![0.6]], &pair, Some(3.0)).expect("valid");
        let scores = scores_of(&System::new(Trend::NONE, pair, Some(correlation)), 8, 40_000);
        for year in [0, 7] {
            let pairs = scores[0][year].iter().zip(&scores[1][year]);
            let both = pairs.filter(|&(a, b)| *a > 2.326_347_874 && *b > 2.326_347_874).count() as f64 / 40_000.0;
            let z = (both - BOTH) / (BOTH / 40_000.0).sqrt();
            assert!(z.abs() < 4.0, "year {}: {both}, {z:.1} standard errors", year + 1);
        }
    }
}
