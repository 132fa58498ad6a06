//! The second run's figures for services that follow figures from commit to commit.

use std::collections::BTreeMap;

use serde::Serialize;
use twosided_report::{Figure, Summary};

use super::family::{Entry, entries};

/// A metric of Bencher: a figure and, where they are known, the ends of its interval.
#[derive(Serialize)]
struct Metric {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper_value: Option<f64>,
}

/// A row of github-action-benchmark.
#[derive(Serialize)]
struct Row {
    name: String,
    unit: &'static str,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    extra: String,
}

/// JSON with a line for each key, and a last end of line.
pub(super) fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("numbers are finite and keys are text") + "\n"
}

/// What a figure is of, with its year.
fn subject(entry: &Entry) -> String {
    entry.year.map_or_else(|| entry.subject.to_string(), |year| format!("{}, year {year}", entry.subject))
}

/// The ends of a figure's interval: of what has none, two standard errors away.
pub(super) fn ends(figure: &Figure) -> [Option<f64>; 2] {
    let estimate = figure.shown();
    let known = |end: f64, side: f64| {
        let by_error = estimate.value + side * 1.96 * estimate.standard_error;
        [end, by_error].into_iter().find(|end| end.is_finite())
    };
    [known(estimate.lower, -1.0), known(estimate.upper, 1.0)]
}

/// Figures in Bencher Metric Format: a benchmark for each contract, with a measure for each figure.
pub fn bencher(summary: &Summary) -> String {
    let mut benchmarks: BTreeMap<String, BTreeMap<String, Metric>> = BTreeMap::new();
    for entry in entries(summary) {
        let [lower_value, upper_value] = ends(&entry.figure);
        let metric = Metric { value: entry.figure.value, lower_value, upper_value };
        benchmarks.entry(subject(&entry)).or_default().insert(entry.measure, metric);
    }
    pretty(&benchmarks)
}

/// Figures as github-action-benchmark reads them with a custom tool.
pub fn benchmark_action(summary: &Summary) -> String {
    let rows = entries(summary).into_iter().map(|entry| {
        let [lower, upper] = ends(&entry.figure).map(|end| end.map_or("unknown".to_owned(), |end| end.to_string()));
        let error = entry.figure.shown().standard_error;
        Row {
            name: format!("{} / {}", subject(&entry), entry.measure),
            unit: entry.figure.unit.name(),
            value: entry.figure.value,
            range: error.is_finite().then(|| format!("± {error}")),
            extra: format!("95% interval from {lower} to {upper}"),
        }
    });
    pretty(&rows.collect::<Vec<Row>>())
}
