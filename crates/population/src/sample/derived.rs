//! Observations that follow from others of the same segment and year.

use crate::{Measured, Observation, Plan, Population, Segment};

/// A column that is a sum of others, times a factor.
#[derive(Clone, Debug)]
pub(super) struct Derived {
    column: usize,
    from: Vec<usize>,
    factor: f64,
}

impl Derived {
    /// Those of a segment.
    pub(super) fn of(population: &Population, segment: &Segment, plan: &Plan) -> Vec<Self> {
        let count = |service: &String| plan.position(&Observation::Count { service: service.clone() });
        let years = || plan.position(&Observation::PersonYears);
        let mut derived = Vec::new();
        for (column, observation) in plan.observations().iter().enumerate() {
            if let Observation::Expected { service, rate, segments } = observation {
                let factor = segment.segment_name().find(segments).copied().unwrap_or(*rate);
                derived.push(Self { column, from: count(service).into_iter().collect(), factor });
            }
        }
        for measure in &population.measures {
            let Measured::Events { of, per, scale } = &measure.measured else { continue };
            let name = || measure.name.clone();
            let numerator = plan.position(&Observation::Numerator { measure: name() });
            let denominator = plan.position(&Observation::Denominator { measure: name() });
            let counted: Vec<usize> = of.iter().filter_map(count).collect();
            let over = per.as_ref().map_or_else(years, count);
            let pairs = [(numerator, counted, *scale), (denominator, over.into_iter().collect(), 1.0)];
            derived.extend(
                pairs.into_iter().filter_map(|(column, from, factor)| Some(Self { column: column?, from, factor })),
            );
        }
        derived
    }

    /// Writes it in a row whose other observations are complete.
    pub(super) fn write(&self, row: &mut [f64]) {
        row[self.column] = self.factor * self.from.iter().map(|&column| row[column]).sum::<f64>();
    }
}
