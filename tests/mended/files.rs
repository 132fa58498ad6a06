//! No file of a user is ever lost.

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

use crate::support::{file, text};

const SCENARIO: &str = "[run]\nname = 'one'\ntrials = 40\n[[population.segments]]\nname = 'one'\nmembers = 100\n\
                        [population.segments.services.care]\nannual = { gamma = { mean = 1_200, cv = 1 } }\n\
                        [[contracts]]\nname = 'capitation'\nterms.capitation = { pmpm = 100 }\n";
const MANIFEST: &str = ".twosided-manifest.json";

/// A folder with a small scenario, `plan.toml`.
struct Sandbox(TempDir);

impl Sandbox {
    fn new() -> Self {
        let sandbox = Self(TempDir::new().expect("a folder"));
        sandbox.write("plan.toml", SCENARIO);
        sandbox
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_twosided"));
        command.args(arguments).current_dir(self.0.path());
        command
    }

    fn twosided(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.twosided(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stderr)
    }

    fn refused(&self, arguments: &[&str], code: i32) -> String {
        let output = self.twosided(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stderr)
    }

    fn started(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs")
    }

    /// Names of all that is in a folder, the manifest aside.
    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("a folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name != MANIFEST).collect();
        names.sort();
        names
    }

    /// The same with what is in the files.
    fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let bytes = |name: &String| fs::read(self.path(folder).join(name)).unwrap_or_default();
        self.names(folder).into_iter().map(|name| (name.clone(), bytes(&name))).collect()
    }

    /// A small file of years and terms to settle it.
    fn write_years(&self) {
        self.write("terms.toml", "[contract]\nname = 'Group'\nterms.capitation = { pmpm = 400 }\n");
        self.write("years.csv", "expenditure,member_months\n4700000,10000\n3900000,10000\n");
    }

    /// A member-level file.
    fn write_people(&self) {
        let row = |person: u32| format!("{person},2024,{}\n", 100 + person * 37 % 900);
        let rows: String = (0..400).map(row).collect();
        self.write("people.csv", &format!("id,year,cost\n{rows}"));
    }
}

const SETTLE: [&str; 4] = ["settle", "terms", "terms.toml", "years.csv"];
const FIT: [&str; 10] =
    ["fit", "people.csv", "--person", "id", "--year", "year", "--service", "care=cost:cost", "--bootstrap", "0"];

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(status.expect("kill runs").success());
}

/// Waits until something is so, a minute at most.
fn wait_until(is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60), "it does not come about");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn row_1_1_files_of_a_user_in_the_folder_stay() {
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
fn row_1_1_a_file_that_is_not_written_again_goes_and_one_that_was_changed_is_kept() {
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
fn row_1_2_the_report_of_another_scenario_of_the_same_name_is_not_replaced() {
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
fn row_1_2_a_folder_is_refused_in_plain_words() {
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

/// Kills runs at moments from the start to the end of one. Recovered, the folder holds the older report whole or the newer, the
/// user's file, and nothing else.
#[cfg(unix)]
#[test]
fn row_1_3_a_killed_run_leaves_one_whole_report() {
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
fn row_1_3_a_staging_folder_of_a_checkout_moves_and_removes_nothing() {
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
fn row_1_3_a_folder_that_no_run_can_recover_is_named() {
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
fn row_5_2_a_scenario_within_the_folder_and_all_beside_it_stay() {
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

#[cfg(unix)]
#[test]
fn row_5_3_a_file_is_written_whole_to_where_it_belongs() {
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
fn row_5_3_a_folder_that_is_not_there_is_named() {
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
fn row_5_3_no_file_that_is_read_is_written_over() {
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

/// Where files are opened, written, moved or removed: what is not in `crates/files` touches none of a user.
#[test]
fn row_5_3_only_one_crate_touches_files_of_users() {
    const CALLS: [&str; 9] = [
        "File::open",
        "File::create",
        "OpenOptions",
        "fs::write",
        "fs::read",
        "fs::copy",
        "fs::rename",
        "fs::remove",
        "from_path(",
    ];
    // Files of a report, which are written to its staging folder, what Linux says of a process and its memory, and the page of
    // commands, which a test writes.
    let known = [
        "cli/commands_page.rs: fs::write",
        "cli/commands_page.rs: fs::read",
        "report/src/folder.rs: fs::write",
        "report/src/fit_report.rs: fs::write",
        "report/src/parquet.rs: File::create",
        "cli/stop.rs: fs::read",
        "sim/src/needs.rs: fs::read",
    ];
    let mut folders = vec![file("crates")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(file("crates")).expect("it is within").to_string_lossy().replace('\\', "/");
            if path.is_dir() && !name.starts_with("files") && !name.ends_with("/tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let code = fs::read_to_string(&path).expect("text");
                let code = code.split("#[cfg(test)]").next().unwrap_or_default();
                for call in CALLS.iter().filter(|call| code.contains(*call)) {
                    let found = format!("{name}: {call}");
                    assert!(known.contains(&&*found), "{found}; use crates/files");
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "{seen} files of code");
}

#[test]
fn row_5_4_of_two_runs_into_one_folder_none_loses_its_result() {
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
fn row_5_4_what_a_killed_run_leaves_is_removed_by_the_next() {
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
fn row_5_4_a_lock_that_is_a_link_is_refused() {
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

/// A mount point, as a volume of a container, within a parent that is read-only. Needs a namespace of its own, which not every
/// machine allows: nothing is tested there.
#[cfg(target_os = "linux")]
#[test]
fn row_5_5_a_mount_point_is_written_to() {
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
fn row_5_5_what_cannot_be_written_is_said_before_the_work() {
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
fn row_5_5_what_cannot_be_replaced_is_said_before_the_work() {
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

/// Ends what has not ended by itself in time.
#[cfg(unix)]
fn ended_soon(mut child: Child, what: &str) -> String {
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

#[cfg(unix)]
#[test]
fn row_5_12_pipes_devices_and_files_of_the_system_are_no_input() {
    let sandbox = Sandbox::new();
    sandbox.write_years();
    sandbox.write_people();
    fs::copy(file("tests/data/mssp-py2022.csv"), sandbox.path("puf.csv")).expect("a file");
    assert!(Command::new("mkfifo").arg(sandbox.path("pipe")).status().expect("mkfifo runs").success());
    let year = ["--performance-year", "2022"];
    for (input, said) in [("pipe", "a pipe"), ("/dev/zero", "a device"), ("/proc/self/status", "running system")] {
        let commands: [&[&str]; 11] = [
            &["run", input],
            &["check", input],
            &["explain", "scenario", input, "--trial", "0"],
            &["settle", "terms", input, "years.csv"],
            &["settle", "terms", "terms.toml", input],
            &[&["settle", "mssp", input][..], &year].concat(),
            &[&["settle", "mssp", "puf.csv", "--participant-revenue", input][..], &year].concat(),
            &[&["fit", input][..], &FIT[2..]].concat(),
            &[&FIT[..], &["--prior", input]].concat(),
            &[&["new", "aco", "--id", "1", input][..], &year].concat(),
            &[&["verify", "backtest", input][..], &year].concat(),
        ];
        for arguments in commands {
            let explained = ended_soon(sandbox.started(arguments), &format!("{arguments:?}"));
            assert!(explained.contains(said), "{arguments:?}: {explained}");
        }
    }
    sandbox.write("including.toml", &format!("include = 'pipe'\n{SCENARIO}"));
    let explained = ended_soon(sandbox.started(&["check", "including.toml"]), "an included pipe");
    assert!(explained.contains("a pipe"), "{explained}");
}

#[cfg(target_os = "linux")]
#[test]
fn row_5_13_a_signal_that_was_ignored_stays_ignored() {
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
fn row_5_13_a_signal_while_the_folder_is_made_leaves_no_trace() {
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
fn row_5_13_what_is_said_of_a_stopped_run_is_true() {
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

#[test]
fn row_5_15_a_run_file_that_is_run_again_has_the_hash_of_its_scenario() {
    let sandbox = Sandbox::new();
    let commented = SCENARIO.replace("trials = 40\n", "trials = 4_0 # few\n") + "# the end\n";
    sandbox.write("plan.toml", &commented);
    for (arguments, first) in [
        (&["run", "plan.toml"][..], "first"),
        (&["run", "plan.toml", "--trials", "30", "--seed", "9"], "second"),
        (&["run", &file("scenarios/real-aco.toml").to_string_lossy(), "--trials", "20"], "third"),
    ] {
        let again = format!("{first}-again");
        sandbox.done(&[arguments, &["--out", first]].concat());
        sandbox.done(&["run", &format!("{first}/run.toml"), "--out", &again]);
        assert_eq!(sandbox.read(&format!("{first}/run.toml")), sandbox.read(&format!("{again}/run.toml")));
        let hash = |folder: &str| {
            let summary: serde_json::Value =
                serde_json::from_str(&sandbox.read(&format!("{folder}/summary.json"))).expect("JSON");
            summary["provenance"]["scenario_sha256"].as_str().expect("a hash").to_owned()
        };
        assert_eq!(hash(first), hash(&again));
    }
}
