//! What the program is made of: the licenses of all dependencies, and the commit that it was built from.

mod support;

use std::{collections::BTreeSet, env, fs, process::Command};

use serde_json::Value;
use support::{file, text, twosided};
use tempfile::TempDir;

const HEAD: &str = "# Licenses of dependencies\n\nEvery crate of `Cargo.lock` but our own, for all platforms and tests, with the license that it \
                    declares. Written by `INSTA_UPDATE=always cargo test --release --test supply_chain`; `deny.toml` says which \
                    licenses are accepted.\n\n| crate | version | license |\n|:--|:--|:--|\n";

fn licenses() -> String {
    let cargo = env::var("CARGO").expect("cargo runs the tests");
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(file(""))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let of = |package: &Value, key: &str| package[key].as_str().map(str::to_owned);
    let rows: BTreeSet<String> = packages
        .iter()
        .filter(|package| !package["source"].is_null())
        .map(|package| {
            let [name, version] = ["name", "version"].map(|key| of(package, key).expect("every crate has one"));
            let license = of(package, "license").unwrap_or_else(|| panic!("{name} declares no license"));
            format!("| `{name}` | {version} | {license} |\n")
        })
        .collect();
    format!("{HEAD}{}", rows.into_iter().collect::<String>())
}

#[test]
fn row_5_16_the_licenses_of_all_dependencies_are_listed() {
    let (path, licenses) = (file("docs/licenses.md"), licenses());
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &licenses).expect("the document can be written");
    }
    let listed = fs::read_to_string(&path).unwrap_or_default();
    assert!(listed == licenses, "{} is not up to date; run the test with INSTA_UPDATE=always", path.display());
}

#[test]
fn row_5_16_every_source_is_the_registry() {
    let lock = fs::read_to_string(file("Cargo.lock")).expect("a file");
    let sources: BTreeSet<&str> = lock.lines().filter(|line| line.starts_with("source = ")).collect();
    assert_eq!(sources, BTreeSet::from(["source = \"registry+https://github.com/rust-lang/crates.io-index\""]));
}

#[test]
fn row_5_16_a_report_says_whether_the_sources_were_changed() {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(file("")).output().ok()?;
        output.status.success().then(|| text(&output.stdout).trim().to_owned())
    };
    let changes = git(&["status", "--porcelain", "--", "crates", "scenarios", "Cargo.toml", "Cargo.lock"]);
    let expected = match (git(&["rev-parse", "--short=12", "HEAD"]), changes) {
        (Some(commit), Some(changes)) if changes.is_empty() => commit,
        (Some(commit), Some(_)) => format!("{commit}-dirty"),
        _ => "unknown".to_owned(),
    };
    let folder = TempDir::new().expect("a folder");
    let out = folder.path().join("report");
    let ran = twosided(&["run", "scenarios/first-steps.toml", "--trials", "2", "--out", out.to_str().expect("UTF-8")]);
    assert!(ran.status.success(), "{}", text(&ran.stderr));
    let summary: Value = serde_json::from_slice(&fs::read(out.join("summary.json")).expect("a file")).expect("JSON");
    assert_eq!(summary["provenance"]["commit"], expected);
}
