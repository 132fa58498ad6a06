//! ACO REACH (in 2021 and 2022 named Global and Professional Direct Contracting): population risk against a benchmark,
//! with capitation of participants' claims.
//!
//! # Source
//! CMS's financial operating guides as retold in the sources of `docs/contracts.md`; corridors and sequestration reproduce
//! the published results of 2021 and 2022.

use twosided_form::Section;
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_units::{Dollars, PerCapita, Pmpm, Share};

use crate::{
    AGREED, BenchmarkScore, Known, Lan, Listing, OBSERVED, ReachRules, ReachScoreRules, Rule, Settle, Settlement, Year,
    kinds::population_risk::final_benchmark::{FinalBenchmark, ScoreCaps, before_discount},
    read,
    rules::read_year_of_model,
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

/// Shares of beneficiary months by decile of the equity score.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Equity {
    /// The highest decile.
    pub top: Share,
    /// The second.
    pub second: Share,
    /// The third.
    pub third: Share,
    /// The lower half.
    pub bottom_half: Share,
}

/// CMS's own stop-loss: a charge on cost, and payouts for beneficiaries above an attachment point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReachStopLoss {
    /// Added to cost.
    pub charge: Pmpm,
    /// Annual expenditure of a beneficiary above which CMS pays.
    pub attachment_point: Dollars,
    /// The part of it that CMS pays.
    pub payout_rate: Share,
    /// By which payouts are scaled so that all charges pay for them.
    pub neutrality_factor: f64,
}

/// Monthly payments in place of part of participants' claims.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimsCapitation {
    /// Paid for each beneficiary.
    pub rate: Pmpm,
    /// Paid beside it and repaid in full at settlement (enhanced primary-care capitation).
    pub enhanced: Pmpm,
    /// The services whose claims are reduced.
    pub services: ServiceScope,
    /// The part of participants' fees that is not paid.
    pub fee_reduction: Share,
    /// Whether the payment is reconciled to the fees that it replaced.
    pub reconciled: bool,
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

    fn equity_adjustment(&self, settlement: &mut Settlement, year: &Year<'_>) -> Dollars {
        let Equity { top, second, third, bottom_half } = self.equity;
        let rules = &self.rules;
        if self.equity == Equity::default() {
            return settlement.dollars("health-equity adjustment", AGREED, Dollars::ZERO);
        }
        let by_decile = [
            ("highest decile", top, rules.equity_top.0),
            ("second decile", second, rules.equity_second.0),
            ("third decile", third, rules.equity_third.0),
            ("lower half", bottom_half, -rules.equity_bottom_half.0),
        ];
        let rate = by_decile.iter().map(|(_, share, rate)| share.value() * rate).sum();
        if settlement.is_explained() {
            let mut terms = Vec::new();
            for (decile, share, rate) in by_decile {
                settlement.share(format!("months in the {decile}"), AGREED, share.value());
                settlement.pmpm(format!("adjustment of the {decile}"), AGREED, Pmpm(rate));
                terms.push(format!("{{months in the {decile}}} × {{adjustment of the {decile}}}"));
            }
            settlement.pmpm("health-equity rate", terms.join(" + "), Pmpm(rate));
            settlement.number("beneficiary months", OBSERVED, year.exposure.0);
        }
        let how = "{health-equity rate} × {beneficiary months}";
        settlement.dollars("health-equity adjustment", how, Pmpm(rate) * year.exposure)
    }

    /// What counts as cost: expenditure with CMS's stop-loss and completion.
    fn cost(&self, settlement: &mut Settlement, year: &Year<'_>) -> Dollars {
        let expenditure = settlement.dollars("expenditure", OBSERVED, year.figure(0));
        let mut stop_loss = Dollars::ZERO;
        if let Some(cover) = &self.stop_loss {
            settlement.pmpm("stop-loss charge", AGREED, cover.charge);
            settlement.number("months charged", OBSERVED, year.exposure.0);
            let charge = cover.charge * year.exposure;
            let layer = settlement.dollars("expenditure above the attachment point", OBSERVED, year.figure(1));
            settlement.share("stop-loss payout rate", AGREED, cover.payout_rate.value());
            settlement.number("stop-loss neutrality factor", AGREED, cover.neutrality_factor);
            let payout = layer * cover.payout_rate * cover.neutrality_factor;
            stop_loss = settlement.dollars(
                "net stop-loss",
                "{stop-loss charge} × {months charged} - {expenditure above the attachment point} × {stop-loss payout rate} × {stop-loss neutrality factor}",
                charge - payout,
            );
        } else {
            settlement.dollars("net stop-loss", AGREED, stop_loss);
        }
        settlement.number("completion factor", AGREED, self.completion_factor);
        settlement.dollars(
            "cost",
            "({expenditure} + {net stop-loss}) × {completion factor}",
            (expenditure + stop_loss) * self.completion_factor,
        )
    }

    /// Capitation cash against the fees that it replaces; what is paid in advance comes back in the settlement.
    fn capitation(&self, settlement: &mut Settlement, year: &Year<'_>) -> Dollars {
        let Some(capitation) = &self.capitation else { return Dollars::ZERO };
        settlement.pmpm("claims capitation", AGREED, capitation.rate);
        settlement.number("months capitated", OBSERVED, year.exposure.0);
        let paid = settlement.dollars(
            "claims capitation paid",
            "{claims capitation} × {months capitated}",
            capitation.rate * year.exposure,
        );
        settlement.dollars("participants' own fees", OBSERVED, year.own_fees);
        settlement.share("fee reduction", AGREED, capitation.fee_reduction.value());
        let reduced = settlement.dollars(
            "fees not paid",
            "{participants' own fees} × {fee reduction}",
            year.own_fees * capitation.fee_reduction,
        );
        settlement.pmpm("enhanced capitation", AGREED, capitation.enhanced);
        let advance = settlement.dollars(
            "enhanced capitation advanced",
            "{enhanced capitation} × {months capitated}",
            capitation.enhanced * year.exposure,
        );
        settlement.fee_adjustment = settlement.dollars(
            "change of fees",
            "{claims capitation paid} + {enhanced capitation advanced} - {fees not paid}",
            paid + advance - reduced,
        );
        let trued_up = if capitation.reconciled {
            settlement.dollars("capitation trued up", "{fees not paid} - {claims capitation paid}", reduced - paid)
        } else {
            settlement.remark("the capitation is not reconciled to the fees that it replaced");
            settlement.dollars("capitation trued up", AGREED, Dollars::ZERO)
        };
        settlement.advances_settled = settlement.dollars(
            "capitation settled",
            "{capitation trued up} - {enhanced capitation advanced}",
            trued_up - advance,
        );
        settlement.advances_settled
    }
}

impl Settle for Reach {
    const KEY: &'static str = "reach";
    const SUMMARY: &'static str =
        "Medicare population risk against a benchmark, through corridors, with capitation of participants' claims";
    const ROW: Listing = Listing {
        lan: "4A (Professional), 4B (Global)",
        settles_on: "expenditure; with stop-loss, each beneficiary's above the attachment point",
        source: "ACO REACH model, CMS Innovation Center",
    };
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
        let layer = |cover: &ReachStopLoss| Observation::Layer {
            services: ServiceScope::All,
            attachment: Attachment { point: cover.attachment_point, ..Attachment::ZERO },
            limit: Limit::Unlimited,
        };
        [Observation::total(ServiceScope::All)].into_iter().chain(self.stop_loss.as_ref().map(layer)).collect()
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
        let equity = self.equity_adjustment(&mut settlement, year);
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
        let shared = self.rules.difference().settle(&mut settlement, benchmark, cost);
        let capitation = self.capitation(&mut settlement, year);
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
        settlement.reconciliation = rules.difference().settle(settlement, benchmark, cost);
    }
}

impl Equity {
    fn read(section: Section<'_>) -> Option<Self> {
        let share = |key| read::share_or(&section, key, Share::ZERO);
        let read = [share("top"), share("second"), share("third"), share("bottom_half")];
        let sum: f64 = read.iter().flatten().map(|share| share.value()).sum();
        let within = sum <= 1.0 + 1e-9;
        if !within {
            let message = format!("{}: shares of months add to more than 1", section.path);
            section.wrong(&section.span, message, "deciles and the lower half are parts of one whole");
        }
        section.finish();
        let [top, second, third, bottom_half] = read;
        within.then_some(())?;
        Some(Self { top: top?, second: second?, third: third?, bottom_half: bottom_half? })
    }
}

impl ReachStopLoss {
    fn read(section: Section<'_>) -> Option<Self> {
        let charge = read::dollars_or(&section, "charge_pmpm", 0.0, 0.0, 100_000.0);
        let attachment_point = read::number(&section, "attachment_point", 1.0, 1e12, "attachment_point = 150_000");
        let payout_rate = read::share(&section, "payout_rate", "payout_rate = 0.8");
        let neutrality_factor = read::number_or(&section, "neutrality_factor", 1.0, 0.0, 10.0);
        section.finish();
        Some(Self {
            charge: Pmpm(charge?),
            attachment_point: Dollars(attachment_point?),
            payout_rate: payout_rate?,
            neutrality_factor: neutrality_factor?,
        })
    }
}

impl ClaimsCapitation {
    fn read(section: Section<'_>, known: &Known) -> Option<Self> {
        let rate = read::pmpm(&section, "pmpm", "pmpm = 60");
        let enhanced = read::dollars_or(&section, "enhanced_pmpm", 0.0, 0.0, 100_000.0);
        let services = read::services(&section, "services", known);
        let fee_reduction = read::share_or(&section, "fee_reduction", Share::ONE);
        let reconciled = read::truth_or(&section, "reconciled", true);
        section.finish();
        Some(Self {
            rate: rate?,
            enhanced: Pmpm(enhanced?),
            services: services?,
            fee_reduction: fee_reduction?,
            reconciled: reconciled?,
        })
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
