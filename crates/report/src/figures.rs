//! Figures as a page shows them, each with its error beside it, and names in a sentence.

use maud::{Markup, html};
use twosided_prob::Estimate;

use crate::{
    ContractSummary, Figure, RiskMeasure, Unit,
    text::{
        bound_of, dollars, dollars_known, dollars_with_error, exact_amount, exact_share, joint, percent,
        percent_with_error, plain_with_error,
    },
};

/// An amount and what is known of it, for one line or two; what cannot vary has no error.
pub(crate) fn money(estimate: Estimate, is_exact: bool) -> (String, String) {
    if is_exact {
        return exact_amount(estimate.value, bound_of(&estimate));
    }
    let (figure, error) = dollars_known(&estimate);
    (figure, if estimate.standard_error > 0.0 { error } else { String::new() })
}

/// A probability, in the same way.
pub(crate) fn chance(estimate: Estimate, is_exact: bool) -> (String, String) {
    if is_exact {
        return exact_share(estimate.value, bound_of(&estimate));
    }
    let (figure, error) = percent_with_error(estimate.value, estimate.standard_error);
    (figure, if estimate.standard_error > 0.0 { error } else { String::new() })
}

/// Both in one line.
pub(crate) fn joined((figure, error): (String, String)) -> String {
    if error.is_empty() { figure } else { format!("{figure} {error}") }
}

impl Figure {
    /// The figure with its error, for a reader: `$1.61M ± 0.02M`, `34.2% ± 0.5%`.
    pub fn in_words(&self) -> String {
        let (estimate, is_exact) = (self.shown(), self.bound.is_some());
        match self.unit {
            Unit::Probability | Unit::Share => joined(chance(estimate, is_exact)),
            Unit::PerThousand
            | Unit::Acos
            | Unit::Ratio
            | Unit::Months
            | Unit::Days
            | Unit::Measure
            | Unit::Correlation => {
                let (figure, error) = plain_with_error(estimate.value, estimate.standard_error);
                if estimate.standard_error > 0.0 { format!("{figure} {error}") } else { figure }
            }
            Unit::UsdAYear | Unit::UsdOverAllYears | Unit::UsdSinceTheStart | Unit::UsdAPersonYear | Unit::UsdPmpm => {
                joined(money(estimate, is_exact))
            }
        }
    }
}

impl Unit {
    /// A difference of two figures of the unit with its error, and its sign if it is above zero: `+$20k ± 4k`, `-1.2pp ± 0.3pp`.
    pub fn difference_in_words(self, difference: f64, standard_error: f64) -> String {
        let sign = if difference > 0.0 { "+" } else { "" };
        let (figure, error) = match self {
            Self::Probability | Self::Share => {
                let (figure, error) = plain_with_error(100.0 * difference, 100.0 * standard_error);
                (format!("{figure}pp"), format!("{error}pp"))
            }
            Self::PerThousand
            | Self::Acos
            | Self::Ratio
            | Self::Months
            | Self::Days
            | Self::Measure
            | Self::Correlation => plain_with_error(difference, standard_error),
            Self::UsdAYear | Self::UsdOverAllYears | Self::UsdSinceTheStart | Self::UsdAPersonYear | Self::UsdPmpm => {
                dollars_with_error(difference, standard_error)
            }
        };
        match standard_error {
            f64::INFINITY => format!("{sign}{}", figure.trim_end_matches("pp")),
            0.0 => format!("{sign}{figure}"),
            _ => format!("{sign}{figure} {error}"),
        }
    }
}

/// A figure with what is known of it beside it.
pub(crate) fn beside((figure, error): (String, String)) -> Markup {
    html! { (figure) @if !error.is_empty() { " " span.error { (error) } } }
}

impl ContractSummary {
    /// A measure of its gain, for a table; of losses as a loss.
    pub(crate) fn cell(&self, measure: RiskMeasure) -> Markup {
        let (estimate, is_exact) = (self.shown(measure), self.is_exact(measure));
        beside(if measure.is_probability() { chance(estimate, is_exact) } else { money(estimate, is_exact) })
    }

    /// A measure of its gain, for a sentence: an exact one to few digits, and without what it may be off by, which they do not show.
    pub(crate) fn in_words(&self, measure: RiskMeasure) -> Markup {
        let Estimate { value, .. } = self.shown(measure);
        match (self.is_exact(measure), measure.is_probability()) {
            (false, _) => self.cell(measure),
            (true, false) => html! { (dollars(value)) },
            (true, true) => html! { (percent(value, 1)) },
        }
    }
}

pub(crate) fn amount(estimate: Estimate) -> Markup {
    let (value, error) = dollars_known(&estimate);
    figure(&value, &error, estimate.standard_error)
}

pub(crate) fn probability(estimate: Estimate) -> Markup {
    let (value, error) = percent_with_error(estimate.value, estimate.standard_error);
    figure(&value, &error, estimate.standard_error)
}

/// A figure with its error beside it; what cannot vary has none.
pub(crate) fn figure(value: &str, error: &str, standard_error: f64) -> Markup {
    html! { (value) @if standard_error > 0.0 { " " span.error { (error) } } }
}

/// A figure with what is known of it, as `$1.61M ± 0.02M` or `34.2% ± 0.5%`.
pub fn figure_text(estimate: &Estimate, is_probability: bool, is_exact: bool) -> String {
    joined(if is_probability { chance(*estimate, is_exact) } else { money(*estimate, is_exact) })
}

/// Both ends of an interval; an end beyond what was sampled is open.
pub(crate) fn interval(Estimate { lower, upper, .. }: Estimate) -> String {
    match (lower.is_finite(), upper.is_finite()) {
        (true, true) => format!("{} to {}", dollars(lower), dollars(upper)),
        (true, false) => format!("{} or more, without end", dollars(lower)),
        (false, true) => format!("{} or less, without end", dollars(upper)),
        (false, false) => "without ends".to_owned(),
    }
}

/// Names in a sentence, each set apart.
pub(crate) fn named(names: &[&str]) -> Markup {
    html! { @for (index, name) in names.iter().enumerate() { (joint(index, names)) b { (name) } } }
}
