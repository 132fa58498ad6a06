//! Text of a chart: how wide it is, where it breaks, and how amounts are written.

mod amounts;
mod bounds;
mod sentences;

pub(crate) use amounts::{
    DollarUnit, HEAVY_TAIL, decimals_of, dollars, dollars_beside, dollars_known, dollars_with_error, percent,
    percent_with_error, plain_with_error, plus_minus, thousands,
};
pub(crate) use bounds::{bound_of, exact_amount, exact_share};
pub(crate) use sentences::{capitalized, heavy_tail_note, joint, listed};

use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef, ScaleFont as _};
use plotters::style::{FontDesc, FontFamily, FontStyle};

/// The family that plotters writes, and that the SVG leaves to its root element.
pub(crate) const FAMILY: &str = "twosided";

/// Line height over em of the shipped font: `ab_glyph` scales by line height.
pub(crate) const HEIGHT_PER_EM: f64 = 1.362;

/// The first of the signs that break anywhere, without a hyphen.
const EAST_ASIAN: char = '\u{2e80}';

/// Room left for a browser that draws the text with another, wider font.
const SLACK: f64 = 1.12;

const REGULAR: &[u8] = include_bytes!("../fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/NotoSans-Bold.ttf");

static SHIPPED: LazyLock<[FontRef<'static>; 2]> =
    LazyLock::new(|| [REGULAR, BOLD].map(|font| FontRef::try_from_slice(font).expect("the shipped fonts can be read")));

/// Size and weight of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Font {
    /// Em, in pixels of the chart.
    pub size: f64,
    pub bold: bool,
}

impl Font {
    pub const fn regular(size: f64) -> Self {
        Self { size, bold: false }
    }

    pub const fn bold(size: f64) -> Self {
        Self { size, bold: true }
    }

    /// The outlines of the font's glyphs.
    pub fn glyphs(self) -> &'static FontRef<'static> {
        &SHIPPED[usize::from(self.bold)]
    }

    /// The font as plotters names it, in a size of its own count.
    pub fn plotters(self, size: f64) -> FontDesc<'static> {
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        FontDesc::new(FontFamily::Name(FAMILY), size, style)
    }

    /// Width in pixels, slack included.
    pub fn width(self, text: &str) -> f64 {
        // East Asian signs, which the font lacks, are as wide as the em.
        let is_known = |c: char| c < '\u{1100}' || (c > '\u{1fff}' && c < EAST_ASIAN);
        let font = self.glyphs().as_scaled((1000.0 * HEIGHT_PER_EM) as f32);
        let (mut known, mut others, mut last) = (0.0, 0.0, None);
        for character in text.chars() {
            if !is_known(character) {
                others += 1.0;
                continue;
            }
            let glyph = font.glyph_id(character);
            known += font.h_advance(glyph) + last.map_or(0.0, |last| font.kern(last, glyph));
            last = Some(glyph);
        }
        // In thousandths of an em.
        (f64::from(known.trunc()) / 1000.0 + others) * self.size * SLACK
    }

    /// Distance between the baselines of two lines.
    pub fn line_height(self) -> f64 {
        (self.size * 1.25).round()
    }

    /// Breaks a text into at most `most` lines of at most `width` pixels: between words, inside a word only where it is longer
    /// than a line, with a hyphen. What is too long loses words in its middle, since names often differ at their end.
    pub fn wrap(self, text: &str, width: f64, most: usize) -> Vec<String> {
        let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let lines = self.broken(&clean, width);
        if lines.len() <= most {
            return lines;
        }
        let words: Vec<&str> = clean.split_whitespace().collect();
        let without_middle = (1..words.len().saturating_sub(1)).map(|left_out| {
            let kept = words.len() - left_out;
            let (head, tail) = (&words[..kept.div_ceil(2)], &words[words.len() - kept / 2..]);
            self.broken(&format!("{} … {}", head.join(" "), tail.join(" ")), width)
        });
        without_middle.into_iter().find(|lines| lines.len() <= most).unwrap_or_else(|| self.cut(lines, width, most))
    }

    /// The first lines, an ellipsis at their end.
    fn cut(self, mut lines: Vec<String>, width: f64, most: usize) -> Vec<String> {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push('…');
            while self.width(last) > width && last.chars().count() > 1 {
                last.pop();
                last.pop();
                last.truncate(last.trim_end().len());
                last.push('…');
            }
        }
        lines
    }

    /// The text in as many lines as it takes.
    fn broken(self, text: &str, width: f64) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for (word, spaced) in text.split_whitespace().flat_map(pieces) {
            let gap = if line.is_empty() || !spaced { "" } else { " " };
            let joined = format!("{line}{gap}{word}");
            if self.width(&joined) <= width {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            let mut parts = self.hyphenated(word, width);
            line = parts.pop().unwrap_or_default();
            lines.extend(parts);
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// A word in parts of at most `width`: as long as they may be, but at least three letters for the last of them.
    fn hyphenated(self, word: &str, width: f64) -> Vec<String> {
        let mut rest: Vec<char> = word.chars().collect();
        let mut parts = Vec::new();
        while self.width(&rest.iter().collect::<String>()) > width && rest.len() > 1 {
            let part = |letters: usize| {
                let bare = rest[letters - 1] >= EAST_ASIAN || !rest[letters - 1].is_alphanumeric();
                rest[..letters].iter().collect::<String>() + if bare { "" } else { "-" }
            };
            let fits = (1..rest.len()).rev().find(|&letters| self.width(&part(letters)) <= width);
            let letters = match fits {
                Some(most) if most + 3 > rest.len() && rest.len() >= 6 => rest.len() - 3,
                Some(most) => most,
                None => 1,
            };
            parts.push(if fits.is_some() { part(letters) } else { rest[0].to_string() });
            rest.drain(..letters);
        }
        parts.push(rest.into_iter().collect());
        parts
    }

    /// The text on one line.
    pub fn shorten(self, text: &str, width: f64) -> String {
        self.wrap(text, width, 1).pop().unwrap_or_default()
    }
}

/// The parts of a word between which it may break, after a hyphen or a slash, and whether a space stands before each. A sign
/// before an amount is no hyphen.
fn pieces(word: &str) -> impl Iterator<Item = (&str, bool)> {
    let sign = word.len() - word.trim_start_matches(['-', '/', '–', '(']).len();
    let first = word[sign..].find(['-', '/', '–']).map_or(word.len(), |index| sign + index);
    let first = first + word[first..].chars().next().map_or(0, char::len_utf8);
    let rest = word[first..].split_inclusive(['-', '/', '–']).map(|piece| (piece, false));
    std::iter::once((&word[..first], true)).chain(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FONT: Font = Font::regular(10.0);

    #[test]
    fn width_is_that_of_the_font_with_slack() {
        // Noto Sans: `M` is 0.907 em wide.
        assert!((FONT.width("MMMM") - 4.0 * 9.07 * SLACK).abs() < 0.1, "{}", FONT.width("MMMM"));
        assert!(Font::bold(10.0).width("loss") > FONT.width("loss"));
        assert!((FONT.width("合同") - 20.0 * SLACK).abs() < 1e-9);
        assert!(FONT.width("") < 1e-9);
    }

    #[test]
    fn lines_fit_and_say_where_the_text_does_not_end() {
        let name = "Medicare Shared Savings Program ENHANCED track, prospective assignment";
        let lines = FONT.wrap(name, 80.0, 9);
        assert_eq!(lines.join(" "), name);
        assert_eq!(FONT.wrap("provider-sponsored plan", 65.0, 9), ["provider-", "sponsored", "plan"]);
        assert!(lines.iter().all(|line| FONT.width(line) <= 80.0));
        let short = FONT.wrap(name, 80.0, 2);
        assert_eq!(short.len(), 2);
        assert!(short.concat().contains('…') && short.iter().all(|line| FONT.width(line) <= 80.0), "{short:?}");
    }

    #[test]
    fn a_name_cut_short_keeps_what_distinguishes_it() {
        let name = "Two-sided shared savings, Medicare population, option 10, limit of 12 percent";
        for (width, most) in [(160.0, 2), (240.0, 1)] {
            let lines = FONT.wrap(name, width, most);
            assert!(lines.len() <= most && lines.join(" ").contains('…'), "{lines:?}");
            assert!(lines[0].starts_with("Two-sided") && lines.join(" ").ends_with("12 percent"), "{lines:?}");
        }
        // A word that is longer than the lines ends in an ellipsis.
        assert!(FONT.shorten(&"x".repeat(80), 60.0).ends_with('…'));
    }

    #[test]
    fn a_broken_word_has_a_hyphen_and_no_crumb() {
        let hyphenated = FONT.wrap("with orthopaedists at risk", FONT.width("orthopaedist"), 9);
        assert_eq!(hyphenated, ["with", "orthopaedi-", "sts at risk"]);
        // A sign stays with its amount.
        assert_eq!(FONT.wrap("trials below -$47.2k", FONT.width("trials below -$47"), 9), ["trials below", "-$47.2k"]);
        // A word that fits on a line is moved, not broken.
        assert_eq!(FONT.wrap("the orthopaedists", FONT.width("orthopaedists"), 9), ["the", "orthopaedists"]);
        let lines = FONT.wrap(&"合同".repeat(9), 60.0, 20);
        assert_eq!(lines.concat(), "合同".repeat(9));
    }

    #[test]
    fn a_word_longer_than_the_line_is_broken() {
        let lines = FONT.wrap(&"x".repeat(80), 60.0, 20);
        assert_eq!(lines.concat().replace('-', ""), "x".repeat(80));
        assert!(lines.iter().all(|line| FONT.width(line) <= 60.0));
        assert_eq!(FONT.wrap("", 60.0, 3), Vec::<String>::new());
        assert_eq!(FONT.wrap("wide", 1.0, 9), ["w", "i", "d", "e"]);
        assert_eq!(FONT.shorten("a\u{0}b", 60.0), "a b");
    }
}
