//! Segments, their people's lives, and their services.

use std::collections::{BTreeMap, BTreeSet};

use twosided_prob::{Frequency, ParameterError, Severity};
use twosided_units::{Dollars, MemberMonths, PerCapita};

use crate::{Program, QualityMeasure, System};

/// Everyone whose care is paid for under the contracts, and what moves all of their costs together.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    segments: Vec<Segment>,
    system: System,
    /// When people are assigned.
    pub assignment: Assignment,
    /// Quality measures.
    pub measures: Vec<QualityMeasure>,
    /// What the provider does to change use.
    pub programs: Vec<Program>,
}

/// People alike enough to share their laws: an enrollment type, a risk tier.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Unique name.
    pub name: String,
    /// Name of the segment that it is a tier of; whatever refers to that name includes it.
    pub group: Option<String>,
    /// People; those who live through the year are enrolled for twelve months.
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

/// The names that refer to a segment.
#[derive(Clone, Copy, Debug)]
pub struct SegmentName<'a> {
    /// Its own.
    pub name: &'a str,
    /// That of the segment that it is a tier of.
    pub group: Option<&'a str>,
}

impl<'a> From<&'a str> for SegmentName<'a> {
    fn from(name: &'a str) -> Self {
        Self { name, group: None }
    }
}

impl SegmentName<'_> {
    /// The entry of a table under the segment's own name, or else under its group's.
    pub fn find<T>(self, table: &BTreeMap<String, T>) -> Option<&T> {
        table.get(self.name).or_else(|| table.get(self.group?))
    }

    /// Whether a name refers to it.
    pub fn is(self, name: &str) -> bool {
        self.name == name || self.group == Some(name)
    }
}

/// Risk scores of a segment's people: lognormal, more or less with their frailty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RiskScore {
    /// Mean in the first year.
    pub mean: f64,
    /// Coefficient of variation between people; 0 where all have the mean.
    pub cv: f64,
    /// Correlation of the score's normal with the frailty score.
    pub frailty_loading: f64,
    /// Growth a year by more complete coding.
    pub coding_growth: f64,
}

/// Factors by which social risk moves a segment's cost and its risk scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SocialRisk {
    /// On the cost of care.
    pub cost: f64,
    /// On risk scores.
    pub risk_score: f64,
}

impl SocialRisk {
    /// No difference.
    pub const NONE: Self = Self { cost: 1.0, risk_score: 1.0 };
}

/// How a segment's people fare from year to year.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Life {
    /// Correlation of a person's frailty score with that of the year before.
    pub persistence: f64,
    /// Who dies; none where absent.
    pub mortality: Option<Mortality>,
    /// Who leaves; none where absent.
    pub turnover: Option<Turnover>,
}

/// Deaths within the year, each at a time spread evenly over it. The dead are replaced by new people a year later.
#[derive(Clone, Debug, PartialEq)]
pub struct Mortality {
    /// Probability of dying in a year.
    pub probability: f64,
    /// Correlation of the frailty score with the normal score of dying.
    pub frailty_loading: f64,
    /// What a death costs beyond the care of the months lived.
    pub end_of_life: Option<EndOfLife>,
}

/// The cost of a death.
#[derive(Clone, Debug, PartialEq)]
pub struct EndOfLife {
    /// Dollars a death.
    pub amount: Severity,
    /// The services that it is spent on, and their parts, which add to one.
    pub services: Vec<(String, f64)>,
}

/// People who leave during a year and are replaced by others with a frailty of their own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turnover {
    /// Share of people who leave in a year.
    pub rate: f64,
    /// Cost of those who joined, in their first year, over that of others like them.
    pub joiner_cost: f64,
    /// Cost of those who leave, in their last year, over that of others like them.
    pub leaver_cost: f64,
}

/// When the people who count for a year are determined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assignment {
    /// Before it: those who leave during the year still count, and are replaced in the next.
    #[default]
    Prospective,
    /// After it: those who leave during the year do not count, and their replacements do.
    Retrospective,
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
    },
    /// One amount for the year, or nothing.
    Annual {
        /// Probability of nothing.
        zero: f64,
        /// Dollars a year, of those who use the service.
        amount: Severity,
    },
}

/// An invalid population.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PopulationError {
    /// Nobody.
    #[error("a population has at least one segment")]
    NoSegments,
    /// Two segments of one name.
    #[error("segment name `{0}` is used twice")]
    DuplicateSegment(String),
    /// Two services of one name in a segment.
    #[error("service name `{service}` is used twice in segment `{segment}`")]
    DuplicateService {
        /// The segment.
        segment: String,
        /// The name.
        service: String,
    },
    /// A segment of nobody.
    #[error("segment `{0}` has no members")]
    NoMembers(String),
    /// A service that follows one that is not there or has no events, or that follows itself.
    #[error("service `{service}` of segment `{segment}` follows `{after}`, which {reason}")]
    Follows {
        /// The segment.
        segment: String,
        /// The service.
        service: String,
        /// What it follows.
        after: String,
        /// The reason.
        reason: &'static str,
    },
    /// An invalid law.
    #[error("segment `{segment}`, service `{service}`: {error}")]
    Law {
        /// The segment.
        segment: String,
        /// The service.
        service: String,
        /// The problem.
        error: ParameterError,
    },
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
            segment.services.sort_by(|a, b| a.name.cmp(&b.name));
            if let Some(pair) = segment.services.windows(2).find(|pair| pair[0].name == pair[1].name) {
                let (segment, service) = (segment.name.clone(), pair[0].name.clone());
                return Err(PopulationError::DuplicateService { segment, service });
            }
            segment.order()?;
        }
        Ok(Self { segments, system, assignment: Assignment::default(), measures: Vec::new(), programs: Vec::new() })
    }

    /// The same with other numbers of people in its segments.
    #[must_use]
    pub fn with_members(mut self, members: impl Fn(&Segment) -> u64) -> Self {
        for segment in &mut self.segments {
            segment.members = members(segment).max(1);
        }
        self
    }

    /// The same people of some of its segments, every `step`th.
    ///
    /// # Panics
    /// When the step is 0.
    #[must_use]
    pub fn every(mut self, step: usize) -> Self {
        self.segments = self.segments.into_iter().step_by(step).collect();
        self
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

impl Segment {
    /// The names by which it is spoken of.
    pub fn segment_name(&self) -> SegmentName<'_> {
        SegmentName { name: &self.name, group: self.group.as_deref() }
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

    /// The same of services that are yet to be a segment's, of that name.
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
        Ok(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_prob::Family;

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
        };
        assert!(matches!(Population::new(vec![following], System::default()), Err(PopulationError::Follows { .. })));
    }
}
