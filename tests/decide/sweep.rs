//! `sweep`: figures of a scenario over the values of its keys.

use std::{fs, path::Path, process::Output};

use tempfile::tempdir;
use twosided::{
    KeptPoints, Overrides, Point, RunOptions, Scenario, Sweep, SweptKey, SweptValues, run, simulate_points,
};

use crate::support::{file, text, twosided};

const FIRST_STEPS: &str = "scenarios/first-steps.toml";
const SAVINGS: &str = "Half of the savings, half of the losses";

/// The rows of a sweep's table, without its header.
fn rows(folder: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(folder.join("sweep.csv")).expect("a table");
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

fn sweep(folder: &Path, arguments: &[&str]) -> Output {
    let out = folder.to_str().expect("UTF-8");
    twosided(&[&["sweep", FIRST_STEPS, "--trials", "300", "--out", out], arguments].concat())
}

/// What a sweep says that fails.
fn refused(code: i32, arguments: &[&str]) -> String {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("out");
    let output = sweep(&out, arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}{}", text(&output.stdout));
    assert!(!out.join("sweep.csv").exists());
    said
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("{cell} is a number"))
}

#[test]
fn a_point_is_a_run_with_the_same_setting_to_the_bit() {
    let read = |settings: &[&str]| {
        let set = settings.iter().map(|setting| setting.parse().expect("it is a setting")).collect();
        let overrides = Overrides { trials: Some(120), set, ..Overrides::default() };
        Scenario::load_with(file(FIRST_STEPS), &overrides).expect("it is valid")
    };
    let scenarios = [
        read(&[]),
        read(&["contracts[2].terms.shared_savings.losses.sharing_rate=0.7"]),
        read(&["contracts[3].covers.specific.attachment_point=60_000"]),
        read(&["contracts[3].covers.specific.attachment_point=400_000"]),
        read(&["provider.fixed_cost=5e5"]),
        read(&["population.members=900"]),
        read(&["run.seed=5"]),
    ];
    let points: Vec<Point<'_>> = scenarios.iter().map(|scenario| Point { scenario, contracts: &[1, 2] }).collect();
    let simulated = simulate_points(&points, &RunOptions::default()).expect("they are small");
    for (scenario, point) in scenarios.iter().zip(&simulated) {
        let alone = run(scenario, &RunOptions::default()).expect("it is small");
        for (column, contract) in point.contracts.iter().zip([1, 2]) {
            assert_eq!(point.outcomes.gains_of(*column), alone.outcomes.gains_of(contract));
        }
    }
    assert!(
        std::sync::Arc::ptr_eq(&simulated[0].outcomes, &simulated[3].outcomes),
        "terms and covers share their years"
    );
    assert!(!std::sync::Arc::ptr_eq(&simulated[0].outcomes, &simulated[5].outcomes));
}

#[test]
fn a_sweep_of_one_key_leaves_a_table_and_pictures() {
    let folder = tempdir().expect("a folder");
    let out = folder.path().join("out");
    let key = "contracts.Capitation with stop-loss.covers.specific.attachment_point";
    let output = sweep(
        &out,
        &["--key", key, "--from", "100_000", "--to", "300_000", "--steps", "3", "--measure", "mean,P(loss > $1,000)"],
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut names: Vec<String> = fs::read_dir(&out)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.retain(|name| name.starts_with("sweep"));
    names.sort();
    let pictures = ["sweep-event-2.png", "sweep-event-2.svg", "sweep-mean.png", "sweep-mean.svg"];
    assert_eq!(names, [&pictures[..], &["sweep.csv", "sweep.md", "sweep.parquet"]].concat());
    assert!(!folder.path().join("out.partial").exists());
    let rows = rows(&out);
    // The scenario as it is and three points, two contracts, two figures.
    assert_eq!(rows.len(), 4 * 2 * 2);
    assert_eq!(rows[0][..3], ["0", "150_000", SAVINGS]);
    let of = |point: &str, contract: &str, measure: &str| {
        let found = rows.iter().find(|row| row[0] == point && row[2] == contract && row[3] == measure);
        found.unwrap_or_else(|| panic!("{point}, {contract}, {measure}: {rows:?}"))
    };
    // The other contract does not have the key: nothing of it moves, and without any error.
    for point in ["1", "2", "3"] {
        let still = of(point, SAVINGS, "mean");
        assert_eq!(still[5], of("0", SAVINGS, "mean")[5]);
        assert_eq!([&still[9], &still[10]], ["0", "0"]);
    }
    // A cover that starts later pays less, year by year, for the same premium.
    let means: Vec<f64> =
        ["1", "2", "3"].map(|point| number(&of(point, "Capitation with stop-loss", "mean")[5])).to_vec();
    assert!(means[0] > means[1] && means[1] > means[2], "{means:?}");
    let moved = of("3", "Capitation with stop-loss", "mean");
    let (difference, paired) = (number(&moved[9]), number(&moved[10]));
    assert!(difference < 0.0 && paired > 0.0 && paired < 0.5 * number(&moved[6]), "{difference} {paired}");
    // The figures are those of a run with the same setting.
    let setting = format!("{key}=300000");
    let report = folder.path().join("run");
    let arguments =
        ["run", FIRST_STEPS, "--trials", "300", "--set", &setting, "--out", report.to_str().expect("UTF-8")];
    assert!(twosided(&arguments).status.success());
    let summary = fs::read_to_string(report.join("summary.csv")).expect("a summary");
    assert!(summary.contains(&moved[5]), "{} is not in\n{summary}", moved[5]);
}

#[test]
fn grids_tornados_and_ties_set_what_they_say() {
    let folder = tempdir().expect("a folder");
    let (grid, bars) = (folder.path().join("grid"), folder.path().join("bars"));
    let loss = "contracts[2].terms.shared_savings.losses.sharing_rate";
    let members = ["--key", "population.segments.everyone.members", "--values", "1_250,20_000"];
    let tied = ["--tie", "population.trend.cv", "--power", "-0.5"];
    let arguments = [&members[..], &tied, &["--key", loss, "--values", "0,0.5,1", "--measure", "p_loss,sd"]].concat();
    let output = sweep(&grid, &arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rows_of_grid = rows(&grid);
    assert_eq!(rows_of_grid.len(), 7 * 2 * 2);
    let values: Vec<[&str; 3]> =
        rows_of_grid.iter().step_by(4).map(|row| [&row[1], &row[2], &row[3]].map(String::as_str)).collect();
    assert_eq!(values[0], ["5_000", "0.5", "0.02"]);
    assert_eq!(values[1..4], [["1_250", "0", "0.04"], ["1_250", "0.5", "0.04"], ["1_250", "1", "0.04"]]);
    assert_eq!(values[4], ["20_000", "0", "0.01"]);
    // No loss is shared at a rate of nothing.
    let p_loss = rows_of_grid.iter().find(|row| row[0] == "1").expect("a point");
    assert_eq!((p_loss[5].as_str(), p_loss[7].as_str()), ("P(loss)", "0"));
    assert!(grid.join("sweep-sd.png").exists());
    let keys = ["--key", loss, "--values", "0.2,0.8", "--key", "population.trend.cv", "--values", "0.01,0.04"];
    let output = sweep(&bars, &[&["--tornado", "--contract", SAVINGS], &keys[..]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rows_of_bars = rows(&bars);
    let values: Vec<[&str; 2]> =
        rows_of_bars.iter().step_by(4).map(|row| [&row[1], &row[2]].map(String::as_str)).collect();
    assert_eq!(values, [["0.5", "0.02"], ["0.2", "0.02"], ["0.8", "0.02"], ["0.5", "0.01"], ["0.5", "0.04"]]);
    assert!(text(&output.stdout).contains("0.5 (as it is)"));
}

#[test]
fn a_sweep_that_was_stopped_goes_on_to_the_same_table() {
    let overrides = Overrides { trials: Some(60), ..Overrides::default() };
    let values = SweptValues::Between { from: 400.0, to: 1_200.0, steps: 5 };
    let key = SweptKey { key: "population.segments.everyone.members".to_owned(), values, ties: Vec::new() };
    let quantities = ["mean", "sd", "p_loss", "q05", "median", "var95", "tvar95", "P(cost > 1.02m)"];
    let sweep = Sweep {
        keys: vec![key],
        is_one_at_a_time: false,
        contracts: vec![SAVINGS.to_owned()],
        quantities: quantities.map(|quantity| quantity.parse().expect("a quantity")).to_vec(),
    };
    let scenarios = sweep.read(&file(FIRST_STEPS), &overrides).expect("they are valid");
    let whole = scenarios.run(&RunOptions::default(), None).expect("they are small");
    let folder = tempdir().expect("a folder");
    let points = folder.path().join("points");
    let control = twosided::Control::default();
    let options = RunOptions { control: Some(&control), ..RunOptions::default() };
    let stopped = std::thread::scope(|scope| {
        let running = scope.spawn(|| scenarios.run(&options, Some(KeptPoints { file: &points, resume: false })));
        while control.done.load(std::sync::atomic::Ordering::Relaxed) < 150 && !running.is_finished() {
            std::thread::yield_now();
        }
        control.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        running.join().expect("it does not panic")
    });
    if stopped.is_err() {
        let kept = fs::read_to_string(&points).expect("the points that are done");
        assert!(
            (1 + quantities.len()..6 * quantities.len()).contains(&kept.lines().count()),
            "{}",
            kept.lines().count()
        );
    }
    let resumed = KeptPoints { file: &points, resume: true };
    assert_eq!(scenarios.run(&RunOptions::default(), Some(resumed)).expect("it goes on"), whole);
    let other = Sweep { contracts: vec!["Capitation with stop-loss".to_owned()], ..sweep };
    let other = other.read(&file(FIRST_STEPS), &overrides).expect("they are valid");
    if points.exists() {
        let refused = other.run(&RunOptions::default(), Some(resumed)).expect_err("it is another").to_string();
        assert!(refused.ends_with("it is of another sweep; remove it to begin anew"), "{refused}");
    }
}

#[test]
fn what_cannot_be_swept_is_refused_with_the_reason() {
    let key = "contracts[2].terms.shared_savings.losses.sharing_rate";
    for (code, arguments, expected) in [
        (2, &["--measure", "mean"][..], "--key <KEY>"),
        (2, &["--key", key], "needs --from, --to and --steps, or --values alone"),
        (2, &["--key", key, "--from", "0", "--to", "1", "--steps", "1"], "write a whole number from 2 to 10,000"),
        (2, &["--key", "a..b", "--values", "1"], "is empty"),
        (2, &["--key", key, "--values", "1", "--measure", "var90"], "var90"),
        (1, &["--key", "contracts[2].terms.shared_savings.lost", "--values", "1"], "lost"),
        (1, &["--key", "contracts.Savings.name", "--values", "1"], "has no entry \"Savings\""),
        (1, &["--key", key, "--values", "1.5"], "sharing_rate"),
        (
            1,
            &["--key", "run.name", "--from", "0", "--to", "1", "--steps", "2"],
            "run.name is \"First steps\", which is no number",
        ),
        (
            1,
            &["--key", key, "--values", "1", "--contract", "Savings"],
            "there is no contract \"Savings\"; the contracts are: Fee-for-service;",
        ),
        (
            1,
            &[
                "--key",
                key,
                "--from",
                "0",
                "--to",
                "1",
                "--steps",
                "101",
                "--key",
                "population.trend.cv",
                "--from",
                "0",
                "--to",
                "0.1",
                "--steps",
                "100",
            ],
            "at most 10,000 points; these values make 10,100",
        ),
        (
            1,
            &["--key", key, "--values", "1", "--measure", "P(loss > 1 in year 3)"],
            "it is about year 3; the horizon has 1",
        ),
    ] {
        let said = refused(code, arguments);
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn a_key_that_no_figure_follows_is_named() {
    let folder = tempdir().expect("a folder");
    let [cover, rate] =
        ["contracts[3].covers.specific.attachment_point", "contracts[2].terms.shared_savings.losses.sharing_rate"];
    let both =
        ["--contract", SAVINGS, "--key", cover, "--values", "60_000,90_000", "--key", rate, "--values", "0.4,0.6"];
    for (name, more) in [("grid", &[][..]), ("tornado", &["--tornado"])] {
        let done = sweep(&folder.path().join(name), &[&both[..], more].concat());
        let said = text(&done.stderr);
        assert!(done.status.success(), "{said}");
        assert!(
            said.contains(&format!("no figure follows {cover}")) && !said.contains(&format!("follows {rate}")),
            "{said}"
        );
    }
}

#[test]
fn how_a_scenario_is_run_is_not_swept_beside_an_argument_that_decides_it() {
    for (key, more) in
        [("run.trials", &[][..]), ("run.seed", &["--seed", "3"]), ("run.years", &[]), ("run . years", &[])]
    {
        let said = refused(1, &[&["--key", key, "--values", "2,3"], more].concat());
        assert!(said.contains(key.replace(' ', "").as_str()), "{said}");
    }
}
