//! The kinds of contracts, by where they stand on the continuum.
//!
//! A new kind is one file with its terms, [`Kind`] and [`Settle`], its `mod` line in its family, and its line in `contracts!` below;
//! `UPDATE_DOCS=1 cargo test --release --test contracts_page` then writes the tables of `docs/contracts.md` again.

mod episodes;
mod fees;
mod performance;
mod population_payment;
mod population_risk;
mod primary_care;
mod savings;

pub use episodes::*;
pub use fees::*;
pub use performance::*;
pub use population_payment::*;
pub use population_risk::*;
pub use primary_care::*;
pub use savings::*;

use std::marker::PhantomData;

use twosided_form::{Key, Nested, Section, Table};
use twosided_units::{Dollars, Share};

use crate::{BenchmarkUse, Kind, Known, Listing, Rule, Settle};

/// Lists the contract kinds, in the order of the continuum.
macro_rules! contracts {
    ($($(#[doc = $doc:literal])* $kind:ident,)*) => {
        /// The terms of a contract: what the parties agreed, as data.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Terms {
            $($(#[doc = $doc])* $kind($kind),)*
        }

        impl Terms {
            /// The keys of all kinds, as a scenario file writes them after `terms.`, in the order of the continuum.
            pub const TABLE: &'static Table = &Table { name: "terms", groups: &[&[$(&KindKey::<$kind>::KEY.spec),*]] };

            /// What `docs/contracts.md` says of each kind.
            pub fn kinds() -> Vec<ContractKind> {
                vec![$(ContractKind {
                    key: $kind::KEY,
                    summary: $kind::SUMMARY,
                    listing: $kind::LISTING,
                    example: $kind::EXAMPLE,
                    rules: $kind::rules(),
                }),*]
            }

            /// The key of this kind.
            pub fn key(&self) -> &'static str {
                match self { $(Self::$kind(_) => $kind::KEY,)* }
            }

            /// One line on what this kind of contract is.
            pub fn summary(&self) -> &'static str {
                match self { $(Self::$kind(_) => $kind::SUMMARY,)* }
            }

            /// What this kind of contract does with a benchmark.
            pub fn benchmark(&self) -> BenchmarkUse {
                match self { $(Self::$kind(_) => $kind::BENCHMARK,)* }
            }

            /// Keys of the numbers of this kind's rules that `docs/contracts.md` marks unconfirmed, of some year or variant.
            pub fn unconfirmed(&self) -> Vec<&'static str> {
                let tables = match self { $(Self::$kind(_) => $kind::rules(),)* };
                tables.into_iter().flatten().filter(|rule| rule.is_unconfirmed()).map(|rule| rule.key.name).collect()
            }

            /// Reads the one kind of terms that a table holds; `None` when anything in it is wrong.
            pub fn read(section: Section<'_>, known: &Known) -> Option<Self> {
                let terms = section.choose(KIND, &[$(
                    (&KindKey::<$kind>::KEY, &|| KindKey::<$kind>::read(&section, known).map(Self::$kind)),
                )*]);
                section.finish();
                terms
            }

            /// The contract that the terms make.
            pub fn as_settle(&self) -> &dyn Settle {
                match self { $(Self::$kind(terms) => terms,)* }
            }
        }
    };
}

contracts! {
    /// Fee-for-service alone: the reference.
    FeeForService,
    /// A care-management fee on top of fee-for-service.
    CareManagement,
    /// Merit-based Incentive Payment System.
    Mips,
    /// A bonus or withhold on fees, by a score of measures.
    PayForPerformance,
    /// Hospital Readmissions Reduction Program.
    Hrrp,
    /// Hospital Value-Based Purchasing Program.
    HospitalVbp,
    /// Medicare Shared Savings Program.
    Mssp,
    /// Commercial shared savings, one- or two-sided.
    SharedSavings,
    /// Commercial bundles, one- or two-sided.
    Bundle,
    /// Bundled Payments for Care Improvement Advanced.
    BpciAdvanced,
    /// Comprehensive Care for Joint Replacement.
    Cjr,
    /// Transforming Episode Accountability Model.
    Team,
    /// Prospectively paid bundles.
    ProspectiveBundle,
    /// ACO REACH.
    Reach,
    /// LEAD, its successor.
    Lead,
    /// Primary Care First.
    PrimaryCareFirst,
    /// Partial primary-care capitation.
    PrimaryCareCapitation,
    /// Professional capitation with a shared-risk pool.
    SharedRiskPool,
    /// A hospital's global budget.
    HospitalGlobalBudget,
    /// Capitation, per member or as a percent of premium.
    Capitation,
    /// A percent of a Medicare Advantage plan's premium.
    MedicareAdvantage,
    /// Medicaid capitation with a risk corridor.
    MedicaidCorridor,
}

/// What is known of a kind of contract without any terms.
#[derive(Clone, Debug)]
pub struct ContractKind {
    /// Its key, after `terms.`.
    pub key: &'static str,
    /// One line on what it is.
    pub summary: &'static str,
    /// Its row in `docs/contracts.md`.
    pub listing: Listing,
    /// Terms as a scenario file writes them.
    pub example: &'static str,
    /// The tables of its dated numbers.
    pub rules: Vec<&'static [Rule]>,
}

impl Terms {
    /// Whether they are fee-for-service.
    pub fn is_fee_for_service(&self) -> bool {
        matches!(self, Self::FeeForService(_))
    }

    /// Whether they have a rate per member that an agreement can make follow risk scores.
    pub fn has_risk_adjusted_rate(&self) -> bool {
        matches!(
            self,
            Self::PrimaryCareCapitation(_)
                | Self::SharedRiskPool(_)
                | Self::Capitation(_)
                | Self::MedicareAdvantage(_)
                | Self::MedicaidCorridor(_)
        )
    }

    /// The repayment mechanism that they require, for a year's expenditure: a two-sided track of MSSP has one.
    pub fn repayment_mechanism(&self, expenditure: Dollars) -> Option<Dollars> {
        match self {
            Self::Mssp(terms) if terms.is_two_sided() => Some(terms.repayment_mechanism(expenditure)),
            _ => None,
        }
    }

    /// What the repayment mechanism costs a year, as a share of its amount; that cost is part of the administration. None where they say
    /// nothing of it.
    pub fn repayment_fee(&self) -> Option<Share> {
        match self {
            Self::Mssp(terms) => terms.repayment_fee,
            _ => None,
        }
    }

    /// The most that they let the provider owe for a year with this benchmark, before covers; none where they set no limit.
    pub fn loss_limit(&self, benchmark: Dollars) -> Option<Dollars> {
        match self {
            Self::Mssp(terms) => terms.most_owed(benchmark),
            Self::SharedSavings(terms) => match &terms.losses {
                Some(losses) => losses.limit.map(|share| benchmark * share),
                None => Some(Dollars::ZERO),
            },
            Self::FeeForService(_) => Some(Dollars::ZERO),
            _ => None,
        }
    }
}

/// The group of keys of which terms have one.
const KIND: &str = "kind";

/// A kind of contract as a key of `terms`.
struct KindKey<T>(PhantomData<T>);

impl<T: Kind> KindKey<T> {
    const KEY: Key<Nested> = Key::table(T::KEY, T::KEYS).one_of(KIND, T::EXAMPLE).meaning(T::SUMMARY);

    fn read(section: &Section<'_>, known: &Known) -> Option<T> {
        let terms = section.table(&Self::KEY)?;
        let read = T::read(&terms, known);
        terms.finish();
        read
    }
}
