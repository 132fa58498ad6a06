//! The report as one self-contained page: no script, no network, fit for print.

use maud::{Markup, PreEscaped, html};
use twosided_prob::{Estimate, GENERATOR};
use twosided_provider::Line;
use twosided_scenario::Scenario;
use twosided_units::{Dollars, grouped};

use crate::{
    ContractSummary, Measure, Period, PopulationFigure, Provenance, Summary,
    no_source::unsourced,
    page::{self, Cells, Row, table},
    text::{dollars, dollars_with_error, percent, percent_with_error},
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

/// The whole page.
pub(crate) fn page(scenario: &Scenario, summary: &Summary, pictures: &Pictures, provenance: &Provenance) -> String {
    let people = grouped(&scenario.population.members().to_string());
    let trials = grouped(&scenario.trials.to_string());
    let period = summary.period;
    let body = html! {
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
    };
    page::page(&scenario.name, &body)
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
    let never_at_most = risky
        .iter()
        .map(|contract| contract.measure(Measure::ProbabilityOfLoss))
        .filter(|loss| loss.value == 0.0)
        .fold(0.0, |most: f64, loss| most.max(loss.upper));
    // Contracts under which the interval leaves open whether a bad year costs anything.
    let open: Vec<&str> = risky
        .iter()
        .filter(|contract| contract.measure(Measure::ValueAtRisk95).upper > 0.0)
        .map(|contract| contract.name.as_str())
        .collect();
    html! {
        ul {
            @if mean.upper <= 0.0 {
                li { "No contract here is expected to bring more than fee-for-service. The least is lost, on average, under "
                    (named(&best_names)) @if best_names.len() > 1 { ", which this run does not tell apart" } ": "
                    (amount(mean)) (say(" {a year}")) @if best_names.len() > 1 { " under the first" } "." }
            } @else {
                li { "The highest mean gain is that of " @if best_names.len() > 1 { "one of " } (named(&best_names))
                    @if best_names.len() > 1 { ", which this run does not tell apart" } ": " (amount(mean)) (say(" {a year}"))
                    @if best_names.len() > 1 { " under the first" } @else {
                        ", with a loss in " (probability(best.measure(Measure::ProbabilityOfLoss))) (say(" of {years}"))
                    }
                    @if mean.lower <= 0.0 { "; whether it is a gain at all, this run does not tell: the 95% interval is "
                        (interval(mean)) }
                    "." }
            }
            @if loss.lower > 0.0 {
                li { (say("The hardest bad {years} are those of ")) (named(&worst_names))
                    @if worst_names.len() > 1 { ", which this run does not tell apart" }
                    (say(": at least one {year} in twenty costs the provider ")) (amount(loss)) " or more"
                    @if worst_names.len() > 1 { " under the first" } ", and the worst twentieth costs "
                    (amount(worst.measure(Measure::TailValueAtRisk95))) " on average." }
            } @else if open.is_empty() {
                li { (say("Under no contract does one {year} in twenty cost the provider anything.")) }
            } @else {
                li { (say("Whether one {year} in twenty costs the provider anything, this run does not tell under "))
                    (named(&open)) ": the estimate of the most that it costs is " (amount(loss)) ", its 95% interval "
                    (interval(loss)) "." }
            }
            @if !never.is_empty() {
                li { (say("No sampled {year} brought a loss under ")) (never.join("; "))
                    (say(": by the 95% interval, at most ")) (percent(never_at_most, 2)) (say(" of {years} would.")) }
            }
        }
    }
}

/// Both ends of an interval; an end beyond what was sampled is open.
fn interval(Estimate { lower, upper, .. }: Estimate) -> String {
    match (lower.is_finite(), upper.is_finite()) {
        (true, true) => format!("{} to {}", dollars(lower), dollars(upper)),
        (true, false) => format!("{} or more, without end", dollars(lower)),
        (false, true) => format!("{} or less, without end", dollars(upper)),
        (false, false) => "without ends".to_owned(),
    }
}

fn contracts_table(summary: &Summary) -> Markup {
    let headers = [
        "Contract",
        "LAN",
        "Mean gain {a year}",
        "Standard deviation",
        "Chance of a loss",
        "Chance of a gain",
        "1-in-20 bad {year}",
        "1-in-100 bad {year}",
        "Mean of the worst 1%",
    ];
    let rows = summary.contracts.iter().map(|contract| {
        if contract.is_reference {
            let cells = Cells::Remark("the reference: no gain and no loss, by definition");
            return Row { name: contract.name.clone(), total: false, cells };
        }
        let mut figures = vec![html! { (contract.lan) }];
        figures.extend([Measure::MeanGain, Measure::SdGain].map(|measure| amount(contract.measure(measure))));
        let chances = [Measure::ProbabilityOfLoss, Measure::ProbabilityOfGain];
        figures.extend(chances.map(|measure| probability(contract.measure(measure))));
        let bad = [Measure::ValueAtRisk95, Measure::ValueAtRisk99, Measure::TailValueAtRisk99];
        figures.extend(bad.map(|measure| amount(contract.measure(measure).negated())));
        Row::new(&contract.name, figures)
    });
    html! {
        (table(&headers.map(|header| summary.period.say(header)), &rows.collect::<Vec<_>>()))
        p.note { abbr title="Category of the Health Care Payment Learning and Action Network" { "LAN" }
            " is the category of the Health Care Payment Learning and Action Network." }
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
    let headers = ["Contract", "Difference in mean gain", "95% interval", "Beyond chance?"].map(str::to_owned);
    let row = |(place, difference): (usize, Estimate)| {
        let beyond = difference.upper < 0.0 || difference.lower > 0.0;
        let interval = html! { (dollars(difference.lower)) " to " (dollars(difference.upper)) };
        let figures = vec![amount(difference), interval, html! { (if beyond { "yes" } else { "no" }) }];
        Row::new(&summary.contracts[place].name, figures)
    };
    let rows: Vec<Row> = rows.into_iter().map(row).collect();
    html! {
        p { "Mean gain of each contract less that of " b { (summary.contracts[best].name) } ", year by year: the luck that "
            "both share cancels." }
        (table(&headers, &rows))
        p.note { "The means differ beyond chance where the interval leaves out zero. A higher mean is not a better contract: "
            "look at the bad years too. Of many contracts compared, one in twenty seems to differ by chance." }
    }
}

/// Each contract's years: gains, and the benchmark against what was spent.
fn by_year(summary: &Summary) -> Markup {
    let headed = |first: &str, of: &str, last: &[&str]| -> Vec<String> {
        let years = (1..=summary.period.years).map(|year| format!("{of} {year}"));
        let last = last.iter().map(|&header| header.to_owned());
        std::iter::once(first.to_owned()).chain(years).chain(last).collect()
    };
    let gains = summary.contracts.iter().filter(|contract| !contract.is_reference).map(|contract| {
        let mut figures: Vec<Markup> = contract.years.iter().map(|year| amount(year.gain)).collect();
        figures.extend([probability(contract.ever_behind), probability(contract.ends_early)]);
        Row::new(&contract.name, figures)
    });
    let is_compared = |contract: &&ContractSummary| contract.years.iter().any(|year| year.compared.is_some());
    let compared = summary.contracts.iter().filter(is_compared).map(|contract| {
        let figures = contract.years.iter().map(|year| {
            if let Some([benchmark, expenditure]) = year.compared {
                html! { (per_capita(benchmark)) br; (per_capita(expenditure)) }
            } else {
                html! { "–" }
            }
        });
        Row::new(&contract.name, figures.collect())
    });
    let (gains, compared): (Vec<Row>, Vec<Row>) = (gains.collect(), compared.collect());
    html! {
        (table(&headed("Contract", "Mean gain, year", &["Ever behind", "Ends early"]), &gains))
        @if !compared.is_empty() { (table(&headed("Benchmark and expenditure", "Year", &[]), &compared)) }
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
            @if !contract.unconfirmed.is_empty() {
                p.mark { b { "Rules unconfirmed: " } "docs/contracts.md marks defaults of "
                    @for (place, key) in contract.unconfirmed.iter().enumerate() {
                        @if place > 0 { ", " } code { (key) }
                    }
                    " unconfirmed. Check them against the contract before relying on these figures." }
            }
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
    let headers = ["Contract", "Error of the mean", "Error of the worst 1%", "Trials for a 1% error of the mean"];
    let headers = headers.map(str::to_owned);
    let rows = rows.map(|(contract, of_mean, of_tail, needed)| {
        let needed = match needed {
            _ if of_mean <= 0.01 => "reached".to_owned(),
            ..1e12 => grouped(&rounded(needed)),
            _ => "–".to_owned(),
        };
        let figures = [percent(of_mean), percent(of_tail), needed].map(|figure| html! { (figure) });
        Row::new(&contract.name, figures.into())
    });
    let rows: Vec<Row> = rows.collect();
    html! {
        (table(&headers, &rows))
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
    let spending = "Spending per person-year, sampled";
    let headers = ["Segment", "Person-years", spending, "Expected from the laws"].map(str::to_owned);
    let people = whole.into_iter().map(|figure| {
        let total = figure.segment == "all";
        let person_years = grouped(&format!("{:.0}", figure.person_years));
        let expected = expected(figure.expected_per_capita);
        let figures = vec![html! { (person_years) }, money(figure.per_capita), html! { (expected) }];
        Row { total, ..Row::new(if total { "Everyone" } else { &figure.segment }, figures) }
    });
    let service_headers = ["Service", spending, "Expected from the laws", "Events (or users) per 1,000"];
    let services = by_service.into_iter().filter(|figure| figure.segment == "all").map(|figure| {
        let per_1000 = figure.per_1000.map(|(value, error)| {
            html! { (format!("{value:.1}")) " " span.error { "± " (format!("{error:.2}")) } }
        });
        let expected = expected(figure.expected_per_capita);
        let figures = vec![money(figure.per_capita), html! { (expected) }, per_1000.unwrap_or_else(|| html! {})];
        Row::new(&figure.service, figures)
    });
    html! {
        p.note { "Spending before any contract cuts it: MSSP and some commercial contracts leave out what a person costs above a "
            "truncation point." }
        (table(&headers, &people.collect::<Vec<_>>()))
        (table(&service_headers.map(str::to_owned), &services.collect::<Vec<_>>()))
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

/// Every source with the assumptions that rest on it, and those that have none.
fn sourced(scenario: &Scenario) -> Vec<(String, Vec<String>)> {
    let given = scenario.sources.iter().map(|note| (note.text.clone(), note.path.clone()));
    let missing = unsourced(&scenario.text).into_iter().map(|path| (NO_SOURCE.to_owned(), path));
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for (source, path) in given.chain(missing) {
        match rows.iter_mut().find(|row| row.0 == source) {
            Some(row) => row.1.push(path),
            None => rows.push((source, vec![path])),
        }
    }
    rows
}

/// What stands in place of a source.
const NO_SOURCE: &str = "no source given";

fn assumptions(scenario: &Scenario, provenance: &Provenance) -> Markup {
    let rows = sourced(scenario);
    html! {
        @if !rows.is_empty() {
            table.sources {
                thead { tr { th { "Assumption" } th.text { "Source" } } }
                tbody { @for (source, paths) in rows { tr { th scope="row" { (paths.join("; ")) } td.text { (source) } } } }
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
