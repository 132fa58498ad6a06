//! Exact laws agree with simulated ones within four standard errors, seeds fixed before the first run.

use std::path::Path;

use twosided_oracle::{Exact, GainLaw, NoExactLaw, Oracle};
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_prob::{Estimate, Sample};
use twosided_scenario::Scenario;
use twosided_sim::{Control, Job, simulate};
use twosided_units::Share;

fn shared(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/oracle").join(name);
    Scenario::load(&path, &[]).expect("a valid scenario")
}

fn pairs(law: &GainLaw, sample: &Sample) -> Vec<(&'static str, Exact, Estimate)> {
    let share = |value| Share::new(value).expect("a share");
    vec![
        ("mean", law.mean(), sample.mean()),
        ("sd", law.sd(), sample.sd()),
        ("P(loss)", law.probability_of_loss(), sample.probability(|gain| gain < 0.0)),
        ("P(gain)", law.probability_of_gain(), sample.probability(|gain| gain > 0.0)),
        ("quantile 0.05", law.quantile(share(0.05)), sample.quantile(share(0.05))),
        ("median", law.quantile(share(0.5)), sample.quantile(share(0.5))),
        ("VaR 95", law.value_at_risk(share(0.95)), sample.value_at_risk(share(0.95))),
        ("TVaR 95", law.tail_value_at_risk(share(0.95)), sample.tail_value_at_risk(share(0.95))),
    ]
}

/// Every contract of a scenario has an exact law, with which its simulated one agrees.
fn assert_agrees(scenario: &Scenario, trials: u64, seed: u64) {
    let job = Job { trials, seed, ..scenario.job() };
    let mut oracle = Oracle::new(&job).expect("one year");
    let nodes = oracle.nodes().expect("few factors");
    let simulated = simulate(&job, None, &Control::default()).expect("nothing stops it");
    for (index, contract) in scenario.contracts.iter().enumerate() {
        let law = oracle.law(index, &nodes).unwrap_or_else(|reason| panic!("{}: {reason}", contract.name));
        let sample = Sample::new(simulated.outcomes.gains_of(index).to_vec()).expect("finite");
        for (what, exact, estimate) in pairs(&law, &sample) {
            let off = (estimate.value - exact.value).abs();
            assert!(
                off <= 4.0 * estimate.standard_error + exact.bound,
                "{}, {what}: {} ± {} against {} ± {}",
                contract.name,
                estimate.value,
                estimate.standard_error,
                exact.value,
                exact.bound
            );
            assert!(exact.bound <= 0.02 * estimate.standard_error.max(1e-9), "{}, {what}: {exact:?}", contract.name);
        }
    }
    let total =
        Observation::Layer { services: ServiceScope::All, attachment: Attachment::ZERO, limit: Limit::Unlimited };
    let exact = oracle.total(&total, &nodes).expect("an exact law");
    let (_, observed) = simulated.observed.observation(&total).expect("a report observes it");
    let off = (observed.mean() - exact.mean) / observed.standard_error();
    assert!(off.abs() < 4.0, "total: {} against {}", observed.mean(), exact.mean);
    let error = 0.5 * exact.sd * ((exact.kurtosis - 1.0) / trials as f64).sqrt();
    assert!((observed.sd() - exact.sd).abs() < 4.0 * error, "sd of the total: {} against {}", observed.sd(), exact.sd);
}

#[test]
fn frail_people_who_die_and_move_have_their_law() {
    assert_agrees(&shared("frail.toml"), 4_000, 1);
}

#[test]
fn factors_shocks_and_errors_of_benchmarks_have_their_law() {
    assert_agrees(&shared("factors.toml"), 4_000, 2);
}

fn people(more: &str, contracts: &str) -> Scenario {
    let text = format!(
        "[run]\nname = \"t\"\n{more}[[population.segments]]\nname = \"all\"\nmembers = 800\nservices.stays = {{ frequency = {{ poisson \
         = {{ mean = 0.5 }} }}, severity = {{ gamma = {{ mean = 9_000, cv = 1 }} }} }}\nservices.visits = {{ annual = {{ lognormal \
         = {{ mean = 2_000, cv = 1 }}, zero = 0.1 }} }}\n{contracts}"
    );
    Scenario::parse("test.toml", &text).unwrap_or_else(|problems| panic!("{problems}"))
}

const CAPITATION: &str = "[[contracts]]\nname = \"c\"\nterms.capitation = { pmpm = 540 }\n";

#[test]
fn a_factor_on_one_service_has_its_law() {
    let factor = "[[system.factors]]\nname = \"price\"\nlognormal = { mean = 1.02, cv = 0.06 }\nloading = { services = { visits = 0 } }\n";
    assert_agrees(&people(factor, CAPITATION), 4_000, 3);
}

#[test]
fn correlated_factors_have_their_law() {
    let factors = "[system]\ncorrelations = [{ between = [\"a\", \"b\"], value = 0.7 }]\n[[system.factors]]\nname = \"a\"\nlognormal = { \
                   mean = 1.01, cv = 0.04 }\n[[system.factors]]\nname = \"b\"\ngamma = { mean = 1, cv = 0.03 }\n";
    assert_agrees(&people(factors, CAPITATION), 4_000, 4);
}

#[test]
fn a_year_that_has_begun_has_its_law() {
    // A whole year is expected to cost 6,300 dollars: a bit more than half of it so far, and the rest.
    let begun = "[[contracts]]\nname = \"begun\"\nterms.mssp = { track = \"enhanced\", minimum_rate = 0.01, benchmark.per_capita = 6_400, \
                 year_to_date = { share = 0.5, per_capita = 3_200 } }\n";
    let plain = "[[contracts]]\nname = \"plain\"\nterms.mssp = { track = \"enhanced\", minimum_rate = 0.01, benchmark.per_capita = 6_400 }\n";
    let factor = "[[system.factors]]\nname = \"price\"\nlognormal = { mean = 1, cv = 0.03 }\n";
    assert_agrees(&people(factor, &format!("{begun}{plain}")), 4_000, 5);
}

fn reason(scenario: &Scenario) -> NoExactLaw {
    let job = scenario.job();
    let mut oracle = match Oracle::new(&job) {
        Ok(oracle) => oracle,
        Err(reason) => return reason,
    };
    match oracle.nodes() {
        Ok(nodes) => oracle.law(0, &nodes).map(|_| ()).expect_err("no exact law"),
        Err(reason) => reason,
    }
}

#[test]
fn what_has_no_exact_law_says_why() {
    let bundle = "[[contracts]]\nname = \"b\"\nterms.bundle = { episodes = [{ service = \"stays\", price = 9_000, episode_limit = 12_000 \
                  }], gains = { sharing_rate = 1 }, losses = { sharing_rate = 1 } }\n";
    let limited = people("", bundle);
    assert!(matches!(reason(&limited), NoExactLaw::Observation(_)), "{}", reason(&limited));
    let copula = "[system]\ncopula = { t = 4 }\n[[system.factors]]\nname = \"a\"\nlognormal = { mean = 1, cv = 0.04 }\n[[system.factors]]\nname = \
                  \"b\"\nlognormal = { mean = 1, cv = 0.03 }\n";
    assert_eq!(reason(&people(copula, CAPITATION)), NoExactLaw::Copula);
    let years = Scenario::parse("test.toml", &people_text_of_years()).expect("valid");
    assert_eq!(reason(&years), NoExactLaw::SeveralYears(3));
    let program = "[[provider.programs]]\nname = \"calls\"\ncost_pmpm = 1\neffect = { stays = { mean = -0.1 } }\n";
    assert_eq!(reason(&people(program, CAPITATION)), NoExactLaw::Changed);
    let sentence = reason(&limited).to_string();
    assert_eq!(sentence, "the contract depends on the number of events of `stays`, whose law is only simulated");
}

fn people_text_of_years() -> String {
    format!(
        "[run]\nname = \"t\"\nyears = 3\n[[population.segments]]\nname = \"all\"\nmembers = 800\nservices.visits = {{ annual = {{ gamma = {{ \
         mean = 2_000, cv = 1 }} }} }}\n{CAPITATION}"
    )
}
