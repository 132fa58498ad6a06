//! Statements that are right, and what is said of those that are not.

use proptest::prelude::*;

use super::{Quantity, Statement, StatementError};

fn read(text: &str) -> Statement {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// What is underlined, what is said, and what would be right.
fn refused(text: &str) -> (String, String, String) {
    let StatementError { text, span, message, help } = text.parse::<Statement>().expect_err("it is wrong");
    (text[span].to_owned(), message, help)
}

#[test]
fn statements_are_written_as_a_reader_understands_them() {
    for (text, canonical) in [
        ("var95<=2_000_000", "VaR 95% <= $2,000,000"),
        ("VaR 95% <= $2m", "VaR 95% <= $2,000,000"),
        ("tvar_99_of_loss < 1.5m", "TVaR 99% < $1,500,000"),
        ("mean >= -50k", "mean >= -$50,000"),
        ("mean margin ≥ $1,234.5", "mean margin >= $1,234.5"),
        ("p_loss <= 5%", "P(loss) <= 5%"),
        ("P(loss) <= 0.05", "P(loss) <= 5%"),
        ("p ( gain ) > 0.5", "P(gain) > 50%"),
        ("P(loss > 2% of benchmark) <= 5%", "P(loss > 2% of benchmark) <= 5%"),
        ("P(gain<0) <= 10%", "P(gain < $0) <= 10%"),
        ("P(loss > $2m in any year) <= 1e", ""),
        ("P(cost > $11,500 per person-year in year 2) < 2.5%", "P(cost > $11,500 per person-year in year 2) < 2.5%"),
        ("P(cost > 11500 per person year) < 2.5%", "P(cost > $11,500 per person-year) < 2.5%"),
        ("P(margin < -$1b) <= .1%", "P(margin < -$1,000,000,000) <= 0.1%"),
        ("P(cost < 98% of benchmark in any year) >= 0.5", "P(cost < 98% of benchmark in any year) >= 50%"),
        ("P(loss > 0.03 of fees) <= 5%", "P(loss > 3% of fees) <= 5%"),
        ("q05 > -1e", ""),
    ] {
        let found = text.parse::<Statement>().map(|statement| statement.to_string());
        if canonical.is_empty() {
            assert!(found.is_err(), "{text}: {found:?}");
        } else {
            assert_eq!(found.as_deref(), Ok(canonical), "{text}");
            assert_eq!(read(canonical), read(text));
        }
    }
}

#[test]
fn what_is_wrong_is_underlined_with_what_would_be_right() {
    for (text, underlined, message, help) in [
        ("vr95 <= 2m", "vr95", "no measure is named `vr95`", "did you mean `var95`?"),
        ("P(los > 2m) <= 5%", "los", "`los` is not known here", "did you mean `loss`?"),
        (
            "P(loss > 2%) <= 5%",
            "2%",
            "a percent is of something",
            "write 2% of benchmark, of expenditure or of fees; or dollars",
        ),
        ("P(loss > 2% of benchmrk) <= 5%", "benchmrk", "`benchmrk` is not known here", "did you mean `benchmark`?"),
        (
            "P(loss > $2m of benchmark) <= 5%",
            "$2m",
            "dollars are no share of benchmark",
            "write a share, as 2% of benchmark, or dollars alone",
        ),
        (
            "P(loss > 2 of benchmark) <= 5%",
            "2",
            "2 of benchmark is 200%",
            "write 2% for 2 percent, or its hundredths as a decimal",
        ),
        ("P(loss > 2m) <= 5", "5", "a probability is from 0 to 1", "write 5% for 5 percent"),
        (
            "P(loss > 2m) = 5%",
            "=",
            "an equality is no requirement: a simulated figure never meets it",
            "write <=, <, >= or >",
        ),
        (
            "mean >= 5%",
            "5%",
            "the mean is an amount of dollars, and no percent",
            "write dollars, as $2m; for a share of the benchmark write an event, as P(loss > 2% of benchmark) <= 5%",
        ),
        ("mean >= 5x", "x", "`x` is no unit", "write k for thousands, m for millions or b for billions of dollars"),
        ("mean >= 1,00", "1,00", "`1,00` is no number", "write an amount, as $2m, 50k, -1_500_000, 5% or 0.05"),
        (
            "mean >= 5 6",
            "6",
            "nothing may follow here, and `6` does",
            "write one requirement; others go into limits of their own",
        ),
        ("P(cost) <= 5%", "P(cost)", "`cost` alone is no event", "write a comparison, as P(cost > $50m)"),
        (
            "P(loss > 2m in year 0) <= 5%",
            "0",
            "a year is a whole number from 1 to 50",
            "write `in year 2`, counted from 1, or `in any year`; without either, the event is about all years together",
        ),
        ("var95", "", "a comparison is missing", "write <=, <, >= or > and an amount"),
    ] {
        assert_eq!(refused(text), (underlined.to_owned(), message.to_owned(), help.to_owned()), "{text}");
    }
    let shown = "P(los > 2m) <= 5%".parse::<Statement>().expect_err("it is wrong").to_string();
    assert_eq!(shown, "`los` is not known here\n  P(los > 2m) <= 5%\n    ^^^\ndid you mean `loss`?");
    assert!("var95 <= 5".parse::<Quantity>().is_err() && "var95 ".parse::<Quantity>().is_ok());
}

/// Text near the grammar, so that its depths are reached.
fn near_the_grammar() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just("P("),
        Just(")"),
        Just("loss"),
        Just("gain"),
        Just("cost"),
        Just(" "),
        Just("<="),
        Just(">"),
        Just("≥"),
        Just("of benchmark"),
        Just("per person-year"),
        Just("in year "),
        Just("in any year"),
        Just("$"),
        Just("-"),
        Just("2"),
        Just("5%"),
        Just("m"),
        Just("1,000"),
        Just("var95"),
        Just("_"),
        Just("."),
        Just("é"),
        Just("%"),
        Just("of"),
        Just("per")
    ];
    prop::collection::vec(parts, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_within_itself(text in prop_oneof![".{0,40}", near_the_grammar()]) {
        match text.parse::<Statement>() {
            Ok(statement) => {
                let canonical = statement.to_string();
                let again = canonical.parse::<Statement>().map(|statement| statement.to_string());
                prop_assert_eq!(again, Ok(canonical));
            }
            Err(error) => {
                prop_assert!(error.text.get(error.span.clone()).is_some(), "{:?}", error);
                prop_assert!(error.to_string().contains('^'));
            }
        }
    }
}
