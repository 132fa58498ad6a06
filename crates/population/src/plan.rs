//! What contracts need to see of a year, as plain data, and the merged plan of all of them.

use std::collections::BTreeMap;

use twosided_units::Dollars;

use crate::{Population, SegmentName};

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

/// All observations asked for, each once. Its order is the order of the columns of an observed row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    observations: Vec<Observation>,
}

impl Plan {
    /// A plan that reports on every service of the population; contracts add theirs.
    pub fn for_population(population: &Population) -> Self {
        let mut plan = Self::default();
        plan.column(Observation::total(ServiceScope::All));
        for service in population.service_names() {
            plan.column(Observation::Expenditure { service: service.to_owned() });
            plan.column(Observation::Count { service: service.to_owned() });
        }
        plan.column(Observation::PersonYears);
        if population.segments().iter().any(|segment| segment.risk_score.is_some()) {
            plan.column(Observation::RiskScore);
        }
        for measure in &population.measures {
            plan.column(Observation::Denominator { measure: measure.name.clone() });
            plan.column(Observation::Numerator { measure: measure.name.clone() });
        }
        plan
    }

    /// The column of an observation, if it is there.
    pub fn position(&self, observation: &Observation) -> Option<usize> {
        self.observations.iter().position(|known| known == observation)
    }

    /// The column of an observation, added if it is new.
    pub fn column(&mut self, observation: Observation) -> usize {
        self.position(&observation).unwrap_or_else(|| {
            self.observations.push(observation);
            self.observations.len() - 1
        })
    }

    /// Observations in the order of their columns.
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_keeps_each_observation_once() {
        let mut plan = Plan::default();
        let scope = || ServiceScope::only(vec!["b".into(), "a".into(), "b".into()]);
        assert_eq!(plan.column(Observation::total(ServiceScope::All)), 0);
        assert_eq!(plan.column(Observation::total(scope())), 1);
        assert_eq!(plan.column(Observation::total(ServiceScope::All)), 0);
        assert_eq!(scope(), ServiceScope::Only(vec!["a".into(), "b".into()]));
        assert!(scope().includes("a") && !scope().includes("c"));
    }
}
