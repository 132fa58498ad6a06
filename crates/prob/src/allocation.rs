//! Allocation of the tail value at risk of a sum to its components (Euler), and what the components gain from being held together.

use std::ops::Range;

use twosided_units::Share;

use crate::{Caution, Design, Estimate, JointFigure, JointFigures, NoRatio, Sample, Term};

/// Trials on each side of a quantile from which the mean of a component at the quantile is estimated, at least.
const FEWEST_AROUND: usize = 15;
/// Trials at one amount from which the amount is taken for a point mass, whose own trials say what a component is there.
const POINT_MASS: usize = 30;
/// Share of the largest amount within which amounts are the same but for rounding.
const ROUNDING: f64 = 1e-12;

/// Gains of all trials in their order, and the sample of them.
#[derive(Clone, Copy, Debug)]
pub struct Gains<'a> {
    /// The gain of every trial.
    pub trials: &'a [f64],
    /// The same, as a sample.
    pub sample: &'a Sample,
}

/// The tail value at risk of a sum of components at one level, split over the components.
///
/// A component's part is the mean of its losses in the trials in which the sum is in its tail. With the losses `L` of the sum and `L_i` of a
/// component, the value at risk `q` of the sum, and the tail's probability `p`:
///
/// ```text
/// part_i = (E[L_i; L > q] + (p - P(L > q)) E[L_i | L = q]) / p
/// ```
///
/// The parts add up to the tail value at risk. Trials at `q` share what is left of the tail evenly. The error of a part is that of a mean:
/// of the part's influence function, in which `v` is the share of a trial that is counted in the tail:
///
/// ```text
/// influence = v (L_i - m_i) / p + m_i - part_i,   m_i = E[L_i | L = q]
/// ```
///
/// Where at least 30 trials are at `q`, `m_i` is their mean. Elsewhere it is the value at `q` of the least-squares line of `L_i` on `L` over
/// the trials around `q`: on each side half as many as the tail has, and at least 15, as far as there are as many.
///
/// # Source
/// \[T08\] for the allocation; \[RU00\] for the error, of which this is the part of one component.
#[derive(Clone, Debug)]
pub struct Allocation {
    /// The parts, the components' own tails, and the tail of the sum.
    figures: JointFigures,
    count: usize,
}

/// One component's tail, alone and within the sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ComponentTail {
    /// Its own tail value at risk.
    pub own: Estimate,
    /// What it adds to the tail value at risk of the sum: below zero for a component that gains where the sum loses.
    pub part: Estimate,
    /// Its part over the tail value at risk of the sum.
    pub share: Result<Estimate, NoRatio>,
}

impl Allocation {
    /// Splits the tail of a sum of gains over its components, whose trials were drawn by a design.
    ///
    /// # Panics
    /// When the design is of another number of trials.
    pub fn new(design: &Design, whole: Gains<'_>, components: &[Gains<'_>], level: Share) -> Self {
        assert!(
            std::iter::once(&whole).chain(components).all(|gains| gains.trials.len() == design.trials()),
            "a design is of the gains' trials"
        );
        let of_whole = JointFigure::tail_value_at_risk(whole.trials, whole.sample, level);
        let tail = Tail::new(design, whole, level);
        let estimates: Vec<Estimate> =
            components.iter().map(|component| component.sample.tail_value_at_risk(level)).collect();
        let parts: Vec<Part> = components.iter().map(|component| tail.part(design, component.trials)).collect();
        let of_parts = parts.iter().zip(&estimates).zip(components).map(|((part, own), component)| {
            let sorted = component.sample.sorted();
            let figure = JointFigure::of_influences(&part.influences, part.value, None);
            if sorted[0] == sorted[sorted.len() - 1] {
                return figure.certain(0.0 - sorted[0]);
            }
            let is_heavy = own.caution == Some(Caution::HeavyTail);
            let freedom = if is_heavy || !tail.has_error() { None } else { tail.freedom(of_whole.freedom()) };
            let caution = if is_heavy { own.caution } else { whole.sample.tail_value_at_risk(level).caution };
            JointFigure::of_influences(&part.influences, part.value, freedom).cautioned(caution)
        });
        let own = components
            .iter()
            .map(|component| JointFigure::tail_value_at_risk(component.trials, component.sample, level));
        let figures: Vec<JointFigure<'_>> = of_parts.chain(own).chain([of_whole]).collect();
        Self { figures: JointFigures::new(design, &figures), count: components.len() }
    }

    fn whole(&self) -> Term {
        (2 * self.count, 1.0)
    }

    /// Every component's tail, in their order.
    pub fn components(&self) -> Vec<ComponentTail> {
        let of = |index: usize| {
            let part = [(index, 1.0)];
            ComponentTail {
                own: self.figures.sum(&[(self.count + index, 1.0)]),
                part: self.figures.sum(&part),
                share: self.figures.ratio(&part, &[self.whole()]),
            }
        };
        (0..self.count).map(of).collect()
    }

    /// The tail value at risk of the sum.
    pub fn tail_value_at_risk(&self) -> Estimate {
        self.figures.sum(&[self.whole()])
    }

    /// The benefit of diversification: the sum of the components' own tail values at risk, less that of the sum. It is not below zero.
    pub fn diversification(&self) -> Estimate {
        let (index, weight) = self.whole();
        let own = (0..self.count).map(|component| (self.count + component, 1.0));
        self.figures.sum(&own.chain([(index, -weight)]).collect::<Vec<_>>())
    }

    /// The benefit of diversification over the sum of the components' own tail values at risk.
    ///
    /// # Errors
    /// As for [`JointFigures::ratio`].
    pub fn diversified_share(&self) -> Result<Estimate, NoRatio> {
        let (index, weight) = self.whole();
        let own: Vec<Term> = (0..self.count).map(|component| (self.count + component, 1.0)).collect();
        let benefit: Vec<Term> = own.iter().copied().chain([(index, -weight)]).collect();
        self.figures.ratio(&benefit, &own)
    }
}

/// The tail of a sum: which trials count in it, and how much.
struct Tail<'a> {
    trials: &'a [f64],
    /// Trials by rising gain of the sum.
    order: Vec<usize>,
    /// Ranks of the trials at the value at risk; those of lower ranks are beyond it.
    at: Range<usize>,
    /// The gain there.
    edge: f64,
    /// Probability of the tail.
    probability: f64,
    /// The share of a trial beyond the value at risk that counts: all of it, except where weights below zero would make the tail better
    /// than where it begins.
    beyond: f64,
    /// The share of a trial at the value at risk that counts.
    shared: f64,
    /// Trials in the tail.
    size: f64,
}

/// What a component adds to the tail, and by what each trial changes it.
struct Part {
    value: f64,
    influences: Vec<f64>,
}

impl<'a> Tail<'a> {
    fn new(design: &Design, Gains { trials, sample }: Gains<'a>, level: Share) -> Self {
        let sorted = sample.sorted();
        let size = sample.trials_in_tail(level);
        let mut order: Vec<usize> = (0..trials.len()).collect();
        order.sort_by(|&a, &b| trials[a].total_cmp(&trials[b]));
        let (edge, probability) = if design.is_independent() {
            (sorted[(size as usize).min(sorted.len() - 1)], size / sorted.len() as f64)
        } else {
            (0.0 - sample.value_at_risk_alone(level), level.complement().value())
        };
        let within = ROUNDING * sorted[0].abs().max(sorted[sorted.len() - 1].abs());
        let at =
            sorted.partition_point(|&gain| gain < edge - within)..sorted.partition_point(|&gain| gain <= edge + within);
        let sum = |ranks: Range<usize>, of: &dyn Fn(usize) -> f64| {
            order[ranks].iter().map(|&trial| design.weights()[trial] * of(trial)).sum::<f64>()
        };
        let is_worse = sum(0..at.start, &|trial| edge - trials[trial]) >= 0.0;
        let beyond = f64::from(is_worse);
        let (below, here) = (beyond * sum(0..at.start, &|_| 1.0), sum(at.clone(), &|_| 1.0));
        let shared = if here == 0.0 { 0.0 } else { (probability - below) / here };
        Self { trials, order, at, edge, probability, beyond, shared, size }
    }

    /// Whether the tail has two trials at least.
    fn has_error(&self) -> bool {
        self.size >= 2.0
    }

    /// The degrees of freedom of a part: the trials that decide it, less one. `of_whole` is that of the sum's tail, which none beyond the value
    /// at risk leaves without any.
    fn freedom(&self, of_whole: Option<f64>) -> Option<f64> {
        let beyond = self.at.start as f64;
        let there = if self.shared > 0.0 { self.at.len() as f64 } else { 0.0 };
        of_whole.map(|_| if beyond > 0.0 { beyond - 1.0 } else { there - 1.0 })
    }

    fn part(&self, design: &Design, gains: &[f64]) -> Part {
        let weights = design.weights();
        let at_edge = self.mean_at_edge(gains);
        let counted = |rank: usize| if rank < self.at.start { self.beyond } else { self.shared };
        // About the mean at the edge, which counts for what the tail's trials do not.
        let beyond = |rank: usize| counted(rank) * (0.0 - gains[self.order[rank]] - at_edge);
        let total: f64 = (0..self.at.end).map(|rank| weights[self.order[rank]] * beyond(rank)).sum();
        let value = at_edge + total / self.probability;
        let mut influences = vec![at_edge - value; gains.len()];
        for rank in 0..self.at.end {
            influences[self.order[rank]] += beyond(rank) / self.probability;
        }
        Part { value, influences }
    }

    /// The mean loss of a component where the sum is at its value at risk.
    fn mean_at_edge(&self, gains: &[f64]) -> f64 {
        let mean = |ranks: Range<usize>| {
            let count = ranks.len() as f64;
            self.order[ranks].iter().map(|&trial| 0.0 - gains[trial]).sum::<f64>() / count
        };
        if self.at.len() >= POINT_MASS {
            return mean(self.at.clone());
        }
        let half = ((0.5 * self.size) as usize).max(FEWEST_AROUND);
        let around = self.at.start.saturating_sub(half)..(self.at.end + half).min(gains.len());
        let ranks = &self.order[around.clone()];
        let level = ranks.iter().map(|&trial| self.trials[trial]).sum::<f64>() / ranks.len() as f64;
        let center = mean(around);
        let (both, square) = ranks.iter().fold((0.0, 0.0), |(both, square), &trial| {
            let off = self.trials[trial] - level;
            (both + off * (0.0 - gains[trial] - center), square + off * off)
        });
        if square > 0.0 { center + both / square * (self.edge - level) } else { center }
    }
}

#[cfg(test)]
mod tests;
