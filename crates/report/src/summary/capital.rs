//! Whether the provider can bear what a contract may ask of it.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_contracts::{Arrangement, Lan, Terms};
use twosided_prob::{Design, Estimate, Sample, SampleError};
use twosided_provider::{ActionLevel, Line, RiskBasedCapital, reserve_needed};
use twosided_scenario::{Capital, HeldMechanism, Scenario};
use twosided_sim::{Keep, Outcomes, Simulated};
use twosided_units::{Dollars, Share};

use super::{cover_choice::CoverChoice, settled::SettledBy};
use crate::{ContractSummary, Figure, Mean, Unit};

/// What contracts may ask of the provider, against what it can pay with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CapitalSummary {
    /// What is set aside at the start, in dollars; absent where it is not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<f64>,
    /// The part of what is received that stays in the reserve.
    pub retained: f64,
    /// The contracts, without fee-for-service alone, in the order of the summary.
    pub contracts: Vec<ContractCapital>,
    /// Specific stop-loss at several attachment points; absent where none are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<CoverChoice>,
}

/// What one contract may ask of the provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContractCapital {
    /// The contract.
    pub contract: String,
    /// What counts as received and owed.
    pub settled_by: SettledBy,
    /// What is owed for the worst year of a future, which 1 future in 20 exceeds.
    pub owed_95: Figure,
    /// The same, which 1 future in 100 exceeds.
    pub owed_99: Figure,
    /// The most that the terms let the provider owe for a year, on average over futures; absent where they set no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_owed: Option<Figure>,
    /// The reserve that meets all that is owed in 90 of 100 futures.
    pub reserve_90: Figure,
    /// The same in 95 of 100.
    pub reserve_95: Figure,
    /// The same in 99 of 100.
    pub reserve_99: Figure,
    /// The chance that the stated reserve is exhausted; absent where none is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability_of_ruin: Option<Figure>,
    /// The repayment mechanism; absent where none is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repayment: Option<Repayment>,
    /// Capital against what regulators of insurers would require; absent where it is not asked for, or nothing is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_based: Option<RiskBased>,
}

/// A repayment mechanism as it is held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Repayment {
    /// The amount.
    pub amount: Mean,
    /// Whether the scenario states it, and no rule decides.
    pub is_stated: bool,
    /// The instrument, in words; absent where the scenario does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<String>,
    /// What it costs a year; absent where neither the scenario nor the terms say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Mean>,
    /// Whether that cost is part of the contract's administration.
    pub is_in_administration: bool,
}

/// Capital in the manner of the risk-based capital of health insurers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RiskBased {
    /// A year's mean expenditure at the provider's risk.
    pub at_risk: Figure,
    /// Capital over the authorized control level.
    pub ratio: Figure,
    /// What the ratio calls for.
    pub level: String,
    /// What the ends of its 95% interval call for, where that is something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_levels: Vec<String>,
}

impl CapitalSummary {
    /// Of the contracts as they are measured; their indices in the scenario in the same order.
    pub(super) fn new(
        scenario: &Scenario,
        capital: &Capital,
        simulated: &Simulated,
        contracts: &[(usize, &ContractSummary)],
        found: impl Fn(Figure) -> Figure + Copy,
    ) -> Result<Self, SampleError> {
        let risky = contracts.iter().filter(|(_, contract)| !contract.is_reference);
        let of_contracts = risky.map(|&(index, contract)| {
            ContractCapital::new(scenario, capital, simulated, index, contract, contracts, found)
        });
        Ok(Self {
            reserve: capital.reserve.map(|reserve| reserve.0),
            retained: capital.retained.value(),
            contracts: of_contracts.collect::<Result<_, _>>()?,
            covers: Vec::new(),
        })
    }
}

impl ContractCapital {
    fn new(
        scenario: &Scenario,
        capital: &Capital,
        Simulated { outcomes, observed, design }: &Simulated,
        index: usize,
        contract: &ContractSummary,
        all: &[(usize, &ContractSummary)],
        found: impl Fn(Figure) -> Figure + Copy,
    ) -> Result<Self, SampleError> {
        let settled_by = SettledBy::of(&scenario.contracts[index], outcomes, index);
        let years = settled_by.years(outcomes, index);
        let worst = settled_by.with_the_payer(outcomes, index);
        let worst = worst.iter().map(|years| years.iter().fold(0.0, |worst: f64, paid| worst.min(paid.0))).collect();
        let worst = Sample::drawn_by(design, worst)?;
        let needed = reserves(design, &years, capital.retained)?;
        let owed = |level| found(enough(&worst, level, Unit::UsdAYear));
        let reserve = |level| found(enough(&needed, level, Unit::UsdOverAllYears));
        let ruin = capital.reserve.map(|reserve| {
            found(Figure::new(Unit::Probability, needed.probability(|needed| needed < 0.0 - reserve.0)))
        });
        let most_owed = most_owed(&scenario.contracts[index], outcomes, index).map(|most| {
            Ok::<_, SampleError>(found(Figure::new(Unit::UsdAYear, Sample::drawn_by(design, most)?.mean())))
        });
        let at_risk = match (&capital.risk_based, at_risk(scenario, outcomes, index)) {
            (Some(risk_based), Some(at_risk)) => {
                let mean = found(Figure::new(
                    Unit::UsdAYear,
                    Sample::drawn_by(design, at_risk)?
                        .with_tail_indices(f64::INFINITY, observed.tails[index].expenditure)
                        .mean(),
                ));
                RiskBased::new(risk_based, mean, found)
            }
            _ => None,
        };
        Ok(Self {
            contract: contract.name.clone(),
            settled_by,
            owed_95: owed(0.95),
            owed_99: owed(0.99),
            most_owed: most_owed.transpose()?,
            reserve_90: reserve(0.9),
            reserve_95: reserve(0.95),
            reserve_99: reserve(0.99),
            probability_of_ruin: ruin,
            repayment: Repayment::new(&scenario.contracts[index], capital.repayment_mechanism, contract, all),
            risk_based: at_risk,
        })
    }
}

/// The reserve that each future needs, as a negative amount: quantiles of such samples are those of bad years.
pub(super) fn reserves(design: &Arc<Design>, years: &[Vec<Dollars>], retained: Share) -> Result<Sample, SampleError> {
    let needed = years.iter().map(|years| 0.0 - reserve_needed(years.iter().copied(), retained).0);
    Sample::drawn_by(design, needed.collect())
}

/// The amount that is enough in this share of futures, of a sample of negative amounts.
pub(super) fn enough(sample: &Sample, level: f64, unit: Unit) -> Figure {
    let level = Share::new(level).expect("levels are shares");
    let estimate = sample.value_at_risk(level);
    let estimate = Estimate { lower: estimate.lower.max(0.0), ..estimate };
    let wide = sample.wide_interval(level.complement()).map(|(lower, upper)| ((0.0 - upper).max(0.0), 0.0 - lower));
    Figure::new(unit, estimate).within(wide)
}

/// The most that the terms let the provider owe for a year of each future; none where they set no limit, or nothing is known of it.
fn most_owed(arrangement: &Arrangement, outcomes: &Outcomes, index: usize) -> Option<Vec<f64>> {
    if arrangement.portfolio.is_some() || outcomes.keep < Keep::Gains {
        return None;
    }
    let of_trial = |trial: usize| {
        let years = (0..outcomes.years()).filter_map(|year| Some((year, outcomes.against[(trial, year, index)]?)));
        let mut most = 0.0_f64;
        for (year, against) in years {
            most = most.max(arrangement.phase(year as u32).terms.loss_limit(against.benchmark)?.0);
        }
        Some(most)
    };
    let has_limit = |terms: &Terms| terms.loss_limit(Dollars::ZERO).is_some();
    if !arrangement.phases().iter().all(|phase| has_limit(&phase.terms)) {
        return None;
    }
    (0..outcomes.trials()).map(of_trial).collect()
}

/// A year's mean expenditure at the provider's risk in each future: what a contract with losses compares with its benchmark, or else
/// the capitation; of contracts that are held at once, the sum. None where a run does not keep it.
fn at_risk(scenario: &Scenario, outcomes: &Outcomes, index: usize) -> Option<Vec<f64>> {
    if outcomes.keep < Keep::Lines {
        return None;
    }
    let held = scenario.contracts[index].held();
    let columns = held.iter().map(|held| {
        let column = scenario.contracts.iter().position(|contract| contract.name == held.name)?;
        Some((held, column))
    });
    let columns: Vec<(&Arrangement, usize)> = columns.collect::<Option<_>>()?;
    let of_year = |trial: usize, year: usize| -> f64 {
        let of_column = |&(held, column): &(&Arrangement, usize)| match outcomes.against[(trial, year, column)] {
            Some(against) if held.phase(year as u32).lan >= Lan::Downside => against.expenditure.0,
            _ => outcomes.lines[[trial, year, column, Line::Capitation as usize]],
        };
        columns.iter().map(of_column).sum()
    };
    let years = outcomes.years();
    let of_trial = |trial| (0..years).map(|year| of_year(trial, year)).sum::<f64>() / years as f64;
    Some((0..outcomes.trials()).map(of_trial).collect())
}

impl RiskBased {
    fn new(risk_based: &RiskBasedCapital, at_risk: Figure, found: impl Fn(Figure) -> Figure) -> Option<Self> {
        let of = |amount: f64| risk_based.ratio(Dollars(amount));
        let mean = at_risk.estimate();
        let value = of(mean.value)?;
        let standard_error = mean.standard_error * risk_based.slope(Dollars(mean.value))?.abs();
        // The more is at risk, the lower is the ratio.
        let lower = if mean.upper.is_finite() { of(mean.upper)? } else { 0.0 };
        let upper = of(mean.lower.max(0.0)).unwrap_or(f64::INFINITY);
        let ratio = Estimate { value, standard_error, lower, upper, caution: mean.caution };
        let level = ActionLevel::of(value);
        let mut other_levels: Vec<ActionLevel> = [lower, upper].map(ActionLevel::of).into();
        other_levels.retain(|&other| other != level);
        other_levels.dedup();
        Some(Self {
            at_risk,
            ratio: found(Figure::new(Unit::Ratio, ratio)),
            level: level.name().to_owned(),
            other_levels: other_levels.into_iter().map(|level| level.name().to_owned()).collect(),
        })
    }
}

impl Repayment {
    /// Of a contract, or of those that are held at once.
    fn new(
        arrangement: &Arrangement,
        held_by: Option<HeldMechanism>,
        contract: &ContractSummary,
        all: &[(usize, &ContractSummary)],
    ) -> Option<Self> {
        let required = |name: &str| {
            let summary = all.iter().find(|(_, summary)| summary.name == name).map(|&(_, summary)| summary);
            summary?.return_on_risk.as_ref()?.repayment_mechanism.as_ref().map(|mechanism| mechanism.amount)
        };
        let (held, rule) = match &arrangement.portfolio {
            None => (arrangement, required(&contract.name)?),
            // No more than one of the contracts that are held at once is a program that requires one.
            Some(portfolio) => portfolio.contracts.iter().find_map(|held| Some((held, required(&held.name)?)))?,
        };
        let amount = match held_by.and_then(|held_by| held_by.amount) {
            Some(stated) => Mean { value: stated.0, standard_error: 0.0, ..rule },
            None => rule,
        };
        let of_terms = held.phases().iter().find_map(|phase| phase.terms.repayment_fee());
        let cost = match (of_terms, held_by.and_then(|held_by| held_by.fee)) {
            // The administration is that of the amount by the rule.
            (Some(fee), _) => Some((rule, fee)),
            (None, Some(fee)) => Some((amount, fee)),
            (None, None) => None,
        };
        Some(Self {
            amount,
            is_stated: held_by.is_some_and(|held_by| held_by.amount.is_some()),
            instrument: held_by.map(|held_by| held_by.instrument.name().to_owned()),
            cost: cost.map(|(Mean { unit, value, standard_error }, fee)| Mean {
                unit,
                value: value * fee.value(),
                standard_error: standard_error * fee.value(),
            }),
            is_in_administration: of_terms.is_some(),
        })
    }
}
