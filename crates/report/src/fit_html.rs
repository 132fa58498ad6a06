//! The report of a fit as one self-contained page.

use maud::{Markup, PreEscaped, html};
use twosided_fit::{
    AmountFit, Candidate, Criterion, Figure, Fit, FrequencyFit, Goodness, Pair, Rule, SegmentFit, ServiceFit, Usage,
    population_file,
};
use twosided_prob::GENERATOR;
use twosided_units::grouped;

use crate::{
    FitReport,
    fit_report::Plots,
    page,
    text::{dollars, dollars_with_error, percent, percent_with_error, plain_with_error},
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
                        "service, the one of least " (fit.settings.criterion.title()) " stands in " code { "population.toml" } "." }
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
                                @if !segment.unused.is_empty() { " Left out, as nobody used it: " (segment.unused.join(", ")) "." } }
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

fn overview(fit: &Fit) -> Markup {
    html! {
        table {
            thead { tr {
                th { "Segment" } th.text { "Service" } th { "Mean a person-year" } th { "of the laws" } th { "Standard deviation" }
                th { "of the laws" } th { "Use" } th { "Law of use" } th { "Law of amounts" } th { "Frailty loading" }
            } }
            tbody { @for segment in &fit.segments {
                @for (service, loading) in segment.services.iter().zip(&segment.frailty.loadings) { tr {
                    th scope="row" { (segment.name) } td.text { (service.name) }
                    td { (money(service.mean)) } td { (dollars(service.law_mean())) }
                    td { (dollars(service.sd)) } td { (or_infinite(service.law_sd())) }
                    @match &service.usage {
                        Usage::Events(frequency) => {
                            td { (plain(frequency.mean)) " events" }
                            td { (frequency.tried[frequency.chosen].key.replace('_', " ")) }
                        }
                        Usage::Annual(zero) => {
                            td { (with_error(percent_with_error(zero.value, zero.standard_error))) " none" }
                            td { "zero mass" }
                        }
                    }
                    td { (service.amount.law.title()) } td { (plain(*loading)) }
                } }
            } }
        }
    }
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
                "{}: cost without an event was taken as one event in {costs} rows, events without cost were left out in {events}",
                service.name
            )
        })
        .collect();
    html! {
        ul {
            li { b { "±" } " is one standard error, by the observed information of the likelihood and the scores of people: a "
                "person's years count as one draw." }
            li { b { "AIC" } " is twice the number of parameters less twice the log-likelihood, " b { "BIC" } " the logarithm of the "
                "number of amounts times the number of parameters less the same: less is better, by ten is much better. The law of "
                "least " (fit.settings.criterion.title()) " is chosen, whether or not it fits well." }
            li { b { "KS" } " and " b { "AD" } " are the distances of Kolmogorov and Smirnov and of Anderson and Darling; " b { "p" }
                " is the share of " (fit.settings.samples) " data sets drawn from the fitted law, and fitted again, that lie as far from "
                "their law. They take rows as independent. In thousands of rows every simple law is refused: look at the plots for "
                "where it fails and by how many dollars." }
            li { "Services of events are fitted to the mean cost of an event in each row, weighted by events: what events of one "
                "person and year differ by is not in the spread." }
            li { "Costs of part of a year are annualised and weighted by the part." }
            @for text in &mended { li { (text) "." } }
        }
    }
}

fn goodness(of: Option<&Goodness>) -> Markup {
    let p = |p: f64| format!("{p:.2}");
    html! { @match of {
        Some(of) => {
            td { (format!("{:.3}", of.kolmogorov_smirnov.statistic)) } td { (p(of.kolmogorov_smirnov.p)) }
            td { (format!("{:.2}", of.anderson_darling.statistic)) } td { (p(of.anderson_darling.p)) }
        }
        None => { td { "–" } td { "–" } td { "–" } td { "–" } }
    } }
}

/// A parameter of a law: dollars of a mean or threshold, a plain number otherwise.
fn parameter(name: &str, figure: Figure) -> Markup {
    let is_money = name.ends_with("mean") || name == "threshold";
    html! { (name) " " @if is_money { (money(figure)) } @else { (plain(figure)) } }
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
                p { "The amounts are too few or too alike for a law: their quantiles stand for them." }
            } @else {
                (laws_table(amount))
            }
            @if !amount.excess_costs.is_empty() { (excess_table(amount)) }
            @match &amount.tail {
                Ok(tail) => p { "Above " (dollars(tail.threshold)) " (" (whole(tail.amounts)) " amounts), the generalised Pareto law of "
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
    let row = |candidate: &Candidate| {
        html! {
            td { (money(candidate.mean)) }
            td.text { @for (place, (name, figure)) in candidate.parameters.iter().enumerate() {
                @if place > 0 { "; " } (parameter(name, *figure))
            } }
            td { (format!("{:.1}", candidate.criteria.aic - least_aic)) }
            td { @if let Some(aic) = candidate.aic_by_moments { (format!("{:.1}", aic - least_aic)) } @else { "–" } }
            td { (format!("{:.1}", candidate.criteria.bic - least_bic)) }
            (goodness(candidate.goodness.as_ref()))
        }
    };
    html! {
        table.laws {
            thead { tr {
                th { "Law of amounts" } th { "Mean" } th.text { "Parameters, by maximum likelihood" } th { "AIC above the least" }
                th { "by moments" } th { "BIC above the least" } th { "KS" } th { "p" } th { "AD" } th { "p" }
            } }
            tbody { @for (place, tried) in amount.tried.iter().enumerate() {
                tr.total[amount.chosen == Some(place)] {
                    th scope="row" { (tried.title) @if amount.chosen == Some(place) { " (chosen)" } }
                    @match &tried.outcome {
                        Ok(candidate) => (row(candidate)),
                        Err(reason) => td.reference colspan="9" { "not offered: " (reason) },
                    }
                }
            } }
        }
    }
}

fn excess_table(amount: &AmountFit) -> Markup {
    html! {
        table {
            thead { tr { th { "Mean cost above" } th { "of the data" } th { "of the law" } } }
            tbody {
                @for cost in &amount.excess_costs { tr {
                    th scope="row" { (dollars(cost.above)) } td { (money(cost.observed)) } td { (dollars(cost.of_law)) }
                } }
                tr { th scope="row" { (dollars(amount.largest)) ", the largest" } td { "$0" } td { (dollars(amount.beyond)) } }
            }
        }
    }
}

fn frequency_tables(frequency: &FrequencyFit) -> Markup {
    let offered = || frequency.tried.iter().filter_map(|tried| tried.outcome.as_ref().ok());
    let least = |by: Criterion| offered().map(|candidate| candidate.criteria.by(by)).fold(f64::INFINITY, f64::min);
    let (least_aic, least_bic) = (least(Criterion::Aic), least(Criterion::Bic));
    let last = frequency.table.len() - 1;
    html! {
        p { (plain(frequency.mean)) " events a person-year." }
        table.laws {
            thead { tr {
                th { "Law of events" } th.text { "Parameters, by maximum likelihood" } th { "AIC above the least" }
                th { "BIC above the least" } th { "KS" } th { "p" } th { "AD" } th { "p" }
            } }
            tbody { @for (place, tried) in frequency.tried.iter().enumerate() {
                tr.total[frequency.chosen == place] {
                    th scope="row" { (tried.key.replace('_', " ")) @if frequency.chosen == place { " (chosen)" } }
                    @match &tried.outcome {
                        Ok(candidate) => {
                            td.text { @for (place, (name, figure)) in candidate.parameters.iter().enumerate() {
                                @if place > 0 { "; " } (name) " " (plain(*figure))
                            } }
                            td { (format!("{:.1}", candidate.criteria.aic - least_aic)) }
                            td { (format!("{:.1}", candidate.criteria.bic - least_bic)) }
                            (goodness(candidate.goodness.as_ref()))
                        }
                        Err(reason) => td.reference colspan="7" { "not offered: " (reason) },
                    }
                }
            } }
        }
        table {
            thead { tr { th { "Events in a row" } @for count in 0..=last { th { (count) @if count == last { " or more" } } } } }
            tbody {
                tr { th scope="row" { "Rows" } @for row in &frequency.table { td { (grouped(&format!("{:.0}", row[0]))) } } }
                tr { th scope="row" { "Expected of the law" } @for row in &frequency.table { td { (grouped(&format!("{:.0}", row[1]))) } } }
            }
        }
    }
}

fn frailty(segment: &SegmentFit) -> Markup {
    let name = |place: usize| segment.services[place].name.as_str();
    let what = |pair: Pair| match pair {
        Pair::Services(a, b) => format!("{} and {}, same year", name(a), name(b)),
        Pair::Years(service, 1) => format!("{}, a year and the next", name(service)),
        Pair::Years(service, apart) => format!("{}, years {apart} apart", name(service)),
    };
    html! {
        article {
            h3 { "Frailty" }
            p { "One score a person, of which each service takes its loading and which lasts from year to year with persistence "
                (plain(segment.frailty.persistence)) ". Loadings: "
                @for (place, (service, loading)) in segment.services.iter().zip(&segment.frailty.loadings).enumerate() {
                    @if place > 0 { ", " } (service.name) " " (plain(*loading))
                } "." }
            @for note in &segment.frailty.notes { p { b { "Note: " } (note) "." } }
            @if !segment.frailty.correlations.is_empty() {
                table {
                    thead { tr { th { "Latent correlation" } th { "Pairs" } th { "Of the data" } th { "Of the fitted frailty" } } }
                    tbody { @for correlation in &segment.frailty.correlations { tr {
                        th scope="row" { (what(correlation.pair)) } td { (whole(correlation.pairs)) }
                        td { (plain(correlation.observed)) } td { (format!("{:.3}", correlation.fitted)) }
                    } } }
                }
            }
        }
    }
}

fn repeat(report: &FitReport<'_>) -> Markup {
    let FitReport { fit, version, commit } = report;
    let rule = match fit.settings.rule {
        Rule::Buhlmann { k } => format!("n / (n + {k}), of n person-years"),
        Rule::LimitedFluctuation { probability, within } => format!(
            "limited fluctuation: full where the mean is within {} with probability {}",
            percent(within, 1),
            percent(probability, 1)
        ),
    };
    let has_prior =
        fit.segments.iter().flat_map(|segment| &segment.services).any(|service| service.credibility.is_some());
    html! {
        pre { (population_file(fit)) }
        dl {
            dt { "Seed" } dd { (fit.settings.seed) }
            dt { "Bootstrap samples" } dd { (fit.settings.samples) }
            dt { "Tail above" } dd { (percent(fit.settings.tail_above, 1)) " of the amounts" }
            @if has_prior { dt { "Credibility" } dd { (rule) } }
            dt { "Generator" } dd { (GENERATOR) }
            dt { "Program" } dd { "twosided " (version) " (" (commit) ")" }
        }
        p { "The same file, flags and seed give the same figures. Methods and limits: docs/fit.md." }
    }
}
