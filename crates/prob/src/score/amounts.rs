//! A year's amount at a score.

use super::TOGETHER;
use crate::{
    ParameterError, Severity,
    batch::padded,
    check_zero,
    special::{upper_probability, upper_score},
    vectorized,
};

/// A law of a year's amount, zero among its values, read at a normal score.
///
/// Between two nodes of the table the amount is a parabola in the score. Where the law is far from one, as beside its point mass
/// at zero, at a jump or at the corner of an empirical law, nodes stand as close as it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredAmounts {
    /// The amount below the first score: nothing, or without zeros the smallest of the table.
    below: f64,
    /// The score from which the amount is above zero.
    first: f64,
    /// For each step of [`SPACING`] from the first score, its curve; infinite where the step has several nodes.
    curves: Vec<Curve>,
    /// For each step, its first node.
    steps: Vec<u32>,
    /// Nodes, by score.
    pub(super) nodes: Vec<(f64, Curve)>,
}

/// Amounts from a score on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Curve {
    amount: f64,
    /// Dollars a score.
    slope: f64,
    /// Dollars a squared score.
    bend: f64,
}

impl Curve {
    /// The curve through amounts at the beginning, the middle and the end of a width; straight where a parabola would fall.
    fn through(amounts: [f64; 3], width: f64) -> Self {
        let [start, middle, end] = amounts;
        let (slope, bend) = (4.0 * middle - 3.0 * start - end, 2.0 * (start + end) - 4.0 * middle);
        let rises = slope >= 0.0 && slope + 2.0 * bend >= 0.0;
        let (slope, bend) = if rises { (slope, bend) } else { (end - start, 0.0) };
        Self { amount: start, slope: slope / width, bend: bend / (width * width) }
    }

    #[inline]
    pub(super) fn at(&self, distance: f64) -> f64 {
        self.amount + distance * (self.slope + distance * self.bend)
    }
}

/// Scores between two nodes, at most. Between them, a lognormal of scale `s` is off by at most `s³ / 2.6 × 10^8` of itself.
const SPACING: f64 = 1.0 / 128.0;
/// Beyond, amounts stay as they are there: one normal of 10^12 lies further out.
const LAST: f64 = 7.0;
/// What the curve between two nodes may be off by, times the probability of its scores, over the mean.
const NEGLIGIBLE: f64 = 1e-8;
/// Halvings of a step at most: a jump then lies in 10^-14 of a score.
const MOST_HALVINGS: u32 = 40;

impl ScoredAmounts {
    /// The amounts of a law, or nothing with the probability `zero`.
    ///
    /// # Errors
    /// A `zero` that is not from 0 to below 1.
    pub fn new(zero: f64, amount: &Severity) -> Result<Self, ParameterError> {
        check_zero(zero)?;
        let first = if zero > 0.0 { (-upper_score(zero)).clamp(-LAST - 1.0, LAST) } else { -LAST };
        let count = ((LAST - first) / SPACING).ceil().max(1.0) as usize;
        let upper = |score: f64| (upper_probability(score) / (1.0 - zero)).min(1.0);
        let at = |score: f64, guess: f64| amount.quantile_near(upper(score), guess);
        let tolerance = NEGLIGIBLE * amount.mean();
        let (mut steps, mut nodes) = (Vec::with_capacity(count + 1), Vec::with_capacity(count + 1));
        // At the point mass itself the users' law begins, with its least amount.
        let mut from = (first, amount.quantile_above(1.0));
        let mut before = 0.0;
        // Ends of the parts still to be looked at, the nearest last, with the halvings behind them.
        let mut ends: Vec<((f64, f64), u32)> = Vec::new();
        for index in 0..count {
            steps.push(nodes.len() as u32);
            let end = first + SPACING * (index + 1) as f64;
            // As much more than before as the step before had.
            let guess = if before > 0.0 { from.1 * (from.1 / before) } else { from.1 };
            before = from.1;
            ends.push(((end, at(end, guess)), 0));
            while let Some(&(to, halvings)) = ends.last() {
                let width = to.0 - from.0;
                let guess = (from.1 * to.1).sqrt();
                let middle = (from.0 + 0.5 * width, at(from.0 + 0.5 * width, guess));
                let curve = Curve::through([from.1, middle.1, to.1], width);
                let quarter = curve.at(0.25 * width);
                let off = (at(from.0 + 0.25 * width, quarter) - quarter).abs();
                if halvings < MOST_HALVINGS && off * (upper(from.0) - upper(to.0)) > tolerance {
                    ends.last_mut().expect("the part was just seen").1 += 1;
                    ends.push((middle, halvings + 1));
                    continue;
                }
                nodes.push((from.0, curve));
                from = to;
                ends.pop();
            }
        }
        steps.push(nodes.len() as u32);
        let curves = steps.windows(2).map(|step| match &nodes[step[0] as usize..step[1] as usize] {
            [(_, curve)] => *curve,
            _ => Curve { amount: f64::INFINITY, slope: 0.0, bend: 0.0 },
        });
        let below = if zero > 0.0 { 0.0 } else { nodes[0].1.amount };
        Ok(Self { below, first, curves: curves.collect(), steps, nodes })
    }

    /// The score from which there is an amount: below it there is none, or the least where all have one.
    pub fn first_use(&self) -> f64 {
        self.first
    }

    /// The amount at a score.
    pub fn amount(&self, score: f64) -> f64 {
        let distance = score.min(LAST) - self.first;
        let amount = self.amount_on_curve(distance, step_of(distance));
        if amount.is_infinite() { self.amount_among_nodes(score.min(LAST)) } else { amount }
    }

    /// The amounts at scores.
    pub fn fill(&self, scores: &[f32], out: &mut Vec<f64>) {
        let mut is_complete = true;
        out.resize(scores.len(), 0.0);
        for (out, scores) in out.chunks_mut(TOGETHER).zip(scores.chunks(TOGETHER)) {
            let scores: [f32; TOGETHER] = padded(scores, f32::NEG_INFINITY);
            let (mut distances, mut steps) = ([0.0; TOGETHER], [0; TOGETHER]);
            vectorized(
                #[inline(always)]
                || {
                    for lane in 0..TOGETHER {
                        distances[lane] = f64::from(scores[lane]).min(LAST) - self.first;
                        steps[lane] = step_of(distances[lane]);
                    }
                },
            );
            for ((amount, &distance), &step) in out.iter_mut().zip(&distances).zip(&steps) {
                *amount = self.amount_on_curve(distance, step);
                is_complete &= amount.is_finite();
            }
        }
        if !is_complete {
            for (amount, &score) in out.iter_mut().zip(scores).filter(|(amount, _)| amount.is_infinite()) {
                *amount = self.amount(f64::from(score));
            }
        }
    }

    /// The amount at a distance from the first score in its step; infinite in a step with several nodes.
    #[inline]
    fn amount_on_curve(&self, distance: f64, step: u64) -> f64 {
        let step = (step as usize).min(self.curves.len() - 1);
        let amount = self.curves[step].at(distance - SPACING * step as f64);
        if distance < 0.0 { self.below } else { amount }
    }

    /// The amount at a score in a step with several nodes.
    #[cold]
    fn amount_among_nodes(&self, score: f64) -> f64 {
        let step = (step_of(score - self.first) as usize).min(self.curves.len() - 1);
        let (start, end) = (self.steps[step] as usize, self.steps[step + 1] as usize);
        let after = self.nodes[start + 1..end].partition_point(|(from, _)| *from <= score);
        let (from, curve) = &self.nodes[start + after];
        curve.at((score - from).max(0.0))
    }
}

/// The step of a distance from the first score; of an end, the step before it.
#[inline(always)]
fn step_of(distance: f64) -> u64 {
    /// Adding it leaves the nearest whole number in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    (distance.max(0.0) * (1.0 / SPACING) - 0.5 + ROUND).to_bits() & 0xffff
}
