//! Trials, in parallel.

mod tails;

use std::{
    num::NonZeroUsize,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use ndarray::{Array2, Array3};
use rayon::{BroadcastContext, ThreadPoolBuilder};
use twosided_contracts::{Against, Carried, CoverPayments, Settle, Settled, Updates, Year};
use twosided_population::{Interrupted, Observation, Plan, PopulationError, Sampler, Scratch, Segment};
use twosided_provider::{Line, Lines};
use twosided_units::{Dollars, MemberMonths};

use crate::{
    Control, Job, Moments, Observed, Outcomes, SimulateError,
    moments::Folded,
    outcomes::without_rounding,
    phase::{Books, Phases},
    slots::Slots,
};

/// Figures of each contract and year that have moments: benchmark, expenditure, savings rate, and what the specific and the
/// aggregate cover paid.
const COMPARISONS: usize = 5;
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
    let settler = Settler::new(job)?;
    let (years, contracts) = (job.years as usize, job.contracts.len());
    let mut outcomes = Outcomes::zeros(job.trials as usize, years, contracts);
    let pool = ThreadPoolBuilder::new().num_threads(threads.map_or(0, NonZeroUsize::get)).build()?;
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
    };
    settler.note_tails(&mut observed);
    Ok(Simulated { outcomes: outcomes.summed(), observed })
}

/// The margin less that of the same year under fee-for-service alone; what is due to rounding is no gain and no loss.
pub(crate) fn gain(settled: &Settled, lines: &Lines, reference: &Lines) -> Dollars {
    let of_books: f64 = lines.0.iter().chain(&reference.0).map(|line| line.abs()).sum();
    let compared =
        settled.settlement.against.map_or(0.0, |against| against.benchmark.0.abs() + against.expenditure.0.abs());
    Dollars(without_rounding(lines.margin_over(reference).0, of_books + compared))
}

/// A job made ready: the plan, and where each contract finds its figures.
pub(crate) struct Settler<'a> {
    job: &'a Job<'a>,
    plan: Plan,
    sampler: Sampler,
    phases: Phases<'a>,
    /// Segments in the order of their names, in which figures are summed.
    by_name: Vec<usize>,
    members: u64,
    person_years_column: usize,
    /// Where there are risk scores: their column, and the sum that was expected of the first year.
    risk_scores: Option<(usize, f64)>,
}

/// What one thread reuses.
pub(crate) struct Worker {
    scratch: Scratch,
    /// `[variant, year, segment, observation]`.
    table: Vec<f64>,
    /// `[variant, year, observation]`.
    totals: Vec<f64>,
    figures: Vec<f64>,
    moments: Vec<Moments>,
}

impl Worker {
    pub(crate) fn new(settler: &Settler<'_>) -> Self {
        let years = settler.phases.variants().len() * settler.job.years as usize;
        Self {
            scratch: Scratch::default(),
            table: vec![0.0; settler.sampler.table_length()],
            totals: vec![0.0; years * settler.plan.observations().len()],
            figures: Vec::new(),
            moments: Vec::new(),
        }
    }
}

impl<'a> Settler<'a> {
    pub(crate) fn new(job: &'a Job<'a>) -> Result<Self, PopulationError> {
        let mut plan = Plan::for_population(job.population);
        let phases = Phases::new(job, &mut plan);
        Self::of(job, plan, phases)
    }

    /// The same beside a contract of the caller's own, which has the index after those of the job.
    pub(crate) fn with_own<T: Settle>(job: &'a Job<'a>, own: &T) -> Result<Self, PopulationError> {
        let mut plan = Plan::for_population(job.population);
        let mut phases = Phases::new(job, &mut plan);
        phases.add_own(job, &mut plan, own);
        Self::of(job, plan, phases)
    }

    fn of(job: &'a Job<'a>, mut plan: Plan, phases: Phases<'a>) -> Result<Self, PopulationError> {
        let segments = job.population.segments();
        let mut by_name: Vec<usize> = (0..segments.len()).collect();
        by_name.sort_by(|&a, &b| segments[a].name.cmp(&segments[b].name));
        // What social risk takes from scores is not expected by whoever sets a benchmark: the ratio shows it.
        let without_social_risk =
            |segment: &Segment| segment.members as f64 * segment.mean_risk_score(0) / segment.social_risk.risk_score;
        let expected: f64 = by_name.iter().map(|&index| without_social_risk(&segments[index])).sum();
        let risk_scores = plan.position(&Observation::RiskScore);
        Ok(Self {
            job,
            sampler: Sampler::new(job.population, &plan, job.years, phases.variants())?,
            person_years_column: plan.column(Observation::PersonYears),
            risk_scores: risk_scores.map(|column| (column, expected)),
            members: job.population.members(),
            plan,
            phases,
            by_name,
        })
    }

    /// How many figures of the reference have moments: `[year, segment, observation]`, then `[year, observation]`.
    fn observed_moments(&self) -> usize {
        self.job.years as usize * (self.sampler.row_length() + self.plan.observations().len())
    }

    /// The same with what is compared of contracts, `[comparison, year, contract]`.
    fn moments(&self) -> usize {
        self.observed_moments() + COMPARISONS * self.job.years as usize * self.job.contracts.len()
    }

    /// Samples one trial and settles every contract on its years.
    fn settle(
        &self,
        trial: u64,
        stop: &AtomicBool,
        worker: &mut Worker,
        slots: &mut Slots<'_>,
    ) -> Result<(), Interrupted> {
        self.observe(trial, stop, worker)?;
        let (years, contracts) = (self.job.years as usize, self.job.contracts.len());
        let rows = years * self.sampler.row_length();
        let observed = worker.table[..rows].iter().chain(&worker.totals[..years * self.plan.observations().len()]);
        for (moments, &figure) in worker.moments.iter_mut().zip(observed) {
            moments.add(figure);
        }
        let references: Vec<Lines> = (0..self.job.years).map(|year| self.reference(year, worker)).collect();
        for contract in 0..contracts {
            let mut carried = Carried::default();
            for year in 0..self.job.years {
                let index = year as usize * contracts + contract;
                let reference = &references[year as usize];
                let in_force = !carried.ended();
                slots.in_force[contract] += u32::from(in_force);
                let (settled, lines) = self.settle_contract((contract, year), worker, &mut carried, reference, false);
                let variant = if in_force { self.phases.of(contract, year).variant } else { self.phases.reference() };
                let person_years = self.person_years(variant, year, worker);
                let (from, all) = (self.observed_moments() + index, years * contracts);
                let mut add = |comparison: usize, figure: f64| worker.moments[from + comparison * all].add(figure);
                if let Some(Against { benchmark, expenditure }) = settled.settlement.against {
                    add(0, benchmark.0 / person_years);
                    add(1, expenditure.0 / person_years);
                    if benchmark > Dollars::ZERO {
                        add(2, (benchmark - expenditure) / benchmark);
                    }
                }
                if person_years > 0.0 && in_force {
                    let CoverPayments { recoveries, of_specific, .. } = settled.stop_loss;
                    add(3, of_specific.0 / person_years);
                    add(4, (recoveries - of_specific).0 / person_years);
                }
                let first = index * Line::ALL.len();
                slots.lines[first..first + Line::ALL.len()].copy_from_slice(&lines.0);
                slots.gains[index] = gain(&settled, &lines, reference).0;
                slots.person_years[index] = person_years;
                slots.against[index] = settled.settlement.against;
                slots.earned_before_covers[index] = settled.settlement.earned_before_covers.0;
            }
        }
        Ok(())
    }

    /// The same, for what it takes: what comes out is dropped.
    pub(crate) fn settle_alone(&self, trial: u64, stop: &AtomicBool, worker: &mut Worker) {
        let mut outcomes = Outcomes::zeros(1, self.job.years as usize, self.job.contracts.len());
        worker.moments.resize(self.moments(), Moments::default());
        self.settle(trial, stop, worker, &mut Slots::of(&mut outcomes)).expect("nobody stops it");
    }

    /// Samples a trial; its observations and their totals are the worker's.
    pub(crate) fn observe(&self, trial: u64, stop: &AtomicBool, worker: &mut Worker) -> Result<(), Interrupted> {
        let Worker { scratch, table, totals, .. } = worker;
        self.sampler.observe(self.job.seed, trial, stop, scratch, table)?;
        totals.fill(0.0);
        let observations = self.plan.observations().len();
        let rows = table.chunks_exact(self.sampler.row_length());
        for (totals, row) in totals.chunks_exact_mut(observations).zip(rows) {
            for &segment in &self.by_name {
                for (total, figure) in totals.iter_mut().zip(&row[segment * observations..]) {
                    *total += figure;
                }
            }
        }
        Ok(())
    }

    /// The totals of a variant's year.
    fn totals<'w>(&self, variant: usize, year: u32, worker: &'w Worker) -> &'w [f64] {
        let observations = self.plan.observations().len();
        let start = (variant * self.job.years as usize + year as usize) * observations;
        &worker.totals[start..start + observations]
    }

    fn person_years(&self, variant: usize, year: u32, worker: &Worker) -> f64 {
        self.totals(variant, year, worker)[self.person_years_column]
    }

    /// Months lived in a segment.
    fn months(&self, variant: usize, year: u32, segment: usize, worker: &Worker) -> MemberMonths {
        let row = (variant * self.job.years as usize + year as usize) * self.sampler.row_length();
        let index = row + segment * self.plan.observations().len() + self.person_years_column;
        MemberMonths(12.0 * worker.table[index])
    }

    /// The provider's books of a year under fee-for-service alone.
    pub(crate) fn reference(&self, year: u32, worker: &Worker) -> Lines {
        let totals = self.totals(self.phases.reference(), year, worker);
        let books = Books { totals, price_index: self.sampler.price_index()[year as usize], programs: Dollars::ZERO };
        self.phases.lines(self.job.provider, &Settled::default(), &books, None)
    }

    /// Settles a contract's year; one that has ended leaves what fee-for-service would.
    pub(crate) fn settle_contract(
        &self,
        (contract, year): (usize, u32),
        worker: &mut Worker,
        carried: &mut Carried,
        reference: &Lines,
        explain: bool,
    ) -> (Settled, Lines) {
        if carried.ended() {
            return (Settled::default(), *reference);
        }
        self.settle_as((contract, year), worker, explain, |observed| {
            self.job.contracts[contract].settle_carrying(observed, carried)
        })
    }

    /// Settles the year that a contract sees, as the caller does.
    pub(crate) fn settle_as(
        &self,
        (contract, year): (usize, u32),
        worker: &mut Worker,
        explain: bool,
        settle: impl FnOnce(&Year<'_>) -> Settled,
    ) -> (Settled, Lines) {
        let phase = self.phases.of(contract, year);
        let mut figures = std::mem::take(&mut worker.figures);
        figures.clear();
        let totals = self.totals(phase.variant, year, worker);
        figures.extend(phase.columns.iter().map(|&column| totals[column]));
        let price_index = self.sampler.price_index()[year as usize];
        let observed = Year {
            exposure: MemberMonths(12.0 * totals[self.person_years_column]),
            members: self.members,
            figures: &figures,
            own_fees: self.phases.own_fees(phase, totals),
            explain,
            updates: Updates {
                expected: price_index,
                benchmark: worker.scratch.benchmark()[year as usize],
                risk_score: self.risk_scores.map_or(1.0, |(column, expected)| totals[column] / expected),
            },
            benchmark_errors: worker.scratch.benchmark_errors(year),
            advance_balance: None,
        };
        let settled = settle(&observed);
        let programs =
            Phases::program_cost(phase, |segment| self.months(phase.variant, year, segment, worker)) * price_index;
        let lines =
            self.phases.lines(self.job.provider, &settled, &Books { totals, price_index, programs }, Some(phase));
        worker.figures = figures;
        (settled, lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcomes::running_sums;
    use twosided_contracts::Against;

    #[test]
    fn a_gain_that_is_rounding_alone_is_neither_gain_nor_loss() {
        let lines = |fees: f64, capitation: f64| {
            let mut lines = Lines::default();
            lines.0[Line::Fees as usize] = fees;
            lines.0[Line::Capitation as usize] = capitation;
            lines
        };
        // 0.1 + 0.2 is not 0.3: of a million dollars it is 6e-11.
        let reference = lines(0.3e6, 0.0);
        let books = lines(0.1e6, 0.200_000_000_000_000_06e6);
        assert!(books.margin_over(&reference).0 != 0.0);
        assert_eq!(gain(&Settled::default(), &books, &reference), Dollars(0.0));
        // A cent is a gain.
        let cent = gain(&Settled::default(), &lines(0.1e6, 0.2e6 + 0.01), &reference);
        assert!((cent.0 - 0.01).abs() < 1e-9, "{cent:?}");
        // A provider without books of its own: the benchmark and what it is compared with are the amounts.
        let against = Against { benchmark: Dollars(12e6), expenditure: Dollars(12e6) };
        let mut settled = Settled::default();
        settled.settlement.against = Some(against);
        assert_eq!(gain(&settled, &lines(0.0, 6e-11), &Lines::default()), Dollars(0.0));
        assert_eq!(gain(&settled, &lines(0.0, 0.01), &Lines::default()), Dollars(0.01));
    }

    #[test]
    fn gains_that_cancel_over_the_years_leave_nothing() {
        // A third of the first year and two thirds of it, the latter with the rounding of one operation.
        let years = [0.3e6, -0.1e6, -200_000.000_000_000_06, 5.0];
        assert!(years[0] + years[1] + years[2] != 0.0);
        let sums: Vec<f64> = running_sums(years.iter()).collect();
        assert_eq!((sums[2], sums[3]), (0.0, 5.0));
    }
}
