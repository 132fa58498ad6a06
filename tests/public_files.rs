//! Public results files from outside: what `settle`, `explain` and `new` say of them.

#[path = "support/columns.rs"]
mod columns;
mod support;

use std::{fs, process::Output};

use columns::with_column;
use support::{file, text, twosided};
use tempfile::TempDir;

fn data(name: &str) -> String {
    fs::read_to_string(file("tests/data").join(name)).expect("the file is in the repository")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("it can be written");
    path.to_str().expect("paths of tests are text").to_owned()
}

fn settle_puf(program: &str, puf: &str, year: &str, more: &[&str]) -> Output {
    twosided(&[&["settle", program, puf, "--performance-year", year][..], more].concat())
}

/// What is said of a command that is refused.
fn refused(arguments: &[&str], code: i32) -> String {
    let refused = twosided(arguments);
    let said = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(code), "{arguments:?}: {said}");
    said
}

fn shared_savings(folder: &TempDir, more: &str) -> String {
    let terms =
        "[contract]\nname = \"Group\"\nterms.shared_savings = { benchmark.pmpm = 500, savings.sharing_rate = 0.5 }\n";
    write(folder, "terms.toml", format!("{terms}{more}"))
}

#[test]
fn a_new_scenario_of_half_a_year_has_a_whole_benchmark_per_capita() {
    let puf = file("tests/data/public/mssp-py2019-people.csv");
    let puf = puf.to_str().expect("text");
    let new = twosided(&["new", "aco", puf, "--id", "X0001", "--performance-year", "2019"]);
    assert!(new.status.success(), "{}", text(&new.stderr));
    let scenario = text(&new.stdout);
    assert!(scenario.contains("benchmark = { per_capita = 14310.09 }"), "{scenario}");
    assert!(text(&new.stderr).contains("the row is of January to June"), "{}", text(&new.stderr));
}

#[test]
fn a_new_scenario_has_the_rates_of_its_row() {
    let folder = folder();
    let text_of_file = data("public/mssp-py2019-people.csv");
    let row = text_of_file.lines().nth(1).expect("a row");
    let small = row.replacen("X0001", "X0002", 1).replacen(",0.02,", ",0.25419,", 1);
    let puf = write(&folder, "puf.csv", format!("{text_of_file}{small}\n"));
    let new = twosided(&["new", "aco", &puf, "--id", "X0001", "--performance-year", "2019"]);
    assert!(new.status.success(), "{}", text(&new.stderr));
    let scenario = text(&new.stdout);
    assert!(
        scenario.contains("minimum_rate = \"variable\"\n") && !scenario.contains("minimum_rate = 0.0"),
        "{scenario}"
    );
}

#[test]
fn totals_that_contradict_figures_per_capita_are_refused() {
    let folder = folder();
    let cases = [
        (
            "UpdatedBnchmk",
            "2019",
            "20000",
            "ABtotBnchmk is \"523183929.0\"; UpdatedBnchmk × n_ab_year_py of the row is",
        ),
        ("per_capita_exp_total_py", "2019", "6375", "ABtotExp is \"466136177.0\"; its benchmark is of six months"),
        // In no other year are there rows of six months.
        (
            "UpdatedBnchmk",
            "2018",
            "14310",
            "ABtotBnchmk is \"523183929.0\"; UpdatedBnchmk × n_ab_year_py of the row is",
        ),
    ];
    for (column, year, value, said) in cases {
        let changed = with_column(&data("public/mssp-py2019-people.csv"), column, |_, _| value.to_owned());
        let puf = write(&folder, "puf.csv", changed);
        for command in [
            &["settle", "mssp", &puf, "--performance-year", year][..],
            &["new", "aco", &puf, "--id", "X0001", "--performance-year", year],
        ] {
            let refused = twosided(command);
            assert_eq!(refused.status.code(), Some(1), "{column}");
            assert!(text(&refused.stderr).contains(said), "{column}: {}", text(&refused.stderr));
        }
    }
    // What only the results say twice is explained, not refused.
    let changed = with_column(&data("public/mssp-py2019-people.csv"), "EarnSaveLoss", |_, _| "1000000".to_owned());
    let changed = with_column(&changed, "GenSaveLoss", |_, _| "2000000".to_owned());
    let puf = write(&folder, "puf.csv", changed);
    let new = twosided(&["new", "aco", &puf, "--id", "X0001", "--performance-year", "2019"]);
    let said = text(&new.stderr);
    assert!(new.status.success() && said.contains("$2,000,000") && said.contains("$1,000,000"), "{said}");
}

#[test]
fn a_hint_is_given_only_where_it_can_be_right() {
    let folder = folder();
    let with_loss = |loss: &str| {
        let text = data("public/mssp-py2019-half-years.csv");
        let text = with_column(&text, "EarnSaveLoss", |row, cell| if row == 2 { loss } else { cell }.to_owned());
        let said = settle_puf("mssp", &write(&folder, "puf.csv", text), "2019", &["--expect"]);
        self::text(&said.stdout)
    };
    // Ours is a loss of $702,674.
    let larger = with_loss("-800000");
    assert!(larger.contains("X0003") && !larger.contains("participant revenue"), "{larger}");
    let smaller = with_loss("-600000");
    assert!(smaller.contains("participant revenue"), "{smaller}");
    // A wrong year is named only where another one is better.
    let puf = file("tests/data/mssp-py2021.csv");
    let puf = puf.to_str().expect("text");
    let said = text(&settle_puf("mssp", puf, "2020", &["--expect"]).stderr);
    assert!(said.contains("under the rules of --performance-year 202"), "{said}");
    let odd = with_column(&data("mssp-py2016.csv"), "EarnSaveLoss", |_, _| "12345".to_owned());
    let said = text(&settle_puf("mssp", &write(&folder, "puf.csv", odd), "2016", &["--expect"]).stderr);
    assert!(!said.contains("--performance-year"), "{said}");
}

#[test]
fn reach_counts_the_equity_adjustment_from_2023_on() {
    let puf = file("tests/data/public/reach-py2023.csv");
    let puf = puf.to_str().expect("text");
    let said = text(&settle_puf("reach", puf, "2023", &["--expect"]).stdout);
    assert!(said.contains("shared savings or losses: 4 of 4 rows agree to $1"), "{said}");
    assert!(said.contains("gross savings or losses: 4 of 4 rows agree to $1"), "{said}");
    let folder = folder();
    let without = data("public/reach-py2023.csv").replacen("heba_down_amt", "heba_other_amt", 1);
    let refused = settle_puf("reach", &write(&folder, "puf.csv", without), "2023", &[]);
    assert!(text(&refused.stderr).contains("there is no column heba_down_amt"), "{}", text(&refused.stderr));
    let positive = with_column(&data("public/reach-py2023.csv"), "heba_down_amt", |_, cell| cell.replace('-', ""));
    let refused = settle_puf("reach", &write(&folder, "puf.csv", positive), "2023", &[]);
    assert!(text(&refused.stderr).contains("line 2: heba_down_amt is \"595650.0\""), "{}", text(&refused.stderr));
}

#[test]
fn an_open_quote_loses_no_row() {
    let folder = folder();
    let terms = shared_savings(&folder, "");
    let open = write(&folder, "open.csv", "member_months,expenditure,name\n12,5,\"A\n12,6,B\n12,7,C\n");
    let said = refused(&["settle", "terms", &terms, &open], 1);
    assert!(said.contains("open.csv: the quote that opens in line 2 is still open at the end"), "{said}");
    let flags = ["--person", "member_months", "--year", "expenditure", "--service", "a=cost:expenditure"];
    let said = refused(&[&["fit", &open][..], &flags].concat(), 1);
    assert!(said.contains("the quote that opens in line 2 is still open at the end"), "{said}");
    let whole = write(&folder, "whole.csv", "member_months,expenditure,name\n12,5,\"A\nB\"\n12,6,\"B \"\"b\"\"\"\n");
    let settled = twosided(&["settle", "terms", &terms, &whole]);
    assert!(settled.status.success() && text(&settled.stderr).contains("2 rows settled"), "{}", text(&settled.stderr));
}

#[test]
fn a_file_of_another_kind_is_named() {
    let folder = folder();
    let data = |name: &str| file("tests/data").join(name).to_str().expect("text").to_owned();
    let (mssp, reach) = (data("mssp-py2022.csv"), data("reach-2021-2022.csv"));
    let terms = shared_savings(&folder, "");
    let csv = write(&folder, "data.csv", "member_months,expenditure\n12,5\n");
    let toml = write(&folder, "terms.txt", "# Terms\n[contract]\nname = \"Group\"\n");
    let workbook = write(&folder, "book.csv", b"PK\x03\x04 and more");
    let scenario = file("scenarios/first-steps.toml");
    let scenario = scenario.to_str().expect("text");
    let of_puf = |program, puf| ["settle", program, puf, "--performance-year", "2022"];
    for (arguments, code, said, not) in [
        (
            &of_puf("mssp", &reach)[..],
            1,
            "1 problem\n  this looks like the REACH file; use `settle reach`",
            "no column",
        ),
        (
            &of_puf("reach", &mssp),
            1,
            "this looks like the Shared Savings Program's file; use `settle mssp`",
            "no column",
        ),
        (&of_puf("mssp", &terms), 1, "this is TOML, not CSV", "cells"),
        (&["settle", "terms", &terms, &toml], 1, "this is TOML, not CSV", "cells"),
        (&["settle", "terms", &terms, &workbook], 1, "this is a workbook or an archive, not CSV", "UTF-8"),
        (&["settle", "terms", scenario, &csv], 1, "this is a scenario", "unknown"),
        (&["settle", "terms", &csv, &csv], 2, "is a table; the file of terms comes first", "TOML parse"),
        (&of_puf("MSSP", &mssp), 2, "write `twosided settle mssp FILE --performance-year YYYY`", "needs"),
        (
            &["settle", "raech", &reach, "--performance-year", "2022"],
            2,
            "a similar subcommand exists: 'reach'",
            "needs",
        ),
    ] {
        let output = refused(arguments, code);
        assert!(output.contains(said) && !output.contains(not), "{arguments:?}: {output}");
    }
}

#[test]
fn a_file_of_another_year_is_reported_once() {
    let puf = file("tests/data/mssp-py2022.csv");
    let puf = puf.to_str().expect("text");
    for (year, said) in [
        ("2021", "of 482 rows have agreements that begin after 2021; is this the file of another year?"),
        ("2016", "of 482 rows have tracks that there were not in 2016; is this the file of another year?"),
    ] {
        let output = refused(&["settle", "mssp", puf, "--performance-year", year], 1);
        assert!(output.contains(said) && !output.contains("line "), "{year}: {output}");
    }
}

#[test]
fn a_column_that_is_missing_is_reported_once() {
    let folder = folder();
    for (named, data) in [
        ("expenditure = \"Allowed amount\"", "member_months,paid\n12,5\n"),
        ("member_months = \"Allowed amount\"", "expenditure,paid\n12,5\n"),
    ] {
        let terms = shared_savings(&folder, &format!("[columns]\n{named}\n"));
        let data = write(&folder, "data.csv", data);
        let said = refused(&["settle", "terms", &terms, &data], 1);
        assert!(said.contains("1 problem\n") && said.contains("\"Allowed amount\", which [columns] names"), "{said}");
    }
}

#[test]
fn explain_says_what_it_needs_and_names_near_rows() {
    let scenario = file("scenarios/first-steps.toml");
    let said = refused(&["explain", "scenario", scenario.to_str().expect("text")], 2);
    assert!(said.contains("not provided:\n  --trial <N|worst|p95>"), "{said}");
    let help = text(&twosided(&["explain", "scenario", "--help"]).stdout);
    assert!(help.contains("a report's run.toml"), "{help}");
    let puf = file("tests/data/mssp-py2022.csv");
    let explain = ["explain", "mssp", puf.to_str().expect("text"), "--performance-year", "2022", "--id"];
    for (row, near) in [("Amarillo", "did you mean A1736 (Amarillo"), ("A173", "did you mean A1736")] {
        let said = refused(&[&explain[..], &[row]].concat(), 1);
        assert!(said.contains(near), "{row}: {said}");
    }
}

#[test]
fn explained_steps_say_where_they_are_from() {
    let folder = folder();
    let data = write(&folder, "data.csv", "member_months,expenditure\n12,5000\n");
    let explained = twosided(&["explain", "terms", &shared_savings(&folder, ""), &data, "--row", "1"]);
    let said = text(&explained.stdout);
    assert!(explained.status.success() && said.contains("\nterms of the contract\n   1. "), "{said}");
}

#[test]
fn first_steps_say_how_the_written_file_is_run() {
    let folder = folder();
    let out = folder.path().join("mine.toml");
    let out = out.to_str().expect("text");
    assert!(twosided(&["new", "scenario", "--out", out]).status.success());
    let written = fs::read_to_string(out).expect("it was written");
    assert!(written.contains(&format!("#   twosided run {out}\n")) && !written.contains("cargo run"), "{written}");
    assert!(twosided(&["check", out]).status.success());
}

#[test]
fn of_a_corrupt_parquet_file_only_the_error_is_said() {
    let folder = folder();
    let terms = shared_savings(&folder, "");
    // The library panics on this one.
    let corrupt = file("tests/data/parquet/corrupt-lengths.parquet");
    let output = twosided(&["settle", "terms", &terms, corrupt.to_str().expect("text")]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.starts_with("error: cannot read ") && said.lines().count() == 1, "{said}");
    assert!(said.ends_with("it is not a whole Parquet file\n"), "{said}");
}
