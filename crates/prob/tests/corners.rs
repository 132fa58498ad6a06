//! Every law at every corner of its documented range: each has a mean, probabilities, quantiles, scores and draws, in bounded
//! time and without a panic.

use std::time::{Duration, Instant};

use twosided_prob::{
    Family, Frequency, ParameterError, Purpose, ScoredAmounts, ScoredCounts, Severity, SeverityScratch, Stream,
    StreamKey, TCopula,
};

/// A case takes a few milliseconds; one that takes a thousand times as long does not end.
const LONGEST: Duration = Duration::from_secs(5);

const MEANS: [f64; 4] = [1e-6, 1.0, 5_000.0, 1e12];
const CVS: [f64; 10] = [1e-6, 1e-3, 0.01, 0.1, 1.0, 3.0, 6.0, 20.0, 50.0, 100.0];
const SHAPES: [f64; 5] = [1.0 + 1e-9, 1.05, 2.0, 30.0, 1e6];
const ZEROS: [f64; 6] = [0.0, 1e-300, 1e-6, 0.5, 0.999_999, 1.0 - f64::EPSILON / 2.0];

fn stream() -> Stream {
    Stream::new(&StreamKey { seed: 5, purpose: Purpose::Severity, segment: 0, service: 0, trial: 0, year: 0 })
}

/// Families that are accepted, each with what it was asked for.
fn families() -> Vec<(String, Family)> {
    let mut families = Vec::new();
    let mut add = |what: String, family: Result<Family, ParameterError>| {
        if let Ok(family) = family {
            families.push((what, family));
        }
    };
    for mean in MEANS {
        for cv in CVS {
            add(format!("lognormal {mean} {cv}"), Family::lognormal(mean, cv));
            add(format!("gamma {mean} {cv}"), Family::gamma(mean, cv));
            add(format!("weibull {mean} {cv}"), Family::weibull(mean, cv));
            add(format!("pareto {mean} {cv}"), Family::pareto(mean, cv));
        }
        for shape in SHAPES {
            add(format!("pareto {mean} of shape {shape}"), Family::pareto_of_shape(mean, shape));
        }
    }
    families
}

/// Laws that are accepted.
fn severities() -> Vec<(String, Severity)> {
    let families = families();
    let mut laws: Vec<(String, Severity)> =
        families.iter().map(|(what, family)| (what.clone(), Severity::Family(*family))).collect();
    let mut add = |what: String, law: Result<Severity, ParameterError>| {
        if let Ok(law) = law {
            laws.push((what, law));
        }
    };
    for mean in [1e-6, 1e12] {
        for cv in [1e-6, 1.0, 100.0] {
            for weight in [1e-12, 0.5] {
                let parts = [(weight, mean, cv), (1.0 - weight, 1.0, 1e-6)];
                add(format!("mixture {parts:?}"), Severity::lognormal_mixture(&parts));
            }
        }
    }
    let of_one = |mean: f64| families.iter().filter(move |(what, _)| what.split(' ').nth(1) == Some(&mean.to_string()));
    for (body_name, body) in of_one(1.0) {
        for (tail_name, tail) in of_one(5_000.0).step_by(7) {
            for (threshold, tail_weight) in [(1.0, 1e-12), (3.0, 0.03), (1e12, 1.0 - 1e-12)] {
                add(
                    format!("{body_name} to {threshold}, then {tail_name} with {tail_weight}"),
                    Severity::spliced(*body, *tail, threshold, tail_weight),
                );
            }
        }
    }
    let points: [&[(f64, f64)]; 4] = [
        &[(0.0, 0.0), (1.0, 0.0)],
        &[(0.0, 0.0), (1e-300, 1e12), (1.0, 1e12)],
        &[(0.0, 0.0), (1.0 - f64::EPSILON / 2.0, 0.0), (1.0, 1e12)],
        &[(0.0, 5.0), (0.5, 5.0), (0.5 + f64::EPSILON, 1e12), (1.0, 1e12)],
    ];
    for points in points {
        add(format!("empirical {points:?}"), Severity::empirical(points));
    }
    laws
}

/// Runs a case and says so where it takes too long.
fn timed(what: &str, case: impl FnOnce()) {
    let start = Instant::now();
    case();
    assert!(start.elapsed() < LONGEST, "{what} takes {:?}", start.elapsed());
}

fn is_amount(amount: f64) -> bool {
    amount.is_finite() && amount >= 0.0
}

#[test]
fn every_severity_has_quantiles_scores_and_draws_at_every_corner() {
    let mut cases = 0;
    let mut scratch = SeverityScratch::default();
    for (what, law) in severities() {
        timed(&what, || {
            let mean = law.mean();
            assert!(is_amount(mean), "{what}: mean {mean}");
            let mut before = f64::INFINITY;
            for probability in [0.0, 1e-300, 1e-12, 0.01, 0.5, 0.99, 1.0 - 1e-12, 1.0] {
                let amount = law.quantile_above(probability);
                assert!(is_amount(amount) && amount <= before * (1.0 + 1e-9), "{what}: {amount} above {probability}");
                let survival = law.survival(amount);
                assert!((0.0..=1.0).contains(&survival), "{what}: survival {survival} at {amount}");
                before = amount;
            }
            let mut draws = [0.0; 64];
            law.fill(&mut stream(), &mut draws, &mut scratch);
            assert!(draws.iter().all(|&draw| is_amount(draw)), "{what}: {draws:?}");
            law.fill_sums(&mut stream(), &[0, 1, 3, 0, 100], &mut draws[..5], &mut scratch);
            assert!(draws[..5].iter().all(|&draw| is_amount(draw)), "{what}: {draws:?}");
        });
        // Each law alone is drawn with one zero mass, so that all masses are met many times.
        for zero in ZEROS.into_iter().skip(cases % 3).step_by(3) {
            timed(&what, || {
                let scored = ScoredAmounts::new(zero, &law).expect("a share below one");
                let mut before = 0.0;
                for step in -90..=90 {
                    let amount = scored.amount(f64::from(step) / 10.0);
                    assert!(is_amount(amount) && amount >= before * (1.0 - 1e-9), "{what}, zero {zero}: {amount}");
                    before = amount;
                }
            });
            cases += 1;
        }
    }
    assert!(cases > 900, "{cases} cases");
}

#[test]
fn every_frequency_has_counts_and_scores_at_every_corner() {
    let mut cases = 0;
    for mean in [1e-9, 1e-3, 1.0, 30.0, 1_000.0] {
        for dispersion in [1e-320, 1e-6, 1e-3, 0.5, 1.0, 100.0, 1e6, 1e9] {
            for zero_inflation in [0.0, 1e-300, 0.5, 0.999, 1.0 - f64::EPSILON / 2.0] {
                let laws = [
                    Frequency::Poisson { mean },
                    Frequency::NegativeBinomial { mean, dispersion },
                    Frequency::Bernoulli { probability: zero_inflation },
                    Frequency::ZeroInflatedPoisson { mean, zero_inflation },
                    Frequency::ZeroInflatedNegativeBinomial { mean, dispersion, zero_inflation },
                ];
                for law in laws {
                    timed(&format!("{law:?}"), || {
                        let Ok(table) = law.table() else { return };
                        let scored = ScoredCounts::new(&table);
                        assert!(!scored.first_event().is_nan(), "{law:?}");
                        assert!(scored.count(-9.0) <= scored.count(0.0) && scored.count(0.0) <= scored.count(9.0));
                        assert!(table.count(0) <= table.count(u64::MAX), "{law:?}");
                    });
                    cases += 1;
                }
            }
        }
    }
    assert!(cases >= 1_000, "{cases} cases");
}

#[test]
fn every_t_copula_has_scores_at_every_corner() {
    for freedom in [1.0, 1.5, 2.0, 3.0, 8.0, 30.0, 1_000.0] {
        for persistence in [0.0, 0.5, 0.99] {
            timed(&format!("t of {freedom}, persistence {persistence}"), || {
                let copula = TCopula::new(freedom, persistence);
                for correlation in [-1.0, -0.999, -0.5, 0.0, 1e-9, 0.6, 0.999, 1.0] {
                    let dispersion = copula.dispersion(correlation);
                    assert!(dispersion.abs() <= 1.0 && dispersion.abs() >= correlation.abs() - 1e-9);
                    assert!((copula.correlation(dispersion) - correlation).abs() < 1e-6);
                }
                for stated in [-persistence, 0.0, 0.5 * persistence, persistence] {
                    let step = copula.step(stated);
                    assert!(step.abs() < 1.0, "{freedom}: {step} for {stated} of {persistence}");
                }
                for mixing in [-9.0, -1.0, 0.0, 9.0] {
                    let scores = copula.scores(&[-9.0, -1.0, 0.0, 1e-9, 9.0], mixing);
                    assert!(scores.iter().all(|score| score.is_finite()), "{freedom}: {scores:?}");
                }
            });
        }
    }
}
