//! A segment's year without layers: people whose services and years have nothing to do with each other.
//!
//! People come in blocks small enough for the processor's nearest memory. For each block and service, the people with
//! events are found first, and only they are touched again; costs are drawn in batches and added to a total per person and
//! scope; last, each layer is summed over the block. Sums run in eight interleaved lanes, in an order that never changes.
//!
//! This is the short way to what [`crate::people`] comes to for such a segment, to the bit.

use std::sync::atomic::Ordering;

use twosided_prob::{CountTable, ParameterError, Purpose, Severity, Stream, StreamKey, name_key};

use crate::{
    Plan, PopulationError, Segment, ServiceScope, Utilization,
    draws::{Amounts, add, capped_sum, draw_counts, lane_sum},
    layer::{BLOCK, LANES, Layer, LayerColumns, layers_of, sum_layers},
    sampler::{Draw, Interrupted, Scratch},
};

/// A segment made ready to be sampled.
#[derive(Clone, Debug)]
pub(crate) struct IndependentSampler {
    key: u64,
    members: u64,
    services: Vec<ServiceSampler>,
    layers: Vec<Layer>,
}

#[derive(Clone, Debug)]
struct ServiceSampler {
    key: u64,
    law: Law,
    columns: LayerColumns,
}

#[derive(Clone, Debug)]
enum Law {
    Events(CountTable, Severity),
    Annual(Amounts),
}

impl IndependentSampler {
    pub(crate) fn new(segment: &Segment, plan: &Plan, scopes: &[&ServiceScope]) -> Result<Self, PopulationError> {
        let services = segment.services.iter().map(|service| {
            let law =
                |error| PopulationError::Law { segment: segment.name.clone(), service: service.name.clone(), error };
            let columns = LayerColumns::of(plan, &service.name, scopes);
            Ok(ServiceSampler {
                key: name_key(&service.name),
                law: law_of(&service.utilization).map_err(law)?,
                columns,
            })
        });
        let services = services.collect::<Result<_, _>>()?;
        Ok(Self {
            key: name_key(&segment.name),
            members: segment.members,
            services,
            layers: layers_of(plan, segment, scopes),
        })
    }

    /// Samples a year, in which the cost of each service is multiplied by its factor.
    pub(crate) fn observe(
        &self,
        draw: &Draw<'_>,
        year: u32,
        factors: &[f64],
        scratch: &mut Scratch,
        row: &mut [f64],
    ) -> Result<(), Interrupted> {
        let &Draw { seed, trial, stop, .. } = draw;
        let index = draw.price_index[year as usize];
        let Scratch { totals, streams, .. } = scratch;
        let mut streams = std::mem::take(streams);
        streams.clear();
        streams.extend(self.services.iter().map(|service| {
            let stream = |purpose| {
                Stream::new(&StreamKey { seed, purpose, segment: self.key, service: service.key, trial, year })
            };
            let split = (!service.columns.capped.is_empty()).then(|| stream(Purpose::Split));
            (stream(Purpose::Frequency), stream(Purpose::Severity), split)
        }));
        let mut layer_sums = vec![[0.0; LANES]; self.layers.len()];
        let mut left = self.members;
        for scope in totals.iter_mut() {
            scope.fill(0.0);
        }
        while left > 0 {
            if stop.load(Ordering::Relaxed) {
                return Err(Interrupted);
            }
            let people = left.min(BLOCK as u64) as usize;
            left -= people as u64;
            for ((service, (frequency, severity, split)), &factor) in
                self.services.iter().zip(&mut streams).zip(factors)
            {
                let count = service.draw(people, frequency, severity, scratch);
                let Scratch { totals, users, costs, .. } = &mut *scratch;
                for &scope in &service.columns.scopes {
                    add(&mut totals[scope], users, costs, factor);
                }
                if let Some(column) = service.columns.expenditure {
                    row[column] += lane_sum(costs) * factor;
                }
                if let Some(column) = service.columns.count {
                    row[column] += count as f64;
                }
                if let Some(split) = split {
                    service.add_capped(split, factor, index, scratch, row);
                }
            }
            sum_layers(&self.layers, &scratch.totals, index, &mut layer_sums);
            for scope in &mut scratch.totals {
                scope.fill(0.0);
            }
        }
        for (layer, sums) in self.layers.iter().zip(&layer_sums) {
            row[layer.column] = sums.iter().sum();
        }
        scratch.streams = streams;
        Ok(())
    }
}

fn law_of(utilization: &Utilization) -> Result<Law, ParameterError> {
    match utilization {
        Utilization::Events { frequency, severity } => Ok(Law::Events(frequency.table()?, severity.clone())),
        Utilization::Following { .. } => unreachable!("people with services that follow others are sampled as persons"),
        Utilization::Annual { zero, amount } => Ok(Law::Annual(Amounts::new(*zero, amount)?)),
    }
}

impl ServiceSampler {
    /// Draws the service for a block of people: `scratch.users` are those whom `scratch.costs` fall on. Returns its count.
    ///
    /// Draw order: events, as [`draw_counts`] and then [`Severity::fill_sums`] say; amounts, as [`Amounts::draw`] says.
    fn draw(&self, people: usize, frequency: &mut Stream, severity: &mut Stream, scratch: &mut Scratch) -> u64 {
        match &self.law {
            Law::Annual(amounts) => amounts.draw(people, frequency, severity, scratch),
            Law::Events(table, law) => {
                draw_counts(table, people, frequency, scratch);
                let Scratch { counts, costs, severity: memory, .. } = scratch;
                costs.resize(counts.len(), 0.0);
                law.fill_sums(severity, counts, costs, memory);
                counts.iter().map(|&count| u64::from(count)).sum()
            }
        }
    }

    /// Adds what the block's events cost up to each limit, after [`ServiceSampler::draw`].
    fn add_capped(&self, split: &mut Stream, factor: f64, index: f64, scratch: &mut Scratch, row: &mut [f64]) {
        let Scratch { counts, costs, severity, .. } = scratch;
        let amounts = match &self.law {
            Law::Annual(_) => costs,
            Law::Events(_, law) => law.amounts_of(split, counts, costs, severity),
        };
        for &(column, limit) in &self.columns.capped {
            row[column] += capped_sum(amounts, factor, limit * index);
        }
    }
}
