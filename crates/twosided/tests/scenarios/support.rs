//! Scenarios of a test's own, and what is said of them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use miette::{GraphicalReportHandler, GraphicalTheme};
use tempfile::TempDir;
use twosided::{
    Control, RunOptions, Scenario, pilot,
    report::{Mean, Summary},
    sim::{Job, Simulated, simulate},
};
use twosided_form::{colored_terminal, terminal};

/// A folder of a test's own.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A file of the repository.
pub fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

pub fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("it can be written");
    fs::write(path, text).expect("it can be written");
}

/// A scenario given as text.
pub fn parse(text: &str) -> Scenario {
    Scenario::parse("test.toml", text).expect("the test's scenario is valid")
}

/// What comes of reading a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is valid, and nothing is doubted.
    Fine,
    /// It is valid, with warnings.
    Warned,
    /// It has problems.
    Refused,
}

/// Reads a scenario's file as `twosided check` does: its problems, or its warnings and what its contracts are expected to
/// come to, as a terminal shows them.
pub fn examined(path: &Path, allowed: &[PathBuf]) -> (Verdict, String) {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(100);
    let scenario = match Scenario::load(path, allowed) {
        Ok(scenario) => scenario,
        Err(error) => return (Verdict::Refused, colored_terminal(&error.render(&handler))),
    };
    let pilot = pilot(&scenario).expect("nothing stops it");
    let mut warnings = scenario.warnings.clone();
    if let Some(pilot) = &pilot {
        pilot.expected.note(&mut warnings);
    }
    let mut said = warnings.render(&handler);
    for contract in &scenario.contracts {
        let lines = pilot.iter().flat_map(|pilot| pilot.expected.lines(&contract.name));
        lines.for_each(|line| said.push_str(&format!("{line}\n")));
    }
    let verdict = if warnings.is_empty() { Verdict::Fine } else { Verdict::Warned };
    (verdict, terminal(&said))
}

/// The same of a scenario's text.
pub fn check(text: &str) -> (Verdict, String) {
    let folder = folder();
    write(folder.path(), "scenario.toml", text);
    examined(&folder.path().join("scenario.toml"), &[])
}

/// A message in one line, however it is wrapped.
pub fn unwrapped(text: &str) -> String {
    text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

/// The trials of a scenario.
pub fn simulated(scenario: &Scenario, trials: u64, seed: u64) -> Simulated {
    let job = Job { trials, seed, ..scenario.job() };
    simulate(&job, None, &Control::default()).expect("nothing stops it")
}

/// What a run of a scenario comes to.
pub fn summary(scenario: &Scenario, trials: u64) -> Summary {
    let scenario = Scenario { trials, seed: 11, ..scenario.clone() };
    twosided::run(&scenario, &RunOptions::default()).expect("it is small").summary
}

/// Asserts that a mean over trials is what is expected of it.
pub fn assert_mean(found: Mean, expected: f64, what: &str) {
    let z = (found.value - expected) / found.standard_error;
    assert!(z.abs() < 4.0, "{what}: {} is {z:.1} standard errors from {expected}", found.value);
}

/// A run and a contract, without people.
pub const CONTRACTS: &str =
    "[run]\nname = \"Test\"\ntrials = 200\n[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {}\n";

/// People, without more.
pub const PEOPLE: &str = "[[population.segments]]\nname = \"all\"\nmembers = 1_000\n\
                      services.visits.annual = { gamma = { mean = 4_000, cv = 1.5 } }\n";

/// Three years of a capitation.
pub fn growing(population: &str, capitation: &str) -> String {
    format!(
        "{population}\n[run]\nname = \"Growing\"\nyears = 3\ntrials = 100\n{PEOPLE}[[contracts]]\nname = \"Capitation\"\n\
         terms.capitation = {{ pmpm = 340 }}\n{capitation}"
    )
}

/// Everyone costs 1,000 with a chance of 1%, and nothing otherwise; a capitation with both covers.
pub fn covered(terms: &str, covers: &str) -> String {
    format!(
        "[run]\nname = \"Covered\"\ntrials = 500\n[[population.segments]]\nname = \"all\"\nmembers = 4_000\n\
         truncation_point = 40_000\nservices.rare = {{ frequency = {{ bernoulli = {{ probability = 0.01 }} }}, \
         severity = {{ empirical = [[0, 90_000], [1, 110_000]] }} }}\n[[contracts]]\nname = \"Covered\"\nterms.{terms}\n{covers}"
    )
}
