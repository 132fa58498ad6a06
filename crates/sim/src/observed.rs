//! What a run observes, as means over its trials.

use ndarray::{Array2, Array3, ArrayView1, Axis};
use twosided_population::{Observation, Plan};

use crate::{Moments, Tails};

/// Means and spreads over all trials.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// What was observed of the population.
    pub plan: Plan,
    /// Mean and spread over trials of each observation.
    ///
    /// # Shape
    /// `[year, segment, observation]`, in the orders of the population and the plan.
    ///
    /// # Units
    /// Dollars or events a year, summed over the people of the segment.
    pub segments: Array3<Moments>,
    /// The same, summed over segments.
    ///
    /// # Shape
    /// `[year, observation]`.
    pub total: Array2<Moments>,
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
    /// Margins over the horizon.
    ///
    /// # Shape
    /// `[contract]`.
    ///
    /// # Units
    /// Dollars.
    pub margins: Vec<Moments>,
    /// Lines of those margins.
    ///
    /// # Shape
    /// `[contract, line]`, lines in the order of [`Line::ALL`](twosided_provider::Line::ALL).
    ///
    /// # Units
    /// Dollars.
    pub lines: Array2<Moments>,
    /// Which figures of each contract a heavy-tailed law reaches.
    pub tails: Vec<Tails>,
}

impl Observed {
    /// Moments of an observation in the first year, per segment and in total, where the plan has it.
    pub fn observation(&self, observation: &Observation) -> Option<(ArrayView1<'_, Moments>, Moments)> {
        self.observation_in(0, observation)
    }

    /// The same in a year, counted from 0.
    pub fn observation_in(&self, year: usize, observation: &Observation) -> Option<(ArrayView1<'_, Moments>, Moments)> {
        let column = self.plan.position(observation)?;
        let segments = self.segments.index_axis(Axis(0), year).index_axis_move(Axis(1), column);
        Some((segments, self.total[(year, column)]))
    }
}
