//! Normal scores of amounts with many ties, and the latent correlation behind the mean product of two of them.

use crate::special::{normal_density, normal_quantile};

/// Terms of the series.
const TERMS: usize = 40;

/// Scores of a list of amounts, and how they hang on a latent standard normal.
#[derive(Clone, Debug)]
pub(crate) struct Scores {
    /// Of each amount, the mean of the latent normal among those of equal amounts.
    pub scores: Vec<f64>,
    /// Coefficients of the score in normalized Hermite polynomials, from the first on.
    coefficients: Vec<f64>,
}

impl Scores {
    /// Scores by rank: amounts that are equal share one stretch of the normal law.
    pub fn new(amounts: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..amounts.len()).collect();
        order.sort_by(|&a, &b| amounts[a].total_cmp(&amounts[b]));
        let mut scores = vec![0.0; amounts.len()];
        let mut coefficients = vec![0.0; TERMS];
        let mut start = 0;
        while start < order.len() {
            let value = amounts[order[start]];
            let many = order[start..].iter().take_while(|&&at| amounts[at] == value).count();
            let share = |up_to: usize| up_to as f64 / amounts.len() as f64;
            let (low, high) = (normal_quantile(share(start)), normal_quantile(share(start + many)));
            let score = (density(low) - density(high)) / share(many);
            for &at in &order[start..start + many] {
                scores[at] = score;
            }
            // ∫ h_k φ = -h_(k-1) φ / √k.
            let (from, to) = (hermite(low), hermite(high));
            for (term, coefficient) in coefficients.iter_mut().enumerate() {
                let part = from[term] * density(low) - to[term] * density(high);
                *coefficient += score * part / ((term + 1) as f64).sqrt();
            }
            start += many;
        }
        Self { scores, coefficients }
    }

    /// Mean product of two scores whose latent normals have that correlation.
    fn mean_product(&self, other: &Self, correlation: f64) -> f64 {
        let mut power = 1.0;
        self.coefficients
            .iter()
            .zip(&other.coefficients)
            .map(|(a, b)| {
                power *= correlation;
                a * b * power
            })
            .sum()
    }

    /// The latent correlation that gives that mean product.
    ///
    /// # Source
    /// \[CN97\]: the correlation that makes transformed normals have given product moments, by Mehler's series; with two
    /// amounts that are zero or not it is the tetrachoric correlation of \[P1900\].
    pub fn correlation(&self, other: &Self, mean_product: f64) -> f64 {
        crate::search::zero_between(-0.99, 0.99, |correlation| self.mean_product(other, correlation) - mean_product)
    }
}

fn density(x: f64) -> f64 {
    if x.is_finite() { normal_density(x) } else { 0.0 }
}

/// Normalized Hermite polynomials `He_k / √k!` from degree zero; zeros at infinity, where the density kills them.
fn hermite(x: f64) -> [f64; TERMS] {
    let mut values = [0.0; TERMS];
    if !x.is_finite() {
        return values;
    }
    (values[0], values[1]) = (1.0, x);
    for degree in 2..TERMS {
        let k = degree as f64;
        values[degree] = (x * values[degree - 1] - (k - 1.0).sqrt() * values[degree - 2]) / k.sqrt();
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_prob::{Purpose, Stream, StreamKey};

    #[test]
    fn two_halves_have_the_tetrachoric_correlation() {
        // Medians of a bivariate normal: P(both above) = 1/4 + asin(ρ) / 2π; ρ = 0.5 gives 1/3.
        let amounts = |ones: &[usize]| (0..12).map(|at| f64::from(u8::from(ones.contains(&at)))).collect::<Vec<f64>>();
        let (first, second) = (Scores::new(&amounts(&[0, 1, 2, 3, 4, 5])), Scores::new(&amounts(&[0, 1, 2, 3, 6, 7])));
        let product = first.scores.iter().zip(&second.scores).map(|(a, b)| a * b).sum::<f64>() / 12.0;
        assert!((first.correlation(&second, product) - 0.5).abs() < 1e-3);
    }

    #[test]
    fn the_correlation_behind_many_zeros_is_found() {
        let key = StreamKey { seed: 3, purpose: Purpose::Resample, segment: 0, service: 0, trial: 0, year: 0 };
        let mut stream = Stream::new(&key);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for _ in 0..40_000 {
            let (common, own, other) = (stream.normal(), stream.normal(), stream.normal());
            let latent = |own: f64| 0.6_f64.sqrt() * common + 0.4_f64.sqrt() * own;
            // Nine in ten have none of the first; the second is a count.
            first.push((latent(own) - 1.28).max(0.0).exp_m1());
            second.push((1.5 * latent(other) + 1.0).max(0.0).floor());
        }
        let (first, second) = (Scores::new(&first), Scores::new(&second));
        let product = first.scores.iter().zip(&second.scores).map(|(a, b)| a * b).sum::<f64>() / 40_000.0;
        let found = first.correlation(&second, product);
        // A naive correlation of ranks is near 0.35. The error of ours is about 0.01.
        assert!((found - 0.6).abs() < 0.03, "{found}");
    }
}
