//! A scenario and the files that it includes as one: tables merged, arrays of tables one after the other.

use std::{borrow::Cow, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use toml_edit::{DocumentMut, Item, Table, TomlError};

use crate::{Findings, problem::Text, shortened};

/// A note of where an assumption is from; of two, both are kept.
const SOURCE: &str = "source";

/// A table whose places are those of the whole text.
pub(crate) fn moved(table: DeTable<'_>, by: usize) -> DeTable<'_> {
    let index = |span: Range<usize>| span.start + by..span.end + by;
    let moved = table.into_iter().map(|(key, value)| {
        let key = Spanned::new(index(key.span()), key.into_inner());
        (key, moved_value(value, by))
    });
    moved.collect()
}

pub(crate) fn moved_value(value: Spanned<DeValue<'_>>, by: usize) -> Spanned<DeValue<'_>> {
    let span = value.span().start + by..value.span().end + by;
    let value = match value.into_inner() {
        DeValue::Table(table) => DeValue::Table(moved(table, by)),
        DeValue::Array(array) => DeValue::Array(array.into_iter().map(|entry| moved_value(entry, by)).collect()),
        scalar => scalar,
    };
    Spanned::new(span, value)
}

/// Adds a part to a table; notes the keys that both have.
pub(crate) fn merge<'a>(
    into: &mut DeTable<'a>,
    part: DeTable<'a>,
    path: &str,
    text: &dyn Fn() -> Text,
    findings: &Findings,
) {
    for (key, value) in part {
        let Some(known) = into.get_mut(key.get_ref().as_ref()) else {
            into.insert(key, value);
            continue;
        };
        let path = if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
        let known_span = known.span();
        match (known.get_mut(), value.into_inner()) {
            (DeValue::Table(known), DeValue::Table(part)) => merge(known, part, &path, text, findings),
            (DeValue::Array(known), DeValue::Array(part)) if are_tables(known) && are_tables(&part) => {
                for entry in part {
                    known.push(entry);
                }
            }
            (DeValue::String(known), DeValue::String(part)) if key.get_ref() == SOURCE => {
                *known = Cow::Owned(both(known, &part));
            }
            _ => {
                let text = text();
                let (file, (line, _)) = (text.file(known_span.start).1, text.position(known_span.start));
                let message = format!("{} is also in {file}, line {line}", shortened(&path, 200));
                findings.wrong(&key.span(), message, "write it once, in the scenario or in the file that it includes");
            }
        }
    }
}

fn are_tables(array: &toml::de::DeArray<'_>) -> bool {
    !array.is_empty() && array.iter().all(|entry| entry.get_ref().is_table())
}

fn both(one: &str, other: &str) -> String {
    format!("{one}; {other}")
}

/// The same merging, of texts with their remarks: one text that is the whole scenario by itself.
pub(crate) fn merged_text(main: &str, parts: &[(&str, &str)]) -> Result<String, TomlError> {
    let mut document: DocumentMut = main.parse()?;
    let mut before = main.len();
    for (name, part) in parts {
        let mut part_document: DocumentMut = part.parse()?;
        let trailing = part_document.trailing().as_str().unwrap_or_default().to_owned();
        let mut last = document.trailing().as_str().unwrap_or_default().to_owned();
        last.push_str(&trailing);
        // No table of the part stands before one of those ahead of it.
        push_back(part_document.as_table_mut(), before.cast_signed());
        before += part.len();
        mark(part_document.as_table_mut(), name);
        merge_tables(document.as_table_mut(), std::mem::take(part_document.as_table_mut()));
        document.set_trailing(last);
    }
    Ok(document.to_string())
}

/// Writes before the first table of a part where it is from.
fn mark(part: &mut Table, name: &str) {
    fn first<'t>(table: &'t mut Table, found: &mut Option<&'t mut Table>) {
        let index = |table: &Table| table.position().unwrap_or(isize::MAX);
        let is_header = !table.is_dotted() && !table.is_implicit() && table.position().is_some();
        if is_header && found.as_ref().is_none_or(|known| index(table) < index(known)) {
            *found = Some(table);
            return;
        }
        for (_, item) in table.iter_mut() {
            match item {
                Item::Table(table) => first(table, found),
                Item::ArrayOfTables(array) => array.iter_mut().for_each(|table| first(table, found)),
                Item::None | Item::Value(_) => {}
            }
        }
    }
    let mut found = None;
    part.iter_mut().for_each(|(_, item)| match item {
        Item::Table(table) => first(table, &mut found),
        Item::ArrayOfTables(array) => array.iter_mut().for_each(|table| first(table, &mut found)),
        Item::None | Item::Value(_) => {}
    });
    if let Some(table) = found {
        let prefix = table.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
        let prefix = format!("\n# from {}\n{prefix}", shortened(name, 200));
        table.decor_mut().set_prefix(prefix);
    }
}

fn push_back(table: &mut Table, by: isize) {
    table.set_position(table.position().map(|position| position + by));
    for (_, item) in table.iter_mut() {
        match item {
            Item::Table(table) => push_back(table, by),
            Item::ArrayOfTables(array) => array.iter_mut().for_each(|table| push_back(table, by)),
            Item::None | Item::Value(_) => {}
        }
    }
}

fn merge_tables(into: &mut Table, part: Table) {
    // A table with dotted keys alone has no header, which what is added may need.
    into.set_dotted(false);
    let keys: Vec<_> = part.iter().filter_map(|(key, _)| part.key(key).cloned()).collect();
    let mut part = part;
    for key in keys {
        let Some(item) = part.remove(key.get()) else { continue };
        let Some(known) = into.get_mut(key.get()) else {
            into.insert_formatted(&key, item);
            continue;
        };
        if known.is_table_like() {
            let (Ok(mut table), Ok(added)) = (std::mem::take(known).into_table(), item.into_table()) else { continue };
            merge_tables(&mut table, added);
            *known = Item::Table(table);
        } else if let (Some(one), Some(other)) = (known.as_str(), item.as_str()) {
            *known = toml_edit::value(both(one, other));
        } else if let (Ok(mut array), Ok(added)) =
            (std::mem::take(known).into_array_of_tables(), item.into_array_of_tables())
        {
            added.into_iter().for_each(|table| array.push(table));
            *known = Item::ArrayOfTables(array);
        }
    }
}

/// What a table holds, without places.
#[cfg(test)]
pub(crate) fn data(table: &DeTable<'_>) -> String {
    fn shown(value: &DeValue<'_>) -> String {
        match value {
            DeValue::Table(table) => data(table),
            DeValue::Array(array) => {
                format!("{:?}", array.iter().map(|entry| shown(entry.get_ref())).collect::<Vec<_>>())
            }
            DeValue::String(text) => format!("{text:?}"),
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Float(number) => number.as_str().to_owned(),
            other => format!("{other:?}"),
        }
    }
    let entries = table.iter().map(|(key, value)| format!("{:?}: {}", key.get_ref(), shown(value.get_ref())));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged<'a>(main: &'a str, part: &'a str) -> (DeTable<'a>, Findings) {
        let [mut main, part] =
            [main, part].map(|text| DeTable::parse(text).expect("the test's text is TOML").into_inner());
        let findings = Findings::default();
        let text = || Text::new(vec![(0, "main.toml".into())], "\n\n");
        merge(&mut main, part, "", &text, &findings);
        (main, findings)
    }

    #[test]
    fn the_text_says_what_the_tables_do() {
        let mains = [
            "# a\n[run]\nname = \"x\"\n[population]\nmembers = 5\n[[contracts]]\nname = \"c\"\n# end\n",
            "population.members = 5\nrun.name = \"x\"",
            "population = { members = 5 }\n[run]\nname = \"x\"\n",
            "run = { name = 'x' }\n[[population.segments]]\nname = \"s0\"\nservices.v.annual = { gamma = {} }\n[population]\nsource = 'm'",
            "[population]\nsegments = [{ name = \"s0\" }]\nmeasures = []\n[system]\nfactors = [{ name = 'f' }]\n",
            "",
        ];
        let parts = [
            "# p\n[population]\nsource = \"q\"\n[[population.segments]]\nname = \"s1\"\n[population.segments.services.a]\nx = 1\n\
             [population.segments.services.b]\nx = 2\n[[population.segments]]\nname = \"s2\"\n[population.segments.services.a]\nx = 3\n# end",
            "population.segments = [{ name = \"s1\", services = { a = { x = 1 } } }, { name = \"s2\" }]\n",
            "system.factors = [{ name = \"g\", loading.cost = 1 }]\n[[population.segments]]\nname = '''s1\n[x]'''\n",
            "[population.trend]\nmean = 1.03\n[organization]\nefficiency = { sd = 0.1 }\n",
        ];
        for main in mains {
            for part in parts {
                let (table, findings) = merged(main, part);
                assert!(findings.problems.borrow().is_empty(), "{:?}", findings.problems);
                let text = merged_text(main, &[("p.toml\nseed = 7", part)]).expect("both are TOML");
                let again = DeTable::parse(&text).unwrap_or_else(|error| panic!("{error} in\n{text}"));
                assert_eq!(data(again.get_ref()), data(&table), "of\n{text}");
            }
        }
    }

    #[test]
    fn a_key_in_both_is_a_problem() {
        for (main, part) in [
            ("population.members = 5", "population.members = 6"),
            ("population.members = 5", "population = 6"),
            ("population.segments = []", "[[population.segments]]"),
        ] {
            assert_eq!(merged(main, part).1.problems.borrow().len(), 1, "{main}");
        }
    }
}
