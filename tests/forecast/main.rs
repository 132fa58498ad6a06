//! Scenarios of an ACO's next year, from outside.

#[path = "../support/mod.rs"]
mod support;

mod report;
