//! Figures of runs: point masses, corners of ranges, one figure for one bad year, heavy tails, and outputs without NaN.

use std::{fmt::Write, fs, time::Instant};

use serde_json::Value;
use tempfile::TempDir;
use twosided::{RunOptions, Scenario};

use crate::support::{file, folder, parse};

/// Runs a scenario given as text and writes its report, with the table that a terminal shows.
fn run(scenario: &str, trials: u64) -> TempDir {
    let folder = folder();
    let scenario = Scenario { trials, ..parse(scenario) };
    let run = twosided::run(&scenario, &RunOptions::default()).expect("it is small");
    run.write(folder.path()).expect("it can be written");
    fs::write(folder.path().join("terminal.txt"), run.report().table(None)).expect("a file");
    folder
}

fn summary(report: &TempDir) -> Value {
    serde_json::from_slice(&fs::read(report.path().join("summary.json")).expect("a summary")).expect("JSON")
}

const FEE_FOR_SERVICE: &str = "[[contracts]]\nname = \"fees\"\nterms.fee_for_service = {}\n";

#[test]
fn an_annual_law_with_a_zero_mass_and_frailty_keeps_its_mean() {
    for (zero, expected) in [(0.5, 5_000.25), (0.99, 100.005)] {
        let scenario = format!(
            "[run]\nname = \"mass\"\ntrials = 100\nseed = 1\n[population]\n[[population.segments]]\nname = \"all\"\n\
             members = 20_000\n[population.segments.services.visits]\nfrailty_loading = 0.5\n\
             annual = {{ empirical = [[0.0, 10_000], [1.0, 10_001]], zero = {zero} }}\n{FEE_FOR_SERVICE}"
        );
        let summary = summary(&run(&scenario, 100));
        let figure = summary["population"]
            .as_array()
            .expect("figures")
            .iter()
            .find(|figure| figure["segment"] == "all" && figure["service"] == "visits")
            .expect("the service");
        let of = |key: &str| figure["per_capita"][key].as_f64().expect("a number");
        let z = (of("value") - expected) / of("standard_error");
        assert!(z.abs() < 4.0, "zero {zero}: {} ± {}", of("value"), of("standard_error"));
    }
}

/// Services with laws at corners of their ranges, all with frailty, and factors with the same laws.
fn corners(laws: &[String]) -> String {
    let mut scenario = String::from(
        "[run]\nname = \"corners\"\ntrials = 2\nseed = 1\n[population]\n[[population.segments]]\nname = \"all\"\nmembers = 3\n",
    );
    for (index, law) in laws.iter().enumerate() {
        let zero = [0.0, 1e-300, 1e-6, 0.5, 0.999_999][index % 5];
        let loading = [-1.0, -0.5, 0.0, 0.5, 1.0][index / 5 % 5];
        writeln!(
            scenario,
            "[population.segments.services.s{index}]\nannual = {{ {law}, zero = {zero:e} }}\nfrailty_loading = {loading:?}"
        )
        .expect("a string");
    }
    scenario.push_str("[system]\ncopula = { t = 2 }\n");
    for (index, law) in laws.iter().enumerate().take(50) {
        let persistence = [0.0, 0.99, -0.99][index % 3];
        writeln!(
            scenario,
            "[[system.factors]]\nname = \"f{index}\"\n{law}\npersistence = {persistence:?}\nloading.cost = 0"
        )
        .expect("a string");
    }
    scenario.push_str(FEE_FOR_SERVICE);
    scenario
}

#[test]
fn check_and_run_end_at_every_corner_of_documented_ranges() {
    let mut laws: Vec<String> = Vec::new();
    for mean in ["1e-6", "1", "5000.0", "1e12"] {
        for cv in ["1e-6", "1e-3", "0.01", "1", "1.01", "6", "50", "100"] {
            let number: f64 = cv.parse().expect("a number");
            for family in ["lognormal", "gamma", "weibull", "pareto"] {
                let refused =
                    (family == "weibull" && !(0.01..=50.0).contains(&number)) || (family == "pareto" && number <= 1.0);
                if !refused {
                    laws.push(format!("{family} = {{ mean = {mean}, cv = {cv} }}"));
                }
            }
        }
        for shape in ["1.000001", "2", "1e6"] {
            laws.push(format!("pareto = {{ mean = {mean}, shape = {shape} }}"));
        }
    }
    for cv in ["1e-6", "1e-3", "1", "100"] {
        for tail in ["gamma = { mean = 1e12, cv = 100 }", "pareto = { mean = 1e-6, shape = 1e6 }"] {
            for family in ["lognormal", "gamma"] {
                laws.push(format!(
                    "spliced = {{ threshold = 1.1, tail_weight = 1e-12, body = {{ {family} = {{ mean = 1, cv = {cv} }} }}, tail = {{ \
                     {tail} }} }}"
                ));
            }
        }
    }
    laws.push("empirical = [[0.0, 0], [1.0, 0]]".to_owned());
    laws.push("empirical = [[0.0, 0], [0.5, 0], [0.500000001, 1e12], [1.0, 1e12]]".to_owned());
    for (index, laws) in laws.chunks(50).enumerate() {
        let begun = Instant::now();
        run(&corners(laws), 2);
        assert!(begun.elapsed().as_secs() < 60, "chunk {index} takes {:?}", begun.elapsed());
    }
}

/// Words that no figure is.
fn assert_sound(report: &TempDir) {
    for name in ["summary.json", "summary.csv", "terminal.txt", "report.html"] {
        let text = fs::read_to_string(report.path().join(name)).expect("a file");
        let words = text.split(|sign: char| !sign.is_alphanumeric());
        // A summary says null of what is not known; nothing else does.
        let wrong = ["NaN", "inf", "Inf", "Infinity", "nan", "null"];
        let wrong = &wrong[..if name == "summary.json" { 5 } else { 6 }];
        let found: Vec<&str> = words.filter(|word| wrong.contains(word)).collect();
        assert!(found.is_empty(), "{}: {found:?}", report.path().join(name).display());
    }
}

#[test]
fn no_output_of_any_contract_has_nan_or_null() {
    let continuum = fs::read_to_string(file("scenarios/continuum.toml")).expect("a scenario");
    for trials in [2, 3, 5, 40] {
        assert_sound(&run(&continuum, trials));
    }
    // A loss that is always at its limit, and never: people who cost the same in every year.
    let constant = format!(
        "[run]\nname = \"limit\"\ntrials = 50\nseed = 1\n[population]\n[[population.segments]]\nname = \"all\"\nmembers = 100\n\
         [population.segments.services.visits]\nannual = {{ empirical = [[0.0, 10_000], [1.0, 10_000]] }}\n{FEE_FOR_SERVICE}\
         [[contracts]]\nname = \"at its limit\"\nterms.capitation = {{ pmpm = 100 }}\n\
         [[contracts]]\nname = \"nothing\"\nterms.shared_savings = {{ benchmark = {{ per_capita = 10_000 }}, savings = {{ \
         minimum_rate = 0.0, sharing_rate = 0.5 }}, losses = {{ minimum_rate = 0.0, sharing_rate = 0.5 }} }}\n"
    );
    for trials in [2, 4, 50] {
        assert_sound(&run(&constant, trials));
    }
}

#[test]
fn a_bad_year_has_one_figure() {
    let first_steps = fs::read_to_string(file("scenarios/first-steps.toml")).expect("a scenario");
    let report = run(&first_steps, 400);
    let summary = summary(&report);
    for (name, contract) in summary["contracts"].as_object().expect("contracts") {
        let measure = |key: &str| contract["measures"][key]["value"].as_f64().expect("a number");
        assert_eq!(measure("gain_quantile_05"), 0.0 - measure("var_95_of_loss"), "{name}");
    }
}

/// A loss with a tail of index 1.3 that one contract bears whole.
#[test]
fn a_heavy_tail_is_named_beside_its_figures() {
    let scenario = format!(
        "[run]\nname = \"tail\"\ntrials = 2000\nseed = 1\n[population]\n[[population.segments]]\nname = \"all\"\nmembers = 20\n\
         [population.segments.services.visits]\nannual = {{ pareto = {{ mean = 10_000, shape = 1.3 }} }}\n{FEE_FOR_SERVICE}\
         [[contracts]]\nname = \"all of the risk\"\nterms.capitation = {{ pmpm = 900 }}\n"
    );
    let report = run(&scenario, 2000);
    let terminal = fs::read_to_string(report.path().join("terminal.txt")).expect("a file");
    let page = fs::read_to_string(report.path().join("report.html")).expect("a file");
    assert!(terminal.contains("(heavy tail)") && page.contains("(heavy tail)"), "{terminal}");
    let csv = fs::read_to_string(report.path().join("summary.csv")).expect("a file");
    let row = csv.lines().find(|line| line.contains(",sd_gain,") && line.contains("all of the risk")).expect("a row");
    assert!(row.contains(",,") && row.ends_with("heavy tail: the error cannot be estimated,"), "{row}");
    let summary = summary(&report);
    let sd = &summary["contracts"]["all of the risk"]["measures"]["sd_gain"];
    assert!(sd["caution"] == "heavy_tail" && sd["standard_error"].is_null(), "{sd}");
    assert_sound(&report);
}

/// A thousand years of people whose costs have no fourth moment, under contracts that bear them whole and that cut them off.
#[test]
fn a_tail_that_many_people_hide_is_known_from_its_law() {
    let contract = |name: &str, terms: &str| format!("[[contracts]]\nname = \"{name}\"\n{terms}\n");
    let settled = |losses: &str| {
        format!(
            "terms.shared_savings = {{ benchmark.pmpm = 420, savings = {{ sharing_rate = 0.5 }}, losses = {{ sharing_rate = 0.5{losses} }} }}"
        )
    };
    let cover = "terms.capitation = { pmpm = 420 }\ncovers.specific = { attachment_point = 50_000, premium_pmpm = 30 }";
    let contracts = [
        contract("bears all", "terms.capitation = { pmpm = 420 }"),
        contract("covered", cover),
        contract("shares all", &settled("")),
        contract("shares to a limit", &settled(", limit = 0.1")),
    ]
    .concat();
    for (members, shape, open) in
        [(300, 2.3, [true, false, true, false]), (2_000, 3.5, [true, false, true, false]), (300, 5.0, [false; 4])]
    {
        let law = format!("services.care = {{ annual = {{ pareto = {{ mean = 5_000, shape = {shape} }} }} }}");
        let scenario = format!(
            "[run]\nname = \"hidden\"\nseed = 3\n[[population.segments]]\nname = \"all\"\nmembers = {members}\n{law}\n{FEE_FOR_SERVICE}{contracts}"
        );
        let summary = summary(&run(&scenario, 1000));
        for (name, open) in ["bears all", "covered", "shares all", "shares to a limit"].into_iter().zip(open) {
            let contract = &summary["contracts"][name];
            for measure in ["sd_gain", "tvar_99_of_loss"] {
                let has_error = contract["measures"][measure]["standard_error"].is_number();
                assert_eq!(has_error, !open, "{members} people, shape {shape}: {measure} of {name}");
            }
            assert!(contract["measures"]["mean_gain"]["standard_error"].is_number(), "the mean has a variance");
        }
    }
}

#[test]
fn no_mean_of_a_law_without_a_variance_has_an_error() {
    let law = "services.care = { annual = { pareto = { mean = 6_000, shape = 1.3 } } }";
    let contract = "[[contracts]]\nname = \"savings\"\nterms.shared_savings = { benchmark.pmpm = 500, savings = { sharing_rate = 0.5 } }\n\
                    covers.specific = { attachment_point = 50_000, premium_pmpm = 40 }\n";
    let scenario = format!(
        "[run]\nname = \"none\"\nseed = 3\nyears = 2\n[[population.segments]]\nname = \"all\"\nmembers = 20\n{law}\n{FEE_FOR_SERVICE}{contract}"
    );
    let report = run(&scenario, 2000);
    let summary = summary(&report);
    let errors = |value: &Value, key: &str| value[key]["standard_error"].is_number();
    for figure in summary["population"].as_array().expect("figures") {
        assert!(!errors(figure, "per_capita"), "{figure}");
    }
    let expected = &summary["expected"];
    let compared = &expected["contracts"][0];
    for key in ["untruncated", "expenditure", "savings_rate"] {
        assert!(!errors(compared, key), "{key}: {compared}");
    }
    assert!(errors(compared, "benchmark"), "{compared}");
    assert!(!errors(&expected["covers"][0], "pure_premium"), "{expected}");
    assert_sound(&report);
}
