//! Trials, in parallel.

use std::{
    num::NonZeroUsize,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use ndarray::{Array2, Array3};
use rayon::{ThreadPoolBuildError, ThreadPoolBuilder, prelude::*};
use twosided_contracts::{Arrangement, ServicePayment, Settled, Year};
use twosided_population::{Interrupted, Observation, Plan, Population, PopulationError, Sampler, Scratch};
use twosided_provider::{Line, Lines, Provider, ServiceYear};
use twosided_units::{Dollars, MemberMonths, Share};

use crate::{Moments, Outcomes};

/// What is to be simulated.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// Who is covered.
    pub population: &'a Population,
    /// The provider's books.
    pub provider: &'a Provider,
    /// Contracts, each settled on every sampled year.
    pub contracts: &'a [Arrangement],
    /// Sampled years.
    pub trials: u64,
    /// Key of all random streams.
    pub seed: u64,
}

/// How a running simulation is watched and stopped, from another thread.
#[derive(Debug, Default)]
pub struct Control {
    /// Set to stop soon.
    pub stop: AtomicBool,
    /// Trials completed.
    pub done: AtomicU64,
}

/// A simulation without outcomes.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// It was told to stop.
    #[error("stopped before all trials were done")]
    Stopped,
    /// The population cannot be sampled.
    #[error(transparent)]
    Population(#[from] PopulationError),
    /// The threads could not be started.
    #[error("cannot start the worker threads: {0}")]
    Threads(#[from] ThreadPoolBuildError),
}

/// Trials that one thread takes at a time; outcomes do not depend on which.
const BLOCK: usize = 8;

/// Samples `job.trials` years and settles every contract on each.
///
/// `threads` of `None` means one per core.
///
/// # Errors
/// [`SimulateError`].
pub fn simulate(job: &Job<'_>, threads: Option<NonZeroUsize>, control: &Control) -> Result<Outcomes, SimulateError> {
    let settler = Settler::new(job)?;
    let (trials, contracts) = (job.trials as usize, job.contracts.len());
    let mut lines = Array3::zeros((trials, contracts, Line::ALL.len()));
    let mut gains = Array2::zeros((trials, contracts));
    let pool = ThreadPoolBuilder::new().num_threads(threads.map_or(0, NonZeroUsize::get)).build()?;
    let blocks: Result<Vec<Vec<Moments>>, Interrupted> = pool.install(|| {
        let lines_by_block = slice_of(&mut lines).par_chunks_mut(BLOCK * contracts * Line::ALL.len());
        let gains_by_block = slice_of(&mut gains).par_chunks_mut(BLOCK * contracts);
        lines_by_block
            .zip(gains_by_block)
            .enumerate()
            .map_init(
                || Worker::new(&settler),
                |worker, (block, (lines, gains))| {
                    let mut moments = vec![Moments::default(); settler.moments()];
                    let per_trial = lines.chunks_exact_mut(contracts * Line::ALL.len());
                    for (trial, (lines, gains)) in per_trial.zip(gains.chunks_exact_mut(contracts)).enumerate() {
                        settler.settle((block * BLOCK + trial) as u64, &control.stop, worker, lines, gains)?;
                        worker.add_to(&mut moments);
                        control.done.fetch_add(1, Ordering::Relaxed);
                    }
                    Ok(moments)
                },
            )
            .collect()
    });
    let blocks = blocks.map_err(|Interrupted| SimulateError::Stopped)?;
    let (segments, observations) = (job.population.segments().len(), settler.plan.observations().len());
    let mut moments = vec![Moments::default(); settler.moments()];
    for block in blocks {
        for (total, part) in moments.iter_mut().zip(block) {
            *total = total.merged(part);
        }
    }
    let observed_total = moments.split_off(segments * observations);
    let observed = Array2::from_shape_vec((segments, observations), moments).expect("one place per figure");
    Ok(Outcomes { lines, gains, plan: settler.plan, observed, observed_total })
}

/// One trial drawn alone, under one contract.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// What the contract came to, with its steps.
    pub settled: Settled,
    /// The provider's books under the contract.
    pub lines: Lines,
    /// The provider's books under fee-for-service alone.
    pub reference: Lines,
}

impl Replayed {
    /// Margin under the contract less that under fee-for-service alone.
    pub fn gain(&self) -> Dollars {
        self.lines.margin_over(&self.reference)
    }
}

/// Draws one trial alone and settles every contract on it, each with its steps; in the order of the job.
///
/// # Errors
/// [`SimulateError::Population`].
pub fn replay(job: &Job<'_>, trial: u64) -> Result<Vec<Replayed>, SimulateError> {
    let settler = Settler::new(job)?;
    let mut worker = Worker::new(&settler);
    settler.observe(trial, &AtomicBool::new(false), &mut worker).map_err(|Interrupted| SimulateError::Stopped)?;
    let reference = settler.lines(&Settled::default(), &worker.totals, None);
    let contracts = 0..job.contracts.len();
    let replayed = contracts.map(|contract| {
        let (settled, lines) = settler.settle_contract(contract, &worker.totals, &mut worker.figures, true);
        Replayed { settled, lines, reference }
    });
    Ok(replayed.collect())
}

fn slice_of<D: ndarray::Dimension>(array: &mut ndarray::Array<f64, D>) -> &mut [f64] {
    array.as_slice_mut().expect("a fresh array is contiguous")
}

/// A job made ready: the plan, and where each contract finds its figures.
struct Settler<'a> {
    job: &'a Job<'a>,
    plan: Plan,
    sampler: Sampler,
    exposure: MemberMonths,
    members: u64,
    /// Segments in the order of their names, in which figures are summed.
    by_name: Vec<usize>,
    /// For each contract, the columns of its observations.
    columns: Vec<Vec<usize>>,
    /// For each service: the column of its expenditure and the provider's shares.
    services: Vec<(usize, Share, Share)>,
    /// For each contract and service, what becomes of the fees.
    payments: Vec<Vec<ServicePayment>>,
    /// For each contract and service, the part of its expenditure that is fees for the provider's own care, where they count.
    own_fees: Vec<Vec<f64>>,
}

/// What one thread reuses.
struct Worker {
    scratch: Scratch,
    row: Vec<f64>,
    totals: Vec<f64>,
    figures: Vec<f64>,
}

impl Worker {
    fn new(settler: &Settler<'_>) -> Self {
        Self {
            scratch: Scratch::default(),
            row: vec![0.0; settler.sampler.row_length()],
            totals: vec![0.0; settler.plan.observations().len()],
            figures: Vec::new(),
        }
    }

    fn add_to(&self, moments: &mut [Moments]) {
        for (moments, &figure) in moments.iter_mut().zip(self.row.iter().chain(&self.totals)) {
            moments.add(figure);
        }
    }
}

impl<'a> Settler<'a> {
    fn new(job: &'a Job<'a>) -> Result<Self, PopulationError> {
        let mut plan = Plan::for_population(job.population);
        let columns = job.contracts.iter().map(|contract| contract.columns(&mut plan)).collect();
        let names = job.population.service_names();
        let services: Vec<(usize, Share, Share)> = names
            .iter()
            .map(|&name| {
                let (own_share, variable_cost_share) = job.provider.shares(name);
                (plan.column(Observation::Expenditure { service: name.to_owned() }), own_share, variable_cost_share)
            })
            .collect();
        let payments = job.contracts.iter().map(|contract| {
            let payment = contract.payment();
            names.iter().map(|name| payment.of(name)).collect()
        });
        let payments = payments.collect();
        let own_fees = job.contracts.iter().map(|contract| {
            let scope = contract.own_fees();
            let fees = |(name, &(_, own_share, _)): (&&str, &(usize, Share, Share))| {
                if scope.includes(name) { job.provider.fees.revenue(Dollars(own_share.value())).0 } else { 0.0 }
            };
            names.iter().zip(&services).map(fees).collect()
        });
        let own_fees = own_fees.collect();
        let segments = job.population.segments();
        let mut by_name: Vec<usize> = (0..segments.len()).collect();
        by_name.sort_by(|&a, &b| segments[a].name.cmp(&segments[b].name));
        Ok(Self {
            job,
            sampler: Sampler::new(job.population, &plan)?,
            plan,
            exposure: job.population.exposure(),
            members: job.population.members(),
            by_name,
            columns,
            services,
            payments,
            own_fees,
        })
    }

    /// How many figures have moments: `[segment, observation]`, then `[observation]`.
    fn moments(&self) -> usize {
        self.sampler.row_length() + self.plan.observations().len()
    }

    /// Samples one trial and settles every contract on it.
    fn settle(
        &self,
        trial: u64,
        stop: &AtomicBool,
        worker: &mut Worker,
        lines: &mut [f64],
        gains: &mut [f64],
    ) -> Result<(), Interrupted> {
        self.observe(trial, stop, worker)?;
        let Worker { totals, figures, .. } = worker;
        let reference = self.lines(&Settled::default(), totals, None);
        let by_contract = lines.chunks_exact_mut(Line::ALL.len()).zip(gains);
        for (contract, (lines, gain)) in by_contract.enumerate() {
            let (_, of_contract) = self.settle_contract(contract, totals, figures, false);
            lines.copy_from_slice(&of_contract.0);
            *gain = of_contract.margin_over(&reference).0;
        }
        Ok(())
    }

    /// Samples a trial's year; its observations and their totals are the worker's.
    fn observe(&self, trial: u64, stop: &AtomicBool, worker: &mut Worker) -> Result<(), Interrupted> {
        let Worker { scratch, row, totals, .. } = worker;
        self.sampler.observe(self.job.seed, trial, stop, scratch, row)?;
        totals.fill(0.0);
        for &segment in &self.by_name {
            let of_segment = &row[segment * totals.len()..];
            for (total, figure) in totals.iter_mut().zip(of_segment) {
                *total += figure;
            }
        }
        Ok(())
    }

    fn settle_contract(&self, contract: usize, totals: &[f64], figures: &mut Vec<f64>, told: bool) -> (Settled, Lines) {
        figures.clear();
        figures.extend(self.columns[contract].iter().map(|&column| totals[column]));
        let own_fees = self.services.iter().zip(&self.own_fees[contract]);
        let own_fees = own_fees.map(|(&(column, ..), fees)| totals[column] * fees).sum();
        let own_fees = Dollars(own_fees);
        let year = Year { exposure: self.exposure, members: self.members, figures, own_fees, told };
        let settled = self.job.contracts[contract].settle(&year);
        let lines = self.lines(&settled, totals, Some(&self.payments[contract]));
        (settled, lines)
    }

    fn lines(&self, settled: &Settled, totals: &[f64], payments: Option<&[ServicePayment]>) -> Lines {
        let services =
            self.services.iter().enumerate().map(|(place, &(column, own_share, variable_cost_share))| ServiceYear {
                expenditure: Dollars(totals[column]),
                own_share,
                variable_cost_share,
                payment: payments.map_or(ServicePayment::Fees, |payments| payments[place]),
            });
        self.job.provider.lines(settled, services)
    }
}
