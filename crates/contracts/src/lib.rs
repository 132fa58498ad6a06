//! Payment arrangements, one file each, and the covers that wrap them.
//!
//! A contract declares what it observes of a year and settles on just that. It holds no randomness and touches no person,
//! so all contracts meet the same years and their differences are not noise.
//!
//! A new contract is one file with its terms and [`Settle`], its `mod` line, its line in `contracts!`, and its row in
//! `docs/contracts.md`.

mod arrangement;
mod capitation;
mod cover;
mod fee_for_service;
mod mssp;
mod settlement;
mod shared_savings;

pub use arrangement::{Arrangement, Lan, LanError, Settled};
pub use capitation::{Capitation, CapitationRate};
pub use cover::{AggregateStopLoss, Covers, SpecificStopLoss};
pub use fee_for_service::{FeeForService, FeeSchedule};
pub use mssp::{
    DisasterRelief, LossParameters, MinimumRate, Mssp, QualityStandard, RevenueCategory, Track, TrackParameters,
    minimum_savings_rate,
};
pub use settlement::{Settle, Settlement, Step, StepUnit, Year};
pub use shared_savings::{Band, Corridor, CorridorError, SharedSavings, Side};

use twosided_population::{Observation, ServiceScope};

/// Lists the contract kinds: the variant, its terms, and its key in a scenario file.
macro_rules! contracts {
    ($($(#[$doc:meta])* $kind:ident = $key:literal,)*) => {
        /// The terms of a contract: what the parties agreed, as data.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Terms {
            $($(#[$doc])* $kind($kind),)*
        }

        impl Terms {
            /// Keys of all kinds, as a scenario file writes them after `terms.`, in the order of the continuum.
            pub const KEYS: &[&str] = &[$($key),*];

            /// The key of this kind.
            pub fn key(&self) -> &'static str {
                match self { $(Self::$kind(_) => $key,)* }
            }

            /// One line on what this kind of contract is.
            pub fn summary(&self) -> &'static str {
                match self { $(Self::$kind(_) => $kind::SUMMARY,)* }
            }
        }

        impl Terms {
            fn as_settle(&self) -> &dyn SettleTerms {
                match self { $(Self::$kind(terms) => terms,)* }
            }
        }
    };
}

contracts! {
    /// Fee-for-service alone: the reference.
    FeeForService = "fee_for_service",
    /// Medicare Shared Savings Program.
    Mssp = "mssp",
    /// Commercial shared savings, one- or two-sided.
    SharedSavings = "shared_savings",
    /// Capitation, per member or as a percent of premium.
    Capitation = "capitation",
}

/// [`Settle`] without its constant, so that any terms can stand behind one pointer.
trait SettleTerms {
    fn lan(&self) -> Lan;
    fn services(&self) -> ServiceScope;
    fn is_capitated(&self) -> bool;
    fn observes(&self) -> Vec<Observation>;
    fn settle(&self, year: &Year<'_>) -> Settlement;
}

impl<T: Settle> SettleTerms for T {
    fn lan(&self) -> Lan {
        Settle::lan(self)
    }
    fn services(&self) -> ServiceScope {
        Settle::services(self)
    }
    fn is_capitated(&self) -> bool {
        Settle::is_capitated(self)
    }
    fn observes(&self) -> Vec<Observation> {
        Settle::observes(self)
    }
    fn settle(&self, year: &Year<'_>) -> Settlement {
        Settle::settle(self, year)
    }
}
