//! The JSON Schema of scenarios takes every scenario that is right, and refuses the wrong ones as far as a schema can.

mod support;

use std::{collections::BTreeSet, fs, path::PathBuf};

use support::{file, text, twosided};
use twosided_form::json_of_toml;
use twosided_scenario::schema;

/// Files of a folder that end in `.toml`, in the order of their names.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(file(folder)).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft7::new(&schema()).expect("a valid schema")
}

#[test]
fn every_shipped_scenario_is_right_by_the_schema() {
    let validator = validator();
    for path in files("scenarios") {
        let instance = json_of_toml(&fs::read_to_string(&path).expect("a scenario")).expect("TOML");
        let errors: Vec<String> =
            validator.iter_errors(&instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
}

/// Wrong scenarios whose fault no schema knows: sums, orders, names that occur twice or nowhere, combinations and sizes.
const BEYOND_A_SCHEMA: &str = include_str!("beyond-a-schema.txt");

#[test]
fn every_wrong_scenario_is_wrong_by_the_schema_but_for_those_listed() {
    let validator = validator();
    let found: BTreeSet<String> = files("tests/bad-scenarios")
        .into_iter()
        .filter(|path| {
            let text = fs::read(path).expect("a scenario");
            let instance = String::from_utf8(text).ok().and_then(|text| json_of_toml(&text));
            // What is not TOML has no value that a schema could be asked about.
            instance.is_some_and(|instance| validator.is_valid(&instance))
        })
        .map(|path| path.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    let listed: BTreeSet<String> = BEYOND_A_SCHEMA.lines().map(str::to_owned).collect();
    assert_eq!(found, listed);
}

#[test]
fn the_command_prints_the_schema() {
    let done = twosided(&["schema"]);
    assert!(done.status.success());
    let printed: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(printed, schema(), "{}", text(&done.stderr));
}

#[test]
fn the_committed_schema_is_what_the_code_declares() {
    let path = file("docs/schemas/scenario.schema.json");
    let written = format!("{:#}\n", schema());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, written).expect("the schema can be written");
    } else {
        let committed = fs::read_to_string(&path).expect("the schema");
        assert_eq!(committed, written, "UPDATE_DOCS=1 cargo test --release --test schema");
    }
}
