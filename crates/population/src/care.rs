//! One service of a block of persons in one year, as it is and as it would be under other conduct.
//!
//! Of a person's events, those kept under a variant are counted by one uniform each, the same for every variant; amounts do not
//! depend on the uniforms, so the first so many of them are the kept ones. An avoided event is therefore one that happened in
//! the reference, and an added one comes on top of it.

use twosided_prob::{CountTable, Purpose, ScoredAmounts, ScoredCounts, Severity, SeverityScratch, Stream, name_key};

use crate::{
    Plan, PopulationError, Segment, ServiceScope, Utilization,
    layer::{BLOCK, Columns},
    people::{Block, Crowd},
    sampler::{Rows, Scratch},
};

/// A service made ready to be drawn for persons.
#[derive(Clone, Debug)]
pub(crate) struct Care {
    pub(crate) key: u64,
    /// Its place among the segment's services.
    pub(crate) place: usize,
    /// Its place in the order in which services are drawn.
    turn: usize,
    loading: f64,
    own: f64,
    law: Law,
    columns: Columns,
}

#[derive(Clone, Debug)]
enum Law {
    Events { counts: ScoredCounts, severity: Severity },
    Following { parent: usize, counts: CountTable, severity: Severity },
    Annual(ScoredAmounts),
}

/// Streams of a service's year.
pub(crate) struct CareStreams {
    frequency: Stream,
    severity: Stream,
    split: Stream,
    lived: Stream,
    variant: Stream,
    added: Stream,
}

impl CareStreams {
    pub(crate) fn new(stream: impl Fn(Purpose) -> Stream) -> Self {
        Self {
            frequency: stream(Purpose::Frequency),
            severity: stream(Purpose::Severity),
            split: stream(Purpose::Split),
            lived: stream(Purpose::Exposure),
            variant: stream(Purpose::Variant),
            added: stream(Purpose::Added),
        }
    }
}

/// Who had how many events of a service.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cared {
    users: Vec<u32>,
    counts: Vec<u32>,
    /// `[variant]`, for those that differ.
    varied: Vec<Varied>,
}

/// Events of a variant, user by user.
#[derive(Clone, Debug, Default)]
struct Varied {
    /// Of the reference's events, how many are kept: the first so many.
    kept: Vec<u32>,
    /// Events on top.
    extra: Vec<u32>,
    /// Of those, the ones that follow events on top of the service that this one follows.
    followed: Vec<u32>,
}

impl Care {
    pub(crate) fn new(
        segment: &Segment,
        place: usize,
        order: &[usize],
        plan: &Plan,
        scopes: &[&ServiceScope],
    ) -> Result<Self, PopulationError> {
        let service = &segment.services[place];
        let refused =
            |error| PopulationError::Law { segment: segment.name.clone(), service: service.name.clone(), error };
        let turn_of =
            |place: usize| order.iter().position(|&known| known == place).expect("the order has all services");
        let law = match &service.utilization {
            Utilization::Events { frequency, severity } => {
                let counts = ScoredCounts::new(&frequency.table().map_err(refused)?);
                Law::Events { counts, severity: severity.clone() }
            }
            Utilization::Following { after, frequency, severity } => Law::Following {
                parent: turn_of(segment.place(after).expect("the order is checked")),
                counts: frequency.table().map_err(refused)?,
                severity: severity.clone(),
            },
            Utilization::Annual { zero, amount } => Law::Annual(ScoredAmounts::new(*zero, amount).map_err(refused)?),
        };
        let loading = service.frailty_loading;
        Ok(Self {
            key: name_key(&service.name),
            place,
            turn: turn_of(place),
            loading,
            own: (1.0 - loading * loading).sqrt(),
            law,
            columns: Columns::of(plan, &service.name, scopes),
        })
    }

    /// Draws the service for a block and adds it to the totals and the rows.
    ///
    /// Draw order: a normal a person, or for events that follow others a word for each of those; a uniform for each event of
    /// who dies; the costs as [`Severity::fill_sums`] says; a uniform for each event if a variant changes the service; then,
    /// from a stream of their own, added events and their costs.
    pub(crate) fn observe(
        &self,
        block: &Block<'_>,
        streams: &mut CareStreams,
        scratch: &mut Scratch,
        rows: &mut Rows<'_>,
    ) {
        match &self.law {
            Law::Annual(amounts) => self.observe_annual(amounts, block, streams, scratch, rows),
            Law::Events { counts, severity } => {
                let mut cared = std::mem::take(&mut scratch.crowd.cared[self.turn]);
                self.draw_events(counts, block, streams, &mut scratch.crowd, &mut cared);
                self.finish_events(severity, block, streams, scratch, cared, rows);
            }
            Law::Following { parent, counts, severity } => {
                let mut cared = std::mem::take(&mut scratch.crowd.cared[self.turn]);
                follow(counts, &scratch.crowd.cared[*parent], block, streams, &mut cared);
                self.finish_events(severity, block, streams, scratch, cared, rows);
            }
        }
    }

    fn scores(&self, block: &Block<'_>, stream: &mut Stream, crowd: &mut Crowd) {
        crowd.uniforms.resize(block.people, 0.0);
        stream.fill_scores(&mut crowd.uniforms);
        for (score, frailty) in crowd.uniforms.iter_mut().zip(&crowd.frailty) {
            *score = self.loading * frailty + self.own * *score;
        }
    }

    fn observe_annual(
        &self,
        amounts: &ScoredAmounts,
        block: &Block<'_>,
        streams: &mut CareStreams,
        scratch: &mut Scratch,
        rows: &mut Rows<'_>,
    ) {
        let crowd = &mut scratch.crowd;
        self.scores(block, &mut streams.frequency, crowd);
        for person in 0..block.people {
            let amount = amounts.amount(crowd.uniforms[person]) * crowd.lived[person];
            crowd.uniforms[person] = amount * block.factors[self.place] * crowd.weight[person];
        }
        if let Some(visited) = &mut crowd.visited {
            visited.costs[self.place].copy_from_slice(&crowd.uniforms);
            for (count, cost) in visited.counts[self.place].iter_mut().zip(&crowd.uniforms) {
                *count = u32::from(*cost > 0.0);
            }
        }
        let users = crowd.uniforms.iter().filter(|cost| **cost > 0.0).count() as f64;
        let total: f64 = crowd.uniforms.iter().sum();
        for &variant in block.variants {
            let used = block.uses[variant][self.place];
            for &scope in &self.columns.scopes {
                for (total, cost) in crowd.totals[variant][scope].iter_mut().zip(&crowd.uniforms) {
                    *total += cost * used;
                }
            }
            let row = rows.of(variant, block.year);
            if let Some(column) = self.columns.expenditure {
                row[column] += total * used;
            }
            if let Some(column) = self.columns.count {
                row[column] += users;
            }
            for &(column, limit) in &self.columns.capped {
                row[column] += crowd.uniforms.iter().map(|cost| (cost * used).min(limit * block.index)).sum::<f64>();
            }
        }
    }

    /// Counts the events of the part of the year that each person lives.
    fn draw_events(
        &self,
        counts: &ScoredCounts,
        block: &Block<'_>,
        streams: &mut CareStreams,
        crowd: &mut Crowd,
        cared: &mut Cared,
    ) {
        self.scores(block, &mut streams.frequency, crowd);
        cared.users.clear();
        cared.counts.clear();
        let first_event = counts.first_event();
        for (person, &score) in crowd.uniforms.iter().enumerate() {
            if score < first_event {
                continue;
            }
            let mut count = counts.count(score);
            let lived = crowd.lived[person];
            if lived < 1.0 {
                count = (0..count).map(|_| u32::from(streams.lived.uniform() < lived)).sum();
            }
            if count > 0 {
                cared.users.push(person as u32);
                cared.counts.push(count);
            }
        }
        cared.varied.resize_with(block.uses.len(), Varied::default);
        for &variant in &block.variants[1..] {
            let Varied { kept, extra, followed } = &mut cared.varied[variant];
            kept.clone_from(&cared.counts);
            extra.clear();
            extra.resize(cared.counts.len(), 0);
            followed.clear();
        }
    }

    /// Varies the events and adds their costs.
    fn finish_events(
        &self,
        severity: &Severity,
        block: &Block<'_>,
        streams: &mut CareStreams,
        scratch: &mut Scratch,
        mut cared: Cared,
        rows: &mut Rows<'_>,
    ) {
        let Scratch { crowd, costs, severity: memory, .. } = scratch;
        costs.resize(cared.users.len(), 0.0);
        severity.fill_sums(&mut streams.severity, &cared.counts, costs, memory);
        let changed = block.variants.iter().any(|&variant| block.uses[variant][self.place] != 1.0);
        if changed {
            crowd.uniforms.resize(cared.counts.iter().map(|&count| count as usize).sum(), 0.0);
            streams.variant.fill_units(&mut crowd.uniforms);
        }
        let parts = if block.variants.len() > 1 || !self.columns.capped.is_empty() {
            severity.amounts_of(&mut streams.split, &cared.counts, costs, memory).to_vec()
        } else {
            Vec::new()
        };
        for &variant in block.variants {
            if variant == 0 {
                self.add(block, 0, &cared.users, &cared.counts, costs, crowd, rows);
                self.add_capped(block, 0, &cared, &cared.counts, &parts, crowd, rows);
                if let Some(visited) = &mut crowd.visited {
                    for ((&person, &count), cost) in cared.users.iter().zip(&cared.counts).zip(costs.iter()) {
                        let cost = cost * block.factors[self.place] * crowd.weight[person as usize];
                        visited.costs[self.place][person as usize] += cost;
                        visited.counts[self.place][person as usize] += count;
                    }
                }
                continue;
            }
            let used = block.uses[variant][self.place];
            let mut varied = std::mem::take(&mut cared.varied[variant]);
            if used != 1.0 {
                vary_extra(used, &mut streams.added, &mut varied);
                vary(used, &cared.counts, &crowd.uniforms, &mut varied);
            }
            let sums = prefix_sums(&parts, &cared.counts, &varied.kept);
            self.add(block, variant, &cared.users, &varied.kept, &sums, crowd, rows);
            self.add_capped(block, variant, &cared, &varied.kept, &parts, crowd, rows);
            if varied.extra.iter().any(|&extra| extra > 0) {
                self.add_extra(severity, block, variant, &cared, &varied, &mut streams.added, memory, crowd, rows);
            }
            cared.varied[variant] = varied;
        }
        crowd.cared[self.turn] = cared;
    }

    /// Adds events that a variant has on top of the reference's.
    #[expect(clippy::too_many_arguments, reason = "the parts of one pass, borrowed one by one")]
    fn add_extra(
        &self,
        severity: &Severity,
        block: &Block<'_>,
        variant: usize,
        cared: &Cared,
        varied: &Varied,
        added: &mut Stream,
        memory: &mut SeverityScratch,
        crowd: &mut Crowd,
        rows: &mut Rows<'_>,
    ) {
        let with_extra = cared.users.iter().zip(&varied.extra).filter(|(_, extra)| **extra > 0);
        let (users, extra): (Vec<u32>, Vec<u32>) = with_extra.map(|(&user, &extra)| (user, extra)).unzip();
        let mut costs = vec![0.0; users.len()];
        severity.fill_sums(added, &extra, &mut costs, memory);
        self.add(block, variant, &users, &extra, &costs, crowd, rows);
        let row = rows.of(variant, block.year);
        for &(column, limit) in &self.columns.capped {
            for ((cost, &count), &person) in costs.iter().zip(&extra).zip(&users) {
                let mean = cost * block.factors[self.place] * crowd.weight[person as usize] / f64::from(count);
                row[column] += mean.min(limit * block.index) * f64::from(count);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one pass, borrowed one by one")]
    fn add(
        &self,
        block: &Block<'_>,
        variant: usize,
        users: &[u32],
        counts: &[u32],
        costs: &[f64],
        crowd: &mut Crowd,
        rows: &mut Rows<'_>,
    ) {
        let factor = block.factors[self.place];
        let totals = &mut crowd.totals[variant];
        let mut sum = 0.0;
        for (&person, cost) in users.iter().zip(costs) {
            let cost = cost * factor * crowd.weight[person as usize];
            sum += cost;
            for &scope in &self.columns.scopes {
                totals[scope][person as usize] += cost;
            }
        }
        let row = rows.of(variant, block.year);
        if let Some(column) = self.columns.expenditure {
            row[column] += sum;
        }
        if let Some(column) = self.columns.count {
            row[column] += counts.iter().map(|&count| f64::from(count)).sum::<f64>();
        }
    }

    /// Adds one person's cost of the service, without an event.
    pub(crate) fn add_to(&self, totals: &mut [[f64; BLOCK]], row: &mut [f64], person: usize, cost: f64) {
        for &scope in &self.columns.scopes {
            totals[scope][person] += cost;
        }
        if let Some(column) = self.columns.expenditure {
            row[column] += cost;
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one pass, borrowed one by one")]
    fn add_capped(
        &self,
        block: &Block<'_>,
        variant: usize,
        cared: &Cared,
        kept: &[u32],
        parts: &[f64],
        crowd: &Crowd,
        rows: &mut Rows<'_>,
    ) {
        let row = rows.of(variant, block.year);
        for &(column, limit) in &self.columns.capped {
            let mut rest = parts;
            for ((&person, &count), &kept) in cared.users.iter().zip(&cared.counts).zip(kept) {
                let (own, others) = rest.split_at(count as usize);
                let factor = block.factors[self.place] * crowd.weight[person as usize];
                let events = own[..kept as usize].iter();
                row[column] += events.map(|amount| (amount * factor).min(limit * block.index)).sum::<f64>();
                rest = others;
            }
        }
    }
}

/// Of the kept events, keeps those whose uniform is below `used`; from one on, adds an event where it is below what is over.
fn vary(used: f64, counts: &[u32], uniforms: &[f64], varied: &mut Varied) {
    let mut rest = uniforms;
    for ((&count, kept), extra) in counts.iter().zip(&mut varied.kept).zip(&mut varied.extra) {
        let (own, others) = rest.split_at(count as usize);
        let below = |bound: f64| own[..*kept as usize].iter().filter(|uniform| **uniform < bound).count() as u32;
        if used < 1.0 {
            *kept = below(used);
        } else {
            *extra += below(used - 1.0);
        }
        rest = others;
    }
}

/// The same for events that came on top because the service that they follow grew.
fn vary_extra(used: f64, added: &mut Stream, varied: &mut Varied) {
    for (followed, extra) in varied.followed.iter().zip(&mut varied.extra) {
        let below = |bound: f64, added: &mut Stream| (0..*followed).filter(|_| added.uniform() < bound).count() as u32;
        if used < 1.0 {
            *extra = below(used, added);
        } else {
            *extra += below(used - 1.0, added);
        }
    }
}

/// For each user, the sum of the first so many of its amounts.
fn prefix_sums(parts: &[f64], counts: &[u32], kept: &[u32]) -> Vec<f64> {
    let mut rest = parts;
    let sums = counts.iter().zip(kept).map(|(&count, &kept)| {
        let (own, others) = rest.split_at(count as usize);
        rest = others;
        own[..kept as usize].iter().sum()
    });
    sums.collect()
}

/// Counts the events that follow those of another service.
fn follow(counts: &CountTable, parent: &Cared, block: &Block<'_>, streams: &mut CareStreams, cared: &mut Cared) {
    cared.users.clear();
    cared.counts.clear();
    cared.varied.resize_with(block.uses.len(), Varied::default);
    for &variant in &block.variants[1..] {
        cared.varied[variant].kept.clear();
        cared.varied[variant].extra.clear();
    }
    let mut upto: Vec<u32> = Vec::new();
    for (place, (&user, &events)) in parent.users.iter().zip(&parent.counts).enumerate() {
        upto.clear();
        upto.push(0);
        for event in 0..events as usize {
            upto.push(upto[event] + counts.count(streams.frequency.word()));
        }
        let total = upto[events as usize];
        let mut extras = 0;
        for &variant in &block.variants[1..] {
            let of_parent = &parent.varied[variant];
            let extra = (0..of_parent.extra[place]).map(|_| counts.count(streams.added.word())).sum();
            extras += extra;
            cared.varied[variant].kept.push(upto[of_parent.kept[place] as usize]);
            cared.varied[variant].extra.push(extra);
        }
        if total == 0 && extras == 0 {
            for &variant in &block.variants[1..] {
                cared.varied[variant].kept.pop();
                cared.varied[variant].extra.pop();
            }
        } else {
            cared.users.push(user);
            cared.counts.push(total);
        }
    }
    for &variant in &block.variants[1..] {
        let varied = &mut cared.varied[variant];
        varied.followed.clone_from(&varied.extra);
    }
}
