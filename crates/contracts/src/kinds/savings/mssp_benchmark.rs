//! The updated benchmark of the Medicare Shared Savings Program: given, or built from base years by enrollment type.
//!
//! # Source
//! 42 CFR § 425.650 to § 425.660 for agreements from 2024 on; the status of each number is in `docs/contracts.md`.

use twosided_form::{Section, figure};
use twosided_units::{Dollars, PerCapita, Share};

use crate::{AGREED, Settlement, read, rounding, rules::rules, step::in_steps};

/// Where the updated benchmark comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct MsspBenchmark {
    per_capita: PerCapita,
    two_way: Option<PerCapita>,
    construction: Option<Box<BenchmarkConstruction>>,
}

/// A benchmark built from three base years.
#[derive(Clone, Debug, PartialEq)]
pub struct BenchmarkConstruction {
    /// The numbers of the rule.
    pub rules: BenchmarkRules,
    /// The ACO's share of its region's assignable beneficiaries: the weight of national growth in trend and update.
    pub market_share: Share,
    /// Per-capita savings of the three years before the agreement, on average and prorated for growth.
    pub prior_savings: Option<PerCapita>,
    /// Share of assigned beneficiaries who are dually eligible or have the Part D low-income subsidy.
    pub low_income_share: Share,
    /// Growth of the ACO's risk scores over its whole population, performance year to third base year.
    pub aggregate_risk_ratio: f64,
    /// The same of its demographic scores.
    pub aggregate_demographic_ratio: f64,
    /// The enrollment types, by name.
    pub types: Vec<TypeBenchmark>,
}

/// One enrollment type of a benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeBenchmark {
    /// Its name, as steps carry it.
    pub name: String,
    /// Expenditure of each base year, truncated.
    pub base_years: [PerCapita; 3],
    /// Growth of national expenditure from each base year to the third.
    pub national_trend: [f64; 3],
    /// Growth of regional expenditure from each base year to the third.
    pub regional_trend: [f64; 3],
    /// Mean risk score of each base year.
    pub risk_scores: [f64; 3],
    /// National expenditure, which the caps on adjustments are shares of.
    pub national: PerCapita,
    /// Regional expenditure, risk-adjusted to the ACO.
    pub regional: PerCapita,
    /// Share of person-years in the third base year.
    pub base_share: Share,
    /// Share of person-years in the performance year.
    pub share: Share,
    /// Growth of the type's risk score, performance year to third base year.
    pub risk_ratio: f64,
    /// Projected national growth fixed at the start of the agreement (accountable care prospective trend).
    pub prospective_update: f64,
    /// Observed national growth to the performance year.
    pub national_update: f64,
    /// Observed regional growth to the performance year.
    pub regional_update: f64,
}

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

impl MsspBenchmark {
    /// A benchmark known per capita, as CMS publishes it.
    pub fn given(per_capita: PerCapita) -> Self {
        Self { per_capita, two_way: None, construction: None }
    }

    /// A benchmark built from base years.
    pub fn constructed(construction: BenchmarkConstruction) -> Self {
        let built = |weight| construction.built(weight, &mut Settlement::default());
        let weight = construction.rules.prospective_weight;
        let two_way = (weight > Share::ZERO).then(|| built(Share::ZERO));
        Self { per_capita: built(weight), two_way, construction: Some(Box::new(construction)) }
    }

    /// The updated benchmark.
    pub fn per_capita(&self) -> PerCapita {
        self.per_capita
    }

    /// The updated benchmark without the prospective trend, where there is one: the guardrail's.
    pub fn two_way(&self) -> Option<PerCapita> {
        self.two_way
    }

    /// The updated benchmark, with the steps that lead to it.
    pub(crate) fn tell(&self, settlement: &mut Settlement) -> PerCapita {
        match &self.construction {
            Some(construction) if settlement.is_explained() => {
                construction.built(construction.rules.prospective_weight, settlement)
            }
            _ => settlement.per_capita("updated benchmark per capita", AGREED, self.per_capita),
        }
    }

    /// The steps that lead to the updated benchmark without the prospective trend.
    pub(crate) fn tell_two_way(&self, settlement: &mut Settlement) {
        if let Some(construction) = self.construction.as_ref().filter(|_| settlement.is_explained()) {
            construction.built(Share::ZERO, settlement);
        }
    }

    pub(crate) fn read(section: &Section<'_>, agreement_start: u16) -> Option<Self> {
        section.require("benchmark", "give the target for expenditure, as benchmark = { per_capita = 11_800 }");
        let benchmark = section.section("benchmark")?;
        let read = benchmark.one_of(&["per_capita", "pmpm", "constructed"], |key| match key {
            "constructed" => {
                let construction = benchmark.section("constructed")?;
                let read = BenchmarkConstruction::read(construction, agreement_start).map(Self::constructed)?;
                let least = read.two_way.map_or(read.per_capita.0, |two_way| two_way.0.min(read.per_capita.0));
                if least < read::LEAST {
                    let message =
                        format!("{} comes to {} dollars a person-year", benchmark.path_of(key), figure(least));
                    let help =
                        format!("a benchmark is dollars, from {} on, after its adjustments", figure(read::LEAST));
                    benchmark.wrong(&benchmark.span_of(key), message, help);
                    return None;
                }
                Some(read)
            }
            unit => read::per_capita(&benchmark, unit).map(Self::given),
        });
        benchmark.finish();
        read
    }
}

/// Most enrollment types of one benchmark.
const MOST_TYPES: usize = 20;

impl BenchmarkConstruction {
    fn read(section: Section<'_>, agreement_start: u16) -> Option<Self> {
        let period = section.or("agreement_period", 1, |section| {
            let help = "agreement_period is the number of the ACO's agreement, from 1 to 20; from the fourth on nothing changes";
            Some(section.count("agreement_period", 1, 20, help)?.value)
        });
        let variant = ["1", "2", "3", "4"][period.unwrap_or(1).min(4) as usize - 1];
        let rules = BenchmarkRules::read(&section, agreement_start, variant);
        let market_share = read::share(&section, "market_share", "market_share = 0.12");
        let prior_savings = section.or("prior_savings", None, |section| {
            let help = "prior_savings is dollars a person-year, from -100,000 to 100,000";
            Some(Some(PerCapita(section.number_within("prior_savings", -100_000.0, 100_000.0, help)?.value)))
        });
        let low_income_share = read::share_or(&section, "low_income_share", Share::ZERO);
        let aggregate_risk_ratio = read::number_or(&section, "aggregate_risk_ratio", 1.0, 0.1, 10.0);
        let aggregate_demographic_ratio = read::number_or(&section, "aggregate_demographic_ratio", 1.0, 0.1, 10.0);
        section.require("types", "give each enrollment type, as types = [{ name = \"aged_non_dual\", … }]");
        let types = section.each("types", MOST_TYPES, TypeBenchmark::read);
        // Sums over types do not depend on their order in the file.
        let types = types.map(|mut types| {
            types.sort_by(|one, other| one.name.cmp(&other.name));
            types
        });
        let types = types.filter(|types| shares_add_up(&section, types));
        let weights = rules.as_ref().is_none_or(|rules| rules.first_weight + rules.second_weight <= 1.0 + 1e-9);
        if !weights {
            let message = format!("{}: first_weight and second_weight add to more than 1", section.path);
            section.wrong(&section.span_of("first_weight"), message, "the third base year has what they leave of 1");
        }
        section.finish();
        Some(Self {
            rules: rules.filter(|_| weights)?,
            market_share: market_share?,
            prior_savings: prior_savings?,
            low_income_share: low_income_share?,
            aggregate_risk_ratio: aggregate_risk_ratio?,
            aggregate_demographic_ratio: aggregate_demographic_ratio?,
            types: types?,
        })
    }
}

/// Notes shares of person-years that do not add to one.
fn shares_add_up(section: &Section<'_>, types: &[TypeBenchmark]) -> bool {
    let sums = [
        ("base_share", types.iter().map(|of_type| of_type.base_share.value()).sum::<f64>()),
        ("share", types.iter().map(|of_type| of_type.share.value()).sum::<f64>()),
    ];
    for (key, sum) in sums {
        if (sum - 1.0).abs() > 1e-6 {
            let message = format!("{}.types: `{key}` of all types adds to {}", section.path, figure(sum));
            section.wrong(&section.span_of("types"), message, "shares of person-years add to 1");
            return false;
        }
    }
    true
}

impl TypeBenchmark {
    fn read(section: Section<'_>) -> Option<Self> {
        let name = section.name("name");
        let triple = |key: &'static str, low: f64, high: f64, as_in: &str| {
            section.require(key, &format!("give the three base years, as {as_in}"));
            let help = format!("{key} holds numbers from {} to {}, one a base year", figure(low), figure(high));
            let numbers = section.numbers(key, low, high, &help)?;
            let triple: Option<[f64; 3]> = numbers.as_slice().try_into().ok();
            if triple.is_none() {
                let message = format!("{} has {} numbers", section.path_of(key), numbers.len());
                section.wrong(&section.span_of(key), message, format!("write three, as {as_in}"));
            }
            triple
        };
        let base_years = triple("base_years", 1.0, 1e7, "[10_000, 10_500, 11_000]");
        let flat = [1.0; 3];
        let trend = |key| section.or(key, flat, |_| triple(key, 0.1, 10.0, "[1.08, 1.04, 1.0]"));
        let (national_trend, regional_trend) = (trend("national_trend"), trend("regional_trend"));
        let risk_scores = section.or("risk_scores", flat, |_| triple("risk_scores", 0.01, 100.0, "[1.01, 1.02, 1.03]"));
        let national = read::number(&section, "national", 1.0, 1e7, "national = 12_500");
        let regional = read::number(&section, "regional", 1.0, 1e7, "regional = 12_000");
        let base_share = read::share(&section, "base_share", "base_share = 0.8");
        let share = read::share(&section, "share", "share = 0.8");
        let risk_ratio = read::number_or(&section, "risk_ratio", 1.0, 0.1, 10.0);
        let prospective_update = read::number_or(&section, "prospective_update", 1.0, 0.1, 10.0);
        let national_update = read::number_or(&section, "national_update", 1.0, 0.1, 10.0);
        let regional_update = read::number_or(&section, "regional_update", 1.0, 0.1, 10.0);
        section.finish();
        Some(Self {
            name: in_steps(&name?.value),
            base_years: base_years?.map(PerCapita),
            national_trend: national_trend?,
            regional_trend: regional_trend?,
            risk_scores: risk_scores?,
            national: PerCapita(national?),
            regional: PerCapita(regional?),
            base_share: base_share?,
            share: share?,
            risk_ratio: risk_ratio?,
            prospective_update: prospective_update?,
            national_update: national_update?,
            regional_update: regional_update?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(value: f64) -> Share {
        Share::new(value).expect("a share")
    }

    /// One type whose base years are level, dearer than its region or cheaper.
    fn construction(regional: f64, agreement_start: u16) -> BenchmarkConstruction {
        BenchmarkConstruction {
            rules: BenchmarkRules::of(agreement_start, "1").expect("a first agreement has rules"),
            market_share: share(0.2),
            prior_savings: None,
            low_income_share: Share::ZERO,
            aggregate_risk_ratio: 1.0,
            aggregate_demographic_ratio: 1.0,
            types: vec![TypeBenchmark {
                name: "aged".to_owned(),
                base_years: [PerCapita(11_000.0); 3],
                national_trend: [1.0; 3],
                regional_trend: [1.0; 3],
                risk_scores: [1.0; 3],
                national: PerCapita(12_500.0),
                regional: PerCapita(regional),
                base_share: Share::ONE,
                share: Share::ONE,
                risk_ratio: 1.02,
                prospective_update: 1.045,
                national_update: 1.05,
                regional_update: 1.03,
            }],
        }
    }

    #[test]
    fn a_benchmark_is_history_adjusted_at_this_years_risk_and_price() {
        let built = MsspBenchmark::constructed(construction(12_000.0, 2024));
        // 35% of 1,000 is added; two thirds of 1.034 and a third of 1.045 update it.
        let update = (1.045 + 2.0 * 1.034) / 3.0;
        assert!((built.per_capita().0 - 11_350.0 * 1.02 * update).abs() < 1e-9);
        assert!((built.two_way().expect("it has a prospective trend").0 - 11_350.0 * 1.02 * 1.034).abs() < 1e-9);
    }

    #[test]
    fn a_dearer_aco_keeps_its_history_from_2024_on_and_loses_before() {
        let per_capita = |start| MsspBenchmark::constructed(construction(10_000.0, start)).per_capita().0;
        let update = (1.045 + 2.0 * 1.034) / 3.0;
        assert!((per_capita(2024) - 11_000.0 * 1.02 * update).abs() < 1e-9);
        assert!((per_capita(2022) - (11_000.0 - 150.0) * 1.02 * 1.034).abs() < 1e-9);
        assert_eq!(MsspBenchmark::constructed(construction(10_000.0, 2022)).two_way(), None);
    }

    #[test]
    fn prior_savings_and_low_income_raise_a_benchmark_within_their_cap() {
        let prior = BenchmarkConstruction { prior_savings: Some(PerCapita(900.0)), ..construction(12_000.0, 2025) };
        let update = 1.02 * (1.045 + 2.0 * 1.034) / 3.0;
        let of = |construction: BenchmarkConstruction| MsspBenchmark::constructed(construction).per_capita().0 / update;
        assert!((of(prior.clone()) - 11_450.0).abs() < 1e-9, "half of 900 beats 350");
        let poor = BenchmarkConstruction { low_income_share: share(0.4), ..prior };
        assert!((of(poor.clone()) - (11_450.0 + 0.4 * (625.0 - 450.0))).abs() < 1e-9);
        let below = BenchmarkConstruction { low_income_share: share(0.1), ..poor };
        assert!((of(below) - 11_450.0).abs() < 1e-9);
    }
}
