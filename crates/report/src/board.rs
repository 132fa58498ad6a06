//! The cover sheet: one printed page of seven boxes, for a board that reads nothing else.
//!
//! What stands in the boxes is gathered from the scenario and its summary as plain text and figures, and then set.

mod assumed;
mod changes;
mod cover;
mod decision;
mod hundred;
mod means;
mod options;

use maud::{Markup, html};
use twosided_prob::Estimate;
use twosided_scenario::Scenario;

use crate::{ContractSummary, Figure, Summary, figures::interval, text::dollars};

use self::{
    assumed::Assumed, changes::Changes, cover::CoverBox, decision::DecisionBox, hundred::HundredYears, means::Means,
    options::Options,
};

/// What stands on the sheet, box by box.
struct Board {
    title: String,
    /// What the report says first; none for most scenarios.
    lead: Vec<Markup>,
    decision: DecisionBox,
    options: Options,
    likelihood: Vec<HundredYears>,
    means: Means,
    changes: Changes,
    cover: CoverBox,
    assumed: Assumed,
    /// Whether a figure has an interval, which a line then explains.
    has_intervals: bool,
}

/// The sheet of a run.
pub(crate) fn sheet(scenario: &Scenario, summary: &Summary) -> Markup {
    let chosen = options::chosen(scenario, summary);
    let contracts: Vec<&ContractSummary> = chosen.iter().map(|&index| &summary.contracts[index]).collect();
    Board {
        title: summary.provenance.scenario.clone(),
        lead: summary.lead_markup(),
        decision: DecisionBox::new(scenario, summary),
        options: Options::new(scenario, summary, &contracts),
        likelihood: contracts.iter().filter_map(|contract| HundredYears::new(contract)).collect(),
        means: Means::new(&contracts),
        changes: Changes::new(summary),
        cover: CoverBox::new(scenario, summary, &contracts),
        assumed: Assumed::new(scenario, summary),
        has_intervals: contracts.iter().any(|contract| !contract.is_certain()),
    }
    .markup()
}

impl Board {
    fn markup(&self) -> Markup {
        html! {
            section.board {
                p.kind { "For the board" }
                h1 { (self.title) }
                @if !self.lead.is_empty() { div.lead { @for sentence in &self.lead { p { (sentence) } } } }
                div.boxes {
                    (boxed("Decision", true, &self.decision.markup()))
                    (boxed("What could we owe?", true, &self.options.markup()))
                    (boxed("How likely is it?", true, &hundred::markup(&self.likelihood)))
                    (boxed("Can we pay?", false, &self.means.markup()))
                    (boxed("What changes the answer?", false, &self.changes.markup()))
                    (boxed("Cover", true, &self.cover.markup()))
                    (boxed("What is assumed and left out", true, &self.assumed.markup()))
                }
                @if self.has_intervals {
                    p.fine { "Amounts in small type are 95% intervals of the simulation. They say nothing about whether the assumptions "
                        "are right. A 1-in-20 year is one that 5 of 100 years are at least as bad as; a 1-in-100 year, 1 of 100." }
                }
            }
        }
    }
}

fn boxed(title: &str, is_across: bool, body: &Markup) -> Markup {
    html! { section.box.across[is_across] { h2 { (title) } (body) } }
}

/// An amount with its interval, as text.
#[derive(Clone, Debug, PartialEq)]
struct Amount {
    amount: String,
    /// Empty where there is none.
    interval: String,
}

impl Amount {
    fn of(estimate: Estimate, is_exact: bool) -> Self {
        if is_exact {
            return Self { amount: dollars(estimate.value), interval: "exact".to_owned() };
        }
        let amount = dollars(estimate.value);
        let is_seen = estimate.standard_error > 0.0
            && [estimate.lower, estimate.upper].map(dollars).iter().any(|end| *end != amount);
        let is_open = estimate.lower.is_infinite() && estimate.upper.is_infinite();
        let interval = match (is_seen, is_open) {
            (false, _) => String::new(),
            (true, true) => "interval not known".to_owned(),
            (true, false) => interval(estimate),
        };
        Self { amount, interval }
    }

    fn of_figure(figure: &Figure) -> Self {
        Self::of(figure.estimate(), figure.bound.is_some())
    }

    fn markup(&self) -> Markup {
        html! { (self.amount) @if !self.interval.is_empty() { " " small { (self.interval) } } }
    }

    /// In a sentence.
    fn in_sentence(&self) -> Markup {
        html! { (self.amount) @if !self.interval.is_empty() { " " small { "(" (self.interval) ")" } } }
    }

    /// In one line of text.
    fn text(&self) -> String {
        if self.interval.is_empty() { self.amount.clone() } else { format!("{} ({})", self.amount, self.interval) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unit;

    #[test]
    fn an_amount_has_its_interval_in_small_type() {
        let estimate = Estimate { value: 1.61e6, standard_error: 2e4, lower: 1.57e6, upper: 1.65e6, caution: None };
        let amount = Amount::of(estimate, false);
        assert_eq!(amount.markup().into_string(), "$1.61M <small>$1.57M to $1.65M</small>");
        assert_eq!(amount.text(), "$1.61M ($1.57M to $1.65M)");
        let certain = Estimate { standard_error: 0.0, lower: 1.61e6, upper: 1.61e6, ..estimate };
        assert_eq!(Amount::of(certain, false).markup().into_string(), "$1.61M");
        // An interval within the digits that are shown says nothing more.
        let narrow = Estimate { standard_error: 1.0, lower: 1.61e6 - 2.0, upper: 1.61e6 + 2.0, ..estimate };
        assert_eq!(Amount::of(narrow, false).text(), "$1.61M");
        assert_eq!(Amount::of_figure(&Figure::exact(Unit::UsdAYear, 2e6, 10.0)).text(), "$2M (exact)");
        let open =
            Estimate { standard_error: f64::INFINITY, lower: f64::NEG_INFINITY, upper: f64::INFINITY, ..estimate };
        assert_eq!(Amount::of(open, false).text(), "$1.61M (interval not known)");
    }
}
