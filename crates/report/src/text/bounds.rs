//! Exact figures, each with what it may be off by.

use twosided_prob::Estimate;

use super::{dollars, percent};

/// An exact probability and what it may be off by, for a table: `22.042%` and `± 0.001%`.
pub(crate) fn exact_share(value: f64, bound: f64) -> (String, String) {
    // Rounding may leave a probability below zero.
    (percent(value.max(0.0), 3), format!("± {}%", rounded_up(100.0 * bound, 1e-3)))
}

/// An exact amount and what it may be off by, for a table: `$2.3499M` and `± $20`.
pub(crate) fn exact_amount(value: f64, bound: f64) -> (String, String) {
    (five_digits(value), format!("± {}", dollars(rounded_up(bound, 1.0).parse().unwrap_or(bound))))
}

/// What an exact figure may be off by: half of its interval.
pub(crate) fn bound_of(exact: &Estimate) -> f64 {
    f64::midpoint(exact.upper, -exact.lower)
}

/// An amount to the dollar below a million, and to five digits above.
fn five_digits(amount: f64) -> String {
    let sign = if amount <= -0.5 { "-" } else { "" };
    let (unit, suffix) = match amount.abs() {
        size if size >= 1e9 => (1e9, "B"),
        size if size >= 1e6 => (1e6, "M"),
        _ => return format!("{sign}${}", twosided_units::grouped(&format!("{:.0}", amount.abs()))),
    };
    format!("{sign}${:.4}{suffix}", amount.abs() / unit)
}

/// A bound to one digit, not below the least that is shown.
fn rounded_up(bound: f64, least: f64) -> String {
    let mut digit = least;
    while digit * 10.0 <= bound {
        digit *= 10.0;
    }
    let rounded = (bound / digit).ceil().max(1.0) * digit;
    if least >= 1.0 { format!("{rounded:.0}") } else { format!("{rounded:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_rounded_up() {
        let text = |(figure, error): (String, String)| format!("{figure} {error}");
        assert_eq!(text(exact_amount(63_824.4, 5.49)), "$63,824 ± $6");
        assert_eq!(text(exact_amount(-2_349_871.0, 0.0)), "-$2.3499M ± $1");
        assert_eq!(text(exact_amount(2_349_871.0, 1_234.0)), "$2.3499M ± $2k");
        assert_eq!(text(exact_share(0.220_421_7, 0.000_000_2)), "22.042% ± 0.001%");
        assert_eq!(text(exact_share(-1e-12, 1e-11)), "0.000% ± 0.001%");
        assert_eq!(text(exact_share(0.5, 0.000_021)), "50.000% ± 0.003%");
    }
}
