//! Every law of counts against `statrs` or a closed form, and every figure of a law against the others.

use super::*;

fn moments(frequency: Frequency) -> (f64, f64) {
    let table = frequency.table().expect("valid parameters");
    let mut below = 0.0;
    let (mut mean, mut square) = (0.0, 0.0);
    for (count, up_to) in table.cumulative().enumerate() {
        let (probability, count) = (up_to - below, count as f64);
        mean += probability * count;
        square += probability * count * count;
        below = up_to;
    }
    (mean, square - mean * mean)
}

#[test]
fn tables_have_the_mean_and_variance_of_their_law() {
    let cases = [
        (Frequency::Poisson { mean: 0.3 }, 0.3, 0.3),
        (Frequency::Poisson { mean: 900.0 }, 900.0, 900.0),
        (Frequency::NegativeBinomial { mean: 0.35, dispersion: 0.7 }, 0.35, 0.35 + 0.35 * 0.35 / 0.7),
        (Frequency::NegativeBinomial { mean: 12.0, dispersion: 1.5 }, 12.0, 12.0 + 144.0 / 1.5),
        (Frequency::Bernoulli { probability: 0.04 }, 0.04, 0.04 * 0.96),
        // Mixture of zero (p = 0.5) and Poisson(2): mean 1, variance 0.5 * (2 + 4) - 1.
        (Frequency::ZeroInflatedPoisson { mean: 1.0, zero_inflation: 0.5 }, 1.0, 2.0),
        // Mixture of zero (p = 0.2) and NB(mean 1.25, r = 2): 0.8 * (1.25 + 1.25^2 * 1.5) - 1.
        (
            Frequency::ZeroInflatedNegativeBinomial { mean: 1.0, dispersion: 2.0, zero_inflation: 0.2 },
            1.0,
            0.8 * (1.25 + 1.25 * 1.25 * 1.5) - 1.0,
        ),
    ];
    for (frequency, mean, variance) in cases {
        let (ours, our_variance) = moments(frequency);
        assert!((ours / mean - 1.0).abs() < 1e-9, "{frequency:?}: mean {ours}");
        assert!((our_variance / variance - 1.0).abs() < 1e-8, "{frequency:?}: variance {our_variance}");
        assert!((frequency.mean() - mean).abs() < 1e-12);
        assert!((frequency.variance() / variance - 1.0).abs() < 1e-12, "{frequency:?}");
    }
}

#[test]
fn a_negative_binomial_has_its_probabilities() {
    // r = 0.7, mean 0.35: P(0) = (2/3)^0.7, P(1) = P(0) * 0.7 / 3.
    let table = Frequency::NegativeBinomial { mean: 0.35, dispersion: 0.7 }.table().expect("valid parameters");
    let zero = (2.0_f64 / 3.0).powf(0.7);
    let up_to: Vec<f64> = table.cumulative().take(2).collect();
    assert!((up_to[0] - zero).abs() < 1e-14);
    assert!((up_to[1] - zero * (1.0 + 0.7 / 3.0)).abs() < 1e-14);
}

fn laws() -> [Frequency; 7] {
    [
        Frequency::Poisson { mean: 0.3 },
        Frequency::Poisson { mean: 40.0 },
        Frequency::NegativeBinomial { mean: 0.35, dispersion: 0.7 },
        Frequency::NegativeBinomial { mean: 25.0, dispersion: 1.6 },
        Frequency::Bernoulli { probability: 0.04 },
        Frequency::ZeroInflatedPoisson { mean: 1.0, zero_inflation: 0.5 },
        Frequency::ZeroInflatedNegativeBinomial { mean: 1.0, dispersion: 2.0, zero_inflation: 0.2 },
    ]
}

#[test]
fn probabilities_agree_with_statrs() {
    use statrs::distribution::{Discrete, DiscreteCDF, NegativeBinomial, Poisson};
    let poisson = Poisson::new(40.0).expect("valid parameters");
    let negative_binomial = NegativeBinomial::new(1.6, 1.6 / (1.6 + 25.0)).expect("valid parameters");
    for count in [0_u32, 1, 5, 24, 40, 90, 200] {
        let k = u64::from(count);
        let theirs = [(poisson.ln_pmf(k), poisson.sf(k)), (negative_binomial.ln_pmf(k), negative_binomial.sf(k))];
        for (law, (log_probability, survival)) in [laws()[1], laws()[3]].iter().zip(theirs) {
            assert!((law.log_probability(count) - log_probability).abs() < 1e-11, "{law:?} at {count}");
            let off = (law.survival(count) - survival).abs();
            assert!(off < 1e-9 * survival + 1e-13, "{law:?} at {count}: off by {off:e}");
        }
    }
}

#[test]
fn sums_of_probabilities_are_cdfs_limited_means_and_quantiles() {
    for law in laws() {
        let (mut cdf, mut limited) = (0.0, 0.0);
        for count in 0..120 {
            assert!((law.limited_mean(count) - limited).abs() < 1e-11, "{law:?} to {count}");
            cdf += law.log_probability(count).exp();
            assert!((law.cdf(count) - cdf).abs() < 1e-12, "{law:?} at {count}");
            limited += 1.0 - cdf;
            let survival = law.survival(count);
            if (1e-9..1.0 - 1e-9).contains(&survival) && law.survival(count + 1) > 0.0 {
                assert_eq!(law.quantile_above(survival), count, "{law:?}");
                let between = f64::midpoint(survival, law.survival(count + 1));
                assert_eq!(law.quantile_above(between), count + 1, "{law:?}");
            }
        }
    }
}

#[test]
fn part_of_a_year_has_that_part_of_the_mean() {
    for law in laws() {
        assert!((law.of_part(0.4).mean() - 0.4 * law.mean()).abs() < 1e-15, "{law:?}");
        assert_eq!(law.restated(|number| number), law);
        assert_eq!(law.parameters().len(), law.restated(|number| 0.5 * number).parameters().len());
    }
}

#[test]
fn impossible_parameters_are_refused() {
    let bad = [
        Frequency::Poisson { mean: -1.0 },
        Frequency::Poisson { mean: f64::NAN },
        Frequency::Poisson { mean: f64::INFINITY },
        Frequency::NegativeBinomial { mean: 1.0, dispersion: 0.0 },
        Frequency::NegativeBinomial { mean: 1_000.0, dispersion: 1e-6 },
        Frequency::NegativeBinomial { mean: 1e-300, dispersion: 1e9 },
        Frequency::NegativeBinomial { mean: 1.0, dispersion: 1e-15 },
        Frequency::NegativeBinomial { mean: 1.0, dispersion: 1e-320 },
        Frequency::Bernoulli { probability: 1.5 },
        Frequency::ZeroInflatedPoisson { mean: 1.0, zero_inflation: 1.0 },
    ];
    for frequency in bad {
        assert!(frequency.table().is_err(), "{frequency:?}");
    }
}

#[test]
fn what_the_check_accepts_has_a_table_of_its_mean() {
    for mean in [1e-9, 1e-3, 1.0, 30.0, 1_000.0] {
        for dispersion in [1e-6, 1e-3, 0.48, 1.0, 100.0, 1e9] {
            let frequency = Frequency::NegativeBinomial { mean, dispersion };
            assert_eq!(frequency.check().is_ok(), frequency.table().is_ok(), "{frequency:?}");
            if frequency.check().is_ok() {
                let (ours, _) = moments(frequency);
                assert!((ours / mean - 1.0).abs() < 1e-3, "{frequency:?}: mean {ours}");
            }
        }
    }
}

#[test]
fn a_law_too_spread_is_refused_by_the_mean_that_was_stated() {
    let frequency = Frequency::ZeroInflatedPoisson { mean: 1_000.0, zero_inflation: 0.999 };
    assert_eq!(frequency.check().map_err(|error| error.value), Err(1_000.0));
}
