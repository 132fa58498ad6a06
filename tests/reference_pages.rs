//! The pages of reference say of every key what its declaration says.
//!
//! `UPDATE_DOCS=1 cargo test --release --test reference_pages` writes the tables, each between the markers that name it.

mod support;

use std::fs;

use support::file;
use twosided_form::Table;
use twosided_scenario::RootKeys;

/// The pages, and the name by which one links to the other.
const PAGES: [&str; 2] = ["scenario.md", "terms.md"];

fn read(page: &str) -> String {
    fs::read_to_string(file(&format!("docs/{page}"))).expect("the page")
}

fn markers(table: &Table) -> (String, String) {
    (format!("<!-- keys of {} -->", table.name), format!("<!-- end of keys of {} -->", table.name))
}

fn anchor(table: &Table) -> String {
    format!("keys-{}", table.name.replace(['.', '_'], "-"))
}

/// A page with the tables that it has markers for, and the names of these.
fn written(page: &str, pages: &[(&str, String)]) -> (String, Vec<&'static str>) {
    let mut text = read(page);
    let mut names = Vec::new();
    let home = |table: &Table| pages.iter().find(|(_, text)| text.contains(&markers(table).0)).map(|&(page, _)| page);
    let link = |table: &Table| match home(table) {
        Some(home) if home == page => format!("#{}", anchor(table)),
        Some(home) => format!("{home}#{}", anchor(table)),
        None => String::new(),
    };
    for table in RootKeys::TABLE.all() {
        let (begin, end) = markers(table);
        let Some((before, rest)) = text.split_once(&begin) else { continue };
        let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{page} lacks {end}"));
        let content = format!("<a id=\"{}\"></a>\n\n{}", anchor(table), table.markdown(&link));
        // On its own page a link needs no name of the page.
        let content = content.replace(&format!("]({page}#"), "](#");
        text = format!("{before}{begin}\n{content}{end}{after}");
        names.push(table.name);
    }
    (text, names)
}

#[test]
fn the_tables_of_keys_are_what_the_code_declares() {
    let pages = PAGES.map(|page| (page, read(page)));
    let mut found = Vec::new();
    for page in PAGES {
        let (text, names) = written(page, &pages);
        found.extend(names);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::write(file(&format!("docs/{page}")), text).expect("the page can be written");
        } else {
            assert_eq!(read(page), text, "docs/{page}: UPDATE_DOCS=1 cargo test --release --test reference_pages");
        }
    }
    for table in RootKeys::TABLE.all() {
        let times = found.iter().filter(|name| **name == table.name).count();
        assert_eq!(times, 1, "{} stands {times} times in docs/scenario.md and docs/terms.md", markers(table).0);
    }
    for (page, text) in pages {
        for begin in text.split("<!-- keys of ").skip(1) {
            let name = begin.split(" -->").next().unwrap_or_default();
            assert!(found.contains(&name), "{page} has a marker of {name}, which is no table");
        }
    }
}
