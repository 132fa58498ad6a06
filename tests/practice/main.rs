//! One practice with several payers and contracts, from outside.

#[path = "../support/mod.rs"]
mod support;

mod advances;
mod board;
mod capital;
mod cash;
mod coverage;
mod margin;
mod portfolios;
mod properties;
mod random;
mod surplus;
mod whole;
