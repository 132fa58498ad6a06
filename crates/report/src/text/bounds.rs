//! Exact figures, each with what it may be off by.

use super::dollars;

/// A probability and what it may be off by, for a table.
pub(crate) fn exact_share(value: f64, bound: f64) -> String {
    format!("{:.3}% ± {}%", 100.0 * value, rounded_up(100.0 * bound, 1e-3))
}

/// An amount and what it may be off by, for a table.
pub(crate) fn exact_amount(value: f64, bound: f64) -> String {
    format!("{} ± {}", five_digits(value), dollars(rounded_up(bound, 1.0).parse().unwrap_or(bound)))
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
