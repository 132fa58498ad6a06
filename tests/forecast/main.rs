//! Scenarios of an ACO's next year, from outside.

#[path = "../support/mod.rs"]
mod support;

mod next_year;
mod proof;
mod report;
