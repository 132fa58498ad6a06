//! The figures as files that programs read: CSV and JSON.

use serde_json::{Value, json};
use twosided_form::{Cells, name_cell};
use twosided_prob::{Caution, Estimate, GENERATOR};
use twosided_provider::Line;
use twosided_units::Share;

use crate::{Provenance, ReportError, RiskMeasure, Summary, YearSummary};

/// One row a figure: contract, its category, measure, unit, value, standard error and 95% interval, and why one of them is
/// empty or not to be relied on.
pub(crate) fn summary_csv(summary: &Summary) -> Result<Vec<u8>, ReportError> {
    let mut out = Cells::new(Vec::new());
    out.row(["contract", "lan", "measure", "unit", "value", "standard_error", "lower_95", "upper_95", "note"])?;
    let unit = summary.period.say("USD {a year}");
    for contract in &summary.contracts {
        let name = name_cell(&contract.name);
        let mut row = |measure: &str, unit: &str, estimate: Estimate| {
            let Estimate { value, standard_error, lower, upper, caution } = estimate;
            // What is not known is an empty cell.
            let cell = |figure: f64| if figure.is_finite() { figure.to_string() } else { String::new() };
            let figures = [value, standard_error, lower, upper].map(cell);
            let cells = [&*name, contract.lan, measure, unit].into_iter().chain(figures.iter().map(String::as_str));
            out.row(cells.chain([caution.map_or("", Caution::reason)]))
        };
        for measure in RiskMeasure::ALL {
            row(measure.key(), &measure.unit(summary.period), contract.measure(measure))?;
        }
        for (line, mean) in Line::ALL.into_iter().zip(&contract.lines) {
            row(&format!("mean_{}", line.name()), &unit, *mean)?;
        }
        if summary.period.years > 1 {
            for (number, year) in (1..).zip(&contract.years) {
                row(&format!("mean_gain_year_{number}"), "USD a year", year.gain)?;
                row(&format!("probability_of_loss_year_{number}"), "probability", year.loss)?;
            }
            row("probability_ever_behind", "probability", contract.ever_behind)?;
            row("probability_of_early_end", "probability", contract.ends_early)?;
        }
    }
    Ok(out.finish()?)
}

fn estimate_json(estimate: Estimate) -> Value {
    let Estimate { value, standard_error, lower, upper, caution } = estimate;
    let note = caution.map(Caution::reason);
    json!({ "value": value, "standard_error": standard_error, "lower_95": lower, "upper_95": upper, "note": note })
}

/// A mean over trials with its standard error.
pub(crate) fn mean_json((value, standard_error): (f64, f64)) -> Value {
    json!({ "value": value, "standard_error": standard_error })
}

/// Leaves out what is not known or does not apply: no key has a null.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(entries) => {
            let known = entries.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(known.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(without_nulls).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn year_json(year: &YearSummary) -> Value {
    let compared = year.compared.map(|compared| compared.map(mean_json));
    let [benchmark, expenditure] = compared.map_or([Value::Null, Value::Null], |compared| compared);
    let level = |level| estimate_json(year.cumulative.quantile(Share::new(level).expect("levels are shares")));
    json!({
        "mean_gain": estimate_json(year.gain), "probability_of_loss": estimate_json(year.loss), "in_force": year.in_force,
        "cumulative_mean_gain": estimate_json(year.cumulative.mean()),
        "cumulative_gain_quantile_05": level(0.05), "cumulative_gain_quantile_95": level(0.95),
        "benchmark_per_capita": benchmark, "expenditure_per_capita": expenditure,
    })
}

/// Everything that the report shows, in one object. A figure that is not known has no key.
pub(crate) fn summary_json(summary: &Summary, provenance: &Provenance) -> Result<Vec<u8>, ReportError> {
    let contracts: Vec<Value> = summary
        .contracts
        .iter()
        .map(|contract| {
            let measures: serde_json::Map<String, Value> = RiskMeasure::ALL
                .into_iter()
                .map(|measure| (measure.key().to_owned(), estimate_json(contract.measure(measure))))
                .collect();
            let lines: serde_json::Map<String, Value> = Line::ALL
                .into_iter()
                .zip(&contract.lines)
                .map(|(line, mean)| (line.name().to_owned(), estimate_json(*mean)))
                .collect();
            let years: Vec<Value> = contract.years.iter().map(year_json).collect();
            json!({
                "name": contract.name, "lan": contract.lan, "kind": contract.kind,
                "measures": measures, "mean_lines": lines, "years": years,
                "probability_ever_behind": estimate_json(contract.ever_behind),
                "probability_of_early_end": estimate_json(contract.ends_early),
            })
        })
        .collect();
    let name = |index: usize| summary.contracts[index].name.as_str();
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
            json!({
                "segment": figure.segment, "service": figure.service, "person_years": figure.person_years,
                "per_capita": mean_json(figure.per_capita), "expected_per_capita": figure.expected_per_capita,
                "per_1000": figure.per_1000.map(mean_json),
            })
        })
        .collect();
    let document = json!({
        "scenario": provenance.scenario, "trials": provenance.trials, "years": summary.period.years, "seed": provenance.seed,
        "version": provenance.version, "commit": provenance.commit, "generator": GENERATOR,
        "scenario_sha256": provenance.scenario_sha256, "outcomes_sha256": provenance.outcomes_sha256,
        "units": summary.period.say("USD {a year}; a gain is the provider's, against fee-for-service on the same years; a loss is its opposite"),
        "contracts": contracts, "differences": differences, "population": population,
        "expected": summary.expected.json(),
    });
    let mut out = serde_json::to_vec_pretty(&without_nulls(document))?;
    out.push(b'\n');
    Ok(out)
}
