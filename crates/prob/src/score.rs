//! Laws read at a normal score: how a frailty that people share reaches counts and amounts and leaves every law as it is.
//!
//! A standard normal `x` stands for the probability `Φ(x)`; the count or the amount of that probability has exactly its
//! law. Scores that correlate, as those of one person's services do, give counts and amounts that move together.

mod amounts;
mod counts;

pub use amounts::ScoredAmounts;
pub use counts::ScoredCounts;

/// Scores that are worked on together.
const TOGETHER: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Family, Frequency, ParameterError, Purpose, Severity, Stream, StreamKey, upper_probability, upper_score,
    };

    fn scores(count: usize) -> Vec<f64> {
        let key = StreamKey { seed: 3, purpose: Purpose::Frailty, segment: 0, service: 0, trial: 0, year: 0 };
        let mut scores = vec![0.0; count];
        Stream::new(&key).fill_scores(&mut scores);
        scores
    }

    /// Mean within four standard errors of what it should be.
    fn assert_mean(values: &[f64], expected: f64, what: &str) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let sd = (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
        let z = (mean - expected) / (sd / n.sqrt());
        assert!(z.abs() < 4.0, "{what}: {mean} against {expected}, {z:.1} standard errors");
    }

    #[test]
    fn scored_counts_have_their_law() {
        let frequency = Frequency::NegativeBinomial { mean: 0.35, dispersion: 0.7 };
        let scored = ScoredCounts::new(&frequency.table().expect("valid parameters"));
        // P(0) = (2/3)^0.7.
        assert!((upper_probability(f64::from(scored.first_event())) - (1.0 - (2.0_f64 / 3.0).powf(0.7))).abs() < 1e-7);
        let counts: Vec<f64> = scores(400_000).into_iter().map(|x| f64::from(scored.count(x as f32))).collect();
        assert_mean(&counts, 0.35, "mean");
        let squares: Vec<f64> = counts.iter().map(|x| x * x).collect();
        assert_mean(&squares, 0.35 + 0.35 * 0.35 / 0.7 + 0.35 * 0.35, "mean square");
    }

    #[test]
    fn scored_amounts_have_their_law() {
        let lognormal = Severity::Family(Family::lognormal(6_000.0, 1.5).expect("valid parameters"));
        let scored = ScoredAmounts::new(0.0, &lognormal).expect("valid");
        let scale = (1.5_f64 * 1.5).ln_1p().sqrt();
        let location = 6_000.0_f64.ln() - 0.5 * scale * scale;
        for step in -600..600 {
            let x = f64::from(step) / 101.0;
            let exact = (location + scale * x).exp();
            assert!((scored.amount(x) / exact - 1.0).abs() < 1e-8, "at {x}");
        }
        let laws = [
            Severity::Family(Family::gamma(900.0, 1.8).expect("valid parameters")),
            Severity::Family(Family::pareto_of_shape(900.0, 3.5).expect("valid parameters")),
            Severity::Family(Family::weibull(900.0, 1.8).expect("valid parameters")),
            Severity::lognormal_mixture(&[(0.9, 4_000.0, 1.0), (0.1, 60_000.0, 0.8)]).expect("valid parameters"),
            Severity::spliced(
                Family::lognormal(9_000.0, 1.2).expect("valid parameters"),
                Family::pareto_of_shape(80_000.0, 3.5).expect("valid parameters"),
                50_000.0,
                0.03,
            )
            .expect("valid parameters"),
            Severity::empirical(&[(0.0, 0.0), (0.5, 1_000.0), (0.9, 6_000.0), (1.0, 40_000.0)]).expect("valid"),
        ];
        let scores = scores(400_000);
        for law in laws {
            let scored = ScoredAmounts::new(0.3, &law).expect("valid");
            let amounts: Vec<f64> = scores.iter().map(|&x| scored.amount(x)).collect();
            assert_mean(&amounts, 0.7 * law.mean(), &format!("{law:?}"));
            let zeros: Vec<f64> = amounts.iter().map(|&x| f64::from(x == 0.0)).collect();
            assert_mean(&zeros, 0.3, "zeros");
        }
    }

    /// Mean of an amount over scores, exact to about 1e-6: by quantiles of the score, with those beside the point mass.
    fn mean_of(scored: &ScoredAmounts) -> f64 {
        let nodes = &scored.nodes;
        let mut sum = 0.0;
        for pair in nodes.windows(2) {
            // Simpson's rule over the probability of each part, which is short.
            let ((from, curve), (to, _)) = (pair[0], pair[1]);
            let density = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
            let middle = 0.5 * (from + to);
            let at = |x: f64| curve.at(x - from) * density(x);
            sum += (to - from) / 6.0 * (at(from) + 4.0 * at(middle) + at(to));
        }
        sum
    }

    #[test]
    fn an_amount_with_a_point_mass_has_its_mean() {
        let family = |family: Result<Family, ParameterError>| Severity::Family(family.expect("valid parameters"));
        let narrow = Severity::empirical(&[(0.0, 10_000.0), (1.0, 10_001.0)]).expect("valid");
        let laws = [
            narrow,
            // An atom at 0 and one at 10,000 within the law itself.
            Severity::empirical(&[(0.0, 0.0), (0.99, 0.0), (0.990_001, 10_000.0), (1.0, 10_000.0)]).expect("valid"),
            family(Family::lognormal(900.0, 0.1)),
            family(Family::lognormal(900.0, 3.0)),
            family(Family::gamma(900.0, 1e-6)),
            family(Family::gamma(900.0, 0.05)),
            family(Family::gamma(900.0, 2.0)),
            family(Family::weibull(900.0, 0.01)),
            family(Family::weibull(900.0, 3.0)),
            family(Family::pareto_of_shape(900.0, 3.0)),
            // Jumps between components, and between body and tail.
            Severity::lognormal_mixture(&[(0.97, 100.0, 1e-3), (0.03, 90_000.0, 1e-3)]).expect("valid"),
            Severity::spliced(
                Family::gamma(100.0, 0.5).expect("valid parameters"),
                Family::lognormal(80_000.0, 1e-3).expect("valid parameters"),
                500.0,
                0.02,
            )
            .expect("valid"),
        ];
        for law in &laws {
            for zero in [0.0, 1e-9, 0.3, 0.5, 0.9, 0.99, 0.999_9] {
                let scored = ScoredAmounts::new(zero, law).expect("valid");
                // The table ends where one person of 10^12 lies; what heavy tails have beyond is known.
                let beyond = match law {
                    Severity::Family(family) => {
                        let end = law.quantile_above(1.3e-12 / (1.0 - zero));
                        1.0 - family.partial_mean(end) / law.mean()
                    }
                    _ => 0.0,
                };
                let off = mean_of(&scored) / ((1.0 - zero) * law.mean()) - 1.0;
                assert!(off.abs() < 2e-5 + beyond, "{law:?}, zero {zero}: mean off by {off:e}");
                if zero > 1e-8 {
                    assert_eq!(scored.amount(scored.first_use() - 1e-12), 0.0);
                    let least = law.quantile_above(1.0 - 1e-15);
                    assert!(scored.amount(scored.first_use() + 1e-12) >= 0.999 * least, "{law:?}, zero {zero}");
                }
            }
        }
    }

    #[test]
    fn scores_turn_back_into_their_probabilities() {
        for probability in [1e-12, 0.003, 0.5, 0.9] {
            assert!((upper_probability(upper_score(probability)) / probability - 1.0).abs() < 1e-9);
        }
    }
}
