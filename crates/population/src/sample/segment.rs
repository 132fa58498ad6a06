//! One pass over a segment's people, none of whom is kept.
//!
//! People come in blocks small enough for the processor's nearest memory, and all years of a block are drawn together. For each
//! service of a year, the people who use it are found first, and only they are touched again; costs are drawn in batches and
//! added to a total per person and scope; last, each layer is summed over the block.

use std::sync::atomic::{AtomicBool, Ordering};

use twosided_prob::{Purpose, Severity, name_key};

use crate::{Assignment, Observation, Plan, PopulationError, Segment, ServiceScope};

use super::{
    add::Columns,
    episode::Episodes,
    frailty_classes::{self, CLASSES},
    layer::{Above, BLOCK, LANES, Layer, above_of, layers_of, sort, sum_layers},
    memory::{BlockMemory, Events, Scratch, Visited},
    panel::Panel,
    persons::{PersonYearBlock, show},
    risk_score::RiskScores,
    rows::Rows,
    service::ServiceSampler,
    streams::YearStreams,
    year::SegmentYear,
};

/// Sampling was stopped before the trial was complete; its table must not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// A segment made ready to be sampled.
#[derive(Clone, Debug)]
pub(super) struct SegmentSampler {
    key: u64,
    /// Members, or all who may be assigned.
    members: u64,
    panel: Panel,
    end_of_life: Option<EndOfLife>,
    /// Each service after the one that it follows.
    services: Vec<ServiceSampler>,
    episodes: Vec<Episodes>,
    scopes: usize,
    layers: Vec<Layer>,
    above: Vec<Above>,
    person_years_column: Option<usize>,
    people_column: Option<usize>,
    risk_scores: Option<RiskScores>,
    /// Whether people are counted by frailty.
    counts_frailty: bool,
}

/// What a death costs.
#[derive(Clone, Debug)]
struct EndOfLife {
    amount: Severity,
    /// Turns of the services that the amount is spent on, and their parts.
    parts: Vec<(usize, f64)>,
}

/// One trial of a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct SegmentTrial<'a> {
    pub(super) seed: u64,
    pub(super) trial: u64,
    pub(super) stop: &'a AtomicBool,
    /// Expected updates of thresholds, by year.
    pub(super) price_index: &'a [f64],
    /// `[year][service]`, what costs are multiplied by.
    pub(super) factors: &'a [Vec<f64>],
    /// `[year][variant][service]`, use over that of the reference.
    pub(super) uses: &'a [Vec<Vec<f64>>],
    /// `[year][variant][service]`, what an event costs over that of the reference.
    pub(super) prices: &'a [Vec<Vec<f64>>],
}

/// A caller who sees the persons of a pass.
pub(super) type Visit<'a> = Option<&'a mut dyn FnMut(&PersonYearBlock<'_>)>;

impl SegmentSampler {
    pub(super) fn new(
        segment: &Segment,
        assignment: Assignment,
        years: u32,
        plan: &Plan,
        scopes: &[&ServiceScope],
    ) -> Result<Self, PopulationError> {
        let order = segment.order()?;
        let episodes = Episodes::all(plan, segment, &order);
        let services = (0..order.len()).map(|turn| {
            let single = Episodes::single(&episodes, segment, &order, turn);
            ServiceSampler::new(segment, order[turn], &order, single, plan, scopes)
        });
        let mortality = segment.life.mortality.as_ref().filter(|mortality| mortality.probability > 0.0);
        let end_of_life = mortality.and_then(|mortality| mortality.end_of_life.as_ref()).map(|end| {
            let turn = |name: &str| order.iter().position(|&index| segment.services[index].name == name);
            EndOfLife {
                amount: end.amount.clone(),
                parts: end.services.iter().filter_map(|(name, part)| Some((turn(name)?, *part))).collect(),
            }
        });
        let risk_scores = RiskScores::of(segment, years, plan);
        let mut layers = layers_of(plan, segment, scopes);
        sort(&mut layers);
        Ok(Self {
            key: name_key(&segment.name),
            members: segment.sampled(),
            panel: Panel::new(segment, assignment, risk_scores.as_ref().is_some_and(RiskScores::differ)),
            end_of_life,
            services: services.collect::<Result<_, _>>()?,
            episodes,
            scopes: scopes.len(),
            layers,
            above: above_of(plan, segment, scopes),
            person_years_column: plan.position(&Observation::PersonYears),
            people_column: plan.position(&Observation::People),
            risk_scores,
            counts_frailty: false,
        })
    }

    /// The same, counting people by frailty if some measure asks for it and frailty is drawn.
    pub(super) fn counting_frailty(self, asked: bool) -> Self {
        Self { counts_frailty: asked && self.panel.has_frailty(), ..self }
    }

    /// The same laws for another number of members, of whom nothing is observed but years lived and, where the plan has them, risk
    /// scores, in columns 0 and 1: for a caller who visits them.
    pub(super) fn to_visit(&self, members: u64) -> Self {
        let mut people = Self {
            members,
            episodes: Vec::new(),
            scopes: 0,
            layers: Vec::new(),
            above: Vec::new(),
            person_years_column: Some(0),
            people_column: None,
            ..self.clone()
        };
        for service in &mut people.services {
            service.columns = Columns::default();
        }
        if let Some(scores) = &mut people.risk_scores {
            scores.column = 1;
        }
        people
    }

    /// Samples all years of all variants, and shows every block of people where someone wants to see them.
    ///
    /// Draw order: each year of each service, and of the people's lives, has streams of its own; block by block, first the
    /// lives (turnover, frailty, deaths, risk scores), then the services, each after the one that it follows, then the costs of deaths.
    pub(super) fn observe(
        &self,
        trial: &SegmentTrial<'_>,
        scratch: &mut Scratch,
        rows: &mut Rows<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Interrupted> {
        let years = trial.factors.len();
        let variants = trial.uses[0].len();
        let changed = trial.uses.iter().zip(trial.prices).map(|(uses, prices)| {
            let is_changed =
                |factors: &[Vec<f64>], variant: usize| factors[variant].iter().any(|&factor| factor != 1.0);
            (1..variants)
                .filter(|&variant| is_changed(uses, variant) || is_changed(prices, variant))
                .collect::<Vec<_>>()
        });
        let changed: Vec<_> = changed.collect();
        let Scratch { streams, block: memory, .. } = scratch;
        streams.begin((trial.seed, trial.trial, self.key), self.services.len() + 1, years, variants);
        self.begin(variants, visit.is_some(), memory);
        memory.classes.clear();
        if self.counts_frailty {
            memory.classes.resize(years, [0; CLASSES]);
        }
        // `[year][variant][layer]`
        let mut layer_sums = vec![vec![vec![[0.0; LANES]; self.layers.len()]; variants]; years];
        let mut done = 0;
        while done < self.members {
            if trial.stop.load(Ordering::Relaxed) {
                return Err(Interrupted);
            }
            let count = (self.members - done).min(BLOCK as u64) as usize;
            for (index, layer_sums) in layer_sums.iter_mut().enumerate() {
                let year = SegmentYear {
                    year: index as u32,
                    changed: &changed[index],
                    uses: &trial.uses[index],
                    prices: &trial.prices[index],
                    factors: &trial.factors[index],
                    price_index: trial.price_index[index],
                };
                let mut of_people = streams.of(self.services.len(), 0, year.year);
                self.observe_lives(count, &mut of_people, memory, rows);
                clear_totals(&year, memory);
                for (turn, service) in self.services.iter().enumerate() {
                    service.observe(turn, &year, &mut streams.of(turn, service.key, year.year), memory, rows);
                }
                for episodes in &self.episodes {
                    episodes.sum(&year, memory, rows);
                }
                self.end_lives(&year, &mut streams.of(self.services.len(), 0, year.year), memory, rows);
                self.sum(&year, memory, layer_sums);
                self.count(&year, memory, rows);
                if let Some(visit) = visit {
                    show(memory, (rows.segment, year.year, done), visit);
                }
            }
            done += count as u64;
        }
        for (year, layer_sums) in (0..).zip(&layer_sums) {
            for variant in 1..variants {
                rows.add_reference(variant, year);
            }
            for (variant, sums) in layer_sums.iter().enumerate() {
                // A variant without changes has the reference's layers.
                let is_changed = changed[year as usize].contains(&variant);
                let sums = if is_changed { sums } else { &layer_sums[0] };
                let row = rows.of(variant, year);
                for (layer, sums) in self.layers.iter().zip(sums) {
                    row[layer.column] = sums.iter().sum();
                }
            }
        }
        Ok(())
    }

    /// Makes room for the segment.
    fn begin(&self, variants: usize, is_visited: bool, memory: &mut BlockMemory) {
        memory.people_of_years.clear();
        memory.events.resize_with(self.services.len().max(memory.events.len()), Events::default);
        memory.totals.resize(self.scopes, [0.0; BLOCK]);
        memory.added_totals.resize_with(variants, Vec::new);
        for totals in &mut memory.added_totals {
            totals.resize(self.scopes, [0.0; BLOCK]);
        }
        memory.visited = is_visited.then(Visited::default);
    }

    /// Draws the lives of a year's members and counts years lived and risk scores, which are the same under every variant.
    fn observe_lives(
        &self,
        count: usize,
        streams: &mut YearStreams<'_>,
        memory: &mut BlockMemory,
        rows: &mut Rows<'_>,
    ) {
        let BlockMemory { members, people, visited, classes, people_of_years, .. } = memory;
        if self.panel.is_still() && visited.is_none() {
            people.stand_still(count);
        } else {
            self.panel.live(count, streams, members);
            self.panel.line_up(members, people);
        }
        if let Some(classes) = classes.get_mut(streams.year as usize) {
            let of = |&member: &u32| members.frailty[member as usize];
            frailty_classes::count(people.member[..people.count].iter().map(of), classes);
        }
        let risk_scores =
            self.risk_scores.as_ref().map(|scores| (scores.column, scores.total(count, streams, members)));
        match people_of_years.get_mut(streams.year as usize) {
            Some(all) => *all += people.count as u64,
            None => people_of_years.push(people.count as u64),
        }
        let lived = people.living as f64 + people.lived.iter().sum::<f64>();
        let row = rows.of(0, streams.year);
        let lived = self.person_years_column.map(|column| (column, lived));
        let here = self.people_column.map(|column| (column, people.count as f64));
        for (column, figure) in lived.into_iter().chain(here).chain(risk_scores) {
            row[column] += figure;
        }
        if let Some(visited) = visited {
            visited.begin(self.services.len(), count);
            if let Some(scores) = &self.risk_scores {
                scores.list(streams.year, count, members, &mut visited.risk_scores);
            }
        }
    }

    /// Adds what deaths cost, once all else of the year is drawn. Where each event counts up to a limit, it counts as one.
    fn end_lives(
        &self,
        year: &SegmentYear<'_>,
        streams: &mut YearStreams<'_>,
        memory: &mut BlockMemory,
        rows: &mut Rows<'_>,
    ) {
        let Some(EndOfLife { amount, parts }) = &self.end_of_life else { return };
        let BlockMemory { people, costs, totals, severity, visited, .. } = memory;
        let dead = people.living..people.count;
        if dead.is_empty() {
            return;
        }
        costs.resize(dead.len(), 0.0);
        amount.fill(streams.get(Purpose::Death), costs, severity);
        if !people.weight.is_empty() {
            for (cost, weight) in costs.iter_mut().zip(&people.weight[dead.clone()]) {
                *cost *= weight;
            }
        }
        for episodes in &self.episodes {
            episodes.add_deaths(costs, parts, year, rows);
        }
        for &(turn, part) in parts {
            let service = &self.services[turn];
            let factor = part * year.factors[service.index];
            for &scope in &service.columns.scopes {
                for (total, cost) in totals[scope][dead.clone()].iter_mut().zip(costs.iter()) {
                    *total += cost * factor;
                }
            }
            let row = rows.of(0, year.year);
            service.columns.add(row, costs.iter().sum::<f64>() * factor, 0.0);
            service.columns.add_capped(row, costs, factor, year.price_index);
            if let Some(visited) = visited {
                for (&member, cost) in people.member[dead.clone()].iter().zip(costs.iter()) {
                    visited.add(service.index, member, cost * factor, 0);
                }
            }
        }
    }

    /// Adds the layers of a block's totals, those of the reference and of the variants that differ.
    fn sum(&self, year: &SegmentYear<'_>, memory: &mut BlockMemory, layer_sums: &mut [Vec<[f64; LANES]>]) {
        let BlockMemory { totals, added_totals, .. } = memory;
        sum_layers(&self.layers, totals, year.price_index, &mut layer_sums[0]);
        for &variant in year.changed {
            for (added, total) in added_totals[variant].iter_mut().zip(totals.iter()) {
                for (added, total) in added.iter_mut().zip(total) {
                    *added += total;
                }
            }
            sum_layers(&self.layers, &added_totals[variant], year.price_index, &mut layer_sums[variant]);
        }
    }

    /// Counts the people of a block above amounts; of a variant, by how many more there are than in the reference.
    fn count(&self, year: &SegmentYear<'_>, memory: &BlockMemory, rows: &mut Rows<'_>) {
        for above in &self.above {
            let of_reference = above.count(&memory.totals, year.price_index);
            rows.of(0, year.year)[above.column] += of_reference;
            for &variant in year.changed {
                let of_variant = above.count(&memory.added_totals[variant], year.price_index);
                rows.of(variant, year.year)[above.column] += of_variant - of_reference;
            }
        }
    }
}

/// Sets all totals to zero.
fn clear_totals(year: &SegmentYear<'_>, memory: &mut BlockMemory) {
    let BlockMemory { totals, added_totals, .. } = memory;
    for total in totals.iter_mut() {
        total.fill(0.0);
    }
    for &variant in year.changed {
        for total in &mut added_totals[variant] {
            total.fill(0.0);
        }
    }
}
