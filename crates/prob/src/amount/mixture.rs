//! Mixtures of lognormals.

use crate::{
    AmountLaw, Lognormal, ParameterError, Stream, amount::SeverityScratch, batch::padded, elementary, positive,
    special::HALF_LN_TWO_PI, stream::TURN, vector::vectorized,
};

/// A mixture of lognormals: with its weight, each component decides the amount.
///
/// # Density
///
/// For `x > 0`,
///
/// ```text
/// f(x) = Σ wᵢ / (x σᵢ √(2π)) exp(-(ln x - μᵢ)² / (2 σᵢ²))
/// ```
///
/// with weights above zero that add to one. All moments exist.
///
/// # Example
///
/// ```
/// use twosided_prob::{AmountLaw, LognormalMixture};
///
/// let law = LognormalMixture::new(&[(0.9, 4_000.0, 1.0), (0.1, 60_000.0, 0.8)])?;
/// assert!((law.mean() - (0.9 * 4_000.0 + 0.1 * 60_000.0)).abs() < 1e-6);
/// # Ok::<(), twosided_prob::ParameterError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LognormalMixture {
    components: Vec<Component>,
}

/// One lognormal of a mixture.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Component {
    /// Words of 32 bits of this component and those before it.
    words: u32,
    weight: f64,
    law: Lognormal,
}

/// Most components of a mixture.
const MOST_COMPONENTS: usize = 16;

impl LognormalMixture {
    /// A mixture given as `(weight, mean, cv)`; the weights must add to one.
    ///
    /// # Errors
    /// No component or more than 16, a weight not above zero, weights that do not add to one within 1e-6, or a mean or
    /// cv that [`Lognormal::new`] refuses.
    pub fn new(parts: &[(f64, f64, f64)]) -> Result<Self, ParameterError> {
        if parts.is_empty() || parts.len() > MOST_COMPONENTS {
            let expected = "a mixture has from 1 to 16 components";
            return Err(ParameterError { parameter: "lognormal_mixture", value: parts.len() as f64, expected });
        }
        let total: f64 = parts.iter().map(|&(weight, ..)| weight).sum();
        if (total - 1.0).abs() > 1e-6 || !total.is_finite() {
            let expected = "the weights of a mixture add to 1";
            return Err(ParameterError { parameter: "weight", value: total, expected });
        }
        let mut weighted = Vec::with_capacity(parts.len());
        for &(weight, mean, cv) in parts {
            let weight = positive("weight", weight, 1.0, "a weight is a decimal above 0 and at most 1")? / total;
            weighted.push((weight, Lognormal::new(mean, cv)?));
        }
        Ok(Self::of(weighted))
    }

    /// A mixture of these lognormals, whose weights add to one.
    pub fn of(parts: impl IntoIterator<Item = (f64, Lognormal)>) -> Self {
        let mut up_to = 0.0;
        let component = |(weight, law)| {
            up_to += weight;
            // The last component has all words that are left, whatever it says.
            Component { words: (up_to * 4_294_967_296.0) as u32, weight, law }
        };
        Self { components: parts.into_iter().map(component).collect() }
    }

    /// The components, each with its weight.
    pub fn components(&self) -> impl ExactSizeIterator<Item = (f64, Lognormal)> + '_ {
        self.components.iter().map(|component| (component.weight, component.law))
    }

    /// The law of the amount times a factor; the factor is above zero.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let scaled = |component: &Component| {
            let law = Lognormal { location: component.law.location + libm::log(factor), ..component.law };
            Component { law, ..*component }
        };
        Self { components: self.components.iter().map(scaled).collect() }
    }

    /// A figure of the components, weighted.
    fn weighted(&self, figure: impl Fn(&Lognormal) -> f64) -> f64 {
        self.components.iter().map(|component| component.weight * figure(&component.law)).sum()
    }
}

impl AmountLaw for LognormalMixture {
    fn mean(&self) -> f64 {
        self.weighted(Lognormal::mean)
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        self.weighted(|law| law.variance() + (law.mean() - mean) * (law.mean() - mean))
    }

    fn relative_moment(&self, order: f64) -> f64 {
        let mean = self.mean();
        self.weighted(|law| libm::pow(law.mean() / mean, order) * law.relative_moment(order))
    }

    fn log_densities(&self, _: &[f64], logs: &[f64]) -> Vec<f64> {
        /// Below every density that matters, so that the logarithm is finite.
        const LEAST: f64 = 1e-300;
        let of = |&log: &f64| {
            let parts = self.components.iter().map(|Component { weight, law, .. }| {
                let z = (log - law.location) / law.scale;
                weight / law.scale * libm::exp(-0.5 * z * z)
            });
            libm::log(parts.sum::<f64>().max(LEAST)) - log - HALF_LN_TWO_PI
        };
        logs.iter().map(of).collect()
    }

    fn cdf(&self, x: f64) -> f64 {
        self.weighted(|law| law.cdf(x))
    }

    fn survival(&self, x: f64) -> f64 {
        self.weighted(|law| law.survival(x))
    }

    fn limited_mean(&self, x: f64) -> f64 {
        self.weighted(|law| law.limited_mean(x))
    }

    fn excess_mean(&self, x: f64) -> f64 {
        self.weighted(|law| law.excess_mean(x))
    }

    /// Draw order: a batch of words of 32 bits (which component), then a batch of normals.
    fn fill(&self, stream: &mut Stream, out: &mut [f64], scratch: &mut SeverityScratch) {
        let (words, normals) = (&mut scratch.words, &mut scratch.normals);
        words.resize(out.len(), 0);
        normals.resize(out.len(), 0.0);
        stream.fill_half_words(words);
        stream.fill_normals(normals);
        let components = &self.components;
        vectorized(
            #[inline(always)]
            || {
                let (turns, rest) = out.as_chunks_mut::<TURN>();
                let (words, words_left) = words.as_chunks();
                let (normals, normals_left) = normals.as_chunks();
                for ((out, words), normals) in turns.iter_mut().zip(words).zip(normals) {
                    *out = amounts(components, words, normals);
                }
                if !rest.is_empty() {
                    let last = amounts(components, &padded(words_left, 0), &padded(normals_left, 0.0));
                    rest.copy_from_slice(&last[..rest.len()]);
                }
            },
        );
    }
}

/// The amounts of normals under the components that words choose.
#[inline(always)]
fn amounts(components: &[Component], words: &[u32; TURN], normals: &[f32; TURN]) -> [f64; TURN] {
    let Lognormal { location, scale } = components[0].law;
    let (mut locations, mut scales) = ([location; TURN], [scale; TURN]);
    for pair in components.windows(2) {
        let (from, law) = (pair[0].words, pair[1].law);
        for lane in 0..TURN {
            let is_later = words[lane] >= from;
            locations[lane] = if is_later { law.location } else { locations[lane] };
            scales[lane] = if is_later { law.scale } else { scales[lane] };
        }
    }
    let mut amounts = [0.0; TURN];
    for lane in 0..TURN {
        amounts[lane] = elementary::exp(locations[lane] + scales[lane] * f64::from(normals[lane]));
    }
    amounts
}
