//! One contract's gains in bins, with the mean and the measures of its tail.

use plotters::style::RGBColor;
use twosided_prob::Estimate;
use twosided_units::grouped;

use super::axis::{Scale, baseline, horizontal_dollars, horizontal_title, vertical_shares, vertical_title};
use super::distribution::{Distribution, PointMass, level};
use super::palette::{GAIN_AREA, INK, LOSS_AREA, NOTE, PAGE, QUIET, TITLE, WHITE, of_amount};
use super::placing::{Placed, Room};
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene};
use super::{Chart, Gains, error_note, joined};
use crate::RiskMeasure;
use crate::figures::money;
use crate::text::{Font, dollars, percent};

const LEFT: f64 = 84.0;
const RIGHT: f64 = 24.0;
const PLOT_HEIGHT: f64 = 380.0;
const MEASURE: Font = Font::regular(12.0);
const ROW: f64 = 20.0;
/// Amounts within this many pixels look like one.
const HAIR: f64 = 4.0;

/// A histogram of one contract's gains, losses in another color, with lines at the mean and at the
/// value at risk (95%, 99%) and tail value at risk (99%) of the loss.
pub fn histogram(contract: &Gains) -> Chart {
    let title = format!("{}: {}", contract.period.say("{Annual} gain to the provider"), contract.name);
    let measures = marked(contract);
    let texts: Vec<String> = measures.iter().map(Marked::text).collect();
    let subject = contract.period.say("Histogram of the provider's {annual} gain");
    let alt = format!("{subject} under {}. {}.", contract.name, texts.join("; "));
    Chart { stem: "histogram", scene: scene(contract, &measures, &title), alt, title }
}

/// A figure marked by an upright line.
struct Marked {
    name: String,
    gain: Estimate,
    is_exact: bool,
    pen: Pen,
}

impl Marked {
    /// `1-in-20 bad year (VaR 95%): a loss of $1.61M ± 0.02M`.
    fn text(&self) -> String {
        let side = if self.gain.value < 0.0 {
            "a loss of "
        } else if self.gain.value > 0.0 {
            "a gain of "
        } else {
            ""
        };
        let figure = joined(money(Estimate { value: self.gain.value.abs(), ..self.gain }, self.is_exact));
        format!("{}: {side}{figure}", self.name)
    }
}

/// The measures of the tables, from the lowest gain to the highest.
fn marked(contract: &Gains) -> Vec<Marked> {
    const DARK_LOSS: RGBColor = RGBColor(0x8c, 0x2d, 0x04);
    let of_loss = |name: &str, measure, pen| {
        let gain = contract.measure(measure).negated();
        Marked { name: contract.period.say(name), gain, is_exact: contract.is_exact, pen }
    };
    let mean = contract.measure(RiskMeasure::MeanGain);
    let mut marked = vec![
        of_loss("Mean of the worst 1% (TVaR 99%)", RiskMeasure::TailValueAtRisk99, Pen::dashed(DARK_LOSS, 2.0, 3.0)),
        of_loss("1-in-100 bad {year} (VaR 99%)", RiskMeasure::ValueAtRisk99, Pen::dashed(DARK_LOSS, 2.0, 9.0)),
        of_loss("1-in-20 bad {year} (VaR 95%)", RiskMeasure::ValueAtRisk95, Pen::solid(DARK_LOSS, 2.0)),
        Marked { name: "Mean".to_owned(), gain: mean, is_exact: contract.is_exact, pen: Pen::solid(INK, 2.0) },
    ];
    marked.sort_by(|a, b| a.gain.value.total_cmp(&b.gain.value));
    marked
}

fn scene(contract: &Gains, measures: &[Marked], title: &str) -> Scene {
    let mut scene = Scene::new(PAGE, 0.0);
    let titles = TITLE.wrap(title, PAGE - 40.0, 3);
    let rows = scene.lines(&titles, (20.0, 30.0), Anchor::Start, TITLE) + 4.0;
    let top = rows + ROW * measures.len() as f64;
    let frame = Rectangle { left: LEFT, top, right: PAGE - RIGHT, bottom: top + PLOT_HEIGHT };

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
    let labels = point_masses(&mut scene, &taken_apart, (scale, shares), room(&bins, measures, frame, (scale, shares)));
    for (row, measure) in measures.iter().enumerate() {
        upright(&mut scene, measure, scale, rows + ROW * row as f64, frame);
    }
    for label in labels {
        label.draw(&mut scene);
    }
    let note = contract.period.say(&note(contract, &bins, &taken_apart, shares));
    let end = scene.lines(&NOTE.wrap(&note, PAGE - 40.0, 5), (20.0, frame.bottom + 64.0), Anchor::Start, NOTE);
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
    fn new(contract: &Gains, measures: &[Marked], taken_apart: &Distribution) -> Self {
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
            let index = (value / width).floor() - first;
            if index < 0.0 {
                bins.below += 1;
            } else if index >= count as f64 {
                bins.above += 1;
            } else {
                bins.shares[index as usize] += 1.0 / sample.len() as f64;
            }
        }
        bins
    }

    fn edge(&self, index: usize) -> f64 {
        (self.first + index as f64) * self.width
    }

    fn low(&self) -> f64 {
        self.edge(0)
    }

    fn high(&self) -> f64 {
        self.edge(self.shares.len())
    }
}

fn note(contract: &Gains, bins: &Bins, taken_apart: &Distribution, shares: Scale) -> String {
    let said_if = |is_drawn: &dyn Fn(&PointMass) -> bool, text: &'static str| {
        if taken_apart.point_masses.iter().any(is_drawn) { text } else { "" }
    };
    let masses = [
        said_if(&|mass| mass.exact, " Narrow bar: an amount that recurs, with its share of trials."),
        said_if(&|mass| !mass.exact, " Hollow bar: amounts that nearly recur, with their share of trials."),
        said_if(&|mass| mass.probability > shares.high, " Broken bar: not to scale."),
    ]
    .concat();
    let left_out = |count: usize, side: &str, edge: f64| match count {
        0 => String::new(),
        1 => format!(" Not drawn: 1 trial {side} {}.", dollars(edge)),
        _ => format!(" Not drawn: {} trials {side} {}.", grouped(&count.to_string()), dollars(edge)),
    };
    let (below, above) = (left_out(bins.below, "below", bins.low()), left_out(bins.above, "above", bins.high()));
    format!(
        "Bins of {}. Orange: {{years}} with a loss; blue: {{years}} with a gain. {}{masses}{below}{above}",
        dollars(bins.width),
        error_note(&[*contract])
    )
}

fn bars(scene: &mut Scene, bins: &Bins, scale: Scale, shares: Scale) {
    for (index, bar) in bin_bars(bins, scale, shares) {
        let color = if bins.edge(index) < 0.0 { LOSS_AREA } else { GAIN_AREA };
        scene.rectangle(Rectangle { right: bar.right - 0.5, ..bar }, color, 1.0);
    }
}

/// The bars of the bins that are not empty, each with the index of its bin.
fn bin_bars(bins: &Bins, scale: Scale, shares: Scale) -> impl Iterator<Item = (usize, Rectangle)> {
    let drawn = bins.shares.iter().enumerate().filter(|(_, share)| **share > 0.0);
    drawn.map(move |(index, share)| {
        let (left, right) = (scale.pixel(bins.edge(index)), scale.pixel(bins.edge(index + 1)));
        (index, Rectangle { left, top: shares.pixel(*share), right, bottom: shares.pixel(0.0) })
    })
}

/// Room for the texts of masses, on no upright and no bin where that can be.
fn room(bins: &Bins, measures: &[Marked], frame: Rectangle, (scale, shares): (Scale, Scale)) -> Room {
    let uprights = measures.iter().map(|measure| measure.gain.value).chain([0.0]).map(|value| {
        let x = scale.pixel(value);
        Rectangle { left: x - 3.0, right: x + 3.0, ..frame }
    });
    let bars = bin_bars(bins, scale, shares).map(|(_, bar)| bar);
    Room { frame, taken: Vec::new(), better_free: uprights.chain(bars).collect() }
}

/// Narrow bars of the amounts that recur; returns the share and amount of each.
fn point_masses(
    scene: &mut Scene,
    taken_apart: &Distribution,
    (scale, shares): (Scale, Scale),
    mut room: Room,
) -> Vec<Placed> {
    let bar_of = |mass: &PointMass| {
        let (x, top) = (scale.pixel(mass.value), shares.pixel(mass.probability));
        Rectangle { left: x - 4.0, top, right: x + 4.0, bottom: shares.pixel(0.0) }
    };
    room.taken.extend(taken_apart.point_masses.iter().map(bar_of));
    for mass in &taken_apart.point_masses {
        let bar = bar_of(mass);
        scene.rectangle(bar, of_amount(mass.value), 1.0);
        if !mass.exact {
            let inside = Rectangle { left: bar.left + 2.0, right: bar.right - 2.0, top: bar.top + 2.0, ..bar };
            scene.rectangle(inside, WHITE, 1.0);
        }
        if mass.probability > shares.high {
            cut(scene, (scale.pixel(mass.value), bar.top + 16.0));
        }
    }
    taken_apart.point_masses.iter().map(|mass| mass_label(mass, bar_of(mass), &mut room)).collect()
}

/// Beside the bar, from its top downwards: on the right or else the left.
fn mass_label(mass: &PointMass, bar: Rectangle, room: &mut Room) -> Placed {
    let at = if mass.exact { "at" } else { "near" };
    let text = format!("{} {at} {}", percent(mass.probability, 1), dollars(mass.value));
    let (right, left) = ((bar.right + 4.0, Anchor::Start), (bar.left - 4.0, Anchor::End));
    let label = Label::new(text, (right.0, bar.top + 12.0), Anchor::Start, MEASURE).backed();
    let downwards = (0..20).map(|step| bar.top + 12.0 + ROW * f64::from(step)).filter(|y| *y < bar.bottom);
    let above = ((f64::midpoint(bar.left, bar.right), bar.top - 6.0), Anchor::Middle);
    let beside: Vec<(Point, Anchor)> =
        downwards.flat_map(|y| [right, left].map(|(x, anchor)| ((x, y), anchor))).chain([above]).collect();
    let named = (f64::midpoint(bar.left, bar.right), (bar.top + 8.0).min(bar.bottom));
    room.place(&label, &beside, named)
}

/// Two white strokes through a bar that goes on above.
fn cut(scene: &mut Scene, (x, y): Point) {
    for offset in [0.0, 6.0] {
        scene.line(vec![(x - 7.0, y + offset + 3.0), (x + 7.0, y + offset - 3.0)], Pen::solid(WHITE, 2.5));
    }
}

/// A line from the axis up to a row of its own above the plot, where its text stands; lines further left reach higher, so
/// that no text to the right of one is crossed by another.
fn upright(scene: &mut Scene, measure: &Marked, scale: Scale, row: f64, frame: Rectangle) {
    let x = scale.pixel(measure.gain.value);
    let text = measure.text();
    let width = MEASURE.width(&text);
    let (at, anchor, top) = if x + 6.0 + width < PAGE - 10.0 {
        (x + 6.0, Anchor::Start, row + 2.0)
    } else if x - 6.0 - width > 10.0 {
        (x - 6.0, Anchor::End, row + 2.0)
    } else {
        // No room on either side: over the line, which ends below it.
        (PAGE - 10.0, Anchor::End, row + 17.0)
    };
    scene.line(vec![(x, frame.bottom), (x, top)], measure.pen);
    scene.label(Label::new(text, (at, row + 13.0), anchor, MEASURE).colored(measure.pen.color).backed());
}

#[cfg(test)]
mod tests {
    use super::super::tests::{contract, measured};
    use super::*;

    /// Texts of a histogram, its note last.
    fn texts(trials: &[f64]) -> Vec<String> {
        let sample = measured(trials);
        histogram(&contract("A", "3B", trials, &sample)).scene.labels().map(|label| label.text.clone()).collect()
    }

    #[test]
    fn every_mass_has_its_share_beside_it() {
        // Nine tenths at a loss, beside which the mean and its text stand.
        let trials: Vec<f64> =
            (0..2000).map(|i| if i % 10 > 0 { -739e3 } else { 6e5 + 1e3 * f64::from(i % 1700) }).collect();
        assert!(texts(&trials).contains(&"90.0% at -$739k".to_owned()));
        // Thirty masses in little room.
        let person_block: Vec<f64> =
            (0..3000).map(|i| 1e4 * f64::from(i % 30) + 5e6 * f64::from(i32::from(i == 7))).collect();
        let shares =
            texts(&person_block).iter().filter(|text| text.contains("% at ") || text.contains("% near ")).count();
        assert!(shares >= 6, "{shares}");
    }

    #[test]
    fn the_note_speaks_of_what_is_drawn() {
        let note = |trials: &[f64]| texts(trials).join(" ");
        let level: Vec<f64> = (0..1000).map(|i| 1e3 * f64::from(i)).collect();
        let plain = note(&level);
        assert!(!plain.contains("Narrow bar") && !plain.contains("Hollow") && !plain.contains("Broken"));
        let half: Vec<f64> = (0..1000).map(|i| if i < 500 { 0.0 } else { 1e3 * f64::from(i) }).collect();
        let exact = note(&half);
        assert!(
            exact.contains("Narrow bar") && !exact.contains("Hollow") && exact.contains("Broken bar: not to scale.")
        );
        let near: Vec<f64> = (0..1000).map(|i| if i < 500 { f64::from(i) } else { 1e4 * f64::from(i) }).collect();
        assert!(note(&near).contains("Hollow bar"));
    }

    #[test]
    fn the_words_are_those_of_the_tables() {
        let gains: Vec<f64> = (0..2000).map(|i| 1e5 + 1e3 * f64::from(i % 1000)).collect();
        let text = texts(&gains).join("; ");
        assert!(text.contains("1-in-20 bad year (VaR 95%): a gain of $150k"), "{text}");
        assert!(text.contains("Mean of the worst 1% (TVaR 99%): a gain of "), "{text}");
    }
}
