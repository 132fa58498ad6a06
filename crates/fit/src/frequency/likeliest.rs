//! The likeliest law of counts, by coordinates without bounds.

use twosided_prob::Frequency;

use crate::{
    search::least,
    special::{logistic, logit},
};

use super::heaps::{Heaps, law_of};

/// The law of a key at coordinates: log mean, log dispersion, logit of the zero inflation, as far as it has them.
pub(super) fn law_at(key: &str, at: &[f64]) -> Frequency {
    let mean = at[0].exp();
    match key {
        "poisson" => Frequency::Poisson { mean },
        "negative_binomial" => Frequency::NegativeBinomial { mean, dispersion: at[1].exp() },
        "zero_inflated_poisson" => Frequency::ZeroInflatedPoisson { mean, zero_inflation: logistic(at[1]) },
        _ => Frequency::ZeroInflatedNegativeBinomial { mean, dispersion: at[1].exp(), zero_inflation: logistic(at[2]) },
    }
}

/// The coordinates of the likeliest law of a key.
pub(super) fn likeliest(key: &str, heaps: &Heaps) -> Vec<f64> {
    let (mut events, mut exposure, mut rows, mut none, mut square) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (&(count, share), &many) in heaps {
        events += many * f64::from(count);
        square += many * f64::from(count).powi(2);
        exposure += many * f64::from(share) / 100.0;
        rows += many;
        none += if count == 0 { many } else { 0.0 };
    }
    let mean = events / exposure;
    let spread = square / rows - (events / rows).powi(2);
    let dispersion = (mean * mean / (spread - mean).max(0.01 * mean)).clamp(0.01, 1e3).ln();
    let inflation = logit((0.5 * none / rows).clamp(0.01, 0.9));
    let start = match key {
        "poisson" => return vec![mean.ln()],
        "negative_binomial" => vec![mean.ln(), dispersion],
        "zero_inflated_poisson" => vec![mean.ln(), inflation],
        _ => vec![mean.ln(), dispersion + 0.7, inflation - 1.0],
    };
    least(&start, 0.3, |at| {
        let law = law_at(key, at);
        let of_heap = |((count, share), many): (&(u32, u32), &f64)| many * law_of(law, *share).log_probability(*count);
        -heaps.iter().map(of_heap).sum::<f64>() / rows
    })
}
