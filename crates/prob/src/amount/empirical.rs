//! Amounts by their quantiles.

use crate::{AmountLaw, ParameterError, Stream, amount::SeverityScratch};

/// Quantiles, with straight lines between them.
///
/// # Density
///
/// Between the quantiles `v₀` of probability `p₀` and `v₁` of probability `p₁`,
///
/// ```text
/// f(x) = (p₁ - p₀) / (v₁ - v₀)
/// ```
///
/// and where two quantiles are the same amount, that amount has a probability of its own. All moments exist.
///
/// # Example
///
/// ```
/// use twosided_prob::{AmountLaw, Empirical};
///
/// let law = Empirical::new(&[(0.0, 0.0), (0.5, 1_000.0), (1.0, 5_000.0)])?;
/// assert_eq!(law.quantile_above(0.25), 3_000.0);
/// assert_eq!(law.mean(), 0.5 * 500.0 + 0.5 * 3_000.0);
/// # Ok::<(), twosided_prob::ParameterError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Empirical {
    /// Probabilities from 0 to 1, rising.
    probabilities: Vec<f64>,
    /// Dollars at those probabilities, not falling.
    values: Vec<f64>,
}

impl Empirical {
    /// Quantiles given as `(probability, dollars)`, the first at 0 and the last at 1.
    ///
    /// # Errors
    /// Fewer than two points, probabilities that do not rise from 0 to 1, or dollars that are negative or fall.
    pub fn new(points: &[(f64, f64)]) -> Result<Self, ParameterError> {
        let refuse = |value, expected| Err(ParameterError { parameter: "empirical", value, expected });
        let (Some(&(first, _)), Some(&(last, _))) = (points.first(), points.last()) else {
            return refuse(0.0, "quantiles need at least two points, [probability, dollars]");
        };
        if first != 0.0 || last != 1.0 {
            let wrong = if first == 0.0 { last } else { first };
            return refuse(wrong, "the first quantile is at probability 0 and the last at 1");
        }
        for pair in points.windows(2) {
            let rises = pair[1].0 > pair[0].0;
            if !rises {
                return refuse(pair[1].0, "probabilities of quantiles rise from 0 to 1");
            }
            if !(pair[0].1 >= 0.0 && pair[1].1 >= pair[0].1 && pair[1].1 <= 1e12) {
                return refuse(pair[1].1, "dollars of quantiles start at 0 or above, never fall, and stay below 1e12");
            }
        }
        let (probabilities, values) = points.iter().copied().unzip();
        Ok(Self { probabilities, values })
    }

    /// The quantiles, as `(probability, dollars)`.
    pub fn points(&self) -> impl ExactSizeIterator<Item = (f64, f64)> + '_ {
        self.probabilities.iter().copied().zip(self.values.iter().copied())
    }

    /// The law of the amount times a factor; the factor is above zero.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let values = self.values.iter().map(|value| value * factor).collect();
        Self { probabilities: self.probabilities.clone(), values }
    }

    /// The two quantiles around one, by the index of the upper one.
    fn around(&self, above: usize) -> (&[f64], &[f64]) {
        (&self.probabilities[above - 1..=above], &self.values[above - 1..=above])
    }

    /// A figure of every line, given its two probabilities and its two amounts, weighted by its probability.
    fn weighted(&self, figure: impl Fn(f64, f64) -> f64) -> f64 {
        let lines = self.probabilities.windows(2).zip(self.values.windows(2));
        lines.map(|(p, v)| (p[1] - p[0]) * figure(v[0], v[1])).sum()
    }
}

impl AmountLaw for Empirical {
    fn mean(&self) -> f64 {
        let lines = self.probabilities.windows(2).zip(self.values.windows(2));
        lines.map(|(p, v)| 0.5 * (p[1] - p[0]) * (v[0] + v[1])).sum()
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        self.weighted(|from, to| {
            let (from, to) = (from - mean, to - mean);
            (from * from + from * to + to * to) / 3.0
        })
    }

    fn relative_moment(&self, order: f64) -> f64 {
        let mean = self.mean();
        self.weighted(|from, to| {
            let (from, to) = (from / mean, to / mean);
            // Between two amounts that hardly differ, the middle is as exact as their difference is not.
            if to - from <= 1e-6 * to {
                return libm::pow(0.5 * (from + to), order);
            }
            let power = |amount: f64| libm::pow(amount, order + 1.0);
            (power(to) - power(from)) / ((order + 1.0) * (to - from))
        })
    }

    fn log_densities(&self, amounts: &[f64], _: &[f64]) -> Vec<f64> {
        let of = |&x: &f64| {
            let above = self.values.partition_point(|&value| value <= x);
            if above == 0 || above == self.values.len() {
                return f64::NEG_INFINITY;
            }
            let (p, v) = self.around(above);
            libm::log((p[1] - p[0]) / (v[1] - v[0]))
        };
        amounts.iter().map(of).collect()
    }

    fn cdf(&self, x: f64) -> f64 {
        let above = self.values.partition_point(|&value| value <= x);
        if above == 0 || above == self.values.len() {
            return if above == 0 { 0.0 } else { 1.0 };
        }
        let (p, v) = self.around(above);
        p[0] + (p[1] - p[0]) * (x - v[0]) / (v[1] - v[0])
    }

    fn survival(&self, x: f64) -> f64 {
        1.0 - self.cdf(x)
    }

    fn limited_mean(&self, x: f64) -> f64 {
        self.weighted(|from, to| {
            if x >= to {
                return 0.5 * (from + to);
            }
            let share = ((x - from) / (to - from)).max(0.0);
            share * 0.5 * (from + x) + (1.0 - share) * x
        })
    }

    fn excess_mean(&self, x: f64) -> f64 {
        self.weighted(|from, to| {
            if x <= from {
                return 0.5 * (from + to) - x;
            }
            if x >= to { 0.0 } else { 0.5 * (to - x) * (to - x) / (to - from) }
        })
    }

    fn quantile_near(&self, probability: f64, _: f64) -> f64 {
        self.quantile_above(probability)
    }

    fn quantile_above(&self, probability: f64) -> f64 {
        let up_to = 1.0 - probability;
        let above = self.probabilities.partition_point(|&p| p <= up_to).clamp(1, self.probabilities.len() - 1);
        let (p, v) = self.around(above);
        v[0] + (v[1] - v[0]) * (up_to - p[0]) / (p[1] - p[0])
    }

    /// Draw order: one batch of uniforms.
    fn fill(&self, stream: &mut Stream, out: &mut [f64], _: &mut SeverityScratch) {
        stream.fill_units(out);
        for x in out {
            let above = self.probabilities.partition_point(|&p| p <= *x).min(self.probabilities.len() - 1);
            let (p, v) = self.around(above);
            *x = v[0] + (v[1] - v[0]) * (*x - p[0]) / (p[1] - p[0]);
        }
    }
}
