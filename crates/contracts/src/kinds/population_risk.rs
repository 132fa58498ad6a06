//! Medicare's models of population risk (LAN 4B).

mod final_benchmark;
mod lead;
mod reach;
mod reach_rules;

pub use final_benchmark::BenchmarkScore;
pub use lead::{BenchmarkAdjustment, Lead, LeadOption, LeadRules, SpecialistEpisodes};
pub use reach::{ClaimsCapitation, Equity, Reach, ReachStopLoss, RiskArrangement};
pub use reach_rules::{ReachRules, ReachScoreRules};
