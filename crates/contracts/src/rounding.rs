//! Comparisons at a threshold that the machine's rounding cannot decide.
//!
//! A benchmark of $180,000 less $167,400 is 12,600; 7% of the benchmark is 12,600.000000000002 to the machine, and what reaches its
//! threshold exactly would miss it.

/// The part of the magnitudes that entered a comparison within which both sides count as equal: 16 units in the last place.
///
/// Of amounts up to $1 trillion, the largest that a scenario can state, it is less than half a cent, so that one cent below a
/// threshold stays below it.
const ROUNDING: f64 = 16.0 * f64::EPSILON;

/// Whether a value reaches a threshold; `magnitude` is the largest that entered either of them.
pub(crate) fn reaches(value: f64, threshold: f64, magnitude: f64) -> bool {
    value >= threshold - ROUNDING * magnitude.abs()
}

/// Whether a value is above a threshold, by more than rounding.
pub(crate) fn exceeds(value: f64, threshold: f64, magnitude: f64) -> bool {
    !reaches(threshold, value, magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_no_difference_and_a_cent_is_one() {
        let gap = 150.0 * 12.0 * 100.0 - 167_400.0;
        assert!(gap < 180_000.0 * 0.07, "the machine misses it");
        assert!(reaches(gap, 180_000.0 * 0.07, 180_000.0) && !exceeds(180_000.0 * 0.07, gap, 180_000.0));
        for magnitude in [1e3, 1e6, 1e9, 1e12] {
            assert!(!reaches(magnitude - 0.01, magnitude, magnitude), "{magnitude}");
            assert!(exceeds(magnitude, magnitude - 0.01, magnitude), "{magnitude}");
        }
    }
}
