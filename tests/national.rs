//! `twosided national`: the ACOs of a results file as one portfolio, from outside; and what two of them share.

mod support;

use std::{
    env, fs,
    num::NonZeroUsize,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use support::{file, text, twosided};
use tempfile::{TempDir, tempdir};
use twosided_aco::AcoFile;
use twosided_actuals::Table;
use twosided_national::{AcoYears, Member, Selection, Trials, members, rows, simulate};
use twosided_population::PoolOptions;
use twosided_prob::Draws;
use twosided_report::{NATIONAL_FILES, NationalSummary};
use twosided_sim::Control;
use twosided_units::Share;

const FILE: &str = "tests/data/mssp-py2022.csv";
const MAX_STANDARD_ERRORS: f64 = 4.0;

fn folder() -> TempDir {
    tempdir().expect("a folder")
}

/// Runs the portfolio of the file of 2022 into a folder, with more arguments.
fn national(out: &Path, arguments: &[&str]) -> Output {
    let out = out.to_str().expect("UTF-8");
    twosided(&[&["national", FILE, "--performance-year", "2022", "--out", out], arguments].concat())
}

/// The same, which succeeds.
fn done(out: &Path, arguments: &[&str]) -> String {
    let output = national(out, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// What a refused command says.
fn refusal(arguments: &[&str]) -> (Option<i32>, String) {
    let output = twosided(arguments);
    (output.status.code(), text(&output.stderr))
}

fn column(table: &Table, name: &str) -> Vec<f64> {
    let index = table.column(&[name]).unwrap_or_else(|| panic!("no column {name}"));
    (0..table.len()).map(|row| table.text(row, index).parse().expect("a number")).collect()
}

fn load(folder: &Path, name: &str) -> Table {
    Table::load(&folder.join(name)).expect("the run wrote it")
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn threads_change_nothing_and_acos_add_up_to_the_nation() {
    let (temporary, arguments) = (folder(), ["--trials", "20", "--every", "100", "--seed", "3"]);
    let (one, two) = (temporary.path().join("one"), temporary.path().join("two"));
    let printed = done(&one, &[&arguments[..], &["--threads", "1"]].concat());
    assert_eq!(printed, done(&two, &[&arguments[..], &["--threads", "2"]].concat()));
    let title = "Shared Savings Program 2022, 5 of 482 ACOs (the first row and every 100th after it), dollars a year";
    assert!(printed.starts_with(title), "{printed}");
    for name in NATIONAL_FILES {
        let read = |folder: &Path| fs::read(folder.join(name)).expect("the run wrote it");
        assert!(read(&one) == read(&two), "{name} differs between one thread and two");
    }

    let (trials, acos) = (load(&one, "trials.parquet"), load(&one, "acos.csv"));
    assert_eq!((trials.len(), acos.len()), (20, 5));
    let is_close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0);
    for (of_trials, of_acos) in [
        ("benchmark", "mean_benchmark"),
        ("expenditure", "mean_expenditure"),
        ("net_payments", "mean_gain"),
        ("acos_earning", "probability_of_gain"),
        ("acos_owing", "probability_of_loss"),
    ] {
        let (nation, sum) = (mean(&column(&trials, of_trials)), column(&acos, of_acos).iter().sum::<f64>());
        assert!(is_close(nation, sum), "{of_trials}: {nation} in the nation, {sum} over ACOs");
    }
    let of = |name: &str| column(&trials, name);
    let (paid, owed, net, savings) = (of("paid"), of("owed"), of("net_payments"), of("net_savings"));
    for (trial, (benchmark, expenditure)) in of("benchmark").into_iter().zip(of("expenditure")).enumerate() {
        assert!(is_close(net[trial], paid[trial] - owed[trial]));
        assert!(is_close(savings[trial], benchmark - expenditure - net[trial]));
    }

    let summary = fs::read_to_string(one.join("summary.json")).expect("the run wrote it");
    let summary: NationalSummary = serde_json::from_str(&summary).expect("it is a summary");
    assert!(is_close(summary.national.net_savings.mean.value, mean(&savings)));
    for groups in [&summary.tracks, &summary.sizes] {
        let gains: f64 = groups.iter().map(|group| group.mean_gain.value).sum();
        assert!(is_close(gains, mean(&net)));
        assert_eq!(groups.iter().map(|group| group.acos).sum::<u64>(), 5);
        let published: f64 = groups.iter().map(|group| group.published.paid).sum();
        assert!(is_close(published, summary.published.paid));
    }
}

#[test]
fn an_aco_is_the_same_alone_and_among_others() {
    let temporary = folder();
    let (many, alone) = (temporary.path().join("many"), temporary.path().join("alone"));
    done(&many, &["--trials", "10", "--every", "240"]);
    let id = {
        let acos = load(&many, "acos.csv");
        acos.text(1, 0).to_owned()
    };
    done(&alone, &["--trials", "10", "--id", &id]);
    let row = |folder: &Path| {
        let acos = fs::read_to_string(folder.join("acos.csv")).expect("the run wrote it");
        acos.lines().find(|line| line.starts_with(&id)).expect("the ACO has a row").to_owned()
    };
    assert_eq!(row(&many), row(&alone));
}

/// Two ACOs with few people, whose benchmarks follow the trend by a share.
fn two_small_acos(trend_followed: Share) -> Vec<Member> {
    let table = Table::load(&file(FILE)).expect("the file is in the repository");
    let acos = AcoFile::new(&table, 2022).expect("it has the columns");
    let every = Selection::Every(NonZeroUsize::new(300).expect("not zero"));
    let rows = rows(&acos, &every).expect("there are rows");
    let mut two = members(&acos, &rows, trend_followed, None, &Control::default()).expect("nobody stops it").members;
    assert_eq!(two.len(), 2);
    for member in &mut two {
        member.population = member.population.clone().with_members(|_| 300);
    }
    two
}

fn simulated(members: &[Member], trials: Trials) -> Vec<AcoYears> {
    simulate(members, trials, None, &Control::default()).expect("nobody stops it")
}

fn logarithms(values: &[f64]) -> Vec<f64> {
    let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let center = mean(&logarithms);
    logarithms.iter().map(|value| value - center).collect()
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    product(a, b) / (product(a, a) * product(b, b)).sqrt()
}

/// What is left of values beside their regression on the trend, and its slope.
fn without(trend: &[f64], values: &[f64]) -> (Vec<f64>, f64) {
    let slope = product(values, trend) / product(trend, trend);
    (values.iter().zip(trend).map(|(value, trend)| value - slope * trend).collect(), slope)
}

#[test]
fn two_acos_share_the_trend_and_nothing_else() {
    let trials = Trials { count: 2_000, seed: 11, pools: None };
    share_the_trend_alone(trials, Share::ONE);
    share_the_trend_alone(trials, Share::ZERO);
    let pooled = Trials { pools: Some(PoolOptions { above: 0, ..PoolOptions::default() }), ..trials };
    share_the_trend_alone(pooled, Share::ONE);
}

fn share_the_trend_alone(trials: Trials, trend_followed: Share) {
    let members = two_small_acos(trend_followed);
    let years = simulated(&members, trials);
    let trends = [0, 1].map(|index: usize| -> Vec<f64> {
        let system = members[index].population.system();
        (0..trials.count).map(|trial| system.draw(Draws::Independent, trials.seed, trial, 1)[0].trend).collect()
    });
    assert_eq!(trends[0], trends[1], "the trend is common to the bit");
    let trend = logarithms(&trends[0]);
    // Of each ACO, what is left of its claims and of its benchmark once what moves with the trend is taken out.
    let error = 1.0 / (trials.count as f64).sqrt();
    let mut left = Vec::new();
    for (index, aco) in years.iter().enumerate() {
        let claims = logarithms(&aco.expenditure);
        let found = correlation(&claims, &trend);
        assert!(found > MAX_STANDARD_ERRORS * error, "ACO {index} does not follow the trend: {found:.3}");
        let (claims, _) = without(&trend, &claims);
        let (benchmark, slope) = without(&trend, &logarithms(&aco.benchmark));
        let of_slope = (product(&benchmark, &benchmark) / product(&trend, &trend)).sqrt() * error;
        let off = (slope - trend_followed.value()) / of_slope;
        assert!(
            off.abs() < MAX_STANDARD_ERRORS,
            "the benchmark of ACO {index} follows by {slope:.3}: {off:.1} standard errors"
        );
        left.push([claims, benchmark]);
    }
    for (what, one) in ["claims", "benchmark"].into_iter().zip(&left[0]) {
        for (of, other) in ["claims", "benchmark"].into_iter().zip(&left[1]) {
            let found = correlation(one, other);
            assert!(found.abs() < MAX_STANDARD_ERRORS * error, "{what} of one, {of} of the other: {found:.3}");
        }
    }
    // Under the same names they would be the same people.
    let twins = simulated(&[members[0].clone(), members[0].clone()], Trials { count: 20, ..trials });
    assert_eq!(twins[0], twins[1]);
}

#[test]
fn what_cannot_be_run_is_refused_with_what_would_be_right() {
    let year = ["--performance-year", "2022"];
    let (code, said) = refusal(&["national", FILE, "--performance-year", "2017"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is this the file of another year?"), "{said}");
    let (code, said) = refusal(&[&["national", FILE][..], &year, &["--id", "A9999"]].concat());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("A9999"), "{said}");
    let (code, said) = refusal(&[&["national", FILE][..], &year, &["--trials", "1"]].concat());
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("a whole number from 2 to 100,000"), "{said}");
    let (code, said) = refusal(&[&["national", FILE][..], &year, &["--every", "2", "--id", "A1001"]].concat());
    assert_eq!(code, Some(2), "{said}");

    let temporary = folder();
    let published = fs::read_to_string(file(FILE)).expect("the file is in the repository");
    let written = |name: &str, text: &str| {
        let path = temporary.path().join(name);
        fs::write(&path, text).expect("it can be written");
        path.to_str().expect("UTF-8").to_owned()
    };
    let without = written("without.csv", &published.replacen("Per_Capita_Exp_ALL_DIS_PY", "another", 1));
    let (code, said) = refusal(&[&["national", &without][..], &year].concat());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Per_Capita_Exp_ALL_DIS_PY"), "{said}");
    let empty = written("empty.csv", "");
    let (code, _) = refusal(&[&["national", &empty][..], &year].concat());
    assert_eq!(code, Some(1));
    let header = written("header.csv", published.lines().next().expect("a header"));
    let (code, said) = refusal(&[&["national", &header][..], &year].concat());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no row"), "{said}");
}

/// A file of the first rows of that of 2022, of which cells are changed.
fn with_cells(rows: usize, changed: &[(usize, &str, &str)]) -> String {
    let mut reader = csv::Reader::from_path(file(FILE)).expect("the file is in the repository");
    let headers = reader.headers().expect("a header").clone();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headers).expect("it is written to memory");
    for (row, record) in reader.records().take(rows).enumerate() {
        let record = record.expect("a row");
        let cells = record.iter().zip(&headers).map(|(cell, header)| {
            let change = changed.iter().find(|(of, name, _)| *of == row && *name == header);
            change.map_or(cell, |&(_, _, value)| value)
        });
        writer.write_record(cells).expect("it is written to memory");
    }
    String::from_utf8(writer.into_inner().expect("it is written to memory")).expect("UTF-8")
}

#[test]
fn rows_without_a_scenario_are_listed_with_the_reason() {
    let temporary = folder();
    let (path, out) = (temporary.path().join("some.csv"), temporary.path().join("out"));
    let changed = with_cells(3, &[(0, "N_AB_Year_PY", "*"), (2, "ACO_ID", "A1247")]);
    let first = changed.lines().nth(2).expect("a second row").split(',').next().expect("an identifier").to_owned();
    fs::write(&path, changed.replace("A1247", &first)).expect("it can be written");
    let [path, folder] = [&path, &out].map(|path| path.to_str().expect("UTF-8"));
    let arguments = ["national", path, "--performance-year", "2022", "--trials", "5", "--out", folder];
    let output = twosided(&arguments);
    let said = text(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("line 2: ") && said.contains("N_AB_Year_PY"), "{said}");
    assert!(said.contains("line 4: an earlier row has the same identifier"), "{said}");
    let summary = fs::read_to_string(out.join("summary.json")).expect("the run wrote it");
    let summary: NationalSummary = serde_json::from_str(&summary).expect("it is a summary");
    let lines: Vec<u64> = summary.left_out.iter().map(|aco| aco.line).collect();
    assert_eq!((summary.acos, lines), (1, vec![2, 4]));
    let page = fs::read_to_string(out.join("national.html")).expect("the run wrote it");
    assert!(page.contains("ACOs left out") && page.contains("an earlier row has the same identifier"));
}

#[test]
fn a_record_holds_what_repeats_the_run() {
    let temporary = folder();
    done(temporary.path(), &["--trials", "4", "--id", "A1001", "--seed", "9"]);
    let record = fs::read_to_string(temporary.path().join("national.toml")).expect("the run wrote it");
    let record: toml_edit::DocumentMut = record.parse().expect("TOML");
    let command = record["national"]["command"].as_str().expect("a command");
    assert_eq!(
        command,
        "twosided national tests/data/mssp-py2022.csv --performance-year 2022 --trials 4 --seed 9 --trend-followed 0.38 --id \"A1001\""
    );
    let again = folder();
    done(again.path(), &["--trials", "4", "--id", "A1001", "--seed", "9"]);
    let repeated = fs::read_to_string(again.path().join("national.toml")).expect("the run wrote it");
    assert_eq!(record.to_string(), repeated);
}

#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_leaves_nothing() {
    let temporary = folder();
    // While scenarios are made, and while years are sampled.
    for (arguments, seconds) in [(&["--every", "2"][..], 1), (&["--id", "A1001", "--trials", "100000"], 3)] {
        let out = temporary.path().join("out");
        let child = Command::new(env!("CARGO_BIN_EXE_twosided"))
            .args(["national", FILE, "--performance-year", "2022", "--out"])
            .arg(&out)
            .args(arguments)
            .current_dir(file(""))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        thread::sleep(Duration::from_secs(seconds));
        let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
        assert!(kill.success());
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), &*text(&output.stderr)), (Some(130), "stopped: nothing was written\n"));
        assert!(!out.exists());
    }
}

#[test]
fn the_schema_of_a_national_summary_is_up_to_date() {
    let path = file("docs/schemas/national.schema.json");
    let schema = serde_json::to_string_pretty(&NationalSummary::schema()).expect("it is JSON") + "\n";
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &schema).expect("the schema can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == schema, "{} is not up to date; run the test with UPDATE_DOCS=1", path.display());
}

#[test]
fn the_page_of_docs_names_every_file_of_a_run() {
    let page = fs::read_to_string(file("docs/national.md")).expect("the page");
    for name in NATIONAL_FILES {
        let stem = name.trim_end_matches(".svg").trim_end_matches(".png");
        assert!(page.contains(&format!("`{stem}`")), "docs/national.md does not name {stem}");
    }
}
