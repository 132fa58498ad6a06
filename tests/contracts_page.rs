//! `docs/contracts.md` says of every contract and of every number of a rule what the code says.
//!
//! `UPDATE_DOCS=1 cargo test --release --test contracts_page` writes the parts of the page that stand between markers.

mod support;

use std::fs;

use support::file;
use twosided_contracts::{DatedDefault, Rule, Terms};
use twosided_form::{Holds, Unit};

const PAGE: &str = "docs/contracts.md";

/// One row a contract, in the order of the continuum.
fn rows() -> String {
    let mut text = "\n| key | contract | LAN | settles on | rule |\n|:--|:--|:--|:--|:--|\n".to_owned();
    for kind in Terms::kinds() {
        let listing = kind.listing;
        text.push_str(&format!(
            "| `terms.{}` | {} | {} | {} | {} |\n",
            kind.key, kind.summary, listing.lan, listing.settles_on, listing.source
        ));
    }
    text
}

/// One table a program: each number with its defaults, their years, status and source.
fn numbers() -> String {
    let mut text = String::new();
    for kind in Terms::kinds() {
        for table in kind.rules {
            text.push_str(&format!("\n### Numbers of `terms.{}`", kind.key));
            text.push_str(&format!(": {}\n\n", range_of(table)));
            text.push_str(
                "| key | meaning | for | from | default | status | source |\n|:--|:--|:--|--:|:--|:--|:--|\n",
            );
            for rule in table {
                for (index, default) in rule.defaults.iter().enumerate() {
                    text.push_str(&line(rule, default, index == 0));
                }
            }
        }
    }
    text
}

/// The first and last key of a table, which tell it from the others of its contract.
fn range_of(table: &[Rule]) -> String {
    let keys = || table.iter().map(|rule| rule.key.name);
    match (keys().next(), keys().next_back()) {
        (Some(first), Some(last)) if first != last => format!("`{first}` to `{last}`"),
        (Some(only), _) => format!("`{only}`"),
        (None, _) => String::new(),
    }
}

/// The unit of a number, or its type where it has none.
fn unit_of(rule: &Rule) -> &'static str {
    match rule.key.holds {
        _ if rule.key.unit != Unit::NONE => rule.key.unit.symbol,
        Holds::Share(_) => "share",
        Holds::Truth => "`true` or `false`",
        Holds::Tables { .. } => "bands",
        _ => "number",
    }
}

fn line(rule: &Rule, default: &DatedDefault, first: bool) -> String {
    let variants: Vec<String> = default.variants.iter().map(|variant| format!("`{variant}`")).collect();
    let variants = if variants.is_empty() { "all".to_owned() } else { variants.join(", ") };
    let (key, meaning) = if first {
        (
            format!("`{}`", rule.key.name),
            format!("{} ({})", rule.key.meaning.trim().trim_end_matches('.'), unit_of(rule)),
        )
    } else {
        (String::new(), String::new())
    };
    let DatedDefault { from, value, status, source, .. } = default;
    format!("| {key} | {meaning} | {variants} | {from} | {value} | {status} | {source} |\n")
}

/// The page with what stands between the markers of a part replaced.
fn with_part(page: &str, part: &str, content: &str) -> String {
    let begin = format!("<!-- {part}: written by UPDATE_DOCS=1 cargo test --release --test contracts_page -->");
    let end = format!("<!-- end of {part} -->");
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("{PAGE} lacks {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{PAGE} lacks {end}"));
    format!("{before}{begin}\n{content}\n{end}{after}")
}

#[test]
fn the_page_of_contracts_is_what_the_code_says() {
    let path = file(PAGE);
    let page = fs::read_to_string(&path).expect("the page");
    let written = with_part(&with_part(&page, "rows", &rows()), "numbers", &numbers());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &written).expect("the page can be written");
    }
    assert!(
        page == written || std::env::var_os("UPDATE_DOCS").is_some(),
        "{PAGE} is not what the code says; UPDATE_DOCS=1 cargo test --release --test contracts_page writes it"
    );
}

#[test]
fn every_default_of_a_rule_has_a_source_and_years_that_rise() {
    for kind in Terms::kinds() {
        for rule in kind.rules.into_iter().flatten() {
            for default in rule.defaults {
                assert!(!default.source.is_empty(), "{}: {} from {}", kind.key, rule.key.name, default.from);
                let same = rule.defaults.iter().filter(|other| {
                    other.from == default.from
                        && other.variants.iter().any(|variant| default.variants.contains(variant))
                });
                assert!(same.count() <= 1, "{}: {} has two defaults from {}", kind.key, rule.key.name, default.from);
            }
        }
    }
}
