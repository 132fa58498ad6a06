use std::sync::{Arc, LazyLock};

use twosided_report::Provenance;
use twosided_scenario::Scenario;
use twosided_sim::{Control, Simulated, simulate};

use super::*;

const SCENARIO: &str = r#"
[run]
name = "Limits"
trials = 2_000
seed = 5
[[population.segments]]
name = "all"
members = 400
services.care = { annual = { gamma = { mean = 9_000, cv = 2 } } }
[[contracts]]
name = "Fees"
terms.fee_for_service = {}
[[contracts]]
name = "Shared"
terms.shared_savings = { benchmark = { per_capita = 9_000 }, savings = { sharing_rate = 0.5 }, losses = { sharing_rate = 0.5, limit = 0.05 } }
[[contracts]]
name = "Capitation"
terms.capitation = { pmpm = 760 }
"#;

static RUN: LazyLock<(Scenario, Simulated, Summary)> = LazyLock::new(|| {
    let scenario = Scenario::parse("test.toml", SCENARIO).expect("it is right");
    let simulated = simulate(&scenario.job(), None, &Control::default()).expect("nothing stops it");
    let provenance = Provenance::new(&scenario, &simulated.outcomes, "0", "0").expect("it is TOML");
    let summary = Summary::new(&scenario, &simulated, provenance).expect("gains are finite");
    (scenario, simulated, summary)
});

/// Judges a requirement with and without trials.
fn judged(require: &str, contract: &str, less: Option<&str>, with_trials: bool) -> Result<Judged, NoEstimate> {
    let (scenario, simulated, summary) = &*RUN;
    let names: Vec<&str> = scenario.contracts.iter().map(|contract| contract.name.as_str()).collect();
    let design = Arc::clone(&simulated.design);
    let trials = Trials { outcomes: &simulated.outcomes, design: &design, tails: &simulated.observed.tails };
    let evidence = Evidence { summary, trials: with_trials.then_some((trials, &names)) };
    let require = require.parse().unwrap_or_else(|error| panic!("{error}"));
    let limit = Limit { name: None, contract: contract.to_owned(), less: less.map(str::to_owned), require };
    judge(&limit, &evidence, 0.01)
}

fn verdict(require: &str, contract: &str) -> Verdict {
    judged(require, contract, None, true).expect("the run has it").verdict
}

#[test]
fn limits_on_either_side_of_a_measure_are_judged_by_its_bounds() {
    let measures = [
        "mean",
        "sd",
        "P(loss)",
        "P(gain)",
        "q05",
        "median",
        "q95",
        "var95",
        "tvar95",
        "var99",
        "tvar99",
        "mean_margin",
        "P(loss > 2% of benchmark)",
        "P(cost > 9_100 per person-year)",
    ];
    for quantity in measures {
        let found = judged(&format!("{quantity} <= 0.5"), "Shared", None, true).expect("the run has it");
        let Bounds { lower, upper } = found.bounds;
        let value = found.estimate.value;
        assert!(lower <= value && value <= upper, "{quantity}: {found:?}");
        let unit = if found.limit.require.quantity.is_probability() { 0.01 } else { 1.0 };
        // Amounts in text have no exponent.
        let at = |sign: &str, amount: f64| verdict(&format!("{quantity} {sign} {amount:.6}"), "Shared");
        assert_eq!([at("<=", upper + unit), at(">=", upper + unit)], [Verdict::Passed, Verdict::Failed], "{quantity}");
        assert_eq!([at("<=", lower - unit), at(">=", lower - unit)], [Verdict::Failed, Verdict::Passed], "{quantity}");
        if upper - lower > 1e-3 {
            assert_eq!(at("<", value), Verdict::Undecided, "{quantity}");
        }
    }
}

#[test]
fn a_loss_at_its_cap_is_judged_as_the_point_mass_that_it_is() {
    // Losses are 2.5% of the benchmark at most, and reach that in many years.
    let cap = judged("var99 <= 0", "Shared", None, true).expect("the run has it").estimate.value;
    assert_eq!(
        judged("var99 <= 0", "Shared", None, true).expect("it is there").bounds,
        Bounds { lower: cap, upper: cap }
    );
    let dollars = format!("{cap:.2}");
    assert_eq!(verdict(&format!("var99 <= {dollars}"), "Shared"), Verdict::Passed);
    assert_eq!(verdict(&format!("var99 < {dollars}"), "Shared"), Verdict::Failed);
}

#[test]
fn a_summary_alone_has_measures_and_comes_to_like_bounds() {
    for quantity in ["mean", "sd", "P(loss)", "median", "var95", "tvar95"] {
        let [with, without] = [true, false].map(|with_trials| {
            judged(&format!("{quantity} > 0.5"), "Capitation", None, with_trials).expect("it has it")
        });
        let half = 0.5 * (with.bounds.upper - with.bounds.lower);
        assert_eq!(with.estimate, without.estimate);
        for (one, other) in [(with.bounds.lower, without.bounds.lower), (with.bounds.upper, without.bounds.upper)] {
            assert!((one - other).abs() < 0.25 * half, "{quantity}: {with:?} {without:?}");
        }
    }
    let refused = judged("P(loss > 1m) <= 5%", "Capitation", None, false).expect_err("there are no trials");
    assert_eq!(refused, NoEstimate::NeedsTrials);
    let refused = judged("var95 <= 1", "Capitation", Some("Shared"), false).expect_err("there are no trials");
    assert_eq!(refused, NoEstimate::NeedsTrialsOfBoth);
}

#[test]
fn a_difference_is_judged_on_the_same_trials() {
    let of = |contract, less| judged("mean <= 0", contract, Some(less), true).expect("it has it");
    let (one, other) = (of("Capitation", "Shared"), of("Shared", "Capitation"));
    assert!((one.estimate.value + other.estimate.value).abs() < 1e-6);
    let [apart, paired] = [judged("mean <= 0", "Capitation", None, true).expect("it has it"), one]
        .map(|judged| judged.bounds.upper - judged.bounds.lower);
    assert!(paired < apart, "{paired} {apart}");
    // Fee-for-service alone gains nothing, whatever is asked of it.
    assert_eq!(verdict("mean >= 0", "Fees"), Verdict::Passed);
    assert_eq!(verdict("P(loss) <= 0%", "Fees"), Verdict::Passed);
    assert_eq!(verdict("mean > 0", "Fees"), Verdict::Failed);
}

#[test]
fn the_reason_states_figures_bounds_and_confidence() {
    let confidence = Share::new(0.99).expect("a share");
    let judged = judged("P(loss) <= 90%", "Shared", None, true).expect("it has it");
    let checks = checks_of_limits("gate".to_owned(), None, &[judged], confidence);
    let Check { group, name, verdict, reason } = &checks.checks[0];
    assert_eq!((group.as_str(), name.as_str(), *verdict), ("Shared", "P(loss) <= 90%", Verdict::Passed));
    assert!(
        reason.starts_with("P(loss) is ")
            && reason.ends_with("% with 99% confidence on either side, from 2,000 trials"),
        "{reason}"
    );
    let amounts =
        [0.0, 0.000_123_4, 0.050_04, 0.5, 1.0].map(|amount| Amount { amount, is_probability: true }.to_string());
    assert_eq!(amounts, ["0%", "0.0123%", "5.00%", "50.00%", "100.00%"]);
    assert_eq!(Amount { amount: -1_234_567.8, is_probability: false }.to_string(), "-$1,234,568");
}
