//! Finds who may use a service: most people who do not are passed over by 16 random bits.
//!
//! A person's own part of a score is the normal of a word of 32 bits, and only words below a bound can lift the score to the first
//! use. The bound depends on frailty, so people are lined up by bands of it, and one bound, the greatest, serves a
//! chunk of neighbors. The upper 16 bits of a word are compared with the bound; for those left the lower bits are drawn, and the score decides.
//! The bound passes over nobody who would use the service, so no law depends on it.

use twosided_prob::{Stream, scores_at, upper_probability, vectorized};

use super::{
    layer::BLOCK,
    memory::{Candidates, People},
};

/// People who share a bound: as many as a word has bits.
pub(super) const CHUNK: usize = 64;

/// Bands of frailty, each an eighth of a standard deviation wide, the outer two open.
const BANDS: usize = 64;
const WIDTH: f64 = 0.125;
const LOWEST: f64 = -4.0;
/// From this bound on, of 65,536, everybody passes.
const MOST: f64 = 46_000.0;

/// The band of a frailty score.
#[inline(always)]
pub(super) fn band_of(frailty: f32) -> u8 {
    ((frailty - LOWEST as f32) * (1.0 / WIDTH) as f32).clamp(0.0, (BANDS - 1) as f32) as u8
}

/// The bounds of a service that frailty moves.
#[derive(Clone, Debug)]
pub(super) struct Screen {
    loading: f32,
    own: f32,
    /// By band, the greatest upper 16 bits of a word that can reach the first use.
    bounds: [u32; BANDS],
}

impl Screen {
    /// The screen of a service with a frailty loading whose use begins at a score.
    pub(super) fn new(loading: f64, first: f64) -> Self {
        let own = (1.0 - loading * loading).sqrt();
        let bound = |band: usize| {
            let ends = [band, band + 1].map(|edge| match edge {
                0 => f64::NEG_INFINITY,
                BANDS => f64::INFINITY,
                _ => LOWEST + WIDTH * edge as f64,
            });
            let common = if loading >= 0.0 { ends[1] } else { ends[0] };
            let chance = upper_probability((first - loading * common) / own);
            // Single precision moves a score by a few parts of a million, and with it the chance by less than this.
            let bound = (chance * 1.001 + 1e-6) * 65_536.0;
            // Where most may pass, it is quicker to let all pass.
            if bound < MOST { bound as u32 } else { 65_535 }
        };
        Self { loading: loading as f32, own: own as f32, bounds: std::array::from_fn(bound) }
    }

    /// Finds the candidates of a block and their scores.
    ///
    /// Draw order: a word of 32 bits for each two people of a chunk, then one for each candidate.
    pub(super) fn find(&self, people: &People, stream: &mut Stream, found: &mut Candidates) {
        let Candidates { count, positions, scores, frailty, words, drawn } = found;
        let chunks = people.count.div_ceil(CHUNK);
        stream.fill_half_words(&mut drawn[..chunks * CHUNK / 2]);
        let mut masks = [0; BLOCK / CHUNK];
        vectorized(
            #[inline(always)]
            || {
                let ends = people.chunks.iter().zip(drawn.as_chunks().0);
                for (mask, (&(least, greatest), words)) in masks.iter_mut().zip(ends) {
                    let band = if self.loading >= 0.0 { greatest } else { least };
                    *mask = passing(words, self.bounds[usize::from(band) % BANDS]);
                }
            },
        );
        let last = people.count % CHUNK;
        if last > 0 {
            masks[chunks - 1] &= (1 << last) - 1;
        }
        *count = 0;
        for (chunk, &mask) in masks[..chunks].iter().enumerate() {
            let pairs: &[u32; CHUNK / 2] = &drawn.as_chunks().0[chunk];
            let near = &people.frailty[chunk * CHUNK..people.count.min((chunk + 1) * CHUNK)];
            let mut left: u64 = mask;
            if left == u64::MAX && *count + CHUNK <= BLOCK {
                // Everybody: where most people use a service.
                for (half, shift) in [(0, 16), (CHUNK / 2, 0)] {
                    for (lane, pair) in pairs.iter().enumerate() {
                        words[*count + half + lane] = pair << shift & 0xffff_0000;
                    }
                }
                for lane in 0..CHUNK {
                    positions[*count + lane] = (chunk * CHUNK + lane) as u32;
                }
                frailty[*count..*count + CHUNK].copy_from_slice(near);
                *count += CHUNK;
                continue;
            }
            while left != 0 {
                let offset = left.trailing_zeros();
                left &= left - 1;
                let pair = pairs[offset as usize % 32];
                let at = *count % BLOCK;
                positions[at] = (chunk * CHUNK) as u32 + offset;
                words[at] = if offset < 32 { pair << 16 } else { pair & 0xffff_0000 };
                frailty[at] = near[offset as usize];
                *count += 1;
            }
        }
        let count = *count;
        stream.fill_half_words(&mut drawn[..count]);
        for (word, lower) in words[..count].iter_mut().zip(&drawn[..count]) {
            *word |= lower & 0xffff;
        }
        scores_at(&words[..count], &frailty[..count], self.loading, self.own, &mut scores[..count]);
    }
}

/// The people of a chunk whose bits are at most the bound: the lower half of a word is one's, the upper half another's.
#[inline(always)]
fn passing(words: &[u32; CHUNK / 2], bound: u32) -> u64 {
    let (mut lower, mut upper) = (0_u32, 0_u32);
    for (lane, word) in words.iter().enumerate() {
        lower |= u32::from(word & 0xffff <= bound) << lane;
        upper |= u32::from(word >> 16 <= bound) << lane;
    }
    u64::from(lower) | u64::from(upper) << 32
}

#[cfg(test)]
mod tests;
