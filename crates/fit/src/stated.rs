//! Laws by the numbers that a population file states.

use twosided_prob::{Family, ParameterError, Severity, Spliced};

/// A number of a law under its key in a population file.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// The key; of a part of the law with its index, as `component 1 mean`.
    pub name: String,
    /// The number.
    pub value: f64,
}

/// Digits to which a population file states a number.
pub(crate) const DIGITS: usize = 7;

/// A number as a population file states it.
pub(crate) fn rounded(value: f64) -> f64 {
    format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value)
}

/// The law that a population file states and a scenario reads back: its numbers rounded as they are written.
///
/// # Errors
/// A law that the program cannot use: without a mean, or so spread that no file may state it.
pub(crate) fn stated(law: &Severity) -> Result<Severity, ParameterError> {
    law.restated(&rounded)
}

/// The numbers that a population file states of a law; none of quantiles.
pub(crate) fn parameters(law: &Severity) -> Vec<Parameter> {
    let named = |name: String, value: f64| Parameter { name, value };
    let of_part =
        |part: String, family: Family| family.parameters().map(|(key, value)| named(format!("{part}{key}"), value));
    match law {
        Severity::Family(family) => of_part(String::new(), *family).to_vec(),
        Severity::LognormalMixture(mixture) => (1..)
            .zip(mixture.components())
            .flat_map(|(number, (weight, law))| {
                let part = format!("component {number} ");
                let [mean, cv] = of_part(part.clone(), Family::Lognormal(law));
                [named(part + "weight", weight), mean, cv]
            })
            .collect(),
        Severity::Spliced(Spliced { body, tail, tail_weight, threshold }) => {
            let own = [("threshold", *threshold), ("tail_weight", *tail_weight)];
            let own = own.map(|(key, value)| named(key.to_owned(), value));
            own.into_iter()
                .chain(of_part("body ".to_owned(), *body))
                .chain(of_part("tail ".to_owned(), *tail))
                .collect()
        }
        Severity::Empirical(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use twosided_prob::Pareto;

    use super::*;
    use crate::coordinates::{freedom, tests::laws};

    #[test]
    fn every_number_is_stated_under_its_name() {
        let names = |law: &Severity| parameters(law).into_iter().map(|parameter| parameter.name).collect::<Vec<_>>();
        assert_eq!(names(&laws()[3]), ["mean", "shape"]);
        assert_eq!(names(&laws()[4])[3..], ["component 2 weight", "component 2 mean", "component 2 cv"]);
        assert_eq!(names(&laws()[5]), ["threshold", "tail_weight", "body mean", "body cv", "tail mean", "tail shape"]);
        for law in laws() {
            // Of the weights of a mixture, one is what the others leave.
            let left = usize::from(matches!(law, Severity::LognormalMixture(_)));
            assert_eq!(freedom(&law), parameters(&law).len() - left);
            assert!((stated(&law).expect("usable").mean() / law.mean() - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_law_without_a_mean_cannot_be_used() {
        assert!(stated(&Severity::Family(Family::Pareto(Pareto { shape: 0.9, scale: 10.0 }))).is_err());
    }
}
