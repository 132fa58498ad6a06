//! Who is covered and what they use: segments of like people, their services and lives, what moves all of them together, and
//! the sampled years of a horizon.
//!
//! A year is never kept person by person. Contracts declare what they need to see as [`Observation`]s, the declarations are
//! merged into one [`Plan`], and [`Sampler::observe`] fills a table `[variant, year, segment, observation]` in one pass over
//! the people.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]
#![allow(
    clippy::inline_always,
    reason = "a loop is compiled for wide vectors only if all that it calls is inlined into it"
)]

mod benchmark_error;
mod expected;
mod growth;
mod plan;
mod program;
mod sample;
mod segment;
mod system;
mod tail;
mod trend;

pub use expected::{ExpectedCosts, ExpectedYear};
pub use plan::{Attachment, Limit, Observation, Plan, ServiceScope};
pub use program::{Effect, Program, QualityMeasure, Variant};
pub use sample::{Interrupted, PersonYearBlock, Sampler, Scratch};
pub use segment::{
    Assignment, EndOfLife, Life, Mortality, Population, PopulationError, RiskScore, Segment, SegmentName, Service,
    SocialRisk, Turnover, Utilization,
};
pub use system::{Factor, FactorCorrelation, FactorCorrelationError, FactorLaw, Loading, System, SystemYear};
pub use trend::Trend;
