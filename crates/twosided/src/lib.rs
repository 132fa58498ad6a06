//! Monte Carlo risk of US provider payment contracts, from fee-for-service to full capitation.
//!
//! A scenario names a population, contracts and a provider; [`simulate`] samples years of the population and settles every
//! contract on the same years; a [`Report`] shows the distribution of the provider's gains.

pub mod explain;
pub mod settle;

pub use twosided_contracts as contracts;
pub use twosided_population as population;
pub use twosided_provider as provider;
pub use twosided_report::{Provenance, Report, Summary};
pub use twosided_scenario::Scenario;
pub use twosided_sim::{Control, Job, Outcomes, simulate};
pub use twosided_units as units;

/// The version of this library.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The commit that it is built from, with `-dirty` after it if a source differs from it; `unknown` outside of its repository.
pub const COMMIT: &str = env!("TWOSIDED_COMMIT");
