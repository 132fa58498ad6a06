use super::*;
use crate::{NoRatio, Purpose, Sample, Stream, StreamKey, name_key};

fn share(value: f64) -> Share {
    Share::new(value).expect("a share")
}

fn sample(values: &[f64]) -> Sample {
    Sample::new(values.to_vec()).expect("a sample")
}

/// Normal numbers, which a name and a replication decide.
fn normals(name: &str, replication: u64, trials: usize) -> Vec<f64> {
    let key = StreamKey {
        seed: 2_027,
        purpose: Purpose::Severity,
        segment: 0,
        service: name_key(name),
        trial: replication,
        year: 0,
    };
    let mut stream = Stream::new(&key);
    (0..trials).map(|_| stream.normal()).collect()
}

fn alternatives(gains: &[Vec<f64>]) -> Alternatives {
    let samples: Vec<Sample> = gains.iter().map(|gains| sample(gains)).collect();
    let figures = gains.iter().zip(&samples).map(|(gains, sample)| {
        [JointFigure::mean(gains, sample), JointFigure::tail_value_at_risk(gains, sample, share(0.95))]
    });
    Alternatives::new(&Design::independent(gains[0].len()), &figures.collect::<Vec<_>>(), share(0.95))
}

fn pairs(dominated: &[Dominated]) -> Vec<(usize, usize)> {
    dominated.iter().map(|dominated| (dominated.alternative, dominated.by)).collect()
}

#[test]
fn domination_is_found_and_is_not_found_within_noise() {
    let luck = normals("luck", 0, 10_000);
    let of = |mean: f64, sd: f64| -> Vec<f64> { luck.iter().map(|score| mean + sd * score).collect() };
    // On the same luck: the second has less and varies more; the third has more and varies more; the fourth is the first again.
    let found = alternatives(&[of(1.0, 1.0), of(0.9, 1.1), of(1.2, 1.3), of(1.0, 1.0)]).dominated();
    assert_eq!(pairs(&found), [(1, 0), (1, 3)]);
    assert!((found[0].mean.value - 0.1).abs() < 0.01 && found[0].mean.standard_error < 0.002, "{found:?}");
    // TVaR 95 of a normal loss lies 2.063 standard deviations out.
    assert!((found[0].risk.value - 0.306).abs() < 4.0 * found[0].risk.standard_error, "{found:?}");
    // The same mean and a worse tail, and the same tail and a worse mean, in every trial.
    let flat = |gain: f64| vec![gain; 10_000];
    let mixed: Vec<f64> = (0..10_000).map(|trial| if trial % 2 == 0 { 0.0 } else { 2.0 }).collect();
    assert_eq!(pairs(&alternatives(&[flat(1.0), flat(0.5), flat(1.0)]).dominated()), [(1, 0), (1, 2)]);
    assert_eq!(pairs(&alternatives(&[mixed, flat(0.0)]).dominated()), [(1, 0)]);
    // With luck of its own, so little less is noise.
    let own: Vec<f64> = normals("own", 0, 10_000).iter().map(|score| 0.99 + 1.005 * score).collect();
    assert!(alternatives(&[of(1.0, 1.0), own]).dominated().is_empty());
}

#[test]
fn all_verdicts_together_are_false_as_seldom_as_stated() {
    const REPLICATIONS: u64 = 400;
    // Six alternatives of the same law, in part on the same luck: whatever is beyond chance is false.
    let is_false = |replication: u64| {
        let luck = normals("shared", replication, 2_000);
        let gains: Vec<Vec<f64>> = (0..6)
            .map(|index| {
                let own = normals(&format!("own {index}"), replication, 2_000);
                luck.iter().zip(own).map(|(luck, own)| 1.0 + luck + own).collect()
            })
            .collect();
        let alternatives = alternatives(&gains);
        let weights = [0.0, 0.3, 1.0, 3.0, f64::INFINITY];
        let judged = (0..6).flat_map(|one| (0..6).map(move |other| (one, other)));
        judged
            .filter(|(one, other)| one != other)
            .any(|(one, other)| weights.iter().any(|&weight| alternatives.is_better(one, other, weight)))
    };
    let wrong = (0..REPLICATIONS).filter(|&replication| is_false(replication)).count() as f64;
    let n = REPLICATIONS as f64;
    let most = 0.05 * n + 4.0 * (0.05 * 0.95 * n).sqrt();
    assert!(wrong <= most, "{wrong} of {n} replications have a false verdict");
}

#[test]
fn ranges_of_weights_and_limits_are_those_of_brute_force() {
    for set in 0..20 {
        let luck = normals("system", set, 2_000);
        let terms = normals("terms", set, 16);
        let gains: Vec<Vec<f64>> = (0..8)
            .map(|index| {
                let (mean, sd) = (terms[2 * index], terms[2 * index + 1].abs());
                luck.iter().map(|score| mean + sd * score).collect()
            })
            .collect();
        let known = alternatives(&gains);
        let figures: Vec<(f64, f64)> = gains
            .iter()
            .map(|gains| (sample(gains).mean().value, sample(gains).tail_value_at_risk(share(0.95)).value))
            .collect();
        let in_range = |ranges: &[BestFrom], at: f64| {
            let begun = ranges.iter().rev().find(|range| range.from.is_none_or(|from| from.value <= at));
            begun.map(|range| range.best.alternative)
        };
        let (weights, frontier) = (known.by_weight(), known.frontier());
        let worth = |index: usize, weight: f64| figures[index].0 - weight * figures[index].1;
        for step in 0..4_000 {
            let weight = 0.001 * f64::from(step);
            let best = (0..8).max_by(|&a, &b| worth(a, weight).total_cmp(&worth(b, weight)));
            assert_eq!(in_range(&weights, weight), best, "set {set}, weight {weight}");
            let limit = 0.002 * f64::from(step) - 3.0;
            let within = (0..8).filter(|&index| figures[index].1 <= limit);
            let best = within.max_by(|&a, &b| figures[a].0.total_cmp(&figures[b].0));
            assert_eq!(in_range(&frontier, limit), best, "set {set}, limit {limit}");
        }
        assert_eq!(known.highest_mean().map(|best| best.alternative), in_range(&weights, 0.0));
        assert_eq!(known.least_risk().map(|best| best.alternative), in_range(&weights, 1e9));
    }
}

#[test]
fn what_chance_may_have_decided_is_named() {
    let luck = normals("luck", 1, 10_000);
    let own = normals("own", 1, 10_000);
    let noisy: Vec<f64> = luck.iter().zip(&own).map(|(luck, own)| 1.0 + 0.8 * luck + 0.6 * own).collect();
    let plain: Vec<f64> = luck.iter().map(|luck| 1.0 + luck).collect();
    let safe = vec![0.2; 10_000];
    let known = alternatives(&[noisy, plain, safe]);
    let highest = known.highest_mean().expect("there are some");
    let other = 1 - highest.alternative;
    assert_eq!(highest.not_separated_from, [other]);
    assert_eq!(known.least_risk(), Some(Best { alternative: 2, not_separated_from: Vec::new() }));
    let weights = known.by_weight();
    assert!(weights[0].best.not_separated_from == [other] && weights[0].from.is_none(), "{weights:?}");
    // Indifferent to the sure 0.2 where 1 - weight (2.063 - 1) = 0.2 + 0.2 weight.
    let last = weights.last().expect("there are some");
    let from = last.from.expect("a beginning");
    assert!(last.best.alternative == 2 && last.best.not_separated_from.is_empty());
    assert!((from.value - 0.8 / 1.262_7).abs() < 4.0 * from.standard_error && from.standard_error < 0.05, "{from:?}");
}

#[test]
fn errors_of_ratios_are_their_spread_over_replications_and_intervals_cover() {
    const REPLICATIONS: u64 = 400;
    const TRIALS: usize = 4_000;
    // Gains 1 + 2 z: TVaR 95 is 2 × 2.062713 - 1.
    let (mean, sd) = (1.0, 2.0);
    let truth = [mean / (sd * 2.062_713 - mean), mean / sd];
    let mut found = [Vec::new(), Vec::new()];
    for replication in 0..REPLICATIONS {
        let gains: Vec<f64> = normals("ratio", replication, TRIALS).iter().map(|score| mean + sd * score).collect();
        let of = sample(&gains);
        let figures = [
            JointFigure::mean(&gains, &of),
            JointFigure::tail_value_at_risk(&gains, &of, share(0.95)),
            JointFigure::sd(&gains, &of),
        ];
        let joint = JointFigures::new(&Design::independent(TRIALS), &figures);
        for (index, found) in found.iter_mut().enumerate() {
            let ratio: Result<Estimate, NoRatio> = joint.ratio(&[(0, 1.0)], &[(1 + index, 1.0)]);
            found.push(ratio.expect("the denominator is far from zero"));
        }
    }
    let n = REPLICATIONS as f64;
    for (found, truth) in found.iter().zip(truth) {
        let mean = found.iter().map(|ratio| ratio.value).sum::<f64>() / n;
        let spread = (found.iter().map(|ratio| (ratio.value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let stated = found.iter().map(|ratio| ratio.standard_error).sum::<f64>() / n;
        // A standard deviation of 400 has a relative error of one over the root of 800.
        assert!((stated / spread - 1.0).abs() < 4.0 / 800.0_f64.sqrt(), "{stated} {spread}");
        let covered = found.iter().filter(|ratio| ratio.lower <= truth && truth <= ratio.upper).count() as f64;
        let z = (covered / n - 0.95) / (0.95 * 0.05 / n).sqrt();
        assert!(z.abs() < 4.0, "{covered} of {n} intervals cover");
    }
}
