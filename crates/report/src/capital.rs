//! The section on what a contract may ask of the provider, and what the provider can pay with.

use maud::{Markup, html};
use twosided_scenario::Scenario;

use crate::{
    CapitalSummary, ContractCapital, CoverChoice, Figure, Mean, RiskBased, SettledBy, Summary,
    figures::{beside, chance, figure, money},
    page::{TableRow, table},
    text::{dollars, dollars_with_error, listed, percent, plain_with_error},
};

/// What stands for a figure that there is not.
const UNKNOWN: &str = "–";

/// The section, if the scenario states what the provider can pay with.
pub(crate) fn section(scenario: &Scenario, summary: &Summary) -> Option<Markup> {
    let capital = summary.capital.as_ref()?;
    let has = |of: SettledBy| capital.contracts.iter().any(|contract| contract.settled_by == of);
    Some(html! {
        h2 { "Can the provider bear it?" }
        p { "What a contract settles is received or owed. "
            @if has(SettledBy::Reconciliation) { "It is the reconciliation after the year, and for reserves also what stop-loss pays and costs. " }
            @if has(SettledBy::GainBeforeCosts) { "Of contracts that take the place of fees, it is the gain before administration and "
                "programs, since nothing else says what they leave. " }
            @if has(SettledBy::Gain) { "This run kept gains alone, so that it is the gain. " }
            "A reserve meets a future if it never falls below zero while what is owed is paid from it"
            @if capital.retained > 0.0 { " and " (percent(capital.retained, 0)) " of what is received stays in it" }
            @else { " and what is received is distributed" } "." }
        (reserves(capital, summary))
        (repayments(capital, summary))
        (risk_based(scenario, capital))
        (covers(capital, summary))
    })
}

fn headers(summary: &Summary, headers: &[&str]) -> Vec<String> {
    headers.iter().map(|header| summary.period().say(header)).collect()
}

fn dollars_of(figure: &Figure) -> Markup {
    beside(money(figure.shown(), figure.bound.is_some()))
}

fn mean_of(Mean { value, standard_error, .. }: Mean) -> Markup {
    let (value, error) = dollars_with_error(value, standard_error);
    figure(&value, &error, standard_error)
}

fn reserves(capital: &CapitalSummary, summary: &Summary) -> Markup {
    let mut titles = vec![
        "Contract",
        "Owed to the payer for the worst year, 1 in 20",
        "1 in 100",
        "Most that the terms allow",
        "Reserve for 90 of 100 futures",
        "95 of 100",
        "99 of 100",
    ];
    let ruin = capital.reserve.map(|reserve| format!("Chance that {} is exhausted", dollars(reserve)));
    titles.extend(ruin.as_deref());
    let row = |contract: &ContractCapital| {
        let owed = [&contract.owed_95, &contract.owed_99].map(dollars_of);
        let most = contract.most_owed.as_ref().map_or_else(|| html! { (UNKNOWN) }, dollars_of);
        let reserves = [&contract.reserve_90, &contract.reserve_95, &contract.reserve_99].map(dollars_of);
        let ruin = contract.probability_of_ruin.as_ref().map(|ruin| beside(chance(ruin.shown(), ruin.bound.is_some())));
        TableRow::new(&contract.contract, owed.into_iter().chain([most]).chain(reserves).chain(ruin).collect())
    };
    let rows: Vec<TableRow> = capital.contracts.iter().map(row).collect();
    html! {
        (table(&headers(summary, &titles), &rows))
        @if capital.contracts.iter().any(|contract| contract.most_owed.is_none()) {
            p.note { (UNKNOWN) ": the terms set no limit to what is owed, or this program knows none of them." }
        }
    }
}

fn repayments(capital: &CapitalSummary, summary: &Summary) -> Markup {
    let required: Vec<_> = capital
        .contracts
        .iter()
        .filter_map(|contract| Some((contract.contract.as_str(), contract.repayment.as_ref()?)))
        .collect();
    if required.is_empty() {
        return html! {};
    }
    let rows = required.iter().map(|(name, repayment)| {
        let cost = repayment.cost.map_or_else(|| html! { (UNKNOWN) }, mean_of);
        let instrument = repayment.instrument.as_deref().unwrap_or(UNKNOWN);
        TableRow::new(name, vec![mean_of(repayment.amount), html! { (instrument) }, cost])
    });
    let named = |wanted: fn(&crate::Repayment) -> bool| -> Vec<&str> {
        required.iter().filter(|(_, repayment)| wanted(repayment)).map(|&(name, _)| name).collect()
    };
    let in_administration = named(|repayment| repayment.is_in_administration);
    let besides = named(|repayment| repayment.cost.is_some() && !repayment.is_in_administration);
    let in_escrow = named(|repayment| repayment.instrument.as_deref() == Some("escrow"));
    let is_by_rule = required.iter().any(|(_, repayment)| !repayment.is_stated);
    html! {
        h3 { "Repayment mechanism" }
        (table(&headers(summary, &["Contract", "Amount", "Instrument", "Cost a year"]), &rows.collect::<Vec<_>>()))
        p.note {
            @if is_by_rule { "The amount is by the contract's rule, whose numbers are " b { "unconfirmed" } ". " }
            @if !in_administration.is_empty() { "The cost is part of the administration of " (listed(&in_administration)) ". " }
            @if !besides.is_empty() { "The cost is no part of the gain of " (listed(&besides)) ". " }
            @if !in_escrow.is_empty() { "The amount is in escrow, out of the provider's reach, under " (listed(&in_escrow)) "." } }
    }
}

fn risk_based(scenario: &Scenario, capital: &CapitalSummary) -> Markup {
    let Some(held) = scenario.capital.as_ref().and_then(|capital| capital.risk_based) else { return html! {} };
    let known: Vec<(&str, &RiskBased)> = capital
        .contracts
        .iter()
        .filter_map(|contract| Some((contract.contract.as_str(), contract.risk_based.as_ref()?)))
        .collect();
    let rows = known.iter().map(|(name, of)| {
        let (ratio, error) = plain_with_error(100.0 * of.ratio.value, 100.0 * of.ratio.standard_error);
        let has_error = of.ratio.standard_error > 0.0 && of.ratio.standard_error.is_finite();
        let ratio = html! { (ratio) "%" @if has_error { " " span.error { (error) "%" } } };
        let level = html! { (of.level) @for other in &of.other_levels { ", or " (other) } };
        TableRow::new(name, vec![dollars_of(&of.at_risk), ratio, level])
    });
    let titles = ["Contract", "At the provider's risk a year", "Capital over the authorized control level", "Level"];
    html! {
        @if !known.is_empty() {
            h3 { "Capital as regulators of insurers measure it" }
            (table(&titles.map(str::to_owned), &rows.collect::<Vec<_>>()))
            p.note { (dollars(held.capital.0)) " of capital, against 1.03 × (H0 + √(H1² + H2² + H3² + H4²)) / 2. H2 is "
                (percent(held.underwriting_factor.value(), 1)) " of what is at the provider's risk: the expenditure that a contract with "
                "losses compares with its benchmark, or else the capitation. The factor and the levels are " b { "unconfirmed" }
                ", and whether a regulator applies them to a provider is not decided here. Where the 95% interval of the ratio "
                "reaches another level, that is named as well." }
        }
    }
}

fn covers(capital: &CapitalSummary, summary: &Summary) -> Markup {
    if capital.covers.is_empty() {
        return html! {};
    }
    let titles = [
        "Contract and attachment point",
        "Expected recovery a year",
        "Premium a year",
        "1-in-20 bad {year}",
        "Mean of the worst 5%",
        "1-in-100 bad {year}",
        "Mean of the worst 1%",
        "Reserve for 95 of 100 futures",
        "99 of 100",
        "Mean gain over the first point",
    ];
    let row = |choice: &CoverChoice| {
        let name = format!("{}, {}", choice.contract, dollars(choice.attachment_point));
        let figures = [
            &choice.expected_recovery,
            &choice.premium,
            &choice.value_at_risk_95,
            &choice.tail_value_at_risk_95,
            &choice.value_at_risk_99,
            &choice.tail_value_at_risk_99,
            &choice.reserve_95,
            &choice.reserve_99,
        ];
        let over = choice.gain_over_first.as_ref().map_or_else(|| html! { (UNKNOWN) }, dollars_of);
        TableRow::new(&name, figures.into_iter().map(dollars_of).chain([over]).collect())
    };
    html! {
        h3 { "Stop-loss at other attachment points" }
        (table(&headers(summary, &titles), &capital.covers.iter().map(row).collect::<Vec<_>>()))
        p.note { "All points are settled on the same sampled years. The premium is the expected recovery and its load; losses are "
            "positive. The last column is by paired trials." }
    }
}
