//! A contract of the caller's own, settled on the sampled years.

use std::num::NonZeroUsize;

use rayon::{
    ThreadPoolBuilder,
    iter::{IntoParallelIterator, ParallelIterator},
};
use twosided_contracts::{Settle, Settled};
use twosided_population::Interrupted;
use twosided_units::Dollars;

use crate::{
    Control, Job, SimulateError,
    gain::gain,
    outcomes::running_sums,
    settler::{Settler, Worker},
};

/// One year of a trial under a contract of the caller's own.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnYear {
    /// What the contract came to.
    pub settled: Settled,
    /// Margin under the contract less that under fee-for-service alone.
    pub gain: Dollars,
}

/// Every year of every trial under a contract of the caller's own.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnOutcomes {
    /// # Shape
    /// `[trial][year]`.
    pub years: Vec<Vec<OwnYear>>,
}

impl OwnOutcomes {
    /// Gains over the horizon, trial by trial.
    ///
    /// # Units
    /// Dollars.
    pub fn gains(&self) -> Vec<f64> {
        let of_trial = |years: &Vec<OwnYear>| running_sums(years.iter().map(|year| &year.gain.0)).last();
        self.years.iter().map(|years| of_trial(years).unwrap_or(0.0)).collect()
    }
}

/// Settles a contract of the caller's own on each year of each trial of a job. The years are those on which the job's own
/// contracts are settled, and each year is settled alone.
///
/// # Errors
/// [`SimulateError`].
pub fn settle_own<T: Settle + Sync>(
    job: &Job<'_>,
    contract: &T,
    threads: Option<NonZeroUsize>,
    control: &Control,
) -> Result<OwnOutcomes, SimulateError> {
    let alone = Job { contracts: &[], others: &[], ..*job };
    let mut settler = Settler::with_own(&alone, contract)?;
    let pool = ThreadPoolBuilder::new().num_threads(threads.map_or(0, NonZeroUsize::get)).build()?;
    pool.install(|| settler.draw_pools(&control.stop))?;
    let trial = |worker: &mut Worker, trial: u64| {
        settler.observe(trial, &control.stop, worker)?;
        let years = (0..job.years).map(|year| {
            let reference = settler.reference(0, year, worker);
            let (settled, lines) = settler.settle_as((0, year), worker, |year| Settled::of(contract, year));
            let gain = gain(&settled, &lines, &reference);
            OwnYear { settled, gain }
        });
        let years: Vec<OwnYear> = years.collect();
        control.done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(years)
    };
    let all = || (0..job.trials).into_par_iter().map_init(|| Worker::new(&settler), trial).collect();
    let years: Result<Vec<Vec<OwnYear>>, Interrupted> = pool.install(all);
    Ok(OwnOutcomes { years: years.map_err(|Interrupted| SimulateError::Stopped)? })
}
