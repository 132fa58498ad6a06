//! How heavy the tail of a sample is: whether the errors of its moments can be estimated at all.

/// Number of trials whose excesses are examined: the largest tenth, but at least 250, and at most a third.
fn excesses(n: usize) -> usize {
    (n / 10).max(250).min(n / 3)
}

/// Fewest excesses whose shape is examined further out.
const FEWEST: usize = 50;

/// One-sided 95% point of the normal law; the error of a shape near 0 is about one over the root of the excesses.
const NORMAL_ONE_SIDED_95: f64 = 1.645;

/// Fewest trials whose tail can be called heavy: a third of them estimates a shape to a tenth.
pub(crate) const FEWEST_TRIALS: usize = 450;

/// The tail index of a law up to which the error of a mean is not given: with it, the variance does not exist.
pub(crate) const INDEX_FOR_MEAN: f64 = 2.0;

/// Whether the end of a sample has a tail like that of a generalized Pareto law of a shape above a limit, also far out.
///
/// The shape of a tail is one over its index: moments of the index and above do not exist. Where only the first threshold
/// finds a heavy tail and one further out does not, the sample is a mixture with a part that is rare but bounded.
///
/// `from_end(index)` is how far out the trial at that index from the end lies; it falls as the index rises.
pub(crate) fn is_heavy(n: usize, from_end: impl Fn(usize) -> f64, limit: f64) -> bool {
    /// Tails further out must not be bounded; their estimates vary by about a seventh.
    const FURTHER_OUT: f64 = 0.0;
    const ROUNDING: f64 = 1e-12;
    let planned = excesses(n);
    let mut count = planned;
    // A threshold on a point mass is a little above it: trials on it have no excess but rounding.
    let threshold = from_end(count.min(n - 1));
    let rounding = ROUNDING * (from_end(0).abs() + threshold.abs());
    while count > 0 && from_end(count - 1) <= threshold + rounding {
        count -= 1;
    }
    // Of the fewer that a point mass leaves, the shape must be above the limit by more than chance.
    let chance = if count < planned { NORMAL_ONE_SIDED_95 / (count.max(1) as f64).sqrt() } else { 0.0 };
    if n < FEWEST_TRIALS || count < FEWEST || shape(count, &from_end) <= limit + chance {
        return false;
    }
    while count / 2 >= FEWEST {
        count /= 2;
        if shape(count, &from_end) <= FURTHER_OUT {
            return false;
        }
    }
    true
}

/// The shape of the excesses of `count` trials over the next one: 0 of an exponential tail, below 0 of a bounded one.
///
/// # Source
/// \[HW87\], by probability-weighted moments.
fn shape(count: usize, from_end: impl Fn(usize) -> f64) -> f64 {
    let (many, threshold) = (count as f64, from_end(count));
    let scale = from_end(0) - threshold;
    if scale <= 0.0 {
        return -1.0;
    }
    let (mut mean, mut weighted) = (0.0, 0.0);
    for index in 0..count {
        let excess = (from_end(index) - threshold) / scale;
        mean += excess;
        weighted += excess * (index as f64 + 0.35) / many;
    }
    let spread = mean - 2.0 * weighted;
    // All excesses the same: a point mass at the end.
    if spread <= 1e-9 * mean { -1.0 } else { 2.0 - mean / spread }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quantiles of a law, from its end.
    fn from_end(of_survival: impl Fn(f64) -> f64, n: usize) -> impl Fn(usize) -> f64 {
        move |index| of_survival((index as f64 + 0.5) / n as f64)
    }

    #[test]
    fn the_shape_of_a_tail_is_one_over_its_index() {
        for index in [2.3_f64, 4.0, 10.0] {
            let found = shape(10_000, from_end(|survival| survival.powf(-1.0 / index), 100_000));
            assert!((found - 1.0 / index).abs() < 0.02, "{index}: {found}");
        }
        assert!(shape(1_000, from_end(|survival| -survival.ln(), 10_000)).abs() < 0.02);
        assert!((shape(1_000, from_end(|survival| 1.0 - survival, 10_000)) + 1.0).abs() < 0.02);
        assert!(shape(100, |_| 5.0) < 0.0);
    }

    #[test]
    fn rare_but_bounded_parts_are_not_heavy() {
        // Nothing, or in 2% of trials a fixed amount; nothing, or in 5% an exponential.
        let lumps = from_end(|survival| f64::from(survival < 0.02), 10_000);
        let some = from_end(|survival| if survival < 0.05 { -(survival / 0.05).ln() } else { 0.0 }, 10_000);
        assert!(!is_heavy(10_000, lumps, 0.2));
        assert!(!is_heavy(10_000, some, 0.2));
        assert!(is_heavy(10_000, from_end(|survival| survival.powf(-1.0 / 2.3), 10_000), 0.2));
        // A tail cut at a limit has an end.
        let cut = from_end(|survival| survival.powf(-1.0 / 2.3).min(10.0), 10_000);
        assert!(!is_heavy(10_000, cut, 0.2));
    }
}
