//! What a trial of one segment takes by its members: person by person, and drawn from a pool. Prints a table for `benches/README.md`.

use std::{path::Path, sync::atomic::AtomicBool, time::Instant};

use twosided_contracts::Arrangement;
use twosided_population::{Plan, PoolDraft, PoolOptions, Population, Sampler, Scratch, System, Trend, Variant};
use twosided_scenario::Scenario;

/// Seconds for which trials are repeated, and trials of which the middle one counts.
const SECONDS: f64 = 1.0;
const TRIALS: u64 = 1_000;

#[expect(clippy::print_stdout, reason = "the table is what it is for")]
fn main() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/person-job.toml");
    let text = std::fs::read_to_string(path).expect("it is in the repository");
    let scenario = Scenario::parse("bench", &text).expect("the scenario is valid");
    // Its largest segment, with a trend that is known to a percent.
    let largest = scenario.population.segments().iter().max_by_key(|segment| segment.members).expect("it has segments");
    let trend = Trend::new(1.0, 0.01).expect("a valid trend");
    let people = Population::new(vec![largest.clone()], System::new(trend, Vec::new(), None)).expect("it is valid");
    let mut plan = Plan::for_population(&people);
    for observation in scenario.contracts.iter().flat_map(Arrangement::observes) {
        plan.column(observation);
    }
    println!(
        "| members | person by person, µs a trial | from a pool, µs a trial | times faster | drawing the pool, ms | \
         pool, MB | worst standard error of a layer's mean, $ a person | trials after which the pool is quicker |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|");
    for members in [300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000] {
        let population = people.clone().with_members(|_| members);
        let mut sampler = Sampler::new(&population, &plan, 1, &[Variant::default()]).expect("the laws are valid");
        let by_person = trial_microseconds(&sampler);
        let options = PoolOptions { above: 0, ..PoolOptions::default() };
        let started = Instant::now();
        set_pool(&population, &plan, &options, &mut sampler);
        let milliseconds = started.elapsed().as_secs_f64() * 1e3;
        let by_pool = trial_microseconds(&sampler);
        let (_, pool) = sampler.pools().next().expect("it is set");
        let worst = pool.figures().iter().map(|figure| figure.standard_error.0).fold(0.0, f64::max);
        println!(
            "| {members} | {by_person:.0} | {by_pool:.0} | {:.1} | {milliseconds:.0} | {:.0} | {worst:.2} | {:.0} |",
            by_person / by_pool,
            pool.bytes() as f64 / 1e6,
            (milliseconds * 1e3 / (by_person - by_pool)).max(0.0),
        );
    }
}

/// Draws the pool of the first segment on one thread.
fn set_pool(population: &Population, plan: &Plan, options: &PoolOptions, sampler: &mut Sampler) {
    let draft = PoolDraft::new(sampler, population, plan, 0, 1, options).expect("the laws are valid");
    let (never, mut scratch) = (AtomicBool::new(false), Scratch::default());
    let parts = (0..draft.parts()).map(|part| draft.draw(part, &never, &mut scratch).expect("nobody stops it"));
    let parts = parts.collect();
    sampler.set_pool(0, draft.finish(parts));
}

/// Microseconds of one thread that a trial takes: the middle one.
fn trial_microseconds(sampler: &Sampler) -> f64 {
    let (never, mut scratch) = (AtomicBool::new(false), Scratch::default());
    let mut table = vec![0.0; sampler.table_length()];
    let started = Instant::now();
    let mut times = Vec::new();
    for trial in 0..TRIALS {
        let before = Instant::now();
        sampler.observe(1, trial, &never, &mut scratch, &mut table).expect("nobody stops it");
        times.push(before.elapsed().as_secs_f64() * 1e6);
        if started.elapsed().as_secs_f64() > SECONDS {
            break;
        }
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
