//! Mixtures of lognormals by expectation and maximization.

use twosided_prob::{Lognormal, LognormalMixture};

use crate::{families::Reason, observations::Observations};

/// Most rounds, and the gain of mean log-likelihood below which a round is the last.
const FROM_THE_START: (usize, f64) = (2_000, 1e-9);
/// The same from an earlier mixture, which a sample of it lies near.
const FROM_NEAR: (usize, f64) = (200, 1e-7);
/// Least standard deviation of a component's logarithm, of that of all: below it a component holds on to a few equal amounts.
const LEAST_SCALE: f64 = 0.02;

/// Rounds after which starts are compared.
const TRIAL_ROUNDS: usize = 60;

/// The likeliest mixture of so many lognormals, from an earlier one or from the best of several starts.
///
/// # Source
/// \[DLR77\]; the least scale keeps it from the infinite likelihoods of \[D69\].
pub(crate) fn likeliest(
    data: &Observations,
    components: usize,
    start: Option<&LognormalMixture>,
) -> Result<LognormalMixture, Reason> {
    let log_mean = data.mean_of(|at| data.logs[at]);
    let spread = data.mean_of(|at| (data.logs[at] - log_mean).powi(2)).sqrt();
    let least_scale = LEAST_SCALE * spread;
    let mut parts = match start {
        Some(mixture) => parts_of(mixture),
        None => best_start(data, components, log_mean, spread),
    };
    let (rounds, last_gain) = if start.is_some() { FROM_NEAR } else { FROM_THE_START };
    climb(data, &mut parts, rounds, last_gain, least_scale);
    parts.sort_by(|a, b| a[1].total_cmp(&b[1]));
    if parts.iter().any(|&[weight, _, scale]| weight * data.total() < 10.0 || scale <= 1.001 * least_scale) {
        return Err("a component shrinks to a few amounts".to_owned());
    }
    Ok(LognormalMixture::of(parts.into_iter().map(|[weight, location, scale]| (weight, Lognormal { location, scale }))))
}

/// Weight, location and scale of each component.
fn parts_of(mixture: &LognormalMixture) -> Vec<[f64; 3]> {
    mixture.components().map(|(weight, law)| [weight, law.location, law.scale]).collect()
}

/// Goes uphill until a round gains little; returns the mean log-likelihood, but for a constant.
fn climb(data: &Observations, parts: &mut [[f64; 3]], rounds: usize, last_gain: f64, least_scale: f64) -> f64 {
    let mut before = f64::NEG_INFINITY;
    for _ in 0..rounds {
        let likelihood = round(data, parts, least_scale);
        if likelihood - before < last_gain {
            return likelihood;
        }
        before = likelihood;
    }
    before
}

/// The start that is highest after some rounds: equal parts of the sorted amounts; one middle and several spreads; and the
/// mixture of one component less with a small one at the lower or the upper end.
fn best_start(data: &Observations, components: usize, log_mean: f64, spread: f64) -> Vec<[f64; 3]> {
    let weight = 1.0 / components as f64;
    let share = |index: usize| (index as f64 + 0.5) / components as f64;
    let parts = (0..components).map(|index| [weight, data.quantile(share(index)).ln(), 0.6 * spread]);
    let spreads = (0..components).map(|index| [weight, log_mean, spread * 2.0_f64.powf(2.0 * share(index) - 1.0)]);
    let mut starts: Vec<Vec<[f64; 3]>> = vec![parts.collect(), spreads.collect()];
    let fewer = match components {
        2 => Ok(vec![[1.0, log_mean, spread]]),
        _ => likeliest(data, components - 1, None).map(|mixture| parts_of(&mixture)),
    };
    if let Ok(fewer) = fewer {
        for end in [0.03, 0.97] {
            let mut start: Vec<[f64; 3]> =
                fewer.iter().map(|&[weight, at, scale]| [0.95 * weight, at, scale]).collect();
            start.push([0.05, data.quantile(end).ln(), 0.4 * spread]);
            starts.push(start);
        }
    }
    let climbed = starts.into_iter().map(|mut start| {
        let height = climb(data, &mut start, TRIAL_ROUNDS, 0.0, LEAST_SCALE * spread);
        let shrinks = start
            .iter()
            .any(|&[weight, _, scale]| weight * data.total() < 10.0 || scale <= 1.001 * LEAST_SCALE * spread);
        (if shrinks { f64::NEG_INFINITY } else { height }, start)
    });
    let best = climbed.max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, start)| start).expect("there are several starts")
}

/// One round: shares of every amount among the components, then each component from its shares. Returns the mean
/// log-likelihood before it, but for a constant.
fn round(data: &Observations, parts: &mut [[f64; 3]], least_scale: f64) -> f64 {
    let mut sums = vec![[0.0; 3]; parts.len()];
    let mut densities = vec![0.0; parts.len()];
    let mut likelihood = 0.0;
    for (&log, &weight) in data.logs.iter().zip(&data.weights) {
        let mut total = 0.0;
        for (density, &[share, location, scale]) in densities.iter_mut().zip(parts.iter()) {
            let z = (log - location) / scale;
            *density = share / scale * (-0.5 * z * z).exp();
            total += *density;
        }
        likelihood += weight * total.max(1e-300).ln();
        for (sum, density) in sums.iter_mut().zip(&densities) {
            let own = weight * density / total.max(1e-300);
            sum[0] += own;
            sum[1] += own * log;
            sum[2] += own * log * log;
        }
    }
    for (part, [own, first, second]) in parts.iter_mut().zip(sums) {
        if own > 0.0 {
            let location = first / own;
            let variance = (second / own - location * location).max(0.0);
            *part = [own / data.total(), location, variance.sqrt().max(least_scale)];
        }
    }
    likelihood / data.total()
}

#[cfg(test)]
mod tests {
    use twosided_prob::AmountLaw;

    use super::*;

    fn mixture(parts: [[f64; 3]; 2]) -> LognormalMixture {
        LognormalMixture::of(parts.map(|[weight, location, scale]| (weight, Lognormal { location, scale })))
    }

    #[test]
    fn one_component_more_is_no_less_likely() {
        let truth = mixture([[0.13, 2.3, 0.5], [0.87, 3.8, 1.05]]);
        let rows = (0..3_000)
            .map(|at| (truth.quantile_above(1.0 - (f64::from(at) + 0.5) / 3_000.0), 1.0, at as u32))
            .collect();
        let data = Observations::new(rows);
        let likelihood = |components: usize| {
            likeliest(&data, components, None)
                .map(|law| law.log_densities(&data.values, &data.logs).iter().sum::<f64>())
        };
        let (two, three) = (likelihood(2).expect("it is found"), likelihood(3));
        assert!(three.clone().is_err() || three.clone().is_ok_and(|three| three > two - 0.01), "{two} and {three:?}");
    }

    #[test]
    fn two_heaps_are_told_apart() {
        let truth = mixture([[0.6, 3.0, 0.4], [0.4, 6.0, 0.7]]);
        let rows = (0..1_000)
            .map(|at| (truth.quantile_above(1.0 - (f64::from(at) + 0.5) / 1_000.0), 1.0, at as u32))
            .collect();
        let found = likeliest(&Observations::new(rows), 2, None).expect("it is found");
        let parts = parts_of(&found);
        for (part, expected) in parts.iter().flatten().zip([0.6, 3.0, 0.4, 0.4, 6.0, 0.7]) {
            assert!((part - expected).abs() < 0.02, "{parts:?}");
        }
    }
}
