//! What contracts are expected to settle on in the first year.

use twosided::Scenario;

use crate::lives::LIVES;
use crate::support::{assert_mean, file, parse, summary};

fn shipped(name: &str) -> Scenario {
    Scenario::load(&file(&format!("scenarios/{name}.toml")), &[]).expect("shipped scenarios are valid")
}

#[test]
fn what_is_expected_counts_deaths_turnover_and_factors() {
    let scenarios =
        [("lives", parse(LIVES)), ("commercial", shipped("commercial")), ("glide-path", shipped("glide-path"))];
    for (name, scenario) in scenarios {
        let scenario = Scenario { years: 1, ..scenario };
        let summary = summary(&scenario, 400);
        for figure in &summary.population {
            let expected = figure.expected_per_capita.expect("it can be computed");
            let what = format!("{name}, {} of {}", figure.service, figure.segment);
            if figure.per_capita.standard_error > 0.0 {
                assert_mean(figure.per_capita, expected, &what);
            }
        }
    }
}

#[test]
fn what_is_settled_stands_beside_the_benchmark() {
    // Truncated, and so less than what is spent; the benchmark is the one stated, of one year too.
    let expected = summary(&parse(LIVES), 400).expected;
    let [contract] = &expected.contracts[..] else { panic!("{expected:?}") };
    assert!(contract.expenditure.value < contract.untruncated.value - 100.0, "{contract:?}");
    assert!((contract.benchmark.value - 12_000.0).abs() < 1e-6 && contract.benchmark.standard_error == 0.0);
    let rate = 1.0 - contract.expenditure.value / contract.benchmark.value;
    assert!((contract.savings_rate.value - rate).abs() < 1e-9);
}
