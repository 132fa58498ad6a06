//! Fits of laws: what is chosen, what is warned of, and that what is written can be read.

use std::{
    fs,
    path::Path,
    process::Output,
    sync::atomic::{AtomicBool, AtomicU64},
};

use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use serde_json::Value;
use tempfile::TempDir;
use twosided_actuals::Table;
use twosided_fit::{
    ColumnRoles, CredibilityMethod, Criterion, Data, Exposure, Fit, Prior, ServiceColumns, Settings, Unmatched, Watch,
    population_file,
};
use twosided_scenario::Scenario;

use crate::support::{text, twosided};

fn fit(file: &str, others: &[&str], folder: &Path) -> Output {
    let out = folder.to_str().expect("UTF-8");
    let columns = ["fit", file, "--person", "id", "--year", "year", "--service", "care=cost:cost", "--out", out];
    twosided(&[&columns[..], others].concat())
}

/// A scenario of a population that was fitted.
fn scenario_of(population: &str) -> String {
    format!("[run]\nname = 'Fitted'\n{population}\n[[contracts]]\nname = 'Capitation'\nterms.capitation.pmpm = 10\n")
}

#[test]
fn amounts_without_a_mean_are_warned_of_everywhere() {
    let temporary = TempDir::new().expect("a folder");
    let folder = temporary.path().join("fit");
    let output = fit("tests/data/claims-without-mean.csv", &["--bootstrap", "0"], &folder);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a file");
    let json: Value = serde_json::from_str(&read("fit.json")).expect("JSON");
    let service = &json["segments"][0]["services"][0];
    for said in [
        "have tail shape 1.21",
        "from 1 up they have no mean",
        "the largest amount is 74% of all cost",
        "the law's mean of a person-year is $48,362, that of the data $303,061 ± $227,911",
    ] {
        assert!(text(&output.stderr).contains(said), "`{said}` is not on the terminal: {}", text(&output.stderr));
        assert!(read("population.toml").contains(said), "`{said}` is not in the population");
        assert!(service["warnings"].to_string().contains(said), "`{said}` is not in fit.json");
        assert!(read("fit.html").contains(&said.replace('\'', "&#39;")) || read("fit.html").contains(said), "{said}");
    }
    Scenario::parse("fitted.toml", &scenario_of(&read("population.toml"))).expect("the population is valid");
}

#[test]
fn a_law_that_fits_has_no_warning() {
    let temporary = TempDir::new().expect("a folder");
    let path = temporary.path().join("data.csv");
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(310);
    let law = rand_distr::LogNormal::new(8.0, 1.1).expect("valid parameters");
    let rows = (0..3_000).map(|id| format!("{id},2024,{:.2}\n", rng.sample(law)));
    fs::write(&path, format!("id,year,cost\n{}", rows.collect::<String>())).expect("a file");
    let folder = temporary.path().join("fit");
    let output = fit(path.to_str().expect("UTF-8"), &["--bootstrap", "0"], &folder);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains("warning"), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("laws with the lowest BIC"), "{}", text(&output.stdout));
    let by_aic = fit(path.to_str().expect("UTF-8"), &["--bootstrap", "0", "--criterion", "aic"], &folder);
    assert!(text(&by_aic.stdout).contains("laws with the lowest AIC"), "{}", text(&by_aic.stdout));
}

/// Costs that laws are not made for, by the number of the kind.
fn cost(kind: u32, rng: &mut Xoshiro256PlusPlus) -> f64 {
    let uniform: f64 = rng.random_range(1e-9..1.0);
    match kind {
        0 => 10_f64.powf(rng.random_range(-6.0..9.0)),
        1 => [1e-6, 1e9][usize::from(uniform < 0.3)],
        2 => 120.0 * (1.0 + 1e-9 * uniform),
        3 => (50.0 * uniform.powf(-1.0 / 0.8)).min(1e9),
        4 => (50.0 * uniform.powf(-1.0 / 1.02)).min(1e9),
        5 => [100.0, 200.0, 300.0][rng.random_range(0..3)],
        6 => (5.0 * uniform).ceil(),
        7 => {
            if uniform < 0.98 {
                0.0
            } else {
                1e9
            }
        }
        8 => 1e9 * uniform.powi(40).max(1e-15),
        9 => 1e9 - 1e-6 * uniform,
        10 => -1e-6 * uniform.ln().min(-1.0),
        11 => 1_000.0 * (-uniform.ln()),
        _ => {
            if uniform < 0.5 {
                40.0
            } else {
                1e3 * uniform.powf(-0.55)
            }
        }
    }
}

/// Counts likewise.
fn count(kind: u32, rng: &mut Xoshiro256PlusPlus) -> u32 {
    let uniform: f64 = rng.random_range(1e-9..1.0);
    match kind {
        0 => 1,
        1 => 1 + (10_000.0 * uniform.powi(30)) as u32 % 9_999,
        2 => {
            if uniform < 0.99 {
                1
            } else {
                9_000
            }
        }
        3 => 1 + rng.random_range(0..2),
        _ => 900 + rng.random_range(0..100),
    }
}

#[test]
fn whatever_fit_writes_is_valid() {
    let temporary = TempDir::new().expect("a folder");
    let path = temporary.path().join("data.csv");
    let mut written = 0;
    for set in 0..260_u64 {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(set);
        let (cost_kind, count_kind) = (rng.random_range(0..13), rng.random_range(0..5));
        let (people, years) = ([20, 60, 300][rng.random_range(0..3)], rng.random_range(1..4_u32));
        let used: f64 = [0.03, 0.5, 1.0][rng.random_range(0..3)];
        let mut rows = String::from("id,year,part,cost,events,eventcost\n");
        for id in 0..people {
            for year in 0..years {
                let part = [0.002, 0.01, 0.5, 1.0][rng.random_range(0..4)];
                let mut amount = || if rng.random_bool(used) { cost(cost_kind, &mut rng) } else { 0.0 };
                let (annual, of_events) = (amount(), amount());
                let events = if of_events > 0.0 { count(count_kind, &mut rng) } else { 0 };
                rows.push_str(&format!("{id},{year},{part},{annual:e},{events},{of_events:e}\n"));
            }
        }
        fs::write(&path, rows).expect("a file");
        let services = ["care=cost:cost", "events=cost:eventcost,count:events"];
        let columns = ColumnRoles {
            person: "id".into(),
            year: "year".into(),
            exposure: if set % 2 == 0 { Exposure::WholeYears } else { Exposure::Share("part".into()) },
            services: services.map(|service| service.parse::<ServiceColumns>().expect("well formed")).into(),
            segments: Vec::new(),
            unmatched: Unmatched::Refuse,
        };
        // What is refused is not written.
        let Ok(data) = Data::read(&Table::load(&path).expect("a table"), &columns) else { continue };
        let mut prior = Prior::default();
        if set % 5 == 0 {
            prior.by_service.insert("care".into(), [1e-9, 1e12][rng.random_range(0..2)]);
        }
        let criterion = if set % 3 == 0 { Criterion::Aic } else { Criterion::Bic };
        let tail_above = [0.5, 0.9, 0.99][rng.random_range(0..3)];
        let rule = CredibilityMethod::Buhlmann { k: 1_000.0 };
        let settings = Settings { seed: set, samples: 0, tail_above, criterion, prior, rule };
        let (stop, done) = (AtomicBool::new(false), AtomicU64::new(0));
        let Ok(fit) = Fit::new(&data, &columns, &settings, Watch { stop: &stop, done: &done }) else { continue };
        written += 1;
        let scenario = scenario_of(&population_file(&fit));
        if let Err(error) = Scenario::parse("fitted.toml", &scenario) {
            panic!("set {set}, costs {cost_kind}, counts {count_kind}: {error:?}\n{scenario}");
        }
    }
    assert!(written > 100, "only {written} data sets were fitted");
}

#[test]
fn a_prior_that_no_law_can_meet_is_an_error() {
    let temporary = TempDir::new().expect("a folder");
    let folder = temporary.path().join("fit");
    let prior = ["--prior-mean", "care=1e12", "--credibility", "1e9", "--bootstrap", "0"];
    let output = fit("tests/data/claims-without-mean.csv", &prior, &folder);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("care cannot be stated: mean is"), "{}", text(&output.stderr));
    assert!(!folder.exists());
}
