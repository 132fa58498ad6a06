//! Standard errors and intervals are honest: over 2,000 repeated small samples from known laws, nominal 95% intervals hold
//! the truth in 93 to 97%, and standard errors agree with the spread of the estimates. Under a heavy tail an error is withheld
//! rather than wrong, and light tails keep theirs. What is expected of a year with deaths is what persons come to.

mod support;

use rand::SeedableRng;
use rand_distr::{Distribution, Exp1, Gamma, StandardNormal, Uniform};
use support::file;
use twosided_form::Document;
use twosided_population::{Population, Sampler, Segment, System};
use twosided_prob::{Caution, Estimate, Sample, paired_difference};
use twosided_scenario::read_population;
use twosided_units::Share;

const MAX_STANDARD_ERRORS: f64 = 4.0;
const REPEATS: usize = 2_000;

fn share(value: f64) -> Share {
    Share::new(value).expect("a share")
}

/// A law of gains with what is true of it.
struct Law {
    name: &'static str,
    draw: fn(&mut rand::rngs::Xoshiro256PlusPlus) -> f64,
    mean: f64,
    sd: f64,
    /// Quantiles of the gain at 0.05, 0.1, 0.5 and 0.9.
    quantiles: [f64; 4],
    /// Mean of the loss in the worst tenth of trials.
    tail_mean: f64,
    /// VaR 95%, TVaR 95%, VaR 99% and TVaR 99% of the loss: what every report prints.
    printed: [f64; 4],
    /// Probability of a gain below zero.
    below_zero: f64,
}

/// Quantile and tail mean of a gamma of shape 4, at 0.95 and at 0.99.
const GAMMA: [f64; 4] = [7.753656528, 9.170526108, 10.045117515, 11.364270460];

/// Gains as settlements have them: near normal, even, or leaning to one side.
fn laws() -> [Law; 5] {
    [
        Law {
            name: "normal",
            draw: |rng| 0.5 + Distribution::<f64>::sample(&StandardNormal, rng),
            mean: 0.5,
            sd: 1.0,
            quantiles: [-1.144_853_627, -0.781_551_566, 0.5, 1.781_551_566],
            // phi(1.28155) / 0.1 - 0.5.
            tail_mean: 1.754_983_319 - 0.5,
            printed: [1.144_853_627, 2.062_712_807 - 0.5, 2.326_347_874 - 0.5, 2.665_214_220 - 0.5],
            below_zero: 0.308_537_539,
        },
        Law {
            name: "uniform",
            draw: |rng| Uniform::new(-1.0, 3.0).expect("a range").sample(rng),
            mean: 1.0,
            sd: 1.154_700_538,
            quantiles: [-0.8, -0.6, 1.0, 2.6],
            tail_mean: 0.8,
            printed: [0.8, 0.9, 0.96, 0.98],
            below_zero: 0.25,
        },
        Law {
            // Bad years lean far: the loss is exponential, less 1.
            name: "exponential loss",
            draw: |rng| 1.0 - Distribution::<f64>::sample(&Exp1, rng),
            mean: 0.0,
            sd: 1.0,
            quantiles: [0.05, 0.1, 0.5, 0.9].map(|level: f64| 1.0 + level.ln()),
            // Without memory: the mean excess over the quantile of the loss is 1.
            tail_mean: std::f64::consts::LN_10,
            printed: [2.995_732_274 - 1.0, 2.995_732_274, 4.605_170_186 - 1.0, 4.605_170_186],
            below_zero: 0.367_879_441,
        },
        Law {
            // A loss of gamma shape 4: cv 0.5, as expenditure of a small panel.
            name: "gamma loss",
            draw: |rng| 4.0 - Gamma::new(4.0, 1.0).expect("parameters").sample(rng),
            mean: 0.0,
            sd: 2.0,
            quantiles: [4.0 - 7.753_656_5, 4.0 - 6.680_783_1, 4.0 - 3.672_060_7, 4.0 - 1.744_769_6],
            // Q(5, 6.6807831) * 4 / 0.1 - 4.
            tail_mean: 8.162_443_4 - 4.0,
            printed: [GAMMA[0] - 4.0, GAMMA[1] - 4.0, GAMMA[2] - 4.0, GAMMA[3] - 4.0],
            below_zero: 0.433_470_120,
        },
        Law {
            // A settlement: savings x beyond 0.8 share 75%, losses beyond 0.8 share 40%, and 58% of years pay nothing.
            name: "settlement",
            draw: |rng| match Distribution::<f64>::sample(&StandardNormal, rng) {
                savings if savings >= 0.8 => 0.75 * savings,
                savings if savings <= -0.8 => 0.4 * savings,
                _ => 0.0,
            },
            mean: 0.101_392_1,
            sd: 0.556_981_1,
            quantiles: [-0.4 * 1.644_853_627, -0.4 * 1.281_551_566, 0.0, 0.75 * 1.281_551_566],
            tail_mean: 0.4 * 1.754_983_319,
            printed: [0.4 * 1.644_853_627, 0.4 * 2.062_712_807, 0.4 * 2.326_347_874, 0.4 * 2.665_214_220],
            below_zero: 0.211_855_399,
        },
    ]
}

/// Share of repeats with an error whose interval holds the truth, and mean standard error over the spread of estimates. A
/// hundredth may be taken for heavy-tailed and have no error.
fn coverage(truth: f64, estimates: &[Estimate]) -> (f64, f64) {
    let is_withheld = |estimate: &&Estimate| estimate.caution == Some(Caution::HeavyTail);
    let withheld = estimates.iter().filter(is_withheld).count();
    assert!(withheld <= estimates.len() / 100, "{withheld} of {} without an error", estimates.len());
    let estimates: Vec<Estimate> = estimates.iter().filter(|estimate| !is_withheld(estimate)).copied().collect();
    let n = estimates.len() as f64;
    let covered = estimates.iter().filter(|estimate| (estimate.lower..=estimate.upper).contains(&truth)).count();
    let mean = estimates.iter().map(|estimate| estimate.value).sum::<f64>() / n;
    let spread = (estimates.iter().map(|e| (e.value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let error = estimates.iter().map(|estimate| estimate.standard_error).sum::<f64>() / n;
    (covered as f64 / n, error / spread)
}

fn samples(law: &Law, size: usize) -> Vec<Sample> {
    let mut rng = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(2_026);
    let sample = |_| Sample::new((0..size).map(|_| (law.draw)(&mut rng)).collect()).expect("a sample");
    (0..REPEATS).map(sample).collect()
}

#[test]
fn nominal_95_percent_intervals_cover_93_to_97_percent() {
    let mut failures = Vec::new();
    for law in laws() {
        let samples = samples(&law, 500);
        let mut check = |measure: &str, truth: f64, of: &dyn Fn(&Sample) -> Estimate| {
            let (covered, error) = coverage(truth, &samples.iter().map(of).collect::<Vec<_>>());
            // A quantile on a point mass is hit exactly: its interval holds it always, and its error is nothing.
            let on_mass = law.name == "settlement" && measure == "quantile 0.5";
            if on_mass && covered == 1.0 {
                return;
            }
            if !(0.93..=0.97).contains(&covered) || (error - 1.0).abs() > 0.1 {
                failures.push(format!("{} {measure}: covers {covered:.4}, error over spread {error:.3}", law.name));
            }
        };
        check("mean", law.mean, &Sample::mean);
        check("sd", law.sd, &Sample::sd);
        check("P(gain < 0)", law.below_zero, &|sample| sample.probability(|gain| gain < 0.0));
        for (level, truth) in [0.05, 0.1, 0.5, 0.9].into_iter().zip(law.quantiles) {
            check(&format!("quantile {level}"), truth, &|sample| sample.quantile(share(level)));
        }
        check("VaR 95%", -law.quantiles[0], &|sample| sample.value_at_risk(share(0.95)));
        check("TVaR 90%", law.tail_mean, &|sample| sample.tail_value_at_risk(share(0.9)));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What every report prints, at the trials of every shipped scenario.
#[test]
fn printed_tail_measures_cover_at_ten_thousand_trials() {
    let mut failures = Vec::new();
    for law in laws() {
        let levels = [0.95, 0.99].map(share);
        let mut estimates: [Vec<Estimate>; 4] = Default::default();
        let mut rng = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(2_027);
        for _ in 0..REPEATS {
            let sample = Sample::new((0..10_000).map(|_| (law.draw)(&mut rng)).collect()).expect("a sample");
            for (index, level) in levels.into_iter().enumerate() {
                estimates[2 * index].push(sample.value_at_risk(level));
                estimates[2 * index + 1].push(sample.tail_value_at_risk(level));
            }
        }
        for (name, (truth, estimates)) in
            ["VaR 95%", "TVaR 95%", "VaR 99%", "TVaR 99%"].into_iter().zip(law.printed.into_iter().zip(&estimates))
        {
            let (covered, error) = coverage(truth, estimates);
            if !(0.93..=0.97).contains(&covered) || (error - 1.0).abs() > 0.1 {
                failures.push(format!("{} {name}: covers {covered:.4}, error over spread {error:.3}", law.name));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Draws an amount.
type Draw = fn(&mut rand::rngs::Xoshiro256PlusPlus) -> f64;

/// A law of losses with a tail, its mean, standard deviation, TVaR 95% and TVaR 99%.
struct Tail {
    name: &'static str,
    draw: Draw,
    truth: [f64; 4],
}

/// Pareto losses of the second kind, of scale 1: survival (1 + x)^-index.
fn pareto(name: &'static str, index: f64, draw: Draw) -> Tail {
    let mean = 1.0 / (index - 1.0);
    let sd = if index > 2.0 { mean * (index / (index - 2.0)).sqrt() } else { f64::INFINITY };
    // The excess over a quantile q is a Pareto of scale 1 + q.
    let tail_mean = |level: f64| (1.0 - level).powf(-1.0 / index) * index / (index - 1.0) - 1.0;
    Tail { name, draw, truth: [mean, sd, tail_mean(0.95), tail_mean(0.99)] }
}

fn uniform(rng: &mut rand::rngs::Xoshiro256PlusPlus) -> f64 {
    1.0 - Uniform::new(0.0, 1.0).expect("a range").sample(rng)
}

/// Mean, sd, TVaR 95% and TVaR 99% of the losses of repeated samples.
fn measured(draw: Draw, size: usize, repeats: usize) -> [(&'static str, Vec<Estimate>); 4] {
    let mut rng = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(2_028);
    let mut found = ["mean", "sd", "TVaR 95%", "TVaR 99%"].map(|name| (name, Vec::new()));
    for _ in 0..repeats {
        let gains = Sample::new((0..size).map(|_| -draw(&mut rng)).collect()).expect("a sample");
        let tail = |level: f64| gains.tail_value_at_risk(share(level));
        let estimates = [gains.mean().negated(), gains.sd(), tail(0.95), tail(0.99)];
        for ((_, of), estimate) in found.iter_mut().zip(estimates) {
            of.push(estimate);
        }
    }
    found
}

fn index_below_three(law: &Tail) -> bool {
    law.name != "Pareto 3"
}

/// What is promised is held: of all samples, at most 7% have an interval that leaves out the truth (14% of samples of 1,000
/// with a tail of index 3). The rest have one that holds it, or no error and the reason.
#[test]
fn errors_under_heavy_tails_promise_no_more_than_they_hold() {
    let laws = [
        pareto("Pareto 1.8", 1.8, |rng| uniform(rng).powf(-1.0 / 1.8) - 1.0),
        pareto("Pareto 2.3", 2.3, |rng| uniform(rng).powf(-1.0 / 2.3) - 1.0),
        pareto("Pareto 3", 3.0, |rng| uniform(rng).powf(-1.0 / 3.0) - 1.0),
    ];
    let mut failures = Vec::new();
    for law in &laws {
        for size in [1_000, 5_000, 10_000] {
            for ((measure, estimates), truth) in measured(law.draw, size, 1_000).iter().zip(law.truth) {
                let n = estimates.len() as f64;
                let broken = estimates.iter().filter(|estimate| !(estimate.lower..=estimate.upper).contains(&truth));
                let broken = broken.count() as f64 / n;
                let withheld = estimates.iter().filter(|estimate| estimate.standard_error.is_infinite());
                assert!(withheld.clone().all(|estimate| estimate.caution == Some(Caution::HeavyTail)));
                let withheld = withheld.count() as f64 / n;
                // The tail of index 3 is missed in one of nine samples of 1,000: their sd is too small.
                let most = if index_below_three(law) || size >= 5_000 { 0.07 } else { 0.14 };
                if broken > most {
                    failures.push(format!("{} {measure}, {size} trials: {broken:.3} broken, {withheld:.3}", law.name));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Light tails, and bounded parts that are rare, keep their errors.
#[test]
fn light_tails_keep_their_errors() {
    let light: [(&str, Draw); 7] = [
        ("normal", |rng| StandardNormal.sample(rng)),
        ("uniform", uniform),
        ("exponential", |rng| Exp1.sample(rng)),
        ("gamma of shape 4", |rng| Gamma::new(4.0, 1.0).expect("parameters").sample(rng)),
        ("a loss in 2% of trials", |rng| f64::from(uniform(rng) < 0.02)),
        ("an exponential loss in 10% of trials", |rng| if uniform(rng) < 0.1 { Exp1.sample(rng) } else { 0.0 }),
        ("a Pareto loss up to a limit", |rng| (uniform(rng).powf(-1.0 / 2.3) - 1.0).min(4.0)),
    ];
    let mut failures = Vec::new();
    for (name, draw) in light {
        for size in [500, 1_000, 5_000, 10_000] {
            for (measure, estimates) in measured(draw, size, 500) {
                let withheld = estimates.iter().filter(|estimate| estimate.caution == Some(Caution::HeavyTail));
                let withheld = withheld.count() as f64 / estimates.len() as f64;
                // Of a few dozen trials beyond a point mass the shape is less clear.
                let is_rare = name.contains("in 10% of") || name.contains("up to a limit");
                let most = if is_rare && size < 5_000 { 0.1 } else { 0.02 };
                if withheld > most {
                    failures.push(format!("{name} {measure}, {size} trials: {withheld:.3} have no error"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn paired_differences_cover_too() {
    let mut rng = rand::rngs::Xoshiro256PlusPlus::seed_from_u64(2_026);
    let mut normal = || Distribution::<f64>::sample(&StandardNormal, &mut rng);
    let differences: Vec<Estimate> = (0..REPEATS)
        .map(|_| {
            let shared: Vec<f64> = (0..300).map(|_| 10.0 * normal()).collect();
            let one: Vec<f64> = shared.iter().map(|shared| shared + normal() + 0.25).collect();
            paired_difference(&one, &shared)
        })
        .collect();
    let (covered, error) = coverage(0.25, &differences);
    assert!((0.93..=0.97).contains(&covered) && (error - 1.0).abs() < 0.1, "{covered}, {error}");
    // The error is that of what differs, not of what is shared.
    assert!(differences[0].standard_error < 0.1);
}

/// What is expected of a year in which some die, against persons: use until death, and what a death costs.
#[test]
fn a_year_with_deaths_comes_to_what_is_expected_of_it() {
    let population =
        read_population(&Document::load(&file("scenarios/populations/medicare-2022.toml")).expect("a file"))
            .expect("a population");
    let segments = population.segments().iter().map(|segment| Segment { members: 150_000, ..segment.clone() });
    let people = Population::new(segments.collect(), System::default()).expect("as it was, with other members");
    // Sums and sums of squares, `[segment][figure]`: years lived, then dollars and events of each service.
    let figures = 1 + 2 * people.segments()[0].services.len();
    let mut sums = vec![vec![[0.0_f64; 2]; figures]; people.segments().len()];
    let sampler = Sampler::of_persons(&people, 1).expect("valid laws");
    sampler.visit(5, 0, &mut |block| {
        let counts = block.counts.iter().map(|counts| counts.iter().map(|&count| f64::from(count)).collect());
        let of_services: Vec<Vec<f64>> = block.costs.iter().cloned().chain(counts).collect();
        let all = [block.lived].into_iter().chain(of_services.iter().map(Vec::as_slice));
        for (sum, values) in sums[block.segment].iter_mut().zip(all) {
            for value in values {
                *sum = [sum[0] + value, sum[1] + value * value];
            }
        }
    });
    for (segment, sums) in people.segments().iter().zip(&sums) {
        let expected = segment.expected_year(people.assignment).expect("valid laws");
        // An annual amount has users where it is above zero; of those who die too.
        let wanted = [expected.person_years].into_iter().chain(expected.costs).chain(expected.counts);
        for (index, (wanted, [sum, squares])) in wanted.zip(sums).enumerate() {
            let n = segment.members as f64;
            let mean = sum / n;
            let error = ((squares / n - mean * mean) / n).sqrt();
            let z = (mean - wanted) / error;
            assert!(
                z.abs() < MAX_STANDARD_ERRORS,
                "{}, figure {index}: {mean} against {wanted}, {z:.1} errors",
                segment.name
            );
        }
    }
}
