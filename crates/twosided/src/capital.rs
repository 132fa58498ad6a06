//! Contracts with specific stop-loss at the attachment points of `[capital]`, settled on the run's own sampled years.

use twosided_contracts::Arrangement;
use twosided_report::{CoverChoice, Settled};
use twosided_scenario::{CoverTable, Scenario};
use twosided_sim::Keep;
use twosided_units::{Dollars, Pmpm};

use crate::{
    options::{RunError, RunOptions},
    points::{Point, PointOutcomes, simulate_points},
    run::Run,
};

/// A contract at one attachment point.
struct Choice {
    contract: usize,
    point: Dollars,
}

impl Run {
    /// The run with the covers that its scenario compares, in [`twosided_report::CapitalSummary::covers`]. Nothing is simulated where it
    /// compares none. Each point is settled twice: for what its cover pays, and with the premium that follows.
    ///
    /// # Errors
    /// [`RunError`].
    pub fn with_cover_table(mut self, options: &RunOptions<'_>) -> Result<Self, RunError> {
        let Some(capital) = &self.scenario.capital else { return Ok(self) };
        let Some(CoverTable { attachment_points, premium_load }) = capital.covers.clone() else { return Ok(self) };
        let options = RunOptions { checkpoints: None, ..*options };
        let base = Scenario { keep: Keep::Lines, ..self.scenario.clone() };
        let in_order = self.summary.contracts.iter();
        let covered = in_order.filter_map(|known| {
            base.contracts.iter().position(|contract| contract.name == known.name && has_specific(contract))
        });
        let choices: Vec<Choice> = covered
            .flat_map(|contract| attachment_points.iter().map(move |&point| Choice { contract, point }))
            .collect();
        let free = choices.iter().map(|choice| {
            let contract = at(&base.contracts[choice.contract], choice.point, Pmpm(0.0));
            with(&base, choice.contract, without_aggregate(contract))
        });
        let free: Vec<Scenario> = free.collect();
        let paid = simulated(&free, &choices, &options)?;
        let premiums = choices.iter().zip(&free).zip(&paid).map(|((choice, scenario), outcomes)| {
            settled(&scenario.contracts[choice.contract], outcomes).premium(premium_load)
        });
        let premiums = premiums.collect::<Result<Vec<_>, _>>()?;
        let priced = choices.iter().zip(&premiums).map(|(choice, &(_, premium))| {
            with(&base, choice.contract, at(&base.contracts[choice.contract], choice.point, premium))
        });
        let priced: Vec<Scenario> = priced.collect();
        let outcomes = simulated(&priced, &choices, &options)?;
        let mut covers = Vec::new();
        for (index, (choice, (recovery, _))) in choices.iter().zip(&premiums).enumerate() {
            let of = |index: usize| settled(&priced[index].contracts[choice.contract], &outcomes[index]);
            let first = index - index % attachment_points.len();
            let first = (first < index).then(|| of(first));
            let terms = (choice.point, *recovery, premium_load);
            covers.push(CoverChoice::new(&of(index), first.as_ref(), terms, capital.retained)?);
        }
        if let Some(capital) = &mut self.summary.capital {
            capital.covers = covers;
        }
        Ok(self)
    }
}

/// The contracts of the choices, each in its scenario, on the same years.
fn simulated(
    scenarios: &[Scenario],
    choices: &[Choice],
    options: &RunOptions<'_>,
) -> Result<Vec<PointOutcomes>, RunError> {
    let contracts: Vec<[usize; 1]> = choices.iter().map(|choice| [choice.contract]).collect();
    let points: Vec<Point<'_>> =
        scenarios.iter().zip(&contracts).map(|(scenario, contracts)| Point { scenario, contracts }).collect();
    simulate_points(&points, options)
}

fn settled<'a>(contract: &'a Arrangement, point: &'a PointOutcomes) -> Settled<'a> {
    let PointOutcomes { outcomes, tails, design, contracts } = point;
    Settled { contract, outcomes, tails, design, column: contracts[0] }
}

fn has_specific(contract: &Arrangement) -> bool {
    contract.phases().iter().any(|phase| phase.covers.specific.is_some())
}

/// A scenario with another contract in the place of one.
fn with(scenario: &Scenario, index: usize, contract: Arrangement) -> Scenario {
    let mut changed = scenario.clone();
    changed.contracts[index] = contract;
    changed
}

/// A contract whose specific stop-loss has this attachment point and premium.
fn at(contract: &Arrangement, point: Dollars, premium: Pmpm) -> Arrangement {
    let mut contract = contract.clone();
    for phase in contract.phases_mut() {
        if let Some(specific) = &mut phase.covers.specific {
            (specific.attachment.point, specific.premium) = (point, premium);
        }
    }
    contract
}

fn without_aggregate(mut contract: Arrangement) -> Arrangement {
    for phase in contract.phases_mut() {
        phase.covers.aggregate = None;
    }
    contract
}
