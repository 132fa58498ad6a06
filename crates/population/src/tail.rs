//! Which figures a heavy-tailed law reaches.

use crate::{Limit, Observation, Segment, Service, Utilization};

impl Service {
    /// Tail index of its cost: moments of this order and above do not exist. Infinite where all exist.
    pub fn tail_index(&self) -> f64 {
        match &self.utilization {
            Utilization::Events { severity: law, .. }
            | Utilization::Following { severity: law, .. }
            | Utilization::Annual { amount: law, .. } => law.tail_index(),
        }
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
            Self::CappedExpenditure { .. }
            | Self::PeopleAbove { .. }
            | Self::Count { .. }
            | Self::PersonYears
            | Self::People
            | Self::RiskScore
            | Self::Denominator { .. }
            | Self::Numerator { .. } => false,
        }
    }
}
