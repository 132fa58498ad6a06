//! One year as a contract sees it.

use twosided_units::{Dollars, MemberMonths};

/// One year as a contract sees it.
#[derive(Clone, Copy, Debug)]
pub struct Year<'a> {
    /// Months enrolled.
    pub exposure: MemberMonths,
    /// People.
    pub members: u64,
    /// The contract's observations, summed over segments, in the order in which it declared them.
    pub figures: &'a [f64],
    /// Fees for the provider's own care under plain fee-for-service, for the services of [`Settle::own_fees`].
    pub own_fees: Dollars,
    /// Whether the settlement is to tell its steps.
    pub explained: bool,
    /// What dollars stated for the first year are worth.
    pub updates: Updates,
    /// The part of the benchmark's update that is its error, by the year in which the benchmark was set, the first year first; none
    /// where it has no error.
    pub benchmark_errors: &'a [f64],
    /// Advances of the years before that are still to be recouped; what the terms say in the first year.
    pub advance_balance: Option<Dollars>,
}

impl<'a> Year<'a> {
    /// A year whose settlement tells its steps, of a provider without own fees.
    pub fn new(exposure: MemberMonths, members: u64, figures: &'a [f64]) -> Self {
        Self {
            exposure,
            members,
            figures,
            own_fees: Dollars::ZERO,
            explained: true,
            updates: Updates::NONE,
            benchmark_errors: &[],
            advance_balance: None,
        }
    }

    /// The same with fees for the provider's own care.
    #[must_use]
    pub fn with_own_fees(self, own_fees: Dollars) -> Self {
        Self { own_fees, ..self }
    }

    /// What a benchmark is multiplied by, in dollars of the first year: what was found after the year over what was expected. No
    /// other dollars of the terms follow it.
    pub fn benchmark_factor(&self) -> f64 {
        self.updates.benchmark / self.updates.expected
    }

    /// The error of a benchmark that was set in a year, counted from 0.
    pub(crate) fn benchmark_error(&self, set_in: u32) -> f64 {
        self.benchmark_errors.get(set_in as usize).copied().unwrap_or(1.0)
    }

    /// The contract's observation of that place, in dollars.
    pub fn figure(&self, index: usize) -> Dollars {
        Dollars(self.figures[index])
    }

    /// The contract's observation of that place, as a count.
    pub fn count(&self, index: usize) -> f64 {
        self.figures[index]
    }
}

/// What a contract's terms stated in dollars of the first year are worth in another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Updates {
    /// What was expected: of rates, thresholds and prices set before the year.
    pub expected: f64,
    /// What was found after the year: of benchmarks updated retrospectively, with what makes them differ from their people.
    pub benchmark: f64,
    /// Mean risk score of the people assigned over what was expected of them in the first year.
    pub risk_score: f64,
}

impl Updates {
    /// The first year of terms that state what they mean.
    pub const NONE: Self = Self { expected: 1.0, benchmark: 1.0, risk_score: 1.0 };
}
