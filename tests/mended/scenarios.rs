//! Scenario files: what they may include, what is said of them, and what is expected of their contracts.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::support::{file, text, twosided};

/// A folder of a test's own, empty.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mended-scenarios-{test}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder of tests can be written");
    folder
}

/// The program, run in a folder.
fn within(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twosided"));
    command.args(arguments).current_dir(folder).output().expect("the program runs")
}

/// Everything that a run of the program said.
fn output_text(output: &Output) -> String {
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

const CONTRACTS: &str =
    "[run]\nname = \"Test\"\ntrials = 200\n[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {}\n";
const PEOPLE: &str = "[[population.segments]]\nname = \"all\"\nmembers = 1_000\n\
                      services.visits.annual = { gamma = { mean = 4_000, cv = 1.5 } }\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("it can be written");
    fs::write(path, text).expect("it can be written");
}

/// What `check` says of a scenario that includes what a list says, beside its own run and contracts.
fn checked(folder: &Path, include: &str) -> (bool, String) {
    write(folder, "scenario.toml", &format!("include = {include}\n{CONTRACTS}"));
    let output = within(folder, &["check", "scenario.toml"]);
    (output.status.success(), output_text(&output))
}

#[test]
fn row_5_1_no_part_opens_what_another_closes() {
    let folder = folder("row-5-1-around");
    write(&folder, "open.toml", &format!("{PEOPLE}source = '''\n"));
    write(&folder, "password", "SECRET\n");
    write(&folder, "close.toml", "'''\n");
    let (done, said) = checked(&folder, "[\"open.toml\", \"password\", \"close.toml\"]");
    assert!(!done && !said.contains("SECRET"), "{said}");
    assert!(said.contains("includes open.toml") && said.contains("not a population part of TOML"), "{said}");
}

#[test]
fn row_5_1_a_file_that_is_no_part_is_never_quoted() {
    let folder = folder("row-5-1-quoted");
    for content in ["SECRET", "SECRET:x:0:0:SECRET", "[SECRET", "password = SECRET", "a = \"SECRET", "\u{feff}SECRET"] {
        write(&folder, "part", content);
        let (done, said) = checked(&folder, "\"part\"");
        assert!(!done && !said.contains("SECRET"), "{said}");
        assert!(said.contains("not a population part of TOML"), "{said}");
    }
    // What a part may hold is said of a part that is TOML.
    write(&folder, "part", "[[contracts]]\nname = \"x\"\n");
    let (done, said) = checked(&folder, "\"part\"");
    assert!(!done && said.contains("it has the key `contracts`"), "{said}");
}

#[cfg(unix)]
#[test]
fn row_5_1_includes_stay_in_the_scenarios_folder() {
    let outside = folder("row-5-1-outside");
    write(&outside, "population.toml", PEOPLE);
    let inside = folder("row-5-1-inside");
    std::os::unix::fs::symlink(outside.join("population.toml"), inside.join("link.toml")).expect("a link");
    std::os::unix::fs::symlink(outside.join("absent.toml"), inside.join("dangling.toml")).expect("a link");
    std::os::unix::fs::symlink(&outside, inside.join("folder")).expect("a link");
    let way_out = "--allow-include";
    let absolute = outside.join("population.toml").display().to_string();
    for name in [
        "../mended-scenarios-row-5-1-outside/population.toml",
        "../mended-scenarios-row-5-1-outside/absent.toml",
        "folder/population.toml",
        "folder/absent.toml",
        "folder/../mended-scenarios-row-5-1-outside/population.toml",
        "link.toml",
        "dangling.toml",
        "/proc/self/environ",
        "/dev/zero",
        "/absent/of/all",
        "..",
        absolute.as_str(),
    ] {
        let (done, said) = checked(&inside, &format!("{name:?}"));
        assert!(!done && said.contains(way_out), "{name}: {said}");
        assert!(!said.contains("no such file"), "whether {name} exists is nobody's business: {said}");
    }
    let (done, said) = checked(&inside, "\"absent.toml\"");
    assert!(!done && said.contains("there is no such file"), "{said}");

    // Allowed folders widen it, on every command that reads a scenario.
    let allowed = outside.display().to_string();
    for name in ["../mended-scenarios-row-5-1-outside/population.toml", "link.toml", absolute.as_str()] {
        write(&inside, "scenario.toml", &format!("include = {name:?}\n{CONTRACTS}"));
        for arguments in [
            &["check", "scenario.toml"][..],
            &["run", "scenario.toml", "--out", "report"],
            &["explain", "scenario.toml", "--trial", "3"],
        ] {
            let refused = within(&inside, arguments);
            assert!(output_text(&refused).contains(way_out), "{}", output_text(&refused));
            let output = within(&inside, &[arguments, &[way_out, "/tmp", way_out, &allowed]].concat());
            assert!(output.status.success(), "{name}: {}", output_text(&output));
        }
    }
    // A scenario that is itself reached by a link reads from the folder that it is named in.
    write(&inside, "people/all.toml", PEOPLE);
    let (done, said) = checked(&inside, "[\"./people/../people/all.toml\"]");
    assert!(done, "{said}");
}

#[cfg(unix)]
#[test]
fn row_5_1_only_regular_files_are_included() {
    let folder = folder("row-5-1-fifo");
    let fifo = Command::new("mkfifo").arg(folder.join("fifo.toml")).status().expect("mkfifo runs");
    assert!(fifo.success());
    fs::create_dir(folder.join("people")).expect("it can be written");
    for name in ["fifo.toml", "people", "."] {
        let (done, said) = checked(&folder, &format!("{name:?}"));
        assert!(!done && said.contains("is not a file"), "{name}: {said}");
    }
}

#[test]
fn row_5_1_problems_of_a_part_name_its_file_and_line() {
    let folder = folder("row-5-1-place");
    write(&folder, "people/all.toml", &format!("# people\n{PEOPLE}").replace("1_000", "0"));
    write(&folder, "shocks.toml", "[[system.factors]]\nname = \"a\"\nshok = 3\n");
    let (done, said) = checked(&folder, "[\"people/all.toml\", \"shocks.toml\"]");
    assert!(!done);
    assert!(said.contains("people/all.toml:4:11"), "{said}");
    assert!(said.contains("shocks.toml:3:1"), "{said}");
    // A key that both have.
    write(&folder, "people/all.toml", &format!("population.members = 5\n{PEOPLE}"));
    write(&folder, "scenario.toml", &format!("include = \"people/all.toml\"\n{CONTRACTS}[population]\nmembers = 7\n"));
    let output = within(&folder, &["check", "scenario.toml"]);
    let said = output_text(&output);
    assert!(said.contains("population.members is also in scenario.toml, line 9"), "{said}");
    assert!(said.contains("people/all.toml:1:12"), "{said}");
}

/// The hash of all outcomes that a report's `run.toml` states.
fn outcomes_hash(report: &Path) -> String {
    let run = fs::read_to_string(report.join("run.toml")).expect("a report has it");
    let line = run.lines().find(|line| line.starts_with("outcomes_sha256")).expect("it states its outcomes");
    line.to_owned()
}

#[test]
fn row_5_1_run_toml_is_one_file_that_repeats_the_run() {
    let scenario = file("scenarios/glide-path.toml").display().to_string();
    let folder = folder("row-5-1-repeat");
    let first = within(&folder, &["run", &scenario, "--trials", "20", "--out", "first"]);
    assert!(first.status.success(), "{}", output_text(&first));
    let run = fs::read_to_string(folder.join("first/run.toml")).expect("a report has it");
    assert!(run.contains("# from ") && run.contains("medicare-2022.toml") && !run.contains("\ninclude"), "{run}");
    let second = within(&folder, &["run", "first/run.toml", "--out", "second"]);
    assert!(second.status.success(), "{}", output_text(&second));
    assert_eq!(outcomes_hash(&folder.join("first")), outcomes_hash(&folder.join("second")));
}

#[cfg(unix)]
#[test]
fn row_5_14_a_newline_in_an_includes_name_adds_no_key() {
    let folder = folder("row-5-14");
    let name = "people\nseed = 77\n[population.trend]\nmean = 9\n#.toml";
    write(&folder, name, PEOPLE);
    write(&folder, "scenario.toml", &format!("include = {name:?}\n{CONTRACTS}").replace('\t', " "));
    let first = within(&folder, &["run", "scenario.toml", "--out", "first"]);
    assert!(first.status.success(), "{}", output_text(&first));
    let run = fs::read_to_string(folder.join("first/run.toml")).expect("a report has it");
    let run: toml_edit::DocumentMut = run.parse().expect("run.toml is TOML");
    assert_eq!(run["run"]["seed"].as_integer(), Some(1), "{run:?}");
    assert!(run["population"].get("trend").is_none(), "{run:?}");
}

#[test]
fn row_5_15_a_byte_order_mark_before_an_included_file_is_no_part_of_it() {
    let folder = folder("row-5-15-mark");
    write(&folder, "people.toml", &format!("\u{feff}{PEOPLE}"));
    write(&folder, "scenario.toml", &format!("\u{feff}include = \"people.toml\"\n{CONTRACTS}"));
    let output = within(&folder, &["run", "scenario.toml", "--out", "report"]);
    assert!(output.status.success(), "{}", output_text(&output));
    let again = within(&folder, &["check", "report/run.toml"]);
    assert!(again.status.success(), "{}", output_text(&again));
}

#[test]
fn row_4_8_beside_a_slip_of_syntax_nothing_false_is_said() {
    let folder = folder("row-4-8");
    write(&folder, "people.toml", PEOPLE);
    let right = format!("include = \"people.toml\"\n{CONTRACTS}");
    for (from, to) in [
        ("trials = 200", "trials = 2__00"),
        ("trials = 200", "trials = "),
        ("[run]", "[run"),
        ("[run]", "[[run]"),
        ("[[contracts]]", "[[contracts]"),
        ("name = \"Test\"", "name = \"Test"),
        ("name = \"Test\"", "name \"Test\""),
        ("name = \"Test\"", "name = Test"),
        ("fee_for_service = {}", "fee_for_service = {"),
        ("fee_for_service = {}", "fee_for_service = }"),
        ("include = \"people.toml\"", "include = \"people.toml"),
        ("include = \"people.toml\"", "include = people.toml"),
    ] {
        write(&folder, "scenario.toml", &right.replace(from, to));
        let output = within(&folder, &["check", "scenario.toml"]);
        let said = output_text(&output);
        assert_eq!(output.status.code(), Some(1), "{to}");
        assert!(
            !said.contains("unknown key") && !said.contains(" is 0") && !said.contains("is missing"),
            "{to}: {said}"
        );
        assert!(said.contains("has 1 problem\n"), "{to}: {said}");
    }
}

#[test]
fn row_4_9_a_fitted_population_is_resized_by_whoever_includes_it() {
    let folder = folder("row-4-9");
    let mut rows = "person,year,cost\n".to_owned();
    for person in 0..300 {
        rows.push_str(&format!("{person},2020,{}\n", 100 + (person * 7919) % 4_001));
    }
    write(&folder, "members.csv", &rows);
    let arguments = "fit members.csv --person person --year year --service visits=cost:cost --bootstrap 0 --out fitted";
    let fit = within(&folder, &arguments.split(' ').collect::<Vec<_>>());
    assert!(fit.status.success(), "{}", output_text(&fit));
    let members = "[population]\nmembers = 20_000\nsource = \"our own count\"\n";
    write(&folder, "scenario.toml", &format!("include = \"fitted/population.toml\"\n{CONTRACTS}{members}"));
    let output = within(&folder, &["check", "scenario.toml"]);
    assert!(output.status.success() && output_text(&output).contains("20,000 people"), "{}", output_text(&output));
    // As a prior, a scenario is read with what it includes.
    let prior = format!("{} --prior scenario.toml --credibility 100", arguments.replace("fitted", "weighed"));
    let fit = within(&folder, &prior.split(' ').collect::<Vec<_>>());
    assert!(fit.status.success(), "{}", output_text(&fit));
}

#[test]
fn row_5_1_shipped_scenarios_include_as_before() {
    for name in ["glide-path", "commercial"] {
        let output = twosided(&["check", &format!("scenarios/{name}.toml")]);
        assert!(output.status.success(), "{}", output_text(&output));
    }
}
