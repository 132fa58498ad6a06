//! What a run yields.

use ndarray::{Array2, Array3, Array4, ArrayView1, Axis};
use twosided_population::{Observation, Plan};
use twosided_provider::Line;

use crate::{Moments, Tails, simulate::without_rounding};

/// The outcomes of all trials.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    /// Components of the margin.
    ///
    /// # Shape
    /// `[trial, year, contract, line]`, contracts in the order of the job, lines in that of [`Line::ALL`].
    ///
    /// # Units
    /// Dollars a year; receipts positive.
    pub lines: Array4<f64>,
    /// Margin under the contract less that of the same year under fee-for-service alone.
    ///
    /// # Shape
    /// `[trial, year, contract]`.
    ///
    /// # Units
    /// Dollars a year.
    pub yearly: Array3<f64>,
    /// The same, summed over the years of the horizon.
    ///
    /// # Shape
    /// `[trial, contract]`.
    ///
    /// # Units
    /// Dollars.
    pub gains: Array2<f64>,
    /// Years in which the contract was in force.
    ///
    /// # Shape
    /// `[trial, contract]`.
    pub in_force: Array2<u32>,
    /// What was observed of the population.
    pub plan: Plan,
    /// Mean and spread over trials of each observation.
    ///
    /// # Shape
    /// `[year, segment, observation]`, in the orders of the population and the plan.
    ///
    /// # Units
    /// Dollars or events a year, summed over the people of the segment.
    pub observed: Array3<Moments>,
    /// The same, summed over segments.
    ///
    /// # Shape
    /// `[year, observation]`.
    pub observed_total: Array2<Moments>,
    /// Benchmarks over the trials in which a contract with one was in force.
    ///
    /// # Shape
    /// `[year, contract]`.
    ///
    /// # Units
    /// Dollars a person-year.
    pub benchmarks: Array2<Moments>,
    /// What those benchmarks were compared with.
    ///
    /// # Shape
    /// `[year, contract]`.
    ///
    /// # Units
    /// Dollars a person-year.
    pub expenditures: Array2<Moments>,
    /// Benchmark less expenditure, over the benchmark.
    ///
    /// # Shape
    /// `[year, contract]`.
    pub savings_rates: Array2<Moments>,
    /// What the specific stop-loss covers of contracts that have stop-loss paid.
    ///
    /// # Shape
    /// `[year, contract]`.
    ///
    /// # Units
    /// Dollars a person-year.
    pub specific_recoveries: Array2<Moments>,
    /// The same of aggregate covers.
    ///
    /// # Shape
    /// `[year, contract]`.
    ///
    /// # Units
    /// Dollars a person-year.
    pub aggregate_recoveries: Array2<Moments>,
    /// Which figures of each contract a heavy-tailed law reaches.
    pub tails: Vec<Tails>,
}

/// The sums of gains year by year; what is due to rounding is exactly nothing.
pub(crate) fn running_sums<'a>(years: impl Iterator<Item = &'a f64>) -> impl Iterator<Item = f64> {
    years.scan([0.0; 2], |[sum, amounts], gain| {
        *sum += gain;
        *amounts += gain.abs();
        *sum = without_rounding(*sum, *amounts);
        Some(*sum)
    })
}

impl Outcomes {
    /// How many trials.
    pub fn trials(&self) -> usize {
        self.gains.nrows()
    }

    /// How many years each has.
    pub fn years(&self) -> usize {
        self.yearly.len_of(Axis(1))
    }

    /// Gains of one contract over the horizon, trial by trial.
    pub fn gains_of(&self, contract: usize) -> ArrayView1<'_, f64> {
        self.gains.column(contract)
    }

    /// Gains of one contract since the start of the horizon.
    ///
    /// # Shape
    /// `[trial][year]`.
    pub fn cumulative_of(&self, contract: usize) -> Vec<Vec<f64>> {
        let gains = self.yearly.index_axis(Axis(2), contract);
        gains.outer_iter().map(|years| running_sums(years.iter()).collect()).collect()
    }

    /// Margins of one contract over the horizon, trial by trial.
    pub fn margins_of(&self, contract: usize) -> Vec<f64> {
        let lines = self.lines.index_axis(Axis(2), contract);
        lines.outer_iter().map(|trial| trial.sum()).collect()
    }

    /// One line of one contract over the horizon, trial by trial.
    pub fn line_of(&self, contract: usize, line: Line) -> Vec<f64> {
        let lines = self.lines.index_axis(Axis(3), line as usize);
        lines.index_axis(Axis(2), contract).outer_iter().map(|trial| trial.sum()).collect()
    }

    /// Moments of an observation in the first year, per segment and in total, where the plan has it.
    pub fn observation(&self, observation: &Observation) -> Option<(ArrayView1<'_, Moments>, Moments)> {
        self.observation_in(0, observation)
    }

    /// The same in a year, counted from 0.
    pub fn observation_in(&self, year: usize, observation: &Observation) -> Option<(ArrayView1<'_, Moments>, Moments)> {
        let column = self.plan.position(observation)?;
        let segments = self.observed.index_axis(Axis(0), year).index_axis_move(Axis(1), column);
        Some((segments, self.observed_total[(year, column)]))
    }
}
