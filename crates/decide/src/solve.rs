//! The value of one key at which a measure meets a target, found on common random numbers.

use twosided_prob::{Estimate, upper_score};

/// A measure as a function of one key. All values are evaluated on the same trials, so that it is a curve and not a cloud.
pub trait Curve {
    /// Why it cannot be evaluated.
    type Error;

    /// The measure at each of the values.
    ///
    /// # Errors
    /// What keeps a value from being evaluated.
    fn at(&mut self, values: &[f64]) -> Result<Vec<Estimate>, Self::Error>;

    /// Standard error of the difference of the measure between two values that were evaluated, trial by trial.
    fn error_of_difference(&self, one: f64, other: f64) -> f64;
}

/// What is asked of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question {
    /// The least and the largest value.
    pub between: (f64, f64),
    /// Whether values are whole numbers.
    pub whole: bool,
    /// What the measure is compared with.
    pub target: f64,
    /// Whether the measure shall be at most the target; at least it otherwise.
    pub at_most: bool,
    /// How many values are evaluated in one go: many where they cost little more than one.
    pub at_once: usize,
}

/// A value with the measure there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The value of the key.
    pub value: f64,
    /// The measure.
    pub found: Estimate,
}

/// What came of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Solved {
    /// The answer.
    pub answer: Answer,
    /// All values that were evaluated, rising.
    pub points: Vec<Point>,
}

/// The answer to a question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// The measure meets the target here.
    Found(Solution),
    /// The measure misses the target at every value that was tried.
    Never,
    /// The measure meets the target at every value that was tried.
    Always,
    /// The measure does not follow the key beyond noise.
    NoEffect,
    /// The measure turns between two values, by more than noise.
    NotMonotone {
        /// A value.
        from: f64,
        /// A larger one, at which the measure has gone against its course over the range.
        to: f64,
        /// Its change between them.
        change: f64,
        /// The standard error of that, trial by trial.
        standard_error: f64,
    },
}

/// Where a measure meets its target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solution {
    /// The value of the key.
    pub value: f64,
    /// Its standard error: that of the measure over the slope; infinite where there is none.
    pub standard_error: f64,
    /// Its 95% interval.
    pub interval: (f64, f64),
    /// The measure there.
    pub found: Estimate,
    /// Change of the measure for one more of the key.
    pub slope: f64,
    /// Whether the target is met from the value up; from the value down otherwise.
    pub upward: bool,
    /// Whether the measure jumps over the target there: the error then says nothing.
    pub jumps: bool,
}

/// Values of the first look where each costs a simulation, and where many cost one.
const FEW: usize = 5;
const MANY: usize = 17;
/// Standard errors beyond which a measure has moved.
const BEYOND_NOISE: f64 = 4.0;
/// A part of the measure that rounding does not reach.
const ROUNDING: f64 = 1e-9;
/// What is near enough: a share of a standard error, of the measure or of the value, and of the range.
const OF_ERROR: f64 = 0.01;
const OF_RANGE: f64 = 1e-9;
/// Rounds after which the bracket is taken as it is.
const MOST_ROUNDS: usize = 60;

/// A search under way.
struct Search<'c, C> {
    curve: &'c mut C,
    question: Question,
    points: Vec<Point>,
}

/// Finds where the measure meets the target.
///
/// A first look covers the range. If the measure turns by more than four standard errors of the paired difference, the answer says so; if both ends
/// are on one side of the target, it says that. Otherwise the bracket is narrowed until it is far shorter than the standard error of the answer:
///
/// ```text
/// standard error of the value = standard error of the measure / |slope|
/// ```
///
/// The slope is taken over one such error to either side, since a quantile of a sample is a curve of small steps.
///
/// # Errors
/// What keeps a value from being evaluated.
pub fn solve<C: Curve>(curve: &mut C, question: Question) -> Result<Solved, C::Error> {
    let mut search = Search { curve, question, points: Vec::new() };
    let answer = search.answer()?;
    Ok(Solved { answer, points: search.points })
}

impl<C: Curve> Search<'_, C> {
    fn answer(&mut self) -> Result<Answer, C::Error> {
        let (least, most) = self.question.between;
        let looks = if self.question.at_once > 1 { MANY } else { FEW };
        self.evaluate(&spread(least, most, looks))?;
        if let Some(turn) = self.turn() {
            return Ok(turn);
        }
        let met = self.points.iter().filter(|point| self.meets(**point)).count();
        if met == 0 || met == self.points.len() {
            return Ok(if met == 0 { Answer::Never } else { Answer::Always });
        }
        let (first, last) = (self.points[0], self.points[self.points.len() - 1]);
        let change = last.found.value - first.found.value;
        let is_noise = change.abs() <= BEYOND_NOISE * self.curve.error_of_difference(first.value, last.value);
        if is_noise || self.meets(first) == self.meets(last) {
            return Ok(Answer::NoEffect);
        }
        self.narrow().map(Answer::Found)
    }

    /// Evaluates what is not known yet.
    fn evaluate(&mut self, values: &[f64]) -> Result<(), C::Error> {
        let whole = self.question.whole;
        let mut values: Vec<f64> = values.iter().map(|&value| if whole { value.round() } else { value }).collect();
        values.retain(|value| self.points.iter().all(|point| point.value != *value));
        values.sort_by(f64::total_cmp);
        values.dedup();
        if values.is_empty() {
            return Ok(());
        }
        let found = self.curve.at(&values)?;
        self.points.extend(values.into_iter().zip(found).map(|(value, found)| Point { value, found }));
        self.points.sort_by(|a, b| a.value.total_cmp(&b.value));
        Ok(())
    }

    fn meets(&self, point: Point) -> bool {
        let Question { target, at_most, .. } = self.question;
        if at_most { point.found.value <= target } else { point.found.value >= target }
    }

    /// Where the measure goes against its course over the range by more than noise.
    fn turn(&self) -> Option<Answer> {
        let rises = self.points[self.points.len() - 1].found.value >= self.points[0].found.value;
        let along = |point: &Point| if rises { point.found.value } else { -point.found.value };
        let mut farthest = self.points[0];
        for point in &self.points {
            if along(point) >= along(&farthest) {
                farthest = *point;
                continue;
            }
            let standard_error = self.curve.error_of_difference(farthest.value, point.value);
            let change = point.found.value - farthest.found.value;
            if change.abs() > BEYOND_NOISE * standard_error + ROUNDING * farthest.found.value.abs() {
                return Some(Answer::NotMonotone { from: farthest.value, to: point.value, change, standard_error });
            }
        }
        None
    }

    /// The last point that meets the target, or misses it, as the first does, and the one after it.
    fn bracket(&self) -> (Point, Point) {
        let side = self.meets(self.points[0]);
        let index = self.points.iter().rposition(|point| self.meets(*point) == side).expect("the first is there");
        (self.points[index], self.points[index + 1])
    }

    fn narrow(&mut self) -> Result<Solution, C::Error> {
        let (least, most) = self.question.between;
        let (a, b) = self.bracket();
        let coarse = slope(a, b).abs();
        let mut weights = (1.0, 1.0);
        for _ in 0..MOST_ROUNDS {
            let (a, b) = self.bracket();
            let error = a.found.standard_error / coarse;
            let enough = OF_RANGE * (most - least);
            let enough = if error.is_finite() { enough.max(OF_ERROR * error) } else { enough };
            if b.value - a.value <= if self.question.whole { enough.max(1.0) } else { enough } {
                return self.solution(coarse, true);
            }
            if !self.question.whole && (self.is_near(a) || self.is_near(b)) {
                break;
            }
            if self.question.at_once > 1 {
                let mut inner = spread(a.value, b.value, MANY);
                inner.push(self.by_weighted_line(a, b, (1.0, 1.0)));
                self.evaluate(&inner)?;
            } else {
                let next = self.by_weighted_line(a, b, weights);
                self.evaluate(&[next])?;
                // An end that stays twice counts half, so that the other one comes nearer.
                let (c, d) = self.bracket();
                weights.0 = if c.value == a.value { 0.5 * weights.0 } else { 1.0 };
                weights.1 = if d.value == b.value { 0.5 * weights.1 } else { 1.0 };
            }
        }
        self.solution(coarse, false)
    }

    /// Whether the measure is at its target, as far as its error goes.
    fn is_near(&self, point: Point) -> bool {
        let Estimate { value, standard_error, .. } = point.found;
        let off = (value - self.question.target).abs();
        standard_error > 0.0 && standard_error.is_finite() && off <= OF_ERROR * standard_error
    }

    /// Where the line between the ends meets the target; an end of less weight counts as nearer to the target than it is.
    fn by_weighted_line(&self, a: Point, b: Point, weights: (f64, f64)) -> f64 {
        let off = |point: Point, weight: f64| weight * (point.found.value - self.question.target);
        let (of_a, of_b) = (off(a, weights.0), off(b, weights.1));
        let (width, share) = (b.value - a.value, of_a / (of_a - of_b));
        let next = a.value + width * if share.is_finite() { share.clamp(0.01, 0.99) } else { 0.5 };
        // The next whole number on either side, which the ends are not.
        if self.question.whole { next.round().clamp(a.value + 1.0, b.value - 1.0) } else { next }
    }

    /// The answer within the last bracket, which may have been narrowed as far as it can be.
    fn solution(&mut self, coarse: f64, is_narrow: bool) -> Result<Solution, C::Error> {
        let (least, most) = self.question.between;
        let (a, b) = self.bracket();
        let upward = self.meets(b);
        let met = if upward { b } else { a };
        let across = (b.found.value - a.found.value).abs();
        // What is left of a bracket that cannot be narrowed is a jump, unless it is as small as chance or as the measure's error.
        let jumps = is_narrow
            && !self.question.whole
            && across > BEYOND_NOISE * self.curve.error_of_difference(a.value, b.value)
            && across > a.found.standard_error.min(b.found.standard_error);
        let is_certain = met.found.standard_error == 0.0;
        let value = if self.question.whole || jumps || is_certain {
            met.value
        } else {
            self.by_weighted_line(a, b, (1.0, 1.0))
        };
        let step = a.found.standard_error / coarse;
        let step = if step.is_finite() { step } else { 0.0 };
        let step = step.max(if is_narrow { b.value - a.value } else { OF_RANGE * (most - least) });
        let ends = [(value - step).max(least), (value + step).min(most)];
        self.evaluate(&[ends[0], value, ends[1]])?;
        let near = |of: f64| {
            let near = self.points.iter().min_by(|a, b| (a.value - of).abs().total_cmp(&(b.value - of).abs()));
            *near.expect("points were evaluated")
        };
        let (low, at, high) = (near(ends[0]), near(value), near(ends[1]));
        let slope = slope(low, high);
        let standard_error = at.found.standard_error / slope.abs();
        let standard_error = if standard_error.is_nan() { f64::INFINITY } else { standard_error };
        let reach = upper_score(0.025) * standard_error;
        Ok(Solution {
            value: at.value,
            standard_error,
            interval: (at.value - reach, at.value + reach),
            found: at.found,
            slope,
            upward,
            jumps,
        })
    }
}

fn slope(a: Point, b: Point) -> f64 {
    (b.found.value - a.found.value) / (b.value - a.value)
}

/// So many values from one to another, in equal steps.
fn spread(from: f64, to: f64, values: usize) -> Vec<f64> {
    let last = (values - 1) as f64;
    (0..values).map(|index| if index + 1 == values { to } else { from + (to - from) * (index as f64 / last) }).collect()
}

#[cfg(test)]
mod tests;
