//! What contracts see of the layers: scores, factors, errors of benchmarks, tiers, and files in parts.

use std::num::NonZeroUsize;

use twosided_population::Observation;
use twosided_prob::Sample;

use crate::{
    observations::{CAPITATION, CERTAIN, FEES, FRAIL, assert_mean, expenditure},
    support::{Run, parse, text, twosided},
};

#[test]
fn benchmarks_follow_risk_scores_and_social_risk_underpays() {
    let text = |social: &str, years: u32| {
        format!(
            "[run]\nname = \"scores\"\nyears = {years}\n[[population.segments]]\nname = \"all\"\nmembers = 3_000\n{social}\
             risk_score = {{ mean = 1.1, cv = 0.8, frailty_loading = 0.7, coding_growth = 0.02 }}\n\
             services.care = {{ annual = {{ gamma = {{ mean = 10_000, cv = 1 }} }}, frailty_loading = 0.6 }}\n\
             [[contracts]]\nname = \"Shared\"\nterms.shared_savings = {{ benchmark = {{ per_capita = 10_000 }}, savings = {{ \
             minimum_rate = 0, sharing_rate = 1 }}, losses = {{ minimum_rate = 0, sharing_rate = 1 }} }}\n\
             agreement.risk_adjustment = {{ cap = 0.5 }}\n"
        )
    };
    let run = Run::of(&parse(&text("", 3)), 400, 9);
    for year in 0..3 {
        assert_mean(&run, year, &Observation::RiskScore, 3_000.0 * 1.1 * 1.02_f64.powf(year as f64));
    }
    // Coding of two percent a year moves the benchmark with it.
    for year in 0..3 {
        let benchmark = run.observed.benchmarks[(year, 0)];
        let z = (benchmark.mean() - 10_000.0 * 1.02_f64.powf(year as f64)) / benchmark.standard_error();
        assert!(z.abs() < 4.0, "year {year}: {}, {z:.1} standard errors", benchmark.mean());
    }
    let poor = Run::of(&parse(&text("social_risk = { cost = 1.1, risk_score = 1 }\n", 1)), 400, 9);
    let gain = |run: &Run| {
        Sample::new(run.outcomes.yearly.index_axis(ndarray::Axis(1), 0).column(0).to_vec()).expect("finite").mean()
    };
    let scored = Run::of(&parse(&text("social_risk = { cost = 1.1, risk_score = 1.1 }\n", 1)), 400, 9);
    let (even, poor, scored) = (gain(&run), gain(&poor), gain(&scored));
    let off = |one: twosided_prob::Estimate, less: f64, other: twosided_prob::Estimate| {
        (one.value - less - other.value) / (one.standard_error.powi(2) + other.standard_error.powi(2)).sqrt()
    };
    let lost = off(even, 0.1 * 30e6, poor);
    assert!(lost.abs() < 4.0, "what social risk costs beyond the score is not paid: {lost:.1} standard errors");
    let paid = off(even, 0.0, scored);
    assert!(paid.abs() < 4.0, "what the score shows is paid: {paid:.1} standard errors");
}

#[test]
fn a_contract_goes_its_glide_path_is_rebased_and_ends() {
    let contract = |more: &str| {
        format!(
            "[[contracts]]\nname = \"Path\"\nterms.shared_savings = {{ benchmark = {{ per_capita = 1_100 }}, savings = {{ minimum_rate \
             = 0, sharing_rate = 0.5 }} }}\n{more}"
        )
    };
    let gains = |trend: f64, more: &str| -> Vec<f64> {
        let text = format!(
            "[run]\nname = \"path\"\nyears = 4\ntrials = 2\n[population]\ntrend = {{ mean = {trend} }}\n{CERTAIN}{}",
            contract(more)
        );
        Run::of(&parse(&text), 2, 1).outcomes.yearly.index_axis(ndarray::Axis(0), 0).column(0).to_vec()
    };
    let near = |found: &[f64], expected: [f64; 4]| {
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6), "{found:?}");
    };
    near(&gains(1.0, ""), [5_000.0; 4]);
    // Costs of the first year are a twentieth up; from then on costs, benchmark and savings rise by a twentieth a year.
    near(&gains(1.05, ""), [2_500.0, 2_625.0, 2_756.25, 2_894.062_5]);
    let path = "[[contracts.later]]\nfrom_year = 3\nterms.shared_savings = { benchmark = { per_capita = 1_100 }, savings = { minimum_rate = \
                0, sharing_rate = 0.75 } }\n";
    near(&gains(1.0, path), [5_000.0, 5_000.0, 7_500.0, 7_500.0]);
    // After two years the benchmark is what was spent and half of what was saved: $1,050.
    near(&gains(1.0, "agreement.rebasing = { every = 2, weights = [1, 1] }\n"), [5_000.0, 5_000.0, 2_500.0, 2_500.0]);
    near(&gains(1.0, "agreement.ends = { after_years = 3 }\n"), [5_000.0, 5_000.0, 5_000.0, 0.0]);
}

#[test]
fn layered_runs_are_the_same_for_any_number_of_threads_and_order_of_segments() {
    let other = FRAIL.replace("\"frail\"", "\"other\"");
    let text = |first: &str, second: &str| {
        format!(
            "[run]\nname = \"order\"\nyears = 3\n{first}{second}\n[organization]\nbenchmark_error = {{ sd = 0.02, persistence = 0.7 }}\n\
             [[system.factors]]\nname = \"price\"\nlognormal = {{ mean = 1.02, cv = 0.03 }}\nloading = {{ services = {{ drugs = 2 }} }}\n\
             {FEES}{CAPITATION}"
        )
    };
    let scenario = parse(&text(FRAIL, &other));
    let one = Run::on(&scenario, 20, 11, NonZeroUsize::new(1));
    let three = Run::on(&scenario, 20, 11, NonZeroUsize::new(3));
    assert_eq!(one.outcomes, three.outcomes);
    let turned = Run::of(&parse(&text(&other, FRAIL)), 20, 11);
    assert_eq!(one.outcomes.yearly, turned.outcomes.yearly);
}

#[test]
fn factors_move_costs_by_their_loadings_and_benchmarks_by_theirs() {
    let text = format!(
        "[run]\nname = \"factors\"\nyears = 2\n{CERTAIN}[[system.factors]]\nname = \"trend\"\nlognormal = {{ mean = 1.05, cv = 0.03 }}\n\
         compounding = true\nloading = {{ benchmark = 0.5 }}\n[[contracts]]\nname = \"Two-sided\"\nterms.shared_savings = {{ benchmark = \
         {{ per_capita = 1_050 }}, savings = {{ minimum_rate = 0, sharing_rate = 1 }}, losses = {{ minimum_rate = 0, sharing_rate = 1 }} }}\n"
    );
    let run = Run::of(&parse(&text), 400, 12);
    let cost = run.observed.observation_in(1, &expenditure("care")).expect("observed").1;
    assert!(((cost.mean() - 100_000.0 * 1.05 * 1.05) / cost.standard_error()).abs() < 4.0, "{}", cost.mean());
    // In the first year a cost of F × $1,000 meets a benchmark of $1,050 × (F / 1.05)^½.
    for trial in 0..400 {
        let gain = run.outcomes.yearly[(trial, 0, 0)] / 100.0;
        let factor = factor_of(gain);
        assert!((gain - (1_050.0 * (factor / 1.05).sqrt() - 1_000.0 * factor)).abs() < 1e-6);
        assert!(factor > 0.9 && factor < 1.25, "{factor}");
    }
}

/// The factor at which a cost of F × $1,000 falls short of $1,050 × (F / 1.05)^½ by this much; by bisection, for it falls.
fn factor_of(gain: f64) -> f64 {
    let (mut low, mut high) = (0.5, 2.0);
    for _ in 0..200 {
        let middle: f64 = 0.5 * (low + high);
        if 1_050.0 * (middle / 1.05).sqrt() - 1_000.0 * middle > gain { low = middle } else { high = middle }
    }
    low
}

#[test]
fn an_included_population_is_part_of_the_scenario_and_its_faults_stand_in_its_file() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("it can be written");
    write("people.toml", FRAIL);
    let main = format!(
        "include = \"people.toml\"\n[run]\nname = \"included\"\ntrials = 8\n[population]\nmembers = 500\n{FEES}"
    );
    write("main.toml", &main);
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let report = path("report");
    let done = twosided(&["run", &path("main.toml"), "--out", &report]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let again = twosided(&["run", &format!("{report}/run.toml"), "--out", &path("again")]);
    assert!(again.status.success(), "run.toml is complete by itself: {}", text(&again.stderr));
    let hash = |folder: &str| {
        let run = std::fs::read_to_string(format!("{folder}/run.toml")).expect("a run file");
        run.lines().find(|line| line.starts_with("outcomes_sha256")).map(str::to_owned)
    };
    assert_eq!(hash(&report), hash(&path("again")));
    write("people.toml", &FRAIL.replace("mean = 0.3", "mean = -0.3"));
    let refused = twosided(&["check", &path("main.toml")]);
    assert_eq!(refused.status.code(), Some(1));
    let message = text(&refused.stderr);
    assert!(message.contains("people.toml:7:") && message.contains("-0.3"), "{message}");
    write("main.toml", &main.replace("people.toml", "nobody.toml"));
    let refused = text(&twosided(&["check", &path("main.toml")]).stderr);
    assert!(refused.contains("line 1 includes nobody.toml") && refused.contains("there is no such file"), "{refused}");
}

#[test]
fn what_is_said_of_a_segment_holds_for_its_tiers() {
    let text = |tiers: &str| {
        format!(
            "[run]\nname = \"tiers\"\n{tiers}{CERTAIN}[[provider.programs]]\nname = \"half\"\nsegments = [\"certain\"]\neffect = {{ care = \
             {{ mean = -0.5 }} }}\n[[contracts]]\nname = \"Capitation\"\nterms.capitation = {{ pmpm = 100 }}\ncovers.specific = {{ \
             attachment_point = 100, coinsurance = 1, premium_pmpm = 0, lasers = {{ certain = 10_000 }} }}\n"
        )
    };
    let tiers = "[[population.tiers]]\nname = \"low\"\nshare = 0.5\nuse = 1\n[[population.tiers]]\nname = \"high\"\nshare = 0.5\nuse = 3\n";
    let gain = |tiers: &str| Run::of(&parse(&text(tiers)), 2, 1).outcomes.gains[(0, 0)];
    // Capitation of $120,000 and half of $100,000 spent, nobody above the laser of $10,000; fee-for-service leaves nothing.
    assert!((gain("") - 70_000.0).abs() < 1e-6);
    assert!((gain(tiers) - 70_000.0).abs() < 1e-6, "{}", gain(tiers));
}

#[test]
fn a_benchmark_error_has_its_mean_in_every_year() {
    let text = format!(
        "[run]\nname = \"mean\"\nyears = 3\n{CERTAIN}[organization]\nbenchmark_error = {{ mean = 1.1, sd = 0 }}\n[[contracts]]\nname = \
         \"Shared\"\nterms.shared_savings = {{ benchmark = {{ per_capita = 1_000 }}, savings = {{ minimum_rate = 0, sharing_rate = 1 }} }}\n"
    );
    let run = Run::of(&parse(&text), 2, 1);
    assert!(run.outcomes.yearly.iter().all(|gain| (gain - 10_000.0).abs() < 1e-6), "{:?}", run.outcomes.yearly);
}
