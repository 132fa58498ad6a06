//! Events that a variant adds, and limits on what an episode counts.

use twosided_prob::Sample;
use twosided_provider::Line;
use twosided_scenario::Scenario;

use crate::support::{Run, parse};

/// A bundle under volume that grows by half for fee-for-service, so that a third of the episodes are added ones.
fn bundle(severity: &str, price: f64) -> Scenario {
    parse(&format!(
        "[run]\nname = \"bundle\"\n[provider]\nresponse = {{ elasticity = 0.5, incentive_of_data = 0, source = \"assumed\" }}\n\
         [[population.segments]]\nname = \"all\"\nmembers = 1_000\nservices.stays = {{ frequency = {{ poisson = {{ mean = 3 }} }}, \
         severity = {severity} }}\n[[contracts]]\nname = \"Bundle\"\nterms.bundle = {{ episodes = [{{ service = \"stays\", price = \
         {price}, episode_limit = 10_000 }}], gains = {{ sharing_rate = 1 }}, losses = {{ sharing_rate = 1 }} }}\n"
    ))
}

#[test]
fn added_events_are_capped_one_by_one() {
    // The price is what an episode counts on average up to its limit. Lognormal of mean 10,000 and cv 1, σ² = ln 2:
    // E[min(X, 10,000)] = 20,000 Φ(-σ/2). Exponential: 10,000 (1 - 1/e).
    let lognormal = 20_000.0 * 0.338_603_548_586_663_5;
    let exponential = 10_000.0 * (1.0 - (-1.0_f64).exp());
    for (severity, price) in [
        ("{ lognormal = { mean = 10_000, cv = 1 } }", lognormal),
        ("{ gamma = { mean = 10_000, cv = 1 } }", exponential),
    ] {
        let run = Run::of(&bundle(severity, price), 2_000, 5);
        let found = Sample::new(run.outcomes.line_of(0, Line::Reconciliation)).expect("finite").mean();
        let z = found.value / found.standard_error;
        assert!(z.abs() < 4.0, "{severity}: {} is {z:.1} standard errors from nothing", found.value);
    }
}

#[test]
fn a_limit_that_nothing_reaches_counts_what_no_limit_counts() {
    let contract = |name: &str, limit: &str| {
        format!(
            "[[contracts]]\nname = \"{name}\"\nterms.bundle = {{ episodes = [{{ service = \"stays\", price = 10_000{limit} }}, {{ service \
             = \"drugs\", price = 900{limit} }}, {{ service = \"rehab\", price = 9_000{limit} }}], gains = {{ sharing_rate = 1 }}, \
             losses = {{ sharing_rate = 1 }} }}\n"
        )
    };
    let people = "[[population.segments]]\nname = \"all\"\nmembers = 1_500\nfrailty = { persistence = 0.5 }\n\
                  turnover = { rate = 0.2, joiner_cost = 0.7, leaver_cost = 1.4 }\n\
                  mortality = { probability = 0.1, frailty_loading = 0.5, end_of_life = { amount = { gamma = { mean = 20_000, cv = 1 } }, \
                  services = { stays = 0.4, drugs = 0.6 } } }\n\
                  services.stays = { frequency = { poisson = { mean = 1 } }, severity = { gamma = { mean = 10_000, cv = 1 } } }\n\
                  services.rehab = { follows = \"stays\", frequency = { bernoulli = { probability = 0.3 } }, severity = { lognormal = { \
                  mean = 9_000, cv = 1 } } }\n\
                  services.drugs = { annual = { gamma = { mean = 900, cv = 1 }, zero = 0.5 } }\n";
    let text = format!(
        "[run]\nname = \"limit\"\nyears = 2\n[provider]\nresponse = {{ elasticity = 0.5, incentive_of_data = 0.5, source = \"assumed\" \
         }}\n{people}{}{}",
        contract("none", ""),
        contract("far", ", episode_limit = 1e12")
    );
    let run = Run::of(&parse(&text), 50, 5);
    let (none, far) = (run.outcomes.line_of(0, Line::Reconciliation), run.outcomes.line_of(1, Line::Reconciliation));
    for (none, far) in none.iter().zip(&far) {
        assert!((none - far).abs() < 1e-9 * none.abs().max(1e6), "{none} without a limit, {far} with one out of reach");
    }
}
