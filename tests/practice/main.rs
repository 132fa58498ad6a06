//! One practice with several payers and contracts, from outside.

#[path = "../support/mod.rs"]
mod support;

mod capital;
mod coverage;
mod portfolios;
mod properties;
mod random;
mod surplus;
