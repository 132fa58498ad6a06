//! How often: laws of counts by maximum likelihood, people being enrolled for parts of a year.

mod heaps;
mod likeliest;

use std::{collections::BTreeMap, sync::atomic::AtomicBool};

use twosided_prob::{Frequency, Stream};

use heaps::{Heaps, hundredths, law_of, samples_of, statistics, table};
use likeliest::{law_at, likeliest};

use crate::{
    criterion::{Criteria, Criterion},
    error::{Figure, clustered, covariance, figures},
    families::Reason,
    goodness::{Goodness, Stopped, go_on, tested},
    stated::rounded,
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
impl Counts {
    fn heaps(&self) -> Heaps {
        let mut heaps = Heaps::new();
        for &(count, exposure, _) in &self.rows {
            *heaps.entry((count, hundredths(exposure))).or_default() += 1.0;
        }
        heaps
    }

    /// Fits all laws and chooses that of the least criterion. `stream_of` gives the stream of each law's samples by its index.
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
        if let Frequency::NegativeBinomial { dispersion, .. }
        | Frequency::ZeroInflatedNegativeBinomial { dispersion, .. } = law
            && dispersion > NO_DISPERSION
        {
            return Ok(Err("people do not differ more than by chance: it is the law without dispersion".to_owned()));
        }
        if let Err(error) = law.restated(rounded).check() {
            return Ok(Err(format!("a population file cannot state it: {error}")));
        }
        let persons: Vec<u32> = self.rows.iter().map(|row| row.2).collect();
        let of_rows = |at: &[f64]| {
            let law = law_at(key, at);
            let mut known = BTreeMap::new();
            let of = |&(count, exposure, _): &(u32, f64, u32)| {
                let share = hundredths(exposure);
                *known.entry((count, share)).or_insert_with(|| law_of(law, share).log_probability(count))
            };
            self.rows.iter().map(of).collect::<Vec<f64>>()
        };
        let Some(spread) = covariance(&at, &vec![1.0; self.rows.len()], &persons, of_rows) else {
            return Ok(Err("the likelihood is flat there: a simpler law says as much".to_owned()));
        };
        let values = |at: &[f64]| law_at(key, at).parameters().into_iter().map(|(_, value)| value).collect();
        let names = law.parameters().into_iter().map(|(name, _)| name);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_of_part_of_a_year_add_to_one_and_have_their_mean() {
        for key in KEYS {
            let law = law_at(key, &[0.2, 0.3, -1.0]);
            let rows = (0..400).map(|count| (f64::from(count), law_of(law, 40).log_probability(count).exp()));
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
