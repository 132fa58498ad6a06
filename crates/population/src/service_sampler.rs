//! One service of a block of persons in one year, as it is and as it would be under other conduct.
//!
//! Of a person's events, those kept under a variant are counted by one uniform each, the same for every variant; amounts do not
//! depend on the uniforms, so the first ones, up to that count, are kept. An avoided event is therefore one that happened in
//! the reference, and an added one comes on top of it. What is added under a variant, and at what cost, is read from the
//! beginning of the same streams for every variant, so that no variant's figures depend on which others there are.

use twosided_prob::{CountTable, Purpose, ScoredAmounts, ScoredCounts, Severity, SeverityScratch, Stream, name_key};

use crate::{
    Plan, PopulationError, Segment, ServiceScope, Utilization,
    draws::{Amounts, add, capped_sum, draw_counts, lane_sum},
    layer::{BLOCK, LayerColumns},
    people::{Block, PersonBlock},
    sampler::{Rows, Scratch},
};

/// A service made ready to be drawn for persons.
#[derive(Clone, Debug)]
pub(crate) struct ServiceSampler {
    pub(crate) key: u64,
    /// Its index among the segment's services.
    pub(crate) index: usize,
    /// Its index in the order in which services are drawn.
    turn: usize,
    loading: f64,
    own: f64,
    law: Law,
    columns: LayerColumns,
}

#[derive(Clone, Debug)]
enum Law {
    Events { counts: Counts, severity: Severity },
    Following { parent: usize, counts: CountTable, severity: Severity },
    Annual(Year),
}

/// How a person's number of events is drawn: at the score of frailty, or alone.
#[derive(Clone, Debug)]
enum Counts {
    Scored(ScoredCounts),
    Alone(CountTable),
}

/// The same of a person's annual amount.
#[derive(Clone, Debug)]
enum Year {
    Scored(ScoredAmounts),
    Alone(Amounts),
}

/// Streams of a service's year.
pub(crate) struct CareStreams {
    frequency: Stream,
    severity: Stream,
    split: Stream,
    lived: Stream,
    variant: Stream,
    /// `[variant]`: added events and their costs.
    added: Vec<Stream>,
    /// `[variant]`: how those costs fall on the added events.
    added_split: Vec<Stream>,
}

impl CareStreams {
    pub(crate) fn new(variants: usize, stream: impl Fn(Purpose) -> Stream) -> Self {
        Self {
            frequency: stream(Purpose::Frequency),
            severity: stream(Purpose::Severity),
            split: stream(Purpose::Split),
            lived: stream(Purpose::Exposure),
            variant: stream(Purpose::Variant),
            added: vec![stream(Purpose::Added); variants],
            added_split: vec![stream(Purpose::AddedSplit); variants],
        }
    }
}

/// Who had how many events of a service.
#[derive(Clone, Debug, Default)]
pub(crate) struct EventCounts {
    users: Vec<u32>,
    counts: Vec<u32>,
    /// `[variant]`, for those that differ.
    varied: Vec<Varied>,
}

/// Events of a variant.
#[derive(Clone, Debug, Default)]
struct Varied {
    /// Of each user's events in the reference, how many are kept: always the first ones.
    kept: Vec<u32>,
    /// People with events on top, ascending, and how many.
    extra: Vec<(u32, u32)>,
}

impl ServiceSampler {
    pub(crate) fn new(
        segment: &Segment,
        index: usize,
        order: &[usize],
        plan: &Plan,
        scopes: &[&ServiceScope],
    ) -> Result<Self, PopulationError> {
        let service = &segment.services[index];
        let refused =
            |error| PopulationError::Law { segment: segment.name.clone(), service: service.name.clone(), error };
        let turn_of =
            |index: usize| order.iter().position(|&known| known == index).expect("the order has all services");
        let loading = service.frailty_loading;
        let law = match &service.utilization {
            Utilization::Events { frequency, severity } => {
                let table = frequency.table().map_err(refused)?;
                let counts =
                    if loading == 0.0 { Counts::Alone(table) } else { Counts::Scored(ScoredCounts::new(&table)) };
                Law::Events { counts, severity: severity.clone() }
            }
            Utilization::Following { after, frequency, severity } => Law::Following {
                parent: turn_of(segment.index(after).expect("the order is checked")),
                counts: frequency.table().map_err(refused)?,
                severity: severity.clone(),
            },
            Utilization::Annual { zero, amount } => Law::Annual(if loading == 0.0 {
                Year::Alone(Amounts::new(*zero, amount).map_err(refused)?)
            } else {
                Year::Scored(ScoredAmounts::new(*zero, amount).map_err(refused)?)
            }),
        };
        Ok(Self {
            key: name_key(&service.name),
            index,
            turn: turn_of(index),
            loading,
            own: (1.0 - loading * loading).sqrt(),
            law,
            columns: LayerColumns::of(plan, &service.name, scopes),
        })
    }

    /// Draws the service for a block and adds it to the totals and the rows.
    ///
    /// Draw order: a normal a person, or for events that follow others a word for each of those; without frailty, as
    /// [`draw_counts`] and [`Amounts::draw`] say; a uniform for each event of who dies; the costs as [`Severity::fill_sums`]
    /// says; a uniform for each event if a variant changes the service; then, from streams of each variant's own, added
    /// events and their costs.
    pub(crate) fn observe(
        &self,
        block: &Block<'_>,
        streams: &mut CareStreams,
        scratch: &mut Scratch,
        rows: &mut Rows<'_>,
    ) {
        let mut event_counts = std::mem::take(&mut scratch.person_block.event_counts[self.turn]);
        match &self.law {
            Law::Annual(year) => self.observe_annual(year, block, streams, scratch, rows),
            Law::Events { counts, severity } => {
                self.draw_events(counts, block, streams, scratch, &mut event_counts);
                self.finish_events(severity, block, streams, scratch, &mut event_counts, rows);
            }
            Law::Following { parent, counts, severity } => {
                follow(counts, &scratch.person_block.event_counts[*parent], block, streams, &mut event_counts);
                self.finish_events(severity, block, streams, scratch, &mut event_counts, rows);
            }
        }
        scratch.person_block.event_counts[self.turn] = event_counts;
    }

    fn scores(&self, block: &Block<'_>, stream: &mut Stream, person_block: &mut PersonBlock) {
        person_block.uniforms.resize(block.people, 0.0);
        stream.fill_scores(&mut person_block.uniforms);
        for (score, frailty) in person_block.uniforms.iter_mut().zip(&person_block.frailty) {
            *score = self.loading * frailty + self.own * *score;
        }
    }

    fn observe_annual(
        &self,
        year: &Year,
        block: &Block<'_>,
        streams: &mut CareStreams,
        scratch: &mut Scratch,
        rows: &mut Rows<'_>,
    ) {
        let count = match year {
            Year::Alone(amounts) => {
                amounts.draw(block.people, &mut streams.frequency, &mut streams.severity, scratch) as f64
            }
            Year::Scored(amounts) => {
                let Scratch { person_block, users, costs, .. } = &mut *scratch;
                self.scores(block, &mut streams.frequency, person_block);
                users.clear();
                users.extend(0..block.people as u32);
                costs.clear();
                costs.extend(person_block.uniforms.iter().map(|&score| amounts.amount(score)));
                costs.iter().filter(|cost| **cost > 0.0).count() as f64
            }
        };
        let Scratch { person_block, users, costs, .. } = scratch;
        for (&user, cost) in users.iter().zip(costs.iter_mut()) {
            *cost *= person_block.lived[user as usize] * person_block.weight[user as usize];
        }
        let factor = block.factors[self.index];
        if let Some(visited) = &mut person_block.visited {
            for (&user, cost) in users.iter().zip(costs.iter()) {
                visited.costs[self.index][user as usize] += cost * factor;
                visited.counts[self.index][user as usize] += u32::from(*cost > 0.0);
            }
        }
        let total = lane_sum(costs) * factor;
        for &variant in block.variants {
            let used = block.uses[variant][self.index];
            for &scope in &self.columns.scopes {
                add(&mut person_block.totals[variant][scope], users, costs, factor * used);
            }
            let row = rows.of(variant, block.year);
            if let Some(column) = self.columns.expenditure {
                row[column] += total * used;
            }
            if let Some(column) = self.columns.count {
                row[column] += count;
            }
            for &(column, limit) in &self.columns.capped {
                row[column] += capped_sum(costs, factor * used, limit * block.price_index);
            }
        }
    }

    /// Counts the events of the part of the year that each person lives.
    fn draw_events(
        &self,
        counts: &Counts,
        block: &Block<'_>,
        streams: &mut CareStreams,
        scratch: &mut Scratch,
        event_counts: &mut EventCounts,
    ) {
        event_counts.users.clear();
        event_counts.counts.clear();
        let mut count_lived = |person: u32, count: u32, lived: f64| {
            let count =
                if lived < 1.0 { (0..count).map(|_| u32::from(streams.lived.uniform() < lived)).sum() } else { count };
            if count > 0 {
                event_counts.users.push(person);
                event_counts.counts.push(count);
            }
        };
        match counts {
            Counts::Alone(table) => {
                draw_counts(table, block.people, &mut streams.frequency, scratch);
                for (&person, &count) in scratch.users.iter().zip(&scratch.counts) {
                    count_lived(person, count, scratch.person_block.lived[person as usize]);
                }
            }
            Counts::Scored(counts) => {
                let person_block = &mut scratch.person_block;
                self.scores(block, &mut streams.frequency, person_block);
                let first_event = counts.first_event();
                for (person, (&score, &lived)) in person_block.uniforms.iter().zip(&person_block.lived).enumerate() {
                    if score >= first_event {
                        count_lived(person as u32, counts.count(score), lived);
                    }
                }
            }
        }
        event_counts.varied.resize_with(block.uses.len(), Varied::default);
        for &variant in &block.variants[1..] {
            let Varied { kept, extra } = &mut event_counts.varied[variant];
            kept.clone_from(&event_counts.counts);
            extra.clear();
        }
    }

    /// Varies the events and adds their costs.
    fn finish_events(
        &self,
        severity: &Severity,
        block: &Block<'_>,
        streams: &mut CareStreams,
        scratch: &mut Scratch,
        event_counts: &mut EventCounts,
        rows: &mut Rows<'_>,
    ) {
        let Scratch { person_block, costs, severity: memory, .. } = scratch;
        let EventCounts { users, counts, varied } = event_counts;
        costs.resize(users.len(), 0.0);
        severity.fill_sums(&mut streams.severity, counts, costs, memory);
        let changed = block.variants.iter().any(|&variant| block.uses[variant][self.index] != 1.0);
        if changed {
            person_block.uniforms.resize(counts.iter().map(|&count| count as usize).sum(), 0.0);
            streams.variant.fill_units(&mut person_block.uniforms);
        }
        let mut parts = std::mem::take(&mut person_block.parts);
        parts.clear();
        if block.variants.len() > 1 || !self.columns.capped.is_empty() {
            parts.extend_from_slice(severity.amounts_of(&mut streams.split, counts, costs, memory));
        }
        weigh(users, counts, costs, &mut parts, &person_block.weight);
        let factor = block.factors[self.index];
        if let Some(visited) = &mut person_block.visited {
            for ((&person, &count), cost) in users.iter().zip(counts.iter()).zip(costs.iter()) {
                visited.costs[self.index][person as usize] += cost * factor;
                visited.counts[self.index][person as usize] += count;
            }
        }
        for &variant in block.variants {
            if variant == 0 {
                self.add_costs(block, 0, users, counts, costs, person_block, rows);
                self.add_capped(block, 0, &parts, rows);
                continue;
            }
            let varied = &mut varied[variant];
            let used = block.uses[variant][self.index];
            if used != 1.0 {
                vary_extra(used, &mut streams.added[variant], &mut varied.extra);
                vary(used, users, counts, &person_block.uniforms, varied);
            }
            if varied.kept == *counts {
                self.add_costs(block, variant, users, counts, costs, person_block, rows);
                self.add_capped(block, variant, &parts, rows);
            } else {
                let kept_parts = first_of_each(&parts, counts, &varied.kept);
                let sums = sums_of(&kept_parts, &varied.kept);
                self.add_costs(block, variant, users, &varied.kept, &sums, person_block, rows);
                self.add_capped(block, variant, &kept_parts, rows);
            }
            if !varied.extra.is_empty() {
                let streams = (&mut streams.added[variant], &mut streams.added_split[variant]);
                self.add_extra(severity, block, variant, &varied.extra, streams, memory, person_block, rows);
            }
        }
        person_block.parts = parts;
    }

    /// Adds events that a variant has on top of the reference's.
    #[expect(clippy::too_many_arguments, reason = "the parts of one pass, borrowed one by one")]
    fn add_extra(
        &self,
        severity: &Severity,
        block: &Block<'_>,
        variant: usize,
        extra: &[(u32, u32)],
        (added, split): (&mut Stream, &mut Stream),
        memory: &mut SeverityScratch,
        person_block: &mut PersonBlock,
        rows: &mut Rows<'_>,
    ) {
        let (users, counts): (Vec<u32>, Vec<u32>) = extra.iter().copied().unzip();
        let mut costs = vec![0.0; users.len()];
        severity.fill_sums(added, &counts, &mut costs, memory);
        let mut parts = Vec::new();
        if !self.columns.capped.is_empty() {
            parts.extend_from_slice(severity.amounts_of(split, &counts, &costs, memory));
        }
        weigh(&users, &counts, &mut costs, &mut parts, &person_block.weight);
        self.add_costs(block, variant, &users, &counts, &costs, person_block, rows);
        self.add_capped(block, variant, &parts, rows);
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one pass, borrowed one by one")]
    fn add_costs(
        &self,
        block: &Block<'_>,
        variant: usize,
        users: &[u32],
        counts: &[u32],
        costs: &[f64],
        person_block: &mut PersonBlock,
        rows: &mut Rows<'_>,
    ) {
        let factor = block.factors[self.index];
        for &scope in &self.columns.scopes {
            add(&mut person_block.totals[variant][scope], users, costs, factor);
        }
        let row = rows.of(variant, block.year);
        if let Some(column) = self.columns.expenditure {
            row[column] += lane_sum(costs) * factor;
        }
        if let Some(column) = self.columns.count {
            row[column] += counts.iter().map(|&count| u64::from(count)).sum::<u64>() as f64;
        }
    }

    /// Adds what events cost, each up to the limits.
    fn add_capped(&self, block: &Block<'_>, variant: usize, events: &[f64], rows: &mut Rows<'_>) {
        let row = rows.of(variant, block.year);
        for &(column, limit) in &self.columns.capped {
            row[column] += capped_sum(events, block.factors[self.index], limit * block.price_index);
        }
    }

    /// Adds one person's cost of the service beside its events; where each counts up to a limit, it counts as one.
    pub(crate) fn add_to(
        &self,
        block: &Block<'_>,
        variant: usize,
        person: usize,
        cost: f64,
        totals: &mut [[f64; BLOCK]],
        rows: &mut Rows<'_>,
    ) {
        for &scope in &self.columns.scopes {
            totals[scope][person] += cost;
        }
        let row = rows.of(variant, block.year);
        if let Some(column) = self.columns.expenditure {
            row[column] += cost;
        }
        for &(column, limit) in &self.columns.capped {
            row[column] += cost.min(limit * block.price_index);
        }
    }
}

/// Multiplies users' costs, and the single amounts of them, by their weight.
fn weigh(users: &[u32], counts: &[u32], costs: &mut [f64], parts: &mut [f64], weights: &[f64]) {
    let mut rest = parts;
    for ((&user, &count), cost) in users.iter().zip(counts).zip(costs) {
        let weight = weights[user as usize];
        *cost *= weight;
        if rest.is_empty() {
            continue;
        }
        let (own, others) = rest.split_at_mut(count as usize);
        for amount in own {
            *amount *= weight;
        }
        rest = others;
    }
}

/// Of the kept events, keeps those whose uniform is below `used`; from one on, adds an event where it is below what is over.
fn vary(used: f64, users: &[u32], counts: &[u32], uniforms: &[f64], varied: &mut Varied) {
    let mut rest = uniforms;
    for ((&user, &count), kept) in users.iter().zip(counts).zip(&mut varied.kept) {
        let (own, others) = rest.split_at(count as usize);
        let below = |bound: f64| own[..*kept as usize].iter().filter(|uniform| **uniform < bound).count() as u32;
        if used < 1.0 {
            *kept = below(used);
        } else {
            let extra = below(used - 1.0);
            if extra > 0 {
                varied.extra.push((user, extra));
            }
        }
        rest = others;
    }
    varied.extra.sort_by_key(|&(user, _)| user);
    varied.extra.dedup_by(|next, first| {
        let same = next.0 == first.0;
        first.1 += if same { next.1 } else { 0 };
        same
    });
}

/// The same for events that came on top because the service that they follow grew.
fn vary_extra(used: f64, added: &mut Stream, extra: &mut Vec<(u32, u32)>) {
    for (_, count) in extra.iter_mut() {
        let below = |bound: f64, added: &mut Stream| (0..*count).filter(|_| added.uniform() < bound).count() as u32;
        *count = if used < 1.0 { below(used, added) } else { *count + below(used - 1.0, added) };
    }
    extra.retain(|&(_, count)| count > 0);
}

/// Of each user's amounts, the first ones, as many as are kept.
fn first_of_each(parts: &[f64], counts: &[u32], kept: &[u32]) -> Vec<f64> {
    let mut rest = parts;
    let mut first = Vec::with_capacity(parts.len());
    for (&count, &kept) in counts.iter().zip(kept) {
        let (own, others) = rest.split_at(count as usize);
        first.extend_from_slice(&own[..kept as usize]);
        rest = others;
    }
    first
}

/// For each user, the sum of its amounts.
fn sums_of(parts: &[f64], counts: &[u32]) -> Vec<f64> {
    let mut rest = parts;
    let sums = counts.iter().map(|&count| {
        let (own, others) = rest.split_at(count as usize);
        rest = others;
        own.iter().sum()
    });
    sums.collect()
}

/// Counts the events that follow those of another service.
///
/// Draw order: a word for each of the reference's events; for each variant, from its own stream, a word for each event on top.
fn follow(
    counts: &CountTable,
    parent: &EventCounts,
    block: &Block<'_>,
    streams: &mut CareStreams,
    event_counts: &mut EventCounts,
) {
    event_counts.users.clear();
    event_counts.counts.clear();
    event_counts.varied.resize_with(block.uses.len(), Varied::default);
    for &variant in &block.variants[1..] {
        let Varied { kept, extra } = &mut event_counts.varied[variant];
        kept.clear();
        extra.clear();
        let added = &mut streams.added[variant];
        for &(user, events) in &parent.varied[variant].extra {
            let count = (0..events).map(|_| counts.count(added.word())).sum();
            if count > 0 {
                extra.push((user, count));
            }
        }
    }
    let mut up_to: Vec<u32> = Vec::new();
    for (index, (&user, &events)) in parent.users.iter().zip(&parent.counts).enumerate() {
        up_to.clear();
        up_to.push(0);
        for event in 0..events as usize {
            up_to.push(up_to[event] + counts.count(streams.frequency.word()));
        }
        let total = up_to[events as usize];
        if total == 0 {
            continue;
        }
        event_counts.users.push(user);
        event_counts.counts.push(total);
        for &variant in &block.variants[1..] {
            event_counts.varied[variant].kept.push(up_to[parent.varied[variant].kept[index] as usize]);
        }
    }
}
