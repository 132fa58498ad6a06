//! Memory that one thread reuses from block to block and from trial to trial.

use twosided_prob::SeverityScratch;

use crate::SystemYear;

use super::{frailty_classes::Counts, layer::BLOCK, streams::Streams};

/// Memory that one thread reuses from trial to trial.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    benchmark: Vec<f64>,
    /// By year, and by the year in which a benchmark was set.
    benchmark_errors: Vec<Vec<f64>>,
    /// Of programs, then by year of the trend and of each factor.
    scores: Vec<f64>,
    pub(super) streams: Streams,
    pub(super) block: BlockMemory,
}

impl Scratch {
    /// Notes what the system does to the benchmarks of a trial, and the scores behind it and behind the outcomes of programs.
    pub fn note(&mut self, system: &[SystemYear], outcomes: &[f64]) {
        self.scores.clear();
        self.scores.extend(outcomes.iter().chain(system.iter().flat_map(|year| &year.scores)));
        self.benchmark.clear();
        self.benchmark.extend(system.iter().map(|year| year.benchmark));
        self.benchmark_errors.clear();
        self.benchmark_errors.extend(system.iter().map(|year| year.benchmark_errors.clone()));
    }

    /// What benchmarks that are updated after the year are worth in each year of the last trial, over what terms state.
    pub fn benchmark(&self) -> &[f64] {
        &self.benchmark
    }

    /// The independent normal scores of the last trial: of each program, then, year by year, of the trend and of each factor.
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// The part of [`Scratch::benchmark`] in a year that is the benchmark's error, by the year in which the benchmark was set.
    pub fn benchmark_errors(&self, year: u32) -> &[f64] {
        &self.benchmark_errors[year as usize]
    }
}

/// What is known of a block's people, and of one year of their services.
#[derive(Clone, Debug, Default)]
pub(super) struct BlockMemory {
    pub(super) members: Members,
    pub(super) people: People,
    pub(super) candidates: Box<Candidates>,
    /// By the order in which services are drawn.
    pub(super) events: Vec<Events>,
    /// Whom costs fall on, where a service is an annual amount.
    pub(super) users: Vec<u32>,
    pub(super) costs: Vec<f64>,
    /// Amounts of single events.
    pub(super) parts: Vec<f64>,
    pub(super) words: Vec<u64>,
    pub(super) half_words: Vec<u32>,
    pub(super) user_words: Vec<u64>,
    pub(super) uniforms: Vec<f64>,
    pub(super) changes: Changes,
    pub(super) episodes: EpisodeMemory,
    pub(super) severity: SeverityScratch,
    /// `[scope]` totals of each person.
    pub(super) totals: Vec<[f64; BLOCK]>,
    /// `[variant][scope]` what a variant adds to them.
    pub(super) added_totals: Vec<Vec<[f64; BLOCK]>>,
    pub(super) visited: Option<Visited>,
    /// The segment's people by frailty, year by year; empty where nobody asks.
    pub(super) classes: Vec<Counts>,
    /// `[year]` people of the segment so far.
    pub(super) people_of_years: Vec<u64>,
}

/// The members of a block, who keep their numbers from year to year.
#[derive(Clone, Debug, Default)]
pub(super) struct Members {
    /// Frailty scores.
    pub(super) frailty: Vec<f32>,
    /// Share of the year that each lives.
    pub(super) lived: Vec<f64>,
    /// Scores of the shares of visits that they make at the provider, and their frailty in the year whose visits decide; where people are
    /// assigned by visits.
    pub(super) share: Vec<f32>,
    pub(super) prior_frailty: Vec<f32>,
    /// Who is assigned; empty where all are.
    pub(super) assigned: Vec<bool>,
    /// Normal scores behind the risk scores of those.
    pub(super) assigned_scores: Vec<f32>,
    /// What joining or leaving multiplies each member's cost by, where people come and go.
    pub(super) weight: Vec<f64>,
    pub(super) died: Vec<bool>,
    pub(super) joined: Vec<bool>,
    /// The replacement of someone who left, other than by death.
    pub(super) renewed: Vec<bool>,
    pub(super) leaves: Vec<bool>,
    pub(super) fresh: Vec<f32>,
    pub(super) words: Vec<u32>,
}

/// The same people in the order in which a year is drawn: those who live through it, by bands of frailty, and then those who die. Who is
/// not assigned is not among them.
#[derive(Clone, Debug, Default)]
pub(super) struct People {
    pub(super) count: usize,
    /// Who live through the year; the others stand after them.
    pub(super) living: usize,
    /// Number of the member at a position.
    pub(super) member: Vec<u32>,
    pub(super) frailty: Vec<f32>,
    /// Of those who die, in their order.
    pub(super) lived: Vec<f64>,
    /// Empty where all are 1.
    pub(super) weight: Vec<f64>,
    pub(super) bands: Vec<u8>,
    /// The least and the greatest band of frailty of each [`super::screen::CHUNK`] people.
    pub(super) chunks: Vec<(u8, u8)>,
}

/// A little more than a block, so that arrays side by side do not lie a multiple of 4,096 bytes apart, which makes processors
/// wait for stores to one of them before loads from another.
const ROOM: usize = BLOCK + 48;

/// People who may use a service, and their scores; room for a block, of which the first `count` are found.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    pub(super) count: usize,
    pub(super) positions: [u32; ROOM],
    pub(super) scores: [f32; ROOM],
    pub(super) frailty: [f32; ROOM],
    pub(super) words: [u32; ROOM],
    /// Words as they are drawn.
    pub(super) drawn: [u32; ROOM],
}

impl Default for Candidates {
    fn default() -> Self {
        let (words, scores) = ([0; ROOM], [0.0; ROOM]);
        Self { count: 0, positions: words, scores, frailty: scores, words, drawn: words }
    }
}

impl Candidates {
    /// Positions, ascending, and scores.
    pub(super) fn found(&self) -> (&[u32], &[f32]) {
        (&self.positions[..self.count], &self.scores[..self.count])
    }
}

/// Who had how many events of a service.
#[derive(Clone, Debug, Default)]
pub(super) struct Events {
    /// Positions of people, ascending; more than once where events follow those of another service.
    pub(super) positions: Vec<u32>,
    pub(super) counts: Vec<u32>,
    /// Whether everybody of the block stands there, each once.
    pub(super) is_everybody: bool,
    /// `[variant]`
    pub(super) varied: Vec<Varied>,
    /// Positions, one for each event, where other services follow.
    pub(super) each: Vec<u32>,
    /// For each entry, the number of the event that it follows, where that is asked for.
    pub(super) stems: Vec<u32>,
    /// What each event costs, before factors and weights, where that is asked for.
    pub(super) amounts: Vec<f64>,
    /// For each entry, what the event that it follows multiplies its costs by, where it does.
    pub(super) factors: Vec<f64>,
}

/// Events of a variant.
#[derive(Clone, Debug, Default)]
pub(super) struct Varied {
    /// Whether they differ from the reference's.
    pub(super) is_changed: bool,
    /// Of each entry's events in the reference, how many are kept: always the first ones.
    pub(super) kept: Vec<u32>,
    /// People with events on top, and how many.
    pub(super) extra: Vec<(u32, u32)>,
    /// Whether each event of [`Events::each`] is kept.
    pub(super) keeps: Vec<bool>,
    /// For each event on top, the number of the event that it follows, where that is asked for: first come the reference's, then those on
    /// top of them.
    pub(super) extra_stems: Vec<u32>,
    /// As [`Events::amounts`]: first of the reference's events, zero where one is avoided, then of those on top.
    pub(super) amounts: Vec<f64>,
}

/// What a variant changes of a service's costs.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    pub(super) shares: Vec<f64>,
    pub(super) positions: Vec<u32>,
    pub(super) counts: Vec<u32>,
    pub(super) costs: Vec<f64>,
    pub(super) parts: Vec<f64>,
}

/// What sums episodes.
#[derive(Clone, Debug, Default)]
pub(super) struct EpisodeMemory {
    /// Of each episode, what it costs.
    pub(super) sums: Vec<f64>,
    /// `[turn]` for each event of a service, the number of the episode in which it counts.
    pub(super) roots: Vec<Vec<u32>>,
}

/// What a caller sees of a block's members: costs and counts, `[service][member]`, and risk scores.
#[derive(Clone, Debug, Default)]
pub(super) struct Visited {
    pub(super) costs: Vec<Vec<f64>>,
    pub(super) counts: Vec<Vec<u32>>,
    pub(super) risk_scores: Vec<f64>,
}

impl Events {
    /// The costs of single events, as they are or under a variant.
    pub(super) fn amounts_of(&self, variant: Option<usize>) -> &[f64] {
        self.changed(variant).map_or(&self.amounts, |varied| &varied.amounts)
    }

    /// What a variant makes of the events, if anything.
    pub(super) fn changed(&self, variant: Option<usize>) -> Option<&Varied> {
        variant.map(|variant| &self.varied[variant]).filter(|varied| varied.is_changed)
    }
}

impl Varied {
    /// Begins with all events as they are in the reference.
    pub(super) fn begin(&mut self, counts: &[u32]) {
        self.is_changed = true;
        self.kept.clear();
        self.kept.extend_from_slice(counts);
        self.extra.clear();
        self.extra_stems.clear();
    }
}

impl People {
    /// Makes it a block of people who are all alike and live through the year.
    pub(super) fn stand_still(&mut self, count: usize) {
        (self.count, self.living) = (count, count);
        self.lived.clear();
        self.weight.clear();
    }

    /// Multiplies the costs of those at the positions by their weight.
    pub(super) fn weigh(&self, positions: &[u32], costs: &mut [f64]) {
        if !self.weight.is_empty() {
            for (&position, cost) in positions.iter().zip(costs) {
                *cost *= self.weight[position as usize];
            }
        }
    }

    /// The same of single amounts, `counts` of them for each position.
    pub(super) fn weigh_each(&self, positions: &[u32], counts: &[u32], mut amounts: &mut [f64]) {
        if self.weight.is_empty() {
            return;
        }
        for (&position, &count) in positions.iter().zip(counts) {
            let (own, others) = amounts.split_at_mut(count as usize);
            for amount in own {
                *amount *= self.weight[position as usize];
            }
            amounts = others;
        }
    }
}

impl Visited {
    /// Begins a block, with nothing spent.
    pub(super) fn begin(&mut self, services: usize, members: usize) {
        self.costs.resize(services, Vec::new());
        self.counts.resize(services, Vec::new());
        for costs in &mut self.costs {
            costs.clear();
            costs.resize(members, 0.0);
        }
        for counts in &mut self.counts {
            counts.clear();
            counts.resize(members, 0);
        }
    }

    pub(super) fn add(&mut self, service: usize, member: u32, cost: f64, count: u32) {
        self.costs[service][member as usize] += cost;
        self.counts[service][member as usize] += count;
    }
}
