//! One contract's column of the continuum: the outline of its density, its masses, and the marks of its figures.

use plotters::style::RGBColor;

use super::Gains;
use super::axis::Scale;
use super::distribution::{Distribution, PointMass, level};
use super::palette::{GAIN, GAIN_AREA, INK, LOSS, LOSS_AREA, QUIET, WHITE, of_amount};
use super::placing::Room;
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene, thinned};
use crate::RiskMeasure;
use crate::text::{Font, dollars, percent};

/// Density is laid out in cells of this many pixels.
const CELL: f64 = 1.0;
/// Room left of a spine, for the sign of the bad year.
const SIGNS: f64 = 20.0;
const MASS: Font = Font::regular(11.0);
/// The mean's diamond without and with its halo.
const MEAN: f64 = 5.5;
const HALO: f64 = 7.0;

/// One contract's share of the picture.
pub(super) struct Column<'a> {
    pub contract: &'a Gains<'a>,
    pub parts: &'a Distribution,
    pub left: f64,
    pub width: f64,
    /// The upright on which the figures are marked; the density lies to its right.
    spine: f64,
    /// Greatest width of a density, and of a point mass of all trials.
    reach: f64,
}

impl<'a> Column<'a> {
    pub fn new(contract: &'a Gains<'a>, parts: &'a Distribution, left: f64, width: f64) -> Self {
        let reach = (0.72 * width).min(150.0);
        Self { contract, parts, left, width, spine: left + SIGNS + (width - SIGNS - reach) / 2.0, reach }
    }

    pub fn middle(&self) -> f64 {
        self.left + self.width / 2.0
    }

    pub fn right(&self) -> f64 {
        self.left + self.width
    }

    /// The bar of a mass.
    fn bar(&self, mass: &PointMass, scale: Scale) -> Rectangle {
        let y = scale.pixel(mass.value);
        let width = (self.reach * mass.probability).max(3.0);
        Rectangle { left: self.spine, top: y - 3.0, right: self.spine + width, bottom: y + 3.0 }
    }

    /// Where the mean and the 1-in-20 bad year are marked; one certain amount has neither.
    fn marked(&self, scale: Scale) -> Option<[Point; 2]> {
        let at = |gain: f64| (self.spine, scale.pixel(gain));
        let bad_year = self.contract.measure(RiskMeasure::ValueAtRisk95).negated();
        let mean = self.contract.measure(RiskMeasure::MeanGain);
        self.parts.certain().is_none().then(|| [at(mean.value), at(bad_year.value)])
    }
}

/// The density to the right of the spine, in two colors that meet at zero; returns what it covers.
pub(super) fn outline(scene: &mut Scene, column: &Column, scale: Scale) -> Vec<Rectangle> {
    let parts = column.parts;
    let quantile = |share| column.contract.sample.quantile(level(share)).value;
    let (low, high) = (quantile(0.001), quantile(0.999));
    let cells = ((scale.pixel(scale.low) - scale.pixel(scale.high)) / CELL) as usize;
    let reach = (column.reach * parts.spread_share()).max(4.0);
    let shape = parts.density(scale.low, scale.high, cells);
    let cell = (scale.high - scale.low) / cells as f64;
    let zero = scale.pixel(0.0);
    let mut covered = Vec::new();
    for (color, ground, losses) in [(LOSS, LOSS_AREA, true), (GAIN, GAIN_AREA, false)] {
        let edge = shape.iter().enumerate().filter_map(|(index, density)| {
            let value = scale.low + (index as f64 + 0.5) * cell;
            let drawn = (value < 0.0) == losses && *density > 0.0 && value >= low - cell && value <= high + cell;
            drawn.then(|| (column.spine + reach * density, scale.pixel(value)))
        });
        // Gaps in the density part the outline; each part is closed along the spine.
        let edge: Vec<Point> = edge.collect();
        for part in edge.chunk_by(|a, b| (a.1 - b.1).abs() < 1.5 * CELL) {
            let (first, last) = (part[0].1, part[part.len() - 1].1);
            let (first, last) = (meet(first + CELL / 2.0, zero), meet(last - CELL / 2.0, zero));
            let mut points = vec![(column.spine, first), (part[0].0, first)];
            points.extend(thinned(part.iter().copied(), 2.0));
            points.extend([(part[part.len() - 1].0, last), (column.spine, last)]);
            scene.area(points.clone(), ground, 1.0);
            scene.line(points[1..points.len() - 1].to_vec(), Pen::solid(color, 1.0));
        }
        covered.extend(edge.into_iter().map(|(x, y)| Rectangle {
            left: column.spine,
            top: y - CELL,
            right: x + 1.0,
            bottom: y + CELL,
        }));
    }
    covered
}

/// The zero line, when the edge of an outline is as good as on it.
fn meet(edge: f64, zero: f64) -> f64 {
    if (edge - zero).abs() < 1.5 * CELL { zero } else { edge }
}

/// A bar for every point mass.
pub(super) fn masses(scene: &mut Scene, column: &Column, scale: Scale) {
    for mass in &column.parts.point_masses {
        let Rectangle { left, right, top, bottom } = column.bar(mass, scale);
        mass_bar(scene, (left, f64::midpoint(top, bottom)), right - left, of_amount(mass.value), mass.exact);
    }
}

/// Filled for an exact amount, hollow for amounts that nearly recur.
pub(super) fn mass_bar(scene: &mut Scene, (x, y): Point, width: f64, color: RGBColor, exact: bool) {
    scene.rectangle(Rectangle { left: x, top: y - 3.0, right: x + width, bottom: y + 3.0 }, color, 1.0);
    if !exact && width > 4.0 {
        let inside = Rectangle { left: x + 1.5, top: y - 1.5, right: x + width - 1.5, bottom: y + 1.5 };
        scene.rectangle(inside, WHITE, 1.0);
    }
}

/// The band, the 1-in-20 bad year and the mean on the spine.
pub(super) fn marks(scene: &mut Scene, column: &Column, scale: Scale) {
    let Some([mean, bad_year]) = column.marked(scale) else { return };
    let good_year = column.contract.measure(RiskMeasure::Quantile95).value;
    scene.line(vec![bad_year, (column.spine, scale.pixel(good_year))], Pen::solid(QUIET, 4.0));
    bad_year_sign(scene, bad_year);
    mean_sign(scene, mean);
}

pub(super) fn mean_sign(scene: &mut Scene, at: Point) {
    scene.diamond(at, HALO, WHITE);
    scene.diamond(at, MEAN, INK);
}

/// A triangle to the left of a spine that points at it, so far off that the sign of the mean covers no part of it.
pub(super) fn bad_year_sign(scene: &mut Scene, (x, y): Point) {
    let tip = x - HALO - 1.0;
    scene.area(vec![(tip + 1.5, y), (tip - 10.5, y - 7.5), (tip - 10.5, y + 7.5)], WHITE, 1.0);
    scene.area(vec![(tip, y), (tip - 9.0, y - 5.5), (tip - 9.0, y + 5.5)], INK, 1.0);
}

/// The share and the amount of every mass.
pub(super) fn labels(scene: &mut Scene, column: &Column, scale: Scale, outline: Vec<Rectangle>) {
    let parts = column.parts;
    let plot = Rectangle {
        left: column.left + 1.0,
        top: scale.pixel(scale.high),
        right: column.right() - 1.0,
        bottom: scale.pixel(scale.low),
    };
    let mut room = Room { frame: plot, taken: Vec::new(), better_free: outline };
    room.taken.extend(parts.point_masses.iter().map(|mass| column.bar(mass, scale)));
    let zero = scale.pixel(0.0);
    room.taken.push(Rectangle { left: column.left, top: zero - 2.0, right: column.right(), bottom: zero + 2.0 });
    if let Some([mean, bad_year]) = column.marked(scale) {
        let sign = (bad_year.0 - HALO - 5.5, bad_year.1);
        room.taken.extend([Rectangle::around(mean, HALO, HALO), Rectangle::around(sign, 6.0, 6.5)]);
    }
    for mass in &parts.point_masses {
        let share = percent(mass.probability, 0);
        let full = match parts.certain() {
            Some(_) if column.contract.is_reference => "reference".to_owned(),
            Some(value) => format!("always {}", dollars(value)),
            None if mass.exact => format!("{share} at {}", dollars(mass.value)),
            None => format!("{share} near {}", dollars(mass.value)),
        };
        let texts = [full, format!("{share}, {}", dollars(mass.value))];
        let text = texts.into_iter().find(|text| MASS.width(text) <= plot.right - plot.left).unwrap_or(share);
        let bar = column.bar(mass, scale);
        let y = f64::midpoint(bar.top, bar.bottom);
        let (above, below) = (y - 6.0, y + 6.0 + 0.78 * MASS.size);
        let (start, end) = ((column.spine + HALO + 2.0, Anchor::Start), (plot.right, Anchor::End));
        let beside = [above, below, above - MASS.size, below + MASS.size];
        let beside = beside.into_iter().flat_map(|y| [start, end].map(|(x, anchor)| ((x, y), anchor)));
        let at_its_end = ((bar.right + 4.0, y + 4.0), Anchor::Start);
        let beside: Vec<(Point, Anchor)> = beside.chain([at_its_end]).collect();
        let label = Label::new(text, beside[0].0, Anchor::Start, MASS);
        let named = (f64::midpoint(bar.left, bar.right).max(column.spine + HALO.min(bar.right - bar.left)), y);
        room.place(&label, &beside, named).draw(scene);
    }
}
