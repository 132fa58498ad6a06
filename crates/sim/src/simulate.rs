//! Trials, in parallel.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, atomic::Ordering},
};

use ndarray::{Array2, Array3};
use rayon::{BroadcastContext, ThreadPoolBuilder};
use twosided_population::Interrupted;

use crate::{
    Control, Job, Moments, Observed, Outcomes, SimulateError,
    moments::Folded,
    settler::{Settler, Worker},
    slots::Slots,
};

/// Trials that one thread takes at a time; outcomes do not depend on which.
const BLOCK: usize = 8;
const UNBROKEN: &str = "a thread that panics ends the run";

/// What a simulation yields.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// Trial by trial.
    pub outcomes: Outcomes,
    /// Over all trials.
    pub observed: Observed,
}

/// Samples `job.trials` futures and settles every contract on each year of them.
///
/// `threads` of `None` means one per core.
///
/// # Errors
/// [`SimulateError`].
pub fn simulate(job: &Job<'_>, threads: Option<NonZeroUsize>, control: &Control) -> Result<Simulated, SimulateError> {
    let mut settler = Settler::new(job)?;
    let (years, contracts) = (job.years as usize, job.contracts.len());
    let mut outcomes = Outcomes::zeros(job.trials as usize, years, contracts);
    let pool = ThreadPoolBuilder::new().num_threads(threads.map_or(0, NonZeroUsize::get)).build()?;
    pool.install(|| settler.draw_pools(&control.stop))?;
    // Threads take one block after another, and each block's moments are added to the sum as soon as its turn comes.
    let left = Mutex::new((0, Slots::of(&mut outcomes)));
    let folded = Mutex::new(Folded::default());
    let work = |_: BroadcastContext<'_>| {
        let mut worker = Worker::new(&settler);
        loop {
            let (block, mut slots) = {
                let (next, left) = &mut *left.lock().expect(UNBROKEN);
                let Some(slots) = left.first(BLOCK) else { return Ok(()) };
                *next += 1;
                (*next - 1, slots)
            };
            worker.moments = vec![Moments::default(); settler.moments()];
            let mut trial = (block * BLOCK) as u64;
            while let Some(mut slots) = slots.first(1) {
                settler.settle(trial, &control.stop, &mut worker, &mut slots)?;
                control.done.fetch_add(1, Ordering::Relaxed);
                trial += 1;
            }
            folded.lock().expect(UNBROKEN).take(block, std::mem::take(&mut worker.moments));
        }
    };
    let done: Result<(), Interrupted> = pool.broadcast(work).into_iter().collect();
    done.map_err(|Interrupted| SimulateError::Stopped)?;
    let (segments, observations) = (job.population.segments().len(), settler.plan.observations().len());
    let mut moments = folded.into_inner().expect(UNBROKEN).total();
    let compared = moments.split_off(settler.observed_moments());
    let mut compared = compared.chunks_exact(years * contracts).map(<[Moments]>::to_vec);
    let mut of_contracts = || {
        let figures = compared.next().expect("one chunk per comparison");
        Array2::from_shape_vec((years, contracts), figures).expect("one index per figure")
    };
    let total = moments.split_off(years * segments * observations);
    let shaped = "one index per figure";
    let tails = settler.tails(&control.stop).map_err(|Interrupted| SimulateError::Stopped)?;
    let mut observed = Observed {
        plan: settler.plan.clone(),
        segments: Array3::from_shape_vec((years, segments, observations), moments).expect(shaped),
        total: Array2::from_shape_vec((years, observations), total).expect(shaped),
        benchmarks: of_contracts(),
        expenditures: of_contracts(),
        savings_rates: of_contracts(),
        specific_recoveries: of_contracts(),
        aggregate_recoveries: of_contracts(),
        tails,
        pools: settler.pools(),
    };
    settler.note_tails(&mut observed);
    Ok(Simulated { outcomes: outcomes.summed(), observed })
}
