//! A part of a run as files: its outcomes and its moments, as Parquet.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use twosided_sim::{Details, Keep, Layout, Part};

use crate::{
    ReportError, Stop,
    parquet::{read_moments, read_numbered, read_outcomes, write_moments, write_numbered, write_trials},
};

/// The file of a part's outcomes.
pub const OUTCOMES: &str = "outcomes.parquet";
/// The file of a part's moments.
pub const MOMENTS: &str = "moments.parquet";

/// The file of a part's controls, where its trials have any.
pub const CONTROLS: &str = "controls.parquet";

/// The file of a part's details, where some are kept.
pub const DETAILS: &str = "details.parquet";

/// A file of a part that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", .file.display())]
pub struct PartError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong, and what would be right.
    pub reason: String,
}

/// What the columns of the two are named.
const CONTROL: &str = "control";
const DETAIL: &str = "detail";

/// Writes the files of a part under contracts of these names into a folder.
///
/// # Errors
/// [`ReportError`].
pub fn write_part(folder: &Path, contracts: &[&str], part: &Part, stop: &AtomicBool) -> Result<(), ReportError> {
    let Part { trials, outcomes, moments } = part;
    write_trials(&folder.join(OUTCOMES), contracts, outcomes, trials.start, Stop(stop))?;
    write_moments(&folder.join(MOMENTS), moments)?;
    if outcomes.controls.ncols() > 0 {
        write_numbered(&folder.join(CONTROLS), CONTROL, &outcomes.controls.view())?;
    }
    let details = &outcomes.details;
    if !details.layout.is_empty() {
        write_numbered(&folder.join(DETAILS), DETAIL, &details.rows())?;
    }
    Ok(())
}

/// What a part is known to be before its files are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartShape {
    /// Its trials, counted from 0.
    pub trials: Range<u64>,
    /// Years of each.
    pub years: usize,
    /// How many contracts there are.
    pub contracts: usize,
    /// How many figures have moments.
    pub figures: usize,
    /// How many controls each trial has.
    pub controls: usize,
    /// What is kept of each trial and year beside the lines.
    pub details: Layout,
    /// What is kept of each trial.
    pub keep: Keep,
}

/// Reads the files of a part.
///
/// # Errors
/// [`PartError`].
pub fn read_part(folder: &Path, shape: &PartShape) -> Result<Part, PartError> {
    let wrong = |name: &str| {
        let file = folder.join(name);
        move |reason| PartError { file, reason }
    };
    let PartShape { trials, years, contracts, figures, controls, details, keep } = shape;
    let count = (trials.end - trials.start) as usize;
    let mut outcomes =
        read_outcomes(&folder.join(OUTCOMES), *keep, trials, (*years, *contracts)).map_err(wrong(OUTCOMES))?;
    if *controls > 0 {
        outcomes.controls =
            read_numbered(&folder.join(CONTROLS), CONTROL, (count, *controls)).map_err(wrong(CONTROLS))?;
    }
    if !details.is_empty() {
        let rows = read_numbered(&folder.join(DETAILS), DETAIL, (count * years, details.len()));
        outcomes.details = Details::of_rows(details.clone(), *years, rows.map_err(wrong(DETAILS))?);
    }
    let moments = read_moments(&folder.join(MOMENTS), trials, *figures).map_err(wrong(MOMENTS))?;
    Ok(Part { trials: trials.clone(), outcomes, moments })
}
