//! Fees as they are, and a fee per member on top of them (LAN 1 and 2A).

mod care_management;
mod fee_for_service;

pub use care_management::{CareManagement, Clawback};
pub use fee_for_service::{FeeForService, FeeSchedule};
