//! Boundaries for figures that are looked at again and again while trials are added.

use crate::upper_probability;

/// Step of the integration, as a part of the standard deviation of what it integrates.
const STEP: f64 = 0.1;
/// Scores beyond which a normal law has nothing.
const FARTHEST: f64 = 9.0;

/// The scores beyond which a figure decides, look by look, by the trials of each look and the error that may have been spent up to it.
///
/// With `Z_k` the standardized figure at look `k` after `n_k` trials, and boundaries `c`:
///
/// ```text
/// P(|Z_1| < c_1, ..., |Z_k-1| < c_k-1, |Z_k| >= c_k) = spent_k - spent_k-1
/// ```
///
/// Either side alone is then crossed first with half of what is spent, if the figure is at its limit. The law of the scores that have
/// crossed no boundary is carried from look to look by numerical integration.
///
/// # Source
/// \[AMR69\] for the recursion; \[LD83\] for the spending of an error; \[JT00\], chapters 7 and 19.
///
/// # Panics
/// When the looks have no rising numbers of trials, or what is spent falls.
pub fn boundaries(trials: &[u64], spent: &[f64]) -> Vec<f64> {
    assert_eq!(trials.len(), spent.len(), "each look has an error");
    assert!(trials.windows(2).all(|pair| pair[0] < pair[1]) && spent.is_sorted(), "looks and errors rise");
    let mut scores: Vec<f64> = Vec::with_capacity(trials.len());
    // Scores of the look before with the weight of each: those that have crossed nothing.
    let mut inside: Vec<(f64, f64)> = Vec::new();
    for (look, &now) in trials.iter().enumerate() {
        let last = look.checked_sub(1).map(|last| (trials[last] as f64, spent[last]));
        let allowed = spent[look] - last.map_or(0.0, |(_, spent)| spent);
        // The score of now given one of the look before, by the part of the trials that both share.
        let shared = last.map_or(0.0, |(before, _)| (before / now as f64).sqrt());
        let spread = (1.0 - shared * shared).sqrt();
        let crossed = |score: f64| -> f64 {
            if look == 0 {
                return 2.0 * upper_probability(score);
            }
            let beyond = |&(y, weight): &(f64, f64)| {
                weight
                    * (upper_probability((score - shared * y) / spread)
                        + upper_probability((score + shared * y) / spread))
            };
            inside.iter().map(beyond).sum()
        };
        let score = if allowed > 0.0 { crossing(crossed, allowed) } else { f64::INFINITY };
        scores.push(score);
        if let Some(&next) = trials.get(look + 1) {
            let width = score.min(FARTHEST);
            let step = STEP * spread.min((1.0 - now as f64 / next as f64).sqrt());
            let density = |z: f64| -> f64 {
                let normal = |x: f64| libm::exp(-0.5 * x * x) / std::f64::consts::TAU.sqrt();
                if look == 0 {
                    return normal(z);
                }
                inside.iter().map(|&(y, weight)| weight * normal((z - shared * y) / spread) / spread).sum()
            };
            inside = simpson(width, step).map(|(z, weight)| (z, weight * density(z))).collect();
        }
    }
    scores
}

/// The score that is crossed with a probability.
fn crossing(crossed: impl Fn(f64) -> f64, allowed: f64) -> f64 {
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if crossed(middle) > allowed { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Points from minus a width to the width with their weights, by Simpson's rule.
fn simpson(width: f64, step: f64) -> impl Iterator<Item = (f64, f64)> {
    let pairs = (width / step).ceil().clamp(1.0, 10_000.0) as usize;
    let step = width / pairs as f64;
    (0..=2 * pairs).map(move |index| {
        let times = match index {
            0 => 1.0,
            last if last == 2 * pairs => 1.0,
            odd if odd % 2 == 1 => 4.0,
            _ => 2.0,
        };
        (index as f64 * step - width, times * step / 3.0)
    })
}

/// An error spent in the way of Pocock: after a part of the looks.
///
/// ```text
/// error × ln(1 + (e - 1) × part)
/// ```
///
/// # Source
/// \[LD83\].
pub fn pocock_spending(error: f64, part: f64) -> f64 {
    error * libm::log1p((std::f64::consts::E - 1.0) * part)
}

/// The probability that each bound of a figure may be wrong with at each look, so that over all looks together either bound is wrong
/// with a probability of at most `error`. What is spent goes by the number of the look.
pub fn error_of_looks(trials: &[u64], error: f64) -> Vec<f64> {
    let looks = trials.len() as f64;
    let spent: Vec<f64> = (1..=trials.len()).map(|look| pocock_spending(2.0 * error, look as f64 / looks)).collect();
    boundaries(trials, &spent).into_iter().map(upper_probability).collect()
}

/// The trials of each look: those of the first, doubled until the last, which is the most that there may be. A look that has more than
/// two thirds of the last is left out.
pub fn doubling_looks(first: u64, most: u64) -> Vec<u64> {
    let doubled = std::iter::successors(Some(first), |trials| trials.checked_mul(2));
    doubled.take_while(|&trials| trials < most && 3 * (trials / 2) <= most).chain([most]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, Stream, StreamKey, upper_score};

    /// The score of a single look.
    fn fixed(error: f64) -> f64 {
        upper_score(0.5 * error)
    }

    fn near(found: &[f64], published: &[f64]) {
        assert_eq!(found.len(), published.len());
        for (found, published) in found.iter().zip(published) {
            assert!((found - published).abs() < 6e-4, "{found} {published}");
        }
    }

    #[test]
    fn boundaries_of_five_looks_are_the_published_ones() {
        let looks = [1, 2, 3, 4, 5];
        let part = |look: u64| look as f64 / 5.0;
        let of_pocock = looks.map(|look| pocock_spending(0.05, part(look)));
        near(&boundaries(&looks, &of_pocock), &[2.438, 2.427, 2.410, 2.397, 2.386]);
        // Either side spends 2 - 2 Φ(z / √part) of its half, z being the score of a quarter.
        let of_obrien_fleming = looks.map(|look| 4.0 * upper_probability(fixed(0.025) / part(look).sqrt()));
        near(&boundaries(&looks, &of_obrien_fleming), &[4.877, 3.357, 2.680, 2.290, 2.031]);
        near(&boundaries(&[7], &[0.05]), &[1.960]);
    }

    #[test]
    fn a_look_that_may_spend_nothing_decides_nothing() {
        let found = boundaries(&[10, 20, 40], &[0.0, 0.0, 0.05]);
        assert_eq!(found[..2], [f64::INFINITY; 2]);
        assert!((found[2] - fixed(0.05)).abs() < 1e-5, "{found:?}");
    }

    #[test]
    fn looks_double_up_to_the_most() {
        assert_eq!(doubling_looks(2_048, 2_048), [2_048]);
        assert_eq!(doubling_looks(2_048, 16_384), [2_048, 4_096, 8_192, 16_384]);
        assert_eq!(doubling_looks(2_048, 10_240), [2_048, 4_096, 10_240]);
        assert_eq!(doubling_looks(2_048, 999_936).last_chunk(), Some(&[524_288, 999_936]));
    }

    #[test]
    fn a_score_at_its_limit_crosses_as_often_as_is_spent() {
        // Ten looks of doubling trials, 20,000 walks: either side 5%.
        let looks = doubling_looks(2_048, 2_048 << 9);
        let scores: Vec<f64> = error_of_looks(&looks, 0.05).into_iter().map(upper_score).collect();
        let mut stream =
            Stream::new(&StreamKey { seed: 11, purpose: Purpose::Severity, segment: 0, service: 0, trial: 0, year: 0 });
        let walks = 20_000;
        let mut crossed = [0.0; 2];
        for _ in 0..walks {
            let (mut sum, mut before) = (0.0, 0);
            for (&trials, &score) in looks.iter().zip(&scores) {
                sum += ((trials - before) as f64).sqrt() * stream.normal();
                before = trials;
                let now = sum / (trials as f64).sqrt();
                if now.abs() >= score {
                    crossed[usize::from(now > 0.0)] += 1.0;
                    break;
                }
            }
        }
        let error = (0.05_f64 * 0.95 / f64::from(walks)).sqrt();
        for side in crossed {
            assert!((side / f64::from(walks) - 0.05).abs() < 4.0 * error, "{crossed:?}");
        }
    }
}
