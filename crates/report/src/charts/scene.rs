//! A laid-out chart as data: marks in pixels, to be drawn by any backend or looked at by a test.

use plotters::style::RGBColor;

use super::palette::{INK, QUIET};
use crate::text::Font;

/// Pixels to the right, pixels down.
pub(super) type Point = (f64, f64);

#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub width: f64,
    pub height: f64,
    /// Later ones cover earlier ones.
    pub marks: Vec<Mark>,
    /// Heights at which a picture that is too tall for a page may be cut.
    pub cuts: Vec<f64>,
}

#[derive(Clone, Debug)]
pub(super) enum Mark {
    Line { points: Vec<Point>, pen: Pen },
    Area { points: Vec<Point>, color: RGBColor, opacity: f64 },
    Label(Label),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Pen {
    pub color: RGBColor,
    pub width: f64,
    /// Length of a dash and of the gap after it.
    pub dash: Option<f64>,
}

impl Pen {
    pub const fn solid(color: RGBColor, width: f64) -> Self {
        Self { color, width, dash: None }
    }

    pub const fn dashed(color: RGBColor, width: f64, dash: f64) -> Self {
        Self { color, width, dash: Some(dash) }
    }

    /// The lines to draw along a polyline: itself, or its dashes.
    pub fn strokes(self, points: &[Point]) -> Vec<Vec<Point>> {
        self.dash.map_or_else(|| vec![points.to_vec()], |dash| dashes(points, dash))
    }
}

/// A polyline cut into dashes, with gaps as long as they are.
fn dashes(points: &[Point], dash: f64) -> Vec<Vec<Point>> {
    let mut strokes = Vec::new();
    let mut stroke: Vec<Point> = points.first().copied().into_iter().collect();
    let (mut left, mut drawing) = (dash, true);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        let mut rest = (to.0 - from.0).hypot(to.1 - from.1);
        while rest > left {
            let share = left / rest;
            from = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
            rest -= left;
            left = dash;
            stroke.push(from);
            if drawing {
                strokes.push(std::mem::take(&mut stroke));
            }
            stroke = vec![from];
            drawing = !drawing;
        }
        left -= rest;
        stroke.push(to);
    }
    if drawing {
        strokes.push(stroke);
    }
    strokes
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// One line of text.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub text: String,
    /// Where the anchor stands on the baseline.
    pub at: Point,
    pub anchor: Anchor,
    pub font: Font,
    pub color: RGBColor,
    /// Read from below upwards, beside a vertical axis.
    pub turned: bool,
    /// On a white ground, where lines may pass.
    pub backed: bool,
}

impl Label {
    pub fn new(text: impl Into<String>, at: Point, anchor: Anchor, font: Font) -> Self {
        Self { text: text.into(), at, anchor, font, color: INK, turned: false, backed: false }
    }

    pub fn colored(self, color: RGBColor) -> Self {
        Self { color, ..self }
    }

    pub fn quiet(self) -> Self {
        self.colored(QUIET)
    }

    pub fn turned(self) -> Self {
        Self { turned: true, ..self }
    }

    pub fn backed(self) -> Self {
        Self { backed: true, ..self }
    }

    /// What the text may cover in any font, for small letters with ascenders and descenders.
    pub fn rectangle(&self) -> Rectangle {
        let width = self.font.width(&self.text);
        let before = match self.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => width / 2.0,
            Anchor::End => width,
        };
        let (x, y) = self.at;
        let (ascent, descent) = (0.78 * self.font.size, 0.22 * self.font.size);
        if self.turned {
            Rectangle { left: x - ascent, top: y + before - width, right: x + descent, bottom: y + before }
        } else {
            Rectangle { left: x - before, top: y - ascent, right: x - before + width, bottom: y + descent }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rectangle {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rectangle {
    /// The rectangle that reaches so far to either side of a point, and so far up and down.
    pub fn around((x, y): Point, aside: f64, up: f64) -> Self {
        Self { left: x - aside, top: y - up, right: x + aside, bottom: y + up }
    }

    /// The same rectangle, so far to the right and down.
    pub fn moved(&self, (x, y): Point) -> Self {
        Self { left: self.left + x, top: self.top + y, right: self.right + x, bottom: self.bottom + y }
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }

    /// Whether another lies within.
    pub fn contains(&self, other: &Self) -> bool {
        self.left <= other.left && other.right <= self.right && self.top <= other.top && other.bottom <= self.bottom
    }

    pub fn corners(&self) -> Vec<Point> {
        vec![(self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom)]
    }
}

impl Scene {
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, marks: Vec::new(), cuts: Vec::new() }
    }

    pub fn line(&mut self, points: Vec<Point>, pen: Pen) {
        self.marks.push(Mark::Line { points, pen });
    }

    pub fn area(&mut self, points: Vec<Point>, color: RGBColor, opacity: f64) {
        if points.len() > 2 {
            self.marks.push(Mark::Area { points, color, opacity });
        }
    }

    pub fn rectangle(&mut self, rectangle: Rectangle, color: RGBColor, opacity: f64) {
        self.area(rectangle.corners(), color, opacity);
    }

    pub fn label(&mut self, label: Label) {
        if !label.text.is_empty() {
            self.marks.push(Mark::Label(label));
        }
    }

    /// Lines of text below each other, the first on the baseline given; returns the baseline after the last.
    pub fn lines(&mut self, lines: &[String], at: Point, anchor: Anchor, font: Font) -> f64 {
        let mut baseline = at.1;
        for line in lines {
            self.label(Label::new(line, (at.0, baseline), anchor, font));
            baseline += font.line_height();
        }
        baseline
    }

    /// A diamond, the sign of a mean.
    pub fn diamond(&mut self, (x, y): Point, radius: f64, color: RGBColor) {
        self.area(vec![(x - radius, y), (x, y - radius), (x + radius, y), (x, y + radius)], color, 1.0);
    }

    #[cfg(test)]
    pub fn labels(&self) -> impl Iterator<Item = &Label> {
        self.marks.iter().filter_map(|mark| if let Mark::Label(label) = mark { Some(label) } else { None })
    }
}

/// Keeps the points at least `apart` pixels from the last one kept, and the last of all.
pub(super) fn thinned(points: impl IntoIterator<Item = Point>, apart: f64) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    let mut left_out = None;
    for point in points {
        match kept.last() {
            Some(last) if (point.0 - last.0).abs() < apart && (point.1 - last.1).abs() < apart => {
                left_out = Some(point);
            }
            _ => {
                kept.push(point);
                left_out = None;
            }
        }
    }
    kept.extend(left_out);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_covers_the_side_its_anchor_leaves() {
        let label = |anchor| Label::new("loss", (100.0, 50.0), anchor, Font::regular(10.0));
        let (start, end) = (label(Anchor::Start).rectangle(), label(Anchor::End).rectangle());
        assert_eq!((start.left, end.right), (100.0, 100.0));
        assert!(!start.overlaps(&end) && start.overlaps(&label(Anchor::Middle).rectangle()));
        let turned = label(Anchor::Start).turned().rectangle();
        assert!((turned.bottom - 50.0).abs() < 1e-9 && turned.right - turned.left < 11.0);
    }

    #[test]
    fn dashes_and_gaps_are_equally_long_around_corners() {
        let strokes = dashes(&[(0.0, 0.0), (15.0, 0.0), (15.0, 10.0)], 10.0);
        assert_eq!(strokes, [vec![(0.0, 0.0), (10.0, 0.0)], vec![(15.0, 5.0), (15.0, 10.0)]]);
        assert_eq!(dashes(&[], 5.0).concat(), []);
    }

    #[test]
    fn thinning_keeps_both_ends_and_every_step() {
        let points = (0..10_000).map(|i| (f64::from(i) / 1000.0, 0.0));
        let kept = thinned(points, 2.0);
        assert_eq!((kept.first(), kept.last()), (Some(&(0.0, 0.0)), Some(&(9.999, 0.0))));
        assert!(kept.len() <= 7);
    }
}
