//! The portfolio, simulated.

use std::num::NonZeroUsize;

use twosided_population::{Limit, Observation, Population};
use twosided_sim::{Control, Job, Outcomes, PooledSegment, SimulateError, simulate_portfolio};
use twosided_units::Dollars;

use crate::{Member, Trials};

/// The simulated years of one ACO, trial by trial.
///
/// # Units
/// Dollars a year.
#[derive(Clone, Debug, PartialEq)]
pub struct AcoYears {
    /// The benchmark as settled.
    pub benchmark: Vec<f64>,
    /// Expenditure, truncated, as the benchmark is compared with.
    pub expenditure: Vec<f64>,
    /// Earned shared savings, after sequestration; shared losses owed where negative.
    pub gain: Vec<f64>,
    /// Standard error of the mean of expenditure that the finite size of pools leaves, whatever the trials; zero without pools.
    pub pool_error: Dollars,
}

impl AcoYears {
    fn of(outcomes: &Outcomes, population: &Population, pools: &[PooledSegment]) -> Self {
        let against = |trial: usize| outcomes.against[(trial, 0, 0)].expect("shared savings have a benchmark");
        let trials = 0..outcomes.trials();
        Self {
            benchmark: trials.clone().map(|trial| against(trial).benchmark.0).collect(),
            expenditure: trials.map(|trial| against(trial).expenditure.0).collect(),
            gain: outcomes.gains_of(0).to_vec(),
            pool_error: pool_error(population, pools),
        }
    }
}

/// The error that pools leave in the mean of a year's truncated spending; pools of two segments are independent.
fn pool_error(population: &Population, pools: &[PooledSegment]) -> Dollars {
    let is_truncated =
        |observation: &Observation| matches!(observation, Observation::Layer { limit: Limit::TruncationPoint, .. });
    let errors = pools.iter().map(|pool| {
        let figure = pool.figures.iter().find(|figure| is_truncated(&figure.observation));
        let members = population.segments()[pool.segment].members as f64;
        figure.map_or(0.0, |figure| members * figure.standard_error.0)
    });
    Dollars(errors.map(|error| error * error).sum::<f64>().sqrt())
}

/// Simulates every member on the same trials; what comes out is in the order of the members. `control.done` counts people, once for
/// every trial.
///
/// # Errors
/// [`SimulateError`].
pub fn simulate(
    members: &[Member],
    trials: Trials,
    threads: Option<NonZeroUsize>,
    control: &Control,
) -> Result<Vec<AcoYears>, SimulateError> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(members[index].population.members()));
    let jobs: Vec<Job<'_>> = order.iter().map(|&index| members[index].job(trials)).collect();
    let simulated = simulate_portfolio(&jobs, threads, control, |index, outcomes, pools| {
        AcoYears::of(&outcomes, jobs[index].population, pools)
    })?;
    let mut by_member: Vec<(usize, AcoYears)> = order.into_iter().zip(simulated).collect();
    by_member.sort_by_key(|&(index, _)| index);
    Ok(by_member.into_iter().map(|(_, years)| years).collect())
}
