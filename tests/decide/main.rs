//! What is decided from scenarios and their runs, from outside.

#[path = "../support/mod.rs"]
mod support;

mod set;
