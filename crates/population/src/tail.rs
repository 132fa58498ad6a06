//! Which figures a heavy-tailed law reaches.

use crate::{Limit, Observation, Segment, Service, elasticity::tail_index};

impl Segment {
    /// Tail index of the cost of a service: moments of this order and above do not exist. Infinite where all exist.
    pub fn tail_index(&self, service: &Service) -> f64 {
        tail_index(&self.services, service)
    }
}

impl Observation {
    /// Whether it counts the cost of a service of a segment without a limit.
    pub fn is_unlimited(&self, segment: &Segment, service: &str) -> bool {
        match self {
            Self::Layer { services, limit, .. } => {
                let has_no_limit = match limit {
                    Limit::Unlimited => true,
                    Limit::TruncationPoint => segment.truncation_point.is_none(),
                    Limit::Amount(_) | Limit::Width(_) => false,
                };
                has_no_limit && services.includes(service)
            }
            Self::Expenditure { service: counted } => counted == service,
            Self::Episodes { anchor, following, limit } => {
                limit.is_none() && segment.is_of_episode(service, anchor, following)
            }
            Self::CappedExpenditure { .. }
            | Self::PeopleAbove { .. }
            | Self::Count { .. }
            | Self::Expected { .. }
            | Self::PersonYears
            | Self::People
            | Self::RiskScore
            | Self::Denominator { .. }
            | Self::Numerator { .. } => false,
        }
    }
}
