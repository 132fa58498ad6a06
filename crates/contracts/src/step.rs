//! The steps of a settlement: its figures, by name and unit, and how each follows from earlier ones.

use std::{borrow::Cow, fmt};

use twosided_units::{Dollars, grouped};

/// One figure of a settlement, or a remark.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it is, in the words of the rule.
    pub name: Cow<'static, str>,
    /// The figure.
    pub value: f64,
    /// What it counts.
    pub unit: StepUnit,
    /// The formula by which it follows from earlier steps, their names in braces; or [`OBSERVED`], [`AGREED`], [`SO_FAR`], [`CARRIED`]
    /// or [`UPDATED`].
    pub how: Cow<'static, str>,
    /// The rule that it follows.
    pub rule: &'static str,
}

/// How a step follows: it is observed in the year.
pub const OBSERVED: &str = "observed";
/// How a step follows: it is a term of the contract, or a number of its rule.
pub const AGREED: &str = "agreed";

/// How a step follows: it is what earlier steps, or the contract inside a cover, come to.
pub const SO_FAR: &str = "from the steps above";

/// How a step follows: it is carried over from earlier years.
pub const CARRIED: &str = "carried from the years before";

/// How a step follows: it is an update by the system and the agreement.
pub const UPDATED: &str = "of the year's system and agreement";

/// What a step's figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepUnit {
    /// Dollars.
    Dollars,
    /// A decimal share.
    Share,
    /// Dollars per member per month.
    Pmpm,
    /// Dollars per person-year.
    PerCapita,
    /// A count, a score or a ratio.
    Number,
    /// Nothing: a remark, which is the step's name.
    Remark,
}

impl Step {
    /// The figure with its unit.
    pub fn figure(&self) -> String {
        match self.unit {
            StepUnit::Dollars if self.value.abs() < 1000.0 => {
                let sign = if self.value < 0.0 { "-" } else { "" };
                format!("{sign}${:.2}", self.value.abs())
            }
            StepUnit::Dollars => Dollars(self.value).to_string(),
            StepUnit::Share => format!("{}%", trimmed(100.0 * self.value, 6)),
            StepUnit::Pmpm => format!("{} PMPM", dollars_with_decimals(self.value)),
            StepUnit::PerCapita => format!("{} a person-year", dollars_with_decimals(self.value)),
            StepUnit::Number if self.value.abs() >= 10_000.0 && self.value.fract() == 0.0 => {
                let sign = if self.value < 0.0 { "-" } else { "" };
                format!("{sign}{}", grouped(&format!("{:.0}", self.value.abs())))
            }
            StepUnit::Number => trimmed(self.value, 6),
            StepUnit::Remark => String::new(),
        }
    }
}

/// A name as steps carry it: without braces, which mark names in formulas.
pub(crate) fn in_steps(name: &str) -> String {
    name.replace('{', "(").replace('}', ")")
}

/// Dollars with thousands separators and at most four decimals.
fn dollars_with_decimals(amount: f64) -> String {
    let text = trimmed(amount.abs(), 4);
    let (whole, decimals) = text.split_once('.').map_or((text.as_str(), ""), |(whole, decimals)| (whole, decimals));
    let sign = if amount < 0.0 && text != "0" { "-" } else { "" };
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{sign}${}{point}{decimals}", grouped(whole))
}

/// A number with at most this many decimals, without trailing zeros.
fn trimmed(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.unit {
            StepUnit::Remark => f.write_str(&self.name),
            _ => write!(f, "{}: {}", self.name, self.figure()),
        }
    }
}
