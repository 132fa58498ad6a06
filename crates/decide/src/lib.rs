//! What is decided from finished runs, and how a CI job hears of it. Nothing here samples.

mod checks;

pub use checks::{Check, Checks, MOST_ANNOTATIONS, MOST_SUMMARY_BYTES, Verdict, markdown_cell};
