//! The figures of a sweep, point by point.

use twosided_prob::Estimate;
use twosided_scenario::Quantity;

use crate::{
    Period, Unit,
    figures::{chance, joined, money},
    text::thousands,
};

/// A sweep with its figures.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepReport {
    /// The scenario's name.
    pub name: String,
    /// The keys that are set: those that are swept, then those that are tied to them.
    pub keys: Vec<SweepKey>,
    /// Whether keys are moved one at a time, and not all together.
    pub is_one_at_a_time: bool,
    /// What gains are of.
    pub period: Period,
    /// Trials of the scenario.
    pub trials: u64,
    /// Key of all random streams.
    pub seed: u64,
    /// The contracts whose figures are taken.
    pub contracts: Vec<String>,
    /// What is measured of each.
    pub quantities: Vec<Quantity>,
    /// The scenario as it is, then every point.
    pub points: Vec<SweepPoint>,
}

impl SweepReport {
    /// Keys that no figure follows: points that differ in one of them alone have the same figures.
    pub fn without_effect(&self) -> Vec<&str> {
        let points = &self.points[1..];
        let is_swept = |index: &usize| self.keys[*index].is_swept;
        let others_agree = |one: &SweepPoint, other: &SweepPoint, key: usize| {
            let mut values = one.values.iter().zip(&other.values).enumerate();
            values.all(|(index, (one, other))| index == key || !is_swept(&index) || one == other)
        };
        let moves = |key: usize| {
            points.iter().enumerate().any(|(index, one)| {
                let mut later = [&self.points[0]].into_iter().chain(&points[index + 1..]);
                later.any(|other| others_agree(one, other, key) && one.figures != other.figures)
            })
        };
        let still = (0..self.keys.len()).filter(is_swept).filter(|key| !moves(*key));
        still.map(|key| self.keys[key].key.as_str()).collect()
    }
}

/// A key that a sweep sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepKey {
    /// The key.
    pub key: String,
    /// Whether it is swept, and not tied to another.
    pub is_swept: bool,
    /// Its value in the scenario as it is; none where the scenario leaves it to its default.
    pub base: Option<String>,
}

/// One point.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepPoint {
    /// The value of each key; none where the key stays as it is.
    pub values: Vec<Option<String>>,
    /// # Shape
    /// `[contract][quantity]`.
    pub figures: Vec<Vec<SweepFigure>>,
}

/// One figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SweepFigure {
    /// The figure with its error.
    pub estimate: Estimate,
    /// What it is more than that of the scenario as it is.
    pub difference: SweepDifference,
}

/// A difference from the scenario as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SweepDifference {
    /// The difference.
    pub value: f64,
    /// Its standard error, trial by trial; infinite where one of the two has none.
    pub standard_error: f64,
}

impl SweepReport {
    /// The unit of a quantity.
    pub(super) fn unit(&self, quantity: &Quantity) -> Unit {
        if quantity.is_probability() { Unit::Probability } else { self.period.unit() }
    }

    /// The value of a key at a point, for a reader.
    pub(super) fn value<'a>(&'a self, point: &'a SweepPoint, key: usize) -> &'a str {
        let as_is = || self.keys[key].base.as_deref();
        point.values[key].as_deref().or_else(as_is).unwrap_or("default")
    }

    /// The same for a reader: large numbers, and those that the file groups, with commas.
    pub(super) fn shown_value(&self, point: &SweepPoint, key: usize) -> String {
        const FEW_DIGITS: f64 = 10_000.0;
        let text = self.value(point, key);
        match number(text) {
            Some(number)
                if (number.abs() >= FEW_DIGITS || text.contains('_'))
                    && number.abs() < 1e15
                    && number.fract() == 0.0 =>
            {
                thousands(number, 0)
            }
            _ => text.to_owned(),
        }
    }

    /// The points without the scenario as it is.
    pub(super) fn moved(&self) -> &[SweepPoint] {
        &self.points[1..]
    }

    /// Indices of the keys that are swept.
    pub(super) fn swept(&self) -> Vec<usize> {
        (0..self.keys.len()).filter(|&key| self.keys[key].is_swept).collect()
    }

    /// The end of a key that sets it apart from the other keys, at least its last part.
    pub(super) fn short_key(&self, key: usize) -> &str {
        let whole = &self.keys[key].key;
        let others = || self.keys.iter().enumerate().filter(|(other, _)| *other != key).map(|(_, other)| &other.key);
        let ends = dots(whole).into_iter().rev().map(|at| &whole[at + 1..]);
        ends.into_iter().find(|end| !others().any(|other| other.ends_with(end))).unwrap_or(whole)
    }
}

/// A value as a number, if it is one.
pub(super) fn number(value: &str) -> Option<f64> {
    value.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite())
}

/// Where the dots of a key are, outside of quotes.
fn dots(key: &str) -> Vec<usize> {
    let mut quoted = None;
    let mut found = Vec::new();
    for (at, character) in key.char_indices() {
        match (quoted, character) {
            (None, '"' | '\'') => quoted = Some(character),
            (Some(mark), _) if mark == character => quoted = None,
            (None, '.') => found.push(at),
            _ => {}
        }
    }
    found
}

/// A figure with its error, for a reader.
pub(super) fn shown(figure: &SweepFigure, quantity: &Quantity) -> String {
    joined(if quantity.is_probability() { chance(figure.estimate, false) } else { money(figure.estimate, false) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_cut_to_what_sets_them_apart() {
        let key = |key: &str| SweepKey { key: key.to_owned(), is_swept: true, base: None };
        let report = SweepReport {
            name: String::new(),
            keys: [
                "contracts.\"A. B\".terms.mssp.minimum_rate",
                "contracts.C.terms.mssp.minimum_rate",
                "contracts.\"A. B\".covers.specific.attachment_point",
                "trials",
            ]
            .map(key)
            .to_vec(),
            is_one_at_a_time: true,
            period: Period { years: 1 },
            trials: 2,
            seed: 1,
            contracts: Vec::new(),
            quantities: Vec::new(),
            points: Vec::new(),
        };
        let short: Vec<&str> = (0..4).map(|key| report.short_key(key)).collect();
        assert_eq!(
            short,
            ["\"A. B\".terms.mssp.minimum_rate", "C.terms.mssp.minimum_rate", "attachment_point", "trials"]
        );
    }
}
