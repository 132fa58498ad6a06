//! The folder of a shard: written, and read back with its hashes checked.

mod manifest;

use std::{
    collections::BTreeMap,
    iter,
    ops::Range,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use twosided_files::{FolderError, NewFolder, open_input, read_input, sha256_of};
use twosided_form::shortened;
use twosided_report::{
    CONTROLS, DETAILS, MOMENTS, OUTCOMES, PartError, PartShape, ReportError, read_part, scenario_as_run, write_part,
};
use twosided_scenario::{Overrides, Scenario};
use twosided_sim::{Part, Simulator};

use manifest::MANIFEST;
pub(crate) use manifest::Manifest;

/// The scenario as run, complete without the files that it includes.
const RUN: &str = "run.toml";
/// The files of a shard in the order of their names, its manifest aside; the first two only where trials have controls and details.
const FILES: [&str; 5] = [CONTROLS, DETAILS, MOMENTS, OUTCOMES, RUN];
/// Those of them that a shard may lack.
const OPTIONAL: [&str; 2] = [CONTROLS, DETAILS];
/// Most bytes of a manifest.
const MOST_BYTES: u64 = 1 << 20;
/// Most bytes of a file that is hashed before it is read.
const MOST_BYTES_OF_FILE: u64 = 1 << 36;

/// Writes a part of a run as a shard.
pub(crate) fn write(scenario: &Scenario, part: &Part, folder: &Path, stop: &AtomicBool) -> Result<(), ReportError> {
    if !scenario.is_as_written() {
        return Err(ReportError::Changed);
    }
    let new = NewFolder::at(folder)?;
    let io = |error| FolderError::Io { path: folder.to_owned(), error };
    let names: Vec<&str> = scenario.contracts.iter().map(|contract| contract.name.as_str()).collect();
    write_part(new.files(), &names, part, stop)?;
    new.write(RUN, scenario_as_run(scenario)?.as_bytes())?;
    let hash = |name: &str| Ok((name.to_owned(), sha256_of(&new.files().join(name)).map_err(io)?));
    let is_written = |name: &&str| match *name {
        CONTROLS => part.outcomes.controls.ncols() > 0,
        DETAILS => !part.outcomes.details.layout.is_empty(),
        _ => true,
    };
    let files = FILES.into_iter().filter(is_written);
    let files: BTreeMap<String, String> = files.map(hash).collect::<Result<_, FolderError>>()?;
    let manifest = Manifest::new(scenario, &part.trials, files)?;
    new.write(MANIFEST, &manifest.bytes())?;
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
        let is_listed = |name: &&str| !OPTIONAL.contains(name) || manifest.files.contains_key(*name);
        if !manifest.names().eq(FILES.into_iter().filter(is_listed)) {
            let listed: Vec<String> = manifest.files.keys().map(|name| shortened(name, 40)).collect();
            let reason = format!(
                "it lists the files {}; those of a shard are {}",
                listed.join(", "),
                FILES[OPTIONAL.len()..].join(", ")
            );
            return Err(wrong(MANIFEST, reason));
        }
        for (name, expected) in &manifest.files {
            let file = path.join(name);
            let hash = open_input(&file, MOST_BYTES_OF_FILE)
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
        let scenario = Scenario::load_with(self.run_file(), &overrides).map_err(|error| wrong(error.in_short()))?;
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
            details: simulator.details().clone(),
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
        NewFolder::remove(&self.path, &[FILES[0], FILES[1], FILES[2], FILES[3], FILES[4], MANIFEST]);
    }

    /// Whether it holds these trials of a scenario's run, as this program writes them.
    pub(crate) fn is_of(&self, scenario: &Scenario, trials: &Range<u64>) -> bool {
        let Self { manifest, .. } = self;
        let wanted = Manifest::new(scenario, trials, BTreeMap::new());
        let differs = |wanted: &Manifest| {
            manifest.of_another_program().or_else(|| manifest.of_another_run(wanted, "the run")).is_some()
        };
        wanted.is_ok_and(|wanted| !differs(&wanted) && manifest.range() == *trials)
    }
}

/// What ranges in rising order, none of which overlap, leave out of a whole.
pub(crate) fn gaps(whole: &Range<u64>, ranges: impl IntoIterator<Item = Range<u64>>) -> Vec<Range<u64>> {
    let mut next = whole.start;
    let mut gaps = Vec::new();
    for range in ranges.into_iter().chain(iter::once(whole.end..whole.end)) {
        if range.start > next {
            gaps.push(next..range.start);
        }
        next = range.end;
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_what_ranges_leave_out() {
        assert_eq!(gaps(&(0..10), [0..4, 4..10]), []);
        assert_eq!(gaps(&(0..10), [2..4, 6..7]), [0..2, 4..6, 7..10]);
        assert_eq!(gaps(&(0..10), [0..3, 3..9]).first(), Some(&(9..10)));
    }
}
