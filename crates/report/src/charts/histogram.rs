//! One contract's gains in bins, with the mean and the measures of its tail.

use plotters::style::RGBColor;
use twosided_prob::Estimate;
use twosided_units::grouped;

use super::axis::{Scale, baseline, horizontal_dollars, horizontal_title, vertical_title};
use super::distribution::{Distribution, PointMass, level};
use super::palette::{GAIN_AREA, GRID, INK, LOSS_AREA, NOTE, QUIET, TICK, TITLE, WHITE, of_amount};
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene};
use super::{Chart, Gains};
use crate::text::{Font, dollars, dollars_with_error, percent};

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 36.0;
const PLOT_HEIGHT: f64 = 400.0;
const MEASURE: Font = Font::regular(12.0);
const ROW: f64 = 20.0;
/// Amounts within so many pixels look like one.
const HAIR: f64 = 4.0;

/// A histogram of one contract's gains, losses in another colour, with lines at the mean and at the
/// value at risk (95%, 99%) and tail value at risk (99%) of the loss.
pub fn histogram(contract: &Gains) -> Chart {
    let title = format!("{}: {}", contract.period.say("{Annual} gain to the provider"), contract.name);
    let measures = measures(contract);
    let texts: Vec<String> = measures.iter().map(Measure::text).collect();
    let subject = contract.period.say("Histogram of the provider's {annual} gain");
    let alt = format!("{subject} under {}. {}.", contract.name, texts.join("; "));
    Chart { stem: "histogram", scene: scene(contract, &measures, &title), alt, title }
}

/// A figure marked by an upright line.
struct Measure {
    name: &'static str,
    gain: Estimate,
    pen: Pen,
}

impl Measure {
    /// `VaR 95%: loss of $1.61M ± 0.02M`.
    fn text(&self) -> String {
        let (amount, error) = dollars_with_error(self.gain.value.abs(), self.gain.standard_error);
        let side = if self.gain.value < 0.0 {
            "loss of "
        } else if self.gain.value > 0.0 {
            "gain of "
        } else {
            ""
        };
        format!("{}: {side}{amount} {error}", self.name)
    }
}

/// From the lowest gain to the highest.
fn measures(contract: &Gains) -> Vec<Measure> {
    const DARK_LOSS: RGBColor = RGBColor(0x8c, 0x2d, 0x04);
    let sample = contract.sample;
    let measure = |name, gain, pen| Measure { name, gain, pen };
    let mut measures = vec![
        measure("TVaR 99%", sample.tail_value_at_risk(level(0.99)).negated(), Pen::dashed(DARK_LOSS, 2.0, 3.0)),
        measure("VaR 99%", sample.value_at_risk(level(0.99)).negated(), Pen::dashed(DARK_LOSS, 2.0, 9.0)),
        measure("VaR 95%", sample.value_at_risk(level(0.95)).negated(), Pen::solid(DARK_LOSS, 2.0)),
        measure("Mean", sample.mean(), Pen::solid(INK, 2.0)),
    ];
    measures.sort_by(|a, b| a.gain.value.total_cmp(&b.gain.value));
    measures
}

fn scene(contract: &Gains, measures: &[Measure], title: &str) -> Scene {
    let mut scene = Scene::new(WIDTH, 0.0);
    let titles = TITLE.wrap(title, WIDTH - 40.0, 3);
    let rows = scene.lines(&titles, (20.0, 30.0), Anchor::Start, TITLE) + 4.0;
    let top = rows + ROW * measures.len() as f64;
    let frame = Rectangle { left: LEFT, top, right: WIDTH - RIGHT, bottom: top + PLOT_HEIGHT };

    let taken_apart = Distribution::new(contract.sample);
    // What lies within a few pixels, on the scale of all trials, is one mass.
    let drawn = Bins::new(contract, measures, &taken_apart);
    let taken_apart = taken_apart.seen_at(HAIR * (drawn.high() - drawn.low()) / (frame.right - frame.left));
    let bins = Bins::new(contract, measures, &taken_apart);
    let scale = Scale::new(bins.low(), bins.high(), frame.left, frame.right).padded(0.015);
    let tallest = bins.shares.iter().copied().fold(0.0, f64::max);
    // A mass that would press the bins flat is cut off at the top.
    let masses = taken_apart.point_masses.iter().map(|mass| mass.probability);
    let ceiling = masses.filter(|mass| tallest == 0.0 || *mass < 2.5 * tallest).fold(tallest, f64::max);
    let shares = Scale::new(0.0, 1.12 * ceiling, frame.bottom, frame.top);

    horizontal_dollars(&mut scene, frame, scale);
    horizontal_title(&mut scene, frame, &contract.period.say("{Annual} gain to the provider (a loss is negative)"));
    vertical_shares(&mut scene, frame, shares);
    vertical_title(&mut scene, frame, "Share of trials");
    bars(&mut scene, &bins, scale, shares);
    if scale.low < 0.0 && scale.high > 0.0 {
        let zero = scale.pixel(0.0);
        scene.line(vec![(zero, frame.top), (zero, frame.bottom)], Pen::solid(QUIET, 1.0));
    }
    baseline(&mut scene, frame);
    // No text of a mass stands on an upright.
    let uprights = measures.iter().map(|measure| measure.gain.value).chain([0.0]).map(|value| {
        let x = scale.pixel(value);
        Rectangle { left: x - 3.0, top: rows, right: x + 3.0, bottom: frame.bottom }
    });
    let labels = point_masses(&mut scene, &taken_apart, frame, (scale, shares), uprights.collect());
    for (row, measure) in measures.iter().enumerate() {
        upright(&mut scene, measure, scale, rows + ROW * row as f64, frame);
    }
    for label in labels {
        scene.label(label);
    }
    let note = contract.period.say(&note(&bins, &taken_apart));
    let end = scene.lines(&NOTE.wrap(&note, WIDTH - 40.0, 5), (20.0, frame.bottom + 64.0), Anchor::Start, NOTE);
    scene.height = end + 2.0;
    scene
}

/// Equal bins, an edge of which is zero.
struct Bins {
    width: f64,
    /// Number of the first bin, which starts at `first * width`.
    first: f64,
    /// Shares of all trials, point masses left out.
    shares: Vec<f64>,
    /// Trials beyond the first and the last bin.
    below: usize,
    above: usize,
}

impl Bins {
    /// Bins of a round width, 40 to 80 of them or half as many for a small sample, over all but the last 0.05% of trials on
    /// either side.
    fn new(contract: &Gains, measures: &[Measure], taken_apart: &Distribution) -> Self {
        let sample = contract.sample;
        let mut low = sample.quantile(level(0.0005)).value;
        let mut high = sample.quantile(level(0.9995)).value;
        for measure in measures {
            low = low.min(measure.gain.value);
            high = high.max(measure.gain.value);
        }
        let range = Scale::new(low, high, 0.0, 1.0);
        let (low, high) = (range.low, range.high);
        let (_, width) = range.ticks(if sample.len() < 1000 { 40 } else { 80 });
        let first = (low / width).floor();
        let count = ((high / width).ceil() - first).clamp(1.0, 100.0) as usize;
        let mut bins = Self { width, first, shares: vec![0.0; count], below: 0, above: 0 };
        for &value in &taken_apart.others {
            let place = (value / width).floor() - first;
            if place < 0.0 {
                bins.below += 1;
            } else if place >= count as f64 {
                bins.above += 1;
            } else {
                bins.shares[place as usize] += 1.0 / sample.len() as f64;
            }
        }
        bins
    }

    fn edge(&self, place: usize) -> f64 {
        (self.first + place as f64) * self.width
    }

    fn low(&self) -> f64 {
        self.edge(0)
    }

    fn high(&self) -> f64 {
        self.edge(self.shares.len())
    }
}

fn note(bins: &Bins, taken_apart: &Distribution) -> String {
    let masses = if taken_apart.point_masses.is_empty() {
        ""
    } else {
        " An amount that recurs stands alone, outside the bins, hollow where it does so within a hair; cut off, it is not to scale."
    };
    let left_out = |count: usize, side: &str, edge: f64| match count {
        0 => String::new(),
        1 => format!(" Not drawn: 1 trial {side} {}.", dollars(edge)),
        _ => format!(" Not drawn: {} trials {side} {}.", grouped(&count.to_string()), dollars(edge)),
    };
    let (below, above) = (left_out(bins.below, "below", bins.low()), left_out(bins.above, "above", bins.high()));
    format!(
        "Bins of {}. Orange: {{years}} with a loss; blue: {{years}} with a gain. ± is one standard error of the simulation.\
         {masses}{below}{above}",
        dollars(bins.width)
    )
}

fn vertical_shares(scene: &mut Scene, frame: Rectangle, scale: Scale) {
    let (ticks, step) = scale.ticks(5);
    let decimals = (-(100.0 * step).log10().floor()).clamp(0.0, 6.0) as usize;
    for tick in ticks {
        let y = scale.pixel(tick);
        scene.line(vec![(frame.left, y), (frame.right, y)], Pen::solid(GRID, 1.0));
        scene.label(Label::new(percent(tick, decimals), (frame.left - 7.0, y + 4.0), Anchor::End, TICK));
    }
}

fn bars(scene: &mut Scene, bins: &Bins, scale: Scale, shares: Scale) {
    for (place, share) in bins.shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
        let (left, right) = (scale.pixel(bins.edge(place)), scale.pixel(bins.edge(place + 1)));
        let colour = if bins.edge(place) < 0.0 { LOSS_AREA } else { GAIN_AREA };
        let bar = Rectangle { left, top: shares.pixel(*share), right: right - 0.5, bottom: shares.pixel(0.0) };
        scene.rectangle(bar, colour, 1.0);
    }
}

/// Narrow bars of the amounts that recur; returns the share and amount of each for which there is room.
fn point_masses(
    scene: &mut Scene,
    taken_apart: &Distribution,
    frame: Rectangle,
    (scale, shares): (Scale, Scale),
    mut taken: Vec<Rectangle>,
) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let bar_of = |mass: &PointMass| {
        let (x, top) = (scale.pixel(mass.value), shares.pixel(mass.probability));
        Rectangle { left: x - 4.0, top, right: x + 4.0, bottom: shares.pixel(0.0) }
    };
    taken.extend(taken_apart.point_masses.iter().map(bar_of));
    for mass in &taken_apart.point_masses {
        let x = scale.pixel(mass.value);
        let top = shares.pixel(mass.probability);
        let colour = of_amount(mass.value);
        let bar = bar_of(mass);
        scene.rectangle(bar, colour, 1.0);
        if !mass.exact {
            let inside = Rectangle { left: bar.left + 2.0, right: bar.right - 2.0, top: top + 2.0, ..bar };
            scene.rectangle(inside, WHITE, 1.0);
        }
        if mass.probability > shares.high {
            cut(scene, (x, top + 16.0));
        }
        if let Some(label) = mass_label(mass, (x, top), frame, &taken) {
            taken.push(label.rectangle());
            labels.push(label);
        }
    }
    labels
}

/// Beside the bar, from its top downwards until there is room: on the right or else the left.
fn mass_label(mass: &PointMass, (x, top): Point, frame: Rectangle, taken: &[Rectangle]) -> Option<Label> {
    let at = if mass.exact { "at" } else { "near" };
    let text = format!("{} {at} {}", percent(mass.probability, 1), dollars(mass.value));
    let label = Label::new(text, (x, top), Anchor::Start, MEASURE).backed();
    let downwards = (0..20).map(|step| top + 12.0 + ROW * f64::from(step));
    let sides = [(x + 8.0, Anchor::Start), (x - 8.0, Anchor::End)];
    downwards.flat_map(|y| sides.map(|(x, anchor)| ((x, y), anchor))).find_map(|(at, anchor)| {
        let label = Label { anchor, ..label.clone() };
        label.placed([at], frame, taken)
    })
}

/// Two white strokes through a bar that goes on above.
fn cut(scene: &mut Scene, (x, y): Point) {
    for offset in [0.0, 6.0] {
        scene.line(vec![(x - 7.0, y + offset + 3.0), (x + 7.0, y + offset - 3.0)], Pen::solid(WHITE, 2.5));
    }
}

/// A line from the axis up to a row of its own above the plot, where its text stands; lines further left reach higher, so
/// that no text to the right of one is crossed by another.
fn upright(scene: &mut Scene, measure: &Measure, scale: Scale, row: f64, frame: Rectangle) {
    let x = scale.pixel(measure.gain.value);
    scene.line(vec![(x, frame.bottom), (x, row + 2.0)], measure.pen);
    let text = measure.text();
    let (at, anchor) =
        if x + 6.0 + MEASURE.width(&text) < WIDTH - 10.0 { (x + 6.0, Anchor::Start) } else { (x - 6.0, Anchor::End) };
    scene.label(Label::new(text, (at, row + 13.0), anchor, MEASURE).coloured(measure.pen.colour).backed());
}
