//! The sampler through its front door: laws, what correlates, what variants change, and what columns and variants leave alone.

mod apart;
mod attribution;
mod episodes;
mod laws;
mod pool;
mod variants;

use std::{collections::BTreeMap, sync::atomic::AtomicBool};

use twosided_population::{
    Effect, EndOfLife, Life, Mortality, Plan, Population, Program, RiskScore, Sampler, Scratch, Segment, Service,
    SocialRisk, System, Turnover, Utilization, Variant,
};
use twosided_prob::{Family, Frequency, Severity};
use twosided_units::{Pmpm, Share};

const YEARS: u32 = 2;
const SEED: u64 = 4;

fn gamma(mean: f64, cv: f64) -> Severity {
    Severity::Family(Family::gamma(mean, cv).expect("valid"))
}

fn lognormal(mean: f64, cv: f64) -> Severity {
    Severity::Family(Family::lognormal(mean, cv).expect("valid"))
}

/// Services of every kind: events and annual amounts, frail, robust and neither, of few and of most; events that follow others.
fn services() -> Vec<Service> {
    let service =
        |name: &str, frailty_loading, utilization| Service { name: name.into(), utilization, frailty_loading };
    let mixture = Severity::lognormal_mixture(&[(0.9, 900.0, 0.6), (0.1, 6_000.0, 0.8)]).expect("valid");
    vec![
        service("clinic", 0.0, Utilization::Annual { zero: 0.7, amount: lognormal(700.0, 1.0) }),
        service("dental", -0.3, Utilization::Annual { zero: 0.4, amount: mixture.clone() }),
        service("drugs", 0.5, Utilization::Annual { zero: 0.2, amount: gamma(2_000.0, 1.3) }),
        service("exams", 0.0, Utilization::Annual { zero: 0.1, amount: gamma(300.0, 0.5) }),
        service("homes", 0.9, Utilization::Annual { zero: 0.97, amount: lognormal(30_000.0, 0.7) }),
        service(
            "rehab",
            0.0,
            Utilization::Following {
                after: "stays".into(),
                frequency: Frequency::Poisson { mean: 0.6 },
                severity: gamma(4_000.0, 1.0),
                severity_elasticity: 0.0,
            },
        ),
        service(
            "scans",
            -0.4,
            Utilization::Events { frequency: Frequency::Bernoulli { probability: 0.15 }, severity: mixture },
        ),
        service(
            "stays",
            0.6,
            Utilization::Events {
                frequency: Frequency::NegativeBinomial { mean: 0.35, dispersion: 0.7 },
                severity: lognormal(14_000.0, 1.2),
            },
        ),
        service(
            "trips",
            0.0,
            Utilization::Events {
                frequency: Frequency::ZeroInflatedPoisson { mean: 0.4, zero_inflation: 0.5 },
                severity: Severity::Family(Family::weibull(500.0, 0.8).expect("valid")),
            },
        ),
        service(
            "visits",
            0.4,
            Utilization::Events { frequency: Frequency::Poisson { mean: 7.0 }, severity: gamma(120.0, 0.6) },
        ),
    ]
}

fn segment(name: &str, members: u64, life: Life) -> Segment {
    Segment {
        name: name.into(),
        group: None,
        payer: None,
        members,
        risk_score: Some(RiskScore { mean: 1.1, cv: 0.6, frailty_loading: 0.5, coding_growth: 0.0 }),
        social_risk: SocialRisk::NONE,
        life,
        truncation_point: None,
        services: services(),
    }
}

/// People who die and leave.
fn lives() -> Life {
    Life {
        persistence: 0.7,
        mortality: Some(Mortality {
            probability: 0.08,
            frailty_loading: 0.5,
            end_of_life: Some(EndOfLife { amount: gamma(9_000.0, 1.0), services: vec![("homes".into(), 1.0)] }),
        }),
        turnover: Some(Turnover { rate: 0.1, joiner_cost: 0.8, leaver_cost: 1.3 }),
        attribution: None,
    }
}

/// A segment of people who come, go and die, and one of people who stay.
fn population() -> Population {
    let segments = vec![segment("coming", 2_100, lives()), segment("staying", 1_500, Life::default())];
    let mut population = Population::new(segments, System::default()).expect("valid");
    population.programs = vec![program("fewer stays", "stays", -0.2, 0.1), program("more visits", "visits", 0.3, 0.0)];
    population
}

fn program(name: &str, service: &str, mean: f64, sd: f64) -> Program {
    Program {
        name: name.into(),
        cost: Pmpm(1.0),
        segments: None,
        effects: BTreeMap::from([(service.to_owned(), Effect { mean, sd })]),
        costs: BTreeMap::new(),
        shifts: BTreeMap::new(),
        closes: BTreeMap::new(),
        ramp: Vec::new(),
        decay: Share::new(0.0).expect("a share"),
        only_stayers: false,
    }
}

/// Rows of trials, by variant, year, segment and column.
struct Observed {
    sampler: Sampler,
    tables: Vec<Vec<f64>>,
    columns: usize,
}

fn observe(population: &Population, plan: &Plan, variants: &[Variant], trials: u64) -> Observed {
    let sampler = Sampler::new(population, plan, YEARS, variants).expect("valid laws");
    let mut scratch = Scratch::default();
    let table_of = |trial| {
        let mut table = vec![0.0; sampler.table_length()];
        sampler.observe(SEED, trial, &AtomicBool::new(false), &mut scratch, &mut table).expect("nothing stops it");
        table
    };
    let tables = (0..trials).map(table_of).collect();
    Observed { sampler, tables, columns: plan.observations().len() }
}

impl Observed {
    /// A segment's row of a variant's year in a trial.
    fn row(&self, trial: usize, variant: usize, year: usize, segment: usize) -> &[f64] {
        let start = (variant * YEARS as usize + year) * self.sampler.row_length() + segment * self.columns;
        &self.tables[trial][start..start + self.columns]
    }

    /// A column over all trials.
    fn column(&self, variant: usize, year: usize, segment: usize, column: usize) -> Vec<f64> {
        (0..self.tables.len()).map(|trial| self.row(trial, variant, year, segment)[column]).collect()
    }
}

/// Asserts that values have a mean, within four standard errors.
fn assert_mean(what: &str, values: &[f64], expected: f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let off = (mean - expected) / (variance / n).sqrt();
    assert!(off.abs() < 4.0, "{what}: mean {mean} against {expected}, {off:.1} standard errors");
}
