//! The numbers of a benchmark of the Medicare Shared Savings Program, and the formulas that they enter.
//!
//! # Source
//! 42 CFR § 425.650 to § 425.660 for agreements from 2024 on; the status of each number is in `docs/contracts.md`.

use twosided_units::{Dollars, PerCapita, Share};

use crate::{rounding, rules::rules};

rules! {
    /// The numbers of a benchmark, by agreement period and the year of its start.
    pub struct BenchmarkRules {
        /// Weight of the first base year.
        first_weight: f64 {
            ["1"] 2019 => Number(0.1), Secondary, "42 CFR § 425.652(a)(7)";
            ["2", "3", "4"] 2019 => Number(0.333_333_333_333_333_3), Secondary, "42 CFR § 425.652(a)(7)";
        }
        /// Weight of the second base year; the third has the rest.
        second_weight: f64 {
            ["1"] 2019 => Number(0.3), Secondary, "42 CFR § 425.652(a)(7)";
            ["2", "3", "4"] 2019 => Number(0.333_333_333_333_333_3), Secondary, "42 CFR § 425.652(a)(7)";
        }
        /// Weight of the regional adjustment where the ACO spends less than its region.
        regional_weight_lower: Share {
            ["1"] 2019 => Number(0.35), Secondary, "42 CFR § 425.656(d)";
            ["2", "3", "4"] 2019 => Number(0.50), Unconfirmed, "42 CFR § 425.656(d)";
        }
        /// Weight of the regional adjustment where the ACO spends more than its region.
        regional_weight_higher: Share {
            ["1"] 2019 => Number(0.15), Secondary, "42 CFR § 425.656(d)";
            ["2"] 2019 => Number(0.25), Unconfirmed, "42 CFR § 425.656(d)";
            ["3"] 2019 => Number(0.35), Unconfirmed, "42 CFR § 425.656(d)";
            ["4"] 2019 => Number(0.50), Unconfirmed, "42 CFR § 425.656(d)";
        }
        /// Highest regional adjustment, as a share of national expenditure.
        regional_cap: Share {
            [] 2019 => Number(0.05), Secondary, "42 CFR § 425.656(c)";
        }
        /// Lowest regional adjustment, as a share of national expenditure, below zero.
        regional_floor: Share {
            [] 2019 => Number(0.05), Unconfirmed, "42 CFR § 425.601(a)(8)";
            [] 2024 => Number(0.015), Secondary, "42 CFR § 425.656(c); accounts name 2023 as well";
        }
        /// Whether a negative regional adjustment lowers the benchmark.
        negative_regional: bool {
            [] 2019 => Truth(true), Published, "agreements before 2024 in PY2024 results";
            [] 2024 => Truth(false), Published, "PY2024 results, FinalAdjCat";
        }
        /// Part of prior savings that is added to the benchmark.
        prior_savings_weight: Share {
            [] 2019 => Number(0.0), Secondary, "no such adjustment before 2024";
            [] 2024 => Number(0.50), Secondary, "42 CFR § 425.658(b)";
        }
        /// Highest prior-savings adjustment, as a share of national expenditure.
        prior_savings_cap: Share {
            [] 2019 => Number(0.05), Secondary, "42 CFR § 425.658(c)";
        }
        /// Share of low-income beneficiaries from which there is a population adjustment; none if absent.
        population_threshold: Option<Share> {
            [] 2019 => Absent, Secondary, "no such adjustment before 2025";
            [] 2025 => Number(0.15), Unconfirmed, "42 CFR § 425.662: accounts name 15% and 20%";
        }
        /// Highest adjustment with the population adjustment, as a share of national expenditure.
        population_cap: Share {
            [] 2019 => Number(0.05), Unconfirmed, "42 CFR § 425.662";
        }
        /// Whether the population adjustment is added to the others, not only taken where it is the highest.
        population_adds: bool {
            [] 2019 => Truth(true), Unconfirmed, "42 CFR § 425.662: accounts differ";
        }
        /// Weight of the prospective trend in the update.
        prospective_weight: Share {
            [] 2019 => Number(0.0), Secondary, "two-way update before 2024";
            [] 2024 => Number(0.333_333_333_333_333_3), Secondary, "42 CFR § 425.660(b)";
        }
        /// Risk-score growth above which it is capped: of each type before 2024, beyond demographic growth of the whole from then.
        risk_cap: Share {
            [] 2019 => Number(0.03), Regulation, "42 CFR § 425.605(a)(1), § 425.610(a)(2)";
        }
        /// Whether the cap holds only where growth over the whole population exceeds it.
        risk_cap_aggregate: bool {
            [] 2019 => Truth(false), Regulation, "42 CFR § 425.605(a)(1), § 425.610(a)(2)";
            [] 2024 => Truth(true), Unconfirmed, "42 CFR § 425.605(a)(1)(ii)";
        }
    }
}

/// Expenditure of one person-year: claims at a year's rate, up to the truncation point.
///
/// ```text
/// min(claims / person-year, truncation point)
/// ```
pub fn annualized(claims: Dollars, person_year: f64, truncation_point: Dollars) -> PerCapita {
    PerCapita((claims.0 / person_year).min(truncation_point.0))
}

/// What is earned or owed where a prospective trend turned savings into a loss: the smaller loss, and never savings.
pub fn guardrail(earned: Dollars, earned_without_prospective_trend: Dollars) -> Dollars {
    earned.max(earned_without_prospective_trend.min(Dollars::ZERO))
}

impl BenchmarkRules {
    /// The three base years, weighted.
    pub fn weighted(&self, base_years: [f64; 3]) -> f64 {
        let third = 1.0 - self.first_weight - self.second_weight;
        self.first_weight * base_years[0] + self.second_weight * base_years[1] + third * base_years[2]
    }

    /// Regional adjustment of a type, per capita.
    pub fn regional_adjustment(&self, aco: PerCapita, regional: PerCapita, national: PerCapita) -> PerCapita {
        let difference = regional.0 - aco.0;
        let weight = if difference > 0.0 { self.regional_weight_lower } else { self.regional_weight_higher };
        let (floor, cap) = (-self.regional_floor.value() * national.0, self.regional_cap.value() * national.0);
        PerCapita((weight.value() * difference).clamp(floor, cap))
    }

    /// The larger of the regional and the prior-savings adjustment, per capita.
    pub fn final_adjustment(&self, regional: PerCapita, prior_savings: Option<PerCapita>) -> PerCapita {
        let higher = prior_savings.map_or(regional.0, |prior| prior.0.max(regional.0));
        PerCapita(if self.negative_regional { higher } else { higher.max(0.0) })
    }

    /// National and regional growth, blended by the ACO's share of its market.
    pub fn two_way(national: f64, regional: f64, market_share: Share) -> f64 {
        market_share.value() * national + market_share.complement().value() * regional
    }

    /// The two-way update and the prospective trend, blended.
    pub fn three_way(&self, prospective: f64, two_way: f64) -> f64 {
        self.prospective_weight.value() * prospective + self.prospective_weight.complement().value() * two_way
    }

    /// A type's risk ratio after its cap.
    pub fn capped_ratio(&self, ratio: f64, aggregate_risk_ratio: f64, aggregate_demographic_ratio: f64) -> f64 {
        if !self.risk_cap_aggregate {
            return ratio.min(1.0 + self.risk_cap.value());
        }
        let cap = aggregate_demographic_ratio + self.risk_cap.value();
        if rounding::exceeds(aggregate_risk_ratio, cap, cap) { ratio.min(cap) } else { ratio }
    }
}
