//! Scenario files: what they may include, what is said of them, and what is expected of their contracts.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use twosided_report::{Expected, Mean, Summary};
use twosided_scenario::Scenario;

use crate::support::{Run, file, parse, scenario, text, twosided};

/// A folder of a test's own, empty.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("mended-scenarios-{test}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder of tests can be written");
    folder
}

/// The program, run in a folder.
fn within(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twosided"));
    command.args(arguments).current_dir(folder).output().expect("the program runs")
}

/// Everything that a run of the program said.
fn output_text(output: &Output) -> String {
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// What a run of a scenario's text comes to.
fn run_of(scenario: &Scenario, trials: u64) -> Summary {
    Run::of(scenario, trials, 11).summary(scenario)
}

/// Asserts that a mean over trials is what is expected of it.
fn assert_mean(found: Mean, expected: f64, what: &str) {
    let z = (found.value - expected) / found.standard_error;
    assert!(z.abs() < 4.0, "{what}: {} is {z:.1} standard errors from {expected}", found.value);
}

/// What `check` says of a scenario's text, and whether it is content.
fn check(folder: &Path, text: &str, arguments: &[&str]) -> (Option<i32>, String) {
    write(folder, "scenario.toml", text);
    let output = within(folder, &[&["check", "scenario.toml"][..], arguments].concat());
    (output.status.code(), output_text(&output))
}

const CONTRACTS: &str =
    "[run]\nname = \"Test\"\ntrials = 200\n[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {}\n";
const PEOPLE: &str = "[[population.segments]]\nname = \"all\"\nmembers = 1_000\n\
                      services.visits.annual = { gamma = { mean = 4_000, cv = 1.5 } }\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("it can be written");
    fs::write(path, text).expect("it can be written");
}

/// What `check` says of a scenario that includes what a list says, beside its own run and contracts.
fn checked(folder: &Path, include: &str) -> (bool, String) {
    write(folder, "scenario.toml", &format!("include = {include}\n{CONTRACTS}"));
    let output = within(folder, &["check", "scenario.toml"]);
    (output.status.success(), output_text(&output))
}

#[test]
fn row_5_1_no_part_opens_what_another_closes() {
    let folder = folder("row-5-1-around");
    write(&folder, "open.toml", &format!("{PEOPLE}source = '''\n"));
    write(&folder, "password", "SECRET\n");
    write(&folder, "close.toml", "'''\n");
    let (done, said) = checked(&folder, "[\"open.toml\", \"password\", \"close.toml\"]");
    assert!(!done && !said.contains("SECRET"), "{said}");
    assert!(said.contains("includes open.toml") && said.contains("not a population part of TOML"), "{said}");
}

#[test]
fn row_5_1_a_file_that_is_no_part_is_never_quoted() {
    let folder = folder("row-5-1-quoted");
    for content in ["SECRET", "SECRET:x:0:0:SECRET", "[SECRET", "password = SECRET", "a = \"SECRET", "\u{feff}SECRET"] {
        write(&folder, "part", content);
        let (done, said) = checked(&folder, "\"part\"");
        assert!(!done && !said.contains("SECRET"), "{said}");
        assert!(said.contains("not a population part of TOML"), "{said}");
    }
    // What a part may hold is said of a part that is TOML.
    write(&folder, "part", "[[contracts]]\nname = \"x\"\n");
    let (done, said) = checked(&folder, "\"part\"");
    assert!(!done && said.contains("it has the key `contracts`"), "{said}");
}

#[cfg(unix)]
#[test]
fn row_5_1_includes_stay_in_the_scenarios_folder() {
    let outside = folder("row-5-1-outside");
    write(&outside, "population.toml", PEOPLE);
    let inside = folder("row-5-1-inside");
    std::os::unix::fs::symlink(outside.join("population.toml"), inside.join("link.toml")).expect("a link");
    std::os::unix::fs::symlink(outside.join("absent.toml"), inside.join("dangling.toml")).expect("a link");
    std::os::unix::fs::symlink(&outside, inside.join("folder")).expect("a link");
    let way_out = "--allow-include";
    let absolute = outside.join("population.toml").display().to_string();
    for name in [
        "../mended-scenarios-row-5-1-outside/population.toml",
        "../mended-scenarios-row-5-1-outside/absent.toml",
        "folder/population.toml",
        "folder/absent.toml",
        "folder/../mended-scenarios-row-5-1-outside/population.toml",
        "link.toml",
        "dangling.toml",
        "/proc/self/environ",
        "/dev/zero",
        "/absent/of/all",
        "..",
        absolute.as_str(),
    ] {
        let (done, said) = checked(&inside, &format!("{name:?}"));
        assert!(!done && said.contains(way_out), "{name}: {said}");
        assert!(!said.contains("no such file"), "whether {name} exists is nobody's business: {said}");
    }
    let (done, said) = checked(&inside, "\"absent.toml\"");
    assert!(!done && said.contains("there is no such file"), "{said}");

    // Allowed folders widen it, on every command that reads a scenario.
    let allowed = outside.display().to_string();
    for name in ["../mended-scenarios-row-5-1-outside/population.toml", "link.toml", absolute.as_str()] {
        write(&inside, "scenario.toml", &format!("include = {name:?}\n{CONTRACTS}"));
        for arguments in [
            &["check", "scenario.toml"][..],
            &["run", "scenario.toml", "--out", "report"],
            &["explain", "scenario", "scenario.toml", "--trial", "3"],
        ] {
            let refused = within(&inside, arguments);
            assert!(output_text(&refused).contains(way_out), "{}", output_text(&refused));
            let output = within(&inside, &[arguments, &[way_out, "/tmp", way_out, &allowed]].concat());
            assert!(output.status.success(), "{name}: {}", output_text(&output));
        }
    }
    // A scenario that is itself reached by a link reads from the folder that it is named in.
    write(&inside, "people/all.toml", PEOPLE);
    let (done, said) = checked(&inside, "[\"./people/../people/all.toml\"]");
    assert!(done, "{said}");
}

#[cfg(unix)]
#[test]
fn row_5_1_only_regular_files_are_included() {
    let folder = folder("row-5-1-fifo");
    let fifo = Command::new("mkfifo").arg(folder.join("fifo.toml")).status().expect("mkfifo runs");
    assert!(fifo.success());
    fs::create_dir(folder.join("people")).expect("it can be written");
    for (name, kind) in
        [("fifo.toml", "it is a pipe (FIFO), not a file"), ("people", "it is a folder"), (".", "it is a folder")]
    {
        let (done, said) = checked(&folder, &format!("{name:?}"));
        assert!(!done && said.contains(kind), "{name}: {said}");
    }
}

#[test]
fn row_5_1_problems_of_a_part_name_its_file_and_line() {
    let folder = folder("row-5-1-place");
    write(&folder, "people/all.toml", &format!("# people\n{PEOPLE}").replace("1_000", "0"));
    write(&folder, "shocks.toml", "[[system.factors]]\nname = \"a\"\nshok = 3\n");
    let (done, said) = checked(&folder, "[\"people/all.toml\", \"shocks.toml\"]");
    assert!(!done);
    assert!(said.contains("people/all.toml:4:11"), "{said}");
    assert!(said.contains("shocks.toml:3:1"), "{said}");
    // A key that both have.
    write(&folder, "people/all.toml", &format!("population.members = 5\n{PEOPLE}"));
    write(&folder, "scenario.toml", &format!("include = \"people/all.toml\"\n{CONTRACTS}[population]\nmembers = 7\n"));
    let output = within(&folder, &["check", "scenario.toml"]);
    let said = output_text(&output);
    assert!(said.contains("population.members is also in scenario.toml, line 9"), "{said}");
    assert!(said.contains("people/all.toml:1:12"), "{said}");
}

/// The hash of all outcomes that a report's `run.toml` states.
fn outcomes_hash(report: &Path) -> String {
    let run = fs::read_to_string(report.join("run.toml")).expect("a report has it");
    let line = run.lines().find(|line| line.starts_with("outcomes_sha256")).expect("it states its outcomes");
    line.to_owned()
}

#[test]
fn row_5_1_run_toml_is_one_file_that_repeats_the_run() {
    let scenario = file("scenarios/glide-path.toml").display().to_string();
    let folder = folder("row-5-1-repeat");
    let first = within(&folder, &["run", &scenario, "--trials", "20", "--out", "first"]);
    assert!(first.status.success(), "{}", output_text(&first));
    let run = fs::read_to_string(folder.join("first/run.toml")).expect("a report has it");
    assert!(run.contains("# from ") && run.contains("medicare-2022.toml") && !run.contains("\ninclude"), "{run}");
    let second = within(&folder, &["run", "first/run.toml", "--out", "second"]);
    assert!(second.status.success(), "{}", output_text(&second));
    assert_eq!(outcomes_hash(&folder.join("first")), outcomes_hash(&folder.join("second")));
}

#[cfg(unix)]
#[test]
fn row_5_14_a_newline_in_an_includes_name_adds_no_key() {
    let folder = folder("row-5-14");
    let name = "people\nseed = 77\n[population.trend]\nmean = 9\n#.toml";
    write(&folder, name, PEOPLE);
    write(&folder, "scenario.toml", &format!("include = {name:?}\n{CONTRACTS}").replace('\t', " "));
    let first = within(&folder, &["run", "scenario.toml", "--out", "first"]);
    assert!(first.status.success(), "{}", output_text(&first));
    let run = fs::read_to_string(folder.join("first/run.toml")).expect("a report has it");
    let run: toml_edit::DocumentMut = run.parse().expect("run.toml is TOML");
    assert_eq!(run["run"]["seed"].as_integer(), Some(1), "{run:?}");
    assert!(run["population"].get("trend").is_none(), "{run:?}");
}

#[test]
fn row_5_15_a_byte_order_mark_before_an_included_file_is_no_part_of_it() {
    let folder = folder("row-5-15-mark");
    write(&folder, "people.toml", &format!("\u{feff}{PEOPLE}"));
    write(&folder, "scenario.toml", &format!("\u{feff}include = \"people.toml\"\n{CONTRACTS}"));
    let output = within(&folder, &["run", "scenario.toml", "--out", "report"]);
    assert!(output.status.success(), "{}", output_text(&output));
    let again = within(&folder, &["check", "report/run.toml"]);
    assert!(again.status.success(), "{}", output_text(&again));
}

#[test]
fn row_4_8_beside_a_slip_of_syntax_nothing_false_is_said() {
    let folder = folder("row-4-8");
    write(&folder, "people.toml", PEOPLE);
    let right = format!("include = \"people.toml\"\n{CONTRACTS}");
    for (from, to) in [
        ("trials = 200", "trials = 2__00"),
        ("trials = 200", "trials = "),
        ("[run]", "[run"),
        ("[run]", "[[run]"),
        ("[[contracts]]", "[[contracts]"),
        ("name = \"Test\"", "name = \"Test"),
        ("name = \"Test\"", "name \"Test\""),
        ("name = \"Test\"", "name = Test"),
        ("fee_for_service = {}", "fee_for_service = {"),
        ("fee_for_service = {}", "fee_for_service = }"),
        ("include = \"people.toml\"", "include = \"people.toml"),
        ("include = \"people.toml\"", "include = people.toml"),
    ] {
        write(&folder, "scenario.toml", &right.replace(from, to));
        let output = within(&folder, &["check", "scenario.toml"]);
        let said = output_text(&output);
        assert_eq!(output.status.code(), Some(1), "{to}");
        assert!(
            !said.contains("unknown key") && !said.contains(" is 0") && !said.contains("is missing"),
            "{to}: {said}"
        );
        assert!(said.contains("has 1 problem\n"), "{to}: {said}");
    }
}

#[test]
fn row_4_9_a_fitted_population_is_resized_by_whoever_includes_it() {
    let folder = folder("row-4-9");
    let mut rows = "person,year,cost\n".to_owned();
    for person in 0..300 {
        rows.push_str(&format!("{person},2020,{}\n", 100 + (person * 7919) % 4_001));
    }
    write(&folder, "members.csv", &rows);
    let arguments = "fit members.csv --person person --year year --service visits=cost:cost --bootstrap 0 --out fitted";
    let fit = within(&folder, &arguments.split(' ').collect::<Vec<_>>());
    assert!(fit.status.success(), "{}", output_text(&fit));
    let members = "[population]\nmembers = 20_000\nsource = \"our own count\"\n";
    write(&folder, "scenario.toml", &format!("include = \"fitted/population.toml\"\n{CONTRACTS}{members}"));
    let output = within(&folder, &["check", "scenario.toml"]);
    assert!(output.status.success() && output_text(&output).contains("20,000 people"), "{}", output_text(&output));
    // As a prior, a scenario is read with what it includes.
    let prior = format!("{} --prior scenario.toml --credibility 100", arguments.replace("fitted", "weighed"));
    let fit = within(&folder, &prior.split(' ').collect::<Vec<_>>());
    assert!(fit.status.success(), "{}", output_text(&fit));
}

#[test]
fn row_5_1_shipped_scenarios_include_as_before() {
    for name in ["glide-path", "commercial"] {
        let output = twosided(&["check", &format!("scenarios/{name}.toml")]);
        assert!(output.status.success(), "{}", output_text(&output));
    }
}

/// People who die, leave and are moved by correlated factors.
const LIVES: &str = "[run]\nname = \"Lives\"\ntrials = 400\nseed = 3\n[population]\ntrend = { mean = 1.05, cv = 0.01 }\n\
     [[population.segments]]\nname = \"old\"\nmembers = 3_000\ntruncation_point = 60_000\nfrailty = { persistence = 0.7 }\n\
     mortality = { probability = 0.1, frailty_loading = 0.5, end_of_life = { amount = { gamma = { mean = 15_000, cv = 1 } }, \
     services = { stays = 1 } } }\nturnover = { rate = 0.2, joiner_cost = 1.4, leaver_cost = 0.8 }\n\
     [population.segments.services.stays]\nfrequency = { poisson = { mean = 0.3 } }\nseverity = { lognormal = { mean = 15_000, cv = 1.5 } }\n\
     frailty_loading = 0.6\n[population.segments.services.days]\nfollows = \"stays\"\nfrequency = { poisson = { mean = 2 } }\n\
     severity = { gamma = { mean = 400, cv = 1 } }\n[population.segments.services.visits]\n\
     annual = { lognormal = { mean = 4_000, cv = 2 }, zero = 0.2 }\nfrailty_loading = 0.5\n[system]\n\
     correlations = [{ between = [\"a\", \"b\"], value = 0.6 }]\n[[system.factors]]\nname = \"a\"\nlognormal = { mean = 1.02, cv = 0.05 }\n\
     loading = { cost = 1.5 }\n[[system.factors]]\nname = \"b\"\nlognormal = { mean = 1, cv = 0.1 }\n[[system.factors]]\nname = \"c\"\n\
     shock = { probability = 0.2, mean = 1.1, cv = 0.02 }\nloading = { services = { visits = 2 } }\n[[system.factors]]\nname = \"d\"\n\
     gamma = { mean = 1, cv = 0.05 }\nloading = { cost = 0, services = { visits = 0.5 } }\n\
     [[contracts]]\nname = \"MSSP\"\nterms.mssp = { track = \"enhanced\", benchmark.per_capita = 12_000 }\n";

#[test]
fn row_4_1_what_is_expected_counts_deaths_turnover_and_factors() {
    let scenarios = [
        ("lives", parse(LIVES)),
        ("commercial", scenario("commercial.toml")),
        ("glide-path", scenario("glide-path.toml")),
    ];
    for (name, scenario) in scenarios {
        let scenario = Scenario { years: 1, ..scenario };
        let summary = run_of(&scenario, 400);
        for figure in &summary.population {
            let expected = figure.expected_per_capita.expect("it can be computed");
            let what = format!("{name}, {} of {}", figure.service, figure.segment);
            if figure.per_capita.standard_error > 0.0 {
                assert_mean(figure.per_capita, expected, &what);
            }
        }
    }
}

#[test]
fn row_4_1_check_and_report_show_what_is_settled_beside_the_benchmark() {
    let folder = folder("row-4-1");
    let (code, said) = check(&folder, LIVES, &[]);
    assert_eq!(code, Some(0), "{said}");
    let line = said.lines().find(|line| line.contains("settled expenditure")).expect("it is printed");
    assert!(line.contains("before truncation") && line.contains("benchmark $12,000, savings rate"), "{line}");
    assert!(said.contains("the first year of 1,000 trials"), "{said}");

    // Truncated, and so less than what is spent; the benchmark is the one stated, of one year too.
    let expected = run_of(&parse(LIVES), 400).expected;
    let [contract] = &expected.contracts[..] else { panic!("{expected:?}") };
    assert!(contract.expenditure.value < contract.untruncated.value - 100.0, "{contract:?}");
    assert!((contract.benchmark.value - 12_000.0).abs() < 1e-6 && contract.benchmark.standard_error == 0.0);
    let rate = 1.0 - contract.expenditure.value / contract.benchmark.value;
    assert!((contract.savings_rate.value - rate).abs() < 1e-9);

    let run = within(&folder, &["run", "scenario.toml", "--out", "report"]);
    assert!(run.status.success(), "{}", output_text(&run));
    let page = fs::read_to_string(folder.join("report/report.html")).expect("a report has it");
    assert!(page.contains("Expected in the first year") && page.contains("Expenditure as settled"));
    let json = fs::read_to_string(folder.join("report/summary.json")).expect("a report has it");
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert!(json["expected"]["contracts"][0]["savings_rate"]["value"].is_number(), "{json}");
}

/// Everyone costs 1,000 with a chance of 1%, and nothing otherwise; a capitation with both covers.
fn covered(terms: &str, covers: &str) -> String {
    format!(
        "[run]\nname = \"Covered\"\ntrials = 500\n[[population.segments]]\nname = \"all\"\nmembers = 4_000\n\
         truncation_point = 40_000\nservices.rare = {{ frequency = {{ bernoulli = {{ probability = 0.01 }} }}, \
         severity = {{ empirical = [[0, 90_000], [1, 110_000]] }} }}\n[[contracts]]\nname = \"Covered\"\nterms.{terms}\n{covers}"
    )
}

#[test]
fn row_4_2_covers_are_shown_beside_their_premiums() {
    // 1% of people cost 100,000 on average, of which 50,000 are above the attachment point and half are paid: 250 a year.
    let covers = "covers.specific = { attachment_point = 50_000, coinsurance = 0.5, premium_pmpm = 30 }\n\
                  covers.aggregate = { attachment_ratio = 1.0, expected_pmpm = 62.5, premium_pmpm = 2 }\n";
    let text = covered("capitation = { pmpm = 90 }", covers);
    let Expected { covers, .. } = run_of(&parse(&text), 500).expected;
    let [specific, aggregate] = &covers[..] else { panic!("{covers:?}") };
    assert_mean(specific.pure_premium, 250.0 / 12.0, "the specific cover");
    let ratio = specific.loss_ratio.expect("it has a premium");
    assert!((ratio.value - specific.pure_premium.value / 30.0).abs() < 1e-12);
    // Net claims are 750 a year of 4,000 people with a variance of 75,000² × 0.01 each, about; half a normal's excess.
    let (people, spread) = (4_000.0_f64, 75_000.0 * 0.1 * 0.99_f64.sqrt());
    let excess = spread / people.sqrt() / std::f64::consts::TAU.sqrt() / 12.0;
    assert!((aggregate.pure_premium.value / excess - 1.0).abs() < 0.2, "{aggregate:?}, about {excess}");
    let folder = folder("row-4-2");
    let (code, said) = check(&folder, &text, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("specific cover: pure premium $20.") && said.contains("loss ratio"), "{said}");
    assert!(said.contains("aggregate cover: pure premium"), "{said}");
}

#[test]
fn row_4_2_a_cover_of_what_a_contract_does_not_bear_is_warned_of() {
    let folder = folder("row-4-2-borne");
    let cover = "covers.specific = { attachment_point = 50_000, coinsurance = 0.5, premium_pmpm = 30 }\n";
    let not_borne = "pays what its contract does not bear";
    for (terms, covers, warned) in [
        ("mssp = { track = \"enhanced\", benchmark.per_capita = 1_000 }", cover, true),
        (
            "shared_savings = { benchmark.per_capita = 1_000, truncation_point = 60_000, savings.sharing_rate = 0.5, \
             losses.sharing_rate = 0.5 }",
            cover,
            true,
        ),
        (
            "shared_savings = { benchmark.per_capita = 1_000, savings.sharing_rate = 0.5, losses.sharing_rate = 0.5 }",
            cover,
            false,
        ),
        ("capitation = { pmpm = 90 }", cover, false),
        ("care_management = { pmpm = 5 }", cover, true),
        ("mssp = { track = \"enhanced\", benchmark.per_capita = 1_000 }", "", false),
        (
            "mssp = { track = \"enhanced\", benchmark.per_capita = 1_000 }",
            "covers.specific = { attachment_point = 20_000, limit = 10_000, premium_pmpm = 10 }\n",
            false,
        ),
    ] {
        let (_, said) = check(&folder, &covered(terms, covers), &[]);
        assert_eq!(said.contains(not_borne), warned, "{terms} {covers}: {said}");
    }
    let text = covered("mssp = { track = \"enhanced\", benchmark.per_capita = 1_000 }", cover);
    let (code, _) = check(&folder, &text, &["--strict"]);
    assert_eq!(code, Some(1));
    let run = within(&folder, &["run", "scenario.toml", "--out", "report"]);
    assert!(run.status.success() && output_text(&run).contains(not_borne), "{}", output_text(&run));
    let page = fs::read_to_string(folder.join("report/report.html")).expect("a report has it");
    assert!(page.contains(not_borne), "the report says so too");
}

#[test]
fn row_4_2_what_a_contract_bears_follows_from_its_terms() {
    let folder = folder("row-4-2-terms");
    let specific = "covers.specific = { attachment_point = 40_000, premium_pmpm = 50 }\n";
    let half = "covers.specific = { attachment_point = 40_000, coinsurance = 0.5, premium_pmpm = 25 }\n";
    let below = "covers.specific = { attachment_point = 20_000, limit = 20_000, premium_pmpm = 17 }\n";
    let aggregate = "covers.aggregate = { attachment_ratio = 1.1, expected_pmpm = 83, premium_pmpm = 1 }\n";
    let limited =
        "covers.aggregate = { attachment_ratio = 1.1, expected_pmpm = 83, limit = 100_000, premium_pmpm = 1 }\n";
    let reach = |payout: &str| {
        format!(
            "reach = {{ risk_arrangement = \"global\", performance_year = 2025, benchmark.per_capita = 1_000, \
             stop_loss = {{ charge_pmpm = 50, attachment_point = 40_000, payout_rate = {payout} }} }}"
        )
    };
    let (twice, half_twice) = (reach("1"), reach("0.5"));
    let savings = "savings = { sharing_rate = 0.5 }";
    let gate = "pay_for_performance = { pool_pmpm = 5, target = { pmpm = 83 }, measures = [{ name = \"a\", score = 0.9, \
                threshold = 0.5, benchmark = 0.9 }] }";
    let episodes = |kind: &str, rest: &str, limit: &str| {
        format!("{kind} = {{ {rest} episodes = [{{ service = \"rare\", price = 90_000{limit} }}] }}")
    };
    let prices = episodes("prospective_bundle", "", "");
    let capped_prices = episodes("prospective_bundle", "", ", episode_limit = 95_000");
    let bundle = episodes("bundle", "gains.sharing_rate = 0.5, losses.sharing_rate = 0.5,", ", episode_limit = 95_000");
    let one_sided = episodes("bundle", "gains.sharing_rate = 0.5,", "");
    let fixed = "hospital_global_budget = { budget = 4_000_000, services = [\"rare\"] }";
    let delivered = "[provider]\nown_share.rare = 1\n";
    let carried = "agreement.carried_losses = 1\n";
    let (owes_nothing, not_own) = ("owes nothing in any year", "the provider's own fees alone");
    for (terms, covers, reason) in [
        (twice.as_str(), specific, Some("above $40,000 the contract's own stop_loss pays 100% already")),
        (&twice, aggregate, Some("the contract's own stop_loss pays 100% already")),
        (&twice, below, None),
        (&half_twice, specific, Some("pays 50% already: the cover pays 100% of it once more")),
        (&half_twice, half, None),
        ("reach = { risk_arrangement = \"global\", benchmark.per_capita = 1_000 }", specific, None),
        ("lead = { option = \"professional\", benchmark.per_capita = 1_000 }", specific, None),
        ("mssp = { track = \"basic_a\", minimum_rate = 0, benchmark.per_capita = 1_000 }", below, Some(owes_nothing)),
        ("mssp = { track = \"basic_e\", minimum_rate = 0, benchmark.per_capita = 1_000 }", below, None),
        (
            "mssp = { track = \"enhanced\", benchmark.per_capita = 1_000, prorated_losses = 0 }",
            below,
            Some(owes_nothing),
        ),
        (&format!("shared_savings = {{ benchmark.per_capita = 1_000, {savings} }}"), specific, Some(owes_nothing)),
        (
            &format!("shared_savings = {{ benchmark.per_capita = 1_000, {savings} }}"),
            &format!("{specific}{carried}"),
            None,
        ),
        (
            &format!("shared_savings = {{ benchmark.per_capita = 1_000, {savings}, losses = {{ sharing_rate = 0 }} }}"),
            aggregate,
            Some(owes_nothing),
        ),
        (gate, specific, Some("no more than its pool of $240,000 a year")),
        (gate, aggregate, Some("no more than its pool")),
        (gate, limited, None),
        (&gate.replace("target = { pmpm = 83 }, ", ""), limited, Some("fees pay for each service")),
        (&one_sided, specific, Some(owes_nothing)),
        (&bundle, specific, Some("an episode of rare counts up to $95,000")),
        (&bundle, below, None),
        (&capped_prices, specific, Some("an episode of rare counts up to $95,000")),
        (&prices, specific, None),
        (fixed, specific, Some(not_own)),
        (fixed, &format!("{specific}{delivered}"), None),
        ("fee_for_service = {}", aggregate, Some("fees pay for each service")),
        (
            "medicaid_corridor = { pmpm = 95, target_medical_loss_ratio = 0.88, corridor = [{ share = 1 }] }",
            specific,
            None,
        ),
    ] {
        let (_, said) = check(&folder, &covered(terms, covers), &[]);
        let said = unwrapped(&said);
        assert_eq!(said.contains("pays what its contract does not bear"), reason.is_some(), "{terms} {covers}: {said}");
        assert!(said.contains(reason.unwrap_or("is valid")), "{terms} {covers}: {said}");
    }
}

/// A message in one line, however it is wrapped.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

/// Three years of a capitation.
fn growing(population: &str, capitation: &str) -> String {
    format!(
        "{population}\n[run]\nname = \"Growing\"\nyears = 3\ntrials = 100\n{PEOPLE}[[contracts]]\nname = \"Capitation\"\n\
         terms.capitation = {{ pmpm = 340 }}\n{capitation}"
    )
}

#[test]
fn row_4_6_rates_that_do_not_grow_with_costs_are_warned_of() {
    let folder = folder("row-4-6");
    let compounding =
        "[[system.factors]]\nname = \"prices\"\nlognormal = { mean = 1.06, cv = 0.01 }\ncompounding = true\n";
    let (code, said) = check(&folder, &growing(compounding, ""), &[]);
    let said = unwrapped(&said);
    assert_eq!(code, Some(0), "{said}");
    for part in [
        "costs are expected to grow by 6% a year",
        "\"Capitation\" by 0%",
        "system.factors[1] (\"prices\")",
        "loading = { benchmark = 1 }",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (code, said) = check(&folder, &growing(compounding, ""), &["--strict"]);
    assert_eq!(code, Some(1), "{said}");
    for (population, agreement) in [
        (format!("{compounding}loading = {{ benchmark = 1 }}\n"), ""),
        (compounding.to_owned(), "agreement.benchmark_update = 1.06\n"),
        ("population.trend = { mean = 1.06 }\n".to_owned(), ""),
    ] {
        let (code, said) = check(&folder, &growing(&population, agreement), &["--strict"]);
        assert_eq!(code, Some(0), "{population}{agreement}: {said}");
    }
    let frozen = growing("population.trend = { mean = 1.06 }\n", "agreement.benchmark_update = 1.0\n");
    let (_, said) = check(&folder, &frozen, &[]);
    assert!(unwrapped(&said).contains("agreement.benchmark_update = 1.06"), "{said}");
}

#[test]
fn row_4_6_a_rebased_contract_follows_with_a_lag() {
    let folder = folder("row-4-6-rebased");
    let compounding =
        "[[system.factors]]\nname = \"prices\"\nlognormal = { mean = 1.06, cv = 0.01 }\ncompounding = true\n";
    let savings = "shared_savings = { benchmark.per_capita = 4_000, savings.sharing_rate = 0.5 }";
    let growing = |years: &str, agreement: &str| {
        let text = growing(compounding, agreement).replace("capitation = { pmpm = 340 }", savings);
        unwrapped(&check(&folder, &text.replace("years = 3", years), &[]).1)
    };
    // Base years of one, of two, and of three years, of equal weights: 1, 1.5 and 2 years behind.
    for (years, agreement, lag) in [
        ("years = 4", "agreement.rebasing = { every = 1 }\n", "up to 2 years behind"),
        ("years = 3", "agreement.rebasing = { every = 1 }\n", "up to 1.5 years behind"),
        ("years = 4", "agreement.rebasing = { every = 1, weights = [0, 0, 1] }\n", "up to 1 year behind"),
        ("years = 6", "agreement.rebasing = { every = 3, weights = [0.1, 0.3, 0.6] }\n", "up to 3.5 years behind"),
    ] {
        let said = growing(years, agreement);
        assert!(said.contains("by 0% between rebasings") && said.contains(lag), "{years} {agreement}: {said}");
        assert!(!said.contains("is not updated with them"), "{years} {agreement}: {said}");
    }
    for (years, agreement) in [("years = 3", "agreement.rebasing = { every = 3 }\n"), ("years = 3", "")] {
        let said = growing(years, agreement);
        assert!(said.contains("is not updated with them") && !said.contains("behind"), "{agreement}: {said}");
    }
    let said = growing("years = 4", "agreement = { rebasing = { every = 1 }, benchmark_update = 1.06 }\n");
    assert!(!said.contains("costs are expected to grow"), "{said}");
}

/// People of a high risk score, and contracts with benchmarks for a score of one.
const SICK: &str = "[run]\nname = \"Sick\"\ntrials = 100\nyears = 2\n[[population.segments]]\nname = \"all\"\nmembers = 500\n\
     risk_score = 3\nservices.care.annual = { lognormal = { mean = 36_000, cv = 0.8 } }\n[[contracts]]\nname = \"MSSP\"\n\
     terms.mssp = { track = \"enhanced\", minimum_rate = 0.02, benchmark.per_capita = 36_000 }\n\
     agreement.risk_adjustment = { cap = 0.03, floor = 1 }\n[[contracts]]\nname = \"REACH\"\nterms.reach = { \
     risk_arrangement = \"global\", aco_type = \"high_needs\", performance_year = 2025, benchmark.per_capita = 12_400, \
     risk_score = { raw = 3 } }\n[[contracts]]\nname = \"LEAD\"\nterms.lead = { option = \"global_lower_spending\", \
     benchmark.per_capita = 12_410, risk_score = { raw = 3 } }\n[[contracts]]\nname = \"Plan\"\nterms.medicare_advantage = { \
     county_fee_for_service_pmpm = 800, quartile = 3, stars = 4.5, bid_pmpm = 790, risk_score = 3.8, plan_is_provider = true }\n";

#[test]
fn row_4_7_what_is_stated_at_a_risk_score_of_one_is_compared_so() {
    let folder = folder("row-4-7-score");
    let (code, said) = check(&folder, SICK, &["--strict"]);
    assert_eq!(code, Some(0), "{said}");
    let of_one = "is expected to be spent at a risk score of 1";
    for (from, to, path, reason) in [
        ("floor = 1", "floor = 3e-4", "risk_adjustment.floor is 0.0003", "three percent is 0.03"),
        ("cap = 0.03", "cap = 1", "risk_adjustment.cap is 1", "three percent is 0.03"),
        ("per_capita = 12_400", "per_capita = 36_000", "reach.benchmark.per_capita is 36,000", of_one),
        ("per_capita = 12_400", "per_capita = 1_030", "reach.benchmark.per_capita is 1030", "is it a month's amount?"),
        ("per_capita = 12_410", "per_capita = 36_000", "lead.benchmark.per_capita is 36,000", of_one),
        (
            "per_capita = 36_000",
            "per_capita = 12_000",
            "mssp.benchmark.per_capita is 12,000",
            "$36,000 a person-year is",
        ),
        ("pmpm = 800", "pmpm = 9_600", "county_fee_for_service_pmpm is 9600", "is it a year's amount?"),
        ("bid_pmpm = 790", "bid_pmpm = 3_000", "bid_pmpm is 3000", of_one),
    ] {
        let wrong = SICK.replace(from, to);
        assert_ne!(wrong, SICK, "{from}");
        let (_, said) = check(&folder, &wrong, &[]);
        let said = unwrapped(&said);
        assert!(said.contains(path) && said.contains(reason), "{to}: {said}");
    }
}

#[test]
fn row_4_7_a_refusal_says_that_strict_refuses() {
    let folder = folder("row-4-7-strict");
    let one = growing("population.trend = { mean = 0.7 }\n", "");
    let two = one.replace("pmpm = 340", "pmpm = 34_000");
    for (text, refusal) in
        [(one, "error: 1 warning, refused by --strict"), (two, "error: 2 warnings, refused by --strict")]
    {
        let (code, said) = check(&folder, &text, &["--strict"]);
        assert!(code == Some(1) && said.contains(refusal) && !said.contains("problem"), "{said}");
        assert!(said.contains("population.trend.mean is 0.7"), "{said}");
        let run = within(&folder, &["run", "scenario.toml", "--strict", "--out", "report"]);
        assert!(run.status.code() == Some(1) && output_text(&run).contains(refusal), "{}", output_text(&run));
        let (code, said) = check(&folder, &text, &[]);
        assert!(code == Some(0) && !said.contains("--strict"), "{said}");
    }
}

#[test]
fn row_4_7_what_a_segment_costs_is_doubted_in_words() {
    let folder = folder("row-4-7-segment");
    for (mean, doubt) in [("60", "$60 a person-year, which is suspiciously low"), ("900_000", "suspiciously high")] {
        let text = format!("{CONTRACTS}{}", PEOPLE.replace("4_000", mean));
        let (_, said) = check(&folder, &text, &[]);
        let said = unwrapped(&said);
        assert!(said.contains(doubt) && said.contains("$100 to $400,000 are usual"), "{said}");
    }
}

#[test]
fn row_4_7_counts_of_arguments_may_be_written_as_in_the_file() {
    let folder = folder("row-4-7-counts");
    write(&folder, "scenario.toml", &format!("{CONTRACTS}{PEOPLE}"));
    let run = |trials: &str, seed: &str| {
        within(&folder, &["run", "scenario.toml", "--trials", trials, "--seed", seed, "--out", "report"])
    };
    let plain = run("2000", "1234567");
    assert!(plain.status.success(), "{}", output_text(&plain));
    let hash = outcomes_hash(&folder.join("report"));
    for (trials, seed) in [("2_000", "1_234_567"), ("2,000", "1,234,567")] {
        let grouped = run(trials, seed);
        assert!(grouped.status.success(), "{}", output_text(&grouped));
        assert_eq!(outcomes_hash(&folder.join("report")), hash);
    }
    for (trials, right) in [("2e3", "write 2000"), ("2.5", "from 2 to 1,000,000,000 in digits, such as 2000")] {
        let refused = run(trials, "1");
        assert!(refused.status.code() == Some(2) && output_text(&refused).contains(right), "{}", output_text(&refused));
    }
}

#[test]
fn row_4_7_implausible_values_are_warned_of_and_refused_if_strict() {
    let folder = folder("row-4-7");
    let right = "[run]\nname = \"Units\"\ntrials = 100\n[population]\ntrend = { mean = 1.04 }\n[[population.segments]]\nname = \"all\"\n\
                 members = 5_000\nservices.visits.annual = { lognormal = { mean = 11_000, cv = 2 } }\n[[contracts]]\nname = \"MSSP\"\n\
                 terms.mssp = { track = \"enhanced\", benchmark = { pmpm = 980 }, minimum_rate = 0.02 }\n[[contracts]]\n\
                 name = \"Capitation\"\nterms.capitation = { pmpm = 960 }\n\
                 covers.specific = { attachment_point = 150_000, coinsurance = 0.9, premium_pmpm = 32 }\nadministration_pmpm = 12\n\
                 [[contracts]]\nname = \"Medicaid\"\nterms.medicaid_corridor = { pmpm = 1_035, target_medical_loss_ratio = 0.88, \
                 corridor = [{ up_to = 0.02, share = 1 }, { share = 0.2 }] }\n";
    let (code, said) = check(&folder, right, &["--strict"]);
    assert_eq!(code, Some(0), "{said}");
    let said_of = |arguments: &[&str], text: &str| {
        let (code, said) = check(&folder, text, arguments);
        (code, unwrapped(&said))
    };
    for (from, to, path) in [
        ("mean = 1.04", "mean = 0.04", "population.trend.mean is 0.04"),
        ("mean = 1.04", "mean = 4", "population.trend.mean is 4"),
        ("mean = 11_000", "mean = 11", "expected to cost $11 a person-year"),
        ("pmpm = 980", "pmpm = 12_300", "benchmark.pmpm is 12,300"),
        ("pmpm = 980", "per_capita = 980", "benchmark.per_capita is 980"),
        ("minimum_rate = 0.02", "minimum_rate = 0.2", "minimum_rate is 0.2"),
        ("pmpm = 960", "pmpm = 11_500", "capitation.pmpm is 11,500"),
        ("attachment_point = 150_000", "attachment_point = 150", "attachment_point is 150"),
        ("coinsurance = 0.9", "coinsurance = 0.1", "coinsurance is 0.1"),
        ("premium_pmpm = 32", "premium_pmpm = 200", "a loss ratio of"),
        ("premium_pmpm = 32", "premium_pmpm = 0.1", "a loss ratio of"),
        ("administration_pmpm = 12", "administration_pmpm = 900", "administration_pmpm is 900"),
        ("target_medical_loss_ratio = 0.88", "target_medical_loss_ratio = 0.05", "target_medical_loss_ratio is 0.05"),
        ("up_to = 0.02", "up_to = 2", "up_to is 2"),
    ] {
        let wrong = right.replace(from, to);
        assert_ne!(wrong, right, "{from}");
        let (code, said) = said_of(&[], &wrong);
        assert_eq!(code, Some(0), "{to} is a warning: {said}");
        assert!(said.contains(path) && said.contains("scenario.toml:"), "{to}: {said}");
        let (code, said) = said_of(&["--strict"], &wrong);
        assert!(code == Some(1) && said.contains(path), "{to}: {said}");
    }
    write(&folder, "scenario.toml", &right.replace("mean = 1.04", "mean = 0.04"));
    let strict = within(&folder, &["run", "scenario.toml", "--strict", "--out", "report"]);
    assert_eq!(strict.status.code(), Some(1));
    assert!(!folder.join("report").exists(), "nothing is run");
    let run = within(&folder, &["run", "scenario.toml", "--out", "report"]);
    assert!(
        run.status.success() && output_text(&run).contains("population.trend.mean is 0.04"),
        "{}",
        output_text(&run)
    );
}

/// The reference job's cover costs $20 a year and pays about $30; the exact law that it is tested by is of that premium.
const WARNED: &str = "reference-job.toml";

#[test]
fn row_4_7_no_shipped_scenario_is_warned_of_but_rightly() {
    for entry in fs::read_dir(file("scenarios")).expect("there are scenarios") {
        let path = entry.expect("it can be read").path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let output = twosided(&["check", "--strict", &path.display().to_string()]);
            let said = unwrapped(&output_text(&output));
            if path.ends_with(WARNED) {
                assert!(
                    said.contains("a loss ratio of 1") && said.ends_with("error: 1 warning, refused by --strict"),
                    "{said}"
                );
            } else {
                assert!(output.status.success(), "{said}");
            }
        }
    }
}

#[test]
fn row_5_15_growth_that_overflows_is_refused_with_its_figure() {
    let folder = folder("row-5-15-growth");
    let years = |population: &str| growing(population, "").replace("years = 3", "years = 50");
    for population in [
        "population.trend = { mean = 10 }\n",
        "population.trend = { mean = 0.01 }\n",
        "[[system.factors]]\nname = \"a\"\nlognormal = { mean = 1e6, cv = 1 }\ncompounding = true\n",
        "[[system.factors]]\nname = \"a\"\nlognormal = { mean = 1e6, cv = 100 }\nloading = { cost = -10 }\n",
    ] {
        let (code, said) = check(&folder, &years(population), &[]);
        assert_eq!(code, Some(1), "{population}: {said}");
        assert!(unwrapped(&said).contains("over 50 years") && said.contains("10^"), "{population}: {said}");
    }
    let (code, said) = check(&folder, &years("population.trend = { mean = 1.06, cv = 0.05 }\n"), &[]);
    assert_eq!(code, Some(0), "{said}");
}
