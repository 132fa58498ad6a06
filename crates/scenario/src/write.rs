//! Scenarios written from values, with a note beside each of where it is from, as the readers of this crate take them.

mod contract;
mod forecast;
mod law;
mod segment;
mod text;

use std::collections::BTreeMap;

use twosided_form::SourceNote;
use twosided_population::Trend;
use twosided_units::Share;

use crate::LastingFactor;
pub use text::rounded;
use text::{key_text, quoted};

/// How a file is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout<'a> {
    /// Digits to which numbers are written.
    pub digits: usize,
    /// Services in the order in which they are written; others follow by name.
    pub services: &'a [&'a str],
}

/// What is said beside the values, by the path of a table or a key as the reader names it: `population.segments[1].risk_score`.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    sources: BTreeMap<String, String>,
    remarks: BTreeMap<String, String>,
}

impl Notes {
    /// Says where a table is from, under its key `source`.
    pub fn source(&mut self, table: impl Into<String>, text: impl Into<String>) {
        self.sources.insert(table.into(), text.into());
    }

    /// Says something of one key, as a comment at the end of its line.
    pub fn remark(&mut self, key: impl Into<String>, text: impl Into<String>) {
        self.remarks.insert(key.into(), text.into());
    }
}

impl FromIterator<SourceNote> for Notes {
    fn from_iter<T: IntoIterator<Item = SourceNote>>(sources: T) -> Self {
        let sources = sources.into_iter().map(|note| (note.path, note.text)).collect();
        Self { sources, remarks: BTreeMap::new() }
    }
}

/// The path of a segment, counted from zero.
pub fn segment_path(index: usize) -> String {
    format!("population.segments[{}]", index + 1)
}

/// The path of a contract, counted from zero.
pub fn contract_path(index: usize) -> String {
    format!("contracts[{}]", index + 1)
}

/// A file in the making: each block is added with a blank line before it.
#[derive(Debug)]
pub struct Writer<'a> {
    layout: Layout<'a>,
    notes: &'a Notes,
    text: String,
    segments: usize,
    contracts: usize,
}

impl<'a> Writer<'a> {
    /// A file that begins with lines of comment.
    pub fn new<'l>(layout: Layout<'a>, notes: &'a Notes, comment: impl IntoIterator<Item = &'l str>) -> Self {
        let lines = comment.into_iter().map(|line| format!("# {line}").trim_end().to_owned() + "\n");
        Self { layout, notes, text: lines.collect(), segments: 0, contracts: 0 }
    }

    /// The file's text.
    pub fn finish(self) -> String {
        self.text
    }

    /// The `[run]` block.
    pub fn run(&mut self, name: &str, trials: u64, seed: u64) {
        self.header("[run]");
        self.line("run", "name", &quoted(name));
        self.line("run", "trials", &text::thousands(&trials.to_string()));
        self.line("run", "seed", &seed.to_string());
    }

    /// The `[organization]` block.
    pub fn organization(&mut self, benchmark_error: &LastingFactor) {
        self.header("[organization]");
        let LastingFactor { mean, sd, persistence, tail } = *benchmark_error;
        let mut entries = vec![("sd", self.number(sd)), ("persistence", self.number(persistence))];
        if mean != 1.0 {
            entries.insert(0, ("mean", self.number(mean)));
        }
        if let Some((weight, ratio)) = tail {
            let tail = format!("{{ weight = {}, ratio = {} }}", self.number(weight), self.number(ratio));
            entries.push(("tail", tail));
        }
        let table = self.inline("organization.benchmark_error", &entries);
        self.line("organization", "benchmark_error", &table);
    }

    /// The `[population]` block, but for what has a block of its own.
    pub fn population(&mut self) {
        self.header("[population]");
        self.source("population");
    }

    /// The `[population.trend]` block.
    pub fn trend(&mut self, trend: &Trend) {
        self.header("[population.trend]");
        self.line("population.trend", "mean", &text::decimal(self.number(trend.mean())));
        self.line("population.trend", "cv", &self.number(trend.cv()));
        if trend.benchmark_loading != 0.0 {
            self.line("population.trend", "benchmark_loading", &self.number(trend.benchmark_loading));
        }
        self.source("population.trend");
    }

    /// A `[[system.factors]]` block of a lognormal factor on benchmarks alone.
    pub fn benchmark_factor(&mut self, name: &str, cv: f64) {
        self.header("[[system.factors]]");
        self.line("system.factors", "name", &quoted(name));
        self.line("system.factors", "lognormal", &format!("{{ mean = 1.0, cv = {} }}", self.number(cv)));
        self.line("system.factors", "loading", "{ benchmark = 1, cost = 0 }");
        self.source("system.factors");
    }

    /// The `[provider]` block of a provider that delivers shares of services itself.
    pub fn provider(&mut self, own_share: &[(&str, Share)]) {
        self.header("[provider]");
        let shares = own_share.iter().map(|(service, share)| (key_text(service), self.number(share.value())));
        let table = self.inline("provider.own_share", &shares.collect::<Vec<_>>());
        self.line("provider", "own_share", &table);
        self.source("provider");
    }

    fn number(&self, figure: f64) -> String {
        text::number(figure, self.layout.digits)
    }

    fn header(&mut self, header: &str) {
        self.text.push_str(&format!("\n{header}\n"));
    }

    /// A key of a table, with what is remarked of it.
    fn line(&mut self, table: &str, key: &str, value: &str) {
        self.text.push_str(&format!("{key} = {value}"));
        if let Some(remark) = self.notes.remarks.get(&format!("{table}.{key}")) {
            self.text.push_str(&format!(" # {remark}"));
        }
        self.text.push('\n');
    }

    /// Where a table is from.
    fn source(&mut self, table: &str) {
        if let Some(source) = self.notes.sources.get(table) {
            self.text.push_str(&format!("source = {}\n", quoted(source)));
        }
    }

    /// A table in one line, with where it is from.
    fn inline<K: AsRef<str>>(&self, table: &str, entries: &[(K, String)]) -> String {
        let source = self.notes.sources.get(table).map(|source| format!("source = {}", quoted(source)));
        let entries = entries.iter().map(|(key, value)| format!("{} = {value}", key.as_ref())).chain(source);
        text::braced(entries)
    }
}

#[cfg(test)]
mod tests {
    use twosided_contracts::Terms;
    use twosided_form::Document;
    use twosided_population::{Population, System};

    use super::*;
    use crate::{Scenario, population};

    const NATIONAL: &str = include_str!("../../../scenarios/populations/medicare-2022.toml");

    fn read(text: &str) -> (Population, Vec<SourceNote>) {
        Document::new("population", text).read(|root| population::read(&root).population).expect("a population")
    }

    #[test]
    fn a_population_that_is_written_is_read_back_with_its_notes() {
        let (people, sources) = read(NATIONAL);
        let notes: Notes = sources.iter().cloned().collect();
        let mut writer = Writer::new(Layout { digits: 6, services: &[] }, &notes, ["People."]);
        writer.segments(people.segments());
        let (again, sources_again) = read(&writer.finish());
        let by_path = |mut sources: Vec<SourceNote>| {
            sources.sort_by(|a, b| a.path.cmp(&b.path));
            sources
        };
        assert_eq!(by_path(sources_again), by_path(sources));
        for (segment, before) in again.segments().iter().zip(people.segments()) {
            assert_eq!((&segment.name, segment.members, &segment.life), (&before.name, before.members, &before.life));
            assert_eq!((segment.risk_score, segment.truncation_point), (before.risk_score, before.truncation_point));
            for (service, before) in segment.services.iter().zip(&before.services) {
                assert_eq!((&service.name, service.frailty_loading), (&before.name, before.frailty_loading));
            }
        }
        assert_eq!(Population::new(again.segments().to_vec(), System::default()).as_ref(), Ok(&again));
        // To the digits written, laws are the same: written once more, they are the same text.
        let mut twice = Writer::new(Layout { digits: 6, services: &[] }, &notes, []);
        twice.segments(again.segments());
        let mut once = Writer::new(Layout { digits: 6, services: &[] }, &notes, []);
        once.segments(people.segments());
        assert_eq!(twice.finish(), once.finish());
    }

    #[test]
    fn blocks_are_written_with_their_notes() {
        let mut notes = Notes::default();
        notes.source("population.trend", "assumed");
        notes.remark("run.trials", "--trials overrides it");
        let mut writer = Writer::new(Layout { digits: 6, services: &[] }, &notes, ["An \"ACO\".", ""]);
        writer.run("A", 2_000, 7);
        writer.organization(&LastingFactor { mean: 1.0, sd: 0.0256, persistence: 0.765, tail: None });
        writer.trend(&Trend::new(1.0, 0.01).expect("valid"));
        writer.provider(&[("primary care", Share::new(0.4).expect("a share"))]);
        assert_eq!(
            writer.finish(),
            "# An \"ACO\".\n#\n\n[run]\nname = \"A\"\ntrials = 2_000 # --trials overrides it\nseed = 7\n\n[organization]\n\
             benchmark_error = { sd = 0.0256, persistence = 0.765 }\n\n[population.trend]\nmean = 1.0\ncv = 0.01\n\
             source = \"assumed\"\n\n[provider]\nown_share = { \"primary care\" = 0.4 }\n"
        );
    }

    #[test]
    fn a_performance_year_that_has_begun_is_read_back() {
        let year_to_date = "year_to_date = { share = 0.4375, per_capita = 4_871.23 }, ";
        for begun in ["", year_to_date] {
            let text = format!(
                "[run]\nname = \"x\"\n[[population.segments]]\nname = \"all\"\nmembers = 9_000\n\
                 services.care.annual.gamma = {{ mean = 11_000, cv = 2 }}\n[[contracts]]\nname = \"ACO\"\n\
                 terms.mssp = {{ {begun}track = \"enhanced\", benchmark.per_capita = 11_000 }}\n"
            );
            let scenario = Scenario::parse("x", &text).expect("a scenario");
            let Terms::Mssp(terms) = &scenario.contracts[0].first().terms else { panic!("an MSSP contract") };
            assert_eq!(terms.year_to_date.is_some(), !begun.is_empty());
            let notes = Notes::default();
            let mut writer = Writer::new(Layout { digits: 6, services: &[] }, &notes, []);
            writer.run("x", 100, 1);
            writer.segments(scenario.population.segments());
            writer.mssp("ACO", terms, 2024);
            let again = Scenario::parse("again", &writer.finish()).expect("it is read back");
            assert_eq!(again.contracts[0].first().terms, scenario.contracts[0].first().terms);
        }
    }
}
