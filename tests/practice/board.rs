//! The cover sheet of a report: one page of seven boxes.

use std::{fs, path::Path};

use tempfile::tempdir;
use twosided::{RunOptions, Summary};
use twosided_report::{Figure, Owed, SettledBy};

use crate::support::{file, parse, text, twosided};

/// The boxes, in their order.
const BOXES: [&str; 7] = [
    "Decision",
    "What could we owe?",
    "How likely is it?",
    "Can we pay?",
    "What changes the answer?",
    "Cover",
    "What is assumed and left out",
];

/// Most elements of a sheet that fits on one printed page.
const MOST_ELEMENTS: usize = 520;

/// The sheet of a scenario file, and what comes after it.
fn sheet(scenario: &Path, more: &[&str]) -> (String, String) {
    let folder = tempdir().expect("a folder");
    let (scenario, out) = (scenario.display().to_string(), folder.path().join("report"));
    let out_text = out.display().to_string();
    let arguments = [&["run", &scenario, "--out", &out_text], more].concat();
    let output = twosided(&arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = fs::read_to_string(out.join("report.html")).expect("a page");
    let (_, page) = page.split_once("<body>").expect("a body");
    let (sheet, rest) = page.split_once("<header>").expect("a header");
    (sheet.to_owned(), rest.to_owned())
}

/// The parts of a sheet, from the heading of each box on.
fn boxes(sheet: &str) -> Vec<String> {
    let parts: Vec<&str> = sheet.split("<h2>").skip(1).collect();
    let titles: Vec<&str> = parts.iter().map(|part| part.split_once("</h2>").expect("a title").0).collect();
    assert_eq!(titles, BOXES);
    parts.into_iter().map(str::to_owned).collect()
}

/// Whether a sheet is of a size that fits on one page: few rows, few bars, few lines.
fn assert_fits(sheet: &str, boxes: &[String]) {
    assert_eq!(sheet.matches("<section class=\"board\">").count(), 1);
    let count = |index: usize, tag: &str| boxes[index].matches(tag).count();
    assert!(count(1, "<tr") <= 7 && count(2, "class=\"hundred\"") <= 6, "{sheet}");
    assert!(count(4, "class=\"bar\"") <= 3 && count(5, "<tr") <= 4 && count(6, "<li>") <= 5, "{sheet}");
    let elements = sheet.matches('<').count() - sheet.matches("</").count();
    assert!(elements <= MOST_ELEMENTS, "{elements} elements");
}

#[test]
fn a_sheet_says_what_the_scenario_states() {
    let (sheet, rest) = sheet(&file("tests/data/practice/board-full.toml"), &[]);
    let boxes = boxes(&sheet);
    assert_fits(&sheet, &boxes);
    for said in ["Which contract for 2027?", "the partners", "A. Actuary", "2026-11-27"] {
        assert!(boxes[0].contains(said), "{said}: {}", boxes[0]);
    }
    assert!(boxes[0].contains("<b>Track</b>, as the scenario states: <q>its largest loss is within the reserve</q>"));
    // The preferred option first; what takes the place of fees is marked.
    let (track, rate) = (boxes[1].find(">Track</th>"), boxes[1].find(">Rate\u{a0}†</th>"));
    assert!(track.is_some() && track < rate, "{}", boxes[1]);
    assert!(boxes[2].contains("aria-label=\"Track: of 100 years, we pay in "), "{}", boxes[2]);
    assert_eq!(boxes[4].matches("class=\"bar\"").count(), 3);
    assert!(boxes[4].contains("1 more key moves it less"), "{}", boxes[4]);
    assert!(boxes[5].contains(">Rate</th>") && boxes[5].contains("pays for cost that the contract bears"));
    assert!(boxes[6].contains("the sources of the population name the year 2025"), "{}", boxes[6]);
    // The report follows on its own page.
    assert!(rest.contains("<h2>In short</h2>"));
}

#[test]
fn a_sheet_says_what_is_missing() {
    let (sheet, _) = sheet(&file("tests/data/practice/board-none.toml"), &[]);
    let boxes = boxes(&sheet);
    assert_fits(&sheet, &boxes);
    assert!(boxes[0].contains("not stated") && boxes[0].contains("the scenario states no preference"), "{}", boxes[0]);
    assert!(boxes[3].contains("the scenario states no reserves"), "{}", boxes[3]);
    assert!(boxes[4].contains("the scenario varies nothing"), "{}", boxes[4]);
    assert!(boxes[5].contains("No option has stop-loss."), "{}", boxes[5]);
    assert!(boxes[6].contains("no source of the population names a year"), "{}", boxes[6]);
    // One-sided: nothing is owed in any year, and the interval says how sure that is.
    assert!(boxes[2].contains("we pay <b>0</b> <small>(0 to "), "{}", boxes[2]);
}

#[test]
fn without_lines_a_sheet_says_what_counts_instead() {
    let (sheet, _) = sheet(&file("tests/data/practice/board-full.toml"), &["--outcomes", "gains"]);
    let boxes = boxes(&sheet);
    assert!(boxes[1].contains("This run kept gains alone"), "{}", boxes[1]);
    assert!(boxes[5].contains("is not known of this run"), "{}", boxes[5]);
    // What keys move is known all the same.
    assert_eq!(boxes[4].matches("class=\"bar\"").count(), 3);
}

#[test]
fn of_many_options_six_are_shown_and_the_rest_counted() {
    let (sheet, _) = sheet(&file("scenarios/real-aco.toml"), &["--trials", "200"]);
    let boxes = boxes(&sheet);
    assert_fits(&sheet, &boxes);
    assert_eq!(boxes[1].matches("<tr").count(), 7);
    assert!(boxes[1].contains("Shown: the 3 with the highest expected gains"), "{}", boxes[1]);
    assert!(boxes[1].contains("5 more are in the report."), "{}", boxes[1]);
}

#[test]
fn a_decision_is_part_of_what_repeats_a_run() {
    let folder = tempdir().expect("a folder");
    let (first, again) = (folder.path().join("first"), folder.path().join("again"));
    let scenario = file("tests/data/practice/board-full.toml").display().to_string();
    let run = |scenario: &str, out: &Path| {
        let output = twosided(&["run", scenario, "--out", &out.display().to_string()]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        fs::read(out.join("report.html")).expect("a page")
    };
    let page = run(&scenario, &first);
    assert!(page == run(&first.join("run.toml").display().to_string(), &again));
}

/// One person with an exponential cost of mean 5,000, half of whose savings and losses against 5,000 are shared from 10% on.
fn exponential(years: u32) -> Owed {
    let scenario = parse(&format!(
        "[run]\nname = \"One\"\ntrials = 40_000\nyears = {years}\nseed = 7\n\
         [[population.segments]]\nname = \"all\"\nmembers = 1\n\
         services.care.annual = {{ gamma = {{ mean = 5_000, cv = 1 }} }}\n\
         [[contracts]]\nname = \"Track\"\nadministration_pmpm = 10\nterms.shared_savings = {{ benchmark = {{ per_capita = 5_000 }}, \
         savings = {{ minimum_rate = 0.1, sharing_rate = 0.5 }}, losses = {{ minimum_rate = 0.1, sharing_rate = 0.5 }} }}\n"
    ));
    let summary: Summary = twosided::run(&scenario, &RunOptions::default()).expect("it runs").summary;
    summary.contracts[0].owed.clone().expect("it is not fee-for-service")
}

fn assert_near(of: &str, figure: &Figure, expected: f64) {
    let z = (figure.value - expected) / figure.standard_error;
    assert!(z.abs() < 4.0, "{of}: {} is {z:.1} standard errors from {expected}", figure.value);
}

#[test]
fn what_is_owed_is_that_of_an_exponential_cost() {
    let owed = exponential(1);
    assert_eq!(owed.basis, SettledBy::Reconciliation);
    // A loss counts where the cost is above 5,500, savings where it is below 4,500.
    let (above, below) = ((-1.1_f64).exp(), 1.0 - (-0.9_f64).exp());
    assert_near("years owed", &owed.years_owed, above);
    assert_near("years received", &owed.years_received, below);
    assert_near("years of neither", &owed.years_of_neither, 1.0 - above - below);
    // Half of what the quantile of the cost, -5,000 ln(1 - level), is above 5,000.
    assert_near("1 in 20", &owed.value_at_risk_95, 2_500.0 * (20_f64.ln() - 1.0));
    assert_near("1 in 100", &owed.value_at_risk_99, 2_500.0 * (100_f64.ln() - 1.0));
    // $10 a month, which is no part of what is owed.
    assert!((owed.cost.value - 120.0).abs() < 1e-9, "{:?}", owed.cost);
}

#[test]
fn over_several_years_the_worst_of_them_counts() {
    let owed = exponential(3);
    // The largest of three costs is below x with probability F(x)^3.
    let worst = |level: f64| 2_500.0 * (-(1.0 - level.cbrt()).ln() - 1.0);
    assert_near("1 in 20", &owed.value_at_risk_95, worst(0.95));
    assert_near("1 in 100", &owed.value_at_risk_99, worst(0.99));
    assert_near("years owed", &owed.years_owed, (-1.1_f64).exp());
    assert!((owed.cost.value - 360.0).abs() < 1e-9, "{:?}", owed.cost);
}
