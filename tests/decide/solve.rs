//! `solve`: the value of a key that meets a target, and its error.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::{TempDir, tempdir};
use twosided::{KeyQuestion, Overrides, RunOptions, Scenario, decide::solve::Answer, run, solve_key};
use twosided_report::RiskMeasure;

use crate::support::{text, twosided};

/// Sixty people who spend 6,000 dollars a year each on average.
const SMALL: &str = r#"
[run]
name = "Sixty people"
trials = 400
seed = 1
[population]
source = "assumed"
[[population.segments]]
name = "all"
members = 60
services.care = { annual = { lognormal = { mean = 6_000, cv = 1 } } }
[[contracts]]
name = "Capitation"
terms.capitation = { pmpm = 510 }
[[contracts]]
name = "Shared"
terms.shared_savings = { benchmark = { per_capita = 6_000 }, savings = { minimum_rate = 0.05, sharing_rate = 0.5 }, losses = { minimum_rate = 0.05, sharing_rate = 0.5 } }
"#;

fn small() -> (TempDir, String) {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("small.toml");
    fs::write(&path, SMALL).expect("it can be written");
    let path = path.to_str().expect("UTF-8").to_owned();
    (folder, path)
}

/// The value that a search finds, and its standard error.
fn found(path: &str, seed: u64, key: &str, between: (f64, f64), until: &str) -> (f64, f64) {
    let overrides = Overrides { seed: Some(seed), ..Overrides::default() };
    let question = KeyQuestion {
        scenario: Path::new(path),
        overrides: &overrides,
        key,
        between,
        until: until.parse().expect("it is a statement"),
        contract: Some("Capitation"),
        less: None,
    };
    let solved = solve_key(&question, &RunOptions::default()).expect("it can be evaluated");
    match solved.solved.answer {
        Answer::Found(solution) => (solution.value, solution.standard_error),
        other => panic!("seed {seed}: {other:?}"),
    }
}

/// The errors that 200 seeds state are the spread of their answers, and their mean is the truth where that is known.
#[test]
fn errors_are_the_spread_of_200_replications() {
    const SEEDS: u64 = 200;
    let (_folder, path) = small();
    let rate = "contracts.Capitation.terms.capitation.pmpm";
    // A rate that is settled on the same years, and people who are sampled again.
    for (key, between, until, truth) in [
        (rate, (400.0, 650.0), "mean >= 0", Some(500.0)),
        (rate, (400.0, 800.0), "var95 <= 20_000", None),
        ("population.segments.all.services.care.annual.lognormal.mean", (4_000.0, 9_000.0), "tvar95 <= 100_000", None),
    ] {
        let answers: Vec<(f64, f64)> = (1..=SEEDS).map(|seed| found(&path, seed, key, between, until)).collect();
        let n = SEEDS as f64;
        let mean = answers.iter().map(|(value, _)| value).sum::<f64>() / n;
        let spread = answers.iter().map(|(value, _)| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
        let stated = answers.iter().map(|(_, error)| error * error).sum::<f64>() / n;
        // The variance of n answers has a relative standard error of √(2 / (n - 1)), 0.1: 4 of them.
        let ratio = stated / spread;
        assert!(
            (ratio.ln()).abs() < 4.0 * (2.0 / (n - 1.0)).sqrt(),
            "{until}: the stated variance is {ratio} times the spread"
        );
        if let Some(truth) = truth {
            let off = (mean - truth) / (spread / n).sqrt();
            assert!(off.abs() < 4.0, "{until}: {mean} is {off} standard errors from {truth}");
        }
    }
}

#[test]
fn the_answer_meets_its_target_in_a_run() {
    let (_folder, path) = small();
    let rate = "contracts.Capitation.terms.capitation.pmpm";
    let (value, _) = found(&path, 7, rate, (400.0, 800.0), "var95 <= 20_000");
    let set = vec![twosided::Setting::new(rate, &value.to_string()).expect("a setting")];
    let overrides = Overrides { seed: Some(7), set, ..Overrides::default() };
    let scenario = Scenario::load_with(&path, &overrides).expect("it is valid");
    let run = run(&scenario, &RunOptions::default()).expect("it is small");
    let found = run.summary.contract("Capitation").expect("it is there").measure(RiskMeasure::ValueAtRisk95);
    assert!((found.value - 20_000.0).abs() < 0.02 * found.standard_error, "{found:?}");
}

fn solve(path: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = twosided(&[&["solve", path], arguments].concat());
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn one_command_finds_an_attachment_point() {
    let (code, out, said) = solve(
        "scenarios/commercial.toml",
        &[
            "--key",
            r#"contracts."Global capitation, stop-loss at $250k".covers.specific.attachment_point"#,
            "--between",
            "75_000",
            "500_000",
            "--until",
            "var95 <= 7_000_000",
            "--trials",
            "1000",
        ],
    );
    assert_eq!(code, Some(0), "{out}{said}");
    assert!(out.contains("It holds") && out.contains("95% interval"), "{out}");
    assert!(said.contains("values evaluated on the same 1,000 trials of seed"), "{said}");
}

#[test]
fn answers_that_are_no_value() {
    let (_folder, path) = small();
    let rate = ["--key", "contracts.Capitation.terms.capitation.pmpm", "--between", "400", "800"];
    let with = |until: &str| solve(&path, &[&rate[..], &["--until", until]].concat());
    let (code, out, said) = with("mean >= $10m");
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("At 800, the mean is nearest") && said.contains("no value in the range"), "{out}{said}");
    let (code, out, _) = with("mean <= $10m");
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("Every value"), "{out}");
    // A larger rate does nothing to the spread.
    let (code, out, said) = with("sd <= 1_000_000");
    assert!(code == Some(0) && out.contains("Every value"), "{out}{said}");
    // A chance that jumps at the minimum rate: what is shared moves nothing but amounts.
    let mean = ["--key", "population.segments.all.services.care.annual.lognormal.mean", "--between", "3_000", "9_000"];
    let (code, out, said) =
        solve(&path, &[&mean[..], &["--contract", "Shared", "--until", "P(loss > 3) <= 30%"]].concat());
    assert!(code == Some(0) && out.contains("It holds up to"), "{out}{said}");
    // Sharing moves nothing where costs are far from the benchmark on either side, and most where they are near: the spread turns.
    let wide = ["--key", "population.segments.all.services.care.annual.lognormal.mean", "--between", "500", "30_000"];
    let (code, out, said) =
        solve(&path, &[&wide[..], &["--contract", "Shared", "--until", "P(loss > 100_000) + 0 <= 30%"]].concat());
    assert!(code == Some(2), "{out}{said}");
    let (code, out, said) = solve(&path, &[&rate[..], &["--contract", "Shared", "--until", "mean >= 1"]].concat());
    assert!(code == Some(1) && said.contains("no value in the range"), "{out}{said}");
    // The chance that the gain lies within limits rises and falls with the rate.
    let (code, out, said) = with("median <= -$1b");
    assert!(code == Some(1) && said.contains("no value in the range"), "{out}{said}");
}

#[test]
fn the_answer_as_json_has_every_value() {
    let (_folder, path) = small();
    let (code, out, said) = solve(
        &path,
        &[
            "--key",
            "population.segments.all.members",
            "--between",
            "20",
            "200",
            "--contract",
            "Capitation",
            "--until",
            "sd <= 50_000",
            "--format",
            "json",
        ],
    );
    assert_eq!(code, Some(0), "{out}{said}");
    let answer: Value = serde_json::from_str(&out).expect("JSON");
    let value = answer["answer"]["value"].as_f64().expect("a number");
    assert!(value.fract() == 0.0 && (20.0..200.0).contains(&value), "{answer}");
    assert_eq!(answer["answer"]["holds"], "up to the value");
    // sd² is members × (6,000)² with a cv of 1.
    assert!((value - 69.4).abs() < 4.0 * 69.4 * 2.0 * 0.06, "{value}");
    let points = answer["points"].as_array().expect("points");
    assert!(points.len() >= 5 && points.iter().all(|point| point["measure"]["standard_error"].is_number()), "{answer}");
}

#[test]
fn what_cannot_be_solved_is_refused_with_what_would_be_right() {
    let (_folder, path) = small();
    let refused = |arguments: &[&str]| {
        let (code, out, said) = solve(&path, arguments);
        assert!(matches!(code, Some(1 | 2)), "{out}{said}");
        said
    };
    let rate = ["--key", "contracts.Capitation.terms.capitation.pmpm"];
    let with = |key: &[&'static str], rest: &[&'static str]| [key, rest].concat();
    let said = refused(&with(&rate, &["--between", "800", "400", "--until", "mean >= 0"]));
    assert!(said.contains("write the smaller one first"), "{said}");
    let said = refused(&with(&rate, &["--between", "-5", "400", "--until", "mean >= 0"]));
    assert!(said.contains("pmpm") && said.contains("-5"), "{said}");
    let members = "population.segments.all.members";
    let said = refused(&["--key", members, "--between", "50", "90", "--until", "mean >= 0"]);
    assert!(said.contains("which contract") && said.contains("--contract"), "{said}");
    for key in ["run.seed", "run.trials", "run.years", "run . \"trials\""] {
        let said = refused(&["--key", key, "--between", "3", "9", "--contract", "Capitation", "--until", "mean >= 0"]);
        assert!(said.contains("changes how the scenario is run"), "{key}: {said}");
    }
    let said = refused(&with(&rate, &["--between", "400", "800", "--until", "men >= 0"]));
    assert!(said.contains("mean"), "{said}");
    let said = refused(&with(&rate, &["--between", "400", "800", "--until", "P(cost > 3) >= 50%"]));
    assert!(said.contains("benchmark"), "{said}");
    let said =
        refused(&["--key", "contracts.Capitaton.terms.capitation.pmpm", "--between", "1", "9", "--until", "mean >= 0"]);
    assert!(said.contains("Capitation"), "{said}");
}
