//! How a benchmark of the Medicare Shared Savings Program follows from its base years, step by step.

use twosided_form::figure;
use twosided_units::{PerCapita, Share};

use crate::{AGREED, OBSERVED, Settlement, rounding};

use super::{
    benchmark_rules::BenchmarkRules,
    construction::{BenchmarkConstruction, TypeBenchmark},
};

impl BenchmarkConstruction {
    /// The updated benchmark, with the weight that the prospective trend is to have, and the steps to it.
    pub(crate) fn built(&self, prospective_weight: Share, settlement: &mut Settlement) -> PerCapita {
        let rules = &BenchmarkRules { prospective_weight, ..self.rules.clone() };
        settlement.rule("42 CFR § 425.652(a)");
        settlement.share("national weight", AGREED, self.market_share.value());
        let historical: Vec<PerCapita> =
            self.types.iter().map(|of_type| of_type.historical(rules, self.market_share, settlement)).collect();
        let adjustments = self.adjustments(rules, &historical, settlement);
        settlement.rule("42 CFR § 425.605(a), § 425.610(a), § 425.660");
        let mut updated = 0.0;
        let mut terms = Vec::new();
        for ((of_type, historical), adjustment) in self.types.iter().zip(historical).zip(adjustments) {
            let level = PerCapita(historical.0 + adjustment.0);
            updated += of_type.share.value() * self.updated(of_type, rules, level, settlement).0;
            terms.push(format!("{{{0}: updated}} × {{{0}: share of person-years}}", of_type.name));
        }
        settlement.per_capita("updated benchmark per capita", terms.join(" + "), PerCapita(updated))
    }

    /// What is added to each type's historical benchmark.
    fn adjustments(
        &self,
        rules: &BenchmarkRules,
        historical: &[PerCapita],
        settlement: &mut Settlement,
    ) -> Vec<PerCapita> {
        settlement.rule("42 CFR § 425.656, § 425.658");
        let by_type = self.types.iter().zip(historical);
        let regional: Vec<PerCapita> =
            by_type.map(|(of_type, &historical)| of_type.regional_adjustment(rules, historical, settlement)).collect();
        let national = self.in_base_year("national expenditure", |index| self.types[index].national, settlement);
        let regional_total = self.in_base_year("regional adjustment", |index| regional[index], settlement);
        let prior = self.prior_savings_adjustment(rules, national, settlement);
        let how = match (prior, rules.negative_regional) {
            (Some(_), false) => "max(0, max({regional adjustment}, {prior-savings adjustment}))",
            (Some(_), true) => "max({regional adjustment}, {prior-savings adjustment})",
            (None, false) => "max(0, {regional adjustment})",
            (None, true) => "{regional adjustment}",
        };
        let adjustment = settlement.per_capita("final adjustment", how, rules.final_adjustment(regional_total, prior));
        // Where the regional adjustment holds, each type has its own; any other is the same for all.
        let regional_holds = adjustment == regional_total;
        let population = self.population_adjustment(rules, adjustment, national, settlement);
        let of_types = self.types.iter().zip(regional).map(|(of_type, regional)| {
            let name = &of_type.name;
            let (own, how) = if regional_holds {
                (regional, format!("{{{name}: regional adjustment}}"))
            } else {
                (adjustment, "{final adjustment}".to_owned())
            };
            let (amount, how) = match population {
                Some(population) if rules.population_adds => {
                    (own.0 + population.0, format!("{how} + {{population adjustment}}"))
                }
                Some(population) => (population.0, "{population adjustment}".to_owned()),
                None => (own.0, how),
            };
            settlement.per_capita(format!("{name}: adjustment"), how, PerCapita(amount))
        });
        of_types.collect()
    }

    /// A figure of every type, weighted by the type's share of the third base year.
    fn in_base_year(
        &self,
        name: &'static str,
        of_type: impl Fn(usize) -> PerCapita,
        settlement: &mut Settlement,
    ) -> PerCapita {
        let mut sum = 0.0;
        let mut terms = Vec::new();
        for (index, known) in self.types.iter().enumerate() {
            sum += known.base_share.value() * of_type(index).0;
            terms.push(format!("{} × {{{}: {name}}}", known.base_share.value(), known.name));
        }
        settlement.per_capita(name, terms.join(" + "), PerCapita(sum))
    }

    fn prior_savings_adjustment(
        &self,
        rules: &BenchmarkRules,
        national: PerCapita,
        settlement: &mut Settlement,
    ) -> Option<PerCapita> {
        let savings = self.prior_savings.filter(|_| rules.prior_savings_weight > Share::ZERO)?;
        settlement.per_capita("prior savings", AGREED, savings);
        settlement.share("prior-savings weight", AGREED, rules.prior_savings_weight.value());
        settlement.share("prior-savings cap", AGREED, rules.prior_savings_cap.value());
        let cap = rules.prior_savings_cap.value() * national.0;
        let how = "min({prior savings} × {prior-savings weight}, {prior-savings cap} × {national expenditure})";
        let amount = (rules.prior_savings_weight.value() * savings.0).min(cap);
        Some(settlement.per_capita("prior-savings adjustment", how, PerCapita(amount)))
    }

    /// The population adjustment; none where it does not apply, or is not added and not the highest.
    fn population_adjustment(
        &self,
        rules: &BenchmarkRules,
        adjustment: PerCapita,
        national: PerCapita,
        settlement: &mut Settlement,
    ) -> Option<PerCapita> {
        let threshold = rules
            .population_threshold
            .filter(|threshold| rounding::reaches(self.low_income_share.value(), threshold.value(), 1.0))?;
        settlement.rule("42 CFR § 425.662");
        settlement.share("low-income threshold", AGREED, threshold.value());
        settlement.share("low-income share", AGREED, self.low_income_share.value());
        settlement.share("population cap", AGREED, rules.population_cap.value());
        let cap = rules.population_cap.value() * national.0;
        let (how, room) = if rules.population_adds {
            let how = "{low-income share} × max(0, {population cap} × {national expenditure} - {final adjustment})";
            (how, (cap - adjustment.0).max(0.0))
        } else {
            ("{low-income share} × {population cap} × {national expenditure}", cap)
        };
        let amount = PerCapita(self.low_income_share.value() * room);
        settlement.per_capita("population adjustment", how, amount);
        (rules.population_adds || amount > adjustment).then_some(amount)
    }

    /// A type's benchmark at the risk and prices of the performance year.
    fn updated(
        &self,
        of_type: &TypeBenchmark,
        rules: &BenchmarkRules,
        level: PerCapita,
        settlement: &mut Settlement,
    ) -> PerCapita {
        let name = &of_type.name;
        settlement.number(format!("{name}: risk ratio"), OBSERVED, of_type.risk_ratio);
        let (ratio, how) = self.capped_ratio(of_type, rules);
        settlement.number(format!("{name}: risk ratio after its cap"), how, ratio);
        settlement.number(format!("{name}: national growth"), OBSERVED, of_type.national_update);
        settlement.number(format!("{name}: regional growth"), OBSERVED, of_type.regional_update);
        let two_way = BenchmarkRules::two_way(of_type.national_update, of_type.regional_update, self.market_share);
        let how = format!(
            "{{national weight}} × {{{name}: national growth}} + (1 - {{national weight}}) × {{{name}: regional growth}}"
        );
        settlement.number(format!("{name}: two-way update"), how, two_way);
        settlement.number(format!("{name}: prospective trend"), AGREED, of_type.prospective_update);
        let weight = format!("{name}: weight of the prospective trend");
        settlement.share(weight.clone(), AGREED, rules.prospective_weight.value());
        let how =
            format!("{{{weight}}} × {{{name}: prospective trend}} + (1 - {{{weight}}}) × {{{name}: two-way update}}");
        let update = rules.three_way(of_type.prospective_update, two_way);
        settlement.number(format!("{name}: update"), how, update);
        let how = format!(
            "({{{name}: historical}} + {{{name}: adjustment}}) × {{{name}: risk ratio after its cap}} × {{{name}: update}}"
        );
        let updated = settlement.per_capita(format!("{name}: updated"), how, PerCapita(level.0 * ratio * update));
        settlement.share(format!("{name}: share of person-years"), OBSERVED, of_type.share.value());
        updated
    }

    /// A type's risk ratio after its cap, and how it follows.
    fn capped_ratio(&self, of_type: &TypeBenchmark, rules: &BenchmarkRules) -> (f64, String) {
        let (aggregate, demographic) = (self.aggregate_risk_ratio, self.aggregate_demographic_ratio);
        let ratio = rules.capped_ratio(of_type.risk_ratio, aggregate, demographic);
        let cap = rules.risk_cap.value();
        let name = &of_type.name;
        let how = if !rules.risk_cap_aggregate {
            format!("min({{{name}: risk ratio}}, 1 + {cap})")
        } else if rounding::exceeds(aggregate, demographic + cap, aggregate) {
            format!("min({{{name}: risk ratio}}, {} + {cap})", figure(demographic))
        } else {
            format!("{{{name}: risk ratio}}")
        };
        (ratio, how)
    }
}

impl TypeBenchmark {
    /// Base years at the level of the third: trended and risk-adjusted, then weighted.
    fn historical(&self, rules: &BenchmarkRules, market_share: Share, settlement: &mut Settlement) -> PerCapita {
        let name = &self.name;
        let weights = [rules.first_weight, rules.second_weight, 1.0 - rules.first_weight - rules.second_weight];
        let mut levels = [0.0; 3];
        let mut terms = Vec::new();
        for (year, level) in levels.iter_mut().enumerate() {
            let trend = BenchmarkRules::two_way(self.national_trend[year], self.regional_trend[year], market_share);
            *level = self.base_years[year].0 * trend * self.risk_scores[2] / self.risk_scores[year];
            let base = format!("{name}: base year {}", year + 1);
            terms.push(format!(
                "{} × {{{base}}} × ({{national weight}} × {} + (1 - {{national weight}}) × {}) × {} / {}",
                figure(weights[year]),
                figure(self.national_trend[year]),
                figure(self.regional_trend[year]),
                figure(self.risk_scores[2]),
                figure(self.risk_scores[year])
            ));
            settlement.per_capita(base, OBSERVED, self.base_years[year]);
        }
        let historical = PerCapita(rules.weighted(levels));
        settlement.per_capita(format!("{name}: historical"), terms.join(" + "), historical)
    }

    fn regional_adjustment(
        &self,
        rules: &BenchmarkRules,
        historical: PerCapita,
        settlement: &mut Settlement,
    ) -> PerCapita {
        let name = &self.name;
        let cheaper = self.regional.0 > historical.0;
        let weight = if cheaper { rules.regional_weight_lower } else { rules.regional_weight_higher };
        settlement.per_capita(format!("{name}: regional expenditure"), OBSERVED, self.regional);
        settlement.per_capita(format!("{name}: national expenditure"), OBSERVED, self.national);
        let how = format!(
            "clamp({} × ({{{name}: regional expenditure}} - {{{name}: historical}}), -{} × {{{name}: national expenditure}}, {} × {{{name}: national expenditure}})",
            weight.value(),
            rules.regional_floor.value(),
            rules.regional_cap.value()
        );
        let adjustment = rules.regional_adjustment(historical, self.regional, self.national);
        settlement.per_capita(format!("{name}: regional adjustment"), how, adjustment)
    }
}
