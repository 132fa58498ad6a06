//! What may be owed to the payer in a year, and how many years owe, receive, or do neither.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_contracts::BenchmarkUse;
use twosided_prob::{Design, Estimate, Sample, SampleError};
use twosided_provider::Line;
use twosided_scenario::Scenario;
use twosided_sim::{DetailOf, Keep, Observed, Outcomes, Simulated};
use twosided_units::Share;

use crate::{Figure, Mean, Period, Unit};

/// Half a cent: what is paid or owed below it is rounding.
const ROUNDING: f64 = 0.005;

/// What counts as received in a year where it is above zero, and as owed where it is below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwedBasis {
    /// What is settled with the payer after the year; of contracts held at once, what those owe that owe, or else what is received.
    Reconciliation,
    /// The gain before administration and programs, of a contract that takes the place of fees or changes them.
    GainBeforeCosts,
    /// The gain, where lines are not kept.
    Gain,
}

/// What a contract may owe, apart from what taking part costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Owed {
    /// What counts.
    pub basis: OwedBasis,
    /// The amount that what is owed in the worst year of the horizon does not exceed in 95 of 100 trials.
    pub value_at_risk_95: Figure,
    /// The same in 99 of 100 trials.
    pub value_at_risk_99: Figure,
    /// Share of years in which something is owed.
    pub years_owed: Figure,
    /// Share of years in which something is received.
    pub years_received: Figure,
    /// Share of years in which nothing is, those after an early end among them.
    pub years_of_neither: Figure,
    /// Mean cost of administration and programs over the horizon.
    pub cost: Figure,
    /// The most that the contract lets the provider owe for a year; absent where it states no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<Mean>,
}

impl Owed {
    /// Measures one contract of the scenario.
    pub(super) fn new(
        scenario: &Scenario,
        simulated: &Simulated,
        index: usize,
        found: impl Fn(Figure) -> Figure,
    ) -> Result<Self, SampleError> {
        let Simulated { outcomes, observed, design } = simulated;
        let basis = basis(scenario, outcomes, index);
        let years = outcomes.years();
        let paid: Vec<f64> = (0..outcomes.trials())
            .flat_map(|trial| (0..years).map(move |year| (trial, year)))
            .map(|(trial, year)| without_rounding(paid(basis, outcomes, [trial, year, index])))
            .collect();
        let worst = paid.chunks(years).map(|paid| paid.iter().copied().fold(0.0, f64::min)).collect();
        let worst = Sample::drawn_by(design, worst)?;
        let owed = |level: f64| {
            let level = Share::new(level).expect("levels are shares");
            let estimate = worst.value_at_risk(level);
            let estimate = Estimate { lower: estimate.lower.max(0.0), ..estimate };
            found(Figure::new(Unit::UsdAYear, estimate)).within(worst.wide_interval(level.complement()))
        };
        let share = |wanted: fn(f64) -> bool| {
            share_of_years(design, &paid, years, wanted).map(|share| found(Figure::new(Unit::Share, share)))
        };
        Ok(Self {
            basis,
            value_at_risk_95: owed(0.95),
            value_at_risk_99: owed(0.99),
            years_owed: share(|paid| paid < 0.0)?,
            years_received: share(|paid| paid > 0.0)?,
            years_of_neither: share(|paid| paid == 0.0)?,
            cost: found(Figure::new(Period { years: scenario.years }.unit(), cost(simulated, index)?)),
            most: most_owed(scenario, observed, index),
        })
    }
}

/// The most that the terms let the provider owe for a year; none where that is not known of the terms.
fn most_owed(_scenario: &Scenario, _observed: &Observed, _index: usize) -> Option<Mean> {
    None
}

/// What counts of a contract.
fn basis(scenario: &Scenario, outcomes: &Outcomes, index: usize) -> OwedBasis {
    if outcomes.keep < Keep::Lines {
        return OwedBasis::Gain;
    }
    let contract = &scenario.contracts[index];
    if contract.phases().iter().any(|phase| phase.terms.benchmark() != BenchmarkUse::None) {
        return OwedBasis::Reconciliation;
    }
    let moves = |line: Line| outcomes.line_of(index, line).iter().any(|amount| amount.abs() > ROUNDING);
    if moves(Line::Reconciliation) && !moves(Line::Capitation) {
        OwedBasis::Reconciliation
    } else {
        OwedBasis::GainBeforeCosts
    }
}

/// What is received in a year, or owed if negative.
fn paid(basis: OwedBasis, outcomes: &Outcomes, [trial, year, contract]: [usize; 3]) -> f64 {
    let gain = outcomes.yearly[[trial, year, contract]];
    let line = |line: Line| outcomes.lines[[trial, year, contract, line as usize]];
    match basis {
        OwedBasis::Reconciliation => {
            let of_held = outcomes.details.of_column(contract).filter(|of| matches!(of, DetailOf::Reconciliation(_)));
            let settled: Vec<f64> =
                of_held.filter_map(|of| Some(outcomes.details.of(contract, of)?[(trial, year)])).collect();
            let owed: f64 = settled.iter().map(|settled| settled.min(0.0)).sum();
            // Contracts settle apart: what one earns does not pay what another owes.
            if owed < 0.0 { owed } else { line(Line::Reconciliation) }
        }
        OwedBasis::GainBeforeCosts => gain - line(Line::Administration) - line(Line::Programs),
        OwedBasis::Gain => gain,
    }
}

fn without_rounding(paid: f64) -> f64 {
    if paid.abs() <= ROUNDING { 0.0 } else { paid }
}

/// Mean share of the years of a trial. Where no year or every year is wanted, the interval is that of trials that have such a year at all.
fn share_of_years(
    design: &Arc<Design>,
    paid: &[f64],
    years: usize,
    wanted: fn(f64) -> bool,
) -> Result<Estimate, SampleError> {
    let shares = paid.chunks(years).map(|paid| paid.iter().filter(|&&paid| wanted(paid)).count() as f64 / years as f64);
    let shares = Sample::drawn_by(design, shares.collect())?;
    let (least, most) = (shares.sorted()[0], shares.sorted()[shares.len() - 1]);
    if years == 1 || most == 0.0 || least == 1.0 {
        return Ok(shares.probability(|share| share > 0.0));
    }
    let mean = shares.mean();
    Ok(Estimate { lower: mean.lower.max(0.0), upper: mean.upper.min(1.0), ..mean })
}

/// Mean cost of administration and programs, as a positive amount. Where lines are not kept, their errors are added: how the two vary
/// together is then not known.
fn cost(Simulated { outcomes, observed, design }: &Simulated, index: usize) -> Result<Estimate, SampleError> {
    let lines = [Line::Administration, Line::Programs];
    if outcomes.keep < Keep::Lines {
        let means = lines.map(|line| {
            let moments = observed.lines[(index, line as usize)];
            Estimate::of_mean(moments.count(), moments.mean(), moments.sd(), f64::INFINITY)
        });
        let [administration, programs] = means;
        let sum = Estimate {
            value: administration.value + programs.value,
            standard_error: administration.standard_error + programs.standard_error,
            lower: administration.lower + programs.lower,
            upper: administration.upper + programs.upper,
            caution: administration.caution.or(programs.caution),
        };
        return Ok(sum.negated());
    }
    let [administration, programs] = lines.map(|line| outcomes.line_of(index, line));
    let costs = administration.iter().zip(&programs).map(|(one, other)| 0.0 - (one + other)).collect();
    Ok(Sample::drawn_by(design, costs)?.mean())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_years_are_means_over_trials() {
        let design = Design::independent(4);
        let design = Arc::new(design);
        // Two years each: both owe, one owes, none owes, none owes.
        let paid = [-1.0, -2.0, -3.0, 0.0, 0.0, 5.0, 0.0, 0.0];
        let share = |wanted| share_of_years(&design, &paid, 2, wanted).expect("four trials");
        let (owed, received) = (share(|paid| paid < 0.0), share(|paid| paid > 0.0));
        assert_eq!((owed.value, received.value, share(|paid| paid == 0.0).value), (0.375, 0.125, 0.5));
        assert!(owed.lower >= 0.0 && owed.upper <= 1.0 && owed.standard_error > 0.0);
        // What no year does still has an interval.
        let never = share_of_years(&design, &[1.0; 8], 2, |paid| paid < 0.0).expect("four trials");
        assert!(never.value == 0.0 && never.upper > 0.4, "{never:?}");
        let always = share_of_years(&design, &[1.0; 8], 2, |paid| paid > 0.0).expect("four trials");
        assert!(always.value == 1.0 && always.lower < 0.6, "{always:?}");
    }

    #[test]
    fn rounding_is_neither_paid_nor_owed() {
        assert_eq!([-0.004, 0.004, -0.006].map(without_rounding), [0.0, 0.0, -0.006]);
    }
}
