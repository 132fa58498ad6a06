//! The summary as files that programs read: CSV and JSON.

use twosided_form::{Cells, name_cell};
use twosided_prob::Caution;
use twosided_provider::Line;

use crate::{Figure, Mean, Method, Provenance, ReportError, RiskMeasure, Summary, Unit};

/// Columns of `summary.csv`.
const COLUMNS: [&str; 15] = [
    "scenario",
    "seed",
    "trials",
    "version",
    "contract",
    "lan",
    "year",
    "measure",
    "unit",
    "value",
    "standard_error",
    "lower_95",
    "upper_95",
    "note",
    "bound",
];

/// One row a figure: the run, the contract, the year (empty for the horizon), the figure with its unit, error and interval, and
/// why one of them is empty or not to be relied on, or how it is found; last, the estimated bound of an exact figure.
pub(crate) fn summary_csv(summary: &Summary) -> Result<Vec<u8>, ReportError> {
    let mut out = Cells::new(Vec::new());
    out.row(COLUMNS)?;
    let Provenance { scenario, seed, trials, version, .. } = &summary.provenance;
    let (scenario, seed, trials) = (name_cell(scenario), seed.to_string(), trials.to_string());
    for contract in &summary.contracts {
        let name = name_cell(&contract.name);
        let mut row =
            |year: Option<u32>, measure: &str, unit: Unit, figures: [f64; 4], note: &str, bound: Option<f64>| {
                // What is not known is an empty cell.
                let cell = |figure: f64| if figure.is_finite() { figure.to_string() } else { String::new() };
                let (year, figures) = (year.map_or(String::new(), |year| year.to_string()), figures.map(cell));
                let bound = bound.map_or(String::new(), cell);
                let run = [&*scenario, &seed, &trials, version];
                let cells = run.into_iter().chain([&*name, &contract.lan, &year, measure, unit.name()]);
                out.row(cells.chain(figures.iter().map(String::as_str)).chain([note, &bound]))
            };
        let mut figure = |year: Option<u32>, measure: &str, figure: &Figure| {
            let estimate = figure.estimate();
            let figures = [estimate.value, estimate.standard_error, estimate.lower, estimate.upper];
            let notes = [estimate.caution.map(Caution::reason), figure.method.map(Method::description)];
            let notes: Vec<&str> = notes.into_iter().flatten().collect();
            row(year, measure, figure.unit, figures, &notes.join("; "), figure.bound)
        };
        for (measure, measured) in RiskMeasure::ALL.into_iter().zip(&contract.measures) {
            figure(None, measure.key(), measured)?;
        }
        if let Some(returns) = &contract.return_on_risk {
            let on_mechanism = returns.repayment_mechanism.as_ref().map(|mechanism| &mechanism.ratio);
            let ratios = [
                ("return_on_tvar_95", returns.on_tvar_95.figure()),
                ("return_on_sd", returns.on_sd.figure()),
                ("return_on_repayment_mechanism", on_mechanism),
            ];
            for (measure, ratio) in ratios {
                ratio.map_or(Ok(()), |ratio| figure(None, measure, ratio))?;
            }
        }
        for (line, mean) in Line::ALL.into_iter().zip(&contract.mean_lines) {
            figure(None, &format!("mean_{}", line.name()), mean)?;
        }
        figure(None, "probability_ever_behind", &contract.probability_ever_behind)?;
        figure(None, "probability_of_early_end", &contract.probability_of_early_end)?;
        for of_year in &contract.years {
            let year = Some(of_year.year);
            figure(year, "mean_gain", &of_year.mean_gain)?;
            figure(year, "probability_of_loss", &of_year.probability_of_loss)?;
            figure(year, "cumulative_mean_gain", &of_year.cumulative_mean_gain)?;
            figure(year, "cumulative_gain_quantile_05", &of_year.cumulative_gain_quantile_05)?;
            figure(year, "cumulative_gain_quantile_95", &of_year.cumulative_gain_quantile_95)?;
        }
        for of_year in &contract.years {
            for (measure, mean) in [("benchmark", of_year.benchmark), ("expenditure", of_year.expenditure)] {
                if let Some(Mean { unit, value, standard_error }) = mean {
                    let figures = [value, standard_error, f64::INFINITY, f64::INFINITY];
                    row(Some(of_year.year), measure, unit, figures, "", None)?;
                }
            }
        }
    }
    Ok(out.finish()?)
}

/// The whole summary in one object.
pub(crate) fn summary_json(summary: &Summary) -> Result<Vec<u8>, ReportError> {
    let mut out = serde_json::to_vec_pretty(summary)?;
    out.push(b'\n');
    Ok(out)
}
