//! Whether there were trials enough: running estimates with their intervals, a panel for each contract.

use plotters::style::RGBColor;
use twosided_prob::{Caution, Estimate, Sample};

use super::axis::{Scale, baseline, vertical_dollars};
use super::distribution::level;
use super::palette::{AXIS_TITLE, CAPTION, GAIN, GRID, LOSS, NOTE, PAGE, TICK, TITLE};
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene};
use super::{Chart, Gains, joined, period};
use crate::RiskMeasure;

/// Trials at which the estimates start: a tail of 1% holds one of them.
const FIRST: usize = 100;
/// Trials at which the tail is first drawn: its error means little with fewer than five in it.
const FIRST_TAIL: usize = 500;
const PER_DECADE: f64 = 10.0;

/// The running mean and the running mean of the worst 1% of years against the number of trials, each with its 95% interval.
pub fn convergence(contracts: &[Gains]) -> Chart {
    let title = "Do the estimates settle as trials are added?".to_owned();
    let words = contracts.iter().map(|contract| {
        let mean = joined(contract.money(contract.measure(RiskMeasure::MeanGain)));
        let tail = joined(contract.money(contract.measure(RiskMeasure::TailValueAtRisk99).negated()));
        format!(" {}: mean {mean}, {} {tail}.", contract.name, contract.period.say("mean of the worst 1% of {years}"))
    });
    let subject = period(contracts).say(
        "Running mean gain and running mean of the worst 1% of {years} (TVaR 99%) with 95% intervals against the number of trials.",
    );
    let alt = std::iter::once(subject).chain(words).collect();
    Chart { stem: "convergence", scene: scene(contracts, &title), alt, title }
}

/// The estimates after a number of trials, both as gains.
struct Checkpoint {
    trials: f64,
    mean: Estimate,
    tail: Estimate,
}

/// Color of an estimate, the trials from which it is drawn, and where to find it.
type Running = (RGBColor, f64, fn(&Checkpoint) -> Estimate);

/// Checkpoints evenly spaced on the logarithm, the last at all trials, with the figures of the tables.
fn checkpoints(contract: &Gains) -> Vec<Checkpoint> {
    let trials = contract.trials;
    let first = FIRST.min(trials.len()) as f64;
    let decades = (trials.len() as f64 / first).log10();
    let steps = (decades * PER_DECADE).ceil().max(1.0);
    let mut checkpoints: Vec<Checkpoint> = Vec::new();
    let mut sorted: Vec<f64> = Vec::new();
    for step in 0..=steps as usize {
        let up_to = (first * 10_f64.powf(decades * step as f64 / steps)).round() as usize;
        let up_to = up_to.clamp(sorted.len(), trials.len());
        // Sorting is quick where a sorted run comes first.
        sorted.extend_from_slice(&trials[sorted.len()..up_to]);
        let Ok(sample) = Sample::new(std::mem::take(&mut sorted)) else {
            return checkpoints;
        };
        checkpoints.push(Checkpoint {
            trials: up_to as f64,
            mean: sample.mean(),
            tail: sample.tail_value_at_risk(level(0.99)).negated(),
        });
        sorted.extend_from_slice(sample.sorted());
    }
    if let Some(last) = checkpoints.last_mut() {
        last.mean = contract.measure(RiskMeasure::MeanGain);
        last.tail = contract.measure(RiskMeasure::TailValueAtRisk99).negated();
    }
    checkpoints
}

fn scene(contracts: &[Gains], title: &str) -> Scene {
    let across = match contracts.len() {
        0..=2 => contracts.len().max(1),
        3..=4 => 2,
        _ => 3,
    };
    let height = if contracts.len() <= 4 { 294.0 } else { 224.0 };
    let mut scene = Scene::new(PAGE, 0.0);
    let after_title = scene.lines(&TITLE.wrap(title, PAGE - 40.0, 3), (20.0, 30.0), Anchor::Start, TITLE);
    let mut x = 20.0;
    let worst = period(contracts).say("Mean of the worst 1% of {years} (TVaR 99%, as a gain)");
    for (text, color) in [("Mean gain", GAIN), (worst.as_str(), LOSS)] {
        let y = after_title;
        let width = 32.0 + NOTE.width(text) + 24.0;
        scene.area(vec![(x, y - 9.0), (x + 24.0, y - 9.0), (x + 24.0, y + 1.0), (x, y + 1.0)], color, 0.25);
        scene.line(vec![(x, y - 4.0), (x + 24.0, y - 4.0)], Pen::solid(color, 2.0));
        scene.label(Label::new(text, (x + 32.0, y), Anchor::Start, NOTE));
        x += width;
    }
    scene.label(Label::new("Shaded: 95% confidence interval", (x, after_title), Anchor::Start, NOTE));

    let cell_width = (PAGE - 20.0) / across as f64;
    let top = after_title + 16.0;
    for (index, contract) in contracts.iter().enumerate() {
        let (row, column) = (index / across, index % across);
        let cell = (10.0 + column as f64 * cell_width, top + row as f64 * height);
        panel(&mut scene, contract, cell, (cell_width, height));
    }
    let end = top + contracts.len().div_ceil(across) as f64 * height;
    let middle = (PAGE / 2.0, end + 14.0);
    scene.label(Label::new("Trials (logarithmic scale)", middle, Anchor::Middle, AXIS_TITLE));
    scene.height = end + 26.0;
    scene
}

fn panel(scene: &mut Scene, contract: &Gains, (left, top): Point, (width, height): (f64, f64)) {
    let frame =
        Rectangle { left: left + 66.0, top: top + 60.0, right: left + width - 18.0, bottom: top + height - 26.0 };
    let lines = CAPTION.wrap(contract.name, width - 30.0, 2);
    let withheld = withheld(contract);
    // A title of one line stands next to its panel, not above a gap.
    let below = lines.len() + usize::from(withheld.is_some());
    let first = top + 46.0 - 14.0 * (below.clamp(1, 3) - 1) as f64;
    let after = scene.lines(&lines, (left + 12.0, first), Anchor::Start, CAPTION);
    if let Some((text, color)) = withheld {
        scene.label(Label::new(text, (left + 12.0, after), Anchor::Start, NOTE).colored(color));
    }
    let checkpoints = checkpoints(contract);
    let (Some(start), Some(end)) = (checkpoints.first(), checkpoints.last()) else {
        let note = Label::new("too few trials", (frame.left, top + 60.0), Anchor::Start, TICK);
        return scene.label(note.quiet());
    };
    let trials = Scale::new(start.trials.log10(), end.trials.log10(), frame.left, frame.right);
    let tail_from = (FIRST_TAIL as f64).min(end.trials);
    // Values always fit; intervals once there are trials enough for them to mean something.
    let settled = checkpoints.iter().filter(|at| at.trials >= (3.0 * end.trials.sqrt()).max(tail_from)).chain([end]);
    let intervals = settled.flat_map(|at| [at.mean.lower, at.mean.upper, at.tail.lower, at.tail.upper]);
    let tails = checkpoints.iter().filter(|at| at.trials >= tail_from).map(|at| at.tail.value);
    // An interval without an end has none on the picture either.
    let intervals = intervals.filter(|end| end.is_finite());
    let values: Vec<f64> = checkpoints.iter().map(|at| at.mean.value).chain(tails).chain(intervals).collect();
    let (low, high) =
        values.iter().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(*value), high.max(*value)));
    let gains = Scale::new(low, high, frame.bottom, frame.top).padded(0.06);
    vertical_dollars(scene, frame, gains, 5, TICK);
    decades(scene, frame, trials);
    baseline(scene, frame);
    let running: [Running; 2] = [(LOSS, tail_from, |at| at.tail), (GAIN, 0.0, |at| at.mean)];
    for (color, from, estimate) in running {
        let along = |value: &dyn Fn(Estimate) -> f64| -> Vec<Point> {
            let point = |at: &Checkpoint| (trials.pixel(at.trials.log10()), value(estimate(at)));
            let points = checkpoints.iter().filter(|at| at.trials >= from).map(point);
            points.filter(|(_, gain)| gain.is_finite()).map(|(x, gain)| (x, gains.pixel(gain))).collect()
        };
        // An interval with an open end has no band.
        let end = |Estimate { lower, upper, .. }: Estimate, end: f64| {
            if (upper - lower).is_finite() { end } else { f64::NAN }
        };
        let mut band = along(&|estimate| end(estimate, estimate.lower));
        band.extend(along(&|estimate| end(estimate, estimate.upper)).into_iter().rev());
        scene.area(band, color, 0.25);
        scene.line(along(&|estimate| estimate.value), Pen::solid(color, 1.5));
    }
}

/// What is said where an error is withheld, in the color of its figure.
fn withheld(contract: &Gains) -> Option<(&'static str, RGBColor)> {
    let is_heavy = |measure| contract.measure(measure).caution == Some(Caution::HeavyTail);
    match (is_heavy(RiskMeasure::MeanGain), is_heavy(RiskMeasure::TailValueAtRisk99)) {
        (true, _) => Some(("no error: heavy tail", LOSS)),
        (false, true) => Some(("worst 1%: no error (heavy tail)", LOSS)),
        (false, false) => None,
    }
}

/// Grid lines at powers of ten and at the last trial: `100`, `1k`, `4k`.
fn decades(scene: &mut Scene, frame: Rectangle, scale: Scale) {
    let powers = (scale.low.ceil() as i32..=scale.high.floor() as i32).map(f64::from);
    let mut ticks: Vec<(f64, String)> = Vec::new();
    for exponent in std::iter::once(scale.high).chain(powers.rev()).chain([scale.low]) {
        let (x, text) = (scale.pixel(exponent), count(10_f64.powf(exponent).round()));
        let half = TICK.width(&text) / 2.0;
        if ticks.last().is_none_or(|(last, other)| x + half + TICK.width(other) / 2.0 + 6.0 < *last) {
            ticks.push((x, text));
        }
    }
    for (x, text) in ticks {
        scene.line(vec![(x, frame.top), (x, frame.bottom)], Pen::solid(GRID, 1.0));
        scene.label(Label::new(text, (x, frame.bottom + 15.0), Anchor::Middle, TICK));
    }
}

/// A number of trials: `100`, `2.5k`, `1M`.
fn count(trials: f64) -> String {
    match trials {
        1e6.. => format!("{}M", (trials / 1e4).round() / 100.0),
        1e3.. => format!("{}k", (trials / 10.0).round() / 100.0),
        _ => format!("{trials}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{contract, measured, spread};
    use super::*;

    fn labels(name: &str, trials: &[f64]) -> Vec<Label> {
        let sample = measured(trials);
        convergence(&[contract(name, "3B", trials, &sample)]).scene.labels().cloned().collect()
    }

    #[test]
    fn the_last_trial_has_a_tick() {
        for (trials, ticks) in
            [(2000, ["100", "1k", "2k"].as_slice()), (4000, &["100", "1k", "4k"]), (1000, &["100", "1k"])]
        {
            let labels = labels("A", &spread(trials, 1e6));
            let texts: Vec<&str> = labels.iter().map(|label| label.text.as_str()).collect();
            assert!(ticks.iter().all(|tick| texts.contains(tick)), "{texts:?}");
        }
        assert_eq!([1e3, 2500.0, 12_000.0, 1.5e6].map(count), ["1k", "2.5k", "12k", "1.5M"]);
    }

    #[test]
    fn a_withheld_error_is_said() {
        // One loss in two hundred is a thousand times the others and more.
        let heavy: Vec<f64> = spread(4000, 1e4)
            .into_iter()
            .enumerate()
            .map(|(i, gain)| if i % 200 == 7 { -1e7 * 4000.0 / (i as f64 + 1.0) } else { gain })
            .collect();
        let says = |labels: Vec<Label>| labels.iter().any(|label| label.text.contains("heavy tail"));
        assert!(says(labels("A", &heavy)));
        assert!(!says(labels("A", &spread(4000, 1e6))));
    }

    #[test]
    fn a_caption_stands_clear_of_the_ticks() {
        let name = "Two-sided shared savings, Medicare population, option 10, limit of 12 percent of the benchmark";
        let trials: Vec<f64> = spread(2000, 1e6).into_iter().map(|gain| gain.min(0.0)).collect();
        let labels = labels(name, &trials);
        let bottom = labels.iter().filter(|label| label.font == CAPTION).map(|label| label.rectangle().bottom);
        let bottom = bottom.fold(0.0, f64::max);
        let tick = labels.iter().filter(|label| label.text.contains('$')).map(|label| label.rectangle().top);
        assert!(tick.fold(f64::MAX, f64::min) - bottom > 6.0);
        assert!(labels.iter().any(|label| label.font == CAPTION && label.text.contains("benchmark")));
    }
}
