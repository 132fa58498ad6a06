//! Measures of samples that are all one number, or two, or nearly so, or huge, or tiny: no figure is NaN, no error is below zero,
//! and an end that cannot be estimated is the only thing that is infinite.

use twosided_prob::{Caution, Estimate, Sample, paired_difference};
use twosided_units::Share;

fn share(value: f64) -> Share {
    Share::new(value).expect("a share")
}

fn assert_sound(what: &str, estimate: Estimate) {
    let Estimate { value, standard_error, lower, upper, caution } = estimate;
    assert!(value.is_finite(), "{what}: {estimate:?}");
    assert!(standard_error >= 0.0 && !lower.is_nan() && !upper.is_nan(), "{what}: {estimate:?}");
    assert!(lower <= value && value <= upper, "{what}: {estimate:?}");
    // What is not known says why.
    let known = standard_error.is_finite() && lower.is_finite() && upper.is_finite();
    assert!(known || caution.is_some(), "{what}: {estimate:?}");
    assert!(standard_error.is_finite() || caution == Some(Caution::HeavyTail), "{what}: {estimate:?}");
}

fn samples() -> Vec<(String, Vec<f64>)> {
    let mut samples = Vec::new();
    for size in [2, 3, 4, 5, 6, 19, 20, 100, 199, 200, 201, 1_000, 5_001] {
        for scale in [1e-320, 5e-324, 1e-200, 1e-12, 1.0, 160_000.0, 1e12, 1e160, 1e300] {
            let mut add = |what: &str, of: &dyn Fn(usize) -> f64| {
                samples
                    .push((format!("{what}, {size} of {scale}"), (0..size).map(|index| scale * of(index)).collect()));
            };
            add("constant", &|_| -1.0);
            add("nothing", &|_| 0.0);
            add("constant but for rounding", &|index| 1.0 + f64::EPSILON * (index % 3) as f64);
            add("two points", &|index| (index % 2) as f64);
            add("two points but for rounding", &|index| (index % 2) as f64 + f64::EPSILON * (index % 3) as f64);
            add("one outlier down", &|index| if index == 0 { -1.0 } else { 0.0 });
            add("one outlier up", &|index| if index == 0 { 1.0 } else { 0.0 });
            add("at the limit but once", &|index| if index == 1 { -0.3 } else { -1.0 });
            add("at either limit", &|index| if index % 10 == 0 { -1.0 } else { 0.5 });
            add("far apart", &|index| if index % 2 == 0 { -1.0 } else { 1e-12 });
            add("rising", &|index| index as f64 / size as f64);
            add("falling off", &|index| -1.0 / (index + 1) as f64);
        }
    }
    samples
}

#[test]
fn no_measure_of_a_degenerate_sample_is_nan() {
    for (what, values) in samples() {
        let sample = Sample::new(values.clone()).expect("finite");
        assert_sound(&format!("mean of {what}"), sample.mean());
        assert_sound(&format!("sd of {what}"), sample.sd());
        assert_sound(&format!("P(loss) of {what}"), sample.probability(|gain| gain < 0.0));
        for level in [0.0, 0.001, 0.05, 0.5, 0.95, 0.99, 1.0] {
            assert_sound(&format!("quantile {level} of {what}"), sample.quantile(share(level)));
            assert_sound(&format!("VaR {level} of {what}"), sample.value_at_risk(share(level)));
            if level < 1.0 {
                assert_sound(&format!("TVaR {level} of {what}"), sample.tail_value_at_risk(share(level)));
            }
        }
        let others: Vec<f64> = values.iter().rev().copied().collect();
        assert_sound(&format!("difference of {what}"), paired_difference(&values, &others));
    }
}

#[test]
fn a_contract_always_at_its_limit_has_no_spread() {
    let sample = Sample::new(vec![-160_000.0; 1_000]).expect("finite");
    let Estimate { value, standard_error, lower, upper, .. } = sample.sd();
    assert_eq!((value, standard_error, lower, upper), (0.0, 0.0, 0.0, 0.0));
}

#[test]
fn the_gain_of_a_bad_year_is_the_value_at_risk_of_its_loss() {
    for size in [2, 3, 7, 19, 20, 21, 100, 999, 1_000, 10_000] {
        let gains: Vec<f64> = (0..size).map(|index| f64::from(index * 7_919 % size)).collect();
        let sample = Sample::new(gains).expect("finite");
        for level in [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] {
            let (quantile, loss) = (sample.quantile(share(level)), sample.value_at_risk(share(1.0 - level)));
            assert_eq!(quantile.value, -loss.value, "{size} trials at {level}");
            // Value at risk: the smallest loss that at least its level of the trials do not exceed.
            let not_exceeded = |loss: f64| sample.sorted().iter().filter(|&&gain| -gain <= loss).count() as f64;
            let wanted = (1.0 - level) * f64::from(size) - 1e-6;
            assert!(not_exceeded(loss.value) >= wanted && not_exceeded(loss.value - 0.5) < wanted);
        }
    }
}

/// Losses up to an aggregate cover's attachment, where a tenth of trials stand but for rounding, and ten trials beyond its limit.
#[test]
fn a_point_mass_is_no_heavy_tail_and_few_trials_beyond_it_are_few() {
    let loss = |trial: i32| match trial {
        0..10 => 3.4e6 + 3e5 * f64::from(trial + 1),
        10..1_000 => 3.4e6 + 1e-8 * f64::from(trial % 3),
        _ => 3.4e6 - 900.0 * f64::from(trial - 1_000),
    };
    let sample = Sample::new((0..10_000).map(|trial| -loss(trial)).collect()).expect("finite");
    for (what, estimate) in [("mean", sample.mean()), ("sd", sample.sd())] {
        assert!(estimate.standard_error.is_finite() && estimate.caution.is_none(), "{what}: {estimate:?}");
    }
    let tail = sample.tail_value_at_risk(share(0.99));
    assert!(tail.standard_error.is_finite() && tail.caution == Some(Caution::FewTrials), "{tail:?}");
}

#[test]
fn a_law_behind_the_sample_withholds_what_it_has_no_moments_for() {
    let sample = |low, high| {
        let values = (0..1_000).map(|trial| f64::from(trial * 7_919 % 1_000)).collect();
        Sample::new(values).expect("finite").with_tail_indices(low, high)
    };
    let withheld = |sample: &Sample| {
        [sample.mean(), sample.sd(), sample.tail_value_at_risk(share(0.99))].map(|of| of.standard_error.is_infinite())
    };
    let none = f64::INFINITY;
    assert_eq!(withheld(&sample(none, none)), [false; 3]);
    assert_eq!(withheld(&sample(4.5, none)), [false; 3]);
    assert_eq!(withheld(&sample(2.3, none)), [false, true, true]);
    assert_eq!(withheld(&sample(none, 2.3)), [false, true, false]);
    assert_eq!(withheld(&sample(1.9, none)), [true; 3]);
}

#[test]
fn a_difference_that_is_rounding_is_nothing() {
    let one: Vec<f64> = (0..500).map(|trial| 1e6 / f64::from(trial + 3)).collect();
    let other: Vec<f64> = one.iter().map(|gain| gain + 1e-11 * gain.signum()).collect();
    let difference = paired_difference(&one, &other);
    assert_eq!((difference.value, difference.standard_error), (0.0, 0.0));
}
