//! Cash, month by month: its lowest point, how long it lasts, and what is borrowed.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_prob::{Design, Sample, SampleError};
use twosided_scenario::Scenario;
use twosided_sim::{Keep, Simulated};
use twosided_units::Share;

use crate::{Figure, Unit, cash::MonthlyCash};

/// Cash under one contract, or several that are held at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CashSummary {
    /// Months that are counted, from the first of the horizon.
    pub months: u32,
    /// The lowest cash of any month: what must be financed where it is below zero.
    pub lowest_mean: Figure,
    /// The lowest cash of one future in 20.
    pub lowest_05: Figure,
    /// The lowest cash of one future in 100.
    pub lowest_01: Figure,
    /// The month of the lowest cash, 0 where cash never falls below where it starts: its median, and between which months it lies
    /// in 90 of 100 futures.
    pub lowest_month_50: Figure,
    /// See above.
    pub lowest_month_05: Figure,
    /// See above.
    pub lowest_month_95: Figure,
    /// Days that cash lasts at its lowest, at the payments of a mean year; absent where nothing is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_at_lowest_50: Option<Figure>,
    /// The same in one future in 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_at_lowest_05: Option<Figure>,
    /// Chance that cash is below zero at the end of some month.
    pub probability_below_zero: Figure,
    /// Chance that more is needed than the credit line holds.
    pub probability_exhausted: Figure,
    /// Mean of the most that is drawn at once.
    pub drawn_mean: Figure,
    /// Mean interest on what is drawn.
    pub interest_mean: Figure,
    /// Mean of all payments, discounted to the start.
    pub present_value_mean: Figure,
    /// Mean cash at the end.
    pub end_mean: Figure,
    /// Mean of what falls after the months that are counted.
    pub later_mean: Figure,
    /// Advances that are still to be repaid at the end; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advances_left_mean: Option<Figure>,
    /// Whether months of settlements are defaults that nobody confirmed.
    pub has_unconfirmed_months: bool,
    /// Cash at the end of each month, without what is borrowed.
    pub by_month: Vec<CashMonth>,
}

/// Cash at the end of a month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CashMonth {
    /// The month, counted from 1.
    pub month: u32,
    /// Mean.
    pub mean: Figure,
    /// 5% quantile.
    pub quantile_05: Figure,
    /// 25% quantile.
    pub quantile_25: Figure,
    /// Median.
    pub quantile_50: Figure,
    /// 75% quantile.
    pub quantile_75: Figure,
    /// 95% quantile.
    pub quantile_95: Figure,
}

impl CashMonth {
    /// The mean and the quantiles, each with its name in files.
    pub(crate) fn figures(&self) -> [(&'static str, &Figure); 6] {
        [
            ("mean", &self.mean),
            ("quantile_05", &self.quantile_05),
            ("quantile_25", &self.quantile_25),
            ("quantile_50", &self.quantile_50),
            ("quantile_75", &self.quantile_75),
            ("quantile_95", &self.quantile_95),
        ]
    }
}

impl CashSummary {
    /// Of a contract; none without a `[cash]` block, and where lines are not kept.
    pub(super) fn new(scenario: &Scenario, simulated: &Simulated, index: usize) -> Result<Option<Self>, SampleError> {
        let Simulated { outcomes, design, .. } = simulated;
        if outcomes.keep < Keep::Lines {
            return Ok(None);
        }
        let Some(monthly) = MonthlyCash::new(scenario, outcomes, index) else { return Ok(None) };
        let trials: Vec<_> = (0..outcomes.trials()).map(|trial| monthly.of(trial)).collect();
        let sample = |of: &dyn Fn(usize) -> f64| drawn(design, (0..trials.len()).map(of).collect());
        let found = |unit: Unit, figure| Figure::new(unit, figure).found_by(super::figure::method(design));
        let low = sample(&|trial| trials[trial].financed.low.cumulative.0)?;
        let month = sample(&|trial| trials[trial].financed.low.month as f64)?;
        let usd = Unit::UsdSinceTheStart;
        let quantile = |sample: &Sample, unit: Unit, level: f64| {
            let level = Share::new(level).expect("levels are shares");
            found(unit, sample.quantile(level)).within(sample.wide_interval(level))
        };
        let mean = |of: &dyn Fn(usize) -> f64| Ok::<_, SampleError>(found(usd, sample(of)?.mean()));
        let paid = sample(&|trial| trials[trial].paid_a_year.0)?.mean().value;
        let days = (paid > 0.0).then(|| sample(&|trial| trials[trial].financed.low.cumulative.0 / paid * 365.0));
        let days = days.transpose()?;
        let opening = scenario.cash.as_ref().map_or(0.0, |cash| cash.financing.opening.0);
        let last = |trial: usize| trials[trial].financed.cash.last().map_or(opening, |cash| cash.0);
        let left = monthly.advances_left(outcomes);
        let by_month = (0..monthly.months()).map(|month| {
            let cash = sample(&|trial| trials[trial].financed.cash[month].0)?;
            Ok::<_, SampleError>(CashMonth {
                month: month as u32 + 1,
                mean: found(usd, cash.mean()),
                quantile_05: quantile(&cash, usd, 0.05),
                quantile_25: quantile(&cash, usd, 0.25),
                quantile_50: quantile(&cash, usd, 0.5),
                quantile_75: quantile(&cash, usd, 0.75),
                quantile_95: quantile(&cash, usd, 0.95),
            })
        });
        Ok(Some(Self {
            months: monthly.months() as u32,
            lowest_mean: found(usd, low.mean()),
            lowest_05: quantile(&low, usd, 0.05),
            lowest_01: quantile(&low, usd, 0.01),
            lowest_month_50: quantile(&month, Unit::Months, 0.5),
            lowest_month_05: quantile(&month, Unit::Months, 0.05),
            lowest_month_95: quantile(&month, Unit::Months, 0.95),
            days_at_lowest_50: days.as_ref().map(|days| quantile(days, Unit::Days, 0.5)),
            days_at_lowest_05: days.as_ref().map(|days| quantile(days, Unit::Days, 0.05)),
            probability_below_zero: found(Unit::Probability, low.probability(|low| low < 0.0)),
            probability_exhausted: found(
                Unit::Probability,
                sample(&|trial| f64::from(u8::from(trials[trial].financed.exhausts_credit)))?
                    .probability(|is| is > 0.0),
            ),
            drawn_mean: mean(&|trial| trials[trial].financed.drawn.0)?,
            interest_mean: mean(&|trial| trials[trial].financed.interest.0)?,
            present_value_mean: mean(&|trial| trials[trial].financed.present_value.0)?,
            end_mean: mean(&last)?,
            later_mean: mean(&|trial| trials[trial].later.0)?,
            advances_left_mean: left.map(|left| mean(&|trial| left[trial])).transpose()?,
            has_unconfirmed_months: monthly.has_unconfirmed_months(),
            by_month: by_month.collect::<Result<_, SampleError>>()?,
        }))
    }
}

fn drawn(design: &Arc<Design>, values: Vec<f64>) -> Result<Sample, SampleError> {
    Sample::drawn_by(design, values)
}
