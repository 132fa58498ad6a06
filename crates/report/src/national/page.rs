//! The report of a national run as one self-contained page.

use maud::{Markup, PreEscaped, html};
use twosided_national::Totals;
use twosided_prob::{Estimate, Sample};
use twosided_units::grouped;

use super::{
    summary::BadYears,
    tables::{all_or_these, between, published, shown, value_of},
};
use crate::{
    AcoFigures, Figure, GroupFigures, NationalReport, NationalSummary, QuantityFigures,
    charts::{AmountMark, Amounts, Chart, amounts},
    figures::{beside, probability},
    page::{self, TableRow, heavy_tails, table, table_with_text},
    text::{dollars_beside, dollars_known, listed, percent},
};

/// ACOs that lead the table of single ones, at each end.
const SHOWN_ACOS: usize = 10;

/// The charts of the page, in its order.
pub(super) fn charts(summary: &NationalSummary, totals: &Totals) -> [Chart; 2] {
    let (of, published) = (&summary.national, &summary.published);
    let net_payments = totals.net_payments();
    let net_savings = totals.net_savings();
    [
        chart(
            "net-payments",
            "Net payments of a year to ACOs",
            net_payments,
            &of.net_payments,
            published.net_payments(),
        ),
        chart(
            "net-savings",
            "Net savings of a year against the benchmark",
            net_savings,
            &of.net_savings,
            published.net_savings(),
        ),
    ]
}

fn chart(stem: &'static str, title: &str, trials: Vec<f64>, figures: &QuantityFigures, happened: f64) -> Chart {
    let sample = Sample::new(trials).expect("a summary is of at least two trials, each finite");
    let QuantityFigures { mean, quantile_05, quantile_95, .. } = figures;
    let simulated = [("5%", quantile_05), ("Mean", mean), ("95%", quantile_95)].map(|(name, figure)| AmountMark {
        text: format!("{name}: {}", value_of(figure)),
        amount: figure.value,
        happened: false,
    });
    let text = format!("As published: {}", dollars_beside(happened, &mean.estimate()));
    let marks = simulated.into_iter().chain([AmountMark { text, amount: happened, happened: true }]).collect();
    amounts(&Amounts { stem, title, axis: "Dollars a year", sample: &sample, marks })
}

/// The whole page, with its charts as SVG.
pub(super) fn page(report: &NationalReport, charts: &[String]) -> String {
    let summary = &report.summary;
    let provenance = &summary.provenance;
    let answer = in_short(summary);
    let body = html! {
        header {
            p.kind { "Medicare Shared Savings Program as one portfolio" }
            h1 { "Performance year " (provenance.performance_year) ", " (summary.acos_in_words()) }
            p { (count(provenance.trials)) " sampled years of " (count(summary.people)) " people"
                @if let Some(selected) = &provenance.selected { " in " (summary.acos_in_words()) ": " (selected) } ". Each ACO has the people, the benchmark and the "
                "contract of its row in CMS's results. A trial is the same year for all ACOs: one trend moves all costs." }
        }
        main {
            section { h2 { "In short" } (answer) (heavy_tails(&answer)) }
            section {
                h2 { "What Medicare pays and keeps" }
                (national_table(summary))
                p.note { "± is the standard error of simulation: about two times in three, a run with another seed would fall within it. "
                    "Spending is truncated person by person, as it is settled. Payments are after sequestration and limits." }
                figure { (PreEscaped(&charts[0])) }
                figure { (PreEscaped(&charts[1])) }
            }
            section { h2 { "Bad years for Medicare" } (bad_years(summary)) }
            section {
                h2 { "By track" } (groups("Track", &summary.tracks))
                h2 { "By size" } (groups("Assigned beneficiaries", &summary.sizes))
                p.note { "Gains are of all ACOs of a row together: earned, or owed where negative. Earn and owe are mean shares of these ACOs." }
            }
            section { h2 { "ACOs that gain and lose most" } (single_acos(report)) }
            section { h2 { "Beside what happened" } (check(summary)) }
            section { h2 { "What this assumes" } (assumptions(report)) }
            @if !summary.left_out.is_empty() { section { h2 { "ACOs left out" } (left_out(summary)) } }
            section { h2 { "How to repeat this" } (repeat(summary)) }
        }
    };
    page::page(&format!("Shared Savings Program {}", provenance.performance_year), &body)
}

fn count(number: u64) -> String {
    grouped(&number.to_string())
}

fn cell(of: &Figure) -> Markup {
    beside(shown(of))
}

/// A probability; one that no trial contradicts has no error beside it.
fn chance(of: Estimate) -> Markup {
    if of.value > 0.0 && of.value < 1.0 {
        probability(of)
    } else {
        html! { (percent(of.value, 0)) }
    }
}

fn headers(headers: &[&str]) -> Vec<String> {
    headers.iter().map(|&header| header.to_owned()).collect()
}

fn in_short(summary: &NationalSummary) -> Markup {
    let of = &summary.national;
    let between = |figures: &QuantityFigures| between(&figures.quantile_05, &figures.quantile_95);
    html! {
        p { "In a year like this one, Medicare pays ACOs " b { (cell(&of.net_payments.mean)) } " more than they owe (in nine years of ten "
            (between(&of.net_payments)) "): " (cell(&of.paid.mean)) " of shared savings less " (cell(&of.owed.mean))
            " of shared losses. Against the benchmarks it keeps " b { (cell(&of.net_savings.mean)) } " (" (between(&of.net_savings)) ")." }
        p { (cell(&of.acos_earning.mean)) " ACOs earn and " (cell(&of.acos_owing.mean)) " owe, of " (count(summary.acos)) "." }
        p.mark { b { "A benchmark is not what would have been spent without the program." } " It is a target that rules set. Net savings "
            "here are benchmark less expenditure less net payments, and no estimate of what the program changed." }
    }
}

fn national_table(summary: &NationalSummary) -> Markup {
    let rows = summary.national.all().into_iter().zip(published(summary)).map(|((_, title, figures), published)| {
        let QuantityFigures { mean, sd, quantile_05, quantile_50, quantile_95, .. } = figures;
        let figures = [mean, sd, quantile_05, quantile_50, quantile_95].map(cell);
        TableRow::new(title, figures.into_iter().chain([html! { (published) }]).collect())
    });
    let headers = headers(&[
        &format!("{}, a year", all_or_these(summary)),
        "Mean",
        "Standard deviation",
        "5%",
        "Median",
        "95%",
        "As published",
    ]);
    table(&headers, &rows.collect::<Vec<_>>())
}

fn bad_years(summary: &NationalSummary) -> Markup {
    let rows = summary.national.all().into_iter().filter_map(|(_, title, figures)| {
        let BadYears { var_95, tvar_95, var_99, tvar_99 } = figures.bad_years.as_ref()?;
        Some(TableRow::new(title, [var_95, tvar_95, var_99, tvar_99].map(cell).to_vec()))
    });
    let headers = headers(&[
        all_or_these(summary),
        "1-in-20 bad year",
        "Mean of the worst 5%",
        "1-in-100 bad year",
        "Mean of the worst 1%",
    ]);
    html! {
        (table(&headers, &rows.collect::<Vec<_>>()))
        p.note { "Each row has its own bad years: of expenditure and payments those with the highest, of net savings those with the lowest. "
            "Figures are amounts with their sign; negative net savings mean that Medicare spends and pays more than the benchmarks." }
    }
}

fn groups(first: &str, groups: &[GroupFigures]) -> Markup {
    let rows = groups.iter().map(|group| {
        let figures = [
            html! { (count(group.acos)) },
            html! { (count(group.people)) },
            cell(&group.mean_gain),
            cell(&group.sd_gain),
            html! { (between(&group.gain_quantile_05, &group.gain_quantile_95)) },
            cell(&group.share_earning),
            cell(&group.share_owing),
            html! { (dollars_beside(group.published.net_payments(), &group.mean_gain.estimate())) },
        ];
        // A name of few words stays on its line.
        TableRow::new(&group.name.replace(' ', "\u{a0}"), figures.to_vec())
    });
    let headers = headers(&[
        first,
        "ACOs",
        "People",
        "Mean gain",
        "Standard deviation",
        "5% to 95%",
        "Earn",
        "Owe",
        "Gain as published",
    ]);
    table(&headers, &rows.collect::<Vec<_>>())
}

/// The ACOs at both ends of mean gains, and where the others are.
fn single_acos(report: &NationalReport) -> Markup {
    let mut acos: Vec<_> = report.acos.iter().collect();
    acos.sort_by(|a, b| b.mean_gain.value.total_cmp(&a.mean_gain.value));
    let last = acos.len().saturating_sub(SHOWN_ACOS).max(SHOWN_ACOS.min(acos.len()));
    let rows = acos[..SHOWN_ACOS.min(acos.len())].iter().chain(&acos[last..]).map(|aco| {
        let figures = [
            html! { span.track { (aco.track) } },
            html! { (count(aco.people)) },
            crate::figures::amount(aco.mean_gain),
            crate::figures::amount(aco.sd_gain),
            html! { (dollars_known(&aco.gain_quantile_05).0) " to " (dollars_known(&aco.gain_quantile_95).0) },
            chance(aco.earns),
            chance(aco.owes),
            html! { (aco.published.map_or("–".to_owned(), |amount| dollars_beside(amount, &aco.mean_gain))) },
        ];
        TableRow::new(&format!("{} ({})", aco.name, aco.id), figures.to_vec())
    });
    let headers = headers(&[
        "ACO",
        "Track",
        "People",
        "Mean gain",
        "Standard deviation",
        "5% to 95%",
        "Earns",
        "Owes",
        "Gain as published",
    ]);
    html! {
        (table_with_text(&headers, &rows.collect::<Vec<_>>(), &["Track"]))
        p.note { "0% and 100% are of the trials of this run and have no ±; in a one-sided track an ACO never owes. Every ACO is in "
            code { "acos.csv" } "." }
    }
}

fn check(summary: &NationalSummary) -> Markup {
    let (of, published) = (&summary.national, &summary.published);
    let unknown = published.acos_unknown;
    let [_, _, paid, owed, ..] = self::published(summary);
    let rate = |savings: f64, benchmark: f64| percent(savings / benchmark, 2);
    let simulated = rate(of.benchmark.mean.value - of.expenditure.mean.value, of.benchmark.mean.value);
    let happened = rate(published.benchmark - published.expenditure, published.benchmark);
    html! {
        p { "CMS published shared savings of " (paid) " for " (published.acos_earning) " of these ACOs and shared losses of "
            (owed) " for " (published.acos_owing) "."
            @if unknown > 0 { " The results of " (unknown) " are not in the file." }
            " The simulated means are " (cell(&of.paid.mean)) " and " (cell(&of.owed.mean)) "." }
        p { "Each scenario expects the year's spending again, chance in it included, so the means of benchmarks and of expenditure should agree with the "
            "file: savings of " (simulated) " of the benchmark where " (happened) " was published. Payments need not agree. What happened is one draw, and a "
            "simulated ACO varies around its result: one that just earned falls short in many trials, one that just missed its minimum rate earns in "
            "some, and an ACO with a loss in a one-sided track owes nothing. Such rules bend upward, so means of both savings and losses lie above "
            "what was published." }
    }
}

/// The largest and the median error that pools leave in an ACO's mean expenditure, in dollars a person; none where everybody is drawn.
fn pool_errors(acos: &[AcoFigures]) -> Option<(f64, f64)> {
    let mut errors: Vec<f64> = acos.iter().map(|aco| aco.pool_error / aco.people as f64).collect();
    errors.sort_by(f64::total_cmp);
    let largest = errors.last().copied().filter(|&error| error > 0.0)?;
    Some((largest, errors[errors.len() / 2]))
}

fn assumptions(report: &NationalReport) -> Markup {
    let follow = match report.summary.provenance.trend_followed {
        1.0 => "follow it in full, so that it moves dollars and hardly savings".to_owned(),
        0.0 => "do not follow it, so that it decides nearly all of the national spread".to_owned(),
        share => format!(
            "follow it by a share of {share}, so that {:.2} points of savings rate (one standard deviation) are common to all ACOs; 0.62 points \
             are fitted to past results",
            1.0 - share
        ),
    };
    html! {
        ul {
            li { b { "Independence." } " Given the trend, people and benchmark errors of two ACOs are independent. ACOs of one market that share hospitals, "
                "prices or a bad flu season move together in fact, which would make national spreads wider." }
            li { b { "Trend." } " One factor on the costs of all ACOs, mean 1 and coefficient of variation 1%: assumed. Benchmarks "
                (follow) "." }
            li { b { "Benchmark error." } " Each ACO's own: what its row leaves unknown of the year after it, by the law of ACOs over time that is fitted to the "
                "results of 2014 to 2022." }
            li { b { "Terms." } " As signed, at the year's quality score. Losses are limited by the benchmark alone, since no public file has participants' revenue. "
                "What taking part costs an ACO is left out." }
            li { b { "People." } " Laws of the national population of Medicare, scaled to the row. What truncation takes is measured on "
                (count(report.summary.provenance.persons)) " persons of each enrollment type, others for each ACO, so that an ACO's mean expenditure is "
                "off by up to about 0.7% of that of its row, beside its standard error; ACO by ACO these errors are independent." }
            @if let Some((largest, typical)) = pool_errors(&report.acos) {
                li { b { "Pools." } " Large segments are drawn from pools of simulated persons, whose means of truncated spending are known to an error that "
                    "no ± counts and more trials do not reduce: " (format!("${typical:.1}")) " a person in the typical ACO and "
                    (format!("${largest:.1}")) " at most, independent from ACO to ACO. Each ACO's is in " code { "acos.csv" } ". With "
                    code { "--person-by-person" } " there are no pools." }
            }
        }
        p { "The method is in docs/national.md and docs/new.md. This report is not an actuarial opinion." }
    }
}

fn left_out(summary: &NationalSummary) -> Markup {
    html! {
        p { "No scenario can be made of these rows; they are in no figure." }
        ul {
            @for aco in &summary.left_out { li { b { (aco.name) " (" (aco.id) ")" } ", line " (aco.line) ": " (aco.reason) } }
        }
    }
}

fn repeat(summary: &NationalSummary) -> Markup {
    let of = &summary.provenance;
    html! {
        pre { (of.command()) }
        dl {
            dt { "File" } dd { (of.file) ", SHA-256 " code.hash { (of.file_sha256) } }
            dt { "Persons sampled for truncation" } dd { (count(of.persons)) " of each enrollment type, for each ACO" }
            dt { "Generator" } dd { (of.generator) }
            dt { "Program" } dd { "twosided " (of.version) " (" (of.commit) ")" }
            dt { "Outcomes" } dd { "SHA-256 " code.hash { (of.outcomes_sha256) } }
        }
        p { "The same file, options and version give the same figures to the bit, on any number of threads. Beside this page: "
            (listed(&["summary.csv", "summary.json", "acos.csv", "trials.parquet", "national.toml"])) "." }
    }
}
