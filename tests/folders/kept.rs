//! Files that stay: those of a user in a report's folder, and reports of other scenarios.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::sandbox::{FIT, MANIFEST, SCENARIO, Sandbox};

#[test]
fn files_of_a_user_in_the_folder_stay() {
    let sandbox = Sandbox::new();
    sandbox.write_people();
    for (arguments, folder) in [(&["run", "plan.toml"][..], "reports/plan"), (&FIT, "fits/people")] {
        sandbox.done(arguments);
        let ours = sandbox.names(folder);
        sandbox.write(&format!("{folder}/memo.txt"), "a memo");
        sandbox.write(&format!("{folder}/drafts/report.html"), "a draft");
        let said = sandbox.done(arguments);
        assert!(!said.contains("kept"), "{said}");
        assert_eq!(sandbox.read(&format!("{folder}/memo.txt")), "a memo");
        assert_eq!(sandbox.read(&format!("{folder}/drafts/report.html")), "a draft");
        assert_eq!(sandbox.names(folder).len(), ours.len() + 2, "the same files and the user's");
    }
    // Into a folder that has files already.
    sandbox.write("thesis/chapter-1.txt", "years of work");
    sandbox.done(&["run", "plan.toml", "--out", "thesis"]);
    assert_eq!(sandbox.read("thesis/chapter-1.txt"), "years of work");
    assert!(sandbox.path("thesis/report.html").is_file());
    sandbox.write("letters/report.html", "a letter");
    let refused = sandbox.refused(&["run", "plan.toml", "--out", "letters"], 1);
    assert!(refused.contains("report.html") && refused.contains("--out") && refused.contains("--replace"), "{refused}");
    assert_eq!(sandbox.names("letters"), ["report.html"]);
    sandbox.done(&["run", "plan.toml", "--out", "letters", "--replace"]);
    assert_eq!(sandbox.read("letters/kept-1/report.html"), "a letter");
}

#[test]
fn a_file_that_is_not_written_again_goes_and_one_that_was_changed_is_kept() {
    let sandbox = Sandbox::new();
    let more = SCENARIO.to_owned() + "[[contracts]]\nname = 'other'\nterms.capitation = { pmpm = 101 }\n";
    sandbox.write("plan.toml", &more);
    sandbox.done(&["run", "plan.toml"]);
    assert!(sandbox.path("reports/plan/histogram-02.svg").is_file());
    sandbox.write("reports/plan/report.html", "annotated");
    sandbox.write("plan.toml", SCENARIO);
    let said = sandbox.done(&["run", "plan.toml"]);
    assert!(said.contains("kept-1") && said.contains("report.html"), "{said}");
    assert_eq!(sandbox.read("reports/plan/kept-1/report.html"), "annotated");
    assert!(!sandbox.path("reports/plan/histogram-02.svg").exists());
}

#[test]
fn the_report_of_another_scenario_of_the_same_name_is_not_replaced() {
    let sandbox = Sandbox::new();
    sandbox.write("spring/plan.toml", SCENARIO);
    sandbox.write("autumn/plan.toml", &SCENARIO.replace("1_200", "1_300"));
    sandbox.done(&["run", "spring/plan.toml"]);
    let spring = sandbox.files("reports/plan");
    let started = Instant::now();
    let refused = sandbox.refused(&["run", "autumn/plan.toml", "--trials", "20000000"], 1);
    assert!(started.elapsed() < Duration::from_secs(10), "it is said before the work");
    for said in ["spring/plan.toml", "--out", "--replace"] {
        assert!(refused.contains(said), "{refused}");
    }
    assert_eq!(sandbox.files("reports/plan"), spring);
    sandbox.done(&["run", "autumn/plan.toml", "--out", "reports/autumn"]);
    sandbox.done(&["run", "autumn/plan.toml", "--replace"]);
    let autumn = sandbox.files("reports/autumn");
    assert!(autumn == sandbox.files("reports/plan") && autumn != spring);
    // A fit is another thing than a report.
    sandbox.write_people();
    for more in [&[][..], &["--replace"]] {
        let refused = sandbox.refused(&[&FIT[..], &["--out", "reports/plan"], more].concat(), 1);
        assert!(refused.contains("twosided run"), "{refused}");
        assert_eq!(sandbox.files("reports/plan"), autumn);
    }
}

#[test]
fn a_folder_is_refused_in_plain_words() {
    let sandbox = Sandbox::new();
    sandbox.write("spring/plan.toml", SCENARIO);
    sandbox.write("autumn/plan.toml", SCENARIO);
    sandbox.done(&["run", "spring/plan.toml"]);
    fs::remove_dir_all(sandbox.path("spring")).expect("it is there");
    let refused = sandbox.refused(&["run", "autumn/plan.toml"], 1);
    assert!(refused.contains("/spring/plan.toml\"") && !refused.contains(".."), "{refused}");
    assert!(refused.contains("--replace to remove that report\n"), "{refused}");
    sandbox.write("a-file", "text");
    for (out, said) in [
        ("a-file", "\"a-file\" is a file, not a folder; give --out a folder"),
        ("a-file/rep", "\"a-file\" is a file, not a folder; give --out a folder"),
        ("/dev/null", "\"/dev/null\" is a device, not a folder; give --out a folder"),
    ] {
        if cfg!(unix) || out != "/dev/null" {
            let refused = sandbox.refused(&["run", "autumn/plan.toml", "--out", out], 1);
            assert!(refused.contains(said), "{refused}");
        }
    }
}

#[test]
fn a_scenario_within_the_folder_and_all_beside_it_stay() {
    let sandbox = Sandbox::new();
    sandbox.write("rep/my.toml", SCENARIO);
    sandbox.write("rep/.git/HEAD", "ref: main");
    sandbox.write("rep/notes.txt", "notes");
    for _ in 0..2 {
        sandbox.done(&["run", "rep/my.toml", "--out", "rep"]);
        assert_eq!(sandbox.read("rep/my.toml"), SCENARIO);
        assert_eq!(sandbox.read("rep/.git/HEAD") + &sandbox.read("rep/notes.txt"), "ref: mainnotes");
    }
    // The report's own scenario, run again into its own folder, would replace what is read.
    let run_file = sandbox.read("rep/run.toml");
    for more in [&[][..], &["--replace"]] {
        let output = sandbox.twosided(&[&["run", "rep/run.toml", "--out", "rep"], more].concat());
        assert!(!output.status.success());
        assert_eq!(sandbox.read("rep/run.toml"), run_file);
    }
    // What looks like a report is not one without a manifest.
    fs::remove_file(sandbox.path("rep").join(MANIFEST)).expect("it is there");
    let refused = sandbox.refused(&["run", "rep/my.toml", "--out", "rep"], 1);
    assert!(refused.contains("--replace"), "{refused}");
    // A folder that holds a file being read is no reason to refuse, only that file's replacement is.
    sandbox.write_people();
    sandbox.done(&[&FIT[..], &["--out", "."]].concat());
    let population = sandbox.read("population.toml");
    let refused = sandbox.refused(&[&FIT[..], &["--out", ".", "--prior", "population.toml"]].concat(), 2);
    assert!(refused.contains("population.toml"), "{refused}");
    assert_eq!(sandbox.read("population.toml"), population);
}
