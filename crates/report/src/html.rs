//! The report as one self-contained page: no script, no network, fit for print.

use maud::{Markup, PreEscaped, html};
use twosided_provider::Line;
use twosided_scenario::Scenario;
use twosided_units::{Dollars, grouped};

use crate::{
    ContractSummary, Mean, Period, PopulationFigure, RiskMeasure, ScoreFrom, Summary, YearSummary,
    assumptions::{assumptions, limits, marked, unconfirmed},
    attribution::assigned,
    board, capital, cash_section,
    compare::differences,
    figures::{amount, beside, figure, money, probability},
    in_short::in_short,
    page::{self, Cells, TableRow, heavy_tails, table},
    people, practice,
    precision::precision,
    rank, surplus,
    text::{capitalized, plus_minus, thousands},
};

/// A drawn chart, ready to be set into the page.
pub(crate) struct Picture {
    pub(crate) svg: String,
    /// The same cut for pages of print, if it is too tall for one.
    pub(crate) slices: Vec<String>,
}

impl Picture {
    fn figure(&self) -> Markup {
        html! {
            figure.tall.screen[!self.slices.is_empty()] { (PreEscaped(&self.svg)) }
            @for slice in &self.slices { figure.print { (PreEscaped(slice)) } }
        }
    }
}

/// The pictures of the page.
pub(crate) struct Pictures {
    pub(crate) continuum: Picture,
    /// None where there is nothing to rank.
    pub(crate) return_on_risk: Option<Picture>,
    pub(crate) exceedance: Picture,
    pub(crate) convergence: Picture,
    /// One a contract, in the order of the summary; none for what never differs from fee-for-service.
    pub(crate) histograms: Vec<Option<Picture>>,
    /// The same, of a horizon of several years.
    pub(crate) fans: Vec<Option<Picture>>,
    /// By group of people; none where there are no groups.
    pub(crate) by_group: Option<Picture>,
    /// One a contract, of cash by month; none where there is no cash block.
    pub(crate) cash: Vec<Option<Picture>>,
}

/// The whole page.
pub(crate) fn page(scenario: &Scenario, summary: &Summary, pictures: &Pictures) -> String {
    let provenance = &summary.provenance;
    let people = grouped(&summary.people.to_string());
    let trials = grouped(&provenance.trials.to_string());
    let period = summary.period();
    let answer = in_short(summary);
    let chart = html! { @if let Some(picture) = &pictures.return_on_risk { (picture.figure()) } };
    let by_group = html! { @if let Some(picture) = &pictures.by_group { (picture.figure()) } };
    let body = html! {
                (board::sheet(scenario, summary))
                header {
                    p.kind { "Risk of payment contracts to a provider" }
                    h1 { (provenance.scenario) }
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
                        (answer)
                        (heavy_tails(&answer))
                        (pictures.continuum.figure())
                    }
                    section {
                        h2 { "What each contract could bring" }
                        (contracts_table(summary))
                        p.note {
                            @if summary.contracts.iter().any(|contract| !contract.has_exact_law()) {
                                "± is the standard error of simulation: about two times in three, a run with another seed would "
                                "fall within it. It says nothing about whether the assumptions are right."
                                " An interval in parentheses is a 95% interval that begins or ends at its figure. "
                            }
                            @if let Some(methods) = summary.methods() { (methods) } }
                        @if let Some(margins) = practice::margins(summary) { (margins) }
                    }
                    @if let Some(section) = rank::section(summary, &chart) {
                        section { h2 { "Return on risk" } (section) }
                    }
                    @if let Some(section) = practice::section(summary) {
                        section { h2 { "The practice as a whole" } (section) }
                    }
                    @if let Some(section) = practice::ledgers(summary) {
                        section { h2 { "Who has more, and who has less" } (section) }
                    }
                    section { (summary.expected.section(&summary.warnings)) }
                    @if period.years > 1 {
                        section { h2 { "Year by year" } (by_year(summary)) }
                    }
                    @if let Some(section) = cash_section::section(scenario, summary) {
                        section { h2 { "Cash, month by month" } (section) }
                    }
                    section {
                        h2 { @if period.years > 1 { "How bad could it be?" } @else { "How bad could a year be?" } }
                        (pictures.exceedance.figure())
                    }
                    @if let Some(section) = capital::section(scenario, summary) { section { (section) } }
                    @if let Some(section) = surplus::section(summary) { section { (section) } }
                    section { h2 { "Is one contract better than another?" } (differences(summary)) }
                    section { h2 { "What this leaves out" } (limits(scenario)) }
                    section {
                        h2 { "Are there enough trials?" }
                        (precision(summary, provenance.trials))
                        (pictures.convergence.figure())
                    }
                    @if let Some(section) = people::section(summary, &by_group) {
                        section { h2 { "Quality, and results by group of people" } (section) }
                    }
                    section { h2 { "The people and their care" } (population(&summary.population)) (assigned(&summary.attribution)) }
                    section.contracts {
                        h2 { "Contract by contract" }
                        @for (index, contract) in summary.contracts.iter().enumerate() {
                            (contract_section(contract, &[&pictures.histograms[index], &pictures.fans[index], &pictures.cash[index]], period))
                        }
                    }
                    section { h2 { "Assumptions and how to repeat this" } (assumptions(scenario, summary)) }
                    (unconfirmed(&summary.contracts))
                }
    };
    page::page(&provenance.scenario, &body)
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
            let cells = Cells::Remark("the reference: no gain and no loss, by definition".to_owned());
            return TableRow { name: contract.name.clone(), total: false, cells };
        }
        let mut figures = vec![html! { (contract.lan) }];
        let measures = [
            RiskMeasure::MeanGain,
            RiskMeasure::SdGain,
            RiskMeasure::ProbabilityOfLoss,
            RiskMeasure::ProbabilityOfGain,
        ];
        figures.extend(measures.map(|measure| contract.cell(measure)));
        let bad = [RiskMeasure::ValueAtRisk95, RiskMeasure::ValueAtRisk99, RiskMeasure::TailValueAtRisk99];
        figures.extend(bad.map(|measure| beside(money(contract.shown(measure).negated(), contract.is_exact(measure)))));
        TableRow::new(&contract.marked_name(), figures)
    });
    html! {
        (table(&headers.map(|header| summary.period().say(header)), &rows.collect::<Vec<_>>()))
        p.note { abbr title="Category of the Health Care Payment Learning and Action Network" { "LAN" }
            " is the category of the Health Care Payment Learning and Action Network." }
    }
}

/// Years beside each other in one table; more do not fit on a page.
const YEARS_ABREAST: usize = 7;

/// Each contract's years: gains, and the benchmark against what was spent.
fn by_year(summary: &Summary) -> Markup {
    let indices: Vec<usize> = (0..summary.period().years as usize).collect();
    let spans = || indices.chunks(YEARS_ABREAST);
    let headed = |first: &str, years: &[usize], last: &[&str]| -> Vec<String> {
        let years = years.iter().map(|year| format!("Year {}", year + 1));
        let last = last.iter().map(|&header| header.to_owned());
        std::iter::once(first.to_owned()).chain(years).chain(last).collect()
    };
    let risky = || summary.contracts.iter().filter(|contract| !contract.is_reference);
    let gains = spans().map(|years| {
        let is_last = years.last() == indices.last();
        let rows = risky().map(|contract| {
            let gains = years.iter().map(|&year| amount(contract.certainly(contract.years[year].mean_gain.estimate())));
            let chances = [contract.probability_ever_behind, contract.probability_of_early_end]
                .map(|chance| probability(contract.certainly(chance.estimate())));
            TableRow::new(&contract.name, gains.chain(chances.into_iter().filter(|_| is_last)).collect())
        });
        let last: &[&str] = if is_last { &["Ever behind", "Ends early"] } else { &[] };
        table(&headed("Contract", years, last), &rows.collect::<Vec<_>>())
    });
    let compares = |contract: &&ContractSummary| contract.years.iter().any(|year| year.benchmark.is_some());
    let has_compared = summary.contracts.iter().any(|contract| compares(&contract));
    let compared = spans().map(|years| {
        let rows = summary.contracts.iter().filter(compares).flat_map(|contract| {
            let row = |what: &str, mean: fn(&YearSummary) -> Option<Mean>| {
                let means = years.iter().map(|&year| mean(&contract.years[year]));
                let figures = means.map(|mean| mean.map_or_else(|| html! { "–" }, per_capita));
                TableRow::new(&format!("{}: {what}", contract.name), figures.collect())
            };
            [row("benchmark", |year| year.benchmark), row("expenditure", |year| year.expenditure)]
        });
        table(&headed("Contract", years, &[]), &rows.collect::<Vec<_>>())
    });
    html! {
        h3 { "Mean gain of each year" }
        @for table in gains { (table) }
        p.note { "Ever behind: cumulative gains are below zero at the end of some year. Ends early: a stopping rule ends the "
            "contract." }
        @if has_compared {
            h3 { "Benchmark and expenditure of each year" }
            @for table in compared { (table) }
            p.note { "Dollars a person-year, over the trials in which the contract is in force. Expenditure is what the benchmark is "
                "compared with." }
        }
    }
}

fn per_capita(Mean { value, standard_error, .. }: Mean) -> Markup {
    figure(&Dollars(value).to_string(), &plus_minus(standard_error, 1), standard_error)
}

/// Lines of terms that may still be kept on one page of print.
const LONG_TERMS: usize = 40;

impl ScoreFrom {
    /// A sentence on where a contract's scores are from.
    const fn in_words(self) -> &'static str {
        match self {
            Self::Given => "The scores or ratios that enter it are given numbers, the same in every trial.",
            Self::Sampled => "The scores or ratios that enter it follow, at least in part, from the sampled years.",
        }
    }
}

fn contract_section(contract: &ContractSummary, pictures: &[&Option<Picture>], period: Period) -> Markup {
    html! {
        article {
            h3 { (contract.name) " " span.lan { "LAN " (contract.lan) } }
            p { (capitalized(&contract.kind)) "." @if let Some(from) = contract.quality_score { " " (from.in_words()) } }
            (marked(contract))
            @if !contract.terms.is_empty() {
                pre.terms.whole[contract.terms.lines().count() > LONG_TERMS] { (contract.terms) }
            }
            @for picture in pictures.iter().copied().flatten() { figure { (PreEscaped(&picture.svg)) } }
            (books(contract, period))
        }
    }
}

/// Means of the lines that add up to the margin.
fn books(contract: &ContractSummary, period: Period) -> Markup {
    let header = if period.years > 1 { "Mean of the books of all years" } else { "Mean of a year's books" };
    let lines = Line::ALL.into_iter().zip(&contract.mean_lines).filter(|(_, mean)| mean.value != 0.0);
    let mut rows: Vec<TableRow> =
        lines.map(|(line, mean)| TableRow::new(line_title(line), vec![amount(mean.estimate())])).collect();
    let totals = [
        ("Margin", amount(contract.measure(RiskMeasure::MeanMargin))),
        ("Gain against fee-for-service", contract.cell(RiskMeasure::MeanGain)),
    ];
    rows.extend(totals.map(|(title, mean)| TableRow { total: true, ..TableRow::new(title, vec![mean]) }));
    html! {
        (table(&[header, "Dollars"].map(str::to_owned), &rows))
        @if contract.is_exact(RiskMeasure::MeanGain) { p.note { "The gain is exact; the margin and its lines are sampled." } }
    }
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
        Line::Programs => "Programs",
    }
}

fn population(figures: &[PopulationFigure]) -> Markup {
    let money = |Mean { value, standard_error: error, .. }: Mean| {
        figure(&Dollars(value).to_string(), &plus_minus(error, 2), error)
    };
    let expected = |expected: Option<f64>| expected.map_or("–".to_owned(), |value| Dollars(value).to_string());
    let (whole, by_service): (Vec<_>, Vec<_>) = figures.iter().partition(|figure| figure.service == "all");
    let spending = "Spending per person-year, sampled";
    let headers = ["Segment", "Person-years", spending, "Expected from the laws"].map(str::to_owned);
    let people = whole.into_iter().map(|of| {
        let total = of.segment == "all";
        let person_years = grouped(&format!("{:.0}", of.person_years));
        let expected = expected(of.expected_per_capita);
        let figures = vec![html! { (person_years) }, money(of.per_capita), html! { (expected) }];
        TableRow { total, ..TableRow::new(if total { "Everyone" } else { &of.segment }, figures) }
    });
    let service_headers = ["Service", spending, "Expected from the laws", "Events (or users) per 1,000"];
    let services = by_service.into_iter().filter(|of| of.segment == "all").map(|of| {
        let per_1000 = of.per_1000.map(|Mean { value, standard_error: error, .. }| {
            figure(&thousands(value, 1), &plus_minus(error, 2), error)
        });
        let expected = expected(of.expected_per_capita);
        let figures = vec![money(of.per_capita), html! { (expected) }, per_1000.unwrap_or_else(|| html! {})];
        TableRow::new(&of.service, figures)
    });
    html! {
        p.note { "Spending before any contract cuts it: MSSP and some commercial contracts leave out what a person costs above a "
            "truncation point." }
        (table(&headers, &people.collect::<Vec<_>>()))
        (table(&service_headers.map(str::to_owned), &services.collect::<Vec<_>>()))
    }
}
