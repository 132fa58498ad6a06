//! Tails by peaks over a threshold.

use twosided_prob::{Family, Spliced};

use crate::{
    error::{Figure, covariance, figures},
    families::{FamilyKind, Reason, likeliest_below},
    observations::Observations,
    search::least,
};

/// Fewest amounts above the threshold.
const FEWEST: usize = 30;

/// The generalized Pareto law of what amounts exceed a threshold by: survival `(1 + shape * y / scale)^(-1 / shape)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tail {
    /// Dollars.
    pub threshold: f64,
    /// Amounts above it.
    pub amounts: usize,
    /// Above zero for a tail of powers, zero for an exponential one, below zero for one that ends.
    pub shape: Figure,
    /// Dollars.
    pub scale: Figure,
}

/// Amounts up to a threshold, those above it less the threshold, and the share of weight above.
struct Parted {
    threshold: f64,
    below: Observations,
    excesses: Observations,
    weight: f64,
}

fn parted(data: &Observations, share_below: f64) -> Result<Parted, Reason> {
    let threshold = data.quantile(share_below);
    let cut = data.values.partition_point(|&value| value <= threshold);
    if data.len() - cut < FEWEST {
        return Err(format!("{} amounts lie above the threshold, fewer than {FEWEST}", data.len() - cut));
    }
    let rows = |range: std::ops::Range<usize>, less: f64| {
        Observations::new(range.map(|at| (data.values[at] - less, data.weights[at], data.persons[at])).collect())
    };
    let weight = data.weights[cut..].iter().sum::<f64>() / data.total();
    Ok(Parted { threshold, below: rows(0..cut, 0.0), excesses: rows(cut..data.len(), threshold), weight })
}

/// The likeliest generalized Pareto of what exceeds a quantile.
///
/// # Source
/// \[P75\] and \[DS90\].
pub(crate) fn tail(data: &Observations, share_below: f64) -> Result<Tail, Reason> {
    let Parted { threshold, excesses, .. } = parted(data, share_below)?;
    let of_rows = |at: &[f64]| -> Vec<f64> {
        let (shape, scale) = (at[0], at[1].exp());
        let of = |y: f64| {
            let ratio = y / scale;
            if shape.abs() < 1e-6 {
                return -at[1] - ratio;
            }
            let inside = 1.0 + shape * ratio;
            if inside > 0.0 { -at[1] - (1.0 + 1.0 / shape) * inside.ln() } else { f64::NEG_INFINITY }
        };
        excesses.values.iter().map(|&y| of(y)).collect()
    };
    let minus_likelihood = |at: &[f64]| {
        let rows = of_rows(at);
        if at[0] < -0.9 { f64::INFINITY } else { -excesses.mean_of(|at| rows[at]) }
    };
    let found = least(&[0.2, excesses.mean().ln()], 0.3, minus_likelihood);
    let spread = covariance(&found, &excesses.weights, &excesses.persons, of_rows)
        .ok_or("the tail's likelihood is flat or highest at a border")?;
    let [shape, scale] = figures(&found, &spread, |at| vec![at[0], at[1].exp()])[..] else {
        unreachable!("two functions have two figures")
    };
    Ok(Tail { threshold, amounts: excesses.len(), shape, scale })
}

/// The likeliest law of a body, cut off at a quantile, and a Pareto tail.
pub(crate) fn likeliest_spliced(data: &Observations, share_below: f64, body: FamilyKind) -> Result<Spliced, Reason> {
    let Parted { threshold, below, excesses, weight } = parted(data, share_below)?;
    if below.len() < FEWEST || below.is_constant() {
        return Err("too few amounts lie below the threshold".to_owned());
    }
    let tail = FamilyKind::Pareto.likeliest(&excesses)?;
    let body = likeliest_below(body, &below, threshold)?;
    Ok(Spliced { body, tail, threshold, tail_weight: weight })
}

/// The body that fits the amounts below a quantile best.
pub(crate) fn best_body(data: &Observations, share_below: f64) -> Result<FamilyKind, Reason> {
    let Parted { threshold, below, .. } = parted(data, share_below)?;
    let likelihood = |family: Family| {
        let densities = family.log_densities(&below.values, &below.logs);
        below.mean_of(|at| densities[at]) - family.cdf(threshold).ln()
    };
    let bodies = [FamilyKind::Lognormal, FamilyKind::Gamma, FamilyKind::Weibull].into_iter().filter_map(|kind| {
        let family = likeliest_below(kind, &below, threshold).ok()?;
        Some((kind, likelihood(family)))
    });
    bodies
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(kind, _)| kind)
        .ok_or_else(|| "no body fits below the threshold".to_owned())
}

#[cfg(test)]
mod tests {
    use twosided_prob::AmountLaw;

    use super::*;

    fn quantiles_of(law: &dyn AmountLaw, many: u32) -> Observations {
        let share = |at: u32| (f64::from(at) + 0.5) / f64::from(many);
        Observations::new((0..many).map(|at| (law.quantile_above(1.0 - share(at)), 1.0, at)).collect())
    }

    #[test]
    fn the_tail_of_a_pareto_has_its_shape() {
        let law = Family::pareto_of_shape(1_000.0, 2.5).expect("valid parameters");
        let found = tail(&quantiles_of(law.law(), 4_000), 0.9).expect("enough amounts");
        assert!((found.shape.value - 0.4).abs() < 2.0 * found.shape.standard_error, "{found:?}");
        assert_eq!(found.amounts, 400);
    }

    #[test]
    fn a_tail_that_ends_has_a_shape_below_zero_and_is_not_spliced() {
        // Survival (1 - x / 100)³, whose excesses have shape -1/3.
        let share = |at: u32| (f64::from(at) + 0.5) / 4_000.0;
        let rows = (0..4_000).map(|at| (100.0 * (1.0 - (1.0 - share(at)).cbrt()), 1.0, at));
        let ending = Observations::new(rows.collect());
        let found = tail(&ending, 0.9).expect("enough amounts").shape;
        assert!((found.value + 1.0 / 3.0).abs() < 2.0 * found.standard_error, "{found:?}");
        assert!(likeliest_spliced(&ending, 0.9, FamilyKind::Gamma).is_err());
    }

    #[test]
    fn a_body_is_found_though_its_upper_part_is_cut_off() {
        let body = Family::lognormal(500.0, 1.0).expect("valid parameters");
        let tail = Family::pareto_of_shape(2_000.0, 2.6).expect("valid parameters");
        let law = Spliced { body, tail, threshold: 1_500.0, tail_weight: 0.1 };
        let data = quantiles_of(&law, 5_000);
        assert_eq!(best_body(&data, 0.9), Ok(FamilyKind::Lognormal));
        let found = likeliest_spliced(&data, 0.9, FamilyKind::Lognormal).expect("it is found").body;
        assert!((found.mean() / 500.0 - 1.0).abs() < 0.05, "{found:?}");
    }
}
