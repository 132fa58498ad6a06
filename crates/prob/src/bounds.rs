//! Confidence bounds on either side of a figure, each of which may be wrong with a stated probability.

use twosided_units::Share;

use crate::{
    Estimate, FEWEST_BEYOND, Sample,
    special::{beta_lower, student_upper_quantile},
    upper_score,
};

/// A lower and an upper bound of a figure. Each is wrong with the probability that it was asked for, so that both hold with twice that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The figure is at least this; minus infinity where the trials leave it open.
    pub lower: f64,
    /// The figure is at most this; infinity where the trials leave it open.
    pub upper: f64,
}

impl Bounds {
    /// Bounds of the figure with its sign turned.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { lower: 0.0 - self.upper, upper: 0.0 - self.lower }
    }

    /// Bounds that hold whenever one of two does.
    fn or(self, other: Self) -> Self {
        Self { lower: self.lower.min(other.lower), upper: self.upper.max(other.upper) }
    }
}

/// Exact bounds of a probability by how often something happened in independent trials; each is wrong with a probability of at most
/// `error`.
///
/// # Source
/// \[CP34\].
pub fn binomial_bounds(count: usize, trials: usize, error: f64) -> Bounds {
    let (k, n) = (count as f64, trials as f64);
    let lower = || root(|p| beta_lower(k, n - k + 1.0, p) <= error, 0.0, k / n);
    let upper = || root(|p| beta_lower(n - k, k + 1.0, 1.0 - p) > error, k / n, 1.0);
    Bounds { lower: if count == 0 { 0.0 } else { lower() }, upper: if count == trials { 1.0 } else { upper() } }
}

/// Where a condition that holds at the low end ceases to.
fn root(holds: impl Fn(f64) -> bool, mut low: f64, mut high: f64) -> f64 {
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if holds(middle) { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Bounds of a probability by its error, at as many standard deviations: Wilson's, for as many independent trials as would have that
/// error.
///
/// # Source
/// \[W27\].
pub(crate) fn score_bounds(value: f64, standard_error: f64, deviations: f64) -> Bounds {
    let off = deviations * standard_error;
    let z2 = off * off / (value * (1.0 - value));
    if !z2.is_finite() {
        return Bounds { lower: 0.0, upper: 1.0 };
    }
    let center = (value + 0.5 * z2) / (1.0 + z2);
    let half = (z2 * (value * (1.0 - value) + 0.25 * z2)).sqrt() / (1.0 + z2);
    Bounds { lower: (center - half).clamp(0.0, value), upper: (center + half).clamp(value, 1.0) }
}

impl Estimate {
    /// Bounds, each wrong with a probability of about `error`, from the 95% interval. Where that is Student's, so are they, with the
    /// degrees of freedom that it shows; else each end moves out as that of a normal law does.
    pub fn bounds(&self, error: f64) -> Bounds {
        let factor = self.factor(error);
        Bounds {
            lower: self.value - factor * (self.value - self.lower),
            upper: self.value + factor * (self.upper - self.value),
        }
    }

    /// The same of a positive figure whose interval is one of its logarithm, as that of a standard deviation.
    pub fn bounds_by_ratio(&self, error: f64) -> Bounds {
        if !(self.value > 0.0 && self.lower > 0.0) {
            return self.bounds(error);
        }
        let factor = upper_score(error) / upper_score(0.025);
        let moved = |end: f64| self.value * libm::exp(factor * libm::log(end / self.value));
        Bounds { lower: moved(self.lower), upper: moved(self.upper) }
    }

    /// The same of a probability, by its standard error with as many degrees of freedom.
    pub fn bounds_of_probability(&self, error: f64, freedom: f64) -> Bounds {
        score_bounds(self.value, self.standard_error, student_upper_quantile(freedom.max(1.0), error))
    }

    /// By what the distances of the interval's ends are multiplied.
    fn factor(&self, error: f64) -> f64 {
        const NORMAL: f64 = 1.959_963_984_540_054;
        let (below, above) = (self.value - self.lower, self.upper - self.value);
        let reach = above / self.standard_error;
        let is_even = (below - above).abs() <= 1e-9 * (above.abs() + self.value.abs());
        if !(is_even && reach.is_finite() && reach > NORMAL * (1.0 + 1e-7)) {
            return upper_score(error) / NORMAL;
        }
        // The point falls with the degrees of freedom.
        let is_above = |log: f64| student_upper_quantile(libm::exp(log), 0.025) > reach;
        let freedom = libm::exp(root(is_above, 0.0, 17.0));
        student_upper_quantile(freedom, error) / student_upper_quantile(freedom, 0.025)
    }
}

impl Sample {
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
    use crate::{Caution, Design};

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    #[test]
    fn exact_bounds_are_those_of_tables() {
        // Of none in n the upper bound is 1 - error^(1/n); [CP34] has 0.0025 to 0.4450 for 1 of 10 at 95%.
        let none = binomial_bounds(0, 100, 0.05);
        assert!((none.upper - (1.0 - 0.05_f64.powf(0.01))).abs() < 1e-12 && none.lower == 0.0, "{none:?}");
        let one = binomial_bounds(1, 10, 0.025);
        assert!((one.lower - 0.002_529).abs() < 1e-6 && (one.upper - 0.445_016).abs() < 1e-6, "{one:?}");
        let all = binomial_bounds(10, 10, 0.025);
        assert!((all.lower - 0.025_f64.powf(0.1)).abs() < 1e-12 && all.upper == 1.0);
        let many = binomial_bounds(50_000, 1_000_000, 1e-6);
        let normal = upper_score(1e-6) * (0.05_f64 * 0.95 / 1e6).sqrt();
        assert!(
            (many.upper - 0.05 - normal).abs() < 0.01 * normal && (0.05 - many.lower - normal).abs() < 0.01 * normal
        );
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
    fn a_student_interval_shows_its_degrees_of_freedom() {
        let estimate = Estimate::student(10.0, 2.0, 5.0);
        let bounds = estimate.bounds(0.001);
        assert!((bounds.upper - 10.0 - 2.0 * 5.893_43).abs() < 1e-3, "{bounds:?}");
        let open = Estimate { upper: f64::INFINITY, caution: Some(Caution::FewTrials), ..estimate };
        assert_eq!(open.bounds(0.01).upper, f64::INFINITY);
        let certain = Estimate { value: 3.0, standard_error: 0.0, lower: 3.0, upper: 3.0, caution: None };
        assert_eq!(certain.bounds(1e-6), Bounds { lower: 3.0, upper: 3.0 });
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
