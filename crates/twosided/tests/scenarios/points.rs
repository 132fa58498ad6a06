//! Points on shared years: to the bit what runs of their scenarios come to.

use std::fs;

use twosided::{Outcomes, Point, RunOptions, Scenario, provider::Line, run, simulate_points};

use crate::support::{file, parse};

/// Every part of a scenario that decides what is sampled, or only what is settled.
const BASE: &str = r#"
[run]
name = "points"
trials = 70
years = 3
[population]
trend = { mean = 1.04, cv = 0.02 }
[[population.segments]]
name = "aged"
members = 700
truncation_point = 60_000
mortality = { probability = 0.05 }
services.hospital = { frequency = { poisson = { mean = 0.3 } }, severity = { lognormal = { mean = 15_000, cv = 1.5 } } }
services.office = { annual = { gamma = { mean = 4_000, cv = 1.5 } } }
[[population.segments]]
name = "young"
members = 1_300
services.office = { annual = { gamma = { mean = 2_000, cv = 2 } } }
[provider]
own_share = { office = 0.5 }
variable_cost_share = { office = 0.4 }
response = { elasticity = 0.2, source = "assumed" }
[[provider.programs]]
name = "calls"
cost_pmpm = 2
effect = { hospital = { mean = -0.1 } }
[[contracts]]
name = "Savings"
programs = []
terms.shared_savings = { benchmark = { per_capita = 5_600 }, savings = { sharing_rate = 0.5 }, losses = { sharing_rate = 0.4 } }
agreement = { rebasing = { every = 2 } }
[[contracts]]
name = "Capitation"
terms.capitation = { pmpm = 460 }
covers.specific = { attachment_point = 90_000, premium_pmpm = 4 }
"#;

/// The points of a base and of one change each.
fn changed(base: &str, changes: &[(&str, &str)]) -> Vec<Scenario> {
    let text = |(from, to): &(&str, &str)| {
        assert!(base.contains(from), "{from}");
        base.replace(from, to)
    };
    [base.to_owned()].into_iter().chain(changes.iter().map(text)).map(|text| parse(&text)).collect()
}

/// Simulates points with all of their contracts, or the last one, and compares each with a run of its own.
fn are_as_run(scenarios: &[Scenario]) {
    let options = RunOptions::default();
    let runs: Vec<_> = scenarios.iter().map(|scenario| run(scenario, &options).expect("it is small")).collect();
    for contracts in [vec![0, 1], vec![1]] {
        let points: Vec<Point<'_>> =
            scenarios.iter().map(|scenario| Point { scenario, contracts: &contracts }).collect();
        let simulated = simulate_points(&points, &options).expect("they are small");
        for ((point, run), index) in simulated.iter().zip(&runs).zip(0..) {
            for (&column, &contract) in point.contracts.iter().zip(&contracts) {
                let of = |outcomes: &Outcomes, contract: usize| {
                    let years =
                        (0..outcomes.trials()).flat_map(|trial| (0..outcomes.years()).map(move |year| (trial, year)));
                    let yearly = years.map(|(trial, year)| {
                        let at = (trial, year, contract);
                        (
                            outcomes.yearly[at],
                            outcomes.against[at],
                            outcomes.person_years[at],
                            outcomes.earned_before_covers[at],
                        )
                    });
                    let lines = Line::ALL.map(|line| outcomes.line_of(contract, line));
                    let gains = outcomes.gains_of(contract).to_vec();
                    (gains, outcomes.in_force.column(contract).to_vec(), yearly.collect::<Vec<_>>(), lines)
                };
                let (shared, alone) = (of(&point.outcomes, column), of(&run.outcomes, contract));
                assert_eq!(shared, alone, "point {index}, contract {contract}");
            }
        }
    }
}

#[test]
fn points_are_to_the_bit_what_runs_of_them_are() {
    are_as_run(&changed(
        BASE,
        &[
            ("pmpm = 460", "pmpm = 480"),
            ("attachment_point = 90_000", "attachment_point = 50_000"),
            ("attachment_point = 90_000", "attachment_point = 70_000"),
            ("attachment_point = 90_000", "attachment_point = 120_000"),
            ("attachment_point = 90_000", "attachment_point = 250_000, limit = 50_000"),
            ("per_capita = 5_600", "per_capita = 5_700"),
            ("rebasing = { every = 2 }", "carried_losses = 0.5"),
            ("office = 0.4", "office = 0.7"),
            ("elasticity = 0.2", "elasticity = 0.3"),
            ("cost_pmpm = 2", "cost_pmpm = 3"),
            ("mean = -0.1", "mean = -0.2"),
            ("members = 700", "members = 350"),
            ("cv = 0.02", "cv = 0.03"),
            ("years = 3", "years = 2"),
            ("trials = 70", "trials = 40"),
        ],
    ));
}

#[test]
fn points_with_reduced_variance_and_with_pools_are_what_runs_of_them_are() {
    let changes = [("pmpm = 460", "pmpm = 480"), ("attachment_point = 90_000", "attachment_point = 50_000")];
    let reduced = BASE.replace("years = 3", "years = 1\nvariance_reduction = true");
    are_as_run(&changed(&reduced, &changes));
    let pooled = BASE.replace("years = 3", "years = 1\npools = { above = 1_000 }");
    are_as_run(&changed(&pooled, &changes));
}

#[test]
fn every_shipped_scenario_is_a_point() {
    for entry in fs::read_dir(file("scenarios")).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let overrides = twosided::Overrides { trials: Some(3), ..twosided::Overrides::default() };
        let scenario = Scenario::load_with(&path, &overrides).expect("shipped scenarios are valid");
        let run = run(&scenario, &RunOptions::default()).expect("it is small");
        for contract in 0..scenario.contracts.len() {
            let point = Point { scenario: &scenario, contracts: &[contract] };
            let simulated = simulate_points(&[point], &RunOptions::default()).expect("it is small");
            let gains = simulated[0].outcomes.gains_of(simulated[0].contracts[0]);
            assert_eq!(gains, run.outcomes.gains_of(contract), "{}: {contract}", path.display());
        }
    }
}
