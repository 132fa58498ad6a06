//! The measures of a sample whose trials have weights, or were drawn in batches.
//!
//! Each is a mean, or a smooth function of means, so that its error is that of a mean: of the figures by whose mean the measure
//! changes when a trial more is counted (its influence function).

use std::sync::Arc;

use twosided_units::Share;

use crate::{
    Design, Estimate,
    bounds::{Bounds, score_bounds},
    design::WeightedMean,
    special::student_upper_quantile,
};

use super::Sample;

/// The weights of a sample.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weighted {
    design: Arc<Design>,
    /// The trial of each rank.
    trials: Vec<usize>,
    /// The weights of a rank and those below it, the largest sum so far: weights below zero do not let a probability fall.
    cumulative: Vec<f64>,
}

impl Weighted {
    pub(super) fn new(design: &Arc<Design>, trials: Vec<usize>) -> Self {
        let weights = design.weights();
        let sums = trials.iter().scan((0.0, 0.0_f64), |(sum, most), &trial| {
            *sum += weights[trial];
            *most = most.max(*sum);
            Some(*most)
        });
        Self { cumulative: sums.collect(), design: Arc::clone(design), trials }
    }

    /// How the trials were drawn.
    pub(super) fn design(&self) -> &Design {
        &self.design
    }

    /// The weighted mean of what the numbers of a sample are turned into.
    fn mean_of(&self, sorted: &[f64], of: impl Fn(f64) -> f64) -> WeightedMean {
        let mut by_trial = vec![0.0; sorted.len()];
        for (&trial, &value) in self.trials.iter().zip(sorted) {
            by_trial[trial] = of(value);
        }
        self.design.mean_of(&by_trial)
    }

    /// The two-sided 95% point of Student's law for an error of this design.
    fn reach(&self) -> f64 {
        student_upper_quantile(self.design.freedom().max(1.0), 0.025)
    }

    /// Mean.
    pub(super) fn mean(&self, sample: &Sample) -> Estimate {
        let WeightedMean { value, standard_error } = self.mean_of(&sample.sorted, |value| value / sample.unit);
        Estimate::student(value * sample.unit, standard_error * sample.unit, self.design.freedom()).with_open_ends()
    }

    /// Standard deviation: the root of the weighted mean square about the weighted mean, with its error by the mean square's and its
    /// interval on the logarithm.
    pub(super) fn sd(&self, sample: &Sample) -> Estimate {
        let in_units = |value: f64| value / sample.unit;
        let mean = self.mean_of(&sample.sorted, in_units).value;
        let square = |value: f64| (in_units(value) - mean) * (in_units(value) - mean);
        let WeightedMean { value: second, standard_error } = self.mean_of(&sample.sorted, square);
        // Weights below zero can leave nothing of a small sample's mean square.
        let second = if second > 0.0 { second } else { sample.second };
        let n = sample.n();
        let of_units = (second * n / (n - 1.0)).sqrt();
        let value = of_units * sample.unit;
        // Of the logarithm.
        let error = 0.5 * standard_error / second;
        let half = self.reach() * error;
        let (lower, upper) = (value * libm::exp(-half), value * libm::exp(half));
        Estimate { value, standard_error: value * error, lower, upper, caution: None }.with_open_ends()
    }

    /// Probability of what is wanted; the interval is Wilson's for as many independent trials as would have its error. None where
    /// no trial, or every trial, is wanted: the weights then say nothing.
    pub(super) fn probability(&self, sample: &Sample, wanted: impl Fn(f64) -> bool) -> Option<Estimate> {
        let WeightedMean { value, standard_error } = self.mean_of(&sample.sorted, |value| f64::from(wanted(value)));
        let count = sample.sorted.iter().filter(|&&value| wanted(value)).count();
        if count == 0 || count == sample.len() || !(value > 0.0 && value < 1.0) {
            return None;
        }
        let Bounds { lower, upper } = score_bounds(value, standard_error, self.reach());
        Some(Estimate { value, standard_error, lower, upper, caution: None }.with_open_ends())
    }

    /// Quantile: the smallest number whose cumulative weight is above the level. Its interval runs between the quantiles at the ends
    /// of the interval of the level, and its error is half of that over the point of Student's law.
    ///
    /// # Source
    /// \[W52\].
    pub(super) fn quantile(&self, sample: &Sample, level: Share) -> Estimate {
        let level = level.value();
        let at = |level: f64| {
            let rank = self.cumulative.partition_point(|&sum| sum <= level + 1e-9);
            sample.sorted[rank.min(sample.len() - 1)]
        };
        let value = at(level);
        let error = self.level_error(sample, value, level);
        let end = |level: f64| match level {
            ..=0.0 => f64::NEG_INFINITY,
            1.0.. => f64::INFINITY,
            _ => at(level),
        };
        let half = self.reach() * error;
        let (lower, upper) = (end(level - half), end(level + half));
        let standard_error = if lower.is_finite() && upper.is_finite() {
            (0.5 * upper - 0.5 * lower) / self.reach()
        } else {
            0.5 * at((level + error).min(1.0)) - 0.5 * at((level - error).max(0.0))
        };
        let standard_error = sample.without_rounding(standard_error);
        Estimate { value, standard_error, lower, upper, caution: None }.with_open_ends()
    }

    /// The error of the probability of at most a quantile; where every trial is at most that, or none, that of independent trials.
    fn level_error(&self, sample: &Sample, quantile: f64, level: f64) -> f64 {
        let below = sample.sorted.partition_point(|&value| value <= quantile);
        let of_independent = (level * (1.0 - level) / sample.n()).sqrt();
        if below == 0 || below == sample.len() {
            return of_independent;
        }
        self.mean_of(&sample.sorted, |value| f64::from(value <= quantile)).standard_error.min(1.0)
    }

    /// Tail value at risk of the losses: the value at risk, and the weighted mean of what losses are above it over the tail's
    /// probability; its error is that of the latter, with the degrees of freedom of the trials in the tail.
    ///
    /// # Source
    /// \[RU00\].
    pub(super) fn tail_value_at_risk(&self, sample: &Sample, level: Share) -> Estimate {
        let tail = level.complement();
        let value_at_risk = self.quantile(sample, tail).negated();
        let threshold = 0.0 - value_at_risk.value;
        let beyond = |value: f64| if value < threshold { threshold / sample.unit - value / sample.unit } else { 0.0 };
        let WeightedMean { value, standard_error } = self.mean_of(&sample.sorted, beyond);
        let scale = sample.unit / tail.value();
        // Weights below zero cannot make the tail better than where it begins.
        let value = value_at_risk.value + scale * value.max(0.0);
        let trials = sample.sorted.partition_point(|&value| value < threshold);
        if tail.value() * sample.n() < 2.0 {
            let lower = value_at_risk.lower.min(value);
            let standard_error = value_at_risk.standard_error;
            return Estimate { value, standard_error, lower, upper: f64::INFINITY, caution: None }.with_open_ends();
        }
        let freedom = self.design.freedom().min(trials as f64 - 1.0);
        Estimate::student(value, scale * standard_error, freedom).with_open_ends()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ControlVariate;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    /// Gains 0 to 39, one a trial, with a control whose mean is far below what was drawn, so that large gains weigh less than nothing.
    fn lopsided() -> Sample {
        let values: Vec<f64> = (0..40).map(f64::from).collect();
        let design = Design::new(40, 1, &[ControlVariate { values: values.clone(), mean: 8.0 }]);
        assert!(design.weights().iter().any(|&weight| weight < 0.0));
        Sample::drawn_by(&Arc::new(design), values).expect("finite")
    }

    #[test]
    fn weights_below_zero_make_no_quantile_fall_and_no_probability_leave_its_range() {
        let gains = lopsided();
        let quantiles: Vec<f64> =
            (0..=100).map(|level| gains.quantile(share(f64::from(level) / 100.0)).value).collect();
        assert!(quantiles.is_sorted(), "{quantiles:?}");
        for limit in 0..=40 {
            let below = gains.probability(|gain| gain < f64::from(limit));
            assert!(
                0.0 <= below.lower && below.lower <= below.value && below.value <= below.upper && below.upper <= 1.0
            );
        }
        assert!((gains.mean().value - 8.0).abs() < 1e-12);
        assert!(gains.tail_value_at_risk(share(0.9)).value >= gains.value_at_risk(share(0.9)).value);
    }

    #[test]
    fn batches_alone_change_errors_and_no_figure() {
        let values: Vec<f64> = (0..1_000).map(|index| f64::from((index * 617) % 1_000) - 300.0).collect();
        let plain = Sample::new(values.clone()).expect("finite");
        let batches = Sample::drawn_by(&Arc::new(Design::new(1_000, 2, &[])), values).expect("finite");
        for level in [0.05, 0.5, 0.9] {
            let level = share(level);
            assert_eq!(plain.quantile(level).value, batches.quantile(level).value);
            let [one, other] = [&plain, &batches].map(|sample| sample.tail_value_at_risk(level).value);
            assert!((one - other).abs() < 1e-9, "{one} {other}");
        }
        let [one, other] =
            [&plain, &batches].map(|sample| [sample.mean(), sample.sd(), sample.probability(|gain| gain < 0.0)]);
        for (one, other) in one.iter().zip(&other) {
            assert!((one.value - other.value).abs() < 1e-9, "{one:?} {other:?}");
            // Neighbors of this sample are far apart, so batches are a little more even than chance.
            assert!((other.standard_error / one.standard_error - 1.0).abs() < 0.5, "{one:?} {other:?}");
        }
    }
}
