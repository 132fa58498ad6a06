//! Results by group of people.

use twosided_report::{Figure, MeasureFigures, PeopleUnder, Report, Summary};

use crate::support::{Run, parse, text as words, twosided};

/// Two groups, of which one costs a quarter more than its scores say, under fees, capitation, and savings that are shared in full.
const SCENARIO: &str = r#"
[run]
name = "Two groups"
trials = 2_000
seed = 15

[provider]
own_share = { visits = 0.5 }

[[population.segments]]
name = "others"
members = 3_000
risk_score = 1
services.visits.annual.gamma = { mean = 2_000, cv = 1 }

[[population.segments]]
name = "dual"
members = 1_000
risk_score = 2
social_risk = { cost = 1.25 }
services.visits.annual.gamma = { mean = 4_000, cv = 1 }

[[population.measures]]
name = "blood pressure control"
denominator = 0.4
rate = 0.7
segments = { dual = 0.6 }

[[population.groups]]
name = "dually eligible"
segments = ["dual"]

[[population.groups]]
name = "not dually eligible"
segments = ["others"]

[[contracts]]
name = "Fees"
terms.fee_for_service = {}

[[contracts]]
name = "Capitation"
terms.capitation = { pmpm = 300 }

[[contracts]]
name = "Savings"
terms.shared_savings = { benchmark.per_capita = 2_750, savings.sharing_rate = 1, losses.sharing_rate = 1 }

[[contracts]]
name = "Capitation of the dually eligible"
segments = ["dual"]
terms.capitation = { pmpm = 400 }
"#;

fn summary() -> Summary {
    let scenario = parse(SCENARIO);
    Run::of(&scenario, scenario.trials, scenario.seed).summary(&scenario)
}

fn under(summary: &Summary, group: Option<&str>, contract: &str) -> PeopleUnder {
    let group = summary.people_by_group.iter().find(|people| people.group.as_deref() == group).expect("the group");
    group.contracts.iter().find(|under| under.contract == contract).expect("it covers some of them").clone()
}

fn near(figure: &Figure, expected: f64) {
    let z = (figure.value - expected) / figure.standard_error;
    assert!(figure.standard_error > 0.0 && z.abs() < 4.0, "{figure:?} is {z:.1} standard errors from {expected}");
}

#[test]
fn spending_benchmark_and_payment_of_each_group_are_those_of_its_laws() {
    let summary = summary();
    let [dual, others] = [Some("dually eligible"), Some("not dually eligible")];
    near(&under(&summary, dual, "Fees").expenditure, 5_000.0);
    near(&under(&summary, others, "Fees").expenditure, 2_000.0);
    near(&under(&summary, None, "Fees").expenditure, 2_750.0);
    // Half of the care is the provider's own.
    near(&under(&summary, dual, "Fees").payment, 2_500.0);
    assert!(under(&summary, dual, "Fees").benchmark.is_none());
    // Scores are certain: 2 of 5 parts of all payments are for the dually eligible, who are a quarter of the people.
    let exactly = |figure: Option<Figure>, expected: f64| {
        let found = figure.expect("a figure").value;
        assert!((found - expected).abs() < 1e-9 * expected, "{found} is not {expected}");
    };
    exactly(Some(under(&summary, dual, "Capitation").payment), 3_600.0 * 1.6);
    exactly(Some(under(&summary, others, "Capitation").payment), 3_600.0 * 0.8);
    exactly(under(&summary, dual, "Savings").benchmark, 2_750.0 * 1.6);
    exactly(under(&summary, others, "Savings").benchmark, 2_750.0 * 0.8);
    // Fees of a half, and all of what is saved or lost.
    let [paid, spent] = {
        let everyone = under(&summary, None, "Savings");
        [everyone.payment.value, everyone.expenditure.value]
    };
    assert!((paid - (0.5 * spent + 2_750.0 - spent)).abs() < 1e-6, "{paid} of {spent}");
    exactly(Some(under(&summary, dual, "Capitation of the dually eligible").payment), 4_800.0);
}

#[test]
fn people_whom_a_contract_does_not_cover_are_not_among_its_people() {
    let summary = summary();
    let covered = under(&summary, None, "Capitation of the dually eligible");
    assert_eq!(covered, under(&summary, Some("dually eligible"), "Capitation of the dually eligible"));
    let others = summary.people_by_group.iter().find(|people| people.group.as_deref() == Some("not dually eligible"));
    let contracts = &others.expect("the group").contracts;
    assert!(contracts.iter().all(|under| under.contract != "Capitation of the dually eligible"));
}

#[test]
fn measures_have_the_scores_of_each_group_and_a_deviation_by_its_size() {
    let summary = summary();
    let measure = |group| -> MeasureFigures { under(&summary, group, "Fees").measures[0].clone() };
    let (dual, everyone) = (measure(Some("dually eligible")), measure(None));
    near(&dual.score, 0.6);
    near(&everyone.score, (1_200.0 * 0.7 + 400.0 * 0.6) / 1_600.0);
    // Of a random number of cases: p (1 - p) E[1 / n], to the second order.
    let cases = 1.0 / 400.0 * (1.0 + 0.6 / 400.0);
    near(&dual.sd, (0.6_f64 * 0.4 * cases).sqrt());
    // Nothing ties the measure to cost.
    near(&dual.correlation_with_expenditure.expect("both vary"), 0.0);
}

#[test]
fn the_page_shows_groups_and_a_group_of_nobody_is_refused() {
    let scenario = parse(SCENARIO);
    let run = Run::of(&scenario, 200, 15);
    let summary = run.summary(&scenario);
    let html = Report { scenario: &scenario, outcomes: &run.outcomes, summary: &summary }.html();
    for text in ["Quality, and results by group of people", "dually eligible", "blood pressure control"] {
        assert!(html.contains(text), "{text}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("groups.toml");
    std::fs::write(&path, SCENARIO.replace("segments = [\"others\"]", "segments = []")).expect("it is written");
    let refused = twosided(&["check", path.to_str().expect("a path")]);
    assert!(!refused.status.success() && words(&refused.stderr).contains("population.groups[2].segments is empty"));
}
