//! What the provider and its payers settle for a year: what it receives, or owes if negative.

use twosided_contracts::BenchmarkUse;
use twosided_provider::Line;
use twosided_scenario::Scenario;
use twosided_sim::{Keep, Outcomes};
use twosided_units::Dollars;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What counts as settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettledBy {
    /// The reconciliation after the year.
    Reconciliation,
    /// The gain before administration and programs, of contracts that take the place of fees: nothing else says what they leave.
    GainBeforeCosts,
    /// The gain, where a run keeps nothing else.
    Gain,
}

/// Dollars below which an amount is rounding.
const ROUNDING: f64 = 0.005;

impl SettledBy {
    /// What counts of a contract or a portfolio.
    pub(super) fn of(scenario: &Scenario, outcomes: &Outcomes, contract: usize) -> Self {
        if outcomes.keep < Keep::Lines {
            return Self::Gain;
        }
        let arrangement = &scenario.contracts[contract];
        let compares = |terms: &twosided_contracts::Terms| terms.benchmark() != BenchmarkUse::None;
        let held = arrangement.held();
        if held.iter().all(|held| held.phases().iter().any(|phase| compares(&phase.terms))) {
            return Self::Reconciliation;
        }
        let moves = |line: Line| outcomes.line_of(contract, line).iter().any(|amount| amount.abs() > ROUNDING);
        if moves(Line::Capitation) { Self::GainBeforeCosts } else { Self::Reconciliation }
    }

    /// What is settled for each year of each trial, before what taking part costs.
    pub(super) fn years(self, outcomes: &Outcomes, contract: usize) -> Vec<Vec<Dollars>> {
        self.amounts(outcomes, contract, |settled, _| settled)
    }

    /// The same after administration and programs.
    pub(super) fn years_after_costs(self, outcomes: &Outcomes, contract: usize) -> Vec<Vec<Dollars>> {
        self.amounts(outcomes, contract, |settled, costs| settled + costs)
    }

    fn amounts(self, outcomes: &Outcomes, contract: usize, of: impl Fn(f64, f64) -> f64) -> Vec<Vec<Dollars>> {
        let year = |trial: usize, year: usize| {
            let line = |line: Line| outcomes.lines[[trial, year, contract, line as usize]];
            let costs = || line(Line::Administration) + line(Line::Programs);
            let gain = outcomes.yearly[[trial, year, contract]];
            let amount = match self {
                Self::Reconciliation => of(line(Line::Reconciliation), costs()),
                Self::GainBeforeCosts => of(gain - costs(), costs()),
                Self::Gain => gain,
            };
            Dollars(if amount.abs() <= ROUNDING { 0.0 } else { amount })
        };
        (0..outcomes.trials()).map(|trial| (0..outcomes.years()).map(|of| year(trial, of)).collect()).collect()
    }
}
