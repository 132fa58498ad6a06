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

mod attributed;
mod attribution;
mod benchmark_error;
mod elasticity;
mod expected;
mod factor;
mod factor_correlation;
mod growth;
mod life;
mod observation;
mod people_group;
mod plan;
mod pool;
mod population;
mod population_error;
mod program;
mod quality_measure;
mod risk;
mod sample;
mod segment;
mod segment_name;
mod service;
mod system;
mod tail;
mod trend;
mod use_elasticity;

pub use attributed::AttributedPeople;
pub use attribution::{Attribution, AttributionTerms, MOST_LOADING, MOST_RIVALS, MOST_VISITS};
pub use expected::{ExpectedCosts, ExpectedYear};
pub use factor::{Factor, FactorLaw, Loading};
pub use factor_correlation::{FactorCorrelation, FactorCorrelationError};
pub use life::{Assignment, EndOfLife, Life, Mortality, Turnover};
pub use observation::{Attachment, Limit, Observation, PartAbove, ServiceScope};
pub use people_group::PeopleGroup;
pub use plan::Plan;
pub use pool::{NotPooled, PoolOptions};
pub use population::Population;
pub use population_error::PopulationError;
pub use program::{Effect, Program, Variant, Volume};
pub use quality_measure::{Cases, Measured, PeopleMeasure, PersonLaw, QualityMeasure};
pub use risk::{RiskScore, SocialRisk};
pub use sample::{Interrupted, PersonYearBlock, Pool, PoolDraft, PoolFigure, PoolPart, Sampler, Scratch};
pub use segment::Segment;
pub use segment_name::SegmentName;
pub use service::{Service, Utilization};
pub use system::{System, SystemYear};
pub use trend::Trend;
pub use use_elasticity::{Cause, Strength, UseElasticity};
