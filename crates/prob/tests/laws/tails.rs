//! Amounts that one in ten million exceeds.

use twosided_prob::{Family, Purpose, ScoredAmounts, Severity, SeverityScratch, upper_score};

use crate::{laws, normal_of, stream, word_of};

/// One in ten million.
const RARE: f64 = 1e-7;
/// Half the step from word to word, over that probability: 0.12%.
const HALF_A_WORD: f64 = 0.5 / 4_294_967_296.0 / RARE;
/// Most by which a normal is off.
const OFF: f64 = 2.3e-6;
/// What a normal that is off does to its probability there: the density over the probability is 5.4.
const OFF_IN_PROBABILITY: f64 = 5.4 * OFF;

/// Whether an amount is the quantile of a probability that is known to a part of itself.
fn assert_quantile(what: &str, amount: f64, law: &Severity, rare: f64, part: f64) {
    let [low, high] = [1.0 + part, 1.0 - part].map(|factor| law.quantile_above(rare * factor));
    let rounding = 1e-6;
    assert!(
        amount >= low * (1.0 - rounding) && amount <= high * (1.0 + rounding),
        "{what}: {amount}, not from {low} to {high}"
    );
}

#[test]
fn a_word_gives_the_normal_that_one_in_ten_million_exceeds() {
    let word = word_of(RARE);
    assert!((f64::from(word) - 429.0).abs() <= 1.0);
    let normal = f64::from(normal_of(word));
    let of_word = upper_score((f64::from(word) + 0.5) / 4_294_967_296.0);
    assert!((normal - of_word).abs() < OFF, "{normal} against {of_word}");
    // Half a word is 0.00022 of a standard deviation here.
    assert!((normal - upper_score(RARE)).abs() < HALF_A_WORD / 5.3 + OFF);
}

#[test]
fn every_law_at_a_score_has_its_amount_that_one_in_ten_million_exceeds() {
    let score = normal_of(word_of(RARE));
    for (what, law) in laws() {
        let part = HALF_A_WORD + OFF_IN_PROBABILITY;
        for zero in [0.0, 0.3, 0.99] {
            let mut amounts = Vec::new();
            ScoredAmounts::new(zero, &law).expect("valid").fill(&[score], &mut amounts);
            assert_quantile(&format!("{what}, zero {zero}"), amounts[0], &law, RARE / (1.0 - zero), part);
        }
        if let Severity::Family(Family::Lognormal(lognormal)) = &law {
            let amount = (lognormal.location + lognormal.scale * f64::from(score)).exp();
            assert_quantile(what, amount, &law, RARE, part);
            // In dollars: a part of 0.00023 of the scale of the logarithm.
            let exact = law.quantile_above(RARE);
            assert!((amount / exact).ln().abs() < 0.000_23 * lognormal.scale, "{what}: {amount} against {exact}");
        }
    }
}

/// Of 40 million draws, as many pass the quantiles of 10^-5 and 10^-6 as should, and the largest lies where it is likely.
#[test]
fn batches_have_the_tails_of_their_laws() {
    const BATCHES: usize = 1_250;
    const BATCH: usize = 32_000;
    let draws = (BATCHES * BATCH) as f64;
    let mut amounts = vec![0.0; BATCH];
    let mut scratch = SeverityScratch::default();
    for (index, (what, law)) in laws().iter().enumerate() {
        let mut stream = stream(index, Purpose::AddedSplit);
        let bounds = [1e-5, 1e-6].map(|probability| (probability, law.quantile_above(probability)));
        let (mut beyond, mut largest) = ([0_u32; 2], 0.0_f64);
        for _ in 0..BATCHES {
            law.fill(&mut stream, &mut amounts, &mut scratch);
            for &amount in &amounts {
                if amount > bounds[0].1 {
                    beyond[0] += 1;
                    beyond[1] += u32::from(amount > bounds[1].1);
                    largest = largest.max(amount);
                }
            }
        }
        for ((probability, _), beyond) in bounds.into_iter().zip(beyond) {
            let off = (f64::from(beyond) - draws * probability) / (draws * probability).sqrt();
            assert!(off.abs() < 4.0, "{what}: {beyond} of {draws} beyond {probability}, {off:.1} standard errors");
        }
        // All draws lie below the one quantile with a probability of 6e-6, and one above the other with 4e-5.
        let (low, high) = (law.quantile_above(3e-7), law.quantile_above(1e-12));
        assert!(largest > low && largest < high, "{what}: the largest is {largest}, not from {low} to {high}");
    }
}
