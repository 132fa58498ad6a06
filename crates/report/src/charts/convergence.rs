//! Whether there were trials enough: running estimates with their intervals, a panel for each contract.

use plotters::style::RGBColor;
use twosided_prob::{Estimate, Sample};

use super::axis::{Scale, baseline, vertical_dollars};
use super::distribution::level;
use super::palette::{AXIS_TITLE, CAPTION, GAIN, GRID, LOSS, NOTE, TITLE};
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene};
use super::{Chart, Gains, period};
use crate::text::{Font, dollars_with_error};

const WIDTH: f64 = 1120.0;
const TICK: Font = Font::regular(10.0);
/// Trials at which the estimates start: a tail of 1% holds one of them.
const FIRST: usize = 100;
/// Trials at which the tail is first drawn: its error means little with fewer than five in it.
const FIRST_TAIL: usize = 500;
const PER_DECADE: f64 = 10.0;

/// The running mean and the running mean of the worst 1% of years against the number of trials, each with its 95% interval.
pub fn convergence(contracts: &[Gains]) -> Chart {
    let title = "Do the estimates settle as trials are added?".to_owned();
    let words = contracts.iter().map(|contract| {
        let (mean, tail) = (contract.sample.mean(), contract.sample.tail_value_at_risk(level(0.99)).negated());
        let (mean, mean_error) = dollars_with_error(mean.value, mean.standard_error);
        let (tail, tail_error) = dollars_with_error(tail.value, tail.standard_error);
        let worst = contract.period.say("worst 1% of {years}");
        format!(" {}: mean {mean} {mean_error}, {worst} {tail} {tail_error}.", contract.name)
    });
    let subject = "Running mean gain and running TVaR 99% with 95% intervals against the number of trials.";
    let alt = std::iter::once(subject.to_owned()).chain(words).collect();
    Chart { stem: "convergence", scene: scene(contracts, &title), alt, title }
}

/// The estimates after so many trials, both as gains.
struct Checkpoint {
    trials: f64,
    mean: Estimate,
    tail: Estimate,
}

/// Colour of an estimate, the trials from which it is drawn, and where to find it.
type Running = (RGBColor, f64, fn(&Checkpoint) -> Estimate);

/// Checkpoints evenly spaced on the logarithm, the last at all trials.
fn checkpoints(trials: &[f64]) -> Vec<Checkpoint> {
    let first = FIRST.min(trials.len()) as f64;
    let decades = (trials.len() as f64 / first).log10();
    let steps = (decades * PER_DECADE).ceil().max(1.0);
    let mut checkpoints: Vec<Checkpoint> = Vec::new();
    let mut sorted: Vec<f64> = Vec::new();
    for step in 0..=steps as usize {
        let upto = (first * 10_f64.powf(decades * step as f64 / steps)).round() as usize;
        let upto = upto.clamp(sorted.len(), trials.len());
        // Sorting is quick where a sorted run comes first.
        sorted.extend_from_slice(&trials[sorted.len()..upto]);
        let Ok(sample) = Sample::new(std::mem::take(&mut sorted)) else {
            return checkpoints;
        };
        checkpoints.push(Checkpoint {
            trials: upto as f64,
            mean: sample.mean(),
            tail: sample.tail_value_at_risk(level(0.99)).negated(),
        });
        sorted.extend_from_slice(sample.sorted());
    }
    checkpoints
}

fn scene(contracts: &[Gains], title: &str) -> Scene {
    let across = match contracts.len() {
        0..=2 => contracts.len().max(1),
        3..=4 => 2,
        5..=9 => 3,
        _ => 4,
    };
    let height = if contracts.len() <= 4 { 280.0 } else { 200.0 };
    let mut scene = Scene::new(WIDTH, 0.0);
    let after_title = scene.lines(&TITLE.wrap(title, WIDTH - 40.0, 3), (20.0, 30.0), Anchor::Start, TITLE);
    let mut x = 20.0;
    let worst = period(contracts).say("Mean of the worst 1% of {years} (TVaR 99%, as a gain)");
    for (text, colour) in [("Mean gain", GAIN), (worst.as_str(), LOSS)] {
        let y = after_title;
        scene.area(vec![(x, y - 9.0), (x + 24.0, y - 9.0), (x + 24.0, y + 1.0), (x, y + 1.0)], colour, 0.25);
        scene.line(vec![(x, y - 4.0), (x + 24.0, y - 4.0)], Pen::solid(colour, 2.0));
        scene.label(Label::new(text, (x + 32.0, y), Anchor::Start, NOTE));
        x += 32.0 + NOTE.width(text) + 24.0;
    }
    scene.label(Label::new("Shaded: 95% confidence interval", (x, after_title), Anchor::Start, NOTE));

    let cell_width = (WIDTH - 30.0) / across as f64;
    let top = after_title + 16.0;
    for (place, contract) in contracts.iter().enumerate() {
        let (row, column) = (place / across, place % across);
        let cell = (10.0 + column as f64 * cell_width, top + row as f64 * height);
        panel(&mut scene, contract, cell, (cell_width, height));
    }
    let end = top + contracts.len().div_ceil(across) as f64 * height;
    let middle = (WIDTH / 2.0, end + 14.0);
    scene.label(Label::new("Trials (logarithmic scale)", middle, Anchor::Middle, AXIS_TITLE));
    scene.height = end + 26.0;
    scene
}

fn panel(scene: &mut Scene, contract: &Gains, (left, top): Point, (width, height): (f64, f64)) {
    let frame =
        Rectangle { left: left + 66.0, top: top + 40.0, right: left + width - 14.0, bottom: top + height - 26.0 };
    let names = CAPTION.wrap(contract.name, width - 24.0, 2);
    // A title of one line stands next to its panel, not above a gap.
    let first = top + if names.len() > 1 { 18.0 } else { 30.0 };
    scene.lines(&names, (left + 12.0, first), Anchor::Start, CAPTION);
    let checkpoints = checkpoints(contract.trials);
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
    for (colour, from, estimate) in running {
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
        scene.area(band, colour, 0.25);
        scene.line(along(&|estimate| estimate.value), Pen::solid(colour, 1.5));
    }
}

/// Grid lines at powers of ten: `100`, `1k`, `10k`; the two ends where the run has no two of them.
fn decades(scene: &mut Scene, frame: Rectangle, scale: Scale) {
    let powers: Vec<f64> = (scale.low.ceil() as i32..=scale.high.floor() as i32).map(f64::from).collect();
    let ends = vec![scale.low, scale.high];
    for exponent in if powers.len() > 1 { powers } else { ends } {
        let x = scale.pixel(exponent);
        scene.line(vec![(x, frame.top), (x, frame.bottom)], Pen::solid(GRID, 1.0));
        let count = 10_f64.powf(exponent).round();
        let text = match count {
            1e6.. => format!("{}M", count / 1e6),
            1e3.. => format!("{}k", (count / 10.0).round() / 100.0),
            _ => format!("{count}"),
        };
        scene.label(Label::new(text, (x, frame.bottom + 14.0), Anchor::Middle, TICK));
    }
}
