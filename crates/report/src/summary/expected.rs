//! What contracts are expected to come to in the first year: expenditure as settled beside benchmarks, and covers beside their
//! premiums.

use maud::{Markup, html};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_contracts::{Arrangement, Covered};
use twosided_form::Warnings;
use twosided_population::{Observation, ServiceScope};
use twosided_scenario::Scenario;
use twosided_sim::{Moments, Observed};
use twosided_units::{Dollars, Pmpm};

use crate::{
    Mean, Unit, Warning,
    page::{TableRow, key, table, table_with_text},
    text::{capitalized, plain_with_error, plus_minus, thousands},
};

/// What a contract compares in the first year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExpectedContract {
    /// Its name.
    pub contract: String,
    /// Spending on its services before anything is truncated, and before programs.
    pub untruncated: Mean,
    /// Expenditure as settled: after truncation.
    pub expenditure: Mean,
    /// The benchmark.
    pub benchmark: Mean,
    /// Benchmark less expenditure, over the benchmark.
    pub savings_rate: Mean,
}

/// A stop-loss cover beside its premium, in the first year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CoverPrice {
    /// Name of the contract.
    pub contract: String,
    /// Path of the cover in the scenario, as `contracts[1].covers.specific`.
    pub path: String,
    /// `specific` or `aggregate`.
    pub cover: String,
    /// What it pays.
    pub pure_premium: Mean,
    /// What it costs.
    pub premium: Mean,
    /// What it pays over what it costs; absent where it costs nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_ratio: Option<Mean>,
}

/// What is expected of every contract that compares or is covered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Expected {
    /// Contracts with a benchmark, in the order of the file.
    pub contracts: Vec<ExpectedContract>,
    /// Covers, in the order of the file.
    pub covers: Vec<CoverPrice>,
}

/// Loss ratios between which a cover is priced as covers are.
const LOSS_RATIOS: (f64, f64) = (0.4, 1.0);

impl Expected {
    /// By what a run observed.
    pub fn new(scenario: &Scenario, observed: &Observed) -> Self {
        let mut expected = Self::default();
        for (index, contract) in scenario.contracts.iter().enumerate() {
            let [benchmark, expenditure, rate] =
                [&observed.benchmarks, &observed.expenditures, &observed.savings_rates]
                    .map(|moments| moments[(0, index)]);
            if rate.count() >= 2.0 {
                expected.contracts.push(ExpectedContract {
                    contract: contract.name.clone(),
                    untruncated: untruncated(scenario, observed, contract),
                    expenditure: Mean::of(Unit::UsdAPersonYear, expenditure, 1.0).without_rounding(),
                    benchmark: Mean::of(Unit::UsdAPersonYear, benchmark, 1.0).without_rounding(),
                    savings_rate: Mean::of(Unit::Share, rate, 1.0).without_rounding(),
                });
            }
            let specific = contract.first().covers.specific.as_ref().map(|cover| cover.premium);
            let aggregate = contract.first().covers.aggregate.as_ref().map(|cover| cover.premium);
            let covers = [
                ("specific", specific, &observed.specific_recoveries),
                ("aggregate", aggregate, &observed.aggregate_recoveries),
            ];
            for (cover, premium, recoveries) in covers {
                let recoveries = recoveries[(0, index)];
                if let Some(premium) = premium
                    && recoveries.count() >= 2.0
                {
                    let path = format!("contracts[{}].covers.{cover}", index + 1);
                    let pure_premium = Mean::of(Unit::UsdPmpm, recoveries, 1.0 / 12.0).without_rounding();
                    expected.covers.push(CoverPrice {
                        contract: contract.name.clone(),
                        path,
                        cover: cover.to_owned(),
                        pure_premium,
                        premium: Mean { unit: Unit::UsdPmpm, value: premium.0, standard_error: 0.0 },
                        loss_ratio: loss_ratio(pure_premium, premium),
                    });
                }
            }
        }
        expected
    }

    /// Notes covers whose premium is far from what they pay, by more than chance.
    pub fn note(&self, warnings: &mut Warnings) {
        for cover in &self.covers {
            let Mean { value, standard_error, .. } = cover.pure_premium;
            let (least, most) = (value - 4.0 * standard_error, value + 4.0 * standard_error);
            let premium = cover.premium.value;
            let reason = if least > premium * LOSS_RATIOS.1 {
                "a cover that pays more than it costs makes its contract look better than one that can be bought"
            } else if most < premium * LOSS_RATIOS.0 {
                "a cover that pays so little of what it costs is rarely bought; is the premium a month's, and the attachment \
                 point a year's?"
            } else {
                continue;
            };
            let message = format!(
                "the {} cover of \"{}\" pays {} PMPM and costs {}{}",
                cover.cover,
                cover.contract,
                cents(cover.pure_premium),
                cents(cover.premium),
                cover.loss_ratio.map_or(String::new(), |ratio| format!(", a loss ratio of {}", share(ratio)))
            );
            warnings.note(&format!("{}.premium_pmpm", cover.path), message, reason);
        }
    }

    /// The lines of one contract, for a terminal.
    pub fn lines(&self, contract: &str) -> Vec<String> {
        let compared = self.contracts.iter().filter(|known| known.contract == contract).map(|known| {
            format!(
                "settled expenditure {} a person-year ({} before truncation), benchmark {}, savings rate {}",
                whole(known.expenditure),
                whole(known.untruncated),
                whole(known.benchmark),
                share(known.savings_rate)
            )
        });
        let covers = self.covers.iter().filter(|cover| cover.contract == contract).map(|cover| {
            let ratio = cover.loss_ratio.map_or("free".to_owned(), |ratio| format!("loss ratio {}", share(ratio)));
            let [pure_premium, premium] = [cover.pure_premium, cover.premium].map(cents);
            format!("{} cover: pure premium {pure_premium} PMPM, stated premium {premium}, {ratio}", cover.cover)
        });
        compared.chain(covers).collect()
    }

    /// The section of the report, with the warnings of the scenario.
    pub(crate) fn section(&self, warnings: &[Warning]) -> Markup {
        let headers = |headers: &[&str]| headers.iter().map(|&header| header.to_owned()).collect::<Vec<String>>();
        let row = |name: &str, figures: &[String]| {
            TableRow::new(name, figures.iter().map(|figure| unbroken(figure)).collect())
        };
        let contracts = self.contracts.iter().map(|contract| {
            let dollars = [contract.untruncated, contract.expenditure, contract.benchmark].map(whole);
            row(&contract.contract, &[&dollars[..], &[share(contract.savings_rate)]].concat())
        });
        let covers = self.covers.iter().map(|cover| {
            let ratio = cover.loss_ratio.map_or("free".to_owned(), share);
            let [pure_premium, premium] = [cover.pure_premium, cover.premium].map(cents);
            row(&cover.contract, &[cover.cover.clone(), pure_premium, premium, ratio])
        });
        let (contracts, covers): (Vec<TableRow>, Vec<TableRow>) = (contracts.collect(), covers.collect());
        html! {
            @if !warnings.is_empty() {
                h2 { "Values to check" }
                ul.warnings { @for Warning { message, reason } in warnings { li { (sentences(message, reason)) } } }
                @if warnings.iter().any(|Warning { message, reason }| message.contains("PMPM") || reason.contains("PMPM")) {
                    p.note { "PMPM is dollars per member per month." }
                }
            }
            @if !self.contracts.is_empty() || !self.covers.is_empty() { h2 { "Expected in the first year" } }
            @if !self.contracts.is_empty() {
                p.note { "Dollars a person-year. Expenditure is what the contract settles on: deaths and turnover counted, cost above "
                    "truncation points left out, programs at work. A benchmark is to be set against it, and not against "
                    "spending before truncation." }
                (table(
                    &headers(&["Contract", "Spending before truncation", "Expenditure as settled", "Benchmark", "Savings rate"]),
                    &contracts
                ))
            }
            @if !self.covers.is_empty() {
                p.note { "Stop-loss covers, dollars per member per month. The pure premium is what the cover is expected to pay; the "
                    "loss ratio is its share of the premium." }
                (table_with_text(
                    &headers(&["Contract", "Cover", "Pure premium", "Premium", "Loss ratio"]), &covers, &["Cover"]
                ))
            }
        }
    }
}

/// What a cover pays over what it costs; none for one that costs nothing.
fn loss_ratio(Mean { value, standard_error, .. }: Mean, Pmpm(premium): Pmpm) -> Option<Mean> {
    let (value, standard_error) = (value / premium, standard_error / premium);
    (premium > 0.0).then_some(Mean { unit: Unit::Share, value, standard_error })
}

/// Spending on a contract's services before truncation, a person-year. Of several services, the errors are added, which is
/// the most that they can come to.
fn untruncated(scenario: &Scenario, observed: &Observed, contract: &Arrangement) -> Mean {
    let of = |observation: &Observation| observed_of(scenario, observed, contract, observation);
    let scope = contract.first().services();
    let scale = 1.0 / of(&Observation::PersonYears).mean();
    let mean = |observation: &Observation| Mean::of(Unit::UsdAPersonYear, of(observation), scale).without_rounding();
    if scope == ServiceScope::All {
        return mean(&Observation::total(ServiceScope::All));
    }
    let names = scenario.population.service_names();
    let services = names.iter().filter(|name| scope.includes(name));
    services.map(|name| mean(&Observation::Expenditure { service: (*name).to_owned() })).fold(
        Mean { unit: Unit::UsdAPersonYear, value: 0.0, standard_error: 0.0 },
        |sum, service| Mean {
            value: sum.value + service.value,
            standard_error: sum.standard_error + service.standard_error,
            ..sum
        },
    )
}

/// What was observed in the first year of those whom a contract covers; of several segments, the errors are added up.
pub(super) fn observed_of(
    scenario: &Scenario,
    observed: &Observed,
    contract: &Arrangement,
    observation: &Observation,
) -> Moments {
    let (segments, total) = observed.observation(observation).expect("every run observes all services");
    if contract.covered == Covered::Everyone {
        return total;
    }
    let covered = scenario.population.segments().iter().zip(segments).filter(|(of, _)| contract.covered.includes(of));
    Moments::added_up(covered.map(|(_, moments)| *moments))
}

/// A figure whose error stays in one piece.
fn unbroken(text: &str) -> Markup {
    if let Some((value, error)) = text.split_once(" ±") {
        html! { (value) " " span.error { "±" (error) } }
    } else {
        html! { (text) }
    }
}

/// A warning in two sentences. A key that it begins with keeps its letters.
fn sentences(message: &str, reason: &str) -> Markup {
    let first = message.split(' ').next().unwrap_or_default();
    html! {
        @if first.contains(['.', '_', '[']) { (key(first)) (&message[first.len()..]) } @else { (capitalized(message)) }
        ". " (capitalized(reason)) @if !reason.ends_with(['?', '.']) { "." }
    }
}

/// Whole dollars; what cannot vary has no error.
fn whole(Mean { value, standard_error, .. }: Mean) -> String {
    with_error(Dollars(value).to_string(), standard_error, &plus_minus(standard_error.ceil(), 0))
}

/// Dollars and cents.
fn cents(Mean { value, standard_error, .. }: Mean) -> String {
    with_error(format!("${}", thousands(value, 2)), standard_error, &plus_minus(standard_error, 2))
}

fn share(Mean { value, standard_error, .. }: Mean) -> String {
    if standard_error == f64::INFINITY {
        return with_error(format!("{:.0}%", 100.0 * value), standard_error, &plus_minus(standard_error, 0));
    }
    let (value, error) = plain_with_error(100.0 * value, 100.0 * standard_error);
    with_error(format!("{value}%"), standard_error, &format!("{error}%"))
}

fn with_error(value: String, standard_error: f64, error: &str) -> String {
    if standard_error > 0.0 { format!("{value} {error}") } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_two_sentences() {
        let said = sentences("the cover pays $3 PMPM", "is the premium a month's?").into_string();
        assert_eq!(said, "The cover pays $3 PMPM. Is the premium a month's?");
        let said = sentences("population.trend.mean is 4", "a trend is a factor a year").into_string();
        assert!(said.starts_with("<code") && said.ends_with("</code> is 4. A trend is a factor a year."), "{said}");
    }
}
