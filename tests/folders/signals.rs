//! Signals: a stopped run leaves nothing, and what is said of it is true.

use std::{
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::{
    sandbox::{FIT, MANIFEST, Sandbox, signal, wait_until},
    support::text,
};

#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_was_ignored_stays_ignored() {
    let sandbox = Sandbox::new();
    let mut command = Command::new("sh");
    let program = env!("CARGO_BIN_EXE_twosided");
    let script = format!("trap '' HUP INT; exec {program} run plan.toml --trials 30000 --out out");
    command.args(["-c", &script]).current_dir(sandbox.0.path()).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().expect("it runs");
    wait_until(|| sandbox.path("out").is_dir() && !sandbox.names("out").is_empty());
    // Time in which a signal would be heard that is listened for.
    thread::sleep(Duration::from_millis(50));
    signal(&child, "-HUP");
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(sandbox.path("out/report.html").is_file());
    // One that was not is heeded.
    let child = sandbox.started(&["run", "plan.toml", "--trials", "20000000", "--out", "other"]);
    wait_until(|| sandbox.path("other").is_dir() && !sandbox.names("other").is_empty());
    thread::sleep(Duration::from_millis(50));
    signal(&child, "-HUP");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), &*text(&output.stderr)), (Some(130), "stopped: nothing was written\n"));
    assert!(!sandbox.path("other").exists());
}

/// However early the signal comes.
#[cfg(unix)]
#[test]
fn a_signal_while_the_folder_is_made_leaves_no_trace() {
    let sandbox = Sandbox::new();
    sandbox.write_people();
    let run = ["run", "plan.toml", "--trials", "20000000"];
    let fit = [&FIT[..8], &["--bootstrap", "10000"]].concat();
    for arguments in [&run[..], &fit, &run, &fit, &run, &fit] {
        let child = sandbox.started(&[arguments, &["--out", "made/out"]].concat());
        while !sandbox.path("made").exists() {
            std::hint::spin_loop();
        }
        signal(&child, "-TERM");
        let output = child.wait_with_output().expect("it ends");
        assert_eq!((output.status.code(), &*text(&output.stderr)), (Some(130), "stopped: nothing was written\n"));
        assert!(!sandbox.path("made").exists());
    }
}

/// A reader that reads nothing holds the program up after the report is in place.
#[cfg(target_os = "linux")]
#[test]
fn what_is_said_of_a_stopped_run_is_true() {
    use std::io::Write;
    let sandbox = Sandbox::new();
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    // As much as a pipe holds, so that the next line waits.
    writer.write_all(&vec![b'\n'; 65_536]).expect("it fits");
    let mut command = sandbox.command(&["run", "plan.toml", "--out", "out"]);
    let child = command.stdout(writer).stderr(Stdio::piped()).spawn().expect("the program runs");
    wait_until(|| sandbox.path("out").join(MANIFEST).is_file());
    thread::sleep(Duration::from_millis(200));
    signal(&child, "-INT");
    let output = child.wait_with_output().expect("it ends");
    drop(reader);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.starts_with("stopped: ") && said.ends_with("/out is complete\n"), "{said}");
    assert!(sandbox.path("out/report.html").is_file());
}
