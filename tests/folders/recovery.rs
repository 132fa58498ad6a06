//! Runs that are killed, and runs into one folder at once: one whole report stands, and what is left is removed.

use std::{fs, process::Command, thread, time::Instant};

use crate::{
    sandbox::{MANIFEST, SCENARIO, Sandbox, ended_soon, wait_until},
    support::text,
};

/// Kills runs at moments from the start to the end of one. Recovered, the folder holds the older report whole or the newer, the
/// user's file, and nothing else.
#[cfg(unix)]
#[test]
fn a_killed_run_leaves_one_whole_report() {
    const MOMENTS: u32 = 30;
    let sandbox = Sandbox::new();
    sandbox.write("other/plan.toml", SCENARIO);
    let run = |seed: &'static str, out: &'static str| ["run", "plan.toml", "--seed", seed, "--out", out];
    let seeds = ["1", "2"];
    let reports = seeds.map(|seed| {
        sandbox.done(&run(seed, "clean"));
        let mut report = sandbox.files("clean");
        report.insert("memo.txt".to_owned(), b"a memo".to_vec());
        report
    });
    let started = Instant::now();
    sandbox.done(&run("1", "out"));
    let whole = started.elapsed();
    sandbox.write("out/memo.txt", "a memo");
    let mut stands = 0;
    let mut found_newer = 0;
    for moment in 0..MOMENTS {
        let next = 1 - stands;
        let mut child = sandbox.started(&run(seeds[next], "out"));
        thread::sleep(whole * moment / (MOMENTS - 3));
        child.kill().expect("it can be killed");
        child.wait().expect("it has ended");
        // A run of another scenario is refused, and recovers first what was left.
        let refused = sandbox.refused(&["run", "other/plan.toml", "--out", "out"], 1);
        assert!(refused.contains("--replace"), "{refused}");
        let found = sandbox.files("out");
        if found == reports[next] {
            stands = next;
            found_newer += 1;
        }
        let names: Vec<&String> = found.keys().collect();
        assert!(found == reports[stands], "killed at moment {moment}: {names:?}");
    }
    assert!(found_newer < MOMENTS, "some were killed before their end");
}

/// What a run writes into its staging folder first.
const MARK: &str = "A run of twosided prepares its files here. The next run into the folder removes this.\n";

/// What a checkout or an archive can bring along: folders with the name of those that a killed run leaves, and links in them.
#[cfg(unix)]
#[test]
fn a_staging_folder_of_a_checkout_moves_and_removes_nothing() {
    use std::os::unix::fs::{MetadataExt, symlink};
    const SECRET_SHA256: &str = "984ca5162200734c592148f1820b71057f098573d138666b48663e4e30cd8d3a";
    const STAGING: &str = "rep/.twosided-staging-x";
    let sandbox = Sandbox::new();
    sandbox.write("other/plan.toml", SCENARIO);
    sandbox.write("home/id_rsa", "a secret");
    sandbox.write("home/sub/letter", "a letter");
    sandbox.done(&["run", "plan.toml", "--out", "rep"]);
    sandbox.write("rep/id_rsa", "a secret");
    let (report, home) = (sandbox.files("rep"), sandbox.path("home"));
    let journals = [
        r#""names":[],"older":{}"#.to_owned(),
        r#""names":["id_rsa"],"older":{}"#.to_owned(),
        r#""names":["../home/id_rsa"],"older":{}"#.to_owned(),
        format!(r#""names":[],"older":{{"id_rsa":"{SECRET_SHA256}"}}"#),
        String::new(),
    ];
    let manifest = format!(r#"{{"command":"run","input":"../plan.toml","files":{{"id_rsa":"{SECRET_SHA256}"}}}}"#);
    let all_links = [&["new"][..], &["old-1"], &["new", "old-1"], &["new/id_rsa"], &["old-1/id_rsa"], &[]];
    // The last as if the journal was written for this very folder.
    for (mark, is_forged) in [("A", false), (MARK, false), (MARK, true)] {
        for (journal, links) in journals.iter().flat_map(|journal| all_links.map(|links| (journal, links))) {
            let case = format!("{mark:?} {journal:?} {links:?} {is_forged}");
            sandbox.write(&format!("{STAGING}/twosided"), mark);
            for link in links {
                let path = sandbox.path(STAGING).join(link);
                fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                symlink(if link.contains('/') { home.join("id_rsa") } else { home.clone() }, path).expect("a link");
            }
            if links.is_empty() && !is_forged {
                sandbox.write(&format!("{STAGING}/old-1/{MANIFEST}"), &manifest);
                sandbox.write(&format!("{STAGING}/old-1/.bashrc"), "a trap");
            }
            if !journal.is_empty() {
                let number = fs::metadata(sandbox.path(STAGING)).expect("it is there").ino();
                let folder = if is_forged { format!(r#""folder":{number},"#) } else { String::new() };
                sandbox.write(&format!("{STAGING}/journal.json"), &format!("{{{folder}{journal}}}"));
            }
            // Refused at the latest for the folder's scenario; what is left is dealt with before.
            sandbox.refused(&["run", "other/plan.toml", "--out", "rep"], 1);
            assert_eq!(sandbox.read("home/id_rsa") + &sandbox.read("home/sub/letter"), "a secreta letter", "{case}");
            assert_eq!((sandbox.names("home").len(), sandbox.names("home/sub").len()), (2, 1), "{case}");
            // A link may be moved as what it is; not one of the folder's own files may be.
            let found = sandbox.files("rep");
            assert!(report.iter().all(|(name, bytes)| found.get(name) == Some(bytes)), "{case}: {:?}", found.keys());
            assert!(!found.contains_key(".bashrc"), "{case}");
            let _ = fs::remove_dir_all(sandbox.path(STAGING));
            let _ = fs::remove_dir_all(sandbox.path("rep/kept-1"));
        }
    }
    // Names of a manifest, and links where files are kept.
    sandbox.write("trap/report.html", "a user's");
    let elsewhere = home.join("id_rsa").display().to_string();
    for name in ["../home/id_rsa", &elsewhere, "sub/../../home/id_rsa"] {
        sandbox.write(&format!("trap/{MANIFEST}"), &manifest.replace("id_rsa", name));
        let _ = symlink(&home, sandbox.path("trap/kept-1"));
        sandbox.done(&["run", "plan.toml", "--out", "trap", "--replace"]);
        assert_eq!(sandbox.read("home/id_rsa"), "a secret");
        assert_eq!(sandbox.names("home").len(), 2);
    }
    assert_eq!(sandbox.read("trap/kept-2/report.html"), "a user's");
}

#[test]
fn a_folder_that_no_run_can_recover_is_named() {
    let sandbox = Sandbox::new();
    sandbox.done(&["run", "plan.toml", "--out", "rep"]);
    let report = sandbox.files("rep");
    for (journal, why) in [("{", "EOF"), ("[]", "does not list"), (r#"{"names":["report.html"]}"#, "another folder")] {
        sandbox.write("rep/.twosided-staging-x/twosided", MARK);
        sandbox.write("rep/.twosided-staging-x/journal.json", journal);
        for more in [&[][..], &["--replace"]] {
            let refused = sandbox.refused(&[&["run", "plan.toml", "--out", "rep"][..], more].concat(), 1);
            for said in ["rep/.twosided-staging-x\"", "remove it", why] {
                assert!(refused.contains(said), "{refused}");
            }
        }
        fs::remove_dir_all(sandbox.path("rep/.twosided-staging-x")).expect("it is there");
        sandbox.done(&["run", "plan.toml", "--out", "rep"]);
        assert!(sandbox.files("rep") == report);
    }
}

#[test]
fn of_two_runs_into_one_folder_none_loses_its_result() {
    let sandbox = Sandbox::new();
    for _ in 0..4 {
        let seeds = ["1", "2", "3"];
        let runs = seeds.map(|seed| sandbox.started(&["run", "plan.toml", "--out", "out", "--seed", seed]));
        let mut done = Vec::new();
        for (seed, run) in seeds.iter().zip(runs) {
            let output = run.wait_with_output().expect("it ends");
            let said = text(&output.stderr);
            if output.status.success() {
                done.push(*seed);
            } else {
                assert!(said.contains("another run is writing"), "{said}");
            }
        }
        assert!(!done.is_empty());
        let run_file = sandbox.read("out/run.toml");
        assert!(done.iter().any(|seed| run_file.contains(&format!("seed = {seed}\n"))), "{run_file}");
        assert!(sandbox.names("out").iter().all(|name| !name.starts_with('.')), "{:?}", sandbox.names("out"));
    }
}

#[cfg(unix)]
#[test]
fn what_a_killed_run_leaves_is_removed_by_the_next() {
    let sandbox = Sandbox::new();
    sandbox.done(&["run", "plan.toml", "--out", "out"]);
    let report = sandbox.files("out");
    let mut child = sandbox.started(&["run", "plan.toml", "--out", "out", "--trials", "20000000"]);
    wait_until(|| sandbox.names("out").iter().any(|name| name.starts_with(".twosided-staging-")));
    let refused = sandbox.refused(&["run", "plan.toml", "--out", "out"], 1);
    assert!(refused.contains("another run is writing"), "{refused}");
    child.kill().expect("it can be killed");
    child.wait().expect("it has ended");
    assert!(sandbox.names("out").len() > report.len(), "it leaves something");
    // A folder whose name is alike, but which is not ours.
    sandbox.write("out/.twosided-staging-mine/memo.txt", "a memo");
    let said = sandbox.done(&["run", "plan.toml", "--out", "out"]);
    assert!(said.contains("removed the unfinished files"), "{said}");
    assert_eq!(sandbox.read("out/.twosided-staging-mine/memo.txt"), "a memo");
    fs::remove_dir_all(sandbox.path("out/.twosided-staging-mine")).expect("it is there");
    assert!(sandbox.files("out") == report, "{:?}", sandbox.names("out"));
}

#[cfg(unix)]
#[test]
fn a_lock_that_is_a_link_is_refused() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    sandbox.write("there.txt", "a text");
    let before = sandbox.files("");
    fs::create_dir(sandbox.path("rep")).expect("a folder");
    let lock = sandbox.path("rep/.twosided-lock");
    for target in ["../elsewhere.txt", "../there.txt", "/dev/zero", ".."] {
        symlink(target, &lock).expect("a link");
        let refused = sandbox.refused(&["run", "plan.toml", "--out", "rep"], 1);
        assert!(refused.contains(".twosided-lock in it is a symbolic link"), "{target}: {refused}");
        assert_eq!(sandbox.names("rep"), [".twosided-lock"]);
        fs::remove_file(&lock).expect("it is there");
    }
    assert!(Command::new("mkfifo").arg(&lock).status().expect("mkfifo runs").success());
    let refused = ended_soon(sandbox.started(&["run", "plan.toml", "--out", "rep"]), "a pipe to lock");
    assert!(refused.contains(".twosided-lock in it is not a regular file"), "{refused}");
    fs::remove_dir_all(sandbox.path("rep")).expect("it is there");
    assert!(sandbox.files("") == before);
}
