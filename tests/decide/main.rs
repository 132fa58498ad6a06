//! What is decided from sampled years: prices of covers.

#[path = "../support/mod.rs"]
mod support;

mod price;
