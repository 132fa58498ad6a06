//! Whether the dollars of contracts keep up with costs, and whether costs stay figures that can be computed.

use twosided_contracts::Rebasing;
use twosided_form::{At, Findings, Warnings, figure};
use twosided_population::{Factor, Population};

use crate::Scenario;

/// Natural logarithm of the most that costs may be multiplied by; beyond 1e40 the squares that errors are made of overflow.
const MOST: f64 = 92.1;
/// Growth a year from which a contract's dollars should follow.
const GROWTH: f64 = 0.005;
/// Keys of a contract's terms that hold dollars of the first year.
const DOLLARS: [&str; 7] = ["per_capita", "pmpm", "price", "budget", "baseline", "base_years", "expected"];

/// Notes a trend and factors that, over the years, make costs that cannot be computed; says whether it did.
pub(crate) fn refuse_overflow(
    findings: &Findings,
    span: &std::ops::Range<usize>,
    population: &Population,
    years: u32,
) -> bool {
    let (low, high) = population.system().extremes(years);
    if low >= -MOST && high <= MOST {
        return false;
    }
    let mean = libm::log(population.expected_growth()) * f64::from(years);
    let power = |logarithm: f64| format!("10^{:.0}", logarithm / std::f64::consts::LN_10);
    let plural = if years == 1 { "year" } else { "years" };
    let message = format!(
        "over {years} {plural} costs or benchmarks are multiplied by about {}, and by luck by anything from {} to {}",
        power(mean),
        power(low),
        power(high)
    );
    findings.wrong(
        span,
        message,
        "factors up to 10^40 can be computed; give a smaller mean, cv or loading, or fewer years",
    );
    true
}

/// Notes contracts whose dollars do not grow although costs do.
pub(crate) fn note(warnings: &mut Warnings, figures: &[(String, At<f64>)], scenario: &Scenario) {
    let population = &scenario.population;
    let growth = population.expected_growth();
    if scenario.years == 1 || growth <= 1.0 + GROWTH {
        return;
    }
    let by_system = population.system().expected_update(1);
    for (index, contract) in (1..).zip(&scenario.contracts) {
        let update = contract.agreement.update.unwrap_or(by_system);
        if update - 1.0 >= 0.5 * (growth - 1.0) {
            continue;
        }
        let terms = format!("contracts[{index}].terms.");
        let holds_dollars = |path: &str| {
            let key = path.rsplit('.').next().unwrap_or_default();
            let key = key.split('[').next().unwrap_or_default();
            let unit = key.rsplit('_').next().unwrap_or_default();
            path.starts_with(&terms) && (DOLLARS.contains(&key) || unit == "pmpm")
        };
        let Some((path, _)) = figures.iter().find(|(path, _)| holds_dollars(path)) else { continue };
        let percent = |factor: f64| format!("{}%", figure(((factor - 1.0) * 1e4).round() / 100.0));
        let agreed = format!(
            "costs are expected to grow by {} a year, and contract \"{}\" by {}",
            percent(growth),
            contract.name,
            percent(update)
        );
        let own = format!("agreement.benchmark_update = {}", figure((growth * 1e4).round() / 1e4));
        let rebasing = contract.agreement.rebasing.as_ref().filter(|rebasing| rebasing.every < scenario.years);
        if let Some(rebasing) = rebasing {
            let behind = figure((10.0 * years_behind(rebasing, scenario.years)).round() / 10.0);
            let lag = if behind == "1" { "1 year".to_owned() } else { format!("{behind} years") };
            let message = format!("{agreed} between rebasings: {path} follows them up to {lag} behind");
            let every = if rebasing.every == 1 { "year".to_owned() } else { format!("{} years", rebasing.every) };
            let reason = format!(
                "agreement.rebasing builds it anew every {every} from what was spent before; write {own}, if it also follows \
                 costs in between"
            );
            warnings.note(path, message, reason);
            continue;
        }
        let message = format!("{agreed}: {path} is not updated with them");
        let unloaded = unloaded(population).filter(|_| contract.agreement.update.is_none());
        let reason = match unloaded {
            Some((index, factor)) => format!(
                "system.factors[{index}] (\"{}\") compounds and its loading.benchmark is {}: write loading = {{ benchmark = 1 }} \
                 there, or {own} in the contract, if rates follow costs",
                factor.name,
                figure(factor.loading.benchmark)
            ),
            None => format!("write {own}, if the contract follows costs"),
        };
        warnings.note(path, message, reason);
    }
}

/// How many years of growth a rebased benchmark lacks at most within a horizon: years since its base years, by their weights.
fn years_behind(rebasing: &Rebasing, years: u32) -> f64 {
    let of_year = |year: u32| {
        let set_in = year - year % rebasing.every;
        let base_years = (1..=set_in).zip(rebasing.weights.iter().rev());
        let (ages, weights) = base_years
            .fold((0.0, 0.0), |(ages, weights), (age, weight)| (ages + f64::from(age) * weight, weights + weight));
        let age = if weights > 0.0 { ages / weights } else { f64::from(set_in) };
        age + f64::from(year - set_in)
    };
    (0..years).map(of_year).fold(0.0, f64::max)
}

/// The first factor that makes costs grow more than benchmarks, with its place among those of the file, counted from one.
fn unloaded(population: &Population) -> Option<(usize, &Factor)> {
    let factors = population.system().factors().iter().filter(|factor| !is_of_organization(factor));
    (1..).zip(factors).find(|(_, factor)| factor.compounding && factor.loading.benchmark < factor.loading.cost)
}

/// Whether a factor is one of `[organization]`, which stand before those of `[system]`.
fn is_of_organization(factor: &Factor) -> bool {
    ["benchmark error", "efficiency"].contains(&factor.name.as_str())
}
