//! The law of ACOs over time and the proof of forecasts from it, from outside.

use std::fs;

use tempfile::tempdir;

use crate::support::{file, text, twosided};

#[test]
fn the_document_of_forecasts_is_what_its_command_writes() {
    let committed = fs::read_to_string(file("docs/forecast.md")).expect("it is committed");
    let command = committed.lines().find(|line| line.starts_with("twosided verify forecast")).expect("its command");
    let (command, out) = command.rsplit_once(" --out ").expect("it names the document");
    assert_eq!(out, "docs/forecast.md");
    let arguments: Vec<&str> = command.split(' ').skip(1).collect();
    let done = twosided(&arguments);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let ours: Vec<String> = text(&done.stdout).lines().map(str::to_owned).collect();
    for (ours, committed) in ours.iter().zip(committed.lines()) {
        assert!(ours == committed || committed.starts_with(command), "{ours}\n{committed}");
    }
    assert_eq!(ours.len(), committed.lines().count());
    // What a forecast is held to is met; that the program's level and dollars are not in every year stands in red.
    let bars = committed
        .lines()
        .filter(|line| line.contains("CRPS below") || line.contains("90% bands") || line.contains("KS prob"));
    let bars: Vec<&str> = bars.filter(|line| line.ends_with("pass |") || line.contains("FAIL")).collect();
    assert!(bars.len() == 20 && bars.iter().all(|line| line.ends_with("pass |")), "{bars:?}");
}

#[test]
fn the_law_that_comes_with_the_program_is_what_its_command_writes() {
    let folder = tempdir().expect("a folder");
    let law = folder.path().join("law.json").display().to_string();
    let files: Vec<String> = (2014..=2022).map(|year| format!("tests/data/mssp-py{year}.csv")).collect();
    let mut arguments = vec!["history", "--out", &law];
    arguments.extend(files.iter().map(String::as_str));
    let done = twosided(&arguments);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let written = fs::read_to_string(&law).expect("it is there");
    assert_eq!(written, fs::read_to_string(file("crates/forecast/mssp-2014-2022.json")).expect("it is committed"));
    for part in ["level.persistence", "± ", "rows by identifier", "by name alone", "who leaves"] {
        assert!(text(&done.stdout).contains(part), "{part}: {}", text(&done.stdout));
    }
}

#[test]
fn files_that_make_no_law_are_refused() {
    let refused = |arguments: &[&str], says: &str| {
        let done = twosided(arguments);
        assert!(!done.status.success() && text(&done.stderr).contains(says), "{arguments:?}: {}", text(&done.stderr));
    };
    let of = |year: u16| format!("tests/data/mssp-py{year}.csv");
    let [first, second, third] = [2018, 2019, 2020].map(of);
    refused(&["history", &first, &second, &third], "a law over time needs at least 4");
    refused(&["history", &first, &third, &of(2021), &of(2022)], "there is no file of 2019");
    refused(&["history", &format!("2021={first}"), &first], "2018 and 2021 have the same results");
    refused(&["history", &first, &second, &third, &format!("2021={third}")], "2020 and 2021 have the same results");
    refused(&["history", "tests/data/randhie.csv"], "no year stands in the name");
    refused(&["history", "2018=tests/data/randhie.csv"], "there is no column N_AB");
    let to = of(2022);
    refused(&["verify", "forecast", "--from", &first, &second, "--to", &to], "at least 4");
}
