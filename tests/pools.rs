//! Runs with pools of large segments against runs that draw everybody in every trial.

mod support;

use std::{fs, num::NonZeroUsize};

use support::{Run, file, parse};
use twosided_scenario::Scenario;
use twosided_sim::{PooledSegment, pooled, replay};

const TRIALS: u64 = 1_500;

/// The person job, with a trend, and pools if they are asked for.
fn person_job(pools: &str) -> Scenario {
    let text = fs::read_to_string(file("benches/peers/person-job.toml")).expect("it is in the repository");
    let text = text.replace("[run]\n", &format!("[run]\n{pools}\n"));
    parse(&format!("{text}\n[population.trend]\nmean = 1.02\ncv = 0.01\n"))
}

/// Mean and variance, each with its standard error, and the values in order.
struct Law {
    mean: (f64, f64),
    variance: (f64, f64),
    sorted: Vec<f64>,
}

fn law(gains: impl IntoIterator<Item = f64>) -> Law {
    let mut sorted: Vec<f64> = gains.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let mean = sorted.iter().sum::<f64>() / n;
    let moment = |power: i32| sorted.iter().map(|gain| (gain - mean).powi(power)).sum::<f64>() / n;
    let variance = moment(2);
    let errors = ((variance / n).sqrt(), ((moment(4) - variance * variance) / n).sqrt());
    Law { mean: (mean, errors.0), variance: (variance, errors.1), sorted }
}

#[test]
fn gains_have_the_law_that_they_have_person_by_person() {
    let (by_person, by_pool) = (person_job(""), person_job("pools = { above = 1_000 }"));
    let (persons, pooled) = (Run::of(&by_person, TRIALS, 31), Run::of(&by_pool, TRIALS, 32));
    // What the pools do not know of the worst layer moves a gain by no more than this.
    let unknown = |pool: &PooledSegment| {
        let members = by_pool.population.segments()[pool.segment].members as f64;
        let worst = pool.figures.iter().map(|figure| figure.standard_error.0).fold(0.0, f64::max);
        (members * worst).powi(2)
    };
    assert!(!pooled.observed.pools.is_empty() && persons.observed.pools.is_empty());
    let of_pools = pooled.observed.pools.iter().map(unknown).sum::<f64>().sqrt();
    for (index, contract) in by_person.contracts.iter().enumerate() {
        let [one, other] = [&persons, &pooled].map(|run| law(run.outcomes.gains_of(index).iter().copied()));
        let name = &contract.name;
        let error = (one.mean.1.powi(2) + other.mean.1.powi(2) + of_pools * of_pools).sqrt();
        let off = (one.mean.0 - other.mean.0) / error;
        assert!(off.abs() < 4.0, "{name}: means are {off:.1} standard errors apart");
        let off = (one.variance.0 - other.variance.0) / one.variance.1.hypot(other.variance.1);
        assert!(off.abs() < 4.0, "{name}: variances are {off:.1} standard errors apart");
        for level in [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] {
            let value = one.sorted[(level * TRIALS as f64) as usize];
            let below = |law: &Law| law.sorted.partition_point(|gain| *gain <= value) as f64 / TRIALS as f64;
            // A shift of the whole law moves a probability by at most the density of the normal at its mean.
            let shifted = 0.4 * of_pools / one.variance.0.sqrt();
            let error = (2.0 * level * (1.0 - level) / TRIALS as f64 + shifted * shifted).sqrt();
            let off = (below(&one) - below(&other)) / error;
            assert!(off.abs() < 4.0, "{name}: {off:.1} standard errors off at the {level} quantile");
        }
    }
}

#[test]
fn pools_give_the_same_bits_on_any_number_of_threads_and_in_a_trial_alone() {
    let scenario = person_job("pools = { above = 1_000 }");
    let on = |threads| Run::on(&scenario, 40, 5, NonZeroUsize::new(threads));
    let one = on(1);
    for threads in [2, 5] {
        let other = on(threads);
        assert_eq!(one.outcomes, other.outcomes);
        assert_eq!(one.observed, other.observed);
    }
    let alone = replay(&support::job(&scenario, 40, 5), 17).expect("the laws are valid");
    for (contract, replayed) in alone[0].iter().enumerate() {
        assert_eq!(replayed.gain().0, one.outcomes.gains_of(contract)[17]);
    }
}

#[test]
fn segments_without_a_pool_keep_their_years() {
    let (by_person, by_pool) = (person_job(""), person_job("pools = { above = 1_000 }"));
    let reasons = pooled(&support::job(&by_pool, 40, 5));
    assert!(pooled(&support::job(&by_person, 40, 5)).is_empty());
    let (persons, pooled) = (Run::of(&by_person, 40, 5), Run::of(&by_pool, 40, 5));
    let mut seen = [0, 0];
    for (index, reason) in reasons.iter().enumerate() {
        let rows = [&persons, &pooled].map(|run| run.observed.segments.index_axis(ndarray::Axis(1), index).to_owned());
        assert_eq!(rows[0] == rows[1], reason.is_err(), "{}", by_pool.population.segments()[index].name);
        seen[usize::from(reason.is_ok())] += 1;
    }
    assert!(seen.iter().all(|&segments| segments > 0), "{seen:?} segments without and with a pool");
    let small = reasons.iter().find_map(|reason| reason.as_ref().err()).expect("a small segment");
    assert_eq!(small.to_string(), "it has 53 members, and pools are for more than 1000");
}
