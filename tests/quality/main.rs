//! Quality that follows care: measures, scores, readmissions and episodes from the sampled year, from scenario files to settlements.

#[path = "../support/mod.rs"]
mod support;

mod attribution;
mod composite;
mod effects;
mod episodes;
mod equity;
mod hrrp;
mod measures;
mod rates;
