//! One score for every contract: given and sampled agree where the law is certain, and programs move scores.

use twosided_report::Summary;
use twosided_scenario::Scenario;

use crate::support::{Run, parse, text as words, twosided};

/// People of whom exactly `rate` (0 or 1) meet the measure, with contracts of these terms under given scores and under a composite.
fn scenario(rate: f64, contracts: &str) -> String {
    format!(
        "[run]\nname = \"Scores\"\ntrials = 40\nseed = 3\n[provider]\nown_share = {{ visits = 0.6, joints = 0.5 }}\n\
         [[population.segments]]\nname = \"people\"\nmembers = 6_000\nservices.visits.annual.gamma = {{ mean = 9_000, cv = 1 }}\n\
         services.joints = {{ frequency.poisson.mean = 0.02, severity.gamma = {{ mean = 20_000, cv = 0.5 }} }}\n\
         [[population.measures]]\nname = \"control\"\ndenominator = 0.4\nrate = {rate}\n{contracts}"
    )
}

const QUALITY: &str =
    "{ measures = [{ name = \"control\", counted = \"control\", threshold = 0.2, benchmark = 0.9 }], gate = 0.6 }";

/// The gains of a contract with these terms, trial by trial.
fn gains(rate: f64, terms: &str, quality: bool) -> Vec<f64> {
    let quality = if quality { format!("quality = {QUALITY}\n") } else { String::new() };
    let scenario = parse(&scenario(rate, &format!("[[contracts]]\nname = \"contract\"\n{terms}\n{quality}")));
    Run::of(&scenario, scenario.trials, scenario.seed).outcomes.gains_of(0).to_vec()
}

/// Terms in which `SCORE` stands for the given number, and what that number is for a composite of 0 and of 1.
const TERMS: [(&str, &str, [&str; 2]); 13] = [
    (
        "mssp, savings",
        "terms.mssp = { track = \"enhanced\", benchmark.per_capita = 10_000, SCORE }",
        ["quality_score = 0, quality_standard = \"neither\"", "quality_score = 1"],
    ),
    (
        "mssp, losses",
        "terms.mssp = { track = \"enhanced\", benchmark.per_capita = 9_000, SCORE }",
        ["quality_score = 0, quality_standard = \"neither\"", "quality_score = 1"],
    ),
    (
        "reach",
        "terms.reach = { risk_arrangement = \"global\", benchmark.per_capita = 10_000, SCORE }",
        ["quality_score = 0", "quality_score = 1"],
    ),
    (
        "lead",
        "terms.lead = { option = \"global_lower_spending\", benchmark.per_capita = 10_000, SCORE }",
        ["quality_score = 0", "quality_score = 1"],
    ),
    ("mips", "terms.mips = { scaling_factor = 0.5, SCORE }", ["final_score = 0", "final_score = 100"]),
    (
        "hospital_vbp",
        "terms.hospital_vbp = { slope = 2, services = [\"visits\"], SCORE }",
        ["total_performance_score = 0", "total_performance_score = 100"],
    ),
    (
        "team",
        "terms.team = { track = 3, episodes = [{ category = \"lejr\", service = \"joints\", price = 21_000 }], SCORE }",
        ["composite_quality_score = 0", "composite_quality_score = 100"],
    ),
    (
        "bpci_advanced",
        "terms.bpci_advanced = { episodes = [{ service = \"joints\", price = 21_000, category = \"surgical\" }], SCORE }",
        ["composite_quality_score = 0", "composite_quality_score = 100"],
    ),
    (
        "cjr",
        "terms.cjr = { episodes = [{ service = \"joints\", price = 21_000 }], SCORE }",
        ["quality_category = \"below_acceptable\"", "quality_category = \"excellent\""],
    ),
    (
        "bundle",
        "terms.bundle = { episodes = [{ service = \"joints\", price = 21_000 }], gains = { sharing_rate = 0.5 }, SCORE }",
        ["quality_gate_met = false", "quality_gate_met = true"],
    ),
    (
        "care_management",
        "terms.care_management = { pmpm = 5, clawback = { threshold = 0.5, keep_if_missed = 0.8, SCORE } }",
        ["metric = 0", "metric = 1"],
    ),
    (
        "shared_risk_pool",
        "terms.shared_risk_pool = { premium_pmpm = 900, professional_share = 0.5, withhold = 0.1, responsibility = { visits = \"group\" }, SCORE }",
        ["earned = 0", "earned = 1"],
    ),
    (
        "covers of capitation",
        "terms.capitation = { pmpm = 800 }\ncovers.withhold = { share = 0.05, SCORE }",
        ["earned = 0", "earned = 1"],
    ),
];

#[test]
fn a_certain_score_settles_as_the_given_number_does() {
    for (name, terms, given) in TERMS {
        let mut gained = Vec::new();
        for (rate, given) in [0.0, 1.0].into_iter().zip(given) {
            let sampled = gains(rate, &terms.replace(", SCORE", ""), true);
            assert_eq!(sampled, gains(rate, &terms.replace("SCORE", given), false), "{name} at {rate}");
            gained.push(sampled);
        }
        assert_ne!(gained[0], gained[1], "{name}: the score matters");
    }
}

#[test]
fn stars_come_years_after_the_care_that_they_measure() {
    let plan = "terms.medicare_advantage = { county_fee_for_service_pmpm = 900, quartile = 3, stars = 3, bid_pmpm = 850, percent_of_premium = 0.9, premium_includes_rebate = true }\n";
    let years = |quality: &str| -> Vec<f64> {
        let contracts = format!("[[contracts]]\nname = \"plan\"\n{plan}{quality}");
        let text = scenario(1.0, &contracts).replace("[run]", "[run]\nyears = 4");
        let scenario = parse(&text);
        let run = Run::of(&scenario, 2, 3);
        (0..4).map(|year| run.outcomes.yearly[(0, year, 0)]).collect()
    };
    let (given, sampled) = (years(""), years(&format!("quality = {QUALITY}\n")));
    let five = {
        let contracts = format!("[[contracts]]\nname = \"plan\"\n{}", plan.replace("stars = 3", "stars = 5"));
        let scenario = parse(&scenario(1.0, &contracts).replace("[run]", "[run]\nyears = 4"));
        let run = Run::of(&scenario, 2, 3);
        (0..4).map(|year| run.outcomes.yearly[(0, year, 0)]).collect::<Vec<f64>>()
    };
    assert_eq!(sampled[..3], given[..3], "stars of the first three years are of care before");
    assert_eq!(sampled[3..], five[3..], "then all meet the measure: five stars");
    assert!(five[3] > given[3]);
}

/// A population in which a program closes gaps, and an ACO whose standard is met by that program alone.
const PROGRAM: &str = r#"
[run]
name = "A program"
trials = 400
seed = 8
[provider]
own_share = { visits = 0.6 }
[[provider.programs]]
name = "outreach"
closes = { control = { mean = 0.5, sd = 0.1 } }
[[population.segments]]
name = "people"
members = 8_000
services.visits.annual.gamma = { mean = 9_000, cv = 1 }
[[population.measures]]
name = "control"
denominator = 0.1
rate = 0.6
[[contracts]]
name = "with"
terms.mssp = { track = "enhanced", benchmark.per_capita = 9_500 }
quality = { measures = [{ name = "control", counted = "control", steps = [[0.5, 0.6], [0.7, 0.9]] }] }
[[contracts]]
name = "without"
programs = []
terms.mssp = { track = "enhanced", benchmark.per_capita = 9_500 }
quality = { measures = [{ name = "control", counted = "control", steps = [[0.5, 0.6], [0.7, 0.9]] }] }
[[contracts]]
name = "clinicians with"
terms.mips = { scaling_factor = 0.5 }
quality = { measures = [{ name = "control", counted = "control", threshold = 0.4, benchmark = 1 }] }
[[contracts]]
name = "clinicians without"
programs = []
terms.mips = { scaling_factor = 0.5 }
quality = { measures = [{ name = "control", counted = "control", threshold = 0.4, benchmark = 1 }] }
"#;

fn summary(scenario: &Scenario) -> Summary {
    Run::of(scenario, scenario.trials, scenario.seed).summary(scenario)
}

#[test]
fn a_program_that_closes_gaps_moves_every_contract_by_the_same_score() {
    let summary = summary(&parse(PROGRAM));
    let mean = |name: &str| summary.contract(name).expect("a contract").measures[0];
    // Without the program 60% meet it, and the standard of 77.05% is missed; with it 80% on average do.
    assert_eq!(mean("without").value, 0.0);
    assert!(mean("with").value > 4.0 * mean("with").standard_error);
    // A final score of (0.8 - 0.4) / 0.6 × 100 = 66.7 against 33.3, both below the threshold of 75, where the curve is straight.
    let change = mean("clinicians with").value - mean("clinicians without").value;
    let fees = 0.6 * 9_000.0 * 8_000.0;
    let expected = fees * 0.09 * (100.0 / 3.0) / 75.0;
    let error = mean("clinicians with").standard_error.hypot(mean("clinicians without").standard_error);
    assert!((change - expected).abs() < 4.0 * error + 0.003 * expected, "{change} against {expected} ± {error}");
    let everyone = &summary.people_by_group[0].contracts;
    let scores: Vec<f64> = everyone.iter().map(|under| under.measures[0].score.value).collect();
    assert!((scores[0] - 0.8).abs() < 0.01 && (scores[1] - 0.6).abs() < 0.005, "{scores:?}");
}

#[test]
fn explain_shows_every_point_and_says_where_the_number_is_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("program.toml");
    std::fs::write(&path, PROGRAM).expect("it is written");
    let output =
        twosided(&["explain", "scenario", path.to_str().expect("a path"), "--contract", "with", "--trial", "1"]);
    let shown = words(&output.stdout);
    for step in
        ["control: cases", "control: score", "control: points", "composite", "quality performance standard asks for"]
    {
        assert!(shown.contains(step), "{step}: {shown}");
    }
    let shown = words(
        &twosided(&[
            "explain",
            "scenario",
            path.to_str().expect("a path"),
            "--contract",
            "clinicians with",
            "--trial",
            "1",
        ])
        .stdout,
    );
    assert!(shown.contains("100 × composite") || shown.contains("100 × {composite}"), "{shown}");
}

#[test]
fn what_cannot_be_scored_is_refused_with_every_problem() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wrong.toml");
    let cases = [
        ("terms.capitation = { pmpm = 800 }\nquality = Q", "no score enters capitation"),
        (
            "terms.mips = { final_score = 80 }\nquality = Q",
            "terms.mips.final_score is given, and so is the contract's quality",
        ),
        ("terms.mips = {}", "final_score"),
        ("terms.mips = {}\nquality = { measures = [] }", "measures"),
        (
            "terms.mips = {}\nquality = { measures = [{ name = \"a\", counted = \"contrl\", stars = [1, 2, 3, 4] }] }",
            "contrl",
        ),
        (
            "terms.mips = {}\nquality = { measures = [{ name = \"a\", score = 1, stars = [1, 3, 2, 4] }] }",
            "does not go one way",
        ),
        ("terms.mips = {}\nquality = { measures = [{ name = \"a\", score = 1, deciles = [1, 2] }] }", "has 2 scores"),
        (
            "terms.mips = {}\nquality = { measures = [{ name = \"a\", score = 1, stars = [1, 2, 3, 4], topped_out = 7 }] }",
            "without `deciles`",
        ),
        (
            "terms.mips = {}\nquality = { measures = [{ name = \"a\", score = 1, stars = [1, 2, 3, 4] }], categories = { x = 1 } }",
            "has no category",
        ),
        (
            "terms.mips = {}\nquality = { measures = [{ name = \"a\", score = 1, category = \"x\", stars = [1, 2, 3, 4] }], categories = { x = 0 } }",
            "add to nothing",
        ),
        (
            "terms.mips = {}\nquality = { measures = [{ name = \"a\", score = 1, stars = [1, 2, 3, 4] }], least_measures = 2 }",
            "is 2 of 1 measures",
        ),
    ];
    for (contract, problem) in cases {
        let contract = contract.replace('Q', QUALITY);
        std::fs::write(&path, scenario(0.5, &format!("[[contracts]]\nname = \"contract\"\n{contract}\n")))
            .expect("it is written");
        let refused = twosided(&["check", path.to_str().expect("a path")]);
        let shown = words(&refused.stderr);
        assert!(!refused.status.success() && shown.contains(problem), "{contract}: {shown}");
    }
}
