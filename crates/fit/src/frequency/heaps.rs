//! Rows of counts in heaps of equal count and exposure: how far they lie from a law, and how far samples of the law do.

use std::{collections::BTreeMap, sync::atomic::AtomicBool};

use twosided_prob::{Frequency, Stream};

use crate::goodness::{Stopped, go_on};

/// Rows of the table of counts.
const SHOWN: usize = 8;

/// Rows of the same count and exposure, and how many; exposures in hundredths.
pub(super) type Heaps = BTreeMap<(u32, u32), f64>;

/// An exposure in hundredths of a year, at least one.
pub(super) fn hundredths(exposure: f64) -> u32 {
    ((100.0 * exposure).round() as u32).max(1)
}

/// The law of a part of a year, given in hundredths.
pub(super) fn law_of(law: Frequency, share: u32) -> Frequency {
    law.of_part(f64::from(share) / 100.0)
}

/// Statistics of samples of a law in the same exposures. Draw order: exposures rising, one word a row.
pub(super) fn samples_of(
    law: Frequency,
    heaps: &Heaps,
    samples: u32,
    stream: &mut Stream,
    stop: &AtomicBool,
    statistics: impl Fn(&Heaps) -> [f64; 2],
) -> Result<Vec<[f64; 2]>, Stopped> {
    let mut rows_of: BTreeMap<u32, f64> = BTreeMap::new();
    for (&(_, share), &many) in heaps {
        *rows_of.entry(share).or_default() += many;
    }
    let mut tables = Vec::new();
    for (&share, &rows) in &rows_of {
        let exposed = law_of(law, share);
        let Ok(table) = exposed.table() else { return Ok(Vec::new()) };
        tables.push((share, rows as u64, table));
    }
    let mut by_chance = Vec::new();
    for _ in 0..samples {
        go_on(stop)?;
        let mut sample = Heaps::new();
        for (share, rows, table) in &tables {
            for _ in 0..*rows {
                *sample.entry((table.count(stream.word()), *share)).or_default() += 1.0;
            }
        }
        // A sample without events has no law.
        if sample.keys().any(|&(count, _)| count > 0) {
            by_chance.push(statistics(&sample));
        }
    }
    Ok(by_chance)
}

/// Expected rows with 0, 1, 2, … events, up to a count.
fn expected(law: Frequency, heaps: &Heaps, up_to: u32) -> Vec<f64> {
    let mut rows_of: BTreeMap<u32, f64> = BTreeMap::new();
    for (&(_, share), &many) in heaps {
        *rows_of.entry(share).or_default() += many;
    }
    let of = |count: u32| {
        let part = |(&share, &rows): (&u32, &f64)| rows * law_of(law, share).log_probability(count).exp();
        rows_of.iter().map(part).sum()
    };
    (0..=up_to).map(of).collect()
}

fn observed(heaps: &Heaps, up_to: u32) -> Vec<f64> {
    let mut rows = vec![0.0; up_to as usize + 1];
    for (&(count, _), &many) in heaps {
        rows[count.min(up_to) as usize] += many;
    }
    rows
}

/// The greatest distance between the distribution functions of the counts, and `n Σ p (F_n - F)² / (F (1 - F))` over them,
/// `F` being the mean of the laws of the rows' exposures.
///
/// # Source
/// \[H96\] for the bootstrap of counts; \[CLS94\] for the second statistic.
pub(super) fn statistics(law: Frequency, heaps: &Heaps) -> [f64; 2] {
    let most = heaps.keys().map(|&(count, _)| count).max().unwrap_or_default();
    let rows: f64 = heaps.values().sum();
    let (mut up_to_law, mut up_to_data) = (0.0, 0.0);
    let (mut distance, mut square) = (0.0_f64, 0.0);
    for (of_law, of_data) in expected(law, heaps, most).iter().zip(observed(heaps, most)) {
        up_to_law += of_law / rows;
        up_to_data += of_data / rows;
        let gap: f64 = up_to_data - up_to_law;
        distance = distance.max(gap.abs());
        let spread: f64 = up_to_law * (1.0 - up_to_law);
        if spread > 1e-9 {
            square += of_law * gap * gap / spread;
        }
    }
    [distance, square]
}

/// Rows with 0, 1, 2, … events, the last of so many or more: observed, and expected under a law.
pub(super) fn table(heaps: &Heaps, law: Frequency) -> Vec<[f64; 2]> {
    let last = SHOWN as u32 - 1;
    let rows: f64 = heaps.values().sum();
    let mut of_law = expected(law, heaps, last);
    of_law[SHOWN - 1] = rows - of_law[..SHOWN - 1].iter().sum::<f64>();
    observed(heaps, last).into_iter().zip(of_law).map(|(of_data, of_law)| [of_data, of_law]).collect()
}
