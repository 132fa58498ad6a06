//! Laws of amounts on an even grid, and their tilted transforms.
//!
//! A law on the grid has the mean of the law that it stands for: each amount is shared by the two points around it as their
//! distances say, so that only its spread is off, by the square of the step.
//!
//! ```text
//! mass(x_j) = (E[min(X, x_j)] - E[min(X, x_j-1)]) / h - (E[min(X, x_j+1)] - E[min(X, x_j)]) / h
//! ```
//!
//! Amounts beyond the grid are left out. A sum of amounts that stays on the grid has none of them, so the law of the sum is
//! right up to the end of the grid. The transform is a circle, and sums beyond its end would come back at its beginning: masses
//! are tilted by `exp(-tilt × j / N)` before the transform, and tilted back after it, which leaves `exp(-tilt)` of what comes
//! back.

use twosided_prob::AmountLaw;

use crate::complex::Complex;

/// How far the end of a grid is tilted against its beginning.
///
/// Rounding, which tilting back multiplies by the exponential, errs on both sides of nothing, so that hardly any of it is left in a sum
/// of masses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Tilt {
    /// For a grid that ends where a limit does: a good part of the law lies beyond, of which one part in a million comes back.
    Strong,
    /// For a grid that nearly all of the law lies on: one part in 8,000 of the rest comes back.
    Weak,
}

impl Tilt {
    fn exponent(self) -> f64 {
        match self {
            Self::Strong => 14.0,
            Self::Weak => 9.0,
        }
    }
}

/// An even grid from zero up, with the tables of its transform.
pub(crate) struct Grid {
    pub(crate) step: f64,
    /// Number of points, a power of two.
    pub(crate) len: usize,
    /// `exp(-2πi j / N)` for the first half.
    turns: Vec<Complex>,
    tilts: Vec<f64>,
}

impl Grid {
    /// A grid of a number of points that is a power of two.
    pub(crate) fn new(step: f64, len: usize, tilt: Tilt) -> Self {
        let part = |index: usize| index as f64 / len as f64;
        Self {
            step,
            len,
            turns: (0..len / 2).map(|index| Complex::turn(-std::f64::consts::TAU * part(index))).collect(),
            tilts: (0..len).map(|index| libm::exp(-tilt.exponent() * part(index))).collect(),
        }
    }

    /// Number of different frequencies of real masses.
    pub(crate) fn frequencies(&self) -> usize {
        self.len / 2 + 1
    }

    /// Probabilities that the amount on the grid lies above each point.
    pub(crate) fn tails(&self, law: &dyn AmountLaw) -> Vec<f64> {
        let mut before = 0.0;
        (1..=self.len)
            .map(|point| {
                let limited = law.limited_mean(self.step * point as f64);
                let tail = ((limited - before) / self.step).clamp(0.0, 1.0);
                before = limited;
                tail
            })
            .collect()
    }

    /// The transform of the masses whose tails are given.
    pub(crate) fn spectrum_of_tails(&self, tails: &[f64]) -> Vec<Complex> {
        let mut above = 1.0;
        let masses = tails.iter().map(|&tail| std::mem::replace(&mut above, tail) - tail);
        self.spectrum(masses)
    }

    /// The transform of masses, which are those of the first points where there are fewer.
    pub(crate) fn spectrum(&self, masses: impl Iterator<Item = f64>) -> Vec<Complex> {
        let tilted = masses.zip(&self.tilts).map(|(mass, tilt)| Complex { re: mass * tilt, im: 0.0 });
        let mut values: Vec<Complex> = tilted.collect();
        values.resize(self.len, Complex::ZERO);
        self.transform(&mut values);
        values.truncate(self.frequencies());
        values
    }

    /// The masses of a transform, next to nothing as much below zero as above it.
    pub(crate) fn masses(&self, spectrum: &[Complex]) -> Vec<f64> {
        // The other half is the conjugate, and so is the way back.
        let half = spectrum.iter().map(|value| value.conjugate());
        let mut values: Vec<Complex> = half.chain(spectrum[1..self.len / 2].iter().rev().copied()).collect();
        self.transform(&mut values);
        let scale = 1.0 / self.len as f64;
        values.iter().zip(&self.tilts).map(|(value, tilt)| value.re * scale / tilt).collect()
    }

    /// The discrete Fourier transform, in place.
    fn transform(&self, values: &mut [Complex]) {
        let bits = self.len.trailing_zeros();
        for index in 0..self.len {
            let other = index.reverse_bits() >> (usize::BITS - bits);
            if index < other {
                values.swap(index, other);
            }
        }
        let mut half = 1;
        while half < self.len {
            let stride = self.len / (2 * half);
            for pair in values.chunks_exact_mut(2 * half) {
                let (low, high) = pair.split_at_mut(half);
                for (index, (low, high)) in low.iter_mut().zip(high).enumerate() {
                    let turned = *high * self.turns[index * stride];
                    *high = *low + turned.scaled(-1.0);
                    *low += turned;
                }
            }
            half *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_prob::Family;

    #[test]
    fn a_transform_turns_back_into_its_masses() {
        let grid = Grid::new(1.0, 16, Tilt::Weak);
        let masses = [0.1, 0.2, 0.0, 0.3, 0.05];
        let back = grid.masses(&grid.spectrum(masses.into_iter()));
        for (index, mass) in back.iter().enumerate() {
            assert!((mass - masses.get(index).copied().unwrap_or(0.0)).abs() < 1e-10, "{back:?}");
        }
        // Twice: 0.1 and 0.1 make 0, one of 0.1 and one of 0.2 make 1.
        let twice: Vec<Complex> = grid.spectrum(masses.into_iter()).iter().map(|&value| value * value).collect();
        let back = grid.masses(&twice);
        assert!((back[0] - 0.01).abs() < 1e-9 && (back[1] - 0.04).abs() < 1e-9, "{back:?}");
    }

    #[test]
    fn sums_beyond_the_grid_do_not_come_back() {
        let grid = Grid::new(1.0, 8, Tilt::Strong);
        let square: Vec<Complex> =
            grid.spectrum([0.0, 0.0, 0.0, 0.0, 0.0, 1.0].into_iter()).iter().map(|&value| value * value).collect();
        // 5 and 5 are 10, which would come back as 2.
        assert!(grid.masses(&square).iter().sum::<f64>().abs() < 1e-6);
    }

    #[test]
    fn amounts_on_the_grid_have_their_mean() {
        let law = Family::gamma(900.0, 0.8).expect("valid parameters");
        let grid = Grid::new(100.0, 256, Tilt::Strong);
        let mean = 100.0 * grid.tails(law.law()).iter().sum::<f64>();
        assert!((mean / 900.0 - 1.0).abs() < 1e-9, "{mean}");
    }
}
