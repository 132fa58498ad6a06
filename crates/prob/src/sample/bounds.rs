//! Confidence bounds of the measures of a sample.

use twosided_units::Share;

use super::{FEWEST_BEYOND, Sample};
use crate::{
    Design, Estimate, Influence, Influences,
    bounds::{Bounds, binomial_bounds},
    special::{beta_lower, student_upper_quantile},
    upper_probability, upper_score,
};

/// Bounds moved toward the side on which the figures of trials are skewed, since an average of few skewed figures is skewed too: what is
/// far out is rare, and where it is missing, both the average and its error are too small. A bound moves toward the estimate by at most
/// half of its distance.
///
/// ```text
/// shift = skewness / (6 √trials) × standard error × (1 + 2 z²)
/// ```
///
/// # Source
/// \[J78\].
fn skewed(estimate: &Estimate, bounds: Bounds, skewness: f64, trials: f64, error: f64) -> Bounds {
    let z = upper_score(error);
    let shift = skewness / (6.0 * trials.sqrt()) * estimate.standard_error * (1.0 + 2.0 * z * z);
    if !shift.is_finite() {
        return bounds;
    }
    let (below, above) = (estimate.value - bounds.lower, bounds.upper - estimate.value);
    Bounds { lower: bounds.lower + shift.min(0.5 * below), upper: bounds.upper + shift.max(-0.5 * above) }
}

impl Sample {
    /// Bounds of the mean, each wrong with a probability of about `error`: Student's, corrected for skewness.
    pub fn mean_bounds(&self, error: f64) -> Bounds {
        let estimate = self.mean();
        skewed(&estimate, estimate.bounds(error), self.skewness(|value| value), self.len() as f64, error)
    }

    /// Bounds of the standard deviation on the logarithm, which knows of skewness itself; where the correction widens them, it counts too.
    /// Its error is itself known from few trials where their squares are spread widely: Student's law has the degrees of freedom of the
    /// trials that decide the squares.
    pub fn sd_bounds(&self, error: f64) -> Bounds {
        let (estimate, mean) = (self.sd(), self.mean().value);
        let square = Influence::SquareAbout(mean);
        let freedom = Influences::new(&Design::independent(self.len()), self.sorted(), square).degrees_of_freedom();
        let bounds = estimate.bounds_by_ratio(upper_probability(student_upper_quantile(freedom.max(1.0), error)));
        let skewness = self.skewness(|value| (value - mean) * (value - mean));
        bounds.or(skewed(&estimate, bounds, skewness, self.len() as f64, error))
    }

    /// Bounds of the tail value at risk of the losses, where this sample is one of gains, in the same way.
    pub fn tail_value_at_risk_bounds(&self, level: Share, error: f64) -> Bounds {
        let estimate = self.tail_value_at_risk(level);
        let threshold = 0.0 - self.value_at_risk(level).value;
        let skewness = self.skewness(|gain| (threshold - gain).max(0.0));
        skewed(&estimate, estimate.bounds(error), skewness, self.len() as f64, error)
    }

    /// The skewness of what the numbers are turned into; 0 where that does not vary.
    fn skewness(&self, of: impl Fn(f64) -> f64) -> f64 {
        let n = self.len() as f64;
        let most = self.sorted().iter().map(|&value| of(value).abs()).fold(0.0, f64::max);
        let scaled = || self.sorted().iter().map(|&value| of(value) / most);
        let mean = scaled().sum::<f64>() / n;
        let (second, third) = scaled().fold((0.0, 0.0), |(second, third), value| {
            let off = value - mean;
            (second + off * off, third + off * off * off)
        });
        let skewness = third / n / libm::pow(second / n, 1.5);
        if skewness.is_finite() { skewness } else { 0.0 }
    }

    /// Bounds of the probability of what `wanted` picks, each wrong with a probability of at most `error`: exact where trials are
    /// independent, or where few are picked, or few are not; else by the error of the design.
    pub fn probability_bounds(&self, wanted: impl Fn(f64) -> bool, error: f64) -> Bounds {
        let count = self.sorted().iter().filter(|&&value| wanted(value)).count();
        if let Some(design) = self.design()
            && count.min(self.len() - count) >= FEWEST_BEYOND
        {
            let estimate = self.probability(wanted);
            return estimate.bounds_of_probability(error, design.freedom());
        }
        binomial_bounds(count, self.len(), error)
    }

    /// Bounds of a quantile, each wrong with a probability of at most `error`: the order statistics beyond which the quantile lies as
    /// rarely where trials are independent, or where few lie beyond; else the quantiles at the bounds of the level by the error of the
    /// design.
    ///
    /// # Source
    /// \[W52\] for the latter.
    pub fn quantile_bounds(&self, level: Share, error: f64) -> Bounds {
        let of_independent = self.order_statistic_bounds(level.value(), error);
        let Some(design) = self.design() else { return of_independent };
        let value = self.quantile(level).value;
        let below = self.sorted().partition_point(|&other| other < value);
        let above = self.len() - self.sorted().partition_point(|&other| other <= value);
        let by_design = self.quantiles_within(level, student_upper_quantile(design.freedom().max(1.0), error));
        if below.min(above) < FEWEST_BEYOND { by_design.or(of_independent) } else { by_design }
    }

    fn order_statistic_bounds(&self, level: f64, error: f64) -> Bounds {
        let (sorted, n) = (self.sorted(), self.len());
        // Probability that at most this many trials lie at or below the quantile, and that at least as many do.
        let at_most = |k: usize| if k >= n { 1.0 } else { beta_lower((n - k) as f64, k as f64 + 1.0, 1.0 - level) };
        let at_least = |k: usize| if k == 0 { 1.0 } else { beta_lower(k as f64, (n - k) as f64 + 1.0, level) };
        let lower = first(n + 1, |rank| at_most(rank) > error);
        let upper = first(n + 1, |rank| at_least(rank) <= error);
        Bounds {
            lower: if lower == 0 { f64::NEG_INFINITY } else { sorted[lower - 1] },
            upper: if upper > n { f64::INFINITY } else { sorted[upper - 1] },
        }
    }

    /// The quantiles at a level less and more as many of its errors by the design.
    fn quantiles_within(&self, level: Share, deviations: f64) -> Bounds {
        let value = self.quantile(level).value;
        let at_most = self.probability(|other| other <= value);
        let half = deviations * at_most.standard_error;
        let end = |level: f64, open: f64| {
            if level > 0.0 && level < 1.0 {
                Share::new(level).map_or(open, |level| self.quantile(level).value)
            } else {
                open
            }
        };
        Bounds { lower: end(level.value() - half, f64::NEG_INFINITY), upper: end(level.value() + half, f64::INFINITY) }
    }
}

/// The first number below an end for which a condition holds that holds for all after it; the end if there is none.
fn first(end: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low.midpoint(high);
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Design;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    #[test]
    fn bounds_at_half_of_five_percent_are_the_interval() {
        let values: Vec<f64> = (0..2_000).map(|index| f64::from((index * 617) % 2_000)).collect();
        let independent = Sample::new(values.clone()).expect("finite");
        let by_batches = Sample::drawn_by(&Arc::new(Design::new(2_000, 4, &[])), values).expect("finite");
        for sample in [&independent, &by_batches] {
            for (estimate, bounds) in [
                (sample.mean(), sample.mean().bounds(0.025)),
                (sample.sd(), sample.sd().bounds_by_ratio(0.025)),
                (sample.tail_value_at_risk(share(0.9)), sample.tail_value_at_risk(share(0.9)).bounds(0.025)),
            ] {
                let near = |found: f64, wanted: f64| (found - wanted).abs() < 1e-6 * wanted.abs().max(1.0);
                assert!(
                    near(bounds.lower, estimate.lower) && near(bounds.upper, estimate.upper),
                    "{estimate:?} {bounds:?}"
                );
            }
            // Order statistics beside the interpolated ends, a few ranks away.
            let (estimate, bounds) = (sample.quantile(share(0.3)), sample.quantile_bounds(share(0.3), 0.025));
            assert!(
                (bounds.lower - estimate.lower).abs() < 3.0 && (bounds.upper - estimate.upper).abs() < 3.0,
                "{bounds:?}"
            );
            let (estimate, bounds) =
                (sample.probability(|value| value < 500.0), sample.probability_bounds(|value| value < 500.0, 0.025));
            assert!((bounds.lower - estimate.lower).abs() < 1e-3 && (bounds.upper - estimate.upper).abs() < 1e-3);
        }
    }

    #[test]
    fn a_quantile_that_few_trials_reach_is_open() {
        let sample = Sample::new((0..100).map(f64::from).collect()).expect("finite");
        assert_eq!(sample.quantile_bounds(share(0.99), 0.01).upper, f64::INFINITY);
        // 0.99^459 is below a hundredth.
        let sample = Sample::new((0..459).map(f64::from).collect()).expect("finite");
        assert_eq!(sample.quantile_bounds(share(0.99), 0.01).upper, 458.0);
        assert_eq!(sample.quantile_bounds(share(0.01), 0.01).lower, 0.0);
    }
}
