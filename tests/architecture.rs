//! The arrows between crates, the places of heavy dependencies, and the documents that must keep up with the code.

mod support;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use support::file;
use toml_edit::DocumentMut;

fn manifest(path: &str) -> DocumentMut {
    fs::read_to_string(file(path)).expect("a manifest").parse().expect("TOML")
}

/// Workspace crates in reading order.
fn members() -> Vec<String> {
    let root = manifest("Cargo.toml");
    let members = root["workspace"]["members"].as_array().expect("an array");
    members.iter().map(|member| member.as_str().expect("a path").to_owned()).collect()
}

/// Names that a manifest depends on, whatever for.
fn dependencies(path: &str) -> BTreeSet<String> {
    let manifest = manifest(path);
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .filter_map(|table| manifest.get(table)?.as_table())
        .flat_map(|table| table.iter().map(|(name, _)| name.to_owned()))
        .collect()
}

#[test]
fn a_crate_depends_only_on_crates_above_it() {
    let members = members();
    for (index, member) in members.iter().enumerate() {
        for dependency in dependencies(&format!("{member}/Cargo.toml")) {
            let Some(name) = dependency.strip_prefix("twosided-") else { continue };
            let above = members[..index].contains(&format!("crates/{name}"));
            assert!(above, "{member} depends on {name}, which does not stand above it");
        }
    }
}

#[test]
fn every_crate_is_listed_and_none_is_empty() {
    let listed: BTreeSet<String> = members().into_iter().chain(["crates/cli".to_owned()]).collect();
    let found: BTreeSet<String> = fs::read_dir(file("crates"))
        .expect("a folder")
        .map(|entry| format!("crates/{}", entry.expect("an entry").file_name().to_string_lossy()))
        .collect();
    assert_eq!(listed, found);
}

#[test]
fn heavy_dependencies_stay_where_they_belong() {
    let homes: [(&str, &[&str]); 12] = [
        ("rand", &["crates/prob"]),
        ("rand_distr", &[]),
        ("nalgebra", &["crates/prob"]),
        ("statrs", &["crates/prob", "crates/fit"]),
        ("pulp", &["crates/prob"]),
        ("clap", &[]),
        ("indicatif", &[]),
        ("rayon", &["crates/sim", "crates/verify"]),
        ("toml", &["crates/form"]),
        ("miette", &["crates/form", "crates/twosided"]),
        ("parquet", &["crates/actuals", "crates/report"]),
        ("plotters", &["crates/report"]),
    ];
    for member in members() {
        let found = dependencies(&format!("{member}/Cargo.toml"));
        for (dependency, homes) in homes {
            assert!(
                !found.contains(dependency) || homes.contains(&member.as_str()),
                "{dependency} belongs to {homes:?}, not to {member}"
            );
        }
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let reasons = fs::read_to_string(file("docs/dependencies.md")).expect("the page");
    let root = manifest("Cargo.toml");
    for (name, _) in root["workspace"]["dependencies"].as_table().expect("a table") {
        assert!(name.starts_with("twosided") || reasons.contains(&format!("| `{name}`")), "no reason for {name}");
    }
}

/// The Rust files of a folder and the folders within it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// Quoted words that follow an opening bracket or a comma in the reader's code: the keys that it asks for, and little else.
fn keys_of(source: &str) -> BTreeSet<String> {
    let is_key = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let pieces: Vec<&str> = code.split('"').collect();
    let mut keys = BTreeSet::new();
    for pair in pieces.windows(2).step_by(2) {
        let after = pair[0].trim_end();
        let is_step = after.rsplit_once("settlement.").is_some_and(|(_, call)| call.len() < 20 && call.ends_with('('));
        if is_key(pair[1]) && !is_step && (after.ends_with('(') || after.ends_with(',') || after.ends_with('[')) {
            keys.insert(pair[1].to_owned());
        }
    }
    keys
}

#[test]
fn every_key_of_a_scenario_is_documented() {
    let page = |name| fs::read_to_string(file(name)).expect("the page");
    let pages = page("docs/scenario.md") + &page("docs/terms.md");
    let mut keys = BTreeSet::new();
    for folder in ["crates/scenario/src", "crates/contracts/src"] {
        let readers = sources(&file(folder)).into_iter().filter(|source| !source.ends_with("tests.rs"));
        for source in readers {
            keys.extend(keys_of(&fs::read_to_string(source).expect("the reader's code")));
        }
    }
    // What messages call the things of a file.
    for thing in ["contract", "segment", "tier", "factor", "program", "effects"] {
        keys.remove(thing);
    }
    assert!(keys.contains("attachment_point") && keys.contains("lognormal_mixture"), "keys are found: {keys:?}");
    let missing: Vec<&String> = keys
        .iter()
        .filter(|key| !pages.contains(&format!("`{key}`")) && !pages.contains(&format!("`\"{key}\"`")))
        .collect();
    assert!(missing.is_empty(), "neither docs/scenario.md nor docs/terms.md mentions {missing:?}");
}
