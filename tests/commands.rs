//! The examples of `docs/commands.md` run as printed.

#![cfg(unix)]

mod support;

use std::{fs, os::unix::fs::symlink, process::Command};

use support::{file, text};

/// Examples that take minutes at full size; `tests/verify.rs` and `tests/fit/` run these commands.
const LONG: [&str; 3] = ["twosided verify tables", "twosided verify backtest", "twosided fit"];

#[test]
fn examples_run_as_printed() {
    let page = fs::read_to_string(file("docs/commands.md")).expect("the page");
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["scenarios", "tests"] {
        symlink(file(name), folder.path().join(name)).expect("a link");
    }
    let mut blocks = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let lines = blocks.by_ref().flat_map(str::lines).filter(|line| !LONG.iter().any(|long| line.starts_with(long)));
    let examples: Vec<&str> = lines.filter(|line| line.starts_with("twosided ")).collect();
    assert!(examples.len() >= 15, "{examples:?}");
    for example in examples {
        let line = example.replacen("twosided", env!("CARGO_BIN_EXE_twosided"), 1);
        let done = Command::new("sh").args(["-c", &line]).current_dir(folder.path()).output().expect("it runs");
        assert!(done.status.success(), "{example}: {}", text(&done.stderr));
    }
    for written in
        ["plan.toml", "a1736.toml", "reports/quick/report.html", "settled-2022.csv", "man1/twosided-settle-mssp.1"]
    {
        assert!(folder.path().join(written).is_file(), "no example wrote {written}");
    }
    // What was written is written over, or kept, as the help says.
    let plan = Command::new(env!("CARGO_BIN_EXE_twosided"))
        .args(["new", "scenario", "--out", "plan.toml"])
        .current_dir(folder.path())
        .output()
        .expect("it runs");
    assert_eq!(plan.status.code(), Some(1), "{}", text(&plan.stderr));
}

#[test]
fn a_trial_is_chosen_by_its_loss_in_a_scenario_or_a_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report");
    let report = report.to_str().expect("UTF-8");
    let run = support::twosided(&["run", "scenarios/first-steps.toml", "--trials", "200", "--out", report]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let contract = ["--contract", "Capitation with stop-loss"];
    let explain = |arguments: &[&str]| {
        let done = support::twosided(&[&["explain", "scenario"], arguments, &contract].concat());
        assert!(done.status.success(), "{}", text(&done.stderr));
        text(&done.stdout)
    };
    for choice in ["worst", "p95"] {
        let of_report = explain(&[report, "--trial", choice]);
        let of_scenario = explain(&["scenarios/first-steps.toml", "--trials", "200", "--trial", choice]);
        assert_eq!(of_report, of_scenario);
        let (heading, explained) = of_report.split_once("\n\n").expect("a heading");
        let trial = heading.split_once("trial ").and_then(|(_, rest)| rest.split(' ').next()).expect("a number");
        assert_eq!(explained, explain(&[report, "--trial", trial]));
        // The loss that the heading states is that of the trial explained.
        let loss = heading.split_once("a loss of ").and_then(|(_, rest)| rest.split(' ').next()).expect("a loss");
        assert!(explained.contains(&format!("under fees alone = -{loss}")), "{heading}\n{explained}");
    }
    let all = support::twosided(&["explain", "scenario", report, "--trial", "worst"]);
    assert_eq!(all.status.code(), Some(2), "{}", text(&all.stderr));
    assert!(text(&all.stderr).contains("name one of Fee-for-service; "), "{}", text(&all.stderr));
}
