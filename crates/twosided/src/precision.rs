//! Trials until figures are as exact as was asked for.

use std::sync::atomic::Ordering;

use twosided_prob::{Caution, ENOUGH_AT_A_MOST, Estimate, FEWEST_BEYOND};
use twosided_report::{ContractSummary, Method, RiskMeasure};
use twosided_scenario::Scenario;
use twosided_sim::{Control, Part, Simulator};
use twosided_units::Share;

use crate::{
    FIRST_LOOK, Run, RunError, RunOptions, check_size,
    exact::{laws, least},
    run::measured_beside,
};

/// What the number of trials is a multiple of: whole batches.
const BATCH: u64 = 64;
/// Trials above what one look predicts, so that the next is likely to be the last, and the fewest that are added.
const AMPLE: f64 = 1.1;
const LEAST_GROWTH: f64 = 1.125;
/// The most trials of the next look over those of this one.
const MOST_GROWTH: f64 = 2.0;

/// How exact figures are to be.
///
/// A measure is exact enough when its standard error is at most a share of its amount, or of a tenth of the standard deviation of the
/// gain where that is more: a mean near zero has a large relative error whatever is done. For a probability, one in twenty takes the
/// place of that tenth.
///
/// ```text
/// standard error ≤ share × max(|measure|, standard deviation of the gain / 10)
/// standard error ≤ share × max(probability, 1 / 20)
/// ```
///
/// A tail that has hardly been sampled has an error that is not to be relied on, however small: a VaR or a TVaR also needs 30 trials
/// that lose more than the VaR, and no caution of few trials; a probability that is not 0 or 1 in the sample, 30 trials on either side.
/// Where no trial loses more than the VaR, it needs 300 trials in the tail.
#[derive(Clone, Debug, PartialEq)]
pub struct Precision {
    /// The share.
    pub share: Share,
    /// The measures of every contract whose gain varies.
    pub measures: Vec<RiskMeasure>,
    /// Trials at which to give up, from 2,048 up.
    pub max_trials: u64,
}

/// A run with what it lacks.
#[derive(Clone, Debug)]
pub struct Precise {
    /// The run, with as many trials as it took.
    pub run: Run,
    /// Measures that are not exact enough.
    pub missed: Vec<Missed>,
}

/// A measure that is not exact enough.
#[derive(Clone, Debug, PartialEq)]
pub struct Missed {
    /// The contract.
    pub contract: String,
    /// The measure.
    pub measure: RiskMeasure,
    /// What it is, with its error; the estimated bound of an exact figure stands for that.
    pub found: Estimate,
    /// The largest error that would do.
    pub wanted: f64,
    /// How it is found.
    pub method: Option<Method>,
    /// How many trials decide it, where these are too few.
    pub few: Option<usize>,
}

impl Missed {
    /// The error over what would do; infinite where a heavy tail leaves no error.
    pub fn ratio(&self) -> f64 {
        self.found.standard_error / self.wanted
    }

    /// By what the trials must be multiplied; none where more of them do not help.
    fn growth(&self) -> Option<f64> {
        match self.method {
            Some(Method::ExactLaw) => None,
            // How many more a tail takes that nobody has seen is not known.
            _ if self.few.is_some() => Some(MOST_GROWTH),
            _ => Some(self.ratio() * self.ratio()).filter(|growth| growth.is_finite()),
        }
    }
}

impl Precision {
    /// The largest standard error of a measure that is exact enough.
    fn wanted(&self, contract: &ContractSummary, measure: RiskMeasure) -> f64 {
        let least = least(measure, contract.shown(RiskMeasure::SdGain).value);
        self.share.value() * contract.shown(measure).value.abs().max(least)
    }

    /// What a run lacks.
    pub fn missed(&self, run: &Run) -> Vec<Missed> {
        let contracts = run.summary.contracts.iter().filter(|contract| !contract.is_certain());
        let of_contract = contracts.flat_map(|contract| {
            self.measures.iter().map(move |&measure| Missed {
                contract: contract.name.clone(),
                measure,
                found: contract.shown(measure),
                method: contract.measures[measure as usize].method,
                wanted: self.wanted(contract, measure),
                few: few(run, contract, measure),
            })
        });
        of_contract.filter(|missed| missed.few.is_some() || missed.found.standard_error > missed.wanted).collect()
    }
}

/// How many trials decide a simulated measure, where these are too few: those that lose more than the VaR, or the fewer of those
/// that lose and those that do not.
fn few(run: &Run, contract: &ContractSummary, measure: RiskMeasure) -> Option<usize> {
    let figure = &contract.measures[measure as usize];
    let Estimate { value, caution, .. } = figure.estimate();
    if figure.method == Some(Method::ExactLaw) || caution == Some(Caution::HeavyTail) {
        return None;
    }
    let index = run.scenario.contracts.iter().position(|of| of.name == contract.name)?;
    let gains = run.outcomes.gains_of(index);
    let (value_at_risk, tail) = match measure {
        RiskMeasure::ValueAtRisk95 | RiskMeasure::TailValueAtRisk95 => (RiskMeasure::ValueAtRisk95, 0.05),
        RiskMeasure::ValueAtRisk99 | RiskMeasure::TailValueAtRisk99 => (RiskMeasure::ValueAtRisk99, 0.01),
        RiskMeasure::ProbabilityOfLoss if value > 0.0 && value < 1.0 => {
            let losses = gains.iter().filter(|&&gain| gain < 0.0).count();
            return Some(losses.min(gains.len() - losses)).filter(|&few| few < FEWEST_BEYOND);
        }
        _ => return None,
    };
    let edge = 0.0 - contract.measure(value_at_risk).value;
    let rounding = 1e-12 * gains.iter().fold(0.0, |most: f64, gain| most.max(gain.abs()));
    let beyond = gains.iter().filter(|&&gain| gain < edge - rounding).count();
    if beyond == 0 && tail * gains.len() as f64 >= ENOUGH_AT_A_MOST {
        return None;
    }
    (beyond < FEWEST_BEYOND || caution == Some(Caution::FewTrials)).then_some(beyond)
}

/// Runs a scenario with reduced variance, in whole batches, until its figures are exact enough or the most trials are reached, of which
/// more are never run than this machine can hold.
///
/// After 2,048 trials and at every later look, the trials that are needed are predicted from the measure that is furthest off, whose
/// error falls with the root of the trials; the run then grows toward them, at most to its double, and to its double where too few trials
/// decide a measure. The trials of each look follow from
/// the figures alone, so that a repeated run comes to the same bits, and so does a plain run of its `run.toml`. A figure whose error cannot be
/// estimated, or does not fall with trials, is not waited for.
///
/// # Errors
/// [`RunError`]; [`RunError::Refused`] also for a scenario with pools, whose error does not shrink with trials.
pub fn run_to_precision(
    scenario: &Scenario,
    options: &RunOptions<'_>,
    precision: &Precision,
) -> Result<Precise, RunError> {
    if scenario.pools.is_some() {
        return Err(RunError::Refused(
            "the error of a pool does not shrink with trials, so precision cannot be reached; take out `run.pools`, or run without \
             precision"
                .to_owned(),
        ));
    }
    let unwatched = Control::default();
    let control = options.control.unwrap_or(&unwatched);
    let of = |trials| Scenario { trials, variance_reduction: true, ..scenario.clone() };
    let mut scenario = of(FIRST_LOOK);
    check_size(&scenario, options)?;
    let laws = laws(&scenario);
    let first = scenario.clone();
    let job = first.job();
    let simulator = Simulator::new(&job, options.threads, control)?;
    let mut joined: Option<Part> = None;
    loop {
        let done = joined.as_ref().map_or(0, |part| part.trials.end);
        control.planned.fetch_max(scenario.trials, Ordering::Relaxed);
        let part = simulator.simulate(done..scenario.trials, control)?;
        let joined = match &mut joined {
            None => joined.insert(part),
            Some(earlier) => {
                earlier.join(part).expect("it begins where the earlier one ends");
                earlier
            }
        };
        let run = measured_beside(&scenario, simulator.finish(joined.clone(), control)?, &laws)?;
        let missed = precision.missed(&run);
        let growth = missed.iter().filter_map(Missed::growth).fold(0.0, f64::max);
        let needed = scenario.trials as f64 * growth;
        let next = next_look(scenario.trials, needed).min(precision.max_trials / BATCH * BATCH);
        let larger = of(next);
        if growth == 0.0 || next <= scenario.trials || check_size(&larger, options).is_err() {
            return Ok(Precise { run, missed });
        }
        control.planned.store((needed as u64).clamp(next, precision.max_trials), Ordering::Relaxed);
        scenario = larger;
    }
}

/// Trials of the next look, by those of this one and those that are predicted to do.
fn next_look(trials: u64, needed: f64) -> u64 {
    let now = trials as f64;
    let next = (AMPLE * needed).clamp(LEAST_GROWTH * now, MOST_GROWTH * now);
    (next as u64).next_multiple_of(BATCH)
}
