//! What is added to a LEAD ACO's benchmark.

use twosided_form::{Key, Literal::Truth, Nested, Range, Section, Unit, keys};
use twosided_units::PerCapita;

use crate::{AGREED, Settlement};

use super::rules::LeadRules;

/// What is added to a benchmark; never both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum BenchmarkAdjustment {
    /// Nothing.
    None,
    /// Half of the difference from regional expenditure; the cap depends on whether the ACO comes from the Shared Savings
    /// Program.
    RegionalEfficiency {
        /// Regional expenditure, risk-adjusted.
        regional: PerCapita,
        /// Whether the ACO was in the Shared Savings Program.
        former_mssp: bool,
    },
    /// Half of savings in earlier years.
    PriorSavings(PerCapita),
}

keys! {
    /// What is added to a benchmark.
    pub(crate) struct BenchmarkAdjustmentKeys "terms.lead.adjustment" {
        REGIONAL_EFFICIENCY: Nested = Key::table("regional_efficiency", RegionalEfficiencyKeys::TABLE)
            .absent("none", "{ regional = 12_900 }").meaning("the adjustment for spending less than the region")
            .more("At most one of this and `prior_savings` is given");
        PRIOR_SAVINGS: PerCapita =
            Key::quantity("prior_savings", Unit::PER_PERSON_YEAR, Range::of(-100_000.0, 100_000.0)).absent("none", "150")
                .meaning("the savings of earlier years, of which `adjustment_weight` is added").more("There is no cap");
    }
}

keys! {
    /// The adjustment for spending less than the region.
    pub(crate) struct RegionalEfficiencyKeys "terms.lead.regional_efficiency" {
        REGIONAL: PerCapita = Key::quantity("regional", Unit::PER_PERSON_YEAR, Range::of(1.0, 1e7)).required("12_900")
            .meaning("the regional expenditure, risk-adjusted");
        FORMER_MSSP: bool = Key::truth("former_mssp").default(Truth(false))
            .meaning("whether the ACO was in the Shared Savings Program, which lowers the cap");
    }
}

impl BenchmarkAdjustment {
    /// The benchmark with what is added to it, and how it follows.
    pub(super) fn settle(
        self,
        benchmark: PerCapita,
        rules: &LeadRules,
        settlement: &mut Settlement,
    ) -> (PerCapita, &'static str) {
        let weight = rules.adjustment_weight;
        match self {
            Self::None => (benchmark, AGREED),
            Self::RegionalEfficiency { regional, former_mssp } => {
                let cap = if former_mssp { rules.efficiency_cap_former_mssp } else { rules.efficiency_cap };
                settlement.per_capita("benchmark before adjustment", AGREED, benchmark);
                settlement.per_capita("regional expenditure", AGREED, regional);
                settlement.share("adjustment weight", AGREED, weight.value());
                settlement.share("efficiency cap", AGREED, cap.value());
                let difference = (regional.0 - benchmark.0).max(0.0) * weight.value();
                let added = difference.min(benchmark.0 * cap.value());
                settlement.per_capita(
                    "regional efficiency adjustment",
                    "min({adjustment weight} × max(0, {regional expenditure} - {benchmark before adjustment}), {efficiency cap} × {benchmark before adjustment})",
                    PerCapita(added),
                );
                let how = "{benchmark before adjustment} + {regional efficiency adjustment}";
                (PerCapita(benchmark.0 + added), how)
            }
            Self::PriorSavings(savings) => {
                settlement.per_capita("benchmark before adjustment", AGREED, benchmark);
                settlement.per_capita("prior savings", AGREED, savings);
                settlement.share("adjustment weight", AGREED, weight.value());
                let added = savings.0.max(0.0) * weight.value();
                let how = "max(0, {prior savings}) × {adjustment weight}";
                settlement.per_capita("prior-savings adjustment", how, PerCapita(added));
                (PerCapita(benchmark.0 + added), "{benchmark before adjustment} + {prior-savings adjustment}")
            }
        }
    }

    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        type Keys = BenchmarkAdjustmentKeys;
        let (regional, prior) = (Keys::REGIONAL_EFFICIENCY.name, Keys::PRIOR_SAVINGS.name);
        if section.has(regional) && section.has(prior) {
            let message = format!("{} has both `{regional}` and `{prior}`", section.path);
            section.wrong(&section.span, message, "a benchmark is adjusted for one of them, never for both");
            return None;
        }
        if section.has(prior) {
            return section.read(&Keys::PRIOR_SAVINGS).map(Self::PriorSavings);
        }
        let efficiency = section.optional_table(&Keys::REGIONAL_EFFICIENCY, |section| {
            let regional = section.read(&RegionalEfficiencyKeys::REGIONAL);
            let former_mssp = section.read(&RegionalEfficiencyKeys::FORMER_MSSP);
            section.finish();
            Some(Self::RegionalEfficiency { regional: regional?, former_mssp: former_mssp? })
        });
        efficiency.map(|efficiency| efficiency.unwrap_or(Self::None))
    }
}
