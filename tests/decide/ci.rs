//! The workflow of `docs/ci.md`: its commands run in order, as a CI job runs them.

use std::{env, fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::support::{file, text};

/// The step that compiles the program from its repository; here it is compiled already.
const INSTALL: &str = "Install twosided";

/// A step of the workflow that runs commands.
struct Step {
    name: String,
    /// Whether it also runs after a step that failed.
    always: bool,
    commands: String,
}

/// The lines of a block of YAML below a line, without their indentation.
fn block<'a>(lines: &[&'a str], indentation: usize) -> Vec<&'a str> {
    let indentation = " ".repeat(indentation);
    lines.iter().map_while(|line| line.strip_prefix(indentation.as_str())).collect()
}

/// The variables of the workflow, and its steps that run commands.
fn workflow() -> (Vec<(String, String)>, Vec<Step>) {
    let yaml = fs::read_to_string(file("docs/ci/twosided.yml")).expect("the workflow");
    let lines: Vec<&str> = yaml.lines().collect();
    let variables = lines.iter().position(|line| *line == "env:").expect("it has variables");
    let variables = block(&lines[variables + 1..], 2).into_iter().filter(|line| !line.starts_with('#'));
    let variables = variables.map(|line| line.split_once(": ").expect("a variable and its value"));
    let mut steps = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = line.strip_prefix("      - name: ") else { continue };
        let keys = block(&lines[index + 1..], 8);
        let value = |key: &str| keys.iter().position(|line| line.starts_with(&format!("{key}: ")));
        let Some(run) = value("run") else { continue };
        let commands = match keys[run].trim_start_matches("run: ") {
            "|" => block(&keys[run + 1..], 2).join("\n"),
            command => command.to_owned(),
        };
        let always = value("if").is_some_and(|at| keys[at].contains("!cancelled()"));
        steps.push(Step { name: name.to_owned(), always, commands });
    }
    (variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), steps)
}

/// The commands of the page that make the baseline.
fn baseline_commands() -> String {
    let page = fs::read_to_string(file("docs/ci.md")).expect("the page");
    let (_, section) = page.split_once("\n## The baseline\n").expect("a section on the baseline");
    let (_, commands) = section.split_once("```sh\n").expect("its commands");
    commands.split("```").next().expect("they end").to_owned()
}

/// Runs commands as GitHub does: by bash, until one fails. Whether all went well, and what they printed.
fn succeeds(commands: &str, folder: &Path, variables: &[(String, String)]) -> (bool, String) {
    let programs = Path::new(env!("CARGO_BIN_EXE_twosided")).parent().expect("a folder");
    let path = env::var_os("PATH").expect("a path");
    let path = env::join_paths([programs.to_owned()].into_iter().chain(env::split_paths(&path))).expect("a path");
    let done = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", commands])
        .current_dir(folder)
        .env("PATH", path)
        .env("GITHUB_STEP_SUMMARY", folder.join("step-summary.md"))
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .expect("bash runs");
    (done.status.success(), text(&done.stdout) + &text(&done.stderr))
}

/// A repository of a user: a shipped scenario, and its baseline as the page makes it.
fn repository(variables: &[(String, String)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("scenarios")).expect("a folder");
    fs::copy(file("scenarios/first-steps.toml"), folder.path().join("scenarios/plan.toml")).expect("a copy");
    let (made, printed) = succeeds(&baseline_commands(), folder.path(), variables);
    assert!(made, "{printed}");
    folder
}

/// Runs the steps as a job does; the names of those that failed, and all that was printed.
fn job(folder: &Path) -> (Vec<String>, String) {
    let (variables, steps) = workflow();
    let (mut failed, mut printed) = (Vec::new(), String::new());
    for step in steps.iter().filter(|step| step.name != INSTALL) {
        if failed.is_empty() || step.always {
            let (succeeded, output) = succeeds(&step.commands, folder, &variables);
            if !succeeded {
                failed.push(step.name.clone());
            }
            printed += &output;
        }
    }
    (failed, printed)
}

#[test]
fn the_job_passes_where_nothing_moved() {
    let (variables, steps) = workflow();
    let names: Vec<&str> = steps.iter().map(|step| &*step.name).collect();
    assert_eq!(names, [INSTALL, "Run", "Compare with the baseline", "Hold to the limits", "Publish the summary"]);
    let folder = repository(&variables);
    let (failed, printed) = job(folder.path());
    assert!(failed.is_empty(), "{failed:?} failed:\n{printed}");
    for name in ["compare.xml", "gate.xml"] {
        let results = fs::read_to_string(folder.path().join(name)).expect("JUnit");
        assert!(results.contains("<testcase ") && !results.contains("<failure"), "{name}: {results}");
    }
    let summary = fs::read_to_string(folder.path().join("step-summary.md")).expect("a summary");
    for name in ["compare.md", "gate.md"] {
        let part = fs::read_to_string(folder.path().join(name)).expect("Markdown");
        assert!(part.contains('|') && summary.contains(&part), "{name}: {part}");
    }
}

#[test]
fn the_job_fails_where_a_figure_moved_and_still_says_what_holds() {
    let (variables, _) = workflow();
    let folder = repository(&variables);
    let path = folder.path().join("scenarios/plan.toml");
    let scenario = fs::read_to_string(&path).expect("the scenario");
    let moved = scenario.replace("per_capita = 9_700", "per_capita = 9_600");
    assert_ne!(moved, scenario);
    fs::write(&path, moved).expect("written");
    let (failed, printed) = job(folder.path());
    assert_eq!(failed[0], "Compare with the baseline", "{printed}");
    assert!(printed.contains("::error"), "{printed}");
    let results = fs::read_to_string(folder.path().join("compare.xml")).expect("JUnit");
    assert!(results.contains("<failure"), "{results}");
    assert!(folder.path().join("gate.xml").is_file(), "{printed}");
    assert!(!fs::read_to_string(folder.path().join("step-summary.md")).expect("a summary").is_empty());
}
