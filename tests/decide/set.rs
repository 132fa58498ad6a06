//! `--set`: keys set on the command line, as if the file said so.

use std::{fs, path::Path, process::Output};

use tempfile::tempdir;
use twosided::{Overrides, Scenario, Setting};

use crate::support::{file, text, twosided};

const FIRST_STEPS: &str = "scenarios/first-steps.toml";

/// A command on a scenario with settings.
fn with(arguments: &[&str], settings: &[&str]) -> Output {
    let settings = settings.iter().flat_map(|setting| ["--set", setting]);
    twosided(&arguments.iter().copied().chain(settings).collect::<Vec<_>>())
}

/// What `check` says against a scenario with settings.
fn refused(settings: &[&str]) -> String {
    let output = with(&["check", FIRST_STEPS], settings);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{settings:?}: {said}{}", text(&output.stdout));
    said
}

fn scenario(path: &Path, settings: &[&str]) -> Scenario {
    let set = settings.iter().map(|setting| setting.parse().expect("it is a setting")).collect();
    let read = Scenario::load_with(path, &Overrides { set, ..Overrides::default() });
    read.unwrap_or_else(|error| panic!("{settings:?}: {}", error.in_short()))
}

/// The same scenario with its text edited by hand.
fn edited(path: &Path, edits: &[(&str, &str)]) -> Scenario {
    let mut text = fs::read_to_string(path).expect("a scenario");
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    Scenario::parse("edited.toml", &text).expect("it is valid")
}

#[test]
fn a_set_key_is_read_as_if_the_file_said_so() {
    let path = file(FIRST_STEPS);
    for (settings, edits) in [
        (vec!["population.members=6_000"], vec![("trend = {", "members = 6_000\ntrend = {")]),
        (vec!["population.segments.everyone.members=9_000"], vec![("members = 5_000", "members = 9_000")]),
        (
            vec![
                "contracts.Capitation with stop-loss.covers.specific.attachment_point=2e5",
                "contracts[3].terms.capitation.pmpm = 810",
            ],
            vec![("attachment_point = 150_000", "attachment_point = 200_000"), ("pmpm = 807", "pmpm = 810")],
        ),
        (vec!["contracts.\"Fee-for-service\".name='Fees'"], vec![("\"Fee-for-service\"", "\"Fees\"")]),
        (vec!["run.name=A name, no TOML"], vec![("\"First steps\"", "\"A name, no TOML\"")]),
        (
            vec!["contracts[2].terms={ mssp = { track = \"enhanced\", benchmark = { per_capita = 9_700 } } }"],
            vec![(
                "terms.shared_savings = { benchmark",
                "terms.mssp = { track = \"enhanced\", benchmark = { per_capita = 9_700 } } # {",
            )],
        ),
        (vec!["run.pools.above=2_000", "run.years=2"], vec![("[run]", "[run]\npools.above = 2_000\nyears = 2")]),
        (
            vec!["population.segments[1].services.inpatient.frequency={ poisson = { mean = 0.3 } }"],
            vec![("{ negative_binomial = { mean = 0.25, dispersion = 0.7 } }", "{ poisson = { mean = 0.3 } }")],
        ),
    ] {
        let set = scenario(&path, &settings);
        assert!(set.is_as_written(), "{settings:?} in\n{}", set.text);
        let by_hand = edited(&path, &edits);
        let (sources, text, warnings) = (by_hand.sources.clone(), set.text.clone(), set.warnings.clone());
        assert_eq!(Scenario { sources, text, warnings, ..by_hand }, set, "{settings:?}");
        assert!(set.text.starts_with("# A first scenario: 5,000 people"), "{settings:?} in\n{}", set.text);
    }
}

#[test]
fn a_value_in_an_included_part_is_set() {
    let folder = tempdir().expect("a folder");
    let main = "include = 'people.toml'\n[run]\nname = 'x'\n[[contracts]]\nname = 'Fees'\nterms.fee_for_service = {}\n";
    let people = "# people\n[[population.segments]]\nname = 'aged'\nmembers = 10 # few\nservices.care.annual = { gamma = { mean = 9_000, cv = 1 } }\n";
    fs::write(folder.path().join("main.toml"), main).expect("a file");
    fs::write(folder.path().join("people.toml"), people).expect("a file");
    let set = scenario(&folder.path().join("main.toml"), &["population.segments.aged.members=12"]);
    assert_eq!(set.population.members(), 12);
    assert!(set.text.contains("members = 12 # few") && set.is_as_written(), "{}", set.text);
    let output = with(&["check", folder.path().join("main.toml").to_str().expect("UTF-8")], &["include=other.toml"]);
    let said = text(&output.stderr);
    assert!(said.contains("include cannot be set") && said.contains("name them in the scenario"), "{said}");
}

#[test]
fn a_bad_setting_is_shown_with_the_part_that_is_wrong() {
    let messages = [
        &["population.segments.everyone.members=9,000"][..],
        &["contracts.Capitation with stoploss.terms.capitation.pmpm=800"],
        &["population.segments.everyone.membrs=9_000"],
        &["contracts[3].covers.specific.coinsurance=90%", "contracts[4].name=x", "run.trials.most=5"],
        &["population.members=6_000", "population.members=7_000"],
    ];
    insta::assert_snapshot!("bad-settings", messages.map(refused).join("\n"));
}

#[test]
fn what_no_setting_can_mean_is_refused() {
    for (settings, said) in [
        (vec!["contracts.x.y=1"], "contracts has no entry \"x\""),
        (vec!["contracts[0].y=1"], "[0] is no number of an entry; count from 1"),
        (vec!["population.trend[1]=1"], "population.trend is a table and has no numbers"),
        (vec!["system.factors[1].name=x"], "system.factors is not there and has no entry [1]"),
        (vec!["run.name.first=x"], "run.name is the text \"First steps\", with nothing in it to set"),
        (
            vec!["contracts[2].x=1", "contracts.\"Half of the savings, half of the losses\".x=2"],
            "contracts[2].x is set twice",
        ),
        (
            vec!["population.trend={ mean = 1 }", "population.trend.cv=1"],
            "population.trend is set twice, also by --set population.trend={ mean = 1 }",
        ),
        (vec!["population.trend.cv=1", "population.trend={ mean = 1 }"], "population.trend.cv is set twice"),
        (vec!["run=5"], "run is the number 5"),
        (vec!["contracts=[]"], "contracts has no entries"),
        (vec!["nothing=5"], "unknown key nothing"),
        (vec!["run.name=\u{1b}[2J"], "run.name"),
    ] {
        let output = with(&["check", FIRST_STEPS], &settings);
        let stderr = text(&output.stderr);
        assert!(matches!(output.status.code(), Some(1 | 2)), "{settings:?}: {stderr}");
        assert!(
            stderr.contains(said) && stderr.contains("--set") && !stderr.contains('\u{1b}'),
            "{settings:?}: {stderr}"
        );
    }
    let said = refused(&["contracts[2].terms.capitation.pmpm=800"]);
    assert!(said.contains("contracts[2].terms has both `shared_savings` and `capitation`"), "{said}");
    let output = with(&["check", FIRST_STEPS], &["population.members"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("write KEY=VALUE, such as population.members=6000"));
}

#[test]
fn setting_a_wrong_value_mends_it_and_other_problems_stay() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("plan.toml");
    let wrong = fs::read_to_string(file(FIRST_STEPS))
        .expect("a scenario")
        .replace("5_000", "0")
        .replace("seed = 1 ", "sed = 1 ");
    fs::write(&path, &wrong).expect("a file");
    let output =
        with(&["check", path.to_str().expect("UTF-8")], &["population.segments.everyone.members=50", "run.yers=2"]);
    let said = text(&output.stderr);
    assert!(
        said.contains("unknown key run.sed")
            && said.contains("unknown key run.yers")
            && said.contains("has 2 problems"),
        "{said}"
    );
    assert!(!said.contains("members"), "{said}");
}

#[test]
fn the_run_file_of_a_set_run_repeats_it_to_the_bit() {
    let folder = tempdir().expect("a folder");
    let [first, again, trial] = ["first", "again", "trial"].map(|name| folder.path().join(name).display().to_string());
    let settings = [
        "population.members=700",
        "contracts.Capitation with stop-loss.covers.specific.attachment_point=90_000",
        "run.trials=300",
    ];
    let output = with(&["run", FIRST_STEPS, "--seed", "8", "--out", &first], &settings);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output = with(&["run", &format!("{first}/run.toml"), "--out", &again], &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let read = |folder: &str, name: &str| fs::read(Path::new(folder).join(name)).expect("a file of the report");
    for name in ["run.toml", "summary.json", "trials.parquet", "report.html"] {
        assert!(read(&first, name) == read(&again, name), "{name}");
    }
    let run = text(&read(&first, "run.toml"));
    assert!(run.contains("trials = 300") && run.contains("members = 700"), "{run}");
    assert!(run.contains("attachment_point = 90_000, coinsurance = 0.9"), "{run}");
    let explained =
        |from: &str, settings: &[&str]| with(&["explain", "scenario", from, "--trial", "3", "--seed", "8"], settings);
    assert_eq!(text(&explained(FIRST_STEPS, &settings).stdout), text(&explained(&first, &[]).stdout));
    // The shards of a set run are those of the scenario that it left.
    for shard in ["1/2", "2/2"] {
        let folder = format!("{trial}-{}", &shard[..1]);
        let output = with(&["run", FIRST_STEPS, "--seed", "8", "--shard", shard, "--out", &folder], &settings);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
    let output = with(&["merge", &format!("{trial}-1"), &format!("{trial}-2"), "--out", &trial], &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(read(&first, "summary.json") == read(&trial, "summary.json"));
}

#[test]
fn a_document_of_verify_names_what_was_set() {
    let output = with(
        &["verify", "scenario", FIRST_STEPS, "--trials", "200"],
        &["population.members=500", "run.name=It's small"],
    );
    let document = text(&output.stdout);
    assert!(document.contains("--set 'population.members=500' --set 'run.name=It'\\''s small'"), "{document}");
    let output = with(&["run", FIRST_STEPS, "--method", "exact"], &["run.name=Other"]);
    assert!(text(&output.stdout).starts_with("Other: "), "{}", text(&output.stderr));
}

#[test]
fn a_scenario_is_read_with_settings_many_times() {
    let path = file("scenarios/real-aco.toml");
    for members in 1..=100 {
        let setting = Setting::new("population.members", &(20_000 + members).to_string()).expect("a setting");
        let set = Scenario::load_with(&path, &Overrides { set: vec![setting], ..Overrides::default() });
        assert_eq!(set.expect("it is valid").population.members(), 20_000 + members);
    }
}
