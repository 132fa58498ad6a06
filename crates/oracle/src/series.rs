//! A density as a Fourier series, and its integrals.

use crate::complex::Complex;

/// A density over `-LOW` to `HIGH` standard deviations from a mean, from a characteristic function at even frequencies.
///
/// ```text
/// p(t) = (1 / L) (1 + 2 Re Σ c_k exp(-i u_k t)),  u_k = 2π k / L,  L = LOW + HIGH
/// ```
#[derive(Clone, Debug)]
pub(crate) struct Series {
    /// The mean and the standard deviation in whose units the density is.
    pub(crate) mean: f64,
    pub(crate) sd: f64,
    /// The characteristic function of the deviations in units of the standard deviation, from frequency 0 on.
    pub(crate) coefficients: Vec<Complex>,
}

/// Standard deviations below the mean where the density begins, and above it where it ends.
pub(crate) const LOW: f64 = 14.0;
pub(crate) const HIGH: f64 = 50.0;
/// Between two frequencies, over the standard deviation.
pub(crate) const FREQUENCY: f64 = std::f64::consts::TAU / (LOW + HIGH);

/// Integrals of the density, and of it times the deviation and its square, from a common beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Integrals(pub(crate) [f64; 3]);

impl Integrals {
    pub(crate) fn since(self, other: Self) -> Self {
        Self(std::array::from_fn(|power| self.0[power] - other.0[power]))
    }

    /// The integral of `value + slope t`.
    pub(crate) fn linear(self, value: f64, slope: f64) -> f64 {
        value * self.0[0] + slope * self.0[1]
    }

    /// The integral of the square of `value + slope t`.
    pub(crate) fn square(self, value: f64, slope: f64) -> f64 {
        value * value * self.0[0] + 2.0 * value * slope * self.0[1] + slope * slope * self.0[2]
    }
}

impl Series {
    /// A sum that is always the same. Where its density is asked for, the gain is constant, and any density will do.
    pub(crate) fn certain(mean: f64) -> Self {
        Self { mean, sd: 0.0, coefficients: vec![Complex::ONE] }
    }

    /// The integrals up to a deviation, in units of the standard deviation.
    pub(crate) fn up_to(&self, t: f64) -> Integrals {
        let turn = Complex::turn(-FREQUENCY * t);
        let mut here = Complex::ONE;
        let mut sums = [t, 0.5 * t * t, t * t * t / 3.0];
        let mut u = 0.0;
        for &coefficient in &self.coefficients[1..] {
            u += FREQUENCY;
            here = here * turn;
            let Complex { re, im } = coefficient * here;
            // The real parts of c exp(-iut) times i/u, it/u + 1/u², and it²/u + 2t/u² - 2i/u³.
            let one = 1.0 / u;
            sums[0] -= 2.0 * im * one;
            sums[1] += 2.0 * (re * one - im * t) * one;
            sums[2] += 2.0 * one * (2.0 * t * re * one - im * (t * t - 2.0 * one * one));
        }
        Integrals(sums.map(|sum| sum / (LOW + HIGH)))
    }

    /// What the law may be off by as a probability: what the density does not have of its tails beyond its ends, seen at its ends, and
    /// what frequencies beyond the last would add.
    pub(crate) fn missing(&self) -> f64 {
        if self.sd == 0.0 {
            return 0.0;
        }
        let last = self.coefficients.iter().rev().take(2).map(|value| value.norm()).fold(0.0, f64::max);
        let density = |t: f64| {
            let value = |(index, &coefficient): (usize, &Complex)| {
                let turned = coefficient * Complex::turn(-FREQUENCY * index as f64 * t);
                if index == 0 { 1.0 } else { 2.0 * turned.re }
            };
            self.coefficients.iter().enumerate().map(value).sum::<f64>() / (LOW + HIGH)
        };
        // A tail that falls by half in every tenth of a standard deviation has a mass of a seventh of its density.
        last + density(HIGH).abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_prob::upper_probability;

    #[test]
    fn the_series_of_a_normal_has_its_probabilities_and_partial_means() {
        let coefficient = |index: u32| {
            let u = FREQUENCY * f64::from(index);
            Complex { re: (-0.5 * u * u).exp(), im: 0.0 }
        };
        let series = Series { mean: 0.0, sd: 1.0, coefficients: (0..128).map(coefficient).collect() };
        let start = series.up_to(-LOW);
        for t in [-6.0, -2.3, -0.4, 0.0, 1.1, 3.0] {
            let Integrals([mass, first, second]) = series.up_to(t).since(start);
            let density = f64::exp(-0.5 * t * t) / std::f64::consts::TAU.sqrt();
            assert!((mass - upper_probability(-t)).abs() < 1e-14, "{t}: {mass}");
            assert!((first + density).abs() < 1e-13, "{t}: {first}");
            assert!((second - (upper_probability(-t) - t * density)).abs() < 1e-12, "{t}: {second}");
        }
        assert!(series.missing() < 1e-12);
    }
}
