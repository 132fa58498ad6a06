//! Measures of gains by their exact laws, where there is one.

use twosided_oracle::{Exact, GainLaw, Oracle};
use twosided_report::{Figure, RiskMeasure, Summary, Unit};
use twosided_scenario::Scenario;
use twosided_units::Share;

/// The largest bound of an exact measure, as a share of the measure or of the least that counts for it: with a larger one, the measure
/// is sampled.
const MOST_OFF: f64 = 1e-3;

/// The laws of a scenario's contracts, in the order of the file: none where a contract has no exact law, and none at all where variance is
/// not reduced.
pub(crate) fn laws(scenario: &Scenario) -> Vec<Option<GainLaw>> {
    if !scenario.variance_reduction {
        return Vec::new();
    }
    let job = scenario.job();
    let none = || vec![None; scenario.contracts.len()];
    let Ok(mut oracle) = Oracle::new(&job) else { return none() };
    let Ok(nodes) = oracle.nodes() else { return none() };
    let contracts = scenario.contracts.iter().enumerate().map(|(index, contract)| {
        // Fee-for-service alone is the zero line itself.
        let law = (!contract.is_fee_for_service_alone()).then(|| oracle.law(index, &nodes));
        law.and_then(Result::ok)
    });
    contracts.collect()
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
