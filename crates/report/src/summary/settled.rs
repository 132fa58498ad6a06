//! What the provider and its payers settle for a year: what it receives, or owes if negative.

use twosided_contracts::{Arrangement, BenchmarkUse, Terms};
use twosided_provider::Line;
use twosided_sim::{Keep, Outcomes};
use twosided_units::Dollars;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What counts as settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettledBy {
    /// The reconciliation after the year, with recoveries and premiums of stop-loss.
    Reconciliation,
    /// The gain before administration and programs, stop-loss included, of contracts that take the place of fees: nothing else says what they leave.
    GainBeforeCosts,
    /// The gain, where a run keeps nothing else.
    Gain,
}

/// Dollars below which an amount is rounding.
const ROUNDING: f64 = 0.005;

impl SettledBy {
    /// What counts of a contract or a portfolio.
    pub(super) fn of(arrangement: &Arrangement, outcomes: &Outcomes, contract: usize) -> Self {
        if outcomes.keep < Keep::Lines {
            return Self::Gain;
        }
        let compares = |terms: &Terms| terms.benchmark() != BenchmarkUse::None;
        let held = arrangement.held();
        if held.iter().all(|held| held.phases().iter().any(|phase| compares(&phase.terms))) {
            return Self::Reconciliation;
        }
        let moves = |line: Line| outcomes.line_of(contract, line).iter().any(|amount| amount.abs() > ROUNDING);
        if moves(Line::Capitation) { Self::GainBeforeCosts } else { Self::Reconciliation }
    }

    /// What is received from the payer, or owed to it if negative, for each year of each trial.
    pub(super) fn with_the_payer(self, outcomes: &Outcomes, contract: usize) -> Vec<Vec<Dollars>> {
        self.amounts(outcomes, contract, |settled, _, _| settled)
    }

    /// The same with recoveries and premiums of stop-loss, before what taking part costs.
    pub(super) fn years(self, outcomes: &Outcomes, contract: usize) -> Vec<Vec<Dollars>> {
        self.amounts(outcomes, contract, |settled, stop_loss, _| settled + stop_loss)
    }

    /// The same after administration and programs.
    pub(super) fn years_after_costs(self, outcomes: &Outcomes, contract: usize) -> Vec<Vec<Dollars>> {
        self.amounts(outcomes, contract, |settled, stop_loss, costs| settled + stop_loss + costs)
    }

    /// Amounts of what is settled, of stop-loss and of costs, each as it adds to what the provider has.
    fn amounts(self, outcomes: &Outcomes, contract: usize, of: impl Fn(f64, f64, f64) -> f64) -> Vec<Vec<Dollars>> {
        let year = |trial: usize, year: usize| {
            let line = |line: Line| outcomes.lines[[trial, year, contract, line as usize]];
            let stop_loss = || line(Line::Recoveries) + line(Line::Premiums);
            let costs = || line(Line::Administration) + line(Line::Programs);
            let gain = outcomes.yearly[[trial, year, contract]];
            let amount = match self {
                Self::Reconciliation => of(line(Line::Reconciliation), stop_loss(), costs()),
                Self::GainBeforeCosts => of(gain - costs(), 0.0, costs()),
                Self::Gain => gain,
            };
            Dollars(if amount.abs() <= ROUNDING { 0.0 } else { amount })
        };
        (0..outcomes.trials()).map(|trial| (0..outcomes.years()).map(|of| year(trial, of)).collect()).collect()
    }
}
