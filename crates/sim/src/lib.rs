//! The parallel loop: every trial samples the years of one future, and every contract settles on each of them.
//!
//! Outcomes stand in the order of their trials, and sums are taken along a fixed tree over the numbers of trials, so that results are
//! the same to the bit for any number of threads, and for any parts in which the trials are simulated.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod controls;
mod details;
mod first_year;
mod gain;
mod groups;
mod job;
mod kept;
mod ledger;
mod moments;
mod needs;
mod observed;
mod outcomes;
mod own;
mod part;
mod pools;
mod portfolio;
mod practice;
mod replay;
mod settler;
mod simulate;
mod slots;
mod tails;
mod tree;

pub use details::{Detail, DetailOf, Details, Layout, PeopleFigure};
pub use first_year::FirstYear;
pub use job::{Books, Control, Job, Keep, SimulateError};
pub use kept::{KeptOutcomes, KeptYear, KeptYears};
pub use ledger::Ledger;
pub use moments::Moments;
pub use needs::{Needs, measure_cpu_seconds};
pub use observed::Observed;
pub use outcomes::Outcomes;
pub use own::{OwnOutcomes, OwnYear, settle_own};
pub use part::{NotAdjacent, Part};
pub use pools::{PooledSegment, observe_alike, pooled};
pub use portfolio::{for_each_index, simulate_portfolio};
pub use replay::{Replayed, replay};
pub use simulate::{Simulated, SimulatedTrials, Simulator, simulate, simulate_trials};
pub use tails::Tails;
pub use tree::MomentTree;
