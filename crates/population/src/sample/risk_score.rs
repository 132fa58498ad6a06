//! Risk scores of a segment's people.

use twosided_prob::{Purpose, exponential_total, scores_at};

use crate::{Observation, Plan, RiskScore, Segment};

use super::{memory::Members, streams::YearStreams};

/// Lognormal scores, correlated with frailty.
#[derive(Clone, Debug)]
pub(super) struct RiskScores {
    pub(super) column: usize,
    /// Means by year.
    means: Vec<f64>,
    /// Of the logarithm.
    scale: f64,
    loading: f64,
}

impl RiskScores {
    /// The scores of a segment, if the plan has a column for them.
    pub(super) fn of(segment: &Segment, years: u32, plan: &Plan) -> Option<Self> {
        let flat = RiskScore { mean: 1.0, cv: 0.0, frailty_loading: 0.0, coding_growth: 0.0 };
        let score = segment.risk_score.unwrap_or(flat);
        plan.position(&Observation::RiskScore).map(|column| Self {
            column,
            means: (0..years).map(|year| segment.mean_risk_score(year)).collect(),
            scale: libm::log1p(score.cv * score.cv).sqrt(),
            loading: score.frailty_loading,
        })
    }

    /// Whether people have other scores than the mean.
    pub(super) fn differ(&self) -> bool {
        self.scale > 0.0
    }

    /// Writes down the scores of a block's members, right after [`RiskScores::total`].
    pub(super) fn list(&self, year: u32, count: usize, members: &Members, scores: &mut Vec<f64>) {
        let mean = self.means[year as usize];
        scores.clear();
        if self.differ() {
            // Of all members, whether or not they are assigned.
            let shift = -0.5 * self.scale * self.scale;
            let score = |&normal: &f32| mean * libm::exp(shift + self.scale * f64::from(normal));
            scores.extend(members.fresh.iter().map(score));
        } else {
            scores.resize(count, mean);
        }
    }

    /// The sum of the scores of a block's people.
    ///
    /// Draw order: a word of 32 bits a member, assigned or not; none where all have the mean.
    pub(super) fn total(&self, count: usize, streams: &mut YearStreams<'_>, members: &mut Members) -> f64 {
        let mean = self.means[streams.year as usize];
        let Members { frailty, fresh, words, assigned, assigned_scores, .. } = members;
        if !self.differ() {
            let is_assigned = assigned.iter().filter(|assigned| **assigned).count();
            return mean * if assigned.is_empty() { count } else { is_assigned } as f64;
        }
        words.resize(frailty.len(), 0);
        fresh.resize(frailty.len(), 0.0);
        streams.get(Purpose::RiskScore).fill_half_words(words);
        let own = (1.0 - self.loading * self.loading).sqrt();
        scores_at(words, frailty, self.loading as f32, own as f32, fresh);
        let scores = if assigned.is_empty() {
            fresh
        } else {
            assigned_scores.clear();
            let pairs = fresh.iter().zip(assigned.iter()).filter(|(_, assigned)| **assigned);
            assigned_scores.extend(pairs.map(|(&score, _)| score));
            assigned_scores
        };
        mean * libm::exp(-0.5 * self.scale * self.scale) * exponential_total(self.scale, scores)
    }
}
