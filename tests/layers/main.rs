//! What layers do to sampled years: each law stays as written, and what goes together does so as stated.

#[path = "../support/mod.rs"]
mod support;

mod books;
mod contracts;
mod observations;
mod people;
