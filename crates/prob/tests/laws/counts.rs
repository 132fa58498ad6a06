//! Counts, drawn by words and read at scores.

use statrs::distribution::{ChiSquared, ContinuousCDF};
use twosided_prob::{Frequency, Purpose, ScoredCounts};

use crate::{DRAWS, Figures, normals, scores, stream};

/// Frequencies of every kind.
fn frequencies() -> [Frequency; 10] {
    [
        Frequency::Poisson { mean: 0.02 },
        Frequency::Poisson { mean: 1.7 },
        Frequency::Poisson { mean: 40.0 },
        Frequency::NegativeBinomial { mean: 0.35, dispersion: 0.7 },
        Frequency::NegativeBinomial { mean: 9.0, dispersion: 0.2 },
        Frequency::NegativeBinomial { mean: 9.0, dispersion: 60.0 },
        Frequency::Bernoulli { probability: 0.004 },
        Frequency::Bernoulli { probability: 0.8 },
        Frequency::ZeroInflatedPoisson { mean: 1.2, zero_inflation: 0.6 },
        Frequency::ZeroInflatedNegativeBinomial { mean: 2.5, dispersion: 0.8, zero_inflation: 0.4 },
    ]
}

/// Chi-squares of this many samples are tested.
const SAMPLES: f64 = 30.0;

/// The chi-square that all samples pass together but one time in a thousand, over counts of which at least 20 are expected and the
/// rest in one class.
fn assert_law(what: &str, draws: &[u32], law: Frequency) {
    let n = draws.len() as f64;
    let mut seen = vec![0.0; *draws.iter().max().expect("draws") as usize + 1];
    for &draw in draws {
        seen[draw as usize] += 1.0;
    }
    let (mut statistic, mut classes) = (0.0, 0.0);
    let (mut rest_seen, mut rest_expected) = (n, n);
    for count in 0_u32.. {
        let expected = n * law.log_probability(count).exp();
        if rest_expected - expected < 20.0 || expected < 20.0 && f64::from(count) > law.mean() {
            break;
        }
        if expected < 20.0 {
            continue;
        }
        let seen = seen.get(count as usize).copied().unwrap_or(0.0);
        statistic += (seen - expected).powi(2) / expected;
        (rest_seen, rest_expected, classes) = (rest_seen - seen, rest_expected - expected, classes + 1.0);
    }
    statistic += (rest_seen - rest_expected).powi(2) / rest_expected;
    let most = ChiSquared::new(classes).expect("classes").inverse_cdf(1.0 - 0.001 / SAMPLES);
    assert!(statistic < most, "{what}: chi-square {statistic:.1} of {classes} degrees, at most {most:.1}");
    let weighted: Vec<(f64, f64)> =
        (0..2_000).map(|count| (f64::from(count), law.log_probability(count).exp())).collect();
    let draws: Vec<f64> = draws.iter().map(|&draw| f64::from(draw)).collect();
    Figures::of(&weighted, f64::INFINITY).assert_met(what, &draws);
}

#[test]
fn counts_of_words_have_their_law() {
    for (index, law) in frequencies().into_iter().enumerate() {
        let mut words = vec![0; DRAWS];
        stream(index, Purpose::Variant).fill_words(&mut words);
        let table = law.table().expect("valid");
        let counts: Vec<u32> = words.iter().map(|&word| table.count(word)).collect();
        assert!(words.iter().zip(&counts).all(|(&word, &count)| (word >= table.first_event()) == (count > 0)));
        assert_law(&format!("{law:?}"), &counts, law);
    }
}

#[test]
fn counts_at_normals_and_at_scores_of_frailty_have_their_law() {
    for (index, law) in frequencies().into_iter().enumerate() {
        let scored = ScoredCounts::new(&law.table().expect("valid"));
        for (what, scores) in [("normals", normals(index)), ("scores", scores(index))] {
            let counts: Vec<u32> = scores.iter().map(|&score| scored.count(score)).collect();
            assert!(scores.iter().zip(&counts).all(|(&score, &count)| (score >= scored.first_event()) == (count > 0)));
            assert_law(&format!("{law:?} at {what}"), &counts, law);
        }
    }
}
