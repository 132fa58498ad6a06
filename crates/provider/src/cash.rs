//! When amounts become cash.

mod calendar;
mod financing;
mod flows;

pub use calendar::{CashCalendar, CashLow};
pub use financing::{Financed, Financing, days_of_cash};
pub use flows::{CashYear, Flows, HeldYear};
