use super::*;
use scene::Label;

const YEAR: Period = Period { years: 1 };

/// A year like one of shared savings: often nothing, else up to a limit either way.
fn shared_savings(trials: usize) -> Vec<f64> {
    spread(trials, 4.5e6)
        .into_iter()
        .map(|savings| if savings.abs() < 2.5e6 { 0.0 } else { (0.75 * savings).clamp(-4e6, 8e6) })
        .collect()
}

/// Values like a normal sample's, in an order without pattern.
fn spread(trials: usize, sd: f64) -> Vec<f64> {
    (0..trials)
        .map(|trial| {
            let uniform = |ratio: f64| (0.5 + trial as f64 * ratio).fract();
            sd * (uniform(0.618_033_988_749) + uniform(0.414_213_562_373) + uniform(0.732_050_807_569) - 1.5) * 2.0
        })
        .collect()
}

fn measured(trials: &[f64]) -> Sample {
    Sample::new(trials.to_vec()).expect("a sample")
}

fn all_charts(contracts: &[Gains]) -> Vec<Chart> {
    let mut charts = vec![continuum(contracts), exceedance(contracts), convergence(contracts)];
    charts.extend(contracts.iter().map(histogram));
    charts
}

fn assert_legible(chart: &Chart) {
    let labels: Vec<&Label> = chart.scene.labels().collect();
    for (place, label) in labels.iter().enumerate() {
        let rectangle = label.rectangle();
        let inside = rectangle.left >= 0.0
            && rectangle.top >= 0.0
            && rectangle.right <= chart.scene.width
            && rectangle.bottom <= chart.scene.height;
        assert!(inside, "{}: `{}` is cut off: {rectangle:?}", chart.stem, label.text);
        for other in &labels[..place] {
            let apart = !rectangle.overlaps(&other.rectangle());
            assert!(apart, "{}: `{}` covers `{}`", chart.stem, label.text, other.text);
        }
    }
}

#[test]
fn no_text_covers_another_or_is_cut_off() {
    let samples: Vec<Vec<f64>> = vec![
        vec![0.0; 2000],
        vec![360_000.0; 2000],
        shared_savings(2000),
        spread(2000, 2.3e6),
        spread(2000, 4e5).into_iter().map(|gain| gain.clamp(-2e5, 2e5)).collect(),
        spread(2000, 9e5).into_iter().map(f64::abs).collect(),
        spread(2000, 1e7).into_iter().map(|gain| -gain.abs()).collect(),
    ];
    let measured: Vec<Sample> = samples.iter().map(|trials| measured(trials)).collect();
    let names = [
        "Medicare Shared Savings Program ENHANCED track, prospective assignment",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
        "Full-risk capitation, Medicare Advantage delegated (85% of premium), stop-loss",
        "FFS",
    ];
    for contracts in [1, 2, 3, 5, 8, 12, 20] {
        let gains: Vec<Gains> = (0..contracts)
            .map(|place| Gains {
                name: names[place % names.len()],
                lan: ["1", "2C", "3A", "3B", "4A"][5 * place / contracts],
                trials: &samples[place % samples.len()],
                sample: &measured[place % samples.len()],
                period: YEAR,
            })
            .collect();
        all_charts(&gains).iter().for_each(assert_legible);
    }
}

#[test]
fn plots_of_a_fit_are_legible_whatever_the_amounts() {
    let name = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft, inpatient <b>";
    for scale in [1e-3, 1.0, 1e4, 1e9] {
        let pairs: Vec<[f64; 2]> =
            (1..300).map(|at| [scale * f64::from(at), scale * f64::from(at).powf(1.2)]).collect();
        let flat = [[scale, scale]; 3];
        let excesses: Vec<[f64; 4]> = (1..80)
            .map(|at| [scale * f64::from(at), scale, 0.1 * scale, if at > 70 { f64::INFINITY } else { scale }])
            .collect();
        for points in [&pairs[..], &flat[..], &[]] {
            assert_legible(&quantiles(&Quantiles { name, law: "mixture of 3 lognormals", points }));
        }
        for points in [&excesses[..], &[]] {
            let chart =
                mean_excess(&Excesses { name, law: "lognormal with Pareto tail", points, threshold: Some(scale) });
            assert_legible(&chart);
            let svg = chart.svg().expect("drawn");
            assert!(!svg.contains("<b>") && !svg.contains("NaN") && !svg.contains("inf"));
        }
    }
}

#[test]
fn unusual_samples_are_drawn() {
    let unusual = [
        vec![0.0, 0.0],
        vec![-1.0, 2.0],
        vec![5e6; 300],
        vec![-5e6; 300],
        vec![-0.0, 0.0, 1e-3, -1e-3],
        vec![1e13, -1e13, 3.0],
        vec![f64::MIN_POSITIVE, 0.0, 1.0],
        vec![100.0, 100.0 + 1e-13, 100.0],
        (0..500).map(|trial| if trial == 0 { -1e9 } else { 1.0 }).collect(),
        spread(1000, 1e-3),
        spread(1000, 1e13),
    ];
    let samples: Vec<Sample> = unusual.iter().map(|trials| measured(trials)).collect();
    let gains: Vec<Gains> = unusual
        .iter()
        .zip(&samples)
        .map(|(trials, sample)| Gains { name: "<script>&\"合同 Ærø", lan: "4B", trials, sample, period: YEAR })
        .collect();
    for gains in gains.iter().map(std::slice::from_ref).chain([gains.as_slice(), &[]]) {
        for chart in all_charts(gains) {
            assert_legible(&chart);
            let svg = chart.svg().expect("drawn");
            assert!(!svg.contains("<script") && !svg.contains("NaN"), "{}", chart.stem);
        }
    }
    assert!(continuum(&gains[..2]).png().expect("drawn").starts_with(b"\x89PNG"));
}

#[test]
fn a_long_run_of_many_contracts_makes_a_small_file() {
    let trials = [shared_savings(100_000), spread(100_000, 2.3e6)];
    let samples = trials.each_ref().map(|trials| measured(trials));
    let gains: Vec<Gains> = (0..20)
        .map(|place| Gains {
            name: "Capitation",
            lan: "4A",
            trials: &trials[place % 2],
            sample: &samples[place % 2],
            period: YEAR,
        })
        .collect();
    for chart in [continuum(&gains), exceedance(&gains), convergence(&gains), histogram(&gains[0])] {
        let size = chart.svg().expect("drawn").len();
        assert!(size < 300_000, "{} has {size} bytes", chart.stem);
    }
}

#[test]
fn a_curve_of_losses_ends_at_the_last_trial_and_safe_contracts_are_named() {
    let (risky, safe) = (spread(1000, 1e6), vec![0.0; 1000]);
    let (risky_sample, safe_sample) = (measured(&risky), measured(&safe));
    let chart = exceedance(&[
        Gains { name: "risky", lan: "4A", trials: &risky, sample: &risky_sample, period: YEAR },
        Gains { name: "safe", lan: "1", trials: &safe, sample: &safe_sample, period: YEAR },
    ]);
    let texts: Vec<&str> = chart.scene.labels().map(|label| label.text.as_str()).collect();
    assert!(texts.contains(&"1 in 1,000 (0.1%)") && !texts.iter().any(|text| text.contains("1 in 2,000")));
    assert!(texts.contains(&"No loss in any of 1,000 trials: safe."));
    assert_eq!(texts.iter().filter(|text| **text == "1 risky").count(), 1);
}
