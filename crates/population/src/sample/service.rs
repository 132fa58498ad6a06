//! One service of a block of people in one year, as it is and as it would be under other conduct.

use twosided_prob::{CountTable, Purpose, Severity, name_key};

use crate::{Plan, PopulationError, Segment, ServiceScope, Utilization};

use super::{
    add::{Columns, add, lane_sum, sum_counts},
    annual::Annual,
    counts::{Counts, keep_lived},
    follow::{follow, list_each},
    memory::{BlockMemory, Changes, Events, Varied},
    rows::Rows,
    streams::YearStreams,
    vary::vary,
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

/// A segment's year, the same for all of its blocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct SegmentYear<'a> {
    pub(super) year: u32,
    /// Variants that differ from the reference.
    pub(super) changed: &'a [usize],
    /// `[variant][service]`, use over that of the reference.
    pub(super) uses: &'a [Vec<f64>],
    /// What the cost of each service is multiplied by.
    pub(super) factors: &'a [f64],
    /// What limits are multiplied by.
    pub(super) price_index: f64,
}

impl ServiceSampler {
    pub(super) fn new(
        segment: &Segment,
        index: usize,
        order: &[usize],
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
            Utilization::Following { after, frequency, severity } => {
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
            columns: Columns::of(plan, &service.name, scopes),
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
                self.observe_events(severity, year, streams, memory, &mut events, rows);
            }
            Law::Following { parent, counts, severity } => {
                let of_parent = std::mem::take(&mut memory.events[*parent]);
                follow(counts, &of_parent, year.changed, streams, memory, &mut events);
                memory.events[*parent] = of_parent;
                self.observe_events(severity, year, streams, memory, &mut events, rows);
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
            let used = year.uses[variant][self.index];
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

    /// Adds the costs of a block's events, and what variants change of them.
    fn observe_events(
        &self,
        severity: &Severity,
        year: &SegmentYear<'_>,
        streams: &mut YearStreams<'_>,
        memory: &mut BlockMemory,
        events: &mut Events,
        rows: &mut Rows<'_>,
    ) {
        let BlockMemory { people, costs, parts, severity: scratch, totals, visited, .. } = memory;
        costs.resize(events.positions.len(), 0.0);
        severity.fill_sums(streams.get(Purpose::Severity), &events.counts, costs, scratch);
        if !self.columns.capped.is_empty() {
            parts.clear();
            parts.extend_from_slice(severity.amounts_of(streams.get(Purpose::Split), &events.counts, costs, scratch));
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
        vary(year.changed, |variant| year.uses[variant][self.index], streams, &mut memory.half_words, events);
        if self.is_followed {
            list_each(year.changed, events);
        }
        for &variant in year.changed.iter().filter(|&&variant| events.varied[variant].is_changed) {
            self.take_avoided(severity, variant, year, streams, memory, events, rows);
        }
        for &variant in year.changed.iter().filter(|&&variant| events.varied[variant].is_changed) {
            self.add_extra(severity, variant, year, streams, memory, &events.varied[variant].extra, rows);
        }
    }

    /// Takes away what a variant avoids of the costs just drawn.
    #[expect(clippy::too_many_arguments, reason = "the parts of one pass, borrowed one by one")]
    fn take_avoided(
        &self,
        severity: &Severity,
        variant: usize,
        year: &SegmentYear<'_>,
        streams: &mut YearStreams<'_>,
        memory: &mut BlockMemory,
        events: &Events,
        rows: &mut Rows<'_>,
    ) {
        let BlockMemory { costs, parts, changes, severity: scratch, added_totals, .. } = memory;
        let Changes { shares, positions, counts, costs: avoided, parts: kept_parts } = changes;
        let kept = &events.varied[variant].kept;
        severity.kept_shares(streams.of_variant(variant, Purpose::Kept), &events.counts, kept, shares, scratch);
        positions.clear();
        counts.clear();
        avoided.clear();
        for (index, (&count, &kept)) in
            events.counts.iter().zip(kept).enumerate().filter(|(_, (count, kept))| kept < count)
        {
            positions.push(events.positions[index]);
            counts.push(count - kept);
            avoided.push(-costs[index] * (1.0 - shares[index]));
        }
        let factor = year.factors[self.index];
        for &scope in &self.columns.scopes {
            add(&mut added_totals[variant][scope], positions, avoided, factor, false);
        }
        let row = rows.of(variant, year.year);
        self.columns.add(row, lane_sum(avoided) * factor, -sum_counts(counts));
        if !self.columns.capped.is_empty() {
            let mut rest = parts.as_slice();
            for ((&count, &kept), (&share, &cost)) in
                events.counts.iter().zip(kept).zip(shares.iter().zip(costs.iter()))
            {
                let (own, others) = rest.split_at(count as usize);
                rest = others;
                if kept < count {
                    self.columns.take_capped(row, own, factor, year.price_index);
                    let first = &own[..kept as usize];
                    let sum: f64 = first.iter().sum();
                    let scale = if sum > 0.0 { cost * share / sum } else { 0.0 };
                    kept_parts.clear();
                    kept_parts.extend(first.iter().map(|amount| amount * scale));
                    self.columns.add_capped(row, kept_parts, factor, year.price_index);
                }
            }
        }
    }

    /// Adds events that a variant has on top of the reference's.
    #[expect(clippy::too_many_arguments, reason = "the parts of one pass, borrowed one by one")]
    fn add_extra(
        &self,
        severity: &Severity,
        variant: usize,
        year: &SegmentYear<'_>,
        streams: &mut YearStreams<'_>,
        memory: &mut BlockMemory,
        extra: &[(u32, u32)],
        rows: &mut Rows<'_>,
    ) {
        if extra.is_empty() {
            return;
        }
        let BlockMemory { people, changes, severity: scratch, added_totals, .. } = memory;
        let Changes { positions, counts, costs, parts, .. } = changes;
        positions.clear();
        positions.extend(extra.iter().map(|&(position, _)| position));
        counts.clear();
        counts.extend(extra.iter().map(|&(_, count)| count));
        costs.resize(extra.len(), 0.0);
        severity.fill_sums(streams.of_variant(variant, Purpose::Added), counts, costs, scratch);
        if !self.columns.capped.is_empty() {
            parts.clear();
            let split = streams.of_variant(variant, Purpose::AddedSplit);
            parts.extend_from_slice(severity.amounts_of(split, counts, costs, scratch));
            people.weigh_each(positions, counts, parts);
        }
        people.weigh(positions, costs);
        let factor = year.factors[self.index];
        for &scope in &self.columns.scopes {
            add(&mut added_totals[variant][scope], positions, costs, factor, false);
        }
        let row = rows.of(variant, year.year);
        self.columns.add(row, lane_sum(costs) * factor, sum_counts(counts));
        self.columns.add_capped(row, parts, factor, year.price_index);
    }
}
