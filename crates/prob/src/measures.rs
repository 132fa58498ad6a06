//! Measures of a sample, each with its standard error.

use statrs::{
    distribution::{ContinuousCDF, StudentsT},
    function::{beta::beta_reg, erf::erfc_inv},
};
use twosided_units::Share;

/// An estimate, its standard error, and its 95% confidence interval, all in the unit of the sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Standard deviation of the figure over repeated runs.
    pub standard_error: f64,
    /// Lower end of the 95% interval.
    pub lower: f64,
    /// Upper end of the 95% interval.
    pub upper: f64,
}

impl Estimate {
    /// A mean of normal numbers, whose error is itself estimated from so many degrees of freedom.
    fn student(value: f64, standard_error: f64, degrees_of_freedom: f64) -> Self {
        let student = StudentsT::new(0.0, 1.0, degrees_of_freedom.max(1.0)).expect("degrees of freedom are positive");
        let half = if standard_error > 0.0 { student.inverse_cdf(0.975) * standard_error } else { 0.0 };
        Self { value, standard_error, lower: value - half, upper: value + half }
    }

    /// The same estimate with its sign turned: of a loss, from that of a gain.
    #[must_use]
    pub fn negated(self) -> Self {
        // Taken from zero, so that nothing becomes minus nothing.
        let (value, lower, upper) = (0.0 - self.value, 0.0 - self.upper, 0.0 - self.lower);
        Self { value, standard_error: self.standard_error, lower, upper }
    }
}

/// Two-sided 95% point of the normal law.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// A sample of at least two finite numbers, kept in rising order.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    sorted: Vec<f64>,
    mean: f64,
    /// Second central moment, divided by the size.
    second: f64,
}

/// A sample that cannot be measured.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum SampleError {
    /// Fewer than two numbers have no standard error.
    #[error("a sample of {0} has no standard error; at least 2 trials are needed")]
    TooSmall(usize),
    /// A number that is not finite.
    #[error("trial {index} is {value}; a sample must be finite")]
    NotFinite {
        /// Place in the sample.
        index: usize,
        /// What stands there.
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
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let second = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
        Ok(Self { sorted: values, mean, second })
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

    fn n(&self) -> f64 {
        self.sorted.len() as f64
    }

    /// Mean; its error is the standard deviation over the root of the size.
    pub fn mean(&self) -> Estimate {
        Estimate::student(self.mean, (self.second / (self.n() - 1.0)).sqrt(), self.n() - 1.0)
    }

    /// Standard deviation (divisor `n - 1`); its error from the kurtosis about a trimmed mean, which does not shrink in a
    /// sample that happens to lack its largest numbers; its interval on the logarithm.
    ///
    /// # Source
    /// \[B06\].
    pub fn sd(&self) -> Estimate {
        let n = self.n();
        let sd = (self.second * n / (n - 1.0)).sqrt();
        if sd == 0.0 || n < 5.0 {
            return Estimate {
                value: sd,
                standard_error: sd,
                lower: 0.0,
                upper: if sd == 0.0 { 0.0 } else { f64::INFINITY },
            };
        }
        let trimmed = (0.5 * n / (n - 4.0).sqrt()) as usize;
        let kept = &self.sorted[trimmed.min(self.len() / 2 - 1)..self.len() - trimmed.min(self.len() / 2 - 1)];
        let centre = kept.iter().sum::<f64>() / kept.len() as f64;
        let fourth = self.sorted.iter().map(|value| (value - centre).powi(4)).sum::<f64>();
        let kurtosis = fourth / (n * self.second * self.second);
        let small_sample = n / (n - NORMAL_95);
        // Of the logarithm of the variance, twice that of the standard deviation.
        let error = small_sample * ((kurtosis - (n - 3.0) / n) / (n - 1.0)).sqrt();
        let (centre, half) = (0.5 * small_sample.ln(), 0.5 * NORMAL_95 * error);
        let bound = |offset: f64| sd * (centre + offset).exp();
        Estimate { value: sd, standard_error: 0.5 * sd * error, lower: bound(-half), upper: bound(half) }
    }

    /// Probability of what `wanted` picks; the error is binomial, the interval Wilson's, which stays honest when no trial,
    /// or every trial, was picked.
    ///
    /// # Source
    /// \[W27\].
    pub fn probability(&self, wanted: impl Fn(f64) -> bool) -> Estimate {
        let n = self.n();
        let p = self.sorted.iter().filter(|&&value| wanted(value)).count() as f64 / n;
        let z2 = NORMAL_95 * NORMAL_95 / n;
        let centre = (p + 0.5 * z2) / (1.0 + z2);
        let half = (z2 * (p * (1.0 - p) + 0.25 * z2)).sqrt() / (1.0 + z2);
        let standard_error = if p == 0.0 || p == 1.0 { half / NORMAL_95 } else { (p * (1.0 - p) / n).sqrt() };
        Estimate {
            value: p,
            standard_error,
            lower: (centre - half).clamp(0.0, p),
            upper: (centre + half).clamp(p, 1.0),
        }
    }

    /// Quantile: the smallest number that at least `level` of the sample does not exceed.
    ///
    /// The interval runs between order statistics of binomial ranks, interpolated, and has no end on a side where the sample
    /// is too small to have one; the standard error is that of the sample quantile under resampling.
    ///
    /// # Source
    /// \[MJ78\] for the error; \[N92\] for the interpolated interval.
    pub fn quantile(&self, level: Share) -> Estimate {
        self.quantile_at(least_rank(self.n(), level.value()), level.value())
    }

    /// Value at risk of the losses, where this sample is one of gains: the smallest loss that at least `level` of the
    /// trials do not exceed.
    pub fn value_at_risk(&self, level: Share) -> Estimate {
        let rank = self.len() + 1 - least_rank(self.n(), level.value());
        self.quantile_at(rank, level.complement().value()).negated()
    }

    /// The order statistic of a rank, counted from one, as the quantile of a level.
    fn quantile_at(&self, rank: usize, level: f64) -> Estimate {
        let n = self.n();
        Estimate {
            value: self.sorted[rank - 1],
            standard_error: self.without_rounding(self.resampled_sd(rank)),
            lower: self.order_statistic(binomial_rank(n, level, 0.025)),
            upper: self.order_statistic(binomial_rank(n, level, 0.975) + 1.0),
        }
    }

    /// Tail value at risk of the losses, where this sample is one of gains: the mean loss in the worst `1 - level` of
    /// trials, the last one counted in part.
    ///
    /// A tail of fewer than two trials has no spread of its own: its error is then that of the value at risk, and its
    /// interval has no upper end.
    ///
    /// # Source
    /// \[AT02\] for the estimator; \[MH05\] for its error; the interval is Student's, with the tail's degrees of freedom.
    pub fn tail_value_at_risk(&self, level: Share) -> Estimate {
        let n = self.n();
        let weight = ((1.0 - level.value()) * n).max(1.0);
        // A whole number of trials is meant where rounding says a hair less or more.
        let weight = if (weight - weight.round()).abs() < 1e-9 * n { weight.round() } else { weight };
        let whole = (weight as usize).min(self.len());
        let edge = self.sorted[whole.min(self.len() - 1)];
        let total: f64 = self.sorted[..whole].iter().sum::<f64>() + (weight - whole as f64) * edge;
        let mean = total / weight;
        let value_at_risk = self.value_at_risk(level);
        if weight < 2.0 {
            let lower = value_at_risk.lower.min(-mean);
            let standard_error = value_at_risk.standard_error;
            return Estimate { value: 0.0 - mean, standard_error, lower, upper: f64::INFINITY };
        }
        let square: f64 = self.sorted[..whole].iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
        let beyond = mean + value_at_risk.value;
        let variance = square / (weight - 1.0) + level.value() * beyond * beyond;
        Estimate::student(0.0 - mean, (variance / weight).sqrt(), weight - 1.0)
    }

    /// An error that is no more than the rounding of the sample's figures is none: the value is one that recurs.
    fn without_rounding(&self, error: f64) -> f64 {
        let span = self.sorted[self.len() - 1] - self.sorted[0];
        if error > 1e-12 * span { error } else { 0.0 }
    }

    /// Standard deviation of the order statistic of a rank in a resample of the same size.
    fn resampled_sd(&self, rank: usize) -> f64 {
        let (n, rank) = (self.n(), rank as f64);
        let (a, b) = (rank, n - rank + 1.0);
        // Nearly all weight of the beta law lies within ten of its deviations.
        let spread = 10.0 * (a * b).sqrt() / (a + b) / (a + b + 1.0).sqrt() * n + 2.0;
        let first = (rank - spread).max(0.0) as usize;
        let last = ((rank + spread) as usize).min(self.len());
        let mut upto = beta_reg(a, b, first as f64 / n);
        let centre = self.sorted[rank as usize - 1];
        let (mut mean, mut square) = (0.0, 0.0);
        for index in first..last {
            let next = beta_reg(a, b, (index + 1) as f64 / n);
            let offset = self.sorted[index] - centre;
            mean += (next - upto) * offset;
            square += (next - upto) * offset * offset;
            upto = next;
        }
        (square - mean * mean).max(0.0).sqrt()
    }

    /// The order statistic of a fractional rank, counted from one; without end beyond the sample.
    fn order_statistic(&self, rank: f64) -> f64 {
        if rank < 1.0 {
            return f64::NEG_INFINITY;
        }
        if rank > self.n() {
            return f64::INFINITY;
        }
        let below = rank.floor();
        let low = self.sorted[below as usize - 1];
        let high = self.sorted[(below as usize).min(self.len() - 1)];
        low + (rank - below) * (high - low)
    }
}

/// Rank, counted from one, of the smallest number that at least `level` of so many do not exceed.
fn least_rank(n: f64, level: f64) -> usize {
    (level * n - 1e-9 * n).ceil().clamp(1.0, n) as usize
}

/// The fractional number `k` with `P(Binomial(n, level) <= k) = probability`, straight lines between whole numbers.
fn binomial_rank(n: f64, level: f64, probability: f64) -> f64 {
    let cdf = |k: f64| if k >= n { 1.0 } else { beta_reg(n - k, k + 1.0, 1.0 - level) };
    let guess = n * level - std::f64::consts::SQRT_2 * erfc_inv(2.0 * probability) * (n * level * (1.0 - level)).sqrt();
    let mut k = guess.round().clamp(0.0, n);
    while k > 0.0 && cdf(k - 1.0) >= probability {
        k -= 1.0;
    }
    while k < n && cdf(k) < probability {
        k += 1.0;
    }
    let below = if k > 0.0 { cdf(k - 1.0) } else { 0.0 };
    let here = cdf(k);
    if here > below { k - 1.0 + (probability - below) / (here - below) } else { k }
}

/// Mean of `a - b`, trial by trial: what the two share cancels.
///
/// # Panics
/// When the two do not have the same trials, or fewer than two.
pub fn paired_difference(a: &[f64], b: &[f64]) -> Estimate {
    assert_eq!(a.len(), b.len(), "paired samples have the same trials");
    assert!(a.len() > 1, "a difference of fewer than two trials has no error");
    let n = a.len() as f64;
    let mean = a.iter().zip(b).map(|(a, b)| a - b).sum::<f64>() / n;
    let square = a.iter().zip(b).map(|(a, b)| (a - b - mean) * (a - b - mean)).sum::<f64>();
    Estimate::student(mean, (square / (n - 1.0) / n).sqrt(), n - 1.0)
}

#[cfg(test)]
mod tests {
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
    fn a_tail_that_cuts_a_trial_counts_its_part() {
        // Worst 37.5% of 4 is 1.5 trials: (10 + 0.5 * 3) / 1.5.
        let tail = sample(&[-10.0, -3.0, -2.0, -1.0]).tail_value_at_risk(share(0.625));
        assert!((tail.value - 11.5 / 1.5).abs() < 1e-12);
    }

    #[test]
    fn a_tail_of_one_trial_has_an_open_interval() {
        let tail = sample(&[-10.0, -3.0, -2.0, -1.0]).tail_value_at_risk(share(0.99));
        assert_eq!((tail.value, tail.upper), (10.0, f64::INFINITY));
        assert!(tail.standard_error > 0.0 && tail.lower <= tail.value);
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
    fn binomial_ranks_are_those_of_the_law() {
        // Binomial(10, 0.5): P(K <= 1) = 11/1024, P(K <= 2) = 56/1024.
        let rank = binomial_rank(10.0, 0.5, 0.025);
        assert!((rank - (1.0 + (25.6 - 11.0) / 45.0)).abs() < 1e-9);
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
