//! The report of a fit as one self-contained page.

use maud::{Markup, PreEscaped, html};
use twosided_fit::{
    AmountFit, Candidate, CountCandidate, CredibilityMethod, Criterion, Figure, Fit, FrequencyFit, Goodness, Pair,
    SegmentFit, ServiceFit, Usage, population_file,
};
use twosided_prob::GENERATOR;
use twosided_units::grouped;

use crate::{
    FitReport,
    fit_names::written,
    fit_report::Plots,
    page::{self, Cells, TableRow, table, table_with_text},
    text::{dollars, dollars_with_error, joint, listed, percent, percent_with_error, plain_with_error, thousands},
};

/// The whole page.
pub(crate) fn page(report: &FitReport<'_>, plots: &[Plots]) -> String {
    let fit = report.fit;
    let mut plots = plots.iter();
    let body = html! {
                header {
                    p.kind { "Laws fitted to member-level data" }
                    h1 { (fit.file) }
                    p { (whole(fit.rows)) " rows of " (whole(fit.segments.iter().map(|segment| segment.people).sum()))
                        " people in " (whole(fit.segments.len())) @if fit.segments.len() == 1 { " segment" } @else { " segments" }
                        ", " (whole(fit.years)) @if fit.years == 1 { " year" } @else { " years" } ". Of the laws tried on each "
                        "service, the one with the least " (fit.settings.criterion.title()) " is in " code { "population.toml" } "." }
                }
                main {
                    section { h2 { "What was found" } (overview(fit)) }
                    section { h2 { "How to read this" } (reading(fit)) }
                    @for segment in &fit.segments {
                        section.contracts {
                            h2 { "Segment: " (segment.name) }
                            p { (whole(segment.rows)) " rows, " (whole(segment.people)) " people, "
                                (grouped(&format!("{:.0}", segment.person_years))) " person-years, "
                                (whole(segment.members as usize)) " members in a year on average."
                                @if !segment.unused.is_empty() { " Left out, as nobody used it: " (listed(&segment.unused)) "." } }
                            @for service in &segment.services {
                                @if let Some(plots) = plots.next() { (service_section(service, plots)) }
                            }
                            (frailty(segment))
                        }
                    }
                    section { h2 { "The population, and how to repeat this" } (repeat(report)) }
                }
    };
    page::page(&format!("Fit of {}", fit.file), &body)
}

fn whole(count: usize) -> String {
    grouped(&count.to_string())
}

fn with_error((value, error): (String, String)) -> Markup {
    html! { (value) @if error != "± 0" { " " span.error { (error) } } }
}

fn money(figure: Figure) -> Markup {
    with_error(dollars_with_error(figure.value, figure.standard_error))
}

fn plain(figure: Figure) -> Markup {
    with_error(plain_with_error(figure.value, figure.standard_error))
}

/// A standard deviation or cv that may not exist.
fn or_infinite(value: f64) -> String {
    if value.is_finite() { dollars(value) } else { "infinite".to_owned() }
}

fn headers(headers: &[&str]) -> Vec<String> {
    headers.iter().map(|&header| header.to_owned()).collect()
}

fn overview(fit: &Fit) -> Markup {
    let row = |segment: &SegmentFit, service: &ServiceFit, loading: Figure| {
        let (usage, law) = match &service.usage {
            Usage::Events(frequency) => (
                html! { (plain(frequency.mean)) " events" },
                html! { (written(frequency.tried[frequency.chosen].key)) },
            ),
            Usage::Annual(zero) => (
                html! { (with_error(percent_with_error(zero.value, zero.standard_error))) " none" },
                html! { "zero mass" },
            ),
        };
        let figures = vec![
            money(service.mean),
            html! { (dollars(service.law_mean())) },
            html! { (dollars(service.sd)) },
            html! { (or_infinite(service.law_sd())) },
            usage,
            law,
            html! { (written(&service.amount.law.title())) },
            plain(loading),
        ];
        TableRow::new(&format!("{}, {}", segment.name, service.name), figures)
    };
    let rows = fit.segments.iter().flat_map(|segment| {
        let services = segment.services.iter().zip(&segment.frailty.loadings);
        services.map(move |(service, loading)| row(segment, service, *loading))
    });
    let headers = headers(&[
        "Segment and service",
        "Mean a person-year, data",
        "Mean a person-year, laws",
        "Standard deviation, data",
        "Standard deviation, laws",
        "Use",
        "Law of use",
        "Law of amounts",
        "Frailty loading",
    ]);
    table(&headers, &rows.collect::<Vec<_>>())
}

fn reading(fit: &Fit) -> Markup {
    let mended: Vec<String> = fit
        .columns
        .services
        .iter()
        .zip(&fit.mended)
        .filter(|(_, rows)| rows.iter().sum::<usize>() > 0)
        .map(|(service, [costs, events])| {
            format!(
                "{}: cost without an event was taken as one event in {} rows, events without cost were left out in {}",
                service.name,
                whole(*costs),
                whole(*events)
            )
        })
        .collect();
    html! {
        ul {
            li { b { "±" } " is one standard error, by the observed information of the likelihood and the scores of people: a "
                "person's years count as one draw." }
            li { b { "AIC" } " is twice the number of parameters less twice the log-likelihood, " b { "BIC" } " the logarithm of the "
                "number of amounts times the number of parameters less the same: less is better, and ten less is much better. The law with the "
                "least " (fit.settings.criterion.title()) " is chosen, whether or not it fits well." }
            li { b { "KS" } " and " b { "AD" } " are the Kolmogorov-Smirnov and Anderson-Darling distances; " b { "p" }
                " is the share of " (whole(fit.settings.samples as usize)) " data sets, each drawn from the fitted law and fitted again, "
                "that lie at least as far from their law: a small one means a poor fit. The tests assume independent rows. With "
                "thousands of rows every simple law is rejected: look at the plots for "
                "where it fails and by how many dollars." }
            li { "Services of events are fitted to the mean cost of an event in each row, weighted by events: what events of one "
                "person and year differ by is missing from the spread." }
            li { "Costs of part of a year are annualized and weighted by the part." }
            @for text in &mended { li { (text) "." } }
        }
    }
}

/// Distances and p, in four columns.
fn goodness(of: Option<&Goodness>) -> [String; 4] {
    let Some(of) = of else { return ["–"; 4].map(str::to_owned) };
    let p = |p: f64| format!("{p:.2}");
    let (distance, squares) = (of.kolmogorov_smirnov, of.anderson_darling);
    [format!("{:.3}", distance.statistic), p(distance.p), thousands(squares.statistic, 2), p(squares.p)]
}

/// Headers of the columns of [`goodness`].
const GOODNESS: [&str; 4] = ["KS", "p of KS", "AD", "p of AD"];

/// A parameter of a law: dollars of a mean or threshold, a plain number otherwise.
fn parameter(name: &str, figure: Figure) -> Markup {
    let is_money = name.ends_with("mean") || name == "threshold";
    html! { (written(name)) " " @if is_money { (money(figure)) } @else { (plain(figure)) } }
}

fn service_section(service: &ServiceFit, plots: &Plots) -> Markup {
    let amount = &service.amount;
    html! {
        article {
            h3 { (service.name) }
            @for warning in &service.warnings { p { b { "Warning: " } (warning) "." } }
            @match &service.usage {
                Usage::Events(frequency) => (frequency_tables(frequency)),
                Usage::Annual(zero) => p { "No cost in a full year: "
                    (with_error(percent_with_error(zero.value, zero.standard_error))) " of people." },
            }
            p { (whole(amount.amounts)) @if matches!(service.usage, Usage::Events(_)) { " rows with events" } @else { " rows with cost" }
                " of " (whole(amount.people)) " people. By moments: mean " (money(amount.moments[0])) ", cv " (plain(amount.moments[1])) "." }
            @if amount.tried.is_empty() {
                p { "The amounts are too few or too alike for a law: their quantiles are used instead." }
            } @else {
                (laws_table(amount))
            }
            @if !amount.excess_costs.is_empty() { (excess_table(amount)) }
            @match &amount.tail {
                Ok(tail) => p { "Above " (dollars(tail.threshold)) " (" (whole(tail.amounts)) " amounts), the generalized Pareto law of "
                    "the excess has shape " (plain(tail.shape)) " and scale " (money(tail.scale)) "." },
                Err(reason) => p { "No tail was fitted by itself: " (reason) "." },
            }
            @if let Some(credibility) = &service.credibility {
                p { "Credibility: the data's mean of " (money(service.mean)) " a person-year counts " (percent(credibility.weight, 1))
                    ", the prior's " (dollars(credibility.prior)) " the rest: " b { (money(credibility.mean)) } "." }
            }
            div.plots {
                figure { (PreEscaped(&plots.quantiles)) }
                @if let Some(mean_excess) = &plots.mean_excess { figure { (PreEscaped(mean_excess)) } }
            }
        }
    }
}

fn laws_table(amount: &AmountFit) -> Markup {
    let offered = || amount.tried.iter().filter_map(|tried| tried.outcome.as_ref().ok());
    let least = |by: Criterion| offered().map(|candidate| candidate.criteria.by(by)).fold(f64::INFINITY, f64::min);
    let (least_aic, least_bic) = (least(Criterion::Aic), least(Criterion::Bic));
    let figures = |candidate: &Candidate| {
        let by_moments = candidate.aic_by_moments.map_or("–".to_owned(), |aic| above(aic, least_aic));
        let criteria = [above(candidate.criteria.aic, least_aic), by_moments, above(candidate.criteria.bic, least_bic)];
        let numbers = criteria.into_iter().chain(goodness(candidate.goodness.as_ref()));
        let words = [money(candidate.mean), parameters(&candidate.parameters, parameter)];
        words.into_iter().chain(numbers.map(|number| html! { (number) })).collect()
    };
    let rows = amount.tried.iter().enumerate().map(|(index, tried)| {
        let outcome = tried.outcome.as_ref().map(figures);
        law_row(&written(&tried.title), amount.chosen == Some(index), outcome)
    });
    let first = ["Law of amounts", "Mean", PARAMETERS, "AIC above the least", "AIC by moments", "BIC above the least"];
    table_with_text(&headers(&[&first[..], &GOODNESS].concat()), &rows.collect::<Vec<_>>(), &[PARAMETERS])
}

/// Header of the parameters of laws.
const PARAMETERS: &str = "Parameters, by maximum likelihood";

fn above(criterion: f64, least: f64) -> String {
    thousands(criterion - least, 1)
}

fn parameters<Name: AsRef<str>>(of: &[(Name, Figure)], say: impl Fn(&str, Figure) -> Markup) -> Markup {
    html! { @for (index, (name, figure)) in of.iter().enumerate() { @if index > 0 { "; " } (say(name.as_ref(), *figure)) } }
}

/// The row of a law that was tried, or why it was not offered.
fn law_row(name: &str, is_chosen: bool, outcome: Result<Vec<Markup>, impl std::fmt::Display>) -> TableRow {
    let name = if is_chosen { format!("{name} (chosen)") } else { name.to_owned() };
    let cells = match outcome {
        Ok(figures) => Cells::Figures(figures),
        Err(reason) => Cells::Remark(format!("not offered: {reason}")),
    };
    TableRow { name, total: is_chosen, cells }
}

fn excess_table(amount: &AmountFit) -> Markup {
    let costs = amount
        .excess_costs
        .iter()
        .map(|cost| TableRow::new(&dollars(cost.above), vec![money(cost.observed), html! { (dollars(cost.of_law)) }]));
    let largest = TableRow::new(
        &format!("{}, the largest", dollars(amount.largest)),
        vec![html! { "$0" }, html! { (dollars(amount.beyond)) }],
    );
    let rows: Vec<TableRow> = costs.chain([largest]).collect();
    table(&headers(&["Mean cost above", "Mean cost above it, data", "Mean cost above it, law"]), &rows)
}

fn frequency_tables(frequency: &FrequencyFit) -> Markup {
    let offered = || frequency.tried.iter().filter_map(|tried| tried.outcome.as_ref().ok());
    let least = |by: Criterion| offered().map(|candidate| candidate.criteria.by(by)).fold(f64::INFINITY, f64::min);
    let (least_aic, least_bic) = (least(Criterion::Aic), least(Criterion::Bic));
    let figures = |candidate: &CountCandidate| {
        let criteria = [above(candidate.criteria.aic, least_aic), above(candidate.criteria.bic, least_bic)];
        let numbers = criteria.into_iter().chain(goodness(candidate.goodness.as_ref()));
        let words = [parameters(&candidate.parameters, |name, figure| html! { (written(name)) " " (plain(figure)) })];
        words.into_iter().chain(numbers.map(|number| html! { (number) })).collect()
    };
    let laws = frequency.tried.iter().enumerate().map(|(index, tried)| {
        law_row(&written(tried.key), frequency.chosen == index, tried.outcome.as_ref().map(figures))
    });
    let first = ["Law of events", PARAMETERS, "AIC above the least", "BIC above the least"];
    let last = frequency.table.len() - 1;
    let counts = (0..=last).map(|count| if count == last { format!("{count} or more") } else { count.to_string() });
    let rows = ["Rows", "Expected under the law"].into_iter().enumerate().map(|(which, name)| {
        let counts = frequency.table.iter().map(|row| html! { (thousands(row[which], 0)) });
        TableRow::new(name, counts.collect())
    });
    html! {
        p { (plain(frequency.mean)) " events a person-year." }
        (table_with_text(&headers(&[&first[..], &GOODNESS].concat()), &laws.collect::<Vec<_>>(), &[PARAMETERS]))
        (table(
            &["Events in a row".to_owned()].into_iter().chain(counts).collect::<Vec<_>>(),
            &rows.collect::<Vec<_>>()
        ))
    }
}

fn frailty(segment: &SegmentFit) -> Markup {
    let name = |index: usize| segment.services[index].name.as_str();
    let what = |pair: Pair| match pair {
        Pair::Services(a, b) => format!("{} and {}, same year", name(a), name(b)),
        Pair::Years(service, 1) => format!("{}, a year and the next", name(service)),
        Pair::Years(service, apart) => format!("{}, years {apart} apart", name(service)),
    };
    let names: Vec<&str> = segment.services.iter().map(|service| service.name.as_str()).collect();
    let correlations: Vec<TableRow> = segment
        .frailty
        .correlations
        .iter()
        .map(|correlation| {
            let fitted = html! { (format!("{:.3}", correlation.fitted)) };
            let figures = vec![html! { (whole(correlation.pairs)) }, plain(correlation.observed), fitted];
            TableRow::new(&what(correlation.pair), figures)
        })
        .collect();
    html! {
        article {
            h3 { "Frailty" }
            p { "One score a person, of which each service takes its loading and which lasts from year to year with persistence "
                (plain(segment.frailty.persistence)) ". Loadings: "
                @for (index, (service, loading)) in segment.services.iter().zip(&segment.frailty.loadings).enumerate() {
                    (joint(index, &names)) (service.name) " " (plain(*loading))
                } "." }
            @for note in &segment.frailty.notes { p { b { "Note: " } (note) "." } }
            @if !segment.frailty.correlations.is_empty() {
                (table(&headers(&["Latent correlation", "Pairs", "Of the data", "Of the fitted frailty"]), &correlations))
            }
        }
    }
}

fn repeat(report: &FitReport<'_>) -> Markup {
    let FitReport { fit, version, commit } = report;
    let rule = match fit.settings.rule {
        CredibilityMethod::Buhlmann { k } => format!("n / (n + {k}), of n person-years"),
        CredibilityMethod::LimitedFluctuation { probability, within } => format!(
            "limited fluctuation: full where the mean is within {} with probability {}",
            percent(within, 1),
            percent(probability, 1)
        ),
    };
    let has_prior =
        fit.segments.iter().flat_map(|segment| &segment.services).any(|service| service.credibility.is_some());
    html! {
        pre.whole { (population_file(fit)) }
        dl {
            dt { "Seed" } dd { (fit.settings.seed) }
            dt { "Bootstrap samples" } dd { (whole(fit.settings.samples as usize)) }
            dt { "Tail above" } dd { (percent(fit.settings.tail_above, 1)) " of the amounts" }
            @if has_prior { dt { "Credibility" } dd { (rule) } }
            dt { "Generator" } dd { (GENERATOR) }
            dt { "Program" } dd { "twosided " (version) " (" (commit) ")" }
        }
        p { "The same file, flags and seed give the same figures. Methods and limits: docs/fit.md." }
    }
}
