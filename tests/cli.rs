//! The program from outside, as its users run it.

mod support;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use support::{file, text, twosided};
use tempfile::TempDir;

fn run(scenario: &str, trials: &str, folder: &Path) -> Output {
    twosided(&["run", scenario, "--trials", trials, "--out", folder.to_str().expect("UTF-8")])
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_run_leaves_a_whole_report_and_nothing_else() {
    let temporary = TempDir::new().expect("a folder");
    let folder = temporary.path().join("deep/report");
    let output = run("scenarios/real-aco.toml", "200", &folder);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for name in twosided_report::FILES {
        assert!(fs::metadata(folder.join(name)).is_ok_and(|file| file.len() > 100), "{name} is missing or empty");
    }
    assert_eq!(names_in(&temporary.path().join("deep")), ["report"], "nothing is left beside the report");
    let page = fs::read_to_string(folder.join("report.html")).expect("the page");
    for outside in ["http://", "https://", "src=", "<script", "@import", "<link"] {
        let elsewhere = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!elsewhere.contains(outside), "the page is not self-contained: {outside}");
    }
    assert!(page.matches("<svg").count() >= 3 + 8, "all charts are in the page");
    assert!(fs::read(folder.join("continuum.png")).expect("a picture").starts_with(b"\x89PNG"));
    assert!(fs::read(folder.join("trials.parquet")).expect("a table").starts_with(b"PAR1"));
}

#[test]
fn a_run_repeats_to_the_bit_from_its_run_file() {
    let temporary = TempDir::new().expect("a folder");
    let (first, second) = (temporary.path().join("first"), temporary.path().join("second"));
    let seeded = ["run", "scenarios/first-steps.toml", "--trials", "300", "--seed", "77", "--threads", "1", "--out"];
    assert!(twosided(&[&seeded[..], &[first.to_str().expect("UTF-8")]].concat()).status.success());
    let run_file = first.join("run.toml");
    let again = twosided(&["run", run_file.to_str().expect("UTF-8"), "--out", second.to_str().expect("UTF-8")]);
    assert!(again.status.success(), "{}", text(&again.stderr));
    for name in ["trials.parquet", "summary.csv", "continuum.svg", "continuum.png", "exceedance.svg"] {
        let read = |folder: &Path| fs::read(folder.join(name)).expect("a file");
        assert!(read(&first) == read(&second), "{name} differs");
    }
    let hash = |folder: &Path| {
        let json: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.join("summary.json")).expect("a file")).expect("JSON");
        assert_eq!(json["provenance"]["seed"], 77);
        json["provenance"]["outcomes_sha256"].as_str().expect("a hash").to_owned()
    };
    assert_eq!(hash(&first), hash(&second));
}

#[test]
fn text_of_a_scenario_is_only_text_in_the_report() {
    let temporary = TempDir::new().expect("a folder");
    let scenario = temporary.path().join("hostile.toml");
    let contract = |name: &str| format!("[[contracts]]\nname = {name}\nterms.capitation = {{ pmpm = 100 }}\n");
    let names = [
        r#"'=HYPERLINK("x","y")'"#,
        "'+1'",
        "'-1'",
        "'@SUM(A1)'",
        "'<script>alert(1)<script>'",
        r#"'"><img onerror=alert(1)> & <b>'"#,
    ];
    let contracts: String = names.iter().map(|name| contract(name)).collect();
    let text_of_file = format!(
        "[run]\nname = '<script>alert(2)'\n[population]\nsource = '<script>alert(3)'\n[[population.segments]]\nname = \
         '<i>everyone'\nmembers = 100\n[population.segments.services.'<u>care']\nannual = {{ gamma = {{ mean = 1_200, cv \
         = 1 }} }}\n{contracts}"
    );
    fs::write(&scenario, text_of_file).expect("a file");
    let folder = temporary.path().join("report");
    let output = run(scenario.to_str().expect("UTF-8"), "50", &folder);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for name in names_in(&folder).iter().filter(|name| [".svg", ".html"].iter().any(|kind| name.ends_with(kind))) {
        let page = fs::read_to_string(folder.join(name)).expect("text");
        for tag in ["<script", "<img", "<i>", "<u>", "onerror=alert(1)>"] {
            assert!(!page.contains(tag), "{name} contains {tag}");
        }
    }
    let mut csv = csv::Reader::from_path(folder.join("summary.csv")).expect("a table");
    for record in csv.records() {
        let record = record.expect("a row");
        for cell in [&record[0], &record[4]] {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell} is a formula");
        }
    }
}

#[test]
fn a_scenario_that_is_refused_has_its_messages_on_the_terminal_and_nothing_else() {
    for name in ["json", "name-with-bidi-override-raw", "syntax-unclosed-bracket"] {
        let output = twosided(&["check", &format!("tests/bad-scenarios/{name}.toml")]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(output.stdout.is_empty(), "{name}");
        let approved =
            fs::read_to_string(file(&format!("tests/snapshots/refusals__{name}.snap"))).expect("it is approved");
        let approved = approved.splitn(3, "---\n").nth(2).expect("text after the head");
        assert_eq!(text(&output.stderr).trim_end(), approved.trim_end(), "{name}");
    }
}

/// Files made to hurt: each must be refused by a message, soon.
#[test]
fn hostile_files_end_in_a_message() {
    let temporary = TempDir::new().expect("a folder");
    let head = "[run]\nname = 'x'\n";
    let files: [(&str, Vec<u8>); 8] = [
        ("fifty-megabytes-of-brackets", vec![b'['; 50 << 20]),
        ("brackets", [b"x = ".to_vec(), vec![b'['; 3 << 20]].concat()),
        ("dots", ["a.".repeat(1 << 20), "a = 1".into()].concat().into_bytes()),
        ("equals", "= = = ".repeat(500_000).into_bytes()),
        ("contracts", [head, &"[[contracts]]\n".repeat(100_000)].concat().into_bytes()),
        ("unknown-keys", (0..100_000).map(|key| format!("k{key} = 1\n")).collect::<String>().into_bytes()),
        ("a-long-name", format!("[run]\nname = '{}'\n", "n".repeat(3 << 20)).into_bytes()),
        ("noise", (0..100_000_u32).map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
    ];
    for (name, bytes) in files {
        let path = temporary.path().join(name);
        fs::write(&path, bytes).expect("a file");
        let mut child = Command::new(env!("CARGO_BIN_EXE_twosided"))
            .arg("check")
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut messages = String::new();
        std::io::Read::read_to_string(child.stderr.as_mut().expect("piped"), &mut messages).expect("UTF-8");
        let status = child.wait().expect("it ends");
        assert!(Instant::now() < deadline, "{name} takes too long");
        assert_eq!(status.code(), Some(1), "{name}: {messages}");
        assert!(messages.len() > 20 && messages.len() < 200_000, "{name}: {} bytes of messages", messages.len());
    }
}

#[test]
fn absurd_trials_are_refused_from_the_command_line_too() {
    let output = twosided(&["run", "scenarios/reference-job.toml", "--trials", "1000000000"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("GiB") || text(&output.stderr).contains("days"), "{}", text(&output.stderr));
}

#[test]
fn wrong_usage_has_its_own_code() {
    for arguments in
        [&["run"][..], &["walk"], &["run", "x.toml", "--trials", "many"], &["run", "x.toml", "--trials", "0"]]
    {
        assert_eq!(twosided(arguments).status.code(), Some(2), "{arguments:?}");
    }
    assert!(twosided(&["--help"]).status.success());
    assert_eq!(twosided(&["run", "no-such-file.toml"]).status.code(), Some(1));
}

/// The approved table of each shipped scenario, at 200 trials and its own seed.
#[test]
fn shipped_scenarios_give_their_approved_tables() {
    let temporary = TempDir::new().expect("a folder");
    for name in names_in(&file("scenarios")).into_iter().filter(|name| name != "populations") {
        let scenario = format!("scenarios/{name}");
        let checked = twosided(&["check", &scenario]);
        assert!(checked.status.success(), "{}", text(&checked.stderr));
        let output = run(&scenario, "200", &temporary.path().join(&name));
        assert!(output.status.success(), "{}", text(&output.stderr));
        insta::assert_snapshot!(format!("table-{}", name.trim_end_matches(".toml")), text(&output.stdout));
    }
}

/// Starts a run, waits until `ready` of its report's folder, interrupts it, and expects that it ends within a second and
/// leaves nothing.
#[cfg(unix)]
fn interrupted(scenario: &Path, trials: &str, ready: impl Fn(&Path) -> bool) {
    let temporary = TempDir::new().expect("a folder");
    let child = Command::new(env!("CARGO_BIN_EXE_twosided"))
        .args(["run", scenario.to_str().expect("UTF-8"), "--trials", trials, "--out"])
        .arg(temporary.path().join("report"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    while !ready(temporary.path()) {
        thread::sleep(Duration::from_millis(5));
    }
    let asked = Instant::now();
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(kill.success());
    let output = child.wait_with_output().expect("it ends");
    // A second, and what a busy machine takes to end a process.
    assert!(asked.elapsed() < Duration::from_millis(1_500), "it goes on for {:?}", asked.elapsed());
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(text(&output.stderr), "stopped: nothing was written\n", "and no progress bar when piped");
    assert_eq!(names_in(temporary.path()), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn ctrl_c_while_sampling_ends_soon_and_leaves_nothing() {
    let started = Instant::now();
    interrupted(&file("scenarios/reference-job.toml"), "2000000", |_| started.elapsed() > Duration::from_millis(700));
}

#[cfg(unix)]
#[test]
fn ctrl_c_while_the_report_is_written_leaves_nothing_either() {
    let temporary = TempDir::new().expect("a folder");
    let scenario = temporary.path().join("one-person.toml");
    let text_of_file = "[run]\nname = 'one'\n[[population.segments]]\nname = 'one'\nmembers = 1\n\
                        [population.segments.services.care]\nannual = { gamma = { mean = 1_200, cv = 1 } }\n\
                        [[contracts]]\nname = 'capitation'\nterms.capitation = { pmpm = 100 }\n";
    fs::write(&scenario, text_of_file).expect("a file");
    interrupted(&scenario, "1000000", |folder| {
        let files = |of: &Path| fs::read_dir(of).into_iter().flatten().flatten().map(|entry| entry.path());
        let is_picture = |path: PathBuf| path.extension().is_some_and(|extension| extension == "svg");
        files(&folder.join("report")).any(|staging| files(&staging.join("new")).any(is_picture))
    });
}

#[test]
fn what_cannot_be_written_is_said_before_the_work() {
    let temporary = TempDir::new().expect("a folder");
    let blocked = temporary.path().join("a-file");
    fs::write(&blocked, "text").expect("a file");
    let started = Instant::now();
    let output = run("scenarios/reference-job.toml", "400000", &blocked.join("report"));
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("is a file, not a folder"), "{}", text(&output.stderr));
    assert!(started.elapsed() < Duration::from_secs(10), "the work was done first");
}

/// A scenario of a name with spaces and of no extension still gets its own folder.
#[test]
fn the_default_folder_is_named_after_the_file() {
    let temporary = TempDir::new().expect("a folder");
    let scenario = temporary.path().join("my plan.toml");
    let mut copy = fs::File::create(&scenario).expect("a file");
    copy.write_all(&fs::read(file("scenarios/first-steps.toml")).expect("a file")).expect("written");
    let output = Command::new(env!("CARGO_BIN_EXE_twosided"))
        .args(["run", "my plan.toml", "--trials", "20"])
        .current_dir(temporary.path())
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(names_in(&temporary.path().join("reports")), ["my plan"]);
}

#[test]
fn precision_is_refused_where_it_cannot_be_read_and_missed_in_plain_words() {
    let refused = |arguments: &[&str], reason: &str| {
        let output = twosided(&[&["run", "scenarios/first-steps.toml"], arguments].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
    };
    refused(&["--precision", "1"], "write 1% for 1 percent, or a decimal such as 0.01");
    refused(&["--precision", "1%", "--trials", "500"], "--trials");
    refused(&["--precision", "1%", "--measure", "tvar90"], "write one of mean, sd, p_loss");
    refused(&["--max-trials", "5000"], "--precision");
    let temporary = TempDir::new().expect("a folder");
    let scenario = temporary.path().join("two-years.toml");
    let written = "[run]\nname = 'Two years'\nyears = 2\n[[population.segments]]\nname = 'all'\nmembers = 50\n\
                   services.care.annual = { gamma = { mean = 8_000, cv = 2 } }\n[[contracts]]\nname = 'Capitation'\n\
                   terms.capitation = { pmpm = 680 }\n";
    fs::write(&scenario, written).expect("it can be written");
    let (scenario, folder) = (scenario.display().to_string(), temporary.path().join("report"));
    let out = folder.display().to_string();
    let asked = ["--precision", "0.1%", "--measure", "tvar99", "--max-trials", "4_096", "--out", &out];
    let output = twosided(&[&["run", &scenario], &asked[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("precision of 0.1% not reached after 4,096 trials; the report is written"), "{said}");
    assert!(said.contains("Capitation, TVaR 99%: its standard error is "), "{said}");
    assert!(folder.join("report.html").exists());
}
