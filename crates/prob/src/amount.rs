//! What every law of an amount answers, and the laws themselves, each in a file of its own beside its sampler.

mod empirical;
mod family;
mod gamma;
mod lognormal;
mod mixture;
mod pareto;
mod spliced;
#[cfg(test)]
mod tests;
mod weibull;

pub use empirical::Empirical;
pub use family::Family;
pub use gamma::Gamma;
pub(crate) use gamma::{GammaScratch, fill_gammas};
pub use lognormal::Lognormal;
pub use mixture::LognormalMixture;
pub use pareto::Pareto;
pub use spliced::Spliced;
pub use weibull::Weibull;

use crate::{
    ParameterError, Stream, elementary,
    special::{upper_probability, upper_score},
};

/// Memory that draws reuse.
#[derive(Clone, Debug, Default)]
pub struct SeverityScratch {
    pub(crate) gammas: GammaScratch,
    pub(crate) words: Vec<u32>,
    pub(crate) normals: Vec<f32>,
    pub(crate) choices: Vec<f64>,
    pub(crate) batch: Vec<f64>,
    pub(crate) indices: Vec<u32>,
    pub(crate) parts: Vec<f64>,
}

/// A law of amounts of zero dollars and more.
///
/// ```text
/// cdf(x) = ∫₀ˣ f,  survival(x) = 1 - cdf(x),  limited_mean(x) = ∫₀ˣ survival,  excess_mean(x) = ∫ₓ^∞ survival
/// mean = limited_mean(x) + excess_mean(x) for every x
/// ```
pub trait AmountLaw {
    /// Mean, in dollars; infinite where there is none.
    fn mean(&self) -> f64;

    /// Variance, in squared dollars; infinite where there is none.
    fn variance(&self) -> f64;

    /// Tail index: moments of this order and above do not exist. Infinite where all exist.
    fn tail_index(&self) -> f64 {
        f64::INFINITY
    }

    /// Natural logarithms of the densities of amounts above zero, given with their own logarithms. Whatever does not depend on
    /// the amount is computed once.
    fn log_densities(&self, amounts: &[f64], logs: &[f64]) -> Vec<f64>;

    /// Natural logarithm of the density; minus infinity at zero and below.
    fn log_density(&self, x: f64) -> f64 {
        if x > 0.0 { self.log_densities(&[x], &[libm::log(x)])[0] } else { f64::NEG_INFINITY }
    }

    /// Probability of an amount of at most `x`.
    fn cdf(&self, x: f64) -> f64;

    /// Probability of an amount above `x`, as exact far out as near the middle.
    fn survival(&self, x: f64) -> f64;

    /// Limited expected value `E[min(X, x)]`: the mean of amounts cut at `x`.
    fn limited_mean(&self, x: f64) -> f64;

    /// Stop-loss premium `E[max(X - x, 0)]`: the mean of what lies above `x`.
    fn excess_mean(&self, x: f64) -> f64;

    /// The amount that is exceeded with a probability, to one part in 10^12.
    ///
    /// A quantile of probabilities 0 and 1 is the end of the law, or the amount exceeded with a probability of 10^-15 where it
    /// has none; an amount below 10^-304 is 0.
    fn quantile_above(&self, probability: f64) -> f64 {
        let mean = self.mean();
        let middle = if mean.is_finite() { elementary::ln(mean) } else { 0.0 };
        quantile_between(&|x| self.survival(x), probability, middle, 1.0)
    }

    /// The same, found sooner where a guess is close.
    fn quantile_near(&self, probability: f64, guess: f64) -> f64 {
        if guess > LEAST_GUESS && guess.is_finite() {
            quantile_between(&|x| self.survival(x), probability, elementary::ln(guess), 1e-3)
        } else {
            self.quantile_above(probability)
        }
    }

    /// Moment of the amount over its mean: `E[(X / mean)^order]`, of an order from 0 to half of the tail index.
    fn relative_moment(&self, order: f64) -> f64 {
        let mean = self.mean();
        over_scores(|score| libm::pow(self.quantile_above(upper_probability(score)) / mean, order))
    }

    /// Fills a batch with draws, in the draw order that the law documents.
    fn fill(&self, stream: &mut Stream, out: &mut [f64], scratch: &mut SeverityScratch);
}

/// Mean of a smooth function of a standard normal score.
fn over_scores(of: impl Fn(f64) -> f64) -> f64 {
    /// Scores beyond have a probability of 10^-15.
    const WIDEST: f64 = 8.0;
    const STEPS: u32 = 1_024;
    let width = 2.0 * WIDEST / f64::from(STEPS);
    let (mut sum, mut weights) = (0.0, 0.0);
    for step in 0..STEPS {
        let score = width * (f64::from(step) + 0.5) - WIDEST;
        let weight = libm::exp(-0.5 * score * score);
        sum += weight * of(score);
        weights += weight;
    }
    sum / weights
}

/// A law that a file states by its mean and one number more.
pub trait FamilyLaw: AmountLaw {
    /// The law's key in a file.
    fn key(&self) -> &'static str;

    /// The law's name as a sentence writes it.
    fn name(&self) -> &'static str {
        self.key()
    }

    /// Coefficient of variation: standard deviation over mean; infinite where there is no variance.
    fn cv(&self) -> f64;

    /// The second number by which a file states the law, under its key.
    fn second(&self) -> (&'static str, f64) {
        ("cv", self.cv())
    }

    /// The law whose stated numbers are these after a function, such as rounding.
    ///
    /// # Errors
    /// A number that the law cannot have.
    fn restated(&self, number: &dyn Fn(f64) -> f64) -> Result<Family, ParameterError>;

    /// The law of the amount times a factor; the factor is above zero.
    fn scaled(&self, factor: f64) -> Family;

    /// Mean of the amounts of at most `x` times their probability: `E[X; X <= x]`, in dollars.
    fn partial_mean(&self, x: f64) -> f64;

    /// The same of squared amounts: `E[X²; X <= x]`.
    fn partial_square(&self, x: f64) -> f64;
}

/// Amounts are found between the exponentials of this and of its negative.
const LARGEST_LOG: f64 = 700.0;

/// A guess below is of no use.
const LEAST_GUESS: f64 = 1e-300;

/// A score from which a survival of 0 or 1 cannot be distinguished.
const FARTHEST: f64 = 40.0;

/// The amount whose survival is a probability, looked for from the logarithm `middle` on, first within a width on both sides.
fn quantile_between(survival: &dyn Fn(f64) -> f64, probability: f64, middle: f64, width: f64) -> f64 {
    let score = |probability: f64| upper_score(probability).clamp(-FARTHEST, FARTHEST);
    let wanted = score(probability.clamp(1e-15, 1.0 - 1e-15));
    // How far the score of the survival at an amount, given by its logarithm, is from the one wanted.
    let off = |log: f64| score(survival(elementary::exp(log))) - wanted;
    let at = |log: f64| (log, off(log));
    let (mut low, mut high) = (at(middle - width), at(middle + width));
    while low.1 > 0.0 {
        if low.0 <= -LARGEST_LOG {
            return 0.0;
        }
        high = low;
        low = at((middle - 3.0 * (middle - low.0)).max(-LARGEST_LOG));
    }
    while high.1 < 0.0 && high.0 < LARGEST_LOG {
        low = high;
        high = at((middle + 3.0 * (high.0 - middle)).min(LARGEST_LOG));
    }
    elementary::exp(root(off, low, high, 1e-12 * middle.abs().max(1.0)))
}

/// Where a rising function is zero, between two points, each with its value, at which its signs differ.
///
/// Each step is an inverse quadratic interpolation where that is safe, and a bisection elsewhere.
///
/// # Source
/// \[CHA97\].
fn root(of: impl Fn(f64) -> f64, low: (f64, f64), high: (f64, f64), within: f64) -> f64 {
    let ((mut a, mut of_a), (mut b, mut of_b)) = (low, high);
    // Straight between the two points first, which is close where they are.
    let mut part = if of_b > of_a { (-of_a / (of_b - of_a)).clamp(1e-3, 1.0 - 1e-3) } else { 0.5 };
    // As many bisections narrow any bracket to the last bit.
    for _ in 0..200 {
        let x = a + part * (b - a);
        let of_x = of(x);
        let (c, of_c) = if (of_x > 0.0) == (of_a > 0.0) {
            (a, of_a)
        } else {
            let before = (b, of_b);
            (b, of_b) = (a, of_a);
            before
        };
        (a, of_a) = (x, of_x);
        if of_a == 0.0 || (b - a).abs() <= within {
            break;
        }
        let (xi, phi) = ((a - b) / (c - b), (of_a - of_b) / (of_c - of_b));
        part = if phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi {
            of_a / (of_b - of_a) * of_c / (of_b - of_c)
                + (c - a) / (b - a) * of_a / (of_c - of_a) * of_b / (of_c - of_b)
        } else {
            0.5
        };
        let least = (0.5 * within / (b - a).abs()).min(0.5);
        part = part.clamp(least, 1.0 - least);
    }
    if of_a.abs() < of_b.abs() { a } else { b }
}
