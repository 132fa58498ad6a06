//! Where results may be written: links, pipes, devices, mount points, and what is refused before the work.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    sandbox::{SETTLE, Sandbox, ended_soon},
    support::{file, text},
};

#[cfg(unix)]
#[test]
fn a_file_is_written_whole_to_where_it_belongs() {
    use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
    let sandbox = Sandbox::new();
    sandbox.write_years();
    let out = |path: &str| sandbox.done(&[&SETTLE[..], &["--out", path]].concat());
    out("r.csv");
    let csv = sandbox.read("r.csv");
    assert_eq!(csv.lines().count(), 3);
    // A link stays, and its target is written.
    sandbox.write("target.csv", "older");
    symlink("target.csv", sandbox.path("link.csv")).expect("a link");
    symlink("not-yet.csv", sandbox.path("dangling.csv")).expect("a link");
    fs::set_permissions(sandbox.path("target.csv"), fs::Permissions::from_mode(0o640)).expect("they can be set");
    for (link, target) in [("link.csv", "target.csv"), ("dangling.csv", "not-yet.csv")] {
        out(link);
        assert!(fs::symlink_metadata(sandbox.path(link)).expect("it is there").is_symlink());
        assert_eq!(sandbox.read(target), csv);
    }
    assert_eq!(fs::metadata(sandbox.path("target.csv")).expect("it is there").mode() & 0o777, 0o640);
    // A pipe is written to.
    assert!(Command::new("mkfifo").arg(sandbox.path("pipe")).status().expect("mkfifo runs").success());
    let reader = thread::spawn({
        let path = sandbox.path("pipe");
        move || fs::read_to_string(path).expect("text")
    });
    out("pipe");
    assert_eq!(reader.join().expect("it ends"), csv);
    assert!(fs::metadata(sandbox.path("pipe")).expect("it is there").file_type().is_fifo());
    // So are devices and what the process has open.
    out("/dev/null");
    assert!(fs::metadata("/dev/null").expect("it is there").file_type().is_char_device());
    let output = sandbox.twosided(&[&SETTLE[..], &["--out", "/dev/stdout"]].concat());
    assert_eq!(text(&output.stdout), csv);
    // Names that could be foreseen are a user's.
    sandbox.write("r.csv.partial", "a user's");
    out("r.csv");
    assert_eq!(sandbox.read("r.csv.partial"), "a user's");
    let left: Vec<String> = sandbox.names("").into_iter().filter(|name| name.starts_with('.')).collect();
    assert_eq!(left, Vec::<String>::new());
    let refused = sandbox.refused(&[&SETTLE[..], &["--out", "."]].concat(), 1);
    assert!(refused.contains("folder"), "{refused}");
    // `new` writes to pipes and links too, but never over a file.
    sandbox.done(&["new", "scenario", "--out", "/dev/null"]);
    symlink("new.toml", sandbox.path("new-link.toml")).expect("a link");
    sandbox.done(&["new", "scenario", "--out", "new-link.toml"]);
    let refused = sandbox.refused(&["new", "scenario", "--out", "new-link.toml"], 1);
    assert!(refused.contains("there already"), "{refused}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write_years();
    fs::copy(file("tests/data/mssp-py2022.csv"), sandbox.path("v.csv")).expect("a file");
    let verify = ["verify", "backtest", "v.csv", "--performance-year", "2022", "--trials", "100"];
    for arguments in [&["new", "scenario"][..], &SETTLE, &verify] {
        for (out, folder) in [("nodir/out.txt", "nodir"), ("v.csv/out.txt", "v.csv")] {
            let refused = sandbox.refused(&[arguments, &["--out", out]].concat(), 1);
            assert!(refused.contains(&format!("there is no folder {folder:?}")), "{refused}");
            assert!(!refused.contains("os error") && !refused.contains(".twosided-"), "{refused}");
        }
    }
}

#[cfg(unix)]
#[test]
fn no_file_that_is_read_is_written_over() {
    let sandbox = Sandbox::new();
    sandbox.write_years();
    fs::copy(file("tests/data/mssp-py2022.csv"), sandbox.path("v.csv")).expect("a file");
    fs::hard_link(sandbox.path("years.csv"), sandbox.path("second-name.csv")).expect("a second name");
    std::os::unix::fs::symlink("years.csv", sandbox.path("link.csv")).expect("a link");
    let puf = ["settle", "mssp", "--performance-year", "2022", "v.csv"];
    let backtest = ["verify", "backtest", "v.csv", "--performance-year", "2022", "--trials", "100"];
    for (arguments, out) in [
        (&SETTLE[..], "years.csv"),
        (&SETTLE, "terms.toml"),
        (&SETTLE, "second-name.csv"),
        (&SETTLE, "link.csv"),
        (&SETTLE, "./years.csv"),
        (&puf, "v.csv"),
        (&backtest, "v.csv"),
    ] {
        let before = sandbox.files("");
        let refused = sandbox.refused(&[arguments, &["--out", out]].concat(), 2);
        assert!(refused.contains("is read"), "{out}: {refused}");
        assert!(sandbox.files("") == before, "{arguments:?} --out {out}");
    }
}

/// A mount point, as a volume of a container, within a parent that is read-only. Needs a namespace of its own, which not every
/// machine allows: nothing is tested there.
#[cfg(target_os = "linux")]
#[test]
fn a_mount_point_is_written_to() {
    let is_allowed = Command::new("unshare").args(["-rm", "true"]).status().is_ok_and(|status| status.success());
    if !is_allowed {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write_years();
    sandbox.write("mounted.csv", "");
    sandbox.write("bound.csv", "");
    fs::create_dir(sandbox.path("parent")).expect("a folder");
    let program = env!("CARGO_BIN_EXE_twosided");
    let script = format!(
        "set -e; mount -t tmpfs none parent; mkdir parent/out; mount -t tmpfs none parent/out; mount -o remount,ro parent
         for time in 1 2; do {program} run plan.toml --out parent/out >&2; done
         if {program} run plan.toml --trials 20000000 --out parent/new >&2; then exit 1; fi
         mount --bind bound.csv mounted.csv; {program} settle terms terms.toml years.csv --out mounted.csv >&2
         ls -A parent parent/out; test -s bound.csv"
    );
    let output = Command::new("unshare").args(["-rm", "sh", "-c", &script]).current_dir(sandbox.0.path()).output();
    let output = output.expect("it runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let listed = text(&output.stdout);
    assert!(listed.contains("report.html") && !listed.contains("staging"), "{listed}");
}

#[test]
fn what_cannot_be_written_is_said_before_the_work() {
    let sandbox = Sandbox::new();
    sandbox.write("a-file", "text");
    for out in ["a-file", "a-file/report"] {
        let started = Instant::now();
        let refused = sandbox.refused(&["run", "plan.toml", "--trials", "20000000", "--out", out], 1);
        assert!(refused.contains("a-file"), "{refused}");
        assert!(started.elapsed() < Duration::from_secs(10), "the work was done first");
    }
}

/// A file that is protected by a flag, which is cleared with this value.
#[cfg(target_os = "linux")]
struct Protected(String, PathBuf);

#[cfg(target_os = "linux")]
impl Drop for Protected {
    fn drop(&mut self) {
        let _ = Command::new("chattr").arg(&self.0).arg(&self.1).status();
    }
}

/// Files that the last step could not replace. Nothing is tested of what the machine does not let a test set up.
#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_replaced_is_said_before_the_work() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let run = ["run", "plan.toml", "--out", "rep"];
    let long = [&run[..], &["--trials", "20000000"]].concat();
    sandbox.done(&run);
    let report = sandbox.files("rep");
    let is_done = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).current_dir(sandbox.0.path()).output();
        output.is_ok_and(|output| output.status.success())
    };
    for (flag, path, said) in
        [("i", "rep/summary.csv", "/rep/summary.csv\" would be replaced"), ("a", "rep", "neither moved")]
    {
        if is_done("chattr", &[&format!("+{flag}"), path]) {
            let protected = Protected(format!("-{flag}"), sandbox.path(path));
            let refused = ended_soon(sandbox.started(&long), "a run into a protected folder");
            drop(protected);
            assert!(refused.contains(said), "{refused}");
            sandbox.done(&run);
            assert!(sandbox.files("rep") == report);
        }
    }
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let program = env!("CARGO_BIN_EXE_twosided");
    fs::set_permissions(sandbox.0.path(), fs::Permissions::from_mode(0o755)).expect("they can be set");
    fs::set_permissions(sandbox.path("rep"), fs::Permissions::from_mode(0o1777)).expect("they can be set");
    if is_done("setpriv", &[&nobody[..], &[program, "check", "plan.toml"]].concat()) {
        let mut command = Command::new("setpriv");
        command.args(nobody).arg(program).args(&long).current_dir(sandbox.0.path());
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it runs");
        let refused = ended_soon(child, "a run over another user's report");
        assert!(refused.contains("would be replaced") && refused.contains("another user"), "{refused}");
        assert!(sandbox.files("rep") == report);
    }
}
