//! Amounts, drawn in batches and read at scores.

use twosided_prob::{Purpose, ScoredAmounts, Severity, SeverityScratch};

use crate::{DRAWS, Figures, laws, normals, scores, stream};

/// Greatest distance between the distribution function of draws and that of a law with a point mass at zero.
pub fn distance(draws: &[f64], cdf: impl Fn(f64) -> f64) -> f64 {
    let mut sorted = draws.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let mut before = 0;
    let mut greatest: f64 = 0.0;
    while before < sorted.len() {
        let value = sorted[before];
        let after = before + sorted[before..].partition_point(|&other| other == value);
        let expected = cdf(value);
        if value > 0.0 {
            greatest = greatest.max((before as f64 / n - expected).abs());
        }
        greatest = greatest.max((after as f64 / n - expected).abs());
        before = after;
    }
    greatest
}

/// The distance that one sample of a thousand passes.
pub fn assert_distribution(what: &str, draws: &[f64], cdf: impl Fn(f64) -> f64) {
    let (found, most) = (distance(draws, cdf), 1.95 / (draws.len() as f64).sqrt());
    assert!(found < most, "{what}: Kolmogorov-Smirnov distance {found:.5}, at most {most:.5}");
}

fn assert_law(what: &str, draws: &[f64], zero: f64, law: &Severity) {
    assert_distribution(what, draws, |x| zero + (1.0 - zero) * law.law().cdf(x));
    Figures::of_amounts(zero, law).assert_met(what, draws);
}

#[test]
fn batches_of_amounts_have_their_law() {
    for (index, (what, law)) in laws().iter().enumerate() {
        let mut draws = vec![0.0; DRAWS];
        law.fill(&mut stream(index, Purpose::Severity), &mut draws, &mut SeverityScratch::default());
        assert_law(what, &draws, 0.0, law);
    }
}

#[test]
fn amounts_at_normals_and_at_scores_of_frailty_have_their_law() {
    let mut draws = Vec::new();
    for (index, (what, law)) in laws().iter().enumerate() {
        for (zero, scores) in [(0.0, normals(index)), (0.3, scores(index))] {
            let scored = ScoredAmounts::new(zero, law).expect("valid");
            scored.fill(&scores, &mut draws);
            assert_law(&format!("{what}, zero {zero}"), &draws, zero, law);
            let alone = scores.iter().step_by(997).map(|&score| scored.amount(f64::from(score)));
            assert!(draws.iter().step_by(997).copied().eq(alone), "{what}: one at a time and in a batch");
        }
    }
}

/// A sum of draws has as many times the mean, the variance and the third cumulant.
#[test]
fn batches_of_sums_have_the_law_of_sums() {
    const COUNT: u32 = 3;
    for (index, (what, law)) in laws().iter().enumerate() {
        let mut sums = vec![0.0; DRAWS];
        let mut scratch = SeverityScratch::default();
        law.fill_sums(&mut stream(index, Purpose::Added), &vec![COUNT; DRAWS], &mut sums, &mut scratch);
        let Figures { figures: [mean, sd, _], of_one_draw: [_, of_sd, _] } = Figures::of_amounts(0.0, law);
        let (n, count) = (DRAWS as f64, f64::from(COUNT));
        let found = sums.iter().sum::<f64>() / n;
        let spread = (sums.iter().map(|sum| (sum - found).powi(2)).sum::<f64>() / n).sqrt();
        if law.tail_index() > 2.0 {
            let off = (found - count * mean) / (sd * (count / n).sqrt());
            assert!(off.abs() < 4.0, "{what}: mean of sums {found}, {off:.1} standard errors");
        }
        if let Some(of_sd) = of_sd {
            // The error of a variance: two, and the excess of the kurtosis, which a sum divides by its count.
            let excess = 4.0 * (of_sd / sd).powi(2) - 2.0;
            let error = 0.5 * sd * count.sqrt() * ((2.0 + excess / count) / n).sqrt();
            let off = (spread - sd * count.sqrt()) / error;
            assert!(off.abs() < 4.0, "{what}: sd of sums {spread}, {off:.1} standard errors");
        }
    }
}
