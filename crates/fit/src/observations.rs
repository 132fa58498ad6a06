//! Positive amounts with their weights, from the smallest to the largest.

use crate::error::{Figure, clustered};

/// Amounts to which a law is fitted, in rising order. Weights add to the number of amounts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Observations {
    /// Dollars, above zero, rising.
    pub values: Vec<f64>,
    /// Weight of each.
    pub weights: Vec<f64>,
    /// Whose each is.
    pub persons: Vec<u32>,
    /// Natural logarithms of the values.
    pub logs: Vec<f64>,
}

impl Observations {
    /// Sorts amounts given as value, weight and person; all values and weights are above zero.
    pub fn new(mut rows: Vec<(f64, f64, u32)>) -> Self {
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let scale = rows.len() as f64 / rows.iter().map(|row| row.1).sum::<f64>();
        Self {
            values: rows.iter().map(|row| row.0).collect(),
            weights: rows.iter().map(|row| row.1 * scale).collect(),
            persons: rows.iter().map(|row| row.2).collect(),
            logs: rows.iter().map(|row| row.0.ln()).collect(),
        }
    }

    /// Other amounts with the same weights and people.
    pub fn with_values(&self, values: &[f64]) -> Self {
        let rows = values.iter().zip(&self.weights).zip(&self.persons);
        Self::new(rows.map(|((&value, &weight), &person)| (value, weight, person)).collect())
    }

    /// How many; at least one.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Total weight.
    pub fn total(&self) -> f64 {
        self.len() as f64
    }

    /// How many amounts of equal weight carry as much: Kish's `(Σw)² / Σw²`.
    pub fn effective(&self) -> f64 {
        self.total() * self.total() / self.weights.iter().map(|weight| weight * weight).sum::<f64>()
    }

    /// How many people.
    pub fn people(&self) -> usize {
        let mut persons = self.persons.clone();
        persons.sort_unstable();
        persons.dedup();
        persons.len()
    }

    /// Weighted mean of a function of the index.
    pub fn mean_of(&self, function: impl Fn(usize) -> f64) -> f64 {
        (0..self.len()).map(|at| self.weights[at] * function(at)).sum::<f64>() / self.total()
    }

    /// Weighted mean of the amounts.
    pub fn mean(&self) -> f64 {
        self.mean_of(|at| self.values[at])
    }

    /// Whether all amounts are the same, but for rounding.
    pub fn is_constant(&self) -> bool {
        let (first, last) = (self.values[0], self.values[self.len() - 1]);
        last - first <= 1e-9 * last
    }

    /// The smallest amount at or below which stands at least that share of the weight.
    pub fn quantile(&self, share: f64) -> f64 {
        let mut up_to = 0.0;
        for (value, weight) in self.values.iter().zip(&self.weights) {
            up_to += weight;
            if up_to >= share * self.total() {
                return *value;
            }
        }
        self.values[self.len() - 1]
    }

    /// Mean and coefficient of variation, by moments, with errors in which a person's amounts count as one draw.
    pub fn moments(&self) -> [Figure; 2] {
        let mean = self.mean();
        let square = self.mean_of(|at| self.values[at] * self.values[at]);
        let cv = (square / (mean * mean) - 1.0).max(0.0).sqrt();
        // d cv = (dm₂ / m² - 2 m₂ dm / m³) / (2 cv).
        let influence = |at: usize| {
            let x = self.values[at];
            let change = (x * x - square) / (mean * mean) - 2.0 * square * (x - mean) / mean.powi(3);
            [self.weights[at] * (x - mean), self.weights[at] * change / (2.0 * cv.max(1e-12))]
        };
        let spread = clustered(&self.persons, 2, |at| influence(at).to_vec());
        let error = |at: usize| spread[at][at].sqrt() / self.total();
        [Figure { value: mean, standard_error: error(0) }, Figure { value: cv, standard_error: error(1) }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_count_as_repetitions() {
        let weighted = Observations::new(vec![(4.0, 1.0, 0), (1.0, 3.0, 1)]);
        assert_eq!(weighted.values, [1.0, 4.0]);
        assert!((weighted.mean() - 7.0 / 4.0).abs() < 1e-12);
        assert_eq!((weighted.quantile(0.75), weighted.quantile(0.76)), (1.0, 4.0));
        assert!((weighted.effective() - 16.0 / 10.0).abs() < 1e-12);
    }

    #[test]
    fn the_error_of_a_mean_is_that_of_independent_people() {
        // Values 1 to 4 of four people: sum of squared deviations 5; with n / (n - 1), variance of the mean 5/12.
        let [mean, cv] = Observations::new((1..=4).map(|x| (f64::from(x), 1.0, x as u32)).collect()).moments();
        assert_eq!(mean.value, 2.5);
        assert!((mean.standard_error - (5.0_f64 / 12.0).sqrt()).abs() < 1e-12);
        assert!((cv.value - (1.25_f64 / 6.25).sqrt()).abs() < 1e-12 && cv.standard_error > 0.0);
    }
}
