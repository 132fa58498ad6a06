//! Measures by rank: quantiles, value at risk and its tail, with the errors of order statistics.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use twosided_units::Share;

use crate::{Caution, Estimate, Sample, WIDE_SCORE, special::beta_lower, upper_probability, upper_score};

use super::{HEAVY_FOR_SPREAD, INDEX_FOR_SPREAD};

/// Trials beyond a quantile below which the tail there has hardly been sampled: batches and weights then give no error, and a run
/// that is to be precise goes on.
pub const FEWEST_BEYOND: usize = 30;

/// Trials of a tail from which nothing is taken to lie beyond its value at risk if no trial does: with 95% confidence, less than a
/// hundredth of the tail lies beyond (3 over this number).
pub const ENOUGH_AT_A_MOST: f64 = 300.0;

/// Trials in a tail below which the error of its mean is rough.
pub(crate) const FEW_IN_A_TAIL: usize = 50;

/// The probabilities with which the order statistic of a rank in a resample is each of the sample's, from the first that counts on.
struct ResamplingWeights {
    trials: usize,
    rank: usize,
    first: usize,
    weights: Vec<f64>,
}

thread_local! {
    /// The latest ones: many contracts are measured at the same few ranks, and the weights take longer than all else.
    static LATEST: RefCell<VecDeque<Rc<ResamplingWeights>>> = const { RefCell::new(VecDeque::new()) };
}

impl ResamplingWeights {
    /// How many are kept: the ranks of a summary.
    const KEPT: usize = 8;

    fn of(trials: usize, rank: usize) -> Rc<Self> {
        LATEST.with_borrow_mut(|latest| {
            if let Some(known) = latest.iter().find(|known| (known.trials, known.rank) == (trials, rank)) {
                return Rc::clone(known);
            }
            latest.truncate(Self::KEPT - 1);
            latest.push_front(Rc::new(Self::new(trials, rank)));
            Rc::clone(&latest[0])
        })
    }

    fn new(trials: usize, rank: usize) -> Self {
        let (n, of_rank) = (trials as f64, rank as f64);
        let (a, b) = (of_rank, n - of_rank + 1.0);
        // Nearly all weight of the beta law lies within ten of its deviations.
        let spread = 10.0 * (a * b).sqrt() / (a + b) / (a + b + 1.0).sqrt() * n + 2.0;
        let first = (of_rank - spread).max(0.0) as usize;
        let last = ((of_rank + spread) as usize).min(trials);
        let mut up_to = beta_lower(a, b, first as f64 / n);
        let weight = |index: usize| {
            let next = beta_lower(a, b, (index + 1) as f64 / n);
            let weight = next - up_to;
            up_to = next;
            weight
        };
        Self { trials, rank, first, weights: (first..last).map(weight).collect() }
    }
}

impl Sample {
    /// Quantile: the smallest number that more than `level` of the sample does not exceed; at 1, the largest.
    ///
    /// Of gains it is, at every level, the value at risk of the losses at the opposite one: a bad year has one figure.
    ///
    /// The interval runs between order statistics of binomial ranks, interpolated, and has no end on a side where the sample
    /// is too small to have one; the standard error is that of the sample quantile under resampling.
    ///
    /// # Source
    /// \[MJ78\] for the error; \[N92\] for the interpolated interval.
    pub fn quantile(&self, level: Share) -> Estimate {
        if let Some(weighted) = &self.weighted {
            let estimate = weighted.quantile(self, level);
            let below = self.trials_below(estimate.value);
            let above = self.len() - self.sorted.partition_point(|&value| value <= estimate.value);
            let is_few = below.min(above) < FEWEST_BEYOND;
            return if is_few { estimate.at_least_as_wide_as(self.plain_quantile(level)) } else { estimate };
        }
        self.plain_quantile(level)
    }

    /// The quantile of trials that each count alike and for themselves.
    fn plain_quantile(&self, level: Share) -> Estimate {
        self.quantile_at(self.rank(level), level.value())
    }

    /// The rank of the quantile of such trials, counted from one.
    fn rank(&self, level: Share) -> usize {
        self.len() + 1 - least_rank(self.n(), level.complement().value())
    }

    /// The value at risk without its error, which takes longer.
    pub fn value_at_risk_alone(&self, level: Share) -> f64 {
        match &self.weighted {
            Some(weighted) => weighted.quantile(self, level.complement()).negated().value,
            None => 0.0 - self.sorted[self.rank(level.complement()) - 1],
        }
    }

    /// Value at risk of the losses, where this sample is one of gains: the smallest loss that at least `level` of the
    /// trials do not exceed.
    pub fn value_at_risk(&self, level: Share) -> Estimate {
        self.quantile(level.complement()).negated()
    }

    /// The order statistic of a rank, counted from one, as the quantile of a level.
    fn quantile_at(&self, rank: usize, level: f64) -> Estimate {
        let (n, value) = (self.n(), self.sorted[rank - 1]);
        Estimate {
            value,
            standard_error: self.without_rounding(self.resampled_sd(rank)),
            lower: self.order_statistic(binomial_rank(n, level, 0.025)).min(value),
            upper: self.order_statistic(binomial_rank(n, level, 0.975) + 1.0).max(value),
            caution: None,
        }
        .with_open_ends()
    }

    /// Tail value at risk of the losses, where this sample is one of gains: the mean loss in the worst `1 - level` of
    /// trials, the last one counted in part.
    ///
    /// A tail of fewer than two trials has no spread of its own: its error is then that of the value at risk, and its
    /// interval has no upper end. One of fewer than 50 has a rough error, and a heavy tail has none.
    ///
    /// # Source
    /// \[AT02\] for the estimator; \[MH05\] for its error; the interval is Student's, with the tail's degrees of freedom.
    pub fn tail_value_at_risk(&self, level: Share) -> Estimate {
        if let Some(weighted) = &self.weighted {
            let estimate = weighted.tail_value_at_risk(self, level);
            let value_at_risk = weighted.quantile(self, level.complement()).negated().value;
            let estimate = if self.trials_beyond(value_at_risk) < FEWEST_BEYOND {
                let wider = estimate.at_least_as_wide_as(self.plain_tail_value_at_risk(level));
                let is_enough = level.complement().value() * self.n() >= ENOUGH_AT_A_MOST;
                if wider.standard_error == 0.0 && self.second > 0.0 && !is_enough {
                    wider.of_unsampled_tail()
                } else {
                    wider
                }
            } else {
                estimate
            };
            return self.with_cautions_of_tail(estimate, value_at_risk);
        }
        let value_at_risk = self.value_at_risk_alone(level);
        self.with_cautions_of_tail(self.plain_tail_value_at_risk(level), value_at_risk)
    }

    /// How many trials are in the tail of a level, the last one counted in part; at least one.
    pub(crate) fn trials_in_tail(&self, level: Share) -> f64 {
        let n = self.n();
        let weight = ((1.0 - level.value()) * n).max(1.0);
        // A whole number of trials is meant where rounding says a hair less or more.
        if (weight - weight.round()).abs() < 1e-9 * n { weight.round() } else { weight }
    }

    /// The tail value at risk of trials that each count alike and for themselves.
    fn plain_tail_value_at_risk(&self, level: Share) -> Estimate {
        let weight = self.trials_in_tail(level);
        let whole = (weight as usize).min(self.len());
        let in_units = |index: usize| self.sorted[index] / self.unit;
        let edge = in_units(whole.min(self.len() - 1));
        let total: f64 = (0..whole).map(in_units).sum::<f64>() + (weight - whole as f64) * edge;
        let mean = total / weight;
        let value = 0.0 - mean * self.unit;
        if weight < 2.0 {
            let value_at_risk = self.plain_quantile(level.complement()).negated();
            let lower = value_at_risk.lower.min(value);
            let standard_error = value_at_risk.standard_error;
            return Estimate { value, standard_error, lower, upper: f64::INFINITY, caution: None }.with_open_ends();
        }
        let square: f64 = (0..whole).map(|index| in_units(index) - mean).map(|off| off * off).sum();
        let beyond = mean - self.sorted[self.rank(level.complement()) - 1] / self.unit;
        let variance = square / (weight - 1.0) + level.value() * beyond * beyond;
        Estimate::student(value, self.unit * (variance / weight).sqrt(), weight - 1.0)
    }

    /// The order statistics between which a quantile lies, on each side with all but the tail of [`crate::WIDE_SCORE`], whatever the law; open
    /// where the sample is too small. None of trials with weights, whose ranks say less.
    pub fn wide_interval(&self, level: Share) -> Option<(f64, f64)> {
        if self.weighted.is_some() {
            return None;
        }
        let (lower, upper) = wide_ranks(self.len() as u64, level);
        let at = |rank: Option<u64>, open: f64| rank.map_or(open, |rank| self.sorted[rank as usize - 1]);
        Some((at(lower, f64::NEG_INFINITY), at(upper, f64::INFINITY)))
    }

    /// How many trials lose more than a value at risk, those of a point mass at it aside.
    pub fn trials_beyond(&self, value_at_risk: f64) -> usize {
        self.trials_below(0.0 - value_at_risk)
    }

    /// How many trials are below a value by more than rounding.
    fn trials_below(&self, value: f64) -> usize {
        let edge = value / self.unit - 1e-12 * (self.sorted[0] / self.unit).abs();
        self.sorted.partition_point(|&value| value / self.unit < edge)
    }

    /// The mean of a tail that begins at a value at risk, without an error where the tail is heavy, and with a caution where few
    /// trials are in it.
    fn with_cautions_of_tail(&self, estimate: Estimate, value_at_risk: f64) -> Estimate {
        if self.tails[0] <= INDEX_FOR_SPREAD || self.has_heavy_losses(HEAVY_FOR_SPREAD) {
            return estimate.without_error(true);
        }
        // Trials on a point mass at the value at risk say nothing about the tail beyond it.
        let few = self.trials_beyond(value_at_risk) < FEW_IN_A_TAIL && estimate.standard_error > 0.0;
        Estimate { caution: few.then_some(Caution::FewTrials), ..estimate }.with_open_ends()
    }

    /// An error that is no more than the rounding of the sample's figures is none: the value is one that recurs.
    pub(super) fn without_rounding(&self, error: f64) -> f64 {
        let span = (self.sorted[self.len() - 1] / self.unit - self.sorted[0] / self.unit) * self.unit;
        if error > 1e-12 * span.min(f64::MAX) { error } else { 0.0 }
    }

    /// Standard deviation of the order statistic of a rank in a resample of the same size.
    fn resampled_sd(&self, rank: usize) -> f64 {
        let center = self.sorted[rank - 1] / self.unit;
        let weights = ResamplingWeights::of(self.len(), rank);
        let (mut mean, mut square) = (0.0, 0.0);
        for (value, weight) in self.sorted[weights.first..].iter().zip(&weights.weights) {
            let offset = value / self.unit - center;
            mean += weight * offset;
            square += weight * offset * offset;
        }
        self.unit * (square - mean * mean).max(0.0).sqrt()
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
        // Not by their difference, which may be beyond the largest number.
        let part = rank - below;
        if low == high { low } else { (1.0 - part) * low + part * high }
    }
}

/// Rank, counted from one, of the smallest of `n` numbers that at least a share `level` of them do not exceed.
fn least_rank(n: f64, level: f64) -> usize {
    (level * n - 1e-9 * n).ceil().clamp(1.0, n) as usize
}

/// The ranks, counted from one, of the order statistics of a wide interval ([`Sample::wide_interval`]) of a quantile.
pub fn wide_ranks(trials: u64, level: Share) -> (Option<u64>, Option<u64>) {
    let (n, tail) = (trials as f64, upper_probability(WIDE_SCORE));
    // The quantile is below the order statistic of a rank where fewer trials than the rank are at most it.
    let lower = |level: f64| {
        let rank = binomial_rank(n, level, tail).floor() + 1.0;
        (rank >= 1.0).then_some(rank as u64)
    };
    let upper = lower(level.complement().value()).map(|rank| trials + 1 - rank);
    (lower(level.value()), upper)
}

/// The fractional number `k` with `P(Binomial(n, level) <= k) = probability`, straight lines between whole numbers.
fn binomial_rank(n: f64, level: f64, probability: f64) -> f64 {
    let cdf = |k: f64| if k >= n { 1.0 } else { beta_lower(n - k, k + 1.0, 1.0 - level) };
    let guess = n * level - upper_score(probability) * (n * level * (1.0 - level)).sqrt();
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Design;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    fn sample(values: &[f64]) -> Sample {
        Sample::new(values.to_vec()).expect("a sample")
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
    fn a_tail_that_hardly_was_sampled_has_no_small_error_by_batches() {
        // Two in a hundred trials lose 3, and few more than that.
        let gains = |beyond: usize| -> Vec<f64> {
            let losses = |index: usize| if index % 200 == 7 && index / 200 < beyond { -9.0 } else { -3.0 };
            (0..2_048).map(|index| if index % 50 == 7 { losses(index) } else { (index % 13) as f64 }).collect()
        };
        let drawn = |beyond: usize| {
            let design = Design::new(2_048, 64, &[]);
            Sample::drawn_by(&Arc::new(design), gains(beyond)).expect("finite")
        };
        for beyond in 1..11 {
            let [tail, plain] =
                [drawn(beyond), sample(&gains(beyond))].map(|gains| gains.tail_value_at_risk(share(0.99)));
            assert!(tail.standard_error >= plain.standard_error && plain.standard_error > 0.0, "{tail:?} {plain:?}");
            assert!(tail.lower <= plain.lower && plain.upper <= tail.upper, "{tail:?} {plain:?}");
            assert_eq!(tail.caution, Some(Caution::FewTrials));
        }
        let unsampled = drawn(0).tail_value_at_risk(share(0.99));
        assert_eq!((unsampled.value, unsampled.standard_error, unsampled.upper), (3.0, f64::INFINITY, f64::INFINITY));
        assert_eq!(unsampled.caution, Some(Caution::FewTrials));
        // Of a tail of 512 trials, all of which lose nothing, hardly any can lie beyond.
        let nothing = (0..2_048).map(|index| if index % 2 == 0 { 0.0 } else { (index % 13) as f64 }).collect();
        let nothing = Sample::drawn_by(&Arc::new(Design::new(2_048, 64, &[])), nothing).expect("finite");
        let [short, long] = [0.95, 0.75].map(|level| nothing.tail_value_at_risk(share(level)));
        assert_eq!((short.value, short.standard_error), (0.0, f64::INFINITY));
        assert_eq!((long.value, long.standard_error, long.caution), (0.0, 0.0, None));
    }

    #[test]
    fn wide_ranks_leave_out_no_more_than_their_tail() {
        let below = |n: f64, level: f64, rank: f64| beta_lower(n - rank + 1.0, rank, 1.0 - level);
        let tail = upper_probability(WIDE_SCORE);
        for (n, level) in [(1_000, 0.05), (1_000, 0.5), (20_000, 0.99)] {
            let (lower, upper) = wide_ranks(n, share(level));
            let [lower, upper] = [lower, upper].map(|rank| rank.expect("the sample is large enough") as f64);
            let n = n as f64;
            assert!(below(n, level, lower) <= tail && below(n, level, lower + 1.0) > tail, "{n} {level}");
            let above = n + 1.0 - upper;
            assert!(below(n, 1.0 - level, above) <= tail && below(n, 1.0 - level, above + 1.0) > tail, "{n} {level}");
        }
        assert_eq!(wide_ranks(100, share(0.01)).0, None);
        let numbers: Vec<f64> = (1..=1_000).map(f64::from).collect();
        let (lower, upper) = sample(&numbers).wide_interval(share(0.5)).expect("no weights");
        assert!((lower - 443.0).abs() < 3.0 && (upper - 558.0).abs() < 3.0, "{lower} {upper}");
    }

    #[test]
    fn binomial_ranks_are_those_of_the_law() {
        // Binomial(10, 0.5): P(K <= 1) = 11/1024, P(K <= 2) = 56/1024.
        let rank = binomial_rank(10.0, 0.5, 0.025);
        assert!((rank - (1.0 + (25.6 - 11.0) / 45.0)).abs() < 1e-9);
    }
}
