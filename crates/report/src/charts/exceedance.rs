//! The chance that a year loses at least this much, every contract's curve over the others.

use twosided_units::grouped;

use super::axis::{Scale, baseline, horizontal_dollars, horizontal_title, vertical_title};
use super::palette::{CAPTION, GRID, NOTE, PAGE, TICK, TITLE, line_pen};
use super::placing::{Placed, Room};
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene, thinned};
use super::{Chart, Gains, joined, period};
use crate::Period;
use crate::text::{Font, dollars};

const LEFT: f64 = 150.0;
const KEY_LEFT: f64 = 600.0;
const PLOT_HEIGHT: f64 = 470.0;
const KEY: Font = Font::regular(11.0);
/// Below this many trials a curve is drawn thin: their count has an error of a third.
const FEW: usize = 10;
/// The number of a curve, on it.
const NUMBER: Font = Font::bold(11.0);
/// Return periods that have a grid line.
const PERIODS: [f64; 21] =
    [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7, 1e8];

/// The probability that a year loses at least the amount below, for each contract that can lose, down to one trial.
pub fn exceedance(contracts: &[Gains]) -> Chart {
    let period = period(contracts);
    let title = period.say("How often the provider loses at least this much {in a year}");
    let curves = curves(contracts);
    let words = curves.iter().map(|curve| {
        let share = joined(curve.contract.chance_of_loss());
        let (trials, worst) = (grouped(&curve.contract.sample.len().to_string()), dollars(-curve.losses[0]));
        let years = period.say("{years}");
        format!(" {}: a loss in {share} of {years}, in the worst of {trials} trials {worst}.", curve.contract.name)
    });
    let subject =
        period.say("Probability that a {year}'s loss to the provider is at least an amount, on a logarithmic scale.");
    let alt = std::iter::once(subject).chain(words).collect();
    Chart { stem: "exceedance", scene: scene(contracts, &curves, &title), alt, title }
}

/// The trials of one contract that lose, the worst first, and how they are drawn.
struct Curve<'a> {
    contract: &'a Gains<'a>,
    /// Gains below zero, rising.
    losses: &'a [f64],
    /// Its number in the key, which also stands on it.
    number: usize,
    pen: Pen,
}

/// Contracts that can lose, those that lose most in a bad year first.
fn curves<'a>(contracts: &'a [Gains<'a>]) -> Vec<Curve<'a>> {
    let losses_of = |contract: &'a Gains<'a>| {
        let sorted = contract.sample.sorted();
        &sorted[..sorted.partition_point(|gain| *gain < 0.0)]
    };
    let mut losing: Vec<_> = contracts
        .iter()
        .map(|contract| (contract, losses_of(contract)))
        .filter(|(_, losses)| !losses.is_empty())
        .collect();
    let bad_year = |contract: &Gains, losses: &[f64]| losses[(contract.sample.len() / 100).min(losses.len() - 1)];
    losing.sort_by(|a, b| bad_year(a.0, a.1).total_cmp(&bad_year(b.0, b.1)));
    losing
        .into_iter()
        .enumerate()
        .map(|(index, (contract, losses))| Curve { contract, losses, number: index + 1, pen: line_pen(index, 2.0) })
        .collect()
}

fn scene(contracts: &[Gains], curves: &[Curve], title: &str) -> Scene {
    let mut scene = Scene::new(PAGE, 0.0);
    let after_title = scene.lines(&TITLE.wrap(title, PAGE - 40.0, 3), (20.0, 30.0), Anchor::Start, TITLE);
    let top = after_title + 4.0;
    let key_end = key(&mut scene, curves, top + 6.0);
    let frame = Rectangle {
        left: LEFT,
        top,
        right: KEY_LEFT - 28.0,
        bottom: (top + PLOT_HEIGHT).max(key_end.min(top + 620.0)),
    };
    let worst = curves.iter().map(|curve| -curve.losses[0]).fold(0.0, f64::max);
    let most_trials = contracts.iter().map(|contract| contract.sample.len()).max().unwrap_or(2) as f64;
    let losses = Scale::new(0.0, if worst > 0.0 { 1.03 * worst } else { 1.0 }, frame.left, frame.right);
    let periods = Scale::new(0.0, most_trials.log10(), frame.top, frame.bottom);

    horizontal_dollars(&mut scene, frame, losses);
    horizontal_title(&mut scene, frame, &period(contracts).say("{Annual} loss to the provider"));
    return_periods(&mut scene, frame, periods, period(contracts));
    vertical_title(&mut scene, frame, &period(contracts).say("Chance that a {year} loses at least this much"));
    baseline(&mut scene, frame);
    if curves.is_empty() {
        let middle = (f64::midpoint(frame.left, frame.right), f64::midpoint(frame.top, frame.bottom));
        scene.label(
            Label::new("No contract lost money in any trial", middle, Anchor::Middle, Font::regular(13.0)).backed(),
        );
    }
    for curve in curves.iter().rev() {
        draw(&mut scene, curve, losses, periods);
    }
    for number in numbers(curves, frame, losses, periods) {
        number.draw(&mut scene);
    }

    let mut notes = Vec::new();
    let never: Vec<&str> =
        contracts.iter().filter(|contract| contract.sample.sorted()[0] >= 0.0).map(|contract| contract.name).collect();
    if !never.is_empty() {
        let trials = grouped(&(most_trials as usize).to_string());
        notes.extend(NOTE.wrap(&format!("No loss in any of {trials} trials: {}.", never.join("; ")), PAGE - 40.0, 12));
    }
    let thin = "A curve ends at its worst trial. It is thin where it rests on fewer than ten trials: the thin part is unreliable. Numbers on \
                curves are those of the key.";
    notes.extend(NOTE.wrap(thin, PAGE - 40.0, 3));
    let end = scene.lines(&notes, (20.0, (frame.bottom + 64.0).max(key_end + 14.0)), Anchor::Start, NOTE);
    scene.height = end + 2.0;
    scene
}

fn return_periods(scene: &mut Scene, frame: Rectangle, scale: Scale, of: Period) {
    for period in PERIODS.into_iter().filter(|period| period.log10() <= scale.high + 1e-9) {
        let y = scale.pixel(period.log10());
        scene.line(vec![(frame.left, y), (frame.right, y)], Pen::solid(GRID, 1.0));
        let text = if period < 2.0 {
            of.say("every {year} (100%)")
        } else {
            format!("1 in {} ({}%)", grouped(&format!("{period:.0}")), 100.0 / period)
        };
        scene.label(Label::new(text, (frame.left - 7.0, y + 4.0), Anchor::End, TICK));
    }
}

/// The curve from the least loss to the worst.
fn points(curve: &Curve, losses: Scale, periods: Scale) -> Vec<Point> {
    let trials = curve.contract.sample.len() as f64;
    let point = |rank: usize| {
        let period = trials / rank as f64;
        (losses.pixel(-curve.losses[rank - 1]), periods.pixel(period.log10()))
    };
    let many = curve.losses.len();
    let start = (losses.pixel(0.0), periods.pixel((trials / many as f64).log10()));
    std::iter::once(start).chain((1..=many).rev().map(point)).collect()
}

fn draw(scene: &mut Scene, curve: &Curve, losses: Scale, periods: Scale) {
    let points = points(curve, losses, periods);
    let few = points.len() - FEW.min(curve.losses.len());
    scene.line(thinned(points[..=few].iter().copied(), 1.5), curve.pen);
    scene.line(points[few..].to_vec(), Pen { width: 1.0, ..curve.pen });
}

/// Every curve's number: on it, from its lower end upwards, or beside it with a line to it. Curves of the least losses, which
/// run together at the edge, choose first.
fn numbers(curves: &[Curve], frame: Rectangle, losses: Scale, periods: Scale) -> Vec<Placed> {
    let mut room = Room { frame, taken: Vec::new(), better_free: Vec::new() };
    let mut hardest: Vec<&Curve> = curves.iter().collect();
    hardest.sort_by(|a, b| b.losses[0].total_cmp(&a.losses[0]));
    let number = |curve: &Curve| {
        let points = thinned(points(curve, losses, periods), 6.0);
        let indices: Vec<(Point, Anchor)> = points.iter().rev().map(|&(x, y)| ((x, y + 4.0), Anchor::Middle)).collect();
        let label = Label::new(curve.number.to_string(), points[0], Anchor::Middle, NUMBER).colored(curve.pen.color);
        room.place(&label.backed(), &indices, points[points.len() / 2])
    };
    hardest.into_iter().map(number).collect()
}

/// Names beside the plot in the order of the curves; returns where the last one ends.
fn key(scene: &mut Scene, curves: &[Curve], top: f64) -> f64 {
    let heading = ["Largest 1-in-100 loss first".to_owned()];
    let mut y = if curves.is_empty() {
        top
    } else {
        scene.lines(&heading, (KEY_LEFT, top + 4.0), Anchor::Start, CAPTION) + 6.0
    };
    for curve in curves {
        let at = y - 4.0;
        scene.line(vec![(KEY_LEFT, at), (KEY_LEFT + 28.0, at)], curve.pen);
        let name = format!("{} {}", curve.number, curve.contract.name);
        let names = KEY.wrap(&name, PAGE - KEY_LEFT - 36.0 - 10.0, 3);
        y = scene.lines(&names, (KEY_LEFT + 36.0, y), Anchor::Start, KEY) + 4.0;
    }
    y
}
