//! What holds in place of what a scenario file says.

use std::path::PathBuf;

use twosided_form::Setting;
use twosided_sim::Keep;

/// What holds in place of what a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Sampled futures.
    pub trials: Option<u64>,
    /// Key of all random streams.
    pub seed: Option<u64>,
    /// Whether variance is reduced.
    pub variance_reduction: Option<bool>,
    /// Keys set as if the file said so. Trials, seed and variance reduction that are given above hold before them.
    pub set: Vec<Setting>,
    /// Folders that the scenario may include files from, besides its own.
    pub include_from: Vec<PathBuf>,
    /// What is kept of each trial.
    pub keep: Keep,
}
