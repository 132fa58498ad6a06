//! Results by group of people, and what their quality measures came to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_prob::{Estimate, SampleError};
use twosided_scenario::Scenario;
use twosided_sim::{DetailOf, Details, Keep, PeopleFigure, Simulated};

use super::trials::Trials;
use crate::{Figure, Period, Unit};

/// What some people come to under every contract that covers any of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PeopleSummary {
    /// The group; absent of everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Contracts, in the order of the scenario.
    pub contracts: Vec<PeopleUnder>,
}

/// What some people come to under a contract, a person-year, over the horizon. Those whom it does not cover do not count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PeopleUnder {
    /// The contract.
    pub contract: String,
    /// Expenditure on all of their care.
    pub expenditure: Figure,
    /// Their part of the benchmark, in proportion to risk scores; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<Figure>,
    /// What the provider is paid: fees for its own care of them, and their part of what the contract pays, in proportion to risk scores.
    pub payment: Figure,
    /// Quality measures, in the order of the scenario; those that concern nobody are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<MeasureFigures>,
}

/// What a quality measure comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MeasureFigures {
    /// The measure.
    pub measure: String,
    /// Its score: what is counted over those whom it concerns.
    pub score: Figure,
    /// Standard deviation of the score between trials.
    pub sd: Figure,
    /// Correlation of the score with expenditure a person-year, between trials; absent where either does not vary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_with_expenditure: Option<Figure>,
}

/// Everyone and every group of the scenario, under every contract that covers any of them.
pub(super) fn by_group(scenario: &Scenario, simulated: &Simulated) -> Result<Vec<PeopleSummary>, SampleError> {
    let population = &scenario.population;
    if simulated.outcomes.keep < Keep::Lines || (population.measures.is_empty() && population.groups.is_empty()) {
        return Ok(Vec::new());
    }
    let trials = Trials { design: &simulated.design, period: Period { years: scenario.years } };
    let names = std::iter::once(None).chain(population.groups.iter().map(|group| Some(group.name.clone())));
    let of_group = |(people, group): (usize, Option<String>)| {
        let contracts = scenario.contracts.iter().enumerate();
        let contracts = contracts.filter_map(|(column, contract)| {
            let of = Of { details: &simulated.outcomes.details, column, people };
            of.under(&trials, scenario, &contract.name).transpose()
        });
        Ok(PeopleSummary { group, contracts: contracts.collect::<Result<_, SampleError>>()? })
    };
    names.enumerate().map(of_group).collect()
}

/// Some people under a contract.
struct Of<'a> {
    details: &'a Details,
    column: usize,
    people: usize,
}

impl Of<'_> {
    /// A figure over the horizon, trial by trial.
    fn sums(&self, figure: PeopleFigure) -> Option<Vec<f64>> {
        self.details.sums(self.column, DetailOf::People(self.people, figure))
    }

    fn under(
        &self,
        trials: &Trials<'_>,
        scenario: &Scenario,
        contract: &str,
    ) -> Result<Option<PeopleUnder>, SampleError> {
        let figures = [PeopleFigure::PersonYears, PeopleFigure::Expenditure, PeopleFigure::Payment];
        let [Some(years), Some(expenditure), Some(payment)] = figures.map(|figure| self.sums(figure)) else {
            return Ok(None);
        };
        let benchmark = self.sums(PeopleFigure::Benchmark);
        if years.iter().any(|&years| years <= 0.0) {
            return Ok(None);
        }
        let a_year = |dollars: &[f64]| -> Vec<f64> {
            dollars.iter().zip(&years).map(|(dollars, years)| dollars / years).collect()
        };
        let mean = |amounts: &[f64]| {
            let mean = trials.sample(amounts, [f64::INFINITY; 2])?.mean();
            Ok::<_, SampleError>(trials.figure(Unit::UsdAPersonYear, mean))
        };
        let cost = a_year(&expenditure);
        let (spent, paid) = (mean(&cost)?, mean(&a_year(&payment))?);
        let benchmark = benchmark.map(|benchmark| mean(&a_year(&benchmark))).transpose()?;
        let measures = scenario.population.measures.iter().enumerate().filter_map(|(index, measure)| {
            let cases = self.sums(PeopleFigure::Cases(index))?;
            let reached = self.sums(PeopleFigure::Reached(index))?;
            measured(trials, &measure.name, (&reached, &cases), &cost).transpose()
        });
        Ok(Some(PeopleUnder {
            contract: contract.to_owned(),
            expenditure: spent,
            benchmark,
            payment: paid,
            measures: measures.collect::<Result<_, SampleError>>()?,
        }))
    }
}

/// What a measure comes to; none where it concerns nobody in some trial.
fn measured(
    trials: &Trials<'_>,
    name: &str,
    (reached, cases): (&[f64], &[f64]),
    cost: &[f64],
) -> Result<Option<MeasureFigures>, SampleError> {
    if cases.iter().any(|&cases| cases <= 0.0) {
        return Ok(None);
    }
    let ratios = trials.ratios(Unit::Measure, &[reached, cases], &[(vec![0], vec![1])])?;
    let Some(score) = ratios.into_iter().flatten().next() else { return Ok(None) };
    let scores: Vec<f64> = reached.iter().zip(cases).map(|(reached, cases)| reached / cases).collect();
    let sample = trials.sample(&scores, [f64::INFINITY; 2])?;
    Ok(Some(MeasureFigures {
        measure: name.to_owned(),
        score,
        sd: trials.figure(Unit::Measure, sample.sd()),
        correlation_with_expenditure: correlation(trials, &scores, cost)?,
    }))
}

/// The correlation of two figures between trials; none where one does not vary.
///
/// ```text
/// influence of a trial = z × w - r / 2 × (z² + w²), of its standardized figures z and w
/// ```
fn correlation(trials: &Trials<'_>, one: &[f64], other: &[f64]) -> Result<Option<Figure>, SampleError> {
    let standardized = |figures: &[f64]| {
        let sample = trials.sample(figures, [f64::INFINITY; 2])?;
        let (mean, sd) = (sample.mean().value, sample.sd().value);
        let varies = sd > 1e-12 * mean.abs();
        Ok::<_, SampleError>(varies.then(|| figures.iter().map(|figure| (figure - mean) / sd).collect::<Vec<f64>>()))
    };
    let (Some(one), Some(other)) = (standardized(one)?, standardized(other)?) else { return Ok(None) };
    let mean = |values: Vec<f64>| Ok::<_, SampleError>(trials.sample(&values, [f64::INFINITY; 2])?.mean());
    let correlation = mean(one.iter().zip(&other).map(|(one, other)| one * other).collect())?.value.clamp(-1.0, 1.0);
    let influence =
        |(one, other): (&f64, &f64)| correlation + one * other - 0.5 * correlation * (one * one + other * other);
    let estimate = mean(one.iter().zip(&other).map(influence).collect())?;
    Ok(Some(trials.figure(Unit::Correlation, Estimate { value: correlation, ..estimate })))
}
