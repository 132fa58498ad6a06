//! The figures as a table for a terminal.

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use twosided_prob::Caution;
use twosided_units::grouped;

use crate::{
    ContractSummary, RiskMeasure, Summary,
    precision::TRIALS_FOR_A_TAIL,
    text::{dollars_known, exact_amount, exact_share, heavy_tail_note, percent_with_error},
};

/// A line under the header, and none elsewhere.
pub(crate) const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// One row a contract; each figure with its standard error.
pub(crate) fn table(summary: &Summary, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.unwrap_or(160).max(60));
    table.set_header(["Contract", "LAN", "Mean gain", "SD", "P(loss)", "VaR 95%", "VaR 99%", "TVaR 99%"]);
    for contract in &summary.contracts {
        let money = |measure: RiskMeasure| {
            let estimate = contract.shown(measure);
            if contract.is_exact(measure) {
                return exact_amount(estimate.value, estimate.standard_error);
            }
            joined(dollars_known(&estimate), estimate.standard_error)
        };
        let loss = contract.shown(RiskMeasure::ProbabilityOfLoss);
        let mut row = vec![Cell::new(&contract.name), Cell::new(&contract.lan)];
        if contract.is_reference {
            row.push(right("reference".to_owned()));
        } else {
            let chance = if contract.is_exact(RiskMeasure::ProbabilityOfLoss) {
                exact_share(loss.value, loss.standard_error)
            } else {
                joined(percent_with_error(loss.value, loss.standard_error), loss.standard_error)
            };
            row.extend([right(money(RiskMeasure::MeanGain)), right(money(RiskMeasure::SdGain)), right(chance)]);
            let tails = [RiskMeasure::ValueAtRisk95, RiskMeasure::ValueAtRisk99, RiskMeasure::TailValueAtRisk99];
            row.extend(tails.map(|measure| right(money(measure))));
        }
        table.add_row(row);
    }
    let is_heavy = |contract: &&ContractSummary| {
        let shown = [RiskMeasure::MeanGain, RiskMeasure::SdGain, RiskMeasure::TailValueAtRisk99];
        shown.iter().any(|&measure| contract.shown(measure).caution == Some(Caution::HeavyTail))
    };
    let heavy: Vec<&str> = summary.contracts.iter().filter(is_heavy).map(|contract| contract.name.as_str()).collect();
    let mut notes = if heavy.is_empty() { String::new() } else { heavy_tail_note(&heavy) + "\n" };
    if let Some(methods) = summary.methods() {
        notes += &(methods + "\n");
    }
    let trials = summary.provenance.trials;
    if trials < TRIALS_FOR_A_TAIL && summary.has_sampled_tail() {
        let tail = trials.div_ceil(100);
        let years = summary.period().say("{years}");
        let rough = format!(
            "The worst 1% of {} {years} are {tail}: VaR 99% and TVaR 99% are rough.",
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
                .map(|year| right(joined(dollars_known(&year.mean_gain.estimate()), year.mean_gain.standard_error))),
        );
        row.extend([contract.probability_ever_behind, contract.probability_of_early_end].map(|chance| {
            let chance = contract.certainly(chance.estimate());
            right(joined(percent_with_error(chance.value, chance.standard_error), chance.standard_error))
        }));
        table.add_row(row);
    }
    format!("\n{table}\n")
}

pub(crate) fn right(text: String) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

fn joined((value, error): (String, String), standard_error: f64) -> String {
    if standard_error > 0.0 { format!("{value} {error}") } else { value }
}
