//! The sum of a year that decides a contract's gain, as a function of one person's costs.
//!
//! ```text
//! sum = Σ over people of  slope × total + Σ over layers of coefficient × (min(max(total, low), high) - low) + of_life × part lived
//! ```

use twosided_population::{Limit, Observation, Plan, Segment, ServiceScope};

use crate::NoExactLaw;

/// What one person of a segment adds to the sum.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PersonFunction {
    /// What each service's cost is multiplied by in the person's total; 0 for those that do not count.
    pub(crate) scales: Vec<f64>,
    slope: f64,
    layers: Vec<Layer>,
    /// What a year lived adds.
    pub(crate) of_life: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Layer {
    coefficient: f64,
    low: f64,
    high: f64,
}

impl PersonFunction {
    /// The function of a segment, by the coefficients of the plan's columns.
    pub(crate) fn new(plan: &Plan, coefficients: &[f64], segment: &Segment) -> Result<Self, NoExactLaw> {
        let names: Vec<&str> = segment.services.iter().map(|service| service.name.as_str()).collect();
        let mut weights = vec![0.0; names.len()];
        let mut layers: Vec<(&ServiceScope, Layer)> = Vec::new();
        let mut of_life = 0.0;
        let counted = plan.observations().iter().zip(coefficients).filter(|(_, coefficient)| **coefficient != 0.0);
        for (observation, &coefficient) in counted {
            match observation {
                Observation::Expenditure { service } => {
                    if let Some(index) = segment.index(service) {
                        weights[index] += coefficient;
                    }
                }
                Observation::Layer { services, attachment, limit } => {
                    let low = attachment.of(segment.segment_name()).0;
                    let high = match limit {
                        Limit::Unlimited => f64::INFINITY,
                        Limit::Amount(amount) => amount.0,
                        Limit::Width(width) => low + width.0,
                        Limit::TruncationPoint => segment.truncation_point.map_or(f64::INFINITY, |point| point.0),
                    };
                    if low == 0.0 && high == f64::INFINITY {
                        for (weight, name) in weights.iter_mut().zip(&names) {
                            *weight += if services.includes(name) { coefficient } else { 0.0 };
                        }
                    } else if high > low && names.iter().any(|name| services.includes(name)) {
                        layers.push((services, Layer { coefficient, low, high }));
                    }
                }
                Observation::PersonYears => of_life += coefficient,
                other => return Err(NoExactLaw::Observation(name_of(other))),
            }
        }
        let (scales, slope) = Self::total(&names, &weights, &layers)?;
        Ok(Self { scales, slope, layers: layers.into_iter().map(|(_, layer)| layer).collect(), of_life })
    }

    /// The scales of the services in the person's total, and what the total itself adds.
    fn total(
        names: &[&str],
        weights: &[f64],
        layers: &[(&ServiceScope, Layer)],
    ) -> Result<(Vec<f64>, f64), NoExactLaw> {
        let largest = weights.iter().fold(0.0, |most: f64, weight| most.max(weight.abs()));
        let is_near = |one: f64, other: f64| (one - other).abs() <= 1e-9 * largest;
        let Some((scope, _)) = layers.first() else {
            // Weights of one sign make a total of their own.
            let sign = if weights.iter().any(|&weight| weight < 0.0) { -1.0 } else { 1.0 };
            let scales: Vec<f64> =
                weights.iter().map(|weight| if is_near(*weight, 0.0) { 0.0 } else { weight * sign }).collect();
            return if scales.iter().all(|&scale| scale >= 0.0) {
                Ok((scales, sign))
            } else {
                Err(NoExactLaw::SeveralTotals)
            };
        };
        let is_in = |scope: &ServiceScope| -> Vec<bool> { names.iter().map(|name| scope.includes(name)).collect() };
        let counts = is_in(scope);
        let slope = counts.iter().zip(weights).find(|(counts, _)| **counts).map_or(0.0, |(_, weight)| *weight);
        let is_one = layers.iter().all(|(scope, _)| is_in(scope) == counts)
            && counts.iter().zip(weights).all(|(counts, &weight)| is_near(weight, if *counts { slope } else { 0.0 }));
        if is_one { Ok((counts.into_iter().map(f64::from).collect(), slope)) } else { Err(NoExactLaw::SeveralTotals) }
    }

    /// What a total adds.
    pub(crate) fn of_total(&self, total: f64) -> f64 {
        let layers =
            self.layers.iter().map(|layer| layer.coefficient * (total.clamp(layer.low, layer.high) - layer.low));
        self.slope * total + layers.sum::<f64>()
    }

    /// Totals at which the function bends.
    pub(crate) fn bends(&self) -> impl Iterator<Item = f64> {
        self.layers.iter().flat_map(|layer| [layer.low, layer.high]).filter(|bend| *bend > 0.0 && bend.is_finite())
    }

    /// The total from which the function is constant, if there is one.
    pub(crate) fn end(&self) -> Option<f64> {
        let open = self.layers.iter().filter(|layer| layer.high == f64::INFINITY);
        let beyond = self.slope + open.map(|layer| layer.coefficient).sum::<f64>();
        let largest = self.layers.iter().fold(self.slope.abs(), |most, layer| most.max(layer.coefficient.abs()));
        (beyond.abs() <= 1e-9 * largest).then(|| self.bends().fold(0.0, f64::max))
    }

    /// How steep it is at most.
    pub(crate) fn steepest(&self) -> f64 {
        self.slope.abs() + self.layers.iter().map(|layer| layer.coefficient.abs()).sum::<f64>()
    }
}

/// What an observation is called in a sentence.
pub(crate) fn name_of(observation: &Observation) -> String {
    match observation {
        Observation::Layer { .. } => "a layer of people's costs".to_owned(),
        Observation::PeopleAbove { .. } => "the number of people above an amount".to_owned(),
        Observation::Expenditure { service } => format!("the cost of `{service}`"),
        Observation::CappedExpenditure { service, .. } => format!("the cost of `{service}` up to a limit an event"),
        Observation::Episodes { anchor, .. } => format!("the cost of episodes of `{anchor}`"),
        Observation::Count { service } => format!("the number of events of `{service}`"),
        Observation::Expected { service, .. } => format!("what is expected to follow the events of `{service}`"),
        Observation::PersonYears => "the years that people live".to_owned(),
        Observation::People => "the number of people".to_owned(),
        Observation::RiskScore => "risk scores that differ between people".to_owned(),
        Observation::Denominator { measure } | Observation::Numerator { measure } => {
            format!("the quality measure `{measure}`")
        }
    }
}
