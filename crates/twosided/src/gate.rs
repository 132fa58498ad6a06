//! Whether contracts keep to their limits: by the trials of a scenario, whose number is fixed or grows until they decide, by a saved run, or by a summary.

use std::{
    num::NonZeroUsize,
    sync::{Arc, atomic::Ordering},
};

use twosided_decide::{Evidence, Judged, NoEstimate, Trials, Verdict, design_without_controls, judge};
use twosided_prob::{Design, doubling_looks, error_of_looks};
use twosided_scenario::{Base, Event, Quantity, Scenario, Subject};
use twosided_sim::{Control, Keep, Part, Simulated, Simulator, Tails};
use twosided_units::Share;

use crate::{FIRST_LOOK, FinishedRun, Run, RunError, RunOptions, check_size, exact::laws, run::measured_beside};

pub use twosided_scenario::{Limit, Statement, StatementError};

/// What the number of trials is a multiple of: whole batches.
const BATCH: u64 = 64;

/// How limits are judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GateOptions {
    /// The confidence of a verdict: one less this is the most probable that a limit that is exactly met is said to be kept, and that it is
    /// said to be broken.
    pub confidence: Share,
    /// Trials at which sampling for a decision ends; as many trials as the scenario says where absent.
    pub until_decided: Option<u64>,
}

/// Limits with what became of them.
#[derive(Clone, Debug)]
pub struct Gated {
    /// In the order of the limits.
    pub judged: Vec<Judged>,
    /// The trials that were run.
    pub trials: u64,
    /// The looks at which limits could be decided, in trials; one for a fixed number.
    pub looks: Vec<u64>,
}

/// Why limits cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// There is none.
    #[error(
        "there are no limits: add at least one [[limits]] with a contract and a requirement, or name another scenario with limits"
    )]
    NoLimits,
    /// The run does not have what a limit is about.
    #[error("limit \"{limit}\" of \"{contract}\": {error}")]
    Limit {
        /// What it requires.
        limit: String,
        /// What it is about.
        contract: String,
        /// Why it cannot be judged.
        error: NoEstimate,
    },
    /// The scenario cannot be run.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl Gated {
    /// What became of all limits together: failed if one is broken, else undecided if one is.
    pub fn verdict(&self) -> Verdict {
        let has = |verdict: Verdict| self.judged.iter().any(|judged| judged.verdict == verdict);
        [Verdict::Failed, Verdict::Undecided].into_iter().find(|&verdict| has(verdict)).unwrap_or(Verdict::Passed)
    }
}

/// Runs a scenario and judges limits by its trials. Where it runs until they are decided, it looks after 2,048 trials and each time
/// that they have doubled, and what was run is not run again; a limit that is decided stays so, and the verdicts keep their confidence
/// over all looks together.
///
/// # Errors
/// [`GateError`].
pub fn gate(
    scenario: &Scenario,
    limits: &[Limit],
    options: &RunOptions<'_>,
    gate: &GateOptions,
) -> Result<Gated, GateError> {
    let unwatched = Control::default();
    let control = options.control.unwrap_or(&unwatched);
    if gate.until_decided.is_some() && scenario.pools.is_some() {
        return Err(RunError::Refused(
            "the error of a pool does not shrink with trials, so that more of them decide nothing; take out `run.pools`, or run a fixed \
             number of trials"
                .to_owned(),
        )
        .into());
    }
    if limits.is_empty() {
        return Err(GateError::NoLimits);
    }
    let keep = if limits.iter().any(|limit| needs_lines(&limit.require.quantity)) { Keep::Lines } else { Keep::Gains };
    let of = |trials| Scenario { trials, keep, ..scenario.clone() };
    let looks = match gate.until_decided {
        None => vec![scenario.trials],
        Some(most) => looks(most, &of, options.threads),
    };
    check_size(&of(looks[looks.len() - 1]), options)?;
    control.planned.store(looks[looks.len() - 1], Ordering::Relaxed);
    let errors = error_of_looks(&looks, 1.0 - gate.confidence.value());
    let first = of(looks[0]);
    let laws = laws(&first);
    let job = first.job();
    let simulator = Simulator::new(&job, options.threads, control).map_err(RunError::from)?;
    let mut joined = Part::empty(&job, &(0..looks[0]));
    let mut judged: Vec<Option<Judged>> = vec![None; limits.len()];
    for (&trials, error) in looks.iter().zip(errors) {
        let part = simulator.simulate(joined.trials.end..trials, control).map_err(RunError::from)?;
        joined.join(part).expect("it begins where the earlier ones end");
        let simulated = simulator.finish(joined.clone(), control).map_err(RunError::from)?;
        let seen = Seen::of(&of(trials), simulated, &laws)?;
        for (judged, limit) in judged.iter_mut().zip(limits) {
            let is_open = judged.as_ref().is_none_or(|judged| judged.verdict == Verdict::Undecided);
            if is_open {
                *judged = Some(judge_limit(limit, &seen.evidence(&seen.names()), error)?);
            }
        }
        if !judged.iter().flatten().any(Judged::may_be_decided) {
            break;
        }
    }
    let trials = joined.trials.end;
    Ok(Gated { judged: judged.into_iter().flatten().collect(), trials, looks })
}

/// Judges limits by the trials of a finished run, or by its figures alone: these have measures and no events.
///
/// # Errors
/// [`GateError`].
pub fn gate_finished(run: &FinishedRun, limits: &[Limit], confidence: Share) -> Result<Gated, GateError> {
    let run = match run {
        FinishedRun::Summary(summary) => return judge_all(limits, &Evidence { summary, trials: None }, confidence),
        FinishedRun::Whole(run) => run,
    };
    let Run { scenario, outcomes, summary } = &**run;
    let design = Arc::new(design_without_controls(outcomes.trials(), scenario.variance_reduction));
    let names: Vec<&str> = scenario.contracts.iter().map(|contract| contract.name.as_str()).collect();
    let trials = Trials { outcomes, design: &design, tails: &[] };
    judge_all(limits, &Evidence { summary, trials: Some((trials, &names)) }, confidence)
}

fn judge_all(limits: &[Limit], evidence: &Evidence<'_>, confidence: Share) -> Result<Gated, GateError> {
    if limits.is_empty() {
        return Err(GateError::NoLimits);
    }
    let error = 1.0 - confidence.value();
    let judged = limits.iter().map(|limit| judge_limit(limit, evidence, error)).collect::<Result<_, _>>()?;
    let trials = evidence.summary.provenance.trials;
    Ok(Gated { judged, trials, looks: vec![trials] })
}

fn judge_limit(limit: &Limit, evidence: &Evidence<'_>, error: f64) -> Result<Judged, GateError> {
    judge(limit, evidence, error).map_err(|error| GateError::Limit {
        limit: limit.title(),
        contract: limit.subject(),
        error,
    })
}

/// Whether a quantity is made of lines of the margin, trial by trial.
fn needs_lines(quantity: &Quantity) -> bool {
    matches!(quantity, Quantity::Probability(Event { subject: Subject::Margin, .. } | Event { base: Base::Fees, .. }))
}

/// The looks up to the most trials, or to as many as this machine can hold.
fn looks(most: u64, of: &impl Fn(u64) -> Scenario, threads: Option<NonZeroUsize>) -> Vec<u64> {
    let fits = |trials: u64| check_size(&of(trials), &RunOptions { threads, ..RunOptions::default() }).is_ok();
    let mut most = (most / BATCH * BATCH).max(FIRST_LOOK);
    while most > FIRST_LOOK && !fits(most) {
        most = (most / 2 / BATCH * BATCH).max(FIRST_LOOK);
    }
    doubling_looks(FIRST_LOOK, most)
}

/// A run with how its trials were drawn.
struct Seen {
    run: Run,
    design: Arc<Design>,
    tails: Vec<Tails>,
}

impl Seen {
    fn of(
        scenario: &Scenario,
        simulated: Simulated,
        laws: &[Option<twosided_oracle::GainLaw>],
    ) -> Result<Self, RunError> {
        let (design, tails) = (Arc::clone(&simulated.design), simulated.observed.tails.clone());
        Ok(Self { run: measured_beside(scenario, simulated, laws)?, design, tails })
    }

    fn names(&self) -> Vec<&str> {
        self.run.scenario.contracts.iter().map(|contract| contract.name.as_str()).collect()
    }

    fn evidence<'a>(&'a self, names: &'a [&'a str]) -> Evidence<'a> {
        let trials = Trials { outcomes: &self.run.outcomes, design: &self.design, tails: &self.tails };
        Evidence { summary: &self.run.summary, trials: Some((trials, names)) }
    }
}

#[cfg(test)]
mod tests {
    use twosided_scenario::Overrides;

    use super::*;

    fn first_steps() -> Scenario {
        let overrides = Overrides { trials: Some(100), ..Overrides::default() };
        Scenario::load_with("../../scenarios/first-steps.toml", &overrides).expect("a shipped scenario is valid")
    }

    fn refusal(scenario: &Scenario, limits: &[Limit], until_decided: Option<u64>) -> String {
        let how = GateOptions { confidence: Share::new(0.99).expect("a share"), until_decided };
        gate(scenario, limits, &RunOptions::default(), &how).expect_err("it is refused").to_string()
    }

    #[test]
    fn what_cannot_be_judged_is_refused_with_the_reason() {
        let scenario = first_steps();
        assert!(refusal(&scenario, &[], None).starts_with("there are no limits: add at least one [[limits]]"));
        let unknown = Limit { contract: "Track".to_owned(), ..scenario.limits[0].clone() };
        let said = refusal(&scenario, &[unknown], None);
        assert!(said.ends_with("of \"Track\": the run has no contract of that name"), "{said}");
        let pooled = Scenario {
            pools: Some(twosided_population::PoolOptions { above: 100, persons_per_member: 64 }),
            ..scenario
        };
        let said = refusal(&pooled, &pooled.limits, Some(4_096));
        assert!(said.starts_with("the error of a pool does not shrink"), "{said}");
    }

    #[test]
    fn the_most_trials_are_whole_batches_that_fit() {
        let scenario = first_steps();
        let of = |trials| Scenario { trials, ..scenario.clone() };
        assert_eq!(looks(5_000, &of, None), [2_048, 4_992]);
        assert_eq!(looks(1, &of, None), [2_048]);
        // No machine holds this many trials: fewer are planned, and not refused.
        let last = *looks(1 << 50, &of, None).last().expect("a look");
        assert!((2_048..1 << 50).contains(&last) && last % 64 == 0, "{last}");
    }
}
