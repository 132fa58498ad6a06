//! `twosided run --shard` and `--trials-range`: a part of a run, written as a shard.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use twosided::{Control, RunOptions, Scenario, Shard, check_shard, run_shard, trials_of_shard};
use twosided_files::NewFolder;
use twosided_form::{printable, shortened};

use crate::{
    Failure,
    counts::{count, counted},
    progress, say,
    stop::{check, stop_without_folder},
};

/// Most shards of a run.
const MOST_SHARDS: u64 = 1_000_000;

/// Which part of a run is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WhichTrials {
    /// Which shard, counted from 1, and of how many.
    Shard(u64, u64),
    /// A range, counted from 0.
    Range(Range<u64>),
}

impl WhichTrials {
    fn of(&self, scenario: &Scenario) -> Result<Range<u64>, Failure> {
        match self {
            Self::Shard(_, of) if *of > scenario.trials => Err(Failure::Message(format!(
                "{of} shards are more than the scenario's {}; use at most one shard for each trial",
                counted(scenario.trials, "trial", "trials")
            ))),
            Self::Shard(shard, of) => Ok(trials_of_shard(scenario.trials, *shard, *of)),
            Self::Range(trials) => Ok(trials.clone()),
        }
    }

    fn folder_name(&self) -> String {
        match self {
            Self::Shard(shard, of) => format!("shard-{shard}-of-{of}"),
            Self::Range(Range { start, end }) => format!("trials-{start}-{end}"),
        }
    }
}

/// Reads `I/N`.
pub(crate) fn shard(text: &str) -> Result<WhichTrials, String> {
    let wrong =
        || format!("write which of how many shards, counted from 1, such as 3/8; not \"{}\"", shortened(text, 40));
    let (shard, of) = text.split_once('/').ok_or_else(wrong)?;
    let of = count::<u64>(1..=MOST_SHARDS)(of.trim()).map_err(|_| wrong())?;
    let shard = count::<u64>(1..=of)(shard.trim()).map_err(|_| wrong())?;
    Ok(WhichTrials::Shard(shard, of))
}

/// Reads `A..B`.
pub(crate) fn trials_range(text: &str) -> Result<WhichTrials, String> {
    let wrong = || {
        let text = shortened(text, 40);
        format!("write the first trial, counted from 0, and the one after the last, such as 0..500; not \"{text}\"")
    };
    let (start, end) = text.split_once("..").ok_or_else(wrong)?;
    let bound = |text: &str| count::<u64>(0..=1_000_000_000)(text.trim()).map_err(|_| wrong());
    let (start, end) = (bound(start)?, bound(end)?);
    if start < end { Ok(WhichTrials::Range(start..end)) } else { Err(wrong()) }
}

/// Simulates a shard of a scenario and writes it.
pub(crate) fn run(
    scenario: &Scenario,
    which: &WhichTrials,
    folder: Option<&Path>,
    reports: &Path,
    options: &RunOptions<'_>,
    control: &Arc<Control>,
) -> Result<(), Failure> {
    let folder: PathBuf = folder.map_or_else(|| reports.join(which.folder_name()), Path::to_owned);
    let trials = which.of(scenario)?;
    check_shard(scenario, &trials, options)?;
    let shown = printable(&folder.display().to_string());
    if Shard::is_written(scenario, &trials, &folder) {
        say(&format!("the shard of the trials {trials:?} is in {shown} already\n"));
        return Ok(());
    }
    stop_without_folder(control)?;
    // What cannot be written in the end is refused before the work is done.
    drop(NewFolder::at(&folder)?);
    let started = Instant::now();
    let shard = progress::watched(trials.end - trials.start, "trials", control, || {
        run_shard(scenario, trials.clone(), options)
    })?;
    let seconds = started.elapsed().as_secs_f64();
    check(control)?;
    shard.write(&folder, &control.stop)?;
    let trials_of_all = counted(scenario.trials, "trial", "trials");
    say(&format!("the trials {trials:?} of {trials_of_all} in {seconds:.1} s; shard in {shown}\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_counted_from_1_and_a_range_from_0() {
        assert_eq!(shard("3/8"), Ok(WhichTrials::Shard(3, 8)));
        for text in ["0/8", "9/8", "3", "3/0", "/", "a/b", "-1/2", "3/2000000"] {
            assert!(shard(text).is_err_and(|said| said.contains("such as 3/8")), "{text}");
        }
        assert_eq!(trials_range("0..2_500"), Ok(WhichTrials::Range(0..2_500)));
        for text in ["5..5", "6..5", "5", "..5", "5..", "0..=5", "a..b", "-1..5"] {
            assert!(trials_range(text).is_err_and(|said| said.contains("such as 0..500")), "{text}");
        }
    }
}
