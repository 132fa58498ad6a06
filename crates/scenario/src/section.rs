//! Reading a table of a TOML file: each key asked for by name, every problem noted, none stopping the rest.

use std::{cell::RefCell, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use twosided_units::Share;

use crate::problem::{Problem, printable};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
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
pub(crate) struct Findings {
    pub(crate) problems: RefCell<Vec<Problem>>,
    pub(crate) sources: RefCell<Vec<SourceNote>>,
}

impl Findings {
    pub(crate) fn wrong(&self, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        let problem = Problem { span: span.clone(), message: message.into(), help: help.into(), missing: false };
        self.problems.borrow_mut().push(problem);
    }
}

/// A table being read. [`Section::finish`] notes the keys that nobody asked for.
pub(crate) struct Section<'a> {
    table: &'a DeTable<'a>,
    pub(crate) path: String,
    pub(crate) span: Range<usize>,
    asked: RefCell<Vec<&'static str>>,
    pub(crate) findings: &'a Findings,
}

/// Longest key for which a like one is looked for.
const LONGEST_KEY: usize = 64;

impl<'a> Section<'a> {
    pub(crate) fn new(table: &'a DeTable<'a>, path: String, span: Range<usize>, findings: &'a Findings) -> Self {
        Self { table, path, span, asked: RefCell::default(), findings }
    }

    /// The path of a key, for messages.
    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { printable(key) } else { format!("{}.{}", self.path, printable(key)) }
    }

    pub(crate) fn wrong(&self, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.findings.wrong(span, message, help);
    }

    /// Notes that a key is absent.
    pub(crate) fn missing(&self, key: &str, help: &str) {
        let (message, help) = (format!("{} is missing", self.path_of(key)), help.to_owned());
        let problem = Problem { span: self.span.clone(), message, help, missing: true };
        self.findings.problems.borrow_mut().push(problem);
    }

    fn mistyped(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let found = match value.get_ref() {
            DeValue::String(text) => format!("the text \"{}\"", printable(text)),
            DeValue::Integer(number) => format!("the number {}", printable(number.as_str())),
            DeValue::Float(number) => format!("the number {}", printable(number.as_str())),
            DeValue::Boolean(truth) => truth.to_string(),
            DeValue::Datetime(_) => "a date".to_owned(),
            DeValue::Array(_) => "an array".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        self.wrong(&value.span(), format!("{} is {found}", self.path_of(key)), format!("write {wanted}"));
    }

    fn get(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key)
    }

    /// Where a key's value stands, or the table itself if it is not there.
    pub(crate) fn span_of(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// Whether a key is there.
    pub(crate) fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// Whether a key holds text.
    pub(crate) fn is_text(&self, key: &'static str) -> bool {
        self.get(key).is_some_and(|value| value.get_ref().is_str())
    }

    /// A finite number.
    pub(crate) fn number(&self, key: &'static str) -> Option<At<f64>> {
        let value = self.get(key)?;
        self.number_of(key, value)
    }

    fn number_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<At<f64>> {
        let number: f64 = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok()?,
            DeValue::Float(number) => number.as_str().parse().unwrap_or(f64::NAN),
            _ => {
                self.mistyped(key, value, "a number");
                return None;
            }
        };
        if !number.is_finite() {
            self.wrong(&value.span(), format!("{} is {number}", self.path_of(key)), "write a finite number");
            return None;
        }
        Some(At { value: number, span: value.span() })
    }

    /// A number that must be there.
    pub(crate) fn required_number(&self, key: &'static str, help: &str) -> Option<At<f64>> {
        if !self.has(key) {
            self.missing(key, help);
            return None;
        }
        self.number(key)
    }

    /// A number from `low` to `high`.
    pub(crate) fn number_within(&self, key: &'static str, low: f64, high: f64, help: &str) -> Option<At<f64>> {
        let number = self.number(key)?;
        if (low..=high).contains(&number.value) {
            return Some(number);
        }
        self.wrong(&number.span, format!("{} is {}", self.path_of(key), number.value), help);
        None
    }

    /// A share, as a decimal from 0 to 1.
    pub(crate) fn share(&self, key: &'static str) -> Option<Share> {
        let number = self.number(key)?;
        self.share_of(key, &number)
    }

    pub(crate) fn share_of(&self, key: &str, number: &At<f64>) -> Option<Share> {
        let share = Share::new(number.value).ok();
        if share.is_none() {
            let help = if number.value > 1.0 && number.value <= 100.0 {
                format!("a share is a decimal from 0 to 1; {}% is written {}", number.value, number.value / 100.0)
            } else {
                "a share is a decimal from 0 to 1".to_owned()
            };
            self.wrong(&number.span, format!("{} is {}", self.path_of(key), number.value), help);
        }
        share
    }

    /// A whole number from `low` to `high`.
    pub(crate) fn count(&self, key: &'static str, low: u64, high: u64, help: &str) -> Option<At<u64>> {
        let value = self.get(key)?;
        let whole = match value.get_ref() {
            DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
            DeValue::Float(number) => number
                .as_str()
                .parse::<f64>()
                .ok()
                .filter(|number| number.fract() == 0.0 && (0.0..9e15).contains(number))
                .map(|number| number as u64),
            _ => {
                self.mistyped(key, value, "a whole number");
                return None;
            }
        };
        let count = whole.filter(|count| (low..=high).contains(count));
        if count.is_none() {
            let shown = match value.get_ref() {
                DeValue::Integer(number) => printable(number.as_str()),
                DeValue::Float(number) => printable(number.as_str()),
                _ => String::new(),
            };
            self.wrong(&value.span(), format!("{} is {shown}", self.path_of(key)), help);
        }
        count.map(|value_| At { value: value_, span: value.span() })
    }

    /// True or false.
    pub(crate) fn truth(&self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        let truth = value.get_ref().as_bool();
        if truth.is_none() {
            self.mistyped(key, value, "true or false");
        }
        truth
    }

    /// Text.
    pub(crate) fn text(&self, key: &'static str) -> Option<At<&'a str>> {
        let value = self.get(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.mistyped(key, value, "text in quotes");
        }
        Some(At { value: text?, span: value.span() })
    }

    /// One of a closed set of words.
    pub(crate) fn choice<T: Copy>(&self, key: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = choices.iter().find(|(word, _)| *word == text.value).map(|&(_, choice)| choice);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|&(word, _)| word).collect();
            let message = format!("{} is \"{}\"", self.path_of(key), printable(text.value));
            self.wrong(&text.span, message, suggestion(text.value, &words, "write one of"));
        }
        found
    }

    /// A name: something to print, and to look up by.
    pub(crate) fn name(&self, key: &'static str) -> Option<At<String>> {
        if !self.has(key) {
            self.missing(key, "give each its own name, in quotes");
            return None;
        }
        let text = self.text(key)?;
        self.checked_name(text.value, &text.span).then(|| At { value: text.value.to_owned(), span: text.span })
    }

    /// Notes what a name must not be.
    pub(crate) fn checked_name(&self, name: &str, span: &Range<usize>) -> bool {
        let (fault, help) = if name.trim().is_empty() {
            ("is empty", "write at least one letter")
        } else if name.chars().any(crate::problem::is_steering) || name.contains('\t') {
            ("has control characters", "use letters, digits, spaces and punctuation only")
        } else if name.contains(['/', '\\']) || name == "." || name == ".." {
            ("is a path", "a name may not contain `/` or `\\`, or be `.` or `..`; write `or`, `and`, or a dash")
        } else if name.chars().count() > 80 {
            ("is longer than 80 characters", "results are reported by name; choose a shorter one")
        } else if name.trim() != name {
            ("begins or ends with a space", "remove the space")
        } else {
            return true;
        };
        self.wrong(span, format!("the name \"{}\" {fault}", printable(name)), help);
        false
    }

    /// A table within this one.
    pub(crate) fn section(&self, key: &'static str) -> Option<Self> {
        let value = self.get(key)?;
        self.section_of(key, value)
    }

    fn section_of(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Option<Self> {
        let Some(table) = value.get_ref().as_table() else {
            self.mistyped(key, value, "a table, as { … }");
            return None;
        };
        Some(Section::new(table, self.path_of(key), value.span(), self.findings))
    }

    /// The tables of an array, `[[key]]`.
    pub(crate) fn sections(&self, key: &'static str, most: usize) -> Vec<Self> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            self.mistyped(key, value, &format!("an array of tables, as [[{}]]", self.path_of(key)));
            return Vec::new();
        };
        if array.len() > most {
            let message = format!("{} has {} entries", self.path_of(key), array.len());
            self.wrong(&value.span(), message, format!("at most {most} are read"));
            return Vec::new();
        }
        let numbered = array.iter().enumerate();
        numbered.filter_map(|(place, entry)| self.section_of(&format!("{key}[{}]", place + 1), entry)).collect()
    }

    /// The tables of a table whose keys are names.
    pub(crate) fn named_sections(&self) -> Vec<(At<String>, Self)> {
        self.named().filter_map(|(name, value)| Some((name.clone(), self.section_of(&name.value, value)?))).collect()
    }

    /// The numbers of a table whose keys are names.
    pub(crate) fn named_numbers(&self) -> Vec<(At<String>, At<f64>)> {
        self.named().filter_map(|(name, value)| Some((name.clone(), self.number_of(&name.value, value)?))).collect()
    }

    fn named(&self) -> impl Iterator<Item = (At<String>, &'a Spanned<DeValue<'a>>)> {
        let named = self.table.iter().map(|(key, value)| {
            let name = key.get_ref().as_ref();
            (At { value: name.to_owned(), span: key.span() }, value)
        });
        named.filter(|(name, value)| !(name.value == "source" && value.get_ref().is_str()))
    }

    /// Texts of an array.
    pub(crate) fn texts(&self, key: &'static str) -> Option<Vec<At<String>>> {
        let value = self.get(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.mistyped(key, value, "an array of names, as [\"…\", \"…\"]");
            return None;
        };
        let texts = array.iter().map(|entry| {
            let text = entry.get_ref().as_str();
            if text.is_none() {
                self.mistyped(key, entry, "text in quotes");
            }
            Some(At { value: text?.to_owned(), span: entry.span() })
        });
        texts.collect()
    }

    /// Pairs of numbers of an array, as `[[0.0, 100], [1.0, 5_000]]`.
    pub(crate) fn pairs(&self, key: &'static str) -> Option<At<Vec<(f64, f64)>>> {
        let value = self.get(key)?;
        let Some(array) = value.get_ref().as_array() else {
            self.mistyped(key, value, "an array of pairs, as [[0.0, 100], [1.0, 5_000]]");
            return None;
        };
        let pairs = array.iter().map(|entry| {
            let pair = entry.get_ref().as_array().filter(|pair| pair.len() == 2);
            let Some(pair) = pair else {
                self.mistyped(key, entry, "a pair, as [0.5, 1_000]");
                return None;
            };
            let numbers = pair.iter().map(|number| self.number_of(key, number).map(|number| number.value));
            let numbers: Vec<Option<f64>> = numbers.collect();
            Some((numbers[0]?, numbers[1]?))
        });
        // Every pair is looked at before one that fails gives the rest up.
        let pairs: Vec<Option<(f64, f64)>> = pairs.collect();
        Some(At { value: pairs.into_iter().collect::<Option<_>>()?, span: value.span() })
    }

    /// The one key of a closed set that is there; a table that stands for an alternative has exactly one.
    pub(crate) fn alternative(&self, keys: &'static [&'static str]) -> Option<&'static str> {
        let present: Vec<&'static str> = keys.iter().copied().filter(|key| self.has(key)).collect();
        match present[..] {
            [only] => Some(only),
            [] => {
                // An unknown key says it better, if there is one.
                if self.unknown().next().is_none() {
                    self.missing("…", &format!("give one of {}", list(keys)));
                }
                None
            }
            [first, second, ..] => {
                let message = format!("{} has both `{first}` and `{second}`", self.path);
                self.wrong(&self.span, message, format!("keep one of {}", list(&present)));
                None
            }
        }
    }

    fn unknown(&self) -> impl Iterator<Item = (&'a str, Range<usize>)> {
        let known = self.asked.borrow().clone();
        let entries = self.table.iter().filter(move |(key, _)| !known.contains(&key.get_ref().as_ref()));
        entries.map(|(key, _)| (key.get_ref().as_ref(), key.span()))
    }

    /// Notes the keys that nobody asked for, and the source note.
    pub(crate) fn finish(self) {
        if let Some(note) = self.text("source") {
            let note = SourceNote { path: self.path.clone(), text: note.value.to_owned() };
            self.findings.sources.borrow_mut().push(note);
        }
        let mut known = self.asked.borrow().clone();
        known.sort_unstable();
        known.dedup();
        for (key, span) in self.unknown() {
            let path = self.path_of(key);
            self.wrong(&span, format!("unknown key {path}"), suggestion(key, &known, "known here are"));
        }
    }

    /// Reads the source note of a table whose keys are names.
    pub(crate) fn finish_named(self) {
        if let Some(note) = self.table.get("source").and_then(|value| value.get_ref().as_str()) {
            let note = SourceNote { path: self.path.clone(), text: note.to_owned() };
            self.findings.sources.borrow_mut().push(note);
        }
    }
}

/// Words in a row, as `a, b or c`.
fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match &quoted[..] {
        [] => String::new(),
        [only] => only.clone(),
        [firsts @ .., last] => format!("{} or {last}", firsts.join(", ")),
    }
}

/// The nearest known word, or all of them.
pub(crate) fn suggestion(word: &str, known: &[&str], otherwise: &str) -> String {
    let near = (word.len() <= LONGEST_KEY)
        .then(|| known.iter().map(|candidate| (strsim::jaro_winkler(word, candidate), candidate)))
        .and_then(|scored| scored.max_by(|a, b| a.0.total_cmp(&b.0)))
        .filter(|&(score, _)| score > 0.8);
    match near {
        Some((_, candidate)) => format!("did you mean `{candidate}`?"),
        None => format!("{otherwise} {}", list(known)),
    }
}
