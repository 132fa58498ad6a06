//! Events that follow those of another service.

use twosided_prob::{CountTable, Purpose};

use super::{
    counts::find_users,
    memory::{BlockMemory, Events, Varied},
    streams::YearStreams,
};

/// Lists a service's events one by one, for those that follow.
pub(super) fn list_each(changed: &[usize], events: &mut Events) {
    let Events { positions, counts, varied, each, .. } = events;
    each.clear();
    for (&position, &count) in positions.iter().zip(counts.iter()) {
        each.extend(std::iter::repeat_n(position, count as usize));
    }
    for &variant in changed {
        let Varied { is_changed, kept, keeps, .. } = &mut varied[variant];
        keeps.clear();
        if *is_changed {
            for (&count, &kept) in counts.iter().zip(kept.iter()) {
                keeps.extend((0..count).map(|event| event < kept));
            }
        }
    }
}

/// Draws the events that follow each event of another service.
///
/// Draw order: a word for each of the reference's events; for each variant, from its own stream, a word for each event on top.
pub(super) fn follow(
    table: &CountTable,
    parent: &Events,
    changed: &[usize],
    streams: &mut YearStreams<'_>,
    memory: &mut BlockMemory,
    events: &mut Events,
    notes_stems: bool,
) {
    let BlockMemory { words, user_words, users, .. } = memory;
    let Events { positions, counts, is_everybody, varied, stems, .. } = events;
    find_users(table, parent.each.len(), streams.get(Purpose::Frequency), (words, user_words), users);
    positions.clear();
    positions.extend(users.iter().map(|&event| parent.each[event as usize]));
    counts.clear();
    counts.extend(user_words[..users.len()].iter().map(|&word| table.count(word)));
    *is_everybody = false;
    if notes_stems {
        stems.clone_from(users);
    }
    for &variant in changed {
        let of_parent = &parent.varied[variant];
        let Varied { is_changed, kept, extra, extra_stems, .. } = &mut varied[variant];
        *is_changed = of_parent.is_changed;
        kept.clear();
        extra.clear();
        extra_stems.clear();
        if of_parent.is_changed {
            let kept_of = |(&event, &count): (&u32, &u32)| if of_parent.keeps[event as usize] { count } else { 0 };
            kept.extend(users.iter().zip(counts.iter()).map(kept_of));
            let mut stem = parent.each.len() as u32;
            for &(position, events) in &of_parent.extra {
                let added = streams.of_variant(variant, Purpose::Added);
                let mut count = 0;
                for _ in 0..events {
                    let following = table.count(added.word());
                    if notes_stems {
                        extra_stems.extend(std::iter::repeat_n(stem, following as usize));
                    }
                    count += following;
                    stem += 1;
                }
                if count > 0 {
                    extra.push((position, count));
                }
            }
        }
    }
}
