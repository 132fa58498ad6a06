//! A sample of trials, and its mean, spread and probabilities, each with its standard error.

mod bounds;
mod ranks;
mod weighted;

pub(crate) use ranks::FEW_IN_A_TAIL;
pub use ranks::{ENOUGH_AT_A_MOST, FEWEST_BEYOND, wide_ranks};

use std::sync::Arc;

use weighted::Weighted;

use crate::{
    Caution, Design, Estimate,
    tail::{FEWEST_TRIALS, INDEX_FOR_MEAN, is_heavy},
};

/// Two-sided 95% point of the normal law.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// Shapes of a tail (one over its index) from which an error is not given: of a standard deviation or a mean of the tail,
/// whose errors need more moments, and of a mean.
const HEAVY_FOR_SPREAD: f64 = 0.2;
const HEAVY_FOR_MEAN: f64 = 1.0 / 3.0;
/// The tail index of a law up to which the error of a standard deviation is not given.
const INDEX_FOR_SPREAD: f64 = 4.0;
/// Standard deviations from the mean within which no trial can make the errors of a mean or a standard deviation wrong.
const NEAR: f64 = 5.0;

/// A sample of at least two finite numbers, kept in rising order.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    sorted: Vec<f64>,
    /// A power of two near the largest number: powers of numbers over it neither overflow nor vanish.
    unit: f64,
    mean: f64,
    /// Second central moment in squared units, divided by the size.
    second: f64,
    /// Tail indices of the laws behind the low and the high end, as far as they are known: infinite where all moments exist.
    tails: [f64; 2],
    /// Weights and batches, where trials are not each drawn for itself and counted alike.
    weighted: Option<Weighted>,
}

/// The largest power of two that is not above a number, from 2^-1000 to 2^1000; one for nothing.
fn power_of_two_below(largest: f64) -> f64 {
    if largest == 0.0 { 1.0 } else { libm::exp2(libm::log2(largest).floor().clamp(-1_000.0, 1_000.0)) }
}

/// An invalid sample.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SampleError {
    /// Fewer than two numbers have no standard error.
    #[error("a sample of {0} has no standard error; at least 2 trials are needed")]
    TooSmall(usize),
    /// A number that is not finite.
    #[error("trial {index} is {value}; a sample must be finite")]
    NotFinite {
        /// Index in the sample.
        index: usize,
        /// The number.
        value: f64,
    },
}

impl Sample {
    /// Takes the numbers of all trials, in any order.
    ///
    /// # Errors
    /// [`SampleError`] for fewer than two numbers or one that is not finite.
    pub fn new(mut values: Vec<f64>) -> Result<Self, SampleError> {
        if values.len() < 2 {
            return Err(SampleError::TooSmall(values.len()));
        }
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(SampleError::NotFinite { index, value: values[index] });
        }
        values.sort_by(f64::total_cmp);
        Ok(Self::of_sorted(values))
    }

    /// Takes the numbers of all trials in their order, which were drawn by a design: every measure then uses its weights and batches.
    ///
    /// # Errors
    /// As for [`Sample::new`].
    ///
    /// # Panics
    /// When the design is of another number of trials.
    pub fn drawn_by(design: &Arc<Design>, values: Vec<f64>) -> Result<Self, SampleError> {
        assert_eq!(values.len(), design.trials(), "a design is of the sample's trials");
        if design.is_independent() {
            return Self::new(values);
        }
        let mut trials: Vec<usize> = (0..values.len()).collect();
        trials.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        let sample = Self::new(values)?;
        Ok(Self { weighted: Some(Weighted::new(design, trials)), ..sample })
    }

    fn of_sorted(values: Vec<f64>) -> Self {
        let n = values.len() as f64;
        let unit = power_of_two_below(values[0].abs().max(values[values.len() - 1].abs()));
        let mean = values.iter().map(|value| value / unit).sum::<f64>() / n;
        let second = values.iter().map(|value| value / unit - mean).map(|off| off * off).sum::<f64>() / n;
        Self { sorted: values, unit, mean: mean * unit, second, tails: [f64::INFINITY; 2], weighted: None }
    }

    /// The same sample with the tail indices of the laws behind its low and its high end: moments of these orders and above do
    /// not exist. A sum over many people hides them from the sample.
    #[must_use]
    pub fn with_tail_indices(self, low: f64, high: f64) -> Self {
        Self { tails: [low, high], ..self }
    }

    /// How many trials.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Never: a sample has at least two numbers.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// The numbers in rising order.
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// How the trials were drawn, where not each for itself and counted alike.
    pub(crate) fn design(&self) -> Option<&Design> {
        self.weighted.as_ref().map(Weighted::design)
    }

    fn n(&self) -> f64 {
        self.sorted.len() as f64
    }

    /// Whether losses, the low numbers, have a tail of a shape above a limit.
    fn has_heavy_losses(&self, limit: f64) -> bool {
        is_heavy(self.len(), |index| -self.sorted[index] / self.unit, limit)
    }

    /// Whether either end has a law of an index up to a limit, or a tail of a shape above a limit that reaches far out.
    fn has_heavy_tail(&self, shape: f64, index: f64) -> bool {
        let last = self.len() - 1;
        let near = NEAR * self.second.sqrt();
        let is_far = |index: usize| ((self.sorted[index] - self.mean) / self.unit).abs() > near;
        self.tails.iter().any(|tail| *tail <= index)
            || is_far(0) && self.has_heavy_losses(shape)
            || is_far(last) && is_heavy(self.len(), |index| self.sorted[last - index] / self.unit, shape)
    }

    /// Says of an error that a heavy tail could not have been seen in so few trials.
    fn of_few(&self, estimate: Estimate) -> Estimate {
        let few = self.len() < FEWEST_TRIALS && estimate.standard_error > 0.0;
        Estimate { caution: few.then_some(Caution::FewTrials), ..estimate }
    }

    /// Mean; its error is the standard deviation over the root of the size, and none is given where a tail is so heavy that
    /// the third moment seems not to exist.
    pub fn mean(&self) -> Estimate {
        let error = self.unit * (self.second / (self.n() - 1.0)).sqrt();
        let independent = || Estimate::student(self.mean, error, self.n() - 1.0);
        let estimate = self.of_few(self.weighted.as_ref().map_or_else(independent, |weighted| weighted.mean(self)));
        if self.has_heavy_tail(HEAVY_FOR_MEAN, INDEX_FOR_MEAN) { estimate.without_error(false) } else { estimate }
    }

    /// Standard deviation (divisor `n - 1`); its error from the kurtosis about a trimmed mean, which does not shrink in a
    /// sample that happens to lack its largest numbers; its interval on the logarithm. No error is given where a tail seems
    /// to lack its fifth moment.
    ///
    /// # Source
    /// \[B06\].
    pub fn sd(&self) -> Estimate {
        let n = self.n();
        let of_units = (self.second * n / (n - 1.0)).sqrt();
        let value = of_units * self.unit;
        if value == 0.0 {
            return Estimate { value, standard_error: 0.0, lower: 0.0, upper: 0.0, caution: None };
        }
        if let Some(weighted) = &self.weighted {
            let estimate = self.of_few(weighted.sd(self));
            let is_heavy = self.has_heavy_tail(HEAVY_FOR_SPREAD, INDEX_FOR_SPREAD);
            return if is_heavy { estimate.without_error(true) } else { estimate };
        }
        if n < 5.0 {
            let upper = f64::INFINITY;
            return Estimate { value, standard_error: value, lower: 0.0, upper, caution: None }.with_open_ends();
        }
        let trimmed = (0.5 * n / (n - 4.0).sqrt()) as usize;
        let trimmed = trimmed.min((self.len() - 1) / 2);
        let kept = &self.sorted[trimmed..self.len() - trimmed];
        let center = kept.iter().map(|value| value / self.unit).sum::<f64>() / kept.len() as f64;
        // In deviations, so that the fourth power of a small one does not vanish.
        let fourth =
            self.sorted.iter().map(|value| libm::pow((value / self.unit - center) / of_units, 4.0)).sum::<f64>();
        let kurtosis = fourth / n * (n / (n - 1.0)) * (n / (n - 1.0));
        let small_sample = n / (n - NORMAL_95);
        // Of the logarithm of the variance, twice that of the standard deviation. Of two amounts, each half of the trials, it
        // is none but for rounding.
        let error = small_sample * ((kurtosis - (n - 3.0) / n).max(0.0) / (n - 1.0)).sqrt();
        let (center, half) = (0.5 * libm::log(small_sample), 0.5 * NORMAL_95 * error);
        let bound = |offset: f64| value * libm::exp(center + offset);
        let (lower, upper) = (bound(-half).min(value), bound(half).max(value).min(f64::MAX));
        let standard_error = 0.5 * value * error;
        let estimate = self.of_few(Estimate { value, standard_error, lower, upper, caution: None });
        if self.has_heavy_tail(HEAVY_FOR_SPREAD, INDEX_FOR_SPREAD) { estimate.without_error(true) } else { estimate }
    }

    /// Probability of what `wanted` picks; the error is binomial, the interval Wilson's, which stays honest when no trial,
    /// or every trial, was picked.
    ///
    /// # Source
    /// \[W27\].
    pub fn probability(&self, wanted: impl Fn(f64) -> bool) -> Estimate {
        if let Some(estimate) = self.weighted.as_ref().and_then(|weighted| weighted.probability(self, &wanted)) {
            return estimate;
        }
        let n = self.n();
        let p = self.sorted.iter().filter(|&&value| wanted(value)).count() as f64 / n;
        let z2 = NORMAL_95 * NORMAL_95 / n;
        let center = (p + 0.5 * z2) / (1.0 + z2);
        let half = (z2 * (p * (1.0 - p) + 0.25 * z2)).sqrt() / (1.0 + z2);
        let standard_error = if p == 0.0 || p == 1.0 { half / NORMAL_95 } else { (p * (1.0 - p) / n).sqrt() };
        Estimate {
            value: p,
            standard_error,
            lower: (center - half).clamp(0.0, p),
            upper: (center + half).clamp(p, 1.0),
            caution: None,
        }
    }
}

/// Mean of `a - b`, trial by trial, each drawn for itself: what the two share cancels, and what is due to rounding is exactly nothing.
///
/// # Panics
/// When the two do not have the same trials, or fewer than two, or one of them is not finite.
pub fn paired_difference(a: &[f64], b: &[f64]) -> Estimate {
    paired_difference_by(&Arc::new(Design::independent(a.len())), a, b)
}

/// The same of trials that were drawn by a design.
///
/// # Panics
/// As for [`paired_difference`], or when the design is of another number of trials.
pub fn paired_difference_by(design: &Arc<Design>, a: &[f64], b: &[f64]) -> Estimate {
    /// A few thousand times the rounding of one operation.
    const ROUNDING: f64 = 1e-12;
    assert_eq!(a.len(), b.len(), "paired samples have the same trials");
    let amounts = a.iter().chain(b).fold(0.0, |most: f64, amount| most.max(amount.abs()));
    let difference = |(a, b): (&f64, &f64)| if (a - b).abs() <= ROUNDING * amounts { 0.0 } else { a - b };
    let differences = a.iter().zip(b).map(difference).collect();
    Sample::drawn_by(design, differences).expect("two trials at least, all finite").mean()
}

#[cfg(test)]
mod tests {
    use twosided_units::Share;

    use super::*;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn sample(values: &[f64]) -> Sample {
        Sample::new(values.to_vec()).expect("a sample")
    }

    #[test]
    fn measures_of_four_numbers_by_hand() {
        let gains = sample(&[-10.0, -3.0, -2.0, -1.0]);
        assert_eq!(gains.mean().value, -4.0);
        // Deviations -6, 1, 2, 3: squares 36, 1, 4, 9, over 3.
        assert!((gains.sd().value - (50.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!((gains.mean().standard_error - (50.0_f64 / 12.0).sqrt()).abs() < 1e-12);
        assert_eq!(gains.tail_value_at_risk(share(0.5)).value, 6.5);
        // Three of four losses, 1, 2, 3 and 10, are at most 3; two are at most 2.
        assert_eq!(gains.value_at_risk(share(0.75)).value, 3.0);
        assert_eq!(gains.value_at_risk(share(0.5)).value, 2.0);
        assert_eq!(gains.value_at_risk(share(0.99)).value, 10.0);
        assert_eq!(gains.quantile(share(1.0)).value, -1.0);
        assert_eq!(gains.probability(|gain| gain < -2.5).value, 0.5);
    }

    #[test]
    fn certain_things_have_no_error_but_rare_ones_do() {
        let constant = sample(&[5.0; 100]);
        assert_eq!(constant.mean().standard_error, 0.0);
        assert_eq!(constant.quantile(share(0.9)).standard_error, 0.0);
        assert_eq!((constant.sd().value, constant.sd().upper), (0.0, 0.0));
        let never = constant.probability(|value| value < 0.0);
        assert_eq!(never.value, 0.0);
        assert!(never.standard_error > 0.0 && never.upper > 0.03, "100 trials cannot rule out 3%");
    }

    #[test]
    fn a_mean_is_estimated_from_moments_as_from_the_trials() {
        for trials in [20, 1_000] {
            let values: Vec<f64> = (0..trials).map(|trial| f64::from(trial % 7)).collect();
            let of_trials = sample(&values).mean();
            let of_moments =
                |index| Estimate::of_mean(f64::from(trials), of_trials.value, sample(&values).sd().value, index);
            let Estimate { standard_error, lower, upper, caution, .. } = of_moments(f64::INFINITY);
            assert!((standard_error - of_trials.standard_error).abs() < 1e-12, "{standard_error}");
            assert!((lower - of_trials.lower).abs() + (upper - of_trials.upper).abs() < 1e-12);
            assert_eq!(caution, of_trials.caution);
            assert_eq!(of_moments(2.0).caution, Some(Caution::HeavyTail));
        }
        assert_eq!(Estimate::of_mean(9.0, 4.0, 0.0, f64::INFINITY), sample(&[4.0; 9]).mean());
    }

    #[test]
    fn shared_noise_cancels_in_a_paired_difference() {
        let noise = [3.0, -8.0, 5.0, 12.0, -7.0];
        let other: Vec<f64> = noise.iter().map(|x| x + 2.0).collect();
        let difference = paired_difference(&other, &noise);
        assert_eq!((difference.value, difference.standard_error), (2.0, 0.0));
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        assert_eq!(Sample::new(vec![1.0]), Err(SampleError::TooSmall(1)));
        assert!(matches!(Sample::new(vec![1.0, f64::NAN]), Err(SampleError::NotFinite { index: 1, .. })));
    }
}
