//! A quantity with what every trial has to do with it, so that two of them on the same trials can be told apart.

use twosided_prob::{Estimate, Influence, Influences, RiskMeasure, Sample};
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
    /// The quantity of a contract, or of its gains less those of another.
    ///
    /// # Errors
    /// [`NoEstimate`].
    pub fn new(
        quantity: &Quantity,
        trials: &Trials<'_>,
        contract: usize,
        less: Option<usize>,
    ) -> Result<Self, NoEstimate> {
        let estimate = estimate(quantity, trials, contract, less)?;
        let (values, influence) = match quantity {
            Quantity::Probability(event) => {
                let happens = trials.happens(event, contract, less)?;
                (happens.into_iter().map(f64::from).collect(), Influence::Amount)
            }
            Quantity::Measure(RiskMeasure::MeanMargin) if less.is_none() => {
                (trials.outcomes.margins_of(contract), Influence::Amount)
            }
            Quantity::Measure(measure) => {
                let sample = trials.sample(contract, less)?;
                (trials.gains(contract, less), influence(*measure, &sample))
            }
        };
        Ok(Self { estimate, influences: Influences::new(trials.design, &values, influence) })
    }

    /// The standard error of this quantity less another of the same trials.
    pub fn error_of_difference(&self, other: &Self) -> f64 {
        let (own, others) = (self.estimate.standard_error, other.estimate.standard_error);
        self.influences.error_of_difference(own, &other.influences, others).standard_error
    }
}

/// What a measure of gains is a mean of, to first order.
fn influence(measure: RiskMeasure, gains: &Sample) -> Influence {
    let quantile = |level: f64| gains.quantile(Share::new(level).expect("levels are shares")).value;
    match measure {
        RiskMeasure::MeanGain | RiskMeasure::MeanMargin => Influence::Amount,
        RiskMeasure::SdGain => Influence::SquareAbout(gains.mean().value),
        RiskMeasure::ProbabilityOfLoss => Influence::Below(0.0),
        RiskMeasure::ProbabilityOfGain => Influence::Above(0.0),
        RiskMeasure::Quantile05 | RiskMeasure::ValueAtRisk95 => Influence::AtMost(quantile(0.05)),
        RiskMeasure::Quantile50 => Influence::AtMost(quantile(0.5)),
        RiskMeasure::Quantile95 => Influence::AtMost(quantile(0.95)),
        RiskMeasure::ValueAtRisk99 => Influence::AtMost(quantile(0.01)),
        RiskMeasure::TailValueAtRisk95 => Influence::ShortfallBelow(quantile(0.05)),
        RiskMeasure::TailValueAtRisk99 => Influence::ShortfallBelow(quantile(0.01)),
    }
}
