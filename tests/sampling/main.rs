//! Sampled years: what a variant adds, what numbers depend on, and what they take.

#[path = "../support/mod.rs"]
mod support;

mod added_events;
mod machine;
mod order;
mod pieces;
