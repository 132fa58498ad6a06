//! What a run yields.

use ndarray::{Array2, Array3, ArrayView1, Axis};
use twosided_population::{Observation, Plan};
use twosided_provider::Line;

use crate::Moments;

/// The outcomes of all trials.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    /// Components of the margin.
    ///
    /// # Shape
    /// `[trial, contract, line]`, contracts in the order of the job, lines in that of [`Line::ALL`].
    ///
    /// # Units
    /// Dollars a year; receipts positive.
    pub lines: Array3<f64>,
    /// Margin under the contract less that of the same year under fee-for-service alone.
    ///
    /// # Shape
    /// `[trial, contract]`.
    ///
    /// # Units
    /// Dollars a year.
    pub gains: Array2<f64>,
    /// What was observed of the population.
    pub plan: Plan,
    /// Mean and spread over trials of each observation.
    ///
    /// # Shape
    /// `[segment, observation]`, in the orders of the population and the plan.
    ///
    /// # Units
    /// Dollars or events a year, summed over the people of the segment.
    pub observed: Array2<Moments>,
    /// The same, summed over segments.
    ///
    /// # Shape
    /// `[observation]`.
    pub observed_total: Vec<Moments>,
}

impl Outcomes {
    /// How many trials.
    pub fn trials(&self) -> usize {
        self.gains.nrows()
    }

    /// Gains of one contract, trial by trial.
    pub fn gains_of(&self, contract: usize) -> ArrayView1<'_, f64> {
        self.gains.column(contract)
    }

    /// Margins of one contract, trial by trial.
    pub fn margins_of(&self, contract: usize) -> Vec<f64> {
        let lines = self.lines.index_axis(Axis(1), contract);
        lines.outer_iter().map(|trial| trial.sum()).collect()
    }

    /// One line of one contract, trial by trial.
    pub fn line_of(&self, contract: usize, line: Line) -> ArrayView1<'_, f64> {
        self.lines.index_axis(Axis(2), line as usize).index_axis_move(Axis(1), contract)
    }

    /// Moments of an observation, per segment and in total, where the plan has it.
    pub fn observation(&self, observation: &Observation) -> Option<(ArrayView1<'_, Moments>, Moments)> {
        let column = self.plan.observations().iter().position(|known| known == observation)?;
        Some((self.observed.column(column), self.observed_total[column]))
    }
}
