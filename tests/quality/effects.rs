//! What care does to later care: elasticities, substitution, and the harm of stinting.

use twosided_population::Observation;
use twosided_report::Summary;

use crate::support::{Run, parse, text as words, twosided};

fn scenario(elasticities: &str, more: &str) -> String {
    format!(
        "[run]\nname = \"Effects\"\ntrials = 1_500\nseed = 21\n{more}\n[[population.segments]]\nname = \"people\"\nmembers = 2_000\n\
         services.\"primary care\" = {{ frequency.poisson.mean = 4, severity.gamma = {{ mean = 100, cv = 0.3 }} }}\n\
         services.telehealth = {{ frequency.poisson.mean = 0.5, severity.gamma = {{ mean = 60, cv = 0.3 }} }}\n\
         services.inpatient = {{ frequency.poisson.mean = 0.3, severity.gamma = {{ mean = 9_000, cv = 0.3 }} }}\n\
         [[population.measures]]\nname = \"control\"\ndenominator = 0.5\nrate = 0.5\n{elasticities}\n\
         [[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {{}}\n\
         [[contracts]]\nname = \"Capitation\"\nterms.capitation = {{ pmpm = 290 }}\n"
    )
}

/// Mean expenditure a person-year of everyone under a contract, with its error.
fn spending(summary: &Summary, contract: &str) -> (f64, f64) {
    let under =
        summary.people_by_group[0].contracts.iter().find(|under| under.contract == contract).expect("it covers all");
    (under.expenditure.value, under.expenditure.standard_error)
}

fn summary(elasticities: &str, more: &str) -> Summary {
    let scenario = parse(&scenario(elasticities, more));
    Run::of(&scenario, scenario.trials, scenario.seed).summary(&scenario)
}

fn near((found, error): (f64, f64), expected: f64) {
    assert!((found - expected).abs() < 4.0 * error, "{found} ± {error} against {expected}");
}

const PROVIDER: &str = "[provider]\nown_share = { \"primary care\" = 1 }\n";
const LINK: &str = "[[population.elasticities]]\nof = \"inpatient\"\nto_service = \"primary care\"\nelasticity = -0.5\nsource = \"assumed\"\n";

#[test]
fn stinting_under_capitation_raises_admissions_and_takes_from_the_gain() {
    // Without an incentive for volume, the provider gives 20% less primary care than under fees.
    let response = format!(
        "{PROVIDER}[provider.response]\nelasticity = 0.4\nservices = [\"primary care\"]\nsource = \"assumed\"\n"
    );
    let text = scenario(LINK, &response);
    let parsed = twosided_scenario::Scenario::parse("test.toml", &text);
    let Ok(linked) = parsed else { panic!("{:?}", parsed.err()) };
    let bare = parse(&scenario("", &response));
    let of = |scenario: &twosided_scenario::Scenario| {
        let run = Run::of(scenario, scenario.trials, scenario.seed);
        let summary = run.summary(scenario);
        (spending(&summary, "Capitation"), summary.contract("Capitation").expect("a contract").measures[0])
    };
    let ((with, error), gain) = of(&linked);
    let ((without, other), gain_without) = of(&bare);
    assert!(with > without + 4.0 * error.hypot(other), "{with} against {without}");
    assert!(gain.value < gain_without.value - 4.0 * gain.standard_error.hypot(gain_without.standard_error));
}

#[test]
fn use_answers_by_the_power_of_the_change() {
    let program = format!(
        "{PROVIDER}[[provider.programs]]\nname = \"access\"\neffect = {{ \"primary care\" = {{ mean = 0.21 }} }}\n"
    );
    let summary = summary(LINK, &program);
    near(spending(&summary, "Fees"), 400.0 + 30.0 + 2_700.0);
    near(spending(&summary, "Capitation"), 484.0 + 30.0 + 2_700.0 / 1.1);
}

#[test]
fn closing_gaps_lowers_admissions_by_the_same_draw_as_it_raises_quality() {
    let link = "[[population.elasticities]]\nof = \"inpatient\"\nto_measure = \"control\"\nelasticity = -1\n";
    let program = format!(
        "{PROVIDER}[[provider.programs]]\nname = \"outreach\"\ncloses = {{ control = {{ mean = 0.5, sd = 0.1 }} }}\n"
    );
    let summary = summary(link, &program);
    // 0.5 rises to 0.75 on average: E[1 / (1 + x)] of a closed share x of mean 0.5 and deviation 0.1, to the second order.
    let expected = 2_700.0 * (1.0 / 1.5 + 0.01 / 1.5_f64.powi(3));
    let (found, error) = spending(&summary, "Capitation");
    assert!((found - 430.0 - expected).abs() < 4.0 * error + 1.0, "{found} ± {error}");
    let under =
        summary.people_by_group[0].contracts.iter().find(|under| under.contract == "Capitation").expect("covered");
    let correlation = under.measures[0].correlation_with_expenditure.expect("both vary");
    assert!(correlation.value < -10.0 * correlation.standard_error, "one draw moves both: {correlation:?}");
}

#[test]
fn telehealth_takes_the_place_of_visits_by_events() {
    let link = "[[population.elasticities]]\nof = \"primary care\"\nto_service = \"telehealth\"\nsubstitutes = 0.6\n";
    let program =
        format!("{PROVIDER}[[provider.programs]]\nname = \"video\"\neffect = {{ telehealth = {{ mean = 0.8 }} }}\n");
    let scenario = parse(&scenario(link, &program));
    let summary = Run::of(&scenario, scenario.trials, scenario.seed).summary(&scenario);
    // 0.4 more of telehealth, 0.24 visits fewer.
    near(spending(&summary, "Capitation"), 400.0 - 24.0 + 30.0 + 24.0 + 2_700.0);
}

#[test]
fn an_effect_with_a_lag_begins_years_later() {
    let link = LINK.replace("source", "lag_years = 1\nsource");
    let program = format!(
        "{PROVIDER}[[provider.programs]]\nname = \"access\"\neffect = {{ \"primary care\" = {{ mean = 0.21 }} }}\n"
    );
    let text = scenario(&link, &program)
        .replace("seed = 21", "seed = 21\nyears = 2")
        .replace("Fees\"\nterms.fee_for_service = {}", "Care\"\nterms.care_management = { pmpm = 1 }");
    let scenario = parse(&text);
    let run = Run::of(&scenario, 400, 21);
    let spent = |year: usize| {
        run.observed
            .observation_in(year, &Observation::Expenditure { service: "inpatient".into() })
            .expect("observed")
            .1
            .mean()
    };
    assert!((spent(0) / spent(1) - 1.0).abs() < 0.02, "what is observed is the year of the data");
    let summary = run.summary(&scenario);
    let gain = |year: usize| summary.contract("Capitation").expect("a contract").years[year].mean_gain;
    // Under capitation admissions are at the provider's risk: fewer in the second year alone.
    let saved = gain(1).value - gain(0).value;
    let expected = 2_000.0 * 2_700.0 * (1.0 - 1.0 / 1.1);
    let error = gain(1).standard_error.hypot(gain(0).standard_error);
    assert!((saved - expected).abs() < 4.0 * error, "{saved} ± {error} against {expected}");
}

#[test]
fn circles_and_unknown_names_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wrong.toml");
    let back = "[[population.elasticities]]\nof = \"primary care\"\nto_service = \"inpatient\"\nelasticity = 0.5\n";
    for (links, problem) in [
        (format!("{LINK}{back}"), "closes a circle: inpatient, primary care, inpatient"),
        (LINK.replace("\"inpatient\"", "\"inpatients\""), "inpatients"),
        (LINK.replace("elasticity = -0.5", "elasticity = -0.5\nsubstitutes = 0.5"), "substitutes"),
        (LINK.replace("to_service = \"primary care\"", "to_measure = \"contrl\""), "contrl"),
        (
            LINK.replace(
                "to_service = \"primary care\"\nelasticity = -0.5",
                "to_measure = \"control\"\nsubstitutes = 0.5",
            ),
            "of a measure",
        ),
    ] {
        std::fs::write(&path, scenario(&links, PROVIDER)).expect("it is written");
        let refused = twosided(&["check", path.to_str().expect("a path")]);
        let shown = words(&refused.stderr);
        assert!(!refused.status.success() && shown.contains(problem), "{links}: {shown}");
    }
}
