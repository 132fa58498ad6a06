//! One contract's cumulative gain, year by year, or its cash, month by month, as a fan.

use super::axis::{Scale, baseline, horizontal_title, vertical_dollars, vertical_title};
use super::palette::{GAIN, GAIN_AREA, LOSS, NOTE, PAGE, QUIET, TICK, TITLE};
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene};
use super::{Chart, Gains};
use crate::text::dollars;

const LEFT: f64 = 84.0;
const RIGHT: f64 = 150.0;
const PLOT_HEIGHT: f64 = 320.0;

/// A cumulative amount at one time, over all trials, in dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FanPoint {
    /// Mean.
    pub mean: f64,
    /// The quantiles of 5%, 25%, 50%, 75% and 95%.
    pub quantiles: [f64; 5],
}

/// The cumulative gain of a contract from the start of the horizon: the median, the mean, and the bands from 25% to 75% and from
/// 5% to 95% of futures.
pub fn fan(contract: &Gains, years: &[FanPoint]) -> Chart {
    let title = format!("Cumulative gain to the provider: {}", contract.name);
    let words = (1..).zip(years).map(|(year, fan)| {
        let [low, .., high] = fan.quantiles;
        format!(" After year {year}: mean {}, 5% {}, 95% {}.", dollars(fan.mean), dollars(low), dollars(high))
    });
    let alt = std::iter::once("Cumulative gain by year.".to_owned()).chain(words).collect();
    let frame = Framing { start: 0.0, step: 1, amount: "Cumulative gain to the provider", time: "End of year" };
    Chart { stem: "fan", scene: scene(years, &title, &frame), alt, title }
}

/// Cash under a contract at the end of each month, from what there is at the opening: the same lines and bands.
pub fn cash_fan(contract: &str, opening: f64, months: &[FanPoint]) -> Chart {
    let title = format!("Cash, month by month: {contract}");
    let words = (1..).zip(months).filter(|(month, _)| month % MONTHS == 0).map(|(month, fan)| {
        let [low, .., high] = fan.quantiles;
        format!(" After month {month}: mean {}, 5% {}, 95% {}.", dollars(fan.mean), dollars(low), dollars(high))
    });
    let alt = std::iter::once("Cash by month.".to_owned()).chain(words).collect();
    let frame = Framing { start: opening, step: MONTHS, amount: "Cash, before what is borrowed", time: "End of month" };
    Chart { stem: "cash", scene: scene(months, &title, &frame), alt, title }
}

/// Months of a year.
const MONTHS: usize = 12;

/// What the axes of a fan are of.
struct Framing {
    /// The amount before the first time.
    start: f64,
    /// Times between two labels.
    step: usize,
    amount: &'static str,
    time: &'static str,
}

fn scene(years: &[FanPoint], title: &str, framing: &Framing) -> Scene {
    let mut scene = Scene::new(PAGE, 0.0);
    let top = scene.lines(&TITLE.wrap(title, PAGE - 40.0, 3), (20.0, 30.0), Anchor::Start, TITLE);
    let frame = Rectangle { left: LEFT, top, right: PAGE - RIGHT, bottom: top + PLOT_HEIGHT };
    let all = years.iter().flat_map(|year| year.quantiles.into_iter().chain([year.mean])).chain([0.0, framing.start]);
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let scale = Scale::new(low, high, frame.bottom, frame.top).padded(0.04);
    let across = Scale::new(0.0, years.len() as f64, frame.left, frame.right);
    vertical_dollars(&mut scene, frame, scale, 7, TICK);
    vertical_title(&mut scene, frame, framing.amount);
    horizontal_title(&mut scene, frame, framing.time);
    for year in (framing.step..=years.len()).step_by(framing.step) {
        let x = across.pixel(year as f64);
        scene.label(Label::new(year.to_string(), (x, frame.bottom + 17.0), Anchor::Middle, TICK));
    }
    let path = |of: &dyn Fn(&FanPoint) -> f64| -> Vec<Point> {
        let start = (across.pixel(0.0), scale.pixel(framing.start));
        let points = (1..).zip(years).map(|(year, fan)| (across.pixel(f64::from(year)), scale.pixel(of(fan))));
        std::iter::once(start).chain(points).collect()
    };
    for (low, high, opacity) in [(0, 4, 0.35), (1, 3, 0.7)] {
        let mut band = path(&|fan| fan.quantiles[low]);
        band.extend(path(&|fan| fan.quantiles[high]).into_iter().rev());
        scene.area(band, GAIN_AREA, opacity);
    }
    let zero = scale.pixel(0.0);
    scene.line(vec![(frame.left, zero), (frame.right, zero)], Pen::solid(QUIET, 1.0));
    scene.line(path(&|fan| fan.quantiles[0]), Pen::solid(LOSS, 1.5));
    scene.line(path(&|fan| fan.quantiles[2]), Pen::solid(GAIN, 2.0));
    scene.line(path(&|fan| fan.mean), Pen::dashed(GAIN, 2.0, 5.0));
    baseline(&mut scene, frame);
    if let Some(last) = years.last() {
        let mut labels: Vec<(f64, String)> = [("5%", 0), ("median", 2), ("95%", 4)]
            .iter()
            .map(|&(name, index)| (last.quantiles[index], format!("{name} {}", dollars(last.quantiles[index]))))
            .collect();
        labels.push((last.mean, format!("mean {}", dollars(last.mean))));
        labels.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut free = f64::NEG_INFINITY;
        for (value, text) in labels {
            let y = (scale.pixel(value) + 4.0).max(free);
            free = y + TICK.line_height();
            scene.label(Label::new(text, (frame.right + 8.0, y), Anchor::Start, TICK));
        }
    }
    let note = "Bands: 25% to 75%, and 5% to 95% of futures. Blue line: median; dashed: mean; orange: one future in twenty is lower.";
    let end = scene.lines(&NOTE.wrap(note, PAGE - 40.0, 3), (20.0, frame.bottom + 64.0), Anchor::Start, NOTE);
    scene.height = end + 2.0;
    scene
}
