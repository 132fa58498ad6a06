//! Payment arrangements, and the covers that wrap them.
//!
//! A contract declares what it observes of a year and settles on just that. It holds no randomness and touches no person,
//! so all contracts meet the same years and their differences are not noise. Beside its rule stand its terms, how they are
//! read from a scenario file, and its row in `docs/contracts.md`.
//!
//! The kinds of contracts stand in `kinds`, by family, in the order of the continuum. A new contract is one file there.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod agreement;
mod arrangement;
mod corridor;
mod covers;
mod kinds;
mod read;
mod rounding;
mod rules;
mod settlement;
mod stop_loss;

pub use agreement::{Against, Agreement, Carried, Ends, Rebasing, RiskAdjustment, Updates};
pub use arrangement::{Arrangement, Lan, LanError, Later, Settled};
pub use corridor::{Band, Corridor, CorridorError};
pub use covers::{CoverPayments, Covers, QualityGate, RiskCorridor, Withhold};
pub use kinds::*;
pub use read::read_truncation_point;
pub use rules::{DatedDefault, Literal, Rule, RuleValue, Status};
pub use settlement::{
    AGREED, CARRIED, Known, Listing, OBSERVED, Payment, SO_FAR, ServicePayment, Settle, Settlement, Step, StepUnit,
    UPDATED, Year,
};
pub use stop_loss::{AggregateStopLoss, SpecificStopLoss};
