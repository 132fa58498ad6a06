//! The readmission penalty from sampled readmissions.

use twosided_report::Summary;

use crate::support::{Run, parse, text as words, twosided};

/// A hospital with one condition: stays and their readmissions, in two segments.
fn scenario(sampled: &str, more: &str) -> String {
    format!(
        "[run]\nname = \"Hospital\"\ntrials = 2_000\nseed = 30\n{more}\n[provider]\nown_share = {{ stays = 1, readmissions = 1 }}\n\
         [[population.segments]]\nname = \"others\"\nmembers = 9_000\n\
         services.stays = {{ frequency.poisson.mean = 0.02, severity.gamma = {{ mean = 12_000, cv = 0.5 }} }}\n\
         services.readmissions = {{ follows = \"stays\", frequency.bernoulli.probability = 0.2, severity.gamma = {{ mean = 14_000, cv = 0.5 }} }}\n\
         [[population.segments]]\nname = \"dual\"\nmembers = 3_000\n\
         services.stays = {{ frequency.poisson.mean = 0.04, severity.gamma = {{ mean = 12_000, cv = 0.5 }} }}\n\
         services.readmissions = {{ follows = \"stays\", frequency.bernoulli.probability = 0.25, severity.gamma = {{ mean = 14_000, cv = 0.5 }} }}\n\
         [[contracts]]\nname = \"Penalty\"\nterms.hrrp = {{ fiscal_year = 2025, services = [\"stays\", \"readmissions\"], neutrality_modifier = 1, \
         factor_rounded = false, conditions.hf = {{ {sampled} }} }}\n"
    )
}

const SAMPLED: &str = "peer_median = 0.99, payment_ratio = 0.5, sampled = { stays = \"stays\", readmissions = \"readmissions\", expected_rate = 0.2, segments = { dual = 0.25 } }";

fn summary(text: &str) -> Summary {
    let scenario = parse(text);
    Run::of(&scenario, scenario.trials, scenario.seed).summary(&scenario)
}

fn mean(summary: &Summary, contract: &str) -> (f64, f64) {
    let figure = summary.contract(contract).expect("a contract").measures[0];
    (figure.value, figure.standard_error)
}

#[test]
fn the_penalty_has_the_mean_of_its_law() {
    // A single year counts. Of 180 and 120 expected discharges a poisson number is readmitted: 36 and 30 of 300 in all, whose logit is known.
    let (found, error) = mean(&summary(&scenario(SAMPLED, "")), "Penalty");
    // The same law, by hand: Poisson counts of discharges and readmissions on a grid, fees independent of them to the first order.
    let log_factorial = |count: usize| (1..=count).map(|factor| (factor as f64).ln()).sum::<f64>();
    let poisson = |mean: f64, count: usize| (count as f64 * mean.ln() - mean - log_factorial(count)).exp();
    let mut expected = 0.0;
    let (discharges, rate) = (300.0_f64, 66.0 / 300.0);
    for stays in 200..400 {
        let of_stays = poisson(discharges, stays);
        let readmitted = stays as f64 * rate;
        for readmissions in 0..160 {
            let deviation = (readmissions as f64 - readmitted) / (readmitted * (1.0 - rate)).sqrt();
            let density =
                (-0.5 * deviation * deviation).exp() / (readmitted * (1.0 - rate) * 2.0 * std::f64::consts::PI).sqrt();
            let window = twosided_contracts::Window {
                discharges: stays as f64,
                readmissions: readmissions as f64,
                expected: readmitted,
            };
            let ratio = window.excess_ratio(0.137).1;
            let fees = stays as f64 * 12_000.0 + readmissions as f64 * 14_000.0;
            expected -= of_stays * density * fees * (0.5 * (ratio - 0.99).max(0.0)).min(0.03);
        }
    }
    assert!(
        error > 0.0 && (found - expected).abs() < 4.0 * error + 0.01 * expected.abs(),
        "{found} ± {error} against {expected}"
    );
}

#[test]
fn a_certain_ratio_settles_as_the_given_one_does() {
    // Where hospitals do not differ the ratio is 1, whatever is sampled.
    let certain = SAMPLED.replace("expected_rate = 0.2", "expected_rate = 0.2, hospital_sd = 0");
    let given = "discharges = 300, excess_readmission_ratio = 1, peer_median = 0.99, payment_ratio = 0.5";
    let gains = |conditions: &str| {
        let scenario = parse(&scenario(conditions, ""));
        Run::of(&scenario, 50, 30).outcomes.gains_of(0).to_vec()
    };
    assert_eq!(gains(&certain), gains(given));
    assert!(gains(given).iter().all(|gain| *gain < 0.0));
}

#[test]
fn a_program_that_halves_readmissions_ends_the_penalty_and_costs_their_revenue() {
    let program = "[[provider.programs]]\nname = \"transitional care\"\neffect = { readmissions = { mean = -0.5 } }\n";
    let base = scenario(SAMPLED, "");
    let without = base.replace("name = \"Penalty\"\n", "name = \"Penalty\"\nprograms = []\n");
    let with = format!(
        "{base}{program}{}",
        &without[without.find("[[contracts]]").expect("contracts")..].replace("\"Penalty\"", "\"Without\"")
    );
    let summary = summary(&with);
    let fees = |contract: &str, line: &str| {
        let contract = summary.contract(contract).expect("a contract");
        let lines = twosided_provider::Line::ALL.into_iter().zip(&contract.mean_lines);
        lines.filter(|(of, _)| format!("{of:?}") == line).map(|(_, mean)| mean.value).sum::<f64>()
    };
    let (with, without) = (fees("Penalty", "FeeAdjustment"), fees("Without", "FeeAdjustment"));
    assert!(without < -20_000.0 && with.abs() < 0.02 * without.abs(), "{with} against {without}");
    let revenue = fees("Penalty", "Fees") - fees("Without", "Fees");
    assert!((revenue / (-0.5 * 66.0 * 14_000.0) - 1.0).abs() < 0.05, "{revenue}");
}

#[test]
fn the_window_rolls_over_the_years_of_a_trial() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hospital.toml");
    let before = SAMPLED.replace("expected_rate = 0.2", "expected_rate = 0.2, before = [[1_000, 400], [2_000, 700]]");
    std::fs::write(&path, scenario(&before, "years = 3")).expect("it is written");
    let explain = |trial: &str| {
        let output = twosided(&[
            "explain",
            "scenario",
            path.to_str().expect("a path"),
            "--contract",
            "Penalty",
            "--trial",
            trial,
        ]);
        words(&output.stdout)
    };
    let shown = explain("1");
    let windows: Vec<f64> = shown
        .lines()
        .filter(|line| line.contains("hf: discharges of the window: "))
        .map(|line| {
            line.split(": ")
                .nth(2)
                .and_then(|rest| rest.split(' ').next())
                .and_then(|n| n.replace(',', "").parse().ok())
                .expect("a number")
        })
        .collect();
    assert_eq!(windows.len(), 3, "{shown}");
    // The first window has both years before, the second one of them, the third none.
    assert!(
        (windows[0] - 3_300.0).abs() < 80.0
            && (windows[1] - 2_600.0).abs() < 120.0
            && (windows[2] - 900.0).abs() < 150.0,
        "{windows:?}"
    );
}

#[test]
fn the_median_of_peers_can_be_a_law() {
    // Of a ratio of 1 and a normal median about it, E[max(0, 1 - median)] is its deviation over the root of 2 pi.
    let law = SAMPLED
        .replace("peer_median = 0.99", "peer_median = 1, peer_median_sd = 0.01")
        .replace("expected_rate = 0.2", "expected_rate = 0.2, hospital_sd = 0");
    let (found, error) = mean(&summary(&scenario(&law, "")), "Penalty");
    let fees = 300.0 * 12_000.0 + 66.0 * 14_000.0;
    let expected = -fees * 0.5 * 0.01 / (2.0 * std::f64::consts::PI).sqrt();
    assert!(error > 0.0 && (found - expected).abs() < 4.0 * error, "{found} ± {error} against {expected}");
}

#[test]
fn what_is_given_twice_or_follows_nothing_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wrong.toml");
    for (conditions, problem) in [
        (format!("discharges = 3, {SAMPLED}"), "both `sampled` and `discharges`"),
        (SAMPLED.replace("readmissions = \"readmissions\"", "readmissions = \"readmission\""), "readmission"),
        (SAMPLED.replace("expected_rate = 0.2", "expected_rate = 0.2, before = [[10, 20]]"), "before"),
        (
            "discharges = 300, excess_readmission_ratio = 1, peer_median = 0.99, peer_median_sd = 0.1, payment_ratio = 0.5".to_owned(),
            "peer_median_sd is given, and so is the ratio",
        ),
    ] {
        std::fs::write(&path, scenario(&conditions, "")).expect("it is written");
        let refused = twosided(&["check", path.to_str().expect("a path")]);
        let shown = words(&refused.stderr);
        assert!(!refused.status.success() && shown.contains(problem), "{conditions}: {shown}");
    }
}
