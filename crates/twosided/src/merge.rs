//! Shards of a run, merged into what one run comes to.

use std::{path::PathBuf, sync::atomic::Ordering};

use twosided_scenario::Scenario;
use twosided_sim::{Control, NotAdjacent, Part, SimulateError, Simulator};

use crate::{
    options::{RunError, RunOptions, check_size},
    run::{Run, measured},
    shard_folder::{Manifest, ShardError, ShardFolder, gaps},
};

/// Shards that cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A shard cannot be read.
    #[error("cannot merge the shards: {0}")]
    Shard(#[from] ShardError),
    /// The shards do not make up one run.
    #[error("cannot merge the shards: {0}")]
    Refused(String),
    /// The whole cannot be measured.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl From<SimulateError> for MergeError {
    fn from(error: SimulateError) -> Self {
        Self::Run(error.into())
    }
}

impl From<NotAdjacent> for MergeError {
    fn from(error: NotAdjacent) -> Self {
        Self::Refused(error.to_string())
    }
}

/// Shards that together make up one run.
#[derive(Clone, Debug)]
pub struct Shards {
    scenario: Scenario,
    /// In the order of their trials.
    folders: Vec<ShardFolder>,
}

impl Shards {
    /// Reads what the shards of a run, given in any order, say of themselves, and checks their files. Together they must hold every trial
    /// once, and be written by this very program.
    ///
    /// # Errors
    /// [`MergeError`].
    pub fn open(folders: &[PathBuf]) -> Result<Self, MergeError> {
        let mut folders = folders.iter().map(|folder| ShardFolder::open(folder)).collect::<Result<Vec<_>, _>>()?;
        let Some(first) = folders.first() else { return Err(MergeError::Refused("there are none".to_owned())) };
        for shard in &folders {
            let other_run = || shard.manifest.of_another_run(&first.manifest, &first.path.display().to_string());
            if let Some(reason) = shard.manifest.of_another_program().or_else(other_run) {
                return Err(ShardError { path: shard.path.clone(), reason }.into());
            }
        }
        folders.sort_by_key(|shard| shard.manifest.range().start);
        check_ranges(&folders).map_err(MergeError::Refused)?;
        Ok(Self { scenario: folders[0].scenario()?, folders })
    }

    /// The scenario of the run.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The file that stands for the run: that of the first shard.
    pub fn run_file(&self) -> PathBuf {
        self.folders[0].run_file()
    }

    /// What one run comes to, to the bit.
    ///
    /// # Errors
    /// [`MergeError`].
    pub fn merge(&self, options: &RunOptions<'_>) -> Result<Run, MergeError> {
        let Self { scenario, folders } = self;
        check_size(scenario, options)?;
        let unwatched = Control::default();
        let control = options.control.unwrap_or(&unwatched);
        let job = scenario.job();
        let simulator = Simulator::new(&job, options.threads, control)?;
        let mut whole = Part::empty(&job, &(0..scenario.trials));
        for shard in folders {
            let part = shard.part(scenario, &simulator)?;
            control.done.fetch_add(part.trials.end - part.trials.start, Ordering::Relaxed);
            whole.join(part)?;
            if control.stop.load(Ordering::Relaxed) {
                return Err(SimulateError::Stopped.into());
            }
        }
        Ok(measured(scenario, simulator.finish(whole, control)?)?)
    }
}

/// Makes sure that shards in the order of their trials hold every trial of the run once.
fn check_ranges(shards: &[ShardFolder]) -> Result<(), String> {
    for pair in shards.windows(2) {
        let [earlier, later] = [&pair[0], &pair[1]].map(|shard| (shard.path.display(), shard.manifest.range()));
        if later.1.start < earlier.1.end {
            let both = later.1.start..later.1.end.min(earlier.1.end);
            return Err(format!("both {} and {} have the trials {both:?}; leave one of them out", earlier.0, later.0));
        }
    }
    let Manifest { trials, .. } = shards[0].manifest;
    let missing = gaps(&(0..trials), shards.iter().map(|shard| shard.manifest.range()));
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = missing.iter().map(|gap| format!("{gap:?}")).collect();
    Err(format!(
        "of the run's trials 0..{trials}, no shard has {}; simulate them with twosided run {} --trials-range {}",
        names.join(", "),
        shards[0].run_file().display(),
        names[0]
    ))
}
