//! What is decided from finished runs, and how a CI job hears of it. Nothing here samples.

mod checks;
mod compare;
mod estimate;
mod gate;
mod gate_table;
mod reading;
pub mod solve;

pub use checks::{Check, Checks, MOST_ANNOTATIONS, MOST_SUMMARY_BYTES, Verdict, markdown_cell};
pub use compare::{
    Change, CompareError, CompareOptions, Compared, Comparison, NamedTrials, Pairing, Side, Subject, Tolerance,
    ToleranceError, bencher, benchmark_action, metrics,
};
pub use estimate::{NoEstimate, Trials, estimate, estimate_of_summary};
pub use gate::{Evidence, Judged, checks_of_limits, design_without_controls, judge};
pub use gate_table::{json_of_limits, table_of_limits};
pub use reading::{Reading, readings};
