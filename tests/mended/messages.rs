//! What is said of a file that is wrong, and what may be shown of it.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::{TempDir, tempdir};

use crate::support::text;

/// A folder of a test's own.
fn folder() -> TempDir {
    tempdir().expect("a folder")
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("it can be written");
    fs::write(path, text).expect("it can be written");
}

fn within(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twosided"));
    command.args(arguments).current_dir(folder).output().expect("the program runs")
}

/// Everything that the program says in a folder, and whether it is content.
fn said(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let output = within(folder, arguments);
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

/// What `check` says of a scenario's text.
fn checked(text: &str) -> (bool, String) {
    let folder = folder();
    write(folder.path(), "scenario.toml", text);
    said(folder.path(), &["check", "scenario.toml"])
}

/// A scenario that is right.
const SCENARIO: &str = "\
[run]
name = \"Test\"
trials = 200
[[population.segments]]
name = \"everyone\"
members = 1_000
services.visits.annual = { gamma = { mean = 4_000, cv = 1.5 } }
[[system.factors]]
name = \"shock\"
lognormal = { mean = 1, cv = 0.1 }
[[provider.programs]]
name = \"coaching\"
cost_pmpm = 1
[[contracts]]
name = \"Track\"
terms.mssp = { track = \"enhanced\", performance_year = 2022, benchmark = { per_capita = 4_100 }, quality_score = 0.9 }
[[contracts]]
name = \"Fixed\"
terms.capitation = { pmpm = 340 }
";

#[test]
fn row_5_14_no_name_has_what_is_not_seen() {
    let (done, said) = checked(SCENARIO);
    assert!(done, "{said}");
    let hidden = "\u{fffe}\u{ffff}\u{1fffe}\u{1d173}\u{34f}\u{17b4}\u{2800}\u{fe0f}\u{e0100}\u{600}\u{6dd}\u{110bd}\u{13430}\u{1bca0}";
    for character in hidden.chars() {
        for name in ["Test", "everyone", "visits", "shock", "coaching", "Track", "Fixed"] {
            let (quoted, steered) = (format!("\"{name}\""), format!("\"{name}\\U{:08x}\"", u32::from(character)));
            let scenario = SCENARIO.replace("services.visits", "services.\"visits\"").replace(&quoted, &steered);
            let (done, said) = checked(&scenario);
            assert!(!done && said.contains("invisible characters"), "{name} {steered}: {said}");
            assert!(!said.contains(character), "{said}");
        }
    }
    let (done, said) = checked(&SCENARIO.replace("\"Track\"", "\"Track\u{a0}1\""));
    assert!(!done && said.contains("has a space of an unusual kind"), "{said}");
}

#[test]
fn row_5_14_a_run_file_steers_no_terminal_and_repeats_the_run() {
    let folder = folder();
    let steering = "\u{9b}31m\u{202e}\u{1fffe}\u{e0041}";
    let scenario = SCENARIO
        .replace("trials = 200\n", &format!("trials = 200 # {steering}\n# {steering}\n"))
        .replace("members = 1_000\n", &format!("members = 1_000\nsource = 'a\\{steering}\"'\n"))
        .replace("pmpm = 340", &format!("pmpm = 340, source = \"x {steering}\\n\""));
    write(folder.path(), "plan.toml", &scenario);
    for (scenario, out) in [("plan.toml", "first"), ("first/run.toml", "second")] {
        let (done, said) = said(folder.path(), &["run", scenario, "--out", out]);
        assert!(done, "{said}");
    }
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    let run_file = read("first/run.toml");
    for character in steering.chars().filter(|character| !character.is_ascii()) {
        assert!(!run_file.contains(character), "{run_file:?}");
    }
    assert!(run_file.contains("\\u009b31m\\u202e\\U0001fffe\\U000e0041"), "{run_file}");
    assert!(run_file.contains("# ?31m???"), "{run_file}");
    assert_eq!(run_file, read("second/run.toml"));
    let notes = |text: &str| {
        let document: toml_edit::DocumentMut = text.parse().expect("TOML");
        let of = |key: &str, index: usize| {
            document.as_table()[key].as_array_of_tables().and_then(|all| all.get(index).cloned())
        };
        let contract = of("contracts", 1).expect("a contract");
        contract["terms"]["capitation"]["source"].as_str().map(str::to_owned)
    };
    assert_eq!(notes(&run_file), notes(&scenario));
}

#[cfg(unix)]
#[test]
fn row_5_1_a_link_out_of_its_folder_is_never_quoted() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    let outside = folder.path().join("out");
    let inside = folder.path().join("sub");
    write(&outside, "passwd", "root:TOPSECRET\nTOPSECRET = TOPSECRET\n");
    write(&outside, "token.toml", "[run]\ntoken = \"TOPSECRET\"\n");
    write(&inside, "own/bad.toml", "mine = MYWORD\n");
    write(&inside, "data.csv", "a,b\n1,2\n");
    symlink("../out/passwd", inside.join("link.toml")).expect("a link");
    symlink("link.toml", inside.join("chain.toml")).expect("a link");
    symlink("../out/token.toml", inside.join("token.toml")).expect("a link");
    symlink("../out", inside.join("folder")).expect("a link");
    symlink("own/bad.toml", inside.join("near.toml")).expect("a link");
    for arguments in [
        &["check", "sub/link.toml"][..],
        &["check", "sub/chain.toml"],
        &["check", "sub/folder/passwd"],
        &["check", "sub/token.toml"],
        &["run", "sub/link.toml"],
        &["explain", "scenario", "sub/link.toml", "--trial", "1"],
        &["settle", "terms", "sub/link.toml", "sub/data.csv"],
    ] {
        let (done, said) = said(folder.path(), arguments);
        assert!(!done && !said.contains("TOPSECRET"), "{arguments:?}: {said}");
        assert!(said.contains("leads out of its folder") && said.contains("line "), "{arguments:?}: {said}");
    }
    let (done, said_within) = said(&inside, &["check", "link.toml"]);
    assert!(!done && !said_within.contains("TOPSECRET"), "{said_within}");
    // A link to what is beside it or below, and the file itself, are shown.
    for shown in ["sub/near.toml", "sub/own/bad.toml"] {
        assert!(said(folder.path(), &["check", shown]).1.contains("MYWORD"));
    }
    assert!(said(folder.path(), &["check", "out/passwd"]).1.contains("TOPSECRET"));
}

#[test]
fn row_4_8_a_file_of_another_kind_is_told_so_once() {
    let folder = folder();
    let rows: String = (0..5_110).map(|row| format!("{row},a,b\n")).collect();
    for name in ["data.csv", "data.toml"] {
        write(folder.path(), name, &rows);
        let (done, said) = said(folder.path(), &["check", name]);
        assert!(!done && said.contains("does not look like TOML"), "{said}");
        assert!(said.contains("data goes to `settle` or `fit`"), "{said}");
        assert!(said.contains("… and 5109 more") && said.contains(&format!("{name} has 5110 problems")), "{said}");
        assert!(said.lines().count() < 12, "{said}");
    }
    fs::write(folder.path().join("data.parquet"), b"PAR1\xff\xfe").expect("written");
    assert!(said(folder.path(), &["check", "data.parquet"]).1.contains("data goes to `settle` or `fit`"));
    // Slips of a scenario are drawn, five of them, and the rest counted.
    let slips: String = (0..70).map(|row| format!("a{row} = 5 {row}\n")).collect();
    let (_, said) = checked(&slips);
    assert_eq!(said.matches("× ").count(), 5, "{said}");
    assert!(said.contains("… and 65 more") && said.contains("scenario.toml has 70 problems"), "{said}");
    // Other problems are drawn up to 50.
    let keys: String = (0..70).map(|row| format!("zz{row} = 5\n")).collect();
    let (_, said) = checked(&(keys + SCENARIO));
    assert_eq!(said.matches("× ").count(), 50, "{said}");
    assert!(said.contains("… and 20 more") && said.contains("scenario.toml has 70 problems"), "{said}");
}

#[test]
fn row_4_8_an_include_within_a_table_is_told_so_alone() {
    let without = |block: &str| SCENARIO.replace(block, "");
    let people = "[[population.segments]]\nname = \"everyone\"\nmembers = 1_000\n\
                  services.visits.annual = { gamma = { mean = 4_000, cv = 1.5 } }\n";
    let include = "include = \"people.toml\"\n";
    for (scenario, table) in [
        (without(people).replace("trials = 200\n", &format!("trials = 200\n{include}")), "run"),
        (without(people) + "[population]\n" + include, "population"),
        (without(people).replace("name = \"Fixed\"\n", &format!("name = \"Fixed\"\n{include}")), "contracts[2]"),
        (without(people) + "[provider.own_share]\n" + &include.replace("\"people.toml\"", "[\"a.toml\"]"), "provider"),
    ] {
        let folder = folder();
        write(folder.path(), "scenario.toml", &scenario);
        write(folder.path(), "people.toml", people);
        let (done, said) = said(folder.path(), &["check", "scenario.toml"]);
        assert!(!done && said.contains(&format!("`include` stands within {table}")), "{said}");
        assert!(said.contains("include stands above the first [table]"), "{said}");
        assert!(said.contains("has 1 problem\n"), "{said}");
    }
}

#[test]
fn row_4_8_numbers_as_people_write_them_are_corrected() {
    for (right, slip, help) in [
        ("per_capita = 4_100", "per_capita = 9,700", "write 9_700 or 9700"),
        ("pmpm = 340", "pmpm = $800", "write 800"),
        ("pmpm = 340", "pmpm = \"800\"", "write 800, without quotes"),
        ("pmpm = 340", "pmpm = \"$1,800\"", "write 1_800 or 1800, without quotes"),
        ("quality_score = 0.9", "quality_score = \"85%\"", "write 0.85, without quotes"),
        ("quality_score = 0.9", "quality_score = 85%", "write 0.85"),
        ("benchmark = { per_capita = 4_100 }", "benchmark = 9_700", "write benchmark = { per_capita = 9_700 }"),
        ("members = 1_000", "members = \"1,000\"", "write 1_000 or 1000, without quotes"),
        ("members = 1_000", "members = 1,000", "write 1_000 or 1000"),
    ] {
        let (done, said) = checked(&SCENARIO.replace(right, slip));
        assert!(!done && said.contains(help), "{slip}: {said}");
    }
}

#[test]
fn row_5_1_an_include_that_is_not_there_is_said_with_its_folder() {
    let folder = folder();
    write(folder.path(), "plans/scenario.toml", &format!("include = \"populations/people.toml\"\n{SCENARIO}"));
    write(folder.path(), "populations/people.toml", "");
    let (done, said) = said(folder.path(), &["check", "plans/scenario.toml"]);
    let looked_in = folder.path().join("plans").display().to_string();
    assert!(!done && said.contains("there is no such file"), "{said}");
    assert!(said.contains("start at the scenario's folder") && said.contains(&looked_in), "{said}");
}
