//! How many person-years an error of 1% takes, as trials are drawn and weighted: the table of docs/precision.md.
//!
//! `cargo bench --bench precision` prints it for the shipped scenarios; a name after `--` picks one of them, and `--test` the first. Each scenario is simulated twice with
//! as many trials, independent and stratified; what an error of 1% takes follows from the error found, which falls with the root of the
//! trials. Errors of TVaR 99 rest on the worst hundredth of the trials and are good to about a seventh; with fewer than 30 trials beyond VaR 99, a dash stands
//! for them.
#![allow(clippy::print_stdout, reason = "it prints a table")]

use std::{path::Path, sync::Arc};

use twosided_oracle::{Exact, GainLaw, Oracle};
use twosided_prob::{Design, Draws, Estimate, FEWEST_BEYOND, Sample};
use twosided_scenario::Scenario;
use twosided_sim::{Control, Job, Simulated, simulate};
use twosided_units::Share;

/// Trials of each simulation: 64 batches, of which 41 trials lie beyond VaR 99.
const TRIALS: u64 = 4_096;
const NAMES: [&str; 6] = ["reference-job", "first-steps", "commercial", "continuum", "real-aco", "glide-path"];

fn main() {
    let mut wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if std::env::args().any(|argument| argument == "--test") {
        wanted.push(NAMES[0].to_owned());
    }
    println!("| scenario, contract | measure | plain | stratified | controls | both | exact law given the factors |");
    println!("|:--|:--|--:|--:|--:|--:|:--|");
    for name in NAMES.into_iter().filter(|name| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name)) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{name}.toml"));
        scenario(name, &Scenario::load(&path, &[]).expect("shipped scenarios are valid"));
    }
}

fn scenario(name: &str, scenario: &Scenario) {
    let simulated = |draws| {
        let job = Job { trials: TRIALS, draws, controls: true, ..scenario.job() };
        simulate(&job, None, &Control::default()).expect("nothing stops it")
    };
    let (plain, stratified) = (simulated(Draws::Independent), simulated(Draws::Stratified));
    let without_controls = |draws: Draws| Arc::new(Design::new(TRIALS as usize, draws.batch(), &[]));
    let ways: [(&Simulated, Arc<Design>); 4] = [
        (&plain, without_controls(Draws::Independent)),
        (&stratified, without_controls(Draws::Stratified)),
        (&plain, Arc::clone(&plain.design)),
        (&stratified, Arc::clone(&stratified.design)),
    ];
    let person_years = TRIALS as f64 * scenario.population.members() as f64 * f64::from(scenario.years);
    for (index, contract) in scenario.contracts.iter().enumerate() {
        let tails = plain.observed.tails[index];
        let samples = ways.each_ref().map(|(simulated, design)| {
            let gains = simulated.outcomes.gains_of(index).to_vec();
            let sample = Sample::drawn_by(design, gains).expect("finite gains of enough trials");
            sample.with_tail_indices(tails.losses, tails.gains)
        });
        if samples[0].sd().value == 0.0 {
            continue;
        }
        let law = law(scenario, index);
        let level = Share::new(0.99).expect("a share");
        let of_tail = samples.each_ref().map(|sample| {
            let is_few = sample.trials_beyond(sample.value_at_risk(level).value) < FEWEST_BEYOND;
            let tail = sample.tail_value_at_risk(level);
            if is_few { Estimate { standard_error: f64::INFINITY, ..tail } } else { tail }
        });
        let of_mean = samples.each_ref().map(Sample::mean);
        let exact = law.as_ref().map(|law| [law.mean(), law.tail_value_at_risk(level)]);
        for (measure, found, index) in [("mean", of_mean, 0), ("TVaR 99", of_tail, 1)] {
            // One amount for all ways, so that they differ by their errors alone.
            let amount = found[3].value.abs().max(0.1 * samples[3].sd().value);
            let needed = found.map(|Estimate { standard_error, .. }| {
                let needed = person_years * (standard_error / (0.01 * amount)).powi(2);
                if needed.is_finite() { rounded(needed) } else { "–".to_owned() }
            });
            let exact = match exact {
                None => "no law".to_owned(),
                Some(exact) => {
                    let Exact { bound, .. } = exact[index];
                    if bound <= 1e-3 * amount {
                        "none: exact".to_owned()
                    } else {
                        format!("bound of {:.1}%", 100.0 * bound / amount)
                    }
                }
            };
            println!("| {name}, {} | {measure} | {} | {exact} |", contract.name, needed.join(" | "));
        }
    }
}

/// The exact law of a contract's gain, where there is one.
fn law(scenario: &Scenario, contract: usize) -> Option<GainLaw> {
    let job = scenario.job();
    let law = Oracle::new(&job).and_then(|mut oracle| {
        let nodes = oracle.nodes()?;
        oracle.law(contract, &nodes)
    });
    law.ok()
}

/// A number to two digits, with its thousands or millions.
fn rounded(number: f64) -> String {
    if number < 1e3 {
        return "under 1 k".to_owned();
    }
    let unit = 10_f64.powf(number.log10().floor() - 1.0);
    let number = (number / unit).round() * unit;
    match number {
        1e9.. => format!("{} G", number / 1e9),
        1e6.. => format!("{} M", number / 1e6),
        _ => format!("{} k", number / 1e3),
    }
}
