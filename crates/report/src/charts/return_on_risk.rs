//! Mean gain against the mean loss of the worst years, one point a contract, with the efficient frontier.

use super::axis::{Scale, horizontal_dollars, horizontal_title, vertical_dollars, vertical_title};
use super::palette::{GAIN, GRID, INK, NOTE, PAGE, QUIET, TICK, TITLE, WHITE};
use super::placing::Room;
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene};
use super::{Chart, Gains, joined, period};
use crate::RiskMeasure;

const LEFT: f64 = 96.0;
const RIGHT: f64 = 24.0;
/// Height of the plot of few contracts, and of many, whose names need more room.
const PLOT_HEIGHT: [f64; 2] = [400.0, 560.0];
/// Most contracts that are few.
const FEW: usize = 8;
/// Half the size of a point.
const POINT: f64 = 4.5;
/// Widest name beside a point.
const NAME: f64 = 270.0;

/// A contract on the chart of return on risk.
#[derive(Clone, Copy, Debug)]
pub struct Ranked<'a> {
    /// Its gains and their measures.
    pub gains: Gains<'a>,
    /// Whether another contract is better in mean and in tail.
    pub is_dominated: bool,
    /// Whether it is the best for some limit on the tail.
    pub is_efficient: bool,
}

/// Mean gain upward, TVaR 95 of the loss to the right: the upper left is better in both. A line joins the contracts of the efficient
/// frontier.
pub fn return_on_risk(contracts: &[Ranked]) -> Chart {
    let gains: Vec<Gains> = contracts.iter().map(|contract| contract.gains).collect();
    let title = period(&gains).say("Mean gain against the mean of the worst 5% of {years}");
    let words = contracts.iter().map(|contract| {
        let [mean, tail] = [RiskMeasure::MeanGain, RiskMeasure::TailValueAtRisk95]
            .map(|measure| joined(contract.gains.money(contract.gains.measure(measure))));
        let mark = match (contract.is_dominated, contract.is_efficient) {
            (true, _) => ", dominated",
            (_, true) => ", on the frontier",
            _ => "",
        };
        format!(" {}: mean gain {mean}, TVaR 95 of the loss {tail}{mark}.", contract.gains.name)
    });
    let alt = std::iter::once("Mean gain and TVaR 95 of the loss of each contract.".to_owned()).chain(words).collect();
    Chart { stem: "return-on-risk", scene: scene(contracts, &title), alt, title }
}

/// The scale that shows a measure of all contracts, two standard errors to either side, and zero.
fn scale(contracts: &[Ranked], measure: RiskMeasure, from: f64, to: f64) -> Scale {
    let ends = contracts.iter().flat_map(|contract| {
        let estimate = contract.gains.measure(measure);
        let reach = if estimate.standard_error.is_finite() { 2.0 * estimate.standard_error } else { 0.0 };
        [estimate.value - reach, estimate.value + reach]
    });
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    Scale::new(low, high, from, to).padded(0.06)
}

fn scene(contracts: &[Ranked], title: &str) -> Scene {
    let mut scene = Scene::new(PAGE, 0.0);
    let top = scene.lines(&TITLE.wrap(title, PAGE - 40.0, 3), (20.0, 30.0), Anchor::Start, TITLE);
    let bottom = top + PLOT_HEIGHT[usize::from(contracts.len() > FEW)];
    let frame = Rectangle { left: LEFT, top, right: PAGE - RIGHT, bottom };
    let across = scale(contracts, RiskMeasure::TailValueAtRisk95, frame.left, frame.right);
    let up = scale(contracts, RiskMeasure::MeanGain, frame.bottom, frame.top);
    vertical_dollars(&mut scene, frame, up, 7, TICK);
    horizontal_dollars(&mut scene, frame, across);
    let of = contracts.first().map_or(period(&[]), |contract| contract.gains.period);
    vertical_title(&mut scene, frame, &of.say("Mean gain {a year}"));
    horizontal_title(&mut scene, frame, "TVaR 95 of the loss: farther right is riskier");
    let mut room = Room { frame, taken: Vec::new(), better_free: Vec::new() };
    for (from, to) in [
        ((frame.left, up.pixel(0.0)), (frame.right, up.pixel(0.0))),
        ((across.pixel(0.0), frame.top), (across.pixel(0.0), frame.bottom)),
    ] {
        room.better_free.push(around(from, to, 1.0));
        scene.line(vec![from, to], Pen::solid(QUIET, 1.0));
    }
    let place = |contract: &Ranked| -> Point {
        let value = |measure| contract.gains.measure(measure).value;
        (across.pixel(value(RiskMeasure::TailValueAtRisk95)), up.pixel(value(RiskMeasure::MeanGain)))
    };
    let frontier = frontier(contracts, place, frame.right);
    scene.line(frontier.clone(), Pen::solid(GAIN, 2.0));
    room.better_free.extend(frontier.windows(2).map(|pair| around(pair[0], pair[1], 2.0)));
    for contract in contracts {
        for cross in cross(contract, across, up, place(contract)) {
            room.better_free.push(around(cross[0], cross[1], 1.0));
            scene.line(cross.to_vec(), Pen::solid(QUIET, 1.0));
        }
    }
    for contract in contracts {
        let at = place(contract);
        room.taken.push(Rectangle::around(at, POINT + 1.0, POINT + 1.0));
        scene.diamond(at, POINT + 1.5, if contract.is_efficient { GAIN } else { INK });
        if contract.is_dominated {
            scene.diamond(at, POINT - 1.5, WHITE);
        }
    }
    for contract in contracts {
        let (x, y) = place(contract);
        let beside = [
            ((x + 9.0, y - 7.0), Anchor::Start),
            ((x - 9.0, y - 7.0), Anchor::End),
            ((x + 9.0, y + 15.0), Anchor::Start),
            ((x - 9.0, y + 15.0), Anchor::End),
            ((x, y - 12.0), Anchor::Middle),
            ((x, y + 21.0), Anchor::Middle),
        ];
        let label = Label::new(NOTE.shorten(contract.gains.name, NAME), (x, y), Anchor::Start, NOTE);
        let label = if contract.is_dominated { label.quiet() } else { label };
        room.place(&label, &beside, (x, y)).draw(&mut scene);
    }
    scene.line(vec![(frame.left, frame.bottom), (frame.right, frame.bottom)], Pen::solid(GRID, 1.0));
    let hollow = if contracts.iter().any(|contract| contract.is_dominated) {
        " Hollow: another contract is better in both, beyond chance."
    } else {
        ""
    };
    let note = format!(
        "Blue line: the efficient frontier, the highest mean gain within each limit on TVaR 95, as estimated.{hollow} Crosses: 95% \
         intervals, of each contract by itself."
    );
    let end = scene.lines(&NOTE.wrap(&note, PAGE - 40.0, 3), (20.0, frame.bottom + 64.0), Anchor::Start, NOTE);
    scene.height = end + 2.0;
    scene
}

/// The steps of the frontier, from the least tail to the right edge.
fn frontier(contracts: &[Ranked], place: impl Fn(&Ranked) -> Point, right: f64) -> Vec<Point> {
    let mut points: Vec<Point> = contracts.iter().filter(|contract| contract.is_efficient).map(place).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let mut steps: Vec<Point> = Vec::new();
    for (x, y) in points {
        if let Some(&(_, before)) = steps.last() {
            steps.push((x, before));
        }
        steps.push((x, y));
    }
    let last = steps.last().map(|&(_, y)| (right, y));
    steps.extend(last);
    steps
}

/// The 95% intervals of both measures; none of an error that is not known.
fn cross(contract: &Ranked, across: Scale, up: Scale, (x, y): Point) -> Vec<[Point; 2]> {
    let [tail, mean] =
        [RiskMeasure::TailValueAtRisk95, RiskMeasure::MeanGain].map(|measure| contract.gains.measure(measure));
    let is_known =
        |estimate: &twosided_prob::Estimate| estimate.lower < estimate.upper && estimate.standard_error.is_finite();
    let aside = is_known(&tail).then(|| [(across.pixel(tail.lower), y), (across.pixel(tail.upper), y)]);
    let upward = is_known(&mean).then(|| [(x, up.pixel(mean.lower)), (x, up.pixel(mean.upper))]);
    aside.into_iter().chain(upward).collect()
}

/// The rectangle around a straight line along an axis.
fn around((x0, y0): Point, (x1, y1): Point, wide: f64) -> Rectangle {
    Rectangle { left: x0.min(x1) - wide, top: y0.min(y1) - wide, right: x0.max(x1) + wide, bottom: y0.max(y1) + wide }
}
