//! What a job takes by its members and trials, on one thread: a table for `benches/README.md`.

use std::{num::NonZeroUsize, path::Path, time::Instant};

use twosided_scenario::{Scenario, resized};
use twosided_sim::{Control, Job, simulate};

/// Runs of each size, of which the fastest counts.
const RUNS: usize = 3;

#[expect(clippy::print_stdout, reason = "the table is what it is for")]
fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/person-job.toml");
    let scenario = Scenario::load(&path, &[]).expect("the scenario is valid");
    println!("| members | trials | person-years | seconds | of it before the first trial | ns a person-year, net |");
    println!("|--:|--:|--:|--:|--:|--:|");
    for (members, trials) in
        [(10_000, 100), (10_000, 1_000), (100_000, 10), (100_000, 100), (1_000_000, 2), (1_000_000, 10)]
    {
        let people = Scenario { population: resized(scenario.population.clone(), members), ..scenario.clone() };
        let job = people.job();
        // The tables of a job do not depend on its members.
        let before = fastest(&Job { trials: 2, population: &resized(scenario.population.clone(), 100), ..job });
        let seconds = fastest(&Job { trials, ..job });
        let person_years = trials * members;
        let net = (seconds - before) / person_years as f64 * 1e9;
        println!("| {members} | {trials} | {person_years} | {seconds:.2} | {before:.2} | {net:.0} |");
    }
}

/// Seconds of the fastest of several runs.
fn fastest(job: &Job<'_>) -> f64 {
    let run = || {
        let started = Instant::now();
        simulate(job, NonZeroUsize::new(1), &Control::default()).expect("nobody stops it");
        started.elapsed().as_secs_f64()
    };
    (0..RUNS).map(|_| run()).fold(f64::INFINITY, f64::min)
}
