//! What is allowed and likely to be meant otherwise: percents written as shares, a month's dollars for a year's, thousands for
//! dollars.

use std::collections::BTreeMap;

use twosided_contracts::{Arrangement, Covered, Phase, Terms};
use twosided_form::{At, Warnings, figure};
use twosided_population::{Population, ServiceScope};
use twosided_provider::PayerKind;
use twosided_units::Dollars;

use crate::Scenario;

/// What a key's value is likely to be; anything else is warned of. Zero always means that there is none.
#[derive(Clone, Copy)]
enum Likely {
    /// Within a range.
    Within(f64, f64),
    /// Within a range on either side of zero.
    Near(f64),
    /// Dollars, at least this many.
    From(f64),
    /// Dollars per member per month, as a multiple of what the contract's services are expected to cost.
    OfServices(f64, f64),
    /// The same of a person-year.
    OfServicesAYear(f64, f64),
    /// Dollars per member per month, as a multiple of what everything is expected to cost.
    OfEverything(f64, f64),
    /// The same of a person-year.
    OfEverythingAYear(f64, f64),
    /// Dollars of a year in all, as a multiple of what the contract's services are expected to cost everyone.
    OfServicesInAll(f64, f64),
}

use Likely::{From, Near, OfEverything, OfEverythingAYear, OfServices, OfServicesAYear, OfServicesInAll, Within};

const TREND: &str = "a trend is a factor a year: four percent up is 1.04";
const SPREAD: &str = "it is a share of the mean: two percent is 0.02";
const FACTOR: &str = "a factor is near 1: two percent up is 1.02";
const SCORE: &str = "a risk score is near 1";
const DOLLARS: &str = "it is in dollars, not in thousands";
const PERSON_YEAR: &str = "it is dollars a person-year, neither thousands nor a month's";
const EPISODE: &str = "it is dollars an episode, not thousands";
const PMPM: &str = "it is dollars per member per month";
const PER_CAPITA: &str = "it is dollars a person-year";
const COVER_SHARE: &str = "it is the share that the cover pays, and not the share that is left to the provider";
const RATE: &str = "it is a share of the benchmark: two percent is 0.02";
const PERCENT: &str = "it is a share: five percent is 0.05";
const LOSS_RATIO: &str = "a medical loss ratio is a share of premium or capitation, as 0.85";
const POINTS: &str = "a score is from 0 to 100, and not a share";
const RATIO: &str = "it is a ratio near 1";

/// The last parts of a key's path, and what its value is likely to be; `*` is any part. The first that fits counts.
const RULES: &[(&str, Likely, &str)] = &[
    ("population.trend.mean", Within(0.8, 1.25), TREND),
    ("population.trend.cv", Within(0.0, 0.15), SPREAD),
    ("system.factors.*.mean", Within(0.5, 2.0), FACTOR),
    ("system.factors.*.cv", Within(0.0, 0.5), SPREAD),
    ("organization.*.mean", Within(0.7, 1.4), FACTOR),
    ("organization.*.sd", Within(0.0, 0.2), "it is a standard deviation of a factor near 1: three percent is 0.03"),
    ("segments.risk_score", Within(0.1, 15.0), SCORE),
    ("segments.risk_score.mean", Within(0.1, 15.0), SCORE),
    ("risk_score.coding_growth", Near(0.1), "it is a relative growth a year: one percent is 0.01"),
    ("truncation_point", Within(10_000.0, 5e6), PERSON_YEAR),
    ("mortality.probability", Within(0.0, 0.35), "it is the chance of dying in a year: four percent is 0.04"),
    ("turnover.rate", Within(0.0, 0.7), "it is the share of people who leave in a year: twelve percent is 0.12"),
    ("frequency.*.mean", Within(0.0, 100.0), "it is events per person-year: 280 for 1,000 people are 0.28"),
    ("provider.fixed_cost", From(1_000.0), DOLLARS),
    ("fees.sequestration", Within(0.0, 0.1), "it is a share: two percent is 0.02"),
    ("fees.cost_share", Within(0.0, 0.5), "it is the patient's share of the allowed amount: twenty percent is 0.2"),
    ("effect.*.mean", Near(0.5), "it is a relative change: six percent fewer is -0.06"),
    ("effect.*.sd", Within(0.0, 0.5), "it is of a relative change: three percent is 0.03"),
    ("administration_pmpm", OfEverything(0.0, 0.3), PMPM),
    ("agreement.benchmark_update", Within(0.8, 1.25), "it is a factor a year: 3.5% up is 1.035"),
    ("risk_adjustment.cap", Within(0.001, 0.2), "it is a share: three percent is 0.03"),
    ("risk_adjustment.floor", Within(0.001, 0.2), "it is a share: three percent is 0.03"),
    ("risk_adjustment.normalization", Near(0.1), "it is a growth a year: one percent is 0.01"),
    ("rebasing.prior_savings_cap", Within(0.001, 0.2), PERCENT),
    ("ends.cumulative_loss", From(1_000.0), DOLLARS),
    ("minimum_rate", Within(0.001, 0.1), RATE),
    ("up_to", Within(0.001, 1.0), "it is a share of the base: three percent is 0.03"),
    ("savings.limit", Within(0.005, 0.5), RATE),
    ("losses.limit", Within(0.005, 0.5), RATE),
    ("gains.limit", Within(0.005, 0.5), RATE),
    ("discount", Within(0.001, 0.2), "it is a share of the price: two percent is 0.02"),
    ("attachment_point", From(5_000.0), PERSON_YEAR),
    ("lasers.*", From(5_000.0), PERSON_YEAR),
    ("specific.limit", From(5_000.0), PERSON_YEAR),
    ("aggregate.limit", From(10_000.0), DOLLARS),
    ("aggregating_deductible", From(1_000.0), DOLLARS),
    ("coinsurance", Within(0.5, 1.0), COVER_SHARE),
    ("specific.premium_pmpm", OfEverything(0.0, 0.25), PMPM),
    ("aggregate.premium_pmpm", OfEverything(0.0, 0.25), PMPM),
    ("attachment_ratio", Within(0.9, 2.5), "it is a ratio to expected claims: 110% is 1.1"),
    (TO_DATE, OfServicesAYear(0.6, 1.6), "it is what has been spent so far, per person-year of the whole year"),
    ("expected_pmpm", OfServices(0.4, 2.5), PMPM),
    ("benchmark.per_capita", OfServicesAYear(0.4, 2.5), PER_CAPITA),
    ("benchmark.pmpm", OfServices(0.4, 2.5), PMPM),
    ("target.per_capita", OfEverythingAYear(0.4, 2.5), PER_CAPITA),
    ("target.pmpm", OfEverything(0.4, 2.5), PMPM),
    ("base_years", Within(1_500.0, 300_000.0), PERSON_YEAR),
    ("national", Within(1_500.0, 300_000.0), PERSON_YEAR),
    ("regional", Within(1_500.0, 300_000.0), PERSON_YEAR),
    ("constructed.prior_savings", Near(5_000.0), PERSON_YEAR),
    ("lead.prior_savings", Near(5_000.0), PERSON_YEAR),
    ("national_trend", Within(0.5, 2.0), FACTOR),
    ("regional_trend", Within(0.5, 2.0), FACTOR),
    ("national_update", Within(0.5, 2.0), FACTOR),
    ("regional_update", Within(0.5, 2.0), FACTOR),
    ("prospective_update", Within(0.5, 2.0), FACTOR),
    ("prospective_trend", Within(0.5, 2.0), FACTOR),
    ("retrospective_trend", Within(0.5, 2.0), FACTOR),
    ("care_management.pmpm", OfEverything(0.0, 0.3), PMPM),
    ("primary_care_capitation.pmpm", OfServices(0.0, 2.5), PMPM),
    ("terms.capitation.pmpm", OfServices(0.4, 2.5), PMPM),
    ("medicaid_corridor.pmpm", OfServices(0.4, 2.5), PMPM),
    ("reach.capitation.pmpm", OfEverything(0.0, 1.5), PMPM),
    ("premium_pmpm", OfEverything(0.4, 4.0), PMPM),
    ("county_fee_for_service_pmpm", OfEverything(0.3, 3.0), PMPM),
    ("bid_pmpm", OfEverything(0.3, 3.0), PMPM),
    ("pre_aca_cap_pmpm", OfEverything(0.3, 3.0), PMPM),
    ("budget_pmpm", OfServices(0.05, 2.5), PMPM),
    ("hospital_global_budget.budget", OfServicesInAll(0.05, 2.5), "it is dollars a year for everyone"),
    ("percent_of_premium", Within(0.3, 1.0), "it is a share: 85% is 0.85"),
    ("target_medical_loss_ratio", Within(0.5, 1.2), LOSS_RATIO),
    ("minimum_medical_loss_ratio", Within(0.5, 1.0), LOSS_RATIO),
    ("final_score", Within(1.5, 100.0), POINTS),
    ("composite_quality_score", Within(1.5, 100.0), POINTS),
    ("total_performance_score", Within(1.5, 100.0), POINTS),
    ("pool_share", Within(0.001, 0.3), PERCENT),
    ("excess_readmission_ratio", Within(0.3, 3.0), RATIO),
    ("peer_median", Within(0.3, 3.0), RATIO),
    ("geographic_adjustment", Within(0.3, 3.0), RATIO),
    ("risk_score.raw", Within(0.1, 15.0), SCORE),
    ("medicare_advantage.risk_score", Within(0.1, 15.0), SCORE),
    ("participant_revenue", From(100_000.0), DOLLARS),
    ("advance_balance", From(1_000.0), DOLLARS),
    ("guarantee_fee", Within(0.0001, 0.2), PERCENT),
    ("repayment_fee", Within(0.0001, 0.2), PERCENT),
    ("price", From(200.0), EPISODE),
    ("target_price", From(200.0), EPISODE),
    ("target.baseline", From(200.0), EPISODE),
    ("episode_limit", From(1_000.0), EPISODE),
    ("*_pmpm", OfEverything(0.0, 1.0), PMPM),
];

/// People from which a minimum rate above a tenth is not to be expected; of fewer, CMS's variable rate may be.
const FEW: u64 = 1_000;
/// Dollars a person-year between which segments are expected to cost.
const SEGMENT: (f64, f64) = (100.0, 400_000.0);

/// What has been spent so far of a year of which a share has happened.
const TO_DATE: &str = "year_to_date.per_capita";

/// What is written where a benchmark may fall without a floor.
const NO_FLOOR: (&str, f64) = ("risk_adjustment.floor", 1.0);

/// Notes every value that is likely to be meant otherwise.
pub(crate) fn note(warnings: &mut Warnings, figures: &[(String, At<f64>)], scenario: &Scenario) {
    let everyone = Spending::of(&scenario.population);
    for (path, at) in figures {
        let parts = parts(path);
        let Some((key, likely, why)) = RULES.iter().find(|(key, ..)| fits(&parts, key)) else { continue };
        let exempt = at.value == 0.0
            || (*key == "minimum_rate" && scenario.population.members() < FEW)
            || (*key == NO_FLOOR.0 && at.value == NO_FLOOR.1)
            // Patients who pay themselves share nothing with anyone.
            || entry(path, "payers").is_some_and(|payer| {
                scenario.provider.payers.get(payer).is_some_and(|payer| payer.kind == PayerKind::SelfPay)
            });
        if exempt {
            continue;
        }
        let contract = contract(scenario, path);
        let of_covered = contract.and_then(|contract| Spending::of_covered(scenario, contract));
        let spending = of_covered.as_ref().unwrap_or(&everyone);
        let phase = contract.and_then(|contract| phase(contract, path));
        let services = || phase.map_or(ServiceScope::All, Phase::services);
        let score = phase.map_or(1.0, |phase| multiplier(&phase.terms, key));
        let stated = match *key {
            _ if score == 1.0 => "",
            TO_DATE => " so far",
            _ => " at a risk score of 1",
        };
        if let Some(reason) = likely.doubt(at.value, why, &Compared { spending, score, stated }, &services) {
            warnings.note(path, format!("{path} is {}", figure(at.value)), reason);
        }
    }
    let trend = scenario.population.system().trend.mean();
    for (index, segment) in (1..).zip(scenario.population.segments()) {
        let mean = segment.mean().0 * trend;
        if !(SEGMENT.0..=SEGMENT.1).contains(&mean) {
            let (low, high) = SEGMENT;
            let doubt = if mean < low { "low" } else { "high" };
            let message = format!(
                "segment \"{}\" is expected to cost {} a person-year, which is suspiciously {doubt}: {} to {} are usual",
                segment.name,
                Dollars(mean),
                Dollars(low),
                Dollars(high)
            );
            let reason = "severities and annual amounts are dollars, and frequencies events per person-year";
            warnings.note(&format!("population.segments[{index}].services"), message, reason);
        }
    }
}

impl Likely {
    /// Why a value is not likely, if it is not.
    fn doubt(
        self,
        value: f64,
        why: &str,
        &Compared { spending, score, stated }: &Compared<'_>,
        services: &dyn Fn() -> ServiceScope,
    ) -> Option<String> {
        let compared = |expected: f64, low: f64, high: f64, unit: &str| {
            let expected = expected / score;
            let ratio = value / expected;
            if (low..=high).contains(&ratio) || expected <= 0.0 {
                return None;
            }
            let slip = match ratio {
                6.0..=24.0 => "; is it a year's amount?",
                0.04..0.17 => "; is it a month's amount?",
                _ => "",
            };
            Some(format!("{why}; {} {unit} is expected to be spent{stated}{slip}", Dollars(expected)))
        };
        let all = ServiceScope::All;
        match self {
            Within(low, high) if (low..=high).contains(&value) => None,
            Near(most) if value.abs() <= most => None,
            From(least) if value >= least => None,
            Within(..) | Near(_) | From(_) => Some(why.to_owned()),
            OfServices(low, high) => compared(spending.pmpm(&services()), low, high, "PMPM"),
            OfServicesAYear(low, high) => compared(12.0 * spending.pmpm(&services()), low, high, "a person-year"),
            OfEverything(low, high) => compared(spending.pmpm(&all), low, high, "PMPM"),
            OfEverythingAYear(low, high) => compared(12.0 * spending.pmpm(&all), low, high, "a person-year"),
            OfServicesInAll(low, high) => {
                compared(12.0 * spending.pmpm(&services()) * spending.people, low, high, "a year")
            }
        }
    }
}

/// What a value is compared with.
struct Compared<'a> {
    spending: &'a Spending,
    /// What the contract multiplies the value by.
    score: f64,
    /// What is said of the expected spending for that reason.
    stated: &'static str,
}

/// The risk score, or what stands for one, by which a contract multiplies the value of a rule's key: it is then stated for people
/// of a score of one. What has been spent so far makes a whole year by the inverse of the share that has happened.
fn multiplier(terms: &Terms, key: &str) -> f64 {
    let is_benchmark = matches!(key, "benchmark.per_capita" | "benchmark.pmpm");
    let score = match terms {
        Terms::Reach(terms) if is_benchmark => terms.risk_score.map(|score| {
            score.benchmark_score(terms.score_rules.risk_score_cap, terms.score_rules.growth_cap_since_2019)
        }),
        Terms::Lead(terms) if is_benchmark => {
            terms.risk_score.map(|score| score.benchmark_score(terms.rules.risk_score_cap, None))
        }
        Terms::MedicareAdvantage(terms) => {
            let is_of_one = matches!(key, "county_fee_for_service_pmpm" | "bid_pmpm" | "pre_aca_cap_pmpm");
            is_of_one.then_some(terms.risk_score)
        }
        Terms::Mssp(terms) => {
            let to_date = terms.year_to_date.filter(|_| key == TO_DATE);
            to_date.map(|to_date| 1.0 / to_date.share.value())
        }
        Terms::CareManagement(terms) => (key == "care_management.pmpm").then_some(terms.risk_multiplier),
        Terms::Reach(_)
        | Terms::Lead(_)
        | Terms::FeeForService(_)
        | Terms::Mips(_)
        | Terms::PayForPerformance(_)
        | Terms::Hrrp(_)
        | Terms::HospitalVbp(_)
        | Terms::SharedSavings(_)
        | Terms::Bundle(_)
        | Terms::BpciAdvanced(_)
        | Terms::Cjr(_)
        | Terms::Team(_)
        | Terms::ProspectiveBundle(_)
        | Terms::PrimaryCareFirst(_)
        | Terms::PrimaryCareCapitation(_)
        | Terms::SharedRiskPool(_)
        | Terms::HospitalGlobalBudget(_)
        | Terms::Capitation(_)
        | Terms::MedicaidCorridor(_) => None,
    };
    score.filter(|score| *score > 0.0).unwrap_or(1.0)
}

/// What is about expected to be spent: before deaths, turnover and factors.
struct Spending {
    people: f64,
    /// Dollars per member per month of each service.
    by_service: BTreeMap<String, f64>,
}

impl Spending {
    /// Of those whom a contract covers; none where that is everyone.
    fn of_covered(scenario: &Scenario, contract: &Arrangement) -> Option<Self> {
        if contract.covered == Covered::Everyone {
            return None;
        }
        let segments = scenario.population.segments();
        let covered = scenario.population.clone().only(|index| contract.covered.includes(&segments[index]))?;
        Some(Self::of(&covered))
    }

    fn of(population: &Population) -> Self {
        let people = population.members() as f64;
        let trend = population.system().trend.mean();
        let mut by_service = BTreeMap::new();
        for segment in population.segments() {
            for (index, service) in segment.services.iter().enumerate() {
                let cost = segment.members as f64 * segment.mean_of(index).0 * trend / people / 12.0;
                *by_service.entry(service.name.clone()).or_insert(0.0) += cost;
            }
        }
        Self { people, by_service }
    }

    fn pmpm(&self, services: &ServiceScope) -> f64 {
        self.by_service.iter().filter(|(name, _)| services.includes(name)).map(|(_, cost)| cost).sum()
    }
}

/// The keys of a path, without the places of entries.
fn parts(path: &str) -> Vec<&str> {
    path.split('.').map(|part| part.split_once('[').map_or(part, |(key, _)| key)).collect()
}

/// Whether a path ends as a rule says.
fn fits(parts: &[&str], rule: &str) -> bool {
    let mut wanted = rule.rsplit('.');
    let mut found = parts.iter().rev();
    wanted.all(|wanted| {
        found.next().is_some_and(|part| match wanted.strip_prefix('*') {
            Some(end) => part.ends_with(end),
            None => *part == wanted,
        })
    })
}

/// The contract in whose table a path lies.
fn contract<'s>(scenario: &'s Scenario, path: &str) -> Option<&'s Arrangement> {
    scenario.contracts.get(entry(path, "contracts")?)
}

/// The phase of a contract in whose table a path lies.
fn phase<'s>(contract: &'s Arrangement, path: &str) -> Option<&'s Phase> {
    contract.phases().get(entry(path, "later").map_or(0, |later| later + 1))
}

/// The entry of a list in which a path lies, counted from 0.
fn entry(path: &str, list: &str) -> Option<usize> {
    let (_, rest) = path.split_once(&format!("{list}["))?;
    rest.split_once(']')?.0.parse::<usize>().ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_fits_the_end_of_a_path() {
        let fits = |path: &str, rule: &str| super::fits(&parts(path), rule);
        assert!(fits("contracts[2].covers.specific.attachment_point", "specific.attachment_point"));
        assert!(fits("system.factors[1].lognormal.mean", "system.factors.*.mean"));
        assert!(!fits("mean", "trend.mean"));
        assert!(fits("contracts[1].terms.x.taxes_pmpm", "*_pmpm"));
        assert!(!fits("contracts[1].terms.x.pmpm", "*_pmpm"));
    }
}
