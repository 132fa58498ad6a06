//! A service: how much of it a person uses in a year, and at what cost.

use twosided_prob::{Frequency, Severity};

/// A kind of care.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Unique name within the segment.
    pub name: String,
    /// How much of it is used, and at what cost.
    pub utilization: Utilization,
    /// Correlation of the person's frailty score with the normal score of the year's count or amount.
    pub frailty_loading: f64,
}

/// The law of a person's year of one service.
#[derive(Clone, Debug, PartialEq)]
pub enum Utilization {
    /// A number of events, each with its cost.
    Events {
        /// Events per person-year.
        frequency: Frequency,
        /// Dollars per event.
        severity: Severity,
    },
    /// Events that follow those of another service: readmissions, days of a stay, episodes.
    Following {
        /// The service that is followed.
        after: String,
        /// Events for each event of that service.
        frequency: Frequency,
        /// Dollars per event.
        severity: Severity,
        /// How far what an event of that service costs moves what follows it: the power of that cost, over its mean, to which the
        /// amount is proportional. The mean amount stays.
        severity_elasticity: f64,
    },
    /// One amount for the year, or nothing.
    Annual {
        /// Probability of nothing.
        zero: f64,
        /// Dollars a year, of those who use the service.
        amount: Severity,
    },
}
