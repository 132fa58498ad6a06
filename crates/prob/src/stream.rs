//! Streams of random numbers, each named by what it decides.

mod binomial;
mod key;

pub use key::{Purpose, StreamKey, name_key};

use std::convert::Infallible;

use rand::TryRng;

use crate::{
    elementary::{exp, ln, sin_cos_turn},
    normal::normals_at,
    vector::vectorized,
};

/// The generator's name, for documents.
pub const GENERATOR: &str = "xoshiro256++ (sixteen interleaved lanes, seeded by SplitMix64)";

/// Lanes that step together. Sixteen, so that the compiler keeps their loop and turns it into vectors; it unrolls a loop of
/// eight into single words, which takes twice the time.
const LANES: usize = 16;

/// Words of 32 bits that a step of all lanes gives.
pub(crate) const TURN: usize = 2 * LANES;

/// Turns of words that are worked out together.
pub(crate) const STRIP: usize = 8;

/// One step of `SplitMix64`: a bijection of 64-bit words that leaves no visible pattern.
fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A sequence of random numbers: sixteen xoshiro256++ generators (\[BV21\]) read in turn.
///
/// Batches round up to whole turns of the lanes; single draws go through a turn one lane at a time. The numbers depend
/// on the key and the order of the calls alone.
#[derive(Clone, Debug)]
pub struct Stream {
    state: [[u64; LANES]; 4],
    turn: [u64; LANES],
    used: usize,
}

/// The four words of every lane, advanced by one; returns their outputs.
#[inline(always)]
fn step(state: &mut [[u64; LANES]; 4]) -> [u64; LANES] {
    let [s0, s1, s2, s3] = state;
    let mut out = [0; LANES];
    for lane in 0..LANES {
        out[lane] = s0[lane].wrapping_add(s3[lane]).rotate_left(23).wrapping_add(s0[lane]);
        let t = s1[lane] << 17;
        s2[lane] ^= s0[lane];
        s3[lane] ^= s1[lane];
        s1[lane] ^= s2[lane];
        s0[lane] ^= s3[lane];
        s2[lane] ^= t;
        s3[lane] = s3[lane].rotate_left(45);
    }
    out
}

/// The lower halves of a turn's words, and then the upper ones.
#[inline(always)]
fn halves(words: [u64; LANES]) -> [u32; TURN] {
    let mut halves = [0; TURN];
    for lane in 0..LANES {
        halves[lane] = words[lane] as u32;
        halves[LANES + lane] = (words[lane] >> 32) as u32;
    }
    halves
}

/// A uniform on (0, 1), ends excluded, from the top 52 bits of a word.
#[inline(always)]
fn open_unit(word: u64) -> f64 {
    f64::from_bits(0x3ff0_0000_0000_0000 | (word >> 12)) - (1.0 - 0.5 * f64::EPSILON)
}

/// A uniform on (0, 1), ends excluded, from the top 24 bits of a word of 32.
#[inline(always)]
fn half_unit(word: u32) -> f32 {
    ((word >> 8) as f32 + 0.5) * (1.0 / 16_777_216.0)
}

/// Two independent standard normals from two words, as \[BM58\].
#[inline(always)]
fn normal_pair(first: u64, second: u64) -> (f64, f64) {
    let radius = (-2.0 * ln(open_unit(first))).sqrt();
    let (sine, cosine) = sin_cos_turn(open_unit(second));
    (radius * cosine, radius * sine)
}

impl Stream {
    /// The stream of that name, from its beginning.
    pub fn new(key: &StreamKey) -> Self {
        let what = key.purpose as u64 | u64::from(key.year) << 32;
        let mut word =
            [what, key.segment, key.service, key.trial].iter().fold(mix(key.seed), |word, &part| mix(word ^ part));
        let mut state = [[0; LANES]; 4];
        for lane in 0..LANES {
            for part in &mut state {
                word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
                part[lane] = mix(word);
            }
        }
        Self { state, turn: [0; LANES], used: LANES }
    }

    /// The next word.
    #[inline]
    pub fn word(&mut self) -> u64 {
        if self.used == LANES {
            self.turn = step(&mut self.state);
            self.used = 0;
        }
        self.used += 1;
        self.turn[self.used - 1]
    }

    /// The next uniform on (0, 1).
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        open_unit(self.word())
    }

    /// The next standard normal; takes two words and keeps one of the pair.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        let (first, second) = (self.word(), self.word());
        normal_pair(first, second).0
    }

    /// Fills a batch with words.
    pub fn fill_words(&mut self, out: &mut [u64]) {
        vectorized(
            #[inline(always)]
            || {
                let mut state = self.state;
                let mut turns = out.chunks_exact_mut(LANES);
                for turn in &mut turns {
                    turn.copy_from_slice(&step(&mut state));
                }
                let rest = turns.into_remainder();
                if !rest.is_empty() {
                    rest.copy_from_slice(&step(&mut state)[..rest.len()]);
                }
                self.state = state;
            },
        );
    }

    /// Fills a batch with uniforms on (0, 1), each put through `transform`.
    #[inline(always)]
    pub(crate) fn fill_uniforms(&mut self, out: &mut [f64], transform: impl Fn(f64) -> f64) {
        vectorized(
            #[inline(always)]
            || {
                let mut state = self.state;
                for turn in out.chunks_mut(LANES) {
                    let words = step(&mut state);
                    if let Ok(turn) = <&mut [f64; LANES]>::try_from(&mut *turn) {
                        for (x, word) in turn.iter_mut().zip(words) {
                            *x = transform(open_unit(word));
                        }
                    } else {
                        for (x, word) in turn.iter_mut().zip(words) {
                            *x = transform(open_unit(word));
                        }
                    }
                }
                self.state = state;
            },
        );
    }

    /// Fills a batch with what `make` makes of turns of words of 32 bits: the lower halves of a turn, and then the upper ones.
    #[inline(always)]
    pub(crate) fn fill_turns<T: Copy + Default>(
        &mut self,
        out: &mut [T],
        make: impl Fn(&[[u32; TURN]], &mut [[T; TURN]]),
    ) {
        vectorized(
            #[inline(always)]
            || {
                let mut state = self.state;
                let (turns, rest) = out.as_chunks_mut::<TURN>();
                let mut words = [[0; TURN]; STRIP];
                for strip in turns.chunks_mut(STRIP) {
                    for words in &mut words[..strip.len()] {
                        *words = halves(step(&mut state));
                    }
                    make(&words[..strip.len()], strip);
                }
                if !rest.is_empty() {
                    let mut last = [[T::default(); TURN]];
                    make(&[halves(step(&mut state))], &mut last);
                    rest.copy_from_slice(&last[0][..rest.len()]);
                }
                self.state = state;
            },
        );
    }

    /// Fills a batch with words of 32 bits.
    pub fn fill_half_words(&mut self, out: &mut [u32]) {
        self.fill_turns(
            out,
            #[inline(always)]
            |words, out| out.copy_from_slice(words),
        );
    }

    /// Fills a batch with uniforms on (0, 1) in single precision, of 24 bits each.
    pub fn fill_half_units(&mut self, out: &mut [f32]) {
        self.fill_turns(
            out,
            #[inline(always)]
            |words, out| {
                for (out, words) in out.iter_mut().zip(words) {
                    let mut units = [0.0; TURN];
                    for lane in 0..TURN {
                        units[lane] = half_unit(words[lane]);
                    }
                    *out = units;
                }
            },
        );
    }

    /// Fills a batch with standard normals in single precision, of a word of 32 bits each.
    pub fn fill_normals(&mut self, out: &mut [f32]) {
        self.fill_transformed(
            out,
            #[inline(always)]
            |normal| normal,
        );
    }

    /// Fills a batch with uniforms on (0, 1).
    pub fn fill_units(&mut self, out: &mut [f64]) {
        self.fill_uniforms(
            out,
            #[inline(always)]
            |uniform| uniform,
        );
    }

    /// Fills a batch with standard normals, of a word of 32 bits each.
    pub fn fill_scores(&mut self, out: &mut [f64]) {
        self.fill_transformed(out, f64::from);
    }

    /// Fills a batch with lognormals `exp(location + scale * normal)`.
    pub fn fill_lognormals(&mut self, location: f64, scale: f64, out: &mut [f64]) {
        self.fill_transformed(
            out,
            #[inline(always)]
            |normal| exp(location + scale * f64::from(normal)),
        );
    }

    /// Fills a batch with standard normals, each put through `transform`.
    #[inline(always)]
    fn fill_transformed<T: Copy + Default>(&mut self, out: &mut [T], transform: impl Fn(f32) -> T) {
        self.fill_turns(
            out,
            #[inline(always)]
            |words, out| {
                let mut normals = [[0.0; TURN]; STRIP];
                let normals = &mut normals[..words.len()];
                normals_at(words, normals);
                for (out, normals) in out.iter_mut().zip(normals) {
                    let mut transformed = [T::default(); TURN];
                    for lane in 0..TURN {
                        transformed[lane] = transform(normals[lane]);
                    }
                    *out = transformed;
                }
            },
        );
    }
}

/// A stream is a generator for the `rand` family of crates too.
impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.word() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for bytes in out.chunks_mut(8) {
            bytes.copy_from_slice(&self.word().to_le_bytes()[..bytes.len()]);
        }
        Ok(())
    }
}

/// One lane alone is the published generator; used to check [`Stream`] against `rand`'s own.
#[cfg(test)]
fn reference_lane(stream: &Stream, lane: usize) -> rand::rngs::Xoshiro256PlusPlus {
    use rand::SeedableRng;
    let mut seed = [0; 32];
    for (word, part) in stream.state.iter().enumerate() {
        seed[8 * word..8 * word + 8].copy_from_slice(&part[lane].to_le_bytes());
    }
    rand::rngs::Xoshiro256PlusPlus::from_seed(seed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    fn stream(trial: u64) -> Stream {
        let (segment, service) = (name_key("aged"), name_key("inpatient"));
        Stream::new(&StreamKey { seed: 7, purpose: Purpose::Severity, segment, service, trial, year: 0 })
    }

    #[test]
    fn every_lane_is_the_published_xoshiro256_plus_plus() {
        let mut ours = stream(3);
        let mut lanes: Vec<_> = (0..LANES).map(|lane| reference_lane(&ours, lane)).collect();
        for turn in 0..100 {
            for (lane, reference) in lanes.iter_mut().enumerate() {
                assert_eq!(ours.word(), reference.next_u64(), "turn {turn}, lane {lane}");
            }
        }
    }

    #[test]
    fn batches_and_single_draws_read_the_same_words() {
        let (mut batch, mut single) = (stream(0), stream(0));
        let mut words = [0; 24];
        batch.fill_words(&mut words);
        assert!(words.iter().all(|&word| word == single.word()));
    }

    #[test]
    fn any_part_of_the_key_changes_the_stream() {
        let key = StreamKey { seed: 1, purpose: Purpose::Trend, segment: 2, service: 3, trial: 4, year: 0 };
        let first = |key: StreamKey| Stream::new(&key).word();
        let keys = [
            StreamKey { seed: 2, ..key },
            StreamKey { purpose: Purpose::Frequency, ..key },
            StreamKey { segment: 3, service: 2, ..key },
            StreamKey { trial: 5, ..key },
            StreamKey { year: 1, ..key },
        ];
        for other in keys {
            assert_ne!(first(key), first(other));
        }
    }

    /// The first draws are part of the file format: a run repeats to the bit only while they stay.
    #[test]
    fn the_first_draws_are_pinned() {
        let mut words = [0; 3];
        stream(0).fill_words(&mut words);
        assert_eq!(words, PINNED_WORDS);
        let mut normals = [0.0; 2];
        stream(0).fill_scores(&mut normals);
        assert_eq!(normals.map(f64::to_bits), PINNED_NORMALS);
    }

    const PINNED_WORDS: [u64; 3] = [8883218288541372162, 8842120553935962252, 7563063138663101993];
    const PINNED_NORMALS: [u64; 2] = [13830464409517948928, 13830431537985748992];

    #[test]
    fn normals_have_the_moments_and_tail_of_the_normal_law() {
        let mut normals = vec![0.0; 1_000_000];
        stream(9).fill_scores(&mut normals);
        let n = normals.len() as f64;
        let moment = |power: i32| normals.iter().map(|x| x.powi(power)).sum::<f64>() / n;
        // Variances of x, x^2, x^3 and x^4: 1, 2, 15, 96.
        for (power, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0_f64)] {
            let z = (moment(power) - expected) / (variance / n).sqrt();
            assert!(z.abs() < 4.0, "moment {power} is {z:.1} standard errors off");
        }
        let beyond = normals.iter().filter(|x| x.abs() > 3.0).count() as f64 / n;
        let probability: f64 = 0.002_699_796_063;
        assert!(((beyond - probability) / (probability / n).sqrt()).abs() < 4.0);
        let neighbors = normals.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / n.sqrt();
        assert!(neighbors.abs() < 4.0, "neighbors correlate: {neighbors:.1} standard errors");
    }
}
