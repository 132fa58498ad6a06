//! Normal scores of trials: each drawn for itself, or stratified over batches of trials.

use crate::{Purpose, Stream, StreamKey, upper_score};

/// How the scores of a factor are drawn over trials. In both ways every score is standard normal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Draws {
    /// Each trial for itself.
    #[default]
    Independent,
    /// In batches of 64 trials, of which each takes one of 64 equally likely strata of the normal law. What strata the trials of a
    /// batch take is a random permutation, another one for every name, so that the scores of different names are a Latin hypercube.
    ///
    /// ```text
    /// score = Φ⁻¹((stratum + uniform) / 64)
    /// ```
    ///
    /// # Source
    /// \[MBC79\].
    Stratified,
}

/// Trials of a batch.
const BATCH: usize = 64;

impl Draws {
    /// How many trials depend on each other; batches of that many are independent of one another.
    pub const fn batch(self) -> usize {
        match self {
            Self::Independent => 1,
            Self::Stratified => BATCH,
        }
    }

    /// The normal score of a name: the key's trial alone decides the batch and the trial's index in it.
    pub fn score(self, key: &StreamKey) -> f64 {
        let mut stream = Stream::new(key);
        match self {
            Self::Independent => stream.normal(),
            Self::Stratified => score_within(stratum(key), stream.uniform()),
        }
    }
}

/// The stratum of the key's trial. The purpose of the score is the segment of the permutation's stream, so that a trend and a
/// factor of any name are permuted apart.
fn stratum(key: &StreamKey) -> u8 {
    let batch = BATCH as u64;
    let purpose = Purpose::Stratum;
    let mut stream = Stream::new(&StreamKey { purpose, segment: key.purpose as u64, trial: key.trial / batch, ..*key });
    let mut strata: [u8; BATCH] = std::array::from_fn(|index| index as u8);
    for last in (1..BATCH).rev() {
        // A word times the number of choices, over 2^64: no choice is likelier than another by more than 64 / 2^64.
        let chosen = (u128::from(stream.word()) * (last as u128 + 1)) >> 64;
        strata.swap(last, chosen as usize);
    }
    strata[(key.trial % batch) as usize]
}

/// The score at a part of a stratum, from the nearer end of the law.
fn score_within(stratum: u8, part: f64) -> f64 {
    let (strata, stratum) = (BATCH as f64, f64::from(stratum));
    let below = (stratum + part) / strata;
    if below < 0.5 { -upper_score(below) } else { upper_score((strata - 1.0 - stratum + (1.0 - part)) / strata) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name_key;

    fn key(name: &str, trial: u64) -> StreamKey {
        StreamKey { seed: 11, purpose: Purpose::Factor, segment: 0, service: name_key(name), trial, year: 0 }
    }

    #[test]
    fn every_batch_has_one_score_in_each_stratum() {
        for batch in [0, 7] {
            let scores = (0..64).map(|index| Draws::Stratified.score(&key("trend", batch * 64 + index)));
            let mut strata: Vec<usize> =
                scores.map(|score| (crate::upper_probability(-score) * 64.0) as usize).collect();
            assert_ne!(strata, (0..64).collect::<Vec<_>>());
            strata.sort_unstable();
            assert_eq!(strata, (0..64).collect::<Vec<_>>());
        }
    }

    /// Of one index in its batch, scores are independent standard normals, whatever the batch does.
    #[test]
    fn the_scores_of_one_index_have_the_normal_law() {
        const BATCHES: u64 = 40_000;
        let n = BATCHES as f64;
        let scores: Vec<f64> = (0..BATCHES).map(|batch| Draws::Stratified.score(&key("a", batch * 64 + 5))).collect();
        let moment = |power: i32| scores.iter().map(|x| x.powi(power)).sum::<f64>() / n;
        for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0_f64)] {
            let z = (moment(power) - expected) / (variance / n).sqrt();
            assert!(z.abs() < 4.0, "moment {power} is {z:.1} standard errors off");
        }
        let beyond = scores.iter().filter(|x| x.abs() > 3.0).count() as f64 / n;
        let probability: f64 = 0.002_699_796_063;
        assert!(((beyond - probability) / (probability / n).sqrt()).abs() < 4.0);
    }

    #[test]
    fn names_and_years_are_permuted_apart() {
        const TRIALS: u64 = 64 * 400;
        let of = |name: &str, year: u32| -> Vec<f64> {
            (0..TRIALS).map(|trial| Draws::Stratified.score(&StreamKey { year, ..key(name, trial) })).collect()
        };
        let first = of("a", 0);
        for other in [of("b", 0), of("a", 1)] {
            let correlation = first.iter().zip(&other).map(|(a, b)| a * b).sum::<f64>() / (TRIALS as f64).sqrt();
            assert!(correlation.abs() < 4.0, "{correlation:.1} standard errors");
        }
    }
}
