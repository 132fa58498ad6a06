//! What is decided from finished runs, and how a CI job hears of it. Nothing here samples.

mod checks;
mod estimate;
pub mod solve;

pub use checks::{Check, Checks, MOST_ANNOTATIONS, MOST_SUMMARY_BYTES, Verdict, markdown_cell};
pub use estimate::{NoEstimate, Trials, estimate, estimate_of_summary};
