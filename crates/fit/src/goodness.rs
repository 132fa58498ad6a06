//! How far amounts lie from a law, and how far they would by chance.

use std::sync::atomic::{AtomicBool, Ordering};

use twosided_prob::{Severity, SeverityScratch, Stream};

use crate::observations::Observations;

/// A statistic with the share of bootstrap samples that reach it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// The statistic.
    pub statistic: f64,
    /// `(1 + samples that reach it) / (1 + samples)`.
    pub p: f64,
}

/// Two distances between the amounts and a law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goodness {
    /// Greatest distance between the distribution functions.
    pub kolmogorov_smirnov: Test,
    /// Their squared distance, weighted to the tails.
    pub anderson_darling: Test,
    /// Bootstrap samples behind the p-values.
    pub samples: u32,
}

/// The work was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// Whether to go on.
pub(crate) fn go_on(stop: &AtomicBool) -> Result<(), Stopped> {
    if stop.load(Ordering::Relaxed) { Err(Stopped) } else { Ok(()) }
}

/// Of statistics and those of samples like the data: p-values.
pub(crate) fn tested(found: [f64; 2], by_chance: &[[f64; 2]]) -> Option<Goodness> {
    if by_chance.is_empty() {
        return None;
    }
    let test = |which: usize| {
        let reached = by_chance.iter().filter(|statistics| statistics[which] >= found[which]).count();
        Test { statistic: found[which], p: (1 + reached) as f64 / (1 + by_chance.len()) as f64 }
    };
    Some(Goodness { kolmogorov_smirnov: test(0), anderson_darling: test(1), samples: by_chance.len() as u32 })
}

/// Kolmogorov and Smirnov's distance, and Anderson and Darling's `n ∫ (F_n - F)² / (F (1 - F)) dF`, where the empirical `F_n`
/// rises by each amount's share of the weight and `n` is the effective number of amounts.
///
/// # Source
/// \[AD54\], integrated between neighboring amounts: `(w - u)² / (u (1 - u)) = w²/u + (1 - w)²/(1 - u) - 1`.
pub(crate) fn statistics(law: &Severity, data: &Observations) -> [f64; 2] {
    let (mut distance, mut integral) = (0.0_f64, 0.0);
    let (mut up_to, mut before) = (0.0, 0.0_f64);
    let part = |share: f64, from: f64, to: f64| {
        let lower = if share > 0.0 { share * share * (to / from).ln() } else { 0.0 };
        let rest = 1.0 - share;
        let upper = if rest > 1e-12 { rest * rest * ((1.0 - from) / (1.0 - to)).ln() } else { 0.0 };
        lower + upper - (to - from)
    };
    for (value, weight) in data.values.iter().zip(&data.weights) {
        let at = law.law().cdf(*value).clamp(1e-12, 1.0 - 1e-12);
        distance = distance.max((up_to - at).abs());
        integral += part(up_to, before, at);
        up_to += weight / data.total();
        distance = distance.max((up_to - at).abs());
        before = at;
    }
    [distance, data.effective() * (integral + part(1.0, before, 1.0))]
}

/// Tests a law that was fitted to the data: samples of the law in the same places, each fitted again.
///
/// Draw order: the amounts of the first sample, then of the second.
///
/// # Source
/// \[SMQ93\] for the parametric bootstrap.
pub(crate) fn test(
    law: &Severity,
    data: &Observations,
    refit: impl Fn(&Observations) -> Option<Severity>,
    samples: u32,
    stream: &mut Stream,
    stop: &AtomicBool,
) -> Result<Option<Goodness>, Stopped> {
    let Ok(severity) = law.restated(&|number| number) else { return Ok(None) };
    let mut values = vec![0.0; data.len()];
    let mut scratch = SeverityScratch::default();
    let mut by_chance = Vec::new();
    for _ in 0..samples {
        go_on(stop)?;
        severity.fill(stream, &mut values, &mut scratch);
        for value in &mut values {
            // A draw that rounds to nothing is the least that has a logarithm.
            *value = value.max(1e-12);
        }
        let sample = data.with_values(&values);
        by_chance.extend(refit(&sample).map(|refitted| statistics(&refitted, &sample)));
    }
    Ok(tested(statistics(law, data), &by_chance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_prob::Family;

    #[test]
    fn statistics_of_equal_weights_are_the_textbook_ones() {
        // Exponential of mean 1: u = 0.2, 0.5, 0.9. D = 0.5 - 1/3 or 0.9 - 2/3; A² by -n - Σ (2i-1)/n [ln u + ln(1-u')].
        let law = Severity::Family(Family::gamma(1.0, 1.0).expect("valid parameters"));
        let shares = [0.2_f64, 0.5, 0.9];
        let data = Observations::new(shares.iter().map(|share| (-(1.0 - share).ln(), 2.0, 0)).collect());
        let sum: f64 =
            (0..3).map(|at| (2.0 * at as f64 + 1.0) / 3.0 * (shares[at].ln() + (1.0 - shares[2 - at]).ln())).sum();
        let [distance, square] = statistics(&law, &data);
        assert!((distance - (0.9 - 2.0 / 3.0)).abs() < 1e-9, "{distance}");
        assert!((square - (-3.0 - sum)).abs() < 1e-8, "{square} and {}", -3.0 - sum);
    }

    #[test]
    fn p_is_never_zero() {
        let found = tested([2.0, 0.5], &[[1.0, 1.0], [3.0, 1.0], [1.0, 0.1]]).expect("samples are there");
        assert_eq!((found.kolmogorov_smirnov.p, found.anderson_darling.p), (0.5, 0.75));
        assert_eq!(tested([9.0, 9.0], &[[1.0; 2]; 3]).expect("samples are there").kolmogorov_smirnov.p, 0.25);
        assert_eq!(tested([1.0, 1.0], &[]), None);
    }
}
