//! Box 4: whether there is enough to pay with. What the summary says of cash and capital is read here and nowhere else on the sheet.

use maud::{Markup, html};
use twosided_prob::Estimate;

use super::Amount;
use crate::{
    ContractSummary, Figure,
    page::{TableRow, table},
};

/// Most options in the box, and what stands for what is not known of one.
const MOST_ROWS: usize = 3;
const UNKNOWN: &str = "–";
const HEADERS: [&str; 4] =
    ["Option", "Days of cash after a 1-in-20 year", "Cash and credit exhausted", "Lowest cash, mean"];

/// What one option leaves, each as text with its interval; none where the scenario does not say enough to know it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MeansRow {
    pub(super) name: String,
    /// Days of cash after a 1-in-20 year.
    pub(super) days_of_cash: Option<String>,
    /// The chance that reserves are exhausted.
    pub(super) exhausted: Option<String>,
    /// The worst month and when it comes.
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
    pub(super) fn new(contracts: &[&ContractSummary]) -> Self {
        let required = contracts.iter().filter_map(|contract| {
            let mechanism = contract.return_on_risk.as_ref()?.repayment_mechanism.as_ref()?;
            let amount = Amount::of(mechanism.amount.estimate(), false);
            Some(Collateral { name: contract.name.clone(), amount, is_unconfirmed: mechanism.is_unconfirmed })
        });
        Self { rows: rows(contracts), collateral: required.collect() }
    }

    /// The rows as they stand in the table.
    fn shown(&self) -> Vec<TableRow> {
        let cell = |text: &Option<String>| html! { (text.as_deref().unwrap_or(UNKNOWN)) };
        let row = |row: &MeansRow| {
            TableRow::new(&row.name, [&row.days_of_cash, &row.exhausted, &row.worst_month].map(cell).into())
        };
        self.rows.iter().take(MOST_ROWS).map(row).collect()
    }

    pub(super) fn markup(&self) -> Markup {
        html! {
            @if self.rows.is_empty() {
                p { "Not known: the scenario states no reserves. Enter opening cash and a credit line in a " code { "[cash]" }
                    " block to see the days of cash after a 1-in-20 year, the chance that reserves are exhausted, and the worst month." }
            }
            @if !self.rows.is_empty() { (table(&HEADERS.map(str::to_owned), &self.shown())) }
            @if self.rows.len() > MOST_ROWS { p.fine { "Of more options: see the report." } }
            @if !self.collateral.is_empty() {
                p { "Collateral that the program requires: "
                    @for (index, Collateral { name, amount, .. }) in self.collateral.iter().enumerate() {
                        @if index > 0 { "; " }
                        (name) " " (amount.in_sentence())
                    }
                    "." @if self.collateral.iter().any(|collateral| collateral.is_unconfirmed) { " The rule's numbers are unconfirmed." }
                }
            }
        }
    }
}

/// What each option leaves, by what the summary says of cash and capital; none where the scenario states nothing to pay with.
fn rows(contracts: &[&ContractSummary]) -> Vec<MeansRow> {
    let row = |contract: &&ContractSummary| {
        let cash = contract.cash.as_ref()?;
        let month = |figure: &Figure| format!("{:.0}", figure.value);
        let comes = match month(&cash.lowest_month_50).as_str() {
            "0" => "never below where it starts".to_owned(),
            median => {
                format!("in month {median} ({} to {})", month(&cash.lowest_month_05), month(&cash.lowest_month_95))
            }
        };
        Some(MeansRow {
            name: contract.name.clone(),
            days_of_cash: cash.days_at_lowest_05.as_ref().map(days),
            exhausted: Some(cash.probability_exhausted.in_words()),
            worst_month: Some(format!("{} {comes}", Amount::of_figure(&cash.lowest_mean).text())),
        })
    };
    contracts.iter().filter_map(row).collect()
}

/// Days with their interval; below zero there is no cash at all.
fn days(figure: &Figure) -> String {
    let Estimate { value, lower, upper, .. } = figure.estimate();
    if upper < 0.0 {
        return "none: cash is borrowed".to_owned();
    }
    if !(lower.is_finite() && upper.is_finite()) {
        return format!("{value:.0}");
    }
    format!("{value:.0} ({lower:.0} to {upper:.0})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_stated_is_asked_for_and_what_is_known_is_shown() {
        let none = Means { rows: Vec::new(), collateral: Vec::new() }.markup().into_string();
        assert!(none.contains("the scenario states no reserves"), "{none}");
        let row =
            |name: &str| MeansRow { name: name.to_owned(), days_of_cash: Some("41".to_owned()), ..MeansRow::default() };
        let rows = ["A", "B", "C", "D"].map(row).into();
        let some = Means { rows, collateral: Vec::new() }.markup().into_string();
        assert!(some.contains(">41</span>") && some.contains(UNKNOWN) && some.contains("Of more options"), "{some}");
        assert!(!some.contains("states no reserves") && !some.contains(">D</th>"), "{some}");
    }
}
