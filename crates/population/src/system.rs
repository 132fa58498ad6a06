//! What moves many costs and benchmarks at once, drawn for each year of a trial: the trend, and named factors.

use twosided_prob::Draws;

use crate::{
    Factor, FactorCorrelation, SegmentName, Trend, benchmark_error::BenchmarkErrors, factor::power,
    factor_correlation::FactorScores,
};

/// What moves all costs together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct System {
    /// The trend of all costs.
    pub trend: Trend,
    factors: Vec<Factor>,
    correlation: Option<FactorCorrelation>,
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

    /// Whether the normal score of a factor, by its index, is correlated with that of another.
    pub fn is_correlated(&self, index: usize) -> bool {
        let others = (0..self.factors.len()).filter(|&other| other != index);
        others.map(|other| self.correlation_of_scores(index, other)).any(|correlation| correlation != Some(0.0))
    }

    /// Correlation of the normal scores of two factors; none where extremes go together otherwise than in a Gaussian copula.
    pub(crate) fn correlation_of_scores(&self, one: usize, other: usize) -> Option<f64> {
        self.correlation.as_ref().map_or(Some(0.0), |correlation| correlation.of_scores(one, other))
    }

    /// What benchmarks and rates are expected to be updated by from the first year to another, counted from 0.
    pub fn expected_update(&self, year: u32) -> f64 {
        let compounding = self.factors.iter().filter(|factor| factor.compounding);
        let factors: f64 = compounding.map(|factor| libm::pow(factor.law.mean(), factor.loading.benchmark)).product();
        libm::pow(self.trend.mean() * factors, f64::from(year))
    }

    /// Draws a trial: for each year, the values of the factors, and what has become of benchmarks.
    ///
    /// Draw order: the trend from its stream of the year; then the factors' scores, from streams of their own.
    pub fn draw(&self, draws: Draws, seed: u64, trial: u64, years: u32) -> Vec<SystemYear> {
        let mut factor_scores = FactorScores::default();
        let mut path = Path::new(self.factors.len());
        let of_year = |year| {
            let key = (seed, trial, year);
            let mut independent = vec![Trend::score(draws, key)];
            let scores = factor_scores.next(draws, key, &self.factors, self.correlation.as_ref(), &mut independent);
            path.next(self, year, independent, &scores)
        };
        (0..years).map(of_year).collect()
    }

    /// The first year where the trend has a normal score and the factors have these independent normals; none where
    /// factors are tied by another copula than the Gaussian one, so that normals alone do not decide them.
    pub fn first_year(&self, trend: f64, normals: &[f64]) -> Option<SystemYear> {
        let scores = match &self.correlation {
            Some(correlation) => correlation.first_scores(normals)?,
            None => normals.to_vec(),
        };
        let independent = [trend].iter().chain(normals).copied().collect();
        Some(Path::new(self.factors.len()).next(self, 0, independent, &scores))
    }
}

/// What has become of the factors of a trial.
struct Path {
    trend: f64,
    compounded: Vec<f64>,
    benchmark_compounded: f64,
    errors: BenchmarkErrors,
}

impl Path {
    fn new(factors: usize) -> Self {
        let errors = BenchmarkErrors::default();
        Self { trend: 1.0, compounded: vec![1.0; factors], benchmark_compounded: 1.0, errors }
    }

    /// The next year, by the independent scores of the trend and the factors, and the scores of the factors.
    fn next(&mut self, system: &System, year: u32, independent: Vec<f64>, scores: &[f64]) -> SystemYear {
        let trend_factor = system.trend.factor(independent[0]);
        let Self { trend, compounded, benchmark_compounded, errors } = self;
        *trend *= trend_factor;
        let updated = if year == 0 { 1.0 } else { system.trend.mean() };
        let surprise = trend_factor / system.trend.mean();
        *benchmark_compounded *= updated * power(surprise, system.trend.benchmark_loading);
        let benchmark_errors = errors.next(&system.factors, scores);
        let mut transient = 1.0;
        let factors = system.factors.iter().zip(scores).zip(compounded).map(|((factor, &score), compounded)| {
            let value = factor.law.value(score);
            let expected = factor.law.mean();
            if !factor.compounding {
                transient *= power(value, factor.loading.benchmark);
                return value;
            }
            *compounded *= value;
            let counted = if year == 0 { value / expected } else { value };
            *benchmark_compounded *= power(counted, factor.loading.benchmark);
            *compounded
        });
        let factors = factors.collect();
        let benchmark = *benchmark_compounded * transient;
        SystemYear { trend: *trend, factors, benchmark, benchmark_errors, scores: independent }
    }
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
    /// Independent normal scores behind the year: of the trend, then of each factor.
    pub scores: Vec<f64>,
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
    use std::collections::BTreeMap;

    use super::*;
    use crate::{FactorLaw, Loading};

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
            let (with, without) =
                (shared.draw(Draws::Independent, 1, trial, 3), unshared.draw(Draws::Independent, 1, trial, 3));
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
        let paths: Vec<Vec<SystemYear>> =
            (0..20_000).map(|trial| system.draw(Draws::Independent, 4, trial, 3)).collect();
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
        let paths: Vec<Vec<SystemYear>> =
            (0..20_000).map(|trial| system.draw(Draws::Independent, 5, trial, 4)).collect();
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
        let years: Vec<SystemYear> =
            (0..20_000).flat_map(|trial| system.draw(Draws::Independent, 9, trial, 1)).collect();
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
        let paths: Vec<Vec<SystemYear>> =
            (0..20_000).map(|trial| system.draw(Draws::Independent, 6, trial, 4)).collect();
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
            (0..20_000).map(|trial| system.draw(Draws::Independent, 3, trial, 1)[0].factors[index].ln()).collect()
        };
        assert_eq!(draw(&alone, 0), draw(&together, 0));
        let error = 1.0 / 20_000_f64.sqrt();
        assert!((correlation_of(&draw(&together, 0), &draw(&together, 1)) - 0.5).abs() < 4.0 * error);
        assert!(correlation_of(&draw(&alone, 0), &draw(&alone, 1)).abs() < 4.0 * error);
    }

    /// Scores of two factors by year, `[factor][year][trial]`, where a factor is the exponential of its score.
    fn scores_of(system: &System, years: u32, trials: u64) -> [Vec<Vec<f64>>; 2] {
        let paths: Vec<Vec<SystemYear>> =
            (0..trials).map(|trial| system.draw(Draws::Independent, 8, trial, years)).collect();
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
