//! Counts at a score.

use super::TOGETHER;
use crate::{batch::padded, frequency::CountTable, special::upper_score, vectorized};

/// Cells of a score's unit, in each of which a law is looked up.
const CELLS: f32 = 128.0;

/// A law of counts, read at a normal score in single precision.
///
/// A threshold is the exact score rounded to 24 bits, which moves a probability by at most 2e-6 of itself, at a score of 6.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredCounts {
    /// `thresholds[k]` is the score from which the count is above `k`; two that nothing reaches end them.
    thresholds: Vec<f32>,
    /// Where cells begin.
    origin: f32,
    /// For each cell, how many thresholds the cells before it hold.
    cells: Vec<u32>,
}

impl ScoredCounts {
    /// The counts of a table.
    pub fn new(table: &CountTable) -> Self {
        let mut thresholds: Vec<f32> =
            table.upper_probabilities().map(|probability| upper_score(probability) as f32).collect();
        let origin = thresholds[0].clamp(-BEYOND, BEYOND);
        let last = thresholds.iter().fold(origin, |last, &known| last.max(known.min(BEYOND)));
        let cells = (0..cell_of(last, origin) + 2)
            .map(|cell| thresholds.partition_point(|&known| cell_of(known, origin) < cell) as u32)
            .collect();
        thresholds.extend([f32::INFINITY; 2]);
        Self { thresholds, origin, cells }
    }

    /// The score from which there is an event.
    pub fn first_event(&self) -> f32 {
        self.thresholds[0]
    }

    /// The count at a score.
    pub fn count(&self, score: f32) -> u32 {
        let mut count = self.count_in_cell(cell_of(score, self.origin), score) as usize;
        while self.thresholds[count] <= score {
            count += 1;
        }
        count as u32
    }

    /// The counts at scores.
    pub fn fill(&self, scores: &[f32], out: &mut [u32]) {
        let mut is_complete = true;
        for (out, scores) in out.chunks_mut(TOGETHER).zip(scores.chunks(TOGETHER)) {
            let scores: [f32; TOGETHER] = padded(scores, f32::NEG_INFINITY);
            let mut cells = [0; TOGETHER];
            vectorized(
                #[inline(always)]
                || {
                    for lane in 0..TOGETHER {
                        cells[lane] = cell_of(scores[lane], self.origin);
                    }
                },
            );
            for ((count, &cell), &score) in out.iter_mut().zip(&cells).zip(&scores) {
                *count = self.count_in_cell(cell, score);
                is_complete &= score < self.thresholds[*count as usize];
            }
        }
        if !is_complete {
            for (count, &score) in out.iter_mut().zip(scores) {
                *count = self.count(score);
            }
        }
    }

    /// The count at a score if its cell holds one threshold at most, as most do; else perhaps a lower one.
    #[inline]
    fn count_in_cell(&self, cell: u32, score: f32) -> u32 {
        let before = self.cells[(cell as usize).min(self.cells.len() - 1)];
        before + u32::from(self.thresholds[before as usize] <= score)
    }
}

/// Above every score of 32 bits and its frailty.
const BEYOND: f32 = 9.0;

/// The cell of a score, the nearest. It grows with the score, so thresholds of earlier cells lie below those of later ones.
#[inline(always)]
fn cell_of(score: f32, origin: f32) -> u32 {
    /// Adding it leaves the nearest whole number in the low bits.
    const ROUND: f32 = 8_388_608.0;
    const MOST: f32 = 3.0 * BEYOND * CELLS;
    let cells = ((score - origin) * CELLS).clamp(0.0, MOST);
    (cells + ROUND).to_bits() & 0xffff
}
