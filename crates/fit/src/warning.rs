//! Where a written law departs from the data so far that a reader has to know.

use std::fmt;

use twosided_form::figure;

use crate::{
    amount::{AmountFit, ExcessCost},
    error::Figure,
};

/// Share of the data's figure by which a law's may differ.
const MOST_APART: f64 = 0.25;
/// The same where it differs by more than two standard errors as well.
const MOST_APART_SURELY: f64 = 0.1;
const ERRORS: f64 = 2.0;
/// Standard deviation of a law over that of the data, or the other way round.
const MOST_SPREAD: f64 = 1.5;
/// Share of a law's mean that may lie above the largest amount of the data.
const MOST_BEYOND: f64 = 0.05;

/// A departure of a law from the data, or amounts that no law describes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Warning {
    /// The tail of the amounts is so heavy that they have no mean.
    NoMean {
        /// Dollars above which the tail was fitted.
        threshold: f64,
        /// Shape of the generalized Pareto law, 1 or more.
        shape: Figure,
        /// Share of all cost that is the largest amount.
        largest_share: f64,
    },
    /// The mean of a person-year.
    Mean {
        /// Of the data.
        observed: Figure,
        /// Of the law.
        of_law: f64,
    },
    /// The mean cost above a high amount.
    Excess(ExcessCost),
    /// The standard deviation of a person-year.
    Spread {
        /// Of the data.
        observed: f64,
        /// Of the law; infinite where it has none.
        of_law: f64,
    },
    /// Much of the law's mean lies above every amount of the data.
    Beyond {
        /// The largest amount of the data.
        largest: f64,
        /// Share of the law's mean.
        share: f64,
    },
}

/// Compares a law of amounts, and the person-years that it makes, with the data.
pub(crate) fn warnings(amount: &AmountFit, mean: Figure, law_mean: f64, sd: f64, law_sd: f64) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Ok(tail) = &amount.tail
        && tail.shape.value >= 1.0
    {
        let (threshold, shape) = (tail.threshold, tail.shape);
        warnings.push(Warning::NoMean { threshold, shape, largest_share: amount.largest_share });
    }
    let apart = (law_mean - mean.value).abs();
    if apart > MOST_APART * mean.value || is_surely_apart(mean, law_mean, MOST_APART_SURELY) {
        warnings.push(Warning::Mean { observed: mean, of_law: law_mean });
    }
    let is_off = |excess: &&ExcessCost| is_surely_apart(excess.observed, excess.of_law, MOST_APART);
    warnings.extend(amount.excess_costs.iter().filter(is_off).copied().map(Warning::Excess));
    let spread = law_sd / sd;
    if !(1.0 / MOST_SPREAD..=MOST_SPREAD).contains(&spread) && sd > 0.0 {
        warnings.push(Warning::Spread { observed: sd, of_law: law_sd });
    }
    if let (Some(_), share) = (amount.chosen, amount.beyond / amount.law.mean())
        && share > MOST_BEYOND
    {
        warnings.push(Warning::Beyond { largest: amount.largest, share });
    }
    warnings
}

fn is_surely_apart(observed: Figure, of_law: f64, share: f64) -> bool {
    let apart = (of_law - observed.value).abs();
    apart > ERRORS * observed.standard_error && apart > share * observed.value
}

/// Dollars, whole where there are many.
fn dollars(value: f64) -> String {
    if value >= 100.0 { format!("${}", figure(value.round())) } else { format!("${value:.2}") }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoMean { threshold, shape, largest_share } => write!(
                f,
                "amounts above {} have tail shape {:.2} ± {:.2}; from 1 up they have no mean, and the largest amount is {:.0}% of \
                 all cost: no mean of data or law can be relied on; cap the amounts, or give a mean with --prior-mean",
                dollars(threshold),
                shape.value,
                shape.standard_error,
                100.0 * largest_share
            ),
            Self::Mean { observed, of_law } => write!(
                f,
                "the law's mean of a person-year is {}, that of the data {} ± {}",
                dollars(of_law),
                dollars(observed.value),
                dollars(observed.standard_error)
            ),
            Self::Excess(ExcessCost { above, observed, of_law }) => write!(
                f,
                "the law's mean cost above {} is {} for each amount, that of the data {} ± {}",
                dollars(above),
                dollars(of_law),
                dollars(observed.value),
                dollars(observed.standard_error)
            ),
            Self::Spread { observed, of_law } if of_law.is_infinite() => write!(
                f,
                "the law's standard deviation is infinite, that of the data {}: errors of simulated means are too small",
                dollars(observed)
            ),
            Self::Spread { observed, of_law } => write!(
                f,
                "the law's standard deviation of a person-year is {}, that of the data {}",
                dollars(of_law),
                dollars(observed)
            ),
            Self::Beyond { largest, share } => write!(
                f,
                "{:.0}% of the law's mean is cost above {}, the largest amount of the data",
                100.0 * share,
                dollars(largest)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_difference_is_no_warning_and_a_sure_one_is() {
        let observed = Figure { value: 100.0, standard_error: 10.0 };
        assert!(!is_surely_apart(observed, 119.0, 0.1));
        assert!(is_surely_apart(observed, 121.0, 0.1));
        assert!(!is_surely_apart(Figure { value: 100.0, standard_error: 1.0 }, 109.0, 0.1));
    }

    #[test]
    fn warnings_say_both_figures() {
        let mean = Warning::Mean { observed: Figure { value: 303_061.4, standard_error: 227_910.9 }, of_law: 48_362.4 };
        assert_eq!(
            mean.to_string(),
            "the law's mean of a person-year is $48,362, that of the data $303,061 ± $227,911"
        );
    }
}
