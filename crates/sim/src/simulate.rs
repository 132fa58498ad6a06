//! All trials of a job, or a range of them, and what is observed over them.

use std::{
    num::NonZeroUsize,
    ops::Range,
    sync::{Arc, Mutex, atomic::Ordering},
};

use ndarray::{Array2, Array3};
use rayon::{BroadcastContext, ThreadPool, ThreadPoolBuilder};
use twosided_population::Interrupted;
use twosided_prob::{ControlVariate, Design};
use twosided_provider::Line;

use crate::{
    Control, Job, Layout, MomentTree, Moments, Observed, Outcomes, Part, SimulateError, Tails,
    settler::{FIGURES_OF_MARGIN, Settler, Worker},
    slots::Slots,
};

/// Trials that one thread takes at a time, from a multiple of this number on; outcomes do not depend on which.
const BLOCK: u64 = 8;
const UNBROKEN: &str = "a thread that panics ends the run";

/// What a simulation yields where nothing but the trials is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedTrials {
    /// Trial by trial.
    pub outcomes: Outcomes,
    /// Which figures of each contract a heavy-tailed law reaches.
    pub tails: Vec<Tails>,
    /// How the trials were drawn, with weights by their controls.
    pub design: Arc<Design>,
}

/// What a simulation yields.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulated {
    /// Trial by trial.
    pub outcomes: Outcomes,
    /// Over all trials.
    pub observed: Observed,
    /// How the trials were drawn, with weights by their controls.
    pub design: Arc<Design>,
}

/// Samples `job.trials` futures and settles every contract on each year of them.
///
/// `threads` of `None` means one per core.
///
/// # Errors
/// [`SimulateError`].
pub fn simulate(job: &Job<'_>, threads: Option<NonZeroUsize>, control: &Control) -> Result<Simulated, SimulateError> {
    let simulator = Simulator::new(job, threads, control)?;
    simulator.finish(simulator.simulate(0..job.trials, control)?, control)
}

/// Simulates as [`simulate`] does, to the same outcomes, and leaves out what is observed over the trials: many contracts settle faster.
///
/// # Errors
/// [`SimulateError`].
pub fn simulate_trials(
    job: &Job<'_>,
    threads: Option<NonZeroUsize>,
    control: &Control,
) -> Result<SimulatedTrials, SimulateError> {
    let simulator = Simulator::new(job, threads, control)?;
    let (outcomes, _) = simulator.settle(0..job.trials, false, control)?;
    let tails = simulator.settler.tails(&control.stop).map_err(|Interrupted| SimulateError::Stopped)?;
    let design = Arc::new(simulator.design_of(&outcomes));
    Ok(SimulatedTrials { outcomes, tails, design })
}

/// A job made ready to be simulated, whole or in parts: its tables, its pools, and the threads.
pub struct Simulator<'a> {
    settler: Settler<'a>,
    threads: ThreadPool,
}

impl<'a> Simulator<'a> {
    /// Makes tables of the job's laws, and draws the pools of large segments if it has them.
    ///
    /// `threads` of `None` means one per core.
    ///
    /// # Errors
    /// [`SimulateError`].
    pub fn new(job: &'a Job<'a>, threads: Option<NonZeroUsize>, control: &Control) -> Result<Self, SimulateError> {
        let mut settler = Settler::new(job)?;
        let threads = ThreadPoolBuilder::new().num_threads(threads.map_or(0, NonZeroUsize::get)).build()?;
        threads.install(|| settler.draw_pools(&control.stop))?;
        Ok(Self { settler, threads })
    }

    /// How many moments a part holds in each node of its tree.
    pub fn moments(&self) -> usize {
        self.settler.moments()
    }

    /// How many controls each trial has.
    pub fn controls(&self) -> usize {
        self.settler.controls.means.len()
    }

    /// What is kept of each trial and year beside the lines.
    pub fn details(&self) -> &Layout {
        self.settler.details()
    }

    /// Samples the futures of a range of trials, counted from 0, and settles every contract on each year of them. The range may go
    /// beyond the trials of the job.
    ///
    /// # Errors
    /// [`SimulateError::Stopped`].
    pub fn simulate(&self, trials: Range<u64>, control: &Control) -> Result<Part, SimulateError> {
        let (outcomes, moments) = self.settle(trials.clone(), true, control)?;
        Ok(Part { trials, outcomes, moments })
    }

    /// The outcomes of a range of trials, and moments of what is observed if they are wanted.
    fn settle(
        &self,
        trials: Range<u64>,
        with_moments: bool,
        control: &Control,
    ) -> Result<(Outcomes, MomentTree), SimulateError> {
        let settler = &self.settler;
        let (years, contracts) = settler.shape();
        let mut outcomes = Outcomes::zeros(settler.keep(), (trials.end - trials.start) as usize, years, contracts)
            .with_controls(self.controls())
            .with_details(settler.details());
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
                    if with_moments {
                        worker.moments = vec![Moments::default(); settler.moments()];
                    }
                    settler.settle(trial, &control.stop, &mut worker, &mut slots)?;
                    if with_moments {
                        of_block.add_trial(trial, std::mem::take(&mut worker.moments));
                    }
                    control.done.fetch_add(1, Ordering::Relaxed);
                    trial += 1;
                }
                moments.lock().expect(UNBROKEN).join(of_block);
            }
        };
        let done: Result<(), Interrupted> = self.threads.broadcast(work).into_iter().collect();
        done.map_err(|Interrupted| SimulateError::Stopped)?;
        Ok((outcomes.summed(), moments.into_inner().expect(UNBROKEN)))
    }

    /// What a simulation of a part's trials yields.
    ///
    /// # Errors
    /// [`SimulateError::Stopped`].
    pub fn finish(&self, part: Part, control: &Control) -> Result<Simulated, SimulateError> {
        let settler = &self.settler;
        let (years, contracts) = settler.shape();
        let (segments, observations) = settler.observed_shape();
        let design = Arc::new(self.design(&part));
        let mut moments = part.moments.total();
        moments.resize(settler.moments(), Moments::default());
        let of_margins = moments.split_off(settler.moments_before_margins());
        let of_margins = of_margins.chunks_exact(FIGURES_OF_MARGIN);
        let lines = of_margins.clone().flat_map(|figures| &figures[1..]).copied().collect();
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
            margins: of_margins.map(|figures| figures[0]).collect(),
            lines: Array2::from_shape_vec((contracts, Line::ALL.len()), lines).expect(shaped),
            tails,
            pools: settler.pools(),
        };
        settler.note_tails(&mut observed);
        Ok(Simulated { outcomes: part.outcomes, observed, design })
    }

    /// How a part's trials were drawn, with weights by their controls.
    pub fn design(&self, Part { outcomes, .. }: &Part) -> Design {
        self.design_of(outcomes)
    }

    fn design_of(&self, outcomes: &Outcomes) -> Design {
        let columns = outcomes.controls.columns().into_iter().zip(&self.settler.controls.means);
        let controls: Vec<ControlVariate> =
            columns.map(|(values, &mean)| ControlVariate { values: values.to_vec(), mean }).collect();
        Design::new(outcomes.trials(), self.settler.batch(), &controls)
    }
}
