//! Scores of a forecast that is a law.

use twosided_forecast::Outlook;
use twosided_prob::upper_probability;

/// Points at which a law is known for its score.
const POINTS: usize = 400;

/// Continuous ranked probability score of a normal law.
///
/// # Source
/// Gneiting and Raftery (2007), equation 21.
pub(crate) fn crps_normal(seen: f64, mean: f64, sd: f64) -> f64 {
    let z = (seen - mean) / sd;
    let density = libm::exp(-0.5 * z * z) / std::f64::consts::TAU.sqrt();
    sd * (z * (1.0 - 2.0 * upper_probability(z)) + 2.0 * density - 1.0 / std::f64::consts::PI.sqrt())
}

/// The same score of the savings rate of an outlook, from its quantiles.
pub(crate) fn crps_of(outlook: &Outlook, rate: f64) -> f64 {
    let quantile = |index: usize| outlook.rate_quantile((index as f64 + 0.5) / POINTS as f64);
    let quantiles: Vec<f64> = (0..POINTS).map(quantile).collect();
    crps_of_points(&quantiles, rate)
}

/// The score of as many equally likely values, sorted: mean distance from what was seen, less half that of each other.
fn crps_of_points(points: &[f64], seen: f64) -> f64 {
    let count = points.len() as f64;
    let from_seen: f64 = points.iter().map(|point| (point - seen).abs()).sum();
    let of_each_other: f64 =
        points.iter().enumerate().map(|(rank, point)| (2.0 * rank as f64 + 1.0 - count) * point).sum();
    from_seen / count - of_each_other / (count * count)
}

/// The program's level at which what was seen is likeliest, by golden section within ten points of the expected one.
pub(crate) fn likeliest_shift<'a>(seen: impl Iterator<Item = (&'a Outlook, f64)>) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let seen: Vec<(&Outlook, f64)> = seen.collect();
    let value = |shift: f64| -> f64 { seen.iter().map(|(outlook, seen)| outlook.log_density_at(*seen, shift)).sum() };
    let center = seen[0].0.program.value;
    let (mut low, mut high) = (center - 0.1, center + 0.1);
    while high - low > 1e-7 {
        let (left, right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
        if value(left) > value(right) {
            high = right;
        } else {
            low = left;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_a_normal_agree_and_are_known() {
        // At its center: sd × (√2 - 1) / √π.
        let expected = 2.0 * (2_f64.sqrt() - 1.0) / std::f64::consts::PI.sqrt();
        assert!((crps_normal(1.0, 1.0, 2.0) - expected).abs() < 1e-12);
        let points: Vec<f64> = (0..4_000)
            .map(|index| 1.0 - 2.0 * twosided_prob::upper_score((f64::from(index) + 0.5) / 4_000.0))
            .rev()
            .collect();
        let mut sorted = points;
        sorted.sort_by(f64::total_cmp);
        for seen in [1.0, 3.5, -4.0] {
            let apart = crps_of_points(&sorted, seen) / crps_normal(seen, 1.0, 2.0);
            assert!((apart - 1.0).abs() < 2e-3, "{seen}: {apart}");
        }
    }
}
