//! What each party has more or less under a contract than under fee-for-service alone, on the same year.

use twosided_provider::Line;

use crate::{DetailOf, Outcomes};

/// The parties of a contract, in a trial: what each receives less what it pays, over the horizon, less the same under
/// fee-for-service alone. What one party pays another receives, so that they sum to zero.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ledger {
    /// The provider, for care and under the contract; what it spends on its own care, programs and administration is no transfer.
    pub provider: f64,
    /// The payer, with its patients: its net savings.
    pub payer: f64,
    /// The insurer of the provider's stop-loss.
    pub insurer: f64,
    /// Other providers.
    pub others: f64,
}

impl Ledger {
    /// What all parties have together: nothing, rounding aside.
    pub fn sum(&self) -> f64 {
        self.provider + self.payer + self.insurer + self.others
    }
}

impl Outcomes {
    /// The ledger of a column in every trial; none where lines are not kept, and none of fee-for-service alone.
    pub fn ledgers(&self, column: usize) -> Option<Vec<Ledger>> {
        let alone = self.details.sums(column, DetailOf::FeesAlone)?;
        let others = self.details.sums(column, DetailOf::OthersChange)?;
        let of = |line: Line| self.line_of(column, line);
        let (fees, to_others) = (of(Line::Fees), of(Line::ClaimsToOthers));
        let (recoveries, premiums) = (of(Line::Recoveries), of(Line::Premiums));
        let payments = [Line::FeeAdjustment, Line::CareManagement, Line::Capitation, Line::Reconciliation].map(of);
        let ledger = |trial: usize| {
            let paid: f64 = payments.iter().map(|line| line[trial]).sum();
            let care = fees[trial] - alone[trial];
            Ledger {
                provider: care + paid + to_others[trial] + recoveries[trial] + premiums[trial],
                // Claims that the provider pays to others are not the payer's.
                payer: -care - paid - others[trial] - to_others[trial],
                insurer: -recoveries[trial] - premiums[trial],
                others: others[trial],
            }
        };
        Some((0..self.trials()).map(ledger).collect())
    }
}
