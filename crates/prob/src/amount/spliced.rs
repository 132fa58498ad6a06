//! A body up to a threshold, and a tail beyond it.

use crate::{
    AmountLaw, Family, ParameterError, Stream,
    amount::{SeverityScratch, over_scores},
    upper_probability,
};

/// A body up to a threshold and a tail of excesses beyond it.
///
/// # Density
///
/// With the threshold `u`, the probability `w` of the tail, the body's density `b` and distribution function `B`, and the
/// density `t` of the tail's excess,
///
/// ```text
/// f(x) = (1 - w) b(x) / B(u)   for 0 < x <= u
/// f(x) = w t(x - u)            for x > u
/// ```
///
/// The density may jump at the threshold. The tail decides which moments exist.
///
/// # Example
///
/// ```
/// use twosided_prob::{AmountLaw, Family, Spliced};
///
/// let (body, tail) = (Family::lognormal(9_000.0, 1.2)?, Family::pareto_of_shape(80_000.0, 3.0)?);
/// let law = Spliced::new(body, tail, 50_000.0, 0.03)?;
/// assert!((law.survival(50_000.0) - 0.03).abs() < 1e-12);
/// assert!((law.excess_mean(50_000.0) - 0.03 * 80_000.0).abs() < 1e-6);
/// # Ok::<(), twosided_prob::ParameterError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Spliced {
    /// The law of amounts up to the threshold (its part above is cut off and drawn again).
    pub body: Family,
    /// The law of the excess over the threshold.
    pub tail: Family,
    /// Dollars where the tail takes over.
    pub threshold: f64,
    /// Probability of the tail.
    pub tail_weight: f64,
}

/// Fewest draws of a body that must fall below its threshold, as a share.
const LEAST_BODY: f64 = 0.05;

impl Spliced {
    /// A body up to a threshold and a tail of excesses beyond it.
    ///
    /// # Errors
    /// A threshold that is not from 1e-6 to 1e12, a tail weight not strictly between 0 and 1, or a body of which less than 5%
    /// lies below the threshold.
    pub fn new(body: Family, tail: Family, threshold: f64, tail_weight: f64) -> Result<Self, ParameterError> {
        if !(1e-6..=1e12).contains(&threshold) {
            let expected = "a threshold is dollars, from 1e-6 to 1e12";
            return Err(ParameterError { parameter: "threshold", value: threshold, expected });
        }
        if !(tail_weight > 0.0 && tail_weight < 1.0) {
            let expected = "tail_weight is the probability of the tail, a decimal strictly between 0 and 1";
            return Err(ParameterError { parameter: "tail_weight", value: tail_weight, expected });
        }
        let below = body.cdf(threshold);
        if below.is_nan() || below < LEAST_BODY {
            let expected = "less than 5% of the body lies below the threshold; raise the threshold or lower the body";
            return Err(ParameterError { parameter: "threshold", value: threshold, expected });
        }
        Ok(Self { body, tail, threshold, tail_weight })
    }

    /// The law of the amount times a factor; the factor is above zero.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            body: self.body.scaled(factor),
            tail: self.tail.scaled(factor),
            threshold: self.threshold * factor,
            tail_weight: self.tail_weight,
        }
    }
}

impl AmountLaw for Spliced {
    fn mean(&self) -> f64 {
        let Self { body, tail, threshold, tail_weight } = self;
        let below = body.partial_mean(*threshold) / body.cdf(*threshold);
        (1.0 - tail_weight) * below + tail_weight * (threshold + tail.mean())
    }

    fn variance(&self) -> f64 {
        let Self { body, tail, threshold, tail_weight } = self;
        let mean = self.mean();
        if !mean.is_finite() {
            return f64::INFINITY;
        }
        let (tail_mean, tail_variance) = (tail.mean(), tail.law().variance());
        let below = body.law().partial_square(*threshold) / body.cdf(*threshold);
        let above = tail_variance + (threshold + tail_mean) * (threshold + tail_mean);
        (1.0 - tail_weight) * below + tail_weight * above - mean * mean
    }

    fn relative_moment(&self, order: f64) -> f64 {
        let Self { body, tail, threshold, tail_weight } = self;
        let (mean, all_below) = (self.mean(), body.cdf(*threshold));
        let power = |amount: f64| libm::pow(amount / mean, order);
        // Each part for itself, since the quantiles bend where they meet.
        let below = over_scores(|score| power(body.law().quantile_above(1.0 - all_below * upper_probability(score))));
        let above = over_scores(|score| power(threshold + tail.law().quantile_above(upper_probability(score))));
        (1.0 - tail_weight) * below + tail_weight * above
    }

    fn tail_index(&self) -> f64 {
        self.tail.tail_index()
    }

    fn log_densities(&self, amounts: &[f64], logs: &[f64]) -> Vec<f64> {
        let is_tail = |x: f64| x > self.threshold;
        let excesses: Vec<f64> = amounts.iter().filter(|&&x| is_tail(x)).map(|x| x - self.threshold).collect();
        let excess_logs: Vec<f64> = excesses.iter().map(|&excess| libm::log(excess)).collect();
        let (below, below_logs): (Vec<f64>, Vec<f64>) =
            amounts.iter().zip(logs).filter(|&(&x, _)| !is_tail(x)).map(|(&x, &log)| (x, log)).unzip();
        let body_weight = libm::log(1.0 - self.tail_weight) - libm::log(self.body.cdf(self.threshold));
        let tail_weight = libm::log(self.tail_weight);
        let mut of_body = self.body.log_densities(&below, &below_logs).into_iter();
        let mut of_tail = self.tail.log_densities(&excesses, &excess_logs).into_iter();
        let density = |&x: &f64| {
            let (weight, part) = if is_tail(x) { (tail_weight, &mut of_tail) } else { (body_weight, &mut of_body) };
            weight + part.next().expect("each amount is in one of the two parts")
        };
        amounts.iter().map(density).collect()
    }

    fn cdf(&self, x: f64) -> f64 {
        if x > self.threshold {
            return 1.0 - self.tail_weight * self.tail.survival(x - self.threshold);
        }
        (1.0 - self.tail_weight) * self.body.cdf(x) / self.body.cdf(self.threshold)
    }

    fn survival(&self, x: f64) -> f64 {
        if x > self.threshold {
            return self.tail_weight * self.tail.survival(x - self.threshold);
        }
        1.0 - (1.0 - self.tail_weight) * self.body.cdf(x) / self.body.cdf(self.threshold)
    }

    fn limited_mean(&self, x: f64) -> f64 {
        let Self { body, tail, threshold, tail_weight } = self;
        let cut = x.min(*threshold);
        let all_below = body.cdf(*threshold);
        let below = (body.partial_mean(cut) + cut * (all_below - body.cdf(cut))) / all_below;
        let above = if x > *threshold { threshold + tail.law().limited_mean(x - threshold) } else { x };
        (1.0 - tail_weight) * below + tail_weight * above
    }

    fn excess_mean(&self, x: f64) -> f64 {
        let Self { body, tail, threshold, tail_weight } = self;
        if x > *threshold {
            return tail_weight * tail.law().excess_mean(x - threshold);
        }
        let all_below = body.cdf(*threshold);
        let below = body.partial_mean(*threshold) - body.partial_mean(x) - x * (all_below - body.cdf(x));
        (1.0 - tail_weight) * below / all_below + tail_weight * (threshold - x + tail.mean())
    }

    /// Draw order: a batch of uniforms (body or tail), a batch of bodies, new batches for those above the threshold until none
    /// is left, then a batch of tails.
    fn fill(&self, stream: &mut Stream, out: &mut [f64], scratch: &mut SeverityScratch) {
        let [mut choices, mut batch] = [&mut scratch.choices, &mut scratch.batch].map(std::mem::take);
        let mut indices = std::mem::take(&mut scratch.indices);
        choices.resize(out.len(), 0.0);
        stream.fill_units(&mut choices);
        let of_body = |choice: f64| choice >= self.tail_weight;
        for wanted_body in [true, false] {
            indices.clear();
            indices.extend((0..out.len() as u32).filter(|&index| of_body(choices[index as usize]) == wanted_body));
            while !indices.is_empty() {
                batch.resize(indices.len(), 0.0);
                let law = if wanted_body { &self.body } else { &self.tail };
                law.law().fill(stream, &mut batch, scratch);
                let mut again = 0;
                for drawn in 0..indices.len() {
                    let (index, amount) = (indices[drawn], batch[drawn]);
                    if wanted_body && amount > self.threshold {
                        indices[again] = index;
                        again += 1;
                    } else {
                        out[index as usize] = if wanted_body { amount } else { self.threshold + amount };
                    }
                }
                indices.truncate(again);
            }
        }
        (scratch.choices, scratch.batch, scratch.indices) = (choices, batch, indices);
    }
}
