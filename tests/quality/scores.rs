//! Quality scores of ACOs as CMS published them, against a composite of measures whose ACOs differ.

use std::fmt::Write as _;

use twosided_contracts::{Quality, Score, ScoredMeasure, ScoringScale};
use twosided_prob::{Purpose, Stream, StreamKey, upper_probability, upper_score};

/// Percentiles of quality scores of 476 ACOs in performance year 2024.
///
/// # Source
/// CMS, Shared Savings Program results of 2024, as a secondary source has computed their percentiles.
const PUBLISHED: [(f64, f64); 5] = [(0.1, 71.81), (0.25, 77.05), (0.5, 83.11), (0.75, 88.12), (0.9, 91.78)];
const ACOS: f64 = 476.0;
/// Assigned beneficiaries of the ACOs, the same percentiles.
const PEOPLE: [f64; 5] = [5_921.0, 8_262.0, 13_151.0, 24_445.0, 44_109.0];
/// Measures, and the part of beneficiaries whom each concerns.
const MEASURES: [(&str, f64, f64); 6] = [
    ("depression screening", 0.6, 0.65),
    ("blood pressure control", 0.45, 0.72),
    ("A1C control", 0.2, 0.85),
    ("readmissions", 0.12, 0.85),
    ("admissions of the chronically ill", 0.3, 0.6),
    ("patient survey", 0.03, 0.8),
];

/// A composite of measures by deciles of all clinicians, whose scores are logit-normal about a rate.
fn composite() -> Quality {
    let measures = MEASURES.iter().map(|&(name, _, rate)| ScoredMeasure {
        name: name.to_owned(),
        score: Score::Counted(name.to_owned()),
        weight: 1.0,
        scale: ScoringScale::Deciles {
            cuts: (1..10).map(|decile| rate_of(rate, -upper_score(0.1 * f64::from(decile)))).collect(),
            most: 10.0,
        },
        category: None,
        alternative: None,
        denominator: None,
    });
    let mut measures: Vec<ScoredMeasure> = measures.collect();
    measures.sort_by(|one, other| one.name.cmp(&other.name));
    Quality::of(measures, 20.0)
}

/// The rate of an organization that many deviations from the middle of all clinicians.
fn rate_of(middle: f64, deviations: f64) -> f64 {
    // A spread of one on the probit scale among clinicians.
    upper_probability(upper_score(middle) - 0.6 * deviations)
}

/// Scores of ACOs that differ by `sd` in common and as much again by measure, about `mean`.
fn scores(mean: f64, sd: f64) -> Vec<f64> {
    let quality = composite();
    let names: Vec<&str> = quality.measures.iter().map(|measure| measure.name.as_str()).collect();
    let of_aco = |trial: u64| {
        let key = StreamKey { seed: 21, purpose: Purpose::Resample, segment: 21, service: 0, trial, year: 0 };
        let mut stream = Stream::new(&key);
        let people = PEOPLE[(trial % 5) as usize];
        let common = mean + sd * stream.normal();
        let figures = names.iter().flat_map(|name| {
            let &(_, concerned, middle) = MEASURES.iter().find(|(known, ..)| known == name).expect("a measure");
            let cases = stream.binomial(people as u64, concerned);
            let rate = rate_of(middle, common + sd * stream.normal());
            [cases as f64, stream.binomial(cases, rate) as f64]
        });
        100.0 * quality.composite(&figures.collect::<Vec<f64>>()).expect("measures count")
    };
    let mut scores: Vec<f64> = (0..20_000).map(of_aco).collect();
    scores.sort_by(f64::total_cmp);
    scores
}

fn quantile(scores: &[f64], level: f64) -> f64 {
    scores[((scores.len() - 1) as f64 * level).round() as usize]
}

/// The mean and the deviation of ACOs with which the median and the middle half of scores are as published.
fn fitted() -> (f64, f64) {
    let (mut mean, mut sd) = (1.0, 0.5);
    for _ in 0..25 {
        let found = scores(mean, sd);
        let [low, middle, high] = [0.25, 0.5, 0.75].map(|level| quantile(&found, level));
        mean += (83.11 - middle) / 25.0;
        sd *= ((88.12 - 77.05) / (high - low)).powf(0.7);
    }
    (mean, sd)
}

/// The section of the page.
pub fn section() -> String {
    let (mean, sd) = fitted();
    let (all, alone) = (scores(mean, sd), scores(mean, 0.0));
    let density = |level: f64| {
        let step = 0.02;
        2.0 * step / (quantile(&all, level + step) - quantile(&all, level - step))
    };
    let mut text = format!(
        "\n## The spread of quality scores between ACOs\n\nPercentiles of the quality score of 476 ACOs in performance year 2024, against \
         composites of six measures by deciles. ACOs differ from all clinicians by {mean:.2} deviations on average, with a deviation of {sd:.2} in \
         common and as much by measure, which are fitted to the median and to the middle half; the other two percentiles are not. *Off* is \
         in standard errors of a percentile of 476 ACOs; a row passes up to 4.\n\n| percentile | published | model | off | | chance alone |\n\
         |:--|--:|--:|--:|:--|--:|\n",
    );
    for (level, published) in PUBLISHED {
        let model = quantile(&all, level);
        let error = (level * (1.0 - level) / ACOS).sqrt() / density(level);
        let off = (published - model) / error;
        let verdict = match level {
            _ if off.abs() > 4.0 => "**fail**",
            0.25 | 0.5 | 0.75 => "fitted",
            _ => "pass",
        };
        writeln!(
            text,
            "| {:.0}% | {published:.2} | {model:.2} | {off:.1} | {verdict} | {:.2} |",
            100.0 * level,
            quantile(&alone, level)
        )
        .expect("a string");
    }
    text.push_str(
        "\nChance alone is what scores would be if all ACOs were alike: of their measured people a different sample each. Nearly all of the \
         published spread is between ACOs, so that a scenario of one ACO states its own rates, with `sd_between_years` for what changes from \
         year to year.\n",
    );
    text
}
