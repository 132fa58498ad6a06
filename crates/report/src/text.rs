//! Text of a chart: how wide it is, where it breaks, and how amounts are written.

use std::sync::LazyLock;

use ab_glyph::FontRef;
use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

/// The family under which the shipped font is registered.
pub(crate) const FAMILY: &str = "twosided";

/// Line height over em of the shipped font, which is what plotters takes for the size of a bitmap font.
pub(crate) const HEIGHT_PER_EM: f64 = 1.362;

/// The first of the signs that break anywhere, without a hyphen.
const EAST_ASIAN: char = '\u{2e80}';

/// Room left for a browser that draws the text with another, wider font.
const SLACK: f64 = 1.12;

const REGULAR: &[u8] = include_bytes!("../fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/NotoSans-Bold.ttf");

static SHIPPED: LazyLock<[FontRef<'static>; 2]> = LazyLock::new(|| {
    let regular = register_font(FAMILY, FontStyle::Normal, REGULAR);
    let bold = register_font(FAMILY, FontStyle::Bold, BOLD);
    assert!(regular.is_ok() && bold.is_ok(), "the shipped fonts can be read");
    [REGULAR, BOLD].map(|font| FontRef::try_from_slice(font).expect("the shipped fonts can be read"))
});

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

    /// The font as plotters knows it, its size in whatever the backend counts in.
    pub fn plotters(self, size: f64) -> FontDesc<'static> {
        LazyLock::force(&SHIPPED);
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        FontDesc::new(FontFamily::Name(FAMILY), size, style)
    }

    /// Width in pixels, slack included.
    pub fn width(self, text: &str) -> f64 {
        // Plotters measures in whole pixels, so measure at an em of 1000. East Asian signs, which the font lacks, are as
        // wide as the em.
        let known: String = text.chars().filter(|&c| c < '\u{1100}' || (c > '\u{1fff}' && c < EAST_ASIAN)).collect();
        let others = (text.chars().count() - known.chars().count()) as f64;
        let (known, _) =
            self.plotters(1000.0 * HEIGHT_PER_EM).box_size(&known).expect("the shipped font measures text");
        (f64::from(known) / 1000.0 + others) * self.size * SLACK
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

/// The parts of a word between which it may break, after a hyphen or a slash, and whether a space stands before each.
fn pieces(word: &str) -> impl Iterator<Item = (&str, bool)> {
    word.split_inclusive(['-', '/', '–']).enumerate().map(|(place, piece)| (piece, place == 0))
}

/// The unit that the amounts of one axis share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DollarUnit {
    dollars: f64,
    suffix: &'static str,
}

impl DollarUnit {
    /// The unit for amounts up to this size.
    pub fn of(largest: f64) -> Self {
        let largest = largest.abs() * (1.0 + 1e-9);
        let (dollars, suffix) = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")]
            .into_iter()
            .find(|(dollars, _)| largest >= *dollars)
            .unwrap_or((1.0, ""));
        Self { dollars, suffix }
    }

    /// An amount with so many decimals of the unit: `-$1.5M`.
    pub fn write(self, amount: f64, decimals: usize) -> String {
        let digits = format!("{:.decimals$}", amount.abs() / self.dollars);
        if digits.chars().all(|c| matches!(c, '0' | '.')) {
            return "$0".to_owned();
        }
        let sign = if amount < 0.0 { "-" } else { "" };
        format!("{sign}${digits}{}", self.suffix)
    }

    /// How many decimals tell multiples of this step apart.
    pub fn decimals(self, step: f64) -> usize {
        decimals_of(step / self.dollars)
    }
}

/// How many decimals write a step, and so each of its multiples, exactly.
pub(crate) fn decimals_of(step: f64) -> usize {
    (0..12)
        .find(|&decimals| {
            let scaled = step * 10_f64.powi(decimals);
            (scaled - scaled.round()).abs() < 1e-6 * scaled
        })
        .unwrap_or(12) as usize
}

/// An amount to three significant digits: `$1.25M`. The open end of an interval is a word.
pub(crate) fn dollars(amount: f64) -> String {
    if !amount.is_finite() {
        return "unknown".to_owned();
    }
    let unit = DollarUnit::of(amount);
    let digits = unit.write(amount, significant(amount / unit.dollars, 3));
    // `$2.50M` says no more than `$2.5M`.
    match digits.split_once('.') {
        Some((whole, rest)) => {
            let decimals = rest.trim_end_matches(unit.suffix).trim_end_matches('0');
            let point = if decimals.is_empty() { "" } else { "." };
            format!("{whole}{point}{decimals}{}", unit.suffix)
        }
        None => digits,
    }
}

/// A simulated amount and its standard error, for one line or two: `$1.61M` and `± 0.02M`.
///
/// An error that is not known, which is infinite, is a word: the sample has a heavy tail.
pub(crate) fn dollars_with_error(amount: f64, standard_error: f64) -> (String, String) {
    if standard_error == f64::INFINITY {
        return (dollars(amount), "(heavy tail)".to_owned());
    }
    let unit = DollarUnit::of(amount.abs().max(standard_error));
    let decimals = error_decimals(standard_error / unit.dollars, amount / unit.dollars);
    let error = never_nothing(standard_error / unit.dollars, decimals);
    (unit.write(amount, decimals), format!("± {error}{}", if error == "0" { "" } else { unit.suffix }))
}

/// A simulated probability and its standard error in per cent: `34.2%` and `± 0.5%`.
pub(crate) fn percent_with_error(probability: f64, standard_error: f64) -> (String, String) {
    // A certainty is printed whole; its error keeps its own digit.
    let whole = probability <= 0.0 || probability >= 1.0;
    let decimals = error_decimals(100.0 * standard_error, if whole { 0.0 } else { 100.0 * probability });
    let error = never_nothing(100.0 * standard_error, decimals);
    (percent(probability, if whole { 0 } else { decimals }), format!("± {error}%"))
}

/// A plain number and its standard error: `0.71` and `± 0.03`.
pub(crate) fn plain_with_error(value: f64, standard_error: f64) -> (String, String) {
    let decimals = error_decimals(standard_error, value);
    let error = never_nothing(standard_error, decimals);
    (format!("{value:.decimals$}"), format!("± {error}"))
}

/// A share in per cent.
pub(crate) fn percent(share: f64, decimals: usize) -> String {
    format!("{:.decimals$}%", 100.0 * share)
}

/// As many decimals as give a figure so many significant digits.
fn significant(figure: f64, digits: i32) -> usize {
    if figure == 0.0 {
        return 0;
    }
    (digits - 1 - figure.abs().log10().floor() as i32).clamp(0, 12) as usize
}

/// One significant digit of the error, or two where the first is a 1 and the figure then has three; never more than seven
/// digits of the figure.
fn error_decimals(error: f64, figure: f64) -> usize {
    if error <= 0.0 {
        return significant(figure, 3).min(3);
    }
    // What rounds up to the next power of ten counts as it.
    let one = significant(1.05 * error, 1);
    if figure == 0.0 {
        return one;
    }
    let first = error / 10_f64.powf(error.log10().floor());
    let two = significant(error, 2);
    if first < 1.95 && two <= significant(figure, 3) { two } else { one.min(significant(figure, 7)) }
}

/// An error that is not zero is never printed as zero, nor as more than it is.
fn never_nothing(error: f64, decimals: usize) -> String {
    if error <= 0.0 {
        return "0".to_owned();
    }
    let least = 10_f64.powf(-(decimals as f64));
    if error < 0.5 * least { format!("<{least:.decimals$}") } else { format!("{error:.decimals$}") }
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
    fn row_6_a_name_cut_short_keeps_what_tells_it_apart() {
        let name = "Two-sided shared savings, Medicare population, option 10, limit of 12 per cent";
        for (width, most) in [(160.0, 2), (240.0, 1)] {
            let lines = FONT.wrap(name, width, most);
            assert!(lines.len() <= most && lines.join(" ").contains('…'), "{lines:?}");
            assert!(lines[0].starts_with("Two-sided") && lines.join(" ").ends_with("12 per cent"), "{lines:?}");
        }
        // A word that is longer than the lines ends in an ellipsis.
        assert!(FONT.shorten(&"x".repeat(80), 60.0).ends_with('…'));
    }

    #[test]
    fn row_6_a_broken_word_has_a_hyphen_and_no_crumb() {
        let hyphenated = FONT.wrap("with orthopaedists at risk", FONT.width("orthopaedist"), 9);
        assert_eq!(hyphenated, ["with", "orthopaedi-", "sts at risk"]);
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

    #[test]
    fn amounts_take_the_unit_of_their_size() {
        assert_eq!(dollars(1_250_000.0), "$1.25M");
        assert_eq!(dollars(-2_500_000.0), "-$2.5M");
        assert_eq!(dollars(250_000.0), "$250k");
        assert_eq!(dollars(3e13), "$30T");
        assert_eq!(dollars(0.001), "$0.001");
        assert_eq!(dollars(-0.0), "$0");
        let unit = DollarUnit::of(2_500_000.0);
        assert_eq!(unit.write(-500_000.0, unit.decimals(500_000.0)), "-$0.5M");
        assert_eq!(unit.write(2_000_000.0, unit.decimals(1_000_000.0)), "$2M");
    }

    #[test]
    fn a_figure_has_the_digits_its_error_allows() {
        let text = |(figure, error): (String, String)| format!("{figure} {error}");
        assert_eq!(text(dollars_with_error(1_612_345.0, 21_000.0)), "$1.61M ± 0.02M");
        assert_eq!(text(dollars_with_error(-1_612_345.0, 146_000.0)), "-$1.61M ± 0.15M");
        assert_eq!(text(dollars_with_error(-4_000_000.0, 17_000.0)), "-$4.00M ± 0.02M");
        assert_eq!(text(dollars_with_error(0.0, 0.0)), "$0 ± 0");
        assert_eq!(text(dollars_with_error(1_612_345.0, f64::INFINITY)), "$1.61M (heavy tail)");
        assert_eq!(text(dollars_with_error(3e6, 0.001)), "$3.000000M ± <0.000001M");
        assert_eq!(text(dollars_with_error(1e13, 1.0)), "$10.00000T ± <0.00001T");
        assert_eq!(text(percent_with_error(0.3421, 0.0047)), "34.2% ± 0.5%");
        assert_eq!(text(percent_with_error(0.0, 0.0002)), "0% ± 0.02%");
        assert_eq!(text(percent_with_error(0.0, 0.000098)), "0% ± 0.01%");
    }

    #[test]
    fn row_6_an_error_is_shown_as_large_as_it_is() {
        let text = |(figure, error): (String, String)| format!("{figure} {error}");
        assert_eq!(text(dollars_with_error(13_442_100.0, 540.0)), "$13.4421M ± 0.0005M");
        assert_eq!(text(dollars_with_error(-13_442_100.0, 560.0)), "-$13.4421M ± 0.0006M");
        assert_eq!(text(percent_with_error(0.5, 0.000_004)), "50.0000% ± 0.0004%");
        assert_eq!(text(plain_with_error(123.4, 0.000_2)), "123.4000 ± 0.0002");
        for power in -3..9 {
            let error = 2.0 * 10_f64.powi(power);
            let (_, shown) = dollars_with_error(13_442_100.0, error);
            let number = shown.trim_start_matches("± ").trim_end_matches('M');
            let honest =
                number.strip_prefix('<').is_some_and(|least| error < 1e6 * least.parse::<f64>().expect("a number"))
                    || number.parse::<f64>().is_ok_and(|shown| (1e6 * shown / error - 1.0).abs() < 0.3);
            assert!(honest, "{error}: {shown}");
        }
    }
}
