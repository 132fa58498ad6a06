//! Figures of the population, simulated and expected.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_population::{ExpectedCosts, Observation, ServiceScope};
use twosided_scenario::Scenario;
use twosided_sim::{Moments, Observed};

use crate::{Mean, Unit};

/// A figure of the population in the first year, simulated and expected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PopulationFigure {
    /// The segment, or `all`.
    pub segment: String,
    /// The service, or `all`.
    pub service: String,
    /// Person-years lived in the segment.
    pub person_years: f64,
    /// Dollars a person-year.
    pub per_capita: Mean,
    /// What the laws, deaths, turnover, the trend and factors give exactly, in dollars a person-year; absent where correlated
    /// factors have a part in it of which the mean is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_per_capita: Option<f64>,
    /// Events (users, of an annual amount) per 1,000 person-years, of one service; absent of all services together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_1000: Option<Mean>,
}

/// Figures of every segment, every service, and every service of every segment, in the first year.
pub(super) fn figures(scenario: &Scenario, observed: &Observed) -> Vec<PopulationFigure> {
    let population = &scenario.population;
    let segments = population.segments();
    let moments =
        |observation: &Observation| observed.observation(observation).expect("every run observes all services");
    let total = moments(&Observation::total(ServiceScope::All));
    let lived = moments(&Observation::PersonYears);
    let mut figures = Vec::new();
    let mut add =
        |segment: &str, service: &str, lived: Moments, cost: Moments, count: Option<Moments>, expected: Option<f64>| {
            let person_years = lived.mean();
            let per_person = |unit: Unit, moments: Moments, scale: f64| Mean {
                unit,
                value: moments.mean() / person_years * scale,
                standard_error: moments.standard_error() / person_years * scale,
            };
            figures.push(PopulationFigure {
                segment: segment.to_owned(),
                service: service.to_owned(),
                person_years,
                per_capita: per_person(Unit::UsdAPersonYear, cost, 1.0),
                expected_per_capita: expected,
                per_1000: count.map(|count| per_person(Unit::PerThousand, count, 1_000.0)),
            });
        };
    let laws = population.expected_costs().ok();
    let of_one = |index: usize, service: Option<&str>| -> Option<(f64, f64)> {
        let ExpectedCosts { person_years, costs } = &laws.as_ref()?[index];
        let counted = segments[index].services.iter().zip(costs);
        let counted = counted.filter(|(known, _)| service.is_none_or(|service| known.name == service));
        Some((counted.map(|(_, cost)| *cost).sum::<Option<f64>>()?, *person_years))
    };
    let expected = |index: usize, service: Option<&str>| of_one(index, service).map(|(cost, years)| cost / years);
    let averaged = |service: Option<&str>| {
        let parts = segments.iter().enumerate().map(|(index, segment)| {
            of_one(index, service).map(|(cost, years)| (segment.people() * cost, segment.people() * years))
        });
        let parts: Option<Vec<(f64, f64)>> = parts.collect();
        let (cost, years) = parts?.into_iter().fold((0.0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
        Some(cost / years)
    };
    for (index, segment) in segments.iter().enumerate() {
        add(&segment.name, "all", lived.0[index], total.0[index], None, expected(index, None));
    }
    add("all", "all", lived.1, total.1, None, averaged(None));
    for service in population.service_names() {
        let cost = moments(&Observation::Expenditure { service: service.to_owned() });
        let count = moments(&Observation::Count { service: service.to_owned() });
        for (index, segment) in segments.iter().enumerate() {
            if segment.index(service).is_some() {
                let expected = expected(index, Some(service));
                add(&segment.name, service, lived.0[index], cost.0[index], Some(count.0[index]), expected);
            }
        }
        add("all", service, lived.1, cost.1, Some(count.1), averaged(Some(service)));
    }
    figures
}
