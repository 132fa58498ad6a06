//! What is spent on people, what the benchmark allows and what the provider is paid, by contract and group of people.

use plotters::style::RGBColor;
use twosided_prob::Estimate;

use super::Chart;
use super::axis::{Scale, baseline, horizontal_dollars, horizontal_title};
use super::palette::{BAND, CAPTION, GAIN, INK, LOSS, NOTE, PAGE, QUIET, TICK, TITLE};
use super::scene::{Anchor, Label, Pen, Rectangle, Scene};
use crate::figures::{joined, money};

const LEFT: f64 = 232.0;
const RIGHT: f64 = 24.0;
const HEADING: f64 = 24.0;
const ROW: f64 = 22.0;
/// Half the size of a mark.
const MARK: f64 = 5.0;

/// One group of people under a contract, a person-year.
#[derive(Clone, Debug)]
pub struct GroupPoint {
    /// The group's name.
    pub group: String,
    /// What is spent on all of their care.
    pub expenditure: Estimate,
    /// What the benchmark allows, where there is one.
    pub benchmark: Option<Estimate>,
    /// What the provider is paid.
    pub payment: Estimate,
}

/// A contract with the groups of people whom it covers.
#[derive(Clone, Debug)]
pub struct GroupsUnder {
    /// The contract's name.
    pub contract: String,
    /// The groups.
    pub points: Vec<GroupPoint>,
}

/// The marks of a point, with their colors and what they are.
const MARKS: [(&str, RGBColor); 3] =
    [("spent on their care", LOSS), ("benchmark", GAIN), ("paid to the provider", INK)];

impl GroupPoint {
    fn estimates(&self) -> [Option<Estimate>; 3] {
        [Some(self.expenditure), self.benchmark, Some(self.payment)]
    }
}

/// A row for each group under each contract, with a mark for what is spent, for the benchmark and for what is paid, and 95% intervals.
pub fn by_group(contracts: &[GroupsUnder]) -> Chart {
    let title = "Dollars a person-year, by group of people".to_owned();
    let words = contracts.iter().flat_map(|under| {
        under.points.iter().map(|point| {
            let figures = point.estimates().into_iter().zip(MARKS);
            let figures =
                figures.filter_map(|(estimate, (name, _))| Some(format!("{name} {}", joined(money(estimate?, false)))));
            format!(" {}, {}: {}.", under.contract, point.group, figures.collect::<Vec<_>>().join(", "))
        })
    });
    let alt = std::iter::once("What is spent on groups of people, and what is paid for them.".to_owned()).chain(words);
    Chart { stem: "by-group", alt: alt.collect(), scene: scene(contracts, &title), title }
}

fn scene(contracts: &[GroupsUnder], title: &str) -> Scene {
    let mut scene = Scene::new(PAGE, 0.0);
    let after_title = scene.lines(&TITLE.wrap(title, PAGE - 40.0, 3), (20.0, 30.0), Anchor::Start, TITLE);
    let top = key(&mut scene, after_title + 4.0);
    let rows: usize = contracts.iter().map(|under| under.points.len()).sum();
    let bottom = top + HEADING * contracts.len() as f64 + ROW * rows as f64 + 8.0;
    let frame = Rectangle { left: LEFT, top, right: PAGE - RIGHT, bottom };
    let estimates = contracts.iter().flat_map(|under| &under.points).flat_map(GroupPoint::estimates).flatten();
    let ends = estimates.flat_map(|estimate| {
        let [low, high] = interval(&estimate).unwrap_or([estimate.value; 2]);
        [low, high]
    });
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), end| (low.min(end), high.max(end)));
    let (low, high) = if low <= high { (low, high) } else { (0.0, 0.0) };
    let scale = Scale::new(low, high, frame.left, frame.right).padded(0.05);
    let mut y = top;
    for (index, under) in contracts.iter().enumerate() {
        let end = y + HEADING + ROW * under.points.len() as f64;
        if index % 2 == 0 {
            scene.rectangle(Rectangle { left: 20.0, top: y, right: frame.right, bottom: end }, BAND, 1.0);
        }
        y = end;
    }
    horizontal_dollars(&mut scene, frame, scale);
    horizontal_title(&mut scene, frame, "Dollars a person-year");
    let mut y = top;
    for under in contracts {
        let name = CAPTION.shorten(&under.contract, PAGE - 60.0);
        scene.label(Label::new(name, (28.0, y + 16.0), Anchor::Start, CAPTION));
        y += HEADING;
        for point in &under.points {
            let middle = y + 0.5 * ROW;
            let name = TICK.shorten(&point.group, LEFT - 52.0);
            scene.label(Label::new(name, (LEFT - 12.0, middle + 4.0), Anchor::End, TICK));
            for (estimate, (_, color)) in point.estimates().into_iter().zip(MARKS) {
                let Some(estimate) = estimate else { continue };
                if let Some([low, high]) = interval(&estimate) {
                    let ends = vec![(scale.pixel(low), middle), (scale.pixel(high), middle)];
                    scene.line(ends, Pen::solid(QUIET, 1.0));
                }
                scene.diamond((scale.pixel(estimate.value), middle), MARK, color);
            }
            y += ROW;
        }
    }
    baseline(&mut scene, frame);
    let note = "Benchmarks, and what contracts pay, are divided among groups by risk scores, or by years lived where there are none. Lines, where wider than a mark: 95% intervals.";
    let end = scene.lines(&NOTE.wrap(note, PAGE - 40.0, 3), (20.0, frame.bottom + 64.0), Anchor::Start, NOTE);
    scene.height = end + 2.0;
    scene
}

/// What the marks are, and where the plot begins.
fn key(scene: &mut Scene, y: f64) -> f64 {
    let mut x = 28.0;
    for (name, color) in MARKS {
        scene.diamond((x, y), MARK, color);
        scene.label(Label::new(name, (x + 11.0, y + 4.0), Anchor::Start, TICK));
        x += 34.0 + TICK.width(name);
    }
    y + 18.0
}

/// A 95% interval, if its ends are known.
fn interval(estimate: &Estimate) -> Option<[f64; 2]> {
    let ends = [estimate.lower, estimate.upper];
    (ends[0] < ends[1] && ends.iter().all(|end| end.is_finite())).then_some(ends)
}
