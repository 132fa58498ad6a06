//! Random streams, distributions by the actuary's parameters, and measures of a sample with their errors.
//!
//! Everything random in the program is drawn here, in batches, from a [`Stream`] that a [`StreamKey`] names.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]
#![allow(
    clippy::inline_always,
    reason = "a loop is compiled for wide vectors only if all that it calls is inlined into it"
)]

mod correlation;
mod elementary;
mod family;
mod frequency;
mod measures;
mod score;
mod severity;
mod special;
mod stream;
mod t_copula;
mod tail;
mod vector;

pub use correlation::{CorrelationError, CorrelationMatrix};
pub use family::Family;
pub use frequency::{CountTable, Frequency};
pub use measures::{Caution, Estimate, Sample, SampleError, paired_difference};
pub use score::{ScoredAmounts, ScoredCounts, upper_probability, upper_score};
pub use severity::{Component, Severity, SeverityScratch};
pub use stream::{GENERATOR, Purpose, Stream, StreamKey, name_key};
pub use t_copula::TCopula;
pub use vector::vectorised;

/// A parameter that a distribution cannot have.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{parameter} is {value}; {expected}")]
pub struct ParameterError {
    /// The parameter, by its key in a scenario file.
    pub parameter: &'static str,
    /// What was given.
    pub value: f64,
    /// What would be right, as a sentence fragment.
    pub expected: &'static str,
}

/// Accepts a value that lies strictly above zero and at most `limit`.
fn positive(parameter: &'static str, value: f64, limit: f64, expected: &'static str) -> Result<f64, ParameterError> {
    if value > 0.0 && value <= limit { Ok(value) } else { Err(ParameterError { parameter, value, expected }) }
}
