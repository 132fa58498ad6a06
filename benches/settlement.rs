//! Settling alone: twenty contracts on one observed year, beside what sampling a year of the reference job takes; and the
//! rows of CMS's results file, a hundred thousand of them.

use std::{hint::black_box, num::NonZeroUsize, path::Path};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use twosided_actuals::{MsspFile, Table};
use twosided_contracts::{Arrangement, FeeForService, Known, Terms, Year};
use twosided_form::Document;
use twosided_population::Observation;
use twosided_scenario::Scenario;
use twosided_sim::{Control, Job, simulate};
use twosided_units::{Dollars, MemberMonths};

const CONTRACTS: usize = 20;
const TRIALS: u64 = 100;

fn arrangement(terms: Terms) -> Arrangement {
    let name = terms.key().to_owned();
    Arrangement::of(&name, terms)
}

/// Twenty contracts: the example of each kind but fee-for-service.
fn contracts() -> Vec<Arrangement> {
    let kinds = Terms::kinds().into_iter().filter(|kind| kind.key != "fee_for_service");
    let examples = kinds.map(|kind| {
        let document = Document::new("bench", format!("terms.{} = {}", kind.key, kind.example));
        let read = document.read(|root| {
            let terms = root.section("terms").and_then(|terms| Terms::read(terms, &Known::anything()));
            root.finish();
            terms
        });
        arrangement(read.expect("examples are valid").0)
    });
    let contracts: Vec<Arrangement> = examples.collect();
    assert!(contracts.len() >= CONTRACTS, "there are {} kinds", contracts.len());
    contracts.into_iter().take(CONTRACTS).collect()
}

fn figure(observation: &Observation) -> f64 {
    match observation {
        Observation::Layer { .. } => 1e8,
        Observation::Expenditure { .. } | Observation::CappedExpenditure { .. } | Observation::Episodes { .. } => 3e6,
        Observation::Count { .. } | Observation::PeopleAbove { .. } => 120.0,
        Observation::Denominator { .. } => 200.0,
        Observation::Expected { .. } => 20.0,
        Observation::Numerator { .. } => 150.0,
        Observation::PersonYears | Observation::People | Observation::RiskScore => 10_000.0,
    }
}

fn settle(criterion: &mut Criterion) {
    let contracts = contracts();
    let figures: Vec<Vec<f64>> =
        contracts.iter().map(|contract| contract.observes().iter().map(figure).collect()).collect();
    let mut group = criterion.benchmark_group("one year");
    group.bench_function("settled under 20 contracts", |bencher| {
        bencher.iter(|| {
            for (contract, figures) in contracts.iter().zip(&figures) {
                let year = Year::new(MemberMonths(120_000.0), 10_000, figures).with_own_fees(Dollars(2.5e7));
                black_box(contract.settle(black_box(&Year { explain: false, ..year })));
            }
        });
    });
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reference-job.toml");
    let scenario = Scenario::load(&path, &[]).expect("shipped scenarios are valid");
    let alone = [arrangement(Terms::FeeForService(FeeForService))];
    let job = Job { contracts: &alone, trials: TRIALS, years: 1, ..scenario.job() };
    group.sample_size(20).throughput(Throughput::Elements(TRIALS));
    group.bench_function("100 years of the reference job sampled", |bencher| {
        bencher.iter(|| simulate(black_box(&job), NonZeroUsize::new(1), &Control::default()));
    });
    group.finish();
}

fn settle_file(criterion: &mut Criterion) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/mssp-py2022.csv");
    let table = Table::load(&path).expect("it is in the repository").repeated(100_000);
    let mut group = criterion.benchmark_group("public file");
    group.sample_size(10).throughput(Throughput::Elements(100_000));
    group.bench_function("100,000 rows of MSSP results", |bencher| {
        bencher.iter(|| {
            let file = MsspFile::new(black_box(&table), 2022).expect("it has the columns");
            black_box(file.settle().expect("every row can be read"))
        });
    });
    group.finish();
}

criterion_group!(benches, settle, settle_file);
criterion_main!(benches);
