//! The options of LEAD, and their numbers by performance year.

use twosided_form::Word;
use twosided_units::Share;

use crate::{Corridor, rules::rules};

/// Options of LEAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadOption {
    /// Part of savings and losses.
    Professional,
    /// All of savings and losses, for ACOs that spend less than their region.
    GlobalLowerSpending,
    /// All of savings and losses, for ACOs that spend more than their region.
    GlobalHigherSpending,
}

impl LeadOption {
    /// The name that scenario files use.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Professional => "professional",
            Self::GlobalLowerSpending => "global_lower_spending",
            Self::GlobalHigherSpending => "global_higher_spending",
        }
    }
}

impl Word for LeadOption {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Professional.name(), Self::Professional),
        (Self::GlobalLowerSpending.name(), Self::GlobalLowerSpending),
        (Self::GlobalHigherSpending.name(), Self::GlobalHigherSpending),
    ];
}

rules! {
    /// The numbers of an option in a performance year.
    pub struct LeadRules {
        /// Cut from the benchmark.
        discount: Share {
            ["professional"] 2027 => Number(0.0), Secondary, "LEAD request for applications";
            ["global_lower_spending"] 2027 => Number(0.03), Secondary, "LEAD request for applications";
            ["global_higher_spending"] 2027 => Number(0.0175), Secondary, "LEAD request for applications";
            ["global_higher_spending"] 2028 => Number(0.02), Unconfirmed, "on the way to 3% in 2032 in even steps";
            ["global_higher_spending"] 2029 => Number(0.0225), Unconfirmed, "on the way to 3% in 2032 in even steps";
            ["global_higher_spending"] 2030 => Number(0.025), Unconfirmed, "on the way to 3% in 2032 in even steps";
            ["global_higher_spending"] 2031 => Number(0.0275), Unconfirmed, "on the way to 3% in 2032 in even steps";
            ["global_higher_spending"] 2032 => Number(0.03), Secondary, "LEAD request for applications";
        }
        /// Added to the benchmark before discount, as a share of it.
        add_on: Share {
            ["professional", "global_lower_spending"] 2027 => Number(0.0), Secondary, "LEAD request for applications";
            ["global_higher_spending"] 2027 => Number(0.015), Secondary, "LEAD request for applications";
        }
        /// Withheld from the benchmark and earned back by quality.
        quality_withhold: Share {
            [] 2027 => Number(0.03), Secondary, "LEAD request for applications";
        }
        /// Whether the withhold is a share of the benchmark after discount, not before.
        withhold_after_discount: bool {
            [] 2027 => Truth(true), Unconfirmed, "not stated";
        }
        /// The ACO's share of savings, by share of the final benchmark.
        gains: Corridor {
            ["global_lower_spending", "global_higher_spending"] 2027 => Bands(&[(0.15, 1.0), (0.35, 0.5), (0.50, 0.25), (f64::INFINITY, 0.1)]), Secondary, "LEAD methodology paper for 2027";
            ["professional"] 2027 => Bands(&[(0.10, 0.6), (0.15, 0.35), (0.20, 0.15), (f64::INFINITY, 0.05)]), Unconfirmed, "accounts differ: up to 60% (methodology paper, July 2026) or 50% (April 2026)";
        }
        /// The ACO's share of losses, by share of the final benchmark.
        losses: Corridor {
            ["global_lower_spending", "global_higher_spending"] 2027 => Bands(&[(0.15, 1.0), (0.35, 0.5), (0.50, 0.25), (f64::INFINITY, 0.1)]), Secondary, "LEAD methodology paper for 2027";
            ["professional"] 2027 => Bands(&[(0.10, 0.5), (0.15, 0.35), (0.20, 0.15), (f64::INFINITY, 0.05)]), Unconfirmed, "50% of the first band; the others as for savings";
        }
        /// Cut from shared savings.
        sequestration: Share {
            [] 2027 => Number(0.02), Unconfirmed, "as in ACO REACH";
        }
        /// Highest change of the normalized risk score from the third base year, up and down.
        risk_score_cap: Share {
            [] 2027 => Number(0.03), Secondary, "LEAD request for applications; 4% for high needs";
        }
        /// Part of the difference from the region, or of prior savings, that is added to the benchmark.
        adjustment_weight: Share {
            ["professional"] 2027 => Number(0.0), Secondary, "LEAD request for applications: Global, lower spending only";
            ["global_lower_spending"] 2027 => Number(0.5), Secondary, "LEAD request for applications";
            ["global_higher_spending"] 2027 => Number(0.0), Secondary, "LEAD request for applications: Global, lower spending only";
        }
        /// Highest efficiency adjustment of an ACO from the Shared Savings Program, as a share of the benchmark.
        efficiency_cap_former_mssp: Share {
            [] 2027 => Number(0.03), Secondary, "LEAD request for applications";
        }
        /// Highest efficiency adjustment of another ACO, as a share of the benchmark.
        efficiency_cap: Share {
            [] 2027 => Number(0.05), Secondary, "LEAD request for applications";
        }
        /// Financial guarantee, as a share of expenditure.
        guarantee: Share {
            [] 2027 => Number(0.04), Secondary, "LEAD request for applications: of the third base year's annualized expenditure, for which the year's stands here";
        }
    }
}
