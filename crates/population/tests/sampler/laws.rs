//! Means of every service, and the correlations that frailty makes between services and years.

use twosided_population::{
    Life, Observation, Plan, Population, Sampler, Service, System, Turnover, Utilization, Variant,
};
use twosided_prob::{Frequency, Severity};

use crate::{SEED, YEARS, assert_mean, gamma, lognormal, observe, population, segment};

#[test]
fn every_service_has_the_mean_of_its_law_in_every_year() {
    let population = population();
    let plan = Plan::for_population(&population);
    let observed = observe(&population, &plan, &[Variant::default()], 300);
    let costs = population.expected_costs().expect("valid laws");
    for (index, segment) in population.segments().iter().enumerate() {
        let year = segment.expected_year(population.assignment).expect("valid laws");
        let members = segment.members as f64;
        let column = |observation: Observation| plan.position(&observation).expect("it is observed");
        for of_year in 0..YEARS as usize {
            let figures = |column| observed.column(0, of_year, index, column);
            let what = |figure: &str| format!("{figure} of {} in {of_year}", segment.name);
            for (at, Service { name, .. }) in segment.services.iter().enumerate() {
                let expenditure = figures(column(Observation::Expenditure { service: name.clone() }));
                let expected = costs[index].costs[at].expect("no factors");
                assert_mean(&what(name), &expenditure, members * expected);
                let count = figures(column(Observation::Count { service: name.clone() }));
                assert_mean(&what(&format!("events of {name}")), &count, members * year.counts[at]);
            }
            let person_years = figures(column(Observation::PersonYears));
            if segment.life.mortality.is_some() {
                assert_mean(&what("person-years"), &person_years, members * year.person_years);
            } else {
                assert!(person_years.iter().all(|&lived| lived == members));
            }
            assert_mean(&what("risk scores"), &figures(column(Observation::RiskScore)), members * 1.1);
        }
    }
}

/// Persistence of frailty, and the loadings of the services below.
const PERSISTENCE: f64 = 0.7;
const LOADINGS: [f64; 4] = [0.8, -0.5, 0.6, 0.0];

/// People of four services: two amounts, an event that half of them have, and an amount that frailty does not move.
fn people(life: Life) -> Population {
    let half = Utilization::Events { frequency: Frequency::Bernoulli { probability: 0.5 }, severity: gamma(9.0, 0.5) };
    let annual = |amount: Severity| Utilization::Annual { zero: 0.0, amount };
    let utilizations =
        [annual(lognormal(700.0, 1.0)), annual(lognormal(90.0, 0.7)), half, annual(lognormal(90.0, 0.7))];
    let mut people = segment("people", 120_000, life);
    people.services = ["a", "b", "c", "d"]
        .into_iter()
        .zip(utilizations)
        .zip(LOADINGS)
        .map(|((name, utilization), frailty_loading)| Service { name: name.into(), utilization, frailty_loading })
        .collect();
    Population::new(vec![people], System::default()).expect("valid")
}

/// Scores of all persons by year and service, as far as figures show them: the logarithm of an amount, or whether there is an
/// event; and who was someone else in the year before.
fn persons(population: &Population) -> (Vec<Vec<Vec<f64>>>, Vec<Vec<bool>>) {
    let sampler = Sampler::of_persons(population, YEARS).expect("valid laws");
    let mut figures = vec![vec![Vec::new(); LOADINGS.len()]; YEARS as usize];
    let mut joined = vec![Vec::new(); YEARS as usize];
    sampler.visit(SEED, 0, &mut |block| {
        for (service, figures) in figures[block.year as usize].iter_mut().enumerate() {
            let is_event = service == 2;
            let of = |(&cost, &count): (&f64, &u32)| if is_event { f64::from(count) } else { cost.ln() };
            figures.extend(block.costs[service].iter().zip(&block.counts[service]).map(of));
        }
        joined[block.year as usize].extend_from_slice(block.joined);
    });
    (figures, joined)
}

fn correlation(one: &[f64], other: &[f64]) -> f64 {
    let n = one.len() as f64;
    let centered = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / n;
        values.iter().map(|value| value - mean).collect::<Vec<_>>()
    };
    let (one, other) = (centered(one), centered(other));
    let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    sum(&one, &other) / (sum(&one, &one) * sum(&other, &other)).sqrt()
}

/// Asserts that figures correlate as scores of a correlation do.
fn assert_correlates(what: &str, one: (usize, &[f64]), other: (usize, &[f64]), of_scores: f64) {
    let density_at_the_median = 1.0 / (2.0 * std::f64::consts::PI).sqrt();
    let expected = match (one.0, other.0) {
        // Whether two normals are above their medians.
        (2, 2) => 2.0 / std::f64::consts::PI * of_scores.asin(),
        (2, _) | (_, 2) => of_scores * density_at_the_median / 0.5,
        _ => of_scores,
    };
    let found = correlation(one.1, other.1);
    let off = (found - expected) * (one.1.len() as f64).sqrt();
    assert!(off.abs() < 4.0, "{what}: correlation {found}, not {expected}: {off:.1} standard errors");
}

#[test]
fn services_and_years_correlate_by_loadings_and_persistence() {
    let (figures, _) = persons(&people(Life { persistence: PERSISTENCE, ..Life::default() }));
    for one in 0..LOADINGS.len() {
        for other in 0..LOADINGS.len() {
            let of_frailty = LOADINGS[one] * LOADINGS[other];
            if one < other {
                let pair = [one, other].map(|service| (service, figures[0][service].as_slice()));
                assert_correlates(&format!("{one} and {other}"), pair[0], pair[1], of_frailty);
            }
            let (first, second) = ((one, figures[0][one].as_slice()), (other, figures[1][other].as_slice()));
            assert_correlates(&format!("{one} and {other} a year on"), first, second, PERSISTENCE * of_frailty);
        }
    }
}

#[test]
fn whoever_takes_the_seat_of_a_leaver_has_a_frailty_of_their_own() {
    let turnover = Turnover { rate: 0.3, joiner_cost: 1.0, leaver_cost: 1.0 };
    let (figures, joined) = persons(&people(Life { persistence: 1.0, turnover: Some(turnover), ..Life::default() }));
    let joined = &joined[1];
    let rate = joined.iter().filter(|&&joined| joined).count() as f64 / joined.len() as f64;
    assert!((rate - 0.3).abs() < 4.0 * (0.3 * 0.7 / joined.len() as f64).sqrt(), "{rate} joined");
    for (is_joined, persistence) in [(true, 0.0), (false, 1.0)] {
        let of = |year: usize| {
            let all = figures[year][0].iter().zip(joined).filter(|(_, joined)| **joined == is_joined);
            all.map(|(&figure, _)| figure).collect::<Vec<f64>>()
        };
        assert_correlates(
            &format!("joined: {is_joined}"),
            (0, &of(0)),
            (0, &of(1)),
            persistence * LOADINGS[0] * LOADINGS[0],
        );
    }
}
