//! Figures of what a cover pays, each with its error.

use std::sync::Arc;

use twosided_prob::{Caution, Design, Estimate, Sample, SampleError};
use twosided_report::PremiumRule;

/// Trials in which a cover must pay for its figures to have an error that is more than rough.
const FEWEST_PAYMENTS: usize = 10;

/// Measures figures of every trial by the design that the trials were drawn by.
pub(super) struct Estimates {
    design: Arc<Design>,
}

impl Estimates {
    pub(super) fn new(design: &Arc<Design>) -> Self {
        Self { design: Arc::clone(design) }
    }

    pub(super) fn sample(&self, values: Vec<f64>) -> Result<Sample, SampleError> {
        Sample::drawn_by(&self.design, values)
    }

    /// A mean without its error.
    pub(super) fn mean(&self, values: &[f64]) -> Result<f64, SampleError> {
        Ok(self.sample(values.to_vec())?.mean().value)
    }

    fn with_tail(&self, values: Vec<f64>, tail: f64) -> Result<Sample, SampleError> {
        Ok(self.sample(values)?.with_tail_indices(f64::INFINITY, tail))
    }

    /// The mean of what is ceded.
    pub(super) fn ceded(&self, ceded: &[f64], tail: f64) -> Result<Estimate, SampleError> {
        Ok(seen(self.with_tail(ceded.to_vec(), tail)?.mean(), ceded))
    }

    /// Its standard deviation.
    pub(super) fn sd_of_ceded(&self, ceded: &[f64], tail: f64) -> Result<Estimate, SampleError> {
        Ok(seen(self.with_tail(ceded.to_vec(), tail)?.sd(), ceded))
    }

    pub(super) fn probability(&self, values: &[f64], wanted: impl Fn(f64) -> bool) -> Result<Estimate, SampleError> {
        Ok(self.sample(values.to_vec())?.probability(wanted))
    }

    /// The mean of one figure over the mean of another. The error is that of the mean of `a - ratio × b`, over the mean of `b`.
    fn ratio(&self, a: &[f64], b: &[f64], tail: f64) -> Result<Estimate, SampleError> {
        let mean_of_b = self.mean(b)?;
        let value = self.mean(a)? / mean_of_b;
        let left = a.iter().zip(b).map(|(a, b)| a - value * b).collect();
        Ok(about(value, self.with_tail(left, tail)?.mean(), mean_of_b))
    }

    /// What is ceded per member and month.
    pub(super) fn pure_premium(&self, ceded: &[f64], months: &[f64], tail: f64) -> Result<Estimate, SampleError> {
        Ok(seen(self.ratio(ceded, months, tail)?, ceded))
    }

    /// The premium by a rule, per member and month. The error of the standard deviation enters by its linear part.
    ///
    /// ```text
    /// premium = ((1 + load) × mean + load on sd × sd) / mean months,   or mean / loss ratio / mean months
    /// ```
    ///
    /// A corridor that takes from the provider on balance, a mean below zero, is not loaded and has no premium but a load on its spread.
    pub(super) fn premium(
        &self,
        ceded: &[f64],
        months: &[f64],
        tail: f64,
        rule: PremiumRule,
    ) -> Result<Estimate, SampleError> {
        let (of_mean, of_sd) = match rule {
            PremiumRule::Loaded { load, load_sd } => (1.0 + load, load_sd),
            PremiumRule::LossRatio(ratio) => (1.0 / ratio, 0.0),
        };
        let (mean, mean_months) = (self.mean(ceded)?, self.mean(months)?);
        let sd = self.with_tail(ceded.to_vec(), tail)?.sd().value;
        let of_mean = if mean > 0.0 { of_mean } else { 0.0 };
        let value = (of_mean * mean + of_sd * sd) / mean_months;
        let of_trial = |(ceded, months): (&f64, &f64)| {
            let of_spread = if sd > 0.0 { ((ceded - mean) * (ceded - mean) - sd * sd) / (2.0 * sd) } else { 0.0 };
            of_mean * (ceded - mean) + of_sd * of_spread - value * (months - mean_months)
        };
        let left: Vec<f64> = ceded.iter().zip(months).map(of_trial).collect();
        // A standard deviation squares what is ceded.
        let tail = if of_sd > 0.0 { tail / 2.0 } else { tail };
        Ok(seen(about(value, self.with_tail(left, tail)?.mean(), mean_months), ceded))
    }

    /// The growth of what is ceded; none where nothing is.
    pub(super) fn growth(
        &self,
        grown: &[f64],
        ceded: &[f64],
        tail: f64,
    ) -> Result<Result<Estimate, String>, SampleError> {
        if self.mean(ceded)? <= 0.0 {
            return Ok(Err("the leveraged trend of a cover that pays nothing on balance".to_owned()));
        }
        let ratio = self.ratio(grown, ceded, tail)?;
        let [value, lower, upper] = [ratio.value, ratio.lower, ratio.upper].map(|end| end - 1.0);
        let growth = Estimate { value, lower, upper, ..ratio };
        Ok(Ok(few(growth, ceded)))
    }

    /// A share of claims; none where there are no claims.
    pub(super) fn share(&self, of: &[f64], claims: &[f64], tail: f64) -> Result<Result<Estimate, String>, SampleError> {
        if self.mean(claims)? <= 0.0 {
            return Ok(Err("the share borne where no trial has claims above the attachment point".to_owned()));
        }
        let share = few(self.ratio(of, claims, tail)?, claims);
        // All, or nothing, but for rounding.
        let whole = share.value.round();
        Ok(Ok(if share.standard_error == 0.0 && (share.value - whole).abs() < 1e-9 {
            Estimate { value: whole, lower: whole, upper: whole, ..share }
        } else {
            share
        }))
    }

    /// People per thousand person-years.
    pub(super) fn per_thousand(&self, people: &[f64], months: &[f64]) -> Result<Estimate, SampleError> {
        let thousands: Vec<f64> = months.iter().map(|months| months / 12_000.0).collect();
        Ok(seen(self.ratio(people, &thousands, f64::INFINITY)?, people))
    }
}

/// A value with the error of a mean about zero, in units of `unit`.
fn about(value: f64, of_left: Estimate, unit: f64) -> Estimate {
    let Estimate { value: middle, standard_error, lower, upper, caution } = of_left;
    // What rounding leaves of residuals that are nothing is no error.
    let standard_error = if standard_error < 1e-9 * (value * unit).abs() { 0.0 } else { standard_error / unit };
    let end = |end: f64| if standard_error > 0.0 { value + (end - middle) / unit } else { value };
    Estimate { value, standard_error, lower: end(lower), upper: end(upper), caution }
}

/// A figure of what is ceded that says so where no trial, or hardly any, has a payment: nothing that was not seen has an error.
fn seen(estimate: Estimate, ceded: &[f64]) -> Estimate {
    if ceded.iter().any(|ceded| *ceded != 0.0) {
        return few(estimate, ceded);
    }
    let (standard_error, upper) = (f64::INFINITY, f64::INFINITY);
    Estimate { value: 0.0, standard_error, lower: 0.0, upper, caution: Some(Caution::FewTrials) }
}

/// The same where the errors alone are rough.
fn few(estimate: Estimate, ceded: &[f64]) -> Estimate {
    let payments = ceded.iter().filter(|ceded| **ceded != 0.0).count();
    let caution = (payments < FEWEST_PAYMENTS).then_some(Caution::FewTrials);
    Estimate { caution: estimate.caution.or(caution), ..estimate }
}

/// An estimate without the error that is the rounding of amounts up to this size.
pub(super) fn without_rounding(estimate: Estimate, largest: f64) -> Estimate {
    if estimate.standard_error >= 1e-12 * largest {
        return estimate;
    }
    let end = |end: f64| if end.is_finite() { estimate.value } else { end };
    Estimate { standard_error: 0.0, lower: end(estimate.lower), upper: end(estimate.upper), ..estimate }
}
