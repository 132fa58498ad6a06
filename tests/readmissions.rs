//! Excess readmission ratios as CMS published them, against the model of `terms.hrrp`: hospitals whose effects are normal, readmissions by
//! chance, and ratios that shrink small hospitals to the nation.
//!
//! `UPDATE_DOCS=1 cargo test --release --test readmissions` writes `docs/readmissions.md`.

#[path = "support/mod.rs"]
mod support;

use std::{env, fmt::Write as _, fs};

use twosided_contracts::{HrrpCondition, Window};
use twosided_prob::{Purpose, Stream, StreamKey};

/// Readmissions that CMS does not publish are fewer than this; nor are the discharges of such hospitals.
const FEWEST_PUBLISHED: u64 = 11;
/// Hospitals with fewer expected readmissions may be missing for their few readmissions, and do not enter the likelihood.
const LEAST_EXPECTED: f64 = 25.0;
const REPLICATIONS: u64 = 400;
/// Discharges at which bands end.
const BANDS: [f64; 4] = [150.0, 300.0, 600.0, f64::INFINITY];
const PAGE: &str = "docs/readmissions.md";

/// A hospital's condition in CMS's file.
struct Hospital {
    discharges: f64,
    readmissions: f64,
    /// As published, to four decimals.
    ratio: f64,
    expected_rate: f64,
}

impl Hospital {
    fn window(&self, readmissions: f64) -> Window {
        Window { discharges: self.discharges, readmissions, expected: self.discharges * self.expected_rate }
    }
}

fn hospitals(condition: &str) -> Vec<Hospital> {
    let text = fs::read_to_string(support::file("tests/data/hrrp-fy2024.csv")).expect("the file is there");
    let rows = text.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let of_condition = rows.filter(|row| row[0] == condition && !row[3].is_empty());
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let hospital = |row: Vec<&str>| Hospital {
        discharges: number(row[2]),
        readmissions: number(row[3]),
        ratio: number(row[4]),
        expected_rate: number(row[6]) / 100.0,
    };
    of_condition.map(hospital).collect()
}

/// The log-likelihood of the hospitals' readmissions, each over a normal effect of a standard deviation; constants left out.
fn log_likelihood(hospitals: &[&Hospital], sd: f64) -> f64 {
    const NODES: i32 = 60;
    let of = |hospital: &&Hospital| {
        let logit = (hospital.expected_rate / (1.0 - hospital.expected_rate)).ln();
        let terms = (-NODES..=NODES).map(|node| {
            let score = 5.0 * f64::from(node) / f64::from(NODES);
            let rate = 1.0 / (1.0 + (-(logit + sd * score)).exp());
            let others = hospital.discharges - hospital.readmissions;
            hospital.readmissions * rate.ln() + others * (1.0 - rate).ln() - 0.5 * score * score
        });
        let terms: Vec<f64> = terms.collect();
        let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        most + terms.iter().map(|term| (term - most).exp()).sum::<f64>().ln()
    };
    hospitals.iter().map(of).sum()
}

/// The place of the least value between two ends, by golden section.
fn least(mut low: f64, mut high: f64, of: impl Fn(f64) -> f64) -> f64 {
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    while high - low > 1e-5 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if of(left) < of(right) { high = right } else { low = left }
    }
    0.5 * (low + high)
}

/// The standard deviation of greatest likelihood, with its standard error from the curvature.
fn most_likely(hospitals: &[Hospital]) -> (f64, f64) {
    let large = hospitals.iter().filter(|hospital| hospital.discharges * hospital.expected_rate >= LEAST_EXPECTED);
    let large: Vec<&Hospital> = large.collect();
    let sd = least(0.01, 0.6, |sd| -log_likelihood(&large, sd));
    let step = 0.02 * sd;
    let [before, at, after] = [sd - step, sd, sd + step].map(|sd| log_likelihood(&large, sd));
    (sd, step / (2.0 * at - before - after).sqrt())
}

/// The standard deviation with which the published ratios follow best from the published readmissions, by least squares.
fn shrunken_by(hospitals: &[Hospital]) -> f64 {
    let off = |hospital: &Hospital, sd: f64| {
        let difference = hospital.window(hospital.readmissions).excess_ratio(sd).1 - hospital.ratio;
        difference * difference
    };
    least(0.01, 0.6, |sd| hospitals.iter().map(|hospital| off(hospital, sd)).sum())
}

#[test]
fn ratios_are_shrunken_as_the_defaults_say() {
    let mut others = Vec::new();
    for (name, condition) in HrrpCondition::NAMES {
        let sd = shrunken_by(&hospitals(name));
        if (sd - condition.hospital_sd()).abs() > 6e-4 {
            others.push(format!("{name}: {sd:.4} against {}", condition.hospital_sd()));
        }
    }
    assert!(others.is_empty(), "{others:?}");
}

/// Mean, standard deviation, and 10% and 90% quantiles.
fn moments(ratios: &mut [f64]) -> [f64; 4] {
    ratios.sort_by(f64::total_cmp);
    let count = ratios.len() as f64;
    let mean = ratios.iter().sum::<f64>() / count;
    let variance = ratios.iter().map(|ratio| (ratio - mean) * (ratio - mean)).sum::<f64>() / (count - 1.0);
    let quantile = |level: f64| ratios[((count - 1.0) * level).round() as usize];
    [mean, variance.sqrt(), quantile(0.1), quantile(0.9)]
}

/// Readmissions of a hospital of the nation, of which at least as many are published as CMS publishes.
fn drawn(hospital: &Hospital, sd: f64, stream: &mut Stream) -> f64 {
    let logit = (hospital.expected_rate / (1.0 - hospital.expected_rate)).ln();
    loop {
        let rate = 1.0 / (1.0 + (-(logit + sd * stream.normal())).exp());
        let readmissions = stream.binomial(hospital.discharges as u64, rate);
        if readmissions >= FEWEST_PUBLISHED {
            return readmissions as f64;
        }
    }
}

/// The standard deviation of the ratio in a band: of the file, of the model, and what separates them in standard deviations of the model's
/// replications.
fn band(hospitals: &[&Hospital], condition: HrrpCondition, band: u64) -> ([f64; 4], [f64; 4], [f64; 2]) {
    let sd = condition.hospital_sd();
    let published = moments(&mut hospitals.iter().map(|hospital| hospital.ratio).collect::<Vec<_>>());
    let replications = (0..REPLICATIONS).map(|trial| {
        let key = StreamKey {
            seed: 2024,
            purpose: Purpose::Resample,
            segment: condition as u64,
            service: band,
            trial,
            year: 0,
        };
        let mut stream = Stream::new(&key);
        let ratio = |hospital: &&Hospital| hospital.window(drawn(hospital, sd, &mut stream)).excess_ratio(sd).1;
        moments(&mut hospitals.iter().map(ratio).collect::<Vec<_>>())
    });
    let replications: Vec<[f64; 4]> = replications.collect();
    let count = REPLICATIONS as f64;
    let mean = |index: usize| replications.iter().map(|of| of[index]).sum::<f64>() / count;
    let means = [0, 1, 2, 3].map(mean);
    let off = |index: usize| {
        let squares = replications.iter().map(|of| (of[index] - means[index]) * (of[index] - means[index]));
        (published[index] - means[index]) / (squares.sum::<f64>() / (count - 1.0)).sqrt()
    };
    (published, means, [off(0), off(1)])
}

/// How the published ratios compare with ours from the same readmissions: correlation, mean absolute difference.
fn recomputed(hospitals: &[Hospital], sd: f64) -> (f64, f64) {
    let pairs =
        hospitals.iter().map(|hospital| (hospital.ratio, hospital.window(hospital.readmissions).excess_ratio(sd).1));
    let pairs: Vec<(f64, f64)> = pairs.collect();
    let count = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / count;
    let (one, other) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let product = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / count;
    let covariance = product(&|pair| (pair.0 - one) * (pair.1 - other));
    let [first, second] = [product(&|pair| (pair.0 - one).powi(2)), product(&|pair| (pair.1 - other).powi(2))];
    (covariance / (first * second).sqrt(), product(&|pair| (pair.0 - pair.1).abs()))
}

/// The page, and the cells that miss.
fn page() -> (String, Vec<String>) {
    let mut text = String::from(
        "# Readmissions\n\nExcess readmission ratios of CMS's hospital file of fiscal year 2024 against the model of `terms.hrrp` with sampled \
         readmissions. Written by\n\n```sh\nUPDATE_DOCS=1 cargo test --release --test readmissions\n```\n\nThe file is \
         `tests/data/hrrp-fy2024.csv`: every hospital whose discharges CMS published, which are those with at least 11 readmissions. In the \
         model a hospital has the published discharges and expected rate, an effect on the logit that is normal with the default \
         `hospital_sd`, and readmissions by chance, of which fewer than 11 are drawn again; its ratio is that of the contract. 400 \
         replications. *Off* is the file's standard deviation less the model's, in standard deviations between replications, and then the same of the means; each passes up \
         to 4.\n\n## The spread of ratios by volume\n\n| condition | discharges | hospitals | mean, file | mean, model | sd, file | sd, model | 10% to \
         90%, file | 10% to 90%, model | off | | off, mean | |\n|:--|--:|--:|--:|--:|--:|--:|--:|--:|--:|:--|--:|:--|\n",
    );
    let mut missed = Vec::new();
    for (name, condition) in HrrpCondition::NAMES {
        let all = hospitals(name);
        let mut from = 0.0;
        for (index, to) in BANDS.into_iter().enumerate() {
            let of_band: Vec<&Hospital> =
                all.iter().filter(|hospital| (from..to).contains(&hospital.discharges)).collect();
            let label = if to.is_finite() { format!("{from} to below {to}") } else { format!("{from} and more") };
            from = to;
            if of_band.len() < 20 {
                continue;
            }
            let (published, model, off) = band(&of_band, condition, index as u64);
            let verdict = |off: f64| if off.abs() <= 4.0 { "pass" } else { "**fail**" };
            let [of_mean, off] = off;
            let (mean_passes, passes) = (verdict(of_mean), verdict(off));
            if off.abs() > 4.0 {
                missed.push(format!("{name}, {label}"));
            }
            writeln!(
                text,
                "| {name} | {label} | {} | {:.4} | {:.4} | {:.4} | {:.4} | {:.3} to {:.3} | {:.3} to {:.3} | {off:.1} | {passes} | {of_mean:.1} | {mean_passes} |",
                of_band.len(), published[0], model[0], published[1], model[1], published[2], published[3], model[2], model[3],
            )
            .expect("a string");
        }
    }
    text.push_str(
        "\n## Ratios from the same readmissions\n\nThe published ratio against that of the contract, computed from the published discharges, \
         readmissions and expected rate. CMS's regression knows each patient; the contract knows the mean expected rate. The default `hospital_sd` is the one with which these ratios \
         agree best. The one of greatest likelihood is of the readmissions alone, at hospitals with at least 25 expected ones.\n\n| condition | \
         hospitals | `hospital_sd`, by least squares | sd of greatest likelihood | correlation | mean absolute difference \
         |\n|:--|--:|--:|--:|--:|--:|\n",
    );
    for (name, condition) in HrrpCondition::NAMES {
        let all = hospitals(name);
        let (correlation, difference) = recomputed(&all, condition.hospital_sd());
        let (sd, (likely, error)) = (condition.hospital_sd(), most_likely(&all));
        writeln!(
            text,
            "| {name} | {} | {sd} | {likely:.3} ± {error:.3} | {correlation:.4} | {difference:.4} |",
            all.len()
        )
        .expect("a string");
    }
    text.push_str(
        "\n## Readmission rates\n\nReadmissions over discharges of all hospitals above.\n\n| condition | file | expected by CMS | model |\n|:--|--:|--:|--:|\n",
    );
    for (name, condition) in HrrpCondition::NAMES {
        let all = hospitals(name);
        let sum = |of: &dyn Fn(&Hospital) -> f64| all.iter().map(of).sum::<f64>();
        let discharges = sum(&|hospital| hospital.discharges);
        let key = StreamKey {
            seed: 2025,
            purpose: Purpose::Resample,
            segment: condition as u64,
            service: 0,
            trial: 0,
            year: 0,
        };
        let mut stream = Stream::new(&key);
        let model: f64 = (0..40)
            .map(|_| all.iter().map(|of| drawn(of, condition.hospital_sd(), &mut stream)).sum::<f64>())
            .sum::<f64>()
            / 40.0;
        let rates = [sum(&|hospital| hospital.readmissions), sum(&|hospital| hospital.window(0.0).expected), model];
        let rates = rates.map(|events| format!("{:.2}%", 100.0 * events / discharges));
        writeln!(text, "| {name} | {} |", rates.join(" | ")).expect("a string");
    }
    text.push_str(
        "\nThe penalty of a hospital also needs its payment ratios and its peer group's median, which this file does not have: CMS's \
         Hospital-Specific Reports, which do, are reproduced to the last decimal by `tests/published`.\n",
    );
    (text, missed)
}

#[test]
fn the_page_is_what_the_model_says() {
    let (text, missed) = page();
    let path = support::file(PAGE);
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &text).expect("it is written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "{PAGE} is not what the model says; UPDATE_DOCS=1 cargo test --release --test readmissions writes it"
    );
    assert!(missed.is_empty(), "{missed:?}");
}
