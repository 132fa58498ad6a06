use std::sync::Arc;

use super::*;
use crate::{ControlVariate, paired_difference_by};

fn share(value: f64) -> Share {
    Share::new(value).expect("a share")
}

/// Two gains of a trial that share much of their luck, and a control.
fn gains(n: usize) -> [Vec<f64>; 3] {
    let uniform = |trial: usize, ratio: f64| (0.5 + trial as f64 * ratio).fract();
    let of = |weights: [f64; 3]| -> Vec<f64> {
        let ratios = [0.618_033_988_749, 0.414_213_562_373, 0.732_050_807_569];
        let part =
            |trial: usize| ratios.iter().zip(weights).map(|(ratio, weight)| weight * uniform(trial, *ratio)).sum();
        (0..n).map(part).collect()
    };
    [of([3e6, -1e6, 0.0]), of([2e6, -3e6, 1e5]), of([1.0, 0.0, 0.5])]
}

#[test]
fn errors_are_those_of_the_samples_and_of_paired_differences() {
    let n = 4_096;
    let [a, b, control] = gains(n);
    let controls = [ControlVariate { values: control, mean: 0.75 }];
    for design in [Design::independent(n), Design::new(n, 64, &[]), Design::new(n, 64, &controls)] {
        let design = Arc::new(design);
        let [of_a, of_b] = [&a, &b].map(|gains| Sample::drawn_by(&design, gains.clone()).expect("finite"));
        let level = share(0.95);
        let joint = JointFigures::new(
            &design,
            &[
                JointFigure::mean(&a, &of_a),
                JointFigure::mean(&b, &of_b),
                JointFigure::tail_value_at_risk(&b, &of_b, level),
                JointFigure::sd(&b, &of_b),
            ],
        );
        let known = [of_a.mean(), of_b.mean(), of_b.tail_value_at_risk(level), of_b.sd()];
        for (index, known) in known.into_iter().enumerate() {
            let found = joint.sum(&[(index, 1.0)]);
            assert_eq!(found.value, known.value);
            // Those of a tail and of a standard deviation have corrections for small samples.
            let allowed = if index < 2 { 1e-9 } else { 0.02 };
            assert!(
                (found.standard_error / known.standard_error - 1.0).abs() < allowed,
                "{index}: {found:?} {known:?}"
            );
        }
        let (found, known) = (joint.sum(&[(0, 1.0), (1, -1.0)]), paired_difference_by(&design, &a, &b));
        assert!((found.value - known.value).abs() < 1e-6 && (found.lower - known.lower).abs() < 1e-6);
        assert!((found.standard_error / known.standard_error - 1.0).abs() < 1e-9);
    }
}

#[test]
fn what_differs_by_a_constant_has_no_error_and_what_is_the_same_does_not_differ() {
    let [a, ..] = gains(2_000);
    let b: Vec<f64> = a.iter().map(|gain| gain + 5.0).collect();
    let design = Design::independent(2_000);
    let [of_a, of_b] = [&a, &b].map(|gains| Sample::new(gains.clone()).expect("finite"));
    let figures = [JointFigure::mean(&a, &of_a), JointFigure::mean(&b, &of_b), JointFigure::mean(&a, &of_a)];
    let joint = JointFigures::new(&design, &figures);
    let five = joint.sum(&[(1, 1.0), (0, -1.0)]);
    assert!((five.value - 5.0).abs() < 1e-6 && five.standard_error == 0.0, "{five:?}");
    assert!(joint.is_above_zero(&[(1, 1.0), (0, -1.0)], 1e-6));
    let same = joint.sum(&[(0, 1.0), (2, -1.0)]);
    assert_eq!((same.value, same.standard_error), (0.0, 0.0));
    assert!(!joint.is_above_zero(&[(0, 1.0), (2, -1.0)], 0.5));
}

#[test]
fn a_ratio_needs_a_denominator_above_zero() {
    let n = 400;
    let [a, ..] = gains(n);
    let about = |mean: f64| -> Vec<f64> {
        let center = a.iter().sum::<f64>() / n as f64;
        a.iter().map(|gain| gain - center + mean).collect()
    };
    // The standard error is about 45,000.
    let [near, below, above] = [about(5e4), about(-5e6), about(5e6)];
    let design = Design::independent(n);
    let ratio = |under: &Vec<f64>| {
        let [of_a, of_under] = [&a, under].map(|gains| Sample::new(gains.clone()).expect("finite"));
        let joint = JointFigures::new(&design, &[JointFigure::mean(&a, &of_a), JointFigure::mean(under, &of_under)]);
        joint.ratio(&[(0, 1.0)], &[(1, 1.0)])
    };
    assert_eq!(ratio(&near), Err(NoRatio::TouchesZero));
    assert_eq!(ratio(&below), Err(NoRatio::NotPositive));
    let known = ratio(&above).expect("the denominator is far from zero");
    assert!(known.lower < known.value && known.value < known.upper, "{known:?}");
    // Of itself, each figure is one time itself, without error.
    let one = ratio(&a).expect("the denominator is far from zero");
    assert_eq!((one.value, one.standard_error, one.lower, one.upper), (1.0, 0.0, 1.0, 1.0));
}

#[test]
fn a_tail_that_was_hardly_sampled_is_never_beyond_chance() {
    let mostly: Vec<f64> = (0..500).map(|trial| if trial % 10 == 0 { -7.0 } else { 3.0 }).collect();
    let of = |gains: &Vec<f64>| Sample::new(gains.clone()).expect("finite");
    let verdict = |gains: &Vec<f64>| {
        let figure = [JointFigure::tail_value_at_risk(gains, &of(gains), share(0.95))];
        let joint = JointFigures::new(&Design::independent(gains.len()), &figure);
        (joint.sum(&[(0, 1.0)]), joint.is_above_zero(&[(0, 1.0)], 0.05))
    };
    let (few, is_above) = verdict(&mostly);
    assert!(few.value == 7.0 && few.standard_error == f64::INFINITY && !is_above, "{few:?}");
    let (many, is_above) = verdict(&mostly.repeat(4));
    assert!(many.value == 7.0 && many.standard_error == 0.0 && is_above, "{many:?}");
    assert!(verdict(&vec![-7.0; 20]).1, "what is the same in every trial is certain");
}

#[test]
fn critical_values_are_those_of_fisher() {
    // The 5% point of F(2, 10) is 4.1028, that of a chi-square with two degrees of freedom 5.9915.
    assert!((critical(10.0, 0.05) - (2.0_f64 * 4.102_821).sqrt()).abs() < 1e-6);
    assert!((critical(f64::INFINITY, 0.05) - 5.991_465_f64.sqrt()).abs() < 1e-6);
    assert!((critical(1e12, 0.05) - critical(f64::INFINITY, 0.05)).abs() < 1e-6);
}
