//! Published tables reproduced by their stated method, past years simulated again and compared with what happened, and scenarios
//! simulated beside their exact laws.

mod against_exact;
mod against_exact_document;
mod backtest;
mod claims;
mod closed_form;
mod cohort;
mod document;
mod forecast;
mod persons;
mod row;
mod spending;

pub use against_exact::{AgainstExact, AgainstExactError, Compared, FALSE_ALARM, against_exact};
pub use against_exact_document::against_exact_document;
pub use backtest::{Backtest, BacktestError, BacktestLaw, ClaimsNoise, backtest};
pub use claims::claims_noise;
pub use document::{backtest_document, tables_document};
pub use forecast::{ForecastError, ForecastYear, Forecasted, Proof, forecast, forecast_document};
pub use row::{Outcome, ValidationRow, Why};

use twosided_form::DocumentError;

/// How much is sampled for the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// People of the default populations.
    pub people: u64,
    /// Draws of the laws that tables state.
    pub draws: u64,
    /// Key of all random streams.
    pub seed: u64,
}

impl Default for Effort {
    fn default() -> Self {
        Self { people: 4_000_000, draws: 4_000_000, seed: 1 }
    }
}

/// Every row of the tables, in their order.
///
/// # Errors
/// [`DocumentError`] when a default population cannot be read.
pub fn tables(effort: Effort) -> Result<Vec<ValidationRow>, DocumentError> {
    let mut rows = closed_form::rows(effort);
    rows.extend(spending::rows(effort)?);
    rows.extend(cohort::rows(effort));
    rows.sort_by_key(|row| row.table);
    Ok(rows)
}
