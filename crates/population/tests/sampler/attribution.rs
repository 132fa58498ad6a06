//! People who are assigned by visits: how many, how frail, and who stays.

use std::sync::atomic::AtomicBool;

use twosided_population::{
    Assignment, Attribution, AttributionTerms, Life, Observation, Plan, Population, PopulationError, QualityMeasure,
    Sampler, Scratch, System, Turnover, Variant,
};
use twosided_units::Share;

use crate::{SEED, YEARS, assert_mean, lives, observe, segment};

fn terms() -> AttributionTerms {
    AttributionTerms {
        visits: 3.2,
        dispersion: Some(1.5),
        share: 0.6,
        share_sd: 0.25,
        rivals: 3,
        frailty_loading: 0.6,
        persistence: 0.9,
    }
}

/// Eligible people who die and whose frailty lasts.
fn population(eligible: u64, terms: AttributionTerms, assignment: Assignment) -> Population {
    let attribution = Attribution::new(eligible, terms).expect("valid terms");
    let life = Life { turnover: None, ..lives() };
    let members = attribution.people().round() as u64;
    let segment = segment("aged", members, Life { attribution: Some(attribution), ..life });
    let mut population = Population::new(vec![segment], System::default()).expect("valid");
    population.assignment = assignment;
    population
}

const BOTH: [Assignment; 2] = [Assignment::Prospective, Assignment::Retrospective];

#[test]
fn the_assigned_have_the_number_and_the_costs_that_are_expected_of_them() {
    for assignment in BOTH {
        let population = population(3_000, terms(), assignment);
        let plan = Plan::for_population(&population);
        let observed = observe(&population, &plan, &[Variant::default()], 400);
        let segment = &population.segments()[0];
        let people = segment.people();
        let year = segment.expected_year(assignment).expect("valid laws");
        let column = |observation: Observation| plan.position(&observation).expect("it is observed");
        for of_year in 0..YEARS as usize {
            let figures = |observation| observed.column(0, of_year, 0, column(observation));
            let what = |figure: &str| format!("{figure}, {assignment:?}, year {of_year}");
            let counts = figures(Observation::People);
            assert_mean(&what("people"), &counts, people);
            // A binomial number: of n values, the variance has a standard error of about its √(2 / n).
            let sd = segment.attributed(assignment).expect("by visits").people_sd;
            let squares: Vec<f64> = counts.iter().map(|count| ((count - people) / sd).powi(2)).collect();
            assert_mean(&what("squares of people"), &squares, 1.0);
            assert_mean(&what("person-years"), &figures(Observation::PersonYears), people * year.person_years);
            let score = segment.expected_risk_score(of_year as u32, assignment);
            assert_mean(&what("risk scores"), &figures(Observation::RiskScore), people * score);
            for (index, service) in segment.services.iter().enumerate() {
                let name = || service.name.clone();
                let (cost, count) = (people * year.costs[index], people * year.counts[index]);
                assert_mean(&what(&service.name), &figures(Observation::Expenditure { service: name() }), cost);
                assert_mean(&what(&service.name), &figures(Observation::Count { service: name() }), count);
            }
        }
    }
}

/// Those who use care are frail in the year whose visits count; a year later they are nearer to the others.
#[test]
fn retrospective_people_cost_more_than_prospective_ones() {
    let [prospective, retrospective] = BOTH.map(|assignment| {
        let population = population(3_000, terms(), assignment);
        let costs = &population.expected_costs().expect("valid laws")[0];
        costs.costs.iter().map(|cost| cost.expect("no factors")).sum::<f64>()
    });
    let all = segment("aged", 3_000, Life { turnover: None, ..lives() });
    let all: f64 = all.expected_year(Assignment::Prospective).expect("valid laws").costs.iter().sum();
    assert!(retrospective > prospective * 1.01 && prospective > all * 1.01, "{retrospective} {prospective} {all}");
}

#[test]
fn as_many_stay_as_are_expected() {
    for assignment in BOTH {
        let population = population(200_000, terms(), assignment);
        let sampler = Sampler::of_persons(&population, YEARS).expect("valid laws");
        let mut assigned = vec![Vec::new(); YEARS as usize];
        let mut joined = Vec::new();
        sampler.visit(SEED, 0, &mut |block| {
            assigned[block.year as usize].extend_from_slice(block.assigned);
            if block.year == 1 {
                joined.extend_from_slice(block.joined);
            }
            let uses = |person: usize| block.costs.iter().any(|costs| costs[person] > 0.0);
            assert!((0..block.assigned.len()).all(|person| block.assigned[person] || !uses(person)));
        });
        let later = assigned[1].iter().filter(|assigned| **assigned).count() as f64;
        let both = assigned[0].iter().zip(&assigned[1]).zip(&joined);
        let stay = both.filter(|((first, second), joined)| **first && **second && !**joined).count() as f64;
        let expected = population.segments()[0].stayers(assignment);
        let off = (stay / later - expected) / (expected * (1.0 - expected) / later).sqrt();
        assert!(off.abs() < 4.0, "{assignment:?}: {} stay, not {expected}: {off:.1} standard errors", stay / later);
    }
}

/// Who visits nobody else and visits often is always assigned: the trials are those of as many members, to the bit.
#[test]
fn certain_attribution_is_a_fixed_number_of_people() {
    for assignment in BOTH {
        let certain = AttributionTerms { visits: 50.0, dispersion: None, share: 1.0, share_sd: 0.0, ..terms() };
        let certain = AttributionTerms { frailty_loading: 0.0, ..certain };
        let by_visits = population(2_100, certain, assignment);
        let mut given =
            Population::new(vec![segment("aged", 2_100, Life { turnover: None, ..lives() })], System::default())
                .expect("valid");
        given.assignment = assignment;
        assert_eq!(by_visits.segments()[0].members, 2_100);
        let mut plan = Plan::for_population(&given);
        plan.column(Observation::People);
        let [one, other] = [&by_visits, &given].map(|population| observe(population, &plan, &[Variant::default()], 5));
        assert_eq!(one.tables, other.tables);
    }
}

#[test]
fn measures_are_of_the_assigned() {
    let mut population = population(3_000, terms(), Assignment::Retrospective);
    let share = |value: f64| Share::new(value).expect("a share");
    let measure = |name: &str, denominator| QualityMeasure::met(name, share(denominator), share(0.5));
    population.measures = vec![measure("all", 1.0)];
    let plan = Plan::for_population(&population);
    let sampler = Sampler::new(&population, &plan, 1, &[Variant::default()]).expect("valid laws");
    let (mut table, mut scratch) = (vec![0.0; sampler.table_length()], Scratch::default());
    for trial in 0..5 {
        sampler.observe(SEED, trial, &AtomicBool::new(false), &mut scratch, &mut table).expect("nothing stops it");
        let of = |observation: Observation| table[plan.position(&observation).expect("it is observed")];
        assert_eq!(of(Observation::Denominator { measure: "all".into() }), of(Observation::People));
        assert!(of(Observation::People) < 3_000.0);
    }
}

#[test]
fn turnover_and_attribution_are_one_too_many() {
    let attribution = Attribution::new(3_000, terms()).expect("valid terms");
    let turnover = Turnover { rate: 0.1, joiner_cost: 1.0, leaver_cost: 1.0 };
    let life = Life { turnover: Some(turnover), attribution: Some(attribution), ..Life::default() };
    let refused = Population::new(vec![segment("aged", 1_000, life)], System::default());
    assert_eq!(refused, Err(PopulationError::TurnoverAndAttribution("aged".into())));
}
