//! Mixtures of lognormals.

use crate::{
    AmountLaw, Lognormal, ParameterError, Stream, amount::SeverityScratch, elementary, positive,
    special::HALF_LN_TWO_PI, vector::vectorised,
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
    /// Probability of this component and those before it.
    up_to: f64,
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
            Component { up_to, weight, law }
        };
        Self { components: parts.into_iter().map(component).collect() }
    }

    /// The components, each with its weight.
    pub fn components(&self) -> impl ExactSizeIterator<Item = (f64, Lognormal)> + '_ {
        self.components.iter().map(|component| (component.weight, component.law))
    }

    /// The law of so many times the amount; the factor is above zero.
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

    /// Draw order: a batch of uniforms (which component), then a batch of normals.
    fn fill(&self, stream: &mut Stream, out: &mut [f64], scratch: &mut SeverityScratch) {
        let (components, which) = (&self.components, &mut scratch.choices);
        which.resize(out.len(), 0.0);
        stream.fill_units(which);
        stream.fill_scores(out);
        vectorised(
            #[inline(always)]
            || {
                for (x, &uniform) in out.iter_mut().zip(which.iter()) {
                    let Lognormal { mut location, mut scale } = components[0].law;
                    for pair in components.windows(2) {
                        let later = uniform >= pair[0].up_to;
                        location = if later { pair[1].law.location } else { location };
                        scale = if later { pair[1].law.scale } else { scale };
                    }
                    *x = elementary::exp(location + scale * *x);
                }
            },
        );
    }
}
