//! The figures of a point, and what they are more than those of the scenario as it is.

use std::sync::Arc;

use twosided_decide::{NoEstimate, Trials, estimate};
use twosided_prob::{Design, Estimate, Influence, Influences, Margin, Sample};
use twosided_report::{RiskMeasure, SweepDifference, SweepFigure};
use twosided_scenario::{Quantity, Scenario};
use twosided_sim::Outcomes;
use twosided_units::Share;

use super::SweepError;
use crate::points::PointOutcomes;

/// Measures points, the scenario as it is before all others.
pub(super) struct Measure<'a> {
    quantities: &'a [Quantity],
    /// The trials of the scenario as it is, and its figures, `[contract][quantity]`.
    base: Option<(Way, Vec<Vec<Measured>>)>,
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

/// A figure, and how each trial moves it.
struct Measured {
    estimate: Estimate,
    influences: Influences,
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
            measured(self.quantities, &trials, column).map_err(|(quantity, reason)| failed(&quantity, reason))
        };
        if self.base.is_none() {
            let of_contracts = point.contracts.iter().zip(names).map(|(&column, name)| measured(column, name));
            self.base = Some((way, of_contracts.collect::<Result<_, _>>()?));
        }
        let (base_way, base) = self.base.as_ref().expect("it was set");
        let mut figures = Vec::with_capacity(names.len());
        for (contract, (&column, name)) in point.contracts.iter().zip(names).enumerate() {
            let of_contract = match &self.known[column] {
                Some(known) => known.clone(),
                None => {
                    let of = measured(column, name)?;
                    let pairs = of.iter().zip(&base[contract]);
                    pairs.map(|(of, base)| of.beside(base, way == *base_way)).collect()
                }
            };
            self.known[column] = Some(of_contract.clone());
            figures.push(of_contract);
        }
        Ok(figures)
    }
}

impl Measured {
    fn beside(&self, base: &Self, is_paired: bool) -> SweepFigure {
        let [own, other] = [self, base].map(|measured| measured.estimate.standard_error);
        let standard_error = if own.is_infinite() || other.is_infinite() {
            f64::INFINITY
        } else if is_paired {
            self.influences.standard_error_of_difference(own, &base.influences, other)
        } else {
            own.hypot(other)
        };
        let value = self.estimate.value - base.estimate.value;
        SweepFigure { estimate: self.estimate, difference: SweepDifference { value, standard_error } }
    }
}

/// The quantities of one contract, from one sample of its gains.
fn measured(
    quantities: &[Quantity],
    trials: &Trials<'_>,
    column: usize,
) -> Result<Vec<Measured>, (Quantity, NoEstimate)> {
    let gains = trials.gains(column, None);
    let sample = Sample::drawn_by(trials.design, gains.clone()).map_err(|error| (quantities[0], error.into()))?;
    let tails = trials.tails.get(column).copied().unwrap_or_default();
    let sample = sample.with_tail_indices(tails.losses, tails.gains);
    let margin = Margin::of(&sample);
    let of = |quantity: &Quantity| {
        let failed = |reason| (*quantity, reason);
        match quantity {
            Quantity::Measure(RiskMeasure::MeanMargin) => {
                let estimate = estimate(quantity, trials, column, None).map_err(failed)?;
                let margins = trials.outcomes.margins_of(column);
                Ok(Measured { estimate, influences: influences(trials.design, &margins, Influence::Amount) })
            }
            Quantity::Measure(measure) => {
                let estimate = measure.of(&sample, &margin);
                let influence = influence(*measure, &sample, estimate.value);
                Ok(Measured { estimate, influences: influences(trials.design, &gains, influence) })
            }
            Quantity::Probability(event) => {
                let happens = trials.happens(event, column, None).map_err(failed)?;
                let happens: Vec<f64> = happens.into_iter().map(f64::from).collect();
                let influences = influences(trials.design, &happens, Influence::Above(0.5));
                let happens = Sample::drawn_by(trials.design, happens).map_err(|error| failed(error.into()))?;
                Ok(Measured { estimate: happens.probability(|happens| happens > 0.5), influences })
            }
        }
    };
    quantities.iter().map(of).collect()
}

fn influences(design: &Design, values: &[f64], influence: Influence) -> Influences {
    Influences::new(design, values, influence)
}

/// How each gain moves a measure of all gains.
fn influence(measure: RiskMeasure, gains: &Sample, value: f64) -> Influence {
    let edge = |level: f64| -gains.value_at_risk_alone(Share::new(level).expect("levels are shares"));
    match measure {
        RiskMeasure::MeanGain | RiskMeasure::MeanMargin => Influence::Amount,
        RiskMeasure::SdGain => Influence::SquareAbout(gains.mean().value),
        RiskMeasure::ProbabilityOfLoss => Influence::Below(0.0),
        RiskMeasure::ProbabilityOfGain => Influence::Above(0.0),
        RiskMeasure::Quantile05 | RiskMeasure::Quantile50 | RiskMeasure::Quantile95 => Influence::AtMost(value),
        RiskMeasure::ValueAtRisk95 | RiskMeasure::ValueAtRisk99 => Influence::AtMost(-value),
        RiskMeasure::TailValueAtRisk95 => Influence::ShortfallBelow(edge(0.95)),
        RiskMeasure::TailValueAtRisk99 => Influence::ShortfallBelow(edge(0.99)),
    }
}
