//! Payment arrangements, one file each, and the covers that wrap them.
//!
//! A contract declares what it observes of a year and settles on just that. It holds no randomness and touches no person,
//! so all contracts meet the same years and their differences are not noise. Beside its rule stand its terms, how they are
//! read from a scenario file, and its row in `docs/contracts.md`.
//!
//! A new contract is one file with its terms and [`Settle`], and its `mod` line and its line in `contracts!` below;
//! `docs/contracts.md` is then written anew, as it says.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod advance_payments;
mod agreement;
mod arrangement;
mod benchmark_construction;
mod bpci_advanced;
mod bundle;
mod capitation;
mod care_management;
mod cjr;
mod corridor;
mod covers;
mod episodes;
mod fee_for_service;
mod hospital_global_budget;
mod hospital_vbp;
mod hrrp;
mod inpatient_price;
mod lead;
mod medicaid_corridor;
mod medical_loss_ratio;
mod medicare_advantage;
mod mips;
mod mssp;
mod mssp_benchmark;
mod mssp_reconciliation;
mod mssp_rules;
mod pay_for_performance;
mod population_risk;
mod primary_care_capitation;
mod primary_care_first;
mod prospective_bundle;
mod reach;
mod reach_rules;
mod read;
mod rounding;
mod rules;
mod settlement;
mod shared_risk_pool;
mod shared_savings;
mod stop_loss;
mod team;
mod team_target;

pub use advance_payments::{AdvancePayments, AdvanceRules};
pub use agreement::{Against, Agreement, Carried, Ends, Rebasing, RiskAdjustment, Updates};
pub use arrangement::{Arrangement, Lan, LanError, Later, Settled};
pub use bpci_advanced::{BpciAdvanced, BpciAdvancedEpisodeRules, BpciAdvancedRules};
pub use bundle::Bundle;
pub use capitation::{Capitation, CapitationRate};
pub use care_management::{CareManagement, Clawback};
pub use cjr::{Cjr, CjrRules, QualityCategory};
pub use corridor::{Band, Corridor, CorridorError};
pub use covers::{CoverPayments, Covers, QualityGate, RiskCorridor, Withhold};
pub use episodes::Episode;
pub use fee_for_service::{FeeForService, FeeSchedule};
pub use hospital_global_budget::{Budget, HospitalGlobalBudget, VolumeAdjustment, VolumeRules};
pub use hospital_vbp::{HospitalVbp, HospitalVbpRules, neutral_slope};
pub use hrrp::{Hrrp, HrrpCondition, HrrpRules, Readmissions};
pub use lead::{BenchmarkAdjustment, Lead, LeadOption, LeadRules, SpecialistEpisodes};
pub use medicaid_corridor::{MedicaidCorridor, MedicaidRules, RemittanceOrder};
pub use medical_loss_ratio::MinimumMedicalLossRatio;
pub use medicare_advantage::{MedicareAdvantage, MedicareAdvantageRules, QuartileRules};
pub use mips::{Mips, MipsRules};
pub use mssp::{DisasterRelief, MinimumRate, Mssp, PerformanceYear, QualityStandard, RevenueCategory, Track};
pub use mssp_benchmark::{BenchmarkConstruction, BenchmarkRules, EnrollmentType, MsspBenchmark, annualised, guardrail};
pub use mssp_rules::{MsspRules, minimum_savings_rate};
pub use pay_for_performance::{Measure, PayForPerformance, Pool, PoolMode, Scale, Score};
pub use population_risk::BenchmarkScore;
pub use primary_care_capitation::{CapitationReconciliation, PrimaryCareCapitation};
pub use primary_care_first::{PrimaryCareFirst, PrimaryCareFirstRules};
pub use prospective_bundle::ProspectiveBundle;
pub use reach::{ClaimsCapitation, Equity, Reach, ReachStopLoss, RiskArrangement};
pub use reach_rules::{ReachRules, ReachScoreRules};
pub use read::read_truncation_point;
pub use rules::{DatedDefault, Literal, Rule, RuleValue, Status};
pub use settlement::{
    AGREED, CARRIED, Known, OBSERVED, Payment, Row, SO_FAR, ServicePayment, Settle, Settlement, Step, StepUnit,
    UPDATED, Year,
};
pub use shared_risk_pool::{Responsibility, SharedRiskPool};
pub use shared_savings::{SharedSavings, Side};
pub use stop_loss::{AggregateStopLoss, SpecificStopLoss};
pub use team::{Team, TeamCategory, TeamEpisode, TeamRules};
pub use team_target::{TeamEpisodeRules, TeamPriceRules, TeamTarget};

use twosided_form::Section;
use twosided_population::{Observation, ServiceScope};

/// Lists the contract kinds, in the order of the continuum.
macro_rules! contracts {
    ($($(#[doc = $doc:literal])* $kind:ident,)*) => {
        /// The terms of a contract: what the parties agreed, as data.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Terms {
            $($(#[doc = $doc])* $kind($kind),)*
        }

        impl Terms {
            /// Keys of all kinds, as a scenario file writes them after `terms.`, in the order of the continuum.
            pub const KEYS: &[&str] = &[$($kind::KEY),*];

            /// What `docs/contracts.md` says of each kind.
            pub fn kinds() -> Vec<Kind> {
                vec![$(Kind {
                    key: $kind::KEY,
                    summary: $kind::SUMMARY,
                    row: $kind::ROW,
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

            /// Keys of the numbers of this kind's rules that `docs/contracts.md` marks unconfirmed, of some year or variant.
            pub fn unconfirmed(&self) -> Vec<&'static str> {
                let tables = match self { $(Self::$kind(_) => $kind::rules(),)* };
                tables.into_iter().flatten().filter(|rule| rule.is_unconfirmed()).map(|rule| rule.key).collect()
            }

            fn read_kind(kind: &str, section: &Section<'_>, known: &Known) -> Option<Self> {
                match kind {
                    $($kind::KEY => $kind::read(section, known).map(Self::$kind),)*
                    other => unreachable!("{other} is not among the keys"),
                }
            }

            fn as_settle(&self) -> &dyn SettleTerms {
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
pub struct Kind {
    /// Its key, after `terms.`.
    pub key: &'static str,
    /// One line on what it is.
    pub summary: &'static str,
    /// Its row in `docs/contracts.md`.
    pub row: Row,
    /// Terms as a scenario file writes them.
    pub example: &'static str,
    /// The tables of its dated numbers.
    pub rules: Vec<&'static [Rule]>,
}

impl Terms {
    /// Reads the one kind of terms that a table holds; `None` when anything in it is wrong.
    pub fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        let terms = section.one_of(Self::KEYS, |kind| {
            let terms = section.section(kind)?;
            let read = Self::read_kind(kind, &terms, known);
            terms.finish();
            read
        });
        section.finish();
        terms
    }
}

/// [`Settle`] without what needs no terms, so that any terms can stand behind one pointer.
trait SettleTerms {
    fn lan(&self) -> Lan;
    fn services(&self) -> ServiceScope;
    fn payment(&self) -> Payment;
    fn own_fees(&self) -> ServiceScope;
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
    fn payment(&self) -> Payment {
        Settle::payment(self)
    }
    fn own_fees(&self) -> ServiceScope {
        Settle::own_fees(self)
    }
    fn observes(&self) -> Vec<Observation> {
        Settle::observes(self)
    }
    fn settle(&self, year: &Year<'_>) -> Settlement {
        Settle::settle(self, year)
    }
}
