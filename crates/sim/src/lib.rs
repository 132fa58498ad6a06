//! The parallel loop: every trial samples one year, and every contract settles on it.
//!
//! Trials are worked on in blocks of fixed size and reduced in the order of their numbers, so that results are the same to
//! the bit for any number of threads.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod moments;
mod needs;
mod outcomes;
mod phase;
mod simulate;

pub use moments::Moments;
pub use needs::{Needs, measure_cpu_seconds};
pub use outcomes::Outcomes;
pub use simulate::{Control, Job, Replayed, SimulateError, Tails, replay, simulate};
