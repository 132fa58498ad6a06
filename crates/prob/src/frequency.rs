//! How many events a person has in a year.

use crate::{ParameterError, positive, special::ln_gamma};

/// The law of a person's number of events in a year.
///
/// The zero-inflated forms state the overall mean, as an actuary observes it: with probability `zero_inflation` a person
/// has no events whatever, and the others' mean is `mean / (1 - zero_inflation)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Frequency {
    /// Variance equal to the mean.
    Poisson {
        /// Events per person-year.
        mean: f64,
    },
    /// A Poisson whose mean differs between people by a gamma: variance `mean + mean² / dispersion`.
    NegativeBinomial {
        /// Events per person-year.
        mean: f64,
        /// The gamma's shape: smaller is more spread.
        dispersion: f64,
    },
    /// At most one event.
    Bernoulli {
        /// Probability of the event in a year.
        probability: f64,
    },
    /// Poisson among those who can have events at all.
    ZeroInflatedPoisson {
        /// Events per person-year, everyone counted.
        mean: f64,
        /// Probability of being unable to have events.
        zero_inflation: f64,
    },
    /// Negative binomial among those who can have events at all.
    ZeroInflatedNegativeBinomial {
        /// Events per person-year, everyone counted.
        mean: f64,
        /// The gamma's shape among those who can have events.
        dispersion: f64,
        /// Probability of being unable to have events.
        zero_inflation: f64,
    },
}

/// Longest table of counts kept; a law that needs more is refused.
const LONGEST_TABLE: u32 = 100_000;
const TOO_SPREAD: &str = "the law is so spread that its counts pass 100,000; use a larger dispersion or a smaller mean";
/// A probability that is left out of a table.
const NEGLIGIBLE: f64 = 1e-18;
/// Below this, an event is rarer than one person of a billion a year.
const LEAST_MEAN: f64 = 1e-9;

impl Frequency {
    /// Events per person-year.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Poisson { mean }
            | Self::NegativeBinomial { mean, .. }
            | Self::ZeroInflatedPoisson { mean, .. }
            | Self::ZeroInflatedNegativeBinomial { mean, .. } => mean,
            Self::Bernoulli { probability } => probability,
        }
    }

    /// Whether the law can be used, without the cost of its table.
    ///
    /// # Errors
    /// A parameter out of range: a mean not from 1e-9 to 1,000, a dispersion not above 0 or above 1e9, a probability not
    /// from 0 to 1, a zero inflation not below 1; or a law so spread that its table would pass 100,000 counts.
    pub fn check(&self) -> Result<(), ParameterError> {
        if let Self::Bernoulli { probability } = *self {
            let valid = (0.0..=1.0).contains(&probability);
            let expected = "a probability is a decimal from 0 to 1";
            return refuse_unless(valid, "probability", probability, expected);
        }
        let mean = self.mean();
        let expected = "a mean is events per person-year, from 1e-9 to 1,000";
        refuse_unless((LEAST_MEAN..=1_000.0).contains(&mean), "mean", mean, expected)?;
        if let Self::NegativeBinomial { dispersion, .. } | Self::ZeroInflatedNegativeBinomial { dispersion, .. } = *self
        {
            let expected = "dispersion is the shape of the gamma mixing law, above 0 and at most 1e9 (variance = mean + \
                            mean^2 / dispersion)";
            positive("dispersion", dispersion, 1e9, expected)?;
        }
        let counts = self.counts();
        let expected = "zero_inflation is the share of people who cannot have events, a decimal from 0 to below 1";
        let inflation = counts.zero_inflation;
        refuse_unless((0.0..1.0).contains(&inflation), "zero_inflation", inflation, expected)?;
        refuse_unless(counts.fade_within(LONGEST_TABLE), "mean", mean, TOO_SPREAD)
    }

    /// The table from which counts are drawn.
    ///
    /// # Errors
    /// As for [`Frequency::check`].
    pub fn table(&self) -> Result<CountTable, ParameterError> {
        self.check()?;
        if let Self::Bernoulli { probability } = *self {
            return Ok(CountTable::new(&[1.0 - probability, probability]));
        }
        let probabilities = self.counts().probabilities();
        let finite = probabilities.iter().all(|probability| probability.is_finite());
        refuse_unless(finite, "mean", self.mean(), TOO_SPREAD)?;
        Ok(CountTable::new(&probabilities))
    }

    /// The counts of those who can have events.
    fn counts(&self) -> Counts {
        let (dispersion, zero_inflation) = match *self {
            Self::Poisson { .. } | Self::Bernoulli { .. } => (None, 0.0),
            Self::NegativeBinomial { dispersion, .. } => (Some(dispersion), 0.0),
            Self::ZeroInflatedPoisson { zero_inflation, .. } => (None, zero_inflation),
            Self::ZeroInflatedNegativeBinomial { dispersion, zero_inflation, .. } => (Some(dispersion), zero_inflation),
        };
        Counts { mean: self.mean() / (1.0 - zero_inflation), dispersion, zero_inflation }
    }
}

fn refuse_unless(
    valid: bool,
    parameter: &'static str,
    value: f64,
    expected: &'static str,
) -> Result<(), ParameterError> {
    if valid { Ok(()) } else { Err(ParameterError { parameter, value, expected }) }
}

/// A Poisson, or with a dispersion a negative binomial, of those who can have events.
struct Counts {
    mean: f64,
    dispersion: Option<f64>,
    zero_inflation: f64,
}

impl Counts {
    fn log_probability(&self, count: u32) -> f64 {
        let (k, mean) = (f64::from(count), self.mean);
        let Some(dispersion) = self.dispersion else { return k * libm::log(mean) - mean - ln_gamma(k + 1.0) };
        let log_success = -libm::log1p(mean / dispersion);
        let log_failure = -libm::log1p(dispersion / mean);
        ln_gamma(dispersion + k) - ln_gamma(dispersion) - ln_gamma(k + 1.0) + dispersion * log_success + k * log_failure
    }

    /// Whether the probabilities, which fall from the mean on, are negligible at a count. A negative binomial of a tiny
    /// dispersion is almost always zero, and then its terms are small long before they fade: each must be a factor below
    /// the one before, and as many factors negligible.
    fn fade_within(&self, count: u32) -> bool {
        let log_factor = self.dispersion.map_or(f64::NEG_INFINITY, |dispersion| -libm::log1p(dispersion / self.mean));
        self.mean < f64::from(count)
            && self.log_probability(count) < libm::log(NEGLIGIBLE)
            && f64::from(count) * log_factor < libm::log(NEGLIGIBLE)
    }

    /// Probabilities of the counts from zero up, everyone counted.
    fn probabilities(&self) -> Vec<f64> {
        let mut probabilities = Vec::new();
        let mut total = 0.0;
        for count in 0..=LONGEST_TABLE {
            let probability = libm::exp(self.log_probability(count));
            probabilities.push(probability);
            total += probability;
            // Past the mean the terms fall; what is left is below the resolution of a double next to one.
            if f64::from(count) > self.mean && probability < NEGLIGIBLE * total.max(1e-300) {
                break;
            }
        }
        for probability in &mut probabilities {
            *probability *= (1.0 - self.zero_inflation) / total;
        }
        probabilities[0] += self.zero_inflation;
        probabilities
    }
}

/// A law of counts as cumulative probabilities, scaled to 64-bit words, with a guide to start the search in.
#[derive(Clone, Debug, PartialEq)]
pub struct CountTable {
    /// `thresholds[k]` is the first word whose count is above `k`.
    thresholds: Vec<u64>,
    /// For each leading byte of a word, the smallest count that it can have.
    guide: Vec<u32>,
}

impl CountTable {
    fn new(probabilities: &[f64]) -> Self {
        let mut cumulative = 0.0;
        let mut thresholds: Vec<u64> = probabilities
            .iter()
            .map(|probability| {
                cumulative += probability;
                (cumulative * 18_446_744_073_709_551_616.0) as u64
            })
            .collect();
        if let Some(last) = thresholds.last_mut() {
            *last = u64::MAX;
        }
        let guide =
            (0..=255_u64).map(|byte| thresholds.partition_point(|&threshold| threshold <= byte << 56) as u32).collect();
        Self { thresholds, guide }
    }

    /// The first word whose count is above zero.
    #[inline]
    pub fn first_event(&self) -> u64 {
        self.thresholds[0]
    }

    /// Probabilities of more than 0, 1, 2, … events.
    pub(crate) fn upper_probabilities(&self) -> impl Iterator<Item = f64> {
        let last = self.thresholds.len() - 1;
        self.thresholds[..last.max(1)].iter().map(|&threshold| {
            let above = u64::MAX - threshold;
            above as f64 / 18_446_744_073_709_551_616.0
        })
    }

    /// The count of a uniform 64-bit word.
    #[inline]
    pub fn count(&self, word: u64) -> u32 {
        let mut count = self.guide[(word >> 56) as usize] as usize;
        while count + 1 < self.thresholds.len() && word >= self.thresholds[count] {
            count += 1;
        }
        count as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, Stream, StreamKey};

    fn moments(frequency: Frequency) -> (f64, f64) {
        let table = frequency.table().expect("valid parameters");
        let mut below = 0.0;
        let (mut mean, mut square) = (0.0, 0.0);
        for (count, &threshold) in table.thresholds.iter().enumerate() {
            let up_to = threshold as f64 / 18_446_744_073_709_551_616.0;
            let (probability, count) = (up_to - below, count as f64);
            mean += probability * count;
            square += probability * count * count;
            below = up_to;
        }
        (mean, square - mean * mean)
    }

    #[test]
    fn tables_have_the_mean_and_variance_of_their_law() {
        let cases = [
            (Frequency::Poisson { mean: 0.3 }, 0.3, 0.3),
            (Frequency::Poisson { mean: 900.0 }, 900.0, 900.0),
            (Frequency::NegativeBinomial { mean: 0.35, dispersion: 0.7 }, 0.35, 0.35 + 0.35 * 0.35 / 0.7),
            (Frequency::NegativeBinomial { mean: 12.0, dispersion: 1.5 }, 12.0, 12.0 + 144.0 / 1.5),
            (Frequency::Bernoulli { probability: 0.04 }, 0.04, 0.04 * 0.96),
            // Mixture of zero (p = 0.5) and Poisson(2): mean 1, variance 0.5 * (2 + 4) - 1.
            (Frequency::ZeroInflatedPoisson { mean: 1.0, zero_inflation: 0.5 }, 1.0, 2.0),
            // Mixture of zero (p = 0.2) and NB(mean 1.25, r = 2): 0.8 * (1.25 + 1.25^2 * 1.5) - 1.
            (
                Frequency::ZeroInflatedNegativeBinomial { mean: 1.0, dispersion: 2.0, zero_inflation: 0.2 },
                1.0,
                0.8 * (1.25 + 1.25 * 1.25 * 1.5) - 1.0,
            ),
        ];
        for (frequency, mean, variance) in cases {
            let (ours, our_variance) = moments(frequency);
            assert!((ours / mean - 1.0).abs() < 1e-9, "{frequency:?}: mean {ours}");
            assert!((our_variance / variance - 1.0).abs() < 1e-8, "{frequency:?}: variance {our_variance}");
            assert!((frequency.mean() - mean).abs() < 1e-12);
        }
    }

    #[test]
    fn a_negative_binomial_has_its_probabilities() {
        // r = 0.7, mean 0.35: P(0) = (2/3)^0.7, P(1) = P(0) * 0.7 / 3.
        let table = Frequency::NegativeBinomial { mean: 0.35, dispersion: 0.7 }.table().expect("valid parameters");
        let zero = (2.0_f64 / 3.0).powf(0.7);
        let up_to = |count: usize| table.thresholds[count] as f64 / 18_446_744_073_709_551_616.0;
        assert!((up_to(0) - zero).abs() < 1e-14);
        assert!((up_to(1) - zero * (1.0 + 0.7 / 3.0)).abs() < 1e-14);
    }

    #[test]
    fn the_guide_finds_what_a_search_finds() {
        let table = Frequency::NegativeBinomial { mean: 3.0, dispersion: 0.3 }.table().expect("valid parameters");
        let key = StreamKey { seed: 1, purpose: Purpose::Frequency, segment: 0, service: 0, trial: 0, year: 0 };
        let mut stream = Stream::new(&key);
        for word in
            (0..100_000).map(|_| stream.word()).chain([0, u64::MAX, table.thresholds[0], table.thresholds[0] - 1])
        {
            let searched = table.thresholds.partition_point(|&t| t <= word).min(table.thresholds.len() - 1);
            assert_eq!(table.count(word) as usize, searched);
        }
    }

    #[test]
    fn impossible_parameters_are_refused() {
        let bad = [
            Frequency::Poisson { mean: -1.0 },
            Frequency::Poisson { mean: f64::NAN },
            Frequency::Poisson { mean: f64::INFINITY },
            Frequency::NegativeBinomial { mean: 1.0, dispersion: 0.0 },
            Frequency::NegativeBinomial { mean: 1_000.0, dispersion: 1e-6 },
            Frequency::NegativeBinomial { mean: 1e-300, dispersion: 1e9 },
            Frequency::NegativeBinomial { mean: 1.0, dispersion: 1e-15 },
            Frequency::NegativeBinomial { mean: 1.0, dispersion: 1e-320 },
            Frequency::Bernoulli { probability: 1.5 },
            Frequency::ZeroInflatedPoisson { mean: 1.0, zero_inflation: 1.0 },
        ];
        for frequency in bad {
            assert!(frequency.table().is_err(), "{frequency:?}");
        }
    }

    #[test]
    fn what_the_check_accepts_has_a_table_of_its_mean() {
        for mean in [1e-9, 1e-3, 1.0, 30.0, 1_000.0] {
            for dispersion in [1e-6, 1e-3, 0.48, 1.0, 100.0, 1e9] {
                let frequency = Frequency::NegativeBinomial { mean, dispersion };
                assert_eq!(frequency.check().is_ok(), frequency.table().is_ok(), "{frequency:?}");
                if frequency.check().is_ok() {
                    let (ours, _) = moments(frequency);
                    assert!((ours / mean - 1.0).abs() < 1e-3, "{frequency:?}: mean {ours}");
                }
            }
        }
    }

    #[test]
    fn a_law_too_spread_is_refused_by_the_mean_that_was_stated() {
        let frequency = Frequency::ZeroInflatedPoisson { mean: 1_000.0, zero_inflation: 0.999 };
        assert_eq!(frequency.check().map_err(|error| error.value), Err(1_000.0));
    }
}
