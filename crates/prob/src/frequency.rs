//! How many events a person has in a year.

mod counts;
mod table;
#[cfg(test)]
mod tests;

pub use table::CountTable;

use crate::{ParameterError, positive};
use counts::{Counts, LONGEST_TABLE};

/// The law of a person's number of events in a year.
///
/// The zero-inflated forms state the overall mean, as an actuary observes it: with probability `zero_inflation` a person
/// has no events whatever, and the others' mean is `mean / (1 - zero_inflation)`.
///
/// # Density
///
/// For counts `k = 0, 1, 2, …`, with the mean `μ`, the dispersion `r` and the zero inflation `z`,
///
/// ```text
/// Poisson:            p(k) = μ^k exp(-μ) / k!
/// negative binomial:  p(k) = Γ(r + k) / (Γ(r) k!) (r / (r + μ))^r (μ / (r + μ))^k
/// Bernoulli:          p(1) = probability, p(0) = 1 - probability
/// zero-inflated:      z at 0, and (1 - z) times that of those who can have events
/// ```
///
/// All moments of all laws exist.
///
/// # Example
///
/// ```
/// use twosided_prob::Frequency;
///
/// let stays = Frequency::NegativeBinomial { mean: 0.35, dispersion: 0.7 };
/// // P(0) = (0.7 / 1.05)^0.7.
/// assert!((stays.log_probability(0).exp() - (2.0_f64 / 3.0).powf(0.7)).abs() < 1e-14);
/// assert!((stays.variance() - (0.35 + 0.35 * 0.35 / 0.7)).abs() < 1e-14);
/// ```
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

const TOO_SPREAD: &str = "the law is so spread that its counts pass 100,000; use a larger dispersion or a smaller mean";
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

    /// Variance of a person's number of events in a year.
    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        if let Self::Bernoulli { probability } = *self {
            return probability * (1.0 - probability);
        }
        let counts = self.counts();
        (1.0 - counts.zero_inflation) * counts.mean_square() - mean * mean
    }

    /// Natural logarithm of the probability of so many events.
    pub fn log_probability(&self, count: u32) -> f64 {
        if let Self::Bernoulli { probability } = *self {
            return match count {
                0 => libm::log1p(-probability),
                1 => libm::log(probability),
                _ => f64::NEG_INFINITY,
            };
        }
        let counts = self.counts();
        let (inflation, own) = (counts.zero_inflation, counts.log_probability(count));
        match count {
            0 => libm::log(inflation + (1.0 - inflation) * libm::exp(own)),
            _ => libm::log(1.0 - inflation) + own,
        }
    }

    /// Probability of at most so many events.
    pub fn cdf(&self, count: u32) -> f64 {
        1.0 - self.survival(count)
    }

    /// Probability of more than so many events, as exact far out as near the middle.
    pub fn survival(&self, count: u32) -> f64 {
        if let Self::Bernoulli { probability } = *self {
            return if count == 0 { probability } else { 0.0 };
        }
        let counts = self.counts();
        (1.0 - counts.zero_inflation) * counts.survival(count)
    }

    /// The smallest count that is exceeded with at most a probability, up to 100,000.
    pub fn quantile_above(&self, probability: f64) -> u32 {
        let (mut low, mut high) = (0, LONGEST_TABLE);
        while low < high {
            let middle = u32::midpoint(low, high);
            if self.survival(middle) <= probability { high = middle } else { low = middle + 1 }
        }
        low
    }

    /// Limited expected value: the mean of counts cut at so many.
    pub fn limited_mean(&self, limit: u32) -> f64 {
        if let Self::Bernoulli { probability } = *self {
            return if limit == 0 { 0.0 } else { probability };
        }
        let counts = self.counts();
        (1.0 - counts.zero_inflation) * counts.limited_mean(limit)
    }

    /// The law of part of a year: the mean is in proportion, the spread between people and the share who cannot have events are
    /// those of the year.
    #[must_use]
    pub fn of_part(self, exposure: f64) -> Self {
        match self {
            Self::Poisson { mean } => Self::Poisson { mean: mean * exposure },
            Self::NegativeBinomial { mean, dispersion } => Self::NegativeBinomial { mean: mean * exposure, dispersion },
            Self::Bernoulli { probability } => Self::Bernoulli { probability: probability * exposure },
            Self::ZeroInflatedPoisson { mean, zero_inflation } => {
                Self::ZeroInflatedPoisson { mean: mean * exposure, zero_inflation }
            }
            Self::ZeroInflatedNegativeBinomial { mean, dispersion, zero_inflation } => {
                Self::ZeroInflatedNegativeBinomial { mean: mean * exposure, dispersion, zero_inflation }
            }
        }
    }

    /// The law's key in a file.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Poisson { .. } => "poisson",
            Self::NegativeBinomial { .. } => "negative_binomial",
            Self::Bernoulli { .. } => "bernoulli",
            Self::ZeroInflatedPoisson { .. } => "zero_inflated_poisson",
            Self::ZeroInflatedNegativeBinomial { .. } => "zero_inflated_negative_binomial",
        }
    }

    /// The numbers by which a file states the law, under their keys.
    pub fn parameters(&self) -> Vec<(&'static str, f64)> {
        match *self {
            Self::Poisson { mean } => vec![("mean", mean)],
            Self::NegativeBinomial { mean, dispersion } => vec![("mean", mean), ("dispersion", dispersion)],
            Self::Bernoulli { probability } => vec![("probability", probability)],
            Self::ZeroInflatedPoisson { mean, zero_inflation } => {
                vec![("mean", mean), ("zero_inflation", zero_inflation)]
            }
            Self::ZeroInflatedNegativeBinomial { mean, dispersion, zero_inflation } => {
                vec![("mean", mean), ("dispersion", dispersion), ("zero_inflation", zero_inflation)]
            }
        }
    }

    /// The law whose stated numbers are these after a function, such as rounding.
    #[must_use]
    pub fn restated(self, number: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Poisson { mean } => Self::Poisson { mean: number(mean) },
            Self::NegativeBinomial { mean, dispersion } => {
                Self::NegativeBinomial { mean: number(mean), dispersion: number(dispersion) }
            }
            Self::Bernoulli { probability } => Self::Bernoulli { probability: number(probability) },
            Self::ZeroInflatedPoisson { mean, zero_inflation } => {
                Self::ZeroInflatedPoisson { mean: number(mean), zero_inflation: number(zero_inflation) }
            }
            Self::ZeroInflatedNegativeBinomial { mean, dispersion, zero_inflation } => {
                Self::ZeroInflatedNegativeBinomial {
                    mean: number(mean),
                    dispersion: number(dispersion),
                    zero_inflation: number(zero_inflation),
                }
            }
        }
    }

    /// Dispersion and zero inflation, where the law has them.
    fn shape(&self) -> (Option<f64>, f64) {
        match *self {
            Self::Poisson { .. } | Self::Bernoulli { .. } => (None, 0.0),
            Self::NegativeBinomial { dispersion, .. } => (Some(dispersion), 0.0),
            Self::ZeroInflatedPoisson { zero_inflation, .. } => (None, zero_inflation),
            Self::ZeroInflatedNegativeBinomial { dispersion, zero_inflation, .. } => (Some(dispersion), zero_inflation),
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
        let (dispersion, zero_inflation) = self.shape();
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
