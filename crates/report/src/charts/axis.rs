//! Axes: a straight scale from values to pixels, round ticks on it, and their labels.

use super::palette::{AXIS_TITLE, GRID, INK, TICK};
use super::scene::{Anchor, Label, Pen, Rectangle, Scene};
use crate::text::{DollarUnit, Font, decimals_of, percent};

/// A scale of dollars over pixels, never of zero width.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub low: f64,
    pub high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// `low` stands at the pixel `from`, `high` at `to`.
    pub fn new(low: f64, high: f64, from: f64, to: f64) -> Self {
        // Amounts that differ by rounding alone count as equal.
        let (low, high) = if high - low > 1e-9 * low.abs().max(high.abs()) {
            (low, high)
        } else {
            let half = if low == 0.0 { 1.0 } else { 0.1 * low.abs() };
            (low - half, low + half)
        };
        Self { low, high, from, to }
    }

    /// The scale widened at both ends by a share of its width.
    pub fn padded(self, share: f64) -> Self {
        let pad = share * (self.high - self.low);
        Self { low: self.low - pad, high: self.high + pad, ..self }
    }

    /// The pixel of a value; values beyond the scale stand at its ends.
    pub fn pixel(self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.from + share * (self.to - self.from)
    }

    /// About this many multiples of 1, 2, 2.5 or 5 times a power of ten, and the step between them.
    pub fn ticks(self, about: usize) -> (Vec<f64>, f64) {
        let rough = (self.high - self.low) / about.max(1) as f64;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            .map(|times| times * power)
            .find(|step| *step >= rough * (1.0 - 1e-9))
            .unwrap_or(10.0 * power);
        let (first, last) = ((self.low / step).ceil() as i64, (self.high / step).floor() as i64);
        ((first..=last).map(|multiple| multiple as f64 * step).collect(), step)
    }

    /// Ticks with their labels, all in one unit.
    pub fn dollar_ticks(self, about: usize) -> Vec<(f64, String)> {
        let (ticks, step) = self.ticks(about);
        let unit = DollarUnit::of(ticks.iter().fold(0.0, |largest, tick| tick.abs().max(largest)));
        let decimals = unit.decimals(step);
        ticks.into_iter().map(|tick| (tick, unit.write(tick, decimals))).collect()
    }
}

/// Grid lines and labels of dollars beside the frame's left edge.
pub(super) fn vertical_dollars(scene: &mut Scene, frame: Rectangle, scale: Scale, about: usize, font: Font) {
    for (tick, text) in scale.dollar_ticks(about) {
        let y = scale.pixel(tick);
        scene.line(vec![(frame.left, y), (frame.right, y)], Pen::solid(GRID, 1.0));
        scene.label(Label::new(text, (frame.left - 7.0, y + 0.35 * font.size), Anchor::End, font));
    }
}

/// Grid lines and labels of dollars under the frame.
pub(super) fn horizontal_dollars(scene: &mut Scene, frame: Rectangle, scale: Scale) {
    // As many as leave a gap of two letters between labels.
    let ticks = (2..=10)
        .rev()
        .map(|about| scale.dollar_ticks(about))
        .find(|ticks| {
            ticks.windows(2).all(|pair| {
                let half = |text: &str| TICK.width(text) / 2.0;
                scale.pixel(pair[1].0) - scale.pixel(pair[0].0) > half(&pair[0].1) + half(&pair[1].1) + 2.0 * TICK.size
            })
        })
        .unwrap_or_default();
    for (tick, text) in ticks {
        let x = scale.pixel(tick);
        scene.line(vec![(x, frame.top), (x, frame.bottom)], Pen::solid(GRID, 1.0));
        scene.label(Label::new(text, (x, frame.bottom + 17.0), Anchor::Middle, TICK));
    }
}

/// Grid lines and labels of shares in percent beside the frame's left edge.
pub(super) fn vertical_shares(scene: &mut Scene, frame: Rectangle, scale: Scale) {
    let (ticks, step) = scale.ticks(5);
    for tick in ticks {
        let y = scale.pixel(tick);
        scene.line(vec![(frame.left, y), (frame.right, y)], Pen::solid(GRID, 1.0));
        let text = percent(tick, decimals_of(100.0 * step));
        scene.label(Label::new(text, (frame.left - 7.0, y + 4.0), Anchor::End, TICK));
    }
}

/// The title of the vertical axis, along the chart's left edge.
pub(super) fn vertical_title(scene: &mut Scene, frame: Rectangle, text: &str) {
    let middle = f64::midpoint(frame.top, frame.bottom);
    scene.label(Label::new(text, (18.0, middle), Anchor::Middle, AXIS_TITLE).turned());
}

/// The title of the horizontal axis, under its tick labels.
pub(super) fn horizontal_title(scene: &mut Scene, frame: Rectangle, text: &str) {
    let middle = f64::midpoint(frame.left, frame.right);
    scene.label(Label::new(text, (middle, frame.bottom + 38.0), Anchor::Middle, AXIS_TITLE));
}

/// The line at the foot of a frame.
pub(super) fn baseline(scene: &mut Scene, frame: Rectangle) {
    scene.line(vec![(frame.left, frame.bottom), (frame.right, frame.bottom)], Pen::solid(INK, 1.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(low: f64, high: f64) -> Vec<String> {
        Scale::new(low, high, 0.0, 400.0).dollar_ticks(5).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round_and_share_a_unit() {
        assert_eq!(texts(-1.1e6, 1.2e6), ["-$1.0M", "-$0.5M", "$0", "$0.5M", "$1.0M"]);
        assert_eq!(texts(0.0, 900.0), ["$0", "$200", "$400", "$600", "$800"]);
        assert_eq!(texts(-1e-3, 1e-3), ["-$0.0010", "-$0.0005", "$0", "$0.0005", "$0.0010"]);
        assert_eq!(texts(0.0, 1e13), ["$0", "$2T", "$4T", "$6T", "$8T", "$10T"]);
    }

    #[test]
    fn equal_steps_of_shares_have_equal_labels() {
        let frame = Rectangle { left: 80.0, top: 0.0, right: 400.0, bottom: 300.0 };
        for high in [0.11, 0.033, 0.0071, 0.9, 0.00024] {
            let mut scene = Scene::new(400.0, 300.0);
            vertical_shares(&mut scene, frame, Scale::new(0.0, high, frame.bottom, frame.top));
            let written = scene.labels().map(|label| label.text.trim_end_matches('%').parse().expect("a number"));
            let written: Vec<f64> = written.collect();
            assert!(written.len() > 2);
            for pair in written.windows(2) {
                assert!((pair[1] - pair[0] - written[1]).abs() < 1e-9, "{written:?}");
            }
        }
    }

    #[test]
    fn a_scale_of_equal_ends_is_widened() {
        assert_eq!(texts(0.0, 0.0), ["-$1.0", "-$0.5", "$0", "$0.5", "$1.0"]);
        let scale = Scale::new(5.0, 5.0, 0.0, 100.0);
        assert!((scale.pixel(5.0) - 50.0).abs() < 1e-9);
        assert!((scale.pixel(1e300) - 100.0).abs() < 1e-9);
    }
}
