//! Who gets what of the surplus that a contract leaves, and who bears its losses.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_prob::{Design, Estimate, Sample, SampleError};
use twosided_provider::Division;
use twosided_scenario::{Scenario, Surplus};
use twosided_sim::{Outcomes, Simulated};
use twosided_units::{Dollars, MemberMonths, Share};

use super::settled::SettledBy;
use crate::{ContractSummary, Figure, Period, Unit};

/// How settlements are divided within the provider.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SurplusSummary {
    /// Whether administration and programs come off before anything is divided.
    pub costs_first: bool,
    /// What the reserve holds at the start, in dollars.
    pub opening_reserve: f64,
    /// What the reserve holds before anything is distributed, in dollars.
    pub floor: f64,
    /// The contracts whose settlements are divided, each by itself.
    pub contracts: Vec<ContractSurplus>,
}

/// How one contract's settlements are divided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContractSurplus {
    /// The contract.
    pub contract: String,
    /// What counts as settled.
    pub settled_by: SettledBy,
    /// Mean of what is divided over the horizon.
    pub divided: Figure,
    /// The participants, in the order of the scenario.
    pub participants: Vec<SurplusPart>,
    /// What goes into the reserve, less what is taken from it.
    pub reserve: SurplusPart,
    /// What the provider keeps, less what it bears.
    pub kept: SurplusPart,
}

/// One part of what is divided, over the horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SurplusPart {
    /// Whose it is.
    pub name: String,
    /// Mean of what is paid, less what is borne.
    pub mean: Figure,
    /// Its 5% quantile.
    pub quantile_05: Figure,
    /// Its median.
    pub quantile_50: Figure,
    /// Its 95% quantile.
    pub quantile_95: Figure,
    /// Mean of the losses that it bears, as a positive amount.
    pub losses: Figure,
    /// Share of years in which nothing is paid.
    pub years_without: Figure,
}

impl SurplusSummary {
    /// Of the contracts as they are measured; their indices in the scenario in the same order. None where a run keeps too little.
    pub(super) fn new(
        scenario: &Scenario,
        surplus: &Surplus,
        simulated: &Simulated,
        contracts: &[(usize, &ContractSummary)],
        found: impl Fn(Figure) -> Figure + Copy,
    ) -> Result<Option<Self>, SampleError> {
        if simulated.outcomes.person_years.is_empty() {
            return Ok(None);
        }
        let opening = scenario.capital.as_ref().and_then(|capital| capital.reserve).unwrap_or(Dollars::ZERO);
        let is_divided = |contract: &ContractSummary| match &surplus.of {
            Some(name) => contract.name == *name,
            None => !contract.is_reference,
        };
        let divided = contracts.iter().filter(|(_, contract)| is_divided(contract));
        let divided = divided.map(|&(index, contract)| {
            ContractSurplus::new(scenario, surplus, simulated, index, &contract.name, opening, found)
        });
        Ok(Some(Self {
            costs_first: surplus.sharing.costs_first,
            opening_reserve: opening.0,
            floor: surplus.sharing.floor.0,
            contracts: divided.collect::<Result<_, _>>()?,
        }))
    }
}

impl ContractSurplus {
    fn new(
        scenario: &Scenario,
        Surplus { sharing, .. }: &Surplus,
        Simulated { outcomes, observed, design }: &Simulated,
        index: usize,
        name: &str,
        opening: Dollars,
        found: impl Fn(Figure) -> Figure + Copy,
    ) -> Result<Self, SampleError> {
        let settled_by = SettledBy::of(&scenario.contracts[index], outcomes, index);
        let settled = if sharing.costs_first {
            settled_by.years_after_costs(outcomes, index)
        } else {
            settled_by.years(outcomes, index)
        };
        let divisions: Vec<Vec<Division>> = settled
            .iter()
            .enumerate()
            .map(|(trial, years)| {
                let mut held = opening;
                let divide = |(year, &amount): (usize, &Dollars)| {
                    let division = sharing.divide(amount, held, months(outcomes, [trial, year, index]));
                    held += division.reserve;
                    division
                };
                years.iter().enumerate().map(divide).collect()
            })
            .collect();
        let tails = observed.tails[index];
        let measured =
            Measured { design, tails: (tails.losses, tails.gains), period: Period { years: scenario.years } };
        let part = |name: &str, of: &dyn Fn(&Division) -> Dollars| measured.part(name, &divisions, of, found);
        let participants = sharing
            .participants
            .iter()
            .enumerate()
            .map(|(place, participant)| part(&participant.name, &|division| division.participants[place]));
        let totals = settled.iter().map(|years| years.iter().copied().sum::<Dollars>().0).collect();
        Ok(Self {
            contract: name.to_owned(),
            settled_by,
            divided: found(Figure::new(measured.period.unit(), measured.sample(totals)?.mean())),
            participants: participants.collect::<Result<_, _>>()?,
            reserve: part("reserve", &|division| division.reserve)?,
            kept: part("kept", &|division| division.kept)?,
        })
    }
}

/// Time enrolled under a contract in a year of a trial.
fn months(outcomes: &Outcomes, [trial, year, contract]: [usize; 3]) -> MemberMonths {
    MemberMonths(outcomes.person_years[(trial, year, contract)] * 12.0)
}

/// How parts are measured.
struct Measured<'a> {
    design: &'a Arc<Design>,
    /// Tail indices of losses and gains.
    tails: (f64, f64),
    period: Period,
}

impl Measured<'_> {
    fn sample(&self, amounts: Vec<f64>) -> Result<Sample, SampleError> {
        Ok(Sample::drawn_by(self.design, amounts)?.with_tail_indices(self.tails.0, self.tails.1))
    }

    fn part(
        &self,
        name: &str,
        divisions: &[Vec<Division>],
        of: &dyn Fn(&Division) -> Dollars,
        found: impl Fn(Figure) -> Figure,
    ) -> Result<SurplusPart, SampleError> {
        let over = |of_year: &dyn Fn(f64) -> f64| {
            let totals = divisions.iter().map(|years| years.iter().map(|division| of_year(of(division).0)).sum());
            self.sample(totals.collect())
        };
        let paid = over(&|amount| amount)?;
        let losses = over(&|amount: f64| (0.0 - amount).max(0.0))?.mean();
        let unit = self.period.unit();
        let quantile = |level: f64| {
            let level = Share::new(level).expect("levels are shares");
            found(Figure::new(unit, paid.quantile(level)).within(paid.wide_interval(level)))
        };
        let without = divisions.iter().map(|years| {
            let count = years.iter().filter(|&division| of(division).0 <= 0.0).count();
            count as f64 / years.len() as f64
        });
        let without = share_of_years(&Sample::drawn_by(self.design, without.collect())?);
        Ok(SurplusPart {
            name: name.to_owned(),
            mean: found(Figure::new(unit, paid.mean())),
            quantile_05: quantile(0.05),
            quantile_50: quantile(0.5),
            quantile_95: quantile(0.95),
            losses: found(Figure::new(unit, Estimate { lower: losses.lower.max(0.0), ..losses })),
            years_without: found(Figure::new(Unit::Share, without)),
        })
    }
}

/// Mean share of the years. Where it is the same of every trial, the interval is that of a chance which was never or always met.
fn share_of_years(shares: &Sample) -> Estimate {
    let (least, most) = (shares.sorted()[0], shares.sorted()[shares.len() - 1]);
    if most == 0.0
        || least == 1.0
        || (least == 0.0 && shares.sorted().iter().all(|&share| share == 0.0 || share == 1.0))
    {
        return shares.probability(|share| share > 0.0);
    }
    let mean = shares.mean();
    Estimate { lower: mean.lower.max(0.0), upper: mean.upper.min(1.0), ..mean }
}
