//! Medicare's models of population risk (LAN 4B).

mod final_benchmark;
mod lead;
mod reach;
mod risk_score;

pub use lead::*;
pub use reach::*;
pub use risk_score::BenchmarkScore;
