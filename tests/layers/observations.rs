//! Populations that several layers are added to, and what is observed of them.

use twosided_population::Observation;
use twosided_scenario::Scenario;

use crate::support::{Run, parse};

/// Contracts that need nothing of the population.
pub const FEES: &str = "[[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {}\n";

pub const FRAIL: &str = r#"
[[population.segments]]
name = "frail"
members = 2_000
frailty = { persistence = 0.8 }
[population.segments.services.inpatient]
frequency = { negative_binomial = { mean = 0.3, dispersion = 0.5 } }
severity = { lognormal = { mean = 12_000, cv = 1.2 } }
frailty_loading = 0.9
[population.segments.services.readmission]
follows = "inpatient"
frequency = { bernoulli = { probability = 0.2 } }
severity = { gamma = { mean = 9_000, cv = 0.7 } }
[population.segments.services.drugs]
annual = { lognormal_mixture = [{ weight = 0.9, mean = 900, cv = 1.5 }, { weight = 0.1, mean = 12_000, cv = 1.0 }], zero = 0.3 }
frailty_loading = 0.7
"#;

pub const MORTAL: &str = r#"
[[population.segments]]
name = "mortal"
members = 2_000
frailty = { persistence = 0.5 }
mortality = { probability = 0.1, frailty_loading = 0.6, end_of_life = { amount = { gamma = { mean = 20_000, cv = 1 } }, services = { care = 0.4, hospice = 0.6 } } }
services.care = { annual = { gamma = { mean = 5_000, cv = 1 } } }
services.hospice = { frequency = { poisson = { mean = 0.001 } }, severity = { gamma = { mean = 1_000, cv = 1 } } }
services.visits = { frequency = { poisson = { mean = 6 } }, severity = { gamma = { mean = 100, cv = 0.5 } } }
"#;

/// Everyone costs exactly $1,000, so that contracts can be computed by hand.
pub const CERTAIN: &str = r#"
[[population.segments]]
name = "certain"
members = 100
services.care = { annual = { empirical = [[0, 1_000], [1, 1_000]] } }
"#;

pub const CAPITATION: &str = "[[contracts]]\nname = \"Capitation\"\nterms.capitation = { pmpm = 500 }\n";

pub fn scenario(population: &str, rest: &str) -> Scenario {
    parse(&format!("[run]\nname = \"layers\"\n{population}\n{rest}"))
}

/// A mean over trials within four of its standard errors of what it should be.
pub fn assert_mean(run: &Run, year: usize, observation: &Observation, expected: f64) {
    let (_, moments) = run.observed.observation_in(year, observation).expect("it is observed");
    let z = (moments.mean() - expected) / moments.standard_error();
    assert!(
        z.abs() < 4.0,
        "{observation:?} in year {year}: {} against {expected}, {z:.1} standard errors",
        moments.mean()
    );
}

pub fn expenditure(service: &str) -> Observation {
    Observation::Expenditure { service: service.to_owned() }
}

pub fn count(service: &str) -> Observation {
    Observation::Count { service: service.to_owned() }
}
