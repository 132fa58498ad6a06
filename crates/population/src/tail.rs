//! Which figures a heavy-tailed law reaches.

use crate::{Limit, Observation, Segment, Service, Utilization};

impl Segment {
    /// Tail index of the cost of a service: moments of this order and above do not exist. Infinite where all exist.
    pub fn tail_index(&self, service: &Service) -> f64 {
        tail_index(&self.services, service)
    }
}

/// The same for services that are to become those of a segment.
pub(crate) fn tail_index(services: &[Service], service: &Service) -> f64 {
    match &service.utilization {
        Utilization::Events { severity: law, .. } | Utilization::Annual { amount: law, .. } => law.tail_index(),
        Utilization::Following { after, severity, severity_elasticity, .. } => {
            let followed = services.iter().find(|known| known.name == *after && *severity_elasticity != 0.0);
            let of_followed = followed.map_or(f64::INFINITY, |known| tail_index(services, known) / severity_elasticity);
            severity.tail_index().min(of_followed)
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
            Self::Episodes { anchor, following, limit } => {
                limit.is_none() && segment.is_of_episode(service, anchor, following)
            }
            Self::CappedExpenditure { .. }
            | Self::PeopleAbove { .. }
            | Self::Count { .. }
            | Self::Expected { .. }
            | Self::PersonYears
            | Self::RiskScore
            | Self::Denominator { .. }
            | Self::Numerator { .. } => false,
        }
    }
}
