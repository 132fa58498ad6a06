//! What contracts need to see of a year, as plain data.

use std::collections::BTreeMap;

use twosided_units::Dollars;

use crate::SegmentName;

/// Which services count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServiceScope {
    /// Every service.
    All,
    /// Those named, in order, each once.
    Only(Vec<String>),
}

impl ServiceScope {
    /// The scope of a list of names, put in order.
    pub fn only(mut names: Vec<String>) -> Self {
        names.sort();
        names.dedup();
        Self::Only(names)
    }

    /// Whether a service counts.
    pub fn includes(&self, service: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.iter().any(|name| name == service),
        }
    }
}

/// Where a person's counted cost begins: one amount for all, but for segments that have their own (lasers).
#[derive(Clone, Debug, PartialEq)]
pub struct Attachment {
    /// The amount.
    pub point: Dollars,
    /// Segments with another one.
    pub lasers: BTreeMap<String, Dollars>,
}

impl Attachment {
    /// From the first dollar.
    pub const ZERO: Self = Self { point: Dollars::ZERO, lasers: BTreeMap::new() };

    /// The amount of a segment.
    pub fn of<'a>(&self, segment: impl Into<SegmentName<'a>>) -> Dollars {
        segment.into().find(&self.lasers).copied().unwrap_or(self.point)
    }
}

/// Where a person's counted cost ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// Nowhere.
    Unlimited,
    /// At an amount.
    Amount(Dollars),
    /// So much above the attachment point.
    Width(Dollars),
    /// At the segment's truncation point, if it has one.
    TruncationPoint,
}

/// A figure of a year that a contract asks for, summed over the people of each segment.
#[derive(Clone, Debug, PartialEq)]
pub enum Observation {
    /// Dollars: of each person's annual cost, the part above the attachment point and up to `limit` (counted from zero).
    Layer {
        /// Whose cost.
        services: ServiceScope,
        /// Where the layer starts.
        attachment: Attachment,
        /// Where it ends.
        limit: Limit,
    },
    /// Dollars spent on one service.
    Expenditure {
        /// The service.
        service: String,
    },
    /// Dollars spent on one service, each event up to a limit; each user's year, where the service is an annual amount.
    CappedExpenditure {
        /// The service.
        service: String,
        /// The most that counts of one event.
        limit: Dollars,
    },
    /// Events of one service; users, where the service is an annual amount.
    Count {
        /// The service.
        service: String,
    },
    /// Years lived, summed over people.
    PersonYears,
    /// Risk scores, summed over people. A segment without scores counts one each.
    RiskScore,
    /// People whom a quality measure concerns.
    Denominator {
        /// The measure.
        measure: String,
    },
    /// Of those, the ones who meet it.
    Numerator {
        /// The measure.
        measure: String,
    },
}

impl Observation {
    /// Whether it is a sum of dollars.
    pub fn is_dollars(&self) -> bool {
        match self {
            Self::Layer { .. } | Self::Expenditure { .. } | Self::CappedExpenditure { .. } => true,
            Self::Count { .. }
            | Self::PersonYears
            | Self::RiskScore
            | Self::Denominator { .. }
            | Self::Numerator { .. } => false,
        }
    }

    /// Total expenditure on the services of a scope.
    pub fn total(services: ServiceScope) -> Self {
        Self::Layer { services, attachment: Attachment::ZERO, limit: Limit::Unlimited }
    }
}
