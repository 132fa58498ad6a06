//! Payment arrangements, and the covers that wrap them.
//!
//! A contract declares what it observes of a year and settles on just that. It holds no randomness and touches no person,
//! so all contracts meet the same years and their differences are not noise. Beside its rule stand its terms, how they are
//! read from a scenario file, and its row in `docs/contracts.md`.
//!
//! The kinds of contracts stand in `kinds`, by family, in the order of the continuum. A new contract is one file there.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod advance;
mod agreement;
mod arrangement;
mod carried;
mod composite;
mod corridor;
mod covered;
mod covers;
mod kinds;
mod known;
mod lan;
mod payment;
mod phase;
mod portfolio;
mod quality;
mod read;
mod rebasing;
mod rounding;
mod rules;
mod settle;
mod settlement;
mod side;
mod step;
mod stop_loss;
mod timing;
mod year;

pub use advance::{Advance, Recouped, Unrecouped};
pub use agreement::{Agreement, Ends, RiskAdjustment};
pub use arrangement::{Arrangement, ContractKeys};
pub use carried::Carried;
pub use composite::Composite;
pub use corridor::{Band, Corridor, CorridorError};
pub use covered::Covered;
pub use covers::{CoverPayments, Covers, QualityGate, RiskCorridor, Withhold};
pub use kinds::*;
pub use known::{Follows, Known};
pub use lan::{Lan, LanError};
pub use payment::{Payment, ServicePayment};
pub use phase::{Phase, PhaseKeys, Settled};
pub use portfolio::{Conflict, ConflictReason, Portfolio};
pub use quality::{Quality, Score, ScoredMeasure, ScoringScale};
pub use read::TRUNCATION_POINT;
pub use rebasing::Rebasing;
pub use rules::{DatedDefault, Rule, RuleValue};
pub use settle::{BenchmarkUse, Kind, Listing, Scored, Settle};
pub use settlement::{Against, Settlement};
pub use side::Side;
pub use step::{AGREED, CARRIED, OBSERVED, SO_FAR, Step, StepUnit, UPDATED};
pub use stop_loss::{AggregateStopLoss, SpecificStopLoss};
pub use timing::Timing;
pub use year::{Updates, Year};
