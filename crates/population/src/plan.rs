//! The merged plan of all that contracts need to see of a year.

use crate::{Observation, Population, ServiceScope};

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
        if population.segments().iter().any(|segment| segment.life.attribution.is_some()) {
            plan.column(Observation::People);
        }
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
