//! Mixtures of lognormals by expectation and maximisation.

use crate::{families::Reason, law::Law, observations::Observations};

/// Most rounds, and the gain of mean log-likelihood below which a round is the last.
const FROM_THE_START: (usize, f64) = (2_000, 1e-9);
/// The same from an earlier mixture, which a sample of it lies near.
const FROM_NEAR: (usize, f64) = (200, 1e-7);
/// Least standard deviation of a component's logarithm, of that of all: below it a component holds on to a few equal amounts.
const LEAST_SCALE: f64 = 0.02;

/// The likeliest mixture of so many lognormals, from an earlier one or from equal parts of the sorted amounts.
///
/// # Source
/// \[DLR77\]; the least scale keeps it from the infinite likelihoods of \[D69\].
pub(crate) fn likeliest(data: &Observations, components: usize, start: Option<&[[f64; 3]]>) -> Result<Law, Reason> {
    let log_mean = data.mean_of(|at| data.logs[at]);
    let spread = data.mean_of(|at| (data.logs[at] - log_mean).powi(2)).sqrt();
    let mut parts = match start {
        Some(parts) => parts.to_vec(),
        None => (0..components)
            .map(|place| {
                let share = (place as f64 + 0.5) / components as f64;
                [1.0 / components as f64, data.quantile(share).ln(), 0.6 * spread]
            })
            .collect(),
    };
    let mut before = f64::NEG_INFINITY;
    let (rounds, last_gain) = if start.is_some() { FROM_NEAR } else { FROM_THE_START };
    for _ in 0..rounds {
        let likelihood = round(data, &mut parts, LEAST_SCALE * spread);
        if likelihood - before < last_gain {
            break;
        }
        before = likelihood;
    }
    parts.sort_by(|a, b| a[1].total_cmp(&b[1]));
    if parts.iter().any(|&[weight, _, scale]| weight * data.total() < 10.0 || scale <= 1.001 * LEAST_SCALE * spread) {
        return Err("a component shrinks to a few amounts".to_owned());
    }
    Ok(Law::Mixture(parts))
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
    use super::*;

    #[test]
    fn two_heaps_are_told_apart() {
        let truth = Law::Mixture(vec![[0.6, 3.0, 0.4], [0.4, 6.0, 0.7]]);
        let rows = (0..1_000).map(|at| (truth.quantile((f64::from(at) + 0.5) / 1_000.0), 1.0, at as u32)).collect();
        let Ok(Law::Mixture(parts)) = likeliest(&Observations::new(rows), 2, None) else { panic!("it is found") };
        for (part, expected) in parts.iter().flatten().zip([0.6, 3.0, 0.4, 0.4, 6.0, 0.7]) {
            assert!((part - expected).abs() < 0.02, "{parts:?}");
        }
    }
}
