mod decisions;

use super::*;
use scene::{Label, Rectangle};
use twosided_prob::Margin;

const YEAR: Period = Period { years: 1 };

/// A year like one of shared savings: often nothing, else up to a limit either way.
fn shared_savings(trials: usize) -> Vec<f64> {
    spread(trials, 4.5e6)
        .into_iter()
        .map(|savings| if savings.abs() < 2.5e6 { 0.0 } else { (0.75 * savings).clamp(-4e6, 8e6) })
        .collect()
}

/// Values like a normal sample's, in an order without pattern.
pub(super) fn spread(trials: usize, sd: f64) -> Vec<f64> {
    (0..trials)
        .map(|trial| {
            let uniform = |ratio: f64| (0.5 + trial as f64 * ratio).fract();
            sd * (uniform(0.618_033_988_749) + uniform(0.414_213_562_373) + uniform(0.732_050_807_569) - 1.5) * 2.0
        })
        .collect()
}

pub(super) fn measured(trials: &[f64]) -> Sample {
    Sample::new(trials.to_vec()).expect("a sample")
}

/// A contract as a report hands it over.
pub(super) fn contract<'a>(name: &'a str, lan: &'a str, trials: &'a [f64], sample: &'a Sample) -> Gains<'a> {
    let measures = RiskMeasure::ALL.map(|measure| measure.of(sample, &Margin::of(sample)));
    Gains { name, lan, trials, sample, measures, is_reference: false, is_exact: false, period: YEAR }
}

fn all_charts(contracts: &[Gains]) -> Vec<Chart> {
    let mut charts = vec![continuum(contracts), exceedance(contracts), convergence(contracts)];
    charts.push(return_on_risk(&ranked(contracts)));
    charts.extend(contracts.iter().map(histogram));
    charts
}

/// Contracts of which every third is dominated, and the others are on the frontier where they can be.
fn ranked<'a>(contracts: &[Gains<'a>]) -> Vec<Ranked<'a>> {
    let of = |(index, &gains): (usize, &Gains<'a>)| Ranked {
        gains,
        is_dominated: index % 3 == 2,
        is_efficient: index % 3 == 0,
    };
    contracts.iter().enumerate().map(of).collect()
}

fn assert_legible(chart: &Chart) {
    let labels: Vec<&Label> = chart.scene.labels().collect();
    for (index, label) in labels.iter().enumerate() {
        let rectangle = label.rectangle();
        let inside = rectangle.left >= 0.0
            && rectangle.top >= 0.0
            && rectangle.right <= chart.scene.width
            && rectangle.bottom <= chart.scene.height;
        assert!(inside, "{}: `{}` is cut off: {rectangle:?}", chart.stem, label.text);
        for other in &labels[..index] {
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
            .map(|index| {
                let lan = ["1", "2C", "3A", "3B", "4A"][5 * index / contracts];
                let of = index % samples.len();
                contract(names[index % names.len()], lan, &samples[of], &measured[of])
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
        .map(|(trials, sample)| contract("<script>&\"合同 Ærø", "4B", trials, sample))
        .collect();
    for gains in gains.iter().map(std::slice::from_ref).chain([gains.as_slice(), &[]]) {
        for chart in all_charts(gains) {
            assert_legible(&chart);
            let svg = chart.svg().expect("drawn");
            assert!(!svg.contains("<script") && !svg.contains("NaN"), "{}", chart.stem);
        }
    }
    assert!(continuum(&gains[..2]).png(&mut Canvas::default()).expect("drawn").starts_with(b"\x89PNG"));
}

#[test]
fn a_long_run_of_many_contracts_makes_a_small_file() {
    let trials = [shared_savings(100_000), spread(100_000, 2.3e6)];
    let samples = trials.each_ref().map(|trials| measured(trials));
    let gains: Vec<Gains> =
        (0..20).map(|index| contract("Capitation", "4A", &trials[index % 2], &samples[index % 2])).collect();
    for chart in [continuum(&gains), exceedance(&gains), convergence(&gains), histogram(&gains[0])] {
        let size = chart.svg().expect("drawn").len();
        assert!(size < 300_000, "{} has {size} bytes", chart.stem);
    }
}

#[test]
fn a_curve_of_losses_ends_at_the_last_trial_and_safe_contracts_are_named() {
    let (risky, safe) = (spread(1000, 1e6), vec![0.0; 1000]);
    let (risky_sample, safe_sample) = (measured(&risky), measured(&safe));
    let chart =
        exceedance(&[contract("risky", "4A", &risky, &risky_sample), contract("safe", "1", &safe, &safe_sample)]);
    let texts: Vec<&str> = chart.scene.labels().map(|label| label.text.as_str()).collect();
    assert!(texts.contains(&"1 in 1,000 (0.1%)") && !texts.iter().any(|text| text.contains("1 in 2,000")));
    assert!(texts.contains(&"No loss in any of 1,000 trials: safe."));
    assert_eq!(texts.iter().filter(|text| **text == "1 risky").count(), 1);
}

/// Names as long as they come, of many contracts.
fn many() -> (Vec<Vec<f64>>, Vec<String>) {
    let names = (0..23).map(|index| format!("Two-sided shared savings with Otorhinolaryngology, option N{index}"));
    let samples = (0..23).map(|index| match index % 4 {
        0 => shared_savings(1000),
        1 => spread(1000, 1e6 * f64::from(index)),
        2 => spread(1000, 3e6).into_iter().map(|gain| gain.clamp(-2e6, 1e6)).collect(),
        _ => (0..1000).map(|trial| if trial % 50 == 0 { -1e3 * f64::from(index) } else { 2e6 }).collect(),
    });
    (samples.collect(), names.collect())
}

#[test]
fn text_is_legible_however_many_contracts_there_are() {
    let (samples, names) = many();
    let measured: Vec<Sample> = samples.iter().map(|trials| measured(trials)).collect();
    for count in [1, 2, 4, 7, 8, 20, 23] {
        let gains: Vec<Gains> = (0..count)
            .map(|index| {
                let lan = ["1", "2C", "3A", "3B", "4A"][5 * index / count];
                contract(&names[index], lan, &samples[index], &measured[index])
            })
            .collect();
        for chart in all_charts(&gains) {
            assert!(chart.scene.width <= palette::PAGE, "{} is {} wide", chart.stem, chart.scene.width);
            let smallest = chart.scene.labels().map(|label| label.font.size).fold(f64::MAX, f64::min);
            assert!(smallest >= 11.0, "{}: {smallest}", chart.stem);
            assert_legible(&chart);
        }
        // Every contract's name stands once, in the order given, in bands on scales of the same ticks.
        let chart = continuum(&gains);
        let texts: Vec<&str> = chart.scene.labels().map(|label| label.text.as_str()).collect();
        let bands = texts.iter().filter(|text| **text == "LAN category").count();
        assert_eq!(bands, count.div_ceil(7), "{count}");
        assert_eq!(texts.iter().filter(|text| **text == "$0").count() % bands, 0);
        let options: Vec<usize> =
            (0..count).filter_map(|index| texts.iter().position(|text| text.ends_with(&format!("N{index}")))).collect();
        assert!(options.len() == count && options.is_sorted(), "{options:?}");
    }
}

#[test]
fn a_picture_that_is_taller_than_a_page_is_cut_between_its_bands() {
    let (samples, names) = many();
    let measured: Vec<Sample> = samples.iter().map(|trials| measured(trials)).collect();
    let of = |count: usize| {
        let gains: Vec<Gains> =
            (0..count).map(|index| contract(&names[index], "3A", &samples[index], &measured[index])).collect();
        continuum(&gains)
    };
    assert!(of(7).svg_slices().expect("drawn").is_empty(), "one band needs no cut");
    let chart = of(23);
    let heights: Vec<f64> = chart
        .svg_slices()
        .expect("drawn")
        .iter()
        .map(|slice| slice.split('"').nth(5).and_then(|height| height.parse().ok()).expect("a height"))
        .collect();
    assert!(heights.len() > 1 && heights.iter().all(|height| *height <= 1_200.0), "{heights:?}");
    assert!((heights.iter().sum::<f64>() - chart.scene.height).abs() < 2.0, "{heights:?}");
    for cut in &chart.scene.cuts {
        let is_cut = |label: &Label| {
            let Rectangle { top, bottom, .. } = label.rectangle();
            (top + 1.0..bottom - 1.0).contains(cut)
        };
        let cut_through: Vec<&str> =
            chart.scene.labels().filter(|label| is_cut(label)).map(|label| label.text.as_str()).collect();
        assert!(cut_through.is_empty(), "{cut}: {cut_through:?}");
    }
}

#[test]
fn every_mass_and_every_curve_is_labeled() {
    let (samples, names) = many();
    let measured: Vec<Sample> = samples.iter().map(|trials| measured(trials)).collect();
    let gains: Vec<Gains> =
        (0..23).map(|index| contract(&names[index], "3B", &samples[index], &measured[index])).collect();
    let chart = continuum(&gains);
    let is_share = |text: &str| ["% at ", "% near ", "%, "].iter().any(|part| text.contains(part));
    let labels = chart.scene.labels().filter(|label| is_share(&label.text)).count();
    let masses = measured.iter().map(|sample| distribution::Distribution::new(sample).point_masses.len());
    assert_eq!(labels, masses.sum::<usize>());
    let chart = exceedance(&gains);
    let losing = samples.iter().filter(|trials| trials.iter().any(|gain| *gain < 0.0)).count();
    for number in 1..=losing {
        let text = number.to_string();
        assert!(chart.scene.labels().any(|label| label.text == text), "{number}");
    }
    assert!(chart.scene.labels().any(|label| label.text == "Chance that a year loses at least this much"));
}

#[test]
fn marks_lie_on_masses_and_labels_on_neither() {
    use scene::{Mark, Rectangle};
    // The mean and the bad year next to a mass of most trials, among others above.
    let trials: Vec<f64> = (0..2000).map(|i| if i % 10 > 0 { 1e5 } else { 1e5 + 300.0 * f64::from(i % 700) }).collect();
    let sample = measured(&trials);
    let chart = continuum(&[contract("A", "3B", &trials, &sample)]);
    let corners = |mark: &Mark| match mark {
        Mark::Area { points, color, .. } => Some((points.clone(), *color)),
        _ => None,
    };
    let plot =
        chart.scene.marks.iter().position(|mark| matches!(mark, Mark::Label(label) if label.text == "LAN category"));
    let areas: Vec<_> = chart.scene.marks[plot.expect("a plot")..].iter().filter_map(corners).collect();
    let index = |corners: usize, x: f64, color| {
        let at = areas.iter().rposition(|(points, of)| points.len() == corners && *of == color && points[0].0 > x);
        at.expect("is drawn")
    };
    let bar = index(4, 0.0, palette::GAIN);
    let (triangle, diamond) = (index(3, 0.0, palette::INK), index(4, 0.0, palette::INK));
    assert!(bar < triangle && bar < diamond);
    let bounds = |points: &[scene::Point]| Rectangle {
        left: points.iter().map(|point| point.0).fold(f64::MAX, f64::min),
        right: points.iter().map(|point| point.0).fold(f64::MIN, f64::max),
        top: points.iter().map(|point| point.1).fold(f64::MAX, f64::min),
        bottom: points.iter().map(|point| point.1).fold(f64::MIN, f64::max),
    };
    let [bar, triangle, diamond] = [bar, triangle, diamond].map(|index| bounds(&areas[index].0));
    assert!(!triangle.overlaps(&diamond));
    let label = chart.scene.labels().find(|label| label.text.contains("% at ")).expect("a label").rectangle();
    assert!([bar, triangle, diamond].iter().all(|mark| !mark.overlaps(&label)));
}

#[test]
fn figures_of_charts_are_those_of_the_tables() {
    // Gains that differ by the rounding of what they are the difference of; margins are a million times as large.
    let trials: Vec<f64> = (0..2000).map(|i| -1.862e6 + 1e-9 * f64::from(i % 7)).collect();
    let sample = measured(&trials);
    let margins = measured(&[9e12, 9e12]);
    let measures = RiskMeasure::ALL.map(|measure| measure.of(&sample, &Margin::of(&margins)));
    let gains = Gains { measures, ..contract("A", "3B", &trials, &sample) };
    for chart in [continuum(&[gains]), convergence(&[gains]), histogram(&gains)] {
        assert!(chart.alt.contains("$1.86M") && !chart.alt.contains("M ±"), "{}", chart.alt);
    }
    // No loss in any trial still has an error, as in the table; the reference has none.
    let trials = vec![3e5; 2000];
    let sample = measured(&trials);
    let certain = contract("A", "2A", &trials, &sample);
    let (share, error) = certain.chance_of_loss();
    let texts =
        |gains: Gains| -> Vec<String> { continuum(&[gains]).scene.labels().map(|label| label.text.clone()).collect() };
    assert_eq!((share.as_str(), error.as_str()), ("0%", "± 0.05%"));
    assert!(texts(certain).contains(&error));
    assert!(!texts(Gains { is_reference: true, ..certain }).contains(&error));
}
