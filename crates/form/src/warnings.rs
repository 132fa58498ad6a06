//! What a file says that is allowed, and likely to be meant otherwise.

use std::{collections::BTreeMap, ops::Range};

use miette::{GraphicalReportHandler, Severity};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    At, Problem, ProblemText, Section,
    document::{Document, drawn},
    shortened,
};

/// Warnings of a file, each with its place; more can be noted once it is known what the file comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Warnings {
    problems: Vec<Problem>,
    /// Where each key's value stands, by its path.
    indices: BTreeMap<String, Range<usize>>,
    text: ProblemText,
}

impl Default for Warnings {
    /// None, of no file.
    fn default() -> Self {
        Self { problems: Vec::new(), indices: BTreeMap::new(), text: Document::new("", "").problem_text() }
    }
}

impl Warnings {
    pub(crate) fn new(mut problems: Vec<Problem>, indices: BTreeMap<String, Range<usize>>, text: ProblemText) -> Self {
        problems.sort_by_key(|problem| problem.span.start);
        Self { problems, indices, text }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Notes one more, at a key by its path, or at the nearest table around it that is there.
    pub fn note(&mut self, path: &str, message: impl Into<String>, reason: impl Into<String>) {
        let mut around = path;
        let span = loop {
            match self.indices.get(around) {
                Some(span) => break span.clone(),
                None => match around.rfind(['.', '[']) {
                    Some(end) => around = &around[..end],
                    None => break 0..0,
                },
            }
        };
        let problem = Problem { span, message: message.into(), help: reason.into() };
        let index = self.problems.partition_point(|known| known.span.start <= problem.span.start);
        self.problems.insert(index, problem);
    }

    /// Every warning: what the value is, and why it is doubted.
    pub fn messages(&self) -> impl Iterator<Item = (&str, &str)> {
        self.problems.iter().map(|problem| (problem.message.as_str(), problem.help.as_str()))
    }

    /// Every warning with its line, the value there and the reason, drawn by the handler.
    pub fn render(&self, handler: &GraphicalReportHandler) -> String {
        drawn(&self.problems, 0, &self.text, Severity::Warning, handler)
    }
}

/// Numbers of a file, each with the path of its key.
pub type Figures = Vec<(String, At<f64>)>;

/// Longest array of numbers of which each is looked at.
const MOST_IN_ARRAY: usize = 100;

impl Section<'_> {
    /// Every number within the tables of some keys, with the path of its own; those of a short array all have the array's.
    pub fn figures(&self, keys: &[&'static str]) -> Figures {
        let mut figures = Figures::new();
        let mut visit = |path: &str, span: Range<usize>, value: &DeValue<'_>| {
            let number: Option<f64> = match value {
                DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
                DeValue::Float(number) => number.as_str().parse().ok(),
                _ => None,
            };
            figures.extend(number.map(|value| (path.to_owned(), At { value, span })));
        };
        for key in keys {
            if let Some(value) = self.table.get(*key) {
                walk_value(value, key, &mut visit);
            }
        }
        figures
    }
}

/// Where each key's value stands, by its path.
pub(crate) fn indices(table: &DeTable<'_>) -> BTreeMap<String, Range<usize>> {
    let mut indices = BTreeMap::new();
    walk(table, "", &mut |path, span, _| {
        indices.entry(path.to_owned()).or_insert(span);
    });
    indices
}

fn walk(table: &DeTable<'_>, path: &str, visit: &mut impl FnMut(&str, Range<usize>, &DeValue<'_>)) {
    for (key, value) in table {
        let key = shortened(key.get_ref(), 60);
        let path = if path.is_empty() { key } else { format!("{path}.{key}") };
        walk_value(value, &path, visit);
    }
}

fn walk_value(value: &Spanned<DeValue<'_>>, path: &str, visit: &mut impl FnMut(&str, Range<usize>, &DeValue<'_>)) {
    visit(path, value.span(), value.get_ref());
    match value.get_ref() {
        DeValue::Table(table) => walk(table, path, visit),
        DeValue::Array(array) => {
            for (index, entry) in (1..).zip(array) {
                match entry.get_ref() {
                    DeValue::Table(_) => walk_value(entry, &format!("{path}[{index}]"), visit),
                    number if array.len() <= MOST_IN_ARRAY => visit(path, entry.span(), number),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}
