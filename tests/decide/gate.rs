//! Limits, judged from outside: by a scenario, a report and a summary, as text and for a CI job.

use std::{fs, path::Path};

use tempfile::{TempDir, tempdir};

use crate::support::{text, twosided};

const FIRST_STEPS: &str = "scenarios/first-steps.toml";
const CAPITATION: &str = "Capitation with stop-loss";

/// A file of limits beside the shipped scenario's, with what is required of one contract.
fn with_limits(folder: &TempDir, requirements: &[&str]) -> String {
    let limits = requirements
        .iter()
        .map(|require| format!("[[limits]]\ncontract = \"{CAPITATION}\"\nrequire = \"{require}\"\n"));
    let scenario = fs::read_to_string(crate::support::file(FIRST_STEPS)).expect("it is shipped");
    let (scenario, _) = scenario.split_once("[[limits]]").expect("it has limits");
    let path = folder.path().join("limited.toml");
    fs::write(&path, format!("{scenario}{}", limits.collect::<String>())).expect("it can be written");
    path.to_str().expect("UTF-8").to_owned()
}

/// The exit code, standard output and standard error.
fn gate(arguments: &[&str]) -> (Option<i32>, String, String) {
    let done = twosided(&[&["gate"], arguments].concat());
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

#[test]
fn exit_codes_say_how_limits_came_out() {
    let folder = tempdir().expect("a folder");
    let (code, shown, said) = gate(&[FIRST_STEPS]);
    assert_eq!(code, Some(0), "{shown}{said}");
    assert!(shown.contains("reserve: VaR 95% <= $2,500,000") && shown.contains("2 checks: 2 passed"), "{shown}");
    let of = |requirements: &[&str], more: &[&str]| {
        let path = with_limits(&folder, requirements);
        let (code, shown, _) = gate(&[&[path.as_str(), "--trials", "2000"], more].concat());
        (code.expect("an exit code"), shown)
    };
    assert_eq!(of(&["var95 <= $1m"], &[]).0, 1);
    // About 49.6%.
    let near = ["P(loss) <= 49.6%"];
    let (code, shown) = of(&near, &[]);
    assert_eq!(code, 3, "{shown}");
    assert!(shown.contains("1 undecided"), "{shown}");
    assert_eq!([of(&near, &["--undecided", "pass"]).0, of(&near, &["--undecided", "fail"]).0], [0, 1]);
    assert_eq!(of(&["P(loss) <= 49.6%", "var95 <= $1m"], &["--undecided", "pass"]).0, 1);
}

#[test]
fn a_report_and_its_summary_come_to_the_verdicts_of_the_scenario() {
    let folder = tempdir().expect("a folder");
    let path = with_limits(&folder, &["var95 <= $2.5m", "P(loss > $1m) <= 20%", "mean >= -$100k", "tvar95 <= $5m"]);
    let report = folder.path().join("report");
    let report = report.to_str().expect("UTF-8");
    let run = twosided(&["run", &path, "--trials", "2000", "--out", report]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let (code, of_report, said) = gate(&[report]);
    let (of_scenario, shown, _) = gate(&[&path, "--trials", "2000"]);
    assert_eq!((code, &of_report), (of_scenario, &shown), "{said}");
    let summary = format!("{report}/summary.json");
    let (code, _, said) = gate(&[&summary]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--limits"), "{said}");
    let (code, _, said) = gate(&[&summary, "--limits", &path]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("P(loss > $1,000,000) <= 20%") && said.contains("a summary alone has no trials"), "{said}");
    let measures = with_limits(&folder, &["var95 <= $2.6m", "P(loss) <= 60%", "mean >= -$100k"]);
    let (code, shown, said) = gate(&[&summary, "--limits", &measures]);
    assert_eq!(code, Some(0), "{shown}{said}");
    let (code, _, said) = gate(&[report, "--trials", "500"]);
    assert_eq!((code, said.contains("--trials is for a scenario")), (Some(2), true), "{said}");
}

#[test]
fn a_ci_job_reads_verdicts_in_its_own_format() {
    let folder = tempdir().expect("a folder");
    let path = with_limits(&folder, &["var95 <= $1m", "P(loss) <= 49.6%", "var95 <= $9m"]);
    let at = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let (junit, markdown, json) = (at("gate.xml"), at("gate.md"), at("gate.json"));
    let formats = [format!("junit={junit}"), format!("markdown={markdown}"), format!("json={json}")];
    let mut arguments = vec![path.as_str(), "--trials", "2000", "--format", "github"];
    for format in &formats {
        arguments.extend(["--format", format]);
    }
    let (code, annotations, said) = gate(&arguments);
    assert_eq!(code, Some(1), "{said}");
    let read = |path: &str| fs::read_to_string(Path::new(path)).expect("it was written");
    let lines: Vec<&str> = annotations.lines().collect();
    assert_eq!(lines.len(), 2, "{annotations}");
    assert!(lines[0].starts_with("::error file=") && lines[1].starts_with("::warning file="), "{annotations}");
    let junit = read(&junit);
    assert!(
        junit.contains("tests=\"3\" skipped=\"0\" failures=\"1\" errors=\"1\"") && junit.contains("type=\"undecided\""),
        "{junit}"
    );
    assert!(read(&markdown).contains("| **failed** | Capitation with stop-loss | VaR 95% &lt;= $1,000,000 |"));
    let json: serde_json::Value = serde_json::from_str(&read(&json)).expect("JSON");
    let verdicts: Vec<&str> = json["limits"]
        .as_array()
        .expect("limits")
        .iter()
        .map(|limit| limit["verdict"].as_str().expect("a word"))
        .collect();
    assert_eq!(verdicts, ["failed", "undecided", "passed"]);
    let (code, _, said) = gate(&[FIRST_STEPS, "--format", "text", "--format", "json"]);
    assert_eq!((code, said.contains("are both for standard output")), (Some(2), true), "{said}");
}

#[test]
fn sampling_goes_on_until_limits_are_decided() {
    let folder = tempdir().expect("a folder");
    let path = with_limits(&folder, &["P(loss) <= 70%", "P(loss) <= 51%"]);
    let (code, shown, said) = gate(&[&path, "--until-decided", "--max-trials", "65536"]);
    assert_eq!(code, Some(0), "{shown}{said}");
    // The far one is decided at the first look, the near one later.
    let row = |limit: &str| shown.lines().find(|line| line.contains(limit)).expect("a row").to_owned();
    assert!(row("<= 70%").contains(" 2,048 "), "{shown}");
    assert!(!row("<= 51%").contains(" 2,048 "), "{shown}");
    assert!(said.contains("trials, looked at"), "{said}");
    // The figures are those of a run with as many trials.
    let (_, again, _) = gate(&[&path, "--trials", "2048", "--format", "json"]);
    let (_, until, _) = gate(&[&path, "--until-decided", "--max-trials", "65536", "--format", "json"]);
    let value =
        |json: &str| serde_json::from_str::<serde_json::Value>(json).expect("JSON")["limits"][0]["value"].clone();
    assert_eq!(value(&again), value(&until));
}

#[test]
fn wrong_limits_are_marked_where_they_stand() {
    let folder = tempdir().expect("a folder");
    let path = with_limits(&folder, &["P(los > 2m) <= 5%"]);
    let (code, _, said) = gate(&[&path]);
    assert_eq!(code, Some(4));
    assert!(
        said.contains("limits[1].require: `los` is not known here") && said.contains("did you mean `loss`?"),
        "{said}"
    );
    let path = with_limits(&folder, &["P(loss > 2m in year 3) <= 5%"]);
    assert!(gate(&[&path]).2.contains("it is about year 3, which the run does not have"));
    let path = with_limits(&folder, &["var95 <= 1m", "var95 <= $1_000_000"]);
    assert!(gate(&[&path]).2.contains("VaR 95% <= $1,000,000 of \"Capitation with stop-loss\" is required twice"));
    let path = with_limits(&folder, &["P(cost > 1) <= 5%"]);
    let said = gate(&[&path]).2;
    assert!(
        said.contains(
            "error: limit \"P(cost > $1) <= 5%\" of \"Capitation with stop-loss\": the contract compares no benchmark"
        ),
        "{said}"
    );
    let path = with_limits(&folder, &[]);
    assert!(gate(&[&path]).2.contains("error: there are no limits"));
    let scenario = fs::read_to_string(&path).expect("it was written");
    fs::write(
        &path,
        format!("{scenario}[[limits]]\ncontract = \"Capitation with stop-los\"\nrequire = \"mean > 0\"\n"),
    )
    .expect("it can be written");
    let said = gate(&[&path]).2;
    assert!(
        said.contains("no contract is named \"Capitation with stop-los\"")
            && said.contains("did you mean `Capitation with stop-loss`?"),
        "{said}"
    );
}
