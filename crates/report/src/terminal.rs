//! The figures as a table for a terminal.

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use twosided_prob::Caution;
use twosided_units::grouped;

use crate::{
    ContractSummary, RiskMeasure, Summary,
    figures::{self, chance, joined, money},
    precision::TRIALS_FOR_A_TAIL,
    text::{heavy_tail_note, listed},
};

/// A line under the header, and none elsewhere.
pub(crate) const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// What the report says first, then one row a contract; each figure with its standard error.
pub(crate) fn table(summary: &Summary, width: Option<u16>) -> String {
    let lead = summary.lead();
    let figures = of_contracts(summary, width);
    if lead.is_empty() { figures } else { format!("{}\n\n{figures}", lead.join("\n")) }
}

/// One row a contract.
fn of_contracts(summary: &Summary, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.unwrap_or(160).max(60));
    table.set_header(["Contract", "LAN", "Mean gain", "SD", "P(loss)", "VaR 95%", "VaR 99%", "TVaR 99%"]);
    for contract in &summary.contracts {
        let figure = |measure: RiskMeasure| {
            let (estimate, is_exact) = (contract.shown(measure), contract.is_exact(measure));
            joined(if measure.is_probability() { chance(estimate, is_exact) } else { money(estimate, is_exact) })
        };
        let mut row = vec![Cell::new(contract.marked_name()), Cell::new(&contract.lan)];
        if contract.is_reference {
            row.push(right("reference".to_owned()));
        } else {
            let shown = [
                RiskMeasure::MeanGain,
                RiskMeasure::SdGain,
                RiskMeasure::ProbabilityOfLoss,
                RiskMeasure::ValueAtRisk95,
                RiskMeasure::ValueAtRisk99,
                RiskMeasure::TailValueAtRisk99,
            ];
            row.extend(shown.map(|measure| right(figure(measure))));
        }
        table.add_row(row);
    }
    let is_heavy = |contract: &&ContractSummary| {
        let shown = [RiskMeasure::MeanGain, RiskMeasure::SdGain, RiskMeasure::TailValueAtRisk99];
        shown.iter().any(|&measure| contract.shown(measure).caution == Some(Caution::HeavyTail))
    };
    let heavy: Vec<&str> = summary.contracts.iter().filter(is_heavy).map(|contract| contract.name.as_str()).collect();
    let mut notes = if heavy.is_empty() { String::new() } else { heavy_tail_note(&heavy) + "\n" };
    notes += &summary.ranking_in_short();
    for practice in &summary.practice {
        notes += &(practice.in_short() + "\n");
    }
    if let Some(methods) = summary.methods() {
        notes += &(methods + "\n");
    }
    let trials = summary.provenance.trials;
    let sampled = summary.sampled_tails();
    if trials < TRIALS_FOR_A_TAIL && !sampled.is_empty() {
        let tail = trials.div_ceil(100);
        let years = summary.period().say("{years}");
        let of = if summary.has_both_methods() { format!(" of {}", listed(&sampled)) } else { String::new() };
        let rough = format!(
            "The worst 1% of {} {years} are {tail}: VaR 99% and TVaR 99%{of} are rough.",
            grouped(&trials.to_string())
        );
        return format!("{table}\n{rough}\n{notes}{}", by_year(summary, width));
    }
    format!("{table}\n{notes}{}", by_year(summary, width))
}

/// Mean gains year by year, for a horizon of several.
fn by_year(summary: &Summary, width: Option<u16>) -> String {
    if summary.period().years == 1 {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.unwrap_or(160).max(60));
    let shown = summary.period().years.min(6);
    let years = (1..=shown).map(|year| format!("Year {year}"));
    let header = ["Mean gain by year".to_owned()].into_iter().chain(years);
    table.set_header(header.chain(["Ever behind".to_owned(), "Ends early".to_owned()]));
    for contract in summary.contracts.iter().filter(|contract| !contract.is_reference) {
        let mut row = vec![Cell::new(&contract.name)];
        row.extend(
            contract
                .years
                .iter()
                .take(shown as usize)
                .map(|year| right(joined(money(year.mean_gain.estimate(), false)))),
        );
        row.extend(
            [contract.probability_ever_behind, contract.probability_of_early_end]
                .map(|chance| right(joined(figures::chance(contract.certainly(chance.estimate()), false)))),
        );
        table.add_row(row);
    }
    format!("\n{table}\n")
}

/// A plain table for a terminal of that width, in characters, whose columns after the first `left` ones are set to the right.
pub fn text_table(header: &[&str], rows: Vec<Vec<String>>, left: usize, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.unwrap_or(160).max(60));
    table.set_header(header.iter().copied());
    for row in rows {
        let cells = row.into_iter().enumerate();
        table.add_row(cells.map(|(column, text)| if column < left { Cell::new(text) } else { right(text) }));
    }
    format!("{table}\n")
}

pub(crate) fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}
