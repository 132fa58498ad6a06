//! A t copula by the correlations of its normal scores, in one year and from year to year.
//!
//! Student's t divides normals by the root of one gamma of mean one, their mixing. Read as normal scores again, the results
//! correlate by less than the normals did, so the normals' correlation (the dispersion) is found from the one stated:
//!
//! ```text
//! score       = h(z / √w),   h(t) = Φ⁻¹(T(t)),   w = gamma of shape ν / 2 and mean 1, at the normal score v
//! correlation = Σ a_j dispersion^j,              a_j = E[E[h(z / √w) He_j(z) | v]²] / j!
//! ```
//!
//! The mixing may persist: v keeps a part of the year before, as z does, so that every year has the t copula. From one year
//! to the next, `a_j` becomes the same sum over the Hermite coefficients in v, each times its power of what v keeps.

use crate::{Family, Gamma, ScoredAmounts, Severity, elementary::exp, special::student_upper, upper_score};

/// The t copula of some degrees of freedom, with a mixing that persists by a correlation of its normal scores.
#[derive(Clone, Debug, PartialEq)]
pub struct TCopula {
    freedom: f64,
    mixing: ScoredAmounts,
    /// Coefficients of the odd powers of the normals' correlation: of scores in one year.
    same_year: Vec<f64>,
    /// The same of scores in one year and the next.
    next_year: Vec<f64>,
}

/// Odd powers that are summed; what is left is counted with the next one.
const POWERS: usize = 200;
/// Hermite polynomials of the mixing's score.
const OF_MIXING: usize = 60;
/// Integrals over a normal are sums at steps of this: of the mixing's score from -8 to 8, of a score from 0 to 13.
const MIXING_STEP: f64 = 0.125;
const STEP: f64 = 0.02;

impl TCopula {
    /// The copula of degrees of freedom from 1 to 1,000, with a mixing that persists by 0 to below 1.
    ///
    /// # Panics
    /// When the degrees of freedom are not above zero.
    pub fn new(freedom: f64, persistence: f64) -> Self {
        let gamma = Severity::Family(Family::Gamma(Gamma { shape: 0.5 * freedom, scale: 2.0 / freedom }));
        let mixing = ScoredAmounts::new(0.0, &gamma).expect("a law without zeros");
        let mut copula = Self { freedom, mixing, same_year: vec![0.0; POWERS], next_year: vec![0.0; POWERS] };
        copula.sum_coefficients(persistence);
        copula
    }

    fn sum_coefficients(&mut self, persistence: f64) {
        // Of the mixing's score: `[power][polynomial]`, sums of E[h He_j | v] He_k(v) / √(j! k!).
        let mut of_both = vec![[0.0; OF_MIXING]; POWERS];
        let mut of_power = vec![0.0; POWERS];
        let half_steps = (8.0 / MIXING_STEP) as i32;
        for index in -half_steps..=half_steps {
            let v = MIXING_STEP * f64::from(index);
            let weight = MIXING_STEP * density(v);
            let root = self.mixing.amount(v).sqrt();
            of_power.fill(0.0);
            for step in 1..=(13.0 / STEP) as u32 {
                let z = STEP * f64::from(step);
                // Scores and odd polynomials are odd: half of the axis counts twice.
                let score = 2.0 * STEP * density(z) * self.score(z / root);
                let mut polynomials = hermite(z);
                for sum in &mut of_power {
                    polynomials.next();
                    *sum += score * polynomials.next().unwrap_or(0.0);
                }
            }
            for ((sum, both), &of_power) in self.same_year.iter_mut().zip(&mut of_both).zip(&of_power) {
                *sum += weight * of_power * of_power;
                for (both, polynomial) in both.iter_mut().zip(hermite(v)) {
                    *both += weight * of_power * polynomial;
                }
            }
        }
        for ((next, both), &same) in self.next_year.iter_mut().zip(&of_both).zip(&self.same_year) {
            let mut kept = 1.0;
            let mut counted = 0.0;
            for coefficient in both {
                *next += kept * coefficient * coefficient;
                counted += coefficient * coefficient;
                kept *= persistence;
            }
            *next += kept * (same - counted).max(0.0);
        }
        // A score has variance one: what is left of it belongs to higher powers.
        let rest = (1.0 - self.same_year.iter().sum::<f64>()).max(0.0);
        let kept = self.next_year[POWERS - 1] / self.same_year[POWERS - 1].max(f64::MIN_POSITIVE);
        self.same_year.push(rest);
        self.next_year.push(rest * kept.min(1.0));
    }

    /// The normal score of a Student's t.
    fn score(&self, t: f64) -> f64 {
        // Twice as far out as any score that is drawn.
        upper_score(student_upper(self.freedom, t.abs())).min(18.0).copysign(t)
    }

    /// The correlation of normal scores in one year whose normals have that one.
    pub fn correlation(&self, dispersion: f64) -> f64 {
        odd_powers(&self.same_year, dispersion)
    }

    /// The correlation of normals whose scores in one year have that one.
    pub fn dispersion(&self, correlation: f64) -> f64 {
        inverse(&self.same_year, correlation)
    }

    /// What a normal must keep of the one before for its score to correlate so with that of the year before: at most by the
    /// persistence of the mixing.
    pub fn step(&self, persistence: f64) -> f64 {
        inverse(&self.next_year, persistence)
    }

    /// The scores of correlated normals, at the normal score of their mixing.
    pub fn scores(&self, normals: &[f64], mixing: f64) -> Vec<f64> {
        let root = self.mixing.amount(mixing).sqrt();
        normals.iter().map(|normal| self.score(normal / root)).collect()
    }
}

fn density(x: f64) -> f64 {
    exp(-0.5 * x * x) / std::f64::consts::TAU.sqrt()
}

/// Hermite polynomials of all degrees at a point, each over the root of its variance under a normal.
fn hermite(x: f64) -> impl Iterator<Item = f64> {
    let (mut before, mut here, mut degree) = (0.0, 1.0, 0.0_f64);
    std::iter::repeat_with(move || {
        let value = here;
        let next = (x * here - degree.sqrt() * before) / (degree + 1.0).sqrt();
        (before, here, degree) = (here, next, degree + 1.0);
        value
    })
}

fn odd_powers(coefficients: &[f64], x: f64) -> f64 {
    x * coefficients.iter().rev().fold(0.0, |sum, coefficient| coefficient + x * x * sum)
}

/// Where a sum of odd powers with positive coefficients has a value, from -1 to 1.
fn inverse(coefficients: &[f64], value: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if odd_powers(coefficients, middle) < value.abs() { low = middle } else { high = middle }
    }
    (0.5_f64 * (low + high)).copysign(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    /// The correlation of scores by another way: the mean of a score given the other, whose t has one more degree of freedom.
    fn by_quadrature(freedom: f64, dispersion: f64) -> f64 {
        let law = |freedom| StudentsT::new(0.0, 1.0, freedom).expect("degrees of freedom are above zero");
        let (own, given) = (law(freedom), law(freedom + 1.0));
        let quantile = |law: &StudentsT, score: f64| {
            // Bisection on the survival, far out too.
            let (mut low, mut high) = (0.0, 1e9);
            for _ in 0..100 {
                let middle = 0.5 * (low + high);
                if law.sf(middle) > crate::upper_probability(score.abs()) { low = middle } else { high = middle }
            }
            f64::copysign(low, score)
        };
        let step = 1.0 / 16.0;
        let nodes: Vec<f64> = (-120..=120).map(|index| f64::from(index) * step).collect();
        let of_given: Vec<f64> = nodes.iter().map(|&score| quantile(&given, score)).collect();
        let mut sum = 0.0;
        for &first in &nodes {
            let t = quantile(&own, first);
            let spread = ((freedom + t * t) / (freedom + 1.0) * (1.0 - dispersion * dispersion)).sqrt();
            for (&second, of_given) in nodes.iter().zip(&of_given) {
                let other = dispersion * t + spread * of_given;
                let score = upper_score(own.sf(other.abs())).copysign(other);
                sum += step * step * density(first) * density(second) * first * score;
            }
        }
        sum
    }

    #[test]
    fn row_2_7_the_dispersion_gives_the_stated_correlation_of_scores() {
        for freedom in [2.0, 3.0, 8.0] {
            let copula = TCopula::new(freedom, 0.0);
            for stated in [-0.9, -0.3, 0.0, 0.2, 0.5, 0.6, 0.95] {
                let dispersion = copula.dispersion(stated);
                let found = by_quadrature(freedom, dispersion);
                assert!((found - stated).abs() < 1e-5, "{freedom}: {found} for {stated}");
            }
        }
        // What the dispersion itself gave in its place, by simulation: 0.587 and 0.476.
        assert!((TCopula::new(3.0, 0.0).correlation(0.6) - 0.587).abs() < 1e-3);
        assert!((TCopula::new(2.0, 0.0).correlation(0.5) - 0.476).abs() < 1e-3);
    }

    #[test]
    fn row_2_7_a_mixing_that_does_not_change_carries_scores_as_one_year_does() {
        let copula = TCopula::new(3.0, 1.0 - 1e-12);
        for stated in [0.2, 0.8, 0.95] {
            assert!((copula.step(stated) - copula.dispersion(stated)).abs() < 1e-6);
        }
    }
}
