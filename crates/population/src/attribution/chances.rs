//! How likely a person is to be assigned, by frailty and by the provider's share of their visits.

use twosided_prob::{beta_at_score, upper_probability, upper_score};

use super::{
    AttributionTerms, Grid, MOST_VISITS,
    plurality::{Counted, Plurality},
};

/// Functions of the frailty score and of the score of a person's share, `[frailty][share]`, at the nodes of both.
#[derive(Clone, Debug)]
pub(crate) struct Chances {
    /// Probability of being assigned by the visits of that year.
    pub(crate) assigned: Vec<Vec<f64>>,
    /// Expected visits at the provider of those who are assigned by them, the others counting nothing.
    pub(crate) own_visits: Vec<Vec<f64>>,
    /// Expected visits of those who are assigned by them, the others counting nothing.
    pub(crate) visits_of_assigned: Vec<Vec<f64>>,
    /// Expected visits by frailty.
    pub(crate) visits: Vec<f64>,
    /// Shares of visits by the score of a share.
    pub(crate) shares: Vec<f64>,
}

impl Chances {
    /// Of a law whose parameters are checked.
    pub(crate) fn new(terms: &AttributionTerms) -> Self {
        let by_frailty = visits_by_frailty(terms);
        let shares = shares(terms);
        let plurality = Plurality::new(terms);
        let one_for_all = terms.share_sd == 0.0;
        let mut counted: Vec<Vec<Counted>> = Vec::with_capacity(shares.len());
        for &share in &shares {
            match counted.first() {
                Some(first) if one_for_all => counted.push(first.clone()),
                _ => counted.push(plurality.of_share(share)),
            }
        }
        let surface = |of: &dyn Fn(usize, &Counted) -> f64| -> Vec<Vec<f64>> {
            // `[share][visits]`
            let of_share: Vec<Vec<f64>> = counted
                .iter()
                .map(|counted| counted.iter().enumerate().map(|(visits, c)| of(visits, c)).collect())
                .collect();
            let of_frailty = |law: &Vec<f64>| {
                let mean = |of_visits: &Vec<f64>| law.iter().zip(of_visits).map(|(chance, of)| chance * of).sum();
                if one_for_all { vec![mean(&of_share[0]); of_share.len()] } else { of_share.iter().map(mean).collect() }
            };
            by_frailty.iter().map(of_frailty).collect()
        };
        Self {
            assigned: surface(&|_, counted| counted.assigned.min(1.0)),
            own_visits: surface(&|_, counted| counted.own),
            visits_of_assigned: surface(&|visits, counted| counted.assigned * visits as f64),
            visits: by_frailty
                .iter()
                .map(|law| law.iter().enumerate().map(|(visits, chance)| visits as f64 * chance).sum())
                .collect(),
            shares,
        }
    }

    /// The probability that a person is assigned.
    pub(crate) fn chance(&self) -> f64 {
        Grid::mean(&by_frailty(&self.assigned))
    }

    /// The same at each node of frailty.
    pub(crate) fn by_frailty(&self) -> Vec<f64> {
        by_frailty(&self.assigned)
    }
}

/// At each node of frailty, what is expected over shares.
pub(crate) fn by_frailty(surface: &[Vec<f64>]) -> Vec<f64> {
    let weights = Grid::weights();
    let mean = |of_share: &Vec<f64>| weights.iter().zip(of_share).map(|(weight, value)| weight * value).sum();
    surface.iter().map(mean).collect()
}

/// At each node of frailty, the probabilities of the numbers of visits.
fn visits_by_frailty(terms: &AttributionTerms) -> Vec<Vec<f64>> {
    let (law, loading) = (terms.frequency(), terms.frailty_loading);
    let own = (1.0 - loading * loading).sqrt();
    // The scores from which on there are more visits than none, than one ...
    let scores: Vec<f64> = (0..MOST_VISITS).map(|visits| upper_score(law.survival(visits))).collect();
    let of = |frailty: f64| {
        let mut more = 1.0;
        let mut chances: Vec<f64> = Vec::with_capacity(scores.len() + 1);
        for &score in &scores {
            let next = if score.is_finite() {
                upper_probability((score - loading * frailty) / own)
            } else {
                f64::from(score < 0.0)
            };
            chances.push(more - next);
            more = next;
        }
        chances.push(more);
        chances
    };
    Grid::scores().map(of).collect()
}

/// At each node of its score, the share of a person's visits at the provider.
fn shares(terms: &AttributionTerms) -> Vec<f64> {
    let AttributionTerms { share, share_sd, .. } = *terms;
    if share_sd == 0.0 {
        return vec![share; Grid::NODES];
    }
    // Mean and variance of a beta: a + b = share × (1 - share) / sd² - 1.
    let size = share * (1.0 - share) / (share_sd * share_sd) - 1.0;
    Grid::scores().map(|score| beta_at_score(share * size, (1.0 - share) * size, score)).collect()
}
