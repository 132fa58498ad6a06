//! A segment's people as persons: a frailty that their services and years share, deaths, and those who come and go.
//!
//! All years of a block of people are drawn together, so that nobody needs to be remembered beyond the block. A person
//! stands for a place on the panel: who leaves is replaced by someone with a frailty of their own, and who dies by someone
//! as frail, so that the segment stays as it is described although its frailest die.

use std::sync::atomic::Ordering;

use twosided_prob::{Purpose, Severity, Stream, StreamKey, name_key, upper_score};

use crate::{
    Assignment, Observation, Plan, PopulationError, RiskScore, Segment, ServiceScope, Turnover,
    layer::{BLOCK, LANES, Layer, layers_of, sum_layers},
    sampler::{Draw, Interrupted, Rows, Scratch},
    service_sampler::{CareStreams, EventCounts, ServiceSampler},
};

/// A segment made ready to be sampled person by person.
#[derive(Clone, Debug)]
pub(crate) struct PersonSampler {
    key: u64,
    members: u64,
    persistence: f64,
    death: Option<Death>,
    turnover: Option<Turnover>,
    assignment: Assignment,
    /// Each service after the one that it follows.
    care: Vec<ServiceSampler>,
    /// How many services the segment has.
    services: usize,
    layers: Vec<Layer>,
    person_years_column: Option<usize>,
    risk_scores: Option<RiskScores>,
}

#[derive(Clone, Debug)]
struct Death {
    /// The score from which a person dies.
    from: f64,
    loading: f64,
    amount: Option<Severity>,
    /// Indices of the services that the amount is spent on, and their parts.
    parts: Vec<(usize, f64)>,
}

#[derive(Clone, Debug)]
struct RiskScores {
    column: usize,
    /// Means by year.
    means: Vec<f64>,
    /// Of the logarithm.
    scale: f64,
    loading: f64,
}

/// A block of people in one year, and memory for it.
#[derive(Clone, Debug, Default)]
pub struct PersonBlock {
    /// Frailty scores.
    pub(crate) frailty: Vec<f64>,
    /// Share of the year that each person lives.
    pub(crate) lived: Vec<f64>,
    /// What joining or leaving multiplies each person's cost by.
    pub(crate) weight: Vec<f64>,
    died: Vec<bool>,
    joined: Vec<bool>,
    /// The replacement of someone who left, other than by death.
    renewed: Vec<bool>,
    leaves: Vec<bool>,
    fresh: Vec<f64>,
    /// Amounts of single events.
    pub(crate) parts: Vec<f64>,
    /// `[variant][scope]` totals of each person.
    pub(crate) totals: Vec<Vec<[f64; BLOCK]>>,
    pub(crate) event_counts: Vec<EventCounts>,
    pub(crate) uniforms: Vec<f64>,
    /// `[service][person]`, where persons are visited.
    pub(crate) visited: Option<Visited>,
}

/// Costs and counts of a block's persons, `[service][person]`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visited {
    pub(crate) costs: Vec<Vec<f64>>,
    pub(crate) counts: Vec<Vec<u32>>,
}

/// A block of persons in one year, as [`crate::Sampler::visit`] shows them.
#[derive(Clone, Copy, Debug)]
pub struct PersonYearBlock<'a> {
    /// Index of their segment.
    pub segment: usize,
    /// The year, counted from 0.
    pub year: u32,
    /// Number of the first person of the block within the segment; the same persons come in the same blocks every year.
    pub first: u64,
    /// Share of the year that each lived.
    pub lived: &'a [f64],
    /// Who died in it.
    pub died: &'a [bool],
    /// Whether the member was someone else in the year before.
    pub joined: &'a [bool],
    /// Dollars, `[service][person]`, services in the order of their names.
    pub costs: &'a [Vec<f64>],
    /// Events, `[service][person]`; users, where a service is an annual amount.
    pub counts: &'a [Vec<u32>],
}

/// A block of a segment in one year.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<'a> {
    pub(crate) people: usize,
    pub(crate) year: u32,
    /// Indices of the variants that differ from the reference, the reference first.
    pub(crate) variants: &'a [usize],
    /// `[variant][service]`, use over that of the reference.
    pub(crate) uses: &'a [Vec<f64>],
    /// What the cost of each service is multiplied by.
    pub(crate) factors: &'a [f64],
    /// What limits are multiplied by.
    pub(crate) price_index: f64,
}

/// Streams of a segment's year.
struct LifeStreams {
    frailty: Stream,
    turnover: Stream,
    death: Stream,
    risk_score: Stream,
}

impl PersonSampler {
    pub(crate) fn new(
        segment: &Segment,
        assignment: Assignment,
        years: u32,
        plan: &Plan,
        scopes: &[&ServiceScope],
    ) -> Result<Self, PopulationError> {
        let order = segment.order()?;
        let care = order.iter().map(|&index| ServiceSampler::new(segment, index, &order, plan, scopes));
        let death = segment.life.mortality.as_ref().filter(|mortality| mortality.probability > 0.0).map(|mortality| {
            let parts = mortality.end_of_life.iter().flat_map(|end| &end.services);
            Death {
                from: upper_score(mortality.probability),
                loading: mortality.frailty_loading,
                amount: mortality.end_of_life.as_ref().map(|end| end.amount.clone()),
                parts: parts.filter_map(|(name, part)| Some((segment.index(name)?, *part))).collect(),
            }
        });
        let flat = RiskScore { mean: 1.0, cv: 0.0, frailty_loading: 0.0, coding_growth: 0.0 };
        let score = segment.risk_score.unwrap_or(flat);
        Ok(Self {
            key: name_key(&segment.name),
            members: segment.members,
            persistence: segment.life.persistence,
            death,
            turnover: segment.life.turnover,
            assignment,
            care: care.collect::<Result<_, _>>()?,
            services: segment.services.len(),
            layers: layers_of(plan, segment, scopes),
            person_years_column: plan.position(&Observation::PersonYears),
            risk_scores: plan.position(&Observation::RiskScore).map(|column| RiskScores {
                column,
                means: (0..years).map(|year| segment.mean_risk_score(year)).collect(),
                scale: libm::log1p(score.cv * score.cv).sqrt(),
                loading: score.frailty_loading,
            }),
        })
    }

    /// Samples all years of all variants.
    ///
    /// `factors` is `[year][service]`, `uses` `[year][variant][service]`.
    ///
    /// Draw order: each year of each service, and of the people's lives, has streams of its own; block by block, first the
    /// lives (turnover, frailty, deaths), then the services, each after the one that it follows.
    pub(crate) fn observe(
        &self,
        draw: &Draw<'_>,
        factors: &[Vec<f64>],
        uses: &[Vec<Vec<f64>>],
        scratch: &mut Scratch,
        rows: &mut Rows<'_>,
        visit: &mut Option<&mut dyn FnMut(&PersonYearBlock<'_>)>,
    ) -> Result<(), Interrupted> {
        let &Draw { seed, trial, stop, price_index } = draw;
        let years = factors.len() as u32;
        let stream =
            |purpose, service, year| Stream::new(&StreamKey { seed, purpose, segment: self.key, service, trial, year });
        let mut lives: Vec<LifeStreams> = (0..years)
            .map(|year| LifeStreams {
                frailty: stream(Purpose::Frailty, 0, year),
                turnover: stream(Purpose::Turnover, 0, year),
                death: stream(Purpose::Death, 0, year),
                risk_score: stream(Purpose::RiskScore, 0, year),
            })
            .collect();
        let mut streams: Vec<Vec<_>> = (0..years)
            .map(|year| {
                let of =
                    |care: &ServiceSampler| CareStreams::new(uses[0].len(), |purpose| stream(purpose, care.key, year));
                self.care.iter().map(of).collect()
            })
            .collect();
        let variants: Vec<Vec<usize>> = uses
            .iter()
            .map(|uses| {
                let differs = |&index: &usize| index == 0 || uses[index].iter().any(|&used| used != 1.0);
                (0..uses.len()).filter(differs).collect()
            })
            .collect();
        let mut layer_sums = vec![vec![vec![[0.0; LANES]; self.layers.len()]; uses[0].len()]; years as usize];
        scratch.person_block.event_counts.resize_with(self.care.len(), EventCounts::default);
        scratch.person_block.totals.resize_with(uses[0].len(), Vec::new);
        for totals in &mut scratch.person_block.totals {
            totals.resize(scratch.totals.len(), [0.0; BLOCK]);
        }
        scratch.person_block.visited = visit.is_some().then(Visited::default);
        let mut done = 0;
        while done < self.members {
            if stop.load(Ordering::Relaxed) {
                return Err(Interrupted);
            }
            let people = (self.members - done).min(BLOCK as u64) as usize;
            for year in 0..years {
                let index = year as usize;
                let block = Block {
                    people,
                    year,
                    variants: &variants[index],
                    uses: &uses[index],
                    factors: &factors[index],
                    price_index: price_index[index],
                };
                self.live(&block, &mut lives[index], &mut scratch.person_block);
                self.add_lives(&block, &mut lives[index].risk_score, &scratch.person_block, rows);
                scratch.person_block.begin(&block, self.services);
                for (care, streams) in self.care.iter().zip(&mut streams[index]) {
                    care.observe(&block, streams, scratch, rows);
                }
                self.end_lives(&block, &mut lives[index].death, scratch, rows);
                for &variant in block.variants {
                    let totals = &scratch.person_block.totals[variant];
                    sum_layers(&self.layers, totals, block.price_index, &mut layer_sums[index][variant]);
                }
                if let Some(visit) = visit {
                    scratch.person_block.show(rows.index(), year, done, visit);
                }
            }
            done += people as u64;
        }
        for (year, layer_sums) in (0..years).zip(&layer_sums) {
            for &variant in &variants[year as usize] {
                let row = rows.of(variant, year);
                for (layer, sums) in self.layers.iter().zip(&layer_sums[variant]) {
                    row[layer.column] = sums.iter().sum();
                }
                if let Some(scores) = self.risk_scores.as_ref().filter(|scores| scores.scale == 0.0) {
                    row[scores.column] = scores.means[year as usize] * self.members as f64;
                }
            }
            for variant in (1..uses[0].len()).filter(|variant| !variants[year as usize].contains(variant)) {
                rows.copy(variant, year);
            }
        }
        Ok(())
    }

    /// Who is on the panel in a year, how frail, and until when.
    ///
    /// Draw order: a uniform a member for turnover (with prospective assignment, in the first year another one before, for who
    /// has just joined), a normal a member for frailty, then for deaths a normal and a uniform a member; none where nobody
    /// leaves or dies.
    fn live(&self, block: &Block<'_>, streams: &mut LifeStreams, person_block: &mut PersonBlock) {
        let people = block.people;
        let first = block.year == 0;
        if first {
            person_block.died.clear();
            person_block.leaves.clear();
        }
        person_block.died.resize(people, false);
        person_block.leaves.resize(people, false);
        person_block.weight.clear();
        person_block.weight.resize(people, 1.0);
        person_block.joined.clear();
        person_block.joined.extend(
            person_block.died.iter().zip(&person_block.leaves).map(|(died, leaves)| !first && (*died || *leaves)),
        );
        person_block.renewed.clear();
        person_block.renewed.extend(person_block.leaves.iter().map(|leaves| !first && *leaves));
        if let Some(turnover) = self.turnover {
            person_block.uniforms.resize(people, 0.0);
            if first && self.assignment == Assignment::Prospective {
                // As many have just joined as in any later year.
                streams.turnover.fill_units(&mut person_block.uniforms);
                for (renewed, uniform) in person_block.renewed.iter_mut().zip(&person_block.uniforms) {
                    *renewed = *uniform < turnover.rate;
                }
            }
            streams.turnover.fill_units(&mut person_block.uniforms);
            for index in 0..people {
                let goes = person_block.uniforms[index] < turnover.rate;
                match self.assignment {
                    Assignment::Prospective => {
                        person_block.weight[index] = match (person_block.renewed[index], goes) {
                            (true, false) => turnover.joiner_cost,
                            (false, true) => turnover.leaver_cost,
                            (true, true) => turnover.joiner_cost * turnover.leaver_cost,
                            (false, false) => 1.0,
                        };
                        person_block.leaves[index] = goes;
                    }
                    Assignment::Retrospective => {
                        person_block.joined[index] |= goes;
                        person_block.renewed[index] |= goes;
                        person_block.weight[index] =
                            if person_block.renewed[index] { turnover.joiner_cost } else { 1.0 };
                    }
                }
            }
        }
        person_block.fresh.resize(people, 0.0);
        streams.frailty.fill_scores(&mut person_block.fresh);
        if first {
            person_block.frailty.clone_from(&person_block.fresh);
        } else {
            let renewed = (1.0 - self.persistence * self.persistence).sqrt();
            for index in 0..people {
                let fresh = person_block.fresh[index];
                let stays = self.persistence * person_block.frailty[index] + renewed * fresh;
                person_block.frailty[index] = if person_block.renewed[index] { fresh } else { stays };
            }
        }
        person_block.lived.clear();
        person_block.lived.resize(people, 1.0);
        person_block.died.fill(false);
        if let Some(death) = &self.death {
            let own = (1.0 - death.loading * death.loading).sqrt();
            person_block.uniforms.resize(people, 0.0);
            streams.death.fill_scores(&mut person_block.fresh);
            streams.death.fill_units(&mut person_block.uniforms);
            for index in 0..people {
                let score = death.loading * person_block.frailty[index] + own * person_block.fresh[index];
                person_block.died[index] = score > death.from;
                if person_block.died[index] {
                    person_block.lived[index] = person_block.uniforms[index];
                }
            }
        }
    }

    /// Counts years lived and risk scores; the same under every variant.
    fn add_lives(&self, block: &Block<'_>, stream: &mut Stream, person_block: &PersonBlock, rows: &mut Rows<'_>) {
        let lived: f64 = person_block.lived[..block.people].iter().sum();
        let differing = self.risk_scores.as_ref().filter(|scores| scores.scale > 0.0).map(|scores| {
            let own = (1.0 - scores.loading * scores.loading).sqrt();
            let location = libm::log(scores.means[block.year as usize]) - 0.5 * scores.scale * scores.scale;
            let of_person = |frailty: &f64| {
                let score = scores.loading * frailty + own * stream.normal();
                libm::exp(location + scores.scale * score)
            };
            let total: f64 = person_block.frailty.iter().map(of_person).sum();
            (scores.column, total)
        });
        for &variant in block.variants {
            let row = rows.of(variant, block.year);
            for (column, figure) in self.person_years_column.map(|column| (column, lived)).into_iter().chain(differing)
            {
                row[column] += figure;
            }
        }
    }

    /// Adds what deaths cost, once all else of the year is drawn.
    fn end_lives(&self, block: &Block<'_>, stream: &mut Stream, scratch: &mut Scratch, rows: &mut Rows<'_>) {
        let Some((death, amount)) = self.death.as_ref().and_then(|death| Some((death, death.amount.as_ref()?))) else {
            return;
        };
        let Scratch { person_block, costs, severity, .. } = scratch;
        let dead: Vec<usize> = (0..block.people).filter(|&person| person_block.died[person]).collect();
        costs.resize(dead.len(), 0.0);
        amount.fill(stream, costs, severity);
        for &(service, part) in &death.parts {
            let care = self.care.iter().find(|care| care.index == service).expect("every service has its care");
            for (&person, cost) in dead.iter().zip(costs.iter()) {
                let cost = cost * part * block.factors[service] * person_block.weight[person];
                for &variant in block.variants {
                    care.add_to(block, variant, person, cost, &mut person_block.totals[variant], rows);
                }
                if let Some(visited) = &mut person_block.visited {
                    visited.costs[service][person] += cost;
                }
            }
        }
    }
}

impl PersonBlock {
    /// Nothing spent yet.
    fn begin(&mut self, block: &Block<'_>, services: usize) {
        for &variant in block.variants {
            for scope in &mut self.totals[variant] {
                scope.fill(0.0);
            }
        }
        if let Some(visited) = &mut self.visited {
            visited.costs.resize(services, Vec::new());
            visited.counts.resize(services, Vec::new());
            for costs in &mut visited.costs {
                costs.clear();
                costs.resize(block.people, 0.0);
            }
            for counts in &mut visited.counts {
                counts.clear();
                counts.resize(block.people, 0);
            }
        }
    }

    fn show(&self, segment: usize, year: u32, first: u64, visit: &mut dyn FnMut(&PersonYearBlock<'_>)) {
        let Some(Visited { costs, counts }) = &self.visited else { return };
        let (lived, died, joined) = (&self.lived, &self.died, &self.joined);
        visit(&PersonYearBlock { segment, year, first, lived, died, joined, costs, counts });
    }
}
