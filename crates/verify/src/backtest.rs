//! A past year of the Shared Savings Program simulated at its ACOs' real sizes and terms, and compared with what happened.

use std::collections::BTreeMap;

use rayon::prelude::*;
use twosided_actuals::AcoYear;
use twosided_contracts::{Mssp, PerformanceYear, Settlement, Year};
use twosided_forecast::{OrganizationLaw, Parameter};
use twosided_prob::{Purpose, Stream, StreamKey, name_key};
use twosided_units::{Dollars, MemberMonths};

use crate::ValidationRow;

/// The law that a past year is simulated with.
#[derive(Clone, Debug)]
pub struct BacktestLaw {
    /// How ACOs differ.
    pub organizations: OrganizationLaw,
    /// First and last year of the files that it is fitted to, all before the year.
    pub fitted_to: (u16, u16),
    /// Mean and standard deviation of the program's level in the year: what the system does from the last file on.
    pub program: Parameter,
    /// What each ACO differs by, by identifier: from the years in which it was there and its agreements, not from its results.
    pub by_aco: BTreeMap<String, Parameter>,
    /// Claims noise of each ACO.
    pub claims: ClaimsNoise,
}

/// Claims noise by ACO: the coefficient of variation of one person's truncated spending.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimsNoise {
    /// By identifier. Others have that of the program.
    pub by_aco: BTreeMap<String, f64>,
    /// That of the program.
    pub program: f64,
    /// Of a sample of ACOs: from persons drawn from their own laws, and by their enrollment types alone.
    pub sampled: Vec<(String, f64, f64)>,
}

impl BacktestLaw {
    /// Mean and standard deviations of an ACO's log ratio: of the program's level, and of the ACO about it.
    fn of(&self, aco: &AcoYear) -> (f64, f64, f64) {
        let people = aco.totals.assigned_beneficiaries as f64;
        let cv = self.claims.by_aco.get(&aco.aco).copied().unwrap_or(self.claims.program);
        let own = self.by_aco[&aco.aco];
        (self.program.value + own.value, self.program.error, (own.error * own.error + cv * cv / people).sqrt())
    }
}

const LEAST: usize = 30;
/// Fewest beneficiaries of an ACO that counts.
const LEAST_PEOPLE: u64 = 5_000;
/// Largest beneficiaries of each size band but the last.
pub(crate) const BANDS: [(u64, &str); 7] = [
    (7_499, "5,000-7,499"),
    (9_999, "7,500-9,999"),
    (14_999, "10,000-14,999"),
    (19_999, "15,000-19,999"),
    (29_999, "20,000-29,999"),
    (49_999, "30,000-49,999"),
    (u64::MAX, "50,000 and more"),
];

/// An impossible backtest.
#[derive(Debug, thiserror::Error)]
pub enum BacktestError {
    /// Too few ACOs.
    #[error("a backtest needs at least 30 ACOs of 5,000 beneficiaries or more whose row is complete")]
    TooFew,
}

fn rate(totals: &PerformanceYear) -> f64 {
    (totals.benchmark - totals.expenditure) / totals.benchmark
}

/// What a backtest found.
#[derive(Clone, Debug)]
pub struct Backtest {
    /// ACOs compared.
    pub acos: usize,
    /// The law that was simulated.
    pub law: BacktestLaw,
    /// Published against simulated.
    pub rows: Vec<ValidationRow>,
    /// How many of the ACOs' real rates fall into each tenth of their own simulated law.
    pub tenths: [usize; 10],
    /// Kolmogorov and Smirnov's distance of those from evenness, and its probability were they even and independent.
    pub evenness: (f64, f64),
}

struct Trial {
    percentiles: [f64; 7],
    sds: [f64; BANDS.len()],
    paid: f64,
    earned: f64,
    /// For each ACO, whether its real rate is above the simulated one.
    above: Vec<bool>,
}

/// Why any row of a backtest fails: it is a finding, and no fault of the program.
const NOT_MET: &str = "the law of the years before does not meet this figure";

const LEVELS: [f64; 7] = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95];

/// Simulates the year of a results file `trials` times.
///
/// # Errors
/// [`BacktestError::TooFew`].
pub fn backtest(acos: &[AcoYear], law: BacktestLaw, trials: u64, seed: u64) -> Result<Backtest, BacktestError> {
    let acos: Vec<&AcoYear> = acos
        .iter()
        .filter(|aco| aco.totals.assigned_beneficiaries >= LEAST_PEOPLE && aco.totals.benchmark > Dollars::ZERO)
        .collect();
    if acos.len() < LEAST {
        return Err(BacktestError::TooFew);
    }
    let actual: Vec<f64> = acos.iter().map(|aco| rate(&aco.totals)).collect();
    let simulated: Vec<Trial> =
        (0..trials).into_par_iter().map(|trial| simulate(&acos, &actual, &law, seed, trial)).collect();
    let mut rows = Vec::new();
    let real = percentiles(&actual);
    for (index, level) in LEVELS.into_iter().enumerate() {
        let (mean, error) = mean_and_error(simulated.iter().map(|trial| 100.0 * trial.percentiles[index]));
        let what = format!("{:.0}th percentile of savings rates, percent", 100.0 * level);
        let row = ValidationRow::compared(0, what, 100.0 * real[index], (mean, error), 0.5, 2);
        rows.push(row.because(NOT_MET));
    }
    let bands = by_band(&acos, &actual);
    for (index, (_, name)) in BANDS.into_iter().enumerate() {
        let (mean, error) = mean_and_error(simulated.iter().map(|trial| 100.0 * trial.sds[index]));
        let what = format!("standard deviation of rates, {name} people, percent");
        let sd = 100.0 * bands[index];
        let row = ValidationRow::compared(0, what, sd, (mean, error), 0.15 * sd, 2);
        rows.push(row.because(NOT_MET));
    }
    let paid = acos.iter().filter(|aco| payment(&aco.terms, &aco.totals) > 0.0).count() as f64 / acos.len() as f64;
    let ours = mean_and_error(simulated.iter().map(|trial| 100.0 * trial.paid));
    let tolerance = 400.0 * (paid * (1.0 - paid) / acos.len() as f64).sqrt();
    let row = ValidationRow::compared(0, "ACOs that earn a payment, percent", 100.0 * paid, ours, tolerance, 1);
    rows.push(row.because(NOT_MET));
    let earned: f64 = acos.iter().map(|aco| payment(&aco.terms, &aco.totals).max(0.0)).sum::<f64>() / 1e6;
    let mut totals: Vec<f64> = simulated.iter().map(|trial| trial.earned / 1e6).collect();
    totals.sort_by(f64::total_cmp);
    let at = |level: f64| totals[((totals.len() - 1) as f64 * level).round() as usize];
    let (low, high) = (at(0.05), at(0.95));
    let ours = mean_and_error(totals.iter().copied());
    // Within the 90% band of the trials: asymmetric, so the side on which the published figure lies counts.
    let tolerance = if earned > ours.0 { high - ours.0 } else { ours.0 - low };
    let what = format!("total earned, $M (ours, 90% of trials: {low:.0} to {high:.0})");
    rows.push(ValidationRow::compared(0, what, earned, ours, tolerance, 0).because(NOT_MET));
    let below = |index: usize| {
        let above = simulated.iter().filter(|trial| trial.above[index]).count() as f64;
        (above + 0.5) / (trials as f64 + 1.0)
    };
    let mut indices: Vec<f64> = (0..acos.len()).map(below).collect();
    indices.sort_by(f64::total_cmp);
    let mut tenths = [0; 10];
    for index in &indices {
        tenths[((index * 10.0) as usize).min(9)] += 1;
    }
    Ok(Backtest { acos: acos.len(), law, rows, tenths, evenness: kolmogorov(&indices) })
}

/// The stream of a named draw of a trial; segments keep the draws of one purpose from those of another.
pub(crate) fn named_stream(name: &str, seed: u64, segment: u64, trial: u64) -> Stream {
    Stream::new(&StreamKey { seed, purpose: Purpose::Factor, segment, service: name_key(name), trial, year: 0 })
}

fn simulate(acos: &[&AcoYear], actual: &[f64], law: &BacktestLaw, seed: u64, trial: u64) -> Trial {
    let stream = |name: &str| named_stream(name, seed, 0, trial);
    let program = stream("system").normal();
    let (mut organization, mut wild) = (stream("organization"), stream("wild"));
    let rates: Vec<f64> = acos
        .iter()
        .map(|aco| {
            let (mean, of_program, own) = law.of(aco);
            let sd = law.organizations.innovation.sd_at(wild.normal());
            let log_ratio = mean + of_program * program + own * sd * organization.normal();
            -libm::expm1(-log_ratio)
        })
        .collect();
    let payments = acos.iter().zip(&rates).map(|(aco, rate)| {
        let expenditure = aco.totals.benchmark * (1.0 - rate);
        payment(&aco.terms, &PerformanceYear { expenditure, gap: None, ..aco.totals })
    });
    let payments: Vec<f64> = payments.collect();
    Trial {
        percentiles: percentiles(&rates),
        sds: by_band(acos, &rates),
        paid: payments.iter().filter(|payment| **payment > 0.0).count() as f64 / acos.len() as f64,
        earned: payments.iter().map(|payment| payment.max(0.0)).sum(),
        above: actual.iter().zip(&rates).map(|(actual, rate)| actual > rate).collect(),
    }
}

pub(crate) fn payment(terms: &Mssp, totals: &PerformanceYear) -> f64 {
    let mut settlement = Settlement::of(&Year { explain: false, ..Year::new(MemberMonths(0.0), 0, &[]) });
    terms.reconcile(&mut settlement, totals);
    settlement.reconciliation.0
}

/// Quantiles by linear interpolation between order statistics.
fn percentiles(rates: &[f64]) -> [f64; 7] {
    let mut sorted = rates.to_vec();
    sorted.sort_by(f64::total_cmp);
    LEVELS.map(|level| {
        let index = level * (sorted.len() - 1) as f64;
        let low = index.floor() as usize;
        let next = sorted[(low + 1).min(sorted.len() - 1)];
        sorted[low] + (next - sorted[low]) * index.fract()
    })
}

/// Standard deviation of rates in each size band.
fn by_band(acos: &[&AcoYear], rates: &[f64]) -> [f64; BANDS.len()] {
    let band = |people: u64| BANDS.iter().position(|&(largest, _)| people <= largest).unwrap_or(BANDS.len() - 1);
    std::array::from_fn(|index| {
        let own = acos.iter().zip(rates).filter(|(aco, _)| band(aco.totals.assigned_beneficiaries) == index);
        let own: Vec<f64> = own.map(|(_, &rate)| rate).collect();
        if own.len() < 2 {
            return 0.0;
        }
        let mean = own.iter().sum::<f64>() / own.len() as f64;
        (own.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / (own.len() - 1) as f64).sqrt()
    })
}

fn mean_and_error(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let values: Vec<f64> = values.collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// The largest distance between even ranks and those found, sorted; and the probability of a larger one.
///
/// # Source
/// Kolmogorov's limit, with Stephens' correction for the number of ranks.
pub(crate) fn kolmogorov(indices: &[f64]) -> (f64, f64) {
    let n = indices.len() as f64;
    let distances = indices.iter().enumerate().map(|(rank, index)| {
        let (before, up_to) = (rank as f64 / n, (rank + 1) as f64 / n);
        (index - before).abs().max((up_to - index).abs())
    });
    let distance = distances.fold(0.0, f64::max);
    let root = n.sqrt();
    let scaled = (root + 0.12 + 0.11 / root) * distance;
    let terms = (1..=100).map(|term| {
        let k = f64::from(term);
        let sign = if term % 2 == 1 { 2.0 } else { -2.0 };
        sign * (-2.0 * k * k * scaled * scaled).exp()
    });
    (distance, terms.sum::<f64>().clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_ranks_are_even_and_bunched_ones_are_not() {
        let even: Vec<f64> = (0..400).map(|index| (f64::from(index) + 0.5) / 400.0).collect();
        assert!(kolmogorov(&even).1 > 0.99);
        let crowded: Vec<f64> = even.iter().map(|index| index * index).collect();
        assert!(kolmogorov(&crowded).1 < 1e-6);
        // D = 1.36 / √n is passed with a probability of 5%.
        let shifted: Vec<f64> = even.iter().map(|index| (index + 1.36 / 20.0).min(1.0)).collect();
        assert!((kolmogorov(&shifted).1 - 0.05).abs() < 0.01, "{:?}", kolmogorov(&shifted));
    }
}
