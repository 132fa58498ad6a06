//! How a performance year of the Medicare Shared Savings Program is reconciled, step by step.
//!
//! # Source
//! 42 CFR part 425, subpart G; the order of steps is the one that reproduces CMS's published results.

use std::borrow::Cow;

use twosided_units::{Dollars, PerCapita, Share};

use crate::{AGREED, OBSERVED, SO_FAR, Settlement, Year, rounding};

use super::{
    benchmark_rules::guardrail,
    rules::{minimum_savings_rate, minimum_savings_rate_how},
    terms::{DisasterRelief, MinimumRate, Mssp, PerformanceYear, QualityStandard, RevenueCategory},
};

/// The step of a benchmark that is known per capita.
pub(crate) const PER_CAPITA: &str = "updated benchmark per capita";

/// What is said of a benchmark that is known per capita, under that name.
pub(crate) fn benchmark_how(name: &str) -> String {
    format!("{{{name}}} × {{person-years}}")
}

/// What is said of how a year's totals follow.
pub(super) struct Hows {
    /// Of the benchmark.
    pub benchmark: Cow<'static, str>,
    /// Of the expenditure.
    pub expenditure: &'static str,
}

impl Mssp {
    /// Settles a performance year from its totals.
    ///
    /// ```text
    /// gap >= 0: sharing rate × gap, less sequestration, up to the payment limit, if gap >= minimum rate × benchmark
    /// gap <  0: loss rate × gap, up to the loss limits, less disaster relief,    if -gap >= minimum rate × benchmark
    /// ```
    ///
    /// Below the minimum, a low-revenue BASIC ACO of an agreement from 2024 on shares at half its rate. A guardrail that took
    /// effect forfeits savings, and never a loss.
    ///
    /// # Source
    /// 42 CFR § 425.605(c), (d) and (h); § 425.610(c) to (g) and (i).
    pub fn reconcile(&self, settlement: &mut Settlement, year: &PerformanceYear) {
        self.reconcile_as(settlement, year, Hows { benchmark: OBSERVED.into(), expenditure: OBSERVED });
    }

    /// The same, with what is said of how the totals follow.
    pub(super) fn reconcile_as(&self, settlement: &mut Settlement, year: &PerformanceYear, hows: Hows) {
        let earlier_advances = settlement.earlier_advances().unwrap_or(self.advance_balance);
        settlement.advances = settlement.care_management;
        settlement.advances_paid = settlement.care_management;
        settlement.advance_balance = earlier_advances + settlement.advances;
        settlement.compare(year.benchmark, year.expenditure);
        settlement.rule("42 CFR § 425.605(c), § 425.610(c)");
        let benchmark = settlement.dollars("updated benchmark", hows.benchmark, year.benchmark);
        settlement.dollars("expenditure", hows.expenditure, year.expenditure);
        let gap = match year.gap {
            Some(gap) => settlement.dollars("benchmark less expenditure", OBSERVED, gap),
            None => settlement.dollars(
                "benchmark less expenditure",
                "{updated benchmark} - {expenditure}",
                year.benchmark - year.expenditure,
            ),
        };
        settlement.rule("42 CFR § 425.605(b), § 425.610(b)");
        let minimum_rate = match self.minimum_rate {
            MinimumRate::Variable => {
                settlement.number("assigned beneficiaries", OBSERVED, year.assigned_beneficiaries as f64);
                let rate = minimum_savings_rate(year.assigned_beneficiaries);
                if settlement.records_steps() {
                    let how = minimum_savings_rate_how(year.assigned_beneficiaries);
                    settlement.share("minimum savings or loss rate", how, rate.value());
                }
                rate
            }
            MinimumRate::Fixed(rate) => {
                settlement.share("minimum savings or loss rate", AGREED, rate.value());
                rate
            }
        };
        let threshold = settlement.dollars(
            "minimum savings or losses",
            "{updated benchmark} × {minimum savings or loss rate}",
            benchmark * minimum_rate,
        );
        let compared = year.benchmark.0.abs() + year.expenditure.0.abs();
        let reached = rounding::reaches(gap.0.abs(), threshold.0, compared);
        if gap > Dollars::ZERO {
            let earned = self.savings(settlement, year, gap, reached);
            settlement.reconciliation = Self::after_recoupment(settlement, earned);
        } else if gap == Dollars::ZERO || !reached {
            settlement.remark("losses below the minimum loss rate are not shared");
        } else if let (Some(lowest), Some(highest)) = (self.rules.lowest_loss_rate, self.rules.highest_loss_rate) {
            settlement.reconciliation = -self.loss(settlement, year, -gap, (lowest, highest));
        } else {
            settlement.remark("the track is one-sided: no losses are shared");
        }
    }

    /// What the ACO is paid, before recoupment.
    fn savings(&self, settlement: &mut Settlement, year: &PerformanceYear, gap: Dollars, reached: bool) -> Dollars {
        let rules = &self.rules;
        settlement.rule("42 CFR § 425.512, § 425.605(d), § 425.610(d)");
        settlement.share("maximum sharing rate", AGREED, rules.maximum_sharing_rate.value());
        let (quality, remark) = match self.quality_standard {
            QualityStandard::Full if rules.quality_scales_sharing => {
                (self.quality_score, "the quality score scales it")
            }
            QualityStandard::Full => (Share::ONE, "the quality performance standard is met: all of it"),
            QualityStandard::Alternative if rules.alternative_standard => {
                (self.quality_score, "the alternative quality standard is met: the quality score scales it")
            }
            QualityStandard::Alternative | QualityStandard::Neither => (Share::ZERO, "no quality standard is met"),
        };
        settlement.remark(remark);
        settlement.share("part for quality", AGREED, quality.value());
        let full_rate = rules.maximum_sharing_rate.value() * quality.value();
        let half_rate = !reached
            && rules.half_rate_from_start.is_some_and(|start| f64::from(self.agreement_start) >= start)
            && self.revenue_category == RevenueCategory::Low
            && year.assigned_beneficiaries as f64 >= rules.half_rate_beneficiaries;
        let rate = if half_rate {
            settlement.rule("42 CFR § 425.605(h)");
            settlement.remark("below the minimum savings rate, a low-revenue BASIC ACO shares at half its rate");
            settlement.share("sharing rate", "{maximum sharing rate} × {part for quality} / 2", 0.5 * full_rate)
        } else {
            settlement.share("sharing rate", "{maximum sharing rate} × {part for quality}", full_rate)
        };
        if self.guardrail {
            settlement.rule("42 CFR § 425.652(b)");
            settlement.remark("the guardrail took effect: savings are forfeited");
            return Dollars::ZERO;
        }
        if !(reached || half_rate) {
            settlement.remark("savings below the minimum savings rate are not shared");
            return Dollars::ZERO;
        }
        settlement.dollars("generated savings or losses", "{benchmark less expenditure}", gap);
        let shared = settlement.dollars(
            "savings at the sharing rate",
            "{generated savings or losses} × {sharing rate}",
            gap * rate,
        );
        settlement.share("sequestration", AGREED, rules.sequestration.value());
        let sequestered = settlement.dollars(
            "after sequestration",
            "{savings at the sharing rate} × (1 - {sequestration})",
            shared * rules.sequestration.complement(),
        );
        settlement.rule("42 CFR § 425.605(d), § 425.610(e)");
        settlement.share("payment limit", AGREED, rules.payment_limit.value());
        let limit = settlement.dollars(
            "performance payment limit",
            "{updated benchmark} × {payment limit}",
            year.benchmark * rules.payment_limit,
        );
        settlement.dollars("earned", "min({after sequestration}, {performance payment limit})", sequestered.min(limit))
    }

    /// What is left of earned savings after advance investment payments are recouped.
    fn after_recoupment(settlement: &mut Settlement, earned: Dollars) -> Dollars {
        let balance = settlement.advance_balance;
        if balance == Dollars::ZERO || earned == Dollars::ZERO {
            return earned;
        }
        settlement.rule("42 CFR § 425.630(g)");
        settlement.dollars("balance of earlier years", AGREED, balance - settlement.care_management);
        settlement.dollars("paid in advance this year", SO_FAR, settlement.care_management);
        let balance = settlement.dollars(
            "advance investment balance",
            "{balance of earlier years} + {paid in advance this year}",
            balance,
        );
        let recouped =
            settlement.dollars("recouped", "min({earned}, {advance investment balance})", earned.min(balance));
        settlement.advances = settlement.advances - recouped;
        settlement.advance_balance =
            settlement.dollars("balance carried", "{advance investment balance} - {recouped}", balance - recouped);
        settlement.dollars("paid after recoupment", "{earned} - {recouped}", earned - recouped)
    }

    /// What the ACO owes, as a positive amount.
    fn loss(
        &self,
        settlement: &mut Settlement,
        year: &PerformanceYear,
        gap: Dollars,
        (lowest, highest): (Share, Share),
    ) -> Dollars {
        let rules = &self.rules;
        settlement.rule("42 CFR § 425.605(d), § 425.610(f)");
        settlement.dollars("generated savings or losses", "{benchmark less expenditure}", -gap);
        settlement.share("lowest loss rate", AGREED, lowest.value());
        settlement.share("highest loss rate", AGREED, highest.value());
        let rate = match self.quality_standard {
            QualityStandard::Neither => {
                settlement.remark("no quality standard is met: the highest loss rate");
                settlement.share("loss rate", "{highest loss rate}", highest.value())
            }
            QualityStandard::Full | QualityStandard::Alternative => {
                settlement.share("maximum sharing rate", AGREED, rules.maximum_sharing_rate.value());
                settlement.share("quality score", AGREED, self.quality_score.value());
                settlement.share(
                    "loss rate",
                    "clamp(1 - {maximum sharing rate} × {quality score}, {lowest loss rate}, {highest loss rate})",
                    (1.0 - rules.maximum_sharing_rate.value() * self.quality_score.value())
                        .clamp(lowest.value(), highest.value()),
                )
            }
        };
        let shared =
            settlement.dollars("loss at the loss rate", "-{generated savings or losses} × {loss rate}", gap * rate);
        settlement.rule("42 CFR § 425.605(d), § 425.610(g)");
        let limit = self.loss_limit(settlement, year.benchmark);
        let limited = match limit {
            Some(limit) => settlement.dollars(
                "loss after limit",
                "min({loss at the loss rate}, {loss recoupment limit})",
                shared.min(limit),
            ),
            None => settlement.dollars("loss after limit", "{loss at the loss rate}", shared),
        };
        settlement.rule("42 CFR § 425.605(f), § 425.610(i)");
        let relief = match self.disaster_relief {
            DisasterRelief::Share(share) => {
                settlement.share("disaster relief share", AGREED, share.value());
                settlement.dollars("disaster relief", "{loss after limit} × {disaster relief share}", limited * share)
            }
            DisasterRelief::Amount(amount) => {
                settlement.dollars("disaster relief of the year", OBSERVED, amount);
                let how = "min({disaster relief of the year}, {loss after limit})";
                settlement.dollars("disaster relief", how, amount.min(limited))
            }
        };
        let owed = settlement.dollars("owed", "{loss after limit} - {disaster relief}", limited - relief);
        if self.prorated_losses == Share::ONE {
            return owed;
        }
        settlement.rule("42 CFR § 425.221(b)");
        settlement.share("part of the year before termination", AGREED, self.prorated_losses.value());
        settlement.dollars(
            "owed for the part of the year",
            "{owed} × {part of the year before termination}",
            owed * self.prorated_losses,
        )
    }

    fn loss_limit(&self, settlement: &mut Settlement, benchmark: Dollars) -> Option<Dollars> {
        let of_benchmark = self.rules.loss_limit_of_benchmark.map(|share| {
            settlement.share("loss limit, share of benchmark", AGREED, share.value());
            settlement.dollars(
                "loss limit by benchmark",
                "{updated benchmark} × {loss limit, share of benchmark}",
                benchmark * share,
            )
        });
        let of_revenue = self.rules.loss_limit_of_revenue.zip(self.participant_revenue).map(|(share, revenue)| {
            settlement.dollars("participant revenue", AGREED, revenue);
            settlement.share("loss limit, share of revenue", AGREED, share.value());
            settlement.dollars(
                "loss limit by revenue",
                "{participant revenue} × {loss limit, share of revenue}",
                revenue * share,
            )
        });
        match (of_benchmark, of_revenue) {
            (Some(benchmark), Some(revenue)) => Some(settlement.dollars(
                "loss recoupment limit",
                "min({loss limit by benchmark}, {loss limit by revenue})",
                benchmark.min(revenue),
            )),
            (Some(limit), None) => {
                Some(settlement.dollars("loss recoupment limit", "{loss limit by benchmark}", limit))
            }
            (None, Some(limit)) => Some(settlement.dollars("loss recoupment limit", "{loss limit by revenue}", limit)),
            (None, None) => None,
        }
    }

    /// The most that may be owed for a year with this benchmark; none where the track has no limit.
    pub fn most_owed(&self, benchmark: Dollars) -> Option<Dollars> {
        if self.is_two_sided() { self.loss_limit(&mut Settlement::default(), benchmark) } else { Some(Dollars::ZERO) }
    }

    /// Makes the loss no larger than under the benchmark without the prospective trend.
    pub(crate) fn guard(
        &self,
        settlement: &mut Settlement,
        year: &Year<'_>,
        totals: &PerformanceYear,
        two_way: PerCapita,
    ) {
        let mut without = settlement.empty_alike();
        without.care_management = settlement.care_management;
        self.benchmark.record_two_way(&mut without);
        let (name, per_capita) = without.benchmark_of_year(year, (PER_CAPITA, two_way));
        let person_years = year.exposure.person_years();
        without.number("person-years", OBSERVED, person_years.0);
        let totals = PerformanceYear { benchmark: per_capita * person_years, ..*totals };
        let (_, expenditure) = self.expenditure(&mut without, year);
        let benchmark = without.how(|| benchmark_how(name));
        self.reconcile_as(&mut without, &totals, Hows { benchmark: benchmark.into(), expenditure });
        let earned_without = without.reconciliation;
        let earned = settlement.dollars("earned with the prospective trend", SO_FAR, settlement.reconciliation);
        settlement.append("without the prospective trend", without);
        settlement.rule("42 CFR § 425.652(b)");
        settlement.dollars("earned without the prospective trend", SO_FAR, earned_without);
        settlement.reconciliation = settlement.dollars(
            "after the guardrail",
            "max({earned with the prospective trend}, min(0, {earned without the prospective trend}))",
            guardrail(earned, earned_without),
        );
    }

    /// The expenditure that is compared with the benchmark, and how it follows.
    pub(super) fn expenditure(&self, settlement: &mut Settlement, year: &Year<'_>) -> (Dollars, &'static str) {
        let observed = year.figure(0);
        match self.year_to_date.filter(|_| year.is_first()) {
            Some(to_date) => to_date.expenditure(settlement, year.exposure.person_years(), observed),
            None => (observed, OBSERVED),
        }
    }

    /// The collateral that the ACO must keep, for a year's expenditure.
    ///
    /// # Source
    /// 42 CFR § 425.204(f)(4), unconfirmed.
    pub fn repayment_mechanism(&self, expenditure: Dollars) -> Dollars {
        let of_expenditure = expenditure * self.rules.repayment_of_expenditure;
        let of_revenue = self.rules.repayment_of_revenue.zip(self.participant_revenue);
        of_revenue.map_or(of_expenditure, |(share, revenue)| (revenue * share).min(of_expenditure))
    }

    pub(crate) fn repayment_cost(&self, settlement: &mut Settlement, expenditure: Dollars) {
        let Some(fee) = self.repayment_fee else { return };
        settlement.rule("42 CFR § 425.204(f)(4)");
        settlement.share(
            "repayment mechanism, share of expenditure",
            AGREED,
            self.rules.repayment_of_expenditure.value(),
        );
        let amount = self.repayment_mechanism(expenditure);
        let how = match self.rules.repayment_of_revenue.zip(self.participant_revenue) {
            Some((share, revenue)) => {
                settlement.dollars("revenue of participants", AGREED, revenue);
                settlement.share("repayment mechanism, share of revenue", AGREED, share.value());
                "min({expenditure} × {repayment mechanism, share of expenditure}, {revenue of participants} × {repayment mechanism, share of revenue})"
            }
            None => "{expenditure} × {repayment mechanism, share of expenditure}",
        };
        settlement.dollars("repayment mechanism", how, amount);
        settlement.share("fee for the repayment mechanism", AGREED, fee.value());
        settlement.administration = settlement.dollars(
            "cost of the repayment mechanism",
            "{repayment mechanism} × {fee for the repayment mechanism}",
            amount * fee,
        );
    }
}
