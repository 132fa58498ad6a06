//! What is added to a LEAD ACO's benchmark.

use twosided_form::Section;
use twosided_units::PerCapita;

use crate::{AGREED, Settlement, read};

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
        if section.has("regional_efficiency") && section.has("prior_savings") {
            let message = format!("{} has both `regional_efficiency` and `prior_savings`", section.path);
            section.wrong(&section.span, message, "a benchmark is adjusted for one of them, never for both");
            return None;
        }
        if section.has("prior_savings") {
            let savings = read::number(section, "prior_savings", -100_000.0, 100_000.0, "prior_savings = 150")?;
            return Some(Self::PriorSavings(PerCapita(savings)));
        }
        section.or("regional_efficiency", Self::None, |section| {
            let section = section.section("regional_efficiency")?;
            let regional = read::number(&section, "regional", 1.0, 1e7, "regional = 12_900");
            let former_mssp = read::truth_or(&section, "former_mssp", false);
            section.finish();
            Some(Self::RegionalEfficiency { regional: PerCapita(regional?), former_mssp: former_mssp? })
        })
    }
}
