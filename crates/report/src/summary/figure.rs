//! A figure of a run as a saved summary holds it: with its unit, its error and its interval.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use twosided_prob::{Caution, Design, Estimate};
use twosided_sim::Moments;

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Unit {
    /// Dollars of one year.
    #[serde(rename = "USD a year")]
    UsdAYear,
    /// Dollars of all years of the horizon together.
    #[serde(rename = "USD over all years")]
    UsdOverAllYears,
    /// Dollars since the start of the horizon.
    #[serde(rename = "USD since the start")]
    UsdSinceTheStart,
    /// Dollars per person-year.
    #[serde(rename = "USD a person-year")]
    UsdAPersonYear,
    /// Dollars per member per month.
    #[serde(rename = "USD PMPM")]
    UsdPmpm,
    /// Events, or users, per 1,000 person-years.
    #[serde(rename = "per 1,000 person-years")]
    PerThousand,
    /// A probability.
    #[serde(rename = "probability")]
    Probability,
    /// A decimal share.
    #[serde(rename = "share")]
    Share,
    /// A number of ACOs.
    #[serde(rename = "ACOs")]
    Acos,
    /// Dollars per dollar.
    #[serde(rename = "USD per USD")]
    Ratio,
    /// A month, counted from the first of the horizon.
    #[serde(rename = "month")]
    Months,
    /// Days.
    #[serde(rename = "days")]
    Days,
    /// The unit of a quality measure: a share of people, events, or what it takes the mean of.
    #[serde(rename = "measure")]
    Measure,
    /// A correlation.
    #[serde(rename = "correlation")]
    Correlation,
}

impl Unit {
    /// The unit's name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UsdAYear => "USD a year",
            Self::UsdOverAllYears => "USD over all years",
            Self::UsdSinceTheStart => "USD since the start",
            Self::UsdAPersonYear => "USD a person-year",
            Self::UsdPmpm => "USD PMPM",
            Self::PerThousand => "per 1,000 person-years",
            Self::Probability => "probability",
            Self::Share => "share",
            Self::Acos => "ACOs",
            Self::Ratio => "USD per USD",
            Self::Months => "month",
            Self::Days => "days",
            Self::Measure => "measure",
            Self::Correlation => "correlation",
        }
    }
}

/// A figure with its standard error of simulation and its 95% confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// What it counts.
    pub unit: Unit,
    /// The figure.
    pub value: f64,
    /// Its standard deviation over repeated runs, which is 0 for an exact figure; null where it cannot be estimated, and infinite in memory.
    #[serde(with = "open_above")]
    #[schemars(schema_with = "number_or_null")]
    pub standard_error: f64,
    /// Its 95% confidence interval.
    pub interval: Interval,
    /// Why the error or the interval is not to be relied on; absent where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caution: Option<Doubt>,
    /// How it is found, where not from trials that are each drawn for itself and counted alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// The estimated bound of an exact figure: how far it may be from the truth; absent for a simulated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<f64>,
    /// Of a quantile or a value at risk: order statistics between which it lies with all but 3 in 10,000 probability, whatever the law. By
    /// them two runs are compared; absent for other figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wide_interval: Option<Interval>,
}

/// How a figure is found, other than from trials that are each drawn for itself and counted alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// From stratified trials, with weights by controls.
    StratifiedWithControls,
    /// From the exact law given the factors, integrated over them.
    ExactLaw,
}

impl Method {
    /// The method, for a reader.
    pub const fn description(self) -> &'static str {
        match self {
            Self::StratifiedWithControls => "stratified trials, with controls",
            Self::ExactLaw => "exact law given the factors",
        }
    }
}

/// A 95% confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Lower end; null where the sample leaves it open, and infinite in memory.
    #[serde(with = "open_below")]
    #[schemars(schema_with = "number_or_null")]
    pub lower: f64,
    /// Upper end; null where the sample leaves it open, and infinite in memory.
    #[serde(with = "open_above")]
    #[schemars(schema_with = "number_or_null")]
    pub upper: f64,
}

/// Why an error or an interval is not to be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// A few trials with a heavy tail decide the figure; its error cannot be estimated.
    HeavyTail,
    /// So few trials have a part in the figure that its error is rough, or its interval has an open end.
    FewTrials,
}

impl Figure {
    /// An estimate with its unit.
    pub fn new(unit: Unit, estimate: Estimate) -> Self {
        let Estimate { value, standard_error, lower, upper, caution } = estimate;
        let caution = caution.map(|caution| match caution {
            Caution::HeavyTail => Doubt::HeavyTail,
            Caution::FewTrials => Doubt::FewTrials,
        });
        let interval = Interval { lower, upper };
        Self { unit, value, standard_error, interval, caution, method: None, bound: None, wide_interval: None }
    }

    /// An exact figure with its estimated bound, which has no error of simulation.
    pub fn exact(unit: Unit, value: f64, bound: f64) -> Self {
        let interval = Interval { lower: value, upper: value };
        let method = Some(Method::ExactLaw);
        let (bound, wide_interval) = (Some(bound), None);
        Self { unit, value, standard_error: 0.0, interval, caution: None, method, bound, wide_interval }
    }

    /// The figure as it is shown to a reader: the estimated bound of an exact one stands where the error of a simulated one would.
    pub fn shown(&self) -> Estimate {
        match self.bound {
            Some(bound) => {
                let (lower, upper) = (self.value - bound, self.value + bound);
                Estimate { standard_error: bound, lower, upper, ..self.estimate() }
            }
            None => self.estimate(),
        }
    }

    /// The same, found by a method.
    pub(crate) fn found_by(self, method: Option<Method>) -> Self {
        Self { method, ..self }
    }

    /// The same with a wide interval.
    pub(crate) fn within(self, wide: Option<(f64, f64)>) -> Self {
        Self { wide_interval: wide.map(|(lower, upper)| Interval { lower, upper }), ..self }
    }

    /// The same figure with its sign turned.
    #[must_use]
    pub fn negated(self) -> Self {
        let Self { unit, method, bound, .. } = self;
        let turned = |Interval { lower, upper }| Interval { lower: 0.0 - upper, upper: 0.0 - lower };
        let wide_interval = self.wide_interval.map(turned);
        Self { method, bound, wide_interval, ..Self::new(unit, self.estimate().negated()) }
    }

    /// The figure without its unit.
    pub fn estimate(&self) -> Estimate {
        let Self { value, standard_error, interval: Interval { lower, upper }, .. } = *self;
        let caution = self.caution.map(|doubt| match doubt {
            Doubt::HeavyTail => Caution::HeavyTail,
            Doubt::FewTrials => Caution::FewTrials,
        });
        Estimate { value, standard_error, lower, upper, caution }
    }
}

/// A mean over trials and its standard error.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mean {
    /// What it counts.
    pub unit: Unit,
    /// The mean.
    pub value: f64,
    /// Its standard error; null where it cannot be estimated, and infinite in memory.
    #[serde(with = "open_above")]
    #[schemars(schema_with = "number_or_null")]
    pub standard_error: f64,
}

impl Mean {
    /// The mean of a figure in units of one over the scale.
    pub(crate) fn of(unit: Unit, moments: Moments, scale: f64) -> Self {
        Self { unit, value: moments.mean() * scale, standard_error: moments.standard_error() * scale }
    }

    /// The mean with its 95% interval.
    pub(crate) fn estimate(self) -> Estimate {
        const NORMAL_95: f64 = 1.959_963_984_540_054;
        let Self { value, standard_error, .. } = self;
        let half = NORMAL_95 * standard_error;
        Estimate { value, standard_error, lower: value - half, upper: value + half, caution: None }
    }

    /// The same; what differs by rounding alone does not vary.
    pub(crate) fn without_rounding(self) -> Self {
        let varies = self.standard_error > 1e-10 * self.value.abs();
        Self { standard_error: if varies { self.standard_error } else { 0.0 }, ..self }
    }
}

fn number_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["number", "null"] })
}

/// A number that is null where it is infinite.
mod open_above {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes every field by reference")]
    pub(super) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        number.is_finite().then_some(number).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::INFINITY))
    }
}

/// A number that is null where it is minus infinity.
mod open_below {
    use serde::{Deserialize, Deserializer};

    pub(super) use super::open_above::serialize;

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NEG_INFINITY))
    }
}

/// How figures of a sample are found.
pub(super) fn method(design: &Design) -> Option<Method> {
    (!design.is_independent()).then_some(Method::StratifiedWithControls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_read_as_it_was_written() {
        let caution = Some(Caution::HeavyTail);
        let open = Estimate {
            value: 0.1 + 0.2,
            standard_error: f64::INFINITY,
            lower: f64::NEG_INFINITY,
            upper: f64::INFINITY,
            caution,
        };
        let closed = Estimate { value: -0.0, standard_error: 1e-300, lower: -1.0 / 3.0, upper: 7e22, caution: None };
        for estimate in [open, closed] {
            let figure = Figure::new(Unit::UsdOverAllYears, estimate);
            let text = serde_json::to_string(&figure).expect("it is JSON");
            assert_eq!(serde_json::from_str::<Figure>(&text).expect("it was written so"), figure, "{text}");
            assert_eq!(figure.estimate(), estimate);
        }
        let exact = Figure::exact(Unit::UsdAYear, 2.5, 1e-7);
        let text = serde_json::to_string(&exact).expect("it is JSON");
        assert_eq!(serde_json::from_str::<Figure>(&text).expect("it was written so"), exact, "{text}");
        assert!(text.contains(r#""standard_error":0.0,"interval":{"lower":2.5,"upper":2.5}"#), "{text}");
        assert!(text.ends_with(r#""method":"exact_law","bound":1e-7}"#), "{text}");
        assert_eq!((exact.estimate().standard_error, exact.shown().standard_error), (0.0, 1e-7));
        let text = serde_json::to_string(&Figure::new(Unit::UsdAYear, open)).expect("it is JSON");
        assert!(text.contains(r#""interval":{"lower":null,"upper":null},"caution":"heavy_tail""#), "{text}");
    }

    #[test]
    fn a_unit_is_written_by_its_name() {
        let of_dollars =
            [Unit::UsdAYear, Unit::UsdOverAllYears, Unit::UsdSinceTheStart, Unit::UsdAPersonYear, Unit::UsdPmpm];
        for unit in
            of_dollars.into_iter().chain([Unit::PerThousand, Unit::Probability, Unit::Share, Unit::Acos, Unit::Ratio])
        {
            assert_eq!(serde_json::to_value(unit).expect("it is JSON"), unit.name());
        }
    }
}
