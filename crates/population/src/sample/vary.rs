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
/// large numbers need, and a binomial for each entry of events on top; where stems are noted, what [`choose`] needs, from another.
pub(super) fn vary(
    changed: &[usize],
    uses: impl Fn(usize) -> f64,
    streams: &mut YearStreams<'_>,
    words: &mut Vec<u32>,
    events: &mut Events,
    notes_stems: bool,
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
        let Events { positions, counts, varied, stems, .. } = &mut *events;
        let varied = &mut varied[variant];
        if !varied.is_changed {
            varied.begin(counts);
        }
        let Varied { kept, extra, extra_stems, .. } = varied;
        let before = std::mem::take(extra_stems);
        let mut rest = before.as_slice();
        for (_, count) in extra.iter_mut() {
            let added = streams.of_variant(variant, Purpose::Added);
            let change = added.binomial(u64::from(*count), (used - 1.0).abs()) as u32;
            if notes_stems {
                let (own, others) = rest.split_at(*count as usize);
                rest = others;
                let chosen = streams.of_variant(variant, Purpose::Episode);
                choose(own, change, chosen, |stem, is_chosen| {
                    let events = if used < 1.0 { u32::from(!is_chosen) } else { 1 + u32::from(is_chosen) };
                    extra_stems.extend(std::iter::repeat_n(stem, events as usize));
                });
            }
            *count = if used < 1.0 { *count - change } else { *count + change };
        }
        extra.retain(|&(_, count)| count > 0);
        change_kept(used, words, streams.of_variant(variant, Purpose::Kept), kept, |entry, change| {
            extra.push((positions[entry], change));
            if notes_stems {
                extra_stems.extend(std::iter::repeat_n(stems[entry], change as usize));
            }
        });
    }
}

/// Calls with each event's stem and whether it is among the `many` that are chosen, all sets of them with the same probability.
///
/// Draw order: a uniform for each event until all are chosen, or none is left to choose from; none where all or none are chosen.
fn choose(stems: &[u32], many: u32, stream: &mut Stream, mut call: impl FnMut(u32, bool)) {
    let mut wanted = many as usize;
    for (index, &stem) in stems.iter().enumerate() {
        let left = stems.len() - index;
        let is_chosen = wanted > 0 && (wanted == left || stream.uniform() * (left as f64) < wanted as f64);
        wanted -= usize::from(is_chosen);
        call(stem, is_chosen);
    }
}

/// Takes some of the kept events away, or adds as many, for each entry that has them.
fn change_kept(used: f64, words: &[u32], stream: &mut Stream, kept: &mut [u32], mut add: impl FnMut(usize, u32)) {
    let chance = (used - 1.0).abs();
    // From these words on, at least one of this many events changes.
    let mut from = [u32::MAX; TABLE];
    let mut none = 1.0;
    for from in &mut from {
        *from = (none * 4_294_967_296.0) as u32;
        none *= 1.0 - chance;
    }
    for (entry, (&word, kept)) in words.iter().zip(kept).enumerate() {
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
            add(entry, change);
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
    use twosided_prob::StreamKey;

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
    fn all_sets_of_events_are_chosen_as_often() {
        let key = StreamKey { seed: 1, purpose: Purpose::Episode, segment: 0, service: 0, trial: 0, year: 0 };
        let (mut stream, draws) = (Stream::new(&key), 60_000);
        let mut sets = [0; 16];
        for _ in 0..draws {
            let mut set = 0;
            choose(&[0, 1, 2, 3], 2, &mut stream, |stem, is_chosen| set |= usize::from(is_chosen) << stem);
            sets[set] += 1;
        }
        for (set, &count) in sets.iter().enumerate() {
            let expected = if set.count_ones() == 2 { f64::from(draws) / 6.0 } else { 0.0 };
            assert!((f64::from(count) - expected).abs() <= 4.0 * (expected * 5.0 / 6.0).sqrt(), "{set:b}: {count}");
        }
        for (many, all) in [(0, false), (3, true)] {
            choose(&[5, 5, 7], many, &mut stream, |_, is_chosen| assert_eq!(is_chosen, all));
        }
    }

    #[test]
    fn a_word_changes_as_many_events_as_its_uniform() {
        for used in [0.7, 1.3] {
            let words: Vec<u32> = (0..1_000_u32).map(|word| word * 4_294_967 + 1_000).collect();
            for count in [1, 2, 7] {
                let key = StreamKey { seed: 1, purpose: Purpose::Kept, segment: 0, service: 0, trial: 0, year: 0 };
                let (mut kept, mut extra) = (vec![count; words.len()], 0);
                change_kept(used, &words, &mut Stream::new(&key), &mut kept, |_, more| extra += more);
                let changed: u32 = if used < 1.0 { kept.iter().map(|&kept| count - kept).sum() } else { extra };
                let expected = 0.3 * f64::from(count);
                assert!((f64::from(changed) / 1_000.0 - expected).abs() < 0.01, "{used}, {count}: {changed}");
            }
        }
    }
}
