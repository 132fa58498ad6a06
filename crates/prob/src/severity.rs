//! What an event, or a year of a service, costs.

use crate::{
    Family, ParameterError, Stream, elementary, family::fill_gammas, positive, score::upper_score, vector::vectorised,
};

/// The law of a cost in dollars.
#[derive(Clone, Debug, PartialEq)]
pub enum Severity {
    /// One family.
    Family(Family),
    /// Several lognormals, each with its weight.
    LognormalMixture(Vec<Component>),
    /// A body up to a threshold and a tail of excesses beyond it.
    Spliced {
        /// The law of amounts up to the threshold (its part above is cut off and drawn again).
        body: Family,
        /// The law of the excess over the threshold.
        tail: Family,
        /// Dollars where the tail takes over.
        threshold: f64,
        /// Probability of the tail.
        tail_weight: f64,
    },
    /// Quantiles, with straight lines between them.
    Empirical {
        /// Probabilities from 0 to 1, rising.
        probabilities: Vec<f64>,
        /// Dollars at those probabilities, not falling.
        values: Vec<f64>,
    },
}

/// One lognormal of a mixture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Component {
    /// Probability of this component up to and including itself.
    up_to: f64,
    location: f64,
    scale: f64,
    weight: f64,
}

/// Memory that draws reuse.
#[derive(Clone, Debug, Default)]
pub struct SeverityScratch {
    uniforms: Vec<f64>,
    choices: Vec<f64>,
    batch: Vec<f64>,
    indices: Vec<u32>,
    parts: Vec<f64>,
}

/// Fewest draws of a spliced body that must fall below its threshold, as a share.
const LEAST_BODY: f64 = 0.05;

impl Severity {
    /// A mixture of lognormals given as `(weight, mean, cv)`; weights must add to one.
    ///
    /// # Errors
    /// No component or more than 16, a weight not above zero, weights that do not add to one within 1e-6, or a mean or
    /// cv that [`Family::lognormal`] refuses.
    pub fn lognormal_mixture(parts: &[(f64, f64, f64)]) -> Result<Self, ParameterError> {
        if parts.is_empty() || parts.len() > 16 {
            let expected = "a mixture has from 1 to 16 components";
            return Err(ParameterError { parameter: "lognormal_mixture", value: parts.len() as f64, expected });
        }
        let total: f64 = parts.iter().map(|&(weight, ..)| weight).sum();
        if (total - 1.0).abs() > 1e-6 || !total.is_finite() {
            let expected = "the weights of a mixture add to 1";
            return Err(ParameterError { parameter: "weight", value: total, expected });
        }
        let mut up_to = 0.0;
        let mut components = Vec::with_capacity(parts.len());
        for &(weight, mean, cv) in parts {
            let weight = positive("weight", weight, 1.0, "a weight is a decimal above 0 and at most 1")? / total;
            up_to += weight;
            if let Family::Lognormal { location, scale } = Family::lognormal(mean, cv)? {
                components.push(Component { up_to, location, scale, weight });
            }
        }
        Ok(Self::LognormalMixture(components))
    }

    /// A body up to a threshold and a tail of excesses beyond it.
    ///
    /// # Errors
    /// A threshold that is not from 1e-6 to 1e12, a tail weight not strictly between 0 and 1, or a body of which less than 5%
    /// lies below the threshold.
    pub fn spliced(body: Family, tail: Family, threshold: f64, tail_weight: f64) -> Result<Self, ParameterError> {
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
        Ok(Self::Spliced { body, tail, threshold, tail_weight })
    }

    /// Quantiles given as `(probability, dollars)`, the first at 0 and the last at 1.
    ///
    /// # Errors
    /// Fewer than two points, probabilities that do not rise from 0 to 1, or dollars that are negative or fall.
    pub fn empirical(points: &[(f64, f64)]) -> Result<Self, ParameterError> {
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
        Ok(Self::Empirical { probabilities, values })
    }

    /// The law of so many times the amount; the factor is above zero.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        match self {
            Self::Family(family) => Self::Family(family.scaled(factor)),
            Self::LognormalMixture(components) => {
                let scaled = |component: &Component| Component {
                    location: component.location + libm::log(factor),
                    ..*component
                };
                Self::LognormalMixture(components.iter().map(scaled).collect())
            }
            Self::Spliced { body, tail, threshold, tail_weight } => Self::Spliced {
                body: body.scaled(factor),
                tail: tail.scaled(factor),
                threshold: threshold * factor,
                tail_weight: *tail_weight,
            },
            Self::Empirical { probabilities, values } => Self::Empirical {
                probabilities: probabilities.clone(),
                values: values.iter().map(|value| value * factor).collect(),
            },
        }
    }

    /// Tail index: moments of this order and above do not exist. Infinite where all exist.
    pub const fn tail_index(&self) -> f64 {
        match self {
            Self::Family(law) | Self::Spliced { tail: law, .. } => law.tail_index(),
            Self::LognormalMixture(_) | Self::Empirical { .. } => f64::INFINITY,
        }
    }

    /// Mean, in dollars.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Family(family) => family.mean(),
            Self::LognormalMixture(components) => components
                .iter()
                .map(|&Component { weight, location, scale, .. }| weight * Family::Lognormal { location, scale }.mean())
                .sum(),
            Self::Spliced { body, tail, threshold, tail_weight } => {
                let below = body.partial_mean(*threshold) / body.cdf(*threshold);
                (1.0 - tail_weight) * below + tail_weight * (threshold + tail.mean())
            }
            Self::Empirical { probabilities, values } => {
                probabilities.windows(2).zip(values.windows(2)).map(|(p, v)| 0.5 * (p[1] - p[0]) * (v[0] + v[1])).sum()
            }
        }
    }

    /// Probability of an amount above `x`.
    pub fn survival(&self, x: f64) -> f64 {
        match self {
            Self::Family(family) => family.survival(x),
            Self::LognormalMixture(components) => components
                .iter()
                .map(|&Component { weight, location, scale, .. }| {
                    weight * Family::Lognormal { location, scale }.survival(x)
                })
                .sum(),
            Self::Spliced { body, tail, threshold, tail_weight } => {
                if x > *threshold {
                    return tail_weight * tail.survival(x - threshold);
                }
                1.0 - (1.0 - tail_weight) * body.cdf(x) / body.cdf(*threshold)
            }
            Self::Empirical { probabilities, values } => {
                let above = values.partition_point(|&value| value <= x);
                if above == 0 || above == values.len() {
                    return if above == 0 { 1.0 } else { 0.0 };
                }
                let (p, v) = (&probabilities[above - 1..=above], &values[above - 1..=above]);
                1.0 - (p[0] + (p[1] - p[0]) * (x - v[0]) / (v[1] - v[0]))
            }
        }
    }

    /// The amount that is exceeded with a probability, to one part in 10^12.
    ///
    /// A quantile of probabilities 0 and 1 is the end of the law, or the amount exceeded with a probability of 10^-15 where it
    /// has none; an amount below 10^-304 is 0.
    pub fn quantile_above(&self, probability: f64) -> f64 {
        if let Self::Empirical { probabilities, values } = self {
            let up_to = 1.0 - probability;
            let above = probabilities.partition_point(|&p| p <= up_to).clamp(1, probabilities.len() - 1);
            let (p, v) = (&probabilities[above - 1..=above], &values[above - 1..=above]);
            return v[0] + (v[1] - v[0]) * (up_to - p[0]) / (p[1] - p[0]);
        }
        let score = |probability: f64| upper_score(probability).clamp(-40.0, 40.0);
        let wanted = score(probability.clamp(1e-15, 1.0 - 1e-15));
        // The logarithm of the amount at which the score of its survival is the one wanted.
        let off = |log: f64| score(self.survival(elementary::exp(log))) - wanted;
        let middle = elementary::ln(self.mean());
        let (mut low, mut high) = (middle - 1.0, middle + 1.0);
        while off(low) > 0.0 {
            if low <= -LARGEST_LOG {
                return 0.0;
            }
            low = (middle - 3.0 * (middle - low)).max(-LARGEST_LOG);
        }
        while off(high) < 0.0 && high < LARGEST_LOG {
            high = (middle + 3.0 * (high - middle)).min(LARGEST_LOG);
        }
        elementary::exp(root(off, low, high, 1e-12 * middle.abs().max(1.0)))
    }

    /// Fills a batch with draws.
    ///
    /// Draw order: one family, as the family says; a mixture, a batch of uniforms (which component) and a batch of
    /// normals; spliced, a batch of uniforms (body or tail), a batch of bodies, new batches for those above the
    /// threshold until none is left, then a batch of tails; empirical, one batch of uniforms.
    pub fn fill(&self, stream: &mut Stream, out: &mut [f64], scratch: &mut SeverityScratch) {
        match self {
            Self::Family(family) => family.fill(stream, out, &mut scratch.uniforms),
            Self::LognormalMixture(components) => {
                let which = &mut scratch.choices;
                which.resize(out.len(), 0.0);
                stream.fill_uniforms(
                    which,
                    #[inline(always)]
                    |uniform| uniform,
                );
                stream.fill_normals(
                    out,
                    #[inline(always)]
                    |normal| normal,
                );
                vectorised(
                    #[inline(always)]
                    || {
                        for (x, &uniform) in out.iter_mut().zip(which.iter()) {
                            let (mut location, mut scale) = (components[0].location, components[0].scale);
                            for pair in components.windows(2) {
                                let later = uniform >= pair[0].up_to;
                                location = if later { pair[1].location } else { location };
                                scale = if later { pair[1].scale } else { scale };
                            }
                            *x = elementary::exp(location + scale * *x);
                        }
                    },
                );
            }
            Self::Spliced { body, tail, threshold, tail_weight } => {
                fill_spliced(stream, out, scratch, (body, tail), *threshold, *tail_weight);
            }
            Self::Empirical { probabilities, values } => {
                stream.fill_uniforms(
                    out,
                    #[inline(always)]
                    |uniform| uniform,
                );
                for x in out {
                    let above = probabilities.partition_point(|&p| p <= *x).min(probabilities.len() - 1);
                    let (p, v) = (&probabilities[above - 1..=above], &values[above - 1..=above]);
                    *x = v[0] + (v[1] - v[0]) * (*x - p[0]) / (p[1] - p[0]);
                }
            }
        }
    }

    /// Fills a batch with sums: `out[i]` is the total of `counts[i]` draws.
    ///
    /// Draw order: a gamma takes one draw per sum, since a sum of gammas is a gamma; any other law draws all amounts in
    /// one batch, in the order of the sums.
    pub fn fill_sums(&self, stream: &mut Stream, counts: &[u32], out: &mut [f64], scratch: &mut SeverityScratch) {
        if let Self::Family(Family::Gamma { shape, scale }) = *self {
            fill_gammas(stream, out, &mut scratch.uniforms, scale, |index| shape * f64::from(counts[index]));
            return;
        }
        let mut parts = std::mem::take(&mut scratch.parts);
        parts.resize(counts.iter().map(|&count| count as usize).sum(), 0.0);
        self.fill(stream, &mut parts, scratch);
        let mut rest = parts.as_slice();
        for (sum, &count) in out.iter_mut().zip(counts) {
            let (own, others) = rest.split_at(count as usize);
            *sum = own.iter().sum();
            rest = others;
        }
        scratch.parts = parts;
    }

    /// The single amounts behind the sums that [`Severity::fill_sums`] has just drawn for these counts, in their order.
    ///
    /// Draw order: gammas, which are drawn as sums, take one batch of gammas that share out each sum, as gammas given their
    /// sum do; any other law draws nothing.
    pub fn amounts_of<'a>(
        &self,
        stream: &mut Stream,
        counts: &[u32],
        sums: &[f64],
        scratch: &'a mut SeverityScratch,
    ) -> &'a [f64] {
        if let Self::Family(family @ Family::Gamma { .. }) = self {
            scratch.parts.resize(counts.iter().map(|&count| count as usize).sum(), 0.0);
            family.fill(stream, &mut scratch.parts, &mut scratch.uniforms);
            let mut rest = scratch.parts.as_mut_slice();
            for (&sum, &count) in sums.iter().zip(counts) {
                let (own, others) = rest.split_at_mut(count as usize);
                let factor = sum / own.iter().sum::<f64>();
                for amount in own.iter_mut() {
                    *amount *= factor;
                }
                rest = others;
            }
        }
        &scratch.parts
    }
}

/// Amounts are found between the exponentials of this and of its negative.
const LARGEST_LOG: f64 = 700.0;

/// Where a rising function is zero, between two points at which its signs differ.
///
/// Each step is an inverse quadratic interpolation where that is safe, and a bisection elsewhere.
///
/// # Source
/// \[CHA97\].
fn root(of: impl Fn(f64) -> f64, low: f64, high: f64, within: f64) -> f64 {
    let (mut a, mut b) = (low, high);
    let (mut of_a, mut of_b) = (of(a), of(b));
    let mut part = 0.5;
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

fn fill_spliced(
    stream: &mut Stream,
    out: &mut [f64],
    scratch: &mut SeverityScratch,
    (body, tail): (&Family, &Family),
    threshold: f64,
    tail_weight: f64,
) {
    let SeverityScratch { uniforms, choices, batch, indices, .. } = scratch;
    choices.resize(out.len(), 0.0);
    stream.fill_uniforms(
        choices,
        #[inline(always)]
        |uniform| uniform,
    );
    let of_body = |choice: f64| choice >= tail_weight;
    for wanted_body in [true, false] {
        indices.clear();
        indices.extend((0..out.len() as u32).filter(|&index| of_body(choices[index as usize]) == wanted_body));
        while !indices.is_empty() {
            batch.resize(indices.len(), 0.0);
            let law = if wanted_body { body } else { tail };
            law.fill(stream, batch, uniforms);
            let mut again = 0;
            for index in 0..indices.len() {
                let (index, amount) = (indices[index], batch[index]);
                if wanted_body && amount > threshold {
                    indices[again] = index;
                    again += 1;
                } else {
                    out[index as usize] = if wanted_body { amount } else { threshold + amount };
                }
            }
            indices.truncate(again);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Purpose, StreamKey};

    fn stream() -> Stream {
        Stream::new(&StreamKey { seed: 5, purpose: Purpose::Severity, segment: 1, service: 2, trial: 3, year: 0 })
    }

    fn severities() -> Vec<Severity> {
        let family = |family: Result<Family, ParameterError>| family.expect("valid parameters");
        [
            Ok(Severity::Family(family(Family::lognormal(15_000.0, 1.1)))),
            Ok(Severity::Family(family(Family::gamma(900.0, 0.8)))),
            Severity::lognormal_mixture(&[(0.9, 4_000.0, 1.0), (0.1, 60_000.0, 0.8)]),
            Severity::spliced(
                family(Family::lognormal(9_000.0, 1.2)),
                family(Family::pareto_of_shape(80_000.0, 3.0)),
                50_000.0,
                0.03,
            ),
            Severity::empirical(&[(0.0, 0.0), (0.5, 1_000.0), (0.9, 6_000.0), (1.0, 40_000.0)]),
        ]
        .into_iter()
        .map(|severity| severity.expect("valid parameters"))
        .collect()
    }

    #[test]
    fn means_agree_with_draws() {
        for severity in severities() {
            let mut sample = vec![0.0; 400_000];
            severity.fill(&mut stream(), &mut sample, &mut SeverityScratch::default());
            let n = sample.len() as f64;
            let mean = sample.iter().sum::<f64>() / n;
            let variance = sample.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            let z = (mean - severity.mean()) / (variance / n).sqrt();
            assert!(z.abs() < 4.0, "{severity:?}: {z:.1} standard errors");
        }
    }

    #[test]
    fn scaled_laws_have_scaled_means_and_quantiles() {
        for severity in severities() {
            let scaled = severity.scaled(3.0);
            assert!((scaled.mean() / severity.mean() - 3.0).abs() < 1e-9, "{severity:?}");
            for probability in [0.9, 0.5, 0.01] {
                let (ours, thrice) = (scaled.quantile_above(probability), 3.0 * severity.quantile_above(probability));
                assert!((ours - thrice).abs() < 1e-9 * thrice, "{severity:?}");
            }
        }
    }

    #[test]
    fn a_sum_is_the_total_of_as_many_draws() {
        let counts: Vec<u32> = (0..200_000).map(|person| 1 + person % 3).collect();
        for severity in severities() {
            let mut sums = vec![0.0; counts.len()];
            severity.fill_sums(&mut stream(), &counts, &mut sums, &mut SeverityScratch::default());
            let excess: Vec<f64> =
                sums.iter().zip(&counts).map(|(sum, &count)| sum - f64::from(count) * severity.mean()).collect();
            let n = excess.len() as f64;
            let mean = excess.iter().sum::<f64>() / n;
            let variance = excess.iter().map(|x| x * x).sum::<f64>() / n;
            let z = mean / (variance / n).sqrt();
            assert!(z.abs() < 4.0, "{severity:?}: {z:.1} standard errors");
        }
    }

    #[test]
    fn spliced_amounts_pass_the_threshold_as_often_as_the_tail_weighs() {
        let severity = &severities()[3];
        let mut sample = vec![0.0; 400_000];
        severity.fill(&mut stream(), &mut sample, &mut SeverityScratch::default());
        let above = sample.iter().filter(|&&x| x > 50_000.0).count() as f64;
        let n = sample.len() as f64;
        let z = (above - 0.03 * n) / (n * 0.03 * 0.97).sqrt();
        assert!(z.abs() < 4.0, "{z:.1} standard errors");
    }

    #[test]
    fn empirical_draws_meet_their_quantiles() {
        let severity = &severities()[4];
        assert!((severity.mean() - (0.5 * 500.0 + 0.4 * 3_500.0 + 0.1 * 23_000.0)).abs() < 1e-9);
        let mut sample = vec![0.0; 100_000];
        severity.fill(&mut stream(), &mut sample, &mut SeverityScratch::default());
        for (dollars, probability) in [(1_000.0, 0.5), (6_000.0, 0.9), (40_000.0, 1.0)] {
            let below = sample.iter().filter(|&&x| x <= dollars).count() as f64;
            let n = sample.len() as f64;
            let sd = (n * probability * (1.0 - probability)).sqrt();
            assert!((below - n * probability).abs() <= 4.0 * sd, "{below} at or below {dollars}");
        }
    }

    #[test]
    fn impossible_parameters_are_refused() {
        let body = Family::lognormal(100.0, 0.1).expect("valid parameters");
        assert!(Severity::lognormal_mixture(&[]).is_err());
        assert!(Severity::lognormal_mixture(&[(0.5, 1.0, 1.0), (0.4, 1.0, 1.0)]).is_err());
        assert!(Severity::lognormal_mixture(&[(1.5, 1.0, 1.0), (-0.5, 1.0, 1.0)]).is_err());
        assert!(Severity::spliced(body, body, 10.0, 0.1).is_err(), "nothing of the body is below its threshold");
        assert!(Severity::spliced(body, body, 100.0, 1.0).is_err());
        assert!(Severity::empirical(&[(0.0, 5.0)]).is_err());
        assert!(Severity::empirical(&[(0.0, 5.0), (1.0, 4.0)]).is_err());
        assert!(Severity::empirical(&[(0.0, 5.0), (0.0, 6.0), (1.0, 7.0)]).is_err());
        assert!(Severity::empirical(&[(0.0, 5.0), (f64::NAN, 6.0), (1.0, 7.0)]).is_err());
    }
}
