//! What part of a sum its first amounts make.

use statrs::distribution::{Beta, ContinuousCDF};
use twosided_prob::{Family, Purpose, Severity, SeverityScratch};

use crate::{DRAWS, amounts::assert_distribution, laws, stream};

/// The first amounts of a sum of gammas have a share that is a beta, and times the sum they are a gamma.
#[test]
fn shares_of_sums_of_gammas_are_betas() {
    const COUNT: u32 = 5;
    const KEPT: u32 = 2;
    for (index, (what, law)) in laws().iter().enumerate() {
        let Severity::Family(Family::Gamma(gamma)) = law else { continue };
        let (mut sums, mut shares, mut scratch) = (vec![0.0; DRAWS], Vec::new(), SeverityScratch::default());
        let (counts, kept) = (vec![COUNT; DRAWS], vec![KEPT; DRAWS]);
        law.fill_sums(&mut stream(index, Purpose::Severity), &counts, &mut sums, &mut scratch);
        law.kept_shares(&mut stream(index, Purpose::Kept), &counts, &kept, &mut shares, &mut scratch);
        let (a, b) = (gamma.shape * f64::from(KEPT), gamma.shape * f64::from(COUNT - KEPT));
        let beta = Beta::new(a, b).expect("shapes above zero");
        assert_distribution(what, &shares, |share| beta.cdf(share));
        let n = DRAWS as f64;
        let mean = shares.iter().sum::<f64>() / n;
        let off = (mean - a / (a + b)) / (a * b / (a + b).powi(2) / (a + b + 1.0) / n).sqrt();
        assert!(off.abs() < 4.0, "{what}: mean share {mean}, {off:.1} standard errors");
        let kept: Vec<f64> = shares.iter().zip(&sums).map(|(share, sum)| share * sum).collect();
        let of_kept = Family::gamma(gamma.scale * a, a.sqrt().recip()).expect("valid");
        assert_distribution(&format!("{what}, the kept amounts"), &kept, |x| of_kept.cdf(x));
    }
}

/// Gammas whose amounts are nearly all too small for a number still share their sums by their numbers of events.
#[test]
fn shares_of_gammas_too_small_for_a_number_have_their_mean() {
    for cv in [20.0, 50.0, 100.0] {
        let law = Severity::Family(Family::gamma(900.0, cv).expect("valid"));
        let (mut shares, mut scratch) = (Vec::new(), SeverityScratch::default());
        let (counts, kept) = (vec![3; DRAWS], vec![1; DRAWS]);
        law.kept_shares(&mut stream(0, Purpose::Kept), &counts, &kept, &mut shares, &mut scratch);
        let n = DRAWS as f64;
        let mean = shares.iter().sum::<f64>() / n;
        // A share is from 0 to 1, so no standard deviation is above one half.
        let off = (mean - 1.0 / 3.0) / (0.5 / n.sqrt());
        assert!(off.abs() < 4.0, "cv {cv}: mean share {mean}, {off:.1} standard errors at least");
    }
}

#[test]
fn shares_of_other_sums_are_ratios_of_their_amounts() {
    let counts: Vec<u32> = (0..600).map(|entry| entry % 6).collect();
    let kept: Vec<u32> = (0..600).map(|entry| entry / 6 % (entry % 6 + 1)).collect();
    for (index, (what, law)) in laws().iter().enumerate() {
        let (mut sums, mut shares, mut scratch) = (vec![0.0; counts.len()], Vec::new(), SeverityScratch::default());
        law.fill_sums(&mut stream(index, Purpose::Severity), &counts, &mut sums, &mut scratch);
        let amounts = match law {
            // They are drawn as sums; their shares are tested above.
            Severity::Family(Family::Gamma(_)) => Vec::new(),
            _ => law.amounts_of(&mut stream(index, Purpose::Split), &counts, &sums, &mut scratch).to_vec(),
        };
        law.kept_shares(&mut stream(index, Purpose::Kept), &counts, &kept, &mut shares, &mut scratch);
        let mut rest = amounts.as_slice();
        for (((&count, &kept), &sum), &share) in counts.iter().zip(&kept).zip(&sums).zip(&shares) {
            assert!((0.0..=1.0).contains(&share), "{what}: {share}");
            if count > 0 && kept == count {
                assert_eq!(share, 1.0, "{what}: all are kept");
            } else if count > 0 && kept == 0 {
                assert_eq!(share, 0.0, "{what}: none is kept");
            }
            if !amounts.is_empty() {
                let (own, others) = rest.split_at(count as usize);
                rest = others;
                let first: f64 = own[..kept as usize].iter().sum();
                assert!((share * sum - first).abs() <= 1e-12 * sum, "{what}: {share} of {sum} against {first}");
            }
        }
    }
}
