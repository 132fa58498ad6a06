//! The report as one self-contained page: no script, no network, fit for print.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use twosided_prob::{Estimate, GENERATOR};
use twosided_provider::Line;
use twosided_scenario::Scenario;
use twosided_units::{Dollars, grouped};

use crate::{
    ContractSummary, Measure, Period, PopulationFigure, Provenance, Summary,
    text::{dollars, dollars_with_error, percent_with_error},
};

/// A drawn chart, ready to be set into the page.
pub(crate) struct Picture {
    pub(crate) svg: String,
}

/// The pictures of the page.
pub(crate) struct Pictures {
    pub(crate) continuum: Picture,
    pub(crate) exceedance: Picture,
    pub(crate) convergence: Picture,
    /// One a contract, in the order of the summary; none for what never differs from fee-for-service.
    pub(crate) histograms: Vec<Option<Picture>>,
    /// The same, of a horizon of several years.
    pub(crate) fans: Vec<Option<Picture>>,
}

/// The style of the page; colours only where they carry meaning.
pub(crate) const STYLE: &str = include_str!("report.css");

/// The whole page.
pub(crate) fn page(scenario: &Scenario, summary: &Summary, pictures: &Pictures, provenance: &Provenance) -> String {
    let people = grouped(&scenario.population.members().to_string());
    let trials = grouped(&scenario.trials.to_string());
    let period = summary.period;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (scenario.name) " · twosided" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.kind { "Risk of payment contracts to a provider" }
                    h1 { (scenario.name) }
                    p { (trials) " sampled " (period.say("{years}")) " of " (people) " people"
                        @if period.years > 1 { ", each of " (period.years) " years" }
                        ". Every contract is settled on the same years, so what "
                        "differs between contracts is the contract. A " b { "gain" } " is what the provider has more than under "
                        "fee-for-service alone in "
                        @if period.years > 1 { "those years together" } @else { "that year" } "; a loss is what it has less." }
                }
                main {
                    section {
                        h2 { "In short" }
                        (in_short(summary))
                        figure { (PreEscaped(&pictures.continuum.svg)) }
                    }
                    section {
                        h2 { "What each contract could bring" }
                        (contracts_table(summary))
                        p.note { "± is the standard error of simulation: about two times in three, a run with another seed would "
                            "come within it. It says nothing about whether the assumptions are right." }
                    }
                    section { (summary.expected.section(&summary.warnings)) }
                    @if period.years > 1 {
                        section { h2 { "Year by year" } (by_year(summary)) }
                    }
                    section {
                        h2 { @if period.years > 1 { "How bad could it be?" } @else { "How bad could a year be?" } }
                        figure { (PreEscaped(&pictures.exceedance.svg)) }
                    }
                    section { h2 { "Is one contract better than another?" } (differences(summary)) }
                    section { h2 { "What this leaves out" } (limits(scenario)) }
                    section {
                        h2 { "Are there enough trials?" }
                        (precision(summary, scenario.trials))
                        figure { (PreEscaped(&pictures.convergence.svg)) }
                    }
                    section { h2 { "The people and their care" } (population(&summary.population)) }
                    section.contracts {
                        h2 { "Contract by contract" }
                        @for (place, contract) in summary.contracts.iter().enumerate() {
                            (contract_section(contract, &[&pictures.histograms[place], &pictures.fans[place]], period))
                        }
                    }
                    section { h2 { "Assumptions and how to repeat this" } (assumptions(scenario, provenance)) }
                }
            }
        }
    };
    page.into_string()
}

fn amount(estimate: Estimate) -> Markup {
    let (value, error) = dollars_with_error(estimate.value, estimate.standard_error);
    figure(&value, &error, estimate.standard_error)
}

fn probability(estimate: Estimate) -> Markup {
    let (value, error) = percent_with_error(estimate.value, estimate.standard_error);
    figure(&value, &error, estimate.standard_error)
}

/// A figure with its error beside it; what cannot vary has none.
fn figure(value: &str, error: &str, standard_error: f64) -> Markup {
    html! { (value) @if standard_error > 0.0 { " " span.error { (error) } } }
}

/// The answer in sentences. What chance may have decided is not called the highest or the hardest.
fn in_short(summary: &Summary) -> Markup {
    let risky: Vec<&ContractSummary> = summary.contracts.iter().filter(|contract| !contract.is_reference).collect();
    // Those whose interval reaches that of the first.
    let foremost = |measure: Measure| {
        let value = |contract: &&ContractSummary| contract.measure(measure).value;
        let first = risky.iter().max_by(|a, b| value(a).total_cmp(&value(b))).map(|first| first.measure(measure))?;
        let mut level: Vec<&ContractSummary> =
            risky.iter().copied().filter(|contract| contract.measure(measure).upper >= first.lower).collect();
        level.sort_by(|a, b| b.measure(measure).value.total_cmp(&a.measure(measure).value));
        level
            .first()
            .copied()
            .map(|first| (first, level.iter().map(|contract| contract.name.as_str()).collect::<Vec<_>>()))
    };
    let (Some((best, best_names)), Some((worst, worst_names))) =
        (foremost(Measure::MeanGain), foremost(Measure::ValueAtRisk95))
    else {
        return html! { p { "Fee-for-service alone is the only contract here." } };
    };
    let never: Vec<&str> = risky
        .iter()
        .filter(|contract| contract.measure(Measure::ProbabilityOfLoss).value == 0.0)
        .map(|contract| contract.name.as_str())
        .collect();
    let (mean, loss) = (best.measure(Measure::MeanGain), worst.measure(Measure::ValueAtRisk95));
    let named = |names: &[&str]| html! { b { (names.join("; ")) } };
    let say = |text: &str| summary.period.say(text);
    html! {
        ul {
            @if mean.value <= 0.0 {
                li { "No contract here is expected to bring more than fee-for-service. The least is lost, on average, under "
                    (named(&best_names)) ": " (amount(mean)) (say(" {a year}.")) }
            } @else if best_names.len() > 1 {
                li { "The highest mean gain is that of one of " (named(&best_names)) ", which this run does not tell apart: "
                    (amount(mean)) (say(" {a year} under the first.")) }
            } @else {
                li { "The highest mean gain is that of " (named(&best_names)) ": " (amount(mean)) (say(" {a year}, with a loss in "))
                    (probability(best.measure(Measure::ProbabilityOfLoss))) (say(" of {years}.")) }
            }
            @if loss.value > 0.0 {
                li { (say("The hardest bad {years} are those of ")) (named(&worst_names))
                    @if worst_names.len() > 1 { ", which this run does not tell apart" }
                    (say(": at least one {year} in twenty costs the provider ")) (amount(loss)) " or more"
                    @if worst_names.len() > 1 { " under the first" } ", and the worst twentieth costs "
                    (amount(worst.measure(Measure::TailValueAtRisk95))) " on average." }
            } @else {
                li { (say("Under no contract does one {year} in twenty cost the provider anything.")) }
            }
            @if !never.is_empty() {
                li { (say("No sampled {year} brought a loss under ")) (never.join("; ")) "." }
            }
        }
    }
}

fn contracts_table(summary: &Summary) -> Markup {
    let say = |text: &str| summary.period.say(text);
    html! {
        table {
            thead { tr {
                th { "Contract" } th { abbr title="Category of the Health Care Payment Learning and Action Network" { "LAN" } }
                th { (say("Mean gain {a year}")) } th { "Standard deviation" } th { "Chance of a loss" } th { "Chance of a gain" }
                th { (say("1-in-20 bad {year}")) } th { (say("1-in-100 bad {year}")) } th { "Mean of the worst 1%" }
            } }
            tbody { @for contract in &summary.contracts { tr {
                th scope="row" { (contract.name) } td { (contract.lan) }
                @if contract.is_reference {
                    td.reference colspan="7" { "the reference: no gain and no loss, by definition" }
                } @else {
                    td { (amount(contract.measure(Measure::MeanGain))) }
                    td { (amount(contract.measure(Measure::SdGain))) }
                    td { (probability(contract.measure(Measure::ProbabilityOfLoss))) }
                    td { (probability(contract.measure(Measure::ProbabilityOfGain))) }
                    td { (amount(contract.measure(Measure::ValueAtRisk95).negated())) }
                    td { (amount(contract.measure(Measure::ValueAtRisk99).negated())) }
                    td { (amount(contract.measure(Measure::TailValueAtRisk99).negated())) }
                }
            } } }
        }
    }
}

/// Each contract against the one with the highest mean, on the same years.
fn differences(summary: &Summary) -> Markup {
    let mean = |place: usize| summary.contracts[place].measure(Measure::MeanGain).value;
    let Some(best) = (0..summary.contracts.len()).max_by(|&a, &b| mean(a).total_cmp(&mean(b))) else {
        return html! {};
    };
    let mut rows: Vec<(usize, Estimate)> = summary
        .differences
        .iter()
        .filter_map(|difference| match (difference.of, difference.less) {
            (of, less) if of == best => Some((less, difference.mean.negated())),
            (of, less) if less == best => Some((of, difference.mean)),
            _ => None,
        })
        .collect();
    if rows.is_empty() {
        return html! { p { "There is one contract only." } };
    }
    rows.sort_by(|a, b| b.1.value.total_cmp(&a.1.value));
    html! {
        p { "Mean gain of each contract less that of " b { (summary.contracts[best].name) } ", year by year: the luck that "
            "both share cancels." }
        table {
            thead { tr { th { "Contract" } th { "Difference in mean gain" } th { "95% interval" } th { "Beyond chance?" } } }
            tbody { @for (place, difference) in rows { tr {
                th scope="row" { (summary.contracts[place].name) }
                td { (amount(difference)) }
                td { (dollars(difference.lower)) " to " (dollars(difference.upper)) }
                td { @if difference.upper < 0.0 || difference.lower > 0.0 { "yes" } @else { "no" } }
            } } }
        }
        p.note { "The means differ beyond chance where the interval leaves out zero. A higher mean is not a better contract: "
            "look at the bad years too. Of many contracts compared, one in twenty seems to differ by chance." }
    }
}

/// Each contract's years: gains, and the benchmark against what was spent.
fn by_year(summary: &Summary) -> Markup {
    let years = 1..=summary.period.years;
    html! {
        table {
            thead { tr { th { "Contract" } @for year in years.clone() { th { "Mean gain, year " (year) } }
                th { "Ever behind" } th { "Ends early" } } }
            tbody { @for contract in summary.contracts.iter().filter(|contract| !contract.is_reference) { tr {
                th scope="row" { (contract.name) }
                @for year in &contract.years { td { (amount(year.gain)) } }
                td { (probability(contract.ever_behind)) } td { (probability(contract.ends_early)) }
            } } }
        }
        @let compared: Vec<&ContractSummary> =
            summary.contracts.iter().filter(|contract| contract.years.iter().any(|year| year.compared.is_some())).collect();
        @if !compared.is_empty() {
            table {
                thead { tr { th { "Benchmark and expenditure" } @for year in years { th { "Year " (year) } } } }
                tbody { @for contract in compared { tr {
                    th scope="row" { (contract.name) }
                    @for year in &contract.years { td {
                        @if let Some([benchmark, expenditure]) = year.compared {
                            (per_capita(benchmark)) br; (per_capita(expenditure))
                        } @else { "–" }
                    } }
                } } }
            }
        }
        p.note { "Ever behind: cumulative gains are below zero at the end of some year. Ends early: a stopping rule ends the "
            "contract. Benchmarks (above) and what they are compared with (below) are dollars a person-year, over the trials in "
            "which the contract is in force." }
    }
}

fn per_capita((value, error): (f64, f64)) -> Markup {
    html! { (Dollars(value)) @if error > 0.0 { " " span.error { "± " (format!("{error:.1}")) } } }
}

fn contract_section(contract: &ContractSummary, pictures: &[&Option<Picture>], period: Period) -> Markup {
    html! {
        article {
            h3 { (contract.name) " " span.lan { "LAN " (contract.lan) } }
            p { (capitalised(contract.kind)) "." }
            @if !contract.terms.is_empty() { pre.terms { (contract.terms) } }
            @for picture in pictures.iter().copied().flatten() { figure { (PreEscaped(&picture.svg)) } }
            table.lines {
                thead { tr { th { @if period.years > 1 { "Mean of the books of all years" } @else { "Mean of a year's books" } } th { "Dollars" } } }
                tbody {
                    @for (line, mean) in Line::ALL.into_iter().zip(&contract.lines).filter(|(_, mean)| mean.value != 0.0) {
                        tr { th scope="row" { (line_title(line)) } td { (amount(*mean)) } }
                    }
                    tr.total { th scope="row" { "Margin" } td { (amount(contract.measure(Measure::MeanMargin))) } }
                    tr.total { th scope="row" { "Gain against fee-for-service" } td { (amount(contract.measure(Measure::MeanGain))) } }
                }
            }
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

pub(crate) const fn line_title(line: Line) -> &'static str {
    match line {
        Line::Fees => "Fees for own services",
        Line::FeeAdjustment => "Adjustment of fees",
        Line::CareManagement => "Care-management fees",
        Line::Reconciliation => "Reconciliation after the year",
        Line::Capitation => "Capitation",
        Line::Recoveries => "Stop-loss recoveries",
        Line::Premiums => "Stop-loss premiums",
        Line::ClaimsToOthers => "Claims paid to others",
        Line::CostOfCare => "Cost of own care",
        Line::Administration => "Administration of the contract",
        Line::Programmes => "Programmes",
    }
}

/// Trials from which fifty stand in the worst hundredth, which its error needs.
pub(crate) const TRIALS_FOR_A_TAIL: u64 = 5_000;

/// The relative error of the mean, and how many trials one per cent would take.
fn precision(summary: &Summary, trials: u64) -> Markup {
    let rows = summary.contracts.iter().filter(|contract| !contract.is_reference).map(|contract| {
        let Estimate { value, standard_error, .. } = contract.measure(Measure::MeanGain);
        let tail = contract.measure(Measure::TailValueAtRisk99);
        let relative = |error: f64, value: f64| if value == 0.0 { f64::INFINITY } else { (error / value).abs() };
        let of_mean = relative(standard_error, value);
        (contract, of_mean, relative(tail.standard_error, tail.value), trials as f64 * (of_mean / 0.01).powi(2))
    });
    let percent = |share: f64| if share.is_finite() { format!("{:.1}%", 100.0 * share) } else { "–".to_owned() };
    html! {
        table {
            thead { tr { th { "Contract" } th { "Error of the mean" } th { "Error of the worst 1%" }
                th { "Trials for a 1% error of the mean" } } }
            tbody { @for (contract, of_mean, of_tail, needed) in rows { tr {
                th scope="row" { (contract.name) } td { (percent(of_mean)) } td { (percent(of_tail)) }
                td { @if of_mean <= 0.01 { "reached" } @else if needed < 1e12 { (grouped(&rounded(needed))) } @else { "–" } }
            } } }
        }
        @if trials < TRIALS_FOR_A_TAIL {
            p { b { "Too few trials for the tail: " } "the worst 1% of " (trials) " trials are " (trials.div_ceil(100))
                ". Its figures and their errors are rough below " (grouped(&TRIALS_FOR_A_TAIL.to_string())) " trials." }
        }
        p.note { "Errors are standard errors as a share of the figure. A mean near zero has a large relative error however "
            "many trials there are." }
    }
}

/// A count to two significant digits.
fn rounded(count: f64) -> String {
    let unit = 10_f64.powf(count.log10().floor() - 1.0).max(1.0);
    format!("{:.0}", (count / unit).ceil() * unit)
}

fn population(figures: &[PopulationFigure]) -> Markup {
    let money = |(value, error): (f64, f64)| {
        html! { (Dollars(value)) @if error > 0.0 { " " span.error { "± " (format!("{error:.2}")) } } }
    };
    let expected = |expected: Option<f64>| expected.map_or("–".to_owned(), |value| Dollars(value).to_string());
    let (whole, by_service): (Vec<_>, Vec<_>) = figures.iter().partition(|figure| figure.service == "all");
    html! {
        p.note { "Spending before any contract cuts it: MSSP and some commercial contracts leave out what a person costs above a "
            "truncation point." }
        table {
            thead { tr { th { "Segment" } th { "Person-years" } th { "Spending per person-year, sampled" }
                th { "Expected from the laws" } } }
            tbody { @for figure in whole { tr.total[figure.segment == "all"] {
                th scope="row" { @if figure.segment == "all" { "Everyone" } @else { (figure.segment) } }
                td { (grouped(&format!("{:.0}", figure.person_years))) }
                td { (money(figure.per_capita)) } td { (expected(figure.expected_per_capita)) }
            } } }
        }
        table {
            thead { tr { th { "Service" } th { "Spending per person-year, sampled" } th { "Expected from the laws" }
                th { "Events (or users) per 1,000" } } }
            tbody { @for figure in by_service.iter().filter(|figure| figure.segment == "all") { tr {
                th scope="row" { (figure.service) }
                td { (money(figure.per_capita)) } td { (expected(figure.expected_per_capita)) }
                td { @if let Some((value, error)) = figure.per_1000 {
                    (format!("{value:.1}")) " " span.error { "± " (format!("{error:.2}")) }
                } }
            } } }
        }
    }
}

/// What the scenario's layers bring into the spread, and what it therefore leaves out.
fn limits(scenario: &Scenario) -> Markup {
    let population = &scenario.population;
    let segments = population.segments();
    let factors = population.system().factors();
    let moves_benchmarks = factors.iter().any(|factor| factor.loading.benchmark != 0.0);
    let frail = segments.iter().any(|segment| segment.services.iter().any(|service| service.frailty_loading != 0.0));
    let mortal = segments.iter().any(|segment| segment.life.mortality.is_some() || segment.life.turnover.is_some());
    let scored = segments.iter().any(|segment| segment.risk_score.is_some_and(|score| score.cv > 0.0));
    let trend = population.system().trend.is_uncertain().then_some("one trend that moves all costs of a year together");
    let programmes = population.programmes.iter().map(|programme| programme.name.as_str());
    let sources: Vec<&str> =
        trend.into_iter().chain(factors.iter().map(|factor| factor.name.as_str())).chain(programmes).collect();
    html! {
        p { "The spread shown comes from who falls ill and what that costs"
            @if !sources.is_empty() { ", and from " (sources.join(", ")) }
            ". Not in it:" }
        ul {
            @if !moves_benchmarks {
                li { "error in the benchmark and lasting differences between the provider and its benchmark, which explain most of "
                    "what separates one ACO's savings rate from another's;" }
            }
            @if scenario.provider.response.is_none() {
                li { "change of behaviour: a contract's incentives move no volume by themselves;" }
            }
            @if !frail { li { "frailty: a person's services are drawn independently of each other;" } }
            @if !mortal { li { "people who join, leave or die;" } }
            @if scenario.years == 1 { li { "what one year leaves to the next;" } }
            @if !scored { li { "risk scores that vary: they are as the scenario states them;" } }
            @if population.measures.is_empty() { li { "quality scores that vary: they are as the scenario states them;" } }
            li { "the time between a year and its settlement." }
        }
        p {
            @if !moves_benchmarks { "So these figures understate the risk of a provider that does not know its own level. " }
            "They are not an actuarial opinion."
        }
    }
}

fn assumptions(scenario: &Scenario, provenance: &Provenance) -> Markup {
    html! {
        @if !scenario.sources.is_empty() {
            table {
                thead { tr { th { "Assumption" } th { "Source" } } }
                tbody { @for note in &scenario.sources { tr { th scope="row" { (note.path) } td.text { (note.text) } } } }
            }
        }
        details { summary { "The scenario as read" } pre { (scenario.text) } }
        dl {
            dt { "Trials" } dd { (grouped(&provenance.trials.to_string())) }
            dt { "Seed" } dd { (provenance.seed) }
            dt { "Generator" } dd { (GENERATOR) }
            dt { "Program" } dd { "twosided " (provenance.version) " (" (provenance.commit) ")" }
            dt { "Scenario, SHA-256" } dd { code { (provenance.scenario_sha256) } }
            dt { "Outcomes, SHA-256" } dd { code { (provenance.outcomes_sha256) } }
        }
        p { code { "twosided run run.toml" } " with the " code { "run.toml" } " beside this page repeats every figure to the bit." }
    }
}
