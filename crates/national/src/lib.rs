//! The ACOs of a year of CMS's public results as one portfolio.
//!
//! Each ACO has the people, the benchmark and the contract of its row. All share the trials: a trial is one year of the nation, whose
//! trend moves every ACO's costs. The method and its assumptions are in `docs/national.md`.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod groups;
mod member;
mod simulate;
mod totals;

pub use groups::{Group, by_size, by_track};
pub use member::{LeftOut, Member, Members, PERSONS, Selection, Trials, members, rows};
pub use simulate::{AcoYears, simulate};
pub use totals::{Published, Totals};
