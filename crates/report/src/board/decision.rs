//! Box 1: what is decided, by whom, and what the scenario recommends.

use maud::{Markup, html};
use twosided_scenario::{Preference, Scenario};
use twosided_units::grouped;

use crate::{Summary, figures::named};

/// What is shown for what the scenario leaves open.
const NOT_STATED: &str = "not stated";

/// Most contracts that the sentence names.
const NAMED: usize = 8;

/// The question and who asks it.
pub(super) struct DecisionBox {
    question: String,
    whom: String,
    prepared_by: String,
    date: String,
    contracts: Vec<String>,
    sampled: String,
    preference: Option<Preference>,
}

impl DecisionBox {
    pub(super) fn new(scenario: &Scenario, summary: &Summary) -> Self {
        let decision = &scenario.decision;
        let stated = |text: &Option<String>| text.clone().unwrap_or_else(|| NOT_STATED.to_owned());
        let (trials, people) = (grouped(&summary.provenance.trials.to_string()), grouped(&summary.people.to_string()));
        let sampled = match summary.period().years {
            1 => format!("on the same {trials} simulated years of {people} people"),
            years => format!("on the same {trials} simulated futures of {people} people, each of {years} years"),
        };
        Self {
            question: stated(&decision.question),
            whom: stated(&decision.whom),
            prepared_by: stated(&decision.prepared_by),
            date: stated(&decision.date),
            contracts: summary.contracts.iter().map(|contract| contract.name.clone()).collect(),
            sampled,
            preference: decision.preference.clone(),
        }
    }

    pub(super) fn markup(&self) -> Markup {
        let names: Vec<&str> = self.contracts.iter().map(String::as_str).collect();
        html! {
            p { b { "Question: " } (self.question) " " span.fine { "Prepared by: " (self.prepared_by) ". Date: " (self.date) "." } }
            p { b { "For: " } (self.whom) ". " b { "Compared: " }
                @if names.len() <= NAMED { (named(&names)) } @else { (names.len()) " contracts" }
                ", " (self.sampled) "." }
            p { b { "Recommended: " }
                @match &self.preference {
                    Some(Preference { contract, reason }) => { b { (contract) } ", as the scenario states: " q { (reason) } }
                    None => { "nothing; the scenario states no preference." }
                }
            }
        }
    }
}
