//! A figure of several contracts along the values of a key, each as a line with its band.

use twosided_prob::Estimate;

use super::Chart;
use super::axis::{Scale, baseline, horizontal_title, vertical_dollars, vertical_shares, vertical_title};
use super::palette::{GRID, LINES, NOTE, PAGE, QUIET, TICK, TITLE, line_pen};
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene};
use crate::text::{decimals_of, thousands};

const LEFT: f64 = 92.0;
const RIGHT: f64 = 190.0;
const PLOT_HEIGHT: f64 = 380.0;
/// Opacity of a band.
const PALE: f64 = 0.16;
/// Most labels of texts along the axis.
const MOST_TEXTS: usize = 24;

/// A figure along the values of a key.
#[derive(Clone, Copy, Debug)]
pub struct Curves<'a> {
    /// The title.
    pub title: &'a str,
    /// What the values are of.
    pub across: &'a str,
    /// The values: numbers, which have a place on an axis, or texts.
    pub values: Values<'a>,
    /// What the figure is.
    pub figure: &'a str,
    /// Whether it is a share, and not dollars.
    pub is_share: bool,
    /// The value of the scenario as it is, if it is a number.
    pub base: Option<f64>,
    /// The lines.
    pub curves: &'a [Curve<'a>],
}

/// Values along an axis.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// Numbers, in any order.
    Numbers(&'a [f64]),
    /// Texts, in their order.
    Texts(&'a [String]),
}

/// One line.
#[derive(Clone, Debug)]
pub struct Curve<'a> {
    /// What it is of.
    pub name: &'a str,
    /// A figure for each of the values.
    pub figures: Vec<Estimate>,
}

/// Lines of a figure along the values of a key, with their 95% intervals as bands; marks with whiskers where the values are texts.
pub fn curves(of: &Curves<'_>) -> Chart {
    let alt = format!("{} along {}: {}.", of.figure, of.across, names(of.curves).join("; "));
    Chart { stem: "curves", title: of.title.to_owned(), alt, scene: scene(of) }
}

fn names<'a>(curves: &[Curve<'a>]) -> Vec<&'a str> {
    curves.iter().map(|curve| curve.name).collect()
}

/// Both ends of an interval, where it has them.
pub(super) fn ends(Estimate { value, lower, upper, .. }: Estimate) -> (f64, f64) {
    let end = |end: f64| if end.is_finite() { end } else { value };
    (end(lower), end(upper))
}

fn scene(of: &Curves<'_>) -> Scene {
    let mut scene = Scene::new(PAGE, 0.0);
    let top = scene.lines(&TITLE.wrap(of.title, PAGE - 40.0, 3), (20.0, 30.0), Anchor::Start, TITLE) + 4.0;
    let frame = Rectangle { left: LEFT, top, right: PAGE - RIGHT, bottom: top + PLOT_HEIGHT };
    let all = of.curves.iter().flat_map(|curve| &curve.figures).flat_map(|&figure| <[f64; 2]>::from(ends(figure)));
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let scale = Scale::new(low, high, frame.bottom, frame.top).padded(0.04);
    if of.is_share {
        vertical_shares(&mut scene, frame, scale);
    } else {
        vertical_dollars(&mut scene, frame, scale, 7, TICK);
    }
    vertical_title(&mut scene, frame, of.figure);
    let places = across(&mut scene, frame, of);
    if scale.low < 0.0 && scale.high > 0.0 {
        let zero = scale.pixel(0.0);
        scene.line(vec![(frame.left, zero), (frame.right, zero)], Pen::solid(QUIET, 1.0));
    }
    let of_text = match of.values {
        Values::Numbers(_) => None,
        Values::Texts(texts) => Some((frame.right - frame.left) / texts.len() as f64),
    };
    for (index, curve) in of.curves.iter().enumerate() {
        let color = LINES[index % LINES.len()];
        // Marks of several contracts stand side by side.
        let aside = of_text.map_or(0.0, |width| 0.7 * width * ((index as f64 + 0.5) / of.curves.len() as f64 - 0.5));
        let marks: Vec<(f64, Estimate)> = places.iter().map(|&(index, x)| (x + aside, curve.figures[index])).collect();
        if of_text.is_none() {
            let edge = |end: fn((f64, f64)) -> f64| {
                marks.iter().map(move |&(x, figure)| (x, scale.pixel(end(ends(figure))))).collect::<Vec<Point>>()
            };
            let mut band = edge(|(low, _)| low);
            band.extend(edge(|(_, high)| high).into_iter().rev());
            scene.area(band, color, PALE);
            scene.line(marks.iter().map(|&(x, figure)| (x, scale.pixel(figure.value))).collect(), line_pen(index, 2.0));
        }
        for &(x, figure) in &marks {
            let y = scale.pixel(figure.value);
            if of_text.is_some() || marks.len() <= 30 {
                scene.diamond((x, y), 3.5, color);
            }
            if of_text.is_some() || marks.len() == 1 {
                let (low, high) = ends(figure);
                scene.line(vec![(x, scale.pixel(low)), (x, scale.pixel(high))], Pen::solid(color, 1.5));
            }
        }
    }
    baseline(&mut scene, frame);
    name_lines(&mut scene, frame, scale, of, &places);
    let mut note = match of.values {
        Values::Numbers(_) => "Bands: 95% intervals of each value for itself.".to_owned(),
        Values::Texts(_) => {
            "Uprights: 95% intervals of each value for itself, contracts from left to right as the scenario has them."
                .to_owned()
        }
    };
    if of.base.is_some() {
        note += " Dashed upright: the scenario as it is.";
    }
    note += " All values share their random numbers, so that what differs between them is often more exact than each.";
    let end = scene.lines(&NOTE.wrap(&note, PAGE - 40.0, 3), (20.0, frame.bottom + 64.0), Anchor::Start, NOTE);
    scene.height = end + 2.0;
    scene
}

/// The axis of the values; returns the index and the place of each, from left to right.
fn across(scene: &mut Scene, frame: Rectangle, of: &Curves<'_>) -> Vec<(usize, f64)> {
    let title = TICK.shorten(of.across, frame.right - frame.left);
    horizontal_title(scene, frame, &title);
    match of.values {
        Values::Numbers(numbers) => {
            let all = numbers.iter().copied().chain(of.base);
            let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
            let scale = Scale::new(low, high, frame.left, frame.right).padded(0.02);
            let (ticks, step) = scale.ticks(6);
            for tick in ticks {
                let x = scale.pixel(tick);
                scene.line(vec![(x, frame.top), (x, frame.bottom)], Pen::solid(GRID, 1.0));
                let text = thousands(tick, decimals_of(step));
                scene.label(Label::new(text, (x, frame.bottom + 17.0), Anchor::Middle, TICK));
            }
            if let Some(base) = of.base {
                let x = scale.pixel(base);
                scene.line(vec![(x, frame.top), (x, frame.bottom)], Pen::dashed(QUIET, 1.0, 4.0));
            }
            let mut places: Vec<(usize, f64)> =
                numbers.iter().enumerate().map(|(index, &number)| (index, scale.pixel(number))).collect();
            places.sort_by(|a, b| a.1.total_cmp(&b.1));
            places
        }
        Values::Texts(texts) => {
            let width = (frame.right - frame.left) / texts.len() as f64;
            let places: Vec<(usize, f64)> =
                (0..texts.len()).map(|index| (index, frame.left + (index as f64 + 0.5) * width)).collect();
            let every = texts.len().div_ceil(MOST_TEXTS);
            for &(index, x) in places.iter().step_by(every) {
                let text = TICK.shorten(&texts[index], every as f64 * width - 6.0);
                scene.label(Label::new(text, (x, frame.bottom + 17.0), Anchor::Middle, TICK));
            }
            places
        }
    }
}

/// Names at the right ends of the lines, apart from each other.
fn name_lines(scene: &mut Scene, frame: Rectangle, scale: Scale, of: &Curves<'_>, places: &[(usize, f64)]) {
    let Some(&(last, _)) = places.last() else { return };
    let mut labels: Vec<(f64, usize, Vec<String>)> = of
        .curves
        .iter()
        .enumerate()
        .map(|(index, curve)| {
            let lines = TICK.wrap(curve.name, RIGHT - 22.0, if of.curves.len() > 8 { 1 } else { 2 });
            (scale.pixel(curve.figures[last].value) + 4.0, index, lines)
        })
        .collect();
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let height = |lines: &[String]| lines.len() as f64 * TICK.line_height() + 2.0;
    let needed: f64 = labels.iter().map(|(.., lines)| height(lines)).sum();
    // From the top down, but never so low that the others find no room above the foot.
    let (mut free, mut rest) = (frame.top + 8.0, needed);
    for (y, index, lines) in labels {
        let y = y.min(frame.bottom + 12.0 - rest).max(free);
        rest -= height(&lines);
        free = y + height(&lines);
        for (line, text) in lines.into_iter().enumerate() {
            let at = (frame.right + 10.0, y + line as f64 * TICK.line_height());
            scene.label(Label::new(text, at, Anchor::Start, TICK).colored(LINES[index % LINES.len()]));
        }
    }
}
