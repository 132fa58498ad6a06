//! The signature picture: every contract's distribution of gain side by side, in the order of the risk it passes on.

use plotters::style::RGBColor;

use super::axis::{Scale, vertical_dollars, vertical_title};
use super::distribution::{Distribution, level};
use super::palette::{
    BAND, CAPTION, GAIN, GAIN_AREA, GRID, INK, LOSS, LOSS_AREA, NOTE, QUIET, TICK, TITLE, WHITE, of_amount,
};
use super::scene::{Anchor, Label, Pen, Point, Rectangle, Scene, apart, thinned};
use super::{Chart, Gains, period};
use crate::Period;
use crate::text::{Font, dollars, dollars_with_error, percent, percent_with_error};

const LEFT: f64 = 138.0;
const RIGHT: f64 = 118.0;
const PLOT_HEIGHT: f64 = 440.0;
/// Density is laid out in cells of this many pixels.
const CELL: f64 = 1.0;
/// Amounts within so many pixels look like one.
const HAIR: f64 = 5.0;
/// How far a label may stand from its mass.
const FAR: f64 = 60.0;

/// Contracts left to right, in the order given: for each the density of the provider's annual gain, the mean, the band from
/// 5% to 95%, the 1-in-20 year and the chance of a loss.
pub fn continuum(contracts: &[Gains]) -> Chart {
    let title = period(contracts).say("What each contract brings the provider {in a year}");
    Chart { stem: "continuum", scene: scene(contracts, &title), alt: alt(contracts), title }
}

fn alt(contracts: &[Gains]) -> String {
    let words = contracts.iter().map(|contract| {
        let together = |(figure, error): (String, String)| format!("{figure} {error}");
        let measures = Measures::new(contract);
        format!(
            " {} (LAN {}): mean {}, {} {}, chance of a loss {}.",
            contract.name,
            contract.lan,
            together(measures.mean),
            contract.period.say("1-in-20 {year}"),
            together(measures.bad_year),
            together(measures.chance_of_loss),
        )
    });
    let subject = period(contracts).say("Distribution of the provider's {annual} gain under each contract.");
    std::iter::once(subject).chain(words).collect()
}

/// The figures under a column, each with its error.
struct Measures {
    mean: (String, String),
    bad_year: (String, String),
    chance_of_loss: (String, String),
}

impl Measures {
    fn new(contract: &Gains) -> Self {
        let sample = contract.sample;
        let (mean, bad_year) = (sample.mean(), sample.quantile(level(0.05)));
        let loss = sample.probability(|gain| gain < 0.0);
        let loss_text = percent_with_error(loss.value, loss.standard_error);
        let certain = Distribution::new(sample).certain().is_some();
        Self {
            mean: dollars_with_error(mean.value, mean.standard_error),
            bad_year: dollars_with_error(bad_year.value, bad_year.standard_error),
            chance_of_loss: if certain { (percent(loss.value, 0), "± 0".to_owned()) } else { loss_text },
        }
    }
}

/// One contract's share of the picture.
struct Column<'a> {
    contract: &'a Gains<'a>,
    left: f64,
    width: f64,
    /// The upright on which the figures are marked; the density lies to its right.
    spine: f64,
}

impl Column<'_> {
    fn middle(&self) -> f64 {
        self.left + self.width / 2.0
    }

    fn right(&self) -> f64 {
        self.left + self.width
    }

    /// Greatest width of a density, and of a point mass of all trials.
    fn reach(&self) -> f64 {
        (0.72 * self.width).min(150.0)
    }
}

/// Sizes that depend on how many contracts share the page.
struct Sizes {
    column: f64,
    text: Font,
    figure: Font,
    mass: Font,
    name_lines: usize,
}

impl Sizes {
    fn of(contracts: usize) -> Self {
        let (column, size, name_lines) = match contracts {
            0..=2 => (260.0, 12.0, 4),
            3..=4 => (190.0, 12.0, 5),
            5..=8 => (130.0, 11.0, 6),
            9..=12 => (98.0, 10.5, 7),
            _ => (74.0, 9.5, 8),
        };
        let mass = Font::regular(if contracts > 12 { 9.0 } else { 10.5 });
        Self { column, text: Font::regular(size), figure: Font::bold(size), mass, name_lines }
    }
}

fn scene(contracts: &[Gains], title: &str) -> Scene {
    let sizes = Sizes::of(contracts.len());
    let width = LEFT + sizes.column * contracts.len().max(2) as f64 + RIGHT;
    let column_width = (width - LEFT - RIGHT) / contracts.len().max(1) as f64;
    let columns: Vec<Column> = contracts
        .iter()
        .enumerate()
        .map(|(place, contract)| {
            let left = LEFT + place as f64 * column_width;
            let reach = (0.72 * column_width).min(150.0);
            Column { contract, left, width: column_width, spine: left + (column_width - reach) / 2.0 }
        })
        .collect();
    let mut scene = Scene::new(width, 0.0);
    let titles = TITLE.wrap(title, width - 40.0, 3);
    let after_title = scene.lines(&titles, (20.0, 30.0), Anchor::Start, TITLE);
    let after_key = key(&mut scene, period(contracts), after_title + 4.0);

    let header = after_key + 18.0;
    let frame = Rectangle { left: LEFT, top: header + 8.0, right: width - RIGHT, bottom: header + 8.0 + PLOT_HEIGHT };
    let names: Vec<Vec<String>> = columns
        .iter()
        .map(|column| sizes.text.wrap(column.contract.name, column.width - 5.0, sizes.name_lines))
        .collect();
    let line = sizes.text.line_height();
    let name_height = line * names.iter().map(Vec::len).max().unwrap_or(0).max(1) as f64;
    let names_at = frame.bottom + 6.0 + line;
    let table_at = names_at + name_height + 8.0;
    let table_end = table_at + 3.0 * (2.0 * line + 8.0) - 12.0;
    groups(&mut scene, &columns, header, table_end);

    let scale = value_scale(contracts, frame);
    vertical_dollars(&mut scene, frame, scale, 9, TICK);
    vertical_title(&mut scene, frame, &period(contracts).say("{Annual} gain to the provider"));
    let hair = HAIR * (scale.high - scale.low) / PLOT_HEIGHT;
    let parts: Vec<Distribution> =
        contracts.iter().map(|contract| Distribution::new(contract.sample).seen_at(hair)).collect();
    for (column, parts) in columns.iter().zip(&parts) {
        outline(&mut scene, column, scale, parts);
    }
    zero_line(&mut scene, frame, scale);
    for ((column, parts), name) in columns.iter().zip(&parts).zip(&names) {
        marks(&mut scene, column, scale, parts);
        point_masses(&mut scene, column, scale, parts, sizes.mass);
        scene.lines(name, (column.middle(), names_at), Anchor::Middle, sizes.text);
    }
    table(&mut scene, &columns, &sizes, table_at);

    let note = "Each outline shows which amounts are likelier within one contract; outlines are drawn from the 0.1% to the \
                99.9% quantile. A bar marks an exact amount that recurs, a hollow bar amounts that differ too little to be drawn apart; its length is \
                its share of trials, on a scale where the widest outline is 100%. ± is one standard error of the simulation.";
    let end = scene.lines(&NOTE.wrap(note, width - 40.0, 6), (20.0, table_end + 22.0), Anchor::Start, NOTE);
    scene.height = end + 2.0;
    scene
}

/// All contracts on one scale, which always shows zero.
fn value_scale(contracts: &[Gains], frame: Rectangle) -> Scale {
    let (mut low, mut high) = (0.0_f64, 0.0_f64);
    for contract in contracts {
        let sample = contract.sample;
        let mean = sample.mean().value;
        low = low.min(sample.quantile(level(0.001)).value).min(mean);
        high = high.max(sample.quantile(level(0.999)).value).max(mean);
    }
    Scale::new(low, high, frame.bottom, frame.top).padded(0.05)
}

/// What the signs mean, in as many rows as it takes; returns the bottom of the last.
fn key(scene: &mut Scene, period: Period, top: f64) -> f64 {
    type Sign = fn(&mut Scene, Point);
    let entries: [(&str, Sign); 7] = [
        ("likelihood of a gain", |scene, (x, y)| swatch(scene, (x, y), GAIN_AREA)),
        ("of a loss", |scene, (x, y)| swatch(scene, (x, y), LOSS_AREA)),
        ("one exact amount", |scene, (x, y)| mass_bar(scene, (x - 9.0, y), 18.0, INK, true)),
        ("nearly one amount", |scene, (x, y)| mass_bar(scene, (x - 9.0, y), 18.0, INK, false)),
        ("5% to 95% of {years}", |scene, (x, y)| {
            scene.line(vec![(x - 9.0, y), (x + 9.0, y)], Pen::solid(QUIET, 4.0));
        }),
        ("mean", |scene, at| mean_sign(scene, at)),
        ("1-in-20 {year}: at most 5% of {years} are worse", |scene, (x, y)| bad_year_sign(scene, (x + 4.0, y))),
    ];
    let (mut x, mut y) = (20.0, top);
    for (text, sign) in entries {
        let text = period.say(text);
        let width = 26.0 + NOTE.width(&text) + 16.0;
        if x > 20.0 && x + width > scene.width - 10.0 {
            (x, y) = (20.0, y + 20.0);
        }
        sign(scene, (x + 9.0, y - 4.0));
        scene.label(Label::new(text, (x + 26.0, y), Anchor::Start, NOTE));
        x += width;
    }
    y + 6.0
}

fn swatch(scene: &mut Scene, (x, y): Point, colour: RGBColor) {
    let swatch = Rectangle { left: x - 9.0, top: y - 5.0, right: x + 9.0, bottom: y + 5.0 };
    scene.rectangle(swatch, colour, 1.0);
}

/// Filled for an exact amount, hollow for amounts that nearly recur.
fn mass_bar(scene: &mut Scene, (x, y): Point, width: f64, colour: RGBColor, exact: bool) {
    scene.rectangle(Rectangle { left: x, top: y - 3.0, right: x + width, bottom: y + 3.0 }, colour, 1.0);
    if !exact && width > 4.0 {
        let inside = Rectangle { left: x + 1.5, top: y - 1.5, right: x + width - 1.5, bottom: y + 1.5 };
        scene.rectangle(inside, WHITE, 1.0);
    }
}

fn mean_sign(scene: &mut Scene, at: Point) {
    scene.diamond(at, 7.0, WHITE);
    scene.diamond(at, 5.5, INK);
}

/// A triangle to the left of a spine, its tip on it.
fn bad_year_sign(scene: &mut Scene, (x, y): Point) {
    scene.area(vec![(x - 3.0, y), (x - 12.0, y - 5.5), (x - 12.0, y + 5.5)], INK, 1.0);
}

/// Contracts of one LAN category stand on one ground, under its name.
fn groups(scene: &mut Scene, columns: &[Column], header: f64, bottom: f64) {
    for (place, group) in columns.chunk_by(|a, b| a.contract.lan == b.contract.lan).enumerate() {
        let (first, last) = (&group[0], &group[group.len() - 1]);
        if place % 2 == 0 {
            let ground = Rectangle { left: first.left, top: header - 15.0, right: last.right(), bottom };
            scene.rectangle(ground, BAND, 1.0);
        }
        let width = last.right() - first.left;
        let text = CAPTION.shorten(first.contract.lan, width - 4.0);
        scene.label(Label::new(text, (first.left + width / 2.0, header), Anchor::Middle, CAPTION));
    }
    scene.label(Label::new("LAN category", (LEFT - 8.0, header), Anchor::End, CAPTION));
}

fn zero_line(scene: &mut Scene, frame: Rectangle, scale: Scale) {
    let y = scale.pixel(0.0);
    scene.line(vec![(frame.left, y), (frame.right + 4.0, y)], Pen::solid(INK, 2.0));
    let at = frame.right + 9.0;
    scene.label(Label::new("fee-for-service", (at, y - 2.0), Anchor::Start, CAPTION));
    scene.label(Label::new("= $0", (at, y + 11.0), Anchor::Start, CAPTION));
}

/// The band, the 1-in-20 year and the mean on the spine; one certain amount has none of them.
fn marks(scene: &mut Scene, column: &Column, scale: Scale, parts: &Distribution) {
    if parts.certain().is_some() {
        return;
    }
    let sample = column.contract.sample;
    let quantile = |share| (column.spine, scale.pixel(sample.quantile(level(share)).value));
    scene.line(vec![quantile(0.05), quantile(0.95)], Pen::solid(QUIET, 4.0));
    bad_year_sign(scene, quantile(0.05));
    mean_sign(scene, (column.spine, scale.pixel(sample.mean().value)));
}

/// The density to the right of the spine, in two colours that meet at zero.
fn outline(scene: &mut Scene, column: &Column, scale: Scale, parts: &Distribution) {
    let quantile = |share| column.contract.sample.quantile(level(share)).value;
    let (low, high) = (quantile(0.001), quantile(0.999));
    let cells = (PLOT_HEIGHT / CELL) as usize;
    let reach = (column.reach() * parts.spread_share()).max(4.0);
    let shape = parts.density(scale.low, scale.high, cells);
    let cell = (scale.high - scale.low) / cells as f64;
    let zero = scale.pixel(0.0);
    for (colour, ground, losses) in [(LOSS, LOSS_AREA, true), (GAIN, GAIN_AREA, false)] {
        let edge = shape.iter().enumerate().filter_map(|(place, density)| {
            let value = scale.low + (place as f64 + 0.5) * cell;
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
            scene.line(points[1..points.len() - 1].to_vec(), Pen::solid(colour, 1.0));
        }
    }
}

/// The zero line, when the edge of an outline is as good as on it.
fn meet(edge: f64, zero: f64) -> f64 {
    if (edge - zero).abs() < 1.5 * CELL { zero } else { edge }
}

/// A bar for every point mass and, where there is room, its probability and amount.
fn point_masses(scene: &mut Scene, column: &Column, scale: Scale, parts: &Distribution, font: Font) {
    let bar = |y: f64| Rectangle { left: column.spine, top: y - 3.0, right: column.right(), bottom: y + 3.0 };
    let mut taken: Vec<Rectangle> = parts.point_masses.iter().map(|mass| bar(scale.pixel(mass.value))).collect();
    taken.push(bar(scale.pixel(0.0)));
    for mass in &parts.point_masses {
        let y = scale.pixel(mass.value);
        let colour = of_amount(mass.value);
        mass_bar(scene, (column.spine, y), (column.reach() * mass.probability).max(3.0), colour, mass.exact);
        let share = percent(mass.probability, 0);
        let full = match parts.certain() {
            Some(0.0) => "reference".to_owned(),
            Some(value) => format!("always {}", dollars(value)),
            None if mass.exact => format!("{share} at {}", dollars(mass.value)),
            None => format!("{share} near {}", dollars(mass.value)),
        };
        let start = column.spine + 9.0;
        let room = column.right() - start - 1.0;
        let text = [full, share].into_iter().find(|text| font.width(text) <= room);
        let Some(text) = text else { continue };
        let label = Label::new(text, (start, y - 6.0), Anchor::Start, font);
        let plot = Rectangle {
            left: column.left,
            top: scale.pixel(scale.high),
            right: column.right(),
            bottom: scale.pixel(scale.low),
        };
        let places = apart(font.size + 11.0, FAR).map(|down| (start, y - 6.0 + down));
        if let Some(label) = label.placed(places, plot, &taken) {
            taken.push(label.rectangle());
            scene.label(label);
        }
    }
}

/// Three rows of figures under the names, each with its error beneath.
fn table(scene: &mut Scene, columns: &[Column], sizes: &Sizes, top: f64) {
    let line = sizes.text.line_height();
    let row = |place: usize| top + place as f64 * (2.0 * line + 8.0);
    let bad = columns.first().map_or(String::new(), |column| column.contract.period.say("1-in-20 {year}"));
    for (place, caption) in ["Mean", &bad, "Chance of a loss"].into_iter().enumerate() {
        let y = row(place);
        scene.line(vec![(20.0, y - line), (scene.width - RIGHT, y - line)], Pen::solid(GRID, 1.0));
        scene.label(Label::new(caption, (LEFT - 8.0, y), Anchor::End, CAPTION));
    }
    for column in columns {
        let measures = Measures::new(column.contract);
        let figures = [measures.mean, measures.bad_year, measures.chance_of_loss];
        for (place, (figure, error)) in figures.into_iter().enumerate() {
            let at = (column.middle(), row(place));
            scene.label(Label::new(figure, at, Anchor::Middle, sizes.figure));
            scene.label(Label::new(error, (at.0, at.1 + line), Anchor::Middle, sizes.text).quiet());
        }
    }
}
