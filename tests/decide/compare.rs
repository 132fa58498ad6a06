//! `twosided compare`: what moved between two runs, from outside.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use serde_json::Value;
use tempfile::{TempDir, tempdir};
use twosided::{
    FinishedRun, Overrides, RunOptions, Scenario, compare,
    decide::{Change, CompareOptions, Comparison, Pairing, Tolerance},
};

use crate::support::{file, text, twosided};

const FIRST_STEPS: &str = "scenarios/first-steps.toml";
const HALF: &str = "Half of the savings, half of the losses";

fn first_steps(trials: u64, seed: u64, settings: &[&str]) -> FinishedRun {
    let set = settings.iter().map(|setting| setting.parse().expect("it is a setting")).collect();
    let overrides = Overrides { trials: Some(trials), seed: Some(seed), set, ..Overrides::default() };
    let scenario = Scenario::load_with(file(FIRST_STEPS), &overrides).expect("it is valid");
    twosided::run(&scenario, &RunOptions::default()).expect("it is small").into()
}

/// The same run without its trials.
fn summary_of(run: &FinishedRun) -> FinishedRun {
    FinishedRun::Summary(Box::new(run.summary().clone()))
}

fn compared(a: &FinishedRun, b: &FinishedRun, tolerances: &[&str]) -> Comparison {
    let tolerances = tolerances.iter().map(|text| text.parse().expect("a tolerance")).collect::<Vec<Tolerance>>();
    let options = CompareOptions { tolerances, ..CompareOptions::default() };
    compare(("before", a), ("after", b), &options).expect("they have one horizon")
}

fn change(comparison: &Comparison, contract: &str, measure: &str) -> Change {
    let mut figures = comparison.figures.iter();
    let found = figures.find(|figure| figure.subject.to_string() == contract && figure.measure == measure);
    found.unwrap_or_else(|| panic!("no {measure} of {contract}")).change
}

/// A folder with two reports of the same run, and the paths of both.
fn two_reports() -> (TempDir, [PathBuf; 2]) {
    let folder = tempdir().expect("a folder");
    let reports = ["one", "other"].map(|name| folder.path().join(name));
    for report in &reports {
        let out = report.to_str().expect("UTF-8");
        let ran = twosided(&["run", FIRST_STEPS, "--trials", "300", "--out", out]);
        assert!(ran.status.success(), "{}", text(&ran.stderr));
    }
    (folder, reports)
}

fn run_compare(a: &Path, b: &Path, more: &[&str]) -> Output {
    let [a, b] = [a, b].map(|path| path.to_str().expect("UTF-8"));
    twosided(&[&["compare", a, b], more].concat())
}

#[test]
fn a_repeated_run_writes_the_same_summary_and_nothing_has_moved() {
    let (_folder, [one, other]) = two_reports();
    let summaries = [&one, &other].map(|report| fs::read(report.join("summary.json")).expect("a summary"));
    assert!(summaries[0] == summaries[1], "a baseline is the same bytes when the run is repeated");
    for (a, b) in [(one.clone(), other.clone()), (one.join("summary.json"), other), (one, file(FIRST_STEPS))] {
        // A finished run takes no trials.
        let trials: &[&str] = if b.extension().is_some_and(|kind| kind == "toml") { &["--trials", "300"] } else { &[] };
        let done = run_compare(&a, &b, trials);
        let shown = text(&done.stdout);
        assert_eq!(done.status.code(), Some(0), "{shown}{}", text(&done.stderr));
        assert!(shown.contains("nothing moved: of ") && shown.contains(" figures 0 moved,"), "{shown}");
        assert!(!shown.contains("within noise\n"), "{shown}");
    }
}

#[test]
fn a_change_is_shown_in_every_format_and_ends_with_1() {
    let folder = tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let formats = ["markdown", "json", "junit", "github", "bencher", "benchmark-action", "metrics"];
    let arguments: Vec<String> =
        formats.iter().map(|name| format!("--format={name}={}", path(name).display())).collect();
    let settings = ["--set-b", "contracts.Capitation with stop-loss.terms.capitation.pmpm=860"];
    let more: Vec<&str> = arguments.iter().map(String::as_str).chain(["--trials", "300"]).chain(settings).collect();
    let done = run_compare(&file(FIRST_STEPS), &file(FIRST_STEPS), &more);
    let shown = text(&done.stdout);
    assert_eq!(done.status.code(), Some(1), "{shown}{}", text(&done.stderr));
    assert!(shown.contains("MOVED: of ") && shown.contains("Compared trial by trial"), "{shown}");
    let read = |name: &str| fs::read_to_string(path(name)).expect("it was written");
    let json = |name: &str| serde_json::from_str::<Value>(&read(name)).expect("JSON");

    let document = json("json");
    let moved = document["counts"]["moved"].as_u64().expect("a count");
    assert_eq!((&document["moved"], &document["paired"]), (&Value::Bool(true), &Value::Bool(true)));
    let figures = document["figures"].as_array().expect("figures");
    let with = |verdict: &str| figures.iter().filter(|figure| figure["verdict"] == verdict).count() as u64;
    assert!(moved > 0 && with("moved") == moved && with("identical") > 20, "{}", document["counts"]);
    let mean = figures.iter().find(|figure| figure["measure"] == "mean_gain" && figure["verdict"] == "moved");
    let mean = mean.expect("the mean gain moved");
    // $53 PMPM more for 5,000 people, of whom all live the whole year.
    let expected = 53.0 * 12.0 * 5_000.0;
    assert!((mean["difference"].as_f64().expect("a number") / expected - 1.0).abs() < 1e-9, "{mean}");

    let junit = read("junit");
    assert!(junit.contains(&format!("failures=\"{moved}\" errors=\"0\"")) && !junit.contains("<skipped"), "{junit}");
    let github = read("github");
    assert_eq!(github.lines().count() as u64, moved.min(10));
    assert!(github.lines().all(|line| line.starts_with("::error file=") && line.contains(",title=")), "{github}");
    let markdown = read("markdown");
    assert!(markdown.contains("| Capitation with stop-loss | mean |") && markdown.contains("moved"), "{markdown}");

    let bencher = json("bencher");
    let metric = &bencher["Capitation with stop-loss"]["var_95_of_loss"];
    assert!(metric["lower_value"].as_f64() <= metric["value"].as_f64(), "{metric}");
    let rows = json("benchmark-action");
    let row = &rows.as_array().expect("rows")[0];
    assert!(["name", "unit", "range", "extra"].iter().all(|key| row[*key].is_string()) && row["value"].is_number());
    let metrics = read("metrics");
    assert!(metrics.ends_with("# EOF\n") && !metrics.contains("} inf") && !metrics.contains("} NaN"), "{metrics}");
    for line in metrics.lines().filter(|line| line.starts_with("# UNIT ")) {
        let words: Vec<&str> = line.split(' ').collect();
        assert!(words[2].ends_with(&format!("_{}", words[3])), "{line}");
    }
}

#[test]
fn what_cannot_be_read_is_no_answer() {
    let folder = tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    };
    let wrong = [
        (folder.path().join("none.json"), "no such file"),
        (write("half.json", "{"), "not the summary of a run"),
        (write("later.json", r#"{"schema_version": 9}"#), "schema_version is 9"),
        (write("bad.toml", "[run]\nnam = 1\n"), "nam"),
        (folder.path().to_owned(), "summary.json"),
    ];
    for (path, said) in wrong {
        let done = run_compare(&path, &path, &[]);
        assert_eq!(done.status.code(), Some(4), "{}", text(&done.stderr));
        assert!(text(&done.stderr).contains(said), "{}", text(&done.stderr));
    }
}

#[test]
fn wrong_usage_is_refused_with_what_would_be_right() {
    for (more, said) in [
        (&["--format", "json", "--format", "junit"][..], "write one as junit=FILE"),
        (&["--format", "xml"], "write one of text, markdown"),
        (&["--tolerance", "1"], "write a share of the figure as 1%"),
        (&["--false-alarms", "2"], "write a share from 0.000001 to 0.1"),
        (&["--trials", "1"], "write a whole number"),
    ] {
        let done = run_compare(&file(FIRST_STEPS), &file(FIRST_STEPS), more);
        assert_eq!(done.status.code(), Some(2), "{more:?}: {}", text(&done.stderr));
        assert!(text(&done.stderr).contains(said), "{more:?}: {}", text(&done.stderr));
    }
}

#[test]
fn a_benchmark_that_moves_by_a_percent_is_found() {
    let key = format!("contracts.{HALF}.terms.shared_savings.benchmark.per_capita=9_797");
    let (before, after) = (first_steps(2_000, 1, &[]), first_steps(2_000, 1, &[&key]));
    let paired = compared(&before, &after, &[]);
    assert_eq!(paired.pairing, Pairing::Paired);
    assert!(paired.has_moved());
    assert_eq!(change(&paired, HALF, "mean_gain"), Change::Moved);
    for measure in ["mean_gain", "probability_of_loss", "tvar_99_of_loss"] {
        assert_eq!(change(&paired, "Capitation with stop-loss", measure), Change::Identical, "{measure}");
    }
    // Without trials, and from another seed, it takes the mean to see it.
    let alone = compared(&summary_of(&before), &summary_of(&first_steps(2_000, 2, &[&key])), &[]);
    assert!(matches!(alone.pairing, Pairing::Independent(_)));
    assert_eq!(change(&alone, HALF, "mean_gain"), Change::Moved);
    // What moved is immaterial within a tolerance that holds its whole interval.
    let tolerated = compared(&before, &after, &["$100m", "50pp"]);
    assert!(!tolerated.has_moved() && tolerated.count(Change::Immaterial) > 0);
    assert_eq!(change(&tolerated, HALF, "mean_gain"), Change::Immaterial);
}

#[test]
fn a_rule_that_moves_is_found_where_it_bites() {
    let before = first_steps(4_000, 1, &[]);
    let sharing = format!("contracts.{HALF}.terms.shared_savings.losses.sharing_rate=0.6");
    let losses = compared(&before, &first_steps(4_000, 1, &[&sharing]), &[]);
    assert_eq!(change(&losses, HALF, "var_95_of_loss"), Change::Moved);
    assert_eq!(change(&losses, HALF, "gain_quantile_95"), Change::Identical);
    let attachment = "contracts.Capitation with stop-loss.covers.specific.attachment_point=100_000";
    let cover = compared(&before, &first_steps(4_000, 1, &[attachment]), &[]);
    assert_eq!(change(&cover, "Capitation with stop-loss", "mean_stop_loss_recoveries"), Change::Moved);
    assert_eq!(change(&cover, HALF, "sd_gain"), Change::Identical);
}

#[test]
fn a_comparison_says_what_else_differs() {
    let before = first_steps(300, 1, &[]);
    let other_seed = compared(&before, &first_steps(300, 2, &[]), &[]);
    let text = other_seed.text(Some(120));
    assert!(text.contains("Compared as independent runs, since their seeds differ, 1 and 2."), "{text}");
    assert!(!other_seed.has_moved() && other_seed.count(Change::WithinNoise) > 10, "{text}");
    let mut older = before.summary().clone();
    older.provenance.version = "0.0.9".to_owned();
    older.provenance.outcomes_sha256 = "0".to_owned();
    let older = FinishedRun::Summary(Box::new(older));
    let text = compared(&older, &before, &[]).markdown();
    assert!(text.contains("Version of the program: 0.0.9 in before"), "{text}");
    assert!(text.contains("before has no trials beside its summary") && text.contains("they may share luck"), "{text}");
}

#[test]
fn a_contract_of_one_run_alone_has_moved() {
    let before = first_steps(300, 1, &[]);
    let after = first_steps(300, 1, &["contracts.Fee-for-service.name=\"Fees | alone\""]);
    let comparison = compared(&before, &after, &[]);
    assert!(comparison.has_moved() && comparison.count(Change::Moved) == 0);
    assert_eq!((&comparison.only_in_a[0][..], &comparison.only_in_b[0][..]), ("Fee-for-service", "Fees | alone"));
    assert!(comparison.checks(None).junit().contains("failures=\"2\""));
    assert!(comparison.markdown().contains("Fees \\| alone"));
}

#[test]
fn horizons_of_other_lengths_are_not_compared() {
    let (one, three) = (first_steps(50, 1, &[]), first_steps(50, 1, &["run.years=3"]));
    let refused = compare(("one", &one), ("three", &three), &CompareOptions::default());
    let said = refused.expect_err("they have no difference").to_string();
    assert_eq!(said, "one is of 1 year and three of 3 years; compare runs with the same horizon");
}

#[test]
fn a_quantile_that_moves_with_its_trials_is_found() {
    // A tenth more of every loss: the same trials lie beyond the quantile, and each of them is worse.
    let key = format!("contracts.{HALF}.terms.shared_savings.losses.sharing_rate=0.55");
    let (before, after) = (first_steps(1_000, 1, &[]), first_steps(1_000, 1, &[&key]));
    let paired = compared(&before, &after, &[]);
    for measure in ["var_95_of_loss", "gain_quantile_05", "tvar_95_of_loss"] {
        assert_eq!(change(&paired, HALF, measure), Change::Moved, "{measure}: {}", paired.text(None));
    }
}

#[test]
fn what_a_command_reads_is_not_written_over() {
    let folder = tempdir().expect("a folder");
    let report = folder.path().join("report");
    let report = report.to_str().expect("UTF-8");
    let run = twosided(&["run", "scenarios/first-steps.toml", "--trials", "50", "--out", report]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    for name in ["trials.parquet", "summary.json", "run.toml"] {
        let path = format!("{report}/{name}");
        let before = fs::read(&path).expect("it was written");
        let format = format!("json={path}");
        for command in [&["compare", report, report][..], &["gate", report]] {
            let done = twosided(&[command, &["--format", &format]].concat());
            assert_eq!(done.status.code(), Some(2), "{}", text(&done.stderr));
        }
        assert_eq!(fs::read(&path).expect("it is there"), before);
    }
    let nowhere = folder.path().join("none/compare.json");
    let format = format!("json={}", nowhere.display());
    let done = twosided(&["compare", report, report, "--format", &format]);
    assert_eq!(done.status.code(), Some(4), "{}", text(&done.stderr));
    let done = twosided(&["compare", report, report, "--set", "run.years=2"]);
    assert_eq!(done.status.code(), Some(2), "{}", text(&done.stderr));
}

#[test]
fn a_threshold_may_be_stated_in_standard_errors() {
    let options = CompareOptions { standard_errors: Some(3.0), ..CompareOptions::default() };
    let (one, other) = (first_steps(300, 1, &[]), first_steps(300, 2, &[]));
    let comparison = compare(("one", &one), ("other", &other), &options).expect("they have the same horizon");
    assert!((comparison.threshold_in_standard_errors() - 3.0).abs() < 1e-9);
    let expected = 0.002_699_8 * comparison.figures.len() as f64;
    assert!((comparison.false_alarms - expected).abs() < 1e-3 * expected, "{}", comparison.false_alarms);
}
