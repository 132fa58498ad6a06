//! How much each of several keys moves a figure, one at a time.

use twosided_prob::Estimate;

use super::Chart;
use super::axis::{Scale, horizontal_dollars, horizontal_title};
use super::palette::{AXIS_TITLE, CAPTION, GAIN_AREA, GRID, INK, LOSS_AREA, NOTE, PAGE, QUIET, TICK, TITLE};
use super::scene::{Anchor, Label, Pen, Rectangle, Scene};
use crate::figures::{chance, joined, money};
use crate::text::{decimals_of, percent};

const LEFT: f64 = 210.0;
const RIGHT: f64 = 24.0;
const ROW: f64 = 34.0;
const BAR: f64 = 13.0;
/// Between a bar and its values, and the most room that these have on one side.
const GAP: f64 = 6.0;
const MOST_OF_VALUES: f64 = 130.0;

/// How much each key moves a figure.
#[derive(Clone, Copy, Debug)]
pub struct Tornado<'a> {
    /// The title.
    pub title: &'a str,
    /// What the figure is.
    pub figure: &'a str,
    /// Whether it is a share, and not dollars.
    pub is_share: bool,
    /// One panel for each contract.
    pub panels: &'a [TornadoPanel<'a>],
}

/// One contract's keys.
#[derive(Clone, Debug)]
pub struct TornadoPanel<'a> {
    /// What it is of.
    pub name: &'a str,
    /// The figure of the scenario as it is.
    pub base: Estimate,
    /// The keys, in any order.
    pub bars: Vec<TornadoBar<'a>>,
}

/// One key.
#[derive(Clone, Debug)]
pub struct TornadoBar<'a> {
    /// Its name.
    pub key: &'a str,
    /// Each value, what it adds to the figure, and the standard error of that.
    pub ends: Vec<(String, f64, f64)>,
}

impl TornadoBar<'_> {
    /// The largest change, whichever its sign.
    fn effect(&self) -> f64 {
        self.ends.iter().fold(0.0, |most: f64, (_, change, _)| most.max(change.abs()))
    }
}

/// Bars from what the scenario comes to, the longest first, each end with its value and its error.
pub fn tornado(of: &Tornado<'_>) -> Chart {
    let keys =
        |panel: &TornadoPanel<'_>| sorted(panel).iter().map(|bar| bar.key.to_owned()).collect::<Vec<_>>().join(", ");
    let words: Vec<String> = of.panels.iter().map(|panel| format!("{}: {}", panel.name, keys(panel))).collect();
    let alt = format!("Keys by how much they move {}, the strongest first. {}.", of.figure, words.join("; "));
    Chart { stem: "tornado", title: of.title.to_owned(), alt, scene: scene(of) }
}

fn sorted<'p, 'a>(panel: &'p TornadoPanel<'a>) -> Vec<&'p TornadoBar<'a>> {
    let mut bars: Vec<&TornadoBar<'a>> = panel.bars.iter().collect();
    bars.sort_by(|a, b| b.effect().total_cmp(&a.effect()));
    bars
}

fn scene(of: &Tornado<'_>) -> Scene {
    let mut scene = Scene::new(PAGE, 0.0);
    let mut top = scene.lines(&TITLE.wrap(of.title, PAGE - 40.0, 3), (20.0, 30.0), Anchor::Start, TITLE);
    for panel in of.panels {
        if top > 60.0 {
            scene.cuts.push(top);
        }
        let base = joined(if of.is_share { chance(panel.base, false) } else { money(panel.base, false) });
        let caption = format!("{}: {base} as it is", panel.name);
        top = scene.lines(&CAPTION.wrap(&caption, PAGE - 40.0, 2), (20.0, top + 12.0), Anchor::Start, CAPTION);
        top = draw(&mut scene, of, panel, top);
    }
    let note = "Each key is set to its values while the others stay as they are; all share their random numbers. Lines at the ends: 95% \
                intervals of the change, pair by pair. Orange: the figure falls; blue: it rises.";
    let end = scene.lines(&NOTE.wrap(note, PAGE - 40.0, 3), (20.0, top + 12.0), Anchor::Start, NOTE);
    scene.height = end + 2.0;
    scene
}

/// How far a change reaches with its interval.
fn reach(&(_, change, error): &(String, f64, f64)) -> [f64; 2] {
    let half = if error.is_finite() { 1.96 * error } else { 0.0 };
    [change - half, change + half]
}

/// The values of a bar on one side, the nearest first, and how far they reach.
struct Side {
    text: String,
    reach: f64,
}

impl Side {
    fn of(bar: &TornadoBar<'_>, is_left: bool) -> Option<Self> {
        let mut ends: Vec<_> = bar.ends.iter().filter(|(_, change, _)| (*change < 0.0) == is_left).collect();
        ends.sort_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let texts: Vec<&str> = ends.iter().map(|(text, ..)| text.as_str()).collect();
        let far = |end: &&(String, f64, f64)| reach(end)[usize::from(!is_left)];
        let reach = ends.iter().map(far).fold(0.0, if is_left { f64::min } else { f64::max });
        (!ends.is_empty()).then(|| Self { text: TICK.shorten(&texts.join(", "), MOST_OF_VALUES), reach })
    }
}

/// Draws a panel from a height on; returns where it ends.
fn draw(scene: &mut Scene, of: &Tornado<'_>, panel: &TornadoPanel<'_>, top: f64) -> f64 {
    let bars = sorted(panel);
    let frame = Rectangle { left: LEFT, top, right: PAGE - RIGHT, bottom: top + ROW * bars.len() as f64 + 6.0 };
    let all = bars.iter().flat_map(|bar| bar.ends.iter().flat_map(reach)).chain([0.0]);
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let sides: Vec<[Option<Side>; 2]> =
        bars.iter().map(|bar| [true, false].map(|is_left| Side::of(bar, is_left))).collect();
    // Room for the values beyond the ends of the bars.
    let [before, after] = [0, 1].map(|side| {
        let widths = sides.iter().filter_map(|sides| sides[side].as_ref()).map(|side| TICK.width(&side.text));
        widths.fold(20.0, f64::max) + 2.0 * GAP
    });
    let scale = Scale::new(low, high, frame.left + before, frame.right - after);
    if of.is_share {
        horizontal_shares(scene, frame, scale);
    } else {
        horizontal_dollars(scene, frame, scale);
    }
    for ((row, bar), sides) in bars.iter().enumerate().zip(sides) {
        let middle = top + ROW * (row as f64 + 0.5) + 3.0;
        let lines = TICK.wrap(bar.key, LEFT - 34.0, 2);
        let first = middle + 4.0 - 0.5 * (lines.len() as f64 - 1.0) * TICK.line_height();
        for (line, text) in lines.into_iter().enumerate() {
            let y = first + line as f64 * TICK.line_height();
            scene.label(Label::new(text, (frame.left - 9.0, y), Anchor::End, TICK));
        }
        let mut ends: Vec<_> = bar.ends.iter().collect();
        // The longest lies below the others.
        ends.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        for &&(_, change, _) in &ends {
            let (from, to) = (scale.pixel(change.min(0.0)), scale.pixel(change.max(0.0)));
            let color = if change < 0.0 { LOSS_AREA } else { GAIN_AREA };
            let area = Rectangle { left: from, top: middle - 0.5 * BAR, right: to, bottom: middle + 0.5 * BAR };
            scene.rectangle(area, color, 1.0);
        }
        for end in &ends {
            let line = reach(end).map(|at| (scale.pixel(at), middle)).to_vec();
            scene.line(line, Pen::solid(INK, 1.5));
        }
        for (side, is_left) in sides.into_iter().zip([true, false]) {
            let Some(Side { text, reach }) = side else { continue };
            let (x, anchor) = if is_left { (-GAP, Anchor::End) } else { (GAP, Anchor::Start) };
            scene.label(Label::new(text, (scale.pixel(reach) + x, middle + 4.0), anchor, TICK));
        }
    }
    let zero = scale.pixel(0.0);
    scene.line(vec![(zero, frame.top), (zero, frame.bottom)], Pen::solid(QUIET, 1.0));
    scene.line(vec![(frame.left, frame.bottom), (frame.right, frame.bottom)], Pen::solid(INK, 1.0));
    horizontal_title(scene, frame, &format!("Change of {}", AXIS_TITLE.shorten(of.figure, 400.0)));
    frame.bottom + 54.0
}

/// Grid lines and labels of shares under the frame.
fn horizontal_shares(scene: &mut Scene, frame: Rectangle, scale: Scale) {
    let (ticks, step) = scale.ticks(6);
    for tick in ticks {
        let x = scale.pixel(tick);
        scene.line(vec![(x, frame.top), (x, frame.bottom)], Pen::solid(GRID, 1.0));
        let text = percent(tick, decimals_of(100.0 * step));
        scene.label(Label::new(text, (x, frame.bottom + 17.0), Anchor::Middle, TICK));
    }
}
