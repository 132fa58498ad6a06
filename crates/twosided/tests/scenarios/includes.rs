//! Files that a scenario includes: which it may, and what is said of them and shown.

use std::{fs, path::Path};

use crate::support::{CONTRACTS, PEOPLE, Verdict, examined, folder, write};

/// What is said of a scenario that includes what a list says, beside its own run and contracts, and whether it is valid.
fn checked(folder: &Path, include: &str) -> (bool, String) {
    write(folder, "scenario.toml", &format!("include = {include}\n{CONTRACTS}"));
    let (verdict, said) = examined(&folder.join("scenario.toml"), &[]);
    (verdict != Verdict::Refused, said)
}

#[test]
fn no_part_opens_what_another_closes() {
    let folder = folder();
    let folder = folder.path();
    write(folder, "open.toml", &format!("{PEOPLE}source = '''\n"));
    write(folder, "password", "SECRET\n");
    write(folder, "close.toml", "'''\n");
    let (done, said) = checked(folder, "[\"open.toml\", \"password\", \"close.toml\"]");
    assert!(!done && !said.contains("SECRET"), "{said}");
    assert!(said.contains("includes open.toml") && said.contains("not a population part of TOML"), "{said}");
}

#[test]
fn a_file_that_is_no_part_is_never_quoted() {
    let folder = folder();
    let folder = folder.path();
    for content in ["SECRET", "SECRET:x:0:0:SECRET", "[SECRET", "password = SECRET", "a = \"SECRET", "\u{feff}SECRET"] {
        write(folder, "part", content);
        let (done, said) = checked(folder, "\"part\"");
        assert!(!done && !said.contains("SECRET"), "{said}");
        assert!(said.contains("not a population part of TOML"), "{said}");
    }
    // What a part may hold is said of a part that is TOML.
    write(folder, "part", "[[contracts]]\nname = \"x\"\n");
    let (done, said) = checked(folder, "\"part\"");
    assert!(!done && said.contains("it has the key `contracts`"), "{said}");
}

#[cfg(unix)]
#[test]
fn includes_stay_in_the_scenarios_folder() {
    let both = folder();
    let (outside, inside) = (both.path().join("outside"), both.path().join("inside"));
    write(&outside, "population.toml", PEOPLE);
    fs::create_dir(&inside).expect("it can be written");
    std::os::unix::fs::symlink(outside.join("population.toml"), inside.join("link.toml")).expect("a link");
    std::os::unix::fs::symlink(outside.join("absent.toml"), inside.join("dangling.toml")).expect("a link");
    std::os::unix::fs::symlink(&outside, inside.join("folder")).expect("a link");
    let way_out = "--allow-include";
    let absolute = outside.join("population.toml").display().to_string();
    for name in [
        "../outside/population.toml",
        "../outside/absent.toml",
        "folder/population.toml",
        "folder/absent.toml",
        "folder/../outside/population.toml",
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
    // Allowed folders widen it.
    let allowed = [inside.clone(), outside.clone()];
    for name in ["../outside/population.toml", "link.toml", absolute.as_str()] {
        write(&inside, "scenario.toml", &format!("include = {name:?}\n{CONTRACTS}"));
        assert!(examined(&inside.join("scenario.toml"), &[]).1.contains(way_out));
        let (verdict, said) = examined(&inside.join("scenario.toml"), &allowed);
        assert_ne!(verdict, Verdict::Refused, "{name}: {said}");
    }
    // A scenario that is itself reached by a link reads from the folder that it is named in.
    write(&inside, "people/all.toml", PEOPLE);
    let (done, said) = checked(&inside, "[\"./people/../people/all.toml\"]");
    assert!(done, "{said}");
}

#[cfg(unix)]
#[test]
fn only_regular_files_are_included() {
    let folder = folder();
    let folder = folder.path();
    let fifo = std::process::Command::new("mkfifo").arg(folder.join("fifo.toml")).status().expect("mkfifo runs");
    assert!(fifo.success());
    fs::create_dir(folder.join("people")).expect("it can be written");
    for (name, kind) in
        [("fifo.toml", "it is a pipe (FIFO), not a file"), ("people", "it is a folder"), (".", "it is a folder")]
    {
        let (done, said) = checked(folder, &format!("{name:?}"));
        assert!(!done && said.contains(kind), "{name}: {said}");
    }
}

#[test]
fn problems_of_a_part_name_its_file_and_line() {
    let folder = folder();
    let folder = folder.path();
    write(folder, "people/all.toml", &format!("# people\n{PEOPLE}").replace("1_000", "0"));
    write(folder, "shocks.toml", "[[system.factors]]\nname = \"a\"\nshok = 3\n");
    let (done, said) = checked(folder, "[\"people/all.toml\", \"shocks.toml\"]");
    assert!(!done);
    assert!(said.contains("people/all.toml:4:11"), "{said}");
    assert!(said.contains("shocks.toml:3:1"), "{said}");
    // A key that both have.
    write(folder, "people/all.toml", &format!("population.members = 5\n{PEOPLE}"));
    write(folder, "scenario.toml", &format!("include = \"people/all.toml\"\n{CONTRACTS}[population]\nmembers = 7\n"));
    let (_, said) = examined(&folder.join("scenario.toml"), &[]);
    assert!(said.contains("population.members is also in ") && said.contains("scenario.toml, line 9"), "{said}");
    assert!(said.contains("people/all.toml:1:12"), "{said}");
}

#[test]
fn an_include_that_is_not_there_is_said_with_its_folder() {
    let folder = folder();
    write(folder.path(), "plans/scenario.toml", &format!("include = \"populations/people.toml\"\n{CONTRACTS}"));
    write(folder.path(), "populations/people.toml", "");
    let (verdict, said) = examined(&folder.path().join("plans/scenario.toml"), &[]);
    let looked_in = folder.path().join("plans").display().to_string();
    assert!(verdict == Verdict::Refused && said.contains("there is no such file"), "{said}");
    assert!(said.contains("start at the scenario's folder") && said.contains(&looked_in), "{said}");
}
