//! Fonts, and colours that the colour-blind can tell apart.
//!
//! # Source
//! Okabe and Ito, *Color Universal Design*, 2008; their yellow, too pale for a line on white, is left out.

use plotters::style::RGBColor;

use crate::text::Font;

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

/// Lines of one chart, in this order; after the last colour they start again, told apart by a marker.
pub(super) const LINES: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0x00, 0x00, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0xe6, 0x9f, 0x00),
];

/// The colour of an exact amount: of a loss, of a gain, or of neither.
pub(super) fn of_amount(amount: f64) -> RGBColor {
    if amount < 0.0 {
        LOSS
    } else if amount > 0.0 {
        GAIN
    } else {
        INK
    }
}
