//! Figures as a page shows them, each with its error beside it, and names in a sentence.

use maud::{Markup, html};
use twosided_prob::Estimate;

use crate::text::{dollars, dollars_known, joint, percent_with_error};

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
