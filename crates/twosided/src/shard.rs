//! A shard: a range of the trials of a run, in a folder of its own.

mod manifest;

use std::{
    collections::BTreeMap,
    fs,
    ops::Range,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use twosided_files::{FolderError, NewFolder, read_input, sha256_of};
use twosided_form::shortened;
use twosided_report::{
    CONTROLS, MOMENTS, OUTCOMES, PartError, PartShape, ReportError, read_part, scenario_as_run, write_part,
};
use twosided_scenario::{Overrides, Scenario};
use twosided_sim::{Control, Part, Simulator};

use crate::{RunError, RunOptions, run::check_job};
use manifest::MANIFEST;
pub(crate) use manifest::Manifest;

/// The scenario as run, complete without the files that it includes.
const RUN: &str = "run.toml";
/// The files of a shard in the order of their names, its manifest aside; the first only where trials have controls.
const FILES: [&str; 4] = [CONTROLS, MOMENTS, OUTCOMES, RUN];
/// Most bytes of a manifest.
const MOST_BYTES: u64 = 1 << 20;
/// Most bytes of a file that is hashed before it is read.
const MOST_BYTES_OF_FILE: u64 = 1 << 36;

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
        let wanted = Manifest::new(scenario, trials, BTreeMap::new());
        wanted.is_ok_and(|wanted| {
            ShardFolder::open(folder.as_ref()).is_ok_and(|ShardFolder { manifest, .. }| {
                let differs = manifest.of_another_program().or_else(|| manifest.of_another_run(&wanted, "the run"));
                differs.is_none() && manifest.range() == *trials
            })
        })
    }

    /// Writes the shard into a folder that is not there yet, and appears with all of its files.
    ///
    /// # Errors
    /// [`ReportError`]; nothing is then left of the folder.
    pub fn write(&self, folder: impl AsRef<Path>, stop: &AtomicBool) -> Result<(), ReportError> {
        write(&self.scenario, &self.part, folder.as_ref(), stop)
    }
}

/// Writes a part of a run as a shard.
pub(crate) fn write(scenario: &Scenario, part: &Part, folder: &Path, stop: &AtomicBool) -> Result<(), ReportError> {
    if !scenario.is_as_written() {
        return Err(ReportError::Changed);
    }
    let new = NewFolder::at(folder)?;
    let io = |error| FolderError::Io { path: folder.to_owned(), error };
    let names: Vec<&str> = scenario.contracts.iter().map(|contract| contract.name.as_str()).collect();
    write_part(new.files(), &names, part, stop)?;
    fs::write(new.files().join(RUN), scenario_as_run(scenario)?).map_err(io)?;
    let hash = |name: &str| Ok((name.to_owned(), sha256_of(&new.files().join(name)).map_err(io)?));
    let files = FILES.into_iter().skip(usize::from(part.outcomes.controls.ncols() == 0));
    let files: BTreeMap<String, String> = files.map(hash).collect::<Result<_, FolderError>>()?;
    let manifest = Manifest::new(scenario, &part.trials, files)?;
    fs::write(new.files().join(MANIFEST), manifest.bytes()).map_err(io)?;
    Ok(new.complete()?)
}

/// A shard that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", .path.display())]
pub struct ShardError {
    /// The file, or the folder of the shard.
    pub path: PathBuf,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl From<PartError> for ShardError {
    fn from(PartError { file, reason }: PartError) -> Self {
        Self { path: file, reason }
    }
}

/// The folder of a shard whose files have the hashes of its manifest.
#[derive(Clone, Debug)]
pub(crate) struct ShardFolder {
    pub(crate) path: PathBuf,
    pub(crate) manifest: Manifest,
}

impl ShardFolder {
    /// Reads the manifest of a shard and checks its files against it.
    pub(crate) fn open(path: &Path) -> Result<Self, ShardError> {
        let wrong = |name: &str, reason: String| ShardError { path: path.join(name), reason };
        if !path.is_dir() {
            return Err(ShardError { path: path.to_owned(), reason: "there is no such folder".to_owned() });
        }
        let bytes = read_input(&path.join(MANIFEST), MOST_BYTES);
        let bytes = bytes.map_err(|error| wrong(MANIFEST, format!("{error}; a shard has it")))?;
        let manifest = Manifest::read(&bytes).map_err(|reason| wrong(MANIFEST, reason))?;
        if !(manifest.names().eq(FILES) || manifest.names().eq(FILES.into_iter().skip(1))) {
            let listed: Vec<String> = manifest.files.keys().map(|name| shortened(name, 40)).collect();
            let reason =
                format!("it lists the files {}; those of a shard are {}", listed.join(", "), FILES[1..].join(", "));
            return Err(wrong(MANIFEST, reason));
        }
        for (name, expected) in &manifest.files {
            let file = path.join(name);
            let hash = twosided_files::open_input(&file, MOST_BYTES_OF_FILE)
                .map_err(|error| error.to_string())
                .and_then(|_| sha256_of(&file).map_err(|error| error.to_string()))
                .map_err(|reason| wrong(name, reason))?;
            if hash != *expected {
                let expected = shortened(expected, 64);
                return Err(wrong(
                    name,
                    format!("its SHA-256 is {hash}; {MANIFEST} has {expected}: it was changed or cut short"),
                ));
            }
        }
        Ok(Self { path: path.to_owned(), manifest })
    }

    /// The scenario of the whole run.
    pub(crate) fn scenario(&self) -> Result<Scenario, ShardError> {
        let Manifest { scenario_sha256, seed, trials, .. } = &self.manifest;
        let wrong = |reason: String| ShardError { path: self.run_file(), reason };
        let overrides = Overrides {
            trials: Some(*trials),
            seed: Some(*seed),
            keep: self.manifest.keep().map_err(wrong)?,
            ..Overrides::default()
        };
        let scenario = Scenario::load_with(self.run_file(), &overrides).map_err(|error| wrong(error.to_string()))?;
        let hash = twosided_report::scenario_sha256(&scenario).map_err(|error| wrong(error.to_string()))?;
        if hash != *scenario_sha256 {
            let expected = shortened(scenario_sha256, 64);
            return Err(wrong(format!("the SHA-256 of its scenario is {hash}; {MANIFEST} has {expected}")));
        }
        Ok(scenario)
    }

    /// What the shard's trials came to.
    pub(crate) fn part(&self, scenario: &Scenario, simulator: &Simulator<'_>) -> Result<Part, ShardError> {
        let shape = PartShape {
            trials: self.manifest.range(),
            years: scenario.years as usize,
            contracts: scenario.contracts.len(),
            figures: simulator.moments(),
            controls: simulator.controls(),
            keep: scenario.keep,
        };
        Ok(read_part(&self.path, &shape)?)
    }

    /// The scenario's file.
    pub(crate) fn run_file(&self) -> PathBuf {
        self.path.join(RUN)
    }

    /// Removes the shard's own files, and its folder if nothing else is in it.
    pub(crate) fn remove(&self) {
        // What cannot be removed stays, and its folder with it.
        for name in FILES.into_iter().chain([MANIFEST]) {
            let _ = fs::remove_file(self.path.join(name));
        }
        let _ = fs::remove_dir(&self.path);
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
