//! A small run of the first year, which says what contracts are expected to come to before a whole run does.

use twosided_contracts::{BenchmarkUse, Phase};
use twosided_report::Expected;
use twosided_scenario::Scenario;
use twosided_sim::{Control, Job, Needs, simulate};

use crate::options::RunError;

/// Trials of the pilot; fewer of a large population, whose means are more exact.
const TRIALS: f64 = 1_000.0;
const FEWEST_TRIALS: f64 = 20.0;
/// Seconds of one core that it may take, about, and that its fewest trials may.
const SECONDS: f64 = 2.0;
const MOST_SECONDS: f64 = 10.0;

/// What a pilot found.
#[derive(Clone, Debug, PartialEq)]
pub struct Pilot {
    /// How many trials it had.
    pub trials: u64,
    /// What is expected in the first year.
    pub expected: Expected,
}

/// Runs the pilot of a scenario; none where no contract compares or is covered, or where there are too many people to try.
///
/// # Errors
/// [`RunError::Simulate`].
pub fn pilot(scenario: &Scenario) -> Result<Option<Pilot>, RunError> {
    let compares = scenario.contracts.iter().any(|contract| {
        let Phase { terms, covers, .. } = contract.first();
        terms.benchmark() != BenchmarkUse::None || covers.specific.is_some() || covers.aggregate.is_some()
    });
    let job = Job { trials: 1, years: 1, pools: None, ..scenario.job() };
    let seconds = Needs::new(&job, None).rough_seconds();
    if !compares || seconds * FEWEST_TRIALS > MOST_SECONDS {
        return Ok(None);
    }
    let trials = (SECONDS / seconds).floor().clamp(FEWEST_TRIALS, TRIALS) as u64;
    let job = Job { trials, ..job };
    let simulated = simulate(&job, None, &Control::default())?;
    Ok(Some(Pilot { trials, expected: Expected::new(scenario, &simulated.observed) }))
}
