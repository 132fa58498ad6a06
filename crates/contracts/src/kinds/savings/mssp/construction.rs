//! What a benchmark of the Medicare Shared Savings Program is built from: three base years by enrollment type.

use twosided_form::{
    Key, List,
    Literal::{Number, Whole},
    Range, Section, Status, Unit, figure, keys,
};
use twosided_units::{PerCapita, Share};

use crate::step::in_steps;

use super::benchmark_rules::BenchmarkRules;

keys! {
    /// A benchmark built from three base years.
    pub(crate) struct ConstructionKeys "terms.mssp.benchmark.constructed" with [BenchmarkRules::KEYS] {
        AGREEMENT_PERIOD: u16 = Key::whole("agreement_period", 1, 20).default(Whole(1))
            .meaning("which agreement of the ACO it is").more("From the fourth on nothing changes");
        MARKET_SHARE: Share = Key::share("market_share").required("0.12")
            .meaning("the ACO's share of its region's assignable beneficiaries").more("It is the weight of national growth");
        PRIOR_SAVINGS: PerCapita =
            Key::quantity("prior_savings", Unit::PER_PERSON_YEAR, Range::of(-100_000.0, 100_000.0)).absent("none", "90")
                .meaning("the mean savings of the three years before the agreement, prorated")
                .more("How they are averaged and prorated needs checking").status(Status::Unconfirmed);
        LOW_INCOME_SHARE: Share = Key::share("low_income_share").default(Number(0.0))
            .meaning("the share of assigned beneficiaries who are dually eligible or have the Part D subsidy");
        AGGREGATE_RISK_RATIO: f64 = Key::number("aggregate_risk_ratio", GROWTH).default(Number(1.0))
            .meaning("the growth of the ACO's risk scores over its whole population, third base year to performance year");
        AGGREGATE_DEMOGRAPHIC_RATIO: f64 = Key::number("aggregate_demographic_ratio", GROWTH).default(Number(1.0))
            .meaning("the growth of its demographic scores, likewise");
        TYPES: List = Key::tables("types", TypeKeys::TABLE, MOST_TYPES)
            .required("[{ name = \"aged non-dual\", base_years = [10_000, 10_400, 10_900], national = 11_500, regional = 11_900, base_share = 1, share = 1 }]")
            .ask("give each enrollment type, as types = [{ name = \"aged_non_dual\", … }]")
            .meaning("the enrollment types");
    }
}

keys! {
    /// An enrollment type of a benchmark.
    pub(crate) struct TypeKeys "terms.mssp.benchmark.constructed.types" {
        NAME: String = Key::name();
        BASE_YEARS: Vec<f64> = Key::numbers("base_years", Range::of(1.0, 1e7)).unit(Unit::PER_PERSON_YEAR)
            .required("[10_000, 10_500, 11_000]")
            .meaning("the expenditure of each of the three base years, truncated and annualized");
        NATIONAL_TREND: Vec<f64> = Key::numbers("national_trend", GROWTH).absent(FLAT, "[1.08, 1.04, 1.0]")
            .meaning("the growth of national expenditure from each of the three base years to the third");
        REGIONAL_TREND: Vec<f64> = Key::numbers("regional_trend", GROWTH).absent(FLAT, "[1.08, 1.04, 1.0]")
            .meaning("the growth of regional expenditure from each of the three base years to the third");
        RISK_SCORES: Vec<f64> = Key::numbers("risk_scores", Range::of(0.01, 100.0)).absent(FLAT, "[1.01, 1.02, 1.03]")
            .meaning("the mean risk score of each of the three base years");
        NATIONAL: PerCapita = Key::quantity("national", Unit::PER_PERSON_YEAR, Range::of(1.0, 1e7)).required("12_500")
            .meaning("national expenditure, of which the caps on adjustments are shares");
        REGIONAL: PerCapita = Key::quantity("regional", Unit::PER_PERSON_YEAR, Range::of(1.0, 1e7)).required("12_000")
            .meaning("regional expenditure, risk-adjusted to the ACO");
        BASE_SHARE: Share = Key::share("base_share").required("0.8")
            .meaning("the share of person-years in the third base year").more("Those of all types add to 1");
        SHARE: Share = Key::share("share").required("0.8")
            .meaning("the share of person-years in the performance year").more("Those of all types add to 1");
        RISK_RATIO: f64 = Key::number("risk_ratio", GROWTH).default(Number(1.0))
            .meaning("the growth of the type's risk score, third base year to performance year");
        PROSPECTIVE_UPDATE: f64 = Key::number("prospective_update", GROWTH).default(Number(1.0))
            .meaning("the projected national growth fixed at the start of the agreement (accountable care prospective trend)");
        NATIONAL_UPDATE: f64 = Key::number("national_update", GROWTH).default(Number(1.0))
            .meaning("the observed national growth to the performance year");
        REGIONAL_UPDATE: f64 = Key::number("regional_update", GROWTH).default(Number(1.0))
            .meaning("the observed regional growth to the performance year");
    }
}

/// The range of a factor of growth.
const GROWTH: Range = Range::of(0.1, 10.0);

/// What holds of three base years where nothing is given.
const FLAT: &str = "`[1, 1, 1]`";

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
        type Keys = ConstructionKeys;
        let period = section.read(&Keys::AGREEMENT_PERIOD);
        let variant = ["1", "2", "3", "4"][usize::from(period.unwrap_or(1).min(4)) - 1];
        let rules = BenchmarkRules::read(&section, agreement_start, variant);
        let market_share = section.read(&Keys::MARKET_SHARE);
        let prior_savings = section.optional(&Keys::PRIOR_SAVINGS);
        let low_income_share = section.read(&Keys::LOW_INCOME_SHARE);
        let aggregate_risk_ratio = section.read(&Keys::AGGREGATE_RISK_RATIO);
        let aggregate_demographic_ratio = section.read(&Keys::AGGREGATE_DEMOGRAPHIC_RATIO);
        let types = section.tables(&Keys::TYPES, TypeBenchmark::read);
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
        (TypeKeys::BASE_SHARE.name, types.iter().map(|of_type| of_type.base_share.value()).sum::<f64>()),
        (TypeKeys::SHARE.name, types.iter().map(|of_type| of_type.share.value()).sum::<f64>()),
    ];
    for (key, sum) in sums {
        if (sum - 1.0).abs() > 1e-6 {
            let types = ConstructionKeys::TYPES.name;
            let message = format!("{}: `{key}` of all types adds to {}", section.path_of(types), figure(sum));
            section.wrong(&section.span_of(types), message, "shares of person-years add to 1");
            return false;
        }
    }
    true
}

/// Reads a number of each base year.
fn triple(section: &Section<'_>, key: &Key<Vec<f64>>) -> Option<[f64; 3]> {
    let numbers = section.read(key)?;
    let triple = numbers.as_slice().try_into().ok();
    if triple.is_none() {
        let message = format!("{} has {} numbers", section.path_of(key.name), numbers.len());
        section.wrong(&section.span_of(key.name), message, format!("write three, as {}", key.example()));
    }
    triple
}

impl TypeBenchmark {
    fn read(section: Section<'_>) -> Option<Self> {
        type Keys = TypeKeys;
        let name = section.read_at(&Keys::NAME);
        let base_years = triple(&section, &Keys::BASE_YEARS);
        let flat_or = |key: &Key<Vec<f64>>| if section.has(key.name) { triple(&section, key) } else { Some([1.0; 3]) };
        let (national_trend, regional_trend) = (flat_or(&Keys::NATIONAL_TREND), flat_or(&Keys::REGIONAL_TREND));
        let risk_scores = flat_or(&Keys::RISK_SCORES);
        let national = section.read(&Keys::NATIONAL);
        let regional = section.read(&Keys::REGIONAL);
        let base_share = section.read(&Keys::BASE_SHARE);
        let share = section.read(&Keys::SHARE);
        let risk_ratio = section.read(&Keys::RISK_RATIO);
        let prospective_update = section.read(&Keys::PROSPECTIVE_UPDATE);
        let national_update = section.read(&Keys::NATIONAL_UPDATE);
        let regional_update = section.read(&Keys::REGIONAL_UPDATE);
        section.finish();
        Some(Self {
            name: in_steps(&name?.value),
            base_years: base_years?.map(PerCapita),
            national_trend: national_trend?,
            regional_trend: regional_trend?,
            risk_scores: risk_scores?,
            national: national?,
            regional: regional?,
            base_share: base_share?,
            share: share?,
            risk_ratio: risk_ratio?,
            prospective_update: prospective_update?,
            national_update: national_update?,
            regional_update: regional_update?,
        })
    }
}
