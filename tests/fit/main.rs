//! `twosided fit` from outside.

#[path = "../support/mod.rs"]
mod support;

mod estimates;
mod refusals;
mod runs;
mod warnings;
