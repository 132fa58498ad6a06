//! ACO REACH (in 2021 and 2022 named Global and Professional Direct Contracting): population risk against a benchmark,
//! with capitation of participants' claims.
//!
//! # Source
//! CMS's financial operating guides as retold in the sources of `docs/contracts.md`; corridors and sequestration reproduce
//! the published results of 2021 and 2022.

mod claims_capitation;
mod equity;
mod rules;
mod stop_loss;

pub use claims_capitation::ClaimsCapitation;
pub use equity::Equity;
pub use rules::{ReachRules, ReachScoreRules};
pub use stop_loss::ReachStopLoss;

use twosided_form::Section;
use twosided_population::{Observation, ServiceScope};
use twosided_units::{Dollars, PerCapita, Pmpm, Share};

use crate::{
    AGREED, BenchmarkUse, Known, Lan, Listing, OBSERVED, Rule, Settle, Settlement, Year, read,
    rules::read_year_of_model,
};

use super::{
    final_benchmark::{FinalBenchmark, SharedDifference, before_discount},
    risk_score::{BenchmarkScore, ScoreCaps},
};

/// The terms of a REACH ACO's performance year.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    /// Professional or Global.
    pub arrangement: RiskArrangement,
    /// Benchmark before discount; at a risk score of one where a score is given.
    pub benchmark: PerCapita,
    /// The risk score of the benchmark.
    pub risk_score: Option<BenchmarkScore>,
    /// The numbers of the arrangement.
    pub rules: ReachRules,
    /// The numbers of the ACO type.
    pub score_rules: ReachScoreRules,
    /// Quality score: the part of the withhold that is earned back.
    pub quality_score: Share,
    /// Whether criteria of continuous improvement are met; if not, half as much is earned back.
    pub continuous_improvement: bool,
    /// Shares of beneficiary months by decile of the equity score.
    pub equity: Equity,
    /// CMS's stop-loss, if elected.
    pub stop_loss: Option<ReachStopLoss>,
    /// Growth of expenditure that is still to be reported.
    pub completion_factor: f64,
    /// Capitation of participants' claims.
    pub capitation: Option<ClaimsCapitation>,
    /// Whether the retention withhold is lost by leaving after the first year.
    pub retention_forfeited: bool,
    /// Paid from the high-performers pool.
    pub high_performers: Pmpm,
}

/// How much risk a REACH ACO takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiskArrangement {
    /// Half of savings and losses, primary-care capitation.
    Professional,
    /// All of savings and losses, less a discount.
    Global,
}

impl Reach {
    const PERFORMANCE_YEAR: u16 = 2026;
    const LAST_YEAR: u16 = 2026;

    /// The part of the quality withhold that is earned back.
    fn earned(&self) -> Share {
        if self.continuous_improvement {
            return self.quality_score;
        }
        Share::new(self.quality_score.value() * self.rules.improvement_factor.value()).expect("a product of shares")
    }

    /// What counts as cost: expenditure with CMS's stop-loss and completion.
    fn cost(&self, settlement: &mut Settlement, year: &Year<'_>) -> Dollars {
        let expenditure = settlement.dollars("expenditure", OBSERVED, year.figure(0));
        let stop_loss = match &self.stop_loss {
            Some(cover) => cover.settle(settlement, year),
            None => settlement.dollars("net stop-loss", AGREED, Dollars::ZERO),
        };
        settlement.number("completion factor", AGREED, self.completion_factor);
        settlement.dollars(
            "cost",
            "({expenditure} + {net stop-loss}) × {completion factor}",
            (expenditure + stop_loss) * self.completion_factor,
        )
    }
}

impl Settle for Reach {
    const KEY: &'static str = "reach";
    const SUMMARY: &'static str =
        "Medicare population risk against a benchmark, through corridors, with capitation of participants' claims";
    const LISTING: Listing = Listing {
        lan: "4A (Professional), 4B (Global)",
        settles_on: "expenditure; with stop-loss, each beneficiary's above the attachment point",
        source: "ACO REACH model, CMS Innovation Center",
    };
    const BENCHMARK: BenchmarkUse = BenchmarkUse::Compared;
    const EXAMPLE: &'static str = "{ risk_arrangement = \"global\", benchmark = { per_capita = 12_000 }, quality_score = 0.9, stop_loss = { charge_pmpm = 8, attachment_point = 150_000, payout_rate = 0.8 }, equity = { top = 0.1, second = 0.05, bottom_half = 0.4 }, capitation = { pmpm = 60, enhanced_pmpm = 10, fee_reduction = 1.0 } }";

    fn rules() -> Vec<&'static [Rule]> {
        vec![ReachRules::TABLE, ReachScoreRules::TABLE]
    }

    fn read(section: &Section<'_>, known: &Known) -> Option<Self> {
        section.require("risk_arrangement", "give it, as risk_arrangement = \"global\" or \"professional\"");
        let arrangements = [("professional", RiskArrangement::Professional), ("global", RiskArrangement::Global)];
        let arrangement = section.choice("risk_arrangement", &arrangements);
        let year = read_year_of_model(section, Self::PERFORMANCE_YEAR, Self::LAST_YEAR);
        let year_or_default = year.unwrap_or(Self::PERFORMANCE_YEAR);
        let variant = match arrangement {
            Some(RiskArrangement::Professional) => "professional",
            Some(RiskArrangement::Global) | None => "global",
        };
        let rules = ReachRules::read(section, year_or_default, variant);
        let types = [("standard", "standard"), ("new_entrant", "new_entrant"), ("high_needs", "high_needs")];
        let aco_type = section.or("aco_type", "standard", |section| section.choice("aco_type", &types));
        let score_rules = ReachScoreRules::read(section, year_or_default, aco_type.unwrap_or("standard"));
        let benchmark = read::benchmark(section);
        let risk_score = BenchmarkScore::read(
            section,
            score_rules.as_ref().is_none_or(|rules| rules.growth_cap_since_2019.is_some()),
        );
        let risk_score = risk_score.filter(|score| {
            let lowest = score_rules.as_ref().map_or(0.0, |rules| 1.0 - rules.coding_intensity_limit.value());
            let low = score.is_some_and(|score| score.coding_intensity < lowest - 1e-9);
            if low {
                let message = format!("{}.risk_score.coding_intensity_factor is below {lowest}", section.path);
                let help = "the factor is at least 1 less coding_intensity_limit; override that if yours is lower";
                section.wrong(&section.span_of("risk_score"), message, help);
            }
            !low
        });
        let quality_score = read::share_or(section, "quality_score", Share::ONE);
        let continuous_improvement = read::truth_or(section, "continuous_improvement", true);
        let equity =
            section.or("equity", Equity::default(), |section| section.section("equity").and_then(Equity::read));
        let stop_loss = section
            .or("stop_loss", None, |section| section.section("stop_loss").and_then(ReachStopLoss::read).map(Some));
        let completion_factor = read::number_or(section, "completion_factor", 1.0, 1.0, 2.0);
        let capitation = section
            .or("capitation", None, |section| ClaimsCapitation::read(section.section("capitation")?, known).map(Some));
        let retention_forfeited = read::truth_or(section, "retention_forfeited", false);
        let high_performers = read::dollars_or(section, "high_performers_pmpm", 0.0, 0.0, 100_000.0);
        year?;
        aco_type?;
        Some(Self {
            arrangement: arrangement?,
            benchmark: benchmark?,
            risk_score: risk_score?,
            rules: rules?,
            score_rules: score_rules?,
            quality_score: quality_score?,
            continuous_improvement: continuous_improvement?,
            equity: equity?,
            stop_loss: stop_loss?,
            completion_factor: completion_factor?,
            capitation: capitation?,
            retention_forfeited: retention_forfeited?,
            high_performers: Pmpm(high_performers?),
        })
    }

    fn lan(&self) -> Lan {
        match self.arrangement {
            RiskArrangement::Professional => Lan::PartialPopulation,
            RiskArrangement::Global => Lan::Population,
        }
    }

    fn own_fees(&self) -> ServiceScope {
        self.capitation.as_ref().map_or(ServiceScope::All, |capitation| capitation.services.clone())
    }

    fn observes(&self) -> Vec<Observation> {
        [Observation::total(ServiceScope::All)]
            .into_iter()
            .chain(self.stop_loss.as_ref().map(ReachStopLoss::layer))
            .collect()
    }

    /// ```text
    /// final benchmark = benchmark × (1 - discount) - forfeited quality withhold + equity adjustment
    /// shared          = corridor share of (final benchmark - cost), savings less sequestration
    /// ```
    fn settle(&self, year: &Year<'_>) -> Settlement {
        let mut settlement = Settlement::of(year);
        settlement.rule("ACO REACH financial settlement");
        let caps = ScoreCaps {
            symmetric: self.score_rules.risk_score_cap,
            since_2019: self.score_rules.growth_cap_since_2019,
        };
        let score = self.risk_score.map(|score| (score, caps));
        let before_discount = before_discount(&mut settlement, year, (self.benchmark, AGREED), score);
        let equity = self.equity.settle(&self.rules, &mut settlement, year);
        let parts = FinalBenchmark {
            before_discount,
            discount: self.rules.discount,
            add_on: Share::ZERO,
            quality_withhold: self.rules.quality_withhold,
            earned: self.earned(),
            withhold_after_discount: self.rules.withhold_after_discount,
            equity: Some(equity),
        };
        let benchmark = parts.settle(&mut settlement);
        let cost = self.cost(&mut settlement, year);
        settlement.compare(benchmark, cost);
        let shared = difference(&self.rules).settle(&mut settlement, benchmark, cost);
        let capitation =
            self.capitation.as_ref().map_or(Dollars::ZERO, |capitation| capitation.settle(&mut settlement, year));
        let pool = settlement.dollars("from the high-performers pool", AGREED, self.high_performers * year.exposure);
        settlement.share("retention withhold", AGREED, self.rules.retention_withhold.value());
        let retention = if self.retention_forfeited {
            let forfeited = before_discount * self.rules.retention_withhold;
            settlement.dollars("retention forfeited", "{benchmark before discount} × {retention withhold}", forfeited)
        } else {
            settlement.dollars("retention forfeited", AGREED, Dollars::ZERO)
        };
        let how = if self.capitation.is_some() {
            "{after sequestration} + {capitation settled} + {from the high-performers pool} - {retention forfeited}"
        } else {
            "{after sequestration} + {from the high-performers pool} - {retention forfeited}"
        };
        settlement.reconciliation =
            settlement.dollars("total monies owed", how, shared + capitation + pool - retention);
        settlement
    }
}

impl Reach {
    /// Settles a year whose final benchmark and cost are known.
    pub fn settle_difference(rules: &ReachRules, settlement: &mut Settlement, benchmark: Dollars, cost: Dollars) {
        settlement.rule("ACO REACH financial settlement");
        settlement.dollars("final benchmark", OBSERVED, benchmark);
        settlement.dollars("cost", OBSERVED, cost);
        settlement.reconciliation = difference(rules).settle(settlement, benchmark, cost);
    }
}

/// Who bears what of the difference from the final benchmark.
fn difference(rules: &ReachRules) -> SharedDifference<'_> {
    SharedDifference {
        gains: &rules.corridor,
        losses: &rules.corridor,
        sequestration: rules.sequestration,
        sequesters_losses: rules.sequesters_losses,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_units::MemberMonths;

    fn aco(variant: &str, year: u16) -> Reach {
        let arrangement = if variant == "global" { RiskArrangement::Global } else { RiskArrangement::Professional };
        Reach {
            arrangement,
            benchmark: PerCapita(10_000.0),
            risk_score: None,
            rules: ReachRules::of(year, variant).expect("its year has rules"),
            score_rules: ReachScoreRules::of(year, "standard").expect("its year has rules"),
            quality_score: Share::ONE,
            continuous_improvement: true,
            equity: Equity::default(),
            stop_loss: None,
            completion_factor: 1.0,
            capitation: None,
            retention_forfeited: false,
            high_performers: Pmpm(0.0),
        }
    }

    fn year(figures: &[f64]) -> Year<'_> {
        Year::new(MemberMonths(120_000.0), 10_000, figures)
    }

    #[test]
    fn savings_cross_the_first_corridor_and_are_sequestered() {
        // $96.5m after discount, $80m cost: 9.65m whole, 6.85m by half.
        let settlement = aco("global", 2026).settle(&year(&[80e6]));
        assert!((settlement.reconciliation.0 - 13.075e6 * 0.98).abs() < 1e-6);
    }

    #[test]
    fn a_professional_aco_owes_half_of_five_points_and_no_sequestration() {
        let settlement = aco("professional", 2025).settle(&year(&[108e6]));
        assert!((settlement.reconciliation.0 + 3.55e6).abs() < 1e-6);
    }

    #[test]
    fn capitation_that_is_reconciled_and_advances_that_are_repaid_change_nothing_but_cash() {
        let capitation = ClaimsCapitation {
            rate: Pmpm(60.0),
            enhanced: Pmpm(10.0),
            services: ServiceScope::All,
            fee_reduction: Share::ONE,
            reconciled: true,
        };
        let plain = aco("global", 2025);
        let capitated = Reach { capitation: Some(capitation), ..plain.clone() };
        let with_fees = year(&[95e6]).with_own_fees(Dollars(6e6));
        let total = |terms: &Reach| terms.settle(&with_fees).total().0;
        assert!((total(&capitated) - total(&plain)).abs() < 1e-6);
        let settlement = capitated.settle(&with_fees);
        assert!((settlement.fee_adjustment.0 - (7.2e6 + 1.2e6 - 6e6)).abs() < 1e-6);
    }

    #[test]
    fn equity_moves_the_benchmark_after_discount() {
        let share = |value| Share::new(value).expect("a share");
        let equity = Equity { top: share(0.2), bottom_half: share(0.5), ..Equity::default() };
        let settlement = Reach { equity, ..aco("global", 2023) }.settle(&year(&[90e6]));
        let added = (0.2 * 30.0 - 0.5 * 6.0) * 120_000.0;
        assert!((settlement.step("final benchmark").expect("a step") - (97e6 + added)).abs() < 1e-6);
    }
}
