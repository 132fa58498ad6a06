//! The margin under every contract: by hand where its law is known, and left out where it says nothing.

use twosided_report::{Figure, MarginFigures, Report, Summary};
use twosided_scenario::Scenario;
use twosided_sim::Keep;

use crate::support::{Run, parse};

const PEOPLE: f64 = 4_000.0;
const MEAN: f64 = 2_000.0;

/// People whose cost in a year is exponential with a mean of $2,000, a provider, and a payer that pays the provider all savings and is paid
/// all losses.
fn text(provider: &str) -> String {
    format!(
        "[run]\nname = \"Margin\"\ntrials = 4_000\nseed = 5\n[provider]\n{provider}[[population.segments]]\nname = \"people\"\nmembers = 4_000\n\
         services.visits.annual.gamma = {{ mean = 2_000, cv = 1 }}\n[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {{}}\n\
         [[contracts]]\nname = \"Savings\"\nterms.shared_savings = {{ benchmark.per_capita = 2_000, savings.sharing_rate = 1, \
         losses.sharing_rate = 1 }}\n"
    )
}

fn run<T>(text: &str, look: impl Fn(&Summary, &Report<'_>) -> T) -> T {
    let scenario = parse(text);
    let simulated = Run::of(&scenario, scenario.trials, scenario.seed);
    let summary = simulated.summary(&scenario);
    let report = Report { scenario: &scenario, outcomes: &simulated.outcomes, summary: &summary };
    look(&summary, &report)
}

fn margin(summary: &Summary, contract: &str) -> MarginFigures {
    summary.contract(contract).expect("it is a contract").margin.clone().expect("the provider has fees")
}

/// A margin that is a multiple of the people's cost about its mean, and that mean; cost is a gamma of shape 4,000.
fn check(found: &MarginFigures, mean: f64, multiple: f64) {
    let sd = MEAN * PEOPLE.sqrt();
    let near = |figure: &Figure, expected: f64, what: &str| {
        let z = (figure.value - expected) / figure.standard_error;
        assert!(z.abs() < 4.0 && figure.standard_error > 0.0, "{what}: {figure:?} is {z:.1} standard errors off");
    };
    near(&found.mean, mean, "mean");
    near(&found.sd, multiple.abs() * sd, "standard deviation");
    // Cornish and Fisher, with the skewness of the gamma.
    let skewness = multiple.signum() * 2.0 / PEOPLE.sqrt();
    let quantiles = [
        (&found.quantile_05, -1.644_854),
        (&found.quantile_25, -0.674_490),
        (&found.quantile_50, 0.0),
        (&found.quantile_75, 0.674_490),
        (&found.quantile_95, 1.644_854),
    ];
    for (figure, score) in quantiles {
        let off = score + (score * score - 1.0) / 6.0 * skewness;
        near(figure, mean + multiple.abs() * sd * off, &format!("quantile at {score}"));
    }
}

#[test]
fn margins_are_those_of_a_known_law_and_the_page_shows_them() {
    // Half of the cost is the provider's fees, of which 0.6 are left, and the fixed cost is 0.1 deviations below what that is on average.
    let left = 0.5 * 0.6;
    let total = PEOPLE * MEAN;
    let sd = MEAN * PEOPLE.sqrt();
    let fixed = (left * total - 0.1 * left * sd).round();
    let provider =
        format!("own_share = {{ visits = 0.5 }}\nvariable_cost_share = {{ visits = 0.4 }}\nfixed_cost = {fixed:.0}\n");
    run(&text(&provider), |summary, report| {
        let fees = margin(summary, "Fees");
        check(&fees, left * total - fixed, left);
        // What is spent comes off the settlement as a whole.
        check(&margin(summary, "Savings"), left * total - fixed, left - 1.0);
        // A normal score of -0.1, with a correction for skewness below 0.006.
        let chance = &fees.probability_below_zero;
        assert!((chance.value - 0.460).abs() < 4.0 * chance.standard_error + 0.006, "{chance:?}");
        assert!(chance.value > 0.4 && chance.standard_error < 0.01, "{chance:?}");
        let page = report.html();
        assert!(page.contains("The margin under each contract"));
        let text = serde_json::to_string(summary).expect("it is JSON");
        assert_eq!(&serde_json::from_str::<Summary>(&text).expect("it was written so"), summary);
    });
}

#[test]
fn a_margin_of_nothing_is_not_below_zero_by_rounding() {
    // Of a fee, 0.6 and a quarter of 0.4 are revenue: 0.7, which is what care costs.
    let provider = "own_share = { visits = 0.3 }\nvariable_cost_share = { visits = 0.7 }\nfees = { cost_share = 0.4, collection = 0.25 }\n";
    run(&text(provider), |summary, _| {
        let fees = margin(summary, "Fees");
        assert_eq!([fees.mean.value, fees.sd.value, fees.probability_below_zero.value], [0.0; 3], "{fees:?}");
        let savings = margin(summary, "Savings");
        assert!(savings.probability_below_zero.value > 0.4, "{savings:?}");
    });
}

#[test]
fn where_there_is_no_margin_beside_the_gain_none_is_shown() {
    run(&text(""), |summary, report| {
        assert!(summary.contracts.iter().all(|contract| contract.margin.is_none()));
        assert!(!report.html().contains("The margin under each contract"));
    });
    // Nor where the lines that it is the sum of are not kept.
    let scenario = Scenario { keep: Keep::Gains, ..parse(&text("own_share = { visits = 0.5 }\n")) };
    let summary = Run::of(&scenario, 200, 5).summary(&scenario);
    assert!(summary.contracts.iter().all(|contract| contract.margin.is_none()));
}
