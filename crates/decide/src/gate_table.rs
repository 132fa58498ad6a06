//! Judged limits as a table for a terminal, and as JSON for a program.

use serde_json::{Value, json};
use twosided_report::text_table;
use twosided_units::{Share, grouped};

use crate::gate::{Judged, percent};

/// One row a limit, for a terminal of that width, in characters.
pub fn table_of_limits(judged: &[Judged], confidence: Share, width: Option<u16>) -> String {
    let known = format!("Known with {} confidence", percent(confidence.value()));
    let header = ["Contract", "Limit", "Figure", &known, "Trials", "Verdict"];
    let row = |of: &Judged| {
        let trials = if of.is_exact { "exact".to_owned() } else { grouped(&of.trials.to_string()) };
        let verdict = of.verdict.word().to_owned();
        vec![of.limit.subject(), of.limit.title(), of.figure(), of.known(), trials, verdict]
    };
    text_table(&header, judged.iter().map(row).collect(), 2, width)
}

/// Every limit with its figures, as JSON.
pub fn json_of_limits(title: &str, judged: &[Judged], confidence: Share) -> String {
    let number = |figure: f64| if figure.is_finite() { json!(figure) } else { Value::Null };
    let limit = |of: &Judged| {
        json!({
            "contract": of.limit.contract,
            "less": of.limit.less,
            "name": of.limit.name,
            "require": of.limit.require.to_string(),
            "verdict": of.verdict.word(),
            "value": number(of.estimate.value),
            "standard_error": number(if of.is_exact { 0.0 } else { of.estimate.standard_error }),
            "lower": number(of.bounds.lower),
            "upper": number(of.bounds.upper),
            "is_exact": of.is_exact,
            "caution": of.caution.map(twosided_prob::Caution::reason),
            "trials": of.trials,
        })
    };
    let limits: Vec<Value> = judged.iter().map(limit).collect();
    format!("{:#}\n", json!({ "title": title, "confidence": confidence.value(), "limits": limits }))
}
