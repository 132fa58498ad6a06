//! One year as a contract sees it.

use twosided_units::{Dollars, MemberMonths};

/// One year as a contract sees it.
#[derive(Clone, Copy, Debug)]
pub struct Year<'a> {
    /// Months enrolled.
    pub exposure: MemberMonths,
    /// Members, a head count.
    pub members: u64,
    /// The contract's observations, summed over segments, in the order in which it declares them.
    pub figures: &'a [f64],
    /// Fees for the provider's own care under fee-for-service, for the services of [`Settle::own_fees`](crate::Settle::own_fees).
    pub own_fees: Dollars,
    /// Whether the settlement records its steps, to explain how it came about.
    pub explain: bool,
    /// What dollars stated for the first year are worth.
    pub updates: Updates,
    /// The error in the benchmark's update, as a factor, by the year in which the benchmark was set, from the first; empty where the
    /// benchmark has no error.
    pub benchmark_errors: &'a [f64],
    /// Advances of earlier years that are still to be recouped; in the first year, what the terms say.
    pub advance_balance: Option<Dollars>,
    /// Composites of quality measures of the years before, in order.
    pub earlier_composites: &'a [f64],
    /// What the terms noted of the years before, in order.
    pub earlier_notes: &'a [Vec<f64>],
    /// Independent normal scores, as many as [`Settle::draws`](crate::Settle::draws) asks for.
    pub scores: &'a [f64],
}

impl<'a> Year<'a> {
    /// A year whose settlement records its steps, of a provider without fees of its own.
    pub fn new(exposure: MemberMonths, members: u64, figures: &'a [f64]) -> Self {
        Self {
            exposure,
            members,
            figures,
            own_fees: Dollars::ZERO,
            explain: true,
            updates: Updates::NONE,
            benchmark_errors: &[],
            advance_balance: None,
            earlier_composites: &[],
            earlier_notes: &[],
            scores: &[],
        }
    }

    /// The same with fees for the provider's own care.
    #[must_use]
    pub fn with_own_fees(self, own_fees: Dollars) -> Self {
        Self { own_fees, ..self }
    }

    /// Whether it is the first year that the contract settles.
    pub(crate) fn is_first(&self) -> bool {
        self.advance_balance.is_none()
    }

    /// What a benchmark is multiplied by, in dollars of the first year: the update known after the year over the one expected. No other
    /// dollars of the terms follow it.
    pub fn benchmark_factor(&self) -> f64 {
        self.updates.benchmark / self.updates.expected
    }

    /// The error of a benchmark that was set in a year, counted from 0.
    pub(crate) fn benchmark_error(&self, set_in: u32) -> f64 {
        self.benchmark_errors.get(set_in as usize).copied().unwrap_or(1.0)
    }

    /// The contract's observation at an index, in dollars.
    pub fn figure(&self, index: usize) -> Dollars {
        Dollars(self.figures[index])
    }

    /// The contract's observation at an index, as a count.
    pub fn count(&self, index: usize) -> f64 {
        self.figures[index]
    }
}

/// What dollars stated for the first year are worth in another year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Updates {
    /// The update expected before the year: it applies to rates, thresholds and prices.
    pub expected: f64,
    /// The update known after the year: it applies to benchmarks, which are updated retrospectively, with their error.
    pub benchmark: f64,
    /// Mean risk score of assigned members over the one expected in the first year.
    pub risk_score: f64,
    /// What a rate is multiplied by that follows risk scores.
    pub rate: f64,
}

impl Updates {
    /// No update: the dollars of the first year.
    pub const NONE: Self = Self { expected: 1.0, benchmark: 1.0, risk_score: 1.0, rate: 1.0 };
}
