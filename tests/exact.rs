//! `run --method exact`: its figures, its files, and what it refuses.

mod support;

use std::{collections::BTreeSet, fs};

use serde_json::Value;
use support::{text, twosided};
use tempfile::TempDir;
use twosided_report::RiskMeasure;

#[test]
fn exact_figures_are_printed_and_written() {
    let folder = TempDir::new().expect("a folder");
    let out = folder.path().join("exact");
    let done =
        twosided(&["run", "scenarios/first-steps.toml", "--method", "exact", "--out", out.to_str().expect("UTF-8")]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(text(&done.stdout).contains("Capitation with stop-loss"), "{}", text(&done.stdout));
    let read = |name: &str| fs::read(out.join(name)).expect("it is written");
    let figures: Value = serde_json::from_slice(&read("exact.json")).expect("JSON");
    let contracts = figures["contracts"].as_array().expect("contracts");
    assert_eq!(contracts.len(), 3);
    // The names of measures are those of a simulated summary.
    let known: BTreeSet<&str> = RiskMeasure::ALL.map(RiskMeasure::key).into();
    for contract in contracts {
        let measures = contract["measures"].as_array().expect("measures");
        assert_eq!(measures.len(), 11);
        for figure in measures {
            assert!(known.contains(figure["measure"].as_str().expect("a name")), "{figure}");
            assert!(figure["bound"].as_f64().expect("a number") >= 0.0, "{figure}");
        }
    }
    assert_eq!(text(&read("exact.csv")).lines().count(), 1 + 3 * 11);
    // The scenario that was computed is the one that a run repeats.
    let again = twosided(&["run", out.join("run.toml").to_str().expect("UTF-8"), "--method", "exact"]);
    assert_eq!(text(&again.stdout), text(&done.stdout));
}

#[test]
fn a_contract_without_an_exact_law_is_named_beside_the_others() {
    let done = twosided(&["run", "scenarios/continuum.toml", "--method", "exact"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let printed = text(&done.stdout);
    let reason =
        "Commercial bundle has no exact law: the contract depends on the number of events of `joint replacement`";
    assert!(printed.contains(reason) && printed.contains("MSSP BASIC E"), "{printed}");
}

#[test]
fn what_is_for_samples_is_refused_and_so_is_a_scenario_without_any_exact_law() {
    for option in [["--trials", "100"], ["--seed", "1"], ["--threads", "1"]] {
        let refused = twosided(&[&["run", "scenarios/first-steps.toml", "--method", "exact"], &option[..]].concat());
        assert_eq!(refused.status.code(), Some(2), "{option:?}");
        assert!(text(&refused.stderr).contains(option[0]), "{}", text(&refused.stderr));
    }
    let years = twosided(&["run", "scenarios/glide-path.toml", "--method", "exact"]);
    assert_eq!(years.status.code(), Some(1));
    assert!(text(&years.stderr).contains("no contract has an exact law"), "{}", text(&years.stderr));
}
