//! Return on risk: what each contract earns for the risk that it takes, which contracts are dominated, and which is best under which
//! preference. No contract is called best without its preference.

use maud::{Markup, html};

use crate::{
    BestContract, BestContractFrom, ContractSummary, Figure, NoReturn, Ranking, RepaymentMechanism, ReturnOn,
    RiskMeasure, Summary,
    figures::{beside, chance, joined, money, named},
    page::{TableRow, table},
    text::{dollars, listed, percent, plain_with_error},
};

/// What stands for a figure that there is not.
const UNKNOWN: &str = "–";

/// Most dominated contracts that a terminal lists.
const LISTED: usize = 3;

/// The section of the page, if there is something to rank.
pub(crate) fn section(summary: &Summary, chart: &Markup) -> Option<Markup> {
    let ranking = summary.ranking.as_ref()?;
    let confidence = percent(ranking.confidence, 0);
    Some(html! {
        (returns(summary, ranking))
        (dominated(summary, ranking))
        (chart)
        h3 { "Best under which preference" }
        ul { @for sentence in sentences(summary, ranking) { li { (sentence) } } }
        p.note { "Differences are those of paired trials, and all that is called separated or dominated holds together with "
            (confidence) " confidence. " b { "Not separated from" } " names contracts that chance may have put after the best. Where a "
            "range has ends, its neighbor is worth as much at the end, and ± says how well the end is known. "
            "This report recommends no contract: the preference is the reader's."
            @if summary.has_exact_laws() { " Ratios and ranks are of the sampled trials, also where a figure above is exact." } }
    })
}

/// One row a contract: what it earns for each dollar of risk.
fn returns(summary: &Summary, ranking: &Ranking) -> Markup {
    let risky: Vec<(&ContractSummary, _)> =
        summary.contracts.iter().filter_map(|contract| Some((contract, contract.return_on_risk.as_ref()?))).collect();
    let mechanisms: Vec<&RepaymentMechanism> =
        risky.iter().filter_map(|(_, returns)| returns.repayment_mechanism.as_ref()).collect();
    let has_mechanism = !mechanisms.is_empty();
    let mut headers = vec![
        "Contract",
        "Mean gain {a year}",
        "TVaR 95 of the loss",
        "Return on TVaR 95",
        "Return on standard deviation",
    ];
    if has_mechanism {
        headers.push("Return a year on repayment mechanism");
    }
    let rows = risky.iter().map(|(contract, returns)| {
        let mut figures = vec![
            contract.cell(RiskMeasure::MeanGain),
            contract.cell(RiskMeasure::TailValueAtRisk95),
            return_on(&returns.on_tvar_95),
            return_on(&returns.on_sd),
        ];
        if has_mechanism {
            figures.push(returns.repayment_mechanism.as_ref().map_or_else(|| html! { (UNKNOWN) }, on_mechanism));
        }
        let mark = if ranking.better_than(&contract.name).is_empty() { "" } else { " (dominated)" };
        TableRow::new(&format!("{}{mark}", contract.marked_name()), figures)
    });
    let has = |reason| {
        let all = risky.iter().flat_map(|(_, returns)| [returns.on_tvar_95, returns.on_sd]);
        all.into_iter().any(|returns| returns == ReturnOn::Absent(reason))
    };
    let mut sources: Vec<&str> = mechanisms.iter().map(|mechanism| mechanism.source.as_str()).collect();
    sources.dedup();
    html! {
        p { "A return is the mean gain for each dollar of risk. TVaR 95 is the mean loss of the worst 5% of "
            (summary.period().say("{years}")) "; below zero, even those bring a gain on average." }
        (table(&headers.iter().map(|header| summary.period().say(header)).collect::<Vec<_>>(), &rows.collect::<Vec<_>>()))
        p.note {
            @if has(NoReturn::NoRisk) { "No risk: the measure of risk is zero or less. " }
            @if has(NoReturn::TouchesZero) { "Risk within noise of zero: its 95% interval touches zero, so that a ratio would mean nothing. " }
            @if has(NoReturn::ErrorUnknown) { "Error unknown: the tail is too heavy, or too few trials are in it. " }
            @if has_mechanism { "A repayment mechanism is collateral for losses that a two-sided track of MSSP requires, in the amount "
                "shown, by " (listed(&sources))
                @if mechanisms.iter().any(|mechanism| mechanism.is_unconfirmed) { "; the shares of that rule are " b { "unconfirmed" } }
                ". " (UNKNOWN) ": no such rule is known." } }
    }
}

fn return_on(returns: &ReturnOn) -> Markup {
    match returns {
        ReturnOn::Ratio(figure) => ratio(figure),
        ReturnOn::Absent(reason) => html! { (reason.to_string()) },
    }
}

/// A ratio with its error, in a table.
fn ratio(figure: &Figure) -> Markup {
    beside(ratio_known(figure))
}

fn ratio_known(figure: &Figure) -> (String, String) {
    if !figure.standard_error.is_finite() {
        return (format!("{:.2}", figure.value), "(error unknown)".to_owned());
    }
    let (value, error) = plain_with_error(figure.value, figure.standard_error);
    (value, if figure.standard_error > 0.0 { error } else { String::new() })
}

fn on_mechanism(mechanism: &RepaymentMechanism) -> Markup {
    html! { (ratio(&mechanism.ratio)) " of " (dollars(mechanism.amount.value)) }
}

/// Which contracts are worse than which in both respects; those of the same better ones stand together.
fn dominated(summary: &Summary, ranking: &Ranking) -> Markup {
    let mut groups: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for contract in &summary.contracts {
        let better = ranking.better_than(&contract.name);
        // What is better than a better one is better too, and says more.
        let (last, dominated): (Vec<&str>, Vec<&str>) =
            better.into_iter().partition(|better| ranking.better_than(better).is_empty());
        let better = if last.is_empty() { dominated } else { last };
        if better.is_empty() {
            continue;
        }
        match groups.iter_mut().find(|(known, _)| *known == better) {
            Some((_, worse)) => worse.push(&contract.name),
            None => groups.push((better, vec![&contract.name])),
        }
    }
    html! {
        @if groups.is_empty() {
            p { "No contract is dominated: none has a lower mean gain and a higher TVaR 95 than another beyond chance." }
        } @else {
            p { "Dominated, with a lower mean gain and a higher TVaR 95 on the same " (summary.period().say("{years}"))
                ", both beyond chance, or one beyond chance and the other equal:" }
            ul { @for (better, worse) in &groups { li { (named(worse)) ": by " (named(better)) "." } } }
        }
    }
}

/// What follows a best contract: those that it is not separated from.
fn rest(names: &[String]) -> Markup {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    html! { @if !names.is_empty() { "; not separated from " (named(&names)) } "." }
}

/// One sentence for every preference.
fn sentences(summary: &Summary, ranking: &Ranking) -> Vec<Markup> {
    let best = |preference: &str, best: &BestContract| {
        html! { "Best for whoever " (preference) ": " b { (best.contract) } (rest(&best.not_separated_from)) }
    };
    let ranged = |preference: &dyn Fn(&str) -> String,
                  ranges: &[BestContractFrom],
                  say: &dyn Fn(&Figure) -> String,
                  below: &str| {
        let sentences = ranges.iter().enumerate().map(|(index, range)| {
            let next = ranges.get(index + 1).and_then(|next| next.from.as_ref());
            let span = match (range.from.as_ref().map(say), next.map(say)) {
                (None, None) => "any number of".to_owned(),
                (None, Some(to)) => format!("{below} {to}"),
                (Some(from), None) => format!("{from} or more"),
                (Some(from), Some(to)) => format!("{from} to {to}"),
            };
            html! { "Best for whoever " (preference(&span)) ": " b { (range.contract) } (rest(&range.not_separated_from)) }
        });
        sentences.collect::<Vec<_>>()
    };
    let amount = |figure: &Figure| joined(money(figure.shown(), false));
    let share = |figure: &Figure| joined(chance(figure.shown(), false));
    let weight = |figure: &Figure| joined(ratio_known(figure));
    let years = summary.period().say("{years}");
    let mut all = vec![best("looks at the mean gain alone", &ranking.highest_mean)];
    all.extend(ranged(
        &|span| format!("wants the highest mean gain and accepts a TVaR 95 of {span}"),
        &ranking.by_limit_on_tvar_95,
        &amount,
        "below",
    ));
    all.extend(ranged(
        &|span| format!("wants the highest mean gain and accepts a loss in {span} of {years}"),
        &ranking.by_limit_on_probability_of_loss,
        &share,
        "below",
    ));
    all.extend(ranged(
        &|span| format!("weighs a dollar of TVaR 95 at {span} dollars of mean gain"),
        &ranking.by_weight_of_tvar_95,
        &weight,
        "less than",
    ));
    all.push(best("looks at TVaR 95 alone", &ranking.least_tvar_95));
    all
}

impl Summary {
    /// Which contract is best under which weight of TVaR 95, and which are dominated, in a few lines; nothing where nothing is ranked.
    pub fn ranking_in_short(&self) -> String {
        let Some(ranking) = &self.ranking else { return String::new() };
        let ranges = &ranking.by_weight_of_tvar_95;
        let spans = ranges.iter().enumerate().map(|(index, range)| {
            let end = ranges.get(index + 1).and_then(|next| next.from.as_ref());
            let end = end.map(|end| format!(" up to {}", joined(ratio_known(end))));
            let level = if range.not_separated_from.is_empty() { "" } else { "*" };
            format!("{}{level}{}", range.contract, end.unwrap_or_default())
        });
        let spans: Vec<String> = spans.collect();
        let mut lines = format!(
            "By the dollars of mean gain that a dollar of TVaR 95 counts for, the best is {}.\n",
            spans.join(", then ")
        );
        if ranges.iter().any(|range| !range.not_separated_from.is_empty()) {
            lines += "* not separated from others, which the report names\n";
        }
        let worse = self.contracts.iter().map(|contract| contract.name.as_str());
        let worse: Vec<&str> = worse.filter(|name| !ranking.better_than(name).is_empty()).collect();
        if !worse.is_empty() {
            let shown = if worse.len() <= LISTED {
                listed(&worse)
            } else {
                format!("{} of {} contracts, which the report names", worse.len(), self.contracts.len())
            };
            lines += &format!("Dominated (lower mean and higher TVaR 95 than another, beyond chance): {shown}.\n");
        }
        lines
    }
}
