//! Batches of scores, worked out a vector at a time.

use crate::{
    elementary::exp,
    normal::normals_at,
    stream::{STRIP, TURN},
    vectorized,
};

/// Sums made side by side.
const LANES: usize = 16;

/// Fills a batch with normal scores, `loading * common + own * normal`, where each word of 32 bits stands for a normal.
pub fn scores_at(words: &[u32], common: &[f32], loading: f32, own: f32, out: &mut [f32]) {
    vectorized(
        #[inline(always)]
        || {
            let (turns, rest) = out.as_chunks_mut::<TURN>();
            let (words, last_words) = words.as_chunks();
            let (common, last_common) = common.as_chunks();
            let strips = turns.chunks_mut(STRIP).zip(words.chunks(STRIP)).zip(common.chunks(STRIP));
            for ((out, words), common) in strips {
                let mut normals = [[0.0; TURN]; STRIP];
                normals_at(words, &mut normals[..words.len()]);
                for ((out, normals), common) in out.iter_mut().zip(&normals).zip(common) {
                    *out = with_common(normals, common, loading, own);
                }
            }
            if !rest.is_empty() {
                let mut last = [[0.0; TURN]];
                normals_at(&[padded(last_words, 0)], &mut last);
                let last = with_common(&last[0], &padded(last_common, 0.0), loading, own);
                rest.copy_from_slice(&last[..rest.len()]);
            }
        },
    );
}

#[inline(always)]
fn with_common(normals: &[f32; TURN], common: &[f32; TURN], loading: f32, own: f32) -> [f32; TURN] {
    let mut scores = [0.0; TURN];
    for lane in 0..TURN {
        scores[lane] = loading * common[lane] + own * normals[lane];
    }
    scores
}

/// The sum of the exponentials of scores times a scale.
pub fn exponential_total(scale: f64, scores: &[f32]) -> f64 {
    let mut sums = [0.0; LANES];
    vectorized(
        #[inline(always)]
        || {
            let (turns, rest) = scores.as_chunks::<LANES>();
            for turn in turns {
                for lane in 0..LANES {
                    sums[lane] += exp(scale * f64::from(turn[lane]));
                }
            }
            for (sum, &score) in sums.iter_mut().zip(rest) {
                *sum += exp(scale * f64::from(score));
            }
        },
    );
    sums.iter().sum()
}

/// The same values in a whole turn, followed by others.
#[inline(always)]
pub(crate) fn padded<T: Copy, const N: usize>(values: &[T], other: T) -> [T; N] {
    let mut turn = [other; N];
    turn[..values.len()].copy_from_slice(values);
    turn
}
