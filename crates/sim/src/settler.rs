//! One trial: its years are sampled, and every contract is settled on each of them.

mod column_year;
mod details;
mod heavy_laws;
mod kept;
mod people;

use std::sync::atomic::AtomicBool;

use twosided_contracts::{Against, Carried, CoverPayments, Settle, Settled};
use twosided_population::{
    Interrupted, Observation, Plan, Pool, PopulationError, QualityMeasure, Sampler, Scratch, SystemYear,
};
use twosided_provider::{Line, Lines};
use twosided_units::{Dollars, MemberMonths};

use crate::{
    Job, Keep, Moments, Outcomes, PooledSegment, SimulateError,
    controls::Controls,
    details::Layout,
    gain::gain,
    groups::EVERYONE,
    pools::set_pools,
    practice::{Column, Conduct, Practice, ReadyBooks, YearSeen},
    slots::Slots,
};

pub(crate) use column_year::ColumnYear;
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
    practice: Practice<'a>,
    /// None where the job does not ask for them.
    pub(crate) controls: Controls,
    person_years_column: usize,
    /// People, where visits decide how many there are.
    people_column: Option<usize>,
    /// The column of risk scores, where there are any.
    risk_scores: Option<usize>,
    /// Columns of each quality measure: its denominator and its numerator.
    measures: Vec<[usize; 2]>,
    /// What is kept beside the lines.
    details: Layout,
}

/// Buffers that one thread reuses.
pub(crate) struct Worker {
    scratch: Scratch,
    /// The trial that it holds.
    trial: u64,
    /// `[variant, year, segment, observation]`.
    table: Vec<f64>,
    /// `[group, variant, year, observation]`.
    totals: Vec<f64>,
    figures: Vec<f64>,
    /// What each contract of a column came to in the year that was settled last.
    settled: Vec<Settled>,
    /// What has become of each contract of the column that is being settled.
    carried: Vec<Carried>,
    /// `[books, year]`, under fee-for-service alone.
    references: Vec<Lines>,
    /// None where nobody reads them.
    pub(crate) moments: Vec<Moments>,
}

impl Worker {
    pub(crate) fn new(settler: &Settler<'_>) -> Self {
        let years = settler.practice.variants().len() * settler.job.years as usize;
        let rows = settler.practice.groups().count() * years;
        Self {
            scratch: Scratch::default(),
            trial: 0,
            table: vec![0.0; settler.sampler.table_length()],
            totals: vec![0.0; rows * settler.plan.observations().len()],
            figures: Vec::new(),
            settled: Vec::new(),
            carried: Vec::new(),
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
        let practice = Practice::new(job, &mut plan);
        Self::of(job, plan, practice)
    }

    /// The same beside a contract of the caller's own, which has the index after those of the job.
    pub(crate) fn with_own<T: Settle>(job: &'a Job<'a>, own: &T) -> Result<Self, PopulationError> {
        let mut plan = Plan::for_population(job.population);
        let mut practice = Practice::new(job, &mut plan);
        practice.add_own(job, &mut plan, own);
        Self::of(job, plan, practice)
    }

    fn of(job: &'a Job<'a>, mut plan: Plan, practice: Practice<'a>) -> Result<Self, PopulationError> {
        let risk_scores = plan.position(&Observation::RiskScore);
        let controls =
            if job.controls { Controls::new(job.population, job.years, &mut plan)? } else { Controls::default() };
        let sampler = Sampler::new(job.population, &plan, job.years, practice.variants())?;
        let columns_of = |measure: &QualityMeasure| {
            let measure = || measure.name.clone();
            let columns =
                [Observation::Denominator { measure: measure() }, Observation::Numerator { measure: measure() }];
            columns.map(|column| plan.position(&column).expect("a plan has the measures of its population"))
        };
        let measures = job.population.measures.iter().map(columns_of).collect();
        Ok(Self {
            job,
            sampler: sampler.with_draws(job.draws),
            controls,
            person_years_column: plan.column(Observation::PersonYears),
            people_column: plan.position(&Observation::People),
            risk_scores,
            measures,
            details: if job.keep >= Keep::Lines { Layout::new(job, &practice) } else { Layout::default() },
            plan,
            practice,
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
        (self.job.years as usize, self.practice.columns().len())
    }

    /// Numbers of segments and observations.
    pub(crate) fn observed_shape(&self) -> (usize, usize) {
        (self.job.population.segments().len(), self.plan.observations().len())
    }

    /// Draws the pools of a job that has them, before its first trial, on the threads of the current thread pool.
    pub(crate) fn draw_pools(&mut self, stop: &AtomicBool) -> Result<(), SimulateError> {
        set_pools(self.job, &self.plan, self.practice.variants(), stop, &mut self.sampler)
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
        self.observed_moments() + COMPARISONS * self.job.years as usize * self.practice.columns().len()
    }

    /// Number of all moments: those before the margin, then of each contract its margin and the lines of that over the horizon.
    pub(crate) fn moments(&self) -> usize {
        self.moments_before_margins() + self.practice.columns().len() * FIGURES_OF_MARGIN
    }

    /// What is kept of each trial beside the lines.
    pub(crate) fn details(&self) -> &Layout {
        &self.details
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
        self.controls.write(self.totals(EVERYONE, 0, 0, worker), worker.scratch.scores(), slots.controls);
        let mut references = std::mem::take(&mut worker.references);
        self.references(worker, &mut references);
        let is_noted = !worker.moments.is_empty();
        for contract in 0..contracts {
            self.begin(contract, worker);
            let mut of_horizon = Lines::default();
            for year in 0..self.job.years {
                let index = year as usize * contracts + contract;
                let reference = &references[self.reference_index(contract, year)];
                let settled = self.settle_year((contract, year), worker, reference, false);
                let (in_force, lines) = (settled.in_force(), &settled.lines);
                slots.in_force[contract] += u32::from(in_force);
                let person_years = self.person_years(settled.group, settled.variant, year, worker);
                if is_noted {
                    let moments = &mut worker.moments[self.observed_moments() + index..];
                    note_comparisons(moments, years * contracts, &settled.settled, person_years, in_force);
                    for (sum, line) in of_horizon.0.iter_mut().zip(&lines.0) {
                        *sum += line;
                    }
                }
                slots.gains[index] = gain(&settled.settled, lines, reference).0;
                if self.job.keep >= Keep::Gains {
                    slots.person_years[index] = person_years;
                    slots.against[index] = settled.settled.settlement.against;
                    slots.earned_before_covers[index] = settled.settled.settlement.earned_before_covers.0;
                }
                if self.job.keep >= Keep::Lines {
                    let first = index * Line::ALL.len();
                    slots.lines[first..first + Line::ALL.len()].copy_from_slice(&lines.0);
                    self.note_details((contract, year), &settled, reference, worker, slots.details);
                }
            }
            if !is_noted {
                continue;
            }
            let of_margin = worker.moments[self.moments_before_margins() + contract * FIGURES_OF_MARGIN..].iter_mut();
            for (moments, figure) in of_margin.zip([of_horizon.margin().0].iter().chain(&of_horizon.0)) {
                moments.add(*figure);
            }
        }
        worker.references = references;
        Ok(())
    }

    /// Samples and settles one trial, and drops the outcomes: it is run to measure what it takes.
    pub(crate) fn settle_alone(&self, trial: u64, stop: &AtomicBool, worker: &mut Worker) {
        let mut outcomes = Outcomes::zeros(self.job.keep, 1, self.job.years as usize, self.practice.columns().len())
            .with_details(&self.details);
        outcomes = outcomes.with_controls(self.controls.means.len());
        worker.moments.resize(self.moments(), Moments::default());
        self.settle(trial, stop, worker, &mut Slots::of(&mut outcomes)).expect("nobody stops it");
    }

    /// Samples a trial; the worker holds its observations and their totals.
    pub(crate) fn observe(&self, trial: u64, stop: &AtomicBool, worker: &mut Worker) -> Result<(), Interrupted> {
        worker.trial = trial;
        let Worker { scratch, table, totals, .. } = worker;
        self.sampler.observe(self.job.seed, trial, stop, scratch, table)?;
        totals.fill(0.0);
        let observations = self.plan.observations().len();
        let years = self.practice.variants().len() * self.job.years as usize;
        for (group, totals) in self.practice.groups().iter().zip(totals.chunks_exact_mut(years * observations)) {
            let rows = table.chunks_exact(self.sampler.row_length());
            for (totals, row) in totals.chunks_exact_mut(observations).zip(rows) {
                for &segment in group {
                    for (total, figure) in totals.iter_mut().zip(&row[segment * observations..]) {
                        *total += figure;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a contract's first year and the one under fee-for-service are both the year of the data.
    pub(crate) fn is_as_sampled(&self, contract: usize) -> bool {
        let column = self.practice.column(contract);
        column.conduct(0, column.all_in_force()).is_as_sampled() && self.practice.books_of(contract).reference == 0
    }

    /// Whether a column is one contract for everyone, and no figure is of some people alone.
    pub(crate) fn is_of_everyone(&self, contract: usize) -> bool {
        !self.practice.column(contract).is_portfolio && self.practice.groups().count() == 1
    }

    /// The totals of a variant's year, of a group.
    fn totals<'w>(&self, group: usize, variant: usize, year: u32, worker: &'w Worker) -> &'w [f64] {
        let observations = self.plan.observations().len();
        let row = group * self.practice.variants().len() + variant;
        let start = (row * self.job.years as usize + year as usize) * observations;
        &worker.totals[start..start + observations]
    }

    fn person_years(&self, group: usize, variant: usize, year: u32, worker: &Worker) -> f64 {
        self.totals(group, variant, year, worker)[self.person_years_column]
    }

    /// Months that members of a segment are enrolled.
    fn months(&self, variant: usize, year: u32, segment: usize, worker: &Worker) -> MemberMonths {
        MemberMonths(12.0 * self.row(variant, year, segment, worker)[self.person_years_column])
    }

    /// Observations of a segment in a variant's year.
    fn row<'w>(&self, variant: usize, year: u32, segment: usize, worker: &'w Worker) -> &'w [f64] {
        let observations = self.plan.observations().len();
        let rows = (variant * self.job.years as usize + year as usize) * self.sampler.row_length();
        &worker.table[rows + segment * observations..][..observations]
    }

    /// Index of the books by which a contract is settled.
    pub(crate) fn books_of(&self, contract: usize) -> usize {
        self.practice.column(contract).books
    }

    /// The lines of a year by some books: under a conduct of a column, or under fee-for-service alone.
    fn lines(
        &self,
        books: &ReadyBooks<'_>,
        settled: &Settled,
        under: Option<(&Column<'_>, &Conduct)>,
        year: u32,
        worker: &Worker,
    ) -> Lines {
        let variant = under.map_or(books.reference, |(_, conduct)| conduct.variant);
        let seen = YearSeen {
            totals: |group| self.totals(group, variant, year, worker),
            months: |segment| self.months(variant, year, segment, worker),
            person_years: self.person_years(EVERYONE, variant, year, worker),
            year,
            price_index: self.sampler.price_index()[year as usize],
            names: under.map_or(&[], |(column, _)| &column.names),
        };
        books.lines(settled, under.map(|(_, conduct)| conduct), &seen)
    }

    /// The lines of a year by some books under fee-for-service alone.
    pub(crate) fn reference(&self, books: usize, year: u32, worker: &Worker) -> Lines {
        self.lines(&self.practice.all_books()[books], &Settled::default(), None, year, worker)
    }

    /// The same of all books and years.
    fn references(&self, worker: &Worker, references: &mut Vec<Lines>) {
        references.clear();
        for books in 0..self.practice.all_books().len() {
            references.extend((0..self.job.years).map(|year| self.reference(books, year, worker)));
        }
    }

    /// Where a contract finds its reference among those of all books and years.
    fn reference_index(&self, contract: usize, year: u32) -> usize {
        self.books_of(contract) * self.job.years as usize + year as usize
    }
}

/// Adds what a contract's year is compared by to its moments, one comparison every `step`.
fn note_comparisons(moments: &mut [Moments], step: usize, settled: &Settled, person_years: f64, in_force: bool) {
    let mut add = |comparison: usize, figure: f64| moments[comparison * step].add(figure);
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
}
