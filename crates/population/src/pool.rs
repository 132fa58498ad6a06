//! Which segments are drawn from pools of people who are simulated ahead of the trials.

use std::ops::RangeInclusive;

use crate::{Observation, Plan, Segment, Variant};

/// Which segments are drawn from a pool, and how large a pool is.
///
/// The cost of a trial of such a segment hardly depends on its members: it is a sum over a few hundred people and bundles of people,
/// picked from the pool. Pools are drawn once a run, from streams of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolOptions {
    /// Segments with more members are drawn from a pool.
    pub above: u64,
    /// People in the pool for each member, within [`PoolOptions::PERSONS`].
    pub persons_per_member: u64,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self { above: 1_000, persons_per_member: 64 }
    }
}

/// Why a segment is drawn person by person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPooled {
    /// It is small.
    #[error("it has {members} members, and pools are for more than {above}")]
    Small {
        /// Its members.
        members: u64,
        /// The option.
        above: u64,
    },
    /// A horizon of several years.
    #[error("the horizon has {0} years, and a pool holds one year of each person")]
    Years(u32),
    /// A random number of people.
    #[error("its people are assigned by visits, and a pool picks a fixed number of people")]
    Attribution,
    /// Programs or contracts under which use differs.
    #[error("a program or a contract changes the use of services")]
    Variants,
    /// A limit on each event of a service.
    #[error("a contract caps the cost of each event of `{0}`, and a pool knows a person's year only")]
    CappedEvents(String),
    /// Events summed with those that stem from them.
    #[error("a contract sums the cost of each episode of `{0}`, and a pool knows a person's year only")]
    Episodes(String),
    /// A cost without a variance.
    #[error("the cost of `{0}` has no variance, so that no pool is large enough")]
    NoVariance(String),
    /// A measure that depends on frailty.
    #[error("the measure `{0}` depends on frailty, and a pool knows no year person by person")]
    LoadedMeasure(String),
    /// People above an amount.
    #[error("people whose annual cost is above an amount are counted, and a pool adds up costs alone")]
    PeopleAbove,
    /// More layers than a pool can tell apart.
    #[error("the contracts observe {0} layers of annual cost, and a pool allows 64")]
    Layers(usize),
}

/// The most layers of annual cost that a pool can tell apart.
pub(crate) const MOST_LAYERS: usize = 64;
/// Largest tail index of a law without a variance.
const NO_VARIANCE: f64 = 2.0;

impl PoolOptions {
    /// How many people a pool can have.
    pub const PERSONS: RangeInclusive<u64> = 65_536..=4_194_304;

    /// The number of people in a segment's pool.
    pub fn persons(&self, segment: &Segment) -> u64 {
        let wanted = segment.members.saturating_mul(self.persons_per_member);
        wanted.clamp(*Self::PERSONS.start(), *Self::PERSONS.end())
    }

    /// Whether a segment is drawn from a pool, in trials of this many years under these variants.
    ///
    /// # Errors
    /// The reason why it is not.
    pub fn check(&self, segment: &Segment, plan: &Plan, years: u32, variants: &[Variant]) -> Result<(), NotPooled> {
        if segment.members <= self.above {
            return Err(NotPooled::Small { members: segment.members, above: self.above });
        }
        if years > 1 {
            return Err(NotPooled::Years(years));
        }
        if segment.life.attribution.is_some() {
            return Err(NotPooled::Attribution);
        }
        if variants.len() > 1 {
            return Err(NotPooled::Variants);
        }
        let mut layers = 0;
        for observation in plan.observations() {
            match observation {
                Observation::CappedExpenditure { service, .. } if segment.index(service).is_some() => {
                    return Err(NotPooled::CappedEvents(service.clone()));
                }
                Observation::Episodes { anchor, .. } if segment.index(anchor).is_some() => {
                    return Err(NotPooled::Episodes(anchor.clone()));
                }
                Observation::PeopleAbove { .. } => return Err(NotPooled::PeopleAbove),
                Observation::Layer { .. } => layers += 1,
                _ => {}
            }
        }
        if layers > MOST_LAYERS {
            return Err(NotPooled::Layers(layers));
        }
        if let Some(service) = segment.services.iter().find(|service| segment.tail_index(service) <= NO_VARIANCE) {
            return Err(NotPooled::NoVariance(service.name.clone()));
        }
        let end_of_life = segment.life.mortality.as_ref().and_then(|mortality| mortality.end_of_life.as_ref());
        match end_of_life {
            Some(end) if end.amount.tail_index() <= NO_VARIANCE => Err(NotPooled::NoVariance("end_of_life".to_owned())),
            _ => Ok(()),
        }
    }
}
