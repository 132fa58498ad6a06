//! The trend of all costs.

use twosided_prob::{Draws, Lognormal, ParameterError, Purpose, StreamKey};

/// A factor that multiplies every cost of a year and of the years after it: lognormal, one draw a trial and year.
///
/// Its mean moves benchmarks and rates from the second year on; what it turns out to be moves benchmarks that are updated
/// after the year, as far as they are loaded on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    mean: f64,
    /// How far benchmarks follow what the trend turned out to be: 0 not at all, 1 in full.
    pub benchmark_loading: f64,
    /// Location and scale of the logarithm.
    location: f64,
    scale: f64,
}

impl Default for Trend {
    fn default() -> Self {
        Self::NONE
    }
}

impl Trend {
    /// No trend: every cost as drawn.
    pub const NONE: Self = Self { mean: 1.0, benchmark_loading: 0.0, location: 0.0, scale: 0.0 };

    /// A lognormal factor by its mean and coefficient of variation; a cv of 0 is a fixed factor.
    ///
    /// # Errors
    /// A mean that is not above 0 and at most 10, or a cv that is not from 0 to 1.
    pub fn new(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        if !(mean > 0.0 && mean <= 10.0) {
            let expected = "a trend's mean is a factor on cost, above 0 and at most 10 (1.04 is four percent up)";
            return Err(ParameterError { parameter: "mean", value: mean, expected });
        }
        if !(0.0..=1.0).contains(&cv) {
            let expected = "a trend's cv is a decimal from 0 to 1 (0.02 is two percent)";
            return Err(ParameterError { parameter: "cv", value: cv, expected });
        }
        if cv == 0.0 {
            return Ok(Self { mean, benchmark_loading: 0.0, location: libm::log(mean), scale: 0.0 });
        }
        let Lognormal { location, scale } = Lognormal::new(mean, cv)?;
        Ok(Self { mean, benchmark_loading: 0.0, location, scale })
    }

    /// Whether it varies.
    pub fn is_uncertain(&self) -> bool {
        self.scale > 0.0
    }

    /// Mean factor.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Coefficient of variation.
    pub fn cv(&self) -> f64 {
        libm::expm1(self.scale * self.scale).sqrt()
    }

    /// Mean of the logarithm.
    pub(crate) fn location(&self) -> f64 {
        self.location
    }

    /// Standard deviation of the logarithm.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// The normal score of one trial and year, from the stream of purpose `Trend`.
    pub fn score(draws: Draws, (seed, trial, year): (u64, u64, u32)) -> f64 {
        draws.score(&StreamKey { seed, purpose: Purpose::Trend, segment: 0, service: 0, trial, year })
    }

    /// The factor at a normal score.
    pub fn factor(&self, score: f64) -> f64 {
        libm::exp(self.location + self.scale * score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trend_factors_have_their_mean_and_spread() {
        let trend = Trend::new(1.04, 0.02).expect("valid parameters");
        let factors: Vec<f64> =
            (0..100_000).map(|trial| trend.factor(Trend::score(Draws::Independent, (1, trial, 0)))).collect();
        let n = factors.len() as f64;
        let mean = factors.iter().sum::<f64>() / n;
        let sd = (factors.iter().map(|f| (f - mean) * (f - mean)).sum::<f64>() / n).sqrt();
        assert!(((mean - 1.04) / (1.04 * 0.02 / n.sqrt())).abs() < 4.0, "mean {mean}");
        assert!(((sd / (1.04 * 0.02) - 1.0) * (2.0 * n).sqrt()).abs() < 4.0, "sd {sd}");
        assert_eq!(Trend::NONE.factor(2.0), 1.0);
    }

    #[test]
    fn impossible_trends_are_refused() {
        assert!(Trend::new(0.0, 0.1).is_err());
        assert!(Trend::new(1.0, 2.0).is_err());
    }
}
