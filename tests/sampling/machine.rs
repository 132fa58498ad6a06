//! What a run takes of a machine, and that another machine computes the same.
#![cfg(target_os = "linux")]

use crate::{
    pieces::everything,
    support::{text, twosided},
};

/// Most memory that the program held, in bytes, and the seconds of one core that it took; what it last said of itself while it ran.
fn held_and_taken(arguments: &[&str]) -> (f64, f64) {
    use std::{fs, process::Command, thread, time::Duration};
    let mut child = Command::new(env!("CARGO_BIN_EXE_twosided"))
        .args(arguments)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program runs");
    let (status, stat) = (format!("/proc/{}/status", child.id()), format!("/proc/{}/stat", child.id()));
    let (mut kibibytes, mut ticks) = (0.0_f64, 0.0_f64);
    while child.try_wait().expect("it can be waited for").is_none() {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok());
        kibibytes = kibibytes.max(peak.unwrap_or(0.0));
        // Of the fields after the name, the 12th and 13th are ticks in the program and in the system, a hundredth of a second each.
        let stat = fs::read_to_string(&stat).unwrap_or_default();
        let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields).split(' ').skip(11).take(2);
        ticks = ticks.max(fields.filter_map(|field| field.parse::<f64>().ok()).sum());
        thread::sleep(Duration::from_millis(2));
    }
    assert!(child.wait().expect("it ended").success());
    (kibibytes * 1024.0, ticks / 100.0)
}

/// The figure that stands before a unit in what the program said.
fn figure_before(unit: &str, said: &str) -> f64 {
    let before = said.rsplit_once(unit).and_then(|(before, _)| before.rsplit_once(' ')).expect("it is said").1;
    before.replace(',', "").parse().expect("a number")
}

#[test]
fn a_run_holds_about_as_much_memory_as_check_says() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let segments: Vec<String> = (0..100)
        .map(|index| {
            format!(
                "[[population.segments]]\nname = \"s{index}\"\nmembers = 3\nservices.care = {{ annual = {{ gamma = {{ mean = 900, cv = 1 \
                 }} }} }}\n"
            )
        })
        .collect();
    let contracts: Vec<String> = (1..=20)
        .map(|index| {
            format!(
                "[[contracts]]\nname = \"c{index}\"\nterms.capitation = {{ pmpm = 70 }}\ncovers.specific = {{ attachment_point = {index}00, \
                 coinsurance = 1, premium_pmpm = 9 }}\n"
            )
        })
        .collect();
    let capitations: Vec<String> = (1..=60)
        .map(|index| format!("[[contracts]]\nname = \"k{index}\"\nterms.capitation = {{ pmpm = {index}00 }}\n"))
        .collect();
    let stays: String = (0..60)
        .map(|index| {
            format!(
                "services.v{index} = {{ frequency = {{ poisson = {{ mean = 2 }} }}, severity = {{ gamma = {{ mean = 4_000, cv = 1.5 }} }} \
                 }}\n"
            )
        })
        .collect();
    let stays = [format!("[[population.segments]]\nname = \"stays\"\nmembers = 5\n{stays}")];
    let bundles: Vec<String> = (0..60)
        .map(|contract| {
            let episodes = (0..60).map(|index| {
                format!("{{ service = \"v{index}\", price = 4_000, episode_limit = {} }}", 1_000 + contract + index)
            });
            let episodes = episodes.collect::<Vec<_>>().join(", ");
            format!(
                "[[contracts]]\nname = \"b{contract}\"\nterms.bundle = {{ episodes = [{episodes}], gains.sharing_rate = 1 }}\n"
            )
        })
        .collect();
    // Of the wide job, the moments of 50 blocks of trials would take 0.15 GB; of the long one, outcomes are most. Of contracts, charts
    // are most; of episodes, terms count too.
    for (name, years, trials, segments, contracts) in [
        ("wide", 50, 400, segments.as_slice(), contracts.as_slice()),
        ("long", 2, 20_000, &segments[..2], &contracts[..3]),
        ("contracts", 20, 500, &segments[..1], &capitations),
        ("episodes", 1, 64, &stays, &bundles),
    ] {
        let (segments, contracts) = (segments.concat(), contracts.concat());
        let scenario = format!("[run]\nname = \"{name}\"\nyears = {years}\ntrials = {trials}\n{segments}{contracts}");
        std::fs::write(path(name), scenario).expect("it can be written");
        let check = twosided(&["check", &path(name)]);
        assert!(check.status.success(), "{}", text(&check.stderr));
        let said = text(&check.stdout);
        let (bytes, seconds) = (1e6 * figure_before(" MB of memory", &said), figure_before(" CPU-seconds", &said));
        let (held, taken) = held_and_taken(&["run", &path(name), "--out", &path(&format!("{name}-report"))]);
        let most = if segments.len() == 1 { 1.3 } else { 2.0 };
        assert!(held < 1.3 * bytes && bytes < most * held, "{name}: {bytes} bytes said, {held} held");
        // Of the others, the time that is said is as good as a few trials of them.
        if segments.len() == 1 {
            assert!(taken < 2.0 * seconds && seconds < 2.0 * taken, "{name}: {seconds} seconds said, {taken} taken");
        }
    }
}

#[test]
fn outcomes_are_equal_on_other_processors_and_any_number_of_threads() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let copula = "system.copula = { t = 4 }\n";
    let text = everything().text().replace("[run]\n", &format!("{copula}[run]\ntrials = 40\n"));
    std::fs::write(path("everything.toml"), text).expect("it can be written");
    let hash_of = |scenario: &str, threads: &str, environment: &[(&str, &str)]| -> String {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_twosided"));
        command.args(["run", scenario, "--threads", threads, "--replace", "--out", &path("report")]);
        command.current_dir(crate::support::file("")).env_remove(VECTORS).envs(environment.iter().copied());
        let done = command.output().expect("the program runs");
        assert!(done.status.success(), "{}", crate::support::text(&done.stderr));
        let run = std::fs::read_to_string(folder.path().join("report/run.toml")).expect("a run file");
        run.lines().find(|line| line.starts_with("outcomes_sha256")).expect("a hash").to_owned()
    };
    for scenario in [path("everything.toml"), "tests/data/equal-bits.toml".to_owned()] {
        let as_it_is = hash_of(&scenario, "1", &[]);
        for threads in ["2", "3"] {
            assert_eq!(as_it_is, hash_of(&scenario, threads, &[]), "{scenario} on {threads} threads");
        }
        let without = ("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-FMA,-AVX2");
        for environment in
            [vec![without], vec![(VECTORS, "avx2")], vec![(VECTORS, "none")], vec![(VECTORS, "none"), without]]
        {
            assert_eq!(as_it_is, hash_of(&scenario, "2", &environment), "{scenario} under {environment:?}");
        }
    }
}

/// The environment variable that limits vectors.
const VECTORS: &str = "TWOSIDED_VECTORS";

#[test]
fn a_limit_of_vectors_that_is_none_is_refused() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_twosided"));
    command.args(["check", "scenarios/first-steps.toml"]).current_dir(crate::support::file("")).env(VECTORS, "sse");
    let refused = command.output().expect("the program runs");
    assert_eq!(refused.status.code(), Some(2));
    let expected = "error: TWOSIDED_VECTORS is `sse`; write `none` or `avx2`, or leave it unset\n";
    assert!(text(&refused.stderr).starts_with(expected), "{}", text(&refused.stderr));
}
