//! Runs of reduced variance: controls have the means that are stated, ranges are joined to the bit, and what was asked for is reached.

use std::{num::NonZeroUsize, sync::atomic::AtomicBool};

use twosided::{
    Control, FIRST_LOOK, Precision, RiskMeasure, RunError, RunOptions, Scenario, Shards,
    prob::Draws,
    run_shard, run_to_precision,
    sim::{Job, Simulator, simulate},
    units::Share,
};

use crate::lives::LIVES;
use crate::support::{file, parse, write};

fn shipped(name: &str) -> Scenario {
    Scenario::load(&file(&format!("scenarios/{name}.toml")), &[]).expect("shipped scenarios are valid")
}

/// Two hundred people under a trend, a factor, deaths and a capitation.
const SMALL: &str = "
[run]
name = 'Small'
years = 2
seed = 5
[population]
trend = { mean = 1.03, cv = 0.03 }
[[system.factors]]
name = 'prices'
lognormal = { mean = 1.0, cv = 0.02 }
[[population.segments]]
name = 'all'
members = 200
mortality = { probability = 0.03, frailty_loading = 0.4 }
services.care = { annual = { gamma = { mean = 8_000, cv = 2 }, zero = 0.1 }, frailty_loading = 0.5 }
[[contracts]]
name = 'Fees'
terms.fee_for_service = {}
[[contracts]]
name = 'Capitation'
terms.capitation = { pmpm = 680 }
";

fn precision(share: f64, measures: &[RiskMeasure], max_trials: u64) -> Precision {
    Precision { share: Share::new(share).expect("a share"), measures: measures.to_vec(), max_trials }
}

#[test]
fn controls_have_their_known_means() {
    let names = ["reference-job", "commercial", "continuum", "glide-path", "real-aco"];
    let scenarios = names.map(|name| (name, shipped(name)));
    for (name, scenario) in scenarios.into_iter().chain([("lives", parse(LIVES)), ("small", parse(SMALL))]) {
        let job = Job { trials: 340, years: 1, seed: 12, controls: true, draws: Draws::Independent, ..scenario.job() };
        let simulated = simulate(&job, None, &Control::default()).expect("nothing stops it");
        let off: Vec<f64> = simulated.design.off().collect();
        assert!(!off.is_empty() && off.iter().all(|z| z.abs() < 4.0), "{name}: {off:.1?}");
    }
}

#[test]
fn ranges_and_threads_of_stratified_trials_come_to_the_same_bits() {
    let scenario = Scenario { trials: 200, variance_reduction: true, ..parse(SMALL) };
    let (job, control) = (scenario.job(), Control::default());
    let whole = simulate(&job, NonZeroUsize::new(2), &control).expect("nothing stops it");
    let simulator = |threads| Simulator::new(&job, threads, &control).expect("its laws are valid");
    let (one, all) = (simulator(NonZeroUsize::new(1)), simulator(None));
    let mut part = one.simulate(0..37, &control).expect("nothing stops it");
    part.join(all.simulate(37..200, &control).expect("nothing stops it")).expect("they follow");
    assert_eq!(all.finish(part, &control).expect("nothing stops it"), whole);
}

#[test]
fn a_run_goes_on_until_it_is_exact_and_its_file_repeats_it() {
    let measures = [RiskMeasure::MeanGain, RiskMeasure::TailValueAtRisk95];
    let precision = precision(0.02, &measures, 50_000);
    let scenario = parse(SMALL);
    let precise = run_to_precision(&scenario, &RunOptions::default(), &precision).expect("it is small");
    let trials = precise.run.scenario.trials;
    assert!(precise.missed.is_empty() && trials > FIRST_LOOK && trials.is_multiple_of(64), "{trials}");
    let contract = precise.run.summary.contract("Capitation").expect("it is there");
    let tenth = 0.1 * contract.measure(RiskMeasure::SdGain).value;
    for measure in measures {
        let found = contract.measure(measure);
        assert!(found.standard_error <= 0.02 * found.value.abs().max(tenth), "{found:?}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    precise.run.write(folder.path().join("run")).expect("the scenario is as written");
    let again = Scenario::load(&folder.path().join("run/run.toml"), &[]).expect("it is valid");
    assert!(again.variance_reduction && again.trials == trials);
    let again = twosided::run(&again, &RunOptions::default()).expect("it is small");
    assert_eq!((again.summary, again.outcomes), (precise.run.summary, precise.run.outcomes));
}

#[test]
fn shards_of_reduced_variance_are_merged_into_one_run() {
    let scenario = Scenario { trials: 200, variance_reduction: true, ..parse(SMALL) };
    let folder = tempfile::tempdir().expect("a folder");
    let folders = [0..70, 70..200].map(|trials| {
        let place = folder.path().join(trials.start.to_string());
        let shard = run_shard(&scenario, trials, &RunOptions::default()).expect("it is small");
        shard.write(&place, &AtomicBool::new(false)).expect("the folder is new");
        place
    });
    let merged =
        Shards::open(&folders).and_then(|shards| shards.merge(&RunOptions::default())).expect("they are whole");
    let whole = twosided::run(&scenario, &RunOptions::default()).expect("it is small");
    assert_eq!((merged.summary, merged.outcomes), (whole.summary, whole.outcomes));
}

#[test]
fn a_tail_that_was_hardly_sampled_is_not_reached() {
    let asked = |trials| precision(0.5, &[RiskMeasure::ValueAtRisk99, RiskMeasure::TailValueAtRisk99], trials);
    let of = |trials| run_to_precision(&parse(SMALL), &RunOptions::default(), &asked(trials)).expect("it is small");
    let stopped = of(FIRST_LOOK);
    assert_eq!(stopped.missed.len(), 2);
    for missed in &stopped.missed {
        assert!(missed.ratio() < 1.0 && missed.few.is_some_and(|few| few < 30), "{missed:?}");
    }
    let precise = of(50_000);
    assert!(precise.missed.is_empty(), "{:?}", precise.missed);
    assert!((5_000..10_000).contains(&precise.run.scenario.trials), "{}", precise.run.scenario.trials);
}

#[test]
fn a_contract_that_shares_no_losses_is_reached_once_its_tail_is_long() {
    let terms = "shared_savings = { benchmark.per_capita = 7_400, savings.sharing_rate = 0.5 }";
    let one_sided = parse(&SMALL.replace("capitation = { pmpm = 680 }", terms));
    let asked = precision(0.5, &[RiskMeasure::ProbabilityOfLoss, RiskMeasure::TailValueAtRisk95], 50_000);
    let precise = run_to_precision(&one_sided, &RunOptions::default(), &asked).expect("it is small");
    let tail = precise.run.summary.contract("Capitation").expect("it is there").measure(RiskMeasure::TailValueAtRisk95);
    assert!(
        precise.missed.is_empty() && (tail.value, tail.standard_error) == (0.0, 0.0),
        "{:?} {tail:?}",
        precise.missed
    );
    assert_eq!(precise.run.scenario.trials, 8_192);
}

#[test]
fn precision_of_a_scenario_with_pools_is_refused() {
    let pooled = parse(&SMALL.replace("[run]\n", "[run]\npools = { above = 100 }\n"));
    let asked = precision(0.02, &[RiskMeasure::MeanGain], 50_000);
    let Err(RunError::Refused(reason)) = run_to_precision(&pooled, &RunOptions::default(), &asked) else {
        panic!("its pool's error does not shrink with trials");
    };
    let wanted = "the error of a pool does not shrink with trials, so precision cannot be reached; take out `run.pools`, or run without \
                  precision";
    assert_eq!(reason, wanted);
}

#[test]
fn what_cannot_be_reached_is_stated() {
    let scenario = parse(SMALL);
    let asked = precision(0.0005, &[RiskMeasure::MeanGain, RiskMeasure::ProbabilityOfLoss], 3_000);
    let precise = run_to_precision(&scenario, &RunOptions::default(), &asked).expect("it is small");
    assert_eq!(precise.run.scenario.trials, 2_944);
    let missed: Vec<&str> = precise.missed.iter().map(|missed| missed.contract.as_str()).collect();
    assert_eq!(missed, ["Capitation", "Capitation"]);
    assert!(precise.missed.iter().all(|missed| missed.ratio() > 1.0));
    // A heavy tail leaves no error, for which no trials are spent.
    let folder = tempfile::tempdir().expect("a folder");
    let heavy = SMALL.replace("gamma = { mean = 8_000, cv = 2 }", "pareto = { mean = 8_000, shape = 1.9 }");
    write(folder.path(), "heavy.toml", &heavy);
    let heavy = Scenario::load(&folder.path().join("heavy.toml"), &[]).expect("it is valid");
    let precise = run_to_precision(&heavy, &RunOptions::default(), &precision(0.01, &[RiskMeasure::MeanGain], 50_000))
        .expect("it is small");
    assert_eq!(precise.run.scenario.trials, FIRST_LOOK);
    assert_eq!(precise.missed[0].ratio(), f64::INFINITY);
}
