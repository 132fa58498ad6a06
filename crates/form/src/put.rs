//! Settings put into the table of a file, where the reader finds them as if the file said so.

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use crate::{
    Findings, Setting, count,
    merge::moved_value,
    setting::{MOST_SHOWN, Name, Part},
    shortened,
    value::described,
};

/// A step from a value to one within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step<'s> {
    Key(&'s str),
    /// Counted from 0.
    Entry(usize),
}

impl Setting {
    /// Where its key goes in a table; names of entries are looked up in it. Notes what keeps it from going anywhere. The setting
    /// itself starts at a place of the text of all findings.
    pub(crate) fn steps(&self, root: &DeTable<'_>, start: usize, findings: &Findings) -> Option<Vec<Step<'_>>> {
        let (mut here, mut path) = (Here::Table(root), String::new());
        let mut steps = Vec::new();
        for Part { name, span } in &self.parts {
            let span = start + span.start..start + span.end;
            let step = match (name, &here) {
                (Name::Key(key), Here::Table(_)) if path.is_empty() && key == "include" => {
                    let help = "included files are read before keys are set; name them in the scenario";
                    findings.wrong(&span, "include cannot be set", help);
                    return None;
                }
                (Name::Key(key), Here::Table(_) | Here::Absent) => Step::Key(key),
                (Name::Key(name), Here::Array(array)) => Step::Entry(entry_named(name, array, &path, &span, findings)?),
                (Name::Number(number), Here::Array(array)) if *number <= array.len() => Step::Entry(number - 1),
                (Name::Number(number), Here::Array(array)) => {
                    let message = format!("{path}[{number}] is not there");
                    let help = match array.len() {
                        0 => format!("{path} is empty; set it as a whole"),
                        most => {
                            format!("count from 1 to {}; to add an entry, set {path} as a whole", count(most as u64))
                        }
                    };
                    findings.wrong(&span, message, help);
                    return None;
                }
                (Name::Number(number), Here::Absent) => {
                    let message = format!("{path} is not there and has no entry [{number}]");
                    findings.wrong(&span, message, format!("set {path} as a whole, or correct its name"));
                    return None;
                }
                (Name::Number(_), Here::Table(_)) => {
                    let shown = if path.is_empty() { "the scenario" } else { &path };
                    findings.wrong(&span, format!("{shown} is a table and has no numbers"), "write the name of a key");
                    return None;
                }
                (Name::Key(_) | Name::Number(_), Here::Other(found)) => {
                    let message = format!("{path} is {}, with nothing in it to set", described(found));
                    findings.wrong(&span, message, format!("end the key at {path}"));
                    return None;
                }
            };
            here = here.step(step);
            extend(&mut path, step);
            steps.push(step);
        }
        Some(steps)
    }

    /// Where each step is written, the setting itself starting at a place.
    fn spans(&self, start: usize) -> impl Iterator<Item = Range<usize>> {
        self.parts.iter().map(move |Part { span, .. }| start + span.start..start + span.end)
    }
}

/// What stands where the steps so far lead.
enum Here<'t, 'a> {
    Table(&'t DeTable<'a>),
    Array(&'t DeArray<'a>),
    Other(&'t DeValue<'a>),
    Absent,
}

impl<'t, 'a> Here<'t, 'a> {
    fn step(&self, step: Step<'_>) -> Self {
        let value: Option<&'t Spanned<DeValue<'a>>> = match (self, step) {
            (Self::Table(table), Step::Key(key)) => table.get(key),
            (Self::Array(array), Step::Entry(index)) => array.get(index),
            _ => None,
        };
        match value.map(Spanned::get_ref) {
            Some(DeValue::Table(table)) => Self::Table(table),
            Some(DeValue::Array(array)) => Self::Array(array),
            Some(other) => Self::Other(other),
            None => Self::Absent,
        }
    }
}

/// The entry of an array of tables that has a name; notes that there is none.
fn entry_named(name: &str, array: &DeArray<'_>, path: &str, span: &Range<usize>, findings: &Findings) -> Option<usize> {
    let name_of = |entry: &Spanned<DeValue<'_>>| {
        let name = entry.get_ref().as_table()?.get("name")?;
        name.get_ref().as_str().map(str::to_owned)
    };
    let names: Vec<Option<String>> = array.iter().map(name_of).collect();
    let found = names.iter().position(|known| known.as_deref() == Some(name));
    if found.is_none() {
        let known: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
        let help = if known.is_empty() {
            format!("its entries have no names; count them from 1, as {path}[1]")
        } else {
            let help = findings.suggestions.help(name, known.iter().copied(), "its entries are");
            let is_to_quote = known.iter().any(|known| known.contains(['.', '=', '[']));
            help + if is_to_quote { "; a name with a dot, = or [ stands in quotes within the key" } else { "" }
        };
        findings.wrong(span, format!("{path} has no entry \"{}\"", shortened(name, MOST_SHOWN)), help);
    }
    found
}

/// Extends a path by a step, as messages show it.
fn extend(path: &mut String, step: Step<'_>) {
    match step {
        Step::Key(key) => {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&shortened(key, MOST_SHOWN));
        }
        Step::Entry(index) => path.push_str(&format!("[{}]", index + 1)),
    }
}

/// The steps of settings that go into a table, in their order; notes those that go nowhere, and those that set what another sets.
/// Each comes with where it starts in the text of all findings.
pub(crate) fn all_steps<'s>(
    settings: &'s [(usize, Setting)],
    root: &DeTable<'_>,
    findings: &Findings,
) -> Vec<(usize, &'s Setting, Vec<Step<'s>>)> {
    let mut known: BTreeMap<Vec<Step<'_>>, &Setting> = BTreeMap::new();
    let mut all = Vec::new();
    for (start, setting) in settings {
        let Some(steps) = setting.steps(root, *start, findings) else { continue };
        // No steps that are known begin with others, so those that these begin with are next before them.
        let before = known.range(..=steps.clone()).next_back().filter(|(before, _)| steps.starts_with(before));
        let behind = || known.range(steps.clone()..).next().filter(|(behind, _)| behind.starts_with(&steps));
        if let Some((twice, other)) = before.or_else(behind) {
            let mut path = String::new();
            for step in twice {
                extend(&mut path, *step);
            }
            let span = start + setting.parts[0].span.start..start + setting.key().len();
            let message =
                format!("{path} is set twice, also by --set {}", shortened(&other.to_string(), 2 * MOST_SHOWN));
            findings.wrong(&span, message, "set each key once");
            continue;
        }
        known.insert(steps.clone(), setting);
        all.push((*start, setting, steps));
    }
    all
}

/// Puts settings into a table, with the places that they have in the text of all findings.
pub(crate) fn put_all<'s>(settings: &'s [(usize, Setting)], root: &mut DeTable<'s>, findings: &Findings) {
    for (start, setting, steps) in all_steps(settings, root, findings) {
        let places: Vec<_> = steps.into_iter().zip(setting.spans(start)).collect();
        let value = moved_value(value_of(setting.value()), start + setting.start_of_value());
        put(root, &places, value);
    }
}

/// The value of a text: TOML, or else the text itself.
pub(crate) fn value_of(text: &str) -> Spanned<DeValue<'_>> {
    DeValue::parse(text).unwrap_or_else(|_| Spanned::new(0..text.len(), DeValue::String(Cow::Borrowed(text))))
}

/// Puts a value where steps lead from a table, each with where it is written; what stands in the way is replaced.
pub(crate) fn put<'a>(table: &mut DeTable<'a>, steps: &[(Step<'a>, Range<usize>)], value: Spanned<DeValue<'a>>) {
    let Some(((Step::Key(key), span), rest)) = steps.split_first() else { return };
    let spanned_key = || Spanned::new(span.clone(), Cow::Borrowed(*key));
    if rest.is_empty() {
        // A key that is replaced stands where its new value does.
        table.remove(*key);
        table.insert(spanned_key(), value);
        return;
    }
    let empty = || Spanned::new(span.clone(), DeValue::Table(DeTable::new()));
    put_within(table.entry(spanned_key()).or_insert_with(empty), rest, value);
}

fn put_within<'a>(within: &mut Spanned<DeValue<'a>>, steps: &[(Step<'a>, Range<usize>)], value: Spanned<DeValue<'a>>) {
    match (steps.split_first(), within.get_mut()) {
        (None, _) => *within = value,
        (Some(((Step::Entry(index), _), rest)), DeValue::Array(array)) => {
            if let Some(entry) = array.get_mut(*index) {
                put_within(entry, rest, value);
            }
        }
        (Some(((Step::Key(_), _), _)), DeValue::Table(table)) => put(table, steps, value),
        (Some(_), other) => {
            let mut table = DeTable::new();
            put(&mut table, steps, value);
            *other = DeValue::Table(table);
        }
    }
}
