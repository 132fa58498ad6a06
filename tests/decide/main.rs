//! What is decided from scenarios and their runs, from outside.

#[path = "../support/mod.rs"]
mod support;

mod ci;
mod compare;
mod gate;
mod price;
mod set;
mod solve;
mod sweep;
