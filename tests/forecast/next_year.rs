//! The next year of an ACO from its own: the scenario that is written, what it simulates, and what is refused.

use std::{fs, path::Path};

use tempfile::tempdir;
use twosided::Summary;
use twosided_actuals::{HistoryYear, Table};
use twosided_forecast::{LawFile, Outlook, Panel, Target};

use crate::support::{file, text, twosided};

const NEXT: [&str; 7] = [
    "tests/data/mssp-py2022.csv",
    "--performance-year=2022",
    "--id=A1736",
    "--for-year=2023",
    "--history",
    "tests/data/mssp-py2020.csv",
    "tests/data/mssp-py2021.csv",
];

fn written(more: &[&str]) -> String {
    let done = twosided(&[&["new", "aco"], &NEXT[..], more].concat());
    assert!(done.status.success(), "{}", text(&done.stderr));
    text(&done.stdout)
}

/// What the law says of the ACO's next year.
fn outlook() -> Outlook {
    let law = LawFile::of_2014_to_2022();
    let read = |year: u16| {
        let table = Table::load(&file(&format!("tests/data/mssp-py{year}.csv"))).expect("a file");
        HistoryYear::read(&table, year).expect("a results file")
    };
    let panel = Panel::new(&[2020, 2021, 2022].map(read)).expect("files of different years");
    let series = panel.find("A1736").expect("it is in the files");
    let target = Target { year: 2023, people: 10_490.0, agreement_start: Some(2019) };
    Outlook::new(&law.law, &law.program, &series.years, target)
}

fn run(scenario: &Path, trials: &str) -> (Summary, String) {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("report").display().to_string();
    let done = twosided(&["run", &scenario.display().to_string(), "--trials", trials, "--out", &out]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let summary = fs::read_to_string(folder.path().join("report/summary.json")).expect("it is there");
    (serde_json::from_str(&summary).expect("a summary"), text(&done.stdout))
}

#[test]
fn the_scenario_that_is_shipped_is_what_the_command_writes() {
    let shipped = fs::read_to_string(file("scenarios/real-aco-2023.toml")).expect("it is shipped");
    assert_eq!(written(&[]), shipped);
}

#[test]
fn the_person_engine_and_the_error_of_the_benchmark_make_the_law_of_the_forecast() {
    let outlook = outlook();
    let (summary, printed) = run(&file("scenarios/real-aco-2023.toml"), "8000");
    let forecast = summary.forecast.expect("it has one");
    // The minimum loss rate of 10,490 beneficiaries, below which something is owed.
    let minimum = twosided_contracts::minimum_savings_rate(10_490).value();
    let expected = outlook.below(-f64::ln_1p(minimum));
    let owing = forecast.probability_of_owing;
    let error = owing.standard_error;
    // Claims noise of the ACO's own people is up to a tenth off that of the program's: half a point of this chance.
    assert!((owing.value - expected).abs() < 4.0 * error + 0.005, "{owing:?} {expected}");
    assert!((forecast.expected_rate.value - outlook.expected_rate()).abs() < 1e-5);
    assert!(printed.contains("2023 is expected to bring savings of 2.0% of the benchmark"), "{printed}");
}

#[test]
fn quarters_take_the_place_of_what_is_simulated() {
    let folder = tempdir().expect("a folder");
    let quarters = folder.path().join("quarters.csv");
    let rows = "quarter,expenditure,person_years\n1,27900000,2570\n2,28100000,2560\n3,28400000,2555\n4,29000000,2550\n";
    fs::write(&quarters, rows).expect("it is written");
    let quarters = quarters.display().to_string();
    let mut last = f64::INFINITY;
    for through in ["1", "2", "3", "4"] {
        let scenario = folder.path().join(format!("{through}.toml"));
        fs::write(&scenario, written(&["--through", through, "--year-to-date", &quarters])).expect("it is written");
        let (summary, _) = run(&scenario, "500");
        let [low, high] = {
            let rate = summary.forecast.expect("it has one").expected_rate;
            [rate.low, rate.high]
        };
        assert!(high - low < last, "{through}");
        last = high - low;
    }
    // $113.4m, 2% of it not paid yet, over 10,235 person-years: the whole year's expenditure, in every trial.
    let done = twosided(&["check", &folder.path().join("4.toml").display().to_string()]);
    assert!(text(&done.stdout).contains("settled expenditure $11,306 a person-year"), "{}", text(&done.stdout));
}

#[test]
fn a_row_alone_is_simulated_again_and_the_report_says_so() {
    let done = twosided(&["new", "aco", NEXT[0], NEXT[1], NEXT[2]]);
    let replay = text(&done.stdout);
    assert!(replay.contains("\n[replay]\nyear = 2022\n") && !replay.contains("[forecast]"));
    let done = twosided(&["new", "aco", NEXT[0], NEXT[1], NEXT[2], NEXT[3]]);
    let alone = text(&done.stdout);
    assert!(alone.contains("[forecast]") && alone.contains("# Remark: no --history is given"), "{alone}");
}

#[test]
fn explain_shows_the_steps_that_the_scenario_has_in_its_heading() {
    let done = twosided(&[&["explain", "forecast"], &NEXT[..]].concat());
    let steps = text(&done.stdout);
    let scenario = written(&[]);
    let shown = steps.lines().filter(|line| scenario.contains(&format!("# {line}\n"))).count();
    assert!(shown >= 8, "{steps}");
    for part in ["Savings rate of 2022", "the program's level", "Credibility", "90% of outcomes", "ADM_S_Trm 0."] {
        assert!(steps.contains(part), "{part}: {steps}");
    }
}

#[test]
fn what_is_no_forecast_is_refused_with_what_would_be_right() {
    let refused = |arguments: &[&str], says: &str| {
        let done = twosided(&[&["new", "aco", NEXT[0], NEXT[1], NEXT[2]], arguments].concat());
        assert!(!done.status.success() && text(&done.stderr).contains(says), "{arguments:?}: {}", text(&done.stderr));
    };
    refused(&["--history", NEXT[5]], "--for-year");
    refused(&["--for-year", "2022"], "a forecast from results of 2022 is for a later year");
    refused(&["--for-year", "2030"], "a forecast reaches 5 years");
    refused(&["--for-year", "2023", "--history", NEXT[0]], "not before 2022");
    refused(&["--for-year", "2023", "--history", NEXT[5], NEXT[5]], "two files are of 2020");
    refused(&["--for-year", "2023", "--history", "tests/data/randhie.csv"], "no year stands in the name");
    refused(&["--for-year", "2023", "--agreement-start", "2024"], "began in 2023 or before");
    refused(&["--for-year", "2023", "--track", "track_1"], "there is no track track_1 in 2023");
    refused(&["--for-year", "2023", "--through", "2"], "--year-to-date");
    let folder = tempdir().expect("a folder");
    let quarters = folder.path().join("quarters.csv");
    fs::write(&quarters, "quarter,expenditure,person_years\n1,27900000,2570\n3,-4,x\n").expect("it is written");
    let quarters = quarters.display().to_string();
    refused(&["--for-year", "2023", "--through", "2", "--year-to-date", &quarters], "2 problems");
    fs::write(&quarters, "quarter,expenditure,person_years\n1,27900000,2570\n1,27900000,2570\n")
        .expect("it is written");
    refused(&["--for-year", "2023", "--through", "2", "--year-to-date", &quarters], "quarters 1 to 2 are needed");
    let law = folder.path().join("law.json");
    fs::write(&law, "{}").expect("it is written");
    refused(&["--for-year", "2023", "--law", &law.display().to_string()], "twosided history");
}
