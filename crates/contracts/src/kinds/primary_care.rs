//! Payments in place of the fees of primary care (LAN 4A).

mod primary_care_capitation;
mod primary_care_first;

pub use primary_care_capitation::{CapitationReconciliation, PrimaryCareCapitation};
pub use primary_care_first::{PrimaryCareFirst, PrimaryCareFirstRules};
