//! A folder of a test's own, and the program run in it.

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::support::text;

pub const SCENARIO: &str = "[run]\nname = 'one'\ntrials = 40\n[[population.segments]]\nname = 'one'\nmembers = 100\n\
                        [population.segments.services.care]\nannual = { gamma = { mean = 1_200, cv = 1 } }\n\
                        [[contracts]]\nname = 'capitation'\nterms.capitation = { pmpm = 100 }\n";

pub const MANIFEST: &str = ".twosided-manifest.json";

/// A folder with a small scenario, `plan.toml`.
pub struct Sandbox(pub TempDir);

impl Sandbox {
    pub fn new() -> Self {
        let sandbox = Self(TempDir::new().expect("a folder"));
        sandbox.write("plan.toml", SCENARIO);
        sandbox
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_twosided"));
        command.args(arguments).current_dir(self.0.path());
        command
    }

    pub fn twosided(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.twosided(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stderr)
    }

    pub fn refused(&self, arguments: &[&str], code: i32) -> String {
        let output = self.twosided(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stderr)
    }

    pub fn started(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs")
    }

    /// Names of all that is in a folder, the manifest aside.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name != MANIFEST).collect();
        names.sort();
        names
    }

    /// The same with what is in the files.
    pub fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let bytes = |name: &String| fs::read(self.path(folder).join(name)).unwrap_or_default();
        self.names(folder).into_iter().map(|name| (name.clone(), bytes(&name))).collect()
    }

    /// A small file of years and terms to settle it.
    pub fn write_years(&self) {
        self.write("terms.toml", "[contract]\nname = 'Group'\nterms.capitation = { pmpm = 400 }\n");
        self.write("years.csv", "expenditure,member_months\n4700000,10000\n3900000,10000\n");
    }

    /// A member-level file.
    pub fn write_people(&self) {
        let row = |person: u32| format!("{person},2024,{}\n", 100 + person * 37 % 900);
        let rows: String = (0..400).map(row).collect();
        self.write("people.csv", &format!("id,year,cost\n{rows}"));
    }
}

pub const SETTLE: [&str; 4] = ["settle", "terms", "terms.toml", "years.csv"];

pub const FIT: [&str; 10] =
    ["fit", "people.csv", "--person", "id", "--year", "year", "--service", "care=cost:cost", "--bootstrap", "0"];

pub fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(status.expect("kill runs").success());
}

/// Waits until something is so, a minute at most.
pub fn wait_until(is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60), "it does not come about");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Ends what has not ended by itself in time.
#[cfg(unix)]
pub fn ended_soon(mut child: Child, what: &str) -> String {
    let started = Instant::now();
    while child.try_wait().expect("it can be asked").is_none() {
        if started.elapsed() > Duration::from_secs(20) {
            child.kill().expect("it can be killed");
            panic!("{what} hangs");
        }
        thread::sleep(Duration::from_millis(5));
    }
    let mut said = String::new();
    child.stderr.expect("piped").read_to_string(&mut said).expect("UTF-8");
    said
}
