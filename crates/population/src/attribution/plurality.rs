//! Who has most of a person's visits.

use super::{AttributionTerms, MOST_VISITS};

/// The probability to have more visits than each of some equal rivals, by the own visits and those of the rivals together.
pub(super) struct Plurality {
    /// `[own][others]`
    most: Vec<Vec<f64>>,
}

/// What is expected of a person with a number of visits, of which each is made at the provider with a probability.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    /// Probability of being assigned.
    pub(super) assigned: f64,
    /// Expected visits at the provider, where the person is assigned and otherwise nothing.
    pub(super) own: f64,
}

impl Plurality {
    /// Of as many rivals as the terms say.
    pub(super) fn new(terms: &AttributionTerms) -> Self {
        let visits = MOST_VISITS as usize;
        // One rival has all of the others' visits.
        let mut most: Vec<Vec<f64>> =
            (0..=visits).map(|own| (0..=visits).map(|others| f64::from(u8::from(others < own))).collect()).collect();
        for rival in 2..=terms.rivals {
            let of_one = binomials(visits, 1.0 / f64::from(rival));
            for (own, below) in most.iter_mut().enumerate() {
                let all_below = |others: usize| {
                    let chances = of_one[others].iter().enumerate().take(own);
                    chances.map(|(of_one, chance)| chance * below[others - of_one]).sum::<f64>()
                };
                *below = (0..=visits).map(all_below).collect();
            }
        }
        Self { most }
    }

    /// What is expected of each number of visits, from none to the most, each of which is at the provider with a probability.
    pub(super) fn of_share(&self, share: f64) -> Vec<Counted> {
        let of_visits = |(visits, law): (usize, &Vec<f64>)| {
            let mut counted = Counted::default();
            for (own, &probability) in law.iter().enumerate().skip(1) {
                let assigned = probability * self.most[own][visits - own];
                counted.assigned += assigned;
                counted.own += assigned * own as f64;
            }
            counted
        };
        binomials(MOST_VISITS as usize, share).iter().enumerate().map(of_visits).collect()
    }
}

/// By the number of tries, the probabilities of the numbers of successes.
fn binomials(most: usize, probability: f64) -> Vec<Vec<f64>> {
    let mut laws = vec![vec![1.0]];
    for tries in 0..most {
        let law: &[f64] = &laws[tries];
        let of = |successes: usize| {
            let stays = law.get(successes).map_or(0.0, |chance| chance * (1.0 - probability));
            stays + if successes > 0 { law[successes - 1] * probability } else { 0.0 }
        };
        laws.push((0..=tries + 1).map(of).collect());
    }
    laws
}
