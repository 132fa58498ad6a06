//! A segment's people as persons: a frailty that their services and years share, deaths, and those who come and go.
//!
//! All years of a block of people are drawn together, so that nobody needs to be remembered beyond the block. A person
//! stands for a place on the panel: who leaves is replaced by someone with a frailty of their own, and who dies by someone
//! as frail, so that the segment stays as it is described although its frailest die.

use std::sync::atomic::Ordering;

use twosided_prob::{Purpose, Severity, Stream, StreamKey, name_key, upper_score};

use crate::{
    Assignment, Observation, Plan, PopulationError, RiskScore, Segment, ServiceScope, Turnover,
    care::{Care, CareStreams, Cared},
    layer::{BLOCK, LANES, Layer, layers_of, sum_layers},
    sampler::{Draw, Interrupted, Rows, Scratch},
};

/// A segment made ready to be sampled person by person.
#[derive(Clone, Debug)]
pub(crate) struct People {
    key: u64,
    members: u64,
    persistence: f64,
    death: Option<Death>,
    turnover: Option<Turnover>,
    assignment: Assignment,
    /// Each service after the one that it follows.
    care: Vec<Care>,
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
    /// Places of the services that the amount is spent on, and their parts.
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
pub struct Crowd {
    /// Frailty scores.
    pub(crate) frailty: Vec<f64>,
    /// Share of the year that each person lives.
    pub(crate) lived: Vec<f64>,
    /// What joining or leaving multiplies each person's cost by.
    pub(crate) weight: Vec<f64>,
    died: Vec<bool>,
    joined: Vec<bool>,
    /// Who is on a place that was left, and not by a death.
    renewed: Vec<bool>,
    leaves: Vec<bool>,
    fresh: Vec<f64>,
    /// Amounts of single events.
    pub(crate) parts: Vec<f64>,
    /// `[variant][scope]` totals of each person.
    pub(crate) totals: Vec<Vec<[f64; BLOCK]>>,
    pub(crate) cared: Vec<Cared>,
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
pub struct PersonYears<'a> {
    /// Place of their segment.
    pub segment: usize,
    /// The year, counted from 0.
    pub year: u32,
    /// Number of the first person of the block within the segment; the same persons come in the same blocks every year.
    pub first: u64,
    /// Share of the year that each lived.
    pub lived: &'a [f64],
    /// Who died in it.
    pub died: &'a [bool],
    /// Whose place on the panel was someone else's in the year before.
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
    /// Places of the variants that differ from the reference, the reference first.
    pub(crate) variants: &'a [usize],
    /// `[variant][service]`, use over that of the reference.
    pub(crate) uses: &'a [Vec<f64>],
    /// What the cost of each service is multiplied by.
    pub(crate) factors: &'a [f64],
    /// What limits are multiplied by.
    pub(crate) index: f64,
}

/// Streams of a segment's year.
struct LifeStreams {
    frailty: Stream,
    turnover: Stream,
    death: Stream,
    risk_score: Stream,
}

impl People {
    pub(crate) fn new(
        segment: &Segment,
        assignment: Assignment,
        years: u32,
        plan: &Plan,
        scopes: &[&ServiceScope],
    ) -> Result<Self, PopulationError> {
        let order = segment.order()?;
        let care = order.iter().map(|&place| Care::new(segment, place, &order, plan, scopes));
        let death = segment.life.mortality.as_ref().filter(|mortality| mortality.probability > 0.0).map(|mortality| {
            let parts = mortality.end_of_life.iter().flat_map(|end| &end.services);
            Death {
                from: upper_score(mortality.probability),
                loading: mortality.frailty_loading,
                amount: mortality.end_of_life.as_ref().map(|end| end.amount.clone()),
                parts: parts.filter_map(|(name, part)| Some((segment.place(name)?, *part))).collect(),
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
        visit: &mut Option<&mut dyn FnMut(&PersonYears<'_>)>,
    ) -> Result<(), Interrupted> {
        let &Draw { seed, trial, stop, index } = draw;
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
                let of = |care: &Care| CareStreams::new(uses[0].len(), |purpose| stream(purpose, care.key, year));
                self.care.iter().map(of).collect()
            })
            .collect();
        let variants: Vec<Vec<usize>> = uses
            .iter()
            .map(|uses| {
                let differs = |&place: &usize| place == 0 || uses[place].iter().any(|&used| used != 1.0);
                (0..uses.len()).filter(differs).collect()
            })
            .collect();
        let mut layer_sums = vec![vec![vec![[0.0; LANES]; self.layers.len()]; uses[0].len()]; years as usize];
        scratch.crowd.cared.resize_with(self.care.len(), Cared::default);
        scratch.crowd.totals.resize_with(uses[0].len(), Vec::new);
        for totals in &mut scratch.crowd.totals {
            totals.resize(scratch.totals.len(), [0.0; BLOCK]);
        }
        scratch.crowd.visited = visit.is_some().then(Visited::default);
        let mut done = 0;
        while done < self.members {
            if stop.load(Ordering::Relaxed) {
                return Err(Interrupted);
            }
            let people = (self.members - done).min(BLOCK as u64) as usize;
            for year in 0..years {
                let place = year as usize;
                let block = Block {
                    people,
                    year,
                    variants: &variants[place],
                    uses: &uses[place],
                    factors: &factors[place],
                    index: index[place],
                };
                self.live(&block, &mut lives[place], &mut scratch.crowd);
                self.add_lives(&block, &mut lives[place].risk_score, &scratch.crowd, rows);
                scratch.crowd.begin(&block, self.services);
                for (care, streams) in self.care.iter().zip(&mut streams[place]) {
                    care.observe(&block, streams, scratch, rows);
                }
                self.end_lives(&block, &mut lives[place].death, scratch, rows);
                for &variant in block.variants {
                    let totals = &scratch.crowd.totals[variant];
                    sum_layers(&self.layers, totals, block.index, &mut layer_sums[place][variant]);
                }
                if let Some(visit) = visit {
                    scratch.crowd.show(rows.place(), year, done, visit);
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
    /// Draw order: a uniform a place for turnover (with prospective assignment, in the first year another one before, for who
    /// has just joined), a normal a place for frailty, then for deaths a normal and a uniform a place; none where nobody
    /// leaves or dies.
    fn live(&self, block: &Block<'_>, streams: &mut LifeStreams, crowd: &mut Crowd) {
        let people = block.people;
        let first = block.year == 0;
        if first {
            crowd.died.clear();
            crowd.leaves.clear();
        }
        crowd.died.resize(people, false);
        crowd.leaves.resize(people, false);
        crowd.weight.clear();
        crowd.weight.resize(people, 1.0);
        crowd.joined.clear();
        crowd.joined.extend(crowd.died.iter().zip(&crowd.leaves).map(|(died, leaves)| !first && (*died || *leaves)));
        crowd.renewed.clear();
        crowd.renewed.extend(crowd.leaves.iter().map(|leaves| !first && *leaves));
        if let Some(turnover) = self.turnover {
            crowd.uniforms.resize(people, 0.0);
            if first && self.assignment == Assignment::Prospective {
                // As many have just joined as in any later year.
                streams.turnover.fill_units(&mut crowd.uniforms);
                for (renewed, uniform) in crowd.renewed.iter_mut().zip(&crowd.uniforms) {
                    *renewed = *uniform < turnover.rate;
                }
            }
            streams.turnover.fill_units(&mut crowd.uniforms);
            for place in 0..people {
                let goes = crowd.uniforms[place] < turnover.rate;
                match self.assignment {
                    Assignment::Prospective => {
                        crowd.weight[place] = match (crowd.renewed[place], goes) {
                            (true, false) => turnover.joiner_cost,
                            (false, true) => turnover.leaver_cost,
                            (true, true) => turnover.joiner_cost * turnover.leaver_cost,
                            (false, false) => 1.0,
                        };
                        crowd.leaves[place] = goes;
                    }
                    Assignment::Retrospective => {
                        crowd.joined[place] |= goes;
                        crowd.renewed[place] |= goes;
                        crowd.weight[place] = if crowd.renewed[place] { turnover.joiner_cost } else { 1.0 };
                    }
                }
            }
        }
        crowd.fresh.resize(people, 0.0);
        streams.frailty.fill_scores(&mut crowd.fresh);
        if first {
            crowd.frailty.clone_from(&crowd.fresh);
        } else {
            let renewed = (1.0 - self.persistence * self.persistence).sqrt();
            for place in 0..people {
                let fresh = crowd.fresh[place];
                let stays = self.persistence * crowd.frailty[place] + renewed * fresh;
                crowd.frailty[place] = if crowd.renewed[place] { fresh } else { stays };
            }
        }
        crowd.lived.clear();
        crowd.lived.resize(people, 1.0);
        crowd.died.fill(false);
        if let Some(death) = &self.death {
            let own = (1.0 - death.loading * death.loading).sqrt();
            crowd.uniforms.resize(people, 0.0);
            streams.death.fill_scores(&mut crowd.fresh);
            streams.death.fill_units(&mut crowd.uniforms);
            for place in 0..people {
                let score = death.loading * crowd.frailty[place] + own * crowd.fresh[place];
                crowd.died[place] = score > death.from;
                if crowd.died[place] {
                    crowd.lived[place] = crowd.uniforms[place];
                }
            }
        }
    }

    /// Counts years lived and risk scores; the same under every variant.
    fn add_lives(&self, block: &Block<'_>, stream: &mut Stream, crowd: &Crowd, rows: &mut Rows<'_>) {
        let lived: f64 = crowd.lived[..block.people].iter().sum();
        let differing = self.risk_scores.as_ref().filter(|scores| scores.scale > 0.0).map(|scores| {
            let own = (1.0 - scores.loading * scores.loading).sqrt();
            let location = libm::log(scores.means[block.year as usize]) - 0.5 * scores.scale * scores.scale;
            let of_person = |frailty: &f64| {
                let score = scores.loading * frailty + own * stream.normal();
                libm::exp(location + scores.scale * score)
            };
            let total: f64 = crowd.frailty.iter().map(of_person).sum();
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
        let Scratch { crowd, costs, severity, .. } = scratch;
        let dead: Vec<usize> = (0..block.people).filter(|&person| crowd.died[person]).collect();
        costs.resize(dead.len(), 0.0);
        amount.fill(stream, costs, severity);
        for &(service, part) in &death.parts {
            let care = self.care.iter().find(|care| care.place == service).expect("every service has its care");
            for (&person, cost) in dead.iter().zip(costs.iter()) {
                let cost = cost * part * block.factors[service] * crowd.weight[person];
                for &variant in block.variants {
                    care.add_to(block, variant, person, cost, &mut crowd.totals[variant], rows);
                }
                if let Some(visited) = &mut crowd.visited {
                    visited.costs[service][person] += cost;
                }
            }
        }
    }
}

impl Crowd {
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

    fn show(&self, segment: usize, year: u32, first: u64, visit: &mut dyn FnMut(&PersonYears<'_>)) {
        let Some(Visited { costs, counts }) = &self.visited else { return };
        let (lived, died, joined) = (&self.lived, &self.died, &self.joined);
        visit(&PersonYears { segment, year, first, lived, died, joined, costs, counts });
    }
}
