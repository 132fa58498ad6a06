//! Sampled first years that are kept, to be settled under other terms as often as a caller likes.

use std::{
    num::NonZeroUsize,
    sync::{Arc, atomic::Ordering},
};

use ndarray::Array2;
use rayon::{
    ThreadPool, ThreadPoolBuilder,
    iter::{IntoParallelIterator, ParallelIterator},
};
use twosided_contracts::{Arrangement, CoverPayments, Settled, Year};
use twosided_population::{Interrupted, Observation, Plan, Variant};
use twosided_prob::{ControlVariate, Design};
use twosided_units::Dollars;

use crate::{
    Control, Job, SimulateError, Tails,
    gain::gain,
    groups::Groups,
    practice::Practice,
    settler::{Kept, Settler, Worker},
};

const STOPPED: fn(Interrupted) -> SimulateError = |Interrupted| SimulateError::Stopped;

/// The first year of every trial of a job, as a run samples it, kept so that contracts are settled on it without sampling again.
pub struct KeptYears<'a> {
    job: Job<'a>,
    plan: Plan,
    variants: Vec<Variant>,
    groups: Groups,
    /// `[trial, (group, variant, observation)]`
    totals: Array2<f64>,
    /// Person-years, `[trial, (variant, segment)]`.
    lived: Array2<f64>,
    design: Arc<Design>,
    threads: ThreadPool,
}

/// The first year of a trial, settled under one contract.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeptYear {
    /// Margin under the contract less that under fee-for-service alone.
    pub gain: Dollars,
    /// What the year comes to between the provider and the payer; see [`Settlement::result`](twosided_contracts::Settlement::result).
    pub result: Dollars,
    /// Settled after the year.
    pub reconciliation: Dollars,
    /// Stop-loss recoveries and premiums.
    pub stop_loss: CoverPayments,
}

/// Each trial's year under one contract, with the tails that its figures inherit.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptOutcomes {
    /// In the order of the trials.
    pub years: Vec<KeptYear>,
    /// Which of its figures a heavy-tailed law reaches.
    pub tails: Tails,
}

impl<'a> KeptYears<'a> {
    /// Samples the first year of every trial and keeps all that the job's contracts observe, and these observations besides. Every
    /// person is drawn: pools are not used.
    ///
    /// # Errors
    /// [`SimulateError`].
    pub fn sample(
        job: &Job<'a>,
        besides: &[Observation],
        threads: Option<NonZeroUsize>,
        control: &Control,
    ) -> Result<Self, SimulateError> {
        let job = Job { years: 1, pools: None, ..*job };
        let settler = Settler::beside(&job, besides)?;
        let threads = ThreadPoolBuilder::new().num_threads(threads.map_or(0, NonZeroUsize::get)).build()?;
        let trial = |worker: &mut Worker, trial: u64| {
            settler.observe(trial, &control.stop, worker)?;
            control.done.fetch_add(1, Ordering::Relaxed);
            Ok(settler.kept(worker))
        };
        let all = || (0..job.trials).into_par_iter().map_init(|| Worker::new(&settler), trial).collect();
        let rows: Result<Vec<Kept>, Interrupted> = threads.install(all);
        let rows = rows.map_err(STOPPED)?;
        let control_of = |(index, &mean): (usize, &f64)| ControlVariate {
            values: rows.iter().map(|kept| kept.controls[index]).collect(),
            mean,
        };
        let controls: Vec<ControlVariate> = settler.controls.means.iter().enumerate().map(control_of).collect();
        let design = Arc::new(Design::new(rows.len(), settler.batch(), &controls));
        let totals = table(rows.iter().map(|kept| &kept.totals));
        let lived = table(rows.iter().map(|kept| &kept.lived));
        let (plan, variants, groups) = settler.into_plan();
        Ok(Self { job, plan, variants, groups, totals, lived, design, threads })
    }

    /// Bytes that the kept years of a job take.
    ///
    /// # Errors
    /// [`SimulateError::Population`].
    pub fn bytes(job: &Job<'_>, besides: &[Observation]) -> Result<f64, SimulateError> {
        let one = Job { trials: 1, years: 1, pools: None, ..*job };
        let settler = Settler::beside(&one, besides)?;
        // Once as they are sampled, once as they are kept.
        Ok(2.0 * job.trials as f64 * settler.kept_bytes())
    }

    /// How the trials were drawn, with weights by their controls.
    pub fn design(&self) -> &Arc<Design> {
        &self.design
    }

    /// The totals of observations in every trial, in the year that a contract is settled on; none where one was not kept.
    pub fn totals(&self, contract: &Arrangement, observations: &[Observation]) -> Option<Vec<Vec<f64>>> {
        let contracts = [contract.clone()];
        let job = Job { contracts: &contracts, ..self.job };
        let mut plan = self.plan.clone();
        let practice = Practice::new(&job, &mut plan);
        let column = practice.column(0);
        let variant = column.conduct(0, column.all_in_force()).variant;
        let group = self.groups.index_of(practice.groups().members(column.held[0].group))?;
        let first = (group * self.variants.len() + variant) * self.plan.observations().len();
        let column = |observation| Some(self.totals.column(first + self.plan.position(observation)?).to_vec());
        observations.iter().map(column).collect()
    }

    /// Settles the year of every trial under contracts that observe what was kept, each by the caller's function of the contract's index,
    /// the trial and its year.
    ///
    /// # Errors
    /// [`SimulateError`].
    ///
    /// # Panics
    /// When a contract observes what was not kept, or changes the year in a way that no contract of the job did.
    pub fn settle(
        &self,
        contracts: &[Arrangement],
        control: &Control,
        settle: impl Fn(usize, usize, &Year<'_>) -> Settled + Sync,
    ) -> Result<Vec<KeptOutcomes>, SimulateError> {
        let job = Job { contracts, ..self.job };
        let settler = Settler::again(&job, &self.plan, (&self.variants, &self.groups))?;
        let of_trial = |worker: &mut Worker, trial: usize| {
            if control.stop.load(Ordering::Relaxed) {
                return Err(Interrupted);
            }
            let system = job.population.system().draw(job.draws, job.seed, trial as u64, 1);
            let [system] = &system[..] else { unreachable!("one year was drawn") };
            let kept = (trial as u64, row_of(&self.totals, trial), row_of(&self.lived, trial));
            worker.note_kept(&settler, kept, system);
            let reference = settler.reference(0, 0, worker);
            let years = (0..contracts.len()).map(|contract| {
                let (settled, lines) = settler.settle_as((contract, 0), worker, |year| settle(contract, trial, year));
                KeptYear {
                    gain: gain(&settled, &lines, &reference),
                    result: settled.settlement.result(),
                    reconciliation: settled.settlement.reconciliation,
                    stop_loss: settled.stop_loss,
                }
            });
            Ok(years.collect())
        };
        let trials = 0..self.totals.nrows();
        let all = || trials.into_par_iter().map_init(|| Worker::new(&settler), of_trial).collect();
        let rows: Result<Vec<Vec<KeptYear>>, Interrupted> = self.threads.install(all);
        let tails = settler.tails(&control.stop).map_err(STOPPED)?;
        let mut outcomes: Vec<KeptOutcomes> =
            tails.into_iter().map(|tails| KeptOutcomes { years: Vec::new(), tails }).collect();
        for row in rows.map_err(STOPPED)? {
            for (outcomes, year) in outcomes.iter_mut().zip(row) {
                outcomes.years.push(year);
            }
        }
        Ok(outcomes)
    }
}

/// Rows of equal length.
fn table<'r>(rows: impl ExactSizeIterator<Item = &'r Vec<f64>>) -> Array2<f64> {
    let trials = rows.len();
    let figures: Vec<f64> = rows.flatten().copied().collect();
    Array2::from_shape_vec((trials, figures.len() / trials.max(1)), figures).expect("rows of one job are equally long")
}

fn row_of(table: &Array2<f64>, trial: usize) -> &[f64] {
    let width = table.ncols();
    &table.as_slice().expect("a table is contiguous")[trial * width..(trial + 1) * width]
}
