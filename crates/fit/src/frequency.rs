//! How often: laws of counts by maximum likelihood, people being enrolled for parts of a year.

use std::{collections::BTreeMap, sync::atomic::AtomicBool};

use twosided_prob::{Frequency, Stream};

use crate::{
    criterion::{Criteria, Criterion},
    error::{Figure, clustered, covariance, figures},
    families::Reason,
    goodness::{Goodness, Stopped, go_on, tested},
    law::rounded,
    search::least,
    special::{ln_gamma, logistic, logit},
};

/// Counts of people's years.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Events, exposure as a share of a year, and whose.
    pub rows: Vec<(u32, f64, u32)>,
}

/// A law of counts that was fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct CountCandidate {
    /// The law of a full year.
    pub law: Frequency,
    /// Its numbers as a population file states them.
    pub parameters: Vec<(&'static str, Figure)>,
    /// Log-likelihood.
    pub log_likelihood: f64,
    /// Its likelihood weighed against its numbers.
    pub criteria: Criteria,
    /// Tests.
    pub goodness: Option<Goodness>,
}

/// A law of counts that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct CountTried {
    /// Its key in a population file.
    pub key: &'static str,
    /// What came of it, or why it is not offered.
    pub outcome: Result<CountCandidate, Reason>,
}

/// Counts and their law.
#[derive(Clone, Debug, PartialEq)]
pub struct FrequencyFit {
    /// Events per person-year, as observed.
    pub mean: Figure,
    /// Laws, in the order of trying.
    pub tried: Vec<CountTried>,
    /// Which has the least criterion.
    pub chosen: usize,
    /// The law.
    pub law: Frequency,
    /// Rows with so many events: observed, and expected under the law; the last of so many or more.
    pub table: Vec<[f64; 2]>,
}

/// Laws that are tried, by their key and a start.
const KEYS: [&str; 4] = ["poisson", "negative_binomial", "zero_inflated_poisson", "zero_inflated_negative_binomial"];
/// A dispersion from which a negative binomial is a Poisson.
const NO_DISPERSION: f64 = 1e6;
/// Rows of the table of counts.
const SHOWN: usize = 8;

/// The law of a key at coordinates: log mean, log dispersion, logit of the zero inflation, as far as it has them.
fn law_at(key: &str, at: &[f64]) -> Frequency {
    let mean = at[0].exp();
    match key {
        "poisson" => Frequency::Poisson { mean },
        "negative_binomial" => Frequency::NegativeBinomial { mean, dispersion: at[1].exp() },
        "zero_inflated_poisson" => Frequency::ZeroInflatedPoisson { mean, zero_inflation: logistic(at[1]) },
        _ => Frequency::ZeroInflatedNegativeBinomial { mean, dispersion: at[1].exp(), zero_inflation: logistic(at[2]) },
    }
}

/// The law that a population file states: its numbers rounded as they are written.
fn rounded_law(law: Frequency) -> Frequency {
    let mean = rounded(law.mean());
    match law {
        Frequency::Poisson { .. } => Frequency::Poisson { mean },
        Frequency::Bernoulli { .. } => Frequency::Bernoulli { probability: mean },
        Frequency::NegativeBinomial { dispersion, .. } => {
            Frequency::NegativeBinomial { mean, dispersion: rounded(dispersion) }
        }
        Frequency::ZeroInflatedPoisson { zero_inflation, .. } => {
            Frequency::ZeroInflatedPoisson { mean, zero_inflation: rounded(zero_inflation) }
        }
        Frequency::ZeroInflatedNegativeBinomial { dispersion, zero_inflation, .. } => {
            let (dispersion, zero_inflation) = (rounded(dispersion), rounded(zero_inflation));
            Frequency::ZeroInflatedNegativeBinomial { mean, dispersion, zero_inflation }
        }
    }
}

/// The numbers that a population file states.
fn stated(law: Frequency) -> Vec<(&'static str, f64)> {
    match law {
        Frequency::Poisson { mean } => vec![("mean", mean)],
        Frequency::NegativeBinomial { mean, dispersion } => vec![("mean", mean), ("dispersion", dispersion)],
        Frequency::Bernoulli { probability } => vec![("probability", probability)],
        Frequency::ZeroInflatedPoisson { mean, zero_inflation } => {
            vec![("mean", mean), ("zero_inflation", zero_inflation)]
        }
        Frequency::ZeroInflatedNegativeBinomial { mean, dispersion, zero_inflation } => {
            vec![("mean", mean), ("dispersion", dispersion), ("zero_inflation", zero_inflation)]
        }
    }
}

/// Dispersion and zero inflation, where a law has them.
fn shape_of(law: Frequency) -> (Option<f64>, f64) {
    match law {
        Frequency::Poisson { .. } | Frequency::Bernoulli { .. } => (None, 0.0),
        Frequency::NegativeBinomial { dispersion, .. } => (Some(dispersion), 0.0),
        Frequency::ZeroInflatedPoisson { zero_inflation, .. } => (None, zero_inflation),
        Frequency::ZeroInflatedNegativeBinomial { dispersion, zero_inflation, .. } => {
            (Some(dispersion), zero_inflation)
        }
    }
}

/// Log probability of a count in part of a year: the mean is in proportion to the exposure, the spread between people and the
/// share who cannot have events are those of the year.
fn log_probability(law: Frequency, count: u32, exposure: f64) -> f64 {
    let (dispersion, inflation) = shape_of(law);
    let mean = exposure * law.mean() / (1.0 - inflation);
    let k = f64::from(count);
    let own = match dispersion {
        None => k * mean.ln() - mean - ln_gamma(k + 1.0),
        Some(r) => ln_gamma(r + k) - ln_gamma(r) - ln_gamma(k + 1.0) - r * (mean / r).ln_1p() - k * (r / mean).ln_1p(),
    };
    match count {
        0 => (inflation + (1.0 - inflation) * own.exp()).ln(),
        _ => (1.0 - inflation).ln() + own,
    }
}

/// Standard deviation of a year's count.
pub(crate) fn variance(law: Frequency) -> f64 {
    let (dispersion, inflation) = shape_of(law);
    let mean = law.mean();
    let among = mean / (1.0 - inflation);
    let square = among + among * among * (1.0 + dispersion.map_or(0.0, f64::recip));
    (1.0 - inflation) * square - mean * mean
}

/// Rows of the same count and exposure, and how many; exposures in hundredths.
type Heaps = BTreeMap<(u32, u32), f64>;

fn hundredths(exposure: f64) -> u32 {
    ((100.0 * exposure).round() as u32).max(1)
}

fn likeliest(key: &str, heaps: &Heaps) -> Vec<f64> {
    let (mut events, mut exposure, mut rows, mut none, mut square) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (&(count, share), &many) in heaps {
        events += many * f64::from(count);
        square += many * f64::from(count).powi(2);
        exposure += many * f64::from(share) / 100.0;
        rows += many;
        none += if count == 0 { many } else { 0.0 };
    }
    let mean = events / exposure;
    let spread = square / rows - (events / rows).powi(2);
    let dispersion = (mean * mean / (spread - mean).max(0.01 * mean)).clamp(0.01, 1e3).ln();
    let inflation = logit((0.5 * none / rows).clamp(0.01, 0.9));
    let start = match key {
        "poisson" => return vec![mean.ln()],
        "negative_binomial" => vec![mean.ln(), dispersion],
        "zero_inflated_poisson" => vec![mean.ln(), inflation],
        _ => vec![mean.ln(), dispersion + 0.7, inflation - 1.0],
    };
    least(&start, 0.3, |at| {
        let law = law_at(key, at);
        let of_heap = |((count, share), many): (&(u32, u32), &f64)| {
            many * log_probability(law, *count, f64::from(*share) / 100.0)
        };
        -heaps.iter().map(of_heap).sum::<f64>() / rows
    })
}

impl Counts {
    fn heaps(&self) -> Heaps {
        let mut heaps = Heaps::new();
        for &(count, exposure, _) in &self.rows {
            *heaps.entry((count, hundredths(exposure))).or_default() += 1.0;
        }
        heaps
    }

    /// Fits all laws and chooses that of the least criterion. `stream_of` gives the stream of each law's samples by its place.
    pub(crate) fn fit(
        &self,
        samples: u32,
        criterion: Criterion,
        stream_of: impl Fn(u64) -> Stream,
        stop: &AtomicBool,
    ) -> Result<FrequencyFit, Stopped> {
        let heaps = self.heaps();
        let mut tried = Vec::new();
        for (index, key) in (0..).zip(KEYS) {
            let outcome = self.one(key, &heaps, samples, &mut stream_of(index), stop)?;
            tried.push(CountTried { key, outcome });
        }
        let criteria = tried.iter().map(|tried| tried.outcome.as_ref().ok().map(|candidate| candidate.criteria));
        let chosen = criterion.least(criteria).unwrap_or_default();
        let law = match &tried[chosen].outcome {
            Ok(candidate) => candidate.law,
            Err(_) => Frequency::Poisson { mean: self.mean().value },
        };
        Ok(FrequencyFit { mean: self.mean(), chosen, law, table: table(&heaps, law), tried })
    }

    /// Events per person-year, with its error.
    pub(crate) fn mean(&self) -> Figure {
        let events: f64 = self.rows.iter().map(|row| f64::from(row.0)).sum();
        let exposure: f64 = self.rows.iter().map(|row| row.1).sum();
        let mean = events / exposure;
        let persons: Vec<u32> = self.rows.iter().map(|row| row.2).collect();
        let spread = clustered(&persons, 1, |at| vec![f64::from(self.rows[at].0) - mean * self.rows[at].1]);
        Figure { value: mean, standard_error: spread[0][0].sqrt() / exposure }
    }

    fn one(
        &self,
        key: &'static str,
        heaps: &Heaps,
        samples: u32,
        stream: &mut Stream,
        stop: &AtomicBool,
    ) -> Result<Result<CountCandidate, Reason>, Stopped> {
        go_on(stop)?;
        let at = likeliest(key, heaps);
        let law = law_at(key, &at);
        if let (Some(dispersion), _) = shape_of(law)
            && dispersion > NO_DISPERSION
        {
            return Ok(Err("people do not differ more than by chance: it is the law without dispersion".to_owned()));
        }
        if let Err(error) = rounded_law(law).check() {
            return Ok(Err(format!("a population file cannot state it: {error}")));
        }
        let persons: Vec<u32> = self.rows.iter().map(|row| row.2).collect();
        let of_rows = |at: &[f64]| {
            let law = law_at(key, at);
            let mut known = BTreeMap::new();
            let of = |&(count, exposure, _): &(u32, f64, u32)| {
                let share = hundredths(exposure);
                *known.entry((count, share)).or_insert_with(|| log_probability(law, count, f64::from(share) / 100.0))
            };
            self.rows.iter().map(of).collect::<Vec<f64>>()
        };
        let Some(spread) = covariance(&at, &vec![1.0; self.rows.len()], &persons, of_rows) else {
            return Ok(Err("the likelihood is flat there: a simpler law says as much".to_owned()));
        };
        let values = |at: &[f64]| stated(law_at(key, at)).into_iter().map(|(_, value)| value).collect();
        let names = stated(law).into_iter().map(|(name, _)| name);
        let parameters = names.zip(figures(&at, &spread, values)).collect();
        let log_likelihood: f64 = of_rows(&at).iter().sum();
        let by_chance = samples_of(law, heaps, samples, stream, stop, |sample| {
            let refitted = law_at(key, &likeliest(key, sample));
            statistics(refitted, sample)
        })?;
        let goodness = tested(statistics(law, heaps), &by_chance);
        let criteria = Criteria::new(at.len(), self.rows.len(), log_likelihood);
        Ok(Ok(CountCandidate { law, parameters, log_likelihood, criteria, goodness }))
    }
}

/// Statistics of samples of a law in the same exposures. Draw order: exposures rising, one word a row.
fn samples_of(
    law: Frequency,
    heaps: &Heaps,
    samples: u32,
    stream: &mut Stream,
    stop: &AtomicBool,
    statistics: impl Fn(&Heaps) -> [f64; 2],
) -> Result<Vec<[f64; 2]>, Stopped> {
    let mut rows_of: BTreeMap<u32, f64> = BTreeMap::new();
    for (&(_, share), &many) in heaps {
        *rows_of.entry(share).or_default() += many;
    }
    let mut tables = Vec::new();
    for (&share, &rows) in &rows_of {
        let exposed = of_part(law, f64::from(share) / 100.0);
        let Ok(table) = exposed.table() else { return Ok(Vec::new()) };
        tables.push((share, rows as u64, table));
    }
    let mut by_chance = Vec::new();
    for _ in 0..samples {
        go_on(stop)?;
        let mut sample = Heaps::new();
        for (share, rows, table) in &tables {
            for _ in 0..*rows {
                *sample.entry((table.count(stream.word()), *share)).or_default() += 1.0;
            }
        }
        // A sample without events has no law.
        if sample.keys().any(|&(count, _)| count > 0) {
            by_chance.push(statistics(&sample));
        }
    }
    Ok(by_chance)
}

/// The law of part of a year.
fn of_part(law: Frequency, exposure: f64) -> Frequency {
    match law {
        Frequency::Poisson { mean } => Frequency::Poisson { mean: mean * exposure },
        Frequency::NegativeBinomial { mean, dispersion } => {
            Frequency::NegativeBinomial { mean: mean * exposure, dispersion }
        }
        Frequency::Bernoulli { probability } => Frequency::Bernoulli { probability: probability * exposure },
        Frequency::ZeroInflatedPoisson { mean, zero_inflation } => {
            Frequency::ZeroInflatedPoisson { mean: mean * exposure, zero_inflation }
        }
        Frequency::ZeroInflatedNegativeBinomial { mean, dispersion, zero_inflation } => {
            Frequency::ZeroInflatedNegativeBinomial { mean: mean * exposure, dispersion, zero_inflation }
        }
    }
}

/// Expected rows with 0, 1, 2, … events, up to a count.
fn expected(law: Frequency, heaps: &Heaps, up_to: u32) -> Vec<f64> {
    let mut rows_of: BTreeMap<u32, f64> = BTreeMap::new();
    for (&(_, share), &many) in heaps {
        *rows_of.entry(share).or_default() += many;
    }
    let of = |count: u32| {
        let part = |(&share, &rows): (&u32, &f64)| rows * log_probability(law, count, f64::from(share) / 100.0).exp();
        rows_of.iter().map(part).sum()
    };
    (0..=up_to).map(of).collect()
}

fn observed(heaps: &Heaps, up_to: u32) -> Vec<f64> {
    let mut rows = vec![0.0; up_to as usize + 1];
    for (&(count, _), &many) in heaps {
        rows[count.min(up_to) as usize] += many;
    }
    rows
}

/// The greatest distance between the distribution functions of the counts, and `n Σ p (F_n - F)² / (F (1 - F))` over them,
/// `F` being the mean of the laws of the rows' exposures.
///
/// # Source
/// \[H96\] for the bootstrap of counts; \[CLS94\] for the second statistic.
fn statistics(law: Frequency, heaps: &Heaps) -> [f64; 2] {
    let most = heaps.keys().map(|&(count, _)| count).max().unwrap_or_default();
    let rows: f64 = heaps.values().sum();
    let (mut upto_law, mut upto_data) = (0.0, 0.0);
    let (mut distance, mut square) = (0.0_f64, 0.0);
    for (of_law, of_data) in expected(law, heaps, most).iter().zip(observed(heaps, most)) {
        upto_law += of_law / rows;
        upto_data += of_data / rows;
        let gap: f64 = upto_data - upto_law;
        distance = distance.max(gap.abs());
        let spread: f64 = upto_law * (1.0 - upto_law);
        if spread > 1e-9 {
            square += of_law * gap * gap / spread;
        }
    }
    [distance, square]
}

fn table(heaps: &Heaps, law: Frequency) -> Vec<[f64; 2]> {
    let last = SHOWN as u32 - 1;
    let rows: f64 = heaps.values().sum();
    let mut of_law = expected(law, heaps, last);
    of_law[SHOWN - 1] = rows - of_law[..SHOWN - 1].iter().sum::<f64>();
    observed(heaps, last).into_iter().zip(of_law).map(|(of_data, of_law)| [of_data, of_law]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_of_part_of_a_year_add_to_one_and_have_their_mean() {
        for key in KEYS {
            let law = law_at(key, &[0.2, 0.3, -1.0]);
            let rows = (0..400).map(|count| (f64::from(count), log_probability(law, count, 0.4).exp()));
            let (total, mean) = rows.fold((0.0, 0.0), |(total, mean), (count, p)| (total + p, mean + count * p));
            assert!((total - 1.0).abs() < 1e-9 && (mean - 0.4 * 0.2_f64.exp()).abs() < 1e-9, "{key}: {total}, {mean}");
        }
    }

    #[test]
    fn a_poisson_is_fitted_by_events_over_exposure() {
        let counts = Counts { rows: vec![(2, 1.0, 0), (0, 0.5, 1), (1, 0.5, 2)] };
        assert!((law_at("poisson", &likeliest("poisson", &counts.heaps())).mean() - 1.5).abs() < 1e-12);
        assert_eq!(counts.mean().value, 1.5);
    }

    #[test]
    fn counts_spread_no_more_than_chance_are_left_to_the_poisson() {
        // Poisson(1) counts of 1,000 rows, as expected: 368, 368, 184, 61, 15, 3, 1.
        let many = [368, 368, 184, 61, 15, 3, 1];
        let counts = (0_u32..).zip(many).flat_map(|(count, rows)| vec![count; rows]);
        let rows = counts.enumerate().map(|(at, count)| (count, 1.0, at as u32)).collect();
        let stop = AtomicBool::new(false);
        let key = |trial| twosided_prob::StreamKey {
            seed: 1,
            purpose: twosided_prob::Purpose::Refit,
            segment: 0,
            service: 0,
            trial,
            year: 0,
        };
        let fit =
            Counts { rows }.fit(19, Criterion::Bic, |index| Stream::new(&key(index)), &stop).expect("nothing stops it");
        assert_eq!(fit.tried[fit.chosen].key, "poisson");
        assert!((fit.table[0][0] - 368.0).abs() < 1e-9 && (fit.table[0][1] - 367.9).abs() < 1.0);
    }
}
