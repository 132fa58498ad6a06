//! `twosided settle` and `twosided explain`, as a user runs them, on CMS's published results.

mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use support::{file, text, twosided};
use twosided::settle;
use twosided_actuals::{SettledRows, Tolerance};
use twosided_units::Share;

fn mssp(year: u16) -> SettledRows {
    settle::mssp(&data(&format!("mssp-py{year}.csv")), year, None).expect("every row can be read")
}

fn data(name: &str) -> PathBuf {
    file("tests/data").join(name)
}

/// Identifiers of rows that do not agree, by published figure.
fn differing(rows: &SettledRows, within: Tolerance) -> Vec<(&'static str, Vec<String>)> {
    let comparisons = rows.compared(within).into_iter();
    let of_figure = comparisons.map(|comparison| {
        assert_eq!(comparison.unpublished, 0, "{} is published for every row", comparison.figure);
        assert_eq!(comparison.agree + comparison.differ.len(), rows.rows.len());
        let acos = comparison.differ.iter().map(|&row| rows.rows[row].labels[0].clone());
        (comparison.figure, acos.collect())
    });
    of_figure.collect()
}

fn all_agree_but(year: u16, rows: usize, within: Tolerance, acos: &[&str]) {
    let settled = mssp(year);
    assert_eq!(settled.rows.len(), rows);
    let expected = [("earned_savings_or_losses", acos), ("generated_savings_or_losses", &[])];
    for ((figure, differ), (name, expected)) in differing(&settled, within).into_iter().zip(expected) {
        assert_eq!(figure, name);
        assert_eq!(differ, expected, "{year}, {figure}");
    }
    // What differs differs for a reason that the row names.
    for row in settled.rows.iter().filter(|row| acos.contains(&row.labels[0].as_str())) {
        assert!(row.lacks.as_ref().is_some_and(|lacks| lacks.contains("participant revenue")), "{:?}", row.labels);
    }
}

#[test]
fn every_aco_of_2022_and_2021_settles_to_the_dollar_but_those_whose_revenue_no_file_has() {
    all_agree_but(2022, 482, Tolerance::DOLLAR, &["A1070"]);
    all_agree_but(2021, 475, Tolerance::DOLLAR, &["A1515", "A2820", "A4627"]);
}

#[test]
fn every_aco_of_2020_and_2018_settles_to_a_hundredth_of_a_percent_since_their_score_is_published_rounded() {
    let rounded = Tolerance::dollar_or(Share::new(1e-4).expect("a share"));
    all_agree_but(2020, 513, rounded, &[]);
    all_agree_but(2018, 548, rounded, &[]);
}

#[test]
fn generated_savings_and_losses_of_2020_and_2018_are_those_published_to_the_dollar() {
    for year in [2018, 2020] {
        let (figure, differ) = differing(&mssp(year), Tolerance::DOLLAR).remove(1);
        assert_eq!((figure, differ), ("generated_savings_or_losses", vec![]), "{year}");
    }
}

#[test]
fn later_years_settle_with_their_own_rules() {
    all_agree_but(2023, 18, Tolerance::DOLLAR, &[]);
    all_agree_but(2024, 21, Tolerance::DOLLAR, &[]);
}

#[test]
fn participant_revenue_closes_the_rows_that_lack_it() {
    let revenue = data("participant-revenue-solved-back.csv");
    for year in [2021, 2022] {
        let rows = settle::mssp(&data(&format!("mssp-py{year}.csv")), year, Some(&revenue)).expect("it settles");
        assert!(differing(&rows, Tolerance::DOLLAR).iter().all(|(_, acos)| acos.is_empty()), "{year}");
    }
}

#[test]
fn every_reach_aco_shares_what_was_published() {
    let mut rows = 0;
    for (year, after_sequestration) in [(2021, vec![]), (2022, vec!["D0128".to_owned()])] {
        let settled = settle::reach(&data("reach-2021-2022.csv"), year).expect("it settles");
        rows += settled.rows.len();
        let expected = [
            ("shared_savings_or_losses", vec![]),
            ("gross_savings_or_losses", vec![]),
            // The file shows nothing paid to this one, for a reason that it does not carry.
            ("after_sequestration", after_sequestration),
        ];
        assert_eq!(differing(&settled, Tolerance::DOLLAR), expected, "{year}");
    }
    assert_eq!(rows, 152);
}

fn path(path: &Path) -> &str {
    path.to_str().expect("paths of tests are text")
}

#[test]
fn too_few_agreements_fail_and_enough_do_not() {
    let puf = file("tests/data/mssp-py2022.csv");
    let settle = |least| {
        let year = ["settle", "mssp", path(&puf), "--performance-year", "2022"];
        twosided(&[&year[..], &["--expect", "--at-least", least]].concat())
    };
    let enough = settle("481");
    assert!(enough.status.success(), "{}", text(&enough.stderr));
    let said = text(&enough.stdout);
    assert!(said.contains("earned savings or losses: 481 of 482 rows agree to $1"), "{said}");
    assert!(said.contains("A1070 (line 17)") && said.contains("--participant-revenue"), "{said}");
    let too_few = settle("482");
    assert_eq!(too_few.status.code(), Some(1));
    assert!(text(&too_few.stderr).contains("481 rows agree, fewer than the 482"));
}

#[test]
fn a_settled_file_has_every_step_and_no_half_is_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out.csv");
    let puf = file("tests/data/mssp-py2018.csv");
    let year = ["settle", "mssp", path(&puf), "--performance-year", "2018", "--out", path(&out)];
    let done = twosided(&year);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let mut reader = csv::Reader::from_path(&out).expect("it was written");
    let headers = reader.headers().expect("it has a header").clone();
    for step in [
        "aco_id",
        "benchmark_less_expenditure",
        "minimum_savings_or_loss_rate",
        "minimum_savings_or_losses",
        "sharing_rate",
        "loss_rate",
        "performance_payment_limit",
        "loss_recoupment_limit",
        "disaster_relief",
        "after_sequestration",
        "paid",
        "published_earned_savings_or_losses",
        "ours_less_published_earned_savings_or_losses",
    ] {
        assert!(headers.iter().any(|header| header == step), "{step}: {headers:?}");
    }
    assert_eq!(reader.records().count(), 548);
    let left: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "only the file itself");
}

#[test]
fn data_of_any_contract_settle_from_csv_and_say_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("it can be written");
        path
    };
    let terms = write(
        "terms.toml",
        "[contract]\nname = \"Group\"\nterms.capitation = { pmpm = 400 }\ncovers.aggregate = { attachment_ratio = 1.1, expected_pmpm = 380 }\n[columns]\nexpenditure = \"Paid claims\"\n",
    );
    let data = write("years.csv", "Year,Paid claims,member_months\n2022,\"4,700,000\",10000\n2023,3900000,10000\n");
    let settled = twosided(&["settle", "terms", path(&terms), path(&data)]);
    assert!(settled.status.success(), "{}", text(&settled.stderr));
    let csv = text(&settled.stdout);
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].starts_with("Year,") && lines[1].starts_with("2022,"), "{csv}");
    // $4.7m of claims against 110% of $3.8m.
    assert!(lines[0].contains("aggregate_stop_loss_recovery") && lines[1].contains(",520000,"), "{csv}");
    let wrong = write("wrong.csv", "Year,Paid claims,member_months\n2022,many,10000\n2023,1,-5\n");
    let refused = twosided(&["settle", "terms", path(&terms), path(&wrong)]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(
        said.contains("line 2: Paid claims is \"many\"") && said.contains("line 3: member_months is \"-5\""),
        "{said}"
    );
}

#[test]
fn parquet_is_read_as_csv_is_and_what_is_neither_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let (report, terms) = (folder.path().join("report"), folder.path().join("terms.toml"));
    let scenario = folder.path().join("fees.toml");
    let text_of_scenario = "[run]\nname = \"Fees\"\n[[population.segments]]\nname = \"all\"\nmembers = 100\nservices.visits.annual.gamma = { mean = 900, cv = 1 }\n[provider]\nown_share.visits = 1\n[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {}\n";
    fs::write(&scenario, text_of_scenario).expect("it can be written");
    let run = twosided(&["run", path(&scenario), "--trials", "20", "--out", path(&report)]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let columns = "person_years = \"person_years\"";
    let contract = "[contract]\nname = \"Fee\"\nterms.care_management = { pmpm = 2 }\n[columns]\n";
    fs::write(&terms, format!("{contract}{columns}\n")).expect("it can be written");
    let trials = report.join("trials.parquet");
    let settled = twosided(&["settle", "terms", path(&terms), path(&trials)]);
    assert!(settled.status.success(), "{}", text(&settled.stderr));
    let csv = text(&settled.stdout);
    let rows: Vec<&str> = csv.lines().collect();
    assert!(rows[0].starts_with("trial,year,contract,in_force") && rows.len() == 21, "{csv}");
    fs::write(folder.path().join("not.parquet"), "a,b\n1,2\n").expect("it can be written");
    let refused = twosided(&["settle", "terms", path(&terms), path(&folder.path().join("not.parquet"))]);
    assert_eq!(refused.status.code(), Some(1), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).contains("not.parquet"), "{}", text(&refused.stderr));
}

#[test]
fn a_file_that_is_read_is_not_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let puf = folder.path().join("puf.csv");
    let original = fs::read(file("tests/data/mssp-py2024.csv")).expect("it is in the repository");
    fs::write(&puf, &original).expect("it can be written");
    let year = ["settle", "mssp", path(&puf), "--performance-year", "2024", "--out", path(&puf)];
    let refused = twosided(&year);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert_eq!(fs::read(&puf).expect("it is still there"), original);
}

#[test]
fn columns_of_a_settled_file_have_names_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let (terms, data) = (folder.path().join("terms.toml"), folder.path().join("data.csv"));
    let contract = "[contract]\nname = \"Cap\"\nterms.capitation = { pmpm = 400 }\ncovers.withhold = { share = 0.05, earned = 0.5 }\ncovers.specific = { attachment_point = 100_000 }\n";
    fs::write(&terms, contract).expect("it can be written");
    let row =
        "paid,expenditure,expenditure_above_100000,member_months,Terms.PMPM,covers.withhold.share\nx,100,5,10,5,0.1\n";
    fs::write(&data, row).expect("it can be written");
    let settled = twosided(&["settle", "terms", path(&terms), path(&data)]);
    assert!(settled.status.success(), "{}", text(&settled.stderr));
    let csv = text(&settled.stdout);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().expect("a header").clone();
    let distinct: std::collections::BTreeSet<&str> = headers.iter().collect();
    assert_eq!(distinct.len(), headers.len(), "{headers:?}");
    // The row's own rate of $5 and withhold of 10%, half of it earned.
    let record = reader.records().next().expect("a row").expect("well-formed");
    let index = headers.iter().position(|header| header == "capitation").expect("a column");
    assert_eq!(&record[index], "47.5");
}

#[test]
fn what_a_public_file_says_twice_must_agree_and_flags_are_flags() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut reader = csv::Reader::from_path(file("tests/data/mssp-py2024.csv")).expect("it is in the repository");
    let headers = reader.headers().expect("a header").clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("well-formed")).collect();
    let cases = [
        ("BnchmkMinExp", "1"),
        ("Met_QPS", "maybe"),
        ("Guardrail", "2"),
        ("Current_Start_Date", "13/45/2022"),
        ("Current_Start_Date", "1/1/2050"),
        ("QualScore", "0,9"),
        ("N_AB", "1e300"),
    ];
    let puf = folder.path().join("puf.csv");
    for (column, value) in cases {
        let index = headers.iter().position(|header| header == column).expect("a column");
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(&headers).expect("memory can be written");
        for (number, row) in rows.iter().enumerate() {
            let cells = row.iter().enumerate();
            let cells = cells.map(|(at, cell)| if number == 1 && at == index { value } else { cell });
            writer.write_record(cells).expect("memory can be written");
        }
        fs::write(&puf, writer.into_inner().expect("memory can be written")).expect("it can be written");
        let refused = twosided(&["settle", "mssp", path(&puf), "--performance-year", "2024"]);
        assert_eq!(refused.status.code(), Some(1), "{column} {value}");
        assert!(text(&refused.stderr).contains("line 3: "), "{column} {value}: {}", text(&refused.stderr));
    }
}

#[test]
fn a_row_is_explained_with_its_rules_to_the_published_figure() {
    let puf = file("tests/data/mssp-py2024.csv");
    let row = ["explain", "mssp", path(&puf), "--performance-year", "2024", "--id", "A5386"];
    let explained = twosided(&row);
    assert!(explained.status.success(), "{}", text(&explained.stderr));
    insta::assert_snapshot!("explained-row", text(&explained.stdout));
    let trial = twosided(&["explain", "scenario", path(&file("scenarios/first-steps.toml")), "--trial", "3"]);
    assert!(trial.status.success(), "{}", text(&trial.stderr));
    insta::assert_snapshot!("explained-trial", text(&trial.stdout));
}

#[test]
fn what_cannot_be_explained_or_settled_is_said() {
    let puf = file("tests/data/mssp-py2024.csv");
    let puf = path(&puf);
    for (arguments, code, said) in [
        (&["settle", "mssp", puf][..], 2, "--performance-year"),
        (&["settle", "mssp", "--puf", puf], 2, "write `twosided settle mssp FILE --performance-year YYYY`"),
        (&["settle", "scenarios/real-aco.toml"], 2, "write `twosided settle terms TERMS.toml DATA`"),
        (&["settle", "mssp", "none.csv", "--performance-year", "2024"], 1, "there is no such file"),
        (&["explain", "mssp", puf, "--performance-year", "2024", "--id", "X1"], 1, "no row is \"X1\""),
        (&["explain", "mssp", puf, "--performance-year", "2024"], 2, "--id"),
    ] {
        let output = twosided(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        assert!(text(&output.stderr).contains(said), "{arguments:?}: {}", text(&output.stderr));
    }
}
