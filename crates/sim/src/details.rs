//! What is kept of each trial and year beside the lines: fees by payer, what others bill, and what a portfolio is made of.

use std::ops::Range;

use ndarray::{Array2, Array3, ArrayView2, Axis};
use twosided_contracts::{Arrangement, Lan, Phase};

use crate::{Job, practice::Practice};

/// A figure of a column that is kept beside its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Index of the column: a contract of the job.
    pub column: usize,
    /// What it is.
    pub of: DetailOf,
}

/// What a detail is. Dollars a year, unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DetailOf {
    /// Fees under fee-for-service alone, on the same year.
    FeesAlone,
    /// What other providers bill, less the same under fee-for-service alone.
    OthersChange,
    /// Paid in advance.
    Advances,
    /// Advances still to be repaid after the year.
    AdvanceBalance,
    /// What one of its contracts holds back during the year, and pays with the settlement.
    Withheld(usize),
    /// Fees from a payer: 0 where the payer is not stated, else counted from 1 in the order of the provider's payers.
    Fees(usize),
    /// Of a portfolio, what one of its contracts adds to the gain, without programs and changed care.
    Contribution(usize),
    /// Of a portfolio, what one of its contracts settles after the year.
    Reconciliation(usize),
    /// Of a portfolio, by how much one of its contracts changes fees.
    FeeAdjustment(usize),
    /// Of a portfolio, the capitation of one of its contracts.
    Capitation(usize),
    /// Of a portfolio, the margin on a payer's people before costs that no payer's people cause alone.
    PayerMargin(usize),
    /// Of a portfolio, revenue under a category.
    Revenue(Lan),
    /// Of a portfolio, spending that a program avoids, by the index of the program.
    Avoided(usize),
    /// The part of it on people whom no contract that shares savings covers.
    AvoidedUnshared(usize),
    /// A figure of the people whom it covers: of all of them where the first is 0, else of the population's group of that number,
    /// counted from 1.
    People(usize, PeopleFigure),
}

/// A figure of some people in a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeopleFigure {
    /// Years lived.
    PersonYears,
    /// Dollars spent on all of their care.
    Expenditure,
    /// Their part of the benchmark, in proportion to risk scores.
    Benchmark,
    /// Dollars that the provider is paid: fees for its own care of them, and their part of what contracts pay, in proportion to risk
    /// scores.
    Payment,
    /// The denominator of a quality measure, by its index.
    Cases(usize),
    /// Its numerator.
    Reached(usize),
}

/// Which details there are, in order; those of a column stand together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    details: Vec<Detail>,
    /// Where those of each column stand.
    columns: Vec<Range<usize>>,
}

/// Details of every trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    /// What they are.
    pub layout: Layout,
    /// # Shape
    /// `[trial, year, detail]`.
    ///
    /// # Units
    /// Dollars a year.
    pub values: Array3<f64>,
}

impl Layout {
    pub(crate) fn new(job: &Job<'_>, practice: &Practice<'_>) -> Self {
        let mut layout = Self::default();
        let signed = job.all_contracts();
        for (index, (column, contract)) in practice.columns().iter().zip(signed).enumerate() {
            let start = layout.details.len();
            let mut add = |of| layout.details.push(Detail { column: index, of });
            if !contract.is_fee_for_service_alone() {
                add(DetailOf::FeesAlone);
                add(DetailOf::OthersChange);
            }
            if contract.held().iter().any(Arrangement::may_advance) {
                add(DetailOf::Advances);
                add(DetailOf::AdvanceBalance);
            }
            for (held, contract) in contract.held().iter().enumerate() {
                if contract.phases().iter().any(|phase| phase.covers.withhold.is_some()) {
                    add(DetailOf::Withheld(held));
                }
            }
            let payers: Vec<usize> = practice.books_of(index).cells.iter().map(|cell| cell.payer).collect();
            if payers.len() > 1 {
                for &payer in &payers {
                    add(DetailOf::Fees(payer));
                }
            }
            if column.is_portfolio {
                for held in 0..column.held.len() {
                    add(DetailOf::Contribution(held));
                    add(DetailOf::Reconciliation(held));
                    add(DetailOf::FeeAdjustment(held));
                    add(DetailOf::Capitation(held));
                }
                for &payer in &payers {
                    add(DetailOf::PayerMargin(payer));
                }
                let phases = column.held.iter().flat_map(|held| &held.phases);
                let mut categories: Vec<Lan> = phases.map(|phase| phase.lan).chain([Lan::FeeForService]).collect();
                categories.sort();
                categories.dedup();
                for category in categories {
                    add(DetailOf::Revenue(category));
                }
                for &(program, _) in &column.alone {
                    add(DetailOf::Avoided(program));
                    add(DetailOf::AvoidedUnshared(program));
                }
            }
            let compares = !column.is_portfolio && contract.phases().iter().any(Phase::compares);
            for people in (0..column.people.len()).filter(|&people| !column.people[people].is_empty()) {
                let measures = 0..job.population.measures.len();
                let figures = [PeopleFigure::PersonYears, PeopleFigure::Expenditure, PeopleFigure::Payment]
                    .into_iter()
                    .chain(compares.then_some(PeopleFigure::Benchmark))
                    .chain(measures.flat_map(|measure| [PeopleFigure::Cases(measure), PeopleFigure::Reached(measure)]));
                for figure in figures {
                    add(DetailOf::People(people, figure));
                }
            }
            layout.columns.push(start..layout.details.len());
        }
        layout
    }

    /// Where the details of a column stand, and what they are.
    pub(crate) fn of_column(&self, column: usize) -> (Range<usize>, &[Detail]) {
        let range = self.columns[column].clone();
        (range.clone(), &self.details[range])
    }

    /// How many details there are.
    pub fn len(&self) -> usize {
        self.details.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.details.is_empty()
    }

    /// The details in order.
    pub fn iter(&self) -> impl Iterator<Item = &Detail> {
        self.details.iter()
    }
}

impl Details {
    pub(crate) fn zeros(layout: Layout, trials: usize, years: usize) -> Self {
        let values = Array3::zeros((if layout.is_empty() { 0 } else { trials }, years, layout.len()));
        Self { layout, values }
    }

    /// Details from rows.
    ///
    /// # Shape
    /// `[(trial, year), detail]`.
    ///
    /// # Panics
    /// When there are not as many rows and columns as years and details ask for.
    pub fn of_rows(layout: Layout, years: usize, rows: Array2<f64>) -> Self {
        let shape = (rows.nrows() / years, years, layout.len());
        let values = Array3::from_shape_vec(shape, rows.into_raw_vec_and_offset().0).expect("one row a trial and year");
        Self { layout, values }
    }

    /// The details as rows.
    ///
    /// # Shape
    /// `[(trial, year), detail]`.
    pub fn rows(&self) -> ArrayView2<'_, f64> {
        let (trials, years, details) = self.values.dim();
        let values = self.values.as_slice().expect("details are contiguous");
        ArrayView2::from_shape((trials * years, details), values).expect("one row a trial and year")
    }

    /// A detail of a column.
    ///
    /// # Shape
    /// `[trial, year]`.
    pub fn of(&self, column: usize, of: DetailOf) -> Option<ArrayView2<'_, f64>> {
        let index = self.layout.iter().position(|detail| *detail == Detail { column, of })?;
        Some(self.values.index_axis(Axis(2), index))
    }

    /// A detail of a column over the horizon, trial by trial.
    pub fn sums(&self, column: usize, of: DetailOf) -> Option<Vec<f64>> {
        Some(self.of(column, of)?.sum_axis(Axis(1)).to_vec())
    }

    /// What is kept of a column beside its lines.
    pub fn of_column(&self, column: usize) -> impl Iterator<Item = DetailOf> {
        self.layout.iter().filter(move |detail| detail.column == column).map(|detail| detail.of)
    }

    /// Adds the trials of another simulation of the same job after these.
    pub(crate) fn append(&mut self, later: &Self) {
        if self.values.len_of(Axis(0)) == 0 {
            // Of a part without trials, nothing says what is kept of them.
            self.clone_from(later);
        } else {
            self.values.append(Axis(0), later.values.view()).expect("simulations of one job keep the same details");
        }
    }
}
