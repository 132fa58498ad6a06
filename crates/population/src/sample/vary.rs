//! A service's events under other conduct.
//!
//! Of a person's events, a variant keeps the first ones, up to a number that one word decides, the same for every variant; an avoided
//! event is therefore one that happened in the reference, and an added one comes on top of it. What is added under a variant,
//! and at what cost, is read from streams of the variant's own, so that no variant's figures depend on which others there are.
//!
//! A person's cost of gamma events is drawn as one sum; what part of it the kept events make is drawn for each variant. It is right
//! in law, and never more than the sum, but two variants' parts of one sum are not nested, and neither are amounts that count up
//! to a limit.

use twosided_prob::{Purpose, Stream};

use super::{
    memory::{Events, Varied},
    streams::YearStreams,
};

/// Varies the events of a block; `uses` says for each variant what use of the service is over that of the reference.
///
/// Draw order: a word of 32 bits for each entry if a variant changes the service; from streams of each variant's own, what rare
/// large numbers need, and a binomial for each entry of events on top.
pub(super) fn vary(
    changed: &[usize],
    uses: impl Fn(usize) -> f64,
    streams: &mut YearStreams<'_>,
    words: &mut Vec<u32>,
    events: &mut Events,
) {
    if changed.iter().all(|&variant| uses(variant) == 1.0) {
        return;
    }
    words.resize(events.positions.len(), 0);
    streams.get(Purpose::Variant).fill_half_words(words);
    for &variant in changed {
        let used = uses(variant);
        if used == 1.0 {
            continue;
        }
        let Events { positions, counts, varied, .. } = &mut *events;
        let varied = &mut varied[variant];
        if !varied.is_changed {
            varied.is_changed = true;
            varied.kept.clone_from(counts);
            varied.extra.clear();
        }
        for (_, count) in &mut varied.extra {
            let added = streams.of_variant(variant, Purpose::Added);
            let change = added.binomial(u64::from(*count), (used - 1.0).abs()) as u32;
            *count = if used < 1.0 { *count - change } else { *count + change };
        }
        varied.extra.retain(|&(_, count)| count > 0);
        change_kept(used, positions, words, streams.of_variant(variant, Purpose::Kept), varied);
    }
}

/// Takes some of the kept events away, or adds as many.
fn change_kept(used: f64, positions: &[u32], words: &[u32], stream: &mut Stream, varied: &mut Varied) {
    let chance = (used - 1.0).abs();
    // From these words on, at least one of this many events changes.
    let mut from = [u32::MAX; TABLE];
    let mut none = 1.0;
    for from in &mut from {
        *from = (none * 4_294_967_296.0) as u32;
        none *= 1.0 - chance;
    }
    for ((&position, &word), kept) in positions.iter().zip(words).zip(&mut varied.kept) {
        let is_small = (*kept as usize) < TABLE;
        if *kept == 0 || is_small && word < from[*kept as usize] {
            continue;
        }
        let change = if is_small {
            successes(*kept, chance, (f64::from(word) + 0.5) / 4_294_967_296.0)
        } else {
            stream.binomial(u64::from(*kept), chance) as u32
        };
        if used < 1.0 {
            *kept -= change;
        } else if change > 0 {
            varied.extra.push((position, change));
        }
    }
}

/// Numbers of events up to which a word alone decides.
const TABLE: usize = 32;

/// The binomial count at a uniform.
fn successes(trials: u32, chance: f64, mut uniform: f64) -> u32 {
    if chance >= 1.0 {
        return trials;
    }
    let odds = chance / (1.0 - chance);
    let mut here = (0..trials).fold(1.0, |none, _| none * (1.0 - chance));
    for count in 0..trials {
        if uniform < here {
            return count;
        }
        uniform -= here;
        here *= odds * f64::from(trials - count) / f64::from(count + 1);
    }
    trials
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binomial_by_inversion_has_its_law() {
        let draws = 100_000;
        for (trials, chance) in [(1, 0.1), (5, 0.3), (31, 0.05), (31, 0.95), (3, 1.0)] {
            let counts = (0..draws).map(|draw| successes(trials, chance, (f64::from(draw) + 0.5) / f64::from(draws)));
            let mean = counts.map(f64::from).sum::<f64>() / f64::from(draws);
            assert!((mean - f64::from(trials) * chance).abs() < 1e-3, "{trials}, {chance}: {mean}");
        }
    }

    #[test]
    fn a_word_changes_as_many_events_as_its_uniform() {
        for used in [0.7, 1.3] {
            let words: Vec<u32> = (0..1_000_u32).map(|word| word * 4_294_967 + 1_000).collect();
            let positions = vec![0; words.len()];
            for count in [1, 2, 7] {
                let key = twosided_prob::StreamKey {
                    seed: 1,
                    purpose: Purpose::Kept,
                    segment: 0,
                    service: 0,
                    trial: 0,
                    year: 0,
                };
                let mut varied = Varied { kept: vec![count; words.len()], ..Varied::default() };
                change_kept(used, &positions, &words, &mut Stream::new(&key), &mut varied);
                let changed: u32 = if used < 1.0 {
                    varied.kept.iter().map(|&kept| count - kept).sum()
                } else {
                    varied.extra.iter().map(|&(_, extra)| extra).sum()
                };
                let expected = 0.3 * f64::from(count);
                assert!((f64::from(changed) / 1_000.0 - expected).abs() < 0.01, "{used}, {count}: {changed}");
            }
        }
    }
}
