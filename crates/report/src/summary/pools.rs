//! What pools of large segments leave unknown, however many trials there are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_population::{Limit, Observation, Segment, ServiceScope};
use twosided_scenario::Scenario;
use twosided_sim::Observed;
use twosided_units::Dollars;

/// The mean of a layer of a person's annual cost, as the pool of a segment knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PooledLayer {
    /// The segment.
    pub segment: String,
    /// The layer, as `all services up to the truncation point`.
    pub layer: String,
    /// Dollars a person, under average factors.
    pub mean: f64,
    /// Its standard error, in dollars a person. It comes from the pool's size, more trials do not reduce it, and no other
    /// standard error of the run counts it.
    pub standard_error: f64,
}

/// Standard errors below this, in dollars a person, are rounding.
const ROUNDING: f64 = 1e-3;

/// The layers of which pools leave something unknown.
pub(super) fn layers(scenario: &Scenario, observed: &Observed) -> Vec<PooledLayer> {
    let segments = scenario.population.segments();
    let of_pool = observed.pools.iter().flat_map(|pool| {
        let unknown = pool.figures.iter().filter(|figure| figure.standard_error.0 > ROUNDING);
        unknown.map(|figure| PooledLayer {
            segment: segments[pool.segment].name.clone(),
            layer: in_words(&figure.observation, &segments[pool.segment]),
            mean: figure.mean.0,
            standard_error: figure.standard_error.0,
        })
    });
    of_pool.collect()
}

fn in_words(observation: &Observation, segment: &Segment) -> String {
    let Observation::Layer { services, attachment, limit } = observation else { return String::new() };
    let services = match services {
        ServiceScope::All => "all services".to_owned(),
        ServiceScope::Only(names) => names.join(", "),
    };
    let from = attachment.of(segment.segment_name());
    let from = if from > Dollars::ZERO { format!(" from {from}") } else { String::new() };
    let limit = match limit {
        Limit::Unlimited => String::new(),
        Limit::Amount(amount) => format!(" up to {amount}"),
        Limit::Width(width) => format!(" up to {width} more"),
        Limit::TruncationPoint => " up to the truncation point".to_owned(),
    };
    format!("{services}{from}{limit}")
}
