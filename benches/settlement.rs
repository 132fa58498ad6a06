//! Settling alone: every contract of the real ACO on one observed year.

use std::{hint::black_box, path::Path};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use twosided_contracts::Year;
use twosided_population::Plan;
use twosided_scenario::Scenario;

fn settle(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/real-aco.toml");
    let scenario = Scenario::load(&path).expect("shipped scenarios are valid");
    let mut plan = Plan::for_population(&scenario.population);
    let figures: Vec<Vec<f64>> =
        scenario.contracts.iter().map(|contract| vec![112e6; contract.columns(&mut plan).len()]).collect();
    let mut group = criterion.benchmark_group("settlement");
    group.throughput(Throughput::Elements(scenario.contracts.len() as u64));
    group.bench_function("contracts of the real ACO", |bencher| {
        bencher.iter(|| {
            for (contract, figures) in scenario.contracts.iter().zip(&figures) {
                let exposure = scenario.population.exposure();
                let year = Year { told: false, ..Year::new(exposure, scenario.population.members(), figures) };
                black_box(contract.settle(black_box(&year)));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, settle);
criterion_main!(benches);
