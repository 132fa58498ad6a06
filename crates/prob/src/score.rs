//! Laws read at a normal score: how a frailty that people share reaches counts and amounts and leaves every law as it is.
//!
//! A standard normal `x` stands for the probability `Φ(x)`; the count or the amount of that probability has exactly its
//! law. Scores that correlate, as those of one person's services do, give counts and amounts that move together.

use crate::{
    ParameterError, Severity,
    batch::padded,
    frequency::CountTable,
    special::{upper_probability, upper_score},
    vectorized,
};

/// Scores that are worked on together.
const TOGETHER: usize = 32;

/// Cells of a score's unit, in each of which a law is looked up.
const CELLS: f32 = 128.0;

/// A law of counts, read at a normal score in single precision.
///
/// A threshold is the exact score rounded to 24 bits, which moves no probability by more than 4e-7 of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredCounts {
    /// `thresholds[k]` is the score from which the count is above `k`; two that nothing reaches end them.
    thresholds: Vec<f32>,
    /// Where cells begin.
    origin: f32,
    /// For each cell, how many thresholds the cells before it hold.
    cells: Vec<u32>,
}

impl ScoredCounts {
    /// The counts of a table.
    pub fn new(table: &CountTable) -> Self {
        let mut thresholds: Vec<f32> =
            table.upper_probabilities().map(|probability| upper_score(probability) as f32).collect();
        let origin = thresholds[0].clamp(-BEYOND, BEYOND);
        let last = thresholds.iter().fold(origin, |last, &known| last.max(known.min(BEYOND)));
        let cells = (0..cell_of(last, origin) + 2)
            .map(|cell| thresholds.partition_point(|&known| cell_of(known, origin) < cell) as u32)
            .collect();
        thresholds.extend([f32::INFINITY; 2]);
        Self { thresholds, origin, cells }
    }

    /// The score from which there is an event.
    pub fn first_event(&self) -> f32 {
        self.thresholds[0]
    }

    /// The count at a score.
    pub fn count(&self, score: f32) -> u32 {
        let mut count = self.count_in_cell(cell_of(score, self.origin), score) as usize;
        while self.thresholds[count] <= score {
            count += 1;
        }
        count as u32
    }

    /// The counts at scores.
    pub fn fill(&self, scores: &[f32], out: &mut [u32]) {
        let mut is_complete = true;
        for (out, scores) in out.chunks_mut(TOGETHER).zip(scores.chunks(TOGETHER)) {
            let scores: [f32; TOGETHER] = padded(scores, f32::NEG_INFINITY);
            let mut cells = [0; TOGETHER];
            vectorized(
                #[inline(always)]
                || {
                    for lane in 0..TOGETHER {
                        cells[lane] = cell_of(scores[lane], self.origin);
                    }
                },
            );
            for ((count, &cell), &score) in out.iter_mut().zip(&cells).zip(&scores) {
                *count = self.count_in_cell(cell, score);
                is_complete &= score < self.thresholds[*count as usize];
            }
        }
        if !is_complete {
            for (count, &score) in out.iter_mut().zip(scores) {
                *count = self.count(score);
            }
        }
    }

    /// The count at a score if its cell holds one threshold at most, as most do; else perhaps a lower one.
    #[inline]
    fn count_in_cell(&self, cell: u32, score: f32) -> u32 {
        let before = self.cells[(cell as usize).min(self.cells.len() - 1)];
        before + u32::from(self.thresholds[before as usize] <= score)
    }
}

/// Above every score of 32 bits and its frailty.
const BEYOND: f32 = 9.0;

/// The cell of a score, the nearest. It grows with the score, so thresholds of earlier cells lie below those of later ones.
#[inline(always)]
fn cell_of(score: f32, origin: f32) -> u32 {
    /// Adding it leaves the nearest whole number in the low bits.
    const ROUND: f32 = 8_388_608.0;
    const MOST: f32 = 3.0 * BEYOND * CELLS;
    let cells = ((score - origin) * CELLS).clamp(0.0, MOST);
    (cells + ROUND).to_bits() & 0xffff
}

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
    nodes: Vec<(f64, Curve)>,
}

/// Amounts from a score on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Curve {
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
    fn at(&self, distance: f64) -> f64 {
        self.amount + distance * (self.slope + distance * self.bend)
    }
}

/// Scores between two nodes, at most. Between them, a lognormal of scale `s` is off by at most `s³ / 2.7 × 10^8` of itself.
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
        if !(0.0..1.0).contains(&zero) {
            let expected = "zero is the probability of no use in a year, a decimal from 0 to below 1";
            return Err(ParameterError { parameter: "zero", value: zero, expected });
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Family, Frequency, Purpose, Stream, StreamKey};

    fn scores(count: usize) -> Vec<f64> {
        let key = StreamKey { seed: 3, purpose: Purpose::Frailty, segment: 0, service: 0, trial: 0, year: 0 };
        let mut scores = vec![0.0; count];
        Stream::new(&key).fill_scores(&mut scores);
        scores
    }

    /// Mean within four standard errors of what it should be.
    fn assert_mean(values: &[f64], expected: f64, what: &str) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let sd = (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
        let z = (mean - expected) / (sd / n.sqrt());
        assert!(z.abs() < 4.0, "{what}: {mean} against {expected}, {z:.1} standard errors");
    }

    #[test]
    fn scored_counts_have_their_law() {
        let frequency = Frequency::NegativeBinomial { mean: 0.35, dispersion: 0.7 };
        let scored = ScoredCounts::new(&frequency.table().expect("valid parameters"));
        // P(0) = (2/3)^0.7.
        assert!((upper_probability(f64::from(scored.first_event())) - (1.0 - (2.0_f64 / 3.0).powf(0.7))).abs() < 1e-7);
        let counts: Vec<f64> = scores(400_000).into_iter().map(|x| f64::from(scored.count(x as f32))).collect();
        assert_mean(&counts, 0.35, "mean");
        let squares: Vec<f64> = counts.iter().map(|x| x * x).collect();
        assert_mean(&squares, 0.35 + 0.35 * 0.35 / 0.7 + 0.35 * 0.35, "mean square");
    }

    #[test]
    fn scored_amounts_have_their_law() {
        let lognormal = Severity::Family(Family::lognormal(6_000.0, 1.5).expect("valid parameters"));
        let scored = ScoredAmounts::new(0.0, &lognormal).expect("valid");
        let scale = (1.5_f64 * 1.5).ln_1p().sqrt();
        let location = 6_000.0_f64.ln() - 0.5 * scale * scale;
        for step in -600..600 {
            let x = f64::from(step) / 101.0;
            let exact = (location + scale * x).exp();
            assert!((scored.amount(x) / exact - 1.0).abs() < 1e-8, "at {x}");
        }
        let laws = [
            Severity::Family(Family::gamma(900.0, 1.8).expect("valid parameters")),
            Severity::Family(Family::pareto_of_shape(900.0, 3.5).expect("valid parameters")),
            Severity::Family(Family::weibull(900.0, 1.8).expect("valid parameters")),
            Severity::lognormal_mixture(&[(0.9, 4_000.0, 1.0), (0.1, 60_000.0, 0.8)]).expect("valid parameters"),
            Severity::spliced(
                Family::lognormal(9_000.0, 1.2).expect("valid parameters"),
                Family::pareto_of_shape(80_000.0, 3.5).expect("valid parameters"),
                50_000.0,
                0.03,
            )
            .expect("valid parameters"),
            Severity::empirical(&[(0.0, 0.0), (0.5, 1_000.0), (0.9, 6_000.0), (1.0, 40_000.0)]).expect("valid"),
        ];
        let scores = scores(400_000);
        for law in laws {
            let scored = ScoredAmounts::new(0.3, &law).expect("valid");
            let amounts: Vec<f64> = scores.iter().map(|&x| scored.amount(x)).collect();
            assert_mean(&amounts, 0.7 * law.mean(), &format!("{law:?}"));
            let zeros: Vec<f64> = amounts.iter().map(|&x| f64::from(x == 0.0)).collect();
            assert_mean(&zeros, 0.3, "zeros");
        }
    }

    /// Mean of an amount over scores, exact to about 1e-6: by quantiles of the score, with those beside the point mass.
    fn mean_of(scored: &ScoredAmounts) -> f64 {
        let nodes = &scored.nodes;
        let mut sum = 0.0;
        for pair in nodes.windows(2) {
            // Simpson's rule over the probability of each part, which is short.
            let ((from, curve), (to, _)) = (pair[0], pair[1]);
            let density = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
            let middle = 0.5 * (from + to);
            let at = |x: f64| curve.at(x - from) * density(x);
            sum += (to - from) / 6.0 * (at(from) + 4.0 * at(middle) + at(to));
        }
        sum
    }

    #[test]
    fn an_amount_with_a_point_mass_has_its_mean() {
        let family = |family: Result<Family, ParameterError>| Severity::Family(family.expect("valid parameters"));
        let narrow = Severity::empirical(&[(0.0, 10_000.0), (1.0, 10_001.0)]).expect("valid");
        let laws = [
            narrow,
            // An atom at 0 and one at 10,000 within the law itself.
            Severity::empirical(&[(0.0, 0.0), (0.99, 0.0), (0.990_001, 10_000.0), (1.0, 10_000.0)]).expect("valid"),
            family(Family::lognormal(900.0, 0.1)),
            family(Family::lognormal(900.0, 3.0)),
            family(Family::gamma(900.0, 1e-6)),
            family(Family::gamma(900.0, 0.05)),
            family(Family::gamma(900.0, 2.0)),
            family(Family::weibull(900.0, 0.01)),
            family(Family::weibull(900.0, 3.0)),
            family(Family::pareto_of_shape(900.0, 3.0)),
            // Jumps between components, and between body and tail.
            Severity::lognormal_mixture(&[(0.97, 100.0, 1e-3), (0.03, 90_000.0, 1e-3)]).expect("valid"),
            Severity::spliced(
                Family::gamma(100.0, 0.5).expect("valid parameters"),
                Family::lognormal(80_000.0, 1e-3).expect("valid parameters"),
                500.0,
                0.02,
            )
            .expect("valid"),
        ];
        for law in &laws {
            for zero in [0.0, 1e-9, 0.3, 0.5, 0.9, 0.99, 0.999_9] {
                let scored = ScoredAmounts::new(zero, law).expect("valid");
                // The table ends where one person of 10^12 lies; what heavy tails have beyond is known.
                let beyond = match law {
                    Severity::Family(family) => {
                        let end = law.quantile_above(1.3e-12 / (1.0 - zero));
                        1.0 - family.partial_mean(end) / law.mean()
                    }
                    _ => 0.0,
                };
                let off = mean_of(&scored) / ((1.0 - zero) * law.mean()) - 1.0;
                assert!(off.abs() < 2e-5 + beyond, "{law:?}, zero {zero}: mean off by {off:e}");
                if zero > 1e-8 {
                    assert_eq!(scored.amount(scored.first_use() - 1e-12), 0.0);
                    let least = law.quantile_above(1.0 - 1e-15);
                    assert!(scored.amount(scored.first_use() + 1e-12) >= 0.999 * least, "{law:?}, zero {zero}");
                }
            }
        }
    }

    #[test]
    fn scores_turn_back_into_their_probabilities() {
        for probability in [1e-12, 0.003, 0.5, 0.9] {
            assert!((upper_probability(upper_score(probability)) / probability - 1.0).abs() < 1e-9);
        }
    }
}
