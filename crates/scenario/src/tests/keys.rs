//! Every key that is declared is read, where its table says.

use twosided_form::{Holds, KeySpec, Table, json_of_toml};

use super::messages;
use crate::RootKeys;

/// No key holds a date, so that whoever reads one says so.
const DATE: &str = "1979-05-27";
/// What blocks beside the population need.
const PEOPLE: &str = "[[population.segments]]\nname = \"all\"\nmembers = 1_000\n";

/// A key within the file: its path in a message, and the text of the root's key with nothing but the way to it.
struct Place {
    path: String,
    text: String,
}

/// Calls back with each table of the file, by its path and by what writes a text at that path.
fn walk(
    table: &'static Table,
    path: &str,
    write: &dyn Fn(&str) -> String,
    visit: &mut dyn FnMut(&'static KeySpec, Place),
) {
    for key in table.keys() {
        let here = if path.is_empty() { key.name.to_owned() } else { format!("{path}.{}", key.name) };
        let at = |value: &str| {
            if path.is_empty() {
                format!("{} = {value}\n", key.name)
            } else {
                write(&format!("{{ {} = {value} }}", key.name))
            }
        };
        visit(key, Place { path: here.clone(), text: at(DATE) });
        within(&key.holds, &here, &at, visit);
    }
}

fn within(
    holds: &'static Holds,
    path: &str,
    at: &dyn Fn(&str) -> String,
    visit: &mut dyn FnMut(&'static KeySpec, Place),
) {
    match holds {
        Holds::Table(table) => walk(table, path, at, visit),
        Holds::Tables { each, .. } => walk(each, &format!("{path}[1]"), &|value| at(&format!("[{value}]")), visit),
        Holds::TablesByName { each, .. } => {
            walk(each, &format!("{path}.x"), &|value| at(&format!("{{ x = {value} }}")), visit);
        }
        Holds::Either(several) => several.iter().for_each(|holds| within(holds, path, at, visit)),
        _ => {}
    }
}

#[test]
fn every_declared_key_is_read_and_no_two_tables_share_a_name() {
    let mut unread = Vec::new();
    let mut count = 0;
    walk(RootKeys::TABLE, "", &|value| value.to_owned(), &mut |_, Place { path, text }| {
        count += 1;
        let people = if path.starts_with("population") { "" } else { PEOPLE };
        // Whoever includes files has taken the key before the rest is read.
        if path != "include" && !messages(&format!("{text}{people}")).contains(&format!("{path} is a date")) {
            unread.push(path);
        }
    });
    assert!(count > 300, "{count} keys");
    assert!(unread.is_empty(), "declared and not read: {unread:#?}");
}

#[test]
fn every_declared_key_says_what_it_is_and_has_an_example() {
    for table in RootKeys::TABLE.all() {
        for key in table.keys() {
            let name = format!("{}.{}", table.name, key.name);
            assert!(!key.meaning.is_empty() || key.name == "name", "{name} has no meaning");
            assert!(!format!("{}{}", key.meaning, key.more).contains(['|', '\n']), "{name} breaks its row");
            // Of a dated number each default is an example.
            let is_toml = json_of_toml(&format!("x = {}", key.example())).is_some();
            assert!(is_toml || key.example().is_empty(), "{name}: {} is no value", key.example());
        }
    }
}
