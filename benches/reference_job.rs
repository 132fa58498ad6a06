//! The reference job: sampling and settling, in person-years a second, on one thread and on two; its services one
//! by one; and people as persons.

use std::{hint::black_box, num::NonZeroUsize, path::Path, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use twosided_scenario::Scenario;
use twosided_sim::{Control, Job, simulate};

const TRIALS: u64 = 400;

fn scenario() -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reference-job.toml");
    Scenario::load(&path, &[]).expect("shipped scenarios are valid")
}

fn job(scenario: &Scenario) -> Job<'_> {
    Job { trials: TRIALS, years: 1, ..scenario.job() }
}

fn threads(criterion: &mut Criterion) {
    let scenario = scenario();
    let job = job(&scenario);
    let mut group = criterion.benchmark_group("reference job");
    group.throughput(Throughput::Elements(TRIALS * scenario.population.members()));
    group.sample_size(20).measurement_time(Duration::from_secs(8));
    for threads in [1, 2] {
        group.bench_with_input(BenchmarkId::new("threads", threads), &threads, |bencher, &threads| {
            bencher.iter(|| simulate(black_box(&job), NonZeroUsize::new(threads), &Control::default()));
        });
    }
    group.finish();
}

/// The parts of the sampler, one service at a time, on one thread.
fn services(criterion: &mut Criterion) {
    let parts = [
        ("annual lognormal", "annual = { lognormal = { mean = 4_100, cv = 1.6 }, zero = 0.06 }"),
        (
            "annual mixture",
            "annual = { lognormal_mixture = [{ weight = 0.9, mean = 3_000, cv = 1 }, { weight = 0.1, mean = 20_000, cv = 1 }] }",
        ),
        (
            "lognormal events",
            "frequency = { negative_binomial = { mean = 0.22, dispersion = 0.7 } }\nseverity = { lognormal = { mean = 15_000, cv = 1.1 } }",
        ),
        (
            "gamma events",
            "frequency = { negative_binomial = { mean = 0.45, dispersion = 0.7 } }\nseverity = { gamma = { mean = 900, cv = 0.8 } }",
        ),
    ];
    let mut group = criterion.benchmark_group("service");
    group.sample_size(20).measurement_time(Duration::from_secs(3));
    for (name, service) in parts {
        let text = format!(
            "[run]\nname = 'bench'\n[[population.segments]]\nname = 'all'\nmembers = 100_000\n[population.segments.services.care]\n{service}\n[[contracts]]\nname = 'fees'\nterms.fee_for_service = {{}}\n"
        );
        let scenario = Scenario::parse("bench", &text).expect("the bench's scenario is valid");
        let job = Job { trials: 8, ..job(&scenario) };
        group.throughput(Throughput::Elements(8 * scenario.population.members()));
        group.bench_function(name, |bencher| {
            bencher.iter(|| simulate(black_box(&job), NonZeroUsize::new(1), &Control::default()));
        });
    }
    group.finish();
}

/// Medicare's people as persons: 22 services with frailty, deaths and turnover, over years.
fn persons(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/glide-path.toml");
    let scenario = Scenario::load(&path, &[]).expect("shipped scenarios are valid");
    let mut group = criterion.benchmark_group("persons");
    group.sample_size(10).measurement_time(Duration::from_secs(8));
    for years in [1, 3] {
        let fees = &scenario.contracts[..1];
        let job = Job { trials: 8, years, contracts: fees, ..job(&scenario) };
        group.throughput(Throughput::Elements(8 * u64::from(years) * scenario.population.members()));
        group.bench_with_input(BenchmarkId::new("years", years), &years, |bencher, _| {
            bencher.iter(|| simulate(black_box(&job), NonZeroUsize::new(1), &Control::default()));
        });
    }
    group.finish();
}

criterion_group!(benches, threads, services, persons);
criterion_main!(benches);
