//! What is decided from finished runs, and how a CI job hears of it. Nothing here samples.

mod checks;
mod compare;
mod estimate;
mod reading;
pub mod solve;

pub use checks::{Check, Checks, MOST_ANNOTATIONS, MOST_SUMMARY_BYTES, Verdict, markdown_cell};
pub use compare::{
    Change, CompareError, CompareOptions, Compared, Comparison, NamedTrials, Pairing, Side, Subject, Tolerance,
    ToleranceError, bencher, benchmark_action, metrics,
};
pub use estimate::{NoEstimate, Trials, estimate, estimate_of_summary};
pub use reading::Reading;
