//! Trials of a run, with what they are measured by.

use std::sync::Arc;

use twosided_prob::{Design, Estimate, JointFigure, JointFigures, Sample, SampleError};

use super::figure::method;
use crate::{Figure, Period, Unit};

/// Trials of a run, with what they are measured by.
pub(super) struct Trials<'a> {
    pub(super) design: &'a Arc<Design>,
    pub(super) period: Period,
}

impl Trials<'_> {
    pub(super) fn sample(&self, trials: &[f64], [low, high]: [f64; 2]) -> Result<Sample, SampleError> {
        Ok(Sample::drawn_by(self.design, trials.to_vec())?.with_tail_indices(low, high))
    }

    pub(super) fn figure(&self, unit: Unit, estimate: Estimate) -> Figure {
        Figure::new(unit, estimate).found_by(method(self.design))
    }

    pub(super) fn dollars(&self, estimate: Estimate) -> Figure {
        self.figure(self.period.unit(), estimate)
    }

    /// The mean of each, and the first sum of indices over the second; absent where the second is not above zero beyond chance.
    pub(super) fn ratios(
        &self,
        unit: Unit,
        columns: &[&[f64]],
        ratios: &[(Vec<usize>, Vec<usize>)],
    ) -> Result<Vec<Option<Figure>>, SampleError> {
        let samples: Result<Vec<Sample>, SampleError> =
            columns.iter().map(|trials| self.sample(trials, [f64::INFINITY; 2])).collect();
        let figures: Vec<JointFigure<'_>> =
            columns.iter().zip(&samples?).map(|(trials, sample)| JointFigure::mean(trials, sample)).collect();
        let joint = JointFigures::new(self.design, &figures);
        let terms = |indices: &[usize]| indices.iter().map(|&index| (index, 1.0)).collect::<Vec<_>>();
        let ratio = |(over, under): &(Vec<usize>, Vec<usize>)| {
            let ratio = joint.ratio(&terms(over), &terms(under)).ok()?;
            Some(self.figure(unit, ratio))
        };
        Ok(ratios.iter().map(ratio).collect())
    }
}
