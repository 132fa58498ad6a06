//! What is decided from finished runs, and how a CI job hears of it. Nothing here samples.

mod checks;
mod compare;

pub use checks::{Check, Checks, MOST_ANNOTATIONS, MOST_SUMMARY_BYTES, Verdict, markdown_cell};
pub use compare::{
    Change, CompareError, CompareOptions, Compared, Comparison, Pairing, Side, Subject, Tolerance, ToleranceError,
    Trials, bencher, benchmark_action, metrics,
};
