//! Who is assigned to the provider, where visits decide.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_population::Observation;
use twosided_scenario::Scenario;
use twosided_sim::Observed;

use super::figure::{Figure, Mean, Unit};

/// The people of a segment who are assigned by whom they visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttributedSegment {
    /// The segment.
    pub segment: String,
    /// People who may be assigned.
    pub eligible: u64,
    /// Share of them who are assigned in the first year, as sampled.
    pub assigned: Figure,
    /// The same as the law of visits gives it.
    pub expected_assigned: f64,
    /// Standard deviation of the number of the assigned from year to year, by that law.
    pub people_sd: f64,
    /// Share of the assigned who were assigned in the year before too, by that law.
    pub stayers: f64,
    /// Share of primary-care visits of the assigned that are made elsewhere, by that law: leakage.
    pub visits_elsewhere: f64,
}

/// Every segment whose people are assigned by visits.
pub(super) fn segments(scenario: &Scenario, observed: &Observed) -> Vec<AttributedSegment> {
    let population = &scenario.population;
    let Some((by_segment, _)) = observed.observation(&Observation::People) else { return Vec::new() };
    let of = population.segments().iter().zip(&by_segment).filter_map(|(segment, &people)| {
        let expected = segment.attributed(population.assignment)?;
        let eligible = expected.eligible as f64;
        let assigned = Mean::of(Unit::Share, people, 1.0 / eligible).estimate();
        Some(AttributedSegment {
            segment: segment.name.clone(),
            eligible: expected.eligible,
            assigned: Figure::new(Unit::Share, assigned),
            expected_assigned: expected.people / eligible,
            people_sd: expected.people_sd,
            stayers: expected.stayers,
            visits_elsewhere: expected.visits_elsewhere,
        })
    });
    of.collect()
}
