//! Errors of paired differences are those of replication: in 2,000 replications of two samples of 1,000 that share luck, the mean estimated
//! variance of a measure's difference is its variance over the replications, within four standard errors of that comparison. The seed was fixed
//! before the first run.
//!
//! A trial of the first sample is a capped gain, one of the second the same luck with another cap, and luck of its own:
//!
//! ```text
//! a = min(1.5, x),   b = min(1.2, 0.1 + 0.8 x + 0.6 y)
//! ```

use twosided_prob::{
    Design, Estimate, Influence, Influences, Purpose, Sample, Stream, StreamKey, counts_apart, name_key,
};
use twosided_units::Share;

const REPLICATIONS: u64 = 2_000;
const TRIALS: u64 = 1_000;
const MOST_STANDARD_ERRORS: f64 = 4.0;

fn normals(name: &str, replication: u64) -> Vec<f64> {
    let key = |trial| StreamKey {
        seed: 2_027,
        purpose: Purpose::Severity,
        segment: 0,
        service: name_key(name),
        trial: replication * TRIALS + trial,
        year: 0,
    };
    (0..TRIALS).map(|trial| Stream::new(&key(trial)).normal()).collect()
}

fn samples(replication: u64) -> [Vec<f64>; 2] {
    let (x, y) = (normals("x", replication), normals("y", replication));
    let b = x.iter().zip(&y).map(|(x, y)| (0.1 + 0.8 * x + 0.6 * y).min(1.2)).collect();
    [x.iter().map(|x| x.min(1.5)).collect(), b]
}

fn share(level: f64) -> Share {
    Share::new(level).expect("a share")
}

/// Each measure with its influence.
fn measures(values: &[f64]) -> [(Estimate, Influence); 5] {
    let sample = Sample::new(values.to_vec()).expect("finite");
    let quantile = sample.quantile(share(0.1));
    let edge = sample.quantile(share(0.05)).value;
    [
        (sample.mean(), Influence::Amount),
        (sample.sd(), Influence::SquareAbout(sample.mean().value)),
        (sample.probability(|value| value < -0.5), Influence::Below(-0.5)),
        (quantile, Influence::AtMost(quantile.value)),
        (sample.tail_value_at_risk(share(0.95)), Influence::ShortfallBelow(edge)),
    ]
}

#[test]
fn estimated_variances_are_those_of_replication() {
    let design = Design::independent(TRIALS as usize);
    let mut found: [Vec<[f64; 3]>; 5] = Default::default();
    for replication in 0..REPLICATIONS {
        let [a, b] = samples(replication);
        for (index, (of_a, of_b)) in measures(&a).into_iter().zip(measures(&b)).enumerate() {
            let [own, other] =
                [(&a, of_a.1), (&b, of_b.1)].map(|(values, influence)| Influences::new(&design, values, influence));
            let error = own.error_of_difference(of_a.0.standard_error, &other, of_b.0.standard_error);
            let alone = of_a.0.standard_error.powi(2) + of_b.0.standard_error.powi(2);
            found[index].push([of_b.0.value - of_a.0.value, error.standard_error.powi(2), alone]);
        }
    }
    for (index, pairs) in found.iter().enumerate() {
        let n = pairs.len() as f64;
        let mean = pairs.iter().map(|[difference, ..]| difference).sum::<f64>() / n;
        let squares: Vec<f64> = pairs.iter().map(|[difference, ..]| (difference - mean).powi(2)).collect();
        let variance = squares.iter().sum::<f64>() / (n - 1.0);
        let [estimated, alone] = [1, 2].map(|of| pairs.iter().map(|figures| figures[of]).sum::<f64>() / n);
        assert!(estimated < 0.8 * alone, "shared luck cancels in measure {index}: {estimated} {alone}");
        // The error of the variance over replications; that of the mean estimate is much smaller.
        let spread = squares.iter().map(|square| (square - variance).powi(2)).sum::<f64>() / (n - 1.0);
        let error = (spread / n).sqrt();
        let off = (estimated - variance) / error;
        // Quantiles, standard deviations and tails are linear to first order only.
        let allowed = MOST_STANDARD_ERRORS + if index == 0 || index == 2 { 0.0 } else { 0.03 * variance / error };
        assert!(off.abs() < allowed, "measure {index}: {off:.1} standard errors, ratio {:.3}", estimated / variance);
    }
}

#[test]
fn exact_tests_of_counts_reject_no_more_often_than_stated() {
    // Counts below a limit in two samples of one law: at a stated 5%, at most 5% of 2,000, within four binomial standard errors.
    let below = |name: &str, replication| {
        let some = normals(name, replication).iter().filter(|&&x| x < -2.0).count() as u64;
        twosided_prob::CountOf { some, all: TRIALS }
    };
    let rejected = (0..REPLICATIONS)
        .filter(|&replication| counts_apart(below("one", replication), below("other", replication)) < 0.05);
    let share = rejected.count() as f64 / REPLICATIONS as f64;
    let allowed = 0.05 + MOST_STANDARD_ERRORS * (0.05 * 0.95 / REPLICATIONS as f64).sqrt();
    assert!(share < allowed && share > 0.01, "{share}");
}
