//! Pools against the person sampler, against closed forms, and against each other.

use std::{collections::BTreeMap, sync::atomic::AtomicBool};

use twosided_population::{
    Attachment, Factor, FactorLaw, Life, Limit, Loading, NotPooled, Observation, Plan, Pool, PoolDraft, PoolOptions,
    Population, Sampler, Scratch, Service, ServiceScope, System, Trend, Utilization, Variant,
};
use twosided_prob::{Frequency, Severity};
use twosided_units::Dollars;

use crate::{gamma, lives, segment};

const OPTIONS: PoolOptions = PoolOptions { above: 1_000, persons_per_member: 64 };

fn layer(services: ServiceScope, from: f64, limit: Limit) -> Observation {
    Observation::Layer { services, attachment: Attachment { point: Dollars(from), lasers: BTreeMap::new() }, limit }
}

fn draw(population: &Population, plan: &Plan, seed: u64) -> Pool {
    let draft = PoolDraft::new(&sampler(population, plan), population, plan, 0, seed, &OPTIONS).expect("valid laws");
    let mut scratch = Scratch::default();
    let never = AtomicBool::new(false);
    let parts =
        (0..draft.parts()).map(|part| draft.draw(part, &never, &mut scratch).expect("nobody stops it")).collect();
    draft.finish(parts)
}

fn sampler(population: &Population, plan: &Plan) -> Sampler {
    Sampler::new(population, plan, 1, &[Variant::default()]).expect("valid laws")
}

/// Tables of trials.
fn tables(sampler: &Sampler, seed: u64, trials: u64) -> Vec<Vec<f64>> {
    let mut scratch = Scratch::default();
    let table_of = |trial| {
        let mut table = vec![0.0; sampler.table_length()];
        sampler.observe(seed, trial, &AtomicBool::new(false), &mut scratch, &mut table).expect("nothing stops it");
        table
    };
    (0..trials).map(table_of).collect()
}

/// A segment with services of every kind, deaths, turnover and risk scores, and factors that move some services more than others.
fn factored(members: u64) -> Population {
    let mut people = segment("people", members, lives());
    people.truncation_point = Some(Dollars(45_000.0));
    let factor = Factor {
        name: "prices".into(),
        law: FactorLaw::Lognormal { location: 0.0, scale: 0.03 },
        loading: Loading { services: BTreeMap::from([("drugs".into(), 2.0)]), ..Loading::default() },
        compounding: false,
        persistence: 0.0,
    };
    let trend = Trend::new(1.05, 0.01).expect("valid");
    Population::new(vec![people], System::new(trend, vec![factor], None)).expect("valid")
}

fn plan_of(population: &Population) -> Plan {
    let mut plan = Plan::for_population(population);
    plan.column(layer(ServiceScope::All, 0.0, Limit::TruncationPoint));
    plan.column(layer(ServiceScope::All, 60_000.0, Limit::Amount(Dollars(150_000.0))));
    plan.column(layer(ServiceScope::only(vec!["stays".into(), "rehab".into()]), 20_000.0, Limit::Unlimited));
    plan
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The central moment of a product of two columns' deviations, and its standard error.
fn covariance(one: &[f64], other: &[f64]) -> (f64, f64) {
    let (center, of_other) = (mean(one), mean(other));
    let products: Vec<f64> = one.iter().zip(other).map(|(a, b)| (a - center) * (b - of_other)).collect();
    let found = mean(&products);
    let squares: Vec<f64> = products.iter().map(|product| (product - found).powi(2)).collect();
    (found, (mean(&squares) / products.len() as f64).sqrt())
}

/// Empirical probability of at most a value.
fn below(values: &[f64], value: f64) -> f64 {
    values.iter().filter(|other| **other <= value).count() as f64 / values.len() as f64
}

#[test]
fn a_pool_gives_the_joint_law_of_the_person_sampler() {
    const TRIALS: u64 = 3_000;
    const MEMBERS: f64 = 6_000.0;
    let population = factored(MEMBERS as u64);
    let plan = plan_of(&population);
    let by_person = sampler(&population, &plan);
    let mut by_pool = by_person.clone();
    by_pool.set_pool(0, draw(&population, &plan, 11));
    let (_, pool) = by_pool.pools().next().expect("it is set");
    let figures = pool.figures().to_vec();
    let (persons, pooled) = (tables(&by_person, 10, TRIALS), tables(&by_pool, 11, TRIALS));
    let column = |tables: &[Vec<f64>], at: usize| tables.iter().map(|table| table[at]).collect::<Vec<f64>>();
    // The variance of a year has an error of the pool too: that of a variance estimated from the pool's people, who are 64 for each
    // member. For a figure of one person with kurtosis k it is (k - 1) / people; a kurtosis of 400 bounds all but the layers high up.
    let of_pool = (400.0_f64 / (64.0 * MEMBERS)).sqrt();
    for (at, observation) in plan.observations().iter().enumerate() {
        let (person, pooled_column) = (column(&persons, at), column(&pooled, at));
        let of_layer = figures.iter().find(|figure| figure.observation == *observation);
        let of_mean = of_layer.map_or(0.0, |figure| MEMBERS * figure.standard_error.0);
        let (variance, error) = covariance(&person, &person);
        let (variance_pooled, error_pooled) = covariance(&pooled_column, &pooled_column);
        let error_of_mean = ((variance + variance_pooled) / TRIALS as f64 + of_mean * of_mean).sqrt();
        let off = (mean(&person) - mean(&pooled_column)) / error_of_mean;
        assert!(off.abs() < 4.0, "{observation:?}: means are {off:.1} standard errors apart");
        let off =
            (variance - variance_pooled) / (error.powi(2) + error_pooled.powi(2) + (of_pool * variance).powi(2)).sqrt();
        assert!(off.abs() < 4.0, "{observation:?}: variances are {off:.1} standard errors apart");
        for (other, of_other) in plan.observations().iter().enumerate().take(at) {
            let (a, b) = (column(&persons, other), column(&pooled, other));
            let ((one, error), (two, error_pooled)) = (covariance(&person, &a), covariance(&pooled_column, &b));
            let most = (variance * covariance(&a, &a).0).sqrt() * of_pool;
            let off = (one - two) / (error.powi(2) + error_pooled.powi(2) + most * most).sqrt();
            assert!(
                off.abs() < 4.0,
                "{observation:?} and {of_other:?}: covariances are {off:.1} standard errors apart"
            );
        }
        // The law as a whole, where the mean of the pool is known.
        if of_mean < 0.1 * variance.sqrt() {
            let quantiles = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
            let mut sorted = person.clone();
            sorted.sort_by(f64::total_cmp);
            for level in quantiles {
                let value = sorted[(level * TRIALS as f64) as usize];
                let off = (below(&person, value) - below(&pooled_column, value))
                    / (2.0 * level * (1.0 - level) / TRIALS as f64).sqrt();
                assert!(off.abs() < 4.0, "{observation:?}: {off:.1} standard errors off at the {level} quantile");
            }
        }
    }
}

/// A segment of one service, whose year is a compound Poisson sum.
fn poisson(members: u64) -> Population {
    let mut people = segment("people", members, Life::default());
    people.services = vec![Service {
        name: "visits".into(),
        utilization: Utilization::Events { frequency: Frequency::Poisson { mean: 0.8 }, severity: gamma(500.0, 1.5) },
        frailty_loading: 0.0,
    }];
    people.risk_score = None;
    Population::new(vec![people], System::default()).expect("valid")
}

#[test]
fn a_pool_of_compound_poisson_years_has_their_mean_and_variance() {
    const TRIALS: u64 = 20_000;
    for members in [1_200_u64, 40_000] {
        let population = poisson(members);
        let plan = Plan::for_population(&population);
        let mut pooled = sampler(&population, &plan);
        let pool = draw(&population, &plan, 3);
        let persons = OPTIONS.persons(&population.segments()[0]) as f64;
        pooled.set_pool(0, pool);
        let tables = tables(&pooled, 3, TRIALS);
        let n = members as f64;
        // Moments of a gamma of shape 1 / cv².
        let shape = 1.0 / 2.25;
        let moment = |power: i32| (0..power).map(|index| 500.0 * (shape + f64::from(index)) / shape).product::<f64>();
        let of_cost = (0.8 * moment(1), 0.8 * moment(2), 0.8 * moment(4) / (0.8 * moment(2)).powi(2) + 3.0);
        let of_count = (0.8, 0.8, 1.0 / 0.8 + 3.0);
        let visits = || "visits".to_owned();
        for (observation, (one, variance, kurtosis)) in [
            (Observation::Expenditure { service: visits() }, of_cost),
            (Observation::Count { service: visits() }, of_count),
        ] {
            let at = plan.position(&observation).expect("it is observed");
            let values: Vec<f64> = tables.iter().map(|table| table[at]).collect();
            let off = (mean(&values) - n * one) / (n * variance / TRIALS as f64).sqrt();
            assert!(off.abs() < 4.0, "{members}, {observation:?}: mean {off:.1} standard errors off");
            let error = (2.0 / TRIALS as f64 + (kurtosis - 1.0) / persons).sqrt();
            let off = (covariance(&values, &values).0 / (n * variance) - 1.0) / error;
            assert!(off.abs() < 4.0, "{members}, {observation:?}: variance {off:.1} standard errors off");
            assert!(values.iter().all(|value| *value >= 0.0));
            let is_count = matches!(observation, Observation::Count { .. });
            assert!(!is_count || values.iter().all(|value| value.fract() == 0.0), "counts are whole");
        }
    }
}

#[test]
fn pools_of_other_seeds_differ_by_the_error_that_each_states() {
    const POOLS: u64 = 40;
    let mut population = poisson(2_000);
    let mut segments = population.segments().to_vec();
    segments[0].truncation_point = Some(Dollars(2_000.0));
    population = Population::new(segments, System::default()).expect("valid");
    let mut plan = Plan::for_population(&population);
    plan.column(layer(ServiceScope::All, 0.0, Limit::TruncationPoint));
    plan.column(layer(ServiceScope::All, 4_000.0, Limit::Unlimited));
    let pools: Vec<Pool> = (0..POOLS).map(|seed| draw(&population, &plan, seed)).collect();
    for layer in 0..pools[0].figures().len() {
        let figures: Vec<_> = pools.iter().map(|pool| &pool.figures()[layer]).collect();
        let means: Vec<f64> = figures.iter().map(|figure| figure.mean.0).collect();
        let stated = mean(&figures.iter().map(|figure| figure.standard_error.0.powi(2)).collect::<Vec<_>>()).sqrt();
        let found = (covariance(&means, &means).0 * POOLS as f64 / (POOLS - 1) as f64).sqrt();
        if layer == 0 {
            // The total, whose mean is known.
            assert!(stated < 1e-4 && means.iter().all(|mean| (mean - 400.0).abs() < 1e-3), "{stated}, {means:?}");
            continue;
        }
        assert!(stated > 0.0);
        let off = (found / stated - 1.0) * (2.0 * (POOLS - 1) as f64).sqrt();
        assert!(off.abs() < 4.0, "{:?}: {found} against {stated}, {off:.1} standard errors", figures[0].observation);
    }
}

#[test]
fn a_trial_whose_factors_leave_the_range_of_the_pool_is_drawn_person_by_person() {
    let population = factored(1_500);
    let plan = plan_of(&population);
    let by_person = sampler(&population, &plan);
    let mut by_pool = by_person.clone();
    by_pool.set_pool(0, draw(&population, &plan, 7));
    let (persons, pooled) = (tables(&by_person, 7, 4_000), tables(&by_pool, 7, 4_000));
    let same = |trials: std::ops::Range<usize>| trials.filter(|&trial| persons[trial] == pooled[trial]).count();
    assert_eq!(same(0..512), 0, "the range is that of the first 512 trials");
    assert!((1..100).contains(&same(512..4_000)), "{} of 3,488 trials", same(512..4_000));
}

#[test]
fn segments_that_a_pool_cannot_show_are_drawn_person_by_person() {
    let population = factored(1_500);
    let plan = plan_of(&population);
    let people = &population.segments()[0];
    let reference = [Variant::default()];
    assert_eq!(OPTIONS.check(people, &plan, 1, &reference), Ok(()));
    let refusal = |options: PoolOptions, plan: &Plan, years, variants: &[Variant]| {
        options.check(people, plan, years, variants).expect_err("it is refused").to_string()
    };
    let small = PoolOptions { above: 1_500, ..OPTIONS };
    let message = "it has 1500 members, and pools are for more than 1500";
    assert_eq!(refusal(small, &plan, 1, &reference), message);
    assert!(refusal(OPTIONS, &plan, 2, &reference).starts_with("the horizon has 2 years"));
    let two = [Variant::default(), Variant { programs: vec![0], volume: Vec::new() }];
    assert!(refusal(OPTIONS, &plan, 1, &two).starts_with("a program or a contract"));
    let mut capped = plan.clone();
    capped.column(Observation::CappedExpenditure { service: "stays".into(), limit: Dollars(30_000.0) });
    assert!(refusal(OPTIONS, &capped, 1, &reference).starts_with("a contract caps the cost of each event of `stays`"));
    let mut counted = plan.clone();
    counted.column(Observation::PeopleAbove { services: ServiceScope::All, attachment: Attachment::ZERO });
    assert!(refusal(OPTIONS, &counted, 1, &reference).starts_with("people whose annual cost is above"));
    let mut heavy = people.clone();
    let pareto = Severity::Family(twosided_prob::Family::pareto_of_shape(500.0, 1.9).expect("valid"));
    heavy.services[0].utilization = Utilization::Annual { zero: 0.0, amount: pareto };
    assert_eq!(OPTIONS.check(&heavy, &plan, 1, &reference), Err(NotPooled::NoVariance("clinic".into())));
}
