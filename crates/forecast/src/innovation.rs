//! The law of what a year brings beyond what was expected: heavier in its tails than a normal.

use serde::{Deserialize, Serialize};
use twosided_prob::upper_probability;

/// A mixture of two normals with mean 0 and variance 1: most years are ordinary, some are wilder.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Innovation {
    /// Weight of the wilder normal.
    pub weight: f64,
    /// Standard deviation of the wilder normal over that of the ordinary one.
    pub ratio: f64,
}

impl Innovation {
    /// The normal law.
    pub const NORMAL: Self = Self { weight: 0.0, ratio: 1.0 };

    /// Weights and standard deviations of both normals.
    pub fn parts(&self) -> [(f64, f64); 2] {
        let Self { weight, ratio } = *self;
        let ordinary = 1.0 / (1.0 - weight + weight * ratio * ratio).sqrt();
        [(1.0 - weight, ordinary), (weight, ordinary * ratio)]
    }

    /// Standard deviation of the normal that a normal score chooses: of the wilder one for its weight of the highest scores.
    pub fn sd_at(&self, score: f64) -> f64 {
        let parts = self.parts();
        parts[usize::from(upper_probability(score) < parts[1].0)].1
    }

    /// Logarithm of the density.
    pub fn log_density(&self, z: f64) -> f64 {
        let density: f64 =
            self.parts().iter().map(|&(weight, sd)| weight / sd * libm::exp(-0.5 * (z / sd) * (z / sd))).sum();
        // So far out that the density is zero, the wider normal alone counts.
        if density > 0.0 {
            libm::log(density) - HALF_LOG_TAU
        } else {
            let (weight, sd) = self.parts()[usize::from(self.weight > 0.0)];
            libm::log(weight / sd) - 0.5 * (z / sd) * (z / sd) - HALF_LOG_TAU
        }
    }

    /// Probability of at most `x`, where the variance is `variance` and a normal of variance `beside` is added to it.
    pub fn below(&self, x: f64, variance: f64, beside: f64) -> f64 {
        let part = |&(weight, sd): &(f64, f64)| {
            if weight == 0.0 { 0.0 } else { weight * upper_probability(-x / (variance * sd * sd + beside).sqrt()) }
        };
        self.parts().iter().map(part).sum()
    }

    /// The value below which a probability lies, found by halving.
    pub fn quantile(&self, probability: f64, variance: f64, beside: f64) -> f64 {
        let [_, (_, widest)] = self.parts();
        let reach = 12.0 * (variance * widest.max(1.0) * widest.max(1.0) + beside).sqrt();
        let (mut low, mut high) = (-reach, reach);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.below(middle, variance, beside) < probability {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high)
    }
}

const HALF_LOG_TAU: f64 = 0.918_938_533_204_672_7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_variance_one_and_a_density_that_is_the_slope_of_its_distribution() {
        let law = Innovation { weight: 0.17, ratio: 2.3 };
        let variance: f64 = law.parts().iter().map(|(weight, sd)| weight * sd * sd).sum();
        assert!((variance - 1.0).abs() < 1e-12);
        for z in [-3.0, -0.5, 0.0, 1.2, 4.0] {
            let slope = (law.below(z + 1e-4, 1.0, 0.0) - law.below(z - 1e-4, 1.0, 0.0)) / 2e-4;
            assert!((law.log_density(z).exp() / slope - 1.0).abs() < 1e-5, "{z}");
        }
        assert!(law.log_density(1e4).is_finite());
    }

    #[test]
    fn quantiles_invert_the_distribution() {
        let law = Innovation { weight: 0.17, ratio: 2.3 };
        for probability in [0.01, 0.3, 0.5, 0.95] {
            let x = law.quantile(probability, 4.0, 1.0);
            assert!((law.below(x, 4.0, 1.0) - probability).abs() < 1e-9);
        }
        // 1.959964 of a normal.
        assert!((Innovation::NORMAL.quantile(0.975, 1.0, 0.0) - 1.959_964).abs() < 1e-5);
    }
}
