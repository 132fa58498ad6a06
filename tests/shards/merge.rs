//! Shards of any sizes, given in any order, make up the report that one run writes.

use std::fs;

use tempfile::tempdir;

use crate::{SCENARIO, assert_same, done, refused, support::file};

#[test]
fn merged_shards_are_the_report_of_one_run_to_the_byte() {
    let folder = tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("plan.toml"), SCENARIO).expect("a file");
    for kept in ["lines", "gains", "none"] {
        let run = |more: &[&str]| done(folder, &[&["run", "plan.toml", "--outcomes", kept], more].concat());
        let of = |name: &str| format!("{kept}/{name}");
        run(&["--out", &of("whole")]);
        assert_eq!(folder.join(of("whole/trials.parquet")).exists(), kept != "none");
        run(&["--shard", "1/3", "--threads", "1", "--out", &of("first")]);
        run(&["--trials-range", "13..14", "--out", &of("one")]);
        run(&["--trials-range", "14..41", "--threads", "2", "--out", &of("rest")]);
        let said = done(folder, &["merge", &of("rest"), &of("first"), &of("one"), "--out", &of("merged")]);
        assert!(said.contains("41 trials of 3 years of 300 people from 3 shards; report in "), "{said}");
        assert_same(&folder.join(of("merged")), &folder.join(of("whole")));
    }
}

#[test]
fn shards_of_a_scenario_with_included_files_stand_alone() {
    let folder = tempdir().expect("a folder");
    let scenario = file("scenarios/real-aco.toml").display().to_string();
    let run = |more: &[&str]| done(folder.path(), &[&["run", &scenario, "--trials", "20"], more].concat());
    run(&["--out", "whole"]);
    for shard in ["1/2", "2/2"] {
        run(&["--shard", shard]);
    }
    let reports = folder.path().join("reports/real-aco");
    let shards = ["shard-2-of-2", "shard-1-of-2"].map(|name| reports.join(name).display().to_string());
    // As on another machine: without the scenario and what it includes.
    done(folder.path(), &["merge", &shards[0], &shards[1], "--out", "merged"]);
    assert_same(&folder.path().join("merged"), &folder.path().join("whole"));
}

#[test]
fn a_shard_that_is_there_is_not_made_again_and_nothing_else_is_replaced() {
    let folder = tempdir().expect("a folder");
    let folder = folder.path();
    fs::write(folder.join("plan.toml"), SCENARIO).expect("a file");
    let shard = ["run", "plan.toml", "--shard", "1/2", "--out", "shard"];
    done(folder, &shard);
    let made = fs::metadata(folder.join("shard/shard.json")).and_then(|file| file.modified()).expect("a file");
    assert!(done(folder, &shard).contains("the shard of the trials 0..20 is in shard already"));
    let found = fs::metadata(folder.join("shard/shard.json")).and_then(|file| file.modified()).expect("a file");
    assert_eq!(found, made);
    let said = refused(folder, &["run", "plan.toml", "--shard", "2/2", "--out", "shard"]);
    assert!(said.contains("\"shard\" is there already; give another --out, or remove it first"), "{said}");
    let said = refused(folder, &["run", "plan.toml", "--trials-range", "40..42"]);
    assert!(said.contains("40..42 are not a range of the scenario's trials, which are 0..41"), "{said}");
    let names: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}
