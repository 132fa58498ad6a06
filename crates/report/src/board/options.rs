//! Box 2: a row per option, with what it may bring, what may be owed, and what taking part costs.

use maud::{Markup, html};
use twosided_scenario::Scenario;

use super::Amount;
use crate::{
    ContractSummary, Owed, RiskMeasure, SettledBy, Summary,
    compare::foremost,
    page::{TableRow, table},
    text::listed,
};

/// Most options on the sheet, and those of them that are there for their gain.
const MOST_ROWS: usize = 6;
const FOR_GAIN: usize = 3;

/// What stands for what is not known.
const UNKNOWN: &str = "–";

/// One option.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OptionRow {
    pub(super) name: String,
    pub(super) gain: Amount,
    pub(super) owed_95: Amount,
    pub(super) owed_99: Amount,
    pub(super) most: Option<Amount>,
    pub(super) cost: Amount,
    pub(super) basis: SettledBy,
    /// Whether this run cannot rank its gain below the highest of all.
    pub(super) is_level: bool,
}

/// The table and what is said of it.
pub(super) struct Options {
    pub(super) rows: Vec<OptionRow>,
    pub(super) years: u32,
    /// The words for the horizon after an amount, as `a year`.
    pub(super) per_period: String,
    /// Which options are shown, where not all are.
    pub(super) choice: Option<String>,
}

fn owed_95(contract: &ContractSummary) -> f64 {
    contract.owed.as_ref().map_or(0.0, |owed| owed.value_at_risk_95.value)
}

fn risky(summary: &Summary) -> Vec<usize> {
    (0..summary.contracts.len()).filter(|&index| !summary.contracts[index].is_reference).collect()
}

/// Which contracts are preferred, which are chosen for their gain, and which for what is owed.
fn choice(scenario: &Scenario, summary: &Summary) -> [Vec<usize>; 3] {
    let all = risky(summary);
    let is_preferred = |index: &usize| {
        let preference = scenario.decision.preference.as_ref();
        preference.is_some_and(|preference| preference.contract == summary.contracts[*index].name)
    };
    let preferred: Vec<usize> = all.iter().copied().filter(is_preferred).collect();
    if all.len() <= MOST_ROWS {
        return [preferred, all, Vec::new()];
    }
    let left = |taken: &[&[usize]]| {
        all.iter().copied().filter(|index| !taken.iter().any(|taken| taken.contains(index))).collect::<Vec<_>>()
    };
    let mut by_gain = left(&[&preferred]);
    let gain = |index: usize| summary.contracts[index].measure(RiskMeasure::MeanGain).value;
    by_gain.sort_by(|&a, &b| gain(b).total_cmp(&gain(a)));
    by_gain.truncate(FOR_GAIN);
    let mut by_owed = left(&[&preferred, &by_gain]);
    by_owed.retain(|&index| owed_95(&summary.contracts[index]) > 0.0);
    by_owed.sort_by(|&a, &b| owed_95(&summary.contracts[b]).total_cmp(&owed_95(&summary.contracts[a])));
    by_owed.truncate(MOST_ROWS - preferred.len() - by_gain.len());
    [preferred, by_gain, by_owed]
}

/// Indices of the options that the sheet shows: the preferred one, then the others in the order of the summary.
pub(super) fn chosen(scenario: &Scenario, summary: &Summary) -> Vec<usize> {
    let [preferred, by_gain, by_owed] = choice(scenario, summary);
    let mut others: Vec<usize> =
        by_gain.into_iter().chain(by_owed).filter(|index| !preferred.contains(index)).collect();
    others.sort_unstable();
    preferred.into_iter().chain(others).collect()
}

/// Which options are shown, where not all are.
fn choice_in_words(scenario: &Scenario, summary: &Summary) -> Option<String> {
    let all = risky(summary).len();
    if all <= MOST_ROWS {
        return None;
    }
    let [preferred, by_gain, by_owed] = choice(scenario, summary);
    let mut parts = Vec::new();
    if !preferred.is_empty() {
        parts.push("the recommended one".to_owned());
    }
    parts.push(format!("the {} with the highest expected gains", by_gain.len()));
    if !by_owed.is_empty() {
        let others = if by_owed.len() == 1 { "the other" } else { "the others" };
        parts.push(format!("{others} that may owe the most in a 1-in-20 year, by their estimates"));
    }
    let shown = preferred.len() + by_gain.len() + by_owed.len();
    Some(format!("Shown: {}. {} more are in the report.", listed(&parts), all - shown))
}

impl Options {
    pub(super) fn new(scenario: &Scenario, summary: &Summary, contracts: &[&ContractSummary]) -> Self {
        let level = foremost(summary, &risky(summary));
        let row = |contract: &&ContractSummary| {
            let owed: &Owed = contract.owed.as_ref()?;
            let is_level = level.len() > 1 && level.iter().any(|&index| summary.contracts[index].name == contract.name);
            let is_exact = contract.is_exact(RiskMeasure::MeanGain);
            Some(OptionRow {
                name: contract.name.clone(),
                gain: Amount::of(contract.shown(RiskMeasure::MeanGain), is_exact),
                owed_95: Amount::of_figure(&owed.value_at_risk_95),
                owed_99: Amount::of_figure(&owed.value_at_risk_99),
                most: owed.most.map(|most| Amount::of(most.estimate(), false)),
                cost: Amount::of_figure(&owed.cost),
                basis: owed.basis,
                is_level,
            })
        };
        Self {
            rows: contracts.iter().filter_map(row).collect(),
            years: summary.period().years,
            per_period: summary.period().say("{a year}"),
            choice: choice_in_words(scenario, summary),
        }
    }

    fn headers(&self) -> Vec<String> {
        let Self { years, per_period, .. } = self;
        let owed = |which: &str| match years {
            1 => format!("Owed in a {which} year"),
            years => format!("Owed for the worst of {years} years, {which}"),
        };
        vec![
            "Option".to_owned(),
            format!("Expected gain {per_period}"),
            owed("1-in-20"),
            owed("1-in-100"),
            "The most that the contract allows".to_owned(),
            format!("Cost of taking part {per_period}"),
        ]
    }

    pub(super) fn markup(&self) -> Markup {
        if self.rows.is_empty() {
            return html! { p { "Nothing: fee-for-service alone owes nothing after the year." } };
        }
        let rows = self.rows.iter().map(|row| {
            let mark = if row.basis == SettledBy::GainBeforeCosts { "\u{a0}†" } else { "" };
            let level = if row.is_level { "*" } else { "" };
            let most = row.most.as_ref().map_or_else(|| html! { (UNKNOWN) }, Amount::markup);
            let gain = html! { (row.gain.amount) (level) @if !row.gain.interval.is_empty() { " " small { (row.gain.interval) } } };
            let figures = vec![gain, row.owed_95.markup(), row.owed_99.markup(), most, row.cost.markup()];
            TableRow::new(&format!("{}{mark}", row.name), figures)
        });
        let has = |basis: SettledBy| self.rows.iter().any(|row| row.basis == basis);
        html! {
            (table(&self.headers(), &rows.collect::<Vec<_>>()))
            p.fine {
                "An expected gain is what the provider has more than under fee-for-service alone, on average, after the cost of taking part: "
                "administration and programs. What is owed is paid to the payer and does not count that cost. "
                @if self.rows.iter().any(|row| row.is_level) { "* This run cannot rank these gains. " }
                @if has(SettledBy::GainBeforeCosts) {
                    "† It takes the place of fees or changes them: what counts as owed is a year's loss against fee-for-service before the "
                    "cost of taking part. "
                }
                @if has(SettledBy::Gain) {
                    "This run kept gains alone, so that what counts as owed is a year's loss, the cost of taking part included; run without "
                    "--outcomes to keep them apart. "
                }
                @if self.rows.iter().any(|row| row.most.is_none()) { "– The program knows of no limit: look in the contract. " }
                @if let Some(choice) = &self.choice { (choice) }
            }
        }
    }
}
