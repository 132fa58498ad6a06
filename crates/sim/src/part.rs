//! A range of the trials of a job, simulated alone; adjacent ranges are joined into what one simulation would have come to.

use std::{
    num::NonZeroUsize,
    ops::Range,
    sync::{Mutex, atomic::Ordering},
};

use rayon::{BroadcastContext, ThreadPoolBuilder};
use twosided_population::Interrupted;

use crate::{
    Control, Job, MomentTree, Moments, Outcomes, SimulateError,
    settler::{Settler, Worker},
    slots::Slots,
};

/// Trials that one thread takes at a time, from a multiple of this number on; outcomes do not depend on which.
const BLOCK: u64 = 8;
const UNBROKEN: &str = "a thread that panics ends the run";

/// What a range of a job's trials comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The trials, counted from 0.
    pub trials: Range<u64>,
    /// Trial by trial.
    pub outcomes: Outcomes,
    /// Moments of what is observed, before tails are noted.
    pub moments: MomentTree,
}

/// Two parts of which the second does not begin where the first ends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the trials {later:?} do not follow the trials {earlier:?}")]
pub struct NotAdjacent {
    /// The trials of the first part.
    pub earlier: Range<u64>,
    /// The trials of the second part.
    pub later: Range<u64>,
}

impl Part {
    /// A part without trials, to which as many are joined from its start on.
    pub fn empty(job: &Job<'_>, trials: &Range<u64>) -> Self {
        let mut outcomes = Outcomes::zeros(job.keep, 0, job.years as usize, job.contracts.len());
        outcomes.reserve((trials.end - trials.start) as usize);
        Self { trials: trials.start..trials.start, outcomes, moments: MomentTree::default() }
    }

    /// Adds the trials that follow: to the bit what one simulation of both ranges yields.
    ///
    /// # Errors
    /// [`NotAdjacent`]; this part is then as it was.
    pub fn join(&mut self, next: Self) -> Result<(), NotAdjacent> {
        if next.trials.start != self.trials.end {
            return Err(NotAdjacent { earlier: self.trials.clone(), later: next.trials });
        }
        self.outcomes.append(&next.outcomes);
        self.moments.join(next.moments);
        self.trials.end = next.trials.end;
        Ok(())
    }
}

/// Samples the futures of a range of trials, counted from 0, and settles every contract on each year of them. The range may go
/// beyond `job.trials`.
///
/// `threads` of `None` means one per core.
///
/// # Errors
/// [`SimulateError`].
pub fn simulate_range(
    job: &Job<'_>,
    trials: Range<u64>,
    threads: Option<NonZeroUsize>,
    control: &Control,
) -> Result<Part, SimulateError> {
    part(&Settler::new(job)?, trials, threads, control)
}

/// The same with a job made ready.
pub(crate) fn part(
    settler: &Settler<'_>,
    trials: Range<u64>,
    threads: Option<NonZeroUsize>,
    control: &Control,
) -> Result<Part, SimulateError> {
    let (years, contracts) = settler.shape();
    let mut outcomes = Outcomes::zeros(settler.keep(), (trials.end - trials.start) as usize, years, contracts);
    outcomes = outcomes.with_controls(settler.controls.means.len());
    let pool = ThreadPoolBuilder::new().num_threads(threads.map_or(0, NonZeroUsize::get)).build()?;
    let left = Mutex::new((trials.start, Slots::of(&mut outcomes)));
    let moments = Mutex::new(MomentTree::default());
    let work = |_: BroadcastContext<'_>| {
        let mut worker = Worker::new(settler);
        loop {
            let (mut trial, mut slots) = {
                let (next, left) = &mut *left.lock().expect(UNBROKEN);
                let (first, end) = (*next, (*next / BLOCK + 1) * BLOCK);
                let Some(slots) = left.first((end - first) as usize) else { return Ok(()) };
                *next = end;
                (first, slots)
            };
            let mut of_block = MomentTree::default();
            while let Some(mut slots) = slots.first(1) {
                worker.moments = vec![Moments::default(); settler.moments()];
                settler.settle(trial, &control.stop, &mut worker, &mut slots)?;
                of_block.add_trial(trial, std::mem::take(&mut worker.moments));
                control.done.fetch_add(1, Ordering::Relaxed);
                trial += 1;
            }
            moments.lock().expect(UNBROKEN).join(of_block);
        }
    };
    let done: Result<(), Interrupted> = pool.broadcast(work).into_iter().collect();
    done.map_err(|Interrupted| SimulateError::Stopped)?;
    Ok(Part { trials, outcomes: outcomes.summed(), moments: moments.into_inner().expect(UNBROKEN) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Keep;

    #[test]
    fn parts_that_do_not_follow_each_other_are_not_joined() {
        let of = |trials: Range<u64>| Part {
            outcomes: Outcomes::zeros(Keep::Gains, (trials.end - trials.start) as usize, 1, 1),
            trials,
            moments: MomentTree::default(),
        };
        let mut part = of(0..3);
        let refused = part.join(of(4..5)).map_err(|error| error.to_string());
        assert_eq!(refused, Err("the trials 4..5 do not follow the trials 0..3".to_owned()));
        assert_eq!(part, of(0..3));
        part.join(of(3..5)).expect("they follow");
        assert_eq!((part.trials, part.outcomes.trials()), (0..5, 5));
    }
}
