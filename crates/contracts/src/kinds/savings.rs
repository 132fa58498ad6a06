//! Savings and losses against a benchmark, shared after the year (LAN 3A and 3B).

mod advance_payments;
mod benchmark_construction;
mod mssp;
mod mssp_benchmark;
mod mssp_reconciliation;
mod mssp_rules;
mod shared_savings;

pub use advance_payments::{AdvancePayments, AdvanceRules};
pub use mssp::{DisasterRelief, MinimumRate, Mssp, PerformanceYear, QualityStandard, RevenueCategory, Track};
pub use mssp_benchmark::{BenchmarkConstruction, BenchmarkRules, MsspBenchmark, TypeBenchmark, annualized, guardrail};
pub use mssp_rules::{MsspRules, minimum_savings_rate};
pub use shared_savings::SharedSavings;
