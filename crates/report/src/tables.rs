//! The figures as files that programs read: CSV and JSON.

use serde_json::{Value, json};
use twosided_prob::{Estimate, GENERATOR};
use twosided_provider::Line;

use crate::{Measure, Provenance, ReportError, Summary};

/// A cell of user text that no spreadsheet takes for a formula.
pub(crate) fn text_cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// One row a figure: contract, its category, measure, unit, value, standard error and 95% interval.
pub(crate) fn summary_csv(summary: &Summary) -> Result<Vec<u8>, ReportError> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["contract", "lan", "measure", "unit", "value", "standard_error", "lower_95", "upper_95"])?;
    for contract in &summary.contracts {
        let name = text_cell(&contract.name);
        let mut row = |measure: &str, unit: &str, estimate: Estimate| {
            let Estimate { value, standard_error, lower, upper } = estimate;
            let figures = [value, standard_error, lower, upper].map(|figure| figure.to_string());
            let cells =
                [name.as_str(), contract.lan, measure, unit].into_iter().chain(figures.iter().map(String::as_str));
            out.write_record(cells)
        };
        for measure in Measure::ALL {
            row(measure.key(), measure.unit(), contract.measure(measure))?;
        }
        for (line, mean) in Line::ALL.into_iter().zip(&contract.lines) {
            row(&format!("mean_{}", line.name()), "USD a year", *mean)?;
        }
    }
    out.into_inner().map_err(|error| ReportError::Csv(error.into_error().into()))
}

fn estimate_json(estimate: Estimate) -> Value {
    let Estimate { value, standard_error, lower, upper } = estimate;
    json!({ "value": value, "standard_error": standard_error, "lower_95": lower, "upper_95": upper })
}

/// Everything that the report shows, in one object.
pub(crate) fn summary_json(summary: &Summary, provenance: &Provenance) -> Result<Vec<u8>, ReportError> {
    let contracts: Vec<Value> = summary
        .contracts
        .iter()
        .map(|contract| {
            let measures: serde_json::Map<String, Value> = Measure::ALL
                .into_iter()
                .map(|measure| (measure.key().to_owned(), estimate_json(contract.measure(measure))))
                .collect();
            let lines: serde_json::Map<String, Value> = Line::ALL
                .into_iter()
                .zip(&contract.lines)
                .map(|(line, mean)| (line.name().to_owned(), estimate_json(*mean)))
                .collect();
            json!({
                "name": contract.name, "lan": contract.lan, "kind": contract.kind,
                "measures": measures, "mean_lines": lines,
            })
        })
        .collect();
    let name = |place: usize| summary.contracts[place].name.as_str();
    let differences: Vec<Value> = summary
        .differences
        .iter()
        .map(|difference| {
            json!({
                "contract": name(difference.of), "less": name(difference.less),
                "mean_gain_difference": estimate_json(difference.mean),
            })
        })
        .collect();
    let population: Vec<Value> = summary
        .population
        .iter()
        .map(|figure| {
            let estimate =
                |(value, standard_error): (f64, f64)| json!({ "value": value, "standard_error": standard_error });
            json!({
                "segment": figure.segment, "service": figure.service, "person_years": figure.person_years,
                "per_capita": estimate(figure.per_capita), "expected_per_capita": figure.expected_per_capita,
                "per_1000": figure.per_1000.map(estimate),
            })
        })
        .collect();
    let document = json!({
        "scenario": provenance.scenario, "trials": provenance.trials, "seed": provenance.seed,
        "version": provenance.version, "commit": provenance.commit, "generator": GENERATOR,
        "scenario_sha256": provenance.scenario_sha256, "outcomes_sha256": provenance.outcomes_sha256,
        "units": "USD a year; a gain is the provider's, against fee-for-service on the same years; a loss is its opposite",
        "contracts": contracts, "differences": differences, "population": population,
    });
    let mut out = serde_json::to_vec_pretty(&document)?;
    out.push(b'\n');
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_a_formula() {
        assert_eq!(text_cell("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        for text in ["+1", "-1", "@x"] {
            assert_eq!(text_cell(text), format!("'{text}"));
        }
        assert_eq!(text_cell("MSSP = best"), "MSSP = best");
    }
}
