//! How a scenario is run, and why it may not be.

use std::{num::NonZeroUsize, path::Path, time::Duration};

use twosided_prob::SampleError;
use twosided_report::ReportError;
use twosided_scenario::Scenario;
use twosided_sim::{Control, Job, Needs, SimulateError};
use twosided_units::grouped;

use crate::shard_folder::ShardError;

/// Trials of the first look of a run to a precision: 32 batches of stratified trials, whose spread gives an error to about an eighth.
pub const FIRST_LOOK: u64 = 2_048;

/// How a scenario is run.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunOptions<'a> {
    /// Worker threads; one per core where absent. Results do not depend on it.
    pub threads: Option<NonZeroUsize>,
    /// How another thread watches and stops the run.
    pub control: Option<&'a Control>,
    /// Where the run keeps what it has done, and how often; it keeps nothing where absent.
    pub checkpoints: Option<Checkpoints<'a>>,
}

/// Where a run keeps what it has done.
#[derive(Clone, Copy, Debug)]
pub struct Checkpoints<'a> {
    /// The folder of its checkpoints, which nothing else may use at the same time.
    pub folder: &'a Path,
    /// About how much time passes from one to the next; `None` keeps none.
    pub every: Option<Duration>,
    /// How long the run works before it keeps any.
    pub from: Duration,
}

/// A scenario that could not be run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The run is too small, too large, or cannot be repeated.
    #[error("{0}")]
    Refused(String),
    /// The trials could not be simulated.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// The outcomes could not be measured.
    #[error(transparent)]
    Measure(#[from] SampleError),
    /// A checkpoint of an earlier run cannot be taken.
    #[error("cannot resume: {0}")]
    Resume(#[from] ShardError),
    /// What was run could not be stated.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// Refuses a run of a size that cannot be measured, repeated, or held by this machine.
///
/// # Errors
/// [`RunError::Refused`].
pub fn check_size(scenario: &Scenario, options: &RunOptions<'_>) -> Result<(), RunError> {
    check_job(scenario, scenario.trials, options)
}

/// Refuses trials that cannot be measured and seeds that cannot be written.
pub(crate) fn check_seed_and_trials(scenario: &Scenario) -> Result<(), RunError> {
    let Scenario { trials, seed, .. } = scenario;
    if *trials < 2 {
        return Err(RunError::Refused(format!("{trials} trials have no standard error; use at least 2")));
    }
    if i64::try_from(*seed).is_err() {
        return Err(RunError::Refused(format!("the seed {seed} is too large; use at most {}", i64::MAX)));
    }
    Ok(())
}

/// The same of a part of this many trials.
pub(crate) fn check_job(scenario: &Scenario, part: u64, options: &RunOptions<'_>) -> Result<(), RunError> {
    check_seed_and_trials(scenario)?;
    let needs = Needs::new(&Job { trials: part, ..scenario.job() }, options.threads);
    match needs.refusal().or_else(|| needs.refusal_here()) {
        Some(refusal) => Err(RunError::Refused(format!(
            "{} trials: {refusal}; use fewer trials, years, members, segments or contracts",
            grouped(&part.to_string())
        ))),
        None => Ok(()),
    }
}
