//! A shard: a range of the trials of a run, in a folder of its own.

use std::{ops::Range, path::Path, sync::atomic::AtomicBool};

use twosided_report::ReportError;
use twosided_scenario::Scenario;
use twosided_sim::{Control, Part, Simulator};

use crate::{
    options::{RunError, RunOptions, check_job},
    shard_folder::{ShardFolder, write},
};

/// A range of the trials of a scenario, simulated.
#[derive(Clone, Debug)]
pub struct Shard {
    /// The whole run.
    pub scenario: Scenario,
    /// What the trials of the shard came to.
    pub part: Part,
}

/// Trials of a scenario in `of` shards of sizes as even as can be: those of one shard, counted from 1.
pub fn trials_of_shard(trials: u64, shard: u64, of: u64) -> Range<u64> {
    let bound = |shard: u64| (u128::from(trials) * u128::from(shard) / u128::from(of)) as u64;
    bound(shard - 1)..bound(shard)
}

/// Refuses a range that is empty or goes beyond the scenario's trials, and one of a size that cannot be held by this machine.
///
/// # Errors
/// [`RunError::Refused`].
pub fn check_shard(scenario: &Scenario, trials: &Range<u64>, options: &RunOptions<'_>) -> Result<(), RunError> {
    let (Range { start, end }, all) = (trials, scenario.trials);
    if start >= end || *end > all {
        return Err(RunError::Refused(format!(
            "the trials {start}..{end} are not a range of the scenario's trials, which are 0..{all}"
        )));
    }
    check_job(scenario, end - start, options)
}

/// Simulates a range of a scenario's trials, counted from 0.
///
/// # Errors
/// [`RunError`], as for [`check_shard`] too.
pub fn run_shard(scenario: &Scenario, trials: Range<u64>, options: &RunOptions<'_>) -> Result<Shard, RunError> {
    check_shard(scenario, &trials, options)?;
    let unwatched = Control::default();
    let (job, control) = (scenario.job(), options.control.unwrap_or(&unwatched));
    let part = Simulator::new(&job, options.threads, control)?.simulate(trials, control)?;
    Ok(Shard { scenario: scenario.clone(), part })
}

impl Shard {
    /// Whether a folder holds this very shard of a scenario already, whole.
    pub fn is_written(scenario: &Scenario, trials: &Range<u64>, folder: impl AsRef<Path>) -> bool {
        ShardFolder::open(folder.as_ref()).is_ok_and(|found| found.is_of(scenario, trials))
    }

    /// Writes the shard into a folder that is not there yet, and appears with all of its files.
    ///
    /// # Errors
    /// [`ReportError`]; nothing is then left of the folder.
    pub fn write(&self, folder: impl AsRef<Path>, stop: &AtomicBool) -> Result<(), ReportError> {
        write(&self.scenario, &self.part, folder.as_ref(), stop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_as_even_as_can_be_and_leave_no_trial_out() {
        let shards: Vec<_> = (1..=3).map(|shard| trials_of_shard(100, shard, 3)).collect();
        assert_eq!(shards, [0..33, 33..66, 66..100]);
        assert_eq!(trials_of_shard(u64::MAX, 7, 7).end, u64::MAX);
        assert!(trials_of_shard(2, 1, 3).is_empty());
    }
}
