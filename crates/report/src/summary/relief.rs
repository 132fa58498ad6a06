//! What stop-loss takes off bad years: a contract beside the same contract without its covers, on the same years.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_contracts::Arrangement;
use twosided_prob::{Design, Estimate, Influence, Influences, Sample, SampleError};
use twosided_provider::Line;
use twosided_scenario::{Scenario, not_borne};
use twosided_sim::{Keep, Simulated};
use twosided_units::Share;

use crate::{ContractSummary, Figure, Period};

/// Two-sided 95% point of the normal law.
const NORMAL_95: f64 = 1.959_963_984_540_054;

/// The stop-loss of one contract.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CoverRelief {
    /// The contract.
    pub contract: String,
    /// Mean premium over the horizon.
    pub premium: Figure,
    /// Mean recovery over the horizon.
    pub recovery: Figure,
    /// Loss of a 1-in-20 bad year without the covers less that with them, premiums counted: below zero where they cost more than they pay.
    pub off_value_at_risk_95: Figure,
    /// The same of a 1-in-100 bad year.
    pub off_value_at_risk_99: Figure,
    /// Why a cover pays for what the contract does not bear, if one does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_borne: Vec<String>,
}

impl CoverRelief {
    /// Compares the gains of a contract with those of the same contract without stop-loss, in the order of their trials, which were drawn
    /// by a design.
    ///
    /// # Errors
    /// [`SampleError`] for fewer than two trials or a gain that is not finite.
    pub fn new(
        scenario: &Scenario,
        contract: &ContractSummary,
        design: &Arc<Design>,
        [gains, without]: [&[f64]; 2],
    ) -> Result<Self, SampleError> {
        let unit = Period { years: scenario.years }.unit();
        let [premiums, recovery] = [Line::Premiums, Line::Recoveries].map(|line| contract.mean_lines[line as usize]);
        let off = |level: f64| taken_off(design, [gains, without], level);
        let of_contract = not_borne(scenario).into_iter().filter(|found| found.contract == contract.name);
        Ok(Self {
            contract: contract.name.clone(),
            premium: premiums.negated(),
            recovery,
            off_value_at_risk_95: Figure::new(unit, off(0.95)?),
            off_value_at_risk_99: Figure::new(unit, off(0.99)?),
            not_borne: of_contract.map(|found| found.reason).collect(),
        })
    }

    /// The same by the lines of a run, which say what the covers cost and pay; none where lines are not kept, or a corridor shares what
    /// the covers pay and so is another one without them.
    pub(super) fn by_lines(
        scenario: &Scenario,
        Simulated { outcomes, design, .. }: &Simulated,
        index: usize,
        contract: &ContractSummary,
        gains: &[f64],
    ) -> Result<Option<Self>, SampleError> {
        let phases = || scenario.contracts[index].held().iter().flat_map(Arrangement::phases);
        let has_any = phases().any(|phase| phase.covers.has_stop_loss());
        let is_shared = phases().any(|phase| phase.covers.corridor.is_some());
        if !has_any || is_shared || outcomes.keep < Keep::Lines {
            return Ok(None);
        }
        let [recoveries, premiums] = [Line::Recoveries, Line::Premiums].map(|line| outcomes.line_of(index, line));
        let net = recoveries.iter().zip(&premiums).map(|(recovery, premium)| recovery + premium);
        let without: Vec<f64> = gains.iter().zip(net).map(|(gain, net)| gain - net).collect();
        Self::new(scenario, contract, design, [gains, &without]).map(Some)
    }
}

/// How much higher the value at risk of the second gains is than that of the first, by paired trials.
fn taken_off(design: &Arc<Design>, gains: [&[f64]; 2], level: f64) -> Result<Estimate, SampleError> {
    let level = Share::new(level).expect("levels are shares");
    let measured = gains.map(|gains| {
        let sample = Sample::drawn_by(design, gains.to_vec())?;
        let estimate = sample.value_at_risk(level);
        let influences = Influences::new(design, gains, Influence::AtMost(-estimate.value));
        Ok((estimate, influences))
    });
    let [with, without] = measured;
    let ((with, of_with), (without, of_without)) = (with?, without?);
    let errors = (without.standard_error, with.standard_error);
    let standard_error = if errors.0.is_finite() && errors.1.is_finite() {
        of_without.standard_error_of_difference(errors.0, &of_with, errors.1)
    } else {
        f64::INFINITY
    };
    let value = without.value - with.value;
    let half = NORMAL_95 * standard_error;
    Ok(Estimate {
        value,
        standard_error,
        lower: value - half,
        upper: value + half,
        caution: without.caution.or(with.caution),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_covers_take_off_is_the_difference_of_two_bad_years() {
        // Losses of 1 to 100, of which a cover pays half above 50 and costs 2.
        let without: Vec<f64> = (1..=1_000).map(|trial| -f64::from((trial * 7) % 100 + 1)).collect();
        let with: Vec<f64> = without.iter().map(|gain| gain + 0.5 * (-gain - 50.0).max(0.0) - 2.0).collect();
        let design = Arc::new(Design::independent(without.len()));
        let off = taken_off(&design, [&with, &without], 0.95).expect("a sample");
        // 95 of them without; with: 95 - 22.5 + 2.
        assert!((off.value - (95.0 - 74.5)).abs() < 1e-9, "{off:?}");
        assert!(off.standard_error > 0.0 && off.standard_error < 1.0 && off.lower < off.value, "{off:?}");
        let same = taken_off(&design, [&with, &with], 0.95).expect("a sample");
        assert!(same.value == 0.0 && same.standard_error.abs() < 1e-9, "{same:?}");
    }
}
