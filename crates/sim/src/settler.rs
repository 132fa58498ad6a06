//! One trial: its years are sampled, and every contract is settled on each of them.

mod heavy_laws;
mod kept;

use std::sync::atomic::AtomicBool;

use twosided_contracts::{Against, Carried, CoverPayments, Settle, Settled, Updates, Year};
use twosided_population::{
    Interrupted, Observation, Plan, Pool, PopulationError, Sampler, Scratch, Segment, SystemYear,
};
use twosided_provider::{Line, Lines};
use twosided_units::{Dollars, MemberMonths};

use crate::{
    Job, Keep, Moments, Outcomes, PooledSegment, SimulateError,
    controls::Controls,
    gain::gain,
    phase::{BooksYear, Phases},
    pools::set_pools,
    slots::Slots,
};

pub(crate) use kept::Kept;

/// Figures of each contract and year whose moments are kept: benchmark, expenditure, savings rate, and recoveries of the specific
/// and the aggregate cover.
pub(crate) const COMPARISONS: usize = 5;

/// The margin and its lines.
pub(crate) const FIGURES_OF_MARGIN: usize = 1 + Line::ALL.len();

/// A job made ready: the plan, and the columns in which each contract finds its figures.
pub(crate) struct Settler<'a> {
    job: &'a Job<'a>,
    pub(crate) plan: Plan,
    sampler: Sampler,
    phases: Phases<'a>,
    /// Segments in the order of their names, in which figures are summed.
    by_name: Vec<usize>,
    /// None where the job does not ask for them.
    pub(crate) controls: Controls,
    members: u64,
    person_years_column: usize,
    /// The column of risk scores, where there are any, and the sum expected for the first year.
    risk_scores: Option<(usize, f64)>,
}

/// Buffers that one thread reuses.
pub(crate) struct Worker {
    scratch: Scratch,
    /// `[variant, year, segment, observation]`.
    table: Vec<f64>,
    /// `[variant, year, observation]`.
    totals: Vec<f64>,
    figures: Vec<f64>,
    /// `[books, year]`, under fee-for-service alone.
    references: Vec<Lines>,
    /// None where nobody reads them.
    pub(crate) moments: Vec<Moments>,
}

impl Worker {
    pub(crate) fn new(settler: &Settler<'_>) -> Self {
        let years = settler.phases.variants().len() * settler.job.years as usize;
        Self {
            scratch: Scratch::default(),
            table: vec![0.0; settler.sampler.table_length()],
            totals: vec![0.0; years * settler.plan.observations().len()],
            figures: Vec::new(),
            references: Vec::new(),
            moments: Vec::new(),
        }
    }

    /// Takes the totals and the system of a first year as if they had been sampled, in place of the reference's.
    pub(crate) fn note(&mut self, totals: &[f64], system: &SystemYear) {
        self.totals[..totals.len()].copy_from_slice(totals);
        self.scratch.note(std::slice::from_ref(system), &[]);
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
        let controls =
            if job.controls { Controls::new(job.population, job.years, &mut plan)? } else { Controls::default() };
        let sampler = Sampler::new(job.population, &plan, job.years, phases.variants())?;
        Ok(Self {
            job,
            sampler: sampler.with_draws(job.draws),
            controls,
            person_years_column: plan.column(Observation::PersonYears),
            risk_scores: risk_scores.map(|column| (column, expected)),
            members: job.population.members(),
            plan,
            phases,
            by_name,
        })
    }

    /// Trials that are drawn together.
    pub(crate) fn batch(&self) -> usize {
        self.job.draws.batch()
    }

    /// What is kept of each trial.
    pub(crate) fn keep(&self) -> Keep {
        self.job.keep
    }

    /// Numbers of years and contracts.
    pub(crate) fn shape(&self) -> (usize, usize) {
        (self.job.years as usize, self.phases.contracts())
    }

    /// Numbers of segments and observations.
    pub(crate) fn observed_shape(&self) -> (usize, usize) {
        (self.job.population.segments().len(), self.plan.observations().len())
    }

    /// Draws the pools of a job that has them, before its first trial, on the threads of the current thread pool.
    pub(crate) fn draw_pools(&mut self, stop: &AtomicBool) -> Result<(), SimulateError> {
        set_pools(self.job, &self.plan, self.phases.variants(), stop, &mut self.sampler)
    }

    /// What the pools know.
    pub(crate) fn pools(&self) -> Vec<PooledSegment> {
        let of = |(segment, pool): (usize, &Pool)| PooledSegment { segment, figures: pool.figures().to_vec() };
        self.sampler.pools().map(of).collect()
    }

    /// Number of moments of the population: `[year, segment, observation]`, then `[year, observation]`.
    pub(crate) fn observed_moments(&self) -> usize {
        self.job.years as usize * (self.sampler.row_length() + self.plan.observations().len())
    }

    /// Number of moments before those of the margin: those of the population, then `[comparison, year, contract]`.
    pub(crate) fn moments_before_margins(&self) -> usize {
        self.observed_moments() + COMPARISONS * self.job.years as usize * self.phases.contracts()
    }

    /// Number of all moments: those before the margin, then of each contract its margin and the lines of that over the horizon.
    pub(crate) fn moments(&self) -> usize {
        self.moments_before_margins() + self.phases.contracts() * FIGURES_OF_MARGIN
    }

    /// Samples one trial and settles every contract on its years. Moments are added to those of the worker, if it has any.
    pub(crate) fn settle(
        &self,
        trial: u64,
        stop: &AtomicBool,
        worker: &mut Worker,
        slots: &mut Slots<'_>,
    ) -> Result<(), Interrupted> {
        self.observe(trial, stop, worker)?;
        let (years, contracts) = self.shape();
        let rows = years * self.sampler.row_length();
        let observed = worker.table[..rows].iter().chain(&worker.totals[..years * self.plan.observations().len()]);
        for (moments, &figure) in worker.moments.iter_mut().zip(observed) {
            moments.add(figure);
        }
        self.controls.write(self.totals(0, 0, worker), worker.scratch.scores(), slots.controls);
        let mut references = std::mem::take(&mut worker.references);
        self.references(worker, &mut references);
        for contract in 0..contracts {
            let books = self.phases.books_of(contract);
            let mut carried = Carried::default();
            let mut of_horizon = Lines::default();
            for year in 0..self.job.years {
                let index = year as usize * contracts + contract;
                let reference = &references[self.reference_index(contract, year)];
                let in_force = !carried.ended();
                slots.in_force[contract] += u32::from(in_force);
                let (settled, lines) = self.settle_contract((contract, year), worker, &mut carried, reference, false);
                let variant =
                    if in_force { self.phases.of(contract, year).variant } else { self.phases.reference(books) };
                let person_years = self.person_years(variant, year, worker);
                let (from, all) = (self.observed_moments() + index, years * contracts);
                let mut add = |comparison: usize, figure: f64| {
                    if let Some(moments) = worker.moments.get_mut(from + comparison * all) {
                        moments.add(figure);
                    }
                };
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
                for (sum, line) in of_horizon.0.iter_mut().zip(&lines.0) {
                    *sum += line;
                }
                slots.gains[index] = gain(&settled, &lines, reference).0;
                if self.job.keep >= Keep::Gains {
                    slots.person_years[index] = person_years;
                    slots.against[index] = settled.settlement.against;
                    slots.earned_before_covers[index] = settled.settlement.earned_before_covers.0;
                }
                if self.job.keep >= Keep::Lines {
                    let first = index * Line::ALL.len();
                    slots.lines[first..first + Line::ALL.len()].copy_from_slice(&lines.0);
                }
            }
            let of_margin =
                worker.moments.iter_mut().skip(self.moments_before_margins() + contract * FIGURES_OF_MARGIN);
            for (moments, figure) in of_margin.zip([of_horizon.margin().0].iter().chain(&of_horizon.0)) {
                moments.add(*figure);
            }
        }
        worker.references = references;
        Ok(())
    }

    /// Samples and settles one trial, and drops the outcomes: it is run to measure what it takes.
    pub(crate) fn settle_alone(&self, trial: u64, stop: &AtomicBool, worker: &mut Worker) {
        let mut outcomes = Outcomes::zeros(self.job.keep, 1, self.job.years as usize, self.phases.contracts());
        outcomes = outcomes.with_controls(self.controls.means.len());
        worker.moments.resize(self.moments(), Moments::default());
        self.settle(trial, stop, worker, &mut Slots::of(&mut outcomes)).expect("nobody stops it");
    }

    /// Samples a trial; the worker holds its observations and their totals.
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

    /// Whether a contract's first year and the one under fee-for-service are both the year of the data.
    pub(crate) fn is_as_sampled(&self, contract: usize) -> bool {
        self.phases.of(contract, 0).is_as_sampled() && self.phases.reference(self.books_of(contract)) == 0
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

    /// Months that members of a segment are enrolled.
    fn months(&self, variant: usize, year: u32, segment: usize, worker: &Worker) -> MemberMonths {
        let row = (variant * self.job.years as usize + year as usize) * self.sampler.row_length();
        let index = row + segment * self.plan.observations().len() + self.person_years_column;
        MemberMonths(12.0 * worker.table[index])
    }

    /// Index of the books by which a contract is settled.
    pub(crate) fn books_of(&self, contract: usize) -> usize {
        self.phases.books_of(contract)
    }

    /// What the provider's books need of a variant's year.
    fn books_year<'w>(
        &'w self,
        variant: usize,
        year: u32,
        worker: &'w Worker,
    ) -> BooksYear<'w, impl Fn(usize) -> MemberMonths + use<'w>> {
        let months = move |segment| self.months(variant, year, segment, worker);
        let price_index = self.sampler.price_index()[year as usize];
        BooksYear { totals: self.totals(variant, year, worker), months, price_index }
    }

    /// The lines of a year by some books under fee-for-service alone.
    pub(crate) fn reference(&self, books: usize, year: u32, worker: &Worker) -> Lines {
        let books_year = self.books_year(self.phases.reference(books), year, worker);
        self.phases.lines(books, &Settled::default(), &books_year, None)
    }

    /// The same of all books and years.
    fn references(&self, worker: &Worker, references: &mut Vec<Lines>) {
        references.clear();
        for books in 0..self.phases.books() {
            references.extend((0..self.job.years).map(|year| self.reference(books, year, worker)));
        }
    }

    /// Where a contract finds its reference among those of all books and years.
    fn reference_index(&self, contract: usize, year: u32) -> usize {
        self.books_of(contract) * self.job.years as usize + year as usize
    }

    /// Settles a contract's year; a contract that has ended leaves fee-for-service.
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
        let signed = self.phases.contract(contract).expect("a contract of the caller's own is settled by the caller");
        self.settle_as((contract, year), worker, explain, |observed| signed.settle_carrying(observed, carried))
    }

    /// Settles the year that a contract sees, as the caller does.
    pub(crate) fn settle_as(
        &self,
        (contract, year): (usize, u32),
        worker: &mut Worker,
        explain: bool,
        settle: impl FnOnce(&Year<'_>) -> Settled,
    ) -> (Settled, Lines) {
        let (phase, books) = (self.phases.of(contract, year), self.books_of(contract));
        let mut figures = std::mem::take(&mut worker.figures);
        figures.clear();
        let totals = self.totals(phase.variant, year, worker);
        figures.extend(phase.columns.iter().map(|&column| totals[column]));
        let price_index = self.sampler.price_index()[year as usize];
        let observed = Year {
            exposure: MemberMonths(12.0 * totals[self.person_years_column]),
            members: self.members,
            figures: &figures,
            own_fees: self.phases.own_fees(books, phase, totals),
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
        let lines = self.phases.lines(books, &settled, &self.books_year(phase.variant, year, worker), Some(phase));
        worker.figures = figures;
        (settled, lines)
    }
}
