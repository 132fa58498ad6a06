//! Who is covered and what they use: segments of like people, their services, and one sampled year of them.
//!
//! A year is never kept person by person. Contracts declare what they need to see as [`Observation`]s, the declarations are
//! merged into one [`Plan`], and [`Sampler::observe`] fills a row `[segment x observation]` in one pass over the people.

mod plan;
mod sampler;
mod segment;

pub use plan::{Attachment, Limit, Observation, Plan, ServiceScope};
pub use sampler::{Interrupted, Sampler, Scratch};
pub use segment::{Population, PopulationError, Segment, Service, Trend, Utilization};
