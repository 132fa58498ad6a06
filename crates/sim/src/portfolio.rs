//! Many jobs as one portfolio: each on the same trials, one after another, several at a time.

use std::{
    num::NonZeroUsize,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use rayon::{BroadcastContext, ThreadPoolBuildError, ThreadPoolBuilder};

use crate::{
    Control, Job, Outcomes, PooledSegment, SimulateError,
    settler::{Settler, Worker},
    slots::Slots,
};

const UNBROKEN: &str = "a thread that panics ends the run";

/// Calls `work` for every index below `count`, on all threads, and returns the results in the order of the indices. Threads take one
/// index after another, so put long work first.
///
/// `threads` of `None` means one per core.
///
/// # Errors
/// When the threads cannot be started.
pub fn for_each_index<T: Send>(
    count: usize,
    threads: Option<NonZeroUsize>,
    work: impl Fn(usize) -> T + Sync,
) -> Result<Vec<T>, ThreadPoolBuildError> {
    let pool = ThreadPoolBuilder::new().num_threads(threads.map_or(0, NonZeroUsize::get)).build()?;
    let next = AtomicUsize::new(0);
    let done = Mutex::new((0..count).map(|_| None).collect::<Vec<Option<T>>>());
    pool.broadcast(|_: BroadcastContext<'_>| {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            let result = work(index);
            done.lock().expect(UNBROKEN)[index] = Some(result);
        }
    });
    let done = done.into_inner().expect(UNBROKEN);
    Ok(done.into_iter().map(|result| result.expect("every index was worked on")).collect())
}

/// Simulates every job of a portfolio and keeps what `keep` makes of its outcomes and of what its pools know, so that the outcomes of one job for each thread
/// are held at a time. Jobs with the same seed share the draws of their system: a trial is the same year for all of them. The people
/// of two jobs are independent unless their segments have the same names.
///
/// One thread works on one job at a time, so put the largest first. `control.done` counts the members of completed trials, once for
/// every year.
///
/// # Errors
/// [`SimulateError`].
pub fn simulate_portfolio<T: Send>(
    jobs: &[Job<'_>],
    threads: Option<NonZeroUsize>,
    control: &Control,
    keep: impl Fn(usize, Outcomes, &[PooledSegment]) -> T + Sync,
) -> Result<Vec<T>, SimulateError> {
    let simulated = for_each_index(jobs.len(), threads, |index| {
        let (outcomes, pools) = outcomes_of(&jobs[index], control)?;
        Ok(keep(index, outcomes, &pools))
    })?;
    simulated.into_iter().collect()
}

/// Simulates a job on this thread; what its pools know comes with the outcomes.
fn outcomes_of(job: &Job<'_>, control: &Control) -> Result<(Outcomes, Vec<PooledSegment>), SimulateError> {
    let stopped = |_| SimulateError::Stopped;
    if control.stop.load(Ordering::Relaxed) {
        return Err(SimulateError::Stopped);
    }
    let mut settler = Settler::new(job)?;
    settler.draw_pools(&control.stop)?;
    let mut worker = Worker::new(&settler);
    let mut outcomes = Outcomes::zeros(job.keep, job.trials as usize, job.years as usize, job.all_contracts().count())
        .with_details(settler.details());
    let mut slots = Slots::of(&mut outcomes);
    let people = job.population.members() * u64::from(job.years);
    for trial in 0..job.trials {
        let mut slots = slots.first(1).expect("every trial has its slots");
        settler.settle(trial, &control.stop, &mut worker, &mut slots).map_err(stopped)?;
        control.done.fetch_add(people, Ordering::Relaxed);
    }
    Ok((outcomes.summed(), settler.pools()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_indices() {
        for threads in [1, 3] {
            let squares =
                for_each_index(100, NonZeroUsize::new(threads), |index| index * index).expect("threads start");
            assert!(squares.into_iter().enumerate().all(|(index, square)| square == index * index));
        }
        assert!(for_each_index(0, None, |index| index).expect("threads start").is_empty());
    }
}
