//! Contracts that are held at once, and which cannot be.

use std::fmt;

use twosided_population::{Segment, ServiceScope};

use crate::{Arrangement, BenchmarkUse, Lan, Payment, Phase, Terms, rounding};

/// Contracts that a practice holds at once, on top of its fees.
#[derive(Clone, Debug, PartialEq)]
pub struct Portfolio {
    /// The contracts, in the order in which they are named.
    pub contracts: Vec<Arrangement>,
    /// Whether what bundles pay or take counts as spending under the total-cost contracts of the same people.
    pub bundles_count: bool,
    /// Whether the clinicians of an advanced alternative payment model are its qualifying participants, who have no MIPS adjustment.
    pub qualifying_participants: bool,
}

/// Why two contracts cannot be held at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The contracts.
    pub between: [String; 2],
    /// Why.
    pub reason: ConflictReason,
}

/// Why two contracts cannot be held at once for the same people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConflictReason {
    /// Both take the place of the fees for a service.
    SameFees(String),
    /// Both are programs of accountable care organizations, of which a beneficiary has at most one.
    TwoAcos,
    /// Both settle the whole cost of the same people, so that a saving would be paid for twice.
    SameSavings,
    /// Both settle the episodes of a service.
    SameEpisodes(String),
    /// Both are of one kind that a clinician or hospital has once.
    SameKind,
    /// A MIPS adjustment beside an advanced alternative payment model, whose qualifying participants have none.
    MipsBesideAdvanced,
}

impl fmt::Display for ConflictReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameFees(service) => write!(f, "both take the place of the fees for {service}, of the same people"),
            Self::TwoAcos => f.write_str(
                "both are programs of accountable care organizations, and a beneficiary belongs to at most one",
            ),
            Self::SameSavings => {
                f.write_str("both settle the whole cost of the same people, so that a saving would be paid for twice")
            }
            Self::SameEpisodes(service) => write!(f, "both settle the episodes of {service}, of the same people"),
            Self::SameKind => f.write_str("both are of one kind, which the same people's care has once"),
            Self::MipsBesideAdvanced => {
                f.write_str("a qualifying participant of an advanced alternative payment model has no MIPS adjustment")
            }
        }
    }
}

impl ConflictReason {
    /// What would be right.
    pub fn help(&self) -> &'static str {
        match self {
            Self::MipsBesideAdvanced => {
                "set terms.mips.qualifying_participant = true, or the portfolio's qualifying_participants = false if they miss its thresholds"
            }
            Self::SameFees(_) | Self::TwoAcos | Self::SameSavings | Self::SameEpisodes(_) | Self::SameKind => {
                "hold one of the two, or let each cover other people by `payers` or `segments`"
            }
        }
    }
}

impl Portfolio {
    /// The pairs of contracts that cannot be held at once by people of these segments.
    pub fn conflicts(&self, segments: &[Segment]) -> Vec<Conflict> {
        let pairs = (0..self.contracts.len()).flat_map(|later| (0..later).map(move |earlier| (earlier, later)));
        let conflicts = pairs.filter_map(|(earlier, later)| {
            let (one, other) = (&self.contracts[earlier], &self.contracts[later]);
            let is_shared = |segment: &Segment| one.covered.includes(segment) && other.covered.includes(segment);
            let shared: Vec<&Segment> = segments.iter().filter(|segment| is_shared(segment)).collect();
            let at_once = one.phases_at_once(other);
            let reason = (!shared.is_empty())
                .then(|| at_once.into_iter().find_map(|(one, other)| self.conflict(&shared, one, other)));
            Some(Conflict { between: [one.name.clone(), other.name.clone()], reason: reason?? })
        });
        conflicts.collect()
    }

    fn conflict(&self, shared: &[&Segment], one: &Phase, other: &Phase) -> Option<ConflictReason> {
        let common = |one: &ServiceScope, other: &ServiceScope| {
            let services = shared.iter().flat_map(|segment| &segment.services);
            services.map(|service| &service.name).find(|name| one.includes(name) && other.includes(name)).cloned()
        };
        if is_aco(&one.terms) && is_aco(&other.terms) {
            return Some(ConflictReason::TwoAcos);
        }
        if let (Some((one, part)), Some((other, more))) = (one.fees_given_up(), other.fees_given_up())
            && rounding::exceeds(part.value() + more.value(), 1.0, 1.0)
            && let Some(service) = common(&one, &other)
        {
            return Some(ConflictReason::SameFees(service));
        }
        if is_total_cost(one) && is_total_cost(other) {
            return Some(ConflictReason::SameSavings);
        }
        if one.is_of_episodes()
            && other.is_of_episodes()
            && let Some(service) = common(&one.services(), &other.services())
        {
            return Some(ConflictReason::SameEpisodes(service));
        }
        if is_once(&one.terms) && one.terms.key() == other.terms.key() {
            return Some(ConflictReason::SameKind);
        }
        let is_mips = |terms: &Terms| matches!(terms, Terms::Mips(terms) if !terms.qualifying_participant);
        let beside = |one: &Phase, other: &Phase| is_mips(&one.terms) && is_advanced(&other.terms);
        (self.qualifying_participants && (beside(one, other) || beside(other, one)))
            .then_some(ConflictReason::MipsBesideAdvanced)
    }

    /// The highest category of its contracts in the first year.
    pub(crate) fn lan(&self) -> Lan {
        self.contracts.iter().map(|contract| contract.first().lan).max().unwrap_or(Lan::FeeForService)
    }
}

fn is_aco(terms: &Terms) -> bool {
    matches!(terms, Terms::Mssp(_) | Terms::Reach(_) | Terms::Lead(_))
}

/// Whether the provider shares or bears the whole cost of the people covered.
fn is_total_cost(phase: &Phase) -> bool {
    let bears_all = matches!(phase.payment(), Payment::AtRisk(ServiceScope::All));
    bears_all || phase.terms.benchmark() != BenchmarkUse::None || matches!(phase.terms, Terms::SharedRiskPool(_))
}

/// Whether a clinician or hospital has one contract of the kind.
fn is_once(terms: &Terms) -> bool {
    matches!(terms, Terms::Mips(_) | Terms::Hrrp(_) | Terms::HospitalVbp(_))
}

/// Whether the terms are of an advanced alternative payment model.
///
/// # Source
/// Level E and ENHANCED of MSSP: 42 CFR § 414.1415; the others are those that CMS's list names for the years of their rules.
fn is_advanced(terms: &Terms) -> bool {
    match terms {
        Terms::Mssp(terms) => terms.is_advanced(),
        Terms::Reach(_) | Terms::Lead(_) | Terms::PrimaryCareFirst(_) | Terms::BpciAdvanced(_) => true,
        _ => false,
    }
}
