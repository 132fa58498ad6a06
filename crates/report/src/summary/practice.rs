//! What a practice comes to under contracts that it holds at once: what each adds to the gain and to its tail, by payer, by category of
//! payment, and where programs save.

mod books;
mod parts;

use ndarray::Axis;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_prob::SampleError;
use twosided_scenario::Scenario;
use twosided_sim::{DetailOf, Keep, Simulated};
use twosided_units::Share;

use super::trials::Trials;
use crate::{Figure, Period};

pub use books::{Ledger, MarginFigures, PayerFigures, ProgramFigures, Revenue, RevenueFigures};
pub use parts::{HeldAlone, HeldFigures, TailFigures};

pub(super) use books::ledgers;

/// Contracts that are held at once, as one practice. Dollars are over the horizon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PracticeSummary {
    /// Its name among the contracts.
    pub name: String,
    /// Mean gain.
    pub mean_gain: Figure,
    /// TVaR 95 of its loss.
    pub tvar_95: Figure,
    /// TVaR 99 of its loss.
    pub tvar_99: Figure,
    /// What each contract brings, in the order in which they are named.
    pub contracts: Vec<HeldFigures>,
    /// What programs, which are paid once, and changed care bring; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<HeldFigures>,
    /// By what the TVaR 95 of the parts, added up, is above that of the whole.
    pub diversification_95: Figure,
    /// The same of TVaR 99.
    pub diversification_99: Figure,
    /// The margin.
    pub margin: MarginFigures,
    /// The margin on each payer's people, before costs that no payer's people cause alone.
    pub payers: Vec<PayerFigures>,
    /// Revenue by category of payment.
    pub revenue: Revenue,
    /// Where programs save.
    pub programs: Vec<ProgramFigures>,
}

/// Share of a trial's amounts below which what is left of them is rounding.
const ROUNDING: f64 = 1e-11;

/// The sum of a trial's amounts; what is due to rounding is exactly nothing.
fn left_of(amounts: impl Iterator<Item = f64>) -> f64 {
    let (left, all) = amounts.fold((0.0, 0.0), |(left, all), amount| (left + amount, all + amount.abs()));
    if left.abs() <= ROUNDING * all { 0.0 } else { left }
}

fn level(value: f64) -> Share {
    Share::new(value).expect("a level is a share")
}

/// The margin under a contract or a portfolio; none where lines are not kept, and none of a provider without fees and costs of its own, whose
/// margin is its gain.
pub(super) fn margin(
    scenario: &Scenario,
    simulated: &Simulated,
    column: usize,
) -> Result<Option<MarginFigures>, SampleError> {
    if simulated.outcomes.keep < Keep::Lines || !scenario.provider.has_books() {
        return Ok(None);
    }
    let trials = Trials { design: &simulated.design, period: Period { years: scenario.years } };
    margin_of(&trials, simulated, column).map(Some)
}

fn margin_of(
    trials: &Trials<'_>,
    Simulated { outcomes, observed, .. }: &Simulated,
    column: usize,
) -> Result<MarginFigures, SampleError> {
    let lines = outcomes.lines.index_axis(Axis(2), column);
    let margins: Vec<f64> = lines.outer_iter().map(|trial| left_of(trial.iter().copied())).collect();
    MarginFigures::new(trials, &margins, observed.tails[column].margin)
}

/// The practices of a scenario; none where lines are not kept.
pub(super) fn practices(scenario: &Scenario, simulated: &Simulated) -> Result<Vec<PracticeSummary>, SampleError> {
    /// With fewer trials, one of them makes the tail, and its parts have no error.
    const LEAST_TRIALS: usize = 40;
    if simulated.outcomes.keep < Keep::Lines || simulated.outcomes.trials() < LEAST_TRIALS {
        return Ok(Vec::new());
    }
    let portfolios = (0..scenario.contracts.len()).filter(|&column| scenario.contracts[column].portfolio.is_some());
    portfolios.map(|column| practice(scenario, simulated, column)).collect()
}

fn practice(scenario: &Scenario, simulated: &Simulated, column: usize) -> Result<PracticeSummary, SampleError> {
    let Simulated { outcomes, observed, design } = simulated;
    let trials = Trials { design, period: Period { years: scenario.years } };
    let portfolio = &scenario.contracts[column];
    let gains = outcomes.gains_of(column).to_vec();
    let contributions = (0..portfolio.held().len()).map(|held| {
        let contribution = outcomes.details.sums(column, DetailOf::Contribution(held));
        contribution.expect("a portfolio keeps what its contracts add")
    });
    let index_of = |name: &str| scenario.contracts.iter().position(|contract| contract.name == name);
    let held = portfolio.held().iter().zip(contributions).map(|(contract, gains)| {
        let alone = index_of(&contract.name);
        let tails = alone.map_or([f64::INFINITY; 2], |alone| {
            let tails = &observed.tails[alone];
            [tails.losses, tails.gains]
        });
        let payers = books::payers_of(scenario, contract);
        let alone = alone.map(|alone| outcomes.gains_of(alone).to_vec());
        parts::Held { name: contract.name.clone(), payers, gains, tails, alone }
    });
    let tails = &observed.tails[column];
    let parts = parts::Parts::new(&trials, &gains, [tails.losses, tails.gains], held.collect())?;
    Ok(PracticeSummary {
        name: portfolio.name.clone(),
        mean_gain: parts.mean_gain,
        tvar_95: parts.tvar[0],
        tvar_99: parts.tvar[1],
        contracts: parts.contracts,
        rest: parts.rest,
        diversification_95: parts.diversification[0],
        diversification_99: parts.diversification[1],
        margin: margin_of(&trials, simulated, column)?,
        payers: books::payers(&trials, scenario, outcomes, column)?,
        revenue: books::revenue(&trials, outcomes, column)?,
        programs: books::programs(&trials, scenario, outcomes, column)?,
    })
}
