//! Intervals of runs that stop once they are precise cover as often as they promise, although runs stop at different looks. Seeds were
//! fixed before the first run.

use std::collections::BTreeMap;

use twosided::{Precision, RiskMeasure, RunOptions, Scenario, run, run_to_precision, units::Share};

use crate::support::parse;

/// Two hundred people over two years, so that no contract has an exact law; the aggregate cover makes one result likely.
const TWO_YEARS: &str = "
[run]
name = 'Two years'
years = 2
[population]
trend = { mean = 1.03, cv = 0.02 }
[[population.segments]]
name = 'all'
members = 200
services.care = { annual = { gamma = { mean = 8_000, cv = 2 }, zero = 0.1 } }
[[contracts]]
name = 'Capitation'
terms.capitation = { pmpm = 640 }
covers.aggregate = { attachment_ratio = 1.05, expected_pmpm = 620, limit = 300_000, premium_pmpm = 15 }
[[contracts]]
name = 'MSSP'
terms.mssp = { track = 'enhanced', benchmark.per_capita = 7_400 }
";

const SEEDS: u64 = 300;
const MEASURES: [RiskMeasure; 2] = [RiskMeasure::MeanGain, RiskMeasure::TailValueAtRisk95];
/// Trials of the plain run that stands for the truth, and what its own error takes from coverage: it is at most a sixth of a run's,
/// which lowers 95% by 1.96 × 0.058 × (1/6)², 0.3 in 100.
const TRIALS_OF_TRUTH: u64 = 600_000;
const ALLOWANCE: f64 = 0.003;

#[test]
fn intervals_of_stopped_runs_cover() {
    let scenario = parse(TWO_YEARS);
    let truth = Scenario { trials: TRIALS_OF_TRUTH, seed: 1_000, ..scenario.clone() };
    let truth = run(&truth, &RunOptions::default()).expect("it is small").summary;
    let asked =
        Precision { share: Share::new(0.16).expect("a share"), measures: MEASURES.to_vec(), max_trials: 30_000 };
    let mut looks = BTreeMap::new();
    let mut covered = BTreeMap::new();
    for seed in 1..=SEEDS {
        let precise = run_to_precision(&Scenario { seed, ..scenario.clone() }, &RunOptions::default(), &asked)
            .expect("it is small");
        assert!(precise.missed.is_empty(), "seed {seed}: {:?}", precise.missed);
        *looks.entry(precise.run.scenario.trials).or_insert(0) += 1;
        for (contract, true_one) in precise.run.summary.contracts.iter().zip(&truth.contracts) {
            for measure in MEASURES {
                let (found, truth) = (contract.measure(measure), true_one.measure(measure));
                assert!(truth.standard_error < found.standard_error / 6.0, "{found:?} {truth:?}");
                let covers = found.lower <= truth.value && truth.value <= found.upper;
                *covered.entry((contract.name.clone(), measure.label())).or_insert(0.0) += f64::from(covers);
            }
        }
    }
    assert!(looks.len() > 2, "runs stop at different looks: {looks:?}");
    let n = SEEDS as f64;
    let error = (0.95 * 0.05 / n).sqrt();
    for (what, covered) in &covered {
        let off = covered / n - 0.95;
        assert!(-4.0 * error - ALLOWANCE < off && off < 4.0 * error, "{what:?}: {off:.3}; {covered:?} {looks:?}");
    }
}
