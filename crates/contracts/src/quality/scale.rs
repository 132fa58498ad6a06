//! How points follow from a score.

use twosided_form::{At, Key, Range, Section, keys};

use crate::{AGREED, rounding};

/// Most steps of one measure.
const MOST_STEPS: usize = 100;

keys! {
    /// How points follow from the score of a measure.
    pub(crate) struct ScaleKeys "quality.measures.scale" {
        THRESHOLD: f64 = Key::number("threshold", SCORES).absent(UNLESS_STEPS, "0.5")
            .meaning("the score at which points begin");
        BENCHMARK: f64 = Key::number("benchmark", SCORES).absent(UNLESS_STEPS, "0.9")
            .meaning("the score at which all points are earned")
            .more("Not the threshold; below it where less is better");
        PREVIOUS_SCORE: f64 = Key::number("previous_score", SCORES).absent("none", "0.7")
            .meaning("last year's score").more("The way gone from it to the benchmark counts where that is more. It is the same in every year");
        STEPS: Vec<At<(f64, f64)>> = Key::pairs("steps", "`[score, points]`").absent("none", "[[0.5, 0.2], [0.7, 0.6], [0.9, 1]]")
            .meaning("the points of the last step reached, in place of the three")
            .more("From 1 to 100 pairs: scores rise or fall, points from 0 to 1 do not fall. A single step is one to be reached from below");
        DECILES: Vec<f64> = Key::numbers("deciles", SCORES).absent("none", "[0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95]")
            .meaning("the nine scores at which the second to the tenth decile of a benchmark begin, in place of the three")
            .more("They rise, or fall where less is better. The first decile earns 1 of 10 points, the tenth all, and the others their number with the tenths of the way through them. A flat benchmark is 0.1 to 0.9");
        TOPPED_OUT: f64 = Key::number("topped_out", Range::of(1.0, 10.0)).absent("none", "7")
            .meaning("the most points of 10 that a topped-out measure earns").more("It counts with `deciles`");
        STARS: Vec<f64> = Key::numbers("stars", SCORES).absent("none", "[0.5, 0.62, 0.73, 0.82]")
            .meaning("the four scores from which there are two to five stars, in place of the three")
            .more("They rise, or fall where less is better. A star is a fifth of the points");
    }
}

const UNLESS_STEPS: &str = "required without `steps`, `deciles` and `stars`";

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
    /// Deciles of a benchmark: a point each, of ten, with the tenths of the way through it.
    Deciles {
        /// Where the second to the tenth begin; they fall where a lower score is better.
        cuts: Vec<f64>,
        /// The most points.
        most: f64,
    },
    /// One star, and one more from each of four scores on, of five; they fall where a lower score is better.
    Stars(Vec<f64>),
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
            Self::Deciles { cuts, most } => {
                let decile = begun(cuts, score);
                let part = match (decile.checked_sub(1).map(|index| cuts[index]), cuts.get(decile)) {
                    (Some(begins), Some(&ends)) => ((10.0 * way(begins, ends, score) + 1e-9).floor() / 10.0).min(0.9),
                    _ => 0.0,
                };
                (1.0 + decile as f64 + part).min(*most) / 10.0
            }
            Self::Stars(cuts) => (1.0 + begun(cuts, score) as f64) / 5.0,
        }
    }

    /// Whether a score is at least as good as another.
    pub(super) fn is_as_good(&self, score: f64, other: f64) -> bool {
        let lower_is_better = match self {
            Self::Linear { threshold, benchmark, .. } => benchmark < threshold,
            Self::Steps(steps) => steps.windows(2).any(|pair| pair[1].0 < pair[0].0),
            Self::Deciles { cuts, .. } | Self::Stars(cuts) => falls(cuts),
        };
        if lower_is_better { rounding::reaches(other, score, other) } else { rounding::reaches(score, other, other) }
    }

    /// The score of the year before, where it is known.
    pub(super) fn previous_score(&self) -> Option<f64> {
        match self {
            Self::Linear { previous_score, .. } => *previous_score,
            Self::Steps(_) | Self::Deciles { .. } | Self::Stars(_) => None,
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
        let whole = [Keys::STEPS.name, Keys::DECILES.name, Keys::STARS.name];
        if let Some(first) = whole.into_iter().find(|key| section.has(key)) {
            let linear = [Keys::THRESHOLD.name, Keys::BENCHMARK.name, Keys::PREVIOUS_SCORE.name];
            for key in linear.into_iter().chain(whole).filter(|key| *key != first) {
                if section.has(key) {
                    let message = format!("{} has both `{first}` and `{key}`", section.path);
                    let help = format!("{first} say by themselves what each score earns");
                    section.wrong(&section.span_of(key), message, help);
                    return None;
                }
            }
        }
        let most = section.optional(&Keys::TOPPED_OUT);
        if section.has(Keys::DECILES.name) {
            let cuts = read_cuts(section, &Keys::DECILES, 9);
            return Some(Self::Deciles { cuts: cuts?, most: most?.unwrap_or(10.0) });
        }
        if section.has(Keys::TOPPED_OUT.name) {
            let message = format!("{} has `topped_out` without `deciles`", section.path);
            section.wrong(
                &section.span_of(Keys::TOPPED_OUT.name),
                message,
                "it limits the points of a decile benchmark",
            );
        }
        if section.has(Keys::STARS.name) {
            return read_cuts(section, &Keys::STARS, 4).map(Self::Stars);
        }
        if section.has(Keys::STEPS.name) {
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

/// Whether cut points fall, so that less is better.
fn falls(cuts: &[f64]) -> bool {
    cuts.windows(2).any(|pair| pair[1] < pair[0])
}

/// How many cut points a score has reached.
fn begun(cuts: &[f64], score: f64) -> usize {
    let falling = falls(cuts);
    let reached =
        |at: &f64| if falling { rounding::reaches(*at, score, *at) } else { rounding::reaches(score, *at, *at) };
    cuts.iter().filter(|at| reached(at)).count()
}

/// Reads cut points, which go one way.
fn read_cuts(section: &Section<'_>, key: &Key<Vec<f64>>, count: usize) -> Option<Vec<f64>> {
    let cuts = section.read(key)?;
    let wrong = |what: String| {
        let help = format!("write {count} scores that rise, or that fall where less is better");
        section.wrong(&section.span_of(key.name), format!("{} {what}", section.path_of(key.name)), help);
        None
    };
    if cuts.len() != count {
        return wrong(format!("has {} scores", cuts.len()));
    }
    let falling = cuts[1] < cuts[0];
    if cuts.windows(2).any(|pair| pair[0] == pair[1] || (pair[1] < pair[0]) != falling) {
        return wrong("does not go one way".to_owned());
    }
    Some(cuts)
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
    fn deciles_earn_their_number_and_the_tenths_of_the_way_through_them() {
        let cuts: Vec<f64> = (1..10).map(|decile| 0.1 * f64::from(decile)).collect();
        let deciles = |most| ScoringScale::Deciles { cuts: cuts.clone(), most };
        let scores = [0.05, 0.1, 0.155, 0.4999, 0.85, 0.9, 1.0];
        let expected = [0.1, 0.2, 0.25, 0.59, 0.95, 1.0, 1.0];
        for (score, expected) in scores.into_iter().zip(expected) {
            let found = deciles(10.0).points(score);
            assert!((found - expected).abs() < 1e-9, "{score}: {found}");
            assert!((deciles(7.0).points(score) - expected.min(0.7)).abs() < 1e-9, "{score}");
        }
        let falling = ScoringScale::Deciles { cuts: cuts.iter().map(|cut| 1.0 - cut).collect(), most: 10.0 };
        assert!((falling.points(0.95) - 0.1).abs() < 1e-9 && (falling.points(0.1) - 1.0).abs() < 1e-9);
        assert!((falling.points(0.85) - 0.25).abs() < 1e-9);
    }

    #[test]
    fn stars_begin_at_their_cut_points() {
        let stars = ScoringScale::Stars(vec![0.5, 0.6, 0.7, 0.8]);
        assert_eq!([0.4, 0.5, 0.69, 0.7, 0.8].map(|score| 5.0 * stars.points(score)), [1.0, 2.0, 3.0, 4.0, 5.0]);
    }

    #[test]
    fn steps_are_reached_exactly_and_may_fall() {
        let rising = ScoringScale::Steps(vec![(3.0, 0.5), (4.0, 1.0)]);
        assert_eq!([2.99, 3.0, 3.99, 4.0].map(|score| rising.points(score)), [0.0, 0.5, 0.5, 1.0]);
        let falling = ScoringScale::Steps(vec![(0.2, 0.5), (0.1, 1.0)]);
        assert_eq!([0.21, 0.2, 0.1, 0.0].map(|score| falling.points(score)), [0.0, 0.5, 1.0, 1.0]);
    }
}
