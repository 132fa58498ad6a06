//! Files of a user: what a command writes, replaces, keeps and never touches, and what a killed or stopped one leaves.

#[path = "../support/mod.rs"]
mod support;

mod inputs;
mod kept;
mod outputs;
mod recovery;
mod sandbox;
mod signals;
