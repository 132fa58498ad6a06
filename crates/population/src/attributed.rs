//! What attribution makes of a segment: how many are assigned, how frail they are, and who stays.

use crate::{Assignment, Attribution, Segment};

use crate::attribution::{Chances, Grid, above_by_frailty, by_frailty};

/// What is expected of the people of a segment who are assigned by visits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttributedPeople {
    /// People who may be assigned.
    pub eligible: u64,
    /// Expected number of those who are.
    pub people: f64,
    /// Standard deviation of that number.
    pub people_sd: f64,
    /// Share of the assigned who were assigned in the year before, too.
    pub stayers: f64,
    /// Share of the visits of the assigned in the year that are made elsewhere: leakage.
    pub visits_elsewhere: f64,
}

impl Segment {
    /// Expected number of people in a year: the members, or the expected number of those who are assigned.
    pub fn people(&self) -> f64 {
        self.life.attribution.as_ref().map_or(self.members as f64, Attribution::people)
    }

    /// How many people are sampled for a year: the members, or all who are eligible.
    pub fn sampled(&self) -> u64 {
        self.life.attribution.as_ref().map_or(self.members, |attribution| attribution.eligible)
    }

    /// What is expected of those who are assigned; none where all members are.
    pub fn attributed(&self, assignment: Assignment) -> Option<AttributedPeople> {
        let attribution = self.life.attribution.as_ref()?;
        Some(AttributedPeople {
            eligible: attribution.eligible,
            people: attribution.people(),
            people_sd: attribution.people_sd(),
            stayers: self.stayers(assignment),
            visits_elsewhere: self.visits_elsewhere(attribution, assignment),
        })
    }

    /// Share of a year's people who were among those of the year before: of the assigned, or of members where some die or leave. Who takes the
    /// place of a person who died is new.
    pub fn stayers(&self, assignment: Assignment) -> f64 {
        let Some(attribution) = &self.life.attribution else {
            let dies = self.life.mortality.as_ref().map_or(0.0, |mortality| mortality.probability);
            return (1.0 - dies) * (1.0 - self.life.turnover.map_or(0.0, |turnover| turnover.rate));
        };
        let Chances { assigned, .. } = attribution.chances();
        let lives: Vec<f64> = self.dies().into_iter().map(|dies| 1.0 - dies).collect();
        // Of the later of the two years whose visits count, `[frailty][share of the earlier one]`.
        let shares = Grid::kernel(attribution.terms().persistence);
        let mean = |of_share: &Vec<f64>, weights: &Vec<f64>| -> f64 {
            weights.iter().zip(of_share).map(|(weight, value)| weight * value).sum()
        };
        let mut later: Vec<Vec<f64>> =
            assigned.iter().map(|of_share| shares.iter().map(|weights| mean(of_share, weights)).collect()).collect();
        let mut earlier = assigned;
        // Who is assigned by last year's visits dies, or not, in the year of the later ones.
        let alive = if assignment == Assignment::Prospective { &mut later } else { &mut earlier };
        for (of_share, &lives) in alive.iter_mut().zip(&lives) {
            for value in of_share {
                *value *= lives;
            }
        }
        let frailty = Grid::kernel(self.life.persistence);
        let both = earlier.iter().zip(&frailty).map(|(of_share, weights)| {
            let mut expected = vec![0.0; Grid::NODES];
            for (weight, later) in weights.iter().zip(&later).filter(|(weight, _)| **weight > 0.0) {
                for (expected, later) in expected.iter_mut().zip(later) {
                    *expected += weight * later;
                }
            }
            of_share.iter().zip(expected).map(|(earlier, later)| earlier * later).collect()
        });
        Grid::mean(&by_frailty(&both.collect::<Vec<_>>())) / attribution.chance()
    }

    /// Mean risk score of a year, counted from 0, over those who are assigned: frailty moves both.
    pub fn expected_risk_score(&self, year: u32, assignment: Assignment) -> f64 {
        let mean = self.mean_risk_score(year);
        let (Some(attribution), Some(score)) = (&self.life.attribution, self.risk_score) else { return mean };
        // E[exp(l s f - (l s)² / 2)] over the assigned.
        let scale = score.frailty_loading * libm::log1p(score.cv * score.cv).sqrt();
        let of_frailty = Grid::scores().map(|frailty| libm::exp(scale * frailty - 0.5 * scale * scale));
        let assigned = self.assigned_by_frailty(attribution, assignment);
        let scores: Vec<f64> = of_frailty.zip(assigned).map(|(score, assigned)| score * assigned).collect();
        mean * Grid::mean(&scores) / attribution.chance()
    }

    /// At each node of the frailty of a year, the probability of being assigned for it.
    pub(crate) fn assigned_by_frailty(&self, attribution: &Attribution, assignment: Assignment) -> Vec<f64> {
        let of_visits = attribution.chances().by_frailty();
        match assignment {
            Assignment::Prospective => Grid::expect(&of_visits, self.life.persistence),
            Assignment::Retrospective => of_visits,
        }
    }

    /// At each node of frailty, the probability of dying in the year.
    pub(crate) fn dies(&self) -> Vec<f64> {
        match &self.life.mortality {
            Some(mortality) => above_by_frailty(mortality.probability, mortality.frailty_loading),
            None => vec![0.0; Grid::NODES],
        }
    }

    fn visits_elsewhere(&self, attribution: &Attribution, assignment: Assignment) -> f64 {
        let chances = attribution.chances();
        let total = |surface: &[Vec<f64>]| Grid::mean(&by_frailty(surface));
        if assignment == Assignment::Retrospective {
            return 1.0 - total(&chances.own_visits) / total(&chances.visits_of_assigned);
        }
        // By last year's frailty and share, those of this year.
        let visits = Grid::expect(&chances.visits, self.life.persistence);
        let shares = Grid::expect(&chances.shares, attribution.terms().persistence);
        let expected = |share: &dyn Fn(usize) -> f64| {
            let rows = chances.assigned.iter().zip(&visits);
            let of_row = |(of_share, visits): (&Vec<f64>, &f64)| {
                of_share.iter().enumerate().map(|(node, assigned)| assigned * visits * share(node)).collect()
            };
            total(&rows.map(of_row).collect::<Vec<Vec<f64>>>())
        };
        1.0 - expected(&|node| shares[node]) / expected(&|_| 1.0)
    }
}
