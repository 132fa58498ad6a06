//! The law of an organization over time, in logarithms of benchmark over expenditure.

use crate::Innovation;
use serde::{Deserialize, Serialize};

/// How organizations differ from the program, and how that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OrganizationLaw {
    /// Correlation of the lasting level with that of the year before.
    pub persistence: f64,
    /// Standard deviation of what is new of the level in a year.
    pub renewal: f64,
    /// Mean level of an organization in its first year, the program's being zero.
    pub entrant: f64,
    /// What a new agreement does to the level.
    pub rebasing: Rebasing,
    /// The deviation of a year, which fades.
    pub deviation: Deviation,
    /// Coefficient of variation of one person's truncated spending, from the person engine.
    pub claims_cv: f64,
    /// The law of the surprise of a year, in units of its standard deviation.
    pub innovation: Innovation,
}

/// What a new agreement, whose benchmark rests on the organization's own recent spending, does to its level.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rebasing {
    /// The part of the level that is kept, besides what persists in any year.
    pub kept: f64,
    /// What is added on average.
    pub shift: f64,
    /// Standard deviation of what is new, besides that of any year.
    pub sd: f64,
}

/// A deviation that fades and falls with size.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Deviation {
    /// Correlation with that of the year before.
    pub persistence: f64,
    /// Standard deviation times the root of the beneficiaries.
    pub of_one: f64,
}

impl OrganizationLaw {
    /// Variance of claims noise over a part of a year.
    pub fn claims_variance(&self, people: f64, part: f64) -> f64 {
        self.claims_cv * self.claims_cv / (people * part)
    }

    /// Variance of the level among organizations that have long been there and were never rebased.
    pub fn level_variance(&self) -> f64 {
        self.renewal * self.renewal / (1.0 - self.persistence * self.persistence)
    }

    /// Variance of the deviation of a year.
    pub fn deviation_variance(&self, people: f64) -> f64 {
        self.deviation.of_one * self.deviation.of_one / people
    }
}
