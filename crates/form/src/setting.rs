//! Settings: values of keys given outside of a file, as `population.members=6000`, which hold as if the file said so.

use std::{borrow::Cow, collections::BTreeMap, fmt, ops::Range, str::FromStr};

use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use crate::{Findings, count, merge::moved_value, shortened, value::described};

/// The value of one key, in place of what a file says.
///
/// It is read from `KEY=VALUE`. The key is dotted as in TOML; a part with a dot, `=` or `[` in it stands in quotes, and one with
/// blanks may. The entry of an array of tables goes by its `name`, and any entry by its number, counted from 1. The value is TOML,
/// or else text.
///
/// ```
/// use twosided_form::Setting;
///
/// let setting: Setting = "contracts.MSSP ENHANCED.terms.mssp.corridor[1].share=0.5".parse()?;
/// assert_eq!(setting.value(), "0.5");
/// # Ok::<(), twosided_form::SettingError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    text: String,
    parts: Vec<Part>,
    value: Range<usize>,
}

/// A part of a key, and where it stands in the setting.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    name: Name,
    span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Key(String),
    /// Counted from 1.
    Number(usize),
}

/// A step from a value to one within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step<'s> {
    Key(&'s str),
    /// Counted from 0.
    Entry(usize),
}

/// A text that is no setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It has no equals sign behind the key.
    #[error("\"{0}\" has no value; write KEY=VALUE, such as population.members=6000")]
    NoValue(String),
    /// A part of its key is empty.
    #[error("a part of the key in \"{0}\" is empty; write KEY=VALUE, such as population.members=6000")]
    EmptyPart(String),
    /// A quoted part of its key does not end, or is no text of TOML.
    #[error("the quoted part {0} of the key is not text of TOML; end it with the quotation mark that it begins with")]
    Quotes(String),
    /// The number of an entry is none.
    #[error("{0} is no number of an entry; count from 1, such as contracts[2]")]
    Number(String),
    /// Something else than the next part stands behind a part of its key.
    #[error("\"{0}\" stands behind a part of the key; part names by dots, and write = before the value")]
    Behind(String),
    /// Its key has too many parts.
    #[error("the key has more than {} parts; no scenario needs more than twenty", MOST_PARTS)]
    TooDeep,
}

/// Most parts of a key: as many levels as TOML may have.
const MOST_PARTS: usize = 80;
/// Most characters of a text that an error shows.
const MOST_SHOWN: usize = 60;

impl Setting {
    /// The setting of a key to a value.
    ///
    /// # Errors
    /// [`SettingError`] for a text that is no key.
    pub fn new(key: &str, value: &str) -> Result<Self, SettingError> {
        format!("{key}={value}").parse()
    }

    /// The key, as written.
    pub fn key(&self) -> &str {
        self.text[..self.value.start].trim_end().trim_end_matches('=').trim_end()
    }

    /// The value, as written.
    pub fn value(&self) -> &str {
        &self.text[self.value.clone()]
    }

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

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Setting {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let shown = |text: &str| shortened(text, MOST_SHOWN);
        let mut parts = Vec::new();
        let mut at = 0;
        loop {
            at += blanks(&text[at..]);
            let (name, length) = first_name(&text[at..])?;
            if name.is_empty() {
                let is_whole = !text.contains('=');
                let error = if is_whole { SettingError::NoValue } else { SettingError::EmptyPart };
                return Err(error(shown(text)));
            }
            parts.push(Part { name: Name::Key(name), span: at..at + length });
            at += length;
            at += blanks(&text[at..]);
            while let Some(rest) = text[at..].strip_prefix('[') {
                let length = rest.find(']').map_or(text.len() - at, |end| end + 2);
                let number = rest.split(']').next().map(str::trim).and_then(|number| number.parse().ok());
                let number = number.filter(|&number: &usize| number > 0);
                let number = number.ok_or_else(|| SettingError::Number(shown(&text[at..at + length])))?;
                parts.push(Part { name: Name::Number(number), span: at..at + length });
                at += length;
                at += blanks(&text[at..]);
            }
            if parts.len() > MOST_PARTS {
                return Err(SettingError::TooDeep);
            }
            match text[at..].chars().next() {
                Some('.') => at += 1,
                Some('=') => break,
                Some(_) => return Err(SettingError::Behind(shown(&text[at..]))),
                None => return Err(SettingError::NoValue(shown(text))),
            }
        }
        let start = at + 1 + blanks(&text[at + 1..]);
        let end = start + text[start..].trim_end().len();
        Ok(Self { text: text.to_owned(), parts, value: start..end })
    }
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// The name at the start of a text, and how many bytes it takes.
fn first_name(text: &str) -> Result<(String, usize), SettingError> {
    let Some(mark) = text.chars().next().filter(|mark| matches!(mark, '"' | '\'')) else {
        let end = text.find(['.', '[', '=']).unwrap_or(text.len());
        let name = text[..end].trim_end();
        return Ok((name.to_owned(), name.len()));
    };
    let mut is_escaped = false;
    let end = text[1..].find(|character| {
        let is_end = character == mark && !is_escaped;
        is_escaped = character == '\\' && mark == '"' && !is_escaped;
        is_end
    });
    let quoted = &text[..end.map_or(text.len(), |end| end + 2)];
    let value = end.and_then(|_| DeValue::parse(quoted).ok());
    match value.as_ref().and_then(|value| value.get_ref().as_str()) {
        Some(name) if !name.is_empty() => Ok((name.to_owned(), quoted.len())),
        _ => Err(SettingError::Quotes(shortened(quoted, MOST_SHOWN))),
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
            let message = format!("{path} is set twice, also by --set {}", shortened(&other.text, 2 * MOST_SHOWN));
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
        let value = moved_value(value_of(setting.value()), start + setting.value.start);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<String> {
        let setting: Setting = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let shown = |part: &Part| match &part.name {
            Name::Key(key) => key.clone(),
            Name::Number(number) => format!("[{number}]"),
        };
        setting.parts.iter().map(shown).chain([format!("= {}", setting.value())]).collect()
    }

    #[test]
    fn keys_are_those_of_toml_and_need_no_quotes() {
        assert_eq!(parts("a.b=1"), ["a", "b", "= 1"]);
        assert_eq!(parts(" a . b [ 2 ] . c = x = y "), ["a", "b", "[2]", "c", "= x = y"]);
        assert_eq!(parts("contracts.MSSP ENHANCED.x=1"), ["contracts", "MSSP ENHANCED", "x", "= 1"]);
        assert_eq!(parts("c.\"St. Mary's \\\"A\\\"\".x='='"), ["c", "St. Mary's \"A\"", "x", "= '='"]);
        assert_eq!(parts("c.'a\\.b=c[1]'[10][2]="), ["c", "a\\.b=c[1]", "[10]", "[2]", "= "]);
        assert_eq!(Setting::new("a.'b' ", "{ x = 1 }").map(|setting| setting.key().to_owned()), Ok("a.'b'".to_owned()));
    }

    #[test]
    fn what_is_no_setting_is_refused_with_what_would_be_right() {
        for (text, said) in [
            ("", "\"\" has no value; write KEY=VALUE"),
            ("members", "\"members\" has no value"),
            ("a.=1", "a part of the key in \"a.=1\" is empty"),
            ("=1", "a part of the key in \"=1\" is empty"),
            ("a..b=1", "is empty"),
            ("a.\"b=1", "the quoted part \"b=1 of the key is not text"),
            ("a.\"\\q\"=1", "the quoted part \"\\q\" of the key"),
            ("a.\"\"=1", "the quoted part \"\" of the key"),
            ("a[0]=1", "[0] is no number of an entry; count from 1"),
            ("a[b]=1", "[b] is no number"),
            ("a[1=1", "[1=1 is no number"),
            ("a[99999999999999999999999]=1", "is no number"),
            ("a[1]b=1", "\"b=1\" stands behind a part"),
            ("'a'b=1", "\"b=1\" stands behind a part"),
        ] {
            let error = text.parse::<Setting>().expect_err(text).to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert_eq!(format!("{}a=1", "a.".repeat(100)).parse::<Setting>(), Err(SettingError::TooDeep));
        assert_eq!(format!("a{}=1", "[1]".repeat(100)).parse::<Setting>(), Err(SettingError::TooDeep));
    }
}
