//! What is decided from finished runs, and how a CI job learns of it. Nothing here samples.

mod checks;
mod estimate;

pub use checks::{Check, Checks, Verdict};
pub use estimate::{NoEstimate, Trials, estimate, estimate_of_summary};
