//! The gamma law, its sampler, and that of sums of it.

use crate::{
    AmountLaw, Family, ParameterError, Stream,
    amount::family::checked_mean_and_cv,
    amount::{FamilyLaw, SeverityScratch},
    elementary,
    special::{gamma_lower, gamma_upper, ln_gamma},
};

/// The gamma law.
///
/// # Density
///
/// For `x > 0`,
///
/// ```text
/// f(x) = x^(k - 1) exp(-x / θ) / (Γ(k) θ^k)
/// ```
///
/// with mean `k θ` and squared coefficient of variation `1 / k`. A shape of 1 is the exponential law; below 1 the density has
/// no bound at zero. All moments exist, and a sum of independent gammas of one scale is a gamma.
///
/// # Example
///
/// ```
/// use twosided_prob::{AmountLaw, Gamma};
///
/// let exponential = Gamma::new(900.0, 1.0)?;
/// assert!((exponential.survival(900.0) - (-1.0_f64).exp()).abs() < 1e-12);
/// # Ok::<(), twosided_prob::ParameterError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma {
    /// Shape `k`, above zero: `1 / cv²`.
    pub shape: f64,
    /// Scale `θ` in dollars, above zero: mean over shape.
    pub scale: f64,
}

impl Gamma {
    /// A gamma by its mean and coefficient of variation.
    ///
    /// # Errors
    /// A mean that is not from 1e-6 to 1e12, or a cv that is not from 1e-6 to 100.
    pub fn new(mean: f64, cv: f64) -> Result<Self, ParameterError> {
        let (mean, cv) = checked_mean_and_cv(mean, cv)?;
        Ok(Self { shape: 1.0 / (cv * cv), scale: mean * cv * cv })
    }
}

impl AmountLaw for Gamma {
    fn mean(&self) -> f64 {
        self.shape * self.scale
    }

    fn variance(&self) -> f64 {
        self.shape * self.scale * self.scale
    }

    fn log_densities(&self, amounts: &[f64], logs: &[f64]) -> Vec<f64> {
        let constant = -ln_gamma(self.shape) - self.shape * libm::log(self.scale);
        let of = |(x, log): (&f64, &f64)| constant + ((self.shape - 1.0) * log - x / self.scale);
        amounts.iter().zip(logs).map(of).collect()
    }

    fn cdf(&self, x: f64) -> f64 {
        if x > 0.0 { gamma_lower(self.shape, x / self.scale) } else { 0.0 }
    }

    fn survival(&self, x: f64) -> f64 {
        if x > 0.0 { gamma_upper(self.shape, x / self.scale) } else { 1.0 }
    }

    fn limited_mean(&self, x: f64) -> f64 {
        self.partial_mean(x) + x * self.survival(x)
    }

    fn excess_mean(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return self.mean() - x;
        }
        let above = self.shape * self.scale * gamma_upper(self.shape + 1.0, x / self.scale);
        (above - x * self.survival(x)).max(0.0)
    }

    /// Draw order: a batch of normals, a batch of uniforms, then for each index in turn whatever a second try needs (normal,
    /// uniform, ...), and one uniform more where the shape is below one.
    fn fill(&self, stream: &mut Stream, out: &mut [f64], scratch: &mut SeverityScratch) {
        fill_gammas(stream, out, &mut scratch.uniforms, self.scale, |_| self.shape);
    }
}

impl FamilyLaw for Gamma {
    fn key(&self) -> &'static str {
        "gamma"
    }

    fn cv(&self) -> f64 {
        self.shape.recip().sqrt()
    }

    fn restated(&self, number: &dyn Fn(f64) -> f64) -> Result<Family, ParameterError> {
        Family::gamma(number(self.mean()), number(self.cv()))
    }

    fn scaled(&self, factor: f64) -> Family {
        Family::Gamma(Self { scale: self.scale * factor, ..*self })
    }

    fn partial_mean(&self, x: f64) -> f64 {
        if x > 0.0 { self.shape * self.scale * gamma_lower(self.shape + 1.0, x / self.scale) } else { 0.0 }
    }

    fn partial_square(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        let square = self.scale * self.scale * self.shape * (self.shape + 1.0);
        square * gamma_lower(self.shape + 2.0, x / self.scale)
    }
}

/// Fills a batch with gammas, the shape of each given by its index.
///
/// Draw order: a batch of normals, a batch of uniforms, then for each index in turn whatever a second try needs (normal,
/// uniform, ...), and one uniform more where the shape is below one.
///
/// # Source
/// \[MT00\]: rejection from the cube of a shifted normal; a shape below one is raised by one and the draw multiplied by
/// `uniform^(1/shape)`.
pub(crate) fn fill_gammas(
    stream: &mut Stream,
    out: &mut [f64],
    uniforms: &mut Vec<f64>,
    scale: f64,
    shape_at: impl Fn(usize) -> f64,
) {
    uniforms.resize(out.len(), 0.0);
    stream.fill_normals(
        out,
        #[inline(always)]
        |normal| normal,
    );
    stream.fill_uniforms(
        uniforms,
        #[inline(always)]
        |uniform| uniform,
    );
    for (index, (x, uniform)) in out.iter_mut().zip(uniforms.iter()).enumerate() {
        let shape = shape_at(index);
        let raised = if shape < 1.0 { shape + 1.0 } else { shape };
        let d = raised - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        let (mut normal, mut uniform) = (*x, *uniform);
        let cube = loop {
            let v = 1.0 + c * normal;
            let square = normal * normal;
            let v = v * v * v;
            if v > 0.0
                && (uniform < 1.0 - 0.0331 * square * square
                    || elementary::ln(uniform) < 0.5 * square + d * (1.0 - v + elementary::ln(v)))
            {
                break v;
            }
            normal = stream.normal();
            uniform = stream.uniform();
        };
        *x = scale * d * cube;
        if shape < 1.0 {
            *x *= elementary::exp(elementary::ln(stream.uniform()) / shape);
        }
    }
}
