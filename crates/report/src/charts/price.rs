//! What a cover costs and what it does for the provider, against its attachment point.

use plotters::style::RGBColor;
use twosided_prob::Estimate;

use super::Chart;
use super::axis::{Scale, baseline, horizontal_title, vertical_dollars, vertical_shares};
use super::palette::{CAPTION, GAIN, GRID, LOSS, NOTE, PAGE, QUIET, TICK, TITLE};
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene};
use crate::{
    Unit,
    price::{PriceMeasure, PriceReport},
    text::{dollars, percent},
};

const LEFT: f64 = 84.0;
const RIGHT: f64 = 150.0;
const PANEL_HEIGHT: f64 = 168.0;
/// From one panel's foot to the next one's head.
const BETWEEN: f64 = 40.0;
/// Attachment points in dollars stand on a logarithmic scale where the largest is this many times the smallest.
const LOGARITHMIC_FROM: f64 = 4.0;

/// The pure premium, the tail value at risk and the chance of a loss against the attachment point, each with its 95% interval, the last two
/// beside those without the cover.
pub fn price(report: &PriceReport) -> Chart {
    let title = format!("Price and effect of {}: {}", report.cover.label(), report.contract);
    let words = report.points.iter().map(|point| {
        let say = |measure: PriceMeasure| {
            point.known(measure).map_or("not known".to_owned(), |figure| amount(measure, figure.value))
        };
        let at = point.attachment.map_or(String::new(), |attachment| report.cover.point(attachment));
        format!(
            " At {at}: pure premium {}, TVaR 95% {}, chance of a loss {}.",
            say(PriceMeasure::PurePremium),
            say(PriceMeasure::TailValueAtRisk95),
            say(PriceMeasure::ProbabilityOfLoss)
        )
    });
    let alt = std::iter::once("Figures by attachment point.".to_owned()).chain(words).collect();
    Chart { stem: "price", scene: scene(report, &title), alt, title }
}

fn amount(measure: PriceMeasure, value: f64) -> String {
    if measure.unit() == Unit::Probability { percent(value, 1) } else { dollars(value) }
}

fn scene(report: &PriceReport, title: &str) -> Scene {
    let mut scene = Scene::new(PAGE, 0.0);
    let after = scene.lines(&TITLE.wrap(title, PAGE - 40.0, 3), (20.0, 30.0), Anchor::Start, TITLE);
    let across = Across::new(report);
    let panels = [
        (PriceMeasure::PurePremium, "Pure premium, dollars per member per month", GAIN),
        (PriceMeasure::TailValueAtRisk95, "TVaR 95% of the provider's loss, dollars a year, the premium paid", LOSS),
        (PriceMeasure::ProbabilityOfLoss, "Chance of a loss, the premium paid", LOSS),
    ];
    let mut top = after + 14.0;
    let mut foot = top;
    for (measure, caption, color) in panels {
        let frame = Rectangle { left: LEFT, top, right: PAGE - RIGHT, bottom: top + PANEL_HEIGHT };
        scene.label(Label::new(caption, (20.0, top - 8.0), Anchor::Start, CAPTION));
        panel(&mut scene, report, frame, &across, (measure, color));
        foot = frame.bottom;
        top = foot + BETWEEN;
    }
    let frame = Rectangle { left: LEFT, top: after, right: PAGE - RIGHT, bottom: foot };
    across.label(&mut scene, report, foot);
    let scale = if across.is_logarithmic { " (logarithmic scale)" } else { "" };
    horizontal_title(&mut scene, frame, &format!("{}{scale}", report.cover.points()));
    let note = format!("Shaded: 95% confidence intervals. Dashed: without the cover. Premium: {}.", report.rule.say());
    let end = scene.lines(&NOTE.wrap(&note, PAGE - 40.0, 3), (20.0, foot + 64.0), Anchor::Start, NOTE);
    scene.height = end + 2.0;
    scene
}

/// Where attachment points stand from left to right.
struct Across {
    is_logarithmic: bool,
    scale: Scale,
}

impl Across {
    fn new(report: &PriceReport) -> Self {
        let points = || report.points.iter().filter_map(|point| point.attachment);
        let (low, high) =
            points().fold((f64::INFINITY, 0.0_f64), |(low, high), point| (low.min(point), high.max(point)));
        let is_logarithmic = report.cover.is_dollars() && low > 0.0 && high >= LOGARITHMIC_FROM * low;
        let place = |value: f64| if is_logarithmic { value.log10() } else { value };
        let scale = Scale::new(place(low), place(high), LEFT, PAGE - RIGHT).padded(0.03);
        Self { is_logarithmic, scale }
    }

    fn pixel(&self, attachment: f64) -> f64 {
        self.scale.pixel(if self.is_logarithmic { attachment.log10() } else { attachment })
    }

    /// A label under every point that leaves room for it.
    fn label(&self, scene: &mut Scene, report: &PriceReport, foot: f64) {
        let mut free = f64::NEG_INFINITY;
        for attachment in report.points.iter().filter_map(|point| point.attachment) {
            let text = if report.cover.is_dollars() { dollars(attachment) } else { report.cover.point(attachment) };
            let (x, half) = (self.pixel(attachment), TICK.width(&text) / 2.0);
            if x - half > free {
                free = x + half + TICK.size;
                scene.label(Label::new(text, (x, foot + 17.0), Anchor::Middle, TICK));
            }
        }
    }
}

/// Ends of an interval that can be drawn: an open one ends at the figure.
fn ends(estimate: Estimate) -> [f64; 2] {
    let Estimate { value, lower, upper, .. } = estimate;
    [lower, upper].map(|end| if end.is_finite() { end } else { value })
}

fn panel(
    scene: &mut Scene,
    report: &PriceReport,
    frame: Rectangle,
    across: &Across,
    (measure, color): (PriceMeasure, RGBColor),
) {
    let figures = report.points.iter().filter_map(|point| Some((point.attachment?, point.known(measure)?)));
    let figures: Vec<(f64, Estimate)> = figures.collect();
    let uncovered = report.uncovered.known(measure);
    let all = figures.iter().map(|(_, estimate)| *estimate).chain(uncovered);
    let values = all.flat_map(|estimate| [estimate.value, ends(estimate)[0], ends(estimate)[1]]);
    // A premium and a chance count from nothing; a loss may have either sign.
    let zero = (measure != PriceMeasure::TailValueAtRisk95).then_some(0.0);
    let (low, high) = values
        .chain(zero)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let scale = Scale::new(low, high, frame.bottom, frame.top);
    let scale =
        if zero.is_some() { Scale::new(low, scale.high * 1.04, frame.bottom, frame.top) } else { scale.padded(0.12) };
    if measure.unit() == Unit::Probability {
        vertical_shares(scene, frame, scale);
    } else {
        vertical_dollars(scene, frame, scale, 4, TICK);
    }
    for &(attachment, _) in &figures {
        let x = across.pixel(attachment);
        scene.line(vec![(x, frame.top), (x, frame.bottom)], Pen::solid(GRID, 1.0));
    }
    if let Some(uncovered) = uncovered {
        let [lower, upper] = ends(uncovered).map(|end| scale.pixel(end));
        scene.rectangle(Rectangle { top: upper, bottom: lower, ..frame }, GRID, 0.6);
        let y = scale.pixel(uncovered.value);
        scene.line(vec![(frame.left, y), (frame.right, y)], Pen::dashed(QUIET, 1.5, 5.0));
    }
    let path = |of: &dyn Fn(Estimate) -> f64| -> Vec<Point> {
        figures.iter().map(|&(attachment, estimate)| (across.pixel(attachment), scale.pixel(of(estimate)))).collect()
    };
    let mut band = path(&|estimate| ends(estimate)[0]);
    band.extend(path(&|estimate| ends(estimate)[1]).into_iter().rev());
    scene.area(band, color, 0.25);
    scene.line(path(&|estimate| estimate.value), Pen::solid(color, 2.0));
    for point in path(&|estimate| estimate.value) {
        scene.diamond(point, 3.5, color);
    }
    baseline(scene, frame);
    let with = figures.last().map(|(_, last)| {
        let name = if uncovered.is_some() { "with " } else { "" };
        (scale.pixel(last.value) + 4.0, format!("{name}{}", amount(measure, last.value)), color)
    });
    let without = uncovered.map(|uncovered| {
        let text = format!("without {}", amount(measure, uncovered.value));
        (scale.pixel(uncovered.value) + 4.0, text, QUIET)
    });
    let mut labels: Vec<(f64, String, RGBColor)> = with.into_iter().chain(without).collect();
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut free = f64::NEG_INFINITY;
    // Labels that would run into the foot of the frame begin higher.
    let most = frame.bottom + 4.0 - TICK.line_height() * labels.len().saturating_sub(1) as f64;
    for (y, text, color) in labels {
        let y = y.min(if free == f64::NEG_INFINITY { most } else { f64::INFINITY }).max(free);
        free = y + TICK.line_height();
        scene.label(Label::new(text, (frame.right + 8.0, y), Anchor::Start, TICK).colored(color));
    }
}
