//! A run that is killed or stopped, and goes on from its checkpoints.

use std::{
    fs,
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use tempfile::{TempDir, tempdir};

use crate::{SCENARIO, assert_same, command, done, refused, support::text, within};

/// Many small stretches of trials, so that a kill finds some of them done.
const RUN: [&str; 6] = ["run", "plan.toml", "--checkpoint", "0.02", "--threads", "2"];

/// A folder with a scenario that takes a while, and its report by a run that nothing disturbs; and how long that took.
fn undisturbed(trials: u64) -> (TempDir, Duration) {
    let folder = tempdir().expect("a folder");
    let scenario =
        SCENARIO.replace("trials = 41", &format!("trials = {trials}")).replace("members = 300", "members = 500");
    fs::write(folder.path().join("plan.toml"), scenario).expect("a file");
    let started = Instant::now();
    done(folder.path(), &[&RUN[..], &["--out", "whole"]].concat());
    let took = started.elapsed();
    assert!(!folder.path().join("whole.partial").exists());
    (folder, took)
}

fn checkpoints(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, |entries| {
        entries
            .filter(|entry| {
                entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("trials-"))
            })
            .count()
    })
}

#[test]
fn a_run_that_is_killed_twenty_times_comes_to_the_same_bytes() {
    const KILLS: u32 = 20;
    let (folder, took) = undisturbed(3_000);
    let folder = folder.path();
    let partial = folder.join("killed.partial");
    let arguments = [&RUN[..], &["--resume", "--out", "killed"]].concat();
    let (mut killed, mut resumed, mut random) = (0, 0, 11_u64);
    while killed < KILLS {
        resumed += u32::from(checkpoints(&partial) > 0);
        // A moment within the time of the whole run: it may come before, during and after a checkpoint, or in the report.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (random >> 40) as f64 / f64::from(1 << 24);
        let mut child =
            command(folder, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
        thread::sleep(took.mul_f64(0.5 * share));
        child.kill().expect("it can be killed");
        let ended = child.wait().expect("it was killed");
        killed += u32::from(!ended.success());
        if ended.success() {
            // It was done before: the next begins anew.
            assert_same(&folder.join("killed"), &folder.join("whole"));
        }
    }
    assert!(resumed >= KILLS / 2, "{resumed} found a checkpoint");
    done(folder, &arguments);
    assert_same(&folder.join("killed"), &folder.join("whole"));
    assert!(!partial.exists());
}

#[test]
#[cfg(unix)]
fn ctrl_c_keeps_what_is_done_and_says_how_to_go_on() {
    let (folder, _) = undisturbed(3_000);
    let folder = folder.path();
    let partial = folder.join("stopped.partial");
    let arguments = [&RUN[..], &["--out", "stopped"]].concat();
    let child =
        command(folder, &arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let started = Instant::now();
    while checkpoints(&partial) < 2 && started.elapsed() < Duration::from_secs(20) {
        thread::sleep(Duration::from_millis(1));
    }
    let interrupt = ["-INT", &child.id().to_string()];
    assert!(std::process::Command::new("kill").args(interrupt).status().expect("kill runs").success());
    let output = child.wait_with_output().expect("it ends");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(
        said.contains(" trials are kept in stopped.partial; run the same command with --resume to go on"),
        "{said}"
    );
    assert!(!folder.join("stopped").exists(), "the folder of the report was not there before");
    // Another run into the folder does not take the checkpoints for its own, nor remove them.
    let kept = checkpoints(&partial);
    let said = refused(folder, &arguments);
    assert!(
        said.contains("stopped.partial holds checkpoints of a run that has not ended; add --resume to go on"),
        "{said}"
    );
    let said = refused(folder, &[&arguments[..], &["--resume", "--seed", "6"]].concat());
    assert!(said.contains("its seed is 5; this run has 6; remove ") && said.contains("to begin anew"), "{said}");
    assert_eq!(checkpoints(&partial), kept);
    // A damaged one is no reason to lose the others.
    let first = fs::read_dir(&partial).expect("a folder").next().expect("a checkpoint").expect("an entry").path();
    let moments = fs::read(first.join("moments.parquet")).expect("a file");
    fs::write(first.join("moments.parquet"), &moments[..moments.len() / 2]).expect("a file");
    let resume = [&arguments[..], &["--resume"]].concat();
    let said = refused(folder, &resume);
    assert!(said.contains("moments.parquet: its SHA-256 is "), "{said}");
    fs::write(first.join("moments.parquet"), moments).expect("a file");
    let note = partial.join("note.txt");
    fs::write(&note, "mine").expect("a file");
    let said = done(folder, &resume);
    assert!(said.contains("resuming: ") && said.contains(" trials are in stopped.partial"), "{said}");
    assert_same(&folder.join("stopped"), &folder.join("whole"));
    assert_eq!((fs::read(&note).expect("it is a user's"), checkpoints(&partial)), (b"mine".to_vec(), 0));
}

#[test]
fn a_short_run_keeps_no_checkpoints() {
    let (folder, _) = undisturbed(100);
    let folder = folder.path();
    done(folder, &["run", "plan.toml", "--out", "short", "--resume"]);
    assert_same(&folder.join("short"), &folder.join("whole"));
    for wrong in ["-1", "1e9", "soon", "nan"] {
        let output = within(folder, &["run", "plan.toml", &format!("--checkpoint={wrong}")]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("write seconds from 0 to 86400, such as 30"), "{wrong}");
    }
}
