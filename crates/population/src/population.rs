//! Everyone who is covered.

use std::collections::BTreeSet;

use twosided_units::MemberMonths;

use crate::{Assignment, PeopleGroup, PopulationError, Program, QualityMeasure, Segment, System, UseElasticity};

/// Everyone whose care is paid for under the contracts, and what moves all of their costs together.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    segments: Vec<Segment>,
    system: System,
    /// When people are assigned.
    pub assignment: Assignment,
    /// Quality measures.
    pub measures: Vec<QualityMeasure>,
    /// People whose results are reported apart.
    pub groups: Vec<PeopleGroup>,
    /// What the provider does to change use.
    pub programs: Vec<Program>,
    /// What care does to later care.
    pub elasticities: Vec<UseElasticity>,
}

impl Population {
    /// Checks that names are unique and every segment has members. Services are put in the order of their names, so that
    /// a person's total does not depend on the order of the file.
    ///
    /// # Errors
    /// [`PopulationError`].
    pub fn new(mut segments: Vec<Segment>, system: System) -> Result<Self, PopulationError> {
        if segments.is_empty() {
            return Err(PopulationError::NoSegments);
        }
        let mut names = BTreeSet::new();
        for segment in &mut segments {
            if !names.insert(segment.name.clone()) {
                return Err(PopulationError::DuplicateSegment(segment.name.clone()));
            }
            if segment.members == 0 {
                return Err(PopulationError::NoMembers(segment.name.clone()));
            }
            if segment.life.attribution.is_some() && segment.life.turnover.is_some() {
                return Err(PopulationError::TurnoverAndAttribution(segment.name.clone()));
            }
            if let Some(attribution) = segment.life.attribution.as_ref().filter(|attribution| !attribution.is_enough())
            {
                let (segment, people) = (segment.name.clone(), attribution.people());
                return Err(PopulationError::FewAssigned { segment, people });
            }
            segment.services.sort_by(|a, b| a.name.cmp(&b.name));
            if let Some(pair) = segment.services.windows(2).find(|pair| pair[0].name == pair[1].name) {
                let (segment, service) = (segment.name.clone(), pair[0].name.clone());
                return Err(PopulationError::DuplicateService { segment, service });
            }
            segment.order()?;
        }
        Ok(Self {
            segments,
            system,
            assignment: Assignment::default(),
            measures: Vec::new(),
            groups: Vec::new(),
            programs: Vec::new(),
            elasticities: Vec::new(),
        })
    }

    /// The same with other numbers of people in its segments.
    #[must_use]
    pub fn with_members(mut self, members: impl Fn(&Segment) -> u64) -> Self {
        for segment in &mut self.segments {
            segment.set_members(members(segment).max(1));
        }
        self
    }

    /// The same with every `step`th of its segments alone.
    ///
    /// # Panics
    /// When the step is 0.
    #[must_use]
    pub fn every(mut self, step: usize) -> Self {
        self.segments = self.segments.into_iter().step_by(step).collect();
        self
    }

    /// The same with some of its segments alone, by their indices; none where none is left.
    pub fn only(mut self, keeps: impl Fn(usize) -> bool) -> Option<Self> {
        let mut indices = 0..;
        self.segments.retain(|_| indices.next().is_some_and(&keeps));
        (!self.segments.is_empty()).then_some(self)
    }

    /// Segments in the order of the file.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// What moves all costs together.
    pub fn system(&self) -> &System {
        &self.system
    }

    /// People.
    pub fn members(&self) -> u64 {
        self.segments.iter().map(|segment| segment.members).sum()
    }

    /// Months enrolled.
    pub fn exposure(&self) -> MemberMonths {
        self.segments.iter().map(Segment::exposure).sum()
    }

    /// Names of all services, in order, each once.
    pub fn service_names(&self) -> BTreeSet<&str> {
        self.segments.iter().flat_map(|segment| &segment.services).map(|service| service.name.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_prob::{Family, Frequency, Severity};
    use twosided_units::PerCapita;

    use crate::{Life, Service, SocialRisk, Utilization};

    fn segment(name: &str, members: u64) -> Segment {
        let amount = Severity::Family(Family::gamma(1_000.0, 1.0).expect("valid parameters"));
        let service = |name: &str| Service {
            name: name.to_owned(),
            utilization: Utilization::Annual { zero: 0.25, amount: amount.clone() },
            frailty_loading: 0.0,
        };
        let services = vec![service("professional"), service("inpatient")];
        Segment {
            name: name.to_owned(),
            group: None,
            payer: None,
            members,
            risk_score: None,
            social_risk: SocialRisk::NONE,
            life: Life::default(),
            truncation_point: None,
            services,
        }
    }

    #[test]
    fn means_add_over_services() {
        assert_eq!(segment("a", 1).mean(), PerCapita(1_500.0));
    }

    #[test]
    fn services_stand_in_the_order_of_their_names() {
        let population = Population::new(vec![segment("a", 1)], System::default()).expect("valid");
        assert_eq!(population.segments()[0].services[0].name, "inpatient");
    }

    #[test]
    fn impossible_populations_are_refused() {
        assert_eq!(Population::new(vec![], System::default()), Err(PopulationError::NoSegments));
        let twice = vec![segment("a", 1), segment("a", 2)];
        assert_eq!(Population::new(twice, System::default()), Err(PopulationError::DuplicateSegment("a".into())));
        assert_eq!(
            Population::new(vec![segment("a", 0)], System::default()),
            Err(PopulationError::NoMembers("a".into()))
        );
        let mut doubled = segment("a", 1);
        doubled.services.push(doubled.services[0].clone());
        assert!(matches!(
            Population::new(vec![doubled], System::default()),
            Err(PopulationError::DuplicateService { .. })
        ));
        let mut following = segment("a", 1);
        following.services[0].utilization = Utilization::Following {
            after: "inpatient".into(),
            frequency: Frequency::Poisson { mean: 1.0 },
            severity: Severity::Family(Family::gamma(1.0, 1.0).expect("valid parameters")),
            severity_elasticity: 0.0,
        };
        assert!(matches!(Population::new(vec![following], System::default()), Err(PopulationError::Follows { .. })));
    }
}
