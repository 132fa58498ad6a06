//! `run.toml`: one file that repeats its run, whatever the scenario includes and says.

mod support;
#[path = "support/whole_scenario.rs"]
mod whole_scenario;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use support::{file, text};
use tempfile::{TempDir, tempdir};
use whole_scenario::SCENARIO;

/// A folder of a test's own.
fn folder() -> TempDir {
    tempdir().expect("a folder")
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

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("it can be written");
    fs::write(path, text).expect("it can be written");
}

/// The hash of all outcomes that a report's `run.toml` states.
fn outcomes_hash(report: &Path) -> String {
    let run = fs::read_to_string(report.join("run.toml")).expect("a report has it");
    let line = run.lines().find(|line| line.starts_with("outcomes_sha256")).expect("it states its outcomes");
    line.to_owned()
}

/// Everything that the program says in a folder, which it is content with.
fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = within(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", output_text(&output));
    output_text(&output)
}

const CONTRACTS: &str =
    "[run]\nname = \"Test\"\ntrials = 200\n[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {}\n";

const PEOPLE: &str = "[[population.segments]]\nname = \"all\"\nmembers = 1_000\n\
                      services.visits.annual = { gamma = { mean = 4_000, cv = 1.5 } }\n";

#[test]
fn run_toml_is_one_file_that_repeats_the_run() {
    let scenario = file("scenarios/glide-path.toml").display().to_string();
    let folder = folder();
    let folder = folder.path();
    let first = within(folder, &["run", &scenario, "--trials", "20", "--out", "first"]);
    assert!(first.status.success(), "{}", output_text(&first));
    let run = fs::read_to_string(folder.join("first/run.toml")).expect("a report has it");
    assert!(run.contains("# from ") && run.contains("medicare-2022.toml") && !run.contains("\ninclude"), "{run}");
    let second = within(folder, &["run", "first/run.toml", "--out", "second"]);
    assert!(second.status.success(), "{}", output_text(&second));
    assert_eq!(outcomes_hash(&folder.join("first")), outcomes_hash(&folder.join("second")));
}

#[cfg(unix)]
#[test]
fn a_newline_in_an_includes_name_adds_no_key() {
    let folder = folder();
    let folder = folder.path();
    let name = "people\nseed = 77\n[population.trend]\nmean = 9\n#.toml";
    write(folder, name, PEOPLE);
    write(folder, "scenario.toml", &format!("include = {name:?}\n{CONTRACTS}").replace('\t', " "));
    let first = within(folder, &["run", "scenario.toml", "--out", "first"]);
    assert!(first.status.success(), "{}", output_text(&first));
    let run = fs::read_to_string(folder.join("first/run.toml")).expect("a report has it");
    let run: toml_edit::DocumentMut = run.parse().expect("run.toml is TOML");
    assert_eq!(run["run"]["seed"].as_integer(), Some(1), "{run:?}");
    assert!(run["population"].get("trend").is_none(), "{run:?}");
}

#[test]
fn a_byte_order_mark_before_an_included_file_is_no_part_of_it() {
    let folder = folder();
    let folder = folder.path();
    write(folder, "people.toml", &format!("\u{feff}{PEOPLE}"));
    write(folder, "scenario.toml", &format!("\u{feff}include = \"people.toml\"\n{CONTRACTS}"));
    let output = within(folder, &["run", "scenario.toml", "--out", "report"]);
    assert!(output.status.success(), "{}", output_text(&output));
    let again = within(folder, &["check", "report/run.toml"]);
    assert!(again.status.success(), "{}", output_text(&again));
}

#[test]
fn counts_of_arguments_may_be_written_as_in_the_file() {
    let folder = folder();
    let folder = folder.path();
    write(folder, "scenario.toml", &format!("{CONTRACTS}{PEOPLE}"));
    let run = |trials: &str, seed: &str| {
        within(folder, &["run", "scenario.toml", "--trials", trials, "--seed", seed, "--out", "report"])
    };
    let plain = run("2000", "1234567");
    assert!(plain.status.success(), "{}", output_text(&plain));
    let hash = outcomes_hash(&folder.join("report"));
    for (trials, seed) in [("2_000", "1_234_567"), ("2,000", "1,234,567")] {
        let grouped = run(trials, seed);
        assert!(grouped.status.success(), "{}", output_text(&grouped));
        assert_eq!(outcomes_hash(&folder.join("report")), hash);
    }
    for (trials, right) in [("2e3", "write 2000"), ("2.5", "from 2 to 1,000,000,000 in digits, such as 2000")] {
        let refused = run(trials, "1");
        assert!(refused.status.code() == Some(2) && output_text(&refused).contains(right), "{}", output_text(&refused));
    }
}

#[test]
fn a_run_file_steers_no_terminal_and_repeats_the_run() {
    let folder = folder();
    let steering = "\u{9b}31m\u{202e}\u{1fffe}\u{e0041}";
    let scenario = SCENARIO
        .replace("trials = 200\n", &format!("trials = 200 # {steering}\n# {steering}\n"))
        .replace("members = 1_000\n", &format!("members = 1_000\nsource = 'a\\{steering}\"'\n"))
        .replace("pmpm = 340", &format!("pmpm = 340, source = \"x {steering}\\n\""));
    write(folder.path(), "plan.toml", &scenario);
    for (scenario, out) in [("plan.toml", "first"), ("first/run.toml", "second")] {
        done(folder.path(), &["run", scenario, "--out", out]);
    }
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    let run_file = read("first/run.toml");
    for character in steering.chars().filter(|character| !character.is_ascii()) {
        assert!(!run_file.contains(character), "{run_file:?}");
    }
    assert!(run_file.contains("\\u009b31m\\u202e\\U0001fffe\\U000e0041"), "{run_file}");
    assert!(run_file.contains("# ?31m???"), "{run_file}");
    assert_eq!(run_file, read("second/run.toml"));
    let notes = |text: &str| {
        let document: toml_edit::DocumentMut = text.parse().expect("TOML");
        let of = |key: &str, index: usize| {
            document.as_table()[key].as_array_of_tables().and_then(|all| all.get(index).cloned())
        };
        let contract = of("contracts", 1).expect("a contract");
        contract["terms"]["capitation"]["source"].as_str().map(str::to_owned)
    };
    assert_eq!(notes(&run_file), notes(&scenario));
}

#[test]
fn a_run_file_that_is_run_again_has_the_hash_of_its_scenario() {
    let folder = folder();
    let folder = folder.path();
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a file");
    let commented = SCENARIO.replace("trials = 200\n", "trials = 4_0 # few\n") + "# the end\n";
    write(folder, "plan.toml", &commented);
    for (arguments, first) in [
        (&["run", "plan.toml"][..], "first"),
        (&["run", "plan.toml", "--trials", "30", "--seed", "9"], "second"),
        (&["run", &file("scenarios/real-aco.toml").to_string_lossy(), "--trials", "20"], "third"),
    ] {
        let again = format!("{first}-again");
        done(folder, &[arguments, &["--out", first]].concat());
        done(folder, &["run", &format!("{first}/run.toml"), "--out", &again]);
        assert_eq!(read(&format!("{first}/run.toml")), read(&format!("{again}/run.toml")));
        let hash = |folder: &str| {
            let summary: serde_json::Value =
                serde_json::from_str(&read(&format!("{folder}/summary.json"))).expect("JSON");
            summary["provenance"]["scenario_sha256"].as_str().expect("a hash").to_owned()
        };
        assert_eq!(hash(first), hash(&again));
    }
}
