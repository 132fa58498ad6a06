//! Confidence bounds on either side of a figure, each of which may be wrong with a stated probability.

use crate::{
    Estimate,
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
    pub(crate) fn or(self, other: Self) -> Self {
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
        student_upper_quantile(freedom_of(reach), error) / reach
    }
}

/// The degrees of freedom of a Student's law with this two-sided 95% point.
fn freedom_of(point: f64) -> f64 {
    const NORMAL: f64 = 1.959_963_984_540_054;
    /// From these degrees of freedom on, the expansion below is exact to a millionth.
    const MANY: f64 = 50.0;
    // [AS64] 26.7.5: the point in powers of one over the degrees of freedom, solved by Newton's method.
    let powers = [2.372_271_230_0, 2.822_500_1, 2.555_8];
    let above = |u: f64| ((powers[2] * u + powers[1]) * u + powers[0]) * u - (point - NORMAL);
    let slope = |u: f64| (3.0 * powers[2] * u + 2.0 * powers[1]) * u + powers[0];
    let inverse = (0..6).fold((point - NORMAL) / powers[0], |u, _| u - above(u) / slope(u));
    if inverse * MANY < 1.0 {
        return 1.0 / inverse;
    }
    let is_above = |log: f64| student_upper_quantile(libm::exp(log), 0.025) > point;
    libm::exp(root(is_above, 0.0, 5.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Caution;

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
    fn a_student_interval_shows_its_degrees_of_freedom() {
        let estimate = Estimate::student(10.0, 2.0, 5.0);
        let bounds = estimate.bounds(0.001);
        assert!((bounds.upper - 10.0 - 2.0 * 5.893_43).abs() < 1e-3, "{bounds:?}");
        for freedom in [1.0, 3.0, 30.0, 60.0, 2_047.0, 1e5] {
            let found = freedom_of(student_upper_quantile(freedom, 0.025));
            assert!((found / freedom - 1.0).abs() < 1e-3, "{freedom}: {found}");
        }
        let open = Estimate { upper: f64::INFINITY, caution: Some(Caution::FewTrials), ..estimate };
        assert_eq!(open.bounds(0.01).upper, f64::INFINITY);
        let certain = Estimate { value: 3.0, standard_error: 0.0, lower: 3.0, upper: 3.0, caution: None };
        assert_eq!(certain.bounds(1e-6), Bounds { lower: 3.0, upper: 3.0 });
    }
}
