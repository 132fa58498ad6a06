//! Runs in parts: shards that are merged, and runs that are killed and resumed, come to the bytes of one run.

#[path = "../support/mod.rs"]
mod support;

mod merge;
mod refusals;
mod resume;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Output},
};

use support::text;

/// Three years, of which a contract may not see the last.
const SCENARIO: &str = "\
[run]
name = \"Parts\"
trials = 41
years = 3
seed = 5
[population]
source = \"assumed\"
trend = { mean = 1.04, cv = 0.02 }
[[population.segments]]
name = \"all\"
members = 300
services.care = { annual = { lognormal = { mean = 9_000, cv = 2 }, zero = 0.1 } }
[[contracts]]
name = \"Fees\"
terms.fee_for_service = {}
[[contracts]]
name = \"Track, until a loss\"
terms.mssp = { track = \"enhanced\", benchmark = { per_capita = 9_000 } }
agreement.ends.losses_in_a_row = 1
[[contracts]]
name = \"Capitation\"
terms.capitation = { pmpm = 760 }
covers.specific = { attachment_point = 50_000, premium_pmpm = 60 }
";

/// The program, to be run in a folder.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twosided"));
    command.args(arguments).current_dir(folder);
    command
}

/// The program, run in a folder.
fn within(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("the program runs")
}

/// Runs the program, which is content, and returns what it says.
fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = within(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout) + &text(&output.stderr)
}

/// Runs the program, which refuses, and returns what it says.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = within(folder, arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    assert!(said.starts_with("error: ") && !said.contains("panicked"), "{said}");
    said
}

/// The files of a report by their names; its manifest aside, which says what wrote it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let named = entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()));
    let shown = named.filter(|(name, _)| !name.starts_with('.'));
    shown.map(|(name, path)| (name, fs::read(path).expect("a file"))).collect()
}

/// Makes sure that two folders hold the same bytes, among them those of the whole report.
fn assert_same(found: &Path, expected: &Path) {
    let [found, expected] = [found, expected].map(files);
    assert!(expected.contains_key("report.html") && expected.contains_key("run.toml"));
    assert!(found.keys().eq(expected.keys()), "{:?} {:?}", found.keys(), expected.keys());
    let differ: Vec<&String> = expected.keys().filter(|name| found[*name] != expected[*name]).collect();
    assert!(differ.is_empty(), "{differ:?} differ");
}
