//! How points follow from a score.

use twosided_form::{At, Key, Range, Section, keys};

use crate::{AGREED, rounding};

/// Most steps of one measure.
const MOST_STEPS: usize = 100;

keys! {
    /// How points follow from the score of a measure.
    pub(crate) struct ScaleKeys "terms.pay_for_performance.measures.scale" {
        THRESHOLD: f64 = Key::number("threshold", SCORES).absent("required without `steps`", "0.5")
            .meaning("the score at which points begin");
        BENCHMARK: f64 = Key::number("benchmark", SCORES).absent("required without `steps`", "0.9")
            .meaning("the score at which all points are earned")
            .more("Not the threshold; below it where less is better");
        PREVIOUS_SCORE: f64 = Key::number("previous_score", SCORES).absent("none", "0.7")
            .meaning("last year's score").more("The way gone from it to the benchmark counts where that is more");
        STEPS: Vec<At<(f64, f64)>> = Key::pairs("steps", "`[score, points]`").absent("none", "[[0.5, 0.2], [0.7, 0.6], [0.9, 1]]")
            .meaning("the points of the last step reached, in place of the three")
            .more("From 1 to 100 pairs: scores rise or fall, points from 0 to 1 do not fall. A single step is one to be reached from below");
    }
}

const SCORES: Range = Range::of(-1e9, 1e9);

/// How points, from 0 to 1, follow from a score.
#[derive(Clone, Debug, PartialEq)]
pub enum ScoringScale {
    /// In a straight line from nothing at the threshold to all at the benchmark; a lower score is better where the benchmark
    /// is the smaller.
    Linear {
        /// Where points begin.
        threshold: f64,
        /// Where they are all earned.
        benchmark: f64,
        /// The score of the year before: what was gained of the way from it to the benchmark counts, where that is more.
        previous_score: Option<f64>,
    },
    /// The points of the last step reached, from the first on; a lower score is better where steps fall.
    Steps(Vec<(f64, f64)>),
}

impl ScoringScale {
    /// The points of a score.
    pub fn points(&self, score: f64) -> f64 {
        match self {
            &Self::Linear { threshold, benchmark, previous_score } => {
                let attained = way(threshold, benchmark, score);
                previous_score.map_or(attained, |previous| {
                    // Who was past the benchmark before has nothing to improve.
                    let improvable = (benchmark - previous) * (benchmark - threshold) > 0.0;
                    if improvable { attained.max(way(previous, benchmark, score)) } else { attained }
                })
            }
            Self::Steps(steps) => {
                let falling = steps.windows(2).any(|pair| pair[1].0 < pair[0].0);
                let reached = |at: f64| {
                    if falling { rounding::reaches(at, score, at) } else { rounding::reaches(score, at, at) }
                };
                steps.iter().rev().find(|&&(at, _)| reached(at)).map_or(0.0, |&(_, points)| points)
            }
        }
    }

    /// What a step says of how the points follow.
    pub(super) fn how(&self, name: &str) -> String {
        let &Self::Linear { threshold, benchmark, previous_score } = self else { return AGREED.to_owned() };
        let way = |from: f64| format!("clamp(({{{name}: score}} - {from}) / ({benchmark} - {from}), 0, 1)");
        match previous_score.filter(|previous| (benchmark - previous) * (benchmark - threshold) > 0.0) {
            Some(previous) => format!("max({}, {})", way(threshold), way(previous)),
            None => way(threshold),
        }
    }

    pub(super) fn read(section: &Section<'_>) -> Option<Self> {
        type Keys = ScaleKeys;
        if section.has(Keys::STEPS.name) {
            for key in [Keys::THRESHOLD.name, Keys::BENCHMARK.name, Keys::PREVIOUS_SCORE.name] {
                if section.has(key) {
                    let message = format!("{} has both `steps` and `{key}`", section.path);
                    section.wrong(&section.span_of(key), message, "steps say by themselves what each score earns");
                    return None;
                }
            }
            return read_steps(section);
        }
        let required = |key: &Key<f64>| {
            section.need(key);
            section.read(key)
        };
        let (threshold, benchmark) = (required(&Keys::THRESHOLD), required(&Keys::BENCHMARK));
        let previous_score = section.optional(&Keys::PREVIOUS_SCORE);
        let (threshold, benchmark) = (threshold?, benchmark?);
        if threshold == benchmark {
            let message = format!("{} is the threshold itself", section.path_of(Keys::BENCHMARK.name));
            let help = "points rise from threshold to benchmark; use steps = [[0.9, 1]] for all or nothing";
            section.wrong(&section.span_of(Keys::BENCHMARK.name), message, help);
            return None;
        }
        Some(Self::Linear { threshold, benchmark, previous_score: previous_score? })
    }
}

/// The part of the way between two scores that a third has gone.
fn way(from: f64, to: f64, score: f64) -> f64 {
    ((score - from) / (to - from)).clamp(0.0, 1.0)
}

fn read_steps(section: &Section<'_>) -> Option<ScoringScale> {
    let key = &ScaleKeys::STEPS;
    let steps = section.read(key)?;
    let help = "write scores and the points that they earn, from the worst on, as [[0.5, 0.2], [0.7, 0.6], [0.9, 1]]";
    let wrong = |step: &At<(f64, f64)>, what: &str| {
        section.wrong(&step.span, format!("{}: {what}", section.path_of(key.name)), help);
    };
    if steps.is_empty() || steps.len() > MOST_STEPS {
        let message = format!("{} has {} steps", section.path_of(key.name), steps.len());
        section.wrong(&section.span_of(key.name), message, help);
        return None;
    }
    let falling = steps.len() > 1 && steps[1].value.0 < steps[0].value.0;
    for step in &steps {
        if !(0.0..=1.0).contains(&step.value.1) || step.value.0.abs() > 1e9 {
            wrong(step, "points are a decimal from 0 to 1, and scores at most 1e9");
            return None;
        }
    }
    for pair in steps.windows(2) {
        let ((before, points_before), (at, points)) = (pair[0].value, pair[1].value);
        if at == before || (at < before) != falling || points < points_before {
            wrong(&pair[1], "scores go one way, and points do not fall");
            return None;
        }
    }
    Some(ScoringScale::Steps(steps.into_iter().map(|step| step.value).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(threshold: f64, benchmark: f64, previous_score: Option<f64>) -> ScoringScale {
        ScoringScale::Linear { threshold, benchmark, previous_score }
    }

    #[test]
    fn points_count_attainment_or_improvement_and_never_a_fall() {
        assert!((linear(0.5, 0.9, None).points(0.6) - 0.25).abs() < 1e-12);
        assert!((linear(0.5, 0.9, Some(0.4)).points(0.6) - 0.4).abs() < 1e-12, "two of five tenths improved");
        assert!((linear(0.2, 0.1, Some(0.3)).points(0.2) - 0.5).abs() < 1e-12, "lower is better");
        assert_eq!(linear(0.5, 0.9, Some(0.95)).points(0.93), 1.0);
        assert!((linear(0.5, 0.9, Some(0.95)).points(0.7) - 0.5).abs() < 1e-12);
        assert!((linear(0.5, 0.9, Some(0.9)).points(0.7) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn steps_are_reached_exactly_and_may_fall() {
        let rising = ScoringScale::Steps(vec![(3.0, 0.5), (4.0, 1.0)]);
        assert_eq!([2.99, 3.0, 3.99, 4.0].map(|score| rising.points(score)), [0.0, 0.5, 0.5, 1.0]);
        let falling = ScoringScale::Steps(vec![(0.2, 0.5), (0.1, 1.0)]);
        assert_eq!([0.21, 0.2, 0.1, 0.0].map(|score| falling.points(score)), [0.0, 0.5, 1.0, 1.0]);
    }
}
