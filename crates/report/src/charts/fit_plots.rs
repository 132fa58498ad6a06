//! How a fitted law compares with the amounts: quantile against quantile, and mean excesses.

use super::axis::{Scale, baseline, horizontal_title, vertical_title};
use super::palette::{GAIN, GAIN_AREA, GRID, LOSS, NOTE, QUIET, TICK, TITLE};
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene, thinned};
use super::{Chart, axis};
use crate::text::{Font, dollars};

const WIDTH: f64 = 560.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 24.0;
const PLOT_HEIGHT: f64 = 380.0;
const KEY: Font = Font::regular(11.0);

/// Quantiles of a law and of data, each pair in dollars.
#[derive(Clone, Copy, Debug)]
pub struct Quantiles<'a> {
    /// Whose amounts: segment and service.
    pub name: &'a str,
    /// The law.
    pub law: &'a str,
    /// Quantile of the law, quantile of the data; rising.
    pub points: &'a [[f64; 2]],
}

/// The mean by which amounts above a point exceed it, in dollars.
#[derive(Clone, Copy, Debug)]
pub struct Excesses<'a> {
    /// Whose amounts: segment and service.
    pub name: &'a str,
    /// The law.
    pub law: &'a str,
    /// Above what, mean excess of the data, its standard error, mean excess of the law; rising.
    pub points: &'a [[f64; 4]],
    /// Where the tail was cut off to be fitted by itself.
    pub threshold: Option<f64>,
}

/// Every quantile of the data over that of the law, on logarithmic scales; on the straight line they are equal.
pub fn quantiles(of: &Quantiles) -> Chart {
    let title = format!("{}: amounts against the {} law", of.name, of.law);
    let points: Vec<(f64, f64)> = of.points.iter().map(|point| (point[0].max(1e-2), point[1].max(1e-2))).collect();
    let values = || points.iter().flat_map(|point| [point.0, point.1]).map(f64::log10);
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    // Several powers of ten below the middle stand a few cents, which nobody asks about.
    let middle = points.get(points.len() / 2).map_or(0.0, |point| point.1.log10());
    let low = low.max(middle - 3.0);
    let (mut scene, frame) = framed(&title);
    let across = Scale::new(low, high, frame.left, frame.right).padded(0.03);
    let up = Scale::new(low, high, frame.bottom, frame.top).padded(0.03);
    let ticks = powers(across);
    for &tick in &ticks {
        let (x, y) = (across.pixel(tick.log10()), up.pixel(tick.log10()));
        scene.line(vec![(x, frame.top), (x, frame.bottom)], Pen::solid(GRID, 1.0));
        scene.line(vec![(frame.left, y), (frame.right, y)], Pen::solid(GRID, 1.0));
        scene.label(Label::new(dollars(tick), (x, frame.bottom + 17.0), Anchor::Middle, TICK));
        scene.label(Label::new(dollars(tick), (frame.left - 7.0, y + 4.0), Anchor::End, TICK));
    }
    horizontal_title(&mut scene, frame, "Quantile of the law (logarithmic)");
    vertical_title(&mut scene, frame, "Quantile of the data (logarithmic)");
    baseline(&mut scene, frame);
    scene.line(vec![(frame.left, frame.bottom), (frame.right, frame.top)], Pen::solid(QUIET, 1.0));
    let marks = points.iter().filter(|point| point.0.log10() >= low && point.1.log10() >= low);
    for at in thinned(marks.map(|point| (across.pixel(point.0.log10()), up.pixel(point.1.log10()))), 2.0) {
        dot(&mut scene, at);
    }
    close(&mut scene, frame, "On the line, data and law agree; a dot above it: the data have more than the law there.");
    let alt = match points.last() {
        Some(last) => format!(
            "{title}. The greatest amount is {}; the law's quantile at its rank is {}.",
            dollars(last.1),
            dollars(last.0)
        ),
        None => title.clone(),
    };
    Chart { stem: "quantiles", scene, alt, title }
}

/// Mean excesses of the data with twice their errors, and those of the law.
pub fn mean_excess(of: &Excesses) -> Chart {
    let title = format!("{}: mean excess over a threshold", of.name);
    let (mut scene, mut frame) = framed(&title);
    // The key has rows of its own above the plot, so that it covers nothing of it.
    let law = KEY.shorten(&format!("fitted law: {}", of.law), 300.0);
    let rows = [("data, ± 2 standard errors".to_owned(), Pen::solid(GAIN, 2.0)), (law, Pen::solid(LOSS, 2.0))];
    for (text, pen) in rows {
        let y = frame.top + 4.0;
        scene.line(vec![(frame.left, y - 4.0), (frame.left + 24.0, y - 4.0)], pen);
        scene.label(Label::new(text, (frame.left + 30.0, y), Anchor::Start, KEY));
        frame.top += 17.0;
    }
    frame.bottom = frame.top + PLOT_HEIGHT;
    let most = of.points.last().map_or(1.0, |point| point[0]);
    let lines = of.points.iter().flat_map(|point| [point[1], point[3]]).filter(|x| x.is_finite()).fold(0.0, f64::max);
    let bands = of.points.iter().map(|point| point[1] + 2.0 * point[2]).filter(|x| x.is_finite()).fold(0.0, f64::max);
    // A band that would press the lines flat is cut off.
    let (highest, is_cut) = if bands > 2.0 * lines { (2.0 * lines, true) } else { (bands.max(lines), false) };
    let across = Scale::new(0.0, 1.03 * most, frame.left, frame.right);
    let up = Scale::new(0.0, if is_cut { highest } else { 1.08 * highest }, frame.bottom, frame.top);
    axis::vertical_dollars(&mut scene, frame, up, 5, TICK);
    axis::horizontal_dollars(&mut scene, frame, across);
    horizontal_title(&mut scene, frame, "Threshold");
    vertical_title(&mut scene, frame, "Mean excess over the threshold");
    baseline(&mut scene, frame);
    let line = |value: &dyn Fn(&[f64; 4]) -> f64| -> Vec<Point> {
        let drawn = of.points.iter().filter(|point| value(point).is_finite());
        drawn.map(|point| (across.pixel(point[0]), up.pixel(value(point)))).collect()
    };
    let mut band = line(&|point| point[1] + 2.0 * point[2]);
    band.extend(line(&|point| (point[1] - 2.0 * point[2]).max(0.0)).into_iter().rev());
    scene.area(band, GAIN_AREA, 0.35);
    if let Some(threshold) = of.threshold.filter(|threshold| *threshold <= most) {
        let x = across.pixel(threshold);
        scene.line(vec![(x, frame.top), (x, frame.bottom)], Pen::dashed(QUIET, 1.0, 4.0));
    }
    scene.line(line(&|point| point[1]), Pen::solid(GAIN, 2.0));
    scene.line(line(&|point| point[3]), Pen::solid(LOSS, 2.0));
    let dashed = if of.threshold.is_some() { " Dashed: the threshold above which the tail was fitted." } else { "" };
    let cut = if is_cut { " The band goes on above the plot." } else { "" };
    let note = format!("A rising straight line is a Pareto tail, a level line an exponential one.{dashed}{cut}");
    close(&mut scene, frame, &note);
    let alt = match of.points.iter().rfind(|point| point[3].is_finite()) {
        Some(last) => format!(
            "{title}. Above {} the data exceed it by {} on average, the law by {}.",
            dollars(last[0]),
            dollars(last[1]),
            dollars(last[3])
        ),
        None => title.clone(),
    };
    Chart { stem: "mean-excess", scene, alt, title }
}

fn framed(title: &str) -> (Scene, Rectangle) {
    let mut scene = Scene::new(WIDTH, 0.0);
    let top = scene.lines(&TITLE.wrap(title, WIDTH - 40.0, 3), (20.0, 30.0), Anchor::Start, TITLE) + 4.0;
    (scene, Rectangle { left: LEFT, top, right: WIDTH - RIGHT, bottom: top + PLOT_HEIGHT })
}

fn close(scene: &mut Scene, frame: Rectangle, note: &str) {
    let end = scene.lines(&NOTE.wrap(note, WIDTH - 40.0, 4), (20.0, frame.bottom + 64.0), Anchor::Start, NOTE);
    scene.height = end + 2.0;
}

fn dot(scene: &mut Scene, at: Point) {
    scene.diamond(at, 3.0, GAIN);
}

/// Round amounts on a scale of decimal logarithms, few enough for their labels.
fn powers(scale: Scale) -> Vec<f64> {
    let steps: [&[f64]; 4] = [&[1.0, 1.5, 2.0, 3.0, 5.0, 7.0], &[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
    let within = |steps: &[f64]| -> Vec<f64> {
        (scale.low.floor() as i32..=scale.high.ceil() as i32)
            .flat_map(|power| steps.iter().map(move |step| step * 10_f64.powi(power)))
            .filter(|tick| (scale.low..=scale.high).contains(&tick.log10()))
            .collect()
    };
    steps.into_iter().map(within).find(|ticks| ticks.len() <= 8).unwrap_or_else(|| within(&[1.0]))
}

#[cfg(test)]
mod tests {
    use super::super::scene::Mark;
    use super::*;

    #[test]
    fn the_key_of_mean_excesses_covers_nothing_and_a_cut_band_is_said() {
        let chart = |error: f64| {
            let points: Vec<[f64; 4]> =
                (1..80).map(|at| [1e3 * f64::from(at), 1e4, error * f64::from(at), 1.1e4]).collect();
            mean_excess(&Excesses { name: "all inpatient", law: "lognormal", points: &points, threshold: Some(2e3) })
        };
        let small = chart(10.0);
        let key: Vec<&Label> =
            small.scene.labels().filter(|label| label.text.contains("law") && label.font == KEY).collect();
        let [law] = key[..] else { panic!("one law: {key:?}") };
        for mark in &small.scene.marks {
            let (Mark::Line { points, .. } | Mark::Area { points, .. }) = mark else { continue };
            let ends = points.iter().map(|point| point.1);
            let is_sign = points.iter().all(|point| point.0 < law.at.0);
            assert!(is_sign || ends.fold(f64::MAX, f64::min) > law.rectangle().bottom, "{points:?}");
        }
        let says = |chart: &Chart| chart.scene.labels().any(|label| label.text.contains("goes on above"));
        assert!(!says(&small) && says(&chart(1e3)));
        assert!(small.scene.labels().any(|label| label.text == "Mean excess over the threshold"));
    }
}
