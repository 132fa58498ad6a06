//! Points of a sweep on shared years: one, and a hundred of a term or of an attachment point of the reference job.

use std::{hint::black_box, num::NonZeroUsize, path::Path};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use twosided::{Overrides, Point, RunOptions, Scenario, simulate_points};
use twosided_sim::Keep;

const TRIALS: u64 = 200;

/// The reference job with a hundred values in place of one: of the first contract's minimum rate, or of the second one's cover.
fn points(from: &str, to: impl Fn(f64) -> String) -> Vec<Scenario> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reference-job.toml");
    let overrides = Overrides { trials: Some(TRIALS), ..Overrides::default() };
    let base = Scenario::load_with(&path, &overrides).expect("shipped scenarios are valid");
    assert!(base.text.contains(from), "{from}");
    let point = |value: u32| {
        let text = base.text.replace(from, &to(f64::from(value)));
        let scenario = Scenario::parse("bench.toml", &text).expect("the values are in range");
        Scenario { trials: TRIALS, keep: Keep::None, ..scenario }
    };
    (1..=100).map(point).collect()
}

fn sweep(criterion: &mut Criterion) {
    let rates = points("minimum_rate = 0.02", |value| format!("minimum_rate = {}", 0.0002 * value));
    let covers =
        points("attachment_point = 250_000", |value| format!("attachment_point = {}", 75_000.0 + 4_250.0 * value));
    let options = RunOptions { threads: NonZeroUsize::new(1), ..RunOptions::default() };
    let mut group = criterion.benchmark_group("sweep");
    group.sample_size(10).throughput(Throughput::Elements(TRIALS));
    for (name, scenarios, contract) in [("minimum rate", &rates, 0), ("attachment point", &covers, 1)] {
        let contracts = [contract];
        let all: Vec<Point<'_>> = scenarios.iter().map(|scenario| Point { scenario, contracts: &contracts }).collect();
        for count in [1, 100] {
            group.bench_with_input(BenchmarkId::new(name, count), &all[..count], |bencher, points| {
                bencher.iter(|| simulate_points(black_box(points), &options).expect("they are small"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, sweep);
criterion_main!(benches);
