//! The figures of a point, and what they are more than those of the scenario as it is.

use std::sync::Arc;

use twosided_decide::{Reading, Trials, readings};
use twosided_report::{SweepDifference, SweepFigure};
use twosided_scenario::{Quantity, Scenario};
use twosided_sim::Outcomes;

use super::SweepError;
use crate::points::PointOutcomes;

/// Measures points, the scenario as it is before all others.
pub(super) struct Measure<'a> {
    quantities: &'a [Quantity],
    /// The trials of the scenario as it is, and its figures, `[contract][quantity]`.
    base: Option<(Way, Vec<Vec<Reading>>)>,
    /// What is measured of the outcomes at hand, by the index of the contract: contracts that points share are measured once.
    known: Vec<Option<Vec<SweepFigure>>>,
    of: Option<Arc<Outcomes>>,
}

/// How trials are drawn: two points with the same way are compared trial by trial.
#[derive(Clone, Copy, PartialEq)]
struct Way {
    trials: u64,
    is_reduced: bool,
}

impl<'a> Measure<'a> {
    pub(super) fn new(quantities: &'a [Quantity]) -> Self {
        Self { quantities, base: None, known: Vec::new(), of: None }
    }

    /// The figures of a point's contracts, `[contract][quantity]`.
    pub(super) fn of(
        &mut self,
        scenario: &Scenario,
        point: &PointOutcomes,
        names: &[String],
    ) -> Result<Vec<Vec<SweepFigure>>, SweepError> {
        if self.of.as_ref().is_none_or(|of| !Arc::ptr_eq(of, &point.outcomes)) {
            self.known = vec![None; point.tails.len()];
            self.of = Some(Arc::clone(&point.outcomes));
        }
        let way = Way { trials: scenario.trials, is_reduced: scenario.variance_reduction };
        let trials = Trials { outcomes: &point.outcomes, design: &point.design, tails: &point.tails };
        let measured = |column: usize, name: &String| {
            let failed = |quantity: &Quantity, reason| {
                let (quantity, contract) = (*quantity, name.clone());
                SweepError::Figure { quantity, contract, reason }
            };
            readings(self.quantities, &trials, column, None).map_err(|(quantity, reason)| failed(&quantity, reason))
        };
        if self.base.is_none() {
            let of_contracts = point.contracts.iter().zip(names).map(|(&column, name)| measured(column, name));
            self.base = Some((way, of_contracts.collect::<Result<_, _>>()?));
        }
        let (base_way, base) = self.base.as_ref().expect("it was set");
        let mut figures = Vec::with_capacity(names.len());
        for (contract, (&column, name)) in point.contracts.iter().zip(names).enumerate() {
            let of_contract = if let Some(known) = &self.known[column] {
                known.clone()
            } else {
                let of = measured(column, name)?;
                let pairs = of.iter().zip(&base[contract]);
                pairs.map(|(of, base)| beside(of, base, way == *base_way)).collect()
            };
            self.known[column] = Some(of_contract.clone());
            figures.push(of_contract);
        }
        Ok(figures)
    }
}

/// A figure, and what it is more than that of the scenario as it is.
fn beside(of: &Reading, base: &Reading, is_paired: bool) -> SweepFigure {
    let standard_error = if is_paired {
        of.error_of_difference(base)
    } else {
        of.estimate.standard_error.hypot(base.estimate.standard_error)
    };
    let value = of.estimate.value - base.estimate.value;
    SweepFigure { estimate: of.estimate, difference: SweepDifference { value, standard_error } }
}
