//! Segments: people who share their laws, and what is expected of them.

use twosided_units::{Dollars, MemberMonths, PerCapita};

use crate::{Life, PopulationError, RiskScore, SegmentName, Service, SocialRisk, Utilization, elasticity::Elasticity};

/// People alike enough to share their laws: an enrollment type, a risk tier.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Unique name.
    pub name: String,
    /// Name of the segment that it is a tier of; whatever refers to that name includes it.
    pub group: Option<String>,
    /// Name of the payer of its care; none where payers are not distinguished.
    pub payer: Option<String>,
    /// People; those who live through the year are enrolled for twelve months. With attribution, about the expected number of the assigned.
    pub members: u64,
    /// Their risk scores, where the scenario gives them.
    pub risk_score: Option<RiskScore>,
    /// What social risk adds to cost and to risk scores.
    pub social_risk: SocialRisk,
    /// How long a person's frailty lasts, and who comes and goes.
    pub life: Life,
    /// Annual cost at which contracts that truncate cut a person of this segment.
    pub truncation_point: Option<Dollars>,
    /// Services in the order of their names.
    pub services: Vec<Service>,
}

impl Segment {
    /// The names that refer to it.
    pub fn segment_name(&self) -> SegmentName<'_> {
        SegmentName { name: &self.name, group: self.group.as_deref() }
    }

    /// The same with another number of members; those who are eligible are brought to it in proportion.
    pub fn set_members(&mut self, members: u64) {
        if let Some(attribution) = &mut self.life.attribution {
            attribution.resized(self.members, members);
        }
        self.members = members;
    }

    /// Months enrolled.
    pub fn exposure(&self) -> MemberMonths {
        MemberMonths(self.members as f64 * 12.0)
    }

    /// Expected cost of a year lived in full, before trend and truncation.
    pub fn mean(&self) -> PerCapita {
        PerCapita((0..self.services.len()).map(|index| self.mean_of(index).0).sum())
    }

    /// Mean risk score in a year, counted from 0: one where the segment has none.
    pub fn mean_risk_score(&self, year: u32) -> f64 {
        let grown =
            self.risk_score.map_or(1.0, |score| score.mean * libm::pow(1.0 + score.coding_growth, f64::from(year)));
        grown * self.social_risk.risk_score
    }

    /// Expected cost of a year of the service at an index, lived in full, before trend and truncation.
    pub fn mean_of(&self, index: usize) -> PerCapita {
        let cost = match &self.services[index].utilization {
            Utilization::Events { severity, .. } | Utilization::Following { severity, .. } => {
                self.expected_counts()[index] * severity.mean()
            }
            Utilization::Annual { zero, amount } => (1.0 - zero) * amount.mean(),
        };
        PerCapita(cost * self.social_risk.cost)
    }

    /// Expected events a person-year of each service; users, where a service is an annual amount.
    pub fn expected_counts(&self) -> Vec<f64> {
        let mut counts = vec![0.0; self.services.len()];
        let order = self.order().expect("a population is checked when it is made");
        for index in order {
            counts[index] = match &self.services[index].utilization {
                Utilization::Events { frequency, .. } => frequency.mean(),
                Utilization::Following { after, frequency, .. } => {
                    self.index(after).map_or(0.0, |parent| counts[parent]) * frequency.mean()
                }
                Utilization::Annual { zero, .. } => 1.0 - zero,
            };
        }
        counts
    }

    /// The services that one follows, directly or not.
    pub fn followed_by(&self, service: &Service) -> Vec<String> {
        let mut followed = Vec::new();
        let mut next = service;
        while let Utilization::Following { after, .. } = &next.utilization {
            followed.push(after.clone());
            let Some(index) = self.index(after).filter(|_| followed.len() < self.services.len()) else { break };
            next = &self.services[index];
        }
        followed
    }

    /// Whether a service counts in the episodes of an anchor: as the anchor itself, or among those that count where they follow it.
    pub fn is_of_episode(&self, service: &str, anchor: &str, following: &[String]) -> bool {
        let follows = |service: &Service| self.followed_by(service).iter().any(|followed| followed == anchor);
        service == anchor
            || following.iter().any(|counted| counted == service)
                && self.services.iter().any(|known| known.name == service && follows(known))
    }

    /// The index of a service.
    pub fn index(&self, service: &str) -> Option<usize> {
        self.services.iter().position(|known| known.name == service)
    }

    /// Indices of the services, each after the one that it follows.
    ///
    /// # Errors
    /// [`PopulationError::Follows`].
    pub fn order(&self) -> Result<Vec<usize>, PopulationError> {
        Self::order_of(&self.services, &self.name)
    }

    /// The same for services that are to become those of a segment with this name.
    ///
    /// # Errors
    /// [`PopulationError::Follows`].
    pub fn order_of(services: &[Service], segment: &str) -> Result<Vec<usize>, PopulationError> {
        let index_of = |name: &str| services.iter().position(|known| known.name == name);
        let cannot_follow = |index: usize, after: &str, reason: &'static str| {
            let (segment, service) = (segment.to_owned(), services[index].name.clone());
            PopulationError::Follows { segment, service, after: after.to_owned(), reason }
        };
        let mut order: Vec<usize> = Vec::new();
        let mut left: Vec<usize> = (0..services.len()).collect();
        while !left.is_empty() {
            let before = order.len();
            left.retain(|&index| {
                let ready = match &services[index].utilization {
                    Utilization::Following { after, .. } => order.iter().any(|&known| services[known].name == *after),
                    Utilization::Events { .. } | Utilization::Annual { .. } => true,
                };
                if ready {
                    order.push(index);
                }
                !ready
            });
            if order.len() == before {
                let Utilization::Following { after, .. } = &services[left[0]].utilization else {
                    unreachable!("only what follows can wait")
                };
                let is_there = index_of(after).is_some();
                let reason = if is_there { "follows it in turn" } else { "the segment does not have" };
                return Err(cannot_follow(left[0], after, reason));
            }
        }
        for &index in &order {
            if let Utilization::Following { after, .. } = &services[index].utilization
                && let Some(parent) = index_of(after)
                && matches!(services[parent].utilization, Utilization::Annual { .. })
            {
                return Err(cannot_follow(index, after, "is an annual amount without events"));
            }
        }
        for &index in &order {
            Elasticity::check(services, index, segment)?;
        }
        Ok(order)
    }
}
