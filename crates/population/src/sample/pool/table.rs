//! Rows that are picked at random, each by its weight.

use twosided_prob::Stream;

/// Rows with weights; a pick takes one word, by Walker's alias method.
#[derive(Clone, Debug)]
pub(super) struct Table {
    width: usize,
    rows: Vec<f32>,
    /// Of each row: the probability that it keeps the picks that fall on it, of 2³²; and the row that gets the others.
    kept: Vec<(u32, u32)>,
}

impl Table {
    /// A table of rows of a width with positive weights.
    pub(super) fn new(width: usize, rows: Vec<f32>, weights: &[f64]) -> Self {
        let scale = weights.len() as f64 / weights.iter().sum::<f64>();
        let mut left: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
        let mut kept: Vec<(u32, u32)> = (0..weights.len() as u32).map(|row| (u32::MAX, row)).collect();
        let (mut light, mut heavy): (Vec<usize>, Vec<usize>) = (0..left.len()).partition(|&row| left[row] < 1.0);
        while let (Some(&row), Some(&giver)) = (light.last(), heavy.last()) {
            light.pop();
            kept[row] = ((left[row] * 4_294_967_296.0) as u32, giver as u32);
            left[giver] -= 1.0 - left[row];
            if left[giver] < 1.0 {
                heavy.pop();
                light.push(giver);
            }
        }
        Self { width, rows, kept }
    }

    /// Bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&self.rows[..]) + size_of_val(&self.kept[..])
    }

    /// Picks rows, independently of each other, and shows each.
    ///
    /// Draw order: a word a pick.
    pub(super) fn pick(&self, picks: u64, stream: &mut Stream, words: &mut Vec<u64>, mut show: impl FnMut(&[f32])) {
        words.resize(picks as usize, 0);
        stream.fill_words(words);
        for &mut word in words {
            let product = u128::from(word) * self.kept.len() as u128;
            let row = (product >> 64) as usize;
            let (kept, other) = self.kept[row];
            let row = if (product as u64 >> 32) as u32 <= kept { row } else { other as usize };
            show(&self.rows[row * self.width..][..self.width]);
        }
    }
}

#[cfg(test)]
mod tests {
    use twosided_prob::{Purpose, StreamKey};

    use super::*;

    #[test]
    fn rows_are_picked_by_their_weights() {
        let weights = [0.3, 2.0, 0.7, 1.0, 0.05, 1.95];
        let table = Table::new(1, (0..6_u8).map(f32::from).collect(), &weights);
        let key = StreamKey { seed: 5, purpose: Purpose::Pick, segment: 0, service: 0, trial: 0, year: 0 };
        let (mut stream, mut words, mut counts) = (Stream::new(&key), Vec::new(), [0.0; 6]);
        let picks = 600_000;
        table.pick(picks, &mut stream, &mut words, |row| counts[row[0] as usize] += 1.0);
        for (count, weight) in counts.iter().zip(weights) {
            let probability = weight / weights.iter().sum::<f64>();
            let expected = picks as f64 * probability;
            let off = (count - expected) / (expected * (1.0 - probability)).sqrt();
            assert!(off.abs() < 4.0, "weight {weight}: {count} picks, {off:.1} standard errors off");
        }
    }
}
