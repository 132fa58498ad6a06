//! A service that is one amount a year.

use twosided_prob::{CountTable, Frequency, ParameterError, Purpose, ScoredAmounts, Severity, check_zero, vectorized};

use super::{counts::find_users, memory::BlockMemory, screen::Screen, streams::YearStreams};

/// The law of a person's year.
#[derive(Clone, Debug)]
pub(super) enum Annual {
    /// Read at a score that depends on frailty.
    Scored(Box<Screen>, ScoredAmounts),
    /// Few people use the service: the amount is drawn for them only.
    Few(CountTable, Severity),
    /// Most do: drawn for all, and set to nothing where the word lies below the bound.
    Most { zero_below: u64, amount: Severity },
}

/// From this probability of nothing on, an annual amount is drawn for its users only.
const MANY_ZEROS: f64 = 0.4;

impl Annual {
    pub(super) fn new(zero: f64, amount: &Severity, loading: f64) -> Result<Self, ParameterError> {
        check_zero(zero)?;
        Ok(if loading != 0.0 {
            let amounts = ScoredAmounts::new(zero, amount)?;
            Self::Scored(Box::new(Screen::new(loading, amounts.first_use())), amounts)
        } else if zero < MANY_ZEROS {
            Self::Most { zero_below: (zero * 18_446_744_073_709_551_616.0) as u64, amount: amount.clone() }
        } else {
            Self::Few(Frequency::Bernoulli { probability: 1.0 - zero }.table()?, amount.clone())
        })
    }

    /// Draws a block: `memory.users` and `memory.costs` become those for whom an amount was drawn and the amounts of a whole year,
    /// which may be nothing. Returns how many use the service.
    ///
    /// Draw order: as [`Screen::find`] says; where most people use the service, an amount a person, and then a word a person if
    /// someone may use nothing; where few do, a word a person, and then an amount a user.
    pub(super) fn draw(&self, streams: &mut YearStreams<'_>, memory: &mut BlockMemory) -> u64 {
        let BlockMemory { people, candidates, words, user_words, users, costs, severity, .. } = memory;
        match self {
            Self::Scored(screen, law) => {
                screen.find(people, streams.get(Purpose::Frequency), candidates);
                let (positions, scores) = candidates.found();
                users.clear();
                users.extend_from_slice(positions);
                law.fill(scores, costs);
                costs.iter().map(|&cost| u64::from(cost > 0.0)).sum()
            }
            Self::Few(table, amount) => {
                find_users(table, people.count, streams.get(Purpose::Frequency), (words, user_words), users);
                costs.resize(users.len(), 0.0);
                amount.fill(streams.get(Purpose::Severity), costs, severity);
                users.len() as u64
            }
            Self::Most { zero_below, amount } => {
                users.clear();
                users.extend(0..people.count as u32);
                costs.resize(people.count, 0.0);
                amount.fill(streams.get(Purpose::Severity), costs, severity);
                if *zero_below == 0 {
                    return people.count as u64;
                }
                words.resize(people.count, 0);
                streams.get(Purpose::Frequency).fill_words(words);
                keep_users(costs, words, *zero_below)
            }
        }
    }
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
