//! How many events of a service each person has: at a score that depends on frailty, or by itself.

use twosided_prob::{CountTable, Frequency, ParameterError, ScoredCounts, Stream};

use super::{
    memory::{BlockMemory, Events, People},
    screen::Screen,
};

/// The law of a person's number of events.
#[derive(Clone, Debug)]
pub(super) enum Counts {
    Scored(Box<Screen>, ScoredCounts),
    Alone(CountTable),
}

impl Counts {
    pub(super) fn new(frequency: &Frequency, loading: f64) -> Result<Self, ParameterError> {
        let table = frequency.table()?;
        if loading == 0.0 {
            return Ok(Self::Alone(table));
        }
        let counts = ScoredCounts::new(&table);
        Ok(Self::Scored(Box::new(Screen::new(loading, f64::from(counts.first_event()))), counts))
    }

    /// Draws a block: who has events in a whole year, and how many.
    ///
    /// Draw order: as [`Screen::find`] says; alone, a word a person.
    pub(super) fn draw(&self, stream: &mut Stream, memory: &mut BlockMemory, events: &mut Events) {
        let BlockMemory { people, candidates, words, user_words, .. } = memory;
        let Events { positions, counts, is_everybody, .. } = events;
        match self {
            Self::Alone(table) => {
                find_users(table, people.count, stream, (words, user_words), positions);
                counts.clear();
                counts.extend(user_words[..positions.len()].iter().map(|&word| table.count(word)));
            }
            Self::Scored(screen, law) => {
                screen.find(people, stream, candidates);
                let (candidates, scores) = candidates.found();
                positions.clear();
                positions.extend_from_slice(candidates);
                counts.resize(candidates.len(), 0);
                law.fill(scores, counts);
                let mut found = 0;
                for index in 0..candidates.len() {
                    (positions[found], counts[found]) = (positions[index], counts[index]);
                    found += usize::from(counts[index] > 0);
                }
                positions.truncate(found);
                counts.truncate(found);
            }
        }
        *is_everybody = positions.len() == people.count;
    }
}

/// Lists the people whose word of 64 bits has events, and their words.
///
/// Draw order: a word a person.
pub(super) fn find_users(
    table: &CountTable,
    people: usize,
    stream: &mut Stream,
    (words, user_words): (&mut Vec<u64>, &mut Vec<u64>),
    users: &mut Vec<u32>,
) {
    words.resize(people, 0);
    users.resize(people, 0);
    user_words.resize(people, 0);
    stream.fill_words(words);
    let first_event = table.first_event();
    let mut found = 0;
    for (person, &word) in words.iter().enumerate() {
        users[found] = person as u32;
        user_words[found] = word;
        found += usize::from(word >= first_event);
    }
    users.truncate(found);
}

/// Keeps, of the events of those who die, the ones in the part of the year that they live.
///
/// Draw order: a uniform for each of their events.
pub(super) fn keep_lived(people: &People, stream: &mut Stream, uniforms: &mut Vec<f64>, events: &mut Events) {
    let Events { positions, counts, is_everybody, .. } = events;
    let living = positions.partition_point(|&position| (position as usize) < people.living);
    uniforms.resize(counts[living..].iter().map(|&count| count as usize).sum(), 0.0);
    stream.fill_units(uniforms);
    let (mut found, mut rest) = (living, uniforms.as_slice());
    for index in living..positions.len() {
        let lived = people.lived[positions[index] as usize - people.living];
        let (own, others) = rest.split_at(counts[index] as usize);
        rest = others;
        let count = own.iter().map(|&uniform| u32::from(uniform < lived)).sum();
        (positions[found], counts[found]) = (positions[index], count);
        found += usize::from(count > 0);
    }
    positions.truncate(found);
    counts.truncate(found);
    *is_everybody &= found == people.count;
}
