//! A settlement explained step by step, in words and dollars, with the rule that each step follows.

use std::collections::BTreeMap;

use twosided_contracts::{
    AGREED, CARRIED, CoverPayments, OBSERVED, SO_FAR, Settled, Settlement, Step, StepUnit, UPDATED,
};
use twosided_provider::Line;
use twosided_sim::Replayed;
use twosided_units::Dollars;

use crate::html::line_title;

/// The steps of a settlement, numbered; each computed one with its formula in words, then in figures.
pub fn explain_settlement(settlement: &Settlement, covers: CoverPayments, administration: Dollars) -> String {
    let mut text = String::new();
    let mut known: BTreeMap<&str, String> = BTreeMap::new();
    let (mut rule, mut number) = (None, 0);
    for step in settlement.steps() {
        if rule != Some(step.rule) {
            rule = Some(step.rule);
            text.push_str(&format!("\n{}\n", if step.rule.is_empty() { UNDER_NO_RULE } else { step.rule }));
        }
        if step.unit == StepUnit::Remark {
            text.push_str(&format!("      {}\n", step.name));
            continue;
        }
        number += 1;
        let figure = step.figure();
        text.push_str(&format!("{number:>4}. {}: {figure}{}\n", step.name, origin(step)));
        if origin(step).is_empty() {
            let words = substituted(&step.how, str::to_owned);
            text.push_str(&format!("        = {words}\n"));
            let figures = substituted(&step.how, |name| match known.get(name) {
                Some(figure) if figure.starts_with('-') => format!("({figure})"),
                Some(figure) => figure.clone(),
                None => name.to_owned(),
            });
            let is_name_alone =
                step.how.matches('{').count() == 1 && step.how.starts_with('{') && step.how.ends_with('}');
            if !is_name_alone && words != figures {
                text.push_str(&format!("        = {figures}\n"));
            }
        }
        // Formulas carry the figure without its unit, which the step's own line has.
        let bare = figure.trim_end_matches(" a person-year").trim_end_matches(" PMPM").to_owned();
        known.insert(&step.name, bare);
    }
    let payments = [
        ("reconciliation", settlement.reconciliation),
        ("capitation", settlement.capitation),
        ("care-management fees", settlement.care_management),
        ("adjustment of fees", settlement.fee_adjustment),
    ];
    text.push('\n');
    for (name, amount) in payments.into_iter().filter(|(_, amount)| *amount != Dollars::ZERO) {
        text.push_str(&format!("{name}: {amount}\n"));
    }
    for (word, meaning) in WORDS {
        if settlement.steps().iter().any(|step| step.how.contains(word)) {
            text.push_str(&format!("{word}…): {meaning}\n"));
        }
    }
    let total = settlement.total();
    let verb = if total < Dollars::ZERO { "owes" } else { "is paid" };
    text.push_str(&format!("Under the contract the provider {verb} {}.\n", total.max(-total)));
    let beside = covers.recoveries - covers.premiums - administration;
    if beside != Dollars::ZERO || covers.premiums != Dollars::ZERO {
        text.push_str(&format!(
            "With stop-loss recoveries of {}, less premiums of {} and administration of {administration}: {}.\n",
            covers.recoveries,
            covers.premiums,
            total + beside
        ));
    }
    text
}

/// What is shown as the rule over steps that follow none but what the parties agreed on.
const UNDER_NO_RULE: &str = "terms of the contract";

/// Words of formulas that not every reader knows.
const WORDS: [(&str, &str); 3] = [
    ("clamp(", "the first figure, but at least the second and at most the third"),
    ("part(", "the part of the first figure that lies between the second and the third"),
    ("sign(", "1 for a figure above nothing, -1 for one below"),
];

/// One trial under one contract: its settlement, and what that means for the provider's margin and gain.
pub fn explain_trial(replayed: &Replayed) -> String {
    let Settled { settlement, stop_loss, administration } = &replayed.settled;
    let mut text = explain_settlement(settlement, *stop_loss, *administration);
    text.push_str("\nThe provider's books            under the contract   under fees alone\n");
    for line in Line::ALL {
        let [ours, fees] = [replayed.lines, replayed.reference].map(|lines| lines.0[line as usize]);
        if ours != 0.0 || fees != 0.0 {
            let (ours, fees) = (Dollars(ours).to_string(), Dollars(fees).to_string());
            text.push_str(&format!("  {:<28} {ours:>19} {fees:>18}\n", line_title(line)));
        }
    }
    let [ours, fees] = [replayed.lines, replayed.reference].map(|lines| lines.margin());
    text.push_str(&format!("  {:<28} {:>19} {:>18}\n", "margin", ours.to_string(), fees.to_string()));
    text.push_str(&format!("gain = margin under the contract - margin under fees alone = {}\n", replayed.gain()));
    text
}

/// Where a step that is not computed comes from.
fn origin(step: &Step) -> &'static str {
    match step.how.as_ref() {
        OBSERVED => "  (of the year)",
        AGREED => "  (of the terms or the file, or the rule's default)",
        SO_FAR => "  (from above)",
        CARRIED => "  (from the years before)",
        UPDATED => "  (the year's updates, benchmark error, risk scores and rebasing)",
        _ => "",
    }
}

/// A formula with each name in braces replaced.
fn substituted(how: &str, replacement: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut rest = how;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        text.push_str(before);
        text.push_str(&replacement(name));
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_replaced() {
        let shown = |how| substituted(how, |name| format!("<{name}>"));
        assert_eq!(shown("min({a b}, {c}) × 2"), "min(<a b>, <c>) × 2");
        assert_eq!(shown("2 × 2"), "2 × 2");
    }
}
