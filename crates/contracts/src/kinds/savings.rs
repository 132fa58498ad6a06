//! Savings and losses against a benchmark, shared after the year (LAN 3A and 3B).

mod mssp;
mod shared_savings;

pub use mssp::*;
pub use shared_savings::SharedSavings;
