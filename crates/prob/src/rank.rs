//! Alternatives ranked by a mean gain and a risk on the same trials: which are dominated, and which is best under which
//! preference.
//!
//! Verdicts that hold beyond chance hold for all pairs of alternatives and all weights together: each pair is judged by Scheffé's critical
//! value, with the chance of a false verdict divided by the number of pairs (Bonferroni).

use twosided_units::Share;

use crate::{Caution, Design, Estimate, JointFigure, JointFigures};

/// Alternatives on the same trials.
#[derive(Clone, Debug)]
pub struct Alternatives {
    /// Mean and risk of the first, then of the second, and so on.
    figures: JointFigures,
    count: usize,
    /// The chance of a false verdict of one pair.
    chance: f64,
}

/// An alternative that is worse than another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dominated {
    /// The alternative.
    pub alternative: usize,
    /// The one that is better.
    pub by: usize,
    /// The mean gain of the better less that of the alternative.
    pub mean: Estimate,
    /// The risk of the alternative less that of the better.
    pub risk: Estimate,
}

/// The best alternative under a preference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Best {
    /// The alternative.
    pub alternative: usize,
    /// Alternatives that chance may have put after it, the next best first.
    pub not_separated_from: Vec<usize>,
}

/// The best alternative from a number of the preference on, up to that of the next.
#[derive(Clone, Debug, PartialEq)]
pub struct BestFrom {
    /// Where it begins; absent where it has no beginning.
    pub from: Option<Estimate>,
    /// The alternative.
    pub best: Best,
}

fn mean_of(alternative: usize) -> usize {
    2 * alternative
}

fn risk_of(alternative: usize) -> usize {
    2 * alternative + 1
}

impl Alternatives {
    /// Each alternative's mean gain and its risk, of which less is better, as a tail value at risk or a chance of a loss; how their trials were
    /// drawn; and the confidence of all verdicts together.
    pub fn new(design: &Design, figures: &[[JointFigure<'_>; 2]], confidence: Share) -> Self {
        let count = figures.len();
        let pairs = (count * count.saturating_sub(1) / 2).max(1);
        Self {
            figures: JointFigures::new(design, figures.as_flattened()),
            count,
            chance: confidence.complement().value() / pairs as f64,
        }
    }

    fn mean(&self, alternative: usize) -> f64 {
        self.figures.value(mean_of(alternative))
    }

    fn risk(&self, alternative: usize) -> f64 {
        self.figures.value(risk_of(alternative))
    }

    fn all(&self) -> impl Iterator<Item = usize> {
        0..self.count
    }

    /// Whether one is better than the other beyond chance, by its mean less this many times its risk; by the risk alone
    /// at an infinite weight.
    fn is_better(&self, one: usize, other: usize, weight: f64) -> bool {
        let (of_mean, of_risk) = if weight.is_finite() { (1.0, weight) } else { (0.0, 1.0) };
        let terms =
            [(mean_of(one), of_mean), (mean_of(other), -of_mean), (risk_of(one), -of_risk), (risk_of(other), of_risk)];
        let used: Vec<_> = terms.into_iter().filter(|(_, weight)| *weight != 0.0).collect();
        self.figures.is_above_zero(&used, self.chance)
    }

    /// Pairs of which one alternative has the lower mean and the higher risk, both beyond chance, or one of them beyond
    /// chance and the other equal in every trial. The alternatives stand in their order, and of each the better ones.
    pub fn dominated(&self) -> Vec<Dominated> {
        let pairs = self.all().flat_map(|alternative| self.all().map(move |by| (alternative, by)));
        let known = pairs.filter_map(|(alternative, by)| {
            let mean = self.figures.sum(&[(mean_of(by), 1.0), (mean_of(alternative), -1.0)]);
            let risk = self.figures.sum(&[(risk_of(alternative), 1.0), (risk_of(by), -1.0)]);
            let is_equal = |difference: Estimate| difference.value == 0.0 && difference.standard_error == 0.0;
            let beyond = [self.is_better(by, alternative, 0.0), self.is_better(by, alternative, f64::INFINITY)];
            let holds = (beyond[0] || is_equal(mean)) && (beyond[1] || is_equal(risk)) && beyond.contains(&true);
            holds.then_some(Dominated { alternative, by, mean, risk })
        });
        known.collect()
    }

    /// The alternative of the highest mean; of those with the same, the one with the least risk.
    pub fn highest_mean(&self) -> Option<Best> {
        let best = self
            .all()
            .min_by(|&a, &b| self.mean(b).total_cmp(&self.mean(a)).then(self.risk(a).total_cmp(&self.risk(b))))?;
        Some(self.best(best, |other| self.is_better(best, other, 0.0), |other| -self.mean(other)))
    }

    /// The alternative of the least risk; of those with the same, the one with the highest mean.
    pub fn least_risk(&self) -> Option<Best> {
        let best = self
            .all()
            .min_by(|&a, &b| self.risk(a).total_cmp(&self.risk(b)).then(self.mean(b).total_cmp(&self.mean(a))))?;
        Some(self.best(best, |other| self.is_better(best, other, f64::INFINITY), |other| self.risk(other)))
    }

    /// The best with all others that it is not better than beyond chance, by rising order.
    fn best(&self, best: usize, is_better_than: impl Fn(usize) -> bool, order: impl Fn(usize) -> f64) -> Best {
        let others = self.all().filter(|&other| other != best && !is_better_than(other));
        let mut not_separated_from: Vec<usize> = others.collect();
        not_separated_from.sort_by(|&a, &b| order(a).total_cmp(&order(b)));
        Best { alternative: best, not_separated_from }
    }

    /// The efficient frontier: for every limit on the risk, from the least that any alternative has, the alternative
    /// of the highest mean among those within the limit. The limit at which each begins is its own risk.
    pub fn frontier(&self) -> Vec<BestFrom> {
        let mut by_risk: Vec<usize> = self.all().collect();
        by_risk.sort_by(|&a, &b| self.risk(a).total_cmp(&self.risk(b)).then(self.mean(b).total_cmp(&self.mean(a))));
        let mut efficient: Vec<usize> = Vec::new();
        for alternative in by_risk {
            if efficient.last().is_none_or(|&last| self.mean(alternative) > self.mean(last)) {
                efficient.push(alternative);
            }
        }
        let ends = efficient.iter().skip(1).map(|&next| self.risk(next)).chain([f64::INFINITY]);
        let steps = efficient.iter().zip(ends).map(|(&best, end)| {
            let is_out = |other: usize| self.risk(other) >= end || self.is_better(best, other, 0.0);
            BestFrom {
                from: Some(self.figures.sum(&[(risk_of(best), 1.0)])),
                best: self.best(best, is_out, |other| -self.mean(other)),
            }
        });
        steps.collect()
    }

    /// For every weight of a dollar of risk against a dollar of mean, from zero on, the alternative of the highest mean
    /// less this many times its risk. An alternative is named as not separated where the best is not better than it
    /// beyond chance at any weight of its range.
    pub fn by_weight(&self) -> Vec<BestFrom> {
        let Some(first) = self.highest_mean() else { return Vec::new() };
        let mut best = first.alternative;
        let (mut ranges, mut from, mut start) = (Vec::new(), None, 0.0);
        loop {
            let next = self.next_by_weight(best);
            let end = next.map_or(f64::INFINITY, |next| self.indifference(best, next));
            let is_better = |other: usize| self.is_better_within(best, other, start, end);
            let middle = if end.is_finite() { f64::midpoint(start, end) } else { 2.0 * start + 1.0 };
            let order = |other: usize| middle * self.risk(other) - self.mean(other);
            ranges.push(BestFrom { from, best: self.best(best, is_better, order) });
            let Some(next) = next else { return ranges };
            from = Some(self.indifference_estimate(best, next));
            (best, start) = (next, end);
        }
    }

    /// The weight at which two alternatives are worth the same.
    fn indifference(&self, riskier: usize, safer: usize) -> f64 {
        (self.mean(riskier) - self.mean(safer)) / (self.risk(riskier) - self.risk(safer))
    }

    fn indifference_estimate(&self, riskier: usize, safer: usize) -> Estimate {
        let means = [(mean_of(riskier), 1.0), (mean_of(safer), -1.0)];
        let risks = [(risk_of(riskier), 1.0), (risk_of(safer), -1.0)];
        self.figures.ratio(&means, &risks).unwrap_or_else(|_| Estimate {
            value: self.indifference(riskier, safer),
            standard_error: f64::INFINITY,
            lower: f64::NEG_INFINITY,
            upper: f64::INFINITY,
            caution: Some(Caution::FewTrials),
        })
    }

    /// The alternative that is the next best as the weight rises.
    fn next_by_weight(&self, best: usize) -> Option<usize> {
        let safer = self.all().filter(|&other| self.risk(other) < self.risk(best));
        safer.min_by(|&a, &b| {
            let at = |other: usize| self.indifference(best, other);
            at(a).total_cmp(&at(b)).then(self.risk(a).total_cmp(&self.risk(b)))
        })
    }

    /// Whether one is better than the other beyond chance at some weight from `start` to `end`: at an end, or where the difference is
    /// the most standard errors.
    fn is_better_within(&self, one: usize, other: usize, start: f64, end: f64) -> bool {
        let means = [(mean_of(one), 1.0), (mean_of(other), -1.0)];
        let risks = [(risk_of(one), 1.0), (risk_of(other), -1.0)];
        let most = self.figures.clearest_weight(&means, &risks).filter(|weight| start < *weight && *weight < end);
        [Some(start), Some(end), most].into_iter().flatten().any(|weight| self.is_better(one, other, weight))
    }
}

#[cfg(test)]
mod tests;
