//! The section on how settlements are divided within the provider.

use maud::{Markup, html};

use crate::{
    ContractSurplus, Summary, SurplusPart,
    figures::{amount, probability},
    page::{TableRow, table},
    text::dollars,
};

/// The section, if the scenario says how a surplus is shared.
pub(crate) fn section(summary: &Summary) -> Option<Markup> {
    let surplus = summary.surplus.as_ref()?;
    Some(html! {
        h2 { "Sharing the surplus" }
        p { "What a contract settles "
            @if surplus.costs_first { "is divided after administration and programs. " } @else { "is divided as it is, and costs come off later. " }
            "The reserve begins with " (dollars(surplus.opening_reserve))
            @if surplus.floor > 0.0 { ", and nothing is distributed until it holds " (dollars(surplus.floor)) } "." }
        @for contract in &surplus.contracts { (parts(contract, summary)) }
        p.note { "Losses are what a part bears. Nothing is paid also where the surplus ends before a part's turn." }
    })
}

fn parts(contract: &ContractSurplus, summary: &Summary) -> Markup {
    let titles =
        ["Part", "Mean {a year}", "5%", "Median", "95%", "Mean of losses borne", "Years in which nothing is paid"];
    let row = |part: &SurplusPart, name: &str| {
        let amounts = [&part.mean, &part.quantile_05, &part.quantile_50, &part.quantile_95, &part.losses];
        let mut figures: Vec<Markup> = amounts.map(|figure| amount(figure.estimate())).into();
        figures.push(probability(part.years_without.estimate()));
        TableRow::new(name, figures)
    };
    let mut rows: Vec<TableRow> = contract.participants.iter().map(|part| row(part, &part.name)).collect();
    rows.extend([row(&contract.reserve, "Reserve"), row(&contract.kept, "Provider")]);
    html! {
        h3 { (contract.contract) }
        p { "On average, " (amount(contract.divided.estimate())) " " (summary.period().say("{a year}")) " is divided." }
        (table(&titles.map(|title| summary.period().say(title)), &rows))
    }
}
