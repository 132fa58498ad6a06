//! The error of the difference of one measure of two samples, trial by trial.
//!
//! To first order a measure is a mean: of its influence function, by which it changes when a trial more is counted. Two runs on the same
//! trials share luck as far as these figures go together.

use crate::Design;

/// What a measure is a mean of, to first order, up to a constant and a factor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Influence {
    /// Of a mean: the figure itself.
    Amount,
    /// Of a standard deviation: the square about the mean.
    SquareAbout(f64),
    /// Of a probability, and of a quantile at the limit: whether the figure is below.
    Below(f64),
    /// The same above the limit.
    Above(f64),
    /// Of a quantile at the limit: whether the figure is at most that.
    AtMost(f64),
    /// Of a tail value at risk: by how much the figure is below its edge.
    ShortfallBelow(f64),
}

impl Influence {
    /// The figure of a trial.
    fn of(self, value: f64) -> f64 {
        match self {
            Self::Amount => value,
            Self::SquareAbout(center) => (value - center) * (value - center),
            Self::Below(limit) => f64::from(value < limit),
            Self::Above(limit) => f64::from(value > limit),
            Self::AtMost(limit) => f64::from(value <= limit),
            Self::ShortfallBelow(edge) => (edge - value).max(0.0),
        }
    }
}

/// The error of a measure, or of a difference, and the degrees of freedom with which it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorOf {
    /// Standard error.
    pub standard_error: f64,
    /// Degrees of freedom of Student's law that a figure over its error then follows: few where few trials decide.
    pub degrees_of_freedom: f64,
}

/// The influence of each batch of trials on a measure; of each trial where it is drawn for itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Influences {
    sums: Vec<f64>,
    freedom: f64,
}

impl Influences {
    /// The influences of a sample's trials, in their order, on a measure.
    ///
    /// # Panics
    /// When the design is of another number of trials.
    pub fn new(design: &Design, values: &[f64], influence: Influence) -> Self {
        assert_eq!(values.len(), design.trials(), "a design is of the sample's trials");
        let figures: Vec<f64> = values.iter().map(|&value| influence.of(value)).collect();
        Self { sums: design.batch_sums(&figures), freedom: design.freedom() }
    }

    /// The degrees of freedom with which the error of the measure is known: those of a normal law with the variance of this estimate of
    /// a variance, at most those of the design.
    ///
    /// ```text
    /// 2 (Σ s²)² / (Σ s⁴ - (Σ s²)² / n)
    /// ```
    pub fn degrees_of_freedom(&self) -> f64 {
        freedom_of(&self.sums, self.freedom)
    }

    /// The correlation of two measures over the trials; none where one of them does not vary.
    ///
    /// # Panics
    /// When the two have other trials.
    pub fn correlation(&self, other: &Self) -> Option<f64> {
        assert_eq!(self.sums.len(), other.sums.len(), "paired samples have the same trials");
        let [own, others] = [self, other].map(|of| product(&of.sums, &of.sums).sqrt());
        (own > 0.0 && others > 0.0).then(|| (product(&self.sums, &other.sums) / own / others).clamp(-1.0, 1.0))
    }

    /// The error of the difference of two measures on the same trials, whose own errors are known:
    ///
    /// ```text
    /// variance = own² + other² - 2 ρ own × other
    /// ```
    ///
    /// # Panics
    /// When the two have other trials.
    pub fn error_of_difference(&self, own_error: f64, other: &Self, other_error: f64) -> ErrorOf {
        let (standard_error, left) = self.difference(own_error, other, other_error);
        let degrees_of_freedom = freedom_of(&left, self.freedom.min(other.freedom));
        ErrorOf { standard_error, degrees_of_freedom }
    }

    /// The same without its degrees of freedom, which take longer.
    ///
    /// # Panics
    /// When the two have other trials.
    pub fn standard_error_of_difference(&self, own_error: f64, other: &Self, other_error: f64) -> f64 {
        self.difference(own_error, other, other_error).0
    }

    /// The standard error of a difference, and what the influences leave of each other.
    fn difference(&self, own_error: f64, other: &Self, other_error: f64) -> (f64, Vec<f64>) {
        assert_eq!(self.sums.len(), other.sums.len(), "paired samples have the same trials");
        // Each scaled to its error, so that shared luck cancels to the last bits and nothing is taken from a square.
        let scaled = |of: &Self, error: f64| {
            let length = product(&of.sums, &of.sums).sqrt();
            if length > 0.0 { error / length } else { 0.0 }
        };
        let (own, others) = (scaled(self, own_error), scaled(other, other_error));
        let left: Vec<f64> = self.sums.iter().zip(&other.sums).map(|(a, b)| own * a - others * b).collect();
        // An error without trials behind it is added as that of another sample.
        let alone = [(own, own_error), (others, other_error)];
        let unseen: f64 = alone.iter().filter(|(scale, _)| *scale == 0.0).map(|(_, error)| error * error).sum();
        let rounding = 1e-12 * own_error.max(other_error);
        let standard_error = (product(&left, &left) + unseen).sqrt();
        (if standard_error > rounding { standard_error } else { 0.0 }, left)
    }
}

impl ErrorOf {
    /// The error of the difference of two figures of independent samples, with the degrees of freedom of Satterthwaite.
    ///
    /// # Source
    /// \[S46\].
    pub fn of_independent(a: Self, b: Self) -> Self {
        let [va, vb] = [a, b].map(|of| of.standard_error * of.standard_error);
        let total = va + vb;
        let spread = va * va / a.degrees_of_freedom + vb * vb / b.degrees_of_freedom;
        let least = a.degrees_of_freedom.min(b.degrees_of_freedom);
        let degrees_of_freedom = if spread > 0.0 { total * total / spread } else { least };
        Self { standard_error: total.sqrt(), degrees_of_freedom }
    }
}

/// Degrees of freedom of a sum of squares.
fn freedom_of(sums: &[f64], most: f64) -> f64 {
    let most = most.max(1.0);
    let squares = product(sums, sums);
    if squares == 0.0 {
        return most;
    }
    let fourth: f64 = sums.iter().map(|sum| sum * sum / squares).map(|share| share * share).sum();
    let spread = fourth - 1.0 / sums.len() as f64;
    if spread > 0.0 { (2.0 / spread).clamp(1.0, most) } else { most }
}

fn product(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn influences(values: &[f64], influence: Influence) -> Influences {
        Influences::new(&Design::independent(values.len()), values, influence)
    }

    #[test]
    fn samples_that_are_equal_have_no_error_of_their_difference() {
        let values: Vec<f64> = (0..300).map(|index| f64::from((index * 617) % 301).sqrt()).collect();
        for influence in [
            Influence::Amount,
            Influence::SquareAbout(9.0),
            Influence::Below(4.0),
            Influence::Above(4.0),
            Influence::AtMost(4.0),
            Influence::ShortfallBelow(3.0),
        ] {
            let one = influences(&values, influence);
            assert_eq!(one.error_of_difference(0.7, &one.clone(), 0.7).standard_error, 0.0);
            assert!((one.correlation(&one).expect("it varies") - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn an_error_of_three_trials_by_hand() {
        // Centered: -1, 0, 1 and 1, -2, 1 over two: a correlation of 0.
        let [a, b] = [[1.0, 2.0, 3.0], [4.0, 1.0, 4.0]].map(|values| influences(&values, Influence::Amount));
        assert!(a.correlation(&b).expect("both vary").abs() < 1e-12);
        let error = a.error_of_difference(3.0, &b, 4.0);
        assert!((error.standard_error - 5.0).abs() < 1e-12);
        // A figure that does not vary adds its error as it is.
        let still = influences(&[5.0; 3], Influence::Amount);
        assert_eq!(a.correlation(&still), None);
        assert!((a.error_of_difference(3.0, &still, 4.0).standard_error - 5.0).abs() < 1e-12);
    }

    #[test]
    fn degrees_of_freedom_are_those_of_the_trials_that_decide() {
        // One of 1,000 trials is below: its share of the squares is nearly all, and 2 / (1 - 1 / 1000) is left.
        let one: Vec<f64> = (0..1_000).map(f64::from).collect();
        assert!(influences(&one, Influence::Below(0.5)).degrees_of_freedom() < 2.1);
        // Of ten that are, twice ten.
        let ten = influences(&one, Influence::Below(9.5)).degrees_of_freedom();
        assert!((ten - 20.0).abs() < 1.0, "{ten}");
        let half = influences(&one, Influence::Below(499.5)).degrees_of_freedom();
        assert!((half - 999.0).abs() < 1e-9, "{half}");
        let [few, many] = [3.0, 300.0].map(|degrees_of_freedom| ErrorOf { standard_error: 2.0, degrees_of_freedom });
        let both = ErrorOf::of_independent(few, many);
        assert!((both.standard_error - 8.0_f64.sqrt()).abs() < 1e-12);
        // (4 + 4)² / (16 / 3 + 16 / 300).
        assert!((both.degrees_of_freedom - 64.0 / (16.0 / 3.0 + 16.0 / 300.0)).abs() < 1e-9);
    }
}
