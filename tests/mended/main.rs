//! Faults found from outside, one test a row: `row_2_4_...` is row 4 of section 2 of the list in `tests/mended/README.md`.

#[path = "../support/mod.rs"]
mod support;

mod contracts;
mod files;
mod fits;
mod laws;
mod messages;
mod pages;
mod public_files;
mod sampling;
mod scenarios;
