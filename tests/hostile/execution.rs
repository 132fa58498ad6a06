//! One execution of the program within limits, and what is wrong with how it ended.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, ExitStatus},
    thread,
    time::{Duration, Instant},
};

/// Kilobytes of address space: 2 GB.
const MEMORY: u32 = 2 << 20;
/// Seconds of CPU time of both threads together.
const SECONDS: u32 = 20;
/// A program that waits uses no CPU time; it is killed after this.
const WAITING: Duration = Duration::from_secs(60);

/// How an execution ended.
pub struct Ended {
    /// The exit code, where there is one.
    pub code: Option<i32>,
    /// What is wrong with it, in few words that are the same for the same fault.
    pub fault: Option<String>,
}

/// Runs the program in a folder, within limits of time and memory.
pub fn execute(arguments: &[&str], folder: &Path) -> Ended {
    let [stdout, stderr] = ["stdout", "stderr"].map(|name| folder.join(name));
    let create = |path: &Path| File::create(path).expect("the case's folder takes a file");
    let limits = format!("ulimit -v {MEMORY}; ulimit -t {SECONDS}; ulimit -c 0; exec \"$0\" \"$@\"");
    let mut child = Command::new("sh")
        .args(["-c", &limits, env!("CARGO_BIN_EXE_twosided")])
        .args(arguments)
        .current_dir(folder)
        .env("RAYON_NUM_THREADS", "2")
        .env("POLARS_MAX_THREADS", "2")
        .stdin(std::process::Stdio::null())
        .stdout(create(&stdout))
        .stderr(create(&stderr))
        .spawn()
        .expect("sh runs");
    let started = Instant::now();
    let status = loop {
        match child.try_wait().expect("the program can be waited for") {
            Some(status) => break Some(status),
            None if started.elapsed() > WAITING => {
                child.kill().expect("the program can be killed");
                child.wait().expect("the program ends");
                break None;
            }
            None => thread::sleep(Duration::from_millis(1)),
        }
    };
    let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).expect("it was created")).into_owned();
    let (stdout, stderr) = (read(&stdout), read(&stderr));
    let code = status.and_then(|status| status.code());
    let fault = fault_of(status, &stderr).or_else(|| no_number(&stdout).map(|line| format!("not a number: {line}")));
    Ended { code, fault }
}

fn fault_of(status: Option<ExitStatus>, stderr: &str) -> Option<String> {
    use std::os::unix::process::ExitStatusExt;
    const KILLED: i32 = 9;
    const OUT_OF_TIME: i32 = 24;
    let Some(status) = status else { return Some(format!("waits for more than {} s", WAITING.as_secs())) };
    if let Some(panic) = stderr.lines().find(|line| line.contains("panicked at")) {
        let index = panic.split("panicked at ").nth(1).unwrap_or(panic);
        return Some(format!("panic at {}", index.rsplit("/registry/src/").next().unwrap_or(index)));
    }
    match (status.code(), status.signal()) {
        (Some(0..=2), _) => None,
        (Some(code), _) => Some(format!("exit code {code}")),
        (None, Some(KILLED | OUT_OF_TIME)) => Some(format!("more than {SECONDS} s of CPU time")),
        (None, signal) if stderr.contains("memory allocation of") => {
            Some(format!("more than 2 GB of memory (signal {})", signal.unwrap_or_default()))
        }
        (None, signal) => Some(format!("signal {}", signal.unwrap_or_default())),
    }
}

/// A line with a number that is none, as Rust prints them; `nan` and `inf` of a mutated file are written otherwise.
pub fn no_number(text: &str) -> Option<String> {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let holds = |line: &&str| line.split(|character| !is_part(character)).any(|word| word == "NaN");
    text.lines().find(holds).map(|line| line.trim().chars().take(80).collect())
}
