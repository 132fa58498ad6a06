//! Dollars of a year in bins, with lines at figures of their own.

use plotters::style::RGBColor;
use twosided_prob::Sample;
use twosided_units::grouped;

use super::Chart;
use super::axis::{Scale, baseline, horizontal_dollars, horizontal_title, vertical_shares, vertical_title};
use super::palette::{GAIN_AREA, INK, LOSS_AREA, NOTE, PAGE, QUIET, TITLE};
use super::scene::{Anchor, Label, Pen, Rectangle, Scene};
use crate::text::{Font, dollars};

const LEFT: f64 = 84.0;
const RIGHT: f64 = 24.0;
const PLOT_HEIGHT: f64 = 300.0;
const MARK: Font = Font::regular(12.0);
const ROW: f64 = 20.0;

/// A histogram of amounts.
#[derive(Clone, Debug)]
pub struct Amounts<'a> {
    /// Name of its file, without folder and extension.
    pub stem: &'static str,
    /// The title.
    pub title: &'a str,
    /// What the horizontal axis shows.
    pub axis: &'a str,
    /// The amounts of all trials.
    pub sample: &'a Sample,
    /// Amounts that are marked by a line, each with its text.
    pub marks: Vec<AmountMark>,
}

/// An amount marked by an upright line.
#[derive(Clone, Debug, PartialEq)]
pub struct AmountMark {
    /// What it is, with the amount.
    pub text: String,
    /// Where it stands.
    pub amount: f64,
    /// Whether it is what happened, which is drawn in dashes.
    pub happened: bool,
}

/// Bins of a round width over all amounts, those below zero in another color, with a line at each mark.
pub fn amounts(of: &Amounts<'_>) -> Chart {
    let texts: Vec<&str> = of.marks.iter().map(|mark| mark.text.as_str()).collect();
    let alt = format!("Histogram: {}. {}.", of.title, texts.join("; "));
    Chart { stem: of.stem, title: of.title.to_owned(), alt, scene: scene(of) }
}

fn scene(of: &Amounts<'_>) -> Scene {
    let mut scene = Scene::new(PAGE, 0.0);
    let mut marks = of.marks.clone();
    marks.sort_by(|a, b| a.amount.total_cmp(&b.amount));
    let titles = TITLE.wrap(of.title, PAGE - 40.0, 3);
    let rows = scene.lines(&titles, (20.0, 30.0), Anchor::Start, TITLE) + 4.0;
    let top = rows + ROW * marks.len() as f64;
    let frame = Rectangle { left: LEFT, top, right: PAGE - RIGHT, bottom: top + PLOT_HEIGHT };
    let bins = Bins::new(of.sample);
    let ends = marks.iter().map(|mark| mark.amount).chain([bins.edge(0), bins.edge(bins.shares.len())]);
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), end| (low.min(end), high.max(end)));
    let scale = Scale::new(low, high, frame.left, frame.right).padded(0.015);
    let tallest = bins.shares.iter().copied().fold(0.0, f64::max);
    let shares = Scale::new(0.0, 1.08 * tallest, frame.bottom, frame.top);
    horizontal_dollars(&mut scene, frame, scale);
    horizontal_title(&mut scene, frame, of.axis);
    vertical_shares(&mut scene, frame, shares);
    vertical_title(&mut scene, frame, "Share of trials");
    for (index, &share) in bins.shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        let (left, right) = (scale.pixel(bins.edge(index)), scale.pixel(bins.edge(index + 1)));
        let color = if bins.edge(index) < 0.0 { LOSS_AREA } else { GAIN_AREA };
        let bar = Rectangle { left, top: shares.pixel(share), right: right - 0.5, bottom: frame.bottom };
        scene.rectangle(bar, color, 1.0);
    }
    if scale.low < 0.0 && scale.high > 0.0 {
        let zero = scale.pixel(0.0);
        scene.line(vec![(zero, frame.top), (zero, frame.bottom)], Pen::solid(QUIET, 1.0));
    }
    baseline(&mut scene, frame);
    for (row, mark) in marks.iter().enumerate() {
        upright(&mut scene, mark, scale.pixel(mark.amount), rows + ROW * row as f64, frame.bottom);
    }
    let trials = grouped(&of.sample.len().to_string());
    let note = format!("{trials} trials in bins of {}. Dashes mark what happened.", dollars(bins.width));
    let end = scene.lines(&NOTE.wrap(&note, PAGE - 40.0, 3), (20.0, frame.bottom + 64.0), Anchor::Start, NOTE);
    scene.height = end + 2.0;
    scene
}

/// A line from the axis up to a row of its own, where its text stands. Lines further left reach higher, so none crosses a text.
fn upright(scene: &mut Scene, mark: &AmountMark, x: f64, row: f64, bottom: f64) {
    const HAPPENED: RGBColor = RGBColor(0x8c, 0x2d, 0x04);
    let pen = if mark.happened { Pen::dashed(HAPPENED, 2.0, 5.0) } else { Pen::solid(INK, 1.5) };
    let width = MARK.width(&mark.text);
    let (at, anchor) = if x + 6.0 + width < PAGE - 10.0 { (x + 6.0, Anchor::Start) } else { (x - 6.0, Anchor::End) };
    scene.line(vec![(x, bottom), (x, row + 2.0)], pen);
    scene.label(Label::new(mark.text.clone(), (at, row + 13.0), anchor, MARK).colored(pen.color).backed());
}

/// Equal bins, an edge of which is zero.
struct Bins {
    width: f64,
    first: f64,
    shares: Vec<f64>,
}

impl Bins {
    fn new(sample: &Sample) -> Self {
        let sorted = sample.sorted();
        let range = Scale::new(sorted[0], sorted[sorted.len() - 1], 0.0, 1.0);
        let (_, width) = range.ticks(if sorted.len() < 1_000 { 20 } else { 40 });
        let first = (range.low / width).floor();
        let count = ((range.high / width).floor() - first) as usize + 1;
        let mut shares = vec![0.0; count];
        for amount in sorted {
            let index = ((amount / width).floor() - first) as usize;
            shares[index.min(count - 1)] += 1.0 / sorted.len() as f64;
        }
        Self { width, first, shares }
    }

    fn edge(&self, index: usize) -> f64 {
        (self.first + index as f64) * self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_every_trial_and_have_an_edge_at_zero() {
        let sample = Sample::new((0..500).map(|trial| 1e6 * f64::from(trial - 200)).collect()).expect("a sample");
        let bins = Bins::new(&sample);
        assert!((bins.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((0..=bins.shares.len()).any(|index| bins.edge(index) == 0.0));
        let below: f64 = (0..bins.shares.len()).filter(|&i| bins.edge(i) < 0.0).map(|i| bins.shares[i]).sum();
        assert!((below - 0.4).abs() < 1e-12, "{below}");
    }
}
