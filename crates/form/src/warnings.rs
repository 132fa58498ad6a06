//! What a file says that is allowed, and likely to be meant otherwise.

use std::{collections::BTreeMap, ops::Range};

use miette::{GraphicalReportHandler, Severity};
use toml::de::{DeTable, DeValue};

use crate::{
    At, DocumentError, Problem, ProblemText, Section,
    document::{Document, drawn},
    shortened,
};

/// Warnings of a file, each with its place; more can be noted once it is known what the file comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Warnings {
    problems: Vec<Problem>,
    /// Where each key's value stands, by its path.
    places: BTreeMap<String, Range<usize>>,
    text: ProblemText,
}

impl Default for Warnings {
    /// None, of no file.
    fn default() -> Self {
        Self { problems: Vec::new(), places: BTreeMap::new(), text: Document::new("", "").problem_text() }
    }
}

impl Warnings {
    pub(crate) fn new(mut problems: Vec<Problem>, places: BTreeMap<String, Range<usize>>, text: ProblemText) -> Self {
        problems.sort_by_key(|problem| problem.span.start);
        Self { problems, places, text }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Notes one more, at a key by its path, or at the nearest table around it that is there.
    pub fn note(&mut self, path: &str, message: impl Into<String>, reason: impl Into<String>) {
        let mut around = path;
        let span = loop {
            match self.places.get(around) {
                Some(span) => break span.clone(),
                None => match around.rfind(['.', '[']) {
                    Some(end) => around = &around[..end],
                    None => break 0..0,
                },
            }
        };
        let problem = Problem { span, message: message.into(), help: reason.into() };
        let place = self.problems.partition_point(|known| known.span.start <= problem.span.start);
        self.problems.insert(place, problem);
    }

    /// Every warning with its line, the value there and the reason, drawn by the handler.
    pub fn render(&self, handler: &GraphicalReportHandler) -> String {
        drawn(&self.problems, &self.text, Severity::Warning, handler)
    }

    /// The warnings as what is wrong with the file, for whoever accepts none.
    pub fn into_error(self) -> DocumentError {
        DocumentError::Invalid { problems: self.problems, text: self.text }
    }
}

impl Section<'_> {
    /// Every number of the table and of those within it, with the path of its key; entries of arrays are counted from one.
    pub fn figures(&self) -> Vec<(String, At<f64>)> {
        let mut figures = Vec::new();
        walk(self.table, &self.path, &mut |path, span, value| {
            let number: Option<f64> = match value {
                DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
                DeValue::Float(number) => number.as_str().parse().ok(),
                _ => None,
            };
            figures.extend(number.map(|value| (path.to_owned(), At { value, span })));
        });
        figures
    }
}

/// Where each key's value stands, by its path.
pub(crate) fn places(table: &DeTable<'_>) -> BTreeMap<String, Range<usize>> {
    let mut places = BTreeMap::new();
    walk(table, "", &mut |path, span, _| {
        places.insert(path.to_owned(), span);
    });
    places
}

fn walk(table: &DeTable<'_>, path: &str, visit: &mut impl FnMut(&str, Range<usize>, &DeValue<'_>)) {
    for (key, value) in table {
        let key = shortened(key.get_ref(), 60);
        let path = if path.is_empty() { key } else { format!("{path}.{key}") };
        walk_value(value.get_ref(), value.span(), &path, visit);
    }
}

fn walk_value(
    value: &DeValue<'_>,
    span: Range<usize>,
    path: &str,
    visit: &mut impl FnMut(&str, Range<usize>, &DeValue<'_>),
) {
    visit(path, span, value);
    match value {
        DeValue::Table(table) => walk(table, path, visit),
        DeValue::Array(array) => {
            for (place, entry) in (1..).zip(array) {
                walk_value(entry.get_ref(), entry.span(), &format!("{path}[{place}]"), visit);
            }
        }
        _ => {}
    }
}
