//! The arrows between crates, the places of heavy dependencies, and the documents that must keep up with the code.

mod support;

use std::{collections::BTreeSet, fs};

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
    let homes: [(&str, &[&str]); 13] = [
        ("rand", &["crates/prob"]),
        ("rand_distr", &[]),
        ("nalgebra", &["crates/forecast", "crates/prob"]),
        ("statrs", &["crates/prob", "crates/fit"]),
        ("pulp", &["crates/prob"]),
        ("clap", &[]),
        ("indicatif", &[]),
        ("rayon", &["crates/sim", "crates/verify"]),
        ("toml", &["crates/form"]),
        ("miette", &["crates/form", "crates/twosided"]),
        ("parquet", &["crates/actuals", "crates/report"]),
        ("plotters", &["crates/report"]),
        ("quick-junit", &["crates/decide"]),
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
