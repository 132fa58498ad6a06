//! What contracts pay, what ends them, and what moves their dollars.

use twosided::{population::Observation, provider::Line, settle, sim::Simulated};
use twosided_actuals::SettledRows;

use crate::support::{file, parse, simulated};

/// The figure of a column, by row, of rows settled by the terms and data of that name in `tests/data/contracts`.
fn settled(name: &str, column: &str) -> Vec<f64> {
    let of = |ending: &str| file(&format!("tests/data/contracts/{name}.{ending}"));
    columns(&settle::terms(&of("toml"), &of("csv")).expect("it settles"), column)
}

fn columns(rows: &SettledRows, column: &str) -> Vec<f64> {
    let mut written = Vec::new();
    rows.write(&mut written).expect("memory can be written");
    let mut reader = csv::Reader::from_reader(&written[..]);
    let headers = reader.headers().expect("a header").clone();
    let index = headers.iter().position(|header| header == column).unwrap_or_else(|| panic!("{column}: {headers:?}"));
    reader.records().map(|row| row.expect("a row")[index].parse().expect("a number")).collect()
}

#[test]
fn a_threshold_that_is_met_exactly_is_met() {
    assert_eq!(settled("exact-minimum", "reconciliation"), [9_261.0, 9_261.007_35, -5_040.0]);
}

#[test]
fn reach_adds_health_equity_dollars_to_what_it_shares_and_shares_of() {
    let published = [
        ("gross_savings_or_losses", [37_796_660.25, 30_312_380.01, -221_594.70, 2_902_793.78]),
        ("shared_savings_or_losses", [37_796_660.25, 14_856_386.07, -221_594.70, 1_304_841.19]),
        ("health_equity_adjustment", [-413_280.0, 2_101_350.0, -636_354.0, -94_296.0]),
    ];
    for (column, published) in published {
        for (ours, published) in settled("reach-2023", column).into_iter().zip(published) {
            assert!((ours - published).abs() < 0.02, "{column}: {ours} and {published}");
        }
    }
}

#[test]
fn hospital_vbp_pays_all_back_in_the_years_without_scores() {
    assert_eq!(settled("hospital-vbp", "change_in_payments"), [0.0, 0.0]);
}

#[test]
fn hrrp_has_the_modifier_of_2026() {
    assert_eq!(settled("hrrp-2026", "neutrality_modifier"), [0.9627]);
    assert_eq!(settled("hrrp-2026", "payment_factor"), [0.9922]);
}

#[test]
fn the_variable_minimum_rate_below_500_people_is_the_published_one() {
    let rows = settle::mssp(&file("tests/data/contracts/mssp-below-500.csv"), 2017, None).expect("it settles");
    assert_eq!(columns(&rows, "minimum_savings_or_loss_rate"), [0.25419]);
    assert_eq!(columns(&rows, "reconciliation"), [0.0]);
}

/// A scenario of people who each cost a gamma of mean $6,000.
fn gamma(members: u32, years: u32, rest: &str) -> String {
    format!(
        "[run]\nname = \"x\"\nyears = {years}\n[[population.segments]]\nname = \"all\"\nmembers = {members}\nservices.care.annual = {{ gamma = {{ mean = 6_000, cv = 2 }} }}\n{rest}"
    )
}

/// By trial, the gain of the first year and the years in force.
fn first_year(run: &Simulated, contract: usize) -> Vec<(f64, u32)> {
    let gains = run.outcomes.yearly.outer_iter().map(|trial| trial[(0, contract)]);
    gains.zip(run.outcomes.in_force.outer_iter().map(|trial| trial[contract])).collect()
}

#[test]
fn a_capitation_ends_after_its_losses_and_only_then() {
    let ends = "agreement.ends.losses_in_a_row = 1\n";
    let contracts = format!(
        "[[contracts]]\nname = \"plain\"\nterms.capitation = {{ pmpm = 500 }}\n{ends}\
         [[contracts]]\nname = \"corridor\"\nterms.capitation = {{ pmpm = 500 }}\n{ends}\
         covers.corridor = {{ expected_pmpm = 500, gains = [{{ share = 0.5 }}], losses = [{{ share = 0.5 }}] }}\n"
    );
    let run = simulated(&parse(&gamma(200, 2, &contracts)), 500, 7);
    for contract in 0..2 {
        let trials = first_year(&run, contract);
        assert!(trials.iter().any(|(gain, _)| *gain > 0.0) && trials.iter().any(|(gain, _)| *gain < 0.0));
        for (gain, in_force) in trials {
            assert_eq!(in_force == 1, gain < 0.0, "contract {contract}: {gain}");
        }
    }
}

#[test]
fn a_recovery_shared_through_a_corridor_ends_no_contract_that_gains() {
    let covers = |losses: &str| {
        format!(
            "covers.specific = {{ attachment_point = 60_000, premium_pmpm = 20 }}\nagreement.ends.losses_in_a_row = 1\n\
             covers.corridor = {{ expected_pmpm = 500, gains = [{{ share = 0.5 }}], losses = [{{ share = {losses} }}] }}\n"
        )
    };
    let contracts = format!(
        "[[contracts]]\nname = \"shared savings\"\n{}terms.shared_savings = {{ benchmark.pmpm = 500, savings = {{ sharing_rate = 0.5, \
         minimum_rate = 0.03 }} }}\n[[contracts]]\nname = \"capitation\"\n{}terms.capitation = {{ pmpm = 500 }}\n",
        covers("1"),
        covers("0.5")
    );
    let run = simulated(&parse(&gamma(300, 2, &contracts)), 500, 7);
    for contract in 0..2 {
        let trials = first_year(&run, contract);
        let gained = trials.iter().filter(|(gain, _)| *gain > 0.0).count();
        assert!((50..450).contains(&gained), "contract {contract}: {gained} of 500 gain");
        for (gain, in_force) in trials {
            assert_eq!(in_force == 1, gain < 0.0, "contract {contract}: {gain}");
        }
    }
}

#[test]
fn an_advance_changes_neither_the_end_of_reach_nor_its_gain() {
    let reach = |name: &str, capitation: &str| {
        format!(
            "[[contracts]]\nname = \"{name}\"\nterms.reach = {{ risk_arrangement = \"global\", performance_year = 2025, benchmark.pmpm = 520, capitation = {{ pmpm = 60{capitation} }} }}\nagreement.ends.losses_in_a_row = 1\n"
        )
    };
    let contracts = reach("without", "") + &reach("with", ", enhanced_pmpm = 40");
    let run = simulated(&parse(&gamma(500, 3, &contracts)), 500, 8);
    for trial in run.outcomes.in_force.outer_iter() {
        assert_eq!(trial[0], trial[1]);
    }
    for trial in run.outcomes.gains.outer_iter() {
        assert!((trial[0] - trial[1]).abs() < 1e-6 * trial[0].abs().max(1e6));
    }
    let ended = run.outcomes.in_force.outer_iter().filter(|trial| trial[0] < 3).count();
    assert!((50..450).contains(&ended), "{ended} of 500 end early");
}

/// 1,000 people who cost $10,000 each, exactly, against benchmarks with an error of 5%.
fn certain(years: u32, persistence: f64, rest: &str) -> String {
    format!(
        "[run]\nname = \"x\"\nyears = {years}\n[organization]\nbenchmark_error = {{ sd = 0.05, persistence = {persistence} }}\n\
         [[population.segments]]\nname = \"all\"\nmembers = 1_000\n\
         services.care.annual = {{ empirical = [[0, 10_000], [1, 10_000]] }}\n{rest}"
    )
}

#[test]
fn fixed_dollars_do_not_follow_the_benchmark() {
    let contracts = "
[[contracts]]
name = \"limit by revenue\"
terms.mssp = { track = \"basic_e\", participant_revenue = 2_000_000, minimum_rate = 0, benchmark.per_capita = 7_000 }
[[contracts]]
name = \"unreconciled capitation\"
terms.reach = { risk_arrangement = \"global\", performance_year = 2025, benchmark.per_capita = 10_000, capitation = { pmpm = 60, reconciled = false } }
[[contracts]]
name = \"savings\"
terms.mssp = { track = \"enhanced\", minimum_rate = 0, benchmark.per_capita = 14_000 }
[[contracts]]
name = \"savings and an advance\"
terms.mssp = { track = \"enhanced\", minimum_rate = 0, benchmark.per_capita = 14_000, advance_balance = 300_000 }
";
    let run = simulated(&parse(&certain(1, 0.0, contracts)), 500, 9);
    let line = |contract: usize, line: Line| run.outcomes.line_of(contract, line);
    assert!(line(0, Line::Reconciliation).iter().all(|owed| (owed + 160_000.0).abs() < 1e-6));
    assert!(line(1, Line::FeeAdjustment).iter().all(|paid| (paid - 720_000.0).abs() < 1e-6));
    let (without, with) = (line(2, Line::Reconciliation), line(3, Line::Reconciliation));
    assert!(without.iter().zip(with).all(|(without, with)| (without - with - 300_000.0).abs() < 1e-6));
}

#[test]
fn a_rebased_benchmark_is_unrelated_to_the_errors_of_its_base_years() {
    let contracts = "
[[contracts]]
name = \"rebased after three years\"
terms.shared_savings = { benchmark.per_capita = 10_000, savings.sharing_rate = 1, losses.sharing_rate = 1 }
agreement.rebasing = { every = 3, weights = [0.1, 0.3, 0.6], prior_savings = 0 }
";
    for persistence in [0.0, 0.7] {
        let (trials, n) = (4_000, 4_000_f64);
        let run = simulated(&parse(&certain(4, persistence, contracts)), trials, 10);
        let of_year = |year: usize| -> Vec<f64> {
            run.outcomes.yearly.outer_iter().map(|trial| 10_000.0 + trial[(year, 0)] / 1_000.0).collect()
        };
        let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
        let product = |one: &[f64], other: &[f64]| {
            let (a, b) = (mean(one), mean(other));
            one.iter().zip(other).map(|(x, y)| (x - a) * (y - b)).sum::<f64>() / n
        };
        let fourth = of_year(3);
        let sd = product(&fourth, &fourth).sqrt();
        assert!((mean(&fourth) - 10_000.0).abs() < 4.0 * 500.0 / n.sqrt(), "{}", mean(&fourth));
        // A lognormal's kurtosis is 3.04 at a cv of 5%: a variance of the sample's sd of (3.04 - 1) / 4 over the number of trials.
        assert!((sd - 500.0).abs() < 4.0 * 500.0 * (0.51 / n).sqrt(), "{sd}");
        for year in 0..3 {
            let before = of_year(year);
            let correlation = product(&before, &fourth) / (sd * product(&before, &before).sqrt());
            assert!(correlation.abs() < 4.0 / n.sqrt(), "{correlation} with year {}", year + 1);
        }
    }
}

#[test]
fn programs_cost_for_the_months_lived() {
    let rest = "mortality.probability = 0.1
[[provider.programs]]
name = \"outreach\"
cost_pmpm = 10
[[contracts]]
name = \"shared\"
terms.shared_savings = { benchmark.per_capita = 6_000, savings.sharing_rate = 0.5 }
";
    let trials = 2_000;
    let run = simulated(&parse(&gamma(300, 1, rest)), trials, 11);
    let costs = run.outcomes.line_of(0, Line::Programs);
    let mean = -costs.iter().sum::<f64>() / trials as f64;
    let (_, person_years) = run.observed.observation(&Observation::PersonYears).expect("always observed");
    assert!((mean - 120.0 * person_years.mean()).abs() < 1e-6 * mean, "{mean}");
    // Half a year of each of 30 deaths is missing: 285 of 300 years at $120. A person's missing time has the variance
    // 0.1 / 3 - 0.05^2.
    let error = 120.0 * (300.0_f64 * (0.1 / 3.0 - 0.0025)).sqrt() / (trials as f64).sqrt();
    assert!((mean - 34_200.0).abs() < 4.0 * error, "{mean} ± {error}");
}
