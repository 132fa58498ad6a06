//! Counts drawn from a table.

/// A law of counts as cumulative probabilities, scaled to 64-bit words, with a guide to start the search in.
#[derive(Clone, Debug, PartialEq)]
pub struct CountTable {
    /// `thresholds[k]` is the first word whose count is above `k`.
    thresholds: Vec<u64>,
    /// For each leading byte of a word, the smallest count that it can have.
    guide: Vec<u32>,
}

impl CountTable {
    pub(super) fn new(probabilities: &[f64]) -> Self {
        let mut cumulative = 0.0;
        let mut thresholds: Vec<u64> = probabilities
            .iter()
            .map(|probability| {
                cumulative += probability;
                (cumulative * 18_446_744_073_709_551_616.0) as u64
            })
            .collect();
        if let Some(last) = thresholds.last_mut() {
            *last = u64::MAX;
        }
        let guide =
            (0..=255_u64).map(|byte| thresholds.partition_point(|&threshold| threshold <= byte << 56) as u32).collect();
        Self { thresholds, guide }
    }

    /// The first word whose count is above zero.
    #[inline]
    pub fn first_event(&self) -> u64 {
        self.thresholds[0]
    }

    /// Probabilities of at most 0, 1, 2, … events.
    #[cfg(test)]
    pub(super) fn cumulative(&self) -> impl Iterator<Item = f64> {
        self.thresholds.iter().map(|&threshold| threshold as f64 / 18_446_744_073_709_551_616.0)
    }

    /// Probabilities of more than 0, 1, 2, … events.
    pub(crate) fn upper_probabilities(&self) -> impl Iterator<Item = f64> {
        let last = self.thresholds.len() - 1;
        self.thresholds[..last.max(1)].iter().map(|&threshold| {
            let above = u64::MAX - threshold;
            above as f64 / 18_446_744_073_709_551_616.0
        })
    }

    /// The count of a uniform 64-bit word.
    #[inline]
    pub fn count(&self, word: u64) -> u32 {
        let mut count = self.guide[(word >> 56) as usize] as usize;
        while count + 1 < self.thresholds.len() && word >= self.thresholds[count] {
            count += 1;
        }
        count as u32
    }
}

#[cfg(test)]
mod tests {
    use crate::{Frequency, Purpose, Stream, StreamKey};

    #[test]
    fn the_guide_finds_what_a_search_finds() {
        let table = Frequency::NegativeBinomial { mean: 3.0, dispersion: 0.3 }.table().expect("valid parameters");
        let key = StreamKey { seed: 1, purpose: Purpose::Frequency, segment: 0, service: 0, trial: 0, year: 0 };
        let mut stream = Stream::new(&key);
        for word in
            (0..100_000).map(|_| stream.word()).chain([0, u64::MAX, table.thresholds[0], table.thresholds[0] - 1])
        {
            let searched = table.thresholds.partition_point(|&t| t <= word).min(table.thresholds.len() - 1);
            assert_eq!(table.count(word) as usize, searched);
        }
    }
}
