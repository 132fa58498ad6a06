//! One program in five contracts, from the shipped scenario: the page `docs/quality.md`.
//!
//! `UPDATE_DOCS=1 cargo test --release --test quality transitional` writes it.

use std::{env, fmt::Write as _, fs};

use twosided_prob::Sample;
use twosided_provider::Line;
use twosided_report::Summary;
use twosided_scenario::Scenario;

use crate::{
    scores,
    support::{Run, file, scenario},
};

const PAGE: &str = "docs/quality.md";
const CONTRACTS: [&str; 5] =
    ["Readmission penalty", "Value-based purchasing", "Shared Savings Program", "TEAM, joints", "Capitation"];

/// A mean with its standard error.
#[derive(Clone, Copy)]
struct Mean {
    value: f64,
    error: f64,
}

impl Mean {
    fn of(trials: Vec<f64>) -> Self {
        let mean = Sample::new(trials).expect("finite").mean();
        Self { value: mean.value, error: mean.standard_error }
    }

    fn in_thousands(self) -> String {
        let sign = if self.value < 0.0 { "-" } else { "" };
        format!("{sign}${:.0}k ± {:.0}k", self.value.abs() / 1e3, self.error / 1e3)
    }

    fn is_above_zero(self) -> bool {
        self.value > 4.0 * self.error
    }
}

/// Trials of a contract's payments that quality, care or both decide: all that it settles, before what the provider spends and gives up.
fn payments(scenario: &Scenario, run: &Run, contract: &str) -> Vec<f64> {
    let column = scenario.contracts.iter().position(|known| known.name == contract).expect("a contract");
    let lines = [Line::FeeAdjustment, Line::Reconciliation, Line::Capitation, Line::ClaimsToOthers];
    (0..run.outcomes.trials())
        .map(|trial| lines.iter().map(|&line| run.outcomes.lines[(trial, 0, column, line as usize)]).sum())
        .collect()
}

fn gains(scenario: &Scenario, run: &Run, contract: &str) -> Vec<f64> {
    let column = scenario.contracts.iter().position(|known| known.name == contract).expect("a contract");
    run.outcomes.gains_of(column).to_vec()
}

fn less(one: &[f64], other: &[f64]) -> Vec<f64> {
    one.iter().zip(other).map(|(one, other)| one - other).collect()
}

/// What the program changes under a contract: its payments, and the gain.
fn effect(scenario: &Scenario, run: &Run, contract: &str) -> [Mean; 4] {
    let without = format!("{contract}, no program");
    let paid = [contract, &without].map(|contract| payments(scenario, run, contract));
    let gained = [contract, &without].map(|contract| gains(scenario, run, contract));
    [
        Mean::of(paid[1].clone()),
        Mean::of(paid[0].clone()),
        Mean::of(less(&paid[0], &paid[1])),
        Mean::of(less(&gained[0], &gained[1])),
    ]
}

fn page(scenario: &Scenario, run: &Run, summary: &Summary) -> String {
    let mut text = String::from(
        "# One program, five contracts\n\n`scenarios/transitional-care.toml`, 2,000 trials, seed of the file. Written by\n\n```sh\n\
         UPDATE_DOCS=1 cargo test --release --test quality\n```\n\nTransitional care lowers readmissions and rehabilitation, closes gaps in \
         follow-up and improves what patients say of their transition. The same draws of the program and the same patients move all five \
         contracts. What a contract pays is its settlement: a change in prices, a reconciliation, or a capitation less what it pays to other \
         providers. The gain also has what the provider spends on the program and the revenue of the stays that it prevents. ± is the standard \
         error of simulation; differences are of the same trials.\n\n| contract | pays without the program | pays with it | the program adds to \
         payments | the program adds to the gain |\n|:--|--:|--:|--:|--:|\n",
    );
    for contract in CONTRACTS {
        let figures = effect(scenario, run, contract).map(Mean::in_thousands);
        writeln!(text, "| {contract} | {} |", figures.join(" | ")).expect("a string");
    }
    text.push_str(
        "\n## What the program moves\n\nScores of everyone, under the contract with the program and without it; the deviation between sampled \
         years, and the correlation with spending a person-year.\n\n| measure | without | with | deviation | correlation with spending |\n\
         |:--|--:|--:|--:|--:|\n",
    );
    let everyone = &summary.people_by_group[0].contracts;
    let under = |name: &str| everyone.iter().find(|under| under.contract == name).expect("it covers everyone");
    let (with, without) = (under("Capitation"), under("Capitation, no program"));
    for (with, without) in with.measures.iter().zip(&without.measures) {
        let correlation = without.correlation_with_expenditure.map_or_else(String::new, |figure| figure.in_words());
        let scores = [without.score, with.score, without.sd].map(|figure| figure.in_words());
        writeln!(text, "| {} | {} | {correlation} |", with.measure, scores.join(" | ")).expect("a string");
    }
    text.push_str(&scores::section());
    text
}

#[test]
fn transitional_care_moves_five_contracts_at_once() {
    let scenario = scenario("transitional-care.toml");
    let run = Run::of(&scenario, scenario.trials, scenario.seed);
    let summary = run.summary(&scenario);
    for contract in CONTRACTS {
        let [.., added, _] = effect(&scenario, &run, contract);
        assert!(added.is_above_zero(), "{contract}: {} ± {}", added.value, added.error);
    }
    let text = page(&scenario, &run, &summary);
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(file(PAGE), &text).expect("it is written");
    }
    let kept = fs::read_to_string(file(PAGE)).unwrap_or_default();
    assert!(
        kept == text,
        "{PAGE} is not what the scenario says; UPDATE_DOCS=1 cargo test --release --test quality writes it"
    );
}
