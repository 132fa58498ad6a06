//! The draws of a service that no frailty moves: who uses it, how often, and at what cost.
//!
//! Segments without layers and segments of persons share these draws, and add them up in the same order. A contract, a
//! program or a neighboring service that makes persons of a segment therefore changes none of its other figures.

use twosided_prob::{CountTable, Frequency, ParameterError, Severity, Stream, vectorized};

use crate::{
    layer::{BLOCK, LANES},
    sampler::Scratch,
};

/// An annual amount of people who are drawn one by one, independently.
#[derive(Clone, Debug)]
pub(crate) struct Amounts {
    users: Users,
    amount: Severity,
}

/// Who has costs.
#[derive(Clone, Debug)]
enum Users {
    /// Few people: the amount is drawn for them only.
    Few(CountTable),
    /// Most people: drawn for all, and set to nothing where the word lies below the bound.
    Most { zero_below: u64 },
}

/// From this probability of nothing on, an annual amount is drawn for its users only.
const MANY_ZEROS: f64 = 0.4;

impl Amounts {
    pub(crate) fn new(zero: f64, amount: &Severity) -> Result<Self, ParameterError> {
        if !(0.0..1.0).contains(&zero) {
            let expected = "zero is the probability of no use in a year, a decimal from 0 to below 1";
            return Err(ParameterError { parameter: "zero", value: zero, expected });
        }
        let users = if zero < MANY_ZEROS {
            Users::Most { zero_below: (zero * 18_446_744_073_709_551_616.0) as u64 }
        } else {
            Users::Few(Frequency::Bernoulli { probability: 1.0 - zero }.table()?)
        };
        Ok(Self { users, amount: amount.clone() })
    }

    /// Draws a block: `scratch.users` and `scratch.costs` become those for whom an amount was drawn and the amounts, which
    /// may be nothing. Returns how many use the service.
    ///
    /// Draw order: where most people use the service, an amount a person, and then a word a person if someone may use
    /// nothing; where few do, a word a person, and then an amount a user.
    pub(crate) fn draw(
        &self,
        people: usize,
        frequency: &mut Stream,
        severity: &mut Stream,
        scratch: &mut Scratch,
    ) -> u64 {
        match &self.users {
            Users::Most { zero_below } => {
                let Scratch { users, words, costs, severity: memory, .. } = scratch;
                users.clear();
                users.extend(0..people as u32);
                costs.resize(people, 0.0);
                self.amount.fill(severity, costs, memory);
                if *zero_below == 0 {
                    return people as u64;
                }
                words.resize(BLOCK, 0);
                frequency.fill_words(&mut words[..people]);
                keep_users(costs, &words[..people], *zero_below)
            }
            Users::Few(table) => {
                draw_counts(table, people, frequency, scratch);
                let Scratch { counts, costs, severity: memory, .. } = scratch;
                costs.resize(counts.len(), 0.0);
                self.amount.fill_sums(severity, counts, costs, memory);
                counts.len() as u64
            }
        }
    }
}

/// Draws a block's events: `scratch.users` and `scratch.counts` become the people who have some, and how many.
///
/// Draw order: a word a person.
pub(crate) fn draw_counts(table: &CountTable, people: usize, frequency: &mut Stream, scratch: &mut Scratch) {
    let Scratch { words, users, user_words, counts, .. } = scratch;
    words.resize(BLOCK, 0);
    users.resize(BLOCK, 0);
    user_words.resize(BLOCK, 0);
    frequency.fill_words(&mut words[..people]);
    let found = find_users(&words[..people], table.first_event(), users, user_words);
    users.truncate(found);
    counts.clear();
    counts.extend(user_words[..found].iter().map(|&word| table.count(word)));
}

/// Lists the people whose word has events, and their words, without a branch; returns how many.
fn find_users(words: &[u64], first_event: u64, users: &mut [u32], user_words: &mut [u64]) -> usize {
    let mut found = 0;
    for (person, &word) in words.iter().enumerate() {
        users[found] = person as u32;
        user_words[found] = word;
        found += usize::from(word >= first_event);
    }
    found
}

/// Sets to nothing the costs of those whose word lies below the bound; returns how many are left.
fn keep_users(costs: &mut [f64], words: &[u64], zero_below: u64) -> u64 {
    let mut count = 0;
    vectorized(
        #[inline(always)]
        || {
            for (cost, &word) in costs.iter_mut().zip(words) {
                let uses = word >= zero_below;
                *cost = if uses { *cost } else { 0.0 };
                count += u64::from(uses);
            }
        },
    );
    count
}

/// Adds costs times a factor to the totals of those whom they fall on. `users` ascend, each once.
pub(crate) fn add(totals: &mut [f64; BLOCK], users: &[u32], costs: &[f64], factor: f64) {
    let is_everybody = users.last().is_some_and(|&last| last as usize + 1 == users.len());
    if is_everybody {
        vectorized(
            #[inline(always)]
            || {
                for (total, cost) in totals.iter_mut().zip(costs) {
                    *total += cost * factor;
                }
            },
        );
    } else {
        for (&user, cost) in users.iter().zip(costs) {
            totals[user as usize] += cost * factor;
        }
    }
}

/// The sum, in eight interleaved lanes.
pub(crate) fn lane_sum(costs: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    vectorized(
        #[inline(always)]
        || {
            let turns = costs.chunks_exact(LANES);
            let rest = turns.remainder();
            for turn in turns {
                for lane in 0..LANES {
                    sums[lane] += turn[lane];
                }
            }
            for (sum, cost) in sums.iter_mut().zip(rest) {
                *sum += cost;
            }
        },
    );
    sums.iter().sum()
}

/// The sum of what each amount times a factor counts up to a limit.
pub(crate) fn capped_sum(amounts: &[f64], factor: f64, limit: f64) -> f64 {
    amounts.iter().map(|amount| (amount * factor).min(limit)).sum()
}
