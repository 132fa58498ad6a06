//! Specific stop-loss of a contract at several attachment points.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_contracts::Arrangement;
use twosided_prob::{Design, Estimate, Margin, Sample, SampleError, paired_difference_by};
use twosided_provider::Line;
use twosided_sim::{Outcomes, Tails};
use twosided_units::{Dollars, Pmpm, Share};

use super::{
    capital::{enough, reserves},
    settled::SettledBy,
};
use crate::{Figure, Method, Period, RiskMeasure, Unit};

/// A contract with specific stop-loss at one attachment point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CoverChoice {
    /// The contract.
    pub contract: String,
    /// The attachment point, in dollars a member-year.
    pub attachment_point: f64,
    /// What the cover is expected to pay a year.
    pub expected_recovery: Figure,
    /// Its premium: the expected recovery and the load.
    pub premium: Figure,
    /// The loss over the horizon that 1 future in 20 exceeds.
    pub value_at_risk_95: Figure,
    /// The mean of the losses beyond it.
    pub tail_value_at_risk_95: Figure,
    /// The loss that 1 future in 100 exceeds.
    pub value_at_risk_99: Figure,
    /// The mean of the losses beyond it.
    pub tail_value_at_risk_99: Figure,
    /// The reserve that meets all that is owed in 95 of 100 futures.
    pub reserve_95: Figure,
    /// The same in 99 of 100.
    pub reserve_99: Figure,
    /// Mean gain less that of the lowest attachment point, on the same futures; absent of that one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain_over_first: Option<Figure>,
}

/// A contract of a simulation: its terms, and its column in the outcomes.
#[derive(Clone, Copy, Debug)]
pub struct Settled<'a> {
    /// The contract.
    pub contract: &'a Arrangement,
    /// What came out.
    pub outcomes: &'a Outcomes,
    /// Which figures a heavy-tailed law reaches.
    pub tails: &'a [Tails],
    /// How the trials were drawn.
    pub design: &'a Arc<Design>,
    /// Its index in the outcomes.
    pub column: usize,
}

impl Settled<'_> {
    fn sample(&self, amounts: Vec<f64>, tails: (f64, f64)) -> Result<Sample, SampleError> {
        Ok(Sample::drawn_by(self.design, amounts)?.with_tail_indices(tails.0, tails.1))
    }

    /// What stop-loss pays a year, and the premium by member and month that is it and a load.
    ///
    /// # Errors
    /// [`SampleError`].
    pub fn premium(&self, load: f64) -> Result<(Estimate, Pmpm), SampleError> {
        let Self { outcomes, column, .. } = *self;
        let years = outcomes.years() as f64;
        let recoveries: Vec<f64> = outcomes.line_of(column, Line::Recoveries).iter().map(|paid| paid / years).collect();
        let months = outcomes.person_years.index_axis(ndarray::Axis(2), column);
        let months = months.outer_iter().map(|of| 12.0 * of.sum() / years).collect();
        let tail = self.tails[column].of_specific;
        let recovery = self.sample(recoveries, (f64::INFINITY, tail))?.mean();
        let months = self.sample(months, (f64::INFINITY, f64::INFINITY))?.mean().value;
        let premium = if months > 0.0 { recovery.value * (1.0 + load) / months } else { 0.0 };
        Ok((recovery, Pmpm(premium)))
    }
}

impl CoverChoice {
    /// Of a contract with its premium, where stop-loss is expected to pay this much a year.
    ///
    /// # Errors
    /// [`SampleError`].
    pub fn new(
        settled: &Settled<'_>,
        first: Option<&Settled<'_>>,
        (attachment_point, recovery, load): (Dollars, Estimate, f64),
        retained: Share,
    ) -> Result<Self, SampleError> {
        let Settled { contract, outcomes, tails, design, column } = *settled;
        let period = Period { years: outcomes.years() as u32 };
        let method = (!design.is_independent()).then_some(Method::StratifiedWithControls);
        let found = |unit: Unit, estimate: Estimate| Figure::new(unit, estimate).found_by(method);
        let gains = outcomes.gains_of(column).to_vec();
        let sample = settled.sample(gains.clone(), (tails[column].losses, tails[column].gains))?;
        let margin = Margin::of(&sample);
        let measure = |measure: RiskMeasure| {
            found(period.unit(), measure.of(&sample, &margin)).within(measure.wide_interval(&sample))
        };
        let years = SettledBy::of(contract, outcomes, column).years(outcomes, column);
        let needed = reserves(design, &years, retained)?;
        let reserve = |level| enough(&needed, level, Unit::UsdOverAllYears).found_by(method);
        let over = first.map(|first| {
            let of_first = first.outcomes.gains_of(first.column).to_vec();
            found(period.unit(), paired_difference_by(design, &gains, &of_first))
        });
        let loaded = Estimate {
            value: recovery.value * (1.0 + load),
            standard_error: recovery.standard_error * (1.0 + load),
            lower: recovery.lower * (1.0 + load),
            upper: recovery.upper * (1.0 + load),
            caution: recovery.caution,
        };
        Ok(Self {
            contract: contract.name.clone(),
            attachment_point: attachment_point.0,
            expected_recovery: found(Unit::UsdAYear, recovery),
            premium: found(Unit::UsdAYear, loaded),
            value_at_risk_95: measure(RiskMeasure::ValueAtRisk95),
            tail_value_at_risk_95: measure(RiskMeasure::TailValueAtRisk95),
            value_at_risk_99: measure(RiskMeasure::ValueAtRisk99),
            tail_value_at_risk_99: measure(RiskMeasure::TailValueAtRisk99),
            reserve_95: reserve(0.95),
            reserve_99: reserve(0.99),
            gain_over_first: over,
        })
    }
}
