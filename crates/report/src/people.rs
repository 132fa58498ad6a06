//! Results by group of people, and quality measures.

use maud::{Markup, html};

use crate::{
    Figure, MeasureFigures, PeopleSummary, PeopleUnder, Summary,
    charts::{GroupPoint, GroupsUnder},
    figures::amount,
    page::{TableRow, table},
};

/// The name of those who are in no group of their own.
const EVERYONE: &str = "everyone";

impl PeopleSummary {
    fn name(&self) -> &str {
        self.group.as_deref().unwrap_or(EVERYONE)
    }
}

/// The section of the page, with its picture, if there are measures or groups.
pub(crate) fn section(summary: &Summary, picture: &Markup) -> Option<Markup> {
    let people = &summary.people_by_group;
    let has_groups = people.iter().any(|people| people.group.is_some());
    (!people.is_empty()).then(|| {
        html! {
            @if has_groups {
                p { "Dollars a person-year. A benchmark, and what a contract pays, are divided among people in proportion to their risk "
                    "scores, or to years lived where nobody has a score, so that a group whose care costs more than its scores say is spent more on than its benchmark allows." }
                (picture)
                (by_contract(people))
            }
            (measures(people))
        }
    })
}

fn dollars(figure: Option<&Figure>) -> Markup {
    figure.map_or_else(|| html! { "–" }, |figure| amount(figure.shown()))
}

fn plain(figure: &Figure) -> Markup {
    html! { (figure.in_words()) }
}

/// Every contract and group: spending, benchmark, what is left, payment.
fn by_contract(people: &[PeopleSummary]) -> Markup {
    let headers = ["Contract and people", "Spent on their care", "Benchmark", "Paid to the provider"];
    let mut rows = Vec::new();
    for of in contracts(people) {
        for (name, under) in under(people, of) {
            let figures = [Some(&under.expenditure), under.benchmark.as_ref(), Some(&under.payment)].map(dollars);
            rows.push(TableRow::new(&format!("{of}: {name}"), figures.into_iter().collect()));
        }
    }
    table(&headers.map(str::to_owned), &rows)
}

/// Names of contracts, each once, in order.
fn contracts(people: &[PeopleSummary]) -> Vec<&str> {
    let everyone = people.first().map_or(&[][..], |everyone| &everyone.contracts);
    everyone.iter().map(|under| under.contract.as_str()).collect()
}

/// What each group comes to under a contract.
fn under<'a>(people: &'a [PeopleSummary], contract: &'a str) -> impl Iterator<Item = (&'a str, &'a PeopleUnder)> {
    people.iter().filter_map(move |group| {
        let under = group.contracts.iter().find(|under| under.contract == contract)?;
        Some((group.name(), under))
    })
}

/// Quality measures; contracts under which they come to the same share a row.
fn measures(people: &[PeopleSummary]) -> Markup {
    let headers = ["Measure", "People", "Under", "Score", "Standard deviation", "Correlation with spending"];
    let mut rows = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    for measured in people.iter().flat_map(|group| &group.contracts).flat_map(|under| &under.measures) {
        if !names.contains(&measured.measure.as_str()) {
            names.push(&measured.measure);
        }
    }
    for name in names {
        for group in people {
            let mut alike: Vec<(Vec<&str>, &MeasureFigures)> = Vec::new();
            for under in &group.contracts {
                let Some(measured) = under.measures.iter().find(|measured| measured.measure == *name) else { continue };
                match alike.iter_mut().find(|(_, other)| other.score == measured.score && other.sd == measured.sd) {
                    Some((contracts, _)) => contracts.push(&under.contract),
                    None => alike.push((vec![&under.contract], measured)),
                }
            }
            let all = group.contracts.len();
            for (contracts, measured) in alike {
                let of = if contracts.len() == all { "every contract".to_owned() } else { contracts.join("; ") };
                let correlation = measured.correlation_with_expenditure.as_ref();
                let cells = vec![
                    html! { (group.name()) },
                    html! { (of) },
                    plain(&measured.score),
                    plain(&measured.sd),
                    correlation.map_or_else(|| html! { "–" }, plain),
                ];
                rows.push(TableRow::new(name, cells));
            }
        }
    }
    html! {
        @if !rows.is_empty() {
            h3 { "Quality measures" }
            p { "A score is what is counted over those whom the measure concerns. Its standard deviation is that between "
                "trials, of the whole horizon, and its correlation is that with spending a person-year on the same people." }
            (crate::page::table_with_text(&headers.map(str::to_owned), &rows, &["People", "Under"]))
        }
    }
}

/// What the picture by group shows, if there are groups.
pub(crate) fn points(summary: &Summary) -> Option<Vec<GroupsUnder>> {
    let people = &summary.people_by_group;
    people.iter().any(|group| group.group.is_some()).then(|| {
        let of = contracts(people).into_iter().map(|contract| GroupsUnder {
            contract: contract.to_owned(),
            points: under(people, contract)
                .map(|(group, under)| GroupPoint {
                    group: group.to_owned(),
                    expenditure: under.expenditure.shown(),
                    benchmark: under.benchmark.as_ref().map(Figure::shown),
                    payment: under.payment.shown(),
                })
                .collect(),
        });
        of.collect()
    })
}
