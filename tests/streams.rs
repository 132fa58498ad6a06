//! What random numbers depend on: nothing but the seed and the names of what they decide.

mod support;

use std::num::NonZeroUsize;

use support::{Run, job, parse, scenario};
use twosided_sim::{Control, Part, replay, simulate_range};

fn bits(run: &Run) -> Vec<u64> {
    run.outcomes.gains.iter().chain(&run.outcomes.lines).map(|figure| figure.to_bits()).collect()
}

#[test]
fn one_two_and_seven_threads_give_the_same_bits() {
    let scenario = scenario("reference-job.toml");
    let on = |threads| Run::on(&scenario, 203, 9, NonZeroUsize::new(threads));
    let one = on(1);
    for threads in [2, 7] {
        let other = on(threads);
        assert_eq!(bits(&one), bits(&other), "{threads} threads");
        assert_eq!(one.outcomes, other.outcomes, "{threads} threads, observations too");
    }
}

#[test]
fn adjacent_ranges_of_trials_join_to_the_bits_of_the_whole() {
    let scenario = scenario("glide-path.toml");
    let job = job(&scenario, 41, 9);
    let range =
        |trials| simulate_range(&job, trials, NonZeroUsize::new(2), &Control::default()).expect("nothing stops it");
    let whole = range(0..41);
    for cuts in [[1, 2, 3], [8, 16, 32], [5, 5, 38]] {
        let bounds: Vec<u64> = [0].into_iter().chain(cuts).chain([41]).collect();
        let joined = bounds.windows(2).map(|ends| range(ends[0]..ends[1])).reduce(|mut joined: Part, next| {
            joined.join(next).expect("they follow each other");
            joined
        });
        assert_eq!(joined.as_ref(), Some(&whole), "{cuts:?}");
    }
    let finished = whole.finish(&job, &Control::default()).expect("nothing stops it");
    let run = Run::of(&scenario, 41, 9);
    assert_eq!((finished.outcomes, finished.observed), (run.outcomes, run.observed));
}

#[test]
fn any_trial_drawn_alone_is_the_trial_of_the_run() {
    let scenario = scenario("reference-job.toml");
    let run = Run::of(&scenario, 60, 9);
    for trial in [0, 7, 8, 31, 59] {
        let alone = replay(&job(&scenario, 60, 9), trial).expect("nothing stops it");
        let alone: Vec<f64> = alone[0].iter().map(|contract| contract.gain().0).collect();
        let in_run: Vec<f64> = run.outcomes.gains.row(trial as usize).to_vec();
        assert_eq!(alone, in_run, "trial {trial}");
    }
}

#[test]
fn fewer_trials_are_the_first_of_more() {
    let scenario = scenario("reference-job.toml");
    let (few, many) = (Run::of(&scenario, 20, 9), Run::of(&scenario, 50, 9));
    for trial in 0..20 {
        assert_eq!(few.outcomes.gains.row(trial), many.outcomes.gains.row(trial), "trial {trial}");
    }
}

const AGED: &str = r#"
[[population.segments]]
name = "aged"
members = 1_500
[population.segments.services.inpatient]
frequency = { negative_binomial = { mean = 0.3, dispersion = 0.7 } }
severity = { lognormal = { mean = 14_000, cv = 1.2 } }
[population.segments.services.drugs]
annual = { gamma = { mean = 2_000, cv = 1.5 }, zero = 0.2 }
"#;

const DISABLED: &str = r#"
[[population.segments]]
name = "disabled"
members = 700
[population.segments.services.drugs]
annual = { gamma = { mean = 3_000, cv = 1.5 }, zero = 0.1 }
[population.segments.services.inpatient]
frequency = { poisson = { mean = 0.4 } }
severity = { weibull = { mean = 9_000, cv = 1.4 } }
"#;

const CAPITATION: &str = "[[contracts]]\nname = \"capitation\"\nterms.capitation = { pmpm = 700 }\n";
const SAVINGS: &str = "[[contracts]]\nname = \"savings\"\nterms.shared_savings = { benchmark = { per_capita = 7_500 }, \
                       savings = { sharing_rate = 0.5 } }\n";
const RUN: &str = "[run]\nname = \"test\"\n[population]\ntrend = { cv = 0.03 }\n";

#[test]
fn a_segment_added_leaves_the_others_as_they_were() {
    let alone = parse(&[RUN, AGED, CAPITATION].concat());
    let joined = parse(&[RUN, DISABLED, AGED, CAPITATION].concat());
    let (alone, joined) = (Run::of(&alone, 200, 3), Run::of(&joined, 200, 3));
    for (column, observation) in alone.observed.plan.observations().iter().enumerate() {
        let (in_joined, _) = joined.observed.observation(observation).expect("observed too");
        assert_eq!(alone.observed.segments[(0, 0, column)], in_joined[1], "{observation:?}");
    }
}

#[test]
fn the_order_of_segments_and_contracts_in_the_file_changes_no_bit() {
    let one = parse(&[RUN, AGED, DISABLED, CAPITATION, SAVINGS].concat());
    let other = parse(&[RUN, DISABLED, AGED, SAVINGS, CAPITATION].concat());
    let (one, other) = (Run::of(&one, 200, 3), Run::of(&other, 200, 3));
    for (index, in_other) in [(0, 1), (1, 0)] {
        assert_eq!(one.outcomes.gains_of(index), other.outcomes.gains_of(in_other));
    }
}

#[test]
fn a_contract_added_leaves_the_others_as_they_were() {
    let alone = parse(&[RUN, AGED, CAPITATION].concat());
    let joined = parse(&[RUN, AGED, SAVINGS, CAPITATION].concat());
    let (alone, joined) = (Run::of(&alone, 200, 3), Run::of(&joined, 200, 3));
    assert_eq!(alone.outcomes.gains_of(0), joined.outcomes.gains_of(1));
}

#[test]
fn another_seed_gives_other_years() {
    let scenario = parse(&[RUN, AGED, CAPITATION].concat());
    let (one, other) = (Run::of(&scenario, 10, 3), Run::of(&scenario, 10, 4));
    assert!(one.outcomes.gains.iter().zip(&other.outcomes.gains).all(|(a, b)| a != b));
}
