//! Quality measures: who is in the denominator and the numerator.

use twosided_prob::{Purpose, Stream, StreamKey, name_key};

use crate::{Observation, Plan, QualityMeasure, Segment, Variant};

use super::rows::Rows;

/// A quality measure of a segment.
#[derive(Clone, Debug)]
pub(super) struct MeasureSampler {
    pub(super) name: String,
    denominator: f64,
    rate: f64,
    denominator_column: Option<usize>,
    numerator_column: Option<usize>,
}

impl MeasureSampler {
    pub(super) fn new(measure: &QualityMeasure, segment: &Segment, plan: &Plan) -> Self {
        let column = |observation: Observation| plan.position(&observation);
        Self {
            name: measure.name.clone(),
            denominator: measure.denominator.value(),
            rate: measure.rate_of(segment.segment_name()).value(),
            denominator_column: column(Observation::Denominator { measure: measure.name.clone() }),
            numerator_column: column(Observation::Numerator { measure: measure.name.clone() }),
        }
    }

    /// Draws who of a year's people is in the denominator and the numerator; gaps that a program closes are drawn among the open ones.
    pub(super) fn observe(
        &self,
        (seed, trial): (u64, u64),
        (segment, people): (u64, u64),
        year: u32,
        variants: &[Variant],
        closed: impl Fn(&Variant) -> f64,
        rows: &mut Rows<'_>,
    ) {
        let key = StreamKey { seed, purpose: Purpose::Measure, segment, service: name_key(&self.name), trial, year };
        let mut stream = Stream::new(&key);
        let denominator = stream.binomial(people, self.denominator);
        let numerator = stream.binomial(denominator, self.rate);
        for (index, variant) in variants.iter().enumerate() {
            let mut gaps = stream.clone();
            let closed = gaps.binomial(denominator - numerator, closed(variant));
            let row = rows.of(index, year);
            for (column, count) in [(self.denominator_column, denominator), (self.numerator_column, numerator + closed)]
            {
                if let Some(column) = column {
                    row[column] = count as f64;
                }
            }
        }
    }
}
