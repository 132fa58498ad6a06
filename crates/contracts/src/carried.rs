//! What a contract carries from one year to the next.

use twosided_units::Dollars;

/// What has become of a contract in the years before.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// The year to be settled next, counted from 0.
    pub(crate) year: u32,
    /// The benchmark over what it would be without rebasing.
    pub(crate) level: f64,
    /// The year in which the benchmark was set, counted from 0.
    pub(crate) set_in: u32,
    /// The years that rebasing may look back on, in order.
    pub(crate) past: Vec<PastYear>,
    /// Losses still to be taken from savings.
    pub(crate) losses: Dollars,
    /// Advances still to be recouped; what the terms say before the first year.
    pub(crate) advance_balance: Option<Dollars>,
    /// The part of the agreement's own advance that is still to be recouped.
    pub(crate) advance: Dollars,
    /// Composites of quality measures, year by year.
    pub(crate) composites: Vec<f64>,
    /// Years in a row with a loss.
    pub(crate) losses_in_a_row: u32,
    /// What all years came to.
    pub(crate) results: Dollars,
    /// Whether the contract has ended.
    pub(crate) ended: bool,
}

/// A year that was settled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PastYear {
    /// Per person-year, before rebasing, without the year's error.
    pub(crate) benchmark: f64,
    /// Per person-year, as it was settled.
    pub(crate) settled_benchmark: f64,
    /// Per person-year.
    pub(crate) expenditure: f64,
    /// Update of benchmarks since the first year, without the year's error.
    pub(crate) update: f64,
}

impl Default for Carried {
    fn default() -> Self {
        Self {
            year: 0,
            level: 1.0,
            set_in: 0,
            past: Vec::new(),
            losses: Dollars::ZERO,
            advance_balance: None,
            advance: Dollars::ZERO,
            composites: Vec::new(),
            losses_in_a_row: 0,
            results: Dollars::ZERO,
            ended: false,
        }
    }
}

impl Carried {
    /// Whether the contract has ended.
    #[inline]
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// The benchmark over what it would be without rebasing.
    pub fn level(&self) -> f64 {
        self.level
    }
}
