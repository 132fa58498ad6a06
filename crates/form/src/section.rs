//! A table of a TOML file: each key asked for by name, every problem noted, none stopping the rest.

use std::{cell::RefCell, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use twosided_units::grouped;

use crate::{KeySpec, Problem, Suggestions, Table, count, shortened, slips};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the text.
    pub span: Range<usize>,
}

/// A note of where an assumption comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceNote {
    /// The table that carries the note, as `population.segments[1]`.
    pub path: String,
    /// The note.
    pub text: String,
}

/// What is gathered while a file is read.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is wrong.
    pub problems: RefCell<Vec<Problem>>,
    /// Includes that stand within a table.
    pub(crate) misplaced: RefCell<Vec<Problem>>,
    /// What is likely to be meant otherwise.
    pub doubts: RefCell<Vec<Problem>>,
    /// Where assumptions come from.
    pub sources: RefCell<Vec<SourceNote>>,
    /// Finds known words that are like unknown ones.
    pub suggestions: Suggestions,
}

impl Findings {
    /// Notes what is wrong, and what would be right.
    pub fn wrong(&self, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        let problem = Problem { span: span.clone(), message: message.into(), help: help.into() };
        self.problems.borrow_mut().push(problem);
    }

    /// Notes what is allowed and likely to be meant otherwise, and why.
    pub fn doubt(&self, span: &Range<usize>, message: impl Into<String>, reason: impl Into<String>) {
        let problem = Problem { span: span.clone(), message: message.into(), help: reason.into() };
        self.doubts.borrow_mut().push(problem);
    }
}

/// A table being read. [`Section::finish`] notes the keys that nobody asked for.
pub struct Section<'a> {
    pub(crate) table: &'a DeTable<'a>,
    /// Its path, for messages.
    pub path: String,
    /// Where it stands.
    pub span: Range<usize>,
    /// What is gathered.
    pub findings: &'a Findings,
    /// The keys that it is declared to have.
    pub(crate) declared: Option<&'static Table>,
    asked: RefCell<Vec<&'static str>>,
    /// Keys noted as missing, and how many problems were noted before this table.
    absent: RefCell<Vec<&'static str>>,
    /// Keys that are asked for with an example of their value.
    examples: RefCell<Vec<(&'static str, String)>>,
    before: usize,
}

impl<'a> Section<'a> {
    pub(crate) fn new(table: &'a DeTable<'a>, path: String, span: Range<usize>, findings: &'a Findings) -> Self {
        let before = findings.problems.borrow().len();
        let (asked, absent, examples) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self { table, path, span, findings, declared: None, asked, absent, examples, before }
    }

    /// The same, of which the keys are declared.
    #[must_use]
    pub fn of(mut self, table: &'static Table) -> Self {
        self.declared = Some(table);
        self
    }

    /// The path of a key, for messages.
    pub fn path_of(&self, key: &str) -> String {
        let key = shortened(key, 60);
        if self.path.is_empty() { key } else { format!("{}.{key}", self.path) }
    }

    /// Notes what is wrong, and what would be right.
    pub fn wrong(&self, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.findings.wrong(span, message, help);
    }

    /// Notes that a key is absent.
    pub fn missing(&self, key: &'static str, help: &str) {
        self.absent.borrow_mut().push(key);
        self.findings.wrong(&self.span, format!("{} is missing", self.path_of(key)), help);
    }

    /// Notes that every key of a set is absent, unless there is an unknown key: that one says it better.
    pub fn missing_all(&self, help: &str) {
        if self.unknown().all(|(key, _)| key == "source") {
            self.missing("…", help);
        }
    }

    /// Notes that a key is missing, if it is, where another makes it necessary.
    pub fn need(&self, key: &KeySpec) {
        if !self.has(key.name) {
            self.missing(key.name, &key.asked());
        }
    }

    pub(crate) fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        let declared = self.declared.is_none_or(|table| table.key(key).is_some() || key == "source");
        assert!(declared, "{key} is read from {:?} and is not declared there", self.declared.map(|table| table.name));
        self.asked.borrow_mut().push(key);
        self.table.get(key)
    }

    /// Where a key's value stands, or the table itself if it is not there.
    pub fn span_of(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// Whether a key is there.
    pub fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// A table within this one.
    pub fn section(&self, key: &'static str) -> Option<Self> {
        let value = self.get(key)?;
        self.section_of(key, value)
    }

    /// The table at a declared key.
    pub(crate) fn section_at(&self, key: &KeySpec, value: &'a Spanned<DeValue<'a>>) -> Option<Self> {
        if is_number(value.get_ref()) {
            self.examples.borrow_mut().push((key.name, key.asked()));
        }
        self.section_of(key.name, value)
    }

    fn section_of(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Option<Self> {
        let path = self.path_of(key);
        let Some(table) = value.get_ref().as_table() else {
            let wanted = match (value.get_ref(), header(&path)) {
                (DeValue::Array(_), Some(header)) if !key.ends_with(']') => format!("one table, as [{header}]"),
                (DeValue::Integer(_) | DeValue::Float(_), _) => self.example(key, value.get_ref()),
                _ => "a table, as { … }".to_owned(),
            };
            self.mistyped(key, value, &wanted);
            return None;
        };
        Some(Section::new(table, path, value.span(), self.findings))
    }

    /// A table for a number that stands where one is wanted, as an example that was given for the key has it.
    fn example(&self, key: &str, number: &DeValue<'_>) -> String {
        let number = match number {
            DeValue::Integer(number) if number.radix() == 10 => {
                let digits = number.as_str().trim_start_matches(['-', '+']);
                let sign = if number.as_str().starts_with('-') { "-" } else { "" };
                format!("{sign}{}", grouped(digits).replace(',', "_"))
            }
            DeValue::Float(number) => number.as_str().to_owned(),
            _ => return "a table, as { … }".to_owned(),
        };
        let examples = self.examples.borrow();
        let example = examples.iter().find(|(known, _)| *known == key);
        let example = example.and_then(|(_, help)| slips::example(help, key, &shortened(&number, 60)));
        example.unwrap_or_else(|| "a table, as { … }".to_owned())
    }

    /// Notes an include that stands within a table, if a value is one.
    pub(crate) fn is_misplaced_include(&self, key: &str, value: &Spanned<DeValue<'_>>) -> bool {
        let is_include = match value.get_ref() {
            DeValue::String(_) => true,
            DeValue::Array(names) => names.iter().all(|name| name.get_ref().is_str()),
            _ => false,
        };
        if key != "include" || self.path.is_empty() || !is_include {
            return false;
        }
        let message = format!("`include` stands within {}", self.path);
        let help = "include stands above the first [table] of the scenario: move it to the top of the file".to_owned();
        self.findings.misplaced.borrow_mut().push(Problem { span: value.span(), message, help });
        true
    }

    pub(crate) fn each_of<T>(
        &self,
        key: &str,
        value: &'a Spanned<DeValue<'a>>,
        most: usize,
        mut read: impl FnMut(Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let path = self.path_of(key);
        let Some(array) = value.get_ref().as_array() else {
            let wanted = header(&path).map(|header| format!("an array of tables, as [[{header}]]"));
            self.mistyped(key, value, wanted.as_deref().unwrap_or("an array of tables, as [{ … }, { … }]"));
            return None;
        };
        if !self.sized(&value.span(), array.len(), most, &path, "entries") {
            return None;
        }
        let entries = array.iter().enumerate();
        let all: Vec<Option<T>> =
            entries.map(|(index, entry)| read(self.section_of(&format!("{key}[{}]", index + 1), entry)?)).collect();
        all.into_iter().collect()
    }

    /// Reads the tables of a table whose keys are names, at least one; `None` when any is wrong.
    pub fn each_named<T>(
        &self,
        most: usize,
        what: &str,
        mut read: impl FnMut(&At<String>, Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        if !self.sized(&self.span, self.named().count(), most, &self.path, what) {
            return None;
        }
        let all: Vec<Option<T>> =
            self.named().map(|(name, value)| read(&name, self.section_of(&name.value, value)?)).collect();
        all.into_iter().collect()
    }

    /// Notes a number of entries that is not from one to the most.
    fn sized(&self, span: &Range<usize>, entries: usize, most: usize, path: &str, what: &str) -> bool {
        let help = format!("write from 1 to {} {what}", count(most as u64));
        match entries {
            0 => self.findings.wrong(span, format!("{path} has no {what}"), help),
            _ if entries > most => self.wrong(span, format!("{path} has {} {what}", count(entries as u64)), help),
            _ => return true,
        }
        false
    }

    /// The keys that are names, with their values.
    pub(crate) fn named(&self) -> impl Iterator<Item = (At<String>, &'a Spanned<DeValue<'a>>)> {
        let named = self.table.iter().map(|(key, value)| {
            let name = key.get_ref().as_ref();
            (At { value: name.to_owned(), span: key.span() }, value)
        });
        named.filter(|(name, value)| !(name.value == "source" && value.get_ref().is_str()))
    }

    /// The keys that are names.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.named().map(|(name, _)| name.value)
    }

    fn unknown(&self) -> impl Iterator<Item = (&'a str, Range<usize>)> {
        let known = self.asked.borrow().clone();
        let entries = self.table.iter().filter(move |(key, _)| !known.contains(&key.get_ref().as_ref()));
        entries.map(|(key, _)| (key.get_ref().as_ref(), key.span()))
    }

    /// Notes the keys that nobody asked for, and the source note.
    pub fn finish(self) {
        if let Some(note) = self.text("source") {
            self.note_source(note.value);
        }
        let mut known = self.asked.borrow().clone();
        known.sort_unstable();
        known.dedup();
        for (key, span) in self.unknown() {
            if self.table.get(key).is_some_and(|value| self.is_misplaced_include(key, value)) {
                continue;
            }
            let message = format!("unknown key {}", self.path_of(key));
            self.wrong(&span, message, self.findings.suggestions.help(key, known.iter().copied(), "known here are"));
            if let Some(meant) = self.findings.suggestions.nearest(key, known.iter().copied()) {
                self.retract_missing(meant);
            }
        }
    }

    /// Takes back that a key is missing: it is there, misspelled.
    fn retract_missing(&self, key: &str) {
        let mut absent = self.absent.borrow_mut();
        if let Some(index) = absent.iter().position(|absent| *absent == key) {
            absent.swap_remove(index);
            let message = format!("{} is missing", self.path_of(key));
            let mut problems = self.findings.problems.borrow_mut();
            let noted = problems[self.before..].iter().position(|problem| problem.message == message);
            noted.map(|noted| problems.remove(self.before + noted));
        }
    }

    /// Reads the source note of a table whose keys are names.
    pub fn finish_named(self) {
        if let Some(note) = self.table.get("source").and_then(|value| value.get_ref().as_str()) {
            self.note_source(note);
        }
    }

    fn note_source(&self, note: &str) {
        let note = SourceNote { path: self.path.clone(), text: note.to_owned() };
        self.findings.sources.borrow_mut().push(note);
    }
}

fn is_number(value: &DeValue<'_>) -> bool {
    matches!(value, DeValue::Integer(_) | DeValue::Float(_))
}

/// The path as a table's header in TOML, which counts no entries; none for names that would have to be quoted.
fn header(path: &str) -> Option<String> {
    let parts = path.split('.').map(|part| part.split_once('[').map_or(part, |(name, _)| name));
    let bare = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let parts: Option<Vec<&str>> = parts.map(|part| bare(part).then_some(part)).collect();
    Some(parts?.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_counts_no_entries() {
        assert_eq!(header("contracts[2].terms.mssp").as_deref(), Some("contracts.terms.mssp"));
        assert_eq!(header("population.segments[1].services.home health"), None);
    }
}
