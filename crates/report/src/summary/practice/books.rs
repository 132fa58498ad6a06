//! The books of a practice: its margin, in all and by payer, revenue by category of payment, what programs save for whom, and what each
//! party of a contract has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_contracts::{Arrangement, Lan};
use twosided_prob::SampleError;
use twosided_scenario::Scenario;
use twosided_sim::{DetailOf, Keep, Outcomes, Simulated};

use super::{Trials, level};
use crate::{Figure, Period, Unit};

/// The margin of a provider over the horizon: all receipts less all costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MarginFigures {
    /// Mean.
    pub mean: Figure,
    /// Standard deviation.
    pub sd: Figure,
    /// 5% quantile.
    pub quantile_05: Figure,
    /// 25% quantile.
    pub quantile_25: Figure,
    /// Median.
    pub quantile_50: Figure,
    /// 75% quantile.
    pub quantile_75: Figure,
    /// 95% quantile.
    pub quantile_95: Figure,
    /// Probability that costs are above receipts.
    pub probability_below_zero: Figure,
}

/// The margin on the people of one payer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PayerFigures {
    /// The payer; absent of people whose payer is not stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
    /// What kind of payer it is, as `commercial`; absent with the payer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Mean margin.
    pub mean: Figure,
    /// Its standard deviation.
    pub sd: Figure,
    /// Probability that it is below zero.
    pub probability_below_zero: Figure,
}

/// Revenue of a practice by category of the HCP-LAN framework.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Revenue {
    /// Every category with revenue, in the order of the framework.
    pub by_category: Vec<RevenueFigures>,
    /// Share in categories 3 and 4, of which 3N and 4N do not count; absent where revenue is not above zero beyond chance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories_3_and_4: Option<Figure>,
    /// Share in 3B and category 4, without 4N.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub two_sided: Option<Figure>,
}

/// Revenue under one category.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RevenueFigures {
    /// The category, as `3B`.
    pub lan: String,
    /// Mean revenue.
    pub mean: Figure,
    /// Its share of all revenue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Figure>,
}

/// Spending that a program avoids.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ProgramFigures {
    /// The program.
    pub program: String,
    /// Mean spending that it avoids, for whoever pays.
    pub avoided: Figure,
    /// The part of it on people whom no contract that shares savings covers.
    pub unshared: Figure,
    /// That part over all that is avoided: the spill-over. Absent where nothing is avoided beyond chance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spill_over: Option<Figure>,
}

/// What each party of a contract has more than under fee-for-service alone; the means add up to nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ledger {
    /// The contract.
    pub contract: String,
    /// The provider, before what it spends itself.
    pub provider: Figure,
    /// The payer with its patients: its net savings.
    pub payer: Figure,
    /// The insurer of the provider's stop-loss.
    pub insurer: Figure,
    /// Other providers.
    pub others: Figure,
    /// Probability that the payer has net savings.
    pub probability_of_savings: Figure,
}

impl MarginFigures {
    pub(super) fn new(trials: &Trials<'_>, margins: &[f64], tail: f64) -> Result<Self, SampleError> {
        let sample = trials.sample(margins, [tail; 2])?;
        let quantile =
            |value: f64| trials.dollars(sample.quantile(level(value))).within(sample.wide_interval(level(value)));
        Ok(Self {
            mean: trials.dollars(sample.mean()),
            sd: trials.dollars(sample.sd()),
            quantile_05: quantile(0.05),
            quantile_25: quantile(0.25),
            quantile_50: quantile(0.5),
            quantile_75: quantile(0.75),
            quantile_95: quantile(0.95),
            probability_below_zero: trials.figure(Unit::Probability, sample.probability(|margin| margin < 0.0)),
        })
    }
}

/// Payers of the people whom a contract covers, each once.
pub(super) fn payers_of(scenario: &Scenario, contract: &Arrangement) -> Vec<String> {
    let mut payers: Vec<String> = Vec::new();
    for segment in scenario.population.segments() {
        if contract.covered.includes(segment)
            && let Some(payer) = &segment.payer
            && !payers.contains(payer)
        {
            payers.push(payer.clone());
        }
    }
    payers
}

pub(super) fn payers(
    trials: &Trials<'_>,
    scenario: &Scenario,
    outcomes: &Outcomes,
    column: usize,
) -> Result<Vec<PayerFigures>, SampleError> {
    let kept = outcomes.details.of_column(column);
    let payers = kept.filter_map(|of| match of {
        DetailOf::PayerMargin(payer) => Some((payer, outcomes.details.sums(column, of)?)),
        _ => None,
    });
    let figures = payers.map(|(index, margins)| {
        let sample = trials.sample(&margins, [f64::INFINITY; 2])?;
        let payer = index.checked_sub(1).map(|index| &scenario.provider.payers[index]);
        Ok(PayerFigures {
            payer: payer.map(|payer| payer.name.clone()),
            kind: payer.map(|payer| payer.kind.name().to_owned()),
            mean: trials.dollars(sample.mean()),
            sd: trials.dollars(sample.sd()),
            probability_below_zero: trials.figure(Unit::Probability, sample.probability(|margin| margin < 0.0)),
        })
    });
    figures.collect()
}

pub(super) fn revenue(trials: &Trials<'_>, outcomes: &Outcomes, column: usize) -> Result<Revenue, SampleError> {
    let kept = outcomes.details.of_column(column);
    let by_category: Vec<(Lan, Vec<f64>)> = kept
        .filter_map(|of| match of {
            DetailOf::Revenue(lan) => Some((lan, outcomes.details.sums(column, of)?)),
            _ => None,
        })
        .filter(|(_, revenue)| revenue.iter().any(|&revenue| revenue != 0.0))
        .collect();
    let all: Vec<usize> = (0..by_category.len()).collect();
    let of = |wanted: fn(Lan) -> bool| all.iter().copied().filter(|&index| wanted(by_category[index].0)).collect();
    let shares = all.iter().map(|&index| vec![index]).chain([of(is_alternative), of(is_two_sided)]);
    let wanted: Vec<(Vec<usize>, Vec<usize>)> = shares.map(|over| (over, all.clone())).collect();
    let columns: Vec<&[f64]> = by_category.iter().map(|(_, revenue)| revenue.as_slice()).collect();
    let mut shares = trials.ratios(Unit::Share, &columns, &wanted)?;
    let (two_sided, categories_3_and_4) = (shares.pop().flatten(), shares.pop().flatten());
    let figures = by_category.iter().zip(shares).map(|((lan, revenue), share)| {
        let mean = trials.dollars(trials.sample(revenue, [f64::INFINITY; 2])?.mean());
        Ok(RevenueFigures { lan: lan.code().to_owned(), mean, share })
    });
    Ok(Revenue { by_category: figures.collect::<Result<_, SampleError>>()?, categories_3_and_4, two_sided })
}

/// Whether a category is of alternative payment models on shared savings or on populations: 3 and 4, with a link to quality.
const fn is_alternative(lan: Lan) -> bool {
    matches!(lan, Lan::Upside) || is_two_sided(lan)
}

/// Whether the provider bears losses too, with a link to quality: 3B and 4.
const fn is_two_sided(lan: Lan) -> bool {
    matches!(lan, Lan::Downside | Lan::PartialPopulation | Lan::Population | Lan::Integrated)
}

pub(super) fn programs(
    trials: &Trials<'_>,
    scenario: &Scenario,
    outcomes: &Outcomes,
    column: usize,
) -> Result<Vec<ProgramFigures>, SampleError> {
    let kept = outcomes.details.of_column(column);
    let programs = kept.filter_map(|of| match of {
        DetailOf::Avoided(program) => {
            let unshared = outcomes.details.sums(column, DetailOf::AvoidedUnshared(program))?;
            Some((program, outcomes.details.sums(column, of)?, unshared))
        }
        _ => None,
    });
    let figures = programs.map(|(program, avoided, unshared)| {
        let mean = |of: &[f64]| Ok::<_, SampleError>(trials.dollars(trials.sample(of, [f64::INFINITY; 2])?.mean()));
        let spill_over = trials.ratios(Unit::Share, &[&avoided, &unshared], &[(vec![1], vec![0])])?.pop().flatten();
        Ok(ProgramFigures {
            program: scenario.population.programs[program].name.clone(),
            avoided: mean(&avoided)?,
            unshared: mean(&unshared)?,
            spill_over,
        })
    });
    figures.collect()
}

/// The ledger of every contract; none of fee-for-service alone, and none where lines are not kept.
pub(in crate::summary) fn ledgers(scenario: &Scenario, simulated: &Simulated) -> Result<Vec<Ledger>, SampleError> {
    let Simulated { outcomes, design, .. } = simulated;
    if outcomes.keep < Keep::Lines {
        return Ok(Vec::new());
    }
    let trials = Trials { design, period: Period { years: scenario.years } };
    let ledgers = scenario.contracts.iter().enumerate().filter_map(|(column, contract)| {
        let kept = outcomes.ledgers(column)?;
        Some((contract, kept))
    });
    let figures = ledgers.map(|(contract, kept)| {
        let sample = |of: fn(&twosided_sim::Ledger) -> f64| {
            trials.sample(&kept.iter().map(of).collect::<Vec<f64>>(), [f64::INFINITY; 2])
        };
        let payer = sample(|ledger| ledger.payer)?;
        Ok(Ledger {
            contract: contract.name.clone(),
            provider: trials.dollars(sample(|ledger| ledger.provider)?.mean()),
            payer: trials.dollars(payer.mean()),
            insurer: trials.dollars(sample(|ledger| ledger.insurer)?.mean()),
            others: trials.dollars(sample(|ledger| ledger.others)?.mean()),
            probability_of_savings: trials.figure(Unit::Probability, payer.probability(|savings| savings > 0.0)),
        })
    });
    figures.collect()
}
