//! Random streams, distributions by the actuary's parameters, and measures of a sample with their errors.
//!
//! A law of amounts is a struct with a file of its own in `amount/`: parameters, density, moments, limited means and sampler,
//! each checked against `statrs` or a closed form. [`Family`] and [`Severity`] gather them, [`Frequency`] those of counts. A new
//! family touches three places: its file, with its arms in `amount/family.rs`, here; the reader of its keys (`twosided-scenario`,
//! `laws.rs`); and, to be fitted, its estimator (`twosided-fit`, `families.rs`). Whoever writes files asks the law for its key
//! and its numbers.
//!
//! Everything random in the program is drawn here, in batches, from a [`Stream`] that a [`StreamKey`] names.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]
#![allow(
    clippy::inline_always,
    reason = "a loop is compiled for wide vectors only if all that it calls is inlined into it"
)]

mod allocation;
mod amount;
mod batch;
mod bounds;
mod correlation;
mod design;
mod draws;
mod elementary;
mod estimate;
mod frequency;
mod influence;
mod joint;
mod normal;
mod rank;
mod risk_measure;
mod sample;
mod score;
mod sequential;
mod severity;
mod special;
mod stream;
mod t_copula;
mod tail;
mod two_samples;
mod vector;

pub use allocation::{Allocation, ComponentTail, Gains};
pub use amount::{
    AmountLaw, Empirical, Family, FamilyLaw, Gamma, Lognormal, LognormalMixture, Pareto, SeverityScratch, Spliced,
    Weibull,
};
pub use batch::{exponential_total, scores_at};
pub use bounds::{Bounds, binomial_bounds};
pub use correlation::{CorrelationError, CorrelationMatrix};
pub use design::{ControlVariate, Design};
pub use draws::Draws;
pub use estimate::{Caution, Estimate};
pub use frequency::{CountTable, Frequency};
pub use influence::{ErrorOf, Influence, Influences};
pub use joint::{JointFigure, JointFigures, NoRatio, Term};
pub use rank::{Alternatives, Best, BestFrom, Dominated};
pub use risk_measure::{Margin, RiskMeasure};
pub use sample::{
    ENOUGH_AT_A_MOST, FEWEST_BEYOND, Sample, SampleError, paired_difference, paired_difference_by, wide_ranks,
};
pub use score::{ScoredAmounts, ScoredCounts};
pub use sequential::{boundaries, doubling_looks, error_of_looks, pocock_spending};
pub use severity::Severity;
pub use special::{beta_at_score, student_upper_quantile, upper_probability, upper_score};
pub use stream::{GENERATOR, Purpose, Stream, StreamKey, name_key};
pub use t_copula::TCopula;
pub use two_samples::{CountOf, WIDE_SCORE, counts_apart, pairs_apart, ranks_apart, student_apart};
pub use vector::{VectorsError, check_vectors, vectorized};

/// An invalid parameter of a distribution.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{parameter} is {value}; {expected}")]
pub struct ParameterError {
    /// The parameter, by its key in a scenario file.
    pub parameter: &'static str,
    /// The value given.
    pub value: f64,
    /// What is expected, as a sentence fragment.
    pub expected: &'static str,
}

/// Accepts a probability of no use in a year.
///
/// # Errors
/// A `zero` that is not from 0 to below 1.
pub fn check_zero(zero: f64) -> Result<(), ParameterError> {
    if (0.0..1.0).contains(&zero) {
        return Ok(());
    }
    let expected = "zero is the probability of no use in a year, a decimal from 0 to below 1";
    Err(ParameterError { parameter: "zero", value: zero, expected })
}

/// Accepts a value that lies strictly above zero and at most `limit`.
fn positive(parameter: &'static str, value: f64, limit: f64, expected: &'static str) -> Result<f64, ParameterError> {
    if value > 0.0 && value <= limit { Ok(value) } else { Err(ParameterError { parameter, value, expected }) }
}
