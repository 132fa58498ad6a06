//! The gamma law, its sampler, and that of sums of it.

use crate::{
    AmountLaw, Family, ParameterError, Stream,
    amount::family::checked_mean_and_cv,
    amount::{FamilyLaw, SeverityScratch},
    batch::padded,
    elementary,
    special::{gamma_lower, gamma_upper, ln_gamma},
    stream::TURN,
    vectorized,
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

    fn relative_moment(&self, order: f64) -> f64 {
        libm::exp(ln_gamma(self.shape + order) - ln_gamma(self.shape) - order * libm::log(self.shape))
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
        scratch.gammas.shapes.clear();
        scratch.gammas.shapes.resize(out.len(), self.shape as f32);
        fill_gammas(stream, out, &mut scratch.gammas, self.scale);
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

/// Memory of [`fill_gammas`].
#[derive(Clone, Debug, Default)]
pub(crate) struct GammaScratch {
    pub(crate) shapes: Vec<f32>,
    normals: Vec<f32>,
    uniforms: Vec<f32>,
    lowered: Vec<f64>,
}

/// A cube `v = (1 + y)^3` of a normal `x = 3 y √d` is taken with the probability `exp(d g(y))`, where
///
/// ```text
/// g(y) = 9 y² / 2 + 1 - v + ln v >= -y⁴ (c₀ + c₁ y + c₂ y² + c₃ y³ + c₄ y⁴)   for y in LEAST..MOST
/// ```
///
/// so that few draws need a logarithm: 0.9% of those of shape 1, and fewer of any larger.
const SQUEEZE: [f32; 5] = [0.7501, -0.591, 0.8748, -0.8555, 0.2783];
/// Draws made together.
const LANES: usize = 16;
/// Of this many tries, one to spare.
const SPARE: usize = 16;
const LEAST: f32 = -0.8;
const MOST: f32 = 1.5;

/// A uniform that no draw has: what stands for a taken one.
const TAKEN: f32 = 2.0;

/// Fills a batch with gammas of the shapes in `scratch.shapes`, one each.
///
/// Draw order: a normal each and some to spare, a uniform of 32 bits for each of these, then where the spare ones of the tries
/// that are not taken run out, a normal and a uniform for each further try, and last a uniform each if any shape is below one.
///
/// # Source
/// \[MT00\]: rejection from the cube of a shifted normal, here with a tighter squeeze; a shape below one is raised by one and
/// the draw multiplied by `uniform^(1/shape)`.
pub(crate) fn fill_gammas(stream: &mut Stream, out: &mut [f64], scratch: &mut GammaScratch, scale: f64) {
    let GammaScratch { shapes, normals, uniforms, lowered } = scratch;
    let room = (out.len() + out.len() / SPARE + 1).next_multiple_of(TURN);
    normals.resize(room, 0.0);
    uniforms.resize(room, 0.0);
    stream.fill_normals(normals);
    stream.fill_half_units(uniforms);
    let (normals, spare_normals) = normals.split_at(out.len());
    let (uniforms, spare_uniforms) = uniforms.split_at_mut(out.len());
    let mut refused = 0;
    vectorized(
        #[inline(always)]
        || {
            let (turns, rest) = out.as_chunks_mut::<LANES>();
            let (normals, normals_left) = normals.as_chunks();
            let (uniforms, uniforms_left) = uniforms.as_chunks_mut();
            let (shapes, shapes_left) = shapes.as_chunks();
            for (((out, uniforms), normals), shapes) in turns.iter_mut().zip(uniforms).zip(normals).zip(shapes) {
                refused += cube(out, uniforms, normals, shapes, scale);
            }
            if !rest.is_empty() {
                let (mut last, mut last_uniforms) = ([0.0; LANES], padded(uniforms_left, 0.0));
                let last_normals = padded(normals_left, 0.0);
                refused += cube(&mut last, &mut last_uniforms, &last_normals, &padded(shapes_left, 1.0), scale);
                rest.copy_from_slice(&last[..rest.len()]);
                uniforms_left.copy_from_slice(&last_uniforms[..rest.len()]);
            }
        },
    );
    if refused > 0 {
        let mut spare = spare_normals.iter().copied().zip(spare_uniforms.iter().copied());
        let mut next = || spare.next().unwrap_or_else(|| (stream.normal() as f32, stream.uniform() as f32));
        let first = out.iter_mut().zip(normals.iter().zip(uniforms.iter()).zip(shapes.iter()));
        for (x, ((&normal, &uniform), &shape)) in first.filter(|(_, ((_, uniform), _))| **uniform < TAKEN) {
            *x = scale * try_on((normal, uniform), depth(shape), &mut next);
        }
    }
    if shapes.iter().any(|&shape| shape < 1.0) {
        lowered.resize(out.len(), 0.0);
        stream.fill_units(lowered);
        vectorized(
            #[inline(always)]
            || {
                for ((x, uniform), &shape) in out.iter_mut().zip(lowered.iter()).zip(shapes.iter()) {
                    let power = elementary::exp(elementary::ln(*uniform) / f64::from(shape));
                    *x *= if shape < 1.0 { power } else { 1.0 };
                }
            },
        );
    }
}

/// Makes gammas of normals, and marks as taken those that the squeeze lets pass; returns how many are not.
#[inline(always)]
fn cube(
    out: &mut [f64; LANES],
    uniforms: &mut [f32; LANES],
    normals: &[f32; LANES],
    shapes: &[f32; LANES],
    scale: f64,
) -> u32 {
    let mut refused = [0; LANES];
    for lane in 0..LANES {
        let d = depth(shapes[lane]);
        let y = normals[lane] / (9.0 * d).sqrt();
        let is_taken = passes(y, d, uniforms[lane]);
        let v = 1.0 + f64::from(y);
        out[lane] = scale * f64::from(d) * (v * v * v);
        uniforms[lane] = if is_taken { TAKEN } else { uniforms[lane] };
        refused[lane] = u32::from(!is_taken);
    }
    refused.iter().sum()
}

/// Whether the squeeze takes a try.
#[inline(always)]
fn passes(y: f32, d: f32, uniform: f32) -> bool {
    let square = y * y;
    let [c0, c1, c2, c3, c4] = SQUEEZE;
    let z = d * (square * square) * (c0 + y * (c1 + y * (c2 + y * (c3 + y * c4))));
    let taken = 1.0 - z * (1.0 - z * (0.5 - z * (1.0 / 6.0)));
    if y > LEAST && y < MOST { uniform < taken } else { false }
}

/// A third below the shape, or the shape raised by one.
#[inline(always)]
fn depth(shape: f32) -> f32 {
    (if shape < 1.0 { shape + 1.0 } else { shape }) - 1.0 / 3.0
}

/// A gamma of unit scale from a first try, a normal and a uniform, and as many more as it takes.
fn try_on(first: (f32, f32), d: f32, mut next: impl FnMut() -> (f32, f32)) -> f64 {
    let (mut normal, mut uniform) = first;
    loop {
        let y = normal / (9.0 * d).sqrt();
        let v = 1.0 + f64::from(y);
        let (x, d64, cube) = (f64::from(normal), f64::from(d), v * v * v);
        let is_taken = passes(y, d, uniform)
            || v > 0.0 && elementary::ln(f64::from(uniform)) < 0.5 * x * x + d64 * (1.0 - cube + elementary::ln(cube));
        if is_taken {
            return d64 * cube;
        }
        (normal, uniform) = next();
    }
}
