//! What a practice asks of a run: the page that its board reads.

#[path = "../support/mod.rs"]
mod support;

mod board;
