//! How amounts, shares and their errors are written.

use twosided_prob::{Caution, Estimate};
use twosided_units::grouped;

/// The unit that the amounts of one axis share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DollarUnit {
    dollars: f64,
    suffix: &'static str,
}

impl DollarUnit {
    /// The unit for amounts up to this size.
    pub fn of(largest: f64) -> Self {
        let largest = largest.abs() * (1.0 + 1e-9);
        let (dollars, suffix) = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")]
            .into_iter()
            .find(|(dollars, _)| largest >= *dollars)
            .unwrap_or((1.0, ""));
        Self { dollars, suffix }
    }

    /// An amount with this many decimals of the unit: `-$1.5M`.
    pub fn write(self, amount: f64, decimals: usize) -> String {
        let digits = format!("{:.decimals$}", amount.abs() / self.dollars);
        if digits.chars().all(|c| matches!(c, '0' | '.')) {
            return "$0".to_owned();
        }
        let sign = if amount < 0.0 { "-" } else { "" };
        format!("{sign}${digits}{}", self.suffix)
    }

    /// How many decimals distinguish multiples of this step.
    pub fn decimals(self, step: f64) -> usize {
        decimals_of(step / self.dollars)
    }
}

/// How many decimals write a step, and so each of its multiples, exactly.
pub(crate) fn decimals_of(step: f64) -> usize {
    (0..12)
        .find(|&decimals| {
            let scaled = step * 10_f64.powi(decimals);
            (scaled - scaled.round()).abs() < 1e-6 * scaled
        })
        .unwrap_or(12) as usize
}

/// An amount to three significant digits: `$1.25M`. The open end of an interval is a word.
pub(crate) fn dollars(amount: f64) -> String {
    if !amount.is_finite() {
        return "unknown".to_owned();
    }
    let unit = DollarUnit::of(amount);
    let digits = unit.write(amount, significant(amount / unit.dollars, 3));
    // `$2.50M` says no more than `$2.5M`.
    match digits.split_once('.') {
        Some((whole, rest)) => {
            let decimals = rest.trim_end_matches(unit.suffix).trim_end_matches('0');
            let point = if decimals.is_empty() { "" } else { "." };
            format!("{whole}{point}{decimals}{}", unit.suffix)
        }
        None => digits,
    }
}

/// What is shown for an error that cannot be estimated.
pub(crate) const HEAVY_TAIL: &str = "(heavy tail)";

/// What is shown for the error of a tail beyond which no trial lies.
const UNSAMPLED_TAIL: &str = "(tail not sampled)";

/// A simulated amount and its standard error, for one line or two: `$1.61M` and `± 0.02M`.
///
/// An error that is not known, which is infinite, is a word: the sample has a heavy tail.
pub(crate) fn dollars_with_error(amount: f64, standard_error: f64) -> (String, String) {
    if standard_error == f64::INFINITY {
        return (dollars(amount), HEAVY_TAIL.to_owned());
    }
    let unit = DollarUnit::of(amount.abs().max(standard_error));
    let decimals = error_decimals(standard_error / unit.dollars, amount / unit.dollars);
    let error = never_nothing(standard_error / unit.dollars, decimals);
    (unit.write(amount, decimals), format!("± {error}{}", if error == "0" { "" } else { unit.suffix }))
}

/// An amount to the digits of a simulated one beside it; of another size, to its own.
pub(crate) fn dollars_beside(amount: f64, simulated: &Estimate) -> String {
    let Estimate { value, standard_error, .. } = *simulated;
    let unit = DollarUnit::of(value.abs().max(standard_error));
    if standard_error == f64::INFINITY || DollarUnit::of(amount) != unit {
        return dollars(amount);
    }
    unit.write(amount, error_decimals(standard_error / unit.dollars, value / unit.dollars))
}

/// A simulated amount and what is known of it: its standard error, or the interval where that lies on one side of the amount, as of
/// a bad year that costs nothing: `$0` and `(-$7.9M to $0)`.
pub(crate) fn dollars_known(estimate: &Estimate) -> (String, String) {
    let Estimate { value, standard_error, lower, upper, .. } = *estimate;
    if standard_error == f64::INFINITY && estimate.caution == Some(Caution::FewTrials) {
        return (dollars(value), UNSAMPLED_TAIL.to_owned());
    }
    let is_one_sided = (value <= lower) != (value >= upper) && lower.is_finite() && upper.is_finite();
    if is_one_sided && standard_error > 0.0 && dollars(lower) != dollars(upper) {
        return (dollars(value), format!("({} to {})", dollars(lower), dollars(upper)));
    }
    dollars_with_error(value, standard_error)
}

/// A simulated probability and its standard error in percent: `34.2%` and `± 0.5%`.
pub(crate) fn percent_with_error(probability: f64, standard_error: f64) -> (String, String) {
    // A certainty is printed whole; its error keeps its own digit.
    let whole = probability <= 0.0 || probability >= 1.0;
    let decimals = error_decimals(100.0 * standard_error, if whole { 0.0 } else { 100.0 * probability });
    let error = never_nothing(100.0 * standard_error, decimals);
    (percent(probability, if whole { 0 } else { decimals }), format!("± {error}%"))
}

/// A plain number and its standard error: `0.71` and `± 0.03`.
pub(crate) fn plain_with_error(value: f64, standard_error: f64) -> (String, String) {
    let decimals = error_decimals(standard_error, value);
    let error = never_nothing(standard_error, decimals);
    (format!("{value:.decimals$}"), format!("± {error}"))
}

/// A standard error with this many decimals: `± 12.3`, or the word for one that cannot be estimated.
pub(crate) fn plus_minus(standard_error: f64, decimals: usize) -> String {
    if standard_error.is_finite() {
        format!("± {}", thousands(standard_error, decimals))
    } else {
        HEAVY_TAIL.to_owned()
    }
}

/// A number with this many decimals and thousands separators: `2,184.2`.
pub(crate) fn thousands(figure: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", figure.abs());
    let sign = if figure < 0.0 && digits.contains(|digit| matches!(digit, '1'..='9')) { "-" } else { "" };
    match digits.split_once('.') {
        Some((whole, rest)) => format!("{sign}{}.{rest}", grouped(whole)),
        None => format!("{sign}{}", grouped(&digits)),
    }
}

/// A share in percent.
pub(crate) fn percent(share: f64, decimals: usize) -> String {
    format!("{:.decimals$}%", 100.0 * share)
}

/// The decimals that give a figure this many significant digits.
fn significant(figure: f64, digits: i32) -> usize {
    if figure == 0.0 {
        return 0;
    }
    (digits - 1 - figure.abs().log10().floor() as i32).clamp(0, 12) as usize
}

/// One significant digit of the error, or two where the first is a 1 and the figure then has three; never more than seven
/// digits of the figure.
fn error_decimals(error: f64, figure: f64) -> usize {
    if error <= 0.0 {
        return significant(figure, 3).min(3);
    }
    // What rounds up to the next power of ten counts as it.
    let one = significant(1.05 * error, 1);
    if figure == 0.0 {
        return one;
    }
    let first = error / 10_f64.powf(error.log10().floor());
    let two = significant(error, 2);
    if first < 1.95 && two <= significant(figure, 3) { two } else { one.min(significant(figure, 7)) }
}

/// An error that is not zero is never printed as zero, nor as more than it is.
fn never_nothing(error: f64, decimals: usize) -> String {
    if error <= 0.0 {
        return "0".to_owned();
    }
    let least = 10_f64.powf(-(decimals as f64));
    if error < 0.5 * least { format!("<{least:.decimals$}") } else { format!("{error:.decimals$}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_take_the_unit_of_their_size() {
        assert_eq!(dollars(1_250_000.0), "$1.25M");
        assert_eq!(dollars(-2_500_000.0), "-$2.5M");
        assert_eq!(dollars(250_000.0), "$250k");
        assert_eq!(dollars(3e13), "$30T");
        assert_eq!(dollars(0.001), "$0.001");
        assert_eq!(dollars(-0.0), "$0");
        let unit = DollarUnit::of(2_500_000.0);
        assert_eq!(unit.write(-500_000.0, unit.decimals(500_000.0)), "-$0.5M");
        assert_eq!(unit.write(2_000_000.0, unit.decimals(1_000_000.0)), "$2M");
    }

    #[test]
    fn a_figure_has_the_digits_its_error_allows() {
        let text = |(figure, error): (String, String)| format!("{figure} {error}");
        assert_eq!(text(dollars_with_error(1_612_345.0, 21_000.0)), "$1.61M ± 0.02M");
        assert_eq!(text(dollars_with_error(-1_612_345.0, 146_000.0)), "-$1.61M ± 0.15M");
        assert_eq!(text(dollars_with_error(-4_000_000.0, 17_000.0)), "-$4.00M ± 0.02M");
        assert_eq!(text(dollars_with_error(0.0, 0.0)), "$0 ± 0");
        assert_eq!(text(dollars_with_error(1_612_345.0, f64::INFINITY)), "$1.61M (heavy tail)");
        assert_eq!(text(dollars_with_error(3e6, 0.001)), "$3.000000M ± <0.000001M");
        assert_eq!(text(dollars_with_error(1e13, 1.0)), "$10.00000T ± <0.00001T");
        assert_eq!(text(percent_with_error(0.3421, 0.0047)), "34.2% ± 0.5%");
        assert_eq!(text(percent_with_error(0.0, 0.0002)), "0% ± 0.02%");
        assert_eq!(text(percent_with_error(0.0, 0.000098)), "0% ± 0.01%");
    }

    #[test]
    fn an_error_is_shown_as_large_as_it_is() {
        let text = |(figure, error): (String, String)| format!("{figure} {error}");
        assert_eq!(text(dollars_with_error(13_442_100.0, 540.0)), "$13.4421M ± 0.0005M");
        assert_eq!(text(dollars_with_error(-13_442_100.0, 560.0)), "-$13.4421M ± 0.0006M");
        assert_eq!(text(percent_with_error(0.5, 0.000_004)), "50.0000% ± 0.0004%");
        assert_eq!(text(plain_with_error(123.4, 0.000_2)), "123.4000 ± 0.0002");
        for power in -3..9 {
            let error = 2.0 * 10_f64.powi(power);
            let (_, shown) = dollars_with_error(13_442_100.0, error);
            let number = shown.trim_start_matches("± ").trim_end_matches('M');
            let honest =
                number.strip_prefix('<').is_some_and(|least| error < 1e6 * least.parse::<f64>().expect("a number"))
                    || number.parse::<f64>().is_ok_and(|shown| (1e6 * shown / error - 1.0).abs() < 0.3);
            assert!(honest, "{error}: {shown}");
        }
    }

    #[test]
    fn an_amount_beside_a_simulated_one_has_its_digits() {
        let simulated =
            Estimate { value: 1_612_345.0, standard_error: 2_100.0, lower: 1.60e6, upper: 1.62e6, caution: None };
        assert_eq!(dollars_with_error(simulated.value, simulated.standard_error).0, "$1.612M");
        assert_eq!(dollars_beside(1_500_000.0, &simulated), "$1.500M");
        assert_eq!(dollars_beside(9_870.0, &simulated), "$9.87k");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(thousands(2_184.24, 1), "2,184.2");
        assert_eq!(thousands(-1_234.0, 0), "-1,234");
        assert_eq!(thousands(-0.01, 1), "0.0");
    }

    #[test]
    fn an_interval_on_one_side_is_shown_as_it_is() {
        let known = |value, lower, upper| {
            let estimate = Estimate { value, standard_error: 4e6, lower, upper, caution: None };
            let (figure, error) = dollars_known(&estimate);
            format!("{figure} {error}")
        };
        assert_eq!(known(0.0, -7.9e6, 0.0), "$0 (-$7.9M to $0)");
        assert_eq!(known(1e6, 1e6, 3e6), "$1M ($1M to $3M)");
        assert_eq!(known(1e6, -7e6, 9e6), "$1M ± 4M");
        assert_eq!(known(0.0, f64::NEG_INFINITY, 0.0), "$0 ± 4M");
    }
}
