//! Every ACO's forecast from its own history, compared with what happened.

mod baselines;
mod document;
mod scores;

use rayon::prelude::*;
use twosided_actuals::{AcoYear, HistoryYear};
use twosided_contracts::{Mssp, PerformanceYear};
use twosided_forecast::{FitError, Fitted, Outlook, Panel, PanelError, Target, fit};
use twosided_prob::student_apart;
use twosided_units::Dollars;

use crate::backtest::{kolmogorov, named_stream, payment};
use baselines::{Baseline, baselines};
use scores::{crps_normal, crps_of, likeliest_shift};

pub use document::forecast_document;

/// A proof that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// Files that make no panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// Files from which no law can be fitted.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// Too few ACOs in both.
    #[error(
        "{0} ACOs of 5,000 beneficiaries or more are in the file of {1} and in earlier ones; at least 50 are needed"
    )]
    TooFew(usize, u16),
}

/// One ACO's forecast and what happened.
#[derive(Clone, Debug)]
pub struct Forecasted {
    /// Its outlook.
    pub outlook: Outlook,
    /// What happened.
    pub log_ratio: f64,
    /// Beneficiaries of the year.
    pub people: f64,
    /// Name of its track.
    pub track: &'static str,
    /// What it earned, or owed, by its terms.
    pub payment: f64,
    /// Simulated chances to earn and to owe.
    pub chances: (f64, f64),
    /// Continuous ranked probability scores in points: ours, then those of the baselines.
    pub scores: [f64; 4],
}

/// All forecasts of a year.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The year.
    pub year: u16,
    /// First and last year of the files before it.
    pub from: (u16, u16),
    /// The law that they led to.
    pub fitted: Fitted,
    /// The ACOs.
    pub acos: Vec<Forecasted>,
    /// The baselines, whose scores stand beside ours.
    pub baselines: [Baseline; 3],
    /// The program's level that fits the year best.
    pub shift: f64,
    /// Dollars earned and owed in each trial.
    pub totals: Vec<(f64, f64)>,
}

/// A year to forecast: its rows as a history has them, and as they are settled.
#[derive(Clone, Copy, Debug)]
pub struct ForecastYear<'a> {
    /// Performance year.
    pub year: u16,
    /// Rows, linked to those of earlier files.
    pub history: &'a HistoryYear,
    /// Terms and totals.
    pub acos: &'a [AcoYear],
}

const LEAST: usize = 50;

/// Forecasts a year from the files before it.
///
/// # Errors
/// [`ForecastError`] for files that are too few.
pub fn forecast(
    from: &[HistoryYear],
    to: ForecastYear<'_>,
    claims_cv: f64,
    trials: u64,
    seed: u64,
) -> Result<Proof, ForecastError> {
    let panel = Panel::new(from)?;
    let fitted = fit(&panel, claims_cv)?;
    // The year's own rows, linked as those before it.
    let linked = Panel::new(&[from, std::slice::from_ref(to.history)].concat())?;
    let baselines = baselines(&panel);
    let mut acos: Vec<(Forecasted, &AcoYear)> = Vec::new();
    for aco in to.acos {
        let key = aco.aco.to_uppercase();
        let (Some(before), Some(after)) = (panel.find(&key), linked.find(&key)) else { continue };
        let Some(year) = after.years.iter().find(|own| own.year == to.year) else { continue };
        let Some(last) = before.years.last().filter(|last| last.year + 1 == to.year) else { continue };
        let target = Target { year: to.year, people: year.people, agreement_start: year.agreement_start };
        let outlook = Outlook::new(&fitted.law, &fitted.program, &before.years, target);
        let rate = year.rate();
        let of_baseline = |baseline: &Baseline| {
            let (mean, sd) = baseline.at(last.rate(), year.people);
            100.0 * crps_normal(rate, mean, sd)
        };
        let [unconditional, again, regression] = baselines.each_ref().map(of_baseline);
        let found = Forecasted {
            log_ratio: year.log_ratio,
            people: year.people,
            track: aco.terms.track.title(),
            payment: payment(&aco.terms, &aco.totals),
            chances: (0.0, 0.0),
            scores: [100.0 * crps_of(&outlook, rate), unconditional, again, regression],
            outlook,
        };
        acos.push((found, aco));
    }
    if acos.len() < LEAST {
        return Err(ForecastError::TooFew(acos.len(), to.year));
    }
    let shift = likeliest_shift(acos.iter().map(|(aco, _)| (&aco.outlook, aco.log_ratio)));
    let simulated: Vec<(Vec<f64>, (f64, f64))> =
        (0..trials).into_par_iter().map(|trial| simulate(&acos, seed, trial)).collect();
    let totals = simulated.iter().map(|(_, totals)| *totals).collect();
    let share = |index: usize, is_it: fn(f64) -> bool| {
        simulated.iter().filter(|(payments, _)| is_it(payments[index])).count() as f64 / trials as f64
    };
    let chances: Vec<(f64, f64)> =
        (0..acos.len()).map(|index| (share(index, |paid| paid > 0.0), share(index, |paid| paid < 0.0))).collect();
    let acos = acos.into_iter().zip(chances).map(|((aco, _), chances)| Forecasted { chances, ..aco }).collect();
    Ok(Proof { year: to.year, from: (panel.first_year, panel.last_year), fitted, acos, baselines, shift, totals })
}

/// Payments of a trial, and what of them is earned and owed; an ACO's terms and benchmark are those of the year.
fn simulate(acos: &[(Forecasted, &AcoYear)], seed: u64, trial: u64) -> (Vec<f64>, (f64, f64)) {
    let stream = |name: &str| named_stream(name, seed, 0, trial);
    let (program, mut own) = (stream("program").normal(), stream("organization"));
    let mut wild = stream("wild");
    let pay = |(aco, row): &(Forecasted, &AcoYear)| {
        let outlook = &aco.outlook;
        let sd = outlook.variances().0.sqrt() * outlook.innovation.sd_at(wild.normal());
        let log_ratio = outlook.mean() + outlook.program.error * program + sd * own.normal();
        payment_at(&row.terms, &row.totals, log_ratio)
    };
    let payments: Vec<f64> = acos.iter().map(pay).collect();
    let earned = payments.iter().map(|payment| payment.max(0.0)).sum();
    let owed = payments.iter().map(|payment| (-payment).max(0.0)).sum();
    (payments, (earned, owed))
}

/// What terms pay where the benchmark is over the expenditure by this log ratio.
fn payment_at(terms: &Mssp, totals: &PerformanceYear, log_ratio: f64) -> f64 {
    let expenditure = Dollars(totals.benchmark.0 * libm::exp(-log_ratio));
    payment(terms, &PerformanceYear { expenditure, gap: None, ..*totals })
}

/// Years that are drawn for the probability of a distance.
const DRAWN: u64 = 999;

/// The distance from evenness in a year that is drawn from the laws of the outlooks at a shift, which is fitted to it again.
fn drawn_distance(outlooks: &[&Outlook], shift: f64, seed: u64, trial: u64) -> f64 {
    let stream = |name: &str| named_stream(name, seed, 1, trial);
    let (mut wild, mut own) = (stream("wild"), stream("organization"));
    let drawn: Vec<f64> = outlooks
        .iter()
        .map(|outlook| {
            let sd = outlook.innovation.sd_at(wild.normal());
            shift + outlook.own.value + outlook.variances().0.sqrt() * sd * own.normal()
        })
        .collect();
    let again = likeliest_shift(outlooks.iter().copied().zip(drawn.iter().copied()));
    let mut places: Vec<f64> =
        outlooks.iter().zip(&drawn).map(|(outlook, seen)| outlook.below_at(*seen, again)).collect();
    places.sort_by(f64::total_cmp);
    kolmogorov(&places).0
}

impl Proof {
    /// Mean scores in points: ours, then those of the baselines.
    pub fn crps(&self) -> [f64; 4] {
        let count = self.acos.len() as f64;
        std::array::from_fn(|index| self.acos.iter().map(|aco| aco.scores[index]).sum::<f64>() / count)
    }

    /// Standard error of the mean difference between our score and a baseline's.
    pub fn crps_error(&self, baseline: usize) -> f64 {
        let count = self.acos.len() as f64;
        let differences: Vec<f64> = self.acos.iter().map(|aco| aco.scores[0] - aco.scores[baseline]).collect();
        let mean = differences.iter().sum::<f64>() / count;
        let squares: f64 = differences.iter().map(|difference| (difference - mean).powi(2)).sum();
        (squares / (count - 1.0) / count).sqrt()
    }

    /// Where each ACO's log ratio lies in its law around the shift of the year, sorted.
    pub fn places(&self) -> Vec<f64> {
        let place = |aco: &Forecasted| aco.outlook.below_at(aco.log_ratio, self.shift);
        let mut places: Vec<f64> = self.acos.iter().map(place).collect();
        places.sort_by(f64::total_cmp);
        places
    }

    /// Distance of the places around the shift from evenness, and the probability of a larger one where the law holds: from years that
    /// are drawn from it, each with its own shift fitted, since the shift is fitted to the ACOs that are placed.
    pub fn evenness(&self, seed: u64) -> (f64, f64) {
        let (distance, _) = kolmogorov(&self.places());
        let outlooks: Vec<&Outlook> = self.acos.iter().map(|aco| &aco.outlook).collect();
        let larger = |trial: u64| drawn_distance(&outlooks, self.shift, seed, trial) >= distance;
        let count = (0..DRAWN).into_par_iter().filter(|&trial| larger(trial)).count() as f64;
        (distance, (count + 1.0) / (DRAWN as f64 + 1.0))
    }

    /// Where the shift lies in its own law.
    pub fn place_of_shift(&self) -> f64 {
        let program = self.acos[0].outlook.program;
        let levels = &self.fitted.program;
        let (ahead, changes) = (f64::from(self.year - self.from.1), levels.freedom() + 1.0);
        let sd = levels.sd * (ahead + ahead * ahead / changes).sqrt();
        let t = (self.shift - program.value) / sd;
        let beyond = 0.5 * student_apart(t, levels.freedom());
        if t < 0.0 { beyond } else { 1.0 - beyond }
    }
}
