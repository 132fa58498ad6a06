//! What is measured of a gain, exactly and of a sample.

use twosided_prob::{Estimate, Sample};
use twosided_units::Share;

use crate::{Exact, GainLaw};

/// A figure of a contract's gain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// Mean gain.
    Mean,
    /// Standard deviation.
    Sd,
    /// Probability of a gain below zero.
    ProbabilityOfLoss,
    /// Probability of a gain above zero.
    ProbabilityOfGain,
    /// Quantile of the gain at a level.
    Quantile(f64),
    /// Value at risk of the loss at a level.
    ValueAtRisk(f64),
    /// Tail value at risk of the loss at a level.
    TailValueAtRisk(f64),
}

impl Measure {
    /// All measures, in the order of the tables.
    pub const ALL: [Self; 11] = [
        Self::Mean,
        Self::Sd,
        Self::ProbabilityOfLoss,
        Self::ProbabilityOfGain,
        Self::Quantile(0.05),
        Self::Quantile(0.5),
        Self::Quantile(0.95),
        Self::ValueAtRisk(0.95),
        Self::TailValueAtRisk(0.95),
        Self::ValueAtRisk(0.99),
        Self::TailValueAtRisk(0.99),
    ];

    /// The measure's name in files, that of a simulated one in `summary.csv`.
    pub fn key(self) -> String {
        let percent = |level: f64| (100.0 * level).round();
        match self {
            Self::Mean => "mean_gain".to_owned(),
            Self::Sd => "sd_gain".to_owned(),
            Self::ProbabilityOfLoss => "probability_of_loss".to_owned(),
            Self::ProbabilityOfGain => "probability_of_gain".to_owned(),
            Self::Quantile(level) => format!("gain_quantile_{:02.0}", percent(level)),
            Self::ValueAtRisk(level) => format!("var_{:02.0}_of_loss", percent(level)),
            Self::TailValueAtRisk(level) => format!("tvar_{:02.0}_of_loss", percent(level)),
        }
    }

    /// What the measure is called.
    pub fn title(self) -> String {
        let percent = |level: f64| (100.0 * level).round();
        match self {
            Self::Mean => "mean gain".to_owned(),
            Self::Sd => "standard deviation".to_owned(),
            Self::ProbabilityOfLoss => "P(loss)".to_owned(),
            Self::ProbabilityOfGain => "P(gain)".to_owned(),
            Self::Quantile(level) => format!("{}% quantile of the gain", percent(level)),
            Self::ValueAtRisk(level) => format!("VaR {}% of the loss", percent(level)),
            Self::TailValueAtRisk(level) => format!("TVaR {}% of the loss", percent(level)),
        }
    }

    /// Whether it is a probability; else it is dollars.
    pub fn is_probability(self) -> bool {
        matches!(self, Self::ProbabilityOfLoss | Self::ProbabilityOfGain)
    }

    /// The exact figure.
    pub fn of_law(self, law: &GainLaw) -> Exact {
        match self {
            Self::Mean => law.mean(),
            Self::Sd => law.sd(),
            Self::ProbabilityOfLoss => law.probability_of_loss(),
            Self::ProbabilityOfGain => law.probability_of_gain(),
            Self::Quantile(level) => law.quantile(share(level)),
            Self::ValueAtRisk(level) => law.value_at_risk(share(level)),
            Self::TailValueAtRisk(level) => law.tail_value_at_risk(share(level)),
        }
    }

    /// The figure of a sample.
    pub fn of_sample(self, sample: &Sample) -> Estimate {
        match self {
            Self::Mean => sample.mean(),
            Self::Sd => sample.sd(),
            Self::ProbabilityOfLoss => sample.probability(|gain| gain < 0.0),
            Self::ProbabilityOfGain => sample.probability(|gain| gain > 0.0),
            Self::Quantile(level) => sample.quantile(share(level)),
            Self::ValueAtRisk(level) => sample.value_at_risk(share(level)),
            Self::TailValueAtRisk(level) => sample.tail_value_at_risk(share(level)),
        }
    }
}

fn share(level: f64) -> Share {
    Share::new(level).expect("levels are shares")
}
