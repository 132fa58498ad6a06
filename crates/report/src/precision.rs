//! Whether there are enough trials.

use maud::{Markup, html};
use twosided_prob::Estimate;
use twosided_units::grouped;

use crate::{
    RiskMeasure, Summary,
    page::{TableRow, table},
    text::listed,
};

/// Trials from which fifty stand in the worst hundredth, which its error needs.
pub(crate) const TRIALS_FOR_A_TAIL: u64 = 5_000;

/// What stands for a figure that is not known.
const UNKNOWN: &str = "–";

/// The relative error of the mean, and how many trials one percent would take.
pub(crate) fn precision(summary: &Summary, trials: u64) -> Markup {
    let percent = |share: f64| if share.is_finite() { format!("{:.1}%", 100.0 * share) } else { UNKNOWN.to_owned() };
    let headers = ["Contract", "Error of the mean", "Error of the worst 1%", "Trials for a 1% error of the mean"];
    let figures = summary.contracts.iter().filter(|contract| !contract.is_reference).map(|contract| {
        let [mean, tail] =
            [RiskMeasure::MeanGain, RiskMeasure::TailValueAtRisk99].map(|measure| contract.shown(measure));
        let of_mean = relative(mean);
        let needed = match trials as f64 * (of_mean / 0.01).powi(2) {
            _ if of_mean <= 0.01 => "reached".to_owned(),
            needed @ ..1e12 => grouped(&rounded(needed)),
            _ => UNKNOWN.to_owned(),
        };
        if contract.has_exact_law() {
            let exact = || "exact".to_owned();
            return (contract.name.as_str(), [exact(), exact(), "none".to_owned()]);
        }
        (contract.name.as_str(), [percent(of_mean), percent(relative(tail)), needed])
    });
    let figures: Vec<(&str, [String; 3])> = figures.collect();
    let has_unknown = figures.iter().any(|(_, figures)| figures.iter().any(|figure| figure == UNKNOWN));
    let row =
        |(name, figures): (&str, [String; 3])| TableRow::new(name, figures.map(|figure| html! { (figure) }).into());
    let rows: Vec<TableRow> = figures.into_iter().map(row).collect();
    let sampled = summary.sampled_tails();
    html! {
        (table(&headers.map(str::to_owned), &rows))
        @if trials < TRIALS_FOR_A_TAIL && !sampled.is_empty() {
            p { b { "Too few trials for the tail" @if summary.has_both_methods() { " of " (listed(&sampled)) } ": " } "the worst 1% of " (grouped(&trials.to_string())) " trials are "
                (trials.div_ceil(100)) ". Its figures and their errors are rough below "
                (grouped(&TRIALS_FOR_A_TAIL.to_string())) " trials." }
        }
        p.note { "Errors are standard errors as a share of the figure. A mean near zero has a large relative error however "
            "many trials there are."
            @if has_unknown { " A dash (" (UNKNOWN) ") means that the figure is zero, so that an error cannot be a share of it, or "
                "that its tail is so heavy that the error cannot be estimated." } }
    }
}

/// The error as a share of the figure; a figure without an error has none, whatever it is.
fn relative(Estimate { value, standard_error, .. }: Estimate) -> f64 {
    match (standard_error, value) {
        (0.0, _) => 0.0,
        (_, 0.0) => f64::INFINITY,
        (error, value) => (error / value).abs(),
    }
}

/// A count to two significant digits.
fn rounded(count: f64) -> String {
    let unit = 10_f64.powf(count.log10().floor() - 1.0).max(1.0);
    format!("{:.0}", (count / unit).ceil() * unit)
}
