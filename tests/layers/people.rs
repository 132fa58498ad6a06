//! People: frailty, deaths, turnover, and books of them.

use twosided_population::{Observation, PersonYearBlock, Sampler};

use crate::{
    observations::{FEES, FRAIL, MORTAL, assert_mean, count, expenditure, scenario},
    support::{self, Run, parse},
};

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>() / (a.len() as f64 - 1.0)
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    covariance(a, b) / (covariance(a, a) * covariance(b, b)).sqrt()
}

/// Everyone of one trial: what `of` finds in each year's block.
fn persons<T>(population: &str, years: u32, mut of: impl FnMut(&PersonYearBlock<'_>, &mut Vec<T>)) -> Vec<Vec<T>> {
    let scenario = scenario(population, FEES);
    let sampler = Sampler::of_persons(&scenario.population, years).expect("it can be sampled");
    let mut found: Vec<Vec<T>> = (0..years).map(|_| Vec::new()).collect();
    sampler.visit(1, 0, &mut |block| of(block, &mut found[block.year as usize]));
    found
}

#[test]
fn frailty_leaves_every_law_as_written() {
    let run = Run::of(&scenario(FRAIL, FEES), 400, 3);
    assert_mean(&run, 0, &count("inpatient"), 2_000.0 * 0.3);
    assert_mean(&run, 0, &expenditure("inpatient"), 2_000.0 * 0.3 * 12_000.0);
    assert_mean(&run, 0, &count("readmission"), 2_000.0 * 0.06);
    assert_mean(&run, 0, &expenditure("readmission"), 2_000.0 * 0.06 * 9_000.0);
    assert_mean(&run, 0, &count("drugs"), 2_000.0 * 0.7);
    assert_mean(&run, 0, &expenditure("drugs"), 2_000.0 * 0.7 * (0.9 * 900.0 + 0.1 * 12_000.0));
}

#[test]
fn services_and_years_of_a_person_go_together_as_their_loadings_say() {
    let population = r#"
[[population.segments]]
name = "frail"
members = 200_000
frailty = { persistence = 0.6 }
services.a = { annual = { lognormal = { mean = 1_000, cv = 1 } }, frailty_loading = 0.8 }
services.b = { annual = { lognormal = { mean = 2_000, cv = 2 } }, frailty_loading = 0.5 }
"#;
    let logs = |service: usize| {
        persons(population, 3, |block, logs| logs.extend(block.costs[service].iter().map(|cost| cost.ln())))
    };
    let (a, b) = (logs(0), logs(1));
    // The standard error of a correlation r of n pairs is (1 - r²) / √n.
    let near = |found: f64, expected: f64| {
        let error = (1.0 - expected * expected) / 200_000_f64.sqrt();
        assert!(((found - expected) / error).abs() < 4.0, "{found} against {expected}");
    };
    near(correlation(&a[0], &b[0]), 0.8 * 0.5);
    near(correlation(&a[0], &a[1]), 0.8 * 0.8 * 0.6);
    near(correlation(&a[0], &a[2]), 0.8 * 0.8 * 0.6 * 0.6);
    near(correlation(&a[0], &b[1]), 0.8 * 0.5 * 0.6);
}

#[test]
fn who_dies_has_half_a_year_on_average_and_what_the_end_costs() {
    let run = Run::of(&scenario(MORTAL, FEES), 1_000, 4);
    assert_mean(&run, 0, &Observation::PersonYears, 2_000.0 * 0.95);
    // Events and amounts of the months lived, and the amount of each death.
    assert_mean(&run, 0, &count("visits"), 2_000.0 * 6.0 * 0.95);
    assert_mean(&run, 0, &expenditure("care"), 2_000.0 * (5_000.0 * 0.95 + 0.1 * 20_000.0 * 0.4));
    assert_mean(&run, 0, &expenditure("hospice"), 2_000.0 * (0.95 + 0.1 * 20_000.0 * 0.6));
}

#[test]
fn a_segment_stays_as_it_is_described_although_its_frailest_die() {
    let population = MORTAL.replace("services.care = { annual", "services.care = { frailty_loading = 0.7, annual");
    let population = format!("{population}\n");
    let text = format!("[run]\nname = \"layers\"\nyears = 4\n{population}\n{FEES}");
    let run = Run::of(&parse(&text), 600, 5);
    let first = run.observed.observation_in(0, &expenditure("care")).expect("observed").1;
    let last = run.observed.observation_in(3, &expenditure("care")).expect("observed").1;
    let error = (first.standard_error().powi(2) + last.standard_error().powi(2)).sqrt();
    assert!(((first.mean() - last.mean()) / error).abs() < 4.0, "{} and {}", first.mean(), last.mean());
    assert_mean(&run, 3, &Observation::PersonYears, 2_000.0 * 0.95);
}

#[test]
fn the_frail_die_and_cost_more_before() {
    let population =
        MORTAL.replace("2_000", "100_000").replace("services.care = {", "services.care = { frailty_loading = 0.7,");
    let blocks = persons(&population, 1, |block, found| {
        found.extend(
            block.died.iter().zip(block.lived).zip(&block.costs[0]).map(|((died, lived), cost)| (*died, *lived, *cost)),
        );
    });
    let dead: Vec<&(bool, f64, f64)> = blocks[0].iter().filter(|person| person.0).collect();
    let share = dead.len() as f64 / 100_000.0;
    assert!(((share - 0.1) / (0.09_f64 / 100_000.0).sqrt()).abs() < 4.0, "{share}");
    let rate = |dead: bool| {
        let own = blocks[0].iter().filter(|person| person.0 == dead);
        let (cost, lived) = own.fold((0.0, 0.0), |sum, person| (sum.0 + person.2, sum.1 + person.1));
        // Less the amount of the end itself.
        (cost - if dead { 0.1 * 100_000.0 * 8_000.0 } else { 0.0 }) / lived
    };
    assert!(rate(true) > 1.5 * rate(false), "{} against {}", rate(true), rate(false));
}

#[test]
fn joiners_and_leavers_come_when_assignment_says_and_cost_what_they_cost() {
    let population = |assignment: &str| {
        format!(
            "[population]\nassignment = \"{assignment}\"\n[[population.segments]]\nname = \"all\"\nmembers = 4_000\n\
             turnover = {{ rate = 0.2, joiner_cost = 1.5, leaver_cost = 0.5 }}\n\
             services.care = {{ annual = {{ gamma = {{ mean = 1_000, cv = 1 }} }} }}\n"
        )
    };
    let run = |assignment: &str| {
        let text = format!("[run]\nname = \"turnover\"\nyears = 3\n{}{FEES}", population(assignment));
        Run::of(&parse(&text), 400, 6)
    };
    let (prospective, retrospective) = (run("prospective"), run("retrospective"));
    // A fifth leaves in each year at half the cost; a fifth has just joined, a fifth of whom leave again.
    for year in 0..3 {
        assert_mean(&prospective, year, &expenditure("care"), 4e6 * (0.8 + 0.2 * 1.5) * 0.9);
    }
    // Whoever leaves does not count; who took the place does, from the first year on.
    for year in 0..3 {
        assert_mean(&retrospective, year, &expenditure("care"), 4e6 * 1.1);
    }
    let joined = persons(&population("prospective"), 2, |block, found| found.extend_from_slice(block.joined));
    assert!(joined[0].iter().all(|joined| !joined));
    let share = joined[1].iter().filter(|joined| **joined).count() as f64 / 4_000.0;
    assert!(((share - 0.2) / (0.16_f64 / 4_000.0).sqrt()).abs() < 4.0, "{share}");
}

#[test]
fn a_commercial_book_has_as_many_million_dollar_people_as_are_reported() {
    let scenario = support::scenario("commercial.toml");
    let population = twosided_scenario::resized(scenario.population, 1_000_000);
    let sampler = Sampler::of_persons(&population, 1).expect("it can be sampled");
    let mut above = 0;
    sampler.visit(1, 0, &mut |block| {
        let people = 0..block.lived.len();
        above += people.filter(|&person| block.costs.iter().map(|costs| costs[person]).sum::<f64>() >= 1e6).count();
    });
    // Some 220 per million covered employees in 2024, who insure about two people each.
    assert!((60..=220).contains(&above), "{above} per million people");
}
