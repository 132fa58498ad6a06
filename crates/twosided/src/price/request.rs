//! What is to be priced, and why it may not be.

use std::fmt;

use twosided_prob::SampleError;
use twosided_report::{PremiumRule, PricedCover};
use twosided_sim::SimulateError;

use crate::options::RunError;

/// Most attachment points of one request.
pub const MOST_POINTS: usize = 100;

/// A cover that is to be priced.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceRequest {
    /// The contract's name.
    pub contract: String,
    /// The kind of cover.
    pub cover: PricedCover,
    /// Its attachment points, each once and in rising order: dollars, or ratios to expected claims.
    pub points: Vec<f64>,
    /// How the premium follows from what the cover is expected to pay.
    pub rule: PremiumRule,
    /// Growth of all claims, for the leveraged trend.
    pub trend: Option<f64>,
}

/// A cover that could not be priced.
#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    /// No contract has the name.
    #[error("no contract is named `{name}`; the scenario has {}", Names(known))]
    NoContract {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// A portfolio, which has no cover of its own.
    #[error("`{name}` is a portfolio, and a cover is of one contract; price that of one of {}", Names(held))]
    Portfolio {
        /// Its name.
        name: String,
        /// The contracts that it holds.
        held: Vec<String>,
    },
    /// Too few or too many points.
    #[error("{0} attachment points; ask for 1 to {MOST_POINTS}")]
    Count(usize),
    /// Points that do not rise.
    #[error("the attachment point {after} comes after {before}; write each point once, in rising order")]
    NotRising {
        /// The one before.
        before: f64,
        /// The point.
        after: f64,
    },
    /// A point that the cover cannot have.
    #[error("the attachment point {point} is outside of {low} to {high}, {what}")]
    Point {
        /// The point.
        point: f64,
        /// The least.
        low: f64,
        /// The most.
        high: f64,
        /// What it is.
        what: &'static str,
    },
    /// A rate that is none.
    #[error("the {what} {value} is outside of {low} to {high}")]
    Rate {
        /// Which.
        what: &'static str,
        /// The rate.
        value: f64,
        /// The least.
        low: f64,
        /// The most.
        high: f64,
    },
    /// An aggregating deductible without the cover that it belongs to.
    #[error(
        "`{0}` has no covers.specific, whose recoveries an aggregating deductible reduces; write covers.specific = {{ attachment_point = 250_000 }}"
    )]
    NoSpecific(String),
    /// A band of a corridor that would end below the one before it.
    #[error("the first band of losses of the corridor of `{contract}` cannot end at {point}: {error}")]
    Corridor {
        /// The contract.
        contract: String,
        /// The end.
        point: f64,
        /// Why.
        error: twosided_contracts::CorridorError,
    },
    /// The kept years would take too much memory.
    #[error(
        "{trials} trials of {points} attachment points would take {gibibytes:.1} GiB of memory; at most 4 GiB are accepted: use fewer"
    )]
    Memory {
        /// Trials.
        trials: u64,
        /// Points.
        points: usize,
        /// Memory.
        gibibytes: f64,
    },
    /// The years could not be sampled.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl From<SimulateError> for PriceError {
    fn from(error: SimulateError) -> Self {
        Self::Run(error.into())
    }
}

impl From<SampleError> for PriceError {
    fn from(error: SampleError) -> Self {
        Self::Run(error.into())
    }
}

/// Names in a sentence.
struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            write!(out, "{}`{name}`", if index > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

impl PriceRequest {
    pub(super) fn check(&self) -> Result<(), PriceError> {
        if !(1..=MOST_POINTS).contains(&self.points.len()) {
            return Err(PriceError::Count(self.points.len()));
        }
        if let Some(pair) = self.points.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(PriceError::NotRising { before: pair[0], after: pair[1] });
        }
        let (low, high, what) = match self.cover {
            PricedCover::Specific => (1.0, 1e12, "dollars a member and year"),
            PricedCover::AggregatingDeductible => (0.0, 1e12, "dollars a year"),
            PricedCover::Aggregate => (0.1, 10.0, "as a ratio to expected claims: 110% is 1.1"),
            PricedCover::Corridor => (0.001, 10.0, "as a share of expected claims: 5% is 0.05"),
        };
        if let Some(&point) = self.points.iter().find(|point| !(low..=high).contains(*point)) {
            return Err(PriceError::Point { point, low, high, what });
        }
        let rate = |what, value: f64, low: f64, high: f64| {
            if (low..=high).contains(&value) { Ok(()) } else { Err(PriceError::Rate { what, value, low, high }) }
        };
        match self.rule {
            PremiumRule::Loaded { load, load_sd } => {
                rate("load", load, 0.0, 10.0)?;
                rate("load on the standard deviation", load_sd, 0.0, 10.0)?;
            }
            PremiumRule::LossRatio(ratio) => rate("loss ratio", ratio, 0.01, 1.0)?,
        }
        self.trend.map_or(Ok(()), |trend| rate("trend", trend, -0.5, 1.0))
    }
}
