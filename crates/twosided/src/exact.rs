//! Measures of gains by their exact laws, where there is one.

use twosided_oracle::{Exact, GainLaw, Oracle};
use twosided_report::{Figure, RiskMeasure, Summary, Unit};
use twosided_scenario::Scenario;
use twosided_units::Share;

use crate::FIRST_LOOK;

/// The largest bound of an exact measure, as a share of the measure or of the least that counts for it: with a larger one, the measure
/// is sampled.
const MOST_OFF: f64 = 1e-3;

/// The laws of a scenario's contracts, in the order of the file: none where a contract has no exact law or one that takes longer than
/// sampling, and none at all where variance is not reduced.
pub(crate) fn laws(scenario: &Scenario) -> Vec<Option<GainLaw>> {
    if scenario.variance_reduction { laws_within(scenario, most_operations(scenario)) } else { Vec::new() }
}

/// The same within a number of operations, of which each contract takes what those before it leave.
fn laws_within(scenario: &Scenario, mut left: f64) -> Vec<Option<GainLaw>> {
    let job = scenario.job();
    let none = || vec![None; scenario.contracts.len()];
    let Ok(mut oracle) = Oracle::new(&job) else { return none() };
    let Ok(nodes) = oracle.nodes() else { return none() };
    let contracts = scenario.contracts.iter().enumerate().map(|(index, contract)| {
        // Fee-for-service alone is the zero line itself.
        if contract.is_fee_for_service_alone() {
            return None;
        }
        let operations = oracle.operations(index, &nodes).ok()?;
        if operations > left {
            return None;
        }
        left -= operations;
        oracle.law(index, &nodes).ok()
    });
    contracts.collect()
}

/// The operations that all laws of a scenario may take: those of a first look's sample, and always a few seconds.
fn most_operations(scenario: &Scenario) -> f64 {
    /// Operations of a person's service in a trial.
    const OF_SERVICE: f64 = 20.0;
    const LEAST: f64 = 3e9;
    let services =
        scenario.population.segments().iter().map(|segment| segment.members as f64 * segment.services.len() as f64);
    (OF_SERVICE * FIRST_LOOK as f64 * services.sum::<f64>()).max(LEAST)
}

/// A measure of a law, where it is known closely. That follows from the scenario alone, so that nobody chooses between a law and a
/// sample after seeing them.
fn close(law: &GainLaw, measure: RiskMeasure) -> Option<Exact> {
    let sd = law.sd().value;
    measured(law, measure).filter(|exact| exact.bound <= MOST_OFF * exact.value.abs().max(least(measure, sd)))
}

/// The amount below which a measure's error is not compared with the measure itself: a tenth of the standard deviation of the gain, or
/// one in twenty of a probability.
pub(crate) fn least(measure: RiskMeasure, sd: f64) -> f64 {
    match measure {
        RiskMeasure::ProbabilityOfLoss | RiskMeasure::ProbabilityOfGain => 0.05,
        _ => 0.1 * sd,
    }
}

/// A measure of a law; none of the margin, which is not a law of gains.
fn measured(law: &GainLaw, measure: RiskMeasure) -> Option<Exact> {
    let share = |value| Share::new(value).expect("levels are shares");
    Some(match measure {
        RiskMeasure::MeanGain => law.mean(),
        RiskMeasure::SdGain => law.sd(),
        RiskMeasure::ProbabilityOfLoss => law.probability_of_loss(),
        RiskMeasure::ProbabilityOfGain => law.probability_of_gain(),
        RiskMeasure::Quantile05 => law.quantile(share(0.05)),
        RiskMeasure::Quantile50 => law.quantile(share(0.5)),
        RiskMeasure::Quantile95 => law.quantile(share(0.95)),
        RiskMeasure::ValueAtRisk95 => law.value_at_risk(share(0.95)),
        RiskMeasure::TailValueAtRisk95 => law.tail_value_at_risk(share(0.95)),
        RiskMeasure::ValueAtRisk99 => law.value_at_risk(share(0.99)),
        RiskMeasure::TailValueAtRisk99 => law.tail_value_at_risk(share(0.99)),
        RiskMeasure::MeanMargin => return None,
    })
}

/// Puts measures that exact laws know closely in place of the sampled ones, and the differences of their means in place of those of
/// trials.
pub(crate) fn note(scenario: &Scenario, laws: &[Option<GainLaw>], summary: &mut Summary) {
    let law_of = |name: &str| {
        let index = scenario.contracts.iter().position(|contract| contract.name == name);
        index.and_then(|index| laws.get(index)?.as_ref())
    };
    for contract in &mut summary.contracts {
        let Some(law) = law_of(&contract.name) else { continue };
        for (measure, figure) in RiskMeasure::ALL.into_iter().zip(&mut contract.measures) {
            if let Some(exact) = close(law, measure) {
                *figure = figure_of(exact, figure.unit);
            }
        }
    }
    for difference in &mut summary.differences {
        let mean_of = |name: &str| law_of(name).and_then(|law| close(law, RiskMeasure::MeanGain));
        if let (Some(one), Some(other)) = (mean_of(&difference.contract), mean_of(&difference.less)) {
            let exact = Exact { value: one.value - other.value, bound: one.bound + other.bound };
            difference.mean_gain = figure_of(exact, difference.mean_gain.unit);
        }
    }
}

fn figure_of(Exact { value, bound }: Exact, unit: Unit) -> Figure {
    /// Less than the rounding of any dollar amount.
    const ROUNDING: f64 = 1e-30;
    let value = if value.abs() < ROUNDING { 0.0 } else { value };
    Figure::exact(unit, value, bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_law_is_computed_where_it_is_less_work_than_sampling() {
        let scenario = Scenario::load(std::path::Path::new("../../scenarios/reference-job.toml"), &[])
            .expect("a shipped scenario");
        let count = |operations: f64| laws_within(&scenario, operations).iter().flatten().count();
        assert_eq!(count(0.0), 0);
        let all = count(f64::INFINITY);
        assert!(all > 0);
        assert_eq!(count(most_operations(&scenario)), all);
    }
}
