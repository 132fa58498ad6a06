use std::convert::Infallible;

use super::*;

/// A curve with an error that is the same everywhere, and paired errors that grow with the distance.
struct Known<F> {
    curve: F,
    standard_error: f64,
    calls: usize,
}

impl<F: Fn(f64) -> f64> Curve for Known<F> {
    type Error = Infallible;

    fn at(&mut self, values: &[f64]) -> Result<Vec<Estimate>, Infallible> {
        self.calls += 1;
        let of = |&value: &f64| {
            let (found, standard_error) = ((self.curve)(value), self.standard_error);
            Estimate { value: found, standard_error, lower: found, upper: found, caution: None }
        };
        Ok(values.iter().map(of).collect())
    }

    fn error_of_difference(&self, one: f64, other: f64) -> f64 {
        1e-3 * self.standard_error * (one - other).abs()
    }
}

fn asked(curve: impl Fn(f64) -> f64, between: (f64, f64), target: f64) -> Asked<impl Fn(f64) -> f64> {
    let question = Question { between, whole: false, target, at_most: true, at_once: 17 };
    Asked { curve: Known { curve, standard_error: 0.3, calls: 0 }, question }
}

struct Asked<F> {
    curve: Known<F>,
    question: Question,
}

impl<F: Fn(f64) -> f64> Asked<F> {
    fn answer(&mut self) -> Answer {
        let Ok(solved) = solve(&mut self.curve, self.question);
        assert!(solved.points.is_sorted_by(|a, b| a.value < b.value));
        solved.answer
    }

    fn found(&mut self) -> Solution {
        match self.answer() {
            Answer::Found(solution) => solution,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_root_is_found_with_its_error_by_the_slope() {
    for at_once in [1, 17] {
        let mut asked = asked(|x| x * x, (0.0, 10.0), 20.0);
        asked.question.at_once = at_once;
        let Solution { value, standard_error, slope, upward, jumps, .. } = asked.found();
        let root = 20.0_f64.sqrt();
        // A chord of a hundredth of the error misses a parabola by far less than the error.
        assert!((value - root).abs() < 0.01 * standard_error, "{value}");
        assert!((slope - 2.0 * root).abs() < 1e-2 && (standard_error - 0.3 / (2.0 * root)).abs() < 1e-3, "{slope}");
        assert!(!upward && !jumps);
        assert!(asked.curve.calls <= if at_once == 1 { 12 } else { 4 }, "{}", asked.curve.calls);
    }
}

#[test]
fn a_falling_measure_meets_its_target_from_the_value_up() {
    let solution = asked(|x| 100.0 - 7.0 * x, (0.0, 20.0), 20.0).found();
    assert!(solution.upward && solution.slope < 0.0);
    assert!((solution.value - 80.0 / 7.0).abs() < 1e-2, "{solution:?}");
    let reach = solution.interval.1 - solution.value;
    assert!((reach - upper_score(0.025) * 0.3 / 7.0).abs() < 1e-9, "{reach}");
}

#[test]
fn whole_numbers_meet_the_target() {
    for at_once in [1, 17] {
        let mut asked = asked(|x| 3.0 * x, (0.0, 1_000.0), 1_000.0);
        (asked.question.whole, asked.question.at_once) = (true, at_once);
        assert_eq!(asked.found().value, 333.0);
        asked.question.at_most = false;
        assert_eq!(asked.found().value, 334.0);
    }
}

#[test]
fn what_has_no_answer_says_so() {
    assert_eq!(asked(|x| x, (0.0, 10.0), -1.0).answer(), Answer::Never);
    assert_eq!(asked(|x| x, (0.0, 10.0), 11.0).answer(), Answer::Always);
    let turns = asked(|x| (x - 4.0) * (x - 4.0), (0.0, 10.0), 20.0).answer();
    assert!(matches!(turns, Answer::NotMonotone { from: 0.0, change, .. } if change < -1.0), "{turns:?}");
    // A millionth of the paired error up and down.
    let flat = asked(|x| if x < 5.0 { 20.000_001 } else { 19.999_999 }, (0.0, 10.0), 20.0).answer();
    assert_eq!(flat, Answer::NoEffect);
}

#[test]
fn a_target_that_is_met_with_equality_is_met() {
    // Nothing up to 5, and then a loss.
    let kinked = |x: f64| if x < 5.0 { 0.0 } else { 5.0 - x };
    let mut question = asked(kinked, (0.0, 10.0), 0.0);
    question.question.at_most = false;
    let solution = question.found();
    assert!((solution.value - 5.0).abs() < 0.01 && !solution.upward, "{solution:?}");
    let mut question = asked(kinked, (0.0, 4.0), 0.0);
    question.question.at_most = false;
    assert_eq!(question.answer(), Answer::Always);
}

#[test]
fn an_end_without_an_error_is_no_answer_by_itself() {
    let mut question = asked(|x: f64| (x - 5.0).max(0.0), (0.0, 10.0), 0.0);
    question.curve.standard_error = 0.0;
    let solution = question.found();
    assert!((solution.value - 5.0).abs() < 1e-6 && solution.found.value <= 0.0, "{solution:?}");
}

#[test]
fn a_jump_over_the_target_is_no_slope() {
    let solution = asked(|x| if x < 3.3 { 0.0 } else { 50.0 }, (0.0, 10.0), 20.0).found();
    assert!(solution.jumps && (solution.value - 3.3).abs() < 1e-2, "{solution:?}");
    assert_eq!(solution.found.value, 0.0, "the value itself meets the target");
}

#[test]
fn a_measure_without_an_error_has_an_answer_without_one() {
    let mut asked = asked(|x| x, (0.0, 10.0), 2.5);
    asked.curve.standard_error = f64::INFINITY;
    // Paired errors are infinite too: nothing is above noise.
    assert_eq!(asked.answer(), Answer::NoEffect);
}
