//! Who of a block's members is assigned to the provider in a year.

use twosided_prob::Purpose;

use crate::{Assignment, Attribution, Segment, attribution::Grid};

use super::{memory::Members, streams::YearStreams};

/// The chance to be assigned, by frailty and by the score of a person's share of visits.
#[derive(Clone, Debug)]
pub(super) struct AttributionSampler {
    /// `[frailty][share]`, side by side.
    chances: Vec<f32>,
    /// Correlation of a person's share with that of the year before.
    persistence: f32,
    /// The same of frailty.
    frailty_persistence: f32,
    /// Whether people's shares differ.
    has_shares: bool,
    /// Whether last year's visits decide.
    is_prospective: bool,
}

impl AttributionSampler {
    pub(super) fn new(attribution: &Attribution, segment: &Segment, assignment: Assignment) -> Self {
        let chances = attribution.chances().assigned;
        Self {
            chances: chances.iter().flatten().map(|&chance| chance as f32).collect(),
            persistence: attribution.terms().persistence as f32,
            frailty_persistence: segment.life.persistence as f32,
            has_shares: attribution.terms().share_sd > 0.0,
            is_prospective: assignment == Assignment::Prospective,
        }
    }

    /// Keeps the frailty of the year that ends, by whose visits people are assigned for the next.
    pub(super) fn keep_frailty(&self, members: &mut Members) {
        if self.is_prospective {
            let Members { frailty, prior_frailty, .. } = members;
            prior_frailty.clone_from(frailty);
        }
    }

    /// Draws who is assigned for a year. Who takes the place of a person who died has a share of their own.
    ///
    /// Draw order: a normal a member for shares, where they differ, and in later years another one, where they change or someone
    /// died; a word of 32 bits a member for who is assigned. Before the first year, where last year's visits decide, a normal
    /// a member for the frailty of that year.
    pub(super) fn draw(&self, count: usize, streams: &mut YearStreams<'_>, members: &mut Members) {
        let first = streams.year == 0;
        if first && self.is_prospective {
            members.prior_frailty.resize(count, 0.0);
            streams.get(Purpose::PriorFrailty).fill_normals(&mut members.prior_frailty);
            let own = (1.0 - self.frailty_persistence * self.frailty_persistence).sqrt();
            for (prior, frailty) in members.prior_frailty.iter_mut().zip(&members.frailty) {
                *prior = self.frailty_persistence * frailty + own * *prior;
            }
        }
        self.draw_shares(first, count, streams, members);
        let Members { words, frailty, prior_frailty, share, assigned, .. } = members;
        words.resize(count, 0);
        streams.get(Purpose::Attribution).fill_half_words(words);
        let frailty = if self.is_prospective { prior_frailty } else { frailty };
        assigned.clear();
        assigned.extend(words.iter().zip(frailty.iter()).zip(share.iter()).map(|((&word, &frailty), &share)| {
            f64::from(word) < f64::from(self.chance(frailty, share)) * 4_294_967_296.0
        }));
    }

    fn draw_shares(&self, first: bool, count: usize, streams: &mut YearStreams<'_>, members: &mut Members) {
        let Members { share, fresh, joined, .. } = members;
        share.resize(count, 0.0);
        if !self.has_shares {
            share.fill(0.0);
            return;
        }
        if first {
            streams.get(Purpose::Home).fill_normals(share);
            return;
        }
        fresh.resize(count, 0.0);
        streams.get(Purpose::Home).fill_normals(fresh);
        let own = (1.0 - self.persistence * self.persistence).sqrt();
        for ((share, &fresh), &joined) in share.iter_mut().zip(fresh.iter()).zip(joined.iter()) {
            let stays = self.persistence * *share + own * fresh;
            *share = if joined { fresh } else { stays };
        }
    }

    /// The chance of a person, between the nodes.
    fn chance(&self, frailty: f32, share: f32) -> f32 {
        let ((row, up), (column, right)) = (Grid::position(frailty), Grid::position(share));
        let of_row = |row: usize| {
            let start = row * Grid::NODES + column;
            let (left, next) = (self.chances[start], self.chances[start + 1]);
            left + right * (next - left)
        };
        let (lower, upper) = (of_row(row), of_row(row + 1));
        lower + up * (upper - lower)
    }
}
