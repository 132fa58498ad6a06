//! Fonts, and colors that the color-blind can tell apart.
//!
//! # Source
//! Okabe and Ito, *Color Universal Design*, 2008; their yellow, too pale for a line on white, is left out. Paul Tol, *Color
//! Schemes*, 2021, for more lines than they have colors.

use plotters::style::RGBColor;

use super::scene::Pen;
use crate::text::Font;

/// Width of a chart across a page, on which it stands in its own size: text is as large there as it is here.
pub(super) const PAGE: f64 = 832.0;

pub(super) const TITLE: Font = Font::bold(17.0);
pub(super) const AXIS_TITLE: Font = Font::regular(12.0);
pub(super) const CAPTION: Font = Font::bold(11.0);
pub(super) const TICK: Font = Font::regular(11.0);
pub(super) const NOTE: Font = Font::regular(11.0);

pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
pub(super) const QUIET: RGBColor = RGBColor(0x5f, 0x5f, 0x5f);
pub(super) const GRID: RGBColor = RGBColor(0xdc, 0xdc, 0xdc);
pub(super) const BAND: RGBColor = RGBColor(0xf5, 0xf5, 0xf3);
pub(super) const GAIN: RGBColor = RGBColor(0x00, 0x72, 0xb2);
pub(super) const LOSS: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
/// The same two for areas, pale enough for text to stand on.
pub(super) const GAIN_AREA: RGBColor = RGBColor(0x73, 0xb1, 0xd5);
pub(super) const LOSS_AREA: RGBColor = RGBColor(0xe8, 0xa6, 0x73);
pub(super) const WHITE: RGBColor = RGBColor(0xff, 0xff, 0xff);

/// Colors of the lines of one chart, in this order: those of Okabe and Ito, then darker ones of Tol.
pub(super) const LINES: [RGBColor; 12] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0x00, 0x00, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x33, 0x22, 0x88),
    RGBColor(0x88, 0x22, 0x55),
    RGBColor(0x11, 0x77, 0x33),
    RGBColor(0x99, 0x99, 0x33),
    RGBColor(0x77, 0x77, 0x77),
];

/// Dashes of lines, which distinguish neighbors without color.
pub(super) const DASHES: [Option<f64>; 3] = [None, Some(12.0), Some(5.0)];

/// The pen of a line by its index: no two of the first 36 are alike.
pub(super) fn line_pen(index: usize, width: f64) -> Pen {
    let round = index / LINES.len();
    Pen { color: LINES[index % LINES.len()], width, dash: DASHES[(index + round) % DASHES.len()] }
}

/// The color of an exact amount: of a loss, of a gain, or of neither.
pub(super) fn of_amount(amount: f64) -> RGBColor {
    if amount < 0.0 {
        LOSS
    } else if amount > 0.0 {
        GAIN
    } else {
        INK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_6_no_two_of_many_lines_are_drawn_alike() {
        let pens: Vec<Pen> = (0..36).map(|index| line_pen(index, 2.0)).collect();
        for (index, pen) in pens.iter().enumerate() {
            assert!(pens[..index].iter().all(|other| other.color != pen.color || other.dash != pen.dash), "{index}");
            // Neighbors differ in print without color.
            assert!(index == 0 || index % LINES.len() == 0 || pens[index - 1].dash != pen.dash, "{index}");
        }
    }
}
