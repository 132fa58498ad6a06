//! The section of a page on cash.

use maud::{Markup, html};
use twosided_scenario::Scenario;
use twosided_sim::Keep;

use crate::{
    CashSummary, Figure, Summary,
    figures::{beside, money},
    page::{TableRow, table},
    text::dollars,
};

/// The section; none without a `[cash]` block.
pub(crate) fn section(scenario: &Scenario, summary: &Summary) -> Option<Markup> {
    let cash = scenario.cash.as_ref()?;
    if scenario.keep < Keep::Lines {
        return Some(
            html! { p { "Cash is not shown: it follows from the lines of each year, which this run does not keep." } },
        );
    }
    let contracts: Vec<(&str, &CashSummary)> = summary
        .contracts
        .iter()
        .filter_map(|contract| Some((contract.name.as_str(), contract.cash.as_ref()?)))
        .collect();
    let months = contracts.iter().map(|(_, cash)| cash.months).max()?;
    let unconfirmed: Vec<&str> =
        contracts.iter().filter(|(_, cash)| cash.has_unconfirmed_months).map(|(name, _)| *name).collect();
    let financing = &cash.financing;
    Some(html! {
        p { "Opening cash is " (dollars(financing.opening.0))
            @if financing.credit_line.0 > 0.0 {
                ", with a credit line of " (dollars(financing.credit_line.0)) " at " (percent(financing.credit_rate)) " a year"
            } @else { ", with no credit line" }
            ". What each contract brings is followed for up to " (months) " months, until its last settlement is paid." }
        (lowest(&contracts))
        (borrowed(&contracts, cash.financing.discount_rate))
        p.note { "Cash is before what is borrowed. Days at the lowest point are at the payments of a mean year. The month is counted from the "
            "first of the horizon, and is 0 where cash never falls below where it begins." }
        @if !unconfirmed.is_empty() {
            p.note { "The months in which these settle are customary, and unconfirmed: " (unconfirmed.join(", ")) "." }
        }
    })
}

fn lowest(contracts: &[(&str, &CashSummary)]) -> Markup {
    let headers = [
        "Contract",
        "Lowest cash, mean",
        "One future in 20",
        "One future in 100",
        "Its month (5% to 95%)",
        "Days at the lowest",
        "Days, one future in 20",
        "Chance of cash below zero",
    ];
    let rows = contracts.iter().map(|(name, cash)| {
        let month = |figure: &Figure| format!("{:.0}", figure.value);
        let months = format!(
            "{} ({} to {})",
            month(&cash.lowest_month_50),
            month(&cash.lowest_month_05),
            month(&cash.lowest_month_95)
        );
        let days = |days: &Option<Figure>| {
            let days = days.as_ref().map_or_else(|| "–".to_owned(), |days| format!("{:.0}", days.value));
            html! { (days) }
        };
        let cells = vec![
            cell(&cash.lowest_mean),
            cell(&cash.lowest_05),
            cell(&cash.lowest_01),
            html! { (months) },
            days(&cash.days_at_lowest_50),
            days(&cash.days_at_lowest_05),
            html! { (cash.probability_below_zero.in_words()) },
        ];
        TableRow::new(name, cells)
    });
    table(&headers.map(str::to_owned), &rows.collect::<Vec<_>>())
}

fn borrowed(contracts: &[(&str, &CashSummary)], discount_rate: f64) -> Markup {
    let headers = [
        "Contract".to_owned(),
        "Most drawn at once, mean".to_owned(),
        "Chance that credit is exhausted".to_owned(),
        "Interest, mean".to_owned(),
        format!("Present value at {}", percent(discount_rate)),
        "Cash at the end, mean".to_owned(),
        "Advances left to repay".to_owned(),
    ];
    let rows = contracts.iter().map(|(name, cash)| {
        let left = cash.advances_left_mean.as_ref().map_or_else(|| html! { "none" }, cell);
        let cells = vec![
            cell(&cash.drawn_mean),
            html! { (cash.probability_exhausted.in_words()) },
            cell(&cash.interest_mean),
            cell(&cash.present_value_mean),
            cell(&cash.end_mean),
            left,
        ];
        TableRow::new(name, cells)
    });
    table(&headers, &rows.collect::<Vec<_>>())
}

fn cell(figure: &Figure) -> Markup {
    beside(money(figure.shown(), false))
}

fn percent(rate: f64) -> String {
    crate::text::percent(rate, 1)
}
