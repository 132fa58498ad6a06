//! Mean and spread of a figure.

/// Largest tail index of a law without a variance.
const NO_VARIANCE: f64 = 2.0;

/// Count, mean and sum of squared deviations.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    n: f64,
    mean: f64,
    squares: f64,
    has_heavy_tail: bool,
}

impl Moments {
    /// The moments of which a file holds the count, the mean and the sum of squared deviations from it.
    pub fn of_sums(count: f64, mean: f64, squares: f64) -> Self {
        Self { n: count, mean, squares, has_heavy_tail: false }
    }

    /// The sum of squared deviations from the mean.
    pub fn squares(&self) -> f64 {
        self.squares
    }

    /// Takes one more number.
    pub fn add(&mut self, value: f64) {
        self.n += 1.0;
        let offset = value - self.mean;
        self.mean += offset / self.n;
        self.squares += offset * (value - self.mean);
    }

    /// Takes the numbers of another.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        if self.n == 0.0 || other.n == 0.0 {
            return if self.n == 0.0 { other } else { self };
        }
        let n = self.n + other.n;
        let offset = other.mean - self.mean;
        Self {
            n,
            mean: self.mean + offset * other.n / n,
            squares: self.squares + other.squares + offset * offset * self.n * other.n / n,
            has_heavy_tail: self.has_heavy_tail || other.has_heavy_tail,
        }
    }

    /// The moments of a sum of figures of the same trials, of which nothing says how they vary together: the spread is the most
    /// that it can be.
    #[must_use]
    pub fn added_up(figures: impl Iterator<Item = Self>) -> Self {
        figures.fold(Self::default(), |sum, figure| {
            let spread = sum.squares.sqrt() + figure.squares.sqrt();
            Self {
                n: figure.n,
                mean: sum.mean + figure.mean,
                squares: spread * spread,
                has_heavy_tail: sum.has_heavy_tail || figure.has_heavy_tail,
            }
        })
    }

    /// How many numbers.
    pub fn count(&self) -> f64 {
        self.n
    }

    /// Mean.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Standard deviation, divisor `n - 1`.
    pub fn sd(&self) -> f64 {
        (self.squares / (self.n - 1.0)).sqrt()
    }

    /// Standard error of the mean; infinite where a law that reaches the figure has no variance, so that it cannot be estimated.
    pub fn standard_error(&self) -> f64 {
        if self.has_heavy_tail { f64::INFINITY } else { self.sd() / self.n.sqrt() }
    }

    /// Notes the tail index of the law behind the figure.
    pub(crate) fn note_tail(&mut self, index: f64) {
        self.has_heavy_tail |= index <= NO_VARIANCE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_figures_has_at_most_the_sum_of_their_spreads() {
        let [mut one, mut other, mut both] = [Moments::default(); 3];
        for value in [1.0, 4.0, 2.0, 9.0] {
            one.add(value);
            other.add(2.0 * value);
            both.add(3.0 * value);
        }
        let sum = Moments::added_up([one, other].into_iter());
        assert!((sum.mean() - both.mean()).abs() < 1e-12 && (sum.sd() - both.sd()).abs() < 1e-12);
        assert_eq!(sum.count(), 4.0);
    }

    #[test]
    fn merged_parts_are_the_whole() {
        let of = |values: &[f64]| {
            let mut moments = Moments::default();
            for &value in values {
                moments.add(value);
            }
            moments
        };
        let merged = of(&[1.0, 2.0]).merged(Moments::default()).merged(of(&[3.0, 4.0, 10.0]));
        assert!((merged.mean() - 4.0).abs() < 1e-12);
        // Deviations 3, 2, 1, 0, 6: squares 9 + 4 + 1 + 0 + 36 = 50.
        assert!((merged.sd() - (50.0_f64 / 4.0).sqrt()).abs() < 1e-12);
        assert!((merged.standard_error() - (10.0_f64 / 4.0).sqrt()).abs() < 1e-12);
    }
}
