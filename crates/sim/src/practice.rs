//! A practice made ready: what its contracts settle on, what becomes of fees, and how it acts under them.

mod books;
mod column;
mod conduct;

use twosided_contracts::{Arrangement, Settle};
use twosided_population::{Observation, Plan, Variant};

use crate::{Job, groups::Groups};

pub(crate) use books::{Cell, ReadyBooks, YearSeen};
pub(crate) use column::{Column, Held, InForce};
pub(crate) use conduct::Conduct;

/// All contracts and books of a job, made ready.
pub(crate) struct Practice<'a> {
    columns: Vec<Column<'a>>,
    variants: Vec<Variant>,
    /// The books of the job, its own first.
    books: Vec<ReadyBooks<'a>>,
    groups: Groups,
}

impl<'a> Practice<'a> {
    /// Makes the contracts ready, and adds what they settle on to the plan.
    pub(crate) fn new(job: &Job<'a>, plan: &mut Plan) -> Self {
        let groups = Groups::new(job.population.segments());
        let mut practice = Self { columns: Vec::new(), variants: vec![Variant::default()], books: Vec::new(), groups };
        for (index, books) in job.books().enumerate() {
            let ready = ReadyBooks::new(job, books.provider, plan, &mut practice.groups, &mut practice.variants);
            practice.books.push(ready);
            for contract in books.contracts {
                practice.add(job, index, contract, plan);
            }
        }
        practice
    }

    fn add(&mut self, job: &Job<'a>, books: usize, contract: &'a Arrangement, plan: &mut Plan) {
        let held = contract.held().iter().map(|held| Held::of(job, held, plan, &mut self.groups)).collect();
        let portfolio = contract.portfolio.as_ref();
        let column =
            Column::new(job, (books, &self.books[books]), held, portfolio, &mut self.groups, &mut self.variants);
        self.columns.push(column);
    }

    /// Adds a contract of the caller's own after those of the job, with all programs.
    pub(crate) fn add_own<T: Settle>(&mut self, job: &Job<'a>, plan: &mut Plan, own: &T) {
        let held = vec![Held::own(job, own, plan)];
        let column = Column::new(job, (0, &self.books[0]), held, None, &mut self.groups, &mut self.variants);
        self.columns.push(column);
    }

    /// The variants of a year that contracts are settled on, the one of the data first.
    pub(crate) fn variants(&self) -> &[Variant] {
        &self.variants
    }

    /// The groups of segments whose figures are summed.
    pub(crate) fn groups(&self) -> &Groups {
        &self.groups
    }

    /// Columns of outcomes: contracts, and those that are held at once.
    pub(crate) fn columns(&self) -> &[Column<'a>] {
        &self.columns
    }

    /// One column.
    pub(crate) fn column(&self, column: usize) -> &Column<'a> {
        &self.columns[column]
    }

    /// The books of the job, its own first.
    pub(crate) fn all_books(&self) -> &[ReadyBooks<'a>] {
        &self.books
    }

    /// The books by which a column is settled.
    pub(crate) fn books_of(&self, column: usize) -> &ReadyBooks<'a> {
        &self.books[self.columns[column].books]
    }
}

/// The index of a variant, added if it is new.
fn index_of(variants: &mut Vec<Variant>, variant: Variant) -> usize {
    variants.iter().position(|known| *known == variant).unwrap_or_else(|| {
        variants.push(variant);
        variants.len() - 1
    })
}

/// The column of a service's expenditure.
fn expenditure(plan: &mut Plan, service: &str) -> usize {
    plan.column(Observation::Expenditure { service: service.to_owned() })
}
