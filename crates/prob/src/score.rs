//! Laws read at a normal score: how a frailty that people share reaches counts and amounts and leaves every law as it is.
//!
//! A standard normal `x` stands for the probability `Φ(x)`; the count or the amount of that probability has exactly its
//! law. Scores that correlate, as those of one person's services do, give counts and amounts that move together.

use statrs::function::erf::{erfc, erfc_inv};

use crate::{ParameterError, Severity, frequency::CountTable};

/// The score above which a standard normal lies with that probability.
pub fn upper_score(probability: f64) -> f64 {
    std::f64::consts::SQRT_2 * erfc_inv(2.0 * probability)
}

/// The probability that a standard normal lies above a score.
pub fn upper_probability(score: f64) -> f64 {
    0.5 * erfc(score * std::f64::consts::FRAC_1_SQRT_2)
}

/// A law of counts, read at a normal score.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredCounts {
    /// `thresholds[k]` is the score from which the count is above `k`.
    thresholds: Vec<f64>,
}

impl ScoredCounts {
    /// The counts of a table.
    pub fn new(table: &CountTable) -> Self {
        Self { thresholds: table.upper_probabilities().map(upper_score).collect() }
    }

    /// The score from which there is an event.
    pub fn first_event(&self) -> f64 {
        self.thresholds[0]
    }

    /// The count at a score.
    #[inline]
    pub fn count(&self, score: f64) -> u32 {
        self.thresholds.partition_point(|&threshold| threshold <= score) as u32
    }
}

/// A law of a year's amount, zero among its values, read at a normal score.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredAmounts {
    /// The score from which the amount is above zero.
    first: f64,
    /// Amounts at scores [`SPACING`] apart, from the first on.
    amounts: Vec<f64>,
}

/// Scores between two amounts of a table. Between them the amount is a straight line, which for a lognormal of scale `s`
/// is off by at most `s² / 131,072` of itself.
const SPACING: f64 = 1.0 / 128.0;
/// Beyond, amounts stay as they are there: one normal of 10^12 lies further out.
const LAST: f64 = 7.0;

impl ScoredAmounts {
    /// The amounts of a law, or nothing with the probability `zero`.
    ///
    /// # Errors
    /// A `zero` that is not from 0 to below 1.
    pub fn new(zero: f64, amount: &Severity) -> Result<Self, ParameterError> {
        if !(0.0..1.0).contains(&zero) {
            let expected = "zero is the probability of no use in a year, a decimal from 0 to below 1";
            return Err(ParameterError { parameter: "zero", value: zero, expected });
        }
        let first = if zero > 0.0 { -upper_score(zero) } else { -LAST };
        let count = ((LAST - first) / SPACING).ceil().max(1.0) as usize;
        let mut amounts = vec![0.0; count + 2];
        for (place, at) in amounts.iter_mut().enumerate().skip(usize::from(zero > 0.0)) {
            let upper = upper_probability(first + SPACING * place as f64) / (1.0 - zero);
            *at = amount.quantile_above(upper.min(1.0));
        }
        Ok(Self { first, amounts })
    }

    /// The amount at a score.
    #[inline]
    pub fn amount(&self, score: f64) -> f64 {
        let steps = (score.min(LAST) - self.first) * (1.0 / SPACING);
        if steps <= 0.0 {
            // Without zeros the law goes on below the table, whose first amount is its smallest.
            return self.amounts[0];
        }
        let place = steps as usize;
        let low = self.amounts[place];
        low + (self.amounts[place + 1] - low) * (steps - place as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Family, Frequency, Purpose, Stream, StreamKey};

    fn scores(count: usize) -> Vec<f64> {
        let key = StreamKey { seed: 3, purpose: Purpose::Frailty, segment: 0, service: 0, trial: 0, year: 0 };
        let mut scores = vec![0.0; count];
        Stream::new(&key).fill_scores(&mut scores);
        scores
    }

    /// Mean within four standard errors of what it should be.
    fn assert_mean(values: &[f64], expected: f64, what: &str) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let sd = (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
        let z = (mean - expected) / (sd / n.sqrt());
        assert!(z.abs() < 4.0, "{what}: {mean} against {expected}, {z:.1} standard errors");
    }

    #[test]
    fn scored_counts_have_their_law() {
        let frequency = Frequency::NegativeBinomial { mean: 0.35, dispersion: 0.7 };
        let scored = ScoredCounts::new(&frequency.table().expect("valid parameters"));
        // P(0) = (2/3)^0.7.
        assert!((upper_probability(scored.first_event()) - (1.0 - (2.0_f64 / 3.0).powf(0.7))).abs() < 1e-12);
        let counts: Vec<f64> = scores(400_000).into_iter().map(|x| f64::from(scored.count(x))).collect();
        assert_mean(&counts, 0.35, "mean");
        let squares: Vec<f64> = counts.iter().map(|x| x * x).collect();
        assert_mean(&squares, 0.35 + 0.35 * 0.35 / 0.7 + 0.35 * 0.35, "mean square");
    }

    #[test]
    fn scored_amounts_have_their_law() {
        let lognormal = Severity::Family(Family::lognormal(6_000.0, 1.5).expect("valid parameters"));
        let scored = ScoredAmounts::new(0.0, &lognormal).expect("valid");
        let scale = (1.5_f64 * 1.5).ln_1p().sqrt();
        let location = 6_000.0_f64.ln() - 0.5 * scale * scale;
        for step in -600..600 {
            let x = f64::from(step) / 101.0;
            let exact = (location + scale * x).exp();
            assert!((scored.amount(x) / exact - 1.0).abs() < scale * scale / 131_072.0 + 1e-9, "at {x}");
        }
        let laws = [
            Severity::Family(Family::gamma(900.0, 1.8).expect("valid parameters")),
            Severity::Family(Family::pareto_of_shape(900.0, 3.5).expect("valid parameters")),
            Severity::Family(Family::weibull(900.0, 1.8).expect("valid parameters")),
            Severity::lognormal_mixture(&[(0.9, 4_000.0, 1.0), (0.1, 60_000.0, 0.8)]).expect("valid parameters"),
            Severity::spliced(
                Family::lognormal(9_000.0, 1.2).expect("valid parameters"),
                Family::pareto_of_shape(80_000.0, 3.5).expect("valid parameters"),
                50_000.0,
                0.03,
            )
            .expect("valid parameters"),
            Severity::empirical(&[(0.0, 0.0), (0.5, 1_000.0), (0.9, 6_000.0), (1.0, 40_000.0)]).expect("valid"),
        ];
        let scores = scores(400_000);
        for law in laws {
            let scored = ScoredAmounts::new(0.3, &law).expect("valid");
            let amounts: Vec<f64> = scores.iter().map(|&x| scored.amount(x)).collect();
            assert_mean(&amounts, 0.7 * law.mean(), &format!("{law:?}"));
            let zeros: Vec<f64> = amounts.iter().map(|&x| f64::from(x == 0.0)).collect();
            assert_mean(&zeros, 0.3, "zeros");
        }
    }

    #[test]
    fn scores_turn_back_into_their_probabilities() {
        for probability in [1e-12, 0.003, 0.5, 0.9] {
            assert!((upper_probability(upper_score(probability)) / probability - 1.0).abs() < 1e-9);
        }
    }
}
