//! Whether one figure of two runs differs by more than chance.
//!
//! Probabilities are compared by their counts and quantiles by ranks, in tests that are exact for every law. What is a mean, or nearly one, is
//! compared by Student's law, with as many degrees of freedom as trials decide the figure.

use twosided_prob::{
    Caution, CountOf, Design, ErrorOf, Influence, Influences, counts_apart, paired_difference, pairs_apart,
    ranks_apart, wide_ranks,
};
use twosided_report::{Figure, Interval, RiskMeasure};
use twosided_units::Share;

use super::{
    Side, Subject,
    family::{Entry, Functional, Kind},
    p_of,
};

/// A part of the larger figure that a difference of rounding does not reach.
const ROUNDING: f64 = 1e-12;
/// The same of what laws give exactly, in sums of many terms.
const ROUNDING_OF_LAWS: f64 = 1e-9;

/// A difference and what is known of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub difference: f64,
    pub standard_error: f64,
    pub degrees_of_freedom: f64,
    /// How far the two may be off together beside chance, where one is exact.
    pub bound: f64,
    pub p_value: Option<f64>,
}

/// The figures of the trials of both runs.
struct Values {
    a: Vec<f64>,
    b: Vec<f64>,
    is_paired: bool,
}

/// Judges a figure that both runs have.
pub(super) fn judge(sides: [&Side<'_>; 2], [a, b]: [&Entry; 2], is_paired: bool) -> Judged {
    let (figure_a, figure_b) = (&a.figure, &b.figure);
    let difference = figure_b.value - figure_a.value;
    let functional = a.kind.functional();
    let rounding = if functional == Functional::Exact { ROUNDING_OF_LAWS } else { ROUNDING };
    let is_rounding = difference.abs() <= rounding * figure_a.value.abs().max(figure_b.value.abs());
    if is_rounding && (figure_a == figure_b || functional == Functional::Exact) {
        return exactly(0.0, 0.0);
    }
    if functional == Functional::Exact {
        return exactly(difference, 0.0);
    }
    if figure_a.bound.is_some() || figure_b.bound.is_some() {
        return beside_exact(a, b);
    }
    let values = values(sides, a, b, is_paired);
    let error = error(functional, [a, b], values.as_ref());
    let known = |p_value| Judged {
        difference: if is_rounding { 0.0 } else { difference },
        standard_error: error.standard_error,
        degrees_of_freedom: error.degrees_of_freedom,
        bound: 0.0,
        p_value,
    };
    if is_rounding {
        return known(Some(1.0));
    }
    let is_plain = a.is_plain && b.is_plain;
    let varies = figure_a.standard_error > 0.0 && figure_b.standard_error > 0.0;
    if varies && error.standard_error == 0.0 && values.as_ref().is_some_and(|values| are_alike(functional, values)) {
        return known(Some(0.0));
    }
    match functional {
        Functional::Below | Functional::Above if is_plain => known(Some(of_counts(functional, a, b, values.as_ref()))),
        Functional::Quantile(level) if is_plain => {
            let by_ranks = of_ranks(level, a, b, values.as_ref());
            // Ranks know nothing of trials that move together, and an error of few trials nothing of point masses.
            let is_known =
                values.as_ref().is_some_and(|values| values.is_paired) && varies && error.standard_error > 0.0;
            let by_error = (is_known || by_ranks.is_none()).then(|| student(&error, difference)).flatten();
            known(either(by_ranks, by_error))
        }
        Functional::Tail(level) if error.standard_error == 0.0 && is_plain => {
            // Every trial of both tails is on one figure: the tail is no more than its quantile.
            known(of_ranks(level, a, b, values.as_ref()))
        }
        Functional::Mean => match values.as_ref().filter(|values| values.is_paired) {
            Some(Values { a, b, .. }) => of_pairs(a, b),
            None => known(decided([figure_a, figure_b]).then(|| student(&error, difference)).flatten()),
        },
        Functional::Sd => {
            let is_decided = decided([figure_a, figure_b]);
            known(is_decided.then(|| of_variances(a, b, values.as_ref())))
        }
        Functional::Tail(_) => known(decided([figure_a, figure_b]).then(|| student(&error, difference)).flatten()),
        Functional::Below | Functional::Above | Functional::Quantile(_) | Functional::Exact => {
            known(student(&error, difference))
        }
    }
}

/// How unlikely the less likely of two tests is, for having looked at both.
fn either(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some((2.0 * one.min(other)).min(1.0)),
        (one, other) => one.or(other),
    }
}

/// A difference without chance.
fn exactly(difference: f64, bound: f64) -> Judged {
    let p_value = Some(if difference.abs() > bound { 0.0 } else { 1.0 });
    Judged { difference, standard_error: 0.0, degrees_of_freedom: f64::INFINITY, bound, p_value }
}

/// An exact figure beside an exact or a simulated one.
fn beside_exact(a: &Entry, b: &Entry) -> Judged {
    let bound = [a, b].iter().filter_map(|entry| entry.figure.bound).sum();
    let difference = b.figure.value - a.figure.value;
    let Some(simulated) = [a, b].into_iter().find(|entry| entry.figure.bound.is_none()) else {
        return exactly(difference, bound);
    };
    let (standard_error, degrees_of_freedom) = (simulated.figure.standard_error, simulated.degrees_of_freedom);
    let beyond = (difference.abs() - bound).max(0.0);
    let is_decided = decided([&simulated.figure; 2]) && standard_error > 0.0;
    let p_value = (is_decided || beyond == 0.0).then(|| p_of(beyond, standard_error, degrees_of_freedom));
    Judged { difference, standard_error, degrees_of_freedom, bound, p_value }
}

/// Whether the errors of both figures can be estimated.
fn decided(figures: [&Figure; 2]) -> bool {
    figures
        .iter()
        .all(|figure| figure.standard_error.is_finite() && figure.estimate().caution != Some(Caution::HeavyTail))
}

fn student(error: &ErrorOf, difference: f64) -> Option<f64> {
    let ErrorOf { standard_error, degrees_of_freedom } = *error;
    standard_error.is_finite().then(|| p_of(difference, standard_error, degrees_of_freedom))
}

/// The trials of both runs that a figure is measured of.
fn values([a, b]: [&Side<'_>; 2], of_a: &Entry, of_b: &Entry, is_paired: bool) -> Option<Values> {
    let of = |side: &Side<'_>, entry: &Entry| {
        let Subject::Contract(name) = &entry.subject else { return None };
        let trials = side.trials.as_ref().filter(|_| entry.is_plain)?;
        let contract = trials.contracts.iter().position(|known| known == name)?;
        entry.kind.values(trials.outcomes, contract)
    };
    Some(Values { a: of(a, of_a)?, b: of(b, of_b)?, is_paired })
}

/// The quantile of figures in any order.
fn quantile(values: &mut [f64], level: Share) -> f64 {
    let rank = ((level.value() * values.len() as f64) as usize).min(values.len() - 1);
    *values.select_nth_unstable_by(rank, f64::total_cmp).1
}

/// What a measure of a sample is a mean of.
fn influences(functional: Functional, values: &[f64]) -> Option<Influences> {
    let mean = || values.iter().sum::<f64>() / values.len() as f64;
    let influence = match functional {
        Functional::Mean => Influence::Amount,
        Functional::Sd => Influence::SquareAbout(mean()),
        Functional::Below => Influence::Below(0.0),
        Functional::Above => Influence::Above(0.0),
        Functional::Quantile(level) => Influence::AtMost(quantile(&mut values.to_vec(), level)),
        Functional::Tail(level) => Influence::ShortfallBelow(quantile(&mut values.to_vec(), level)),
        Functional::Exact => return None,
    };
    Some(Influences::new(&Design::independent(values.len()), values, influence))
}

/// Whether the same trials decide both figures, by pairs whose influences go together without an error: with four trials or more,
/// chance does not do that.
fn are_alike(functional: Functional, values: &Values) -> bool {
    /// Those of four trials of many.
    const DEGREES_OF_FREEDOM: f64 = 7.5;
    let decide =
        |values: &[f64]| influences(functional, values).is_some_and(|of| of.degrees_of_freedom() >= DEGREES_OF_FREEDOM);
    values.is_paired && decide(&values.a) && decide(&values.b)
}

/// The error of the difference of a figure.
fn error(functional: Functional, [a, b]: [&Entry; 2], values: Option<&Values>) -> ErrorOf {
    let own = |entry: &Entry, degrees_of_freedom: f64| ErrorOf {
        standard_error: entry.figure.standard_error,
        degrees_of_freedom,
    };
    let found = values.and_then(|values| {
        let (of_a, of_b) = (influences(functional, &values.a)?, influences(functional, &values.b)?);
        let is_finite = a.figure.standard_error.is_finite() && b.figure.standard_error.is_finite();
        Some(if values.is_paired && is_finite {
            of_b.error_of_difference(b.figure.standard_error, &of_a, a.figure.standard_error)
        } else {
            ErrorOf::of_independent(own(a, of_a.degrees_of_freedom()), own(b, of_b.degrees_of_freedom()))
        })
    });
    found.unwrap_or_else(|| ErrorOf::of_independent(own(a, a.degrees_of_freedom), own(b, b.degrees_of_freedom)))
}

/// The mean difference of paired trials, whose own tail decides whether it has an error.
fn of_pairs(a: &[f64], b: &[f64]) -> Judged {
    let estimate = paired_difference(b, a);
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
    let design = Design::independent(differences.len());
    let degrees_of_freedom = Influences::new(&design, &differences, Influence::Amount).degrees_of_freedom();
    // A spread of the differences that is the rounding of the amounts is none.
    let amounts = a.iter().chain(b).fold(0.0, |most: f64, amount| most.max(amount.abs()));
    let is_rounding = estimate.standard_error <= ROUNDING * amounts;
    let (difference, standard_error) = (estimate.value, if is_rounding { 0.0 } else { estimate.standard_error });
    let is_decided = standard_error.is_finite() && estimate.caution != Some(Caution::HeavyTail);
    let p_value = is_decided.then(|| p_of(difference, standard_error, degrees_of_freedom));
    Judged { difference, standard_error, degrees_of_freedom, bound: 0.0, p_value }
}

/// Standard deviations by their squares, which are means: where few trials decide, one of them is far from any normal law.
fn of_variances(a: &Entry, b: &Entry, values: Option<&Values>) -> f64 {
    let squared = |entry: &Entry| {
        let Figure { value, standard_error, .. } = entry.figure;
        Entry {
            figure: Figure { value: value * value, standard_error: 2.0 * value * standard_error, ..entry.figure },
            ..entry.clone()
        }
    };
    let (a, b) = (squared(a), squared(b));
    let ErrorOf { standard_error, degrees_of_freedom } = error(Functional::Sd, [&a, &b], values);
    p_of(b.figure.value - a.figure.value, standard_error, degrees_of_freedom)
}

/// Counts of trials below or above zero.
fn of_counts(functional: Functional, a: &Entry, b: &Entry, values: Option<&Values>) -> f64 {
    let is_counted = |value: f64| if functional == Functional::Below { value < 0.0 } else { value > 0.0 };
    if let Some(values) = values {
        return apart(values, is_counted);
    }
    let count = |entry: &Entry| CountOf {
        some: (entry.figure.value.clamp(0.0, 1.0) * entry.trials as f64).round() as u64,
        all: entry.trials,
    };
    counts_apart(count(a), count(b))
}

/// How unlike two samples of one law are in what is counted.
fn apart(Values { a, b, is_paired }: &Values, is_counted: impl Fn(f64) -> bool) -> f64 {
    if *is_paired {
        let only = |one: &[f64], other: &[f64]| {
            one.iter().zip(other).filter(|(one, other)| is_counted(**one) && !is_counted(**other)).count() as u64
        };
        return pairs_apart(only(a, b), only(b, a));
    }
    let count = |values: &[f64]| CountOf {
        some: values.iter().filter(|&&value| is_counted(value)).count() as u64,
        all: values.len() as u64,
    };
    counts_apart(count(a), count(b))
}

/// Quantiles: by the trials of each beyond the quantile of both together; without trials, by whether the wide intervals meet. None where
/// neither is at hand.
fn of_ranks(level: Share, a: &Entry, b: &Entry, values: Option<&Values>) -> Option<f64> {
    if let Some(values) = values {
        let mut pooled = [&values.a[..], &values.b[..]].concat();
        let quantile = quantile(&mut pooled, level);
        let below = apart(values, |value| value < quantile);
        if pooled.iter().filter(|&&value| value == quantile).count() == 1 {
            return Some(below);
        }
        // On a point mass there are two counts, below it and with it, and each may differ by chance.
        let with_it = apart(values, |value| value <= quantile);
        return Some((2.0 * below.min(with_it)).min(1.0));
    }
    let (wide_a, wide_b) = (wide_of(a)?, wide_of(b)?);
    let apart = |(low, of_low): (Interval, u64), (high, of_high): (Interval, u64)| {
        if low.upper >= high.lower {
            return None;
        }
        let ranks = (wide_ranks(of_low, level).1?, wide_ranks(of_high, level).0?);
        Some(ranks_apart((ranks.0, of_low), (ranks.1, of_high)))
    };
    let (a, b) = ((wide_a, a.trials), (wide_b, b.trials));
    Some(apart(a, b).or_else(|| apart(b, a)).unwrap_or(1.0))
}

/// The wide interval of a quantile of gains.
fn wide_of(entry: &Entry) -> Option<Interval> {
    let Interval { lower, upper } = entry.figure.wide_interval?;
    let is_of_losses = matches!(entry.kind, Kind::Measure(RiskMeasure::ValueAtRisk95 | RiskMeasure::ValueAtRisk99));
    Some(if is_of_losses { Interval { lower: 0.0 - upper, upper: 0.0 - lower } } else { Interval { lower, upper } })
}
