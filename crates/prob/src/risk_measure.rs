//! What is measured of a contract's gain.

use twosided_units::Share;

use crate::{Estimate, Sample};

/// A figure of one contract's gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiskMeasure {
    /// Mean gain.
    MeanGain,
    /// Standard deviation of the gain.
    SdGain,
    /// Probability of a gain below zero.
    ProbabilityOfLoss,
    /// Probability of a gain above zero.
    ProbabilityOfGain,
    /// The gain of a 1-in-20 bad year.
    Quantile05,
    /// Median gain.
    Quantile50,
    /// The gain of a 1-in-20 good year.
    Quantile95,
    /// Value at risk of the loss, 95%.
    ValueAtRisk95,
    /// Tail value at risk of the loss, 95%.
    TailValueAtRisk95,
    /// Value at risk of the loss, 99%.
    ValueAtRisk99,
    /// Tail value at risk of the loss, 99%.
    TailValueAtRisk99,
    /// Mean margin: the gain and what fee-for-service alone would have left.
    MeanMargin,
}

/// What is known of a contract's margin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    /// Its mean.
    pub mean: Estimate,
    /// The largest amount that is known of it, whichever its sign.
    pub largest: f64,
}

impl Margin {
    /// What all trials say of it.
    pub fn of(margins: &Sample) -> Self {
        let largest = margins.sorted().iter().fold(0.0, |largest: f64, margin| largest.max(margin.abs()));
        Self { mean: margins.mean(), largest }
    }
}

impl RiskMeasure {
    /// Whether it is a probability, and not an amount.
    pub const fn is_probability(self) -> bool {
        matches!(self, Self::ProbabilityOfLoss | Self::ProbabilityOfGain)
    }

    /// All measures, in the order of the tables.
    pub const ALL: [Self; 12] = [
        Self::MeanGain,
        Self::SdGain,
        Self::ProbabilityOfLoss,
        Self::ProbabilityOfGain,
        Self::Quantile05,
        Self::Quantile50,
        Self::Quantile95,
        Self::ValueAtRisk95,
        Self::TailValueAtRisk95,
        Self::ValueAtRisk99,
        Self::TailValueAtRisk99,
        Self::MeanMargin,
    ];

    /// The measure's name in files.
    pub const fn key(self) -> &'static str {
        match self {
            Self::MeanGain => "mean_gain",
            Self::SdGain => "sd_gain",
            Self::ProbabilityOfLoss => "probability_of_loss",
            Self::ProbabilityOfGain => "probability_of_gain",
            Self::Quantile05 => "gain_quantile_05",
            Self::Quantile50 => "gain_quantile_50",
            Self::Quantile95 => "gain_quantile_95",
            Self::ValueAtRisk95 => "var_95_of_loss",
            Self::TailValueAtRisk95 => "tvar_95_of_loss",
            Self::ValueAtRisk99 => "var_99_of_loss",
            Self::TailValueAtRisk99 => "tvar_99_of_loss",
            Self::MeanMargin => "mean_margin",
        }
    }

    /// The measure's name to a reader, as in "TVaR 95 of the loss".
    pub const fn label(self) -> &'static str {
        match self {
            Self::MeanGain => "mean",
            Self::SdGain => "standard deviation",
            Self::ProbabilityOfLoss => "P(loss)",
            Self::ProbabilityOfGain => "P(gain)",
            Self::Quantile05 => "5% quantile",
            Self::Quantile50 => "median",
            Self::Quantile95 => "95% quantile",
            Self::ValueAtRisk95 => "VaR 95%",
            Self::TailValueAtRisk95 => "TVaR 95%",
            Self::ValueAtRisk99 => "VaR 99%",
            Self::TailValueAtRisk99 => "TVaR 99%",
            Self::MeanMargin => "mean margin",
        }
    }

    /// The measure's short name in arguments and limits.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MeanGain => "mean",
            Self::SdGain => "sd",
            Self::ProbabilityOfLoss => "p_loss",
            Self::ProbabilityOfGain => "p_gain",
            Self::Quantile05 => "q05",
            Self::Quantile50 => "median",
            Self::Quantile95 => "q95",
            Self::ValueAtRisk95 => "var95",
            Self::TailValueAtRisk95 => "tvar95",
            Self::ValueAtRisk99 => "var99",
            Self::TailValueAtRisk99 => "tvar99",
            Self::MeanMargin => "mean_margin",
        }
    }

    /// The level of the quantile of gains that the measure is, or that its tail begins at; none of other measures.
    pub fn level(self) -> Option<Share> {
        let level = match self {
            Self::Quantile05 | Self::ValueAtRisk95 | Self::TailValueAtRisk95 => 0.05,
            Self::Quantile50 => 0.5,
            Self::Quantile95 => 0.95,
            Self::ValueAtRisk99 | Self::TailValueAtRisk99 => 0.01,
            Self::MeanGain | Self::SdGain | Self::ProbabilityOfLoss | Self::ProbabilityOfGain | Self::MeanMargin => {
                return None;
            }
        };
        Some(Share::new(level).expect("levels are shares"))
    }

    /// The wide interval of a quantile or a value at risk; none of other measures.
    pub fn wide_interval(self, gains: &Sample) -> Option<(f64, f64)> {
        match self {
            Self::Quantile05 | Self::Quantile50 | Self::Quantile95 => gains.wide_interval(self.level()?),
            Self::ValueAtRisk95 | Self::ValueAtRisk99 => {
                let (lower, upper) = gains.wide_interval(self.level()?)?;
                Some((0.0 - upper, 0.0 - lower))
            }
            _ => None,
        }
    }

    /// The measure of a short name, a name in files or a label, whatever its case, spaces and marks: `var95`, `var_95_of_loss` and
    /// `VaR 95%` are one.
    pub fn named(text: &str) -> Option<Self> {
        let letters = |text: &str| -> String {
            text.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
        };
        let wanted = letters(text);
        Self::ALL.into_iter().find(|measure| {
            [measure.name(), measure.key(), measure.label()].iter().any(|known| letters(known) == wanted)
        })
    }

    /// The measure; what differs by rounding alone does not differ.
    pub fn of(self, gains: &Sample, margin: &Margin) -> Estimate {
        let largest = gains.sorted().iter().fold(margin.largest, |largest: f64, gain| largest.max(gain.abs()));
        let estimate = self.exactly(gains, margin.mean);
        let is_rounding = |figure: f64| figure.abs() < 1e-12 * largest;
        if self.is_probability() || estimate.standard_error == 0.0 || !is_rounding(estimate.standard_error) {
            return estimate;
        }
        let value = if is_rounding(estimate.value) { 0.0 } else { estimate.value };
        // An end that the sample is too small to estimate stays open.
        let end = |end: f64| if end.is_finite() { value } else { end };
        let (lower, upper) = (end(estimate.lower), end(estimate.upper));
        Estimate { value, standard_error: 0.0, lower, upper, ..estimate }
    }

    fn exactly(self, gains: &Sample, mean_margin: Estimate) -> Estimate {
        let share = |value| Share::new(value).expect("levels are shares");
        match self {
            Self::MeanGain => gains.mean(),
            Self::SdGain => gains.sd(),
            Self::ProbabilityOfLoss => gains.probability(|gain| gain < 0.0),
            Self::ProbabilityOfGain => gains.probability(|gain| gain > 0.0),
            Self::Quantile05 => gains.quantile(share(0.05)),
            Self::Quantile50 => gains.quantile(share(0.5)),
            Self::Quantile95 => gains.quantile(share(0.95)),
            Self::ValueAtRisk95 => gains.value_at_risk(share(0.95)),
            Self::TailValueAtRisk95 => gains.tail_value_at_risk(share(0.95)),
            Self::ValueAtRisk99 => gains.value_at_risk(share(0.99)),
            Self::TailValueAtRisk99 => gains.tail_value_at_risk(share(0.99)),
            Self::MeanMargin => mean_margin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_stand_where_their_number_says() {
        for (index, measure) in RiskMeasure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, index);
        }
    }

    #[test]
    fn a_measure_is_found_by_each_of_its_names() {
        for measure in RiskMeasure::ALL {
            for name in [measure.name(), measure.key(), measure.label(), &measure.label().to_uppercase()] {
                assert_eq!(RiskMeasure::named(name), Some(measure), "{name}");
            }
        }
        for name in ["var90", "", "%", "loss", "mean loss"] {
            assert_eq!(RiskMeasure::named(name), None, "{name}");
        }
    }
}
