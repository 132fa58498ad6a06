use std::sync::Arc;

use super::*;
use crate::{ControlVariate, Purpose, Stream, StreamKey, name_key};

fn share(value: f64) -> Share {
    Share::new(value).expect("a share")
}

/// Normal numbers, which a name decides.
fn normals(name: &str, trials: usize) -> Vec<f64> {
    let purpose = Purpose::Severity;
    let key = StreamKey { seed: 2_028, purpose, segment: 0, service: name_key(name), trial: 0, year: 0 };
    let mut stream = Stream::new(&key);
    (0..trials).map(|_| stream.normal()).collect()
}

fn sum(columns: &[Vec<f64>]) -> Vec<f64> {
    (0..columns[0].len()).map(|trial| columns.iter().map(|column| column[trial]).sum()).collect()
}

fn allocation(design: &Arc<Design>, columns: &[Vec<f64>], level: f64) -> Allocation {
    let whole = sum(columns);
    let sample = |values: &[f64]| Sample::drawn_by(design, values.to_vec()).expect("finite");
    let samples: Vec<Sample> = columns.iter().map(|column| sample(column)).collect();
    let components = columns.iter().zip(&samples).map(|(trials, sample)| Gains { trials, sample });
    let of_whole = sample(&whole);
    let whole = Gains { trials: &whole, sample: &of_whole };
    Allocation::new(design, whole, &components.collect::<Vec<_>>(), share(level))
}

fn independent(columns: &[Vec<f64>], level: f64) -> Allocation {
    allocation(&Arc::new(Design::independent(columns[0].len())), columns, level)
}

fn parts(allocation: &Allocation) -> Vec<f64> {
    allocation.components().iter().map(|component| component.part.value).collect()
}

#[test]
fn parts_of_four_trials_by_hand() {
    // Sums -10, -3, -2 and 9: of the worst 37.5%, the first counts and half of the second.
    let columns = [vec![2.0, 5.0, -1.0, -6.0], vec![7.0, -15.0, -1.0, 3.0]];
    let found = independent(&columns, 0.625);
    let [first, second] = [(-5.0 + 0.5 * 6.0) / 1.5, (15.0 - 0.5 * 3.0) / 1.5];
    assert!((parts(&found)[0] - first).abs() < 1e-12 && (parts(&found)[1] - second).abs() < 1e-12, "{found:?}");
    assert!((found.tail_value_at_risk().value - 11.5 / 1.5).abs() < 1e-12);
}

#[test]
fn parts_add_up_to_the_tail_of_the_sum_and_shares_to_one() {
    let n = 6_400;
    let common = normals("common", n);
    let of = |name: &str, loading: f64, own: f64| -> Vec<f64> {
        normals(name, n).iter().zip(&common).map(|(score, common)| 1e6 * (loading * common + own * score)).collect()
    };
    // The last one's whole dollars and its most leave ties.
    let rounded = of("c", 0.4, 0.4).iter().map(|gain| gain.min(2e5).round()).collect();
    let columns = [of("a", 1.0, 0.5), of("b", -0.3, 0.2), rounded];
    let controls = [ControlVariate { values: common, mean: 0.0 }];
    let designs = [Design::independent(n), Design::new(n, 64, &[]), Design::new(n, 64, &controls)];
    for design in designs.map(Arc::new) {
        for level in [0.9, 0.95, 0.987_65, 0.99] {
            let found = allocation(&design, &columns, level);
            let whole = Sample::drawn_by(&design, sum(&columns)).expect("finite").tail_value_at_risk(share(level));
            let total = parts(&found).iter().sum::<f64>();
            assert!((total / whole.value - 1.0).abs() < 1e-12, "{total} {whole:?}");
            assert_eq!(found.tail_value_at_risk().value, whole.value);
            let shares = found.components().iter().map(|component| component.share.expect("a tail").value).sum::<f64>();
            assert!((shares - 1.0).abs() < 1e-12, "{shares}");
            // The errors of the parts add up to that of the tail, as the parts do.
            let all: Vec<Term> = (0..3).map(|index| (index, 1.0)).collect();
            let [of_parts, of_whole] = [found.figures.sum(&all), found.tail_value_at_risk()];
            assert!(
                (of_parts.standard_error / of_whole.standard_error - 1.0).abs() < 1e-9,
                "{of_parts:?} {of_whole:?}"
            );
        }
    }
}

#[test]
fn weights_below_zero_leave_the_sum_whole() {
    let values: Vec<f64> = (0..40).map(f64::from).collect();
    let design = Arc::new(Design::new(40, 1, &[ControlVariate { values: values.clone(), mean: 8.0 }]));
    assert!(design.weights().iter().any(|&weight| weight < 0.0));
    let columns = [values.iter().map(|value| (value * 7.0) % 5.0).collect(), values];
    for level in [0.05, 0.5, 0.9] {
        let found = allocation(&design, &columns, level);
        let total = parts(&found).iter().sum::<f64>();
        assert!((total - found.tail_value_at_risk().value).abs() < 1e-9, "{level}: {found:?}");
    }
}

#[test]
fn trials_at_one_loss_share_the_tail_evenly_in_whatever_order_they_stand() {
    // Three trials in ten lose 100, as components that share it in different ways; the rest gain.
    let n = 20_000;
    let scores = normals("split", n);
    let is_loss = |trial: usize| trial % 10 < 3;
    let first: Vec<f64> = (0..n).map(|trial| if is_loss(trial) { -40.0 + 10.0 * scores[trial] } else { 7.0 }).collect();
    let second: Vec<f64> =
        first.iter().enumerate().map(|(trial, gain)| if is_loss(trial) { -100.0 - gain } else { 3.0 }).collect();
    let losses: Vec<f64> = (0..n).filter(|&trial| is_loss(trial)).map(|trial| -first[trial]).collect();
    let of_losses = Sample::new(losses).expect("finite").mean();
    let found = independent(&[first.clone(), second.clone()], 0.95);
    let part = found.components()[0].part;
    assert!((part.value - of_losses.value).abs() < 1e-9, "{part:?}");
    assert!((part.standard_error / of_losses.standard_error - 1.0).abs() < 0.001, "{part:?} {of_losses:?}");
    assert_eq!(part.caution, None);
    let total = found.tail_value_at_risk();
    assert!((total.value - 100.0).abs() < 1e-9 && total.standard_error < 1e-6, "{total:?}");
    let reversed = |column: &[f64]| -> Vec<f64> { column.iter().rev().copied().collect() };
    let turned = independent(&[reversed(&first), reversed(&second)], 0.95).components()[0].part;
    assert!((part.value - turned.value).abs() < 1e-9);
}

#[test]
fn a_component_that_does_not_vary_adds_its_loss_without_an_error() {
    let columns = [normals("a", 5_000), vec![-3.0; 5_000], vec![0.0; 5_000]];
    let found = independent(&columns, 0.99);
    let [a, constant, nothing] = found.components().try_into().expect("three components");
    assert_eq!([constant.part.value, constant.part.standard_error], [3.0, 0.0]);
    assert_eq!([nothing.part.value, nothing.part.standard_error], [0.0, 0.0]);
    assert_eq!(constant.own.value, 3.0);
    // Where nothing else varies, nothing is gained by holding them together.
    assert!((a.part.value - a.own.value).abs() < 1e-9);
    let benefit = found.diversification();
    assert_eq!([benefit.value, benefit.standard_error], [0.0, 0.0]);
}

#[test]
fn a_tail_of_one_trial_has_no_known_error() {
    let columns = [normals("a", 60), normals("b", 60)];
    let found = independent(&columns, 0.99);
    let part = found.components()[0].part;
    assert_eq!((part.standard_error, part.caution), (f64::INFINITY, Some(Caution::FewTrials)));
    assert_eq!(found.components()[0].share, Err(NoRatio::ErrorUnknown));
}

#[test]
fn a_component_with_a_heavy_tail_has_no_known_part() {
    // Pareto losses of index 2, and normal ones.
    let heavy: Vec<f64> =
        normals("h", 20_000).iter().map(|score| -crate::upper_probability(*score).powf(-0.5)).collect();
    let found = independent(&[heavy, normals("a", 20_000)], 0.95);
    let [heavy, _] = found.components().try_into().expect("two components");
    assert_eq!((heavy.part.standard_error, heavy.part.caution), (f64::INFINITY, Some(Caution::HeavyTail)));
}
