//! What a benchmark of the Medicare Shared Savings Program is built from: three base years by enrollment type.

use twosided_form::{Section, figure};
use twosided_units::{PerCapita, Share};

use crate::{read, step::in_steps};

use super::benchmark_rules::BenchmarkRules;

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

/// Most enrollment types of one benchmark.
const MOST_TYPES: usize = 20;

impl BenchmarkConstruction {
    pub(super) fn read(section: Section<'_>, agreement_start: u16) -> Option<Self> {
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
