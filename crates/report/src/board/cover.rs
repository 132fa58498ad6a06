//! Box 6: what stop-loss costs, what it pays, and what it takes off bad years.

use maud::{Markup, html};
use twosided_scenario::Scenario;

use super::Amount;
use crate::{
    ContractSummary, CoverRelief, Summary,
    figures::named,
    page::{TableRow, table},
};

/// Most contracts with their covers.
const MOST_ROWS: usize = 3;

/// The covers of one contract.
pub(super) struct CoverRow {
    pub(super) name: String,
    /// Premium, recovery, and what they take off a 1-in-20 and a 1-in-100 year.
    pub(super) amounts: [Amount; 4],
    pub(super) pays_what_is_not_borne: bool,
}

/// The covers of the options.
pub(super) struct CoverBox {
    pub(super) rows: Vec<CoverRow>,
    pub(super) left_out: usize,
    /// Contracts with covers of which nothing is measured.
    pub(super) unmeasured: Vec<String>,
    pub(super) per_period: String,
    pub(super) bad_year: [String; 2],
}

impl CoverBox {
    pub(super) fn new(scenario: &Scenario, summary: &Summary, contracts: &[&ContractSummary]) -> Self {
        let shown = |relief: &&CoverRelief| contracts.iter().any(|contract| contract.name == relief.contract);
        let (mut reliefs, others): (Vec<&CoverRelief>, Vec<&CoverRelief>) =
            summary.cover_relief.iter().partition(shown);
        reliefs.extend(others);
        let rows = reliefs.iter().take(MOST_ROWS).map(|relief| CoverRow {
            name: relief.contract.clone(),
            amounts: [&relief.premium, &relief.recovery, &relief.off_value_at_risk_95, &relief.off_value_at_risk_99]
                .map(Amount::of_figure),
            pays_what_is_not_borne: !relief.not_borne.is_empty(),
        });
        let covered = scenario.contracts.iter().filter(|contract| contract.without_stop_loss().is_some());
        let is_measured = |name: &str| summary.cover_relief.iter().any(|relief| relief.contract == name);
        Self {
            rows: rows.collect(),
            left_out: reliefs.len().saturating_sub(MOST_ROWS),
            unmeasured: covered.map(|contract| contract.name.clone()).filter(|name| !is_measured(name)).collect(),
            per_period: summary.period().say("{a year}"),
            bad_year: ["1-in-20", "1-in-100"].map(|which| summary.period().say(&format!("Off a {which} bad {{year}}"))),
        }
    }

    pub(super) fn markup(&self) -> Markup {
        if self.rows.is_empty() && self.unmeasured.is_empty() {
            return html! { p { "No option has stop-loss." } };
        }
        let [off_20, off_100] = self.bad_year.clone();
        let headers = [
            "Option".to_owned(),
            format!("Premium {}", self.per_period),
            format!("Expected recovery {}", self.per_period),
            off_20,
            off_100,
        ];
        let rows: Vec<TableRow> = self
            .rows
            .iter()
            .map(|row| TableRow::new(&row.name, row.amounts.iter().map(Amount::markup).collect()))
            .collect();
        let (astray, fine): (Vec<&CoverRow>, Vec<&CoverRow>) =
            self.rows.iter().partition(|row| row.pays_what_is_not_borne);
        let names =
            |rows: &[&CoverRow]| html! { (named(&rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>())) };
        html! {
            @if !rows.is_empty() { (table(&headers, &rows)) }
            p.fine {
                @if !rows.is_empty() {
                    "What is taken off is the loss of the year without stop-loss less that with it, the premium counted. "
                }
                @if !fine.is_empty() { "Stop-loss of " (names(&fine)) " pays for cost that the contract bears. " }
                @if !astray.is_empty() {
                    "Stop-loss of " (names(&astray)) " also pays for cost that the contract does not bear: see the values to check in the report. "
                }
                @if self.left_out > 0 { "The stop-loss of " (self.left_out) " more options is in summary.json. " }
                @if !self.unmeasured.is_empty() {
                    "What stop-loss does for " (named(&self.unmeasured.iter().map(String::as_str).collect::<Vec<_>>()))
                    " is not known of this run: it needs the lines of every trial, which are kept without --outcomes. "
                }
            }
        }
    }
}
