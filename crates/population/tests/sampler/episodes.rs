//! Episodes: events with what stems from them, under limits and variants, against sums and against a simulation of their own.

use std::collections::BTreeMap;

use twosided_population::{
    Effect, Life, NotPooled, Observation, Plan, PoolOptions, Population, PopulationError, Sampler, Segment, Service,
    ServiceScope, System, Utilization, Variant, Volume,
};
use twosided_prob::{Frequency, Purpose, Severity, SeverityScratch, Stream, StreamKey};
use twosided_units::Dollars;

use crate::{SEED, YEARS, assert_mean, gamma, lives, lognormal, observe, program, segment};

const MEMBERS: u64 = 1_500;
const TRIALS: u64 = 200;
const LIMIT: f64 = 18_000.0;

/// Laws of stays, of the rehabilitation that follows them, of the days of that, and of calls, which follow stays and do not count.
#[derive(Clone)]
struct Laws {
    stays: (Frequency, Severity),
    rehab: (Frequency, Severity, f64),
    days: (Frequency, Severity, f64),
}

fn laws(stay: Severity, elasticities: [f64; 2]) -> Laws {
    let poisson = |mean| Frequency::Poisson { mean };
    Laws {
        stays: (poisson(0.6), stay),
        rehab: (poisson(0.8), gamma(4_000.0, 1.0), elasticities[0]),
        days: (poisson(1.5), lognormal(900.0, 0.8), elasticities[1]),
    }
}

fn services(laws: &Laws) -> Vec<Service> {
    let following = |after: &str, frequency, severity: &Severity, severity_elasticity| Utilization::Following {
        after: after.into(),
        frequency,
        severity: severity.clone(),
        severity_elasticity,
    };
    let service =
        |name: &str, utilization, frailty_loading| Service { name: name.into(), utilization, frailty_loading };
    let Laws { stays, rehab, days } = laws;
    vec![
        service("calls", following("stays", Frequency::Bernoulli { probability: 0.4 }, &gamma(50.0, 1.0), 0.0), 0.0),
        service("days", following("rehab", days.0, &days.1, days.2), 0.0),
        service("rehab", following("stays", rehab.0, &rehab.1, rehab.2), 0.0),
        service("stays", Utilization::Events { frequency: stays.0, severity: stays.1.clone() }, 0.0),
        service(
            "visits",
            Utilization::Events { frequency: Frequency::Poisson { mean: 2.0 }, severity: gamma(120.0, 0.6) },
            0.4,
        ),
    ]
}

fn with_services(life: Life, services: Vec<Service>) -> Segment {
    Segment { services, ..segment("people", MEMBERS, life) }
}

fn people(laws: &Laws, life: Life) -> Population {
    let mut people = Population::new(vec![with_services(life, services(laws))], System::default()).expect("valid");
    let effect = |mean| Effect { mean, sd: 0.0 };
    let mut cheaper = program("cheaper rehab", "visits", 0.0, 0.0);
    cheaper.costs = BTreeMap::from([("rehab".to_owned(), effect(-0.3)), ("stays".to_owned(), effect(0.1))]);
    let mut shorter = program("shorter rehab", "rehab", -0.5, 0.0);
    shorter.costs = BTreeMap::from([("days".to_owned(), effect(-0.2))]);
    people.programs = vec![cheaper, shorter, program("fewer stays", "stays", -0.25, 0.0)];
    people
}

fn volume(services: &[&str], factor: f64) -> Volume {
    let services = ServiceScope::only(services.iter().map(|&name| name.to_owned()).collect());
    Volume { services, segments: None, factor }
}

/// Years under programs and other volumes, among them more of what follows more.
fn variants() -> Vec<Variant> {
    let of = |programs: &[usize], volume: Vec<Volume>| Variant { programs: programs.to_vec(), volume };
    vec![
        Variant::default(),
        of(&[0], vec![]),
        of(&[1], vec![]),
        of(&[0, 1, 2], vec![]),
        of(&[2], vec![volume(&["rehab"], 1.4)]),
        of(&[1], vec![volume(&["stays"], 1.5)]),
        of(&[], vec![volume(&["stays"], 1.6), volume(&["days"], 0.7)]),
        of(&[], vec![volume(&["stays"], 1.6), volume(&["days"], 1.7)]),
        of(&[], vec![volume(&["stays"], 0.0)]),
    ]
}

fn episodes(following: &[&str], limit: Option<f64>) -> Observation {
    let following = following.iter().map(|&name| name.to_owned()).collect();
    Observation::episodes("stays".into(), following, limit.map(Dollars))
}

#[test]
fn episodes_without_a_limit_are_the_cost_of_their_services() {
    let life = || {
        let mut life = lives();
        let end = life.mortality.as_mut().and_then(|mortality| mortality.end_of_life.as_mut()).expect("people die");
        end.services = vec![("days".into(), 0.3), ("stays".into(), 0.5), ("visits".into(), 0.2)];
        life
    };
    for (stay, elasticities) in
        [(gamma(9_000.0, 1.0), [0.0, 0.0]), (gamma(9_000.0, 1.0), [0.6, 0.4]), (lognormal(9_000.0, 1.1), [1.0, 0.0])]
    {
        let people = people(&laws(stay, elasticities), life());
        let mut plan = Plan::for_population(&people);
        for following in [&["rehab", "days"][..], &["days"], &["rehab"]] {
            let [unlimited, far] = [None, Some(1e15)].map(|limit| plan.column(episodes(following, limit)));
            let observed = observe(&people, &plan, &variants(), 6);
            let services = following.iter().chain(&["stays"]);
            let columns: Vec<usize> = services
                .map(|&service| Observation::Expenditure { service: service.into() })
                .map(|observation| plan.position(&observation).expect("it is observed"))
                .collect();
            for trial in 0..6 {
                for year in 0..YEARS as usize {
                    for variant in 0..variants().len() {
                        let row = observed.row(trial, variant, year, 0);
                        let sum: f64 = columns.iter().map(|&column| row[column]).sum();
                        let reference: f64 =
                            columns.iter().map(|&column| observed.row(trial, 0, year, 0)[column]).sum();
                        for column in [unlimited, far] {
                            let off = (row[column] - sum).abs();
                            assert!(
                                off < 1e-9 * reference,
                                "{following:?} of variant {variant}: {} and {sum}",
                                row[column]
                            );
                        }
                    }
                }
            }
        }
    }
}

/// What a variant does to the use and the price of the services of an episode.
#[derive(Clone, Copy)]
struct Conduct {
    stays: f64,
    uses: [f64; 2],
    /// Of stays, rehabilitation and days.
    prices: [f64; 3],
}

fn conducts() -> Vec<Conduct> {
    let of = |stays, uses, prices| Conduct { stays, uses, prices };
    vec![
        of(1.0, [1.0, 1.0], [1.0, 1.0, 1.0]),
        of(1.0, [1.0, 1.0], [1.1, 0.7, 1.0]),
        of(1.0, [0.5, 1.0], [1.0, 1.0, 0.8]),
        of(0.75, [0.5, 1.0], [1.1, 0.7, 0.8]),
        of(0.75, [1.4, 1.0], [1.0, 1.0, 1.0]),
        of(1.5, [0.5, 1.0], [1.0, 1.0, 0.8]),
        of(1.6, [1.0, 0.7], [1.0, 1.0, 1.0]),
        of(1.6, [1.0, 1.7], [1.0, 1.0, 1.0]),
        of(0.0, [1.0, 1.0], [1.0, 1.0, 1.0]),
    ]
}

/// Episodes drawn one by one, each from its first event on, without the sampler.
struct Own<'a> {
    laws: &'a Laws,
    stream: Stream,
    scratch: SeverityScratch,
    moments: [f64; 2],
}

impl<'a> Own<'a> {
    fn new(laws: &'a Laws) -> Self {
        let key = StreamKey { seed: 77, purpose: Purpose::Severity, segment: 0, service: 0, trial: 0, year: 0 };
        // Of powers of amounts over their means, where an amount is a product of independent ones.
        let of_stay = |order| laws.stays.1.relative_moment(order);
        let of_rehab = laws.rehab.1.relative_moment(laws.days.2) * of_stay(laws.rehab.2 * laws.days.2);
        let moments = [of_stay(laws.rehab.2), of_rehab / libm::pow(of_stay(laws.rehab.2), laws.days.2)];
        Self { laws, stream: Stream::new(&key), scratch: SeverityScratch::default(), moments }
    }

    fn amount(&mut self, law: &Severity) -> f64 {
        let mut amount = [0.0];
        law.fill(&mut self.stream, &mut amount, &mut self.scratch);
        amount[0]
    }

    fn rehab(&mut self, stay: f64) -> f64 {
        let Laws { stays, rehab, .. } = self.laws;
        self.amount(&rehab.1) * libm::pow(stay / stays.1.mean(), rehab.2) / self.moments[0]
    }

    /// Events of a law, of which each is avoided or doubled.
    fn count(&mut self, frequency: Frequency, used: f64) -> u32 {
        let count = frequency.table().expect("valid").count(self.stream.word());
        let changed = (0..count).filter(|_| self.stream.uniform() < (used - 1.0).abs()).count() as u32;
        if used < 1.0 { count - changed } else { count + changed }
    }

    fn episode(&mut self, conduct: Conduct) -> f64 {
        let Laws { stays, rehab, days } = self.laws;
        let stay = self.amount(&stays.1);
        let mut sum = stay * conduct.prices[0];
        for _ in 0..self.count(rehab.0, conduct.uses[0]) {
            let cost = self.rehab(stay);
            sum += cost * conduct.prices[1];
            for _ in 0..self.count(days.0, conduct.uses[1]) {
                let day = self.amount(&days.1) * libm::pow(cost / rehab.1.mean(), days.2) / self.moments[1];
                sum += day * conduct.prices[2];
            }
        }
        sum
    }
}

#[test]
fn episodes_up_to_a_limit_have_the_law_of_episodes_drawn_one_by_one() {
    const DRAWS: usize = 100_000;
    for (stay, elasticities) in
        [(gamma(9_000.0, 1.0), [0.0, 0.0]), (gamma(9_000.0, 1.0), [0.6, 0.4]), (lognormal(9_000.0, 1.1), [0.8, 0.0])]
    {
        let laws = laws(stay, elasticities);
        let people = people(&laws, Life::default());
        let mut plan = Plan::default();
        let column = plan.column(episodes(&["rehab", "days"], Some(LIMIT)));
        let observed = observe(&people, &plan, &variants(), TRIALS);
        let mut own = Own::new(&laws);
        for (variant, conduct) in conducts().into_iter().enumerate() {
            let what = format!("variant {variant} with {elasticities:?}");
            let costs: Vec<f64> = (0..DRAWS).map(|_| own.episode(conduct).min(LIMIT)).collect();
            let n = DRAWS as f64;
            let mean = costs.iter().sum::<f64>() / n;
            let square = costs.iter().map(|cost| cost * cost).sum::<f64>() / n;
            let figures = observed.column(variant, 0, 0, column);
            let trials = figures.len() as f64;
            let found = figures.iter().sum::<f64>() / trials;
            let variance = figures.iter().map(|figure| (figure - found).powi(2)).sum::<f64>() / (trials - 1.0);
            let stays = 0.6 * MEMBERS as f64 * conduct.stays;
            let error = (variance / trials + stays * stays * (square - mean * mean) / n).sqrt();
            let off = found - stays * mean;
            assert!(off.abs() <= 4.0 * error, "{what}: {found} against {}, {:.1} errors", stays * mean, off / error);
            if variant == 0 {
                // A Poisson number of episodes.
                let expected = stays * square;
                let off = (variance / expected - 1.0) / (2.0 / trials).sqrt();
                assert!(off.abs() < 4.0, "{what}: variance {variance} against {expected}, {off:.1} errors");
            }
        }
    }
}

#[test]
fn a_program_saves_what_an_episode_below_the_limit_no_longer_costs() {
    let people = people(&laws(lognormal(9_000.0, 1.0), [0.5, 0.0]), Life::default());
    let mut plan = Plan::for_population(&people);
    let [near, far] = [LIMIT, 1e15].map(|limit| plan.column(episodes(&["rehab", "days"], Some(limit))));
    let observed = observe(&people, &plan, &[Variant::default(), variants()[2].clone()], 20);
    let [rehab, days, stays] = ["rehab", "days", "stays"]
        .map(|service| plan.position(&Observation::Expenditure { service: service.into() }).expect("it is observed"));
    for trial in 0..20 {
        let [reference, varied] = [0, 1].map(|variant| observed.row(trial, variant, 0, 0));
        let saved = reference[rehab] - varied[rehab] + reference[days] - varied[days];
        assert_eq!(reference[stays].to_bits(), varied[stays].to_bits());
        assert!(((reference[far] - varied[far]) / saved - 1.0).abs() < 1e-9);
        assert!(reference[near] - varied[near] < saved && reference[near] > varied[near]);
    }
}

/// Means of what depends on the amount of another, and the second moment of a person's year, in closed form.
#[test]
fn amounts_that_move_with_what_they_follow_keep_their_mean_and_vary_together() {
    const ELASTICITY: f64 = 0.7;
    let (rate, follow, persons) = (0.6, 0.8, 400_000.0);
    let (stay, rehab) = (lognormal(9_000.0, 0.6), lognormal(4_000.0, 0.5));
    let mut laws = laws(stay, [ELASTICITY, 0.0]);
    laws.rehab.1 = rehab;
    let mut services = services(&laws);
    services.retain(|service| ["stays", "rehab"].contains(&service.name.as_str()));
    let segment = Segment { members: persons as u64, ..with_services(Life::default(), services) };
    let people = Population::new(vec![segment], System::default()).expect("valid");
    let (mut rehabs, mut products) = (Vec::new(), Vec::new());
    Sampler::of_persons(&people, 1).expect("valid laws").visit(SEED, 0, &mut |block| {
        // Services in the order of their names.
        for (rehab, stays) in block.costs[0].iter().zip(&block.costs[1]) {
            rehabs.push(*rehab);
            products.push(stays * rehab);
        }
    });
    assert_mean("rehab", &rehabs, rate * follow * 4_000.0);
    // Over all pairs of a stay and a rehabilitation: of one stay, E[A f(A)] = E[A] exp(e s²); of two, the product of their means.
    let square = libm::log1p(0.36);
    let of_one = 9_000.0 * libm::exp(ELASTICITY * square);
    let expected = follow * 4_000.0 * (rate * of_one + rate * rate * 9_000.0);
    assert_mean("the product of a person's costs", &products, expected);
    let alone = follow * 4_000.0 * (rate + rate * rate) * 9_000.0;
    assert!(expected > 1.1 * alone, "the elasticity shows");
}

#[test]
fn a_single_figure_is_the_same_beside_episodes() {
    let people = people(&laws(gamma(9_000.0, 1.0), [0.6, 0.4]), lives_of_stays());
    let narrow = Plan::for_population(&people);
    let mut wide = narrow.clone();
    wide.column(episodes(&["rehab", "days"], Some(LIMIT)));
    wide.column(episodes(&["days"], Some(2.0 * LIMIT)));
    let [few, many] = [&narrow, &wide].map(|plan| observe(&people, plan, &variants(), 4));
    for trial in 0..4 {
        for variant in 0..variants().len() {
            for year in 0..YEARS as usize {
                let [few, many] = [&few, &many].map(|observed| observed.row(trial, variant, year, 0));
                for (column, figure) in few.iter().enumerate() {
                    assert_eq!(figure.to_bits(), many[column].to_bits(), "column {column} of variant {variant}");
                }
            }
        }
    }
    // And no variant depends on which others there are.
    let pair = [Variant::default(), variants()[7].clone()];
    let alone = observe(&people, &wide, &pair, 4);
    for trial in 0..4 {
        let bits = |row: &[f64]| row.iter().map(|figure| figure.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(alone.row(trial, 1, 1, 0)), bits(many.row(trial, 7, 1, 0)));
    }
}

fn lives_of_stays() -> Life {
    let mut life = lives();
    let end = life.mortality.as_mut().and_then(|mortality| mortality.end_of_life.as_mut()).expect("people die");
    end.services = vec![("stays".into(), 1.0)];
    life
}

#[test]
fn an_episode_of_one_event_is_that_event_up_to_the_limit() {
    let mut alone = services(&laws(lognormal(9_000.0, 1.1), [0.0; 2]));
    alone.retain(|service| ["stays", "calls"].contains(&service.name.as_str()));
    let people = Population::new(vec![with_services(lives_of_stays(), alone)], System::default()).expect("valid");
    let mut plan = Plan::default();
    let of_events = Observation::CappedExpenditure { service: "stays".into(), limit: Dollars(LIMIT) };
    let [episodes, events] =
        [episodes(&["rehab", "days"], Some(LIMIT)), of_events].map(|observation| plan.column(observation));
    let observed = observe(&people, &plan, &[Variant::default(), variants()[6].clone()], 4);
    for trial in 0..4 {
        for variant in 0..2 {
            let row = observed.row(trial, variant, 0, 0);
            assert!(row[events] > 0.0);
            assert_eq!(row[episodes].to_bits(), row[events].to_bits());
        }
    }
}

#[test]
fn elasticities_and_pools_that_cannot_be_are_refused() {
    let of = |stay: Severity, elasticity| {
        let services = services(&laws(stay, [elasticity, 0.0]));
        Population::new(vec![with_services(Life::default(), services)], System::default()).map(drop)
    };
    let heavy = || Severity::Family(twosided_prob::Family::pareto_of_shape(9_000.0, 1.8).expect("valid"));
    assert_eq!(of(heavy(), 0.8), Ok(()));
    let refused = [of(heavy(), 0.9), of(gamma(9_000.0, 1.0), -0.1), of(gamma(9_000.0, 1.0), f64::NAN)];
    let messages: Vec<String> = refused
        .into_iter()
        .map(|refused| match refused {
            Err(error @ PopulationError::Elasticity { .. }) => error.to_string(),
            other => panic!("{other:?} is refused"),
        })
        .collect();
    assert_eq!(
        messages[0],
        "service `rehab` of segment `people` has a severity_elasticity of 0.9; it is below 0.9, half of the tail index of `stays`, or what follows has no variance"
    );
    assert!(messages[1].ends_with("it is a number from 0 to 2"), "{}", messages[1]);
    let people = people(&laws(gamma(9_000.0, 1.0), [0.0; 2]), Life::default());
    let mut plan = Plan::default();
    plan.column(episodes(&["rehab"], Some(LIMIT)));
    let refused = PoolOptions::default().check(&people.segments()[0], &plan, 1, &[Variant::default()]);
    assert_eq!(refused, Err(NotPooled::Episodes("stays".into())));
}
