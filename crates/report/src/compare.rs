//! One contract against another, on the same years.

use maud::{Markup, html};
use twosided_prob::Estimate;

use crate::{
    RiskMeasure, Summary,
    figures::{beside, money},
    page::{TableRow, table},
    text::dollars,
};

/// Mean gain of one contract less that of another, by their paired trials.
fn difference(summary: &Summary, of: usize, less: usize) -> Option<Estimate> {
    let [of, less] = [of, less].map(|index| summary.contracts[index].name.as_str());
    summary.differences.iter().find_map(|known| match (known.contract.as_str(), known.less.as_str()) {
        pair if pair == (of, less) => Some(known.mean_gain.shown()),
        pair if pair == (less, of) => Some(known.mean_gain.shown().negated()),
        _ => None,
    })
}

/// Whether the interval of a difference leaves out zero.
fn is_beyond_chance(difference: Estimate) -> bool {
    difference.upper < 0.0 || difference.lower > 0.0
}

/// The index of the highest mean gain among those.
pub(crate) fn highest_mean(summary: &Summary, indices: impl Iterator<Item = usize>) -> Option<usize> {
    let mean = |index: usize| summary.contracts[index].measure(RiskMeasure::MeanGain).value;
    indices.max_by(|&a, &b| mean(a).total_cmp(&mean(b)))
}

/// The contract of the highest mean gain among those, and after it all that paired trials cannot rank below it.
pub(crate) fn foremost(summary: &Summary, indices: &[usize]) -> Vec<usize> {
    let Some(best) = highest_mean(summary, indices.iter().copied()) else { return Vec::new() };
    let mean = |index: usize| summary.contracts[index].measure(RiskMeasure::MeanGain).value;
    let is_level = |index: &usize| {
        *index != best && difference(summary, best, *index).is_none_or(|difference| !is_beyond_chance(difference))
    };
    let mut level: Vec<usize> = indices.iter().copied().filter(is_level).collect();
    level.sort_by(|&a, &b| mean(b).total_cmp(&mean(a)));
    level.insert(0, best);
    level
}

/// Each contract against the one with the highest mean.
pub(crate) fn differences(summary: &Summary) -> Markup {
    let all = 0..summary.contracts.len();
    let Some(best) = highest_mean(summary, all.clone()).filter(|_| all.len() > 1) else {
        return html! { p { "There is one contract only." } };
    };
    let rows = all.filter_map(|index| Some((index, difference(summary, index, best)?)));
    let mut rows: Vec<(usize, Estimate)> = rows.collect();
    rows.sort_by(|a, b| b.1.value.total_cmp(&a.1.value));
    let headers = ["Contract", "Difference in mean gain", "95% interval", "Beyond chance?"].map(str::to_owned);
    let row = |(index, difference): (usize, Estimate)| {
        let interval = html! { (dollars(difference.lower)) " to " (dollars(difference.upper)) };
        let beyond = if is_beyond_chance(difference) { "yes" } else { "no" };
        let (of, best) = (&summary.contracts[index], &summary.contracts[best]);
        let shown = beside(money(difference, of.has_exact_law() && best.has_exact_law()));
        TableRow::new(&of.name, vec![shown, interval, html! { (beyond) }])
    };
    let rows: Vec<TableRow> = rows.into_iter().map(row).collect();
    html! {
        p { "Mean gain of each contract less that of " b { (summary.contracts[best].name) } ", year by year: luck "
            "common to both cancels out." }
        (table(&headers, &rows))
        p.note { "The means differ beyond chance where the interval leaves out zero. A higher mean is not a better contract: "
            "look at the bad years too. Among many comparisons, one in twenty seems to differ by chance alone."
            @if summary.has_both_methods() { " A difference is sampled, by paired trials, unless both gains are exact: beside an exact mean "
                "it differs from the difference of the means shown above by chance." } }
    }
}
