//! What quality measures add to the sampling of a person-year, on one thread: a table for `benches/README.md`.

use std::{collections::BTreeMap, num::NonZeroUsize, path::Path, time::Instant};

use twosided_population::{Cases, Measured, PeopleMeasure, PersonLaw, QualityMeasure};
use twosided_scenario::{Scenario, resized};
use twosided_sim::{Control, Job, Keep, simulate};
use twosided_units::Share;

/// Runs of each, in turns, of which the fastest counts.
const RUNS: usize = 7;
const MEMBERS: u64 = 10_000;
const TRIALS: u64 = 60;
/// The most that five measures may add to sampling.
const MOST: f64 = 0.1;

/// A measure of that share of people, as loaded on frailty.
fn measure(index: usize, law: PersonLaw) -> QualityMeasure {
    let share = |value| Share::new(value).expect("a share");
    let people = PeopleMeasure {
        cases: Cases::Share { denominator: share(0.4), excluded: share(0.05), reported: share(0.9) },
        law,
        segments: BTreeMap::new(),
        frailty_loading: -0.3,
        social_risk_effect: 0.0,
        sd_between_years: 0.02,
    };
    QualityMeasure { name: format!("measure {index}"), measured: Measured::People(people) }
}

#[expect(clippy::print_stdout, reason = "the table is what it is for")]
fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/person-job.toml");
    let scenario = Scenario::load(&path, &[]).expect("the scenario is valid");
    let plain = resized(scenario.population.clone(), MEMBERS);
    let laws = [PersonLaw::Met { rate: 0.7 }, PersonLaw::Amount { mean: 7.5, sd: 1.5 }];
    let mut measured = plain.clone();
    measured.measures.extend((0..5).map(|index| measure(index, laws[index % 2])));
    let trials = if std::env::args().any(|argument| argument == "--test") { 2 } else { TRIALS };
    let job = scenario.job();
    let mut seconds = [f64::INFINITY; 2];
    for _ in 0..RUNS {
        for (fastest, population) in seconds.iter_mut().zip([&plain, &measured]) {
            let started = Instant::now();
            let job = Job { trials, population, keep: Keep::Gains, ..job };
            simulate(&job, NonZeroUsize::new(1), &Control::default()).expect("nobody stops it");
            *fastest = fastest.min(started.elapsed().as_secs_f64());
        }
    }
    let [without, with] = seconds.map(|seconds| seconds / (trials * MEMBERS) as f64 * 1e9);
    let added = with / without - 1.0;
    println!("| people | ns a person-year | with five loaded measures | added |");
    println!("|--:|--:|--:|--:|");
    println!("| {MEMBERS} | {without:.0} | {with:.0} | {:.1}% |", 100.0 * added);
    assert!(trials < TRIALS || added < MOST, "five measures add {added:.3} to sampling");
}
