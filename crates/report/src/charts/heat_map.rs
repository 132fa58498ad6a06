//! A figure over the values of two keys, a field for each pair.

use plotters::style::RGBColor;
use twosided_prob::Estimate;

use super::Chart;
use super::palette::{AXIS_TITLE, CAPTION, GAIN_AREA, INK, LOSS_AREA, NOTE, PAGE, TICK, TITLE, WHITE};
use super::scene::{Anchor, Label, Pen, Rectangle, Scene};
use crate::figures::{chance, money};
use crate::text::Font;

const LEFT: f64 = 124.0;
const RIGHT: f64 = 20.0;
const FIELD: Font = Font::regular(11.0);
/// Heights of a field with two lines of text, and of one without text.
const TALL: f64 = 38.0;
const FLAT: f64 = 14.0;

/// A figure over the values of two keys.
#[derive(Clone, Copy, Debug)]
pub struct HeatMap<'a> {
    /// The title.
    pub title: &'a str,
    /// The key across, and its values.
    pub across: (&'a str, &'a [String]),
    /// The key down, and its values.
    pub down: (&'a str, &'a [String]),
    /// Whether the figure is a share, and not dollars.
    pub is_share: bool,
    /// One panel for each contract.
    pub panels: &'a [HeatPanel<'a>],
}

/// One contract's fields.
#[derive(Clone, Debug)]
pub struct HeatPanel<'a> {
    /// What it is of.
    pub name: &'a str,
    /// # Shape
    /// `[down][across]`, row by row.
    pub figures: Vec<Estimate>,
}

/// A field for each pair of values, with its figure and its error where there is room; orange below zero, blue above.
pub fn heat_map(of: &HeatMap<'_>) -> Chart {
    let names: Vec<&str> = of.panels.iter().map(|panel| panel.name).collect();
    let alt = format!("{} over {} and {}: {}.", of.title, of.across.0, of.down.0, names.join("; "));
    Chart { stem: "heat-map", title: of.title.to_owned(), alt, scene: scene(of) }
}

fn scene(of: &HeatMap<'_>) -> Scene {
    let mut scene = Scene::new(PAGE, 0.0);
    let mut top = scene.lines(&TITLE.wrap(of.title, PAGE - 40.0, 3), (20.0, 30.0), Anchor::Start, TITLE);
    let (columns, rows) = (of.across.1.len(), of.down.1.len());
    let width = (PAGE - LEFT - RIGHT) / columns as f64;
    let texts: Vec<Vec<(String, String)>> = of
        .panels
        .iter()
        .map(|panel| {
            let shown = |&figure: &Estimate| if of.is_share { chance(figure, false) } else { money(figure, false) };
            panel.figures.iter().map(shown).collect()
        })
        .collect();
    let widest = texts.iter().flatten().flat_map(|(figure, error)| [figure, error]).map(|text| FIELD.width(text));
    let is_written = widest.fold(0.0, f64::max) < width - 4.0 && rows <= 40;
    let height = if is_written { TALL } else { FLAT.max(300.0 / rows as f64) };
    let largest =
        of.panels.iter().flat_map(|panel| &panel.figures).fold(0.0, |most: f64, figure| most.max(figure.value.abs()));
    for (panel, texts) in of.panels.iter().zip(&texts) {
        if top > 60.0 {
            scene.cuts.push(top);
        }
        top =
            scene.lines(&CAPTION.wrap(panel.name, PAGE - LEFT - RIGHT, 2), (LEFT, top + 12.0), Anchor::Start, CAPTION);
        let every = columns.div_ceil(16);
        for (column, value) in of.across.1.iter().enumerate().step_by(every) {
            // Each stands over the columns up to the next.
            let room = every.min(columns - column) as f64 * width;
            let text = TICK.shorten(value, room - 4.0);
            let left = LEFT + column as f64 * width;
            let (x, anchor) =
                if every == 1 { (left + 0.5 * width, Anchor::Middle) } else { (left + 2.0, Anchor::Start) };
            scene.label(Label::new(text, (x, top + 6.0), anchor, TICK));
        }
        let title = AXIS_TITLE.shorten(of.down.0, LEFT - 12.0);
        scene.label(Label::new(title, (LEFT - 7.0, top + 6.0), Anchor::End, AXIS_TITLE));
        top += 13.0;
        let frame = Rectangle { left: LEFT, top, right: PAGE - RIGHT, bottom: top + height * rows as f64 };
        for row in 0..rows {
            let y = top + row as f64 * height;
            let text = TICK.shorten(&of.down.1[row], LEFT - 12.0);
            scene.label(Label::new(text, (LEFT - 7.0, y + 0.5 * height + 4.0), Anchor::End, TICK));
            for column in 0..columns {
                let index = row * columns + column;
                let left = LEFT + column as f64 * width;
                let field = Rectangle { left, top: y, right: left + width, bottom: y + height };
                scene.rectangle(field, shade(panel.figures[index].value, largest), 1.0);
                if is_written {
                    let (figure, error) = &texts[index];
                    let middle = left + 0.5 * width;
                    let first = if error.is_empty() { y + 0.5 * height + 4.0 } else { y + 0.5 * height - 3.0 };
                    scene.label(Label::new(figure, (middle, first), Anchor::Middle, FIELD));
                    scene.label(Label::new(error, (middle, first + 13.0), Anchor::Middle, FIELD));
                }
            }
        }
        let mut outline = frame.corners();
        outline.push((frame.left, frame.top));
        scene.line(outline, Pen::solid(INK, 1.0));
        let title = AXIS_TITLE.shorten(of.across.0, PAGE - LEFT - RIGHT);
        let center = f64::midpoint(frame.left, frame.right);
        scene.label(Label::new(title, (center, frame.bottom + 18.0), Anchor::Middle, AXIS_TITLE));
        top = frame.bottom + 34.0;
    }
    let note =
        "Blue: above zero; orange: below zero; the stronger, the farther. ± is one standard error of the simulation.";
    let end = scene.lines(&NOTE.wrap(note, PAGE - 40.0, 3), (20.0, top + 14.0), Anchor::Start, NOTE);
    scene.height = end + 2.0;
    scene
}

/// The color of a field: white at zero.
fn shade(value: f64, largest: f64) -> RGBColor {
    let share = if largest > 0.0 { (value.abs() / largest).min(1.0) } else { 0.0 };
    let of = if value < 0.0 { LOSS_AREA } else { GAIN_AREA };
    let mixed = |from: u8, to: u8| (f64::from(from) + share * (f64::from(to) - f64::from(from))).round() as u8;
    RGBColor(mixed(WHITE.0, of.0), mixed(WHITE.1, of.1), mixed(WHITE.2, of.2))
}
