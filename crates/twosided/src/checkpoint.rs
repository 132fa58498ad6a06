//! A run that keeps what it has done, so that a later run goes on from there.
//!
//! The trials are simulated in stretches, each of which is kept as a shard. What a stretch comes to does not depend on where it begins and
//! ends, so the outcomes are those of a run without checkpoints.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    ops::Range,
    path::PathBuf,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use twosided_files::NewFolder;
use twosided_scenario::Scenario;
use twosided_sim::{Control, Needs, Part, Simulated, Simulator};

use crate::{
    options::{Checkpoints, RunError},
    shard_folder::{self, Manifest, ShardError, ShardFolder, gaps},
};

/// Fewest trials of a stretch.
const FEWEST_TRIALS: u64 = 64;
/// Most of the trials that one stretch may have, as a divisor: what it comes to is held beside the rest.
const LARGEST_SHARE: u64 = 8;

impl Checkpoints<'_> {
    /// Whether an earlier run has left checkpoints.
    pub fn are_there(&self) -> bool {
        !NewFolder::in_folder(self.folder, NAMED).is_empty()
    }

    /// How many trials are kept; none where they cannot be read.
    pub fn trials(&self) -> u64 {
        trials_of(&self.kept().unwrap_or_default())
    }

    /// How many trials a run of the scenario goes on from.
    ///
    /// # Errors
    /// [`RunError::Resume`] where the checkpoints are of another run or program, or not as they were written.
    pub fn check(&self, scenario: &Scenario) -> Result<u64, RunError> {
        Ok(trials_of(&self.of_scenario(scenario)?))
    }

    /// Removes the checkpoints, and their folder if nothing else is in it.
    pub fn remove(&self) {
        NewFolder::remove_unfinished(self.folder);
        for shard in self.kept().unwrap_or_default() {
            shard.remove();
        }
        NewFolder::remove(self.folder, &[]);
    }

    /// The checkpoints in the order of their trials.
    fn kept(&self) -> Result<Vec<ShardFolder>, ShardError> {
        let folders = NewFolder::in_folder(self.folder, NAMED);
        let opened = |folder: &PathBuf| {
            ShardFolder::open(folder).map_err(|ShardError { path, reason }| {
                let reason = format!("{reason}; remove {} to simulate its trials again", folder.display());
                ShardError { path, reason }
            })
        };
        let mut kept = folders.iter().map(opened).collect::<Result<Vec<_>, _>>()?;
        kept.sort_by_key(|shard| shard.manifest.range().start);
        Ok(kept)
    }

    /// The same, of this scenario and this program, each trial once.
    fn of_scenario(&self, scenario: &Scenario) -> Result<Vec<ShardFolder>, RunError> {
        let kept = self.kept()?;
        let wanted = Manifest::new(scenario, &(0..scenario.trials), BTreeMap::new())?;
        let refused = |shard: &ShardFolder, reason: String| {
            let reason = format!("{reason}; remove {} to begin anew", self.folder.display());
            RunError::Resume(ShardError { path: shard.path.clone(), reason })
        };
        let mut next = 0;
        for shard in &kept {
            let another = shard.manifest.of_another_program();
            if let Some(reason) = another.or_else(|| shard.manifest.of_another_run(&wanted, "this run")) {
                return Err(refused(shard, reason));
            }
            let Range { start, end } = shard.manifest.range();
            if start < next {
                return Err(refused(shard, format!("it begins at trial {start}, and others end at {next}")));
            }
            next = end;
        }
        Ok(kept)
    }

    fn place(&self, trials: &Range<u64>) -> PathBuf {
        self.folder.join(format!("{NAMED}{}-{}", trials.start, trials.end))
    }
}

fn trials_of(kept: &[ShardFolder]) -> u64 {
    kept.iter().map(|shard| shard.manifest.range()).map(|range| range.end - range.start).sum()
}

/// How the names of checkpoints begin; their trials follow.
const NAMED: &str = "trials-";

/// Takes what is kept, simulates the rest, and keeps that.
pub(crate) fn simulate(
    scenario: &Scenario,
    checkpoints: &Checkpoints<'_>,
    threads: Option<NonZeroUsize>,
    control: &Control,
) -> Result<Simulated, RunError> {
    let job = scenario.job();
    let all = 0..scenario.trials;
    let kept = checkpoints.of_scenario(scenario)?;
    let missing = gaps(&all, kept.iter().map(|shard| shard.manifest.range()));
    let mut pace = Pace::new(scenario, checkpoints, threads);
    if kept.is_empty() && pace.seconds.is_none() {
        return Ok(twosided_sim::simulate(&job, threads, control)?);
    }
    let begun = Instant::now();
    let simulator = Simulator::new(&job, threads, control)?;
    let mut whole = Part::empty(&job, &all);
    let mut kept = kept.into_iter().peekable();
    let mut missing = missing.into_iter().peekable();
    while whole.trials.end < scenario.trials {
        if let Some(shard) = kept.next_if(|shard| shard.manifest.range().start == whole.trials.end) {
            join(&mut whole, shard.part(scenario, &simulator)?);
            let Range { start, end } = shard.manifest.range();
            control.done.fetch_add(end - start, Ordering::Relaxed);
            continue;
        }
        let gap = missing.next().expect("what is not kept is missing");
        while whole.trials.end < gap.end {
            let trials = whole.trials.end..gap.end.min(whole.trials.end.saturating_add(pace.trials()));
            let started = Instant::now();
            let part = simulator.simulate(trials.clone(), control)?;
            pace.note(&trials, started.elapsed());
            if checkpoints.every.is_some() && begun.elapsed() >= checkpoints.from {
                shard_folder::write(scenario, &part, &checkpoints.place(&trials), &control.stop)?;
            }
            join(&mut whole, part);
        }
    }
    Ok(simulator.finish(whole, control)?)
}

fn join(whole: &mut Part, next: Part) {
    whole.join(next).expect("each begins where the one before ends");
}

/// How many trials make up the time between two checkpoints.
struct Pace {
    seconds: Option<f64>,
    most: u64,
    seconds_a_trial: f64,
}

impl Pace {
    /// At first by the counts of the scenario, which are on the slow side: a run that is short by them is not divided.
    fn new(scenario: &Scenario, checkpoints: &Checkpoints<'_>, threads: Option<NonZeroUsize>) -> Self {
        let rough = rough_seconds(scenario, threads);
        let every = checkpoints.every.filter(|_| rough >= checkpoints.from.as_secs_f64());
        Self {
            seconds: every.map(|every| every.as_secs_f64()),
            most: (scenario.trials / LARGEST_SHARE).max(FEWEST_TRIALS),
            seconds_a_trial: rough / scenario.trials as f64,
        }
    }

    /// Trials of the next stretch.
    fn trials(&self) -> u64 {
        let Some(seconds) = self.seconds else { return u64::MAX };
        ((seconds / self.seconds_a_trial) as u64).clamp(FEWEST_TRIALS, self.most)
    }

    fn note(&mut self, trials: &Range<u64>, took: Duration) {
        self.seconds_a_trial = took.as_secs_f64() / (trials.end - trials.start) as f64;
    }
}

/// Roughly how long a run takes on this many threads, by its counts.
fn rough_seconds(scenario: &Scenario, threads: Option<NonZeroUsize>) -> f64 {
    let cores = threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    Needs::new(&scenario.job(), threads).rough_seconds() / cores as f64
}
