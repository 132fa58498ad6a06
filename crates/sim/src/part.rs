//! A range of the trials of a job, simulated alone; adjacent ranges are joined into what one simulation would have come to.

use std::ops::Range;

use crate::{Job, MomentTree, Outcomes};

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
        let mut outcomes = Outcomes::zeros(job.keep, 0, job.years as usize, job.all_contracts().count());
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
