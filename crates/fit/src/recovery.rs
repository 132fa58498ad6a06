//! Laws known beforehand are found again, and tests behave as tests should.

use std::sync::atomic::AtomicBool;

use twosided_prob::{Family, Frequency, Pareto, Purpose, Severity, SeverityScratch, Spliced, Stream, StreamKey};

use crate::{
    amount::{AmountFit, Candidate, Trying},
    coordinates::tests::laws,
    criterion::Criterion,
    families::FamilyKind,
    frequency::Counts,
    goodness::test,
    observations::Observations,
    stated::parameters,
    zero::zero_mass,
};

const MOST_ERRORS: f64 = 4.0;

fn stream(trial: u64) -> Stream {
    Stream::new(&StreamKey { seed: 2027, purpose: Purpose::Severity, segment: 0, service: 0, trial, year: 0 })
}

fn refit_stream(trial: u64) -> Stream {
    Stream::new(&StreamKey { seed: 2027, purpose: Purpose::Refit, segment: 0, service: 0, trial, year: 0 })
}

fn drawn(law: &Severity, amounts: usize, stream: &mut Stream) -> Observations {
    let mut values = vec![0.0; amounts];
    law.fill(stream, &mut values, &mut SeverityScratch::default());
    Observations::new(values.into_iter().zip(0..).map(|(value, person)| (value, 1.0, person)).collect())
}

fn fitted(data: &Observations, samples: u32) -> AmountFit {
    let stop = AtomicBool::new(false);
    Trying { tail_above: 0.9, samples, criterion: Criterion::Bic, stop: &stop }
        .fit(data, refit_stream)
        .expect("nothing stops it")
}

fn candidate<'a>(fit: &'a AmountFit, law: &Severity) -> &'a Candidate {
    let tried = fit.tried.iter().find(|tried| tried.title == law.title());
    tried.expect("it is tried").outcome.as_ref().expect("it is offered")
}

#[test]
fn every_parameter_of_an_amount_is_recovered() {
    for (index, law) in (0..).zip(laws()) {
        let data = drawn(&law, 20_000, &mut stream(index));
        let fit = fitted(&data, 0);
        let found = candidate(&fit, &law);
        for (parameter, (name, figure)) in parameters(&law).iter().zip(&found.parameters) {
            // The threshold is the ninth decile of the data and not estimated: the tail above another one is another tail.
            if matches!(law, Severity::Spliced(_)) && (name == "threshold" || name.starts_with("tail")) {
                continue;
            }
            let errors = (figure.value - parameter.value) / figure.standard_error;
            assert!(
                errors.abs() < MOST_ERRORS,
                "{}: {name} is {errors:.1} standard errors off: {figure:?}",
                law.title()
            );
        }
        let errors = (found.mean.value - law.mean()) / found.mean.standard_error;
        assert!(errors.abs() < MOST_ERRORS, "{}: the mean is {errors:.1} standard errors off", law.title());
        let [mean, cv] = fit.moments;
        assert!((mean.value - law.mean()).abs() < MOST_ERRORS * mean.standard_error, "{}: {mean:?}", law.title());
        // Where the fourth moment is infinite, so is the error of a cv.
        if index < 3 {
            assert!(
                (cv.value - law.law().variance().sqrt() / law.mean()).abs() < MOST_ERRORS * cv.standard_error,
                "{cv:?}"
            );
        }
        if let (Severity::Spliced(Spliced { tail: Family::Pareto(Pareto { shape, .. }), .. }), Ok(tail)) =
            (&law, &fit.tail)
        {
            let errors = (tail.shape.value - 1.0 / shape) / tail.shape.standard_error;
            assert!(errors.abs() < MOST_ERRORS, "the tail's shape is {errors:.1} standard errors off: {tail:?}");
        }
    }
}

#[test]
fn every_parameter_of_a_count_is_recovered_from_parts_of_years() {
    let laws = [
        Frequency::Poisson { mean: 0.4 },
        Frequency::NegativeBinomial { mean: 2.5, dispersion: 0.7 },
        Frequency::ZeroInflatedPoisson { mean: 1.2, zero_inflation: 0.35 },
        Frequency::ZeroInflatedNegativeBinomial { mean: 3.0, dispersion: 1.8, zero_inflation: 0.3 },
    ];
    for (index, law) in (0..).zip(laws) {
        let mut stream = stream(100 + index);
        let tables: Vec<_> = [0.25, 0.5, 1.0]
            .map(|exposure| (exposure, of_part(law, exposure).table().expect("a usable law")))
            .into_iter()
            .collect();
        let rows = (0..30_000_u32).map(|person| {
            let (exposure, table) = &tables[(person % 3) as usize];
            (table.count(stream.word()), *exposure, person)
        });
        let counts = Counts { rows: rows.collect() };
        let fit = counts.fit(0, Criterion::Bic, refit_stream, &AtomicBool::new(false)).expect("nothing stops it");
        assert_eq!(fit.chosen as u64, index, "{law:?}: {:?}", fit.tried);
        let found = fit.tried[fit.chosen].outcome.as_ref().expect("it is offered");
        let truth = match law {
            Frequency::Poisson { mean } => vec![mean],
            Frequency::NegativeBinomial { mean, dispersion } => vec![mean, dispersion],
            Frequency::ZeroInflatedPoisson { mean, zero_inflation } => vec![mean, zero_inflation],
            Frequency::ZeroInflatedNegativeBinomial { mean, dispersion, zero_inflation } => {
                vec![mean, dispersion, zero_inflation]
            }
            Frequency::Bernoulli { .. } => unreachable!("it is not among them"),
        };
        for ((name, figure), truth) in found.parameters.iter().zip(truth) {
            let errors = (figure.value - truth) / figure.standard_error;
            assert!(errors.abs() < MOST_ERRORS, "{law:?}: {name} is {errors:.1} standard errors off: {figure:?}");
        }
    }
}

fn of_part(law: Frequency, exposure: f64) -> Frequency {
    match law {
        Frequency::Poisson { mean } => Frequency::Poisson { mean: mean * exposure },
        Frequency::NegativeBinomial { mean, dispersion } => {
            Frequency::NegativeBinomial { mean: mean * exposure, dispersion }
        }
        Frequency::Bernoulli { .. } => unreachable!("it is not among them"),
        Frequency::ZeroInflatedPoisson { mean, zero_inflation } => {
            Frequency::ZeroInflatedPoisson { mean: mean * exposure, zero_inflation }
        }
        Frequency::ZeroInflatedNegativeBinomial { mean, dispersion, zero_inflation } => {
            Frequency::ZeroInflatedNegativeBinomial { mean: mean * exposure, dispersion, zero_inflation }
        }
    }
}

#[test]
fn a_zero_mass_is_recovered_from_parts_of_years() {
    let mut stream = stream(200);
    let rows: Vec<(bool, f64, u32)> = (0..20_000_u32)
        .map(|person| {
            let exposure = [0.25, 0.5, 1.0][(person % 3) as usize];
            (stream.uniform() > 0.3_f64.powf(exposure), exposure, person)
        })
        .collect();
    let found = zero_mass(&rows);
    assert!((found.value - 0.3).abs() < MOST_ERRORS * found.standard_error, "{found:?}");
    assert!(found.standard_error < 0.01);
}

/// Errors of a person's repeated years: years that are copies say nothing new.
#[test]
fn copies_of_a_year_do_not_make_a_mean_surer() {
    let law = &laws()[1];
    let once = drawn(law, 2_000, &mut stream(300));
    let rows = once.values.iter().zip(0_u32..).flat_map(|(&value, person)| vec![(value, 1.0, person); 4]);
    let copied = Observations::new(rows.collect());
    let error = |data: &Observations| candidate(&fitted(data, 0), law).mean.standard_error;
    assert!((error(&copied) / error(&once) - 1.0).abs() < 0.01);
}

/// Under the truth p-values are even: of 60 data sets, the mean and the share at most 0.2 lie where evenness puts them, within
/// four standard errors.
#[test]
fn p_values_are_even_under_the_truth_and_small_under_a_wrong_law() {
    let truth = Severity::Family(Family::gamma(500.0, 1.2).expect("valid parameters"));
    let stop = AtomicBool::new(false);
    let p_values = |kind: FamilyKind, index: u64| {
        let data = drawn(&truth, 400, &mut stream(1_000 + index));
        let refit = |sample: &Observations| kind.likeliest(sample).ok().map(Severity::Family);
        let law = refit(&data).expect("it is found");
        let found = test(&law, &data, refit, 99, &mut refit_stream(1_000 + index), &stop);
        let found = found.expect("nothing stops it").expect("there are samples");
        [found.kolmogorov_smirnov.p, found.anderson_darling.p]
    };
    let sets = 60;
    let under_truth: Vec<[f64; 2]> = (0..sets).map(|index| p_values(FamilyKind::Gamma, index)).collect();
    for which in [0, 1] {
        let n = sets as f64;
        let mean = under_truth.iter().map(|p| p[which]).sum::<f64>() / n;
        let low = under_truth.iter().filter(|p| p[which] <= 0.2).count() as f64 / n;
        assert!((mean - 0.505).abs() < MOST_ERRORS * (1.0 / 12.0 / n).sqrt(), "mean p {mean}");
        assert!((low - 0.2).abs() < MOST_ERRORS * (0.16 / n).sqrt(), "{low} of p-values are at most 0.2");
    }
    for index in 0..3 {
        let [kolmogorov_smirnov, anderson_darling] = p_values(FamilyKind::Lognormal, index);
        assert!(kolmogorov_smirnov <= 0.05 && anderson_darling <= 0.02, "{kolmogorov_smirnov}, {anderson_darling}");
    }
}

/// Counts likewise: under the truth, a negative binomial, p-values are even; a Poisson is refused.
#[test]
fn counts_refuse_a_wrong_law_and_not_the_truth() {
    let table = Frequency::NegativeBinomial { mean: 1.5, dispersion: 0.8 }.table().expect("a usable law");
    let sets = 24;
    let mut p_values = Vec::new();
    for set in 0..sets {
        let mut stream = stream(400 + set);
        let rows = (0..400_u32).map(|person| (table.count(stream.word()), 1.0, person)).collect();
        let stream_of = |index: u64| refit_stream(10_000 * (1 + set) + index);
        let fit =
            Counts { rows }.fit(39, Criterion::Bic, stream_of, &AtomicBool::new(false)).expect("nothing stops it");
        let p = |index: usize| {
            let goodness = fit.tried[index].outcome.as_ref().expect("it is offered").goodness.expect("samples");
            [goodness.kolmogorov_smirnov.p, goodness.anderson_darling.p]
        };
        assert_eq!(p(0), [0.025, 0.025], "Poisson");
        p_values.push(p(1));
    }
    for which in [0, 1] {
        let n = sets as f64;
        let mean = p_values.iter().map(|p| p[which]).sum::<f64>() / n;
        assert!((mean - 0.51).abs() < MOST_ERRORS * (1.0 / 12.0 / n).sqrt(), "mean p {mean}: {p_values:?}");
    }
}

/// The index of the law with the least criterion among those tried.
fn chosen_by(fit: &AmountFit, criterion: Criterion) -> usize {
    let criteria = fit.tried.iter().map(|tried| tried.outcome.as_ref().ok().map(|candidate| candidate.criteria));
    criterion.least(criteria).expect("a law is offered")
}

/// Samples of each law, of 1,000 amounts: how often the law is found again, and how far what it costs above the 99.9th
/// percentile is from the truth, by squares of logarithms. `docs/fit.md` quotes these figures.
#[test]
fn bic_recovers_more_laws_than_aic_and_their_tails_as_well() {
    const SAMPLES: u64 = 12;
    let mut found = [0, 0];
    let mut misses = [0.0, 0.0];
    let mut differences = Vec::new();
    for (index, law) in (0..).zip(laws()) {
        let above = law.quantile_above(0.001);
        for sample in 0..SAMPLES {
            let data = drawn(&law, 1_000, &mut stream(20_000 + 100 * index + sample));
            let fit = fitted(&data, 0);
            let mut missed = [0.0; 2];
            for (which, criterion) in [Criterion::Aic, Criterion::Bic].into_iter().enumerate() {
                let tried = &fit.tried[chosen_by(&fit, criterion)];
                let candidate = tried.outcome.as_ref().expect("it is offered");
                found[which] += u32::from(tried.title == law.title());
                let ratio = candidate.law.law().excess_mean(above) / law.law().excess_mean(above);
                missed[which] = ratio.ln().powi(2);
                misses[which] += missed[which];
            }
            differences.push(missed[1] - missed[0]);
        }
    }
    assert!(found[1] >= found[0], "AIC and BIC find {found:?}");
    let n = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / n;
    let variance = differences.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    let z = mean / (variance / n).sqrt();
    assert!(z < 4.0, "AIC and BIC miss by {misses:?}, {z:.1} standard errors apart");
}

/// Lognormal samples of 4,469 amounts: the law is found, and what it costs above $250,000 is right on average.
#[test]
fn a_lognormal_is_not_fitted_by_three() {
    const SAMPLES: u64 = 20;
    let truth = Severity::Family(Family::lognormal(6_000.0, 2.5).expect("valid parameters"));
    let mut costs = Vec::new();
    for sample in 0..SAMPLES {
        let fit = fitted(&drawn(&truth, 4_469, &mut stream(30_000 + sample)), 0);
        assert_eq!(fit.law.title(), "lognormal", "sample {sample}");
        costs.push(fit.law.law().excess_mean(250_000.0));
    }
    let n = SAMPLES as f64;
    let mean = costs.iter().sum::<f64>() / n;
    let error = (costs.iter().map(|cost| (cost - mean).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt();
    let expected = truth.law().excess_mean(250_000.0);
    assert!((mean - expected).abs() < MOST_ERRORS * error, "{mean} ± {error}, expected {expected}");
}
