//! Files and flags that are wrong, amounts that no law fits, and a fit that is stopped.

use std::fs;

use tempfile::TempDir;
use twosided_scenario::Scenario;

use crate::{
    runs::{RANDHIE, SERVICES, fit, scenario_of},
    support::{file, text},
};

/// Rows of people enrolled for the whole of two years, with a cost each.
fn people(many: usize, cost: impl Fn(usize) -> String) -> String {
    let rows = (0..2 * many).map(|row| format!("p{},{},{}\n", row / 2, 2024 + row % 2, cost(row)));
    format!("zper,year,cost\n{}", rows.collect::<String>())
}

#[test]
fn files_that_are_wrong_are_refused_with_every_problem() {
    let head = "zper,year,time,cost,count\n";
    let cases: [(&str, String, &[&str], &[&str]); 11] = [
        ("empty", String::new(), &[], &["has no row"]),
        ("header", head.to_owned(), &[], &["has no row"]),
        (
            "columns",
            "zper,yaer,Cost,n\n1,2024,5,1\n".to_owned(),
            &["--exposure", "time"],
            &["has 3 problems", "no column `year`; did you mean `yaer`?", "no column `time`", "no column `count`"],
        ),
        (
            "cells",
            format!("{head}1,2024,1,-5,1\n2,2024,1,NaN,1\n3,x,1,5,1.5\n,2024,1,5,1\n5,2024,1,,1\n"),
            &["--exposure", "time"],
            &[
                "has 6 problems",
                "line 2: cost is \"-5\"; write the dollars",
                "line 3: cost is \"NaN\"",
                "line 4: year is \"x\"; write a year",
                "line 4: count is \"1.5\"",
                "line 5: zper is \"\"; write whose year",
                "line 6: cost is \"\"",
            ],
        ),
        (
            "exposure",
            format!("{head}1,2024,0,5,1\n2,2024,1.01,5,1\n3,2024,7,5,1\n"),
            &["--exposure", "time"],
            &[
                "line 2: time is \"0\"; write the enrolled share",
                "line 3: time is \"1.01\"",
                "line 4: time is \"7\"",
                "--months",
            ],
        ),
        (
            "months",
            format!("{head}1,2024,13,5,1\n"),
            &["--months", "time"],
            &["line 2: time is \"13\"; write the months enrolled, from 0.024 (a day) to 12"],
        ),
        (
            "twice",
            format!("{head}a,2024,1,5,1\nb,2024,1,5,1\na,2024,1,6,1\n"),
            &[],
            &["line 4: zper is \"a\"; line 2 has the same person in the same year"],
        ),
        (
            "unmatched",
            format!("{head}a,2024,1,5,0\nb,2024,1,0,2\n"),
            &[],
            &["line 2: count is \"0\"; cost is \"5\"; cost and events go together", "line 3", "--unmatched mend"],
        ),
        (
            "dollars",
            format!("{head}a,2024,1,2e9,1\nb,2024,1,5,20000\n"),
            &[],
            &["line 2: cost is \"2e9\"", "line 3: count"],
        ),
        (
            "events",
            (0..40).fold(head.to_owned(), |text, person| format!("{text}{person},2024,1,{},9000\n", 5 + person)),
            &[],
            &["care has 9000 events a person-year, more than 1000"],
        ),
        ("one", format!("{head}a,2024,1,5,1\na,2025,1,7,1\n"), &[], &["has 1 person; a segment needs 20"]),
    ];
    let temporary = TempDir::new().expect("a folder");
    for (name, content, others, messages) in cases {
        let path = temporary.path().join(format!("{name}.csv"));
        fs::write(&path, content).expect("a file");
        let folder = temporary.path().join(format!("{name}-fit"));
        let service = ["--service", "care=cost:cost,count:count"];
        let output = fit(path.to_str().expect("UTF-8"), &[&service[..], others].concat(), &folder);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains(&format!("{name}.csv")), "{name}: {said}");
        for message in messages {
            assert!(said.contains(message), "{name}: `{message}` is not in {said}");
        }
        assert!(!folder.exists() && output.stdout.is_empty(), "{name}: nothing is written");
    }
    let left = fs::read_dir(temporary.path()).expect("a folder").count();
    assert_eq!(left, 11, "nothing is left beside the files");
}

#[test]
fn amounts_without_a_law_are_quantiles_or_left_out() {
    let temporary = TempDir::new().expect("a folder");
    let data = temporary.path().join("data.csv");
    let path = data.to_str().expect("UTF-8");
    let run = |content: String, services: &[&str], folder: &str| {
        fs::write(&data, content).expect("a file");
        let folder = temporary.path().join(folder);
        let output = fit(path, &[services, &["--bootstrap", "5"]].concat(), &folder);
        (folder, output)
    };
    let constant = |_: usize| "120".to_owned();
    let (folder, output) = run(people(30, constant), &["--service", "care=cost:cost"], "constant");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let scenario = Scenario::parse("fitted.toml", &scenario_of(&folder)).expect("the population is valid");
    assert!((scenario.population.segments()[0].mean().0 - 120.0).abs() < 1e-9);
    let nothing = |_: usize| "0".to_owned();
    let (folder, output) = run(people(30, nothing), &["--service", "care=cost:cost"], "nothing");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("uses none of the services"), "{}", text(&output.stderr));
    assert!(!folder.exists());
    let two = people(30, |row| format!("{},0", 10 * (row + 1))).replacen("cost", "cost,other", 1);
    let services = ["--service", "care=cost:cost", "--service", "other=cost:other"];
    let (folder, output) = run(two, &services, "two");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("nobody used other; the service is left out"));
    let population = fs::read_to_string(folder.join("population.toml")).expect("a file");
    assert!(!population.contains("services.other") && population.contains("nobody used other"));
    let few = people(30, |row| if row < 4 { "7".into() } else { "0".into() });
    let (_, output) = run(few, &["--service", "care=cost:cost"], "few");
    assert!(text(&output.stderr).contains("2 of its people use care, a law needs 5"), "{}", text(&output.stderr));
}

#[test]
fn wrong_flags_are_wrong_usage() {
    let temporary = TempDir::new().expect("a folder");
    for flags in [
        &["--service", "drugs"][..],
        &["--service", "a/b=cost:drugdol"],
        &["--service", "drugs=cost:drugdol", "--service", "drugs=cost:inpdol"],
        &["--service", "drugs=cost:drugdol", "--credibility", "100"],
        &["--service", "drugs=cost:drugdol", "--prior-mean", "drug=100"],
        &["--service", "drugs=cost:drugdol", "--prior-mean", "drugs=-1"],
        &["--service", "drugs=cost:drugdol", "--prior-mean", "drugs=9", "--full-credibility", "2,0.05"],
        &["--service", "drugs=cost:drugdol", "--tail-above", "1.5"],
        &["--service", "drugs=cost:drugdol", "--exposure", "time", "--months", "time"],
        &[],
    ] {
        let output = fit(RANDHIE, flags, &temporary.path().join("fit"));
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {}", text(&output.stderr));
    }
    assert_eq!(fs::read_dir(temporary.path()).expect("a folder").count(), 0);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_soon_and_leaves_nothing() {
    use std::{
        process::{Command, Stdio},
        thread,
        time::{Duration, Instant},
    };
    let temporary = TempDir::new().expect("a folder");
    let child = Command::new(env!("CARGO_BIN_EXE_twosided"))
        .args([
            "fit",
            RANDHIE,
            "--person",
            "zper",
            "--year",
            "year",
            "--unmatched",
            "mend",
            "--bootstrap",
            "10000",
            "--out",
        ])
        .arg(temporary.path().join("fit"))
        .args(SERVICES)
        .current_dir(file(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    thread::sleep(Duration::from_millis(1_500));
    let asked = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    assert!(asked.elapsed() < Duration::from_millis(1_500), "it goes on for {:?}", asked.elapsed());
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(text(&output.stderr), "stopped: nothing was written\n");
    assert_eq!(fs::read_dir(temporary.path()).expect("a folder").count(), 0);
}
