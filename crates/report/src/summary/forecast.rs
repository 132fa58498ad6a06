//! What a scenario says of the year that it simulates, and the chance that this year owes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_contracts::Arrangement;
use twosided_prob::{Sample, SampleError};
use twosided_scenario::{LikelyRate, Scenario};
use twosided_sim::Simulated;
use twosided_units::Dollars;

use super::settled::SettledBy;
use crate::{Figure, Unit};

/// What was found of a year that is forecast, as the scenario states it, and what its trials say of the contract in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastSummary {
    /// The contract in force.
    pub contract: String,
    /// The year that is forecast: the first of the horizon.
    pub year: u32,
    /// The last year that is known.
    pub last_year: u32,
    /// The savings rate of that year, as a share of its benchmark; losses negative.
    pub last_rate: f64,
    /// The part of that rate that is judged to be luck; bad luck negative.
    pub luck: RateInterval,
    /// The savings rate that the forecast year is expected to bring.
    pub expected_rate: RateInterval,
    /// Probability that something is owed under the contract for the forecast year.
    pub probability_of_owing: Figure,
    /// What counts as owed.
    pub owed_by: SettledBy,
    /// Whether the contract's terms let the provider owe anything in the forecast year.
    pub can_owe: bool,
}

/// A share of a benchmark that a scenario states, with its 90% interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RateInterval {
    /// The share.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl From<LikelyRate> for RateInterval {
    fn from(LikelyRate { value, low, high }: LikelyRate) -> Self {
        Self { value, low, high }
    }
}

impl ForecastSummary {
    /// What the scenario says, if it has a forecast of one of its contracts.
    pub(super) fn new(
        scenario: &Scenario,
        simulated: &Simulated,
        found: impl Fn(Figure) -> Figure,
    ) -> Result<Option<Self>, SampleError> {
        let Some(forecast) = &scenario.forecast else { return Ok(None) };
        let Some(index) = scenario.contracts.iter().position(|contract| contract.name == forecast.contract) else {
            return Ok(None);
        };
        let Simulated { outcomes, design, .. } = simulated;
        let arrangement = &scenario.contracts[index];
        let owed_by = SettledBy::of(arrangement, outcomes, index);
        let first_years = owed_by.with_the_payer(outcomes, index).into_iter().map(|years| years[0].0);
        let owing = Sample::drawn_by(design, first_years.collect())?.probability(|settled| settled < 0.0);
        Ok(Some(Self {
            contract: forecast.contract.clone(),
            year: forecast.year,
            last_year: forecast.last_year,
            last_rate: forecast.last_rate,
            luck: forecast.luck.into(),
            expected_rate: forecast.expected_rate.into(),
            probability_of_owing: found(Figure::new(Unit::Probability, owing)),
            owed_by,
            can_owe: can_owe(arrangement),
        }))
    }
}

/// Whether the terms of the first year let the provider owe anything: not one-sided, or with an advance, a corridor or a withhold beside
/// them, of which something may be owed back.
fn can_owe(arrangement: &Arrangement) -> bool {
    let is_one_sided = |held: &Arrangement| {
        let first = held.first();
        let owes_nothing = first.terms.loss_limit(Dollars(1.0)) == Some(Dollars::ZERO);
        let is_plain = first.covers.corridor.is_none() && first.covers.withhold.is_none();
        owes_nothing && is_plain && held.agreement.advance.is_none()
    };
    !arrangement.held().iter().all(is_one_sided)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_that_are_one_sided_owe_nothing() {
        let can_owe = |contract: &str| {
            let text = format!(
                "[run]\nname = \"x\"\n[[population.segments]]\nname = \"a\"\nmembers = 6_000\n\
                 services = {{ care.annual.gamma = {{ mean = 9_000, cv = 2 }} }}\n[[contracts]]\nname = \"c\"\n{contract}\n"
            );
            let scenario = Scenario::parse("x.toml", &text).unwrap_or_else(|error| panic!("{}", error.in_short()));
            can_owe(&scenario.contracts[0])
        };
        let mssp = |track: &str| format!("terms.mssp = {{ track = \"{track}\", benchmark.per_capita = 9_000 }}");
        assert!(!can_owe(&mssp("basic_a")) && can_owe(&mssp("basic_e")) && can_owe(&mssp("enhanced")));
        assert!(!can_owe("terms.fee_for_service = {}") && can_owe("terms.capitation.pmpm = 700"));
        let shared = "terms.shared_savings = { benchmark.per_capita = 9_000, savings.sharing_rate = 0.5 }";
        assert!(!can_owe(shared));
        let advance = "agreement.advance = { amount = 60_000, recouped = \"savings\" }";
        assert!(can_owe(&format!("{shared}\n{advance}")));
        let corridor =
            "covers.corridor = { expected_pmpm = 750, gains = [{ share = 0.5 }], losses = [{ share = 0.5 }] }";
        assert!(can_owe(&format!("{shared}\n{corridor}")));
    }
}
