//! The committed validation documents are what their commands write, and the backtest's law is what its files say.

mod support;

use std::fs;

use support::{file, text, twosided};
use tempfile::TempDir;
use twosided_actuals::{AcoYear, MsspFile, Table};
use twosided_verify::Spread;

fn acos(year: u16) -> Vec<AcoYear> {
    let table = Table::load(&file(&format!("tests/data/mssp-py{year}.csv"))).expect("a file");
    MsspFile::new(&table, year).and_then(|file| file.acos()).expect("a results file")
}

/// What the command writes beside the committed document, but for the line of the command itself.
fn assert_written(arguments: &[&str], document: &str) {
    let folder = TempDir::new().expect("a folder");
    let written = folder.path().join("document.md");
    let out = written.to_str().expect("UTF-8");
    let done = twosided(&[&["verify"], arguments, &["--out", out]].concat());
    assert!(done.status.success(), "{}", text(&done.stderr));
    let without_command = |text: String| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("twosided verify")).map(str::to_owned).collect()
    };
    let ours = without_command(fs::read_to_string(&written).expect("the document"));
    let committed = without_command(fs::read_to_string(file(document)).expect("the committed document"));
    for (ours, committed) in ours.iter().zip(&committed) {
        assert_eq!(ours, committed, "{document} is not what `twosided verify {}` writes", arguments.join(" "));
    }
    assert_eq!(ours.len(), committed.len());
}

#[test]
fn the_validation_document_is_what_the_command_writes() {
    assert_written(&["--tables"], "docs/validation.md");
}

#[test]
fn the_backtest_is_what_the_command_writes() {
    let data = "tests/data/mssp-py2022.csv";
    assert_written(&["--backtest", data, "--performance-year", "2022"], "docs/backtest-2022.md");
}

#[test]
fn the_spread_that_is_simulated_is_fitted_to_2018_and_2021_alone() {
    let (first, second) = (acos(2018), acos(2021));
    let fitted = Spread::fit((2018, &first), (2021, &second), 2.15).expect("enough ACOs");
    let near = |found: f64, stated: f64, digits: f64| (found - stated).abs() <= 0.5 * digits;
    assert!(near(fitted.mean, Spread::FITTED.mean, 1e-4), "{fitted:?}");
    assert!(near(fitted.system, Spread::FITTED.system, 1e-4), "{fitted:?}");
    assert!(near(fitted.tau, Spread::FITTED.tau, 1e-4), "{fitted:?}");
    assert!(near(fitted.s, Spread::FITTED.s, 1e-2), "{fitted:?}");
    assert!(near(fitted.persistence, Spread::FITTED.persistence, 1e-3), "{fitted:?}");
}

#[test]
fn what_cannot_be_verified_is_refused() {
    let data = "tests/data/mssp-py2022.csv";
    for wrong in [&["verify"][..], &["verify", "--tables", "--backtest", data], &["verify", "--backtest", data]] {
        assert_eq!(twosided(wrong).status.code(), Some(2), "{wrong:?}");
    }
    let refused = twosided(&["verify", "--backtest", "tests/data/randhie.csv", "--performance-year", "2022"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("randhie.csv"), "{}", text(&refused.stderr));
    let few = twosided(&["verify", "--backtest", "tests/data/mssp-py2024.csv", "--performance-year", "2024"]);
    assert_eq!(few.status.code(), Some(1));
    assert!(text(&few.stderr).contains("at least 30 ACOs"), "{}", text(&few.stderr));
}
