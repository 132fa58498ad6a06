//! One service of a block of people in one year, as it is and as it would be under other conduct.

use twosided_prob::{CountTable, Purpose, Severity, name_key};

use crate::{Plan, PopulationError, Segment, ServiceScope, Utilization};

use super::{
    add::{Columns, add, lane_sum, sum_counts},
    annual::Annual,
    change::Change,
    counts::{Counts, keep_lived},
    episode::Single,
    follow::{follow, list_each},
    memory::{BlockMemory, Events, Varied},
    rows::Rows,
    streams::YearStreams,
    vary::vary,
    year::SegmentYear,
};

/// A service made ready to be drawn.
#[derive(Clone, Debug)]
pub(super) struct ServiceSampler {
    pub(super) key: u64,
    /// Its index among the segment's services.
    pub(super) index: usize,
    law: Law,
    /// Whether other services follow its events.
    is_followed: bool,
    single: Single,
    pub(super) columns: Columns,
}

#[derive(Clone, Debug)]
enum Law {
    Events {
        counts: Counts,
        severity: Severity,
    },
    /// Events that follow those of the service drawn at this turn.
    Following {
        parent: usize,
        counts: CountTable,
        severity: Severity,
    },
    Annual(Annual),
}

impl ServiceSampler {
    pub(super) fn new(
        segment: &Segment,
        index: usize,
        order: &[usize],
        single: Single,
        plan: &Plan,
        scopes: &[&ServiceScope],
    ) -> Result<Self, PopulationError> {
        let service = &segment.services[index];
        let refused =
            |error| PopulationError::Law { segment: segment.name.clone(), service: service.name.clone(), error };
        let loading = service.frailty_loading;
        let law = match &service.utilization {
            Utilization::Events { frequency, severity } => {
                Law::Events { counts: Counts::new(frequency, loading).map_err(refused)?, severity: severity.clone() }
            }
            Utilization::Following { after, frequency, severity, .. } => {
                let parent = segment.index(after).expect("the order is checked");
                Law::Following {
                    parent: order.iter().position(|&known| known == parent).expect("the order has all services"),
                    counts: frequency.table().map_err(refused)?,
                    severity: severity.clone(),
                }
            }
            Utilization::Annual { zero, amount } => Law::Annual(Annual::new(*zero, amount, loading).map_err(refused)?),
        };
        let follows_it = |other: &crate::Service| matches!(&other.utilization, Utilization::Following { after, .. } if *after == service.name);
        Ok(Self {
            key: name_key(&service.name),
            index,
            law,
            is_followed: segment.services.iter().any(follows_it),
            single,
            columns: Columns::of(plan, segment, &service.name, scopes),
        })
    }

    /// Draws the service for a block and adds it to the totals and the rows; `turn` is its index in the order of drawing.
    ///
    /// Draw order: as [`Counts::draw`], [`follow`] or [`Annual::draw`] say; what [`keep_lived`] needs for those who die; the costs as
    /// [`Severity::fill_sums`] says; then what variants need, as [`vary`] and [`Severity::kept_shares`] say, and the costs of added
    /// events from streams of each variant's own.
    pub(super) fn observe(
        &self,
        turn: usize,
        year: &SegmentYear<'_>,
        streams: &mut YearStreams<'_>,
        memory: &mut BlockMemory,
        rows: &mut Rows<'_>,
    ) {
        let mut events = std::mem::take(&mut memory.events[turn]);
        events.varied.resize_with(year.uses.len(), Varied::default);
        match &self.law {
            Law::Annual(annual) => self.observe_annual(annual, year, streams, memory, rows),
            Law::Events { counts, severity } => {
                counts.draw(streams.get(Purpose::Frequency), memory, &mut events);
                if memory.people.living < memory.people.count {
                    keep_lived(&memory.people, streams.get(Purpose::Exposure), &mut memory.uniforms, &mut events);
                }
                for &variant in year.changed {
                    events.varied[variant].is_changed = false;
                }
                self.observe_events((severity, None), year, streams, memory, &mut events, rows);
            }
            Law::Following { parent, counts, severity } => {
                let of_parent = std::mem::take(&mut memory.events[*parent]);
                follow(counts, &of_parent, year.changed, streams, memory, &mut events, self.single.stems);
                self.observe_events((severity, Some(&of_parent)), year, streams, memory, &mut events, rows);
                memory.events[*parent] = of_parent;
            }
        }
        memory.events[turn] = events;
    }

    fn observe_annual(
        &self,
        annual: &Annual,
        year: &SegmentYear<'_>,
        streams: &mut YearStreams<'_>,
        memory: &mut BlockMemory,
        rows: &mut Rows<'_>,
    ) {
        let count = annual.draw(streams, memory) as f64;
        let BlockMemory { people, users, costs, totals, added_totals, visited, .. } = memory;
        if people.living < people.count {
            let living = users.partition_point(|&user| (user as usize) < people.living);
            for (&user, cost) in users[living..].iter().zip(&mut costs[living..]) {
                *cost *= people.lived[user as usize - people.living];
            }
        }
        people.weigh(users, costs);
        let factor = year.factors[self.index];
        if let Some(visited) = visited {
            for (&user, &cost) in users.iter().zip(costs.iter()) {
                visited.add(self.index, people.member[user as usize], cost * factor, u32::from(cost > 0.0));
            }
        }
        let is_everybody = users.len() == people.count;
        for &scope in &self.columns.scopes {
            add(&mut totals[scope], users, costs, factor, is_everybody);
        }
        let total = lane_sum(costs) * factor;
        self.columns.add(rows.of(0, year.year), total, count);
        self.columns.add_capped(rows.of(0, year.year), costs, factor, year.price_index);
        for &variant in year.changed {
            let used = year.uses[variant][self.index] * year.prices[variant][self.index];
            if used == 1.0 {
                continue;
            }
            for &scope in &self.columns.scopes {
                add(&mut added_totals[variant][scope], users, costs, factor * (used - 1.0), is_everybody);
            }
            let row = rows.of(variant, year.year);
            self.columns.add(row, total * (used - 1.0), 0.0);
            self.columns.add_capped(row, costs, factor * used, year.price_index);
            self.columns.take_capped(row, costs, factor, year.price_index);
        }
    }

    /// Whether amounts of single events are drawn.
    fn parts_amounts(&self) -> bool {
        self.single.amounts || !self.columns.capped.is_empty()
    }

    /// Adds the costs of a block's events, and what variants change of them; `parent` has the events that they follow.
    fn observe_events(
        &self,
        (severity, parent): (&Severity, Option<&Events>),
        year: &SegmentYear<'_>,
        streams: &mut YearStreams<'_>,
        memory: &mut BlockMemory,
        events: &mut Events,
        rows: &mut Rows<'_>,
    ) {
        let BlockMemory { people, costs, parts, severity: scratch, totals, visited, half_words, .. } = memory;
        costs.resize(events.positions.len(), 0.0);
        severity.fill_sums(streams.get(Purpose::Severity), &events.counts, costs, scratch);
        if self.parts_amounts() {
            parts.clear();
            parts.extend_from_slice(severity.amounts_of(streams.get(Purpose::Split), &events.counts, costs, scratch));
        }
        let moved = self.single.elasticity.zip(parent);
        if let Some((elasticity, parent)) = moved {
            let amounts = parent.amounts_of(None);
            events.factors.clear();
            events.factors.extend(events.stems.iter().map(|&stem| elasticity.factor(amounts[stem as usize])));
            multiply(costs, &events.factors);
            if self.parts_amounts() {
                multiply_each(parts, &events.counts, &events.factors);
            }
        }
        if self.single.amounts {
            events.amounts.clone_from(parts);
        }
        if self.parts_amounts() {
            people.weigh_each(&events.positions, &events.counts, parts);
        }
        people.weigh(&events.positions, costs);
        let factor = year.factors[self.index];
        if let Some(visited) = visited {
            for ((&position, &count), &cost) in events.positions.iter().zip(&events.counts).zip(costs.iter()) {
                visited.add(self.index, people.member[position as usize], cost * factor, count);
            }
        }
        for &scope in &self.columns.scopes {
            add(&mut totals[scope], &events.positions, costs, factor, events.is_everybody);
        }
        self.columns.add(rows.of(0, year.year), lane_sum(costs) * factor, sum_counts(&events.counts));
        self.columns.add_capped(rows.of(0, year.year), parts, factor, year.price_index);
        vary(year.changed, |variant| year.uses[variant][self.index], streams, half_words, events, self.single.stems);
        for &variant in year.changed {
            if year.prices[variant][self.index] != 1.0 && !events.varied[variant].is_changed {
                events.varied[variant].begin(&events.counts);
            }
        }
        if self.is_followed {
            list_each(year.changed, events);
        }
        let mut varied = std::mem::take(&mut events.varied);
        let change = |variant| Change {
            variant,
            price: year.prices[variant][self.index],
            severity,
            moved,
            columns: &self.columns,
            keeps_amounts: self.single.amounts,
            factor,
        };
        for &variant in year.changed {
            let varied = &mut varied[variant];
            if varied.is_changed {
                change(variant).take_avoided(year, streams, memory, events, varied, rows);
            }
        }
        for &variant in year.changed {
            let varied = &mut varied[variant];
            if varied.is_changed {
                change(variant).add_extra(year, streams, memory, varied, rows);
            }
        }
        events.varied = varied;
    }
}

/// Multiplies each cost by its factor.
fn multiply(costs: &mut [f64], factors: &[f64]) {
    for (cost, factor) in costs.iter_mut().zip(factors) {
        *cost *= factor;
    }
}

/// The same of single amounts, `counts` of them for each factor.
fn multiply_each(mut amounts: &mut [f64], counts: &[u32], factors: &[f64]) {
    for (&count, &factor) in counts.iter().zip(factors) {
        let (own, others) = amounts.split_at_mut(count as usize);
        for amount in own {
            *amount *= factor;
        }
        amounts = others;
    }
}
