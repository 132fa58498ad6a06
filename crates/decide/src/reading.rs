//! Quantities with what every trial has to do with them, so that two of them on the same trials can be kept apart.

use twosided_prob::{Estimate, Influence, Influences, Margin, RiskMeasure, Sample};
use twosided_scenario::Quantity;
use twosided_units::Share;

use crate::{NoEstimate, Trials, estimate};

/// A quantity estimated from trials, with the influence of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The quantity.
    pub estimate: Estimate,
    influences: Influences,
}

impl Reading {
    /// The standard error of this quantity less another of the same trials; infinite where one of them has none.
    pub fn error_of_difference(&self, other: &Self) -> f64 {
        let (own, others) = (self.estimate.standard_error, other.estimate.standard_error);
        if own.is_infinite() || others.is_infinite() {
            return f64::INFINITY;
        }
        self.influences.standard_error_of_difference(own, &other.influences, others)
    }
}

/// Quantities of one contract, or of its gains less those of another, from one sample of the gains.
///
/// # Errors
/// [`NoEstimate`], with the quantity that has none.
pub fn readings(
    quantities: &[Quantity],
    trials: &Trials<'_>,
    contract: usize,
    less: Option<usize>,
) -> Result<Vec<Reading>, (Quantity, NoEstimate)> {
    let gains = trials.gains(contract, less);
    let sample = trials.sample(contract, less).map_err(|error| (quantities[0], error.into()))?;
    let margin = Margin::of(&sample);
    let reading = |estimate, values: &[f64], influence| {
        let influences = Influences::new(trials.design, values, influence);
        Reading { estimate, influences }
    };
    let of = |quantity: &Quantity| {
        let failed = |reason| (*quantity, reason);
        match quantity {
            Quantity::Measure(RiskMeasure::MeanMargin) if less.is_none() => {
                let estimate = estimate(quantity, trials, contract, less).map_err(failed)?;
                Ok(reading(estimate, &trials.outcomes.margins_of(contract), Influence::Amount))
            }
            Quantity::Measure(measure) => {
                let estimate = measure.of(&sample, &margin);
                Ok(reading(estimate, &gains, influence(*measure, &sample, estimate.value)))
            }
            Quantity::Probability(event) => {
                let happens = trials.happens(event, contract, less).map_err(failed)?;
                let happens: Vec<f64> = happens.into_iter().map(f64::from).collect();
                let sample = Sample::drawn_by(trials.design, happens.clone()).map_err(|error| failed(error.into()))?;
                Ok(reading(sample.probability(|happens| happens > 0.5), &happens, Influence::Above(0.5)))
            }
        }
    };
    quantities.iter().map(of).collect()
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
