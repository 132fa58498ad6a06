//! From member-level files, one row a person and year, to the laws of segments.
//!
//! A [`Data`] is a file read by its [`ColumnRoles`]; a [`Fit`] tries the laws that a population file knows on every service of every
//! segment, says how well each fits, and takes the one of least BIC or AIC; [`population_file`] writes what was found. Methods,
//! formulas and limits are in `docs/fit.md`.

mod amount;
mod columns;
mod coordinates;
mod credibility;
mod criterion;
mod data;
mod error;
mod estimate;
mod families;
mod frailty;
mod frequency;
mod goodness;
mod mixture;
mod normal_scores;
mod observations;
mod population_file;
#[cfg(test)]
mod recovery;
mod search;
mod special;
mod stated;
mod tail;
mod warning;
mod zero;

pub use amount::{AmountFit, Candidate, ExcessCost, MeanExcess, Tried};
pub use columns::{ColumnRoles, Exposure, ServiceColumns, ServiceColumnsError, Unmatched};
pub use credibility::{Credibility, CredibilityMethod, Prior};
pub use criterion::{Criteria, Criterion};
pub use data::{Data, FEWEST_PEOPLE, FEWEST_USERS, PersonYear, SegmentData, Use};
pub use error::Figure;
pub use estimate::{Fit, FitError, SegmentFit, ServiceFit, Settings, Usage, Watch};
pub use frailty::{FrailtyCorrelation, FrailtyFit, Pair};
pub use frequency::{CountCandidate, CountTried, FrequencyFit};
pub use goodness::{Goodness, Stopped, Test};
pub use population_file::population_file;
pub use stated::Parameter;
pub use tail::Tail;
pub use warning::Warning;
