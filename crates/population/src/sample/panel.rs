//! Who is on a segment's panel in a year, how frail, and until when.
//!
//! All years of a block of people are drawn together, so that nobody needs to be remembered beyond the block. A member stands for
//! a seat on the panel: who leaves is replaced by someone with a frailty of their own, and who dies by someone as frail, so
//! that the segment stays as it is described although its frailest die.

use twosided_prob::{Purpose, Stream, scores_at, upper_score, vectorized};

use crate::{Assignment, Segment, Turnover};

use super::{
    attribution::AttributionSampler,
    memory::{Members, People},
    screen::{CHUNK, band_of},
    streams::YearStreams,
};

/// The lives of a segment's people.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    persistence: f32,
    death: Option<Death>,
    turnover: Option<Turnover>,
    assignment: Assignment,
    attribution: Option<AttributionSampler>,
    /// Whether anything depends on frailty.
    has_frailty: bool,
    /// Whether services depend on it, so that people are lined up by it.
    is_ordered: bool,
}

#[derive(Clone, Copy, Debug)]
struct Death {
    /// The score from which a person dies.
    from: f32,
    loading: f32,
    own: f32,
}

impl Panel {
    pub(super) fn new(segment: &Segment, assignment: Assignment, has_risk_scores: bool) -> Self {
        let mortality = segment.life.mortality.as_ref().filter(|mortality| mortality.probability > 0.0);
        let death = mortality.map(|mortality| Death {
            from: upper_score(mortality.probability) as f32,
            loading: mortality.frailty_loading as f32,
            own: (1.0 - mortality.frailty_loading * mortality.frailty_loading).sqrt() as f32,
        });
        let attribution = segment.life.attribution.as_ref();
        let attribution = attribution.map(|attribution| AttributionSampler::new(attribution, segment, assignment));
        let is_ordered = segment.services.iter().any(|service| service.frailty_loading != 0.0);
        Self {
            persistence: segment.life.persistence as f32,
            has_frailty: is_ordered || death.is_some() || has_risk_scores || attribution.is_some(),
            is_ordered,
            death,
            turnover: segment.life.turnover,
            assignment,
            attribution,
        }
    }

    /// Whether frailty is drawn.
    pub(super) fn has_frailty(&self) -> bool {
        self.has_frailty
    }

    /// Whether all live through every year and stay, and nothing depends on frailty, so that all are alike.
    pub(super) fn is_still(&self) -> bool {
        !self.has_frailty && self.turnover.is_none()
    }

    /// Draws a year of a block's members.
    ///
    /// Draw order: a word of 32 bits a member for turnover (with prospective assignment, in the first year another one before, for
    /// who has just joined), a normal a member for frailty, then what [`AttributionSampler::draw`] says, then for deaths a normal a member and a uniform for each who dies; none
    /// where nobody leaves or dies.
    pub(super) fn live(&self, count: usize, streams: &mut YearStreams<'_>, members: &mut Members) {
        let first = streams.year == 0;
        if first {
            members.died.clear();
            members.leaves.clear();
        }
        members.died.resize(count, false);
        members.leaves.resize(count, false);
        members.joined.clear();
        let left = members.died.iter().zip(&members.leaves).map(|(&died, &leaves)| !first && (died || leaves));
        members.joined.extend(left);
        members.renewed.clear();
        members.renewed.extend(members.leaves.iter().map(|leaves| !first && *leaves));
        if let Some(turnover) = self.turnover {
            self.turn_over(turnover, first, streams.get(Purpose::Turnover), members);
        }
        if self.has_frailty {
            if let Some(attribution) = &self.attribution {
                attribution.keep_frailty(members);
            }
            self.draw_frailty(first, count, streams.get(Purpose::Frailty), members);
        }
        members.assigned.clear();
        if let Some(attribution) = &self.attribution {
            attribution.draw(count, streams, members);
        }
        members.died.fill(false);
        members.lived.clear();
        members.lived.resize(count, 1.0);
        if let Some(death) = self.death {
            death.draw(streams.get(Purpose::Death), members);
        }
    }

    /// Who leaves during the year, who joined, and what that does to their cost.
    fn turn_over(&self, turnover: Turnover, first: bool, stream: &mut Stream, members: &mut Members) {
        let Members { words, renewed, leaves, joined, weight, .. } = members;
        let from = (turnover.rate * 4_294_967_296.0) as u32;
        weight.resize(leaves.len(), 1.0);
        words.resize(leaves.len(), 0);
        if first && self.assignment == Assignment::Prospective {
            // As many have just joined as in any later year.
            stream.fill_half_words(words);
            for (renewed, word) in renewed.iter_mut().zip(words.iter()) {
                *renewed = *word < from;
            }
        }
        stream.fill_half_words(words);
        for (index, &word) in words.iter().enumerate() {
            let goes = word < from;
            match self.assignment {
                Assignment::Prospective => leaves[index] = goes,
                Assignment::Retrospective => {
                    joined[index] |= goes;
                    renewed[index] |= goes;
                }
            }
            let joiner = if renewed[index] { turnover.joiner_cost } else { 1.0 };
            weight[index] = if leaves[index] { joiner * turnover.leaver_cost } else { joiner };
        }
    }

    fn draw_frailty(&self, first: bool, count: usize, stream: &mut Stream, members: &mut Members) {
        let Members { frailty, fresh, renewed, .. } = members;
        if first {
            frailty.resize(count, 0.0);
            stream.fill_normals(frailty);
            return;
        }
        fresh.resize(count, 0.0);
        stream.fill_normals(fresh);
        let own = (1.0 - self.persistence * self.persistence).sqrt();
        for ((frailty, &fresh), &renewed) in frailty.iter_mut().zip(fresh.iter()).zip(renewed.iter()) {
            let stays = self.persistence * *frailty + own * fresh;
            *frailty = if renewed { fresh } else { stays };
        }
    }

    /// Brings the members of a year into the order in which services are drawn: the living first, by bands of frailty where services
    /// depend on it.
    pub(super) fn line_up(&self, members: &Members, people: &mut People) {
        let count = members.lived.len();
        people.member.resize(count, 0);
        people.frailty.resize(count, 0.0);
        people.bands.clear();
        if self.is_ordered {
            people.bands.extend(members.frailty.iter().map(|&frailty| band_of(frailty)));
        } else {
            people.bands.resize(count, 0);
        }
        for (band, &died) in people.bands.iter_mut().zip(&members.died) {
            *band |= u8::from(died) << DEAD;
        }
        for (band, &assigned) in people.bands.iter_mut().zip(&members.assigned) {
            *band |= u8::from(!assigned) << ABSENT;
        }
        let mut starts = [0_u32; 2 << ABSENT];
        for &band in &people.bands {
            starts[usize::from(band)] += 1;
        }
        people.living = starts[..1 << DEAD].iter().sum::<u32>() as usize;
        people.count = starts[..1 << ABSENT].iter().sum::<u32>() as usize;
        let mut before = 0;
        for start in &mut starts {
            let here = *start;
            *start = before;
            before += here;
        }
        for (member, &band) in people.bands.iter().enumerate() {
            let position = &mut starts[usize::from(band)];
            people.member[*position as usize] = member as u32;
            *position += 1;
        }
        people.member.truncate(people.count);
        people.frailty.truncate(people.count);
        if self.is_ordered {
            let of = |&member: &u32| members.frailty[member as usize];
            for (frailty, member) in people.frailty.iter_mut().zip(&people.member) {
                *frailty = of(member);
            }
            people.chunks.clear();
            people.chunks.extend(people.frailty.chunks(CHUNK).map(|chunk| {
                let (least, greatest) =
                    chunk.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(least, greatest), &frailty| {
                        (least.min(frailty), greatest.max(frailty))
                    });
                (band_of(least), band_of(greatest))
            }));
        }
        people.lived.clear();
        people.lived.extend(people.member[people.living..].iter().map(|&member| members.lived[member as usize]));
        people.weight.clear();
        if self.turnover.is_some_and(|turnover| turnover.joiner_cost != 1.0 || turnover.leaver_cost != 1.0) {
            people.weight.extend(people.member.iter().map(|&member| members.weight[member as usize]));
        }
    }
}

/// The bit of a band that marks the dead.
const DEAD: u8 = 6;
/// The bit of a band that marks those who are not assigned.
const ABSENT: u8 = 7;

impl Death {
    fn draw(self, stream: &mut Stream, members: &mut Members) {
        let Members { frailty, fresh, words, died, lived, .. } = members;
        words.resize(frailty.len(), 0);
        fresh.resize(frailty.len(), 0.0);
        stream.fill_half_words(words);
        scores_at(words, frailty, self.loading, self.own, fresh);
        let mut deaths = 0;
        vectorized(
            #[inline(always)]
            || {
                for (died, &score) in died.iter_mut().zip(fresh.iter()) {
                    *died = score > self.from;
                    deaths += usize::from(*died);
                }
            },
        );
        if deaths > 0 {
            for (lived, _) in lived.iter_mut().zip(died.iter()).filter(|(_, died)| **died) {
                *lived = stream.uniform();
            }
        }
    }
}
