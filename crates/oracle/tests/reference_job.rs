//! The reference job agrees with an independent computation to one part in ten thousand.
//!
//! The figures are those of a fast Fourier transform of the member-year on a $100 grid and Gauss and Hermite's quadrature over the
//! trend with 41 nodes, computed in Python; halving its resolution moves none of them by more than one part in ten thousand.

use std::path::Path;

use twosided_oracle::{Exact, GainLaw, Oracle};
use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_scenario::Scenario;
use twosided_units::Share;

/// Mean, sd, P(loss), P(gain), VaR 95, TVaR 95, VaR 99, TVaR 99 of each contract's gain.
const FIGURES: [(&str, [f64; 8]); 2] = [
    (
        "MSSP ENHANCED",
        [
            131_489.754_882_427,
            1_243_896.293_220_045,
            0.246_729_813_589_570,
            0.197_561_526_338_963,
            1_612_320.0,
            2_016_137.609_468_206,
            2_270_360.0,
            2_602_896.665_006_544,
        ],
    ),
    (
        "Global capitation, stop-loss at $250k",
        [
            606_008.332_377_093,
            2_295_112.600_385_988,
            0.391_396_726_380_912,
            0.608_586_647_171_087,
            3_217_200.0,
            4_225_052.977_137_907,
            4_859_600.0,
            5_689_442.772_248_851,
        ],
    ),
];
/// Mean and sd of the truncated total, per person.
const TRUNCATED: [f64; 2] = [8_820.182_810_961, 229.839_251_382];

fn figures(law: &GainLaw) -> [Exact; 8] {
    let share = |value| Share::new(value).expect("a share");
    [
        law.mean(),
        law.sd(),
        law.probability_of_loss(),
        law.probability_of_gain(),
        law.value_at_risk(share(0.95)),
        law.tail_value_at_risk(share(0.95)),
        law.value_at_risk(share(0.99)),
        law.tail_value_at_risk(share(0.99)),
    ]
}

#[test]
fn every_figure_is_that_of_an_independent_computation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/reference-job.toml");
    let scenario = Scenario::load(&path, &[]).expect("a valid scenario");
    let job = scenario.job();
    let mut oracle = Oracle::new(&job).expect("one year");
    let nodes = oracle.nodes().expect("one factor");
    for (name, expected) in FIGURES {
        let contract = scenario.contracts.iter().position(|contract| contract.name == name).expect("it is there");
        let law = oracle.law(contract, &nodes).expect("an exact law");
        for (index, (found, expected)) in figures(&law).into_iter().zip(expected).enumerate() {
            let off = found.value / expected - 1.0;
            assert!(off.abs() < 1e-4, "{name}, figure {index}: {} is {off:.1e} off {expected}", found.value);
            assert!(found.bound < 1e-4 * expected, "{name}, figure {index}: the bound is {}", found.bound);
        }
    }
    let observation =
        Observation::Layer { services: ServiceScope::All, attachment: Attachment::ZERO, limit: Limit::TruncationPoint };
    let truncated = oracle.total(&observation, &nodes).expect("an exact law");
    for (found, expected) in [truncated.mean, truncated.sd].into_iter().zip(TRUNCATED) {
        assert!((found / 10_000.0 / expected - 1.0).abs() < 1e-4, "{found}");
    }
}

#[test]
fn what_is_known_of_a_sum_is_not_computed_again() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/reference-job.toml");
    let scenario = Scenario::load(&path, &[]).expect("the scenario is valid");
    let job = scenario.job();
    let mut oracle = Oracle::new(&job).expect("one year");
    let nodes = oracle.nodes().expect("few factors");
    let index = scenario.contracts.iter().position(|contract| contract.name == FIGURES[0].0).expect("it is there");
    let before = oracle.operations(index, &nodes).expect("it has a law");
    oracle.law(index, &nodes).expect("it has a law");
    let after = oracle.operations(index, &nodes).expect("it has a law");
    assert!(after > 0.0 && after < before, "{before} operations, then {after}");
}
