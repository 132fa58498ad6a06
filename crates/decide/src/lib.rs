//! What is decided from finished runs, and how a CI job is told of it. Nothing here samples.

mod checks;
pub mod solve;

pub use checks::{Check, Checks, Verdict};
