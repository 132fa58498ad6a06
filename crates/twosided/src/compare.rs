//! Two runs compared: each just run, read from the folder of its report, or known by its summary alone.

use std::path::Path;

use twosided_decide::{CompareError, CompareOptions, Comparison, NamedTrials, Side};
use twosided_files::read_input;
use twosided_report::Summary;

use crate::{OpenError, Run, saved};

/// What stands at a path that names a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunSource {
    /// A scenario file, which has to be run.
    Scenario,
    /// The folder of a report.
    Folder,
    /// A `summary.json`.
    Summary,
}

impl RunSource {
    /// By what is there: a folder, a file that ends in `.json`, or else a scenario.
    pub fn at(path: &Path) -> Self {
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        match path {
            path if path.is_dir() => Self::Folder,
            _ if is_json => Self::Summary,
            _ => Self::Scenario,
        }
    }
}

/// A finished run, with its trials where they are at hand.
#[derive(Clone, Debug)]
pub enum FinishedRun {
    /// With its trials.
    Whole(Box<Run>),
    /// Its figures alone.
    Summary(Box<Summary>),
}

impl FinishedRun {
    /// Reads the folder of a report, or a `summary.json`. Of a folder without `trials.parquet`, as of a run with `--outcomes none`, the
    /// summary alone is read.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let file = if path.is_dir() { path.join(saved::SUMMARY) } else { path.to_owned() };
        if path.is_dir() && path.join(saved::TRIALS).exists() {
            return Ok(Self::Whole(Box::new(Run::open(path)?)));
        }
        let wrong = |reason: String| OpenError::File { file: file.clone(), reason };
        let bytes = read_input(&file, saved::MOST_BYTES).map_err(|error| wrong(error.to_string()))?;
        Ok(Self::Summary(Box::new(saved::summary(&bytes).map_err(wrong)?)))
    }

    /// Its figures.
    pub fn summary(&self) -> &Summary {
        match self {
            Self::Whole(run) => &run.summary,
            Self::Summary(summary) => summary,
        }
    }

    /// Its side in a comparison, under a name.
    fn side(&self, name: &str) -> Side<'_> {
        let trials = match self {
            Self::Whole(run) => Some(NamedTrials {
                outcomes: &run.outcomes,
                contracts: run.scenario.contracts.iter().map(|contract| contract.name.as_str()).collect(),
            }),
            Self::Summary(_) => None,
        };
        Side { name: name.to_owned(), summary: self.summary(), trials }
    }
}

impl From<Run> for FinishedRun {
    fn from(run: Run) -> Self {
        Self::Whole(Box::new(run))
    }
}

/// Compares two finished runs, each under the name by which a reader knows it.
///
/// # Errors
/// [`CompareError`].
pub fn compare(
    (name_a, a): (&str, &FinishedRun),
    (name_b, b): (&str, &FinishedRun),
    options: &CompareOptions,
) -> Result<Comparison, CompareError> {
    Comparison::new(&a.side(name_a), &b.side(name_b), options)
}
