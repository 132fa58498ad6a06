//! The scenario as text: the national population's, with the row's figures, and a note at each of where it is from.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, InlineTable, Item, Key, TableLike, Value};
use twosided_actuals::{AcoPeople, AcoYear};
use twosided_contracts::{MinimumRate, QualityStandard, RevenueCategory, Track};
use twosided_form::{count, name_fault, printable};
use twosided_units::Dollars;

use crate::{
    people::EnrollmentGroup,
    targets::{COUNTS, DOLLARS, Targets},
};

/// What a scenario is written from.
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) year: u16,
    pub(crate) aco: &'a AcoYear,
    pub(crate) figures: &'a AcoPeople,
    pub(crate) kinds: &'a [EnrollmentGroup],
    pub(crate) targets: &'a Targets,
    pub(crate) points: &'a [f64],
    pub(crate) remarks: &'a [String],
    pub(crate) over: f64,
    /// Disaster relief, as a share of the loss of the year.
    pub(crate) relief: Option<f64>,
}

/// Longest name of a scenario.
const LONGEST_NAME: usize = 80;
/// Lasting differences between benchmark and spending: standard deviation of all ACOs, and what smaller ones have beyond, over
/// the root of their beneficiaries; correlation from year to year.
const BENCHMARK_ERROR: (f64, f64, f64) = (0.0234, 3.18, 0.765);

/// Multiplies the use and the amounts of a segment's services, by name; a service of which nothing is used is taken out.
pub(crate) fn scale(
    document: &mut DocumentMut,
    segment: usize,
    uses: &BTreeMap<&str, f64>,
    amounts: &BTreeMap<&str, f64>,
) {
    let segments = document["population"]["segments"].as_array_of_tables_mut().expect("segments");
    let segment = segments.get_mut(segment).expect("a segment of each type");
    let services = segment["services"].as_table_like_mut().expect("services");
    for (service, used) in uses {
        if *used == 0.0 {
            services.remove(service);
        }
    }
    for (name, service) in services.iter_mut() {
        let service = service.as_table_like_mut().expect("a service is a table");
        let (used, amount) = (uses[name.get()], amounts[name.get()]);
        let parent = service.get("follows").and_then(Item::as_str).map_or(1.0, |parent| uses[parent]);
        if let Some(frequency) = inline(service, "frequency") {
            scale_frequency(frequency, used / parent);
        }
        if let Some(severity) = inline(service, "severity") {
            scale_means(severity, amount);
        }
        if let Some(annual) = inline(service, "annual") {
            scale_means(annual, amount * used);
        }
    }
    scale_end_of_life(segment, |service| uses[service] * amounts[service]);
}

fn inline<'t>(table: &'t mut dyn TableLike, key: &str) -> Option<&'t mut InlineTable> {
    table.get_mut(key)?.as_value_mut()?.as_inline_table_mut()
}

/// What a death costs is spent on services, each with its factor.
fn scale_end_of_life(segment: &mut toml_edit::Table, factor: impl Fn(&str) -> f64) {
    let Some(mortality) = inline(segment, "mortality") else { return };
    let Some(end) = mortality.get_mut("end_of_life").and_then(Value::as_inline_table_mut) else { return };
    let Some(services) = end.get_mut("services").and_then(Value::as_inline_table_mut) else { return };
    let scaled: Vec<(String, f64)> =
        services.iter().filter_map(|(name, part)| Some((name.to_owned(), part.as_float()? * factor(name)))).collect();
    let all: f64 = scaled.iter().map(|(_, part)| part).sum();
    let Some(last) = scaled.iter().rposition(|(_, part)| *part > 0.0) else {
        mortality.remove("end_of_life");
        return;
    };
    // Parts add to one to the last digit written.
    let mut left = 1_000_000;
    for (index, (name, part)) in scaled.iter().enumerate() {
        let millionths = if index == last { left } else { (part / all * 1e6).round() as i64 };
        left -= millionths;
        if millionths <= 0 {
            services.remove(name);
        } else if let Some(value) = services.get_mut(name) {
            set(value, millionths as f64 / 1e6);
        }
    }
    if let Some(amount) = end.get_mut("amount").and_then(Value::as_inline_table_mut) {
        scale_means(amount, all);
    }
}

fn scale_frequency(frequency: &mut InlineTable, factor: f64) {
    let Some(probability) = frequency.get("bernoulli").and_then(|law| law.as_inline_table()?.get("probability")) else {
        scale_means(frequency, factor);
        return;
    };
    let mean =
        probability.as_float().or(probability.as_integer().map(|whole| whole as f64)).unwrap_or_default() * factor;
    let mut law = InlineTable::new();
    // More than one event for each is no probability.
    let key = if mean > 1.0 { "mean" } else { "probability" };
    law.insert(key, value(mean));
    frequency.clear();
    frequency.insert(if mean > 1.0 { "poisson" } else { "bernoulli" }, Value::InlineTable(law));
    frequency.fmt();
}

fn scale_means(table: &mut InlineTable, factor: f64) {
    for (key, entry) in table.iter_mut() {
        if key.get() == "mean" {
            let mean = entry.as_float().or(entry.as_integer().map(|whole| whole as f64)).unwrap_or_default();
            set(entry, mean * factor);
        } else if let Some(inner) = entry.as_inline_table_mut() {
            scale_means(inner, factor);
        } else if let Some(array) = entry.as_array_mut() {
            for inner in array.iter_mut().filter_map(Value::as_inline_table_mut) {
                scale_means(inner, factor);
            }
        }
    }
}

/// A number to six digits, as a person writes it.
fn number(figure: f64) -> String {
    let rounded: f64 = format!("{figure:.5e}").parse().unwrap_or(figure);
    let plain = rounded.to_string();
    match plain.split_once('.') {
        None => underscored(&plain),
        Some((whole, decimals)) => format!("{}.{decimals}", underscored(whole)),
    }
}

fn underscored(digits: &str) -> String {
    count(digits.parse().unwrap_or_default()).replace(',', "_")
}

fn value(figure: f64) -> Value {
    number(figure).parse().expect("a number is TOML")
}

/// Puts a number in the place of another and leaves the spaces around it.
fn set(entry: &mut Value, figure: f64) {
    let decor = entry.decor().clone();
    *entry = value(figure);
    *entry.decor_mut() = decor;
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

impl Source<'_> {
    /// The whole text.
    pub(crate) fn scenario(&self, mut document: DocumentMut, offers: impl Fn(Track) -> bool) -> String {
        self.note_segments(&mut document);
        let own = own_share(&document);
        let people = document.to_string();
        let start = people.find("[[population.segments]]").unwrap_or_default();
        let mut text = self.heading();
        text.push_str(&self.blocks(&own));
        text.push_str(&people[start..]);
        text.push_str("\n[[contracts]]\nname = \"Fee-for-service\"\nterms.fee_for_service = {}\n");
        text.push_str(&self.contracts(offers));
        text
    }

    /// Where a figure of the row stands.
    fn row(&self) -> String {
        format!("PY{} results, {}", self.year, printable(&self.aco.aco))
    }

    /// The row's figures in the segments, and notes of where each is from.
    fn note_segments(&self, document: &mut DocumentMut) {
        let segments = document["population"]["segments"].as_array_of_tables_mut().expect("segments");
        for ((segment, kind), point) in segments.iter_mut().zip(self.kinds).zip(self.points) {
            let [years, per_capita, score] = kind.enrollment.columns();
            let mut members: Value = count(kind.members).replace(',', "_").parse().expect("a number is TOML");
            let person_years = count(kind.person_years.round() as u64);
            members.decor_mut().set_prefix(" ");
            members.decor_mut().set_suffix(format!(" # who live {person_years} person-years"));
            segment["members"] = Item::Value(members);
            let mut point = value(*point);
            point.decor_mut().set_prefix(" ");
            point
                .decor_mut()
                .set_suffix(" # default: the national population's, moved by what the type costs in the file");
            segment["truncation_point"] = Item::Value(point);
            let inferred = kind.inferred.map_or(String::new(), |inferred| format!("; {inferred}"));
            let spent = count(kind.per_capita.round() as u64);
            segment["source"] = text_item(&format!("{}: {years}, {per_capita} ${spent}{inferred}", self.row()));
            if let Some(table) = inline(segment, "risk_score") {
                if let Some(mean) = table.get_mut("mean") {
                    set(mean, kind.risk_score);
                }
                put(
                    table,
                    "source",
                    &format!("mean: {}, {score}; default: cv, frailty_loading (national population)", self.row()),
                );
            }
            for key in ["frailty", "mortality", "turnover"] {
                if let Some(table) = inline(segment, key) {
                    let amount = if key == "mortality" { "; amount and parts scaled as services" } else { "" };
                    put(table, "source", &format!("default: national population{amount}"));
                }
            }
            let services = segment["services"].as_table_like_mut().expect("services");
            for (name, service) in services.iter_mut() {
                let note = self.note_of(name.get());
                service.as_table_like_mut().expect("a service is a table").insert("source", text_item(&note));
            }
        }
    }

    fn note_of(&self, service: &str) -> String {
        let mut published = Vec::new();
        let mut defaults = Vec::new();
        let counts = COUNTS.iter().filter(|measure| measure.services.contains(&service)).map(|measure| measure.column);
        let days = (service == "skilled nursing days").then_some("SNF_LOS");
        let dollars =
            DOLLARS.iter().filter(|measure| measure.services.contains(&service)).map(|measure| measure.column);
        for column in counts.chain(days).chain(dollars) {
            if self.targets.defaults.contains(column) { defaults.push(column) } else { published.push(column) }
        }
        let rows =
            if published.is_empty() { String::new() } else { format!("{}: {}; ", self.row(), published.join(", ")) };
        let hidden =
            if defaults.is_empty() { String::new() } else { format!("{} not in the row, ", defaults.join(", ")) };
        format!("{rows}default: {hidden}shape, split by type and within the figure (national population)")
    }

    /// What it is, what happened, and what does not agree.
    fn heading(&self) -> String {
        let Self { aco, year, figures, .. } = self;
        let mut lines = vec![
            format!(
                "{} ({}), performance year {year}, from {} of CMS's public results.",
                if aco.name.is_empty() { "An ACO".to_owned() } else { printable(&aco.name) },
                printable(&aco.aco),
                printable(self.file)
            ),
            "Written by `twosided new aco`; the method is in docs/new.md. What a note gives after \"default:\" is no figure".to_owned(),
            "of the row: it is for you to replace.".to_owned(),
            String::new(),
        ];
        let totals = &aco.totals;
        let gap = totals.gap.unwrap_or(totals.benchmark - totals.expenditure);
        let earned = aco.earned.map_or(String::new(), |earned| format!("; earned or owed, as published: {earned}"));
        lines.push(format!(
            "What happened: benchmark {}, expenditure {}, difference {gap}{earned}.",
            totals.benchmark, totals.expenditure
        ));
        lines.push("The scenario expects that year's spending again, chance in it included.".to_owned());
        let services: f64 = DOLLARS
            .iter()
            .filter(|measure| !measure.column.starts_with("CapAnn_INP_") || measure.column == "CapAnn_INP_All")
            .filter(|measure| measure.column != "CapAnn_AmbPay")
            .filter_map(|measure| figures.figures.get(measure.column))
            .sum();
        let total =
            figures.per_capita.map_or(String::new(), |total| format!(" against ${total:.0} of truncated spending"));
        lines.push(format!("Services in the row add to ${services:.0} a person-year{total}."));
        lines.push(format!(
            "For types to be met after truncation, each service is {:+.1}% off its figure here.",
            100.0 * (self.over - 1.0)
        ));
        if !self.remarks.is_empty() {
            lines.push(String::new());
            lines.extend(self.remarks.iter().map(|remark| format!("Remark: {remark}.")));
        }
        lines.iter().map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect()
    }

    fn blocks(&self, own: &str) -> String {
        let (all, small, persistence) = BENCHMARK_ERROR;
        let sd = (all * all + small * small / self.aco.totals.assigned_beneficiaries.max(1) as f64).sqrt();
        format!(
            "\n[run]\nname = {name}\ntrials = 2_000 # --trials overrides it\nseed = {year}\n\n\
             [organization]\n\
             benchmark_error = {{ sd = {sd:.4}, persistence = {persistence}, source = \"default: fitted to the results of PY2018 and PY2021; sd = root of (0.0234² + 3.18² / assigned beneficiaries)\" }}\n\n\
             [population.trend]\nmean = 1.0\ncv = 0.01\nsource = \"default: assumed, one percent either way\"\n\n\
             [provider]\nown_share = {{ {own} }}\n\
             source = \"default: assumed, an ACO of physicians; moves no gain of shared savings\"\n\n",
            name = quoted(&self.name()),
            year = self.year,
        )
    }

    /// A name that a scenario can have.
    fn name(&self) -> String {
        let clean = |text: &str| printable(text).replace(['/', '\\'], " ");
        let after = format!(" ({}), performance year {}", clean(&self.aco.aco), self.year);
        let room = LONGEST_NAME.saturating_sub(after.chars().count());
        let shown: String = clean(&self.aco.name).trim().chars().take(room).collect();
        let shown = if shown.trim().is_empty() { "ACO" } else { shown.trim() };
        let name = format!("{shown}{after}");
        if name_fault(&name).is_none() { name } else { format!("An ACO, performance year {}", self.year) }
    }

    fn contracts(&self, offers: impl Fn(Track) -> bool) -> String {
        let signed = self.aco.terms.track;
        let others: &[Track] = if offers(Track::BasicE) {
            &[Track::BasicA, Track::BasicE, Track::Enhanced]
        } else {
            &[Track::Track1, Track::Track1Plus, Track::Track3]
        };
        let mut text = self.contract(signed, true);
        for &other in others.iter().filter(|&&other| other != signed && offers(other)) {
            text.push_str(&self.contract(other, false));
        }
        text
    }

    fn contract(&self, track: Track, as_signed: bool) -> String {
        let AcoYear { terms, totals, .. } = self.aco;
        let title = title(track);
        let mut lines = Vec::new();
        let mut defaults = Vec::new();
        let mut key = |key: &str, value: String| lines.push(format!("{key} = {value}"));
        key("track", quoted(track.name()));
        key("performance_year", self.year.to_string());
        let part = self.aco.part_of_year;
        let per_capita = totals.benchmark.0 / (part * self.figures.person_years);
        let of_part = if part < 1.0 { format!(" / {part} of a year") } else { String::new() };
        key("benchmark", format!("{{ per_capita = {per_capita:.2} }} # ABtotBnchmk / N_AB_Year_PY{of_part}"));
        key("assigned_beneficiaries", count(totals.assigned_beneficiaries).replace(',', "_"));
        if self.aco.has_quality_score {
            key("quality_score", number(terms.quality_score.value()));
        } else {
            defaults.push("quality_score (not in the row: 1)");
        }
        match terms.quality_standard {
            QualityStandard::Full => {}
            QualityStandard::Alternative => key("quality_standard", quoted("alternative")),
            QualityStandard::Neither => key("quality_standard", quoted("neither")),
        }
        key("agreement_start_year", terms.agreement_start.to_string());
        let category = match terms.revenue_category {
            RevenueCategory::Low => "low",
            RevenueCategory::High => "high",
        };
        key("revenue_category", quoted(category));
        if !self.aco.has_revenue_category {
            defaults.push("revenue_category");
        }
        let one_sided = matches!(track, Track::BasicA | Track::BasicB | Track::Track1);
        let chosen = as_signed || (!one_sided && terms.is_two_sided());
        match terms.minimum_rate {
            MinimumRate::Fixed(rate) if chosen => key("minimum_rate", number(rate.value())),
            MinimumRate::Variable if chosen => key("minimum_rate", quoted("variable")),
            MinimumRate::Fixed(_) | MinimumRate::Variable => {
                key("minimum_rate", quoted("variable"));
                if !one_sided {
                    defaults.push("minimum_rate");
                }
            }
        }
        if let Some(relief) = self.relief {
            key("disaster_relief", format!("{} # DisAdj over the loss of the year", number(relief)));
        }
        if terms.guardrail {
            key("guardrail", "true".to_owned());
        }
        if terms.advance_balance > Dollars::ZERO {
            key("advance_balance", number(terms.advance_balance.0));
        }
        if matches!(track, Track::BasicC | Track::BasicD | Track::BasicE | Track::Track1Plus) {
            defaults.push("participant_revenue (no public file has it: losses are limited by the benchmark alone)");
        }
        let from = if as_signed {
            format!("{}: as signed", self.row())
        } else {
            format!("{}: benchmark, quality, agreement; default: the track", self.row())
        };
        let more = if defaults.is_empty() { String::new() } else { format!("; default: {}", defaults.join(", ")) };
        let name = if as_signed { format!("MSSP {title}, as signed") } else { format!("MSSP {title}") };
        format!(
            "\n[[contracts]]\nname = {}\nsource = {}\n[contracts.terms.mssp]\n{}\n",
            quoted(&name),
            quoted(&format!("{from}{more}")),
            lines.join("\n")
        )
    }
}

fn title(track: Track) -> &'static str {
    match track {
        Track::BasicA => "BASIC Level A",
        Track::BasicB => "BASIC Level B",
        Track::BasicC => "BASIC Level C",
        Track::BasicD => "BASIC Level D",
        Track::BasicE => "BASIC Level E",
        Track::Enhanced => "ENHANCED",
        Track::Track1 => "Track 1",
        Track::Track1Plus => "Track 1+",
        Track::Track2 => "Track 2",
        Track::Track3 => "Track 3",
    }
}

/// The provider's share of its own kinds of care, of those that there are.
fn own_share(document: &DocumentMut) -> String {
    let segments = document["population"]["segments"].as_array_of_tables().expect("segments");
    let known = |service: &&str| segments.iter().any(|segment| segment["services"].get(service).is_some());
    let own = ["professional", "primary care visits", "specialist visits"].into_iter().filter(known);
    own.map(|service| format!("{} = 0.4", Key::new(service).display_repr())).collect::<Vec<_>>().join(", ")
}

fn text_item(text: &str) -> Item {
    Item::Value(Value::from(text))
}

fn put(table: &mut InlineTable, key: &str, text: &str) {
    match table.get_mut(key) {
        Some(entry) => {
            let decor = entry.decor().clone();
            *entry = Value::from(text);
            *entry.decor_mut() = decor;
        }
        None => {
            table.insert(key, Value::from(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        let written = [0.123_456_789, 12.0, 8_100.777, 10_983.64, 1_234_567.0].map(number);
        assert_eq!(written, ["0.123457", "12", "8100.78", "10_983.6", "1_234_570"]);
    }

    #[test]
    fn more_than_one_event_for_each_is_poisson() {
        let mut frequency: Value = "{ bernoulli = { probability = 0.9 } }".parse().expect("TOML");
        let table = frequency.as_inline_table_mut().expect("a table");
        scale_frequency(table, 0.5);
        assert_eq!(table.to_string(), "{ bernoulli = { probability = 0.45 } }");
        scale_frequency(table, 4.0);
        assert_eq!(table.to_string(), "{ poisson = { mean = 1.8 } }");
    }

    #[test]
    fn parts_of_the_cost_of_a_death_follow_their_services_and_add_to_one() {
        let text = "mortality = { end_of_life = { amount = { gamma = { mean = 1_000, cv = 1 } }, services = { a = 0.5, b = 0.25, c = \
                    0.25 } } }";
        let mut document: DocumentMut = text.parse().expect("TOML");
        scale_end_of_life(document.as_table_mut(), |service| f64::from(u8::from(service != "c")) * 2.0);
        let written = document.to_string();
        // 1,000 × (0.5 + 0.25) × 2.
        assert!(written.contains("mean = 1500"), "{written}");
        assert!(written.contains("a = 0.666667, b = 0.333333"), "{written}");
    }
}
