//! `twosided check` and what it shares with `run`: the terminal, exit codes, `--strict` and `--allow-include`.

#[path = "support/lives.rs"]
mod lives;
mod support;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use lives::LIVES;
use support::{text, twosided};
use tempfile::TempDir;

/// A folder of a test's own.
fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The program, run in a folder.
fn within(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twosided"));
    command.args(arguments).current_dir(folder).output().expect("the program runs")
}

/// Everything that a run of the program said.
fn output_text(output: &Output) -> String {
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// What `check` says of a scenario's text, and whether it is content.
fn check(folder: &Path, text: &str, arguments: &[&str]) -> (Option<i32>, String) {
    write(folder, "scenario.toml", text);
    let output = within(folder, &[&["check", "scenario.toml"][..], arguments].concat());
    (output.status.code(), output_text(&output))
}

const CONTRACTS: &str =
    "[run]\nname = \"Test\"\ntrials = 200\n[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {}\n";

const PEOPLE: &str = "[[population.segments]]\nname = \"all\"\nmembers = 1_000\n\
                      services.visits.annual = { gamma = { mean = 4_000, cv = 1.5 } }\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("it can be written");
    fs::write(path, text).expect("it can be written");
}

/// Everyone costs 1,000 with a chance of 1%, and nothing otherwise; a capitation with both covers.
fn covered(terms: &str, covers: &str) -> String {
    format!(
        "[run]\nname = \"Covered\"\ntrials = 500\n[[population.segments]]\nname = \"all\"\nmembers = 4_000\n\
         truncation_point = 40_000\nservices.rare = {{ frequency = {{ bernoulli = {{ probability = 0.01 }} }}, \
         severity = {{ empirical = [[0, 90_000], [1, 110_000]] }} }}\n[[contracts]]\nname = \"Covered\"\nterms.{terms}\n{covers}"
    )
}

/// Three years of a capitation.
fn growing(population: &str) -> String {
    format!(
        "{population}\n[run]\nname = \"Growing\"\nyears = 3\ntrials = 100\n{PEOPLE}[[contracts]]\nname = \"Capitation\"\n\
         terms.capitation = {{ pmpm = 340 }}\n"
    )
}

#[test]
fn check_and_report_show_what_is_settled_beside_the_benchmark() {
    let folder = folder();
    let folder = folder.path();
    let (code, said) = check(folder, LIVES, &[]);
    assert_eq!(code, Some(0), "{said}");
    let line = said.lines().find(|line| line.contains("settled expenditure")).expect("it is printed");
    assert!(line.contains("before truncation") && line.contains("benchmark $12,000, savings rate"), "{line}");
    assert!(said.contains("the first year of 1,000 trials"), "{said}");

    let run = within(folder, &["run", "scenario.toml", "--out", "report"]);
    assert!(run.status.success(), "{}", output_text(&run));
    let page = fs::read_to_string(folder.join("report/report.html")).expect("a report has it");
    assert!(page.contains("Expected in the first year") && page.contains("Expenditure as settled"));
    let json = fs::read_to_string(folder.join("report/summary.json")).expect("a report has it");
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert!(json["expected"]["contracts"][0]["savings_rate"]["value"].is_number(), "{json}");
}

#[test]
fn a_cover_of_what_a_contract_does_not_bear_is_doubted_on_the_page_too() {
    let folder = folder();
    let folder = folder.path();
    let cover = "covers.specific = { attachment_point = 50_000, coinsurance = 0.5, premium_pmpm = 30 }\n";
    let not_borne = "pays what its contract does not bear";
    let text = covered("mssp = { track = \"enhanced\", benchmark.per_capita = 1_000 }", cover);
    let (code, _) = check(folder, &text, &["--strict"]);
    assert_eq!(code, Some(1));
    let run = within(folder, &["run", "scenario.toml", "--out", "report"]);
    assert!(run.status.success() && output_text(&run).contains(not_borne), "{}", output_text(&run));
    let page = fs::read_to_string(folder.join("report/report.html")).expect("a report has it");
    assert!(page.contains(not_borne), "the report says so too");
}

#[test]
fn a_refusal_says_that_strict_refuses() {
    let folder = folder();
    let folder = folder.path();
    let one = growing("population.trend = { mean = 0.7 }\n");
    let two = one.replace("pmpm = 340", "pmpm = 34_000");
    for (text, refusal) in
        [(one, "error: 1 warning, refused by --strict"), (two, "error: 2 warnings, refused by --strict")]
    {
        let (code, said) = check(folder, &text, &["--strict"]);
        assert!(code == Some(1) && said.contains(refusal) && !said.contains("problem"), "{said}");
        assert!(said.contains("population.trend.mean is 0.7"), "{said}");
        let run = within(folder, &["run", "scenario.toml", "--strict", "--out", "report"]);
        assert!(run.status.code() == Some(1) && output_text(&run).contains(refusal), "{}", output_text(&run));
        let (code, said) = check(folder, &text, &[]);
        assert!(code == Some(0) && !said.contains("--strict"), "{said}");
    }
}

#[test]
fn a_run_that_is_strict_refuses_warnings_before_the_work() {
    let folder = folder();
    let folder = folder.path();
    let doubted = growing("population.trend = { mean = 0.04 }\n");
    write(folder, "scenario.toml", &doubted);
    let strict = within(folder, &["run", "scenario.toml", "--strict", "--out", "report"]);
    assert_eq!(strict.status.code(), Some(1));
    assert!(!folder.join("report").exists(), "nothing is run");
    let run = within(folder, &["run", "scenario.toml", "--out", "report"]);
    assert!(
        run.status.success() && output_text(&run).contains("population.trend.mean is 0.04"),
        "{}",
        output_text(&run)
    );
}

#[test]
fn folders_to_include_from_are_allowed_on_every_command() {
    let both = folder();
    let (outside, inside) = (both.path().join("outside"), both.path().join("inside"));
    write(&outside, "population.toml", PEOPLE);
    write(&inside, "scenario.toml", &format!("include = \"../outside/population.toml\"\n{CONTRACTS}"));
    let (way_out, allowed) = ("--allow-include", outside.display().to_string());
    for arguments in [
        &["check", "scenario.toml"][..],
        &["run", "scenario.toml", "--out", "report"],
        &["explain", "scenario", "scenario.toml", "--trial", "3"],
    ] {
        let refused = within(&inside, arguments);
        assert!(output_text(&refused).contains(way_out), "{}", output_text(&refused));
        let output = within(&inside, &[arguments, &[way_out, ".", way_out, &allowed]].concat());
        assert!(output.status.success(), "{}", output_text(&output));
    }
}

#[test]
fn shipped_scenarios_include_as_before() {
    for name in ["glide-path", "commercial"] {
        let output = twosided(&["check", &format!("scenarios/{name}.toml")]);
        assert!(output.status.success(), "{}", output_text(&output));
    }
}

#[test]
fn check_says_which_segments_are_pooled() {
    let folder = folder();
    let people = format!("{PEOPLE}{}", PEOPLE.replace("all", "few").replace("1_000", "90"));
    let (code, without) = check(folder.path(), &format!("{CONTRACTS}{people}"), &[]);
    assert!(code == Some(0) && !without.contains("drawn"), "{without}");
    let pooled = CONTRACTS.replace("[run]\n", "[run]\npools.above = 100\n");
    let (_, with) = check(folder.path(), &format!("{pooled}{people}"), &[]);
    let said = "expected a person-year\n           drawn from a pool\n  segment  few: 90 people";
    assert!(with.contains(said), "{with}");
    assert!(with.contains("drawn person by person: it has 90 members, and pools are for more than 100\n"), "{with}");
}

#[test]
fn an_empty_list_of_a_program_is_refused() {
    let folder = folder();
    let program = "[[provider.programs]]\nname = \"p\"\nsegments = []\nramp = []\neffect.visits.mean = -0.1\n";
    let (code, said) = check(folder.path(), &format!("{CONTRACTS}{PEOPLE}{program}"), &[]);
    assert!(code == Some(1) && said.contains("has 2 problems"), "{said}");
    for message in [
        "provider.programs[1].segments is empty",
        "name at least one segment, or leave the key out for all of them",
        "provider.programs[1].ramp is empty",
        "leave the key out for full strength at once",
    ] {
        assert!(said.split_whitespace().collect::<Vec<_>>().join(" ").contains(message), "{message}: {said}");
    }
}
