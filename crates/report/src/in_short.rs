//! The answer in sentences. What chance may have decided is not called the highest or the hardest.

use maud::{Markup, html};

use crate::{
    ContractSummary, RiskMeasure, Summary,
    compare::foremost,
    figures::{interval, named},
    text::percent,
};

pub(crate) fn in_short(summary: &Summary) -> Markup {
    let risky: Vec<usize> =
        (0..summary.contracts.len()).filter(|&index| !summary.contracts[index].is_reference).collect();
    if risky.is_empty() {
        return html! { p { "Fee-for-service alone is the only contract here." } };
    }
    html! {
        ul {
            (means(summary, &foremost(summary, &risky)))
            (bad_years(summary, &risky))
            (without_loss(summary, &risky))
        }
    }
}

fn names<'a>(summary: &'a Summary, indices: &[usize]) -> Vec<&'a str> {
    indices.iter().map(|&index| summary.contracts[index].name.as_str()).collect()
}

/// On the highest mean; `level` has it first, and all that cannot be ranked below it.
fn means(summary: &Summary, level: &[usize]) -> Markup {
    let say = |text: &str| summary.period().say(text);
    let names = names(summary, level);
    let best = &summary.contracts[level[0]];
    let mean = best.shown(RiskMeasure::MeanGain);
    let several = names.len() > 1;
    html! {
        li {
            @if mean.upper <= 0.0 {
                "No contract here is expected to bring more than fee-for-service. The least is lost, on average, under "
                (named(&names)) @if several { "; this run cannot rank them. Under the first it is " } @else { ": " }
                (best.in_words(RiskMeasure::MeanGain)) (say(" {a year}")) "."
            } @else {
                (named(&names))
                @if several { " have the highest mean gains; this run cannot rank them. That of the first is " }
                @else { " has the highest mean gain: " }
                (best.in_words(RiskMeasure::MeanGain)) (say(" {a year}")) ", with a loss in "
                (best.in_words(RiskMeasure::ProbabilityOfLoss))
                (say(" of {years}"))
                @if mean.lower <= 0.0 {
                    "; this run cannot say whether it is a gain at all: the 95% interval is " (interval(mean))
                }
                "."
            }
        }
    }
}

/// On the worst bad years: each contract has an interval, but the difference of two contracts has none.
fn bad_years(summary: &Summary, risky: &[usize]) -> Markup {
    let say = |text: &str| summary.period().say(text);
    let loss = |index: usize| summary.contracts[index].shown(RiskMeasure::ValueAtRisk95);
    let mut rising = risky.to_vec();
    rising.sort_by(|&a, &b| loss(b).value.total_cmp(&loss(a).value));
    let worst = rising[0];
    let reach: Vec<usize> =
        rising[1..].iter().copied().filter(|&index| loss(index).upper >= loss(worst).lower).collect();
    // Contracts under which the interval leaves open whether a bad year costs anything.
    let open: Vec<usize> = risky.iter().copied().filter(|&index| loss(index).upper > 0.0).collect();
    html! {
        li {
            @if loss(worst).lower > 0.0 {
                (named(&names(summary, &[worst])))
                @if summary.contracts[worst].is_exact(RiskMeasure::ValueAtRisk95) { (say(" has the worst bad {years}: at least one {year} in ")) }
                @else { (say(" has the worst bad {years} of those sampled: at least one {year} in ")) }
                "twenty costs the provider " (summary.contracts[worst].in_words(RiskMeasure::ValueAtRisk95))
                " or more, and the worst twentieth costs "
                (summary.contracts[worst].in_words(RiskMeasure::TailValueAtRisk95)) " on average."
                @if !reach.is_empty() {
                    (say(" The bad {years} of ")) (named(&names(summary, &reach)))
                    " may be as bad: the 95% intervals overlap."
                }
            } @else if open.is_empty() {
                (say("Under no contract does one {year} in twenty cost the provider anything."))
            } @else {
                (say("This run cannot say whether one {year} in twenty costs the provider anything under "))
                (named(&names(summary, &open))) ": the estimate of the most that it costs is "
                (summary.contracts[worst].in_words(RiskMeasure::ValueAtRisk95))
                ", its 95% interval " (interval(loss(worst))) "."
            }
        }
    }
}

/// On contracts without a sampled loss. What is the same in every trial has no interval.
fn without_loss(summary: &Summary, risky: &[usize]) -> Markup {
    let say = |text: &str| summary.period().say(text);
    let contracts = || risky.iter().map(|&index| &summary.contracts[index]);
    let names = |kept: &dyn Fn(&ContractSummary) -> bool| -> Vec<&str> {
        contracts().filter(|contract| kept(contract)).map(|contract| contract.name.as_str()).collect()
    };
    let chance = |contract: &ContractSummary| contract.shown(RiskMeasure::ProbabilityOfLoss);
    let is_exact = |contract: &ContractSummary| contract.is_exact(RiskMeasure::ProbabilityOfLoss);
    let never =
        |contract: &ContractSummary| !contract.is_certain() && !is_exact(contract) && chance(contract).value == 0.0;
    // Fewer than are shown in a table.
    let hardly =
        |contract: &ContractSummary| !contract.is_certain() && is_exact(contract) && chance(contract).upper < 5e-6;
    let at_most =
        contracts().filter(|contract| never(contract)).map(|contract| chance(contract).upper).fold(0.0, f64::max);
    let (never, hardly, certain) = (names(&never), names(&hardly), names(&ContractSummary::is_certain));
    html! {
        @if !never.is_empty() {
            li { (say("No sampled {year} brought a loss under ")) (named(&never)) (say(": by the 95% interval, at most "))
                (percent(at_most, 2)) (say(" of {years} would.")) }
        }
        @if !hardly.is_empty() {
            li { (say("Fewer than one {year} in 100,000 brings a loss under ")) (named(&hardly)) "." }
        }
        @if !certain.is_empty() {
            li { (named(&certain)) @if certain.len() > 1 { " each bring" } @else { " brings" }
                (say(" the same gain in every sampled {year}.")) }
        }
    }
}
