//! What a contract earns on average for the risk that it takes.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_population::Observation;
use twosided_prob::{Design, Estimate, JointFigures, NoRatio};
use twosided_scenario::Scenario;
use twosided_sim::Observed;
use twosided_units::Dollars;

use super::ranking::RiskFigures;
use crate::{ContractSummary, Figure, Mean, Period, RiskMeasure, Unit};

/// Dollars of mean gain per dollar of risk, by three measures of risk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReturnOnRisk {
    /// Mean gain over the TVaR 95 of the loss.
    pub on_tvar_95: ReturnOn,
    /// Mean gain over the standard deviation of the gain.
    pub on_sd: ReturnOn,
    /// The repayment mechanism that the contract requires, and the mean gain over it; absent where it requires none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repayment_mechanism: Option<RepaymentMechanism>,
}

/// A return on risk, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReturnOn {
    /// Dollars of mean gain per dollar of risk.
    Ratio(Figure),
    /// Why it is not given.
    Absent(NoReturn),
}

/// Why a return on risk is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoReturn {
    /// There is no risk by this measure: it is zero or less, beyond chance.
    NoRisk,
    /// The 95% interval of the risk touches zero.
    TouchesZero,
    /// An error cannot be estimated.
    ErrorUnknown,
}

/// Collateral that a contract requires, sized by an unconfirmed rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RepaymentMechanism {
    /// The amount in the first year in which the contract shares losses, for that year's mean expenditure.
    pub amount: Mean,
    /// Mean gain of a year over the amount.
    pub ratio: Figure,
    /// Source of the rule.
    pub source: String,
    /// Whether the numbers of the rule are unconfirmed.
    pub is_unconfirmed: bool,
}

/// Source of the size of a repayment mechanism.
const REPAYMENT_RULE: &str = "42 CFR § 425.204(f)(4)";
/// The dated numbers of that rule.
const REPAYMENT_KEYS: [&str; 2] = ["repayment_of_expenditure", "repayment_of_revenue"];

impl fmt::Display for NoReturn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRisk => "no risk",
            Self::TouchesZero => "risk within noise of zero",
            Self::ErrorUnknown => "error unknown",
        })
    }
}

impl From<NoRatio> for NoReturn {
    fn from(reason: NoRatio) -> Self {
        match reason {
            NoRatio::NotPositive => Self::NoRisk,
            NoRatio::TouchesZero => Self::TouchesZero,
            NoRatio::ErrorUnknown => Self::ErrorUnknown,
        }
    }
}

impl ReturnOn {
    /// The ratio, where there is one.
    pub fn figure(&self) -> Option<&Figure> {
        match self {
            Self::Ratio(figure) => Some(figure),
            Self::Absent(_) => None,
        }
    }
}

impl ReturnOnRisk {
    /// Of a contract's figures, drawn by a design.
    pub(super) fn new(
        design: &Design,
        figures: &RiskFigures<'_>,
        found: impl Fn(Figure) -> Figure,
        repayment_mechanism: Option<RepaymentMechanism>,
    ) -> Self {
        let joint = JointFigures::new(design, &[figures.mean, figures.tvar_95, figures.sd]);
        let on = |risk: usize| match joint.ratio(&[(0, 1.0)], &[(risk, 1.0)]) {
            Ok(estimate) => ReturnOn::Ratio(found(Figure::new(Unit::Ratio, estimate))),
            Err(reason) => ReturnOn::Absent(reason.into()),
        };
        Self { on_tvar_95: on(1), on_sd: on(2), repayment_mechanism }
    }
}

impl RepaymentMechanism {
    /// Of a contract of the scenario; none where it requires none.
    pub(super) fn new(
        scenario: &Scenario,
        observed: &Observed,
        index: usize,
        contract: &ContractSummary,
    ) -> Option<Self> {
        let arrangement = &scenario.contracts[index];
        let (segments, _) = observed.observation(&Observation::PersonYears)?;
        let covered = scenario.population.segments().iter().zip(segments);
        let covered = covered.filter(|(segment, _)| arrangement.covered.includes(segment));
        let person_years: f64 = covered.map(|(_, moments)| moments.mean()).sum();
        let years = (0..scenario.years).map(|year| (year, observed.expenditures[(year as usize, index)]));
        let (amount, terms) =
            years.filter(|(_, expenditure)| expenditure.count() >= 2.0).find_map(|(year, moments)| {
                let terms = &arrangement.phase(year).terms;
                let expenditure = Mean::of(Period { years: 1 }.unit(), moments, person_years);
                let at = |expenditure: f64| terms.repayment_mechanism(Dollars(expenditure)).map(|amount| amount.0);
                // Where revenue decides, expenditure does not move the amount.
                let value = at(expenditure.value)?;
                let standard_error = at(expenditure.value + expenditure.standard_error)? - value;
                Some((Mean { value, standard_error, ..expenditure }.without_rounding(), terms))
            })?;
        if amount.value <= 0.0 {
            return None;
        }
        let ratio = over_amount(a_year(contract.measure(RiskMeasure::MeanGain), scenario.years), amount);
        let is_unconfirmed = terms.unconfirmed().iter().any(|key| REPAYMENT_KEYS.contains(key));
        let ratio = Figure::new(Unit::Ratio, ratio);
        Some(Self { amount, ratio, source: REPAYMENT_RULE.to_owned(), is_unconfirmed })
    }
}

/// A mean over the horizon as one of a year: the mechanism is held in every year.
fn a_year(mean: Estimate, years: u32) -> Estimate {
    let of = |figure: f64| figure / f64::from(years);
    let Estimate { value, standard_error, lower, upper, caution } = mean;
    Estimate { value: of(value), standard_error: of(standard_error), lower: of(lower), upper: of(upper), caution }
}

/// A mean over an amount with an error, of which it is not known how it varies with the mean: the error of the ratio is the most that it can be.
fn over_amount(mean: Estimate, Mean { value: amount, standard_error, .. }: Mean) -> Estimate {
    let value = mean.value / amount;
    let of_amount = value.abs() * standard_error / amount;
    let widened = |end: f64, sign: f64| end / amount + 2.0 * sign * of_amount;
    Estimate {
        value,
        standard_error: mean.standard_error / amount + of_amount,
        lower: widened(mean.lower, -1.0),
        upper: widened(mean.upper, 1.0),
        caution: mean.caution,
    }
}

#[cfg(test)]
mod tests {
    use twosided_prob::Sample;

    use super::*;

    #[test]
    fn a_return_on_an_amount_has_the_errors_of_both() {
        let five = Estimate { value: 3e6, standard_error: 1e5, lower: 2.8e6, upper: 3.2e6, caution: None };
        let one = Estimate { value: 6e5, standard_error: 2e4, lower: 5.6e5, upper: 6.4e5, caution: None };
        assert_eq!(a_year(five, 5), one);
        let mean = Estimate { value: 6e5, standard_error: 2e4, lower: 5.6e5, upper: 6.4e5, caution: None };
        let amount = Mean { unit: Unit::UsdAYear, value: 3e5, standard_error: 3e3 };
        let ratio = over_amount(mean, amount);
        assert_eq!(ratio.value, 2.0);
        // 20,000 / 300,000 of the mean, and 1% of 2 of the amount.
        assert!((ratio.standard_error - (2.0 / 30.0 + 0.02)).abs() < 1e-12, "{ratio:?}");
        assert!((ratio.lower - (5.6 / 3.0 - 0.04)).abs() < 1e-12 && (ratio.upper - (6.4 / 3.0 + 0.04)).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_risk_has_no_return_on_it() {
        let of = |gains: &[f64]| {
            let sample = Sample::new(gains.to_vec()).expect("finite");
            let figures = RiskFigures::new(gains, &sample);
            ReturnOnRisk::new(&Design::independent(gains.len()), &figures, |figure| figure, None)
        };
        let fixed = of(&vec![5.0; 2_000]);
        assert_eq!([fixed.on_tvar_95, fixed.on_sd], [ReturnOn::Absent(NoReturn::NoRisk); 2]);
        let never_owes: Vec<f64> = (0..2_000).map(|trial| f64::from(trial % 7)).collect();
        let never_owes = of(&never_owes);
        assert_eq!(never_owes.on_tvar_95, ReturnOn::Absent(NoReturn::NoRisk));
        let figure = never_owes.on_sd.figure().expect("it varies");
        assert!((figure.value - 1.5).abs() < 0.01 && figure.standard_error > 0.0, "{figure:?}");
    }
}
