//! Text of a chart: how wide it is, where it breaks, and how amounts are written.

use std::sync::LazyLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};
use twosided_units::grouped;

/// The family under which the shipped font is registered.
pub(crate) const FAMILY: &str = "twosided";

/// Line height over em of the shipped font, which is what plotters takes for the size of a bitmap font.
pub(crate) const HEIGHT_PER_EM: f64 = 1.362;

/// Room left for a browser that draws the text with another, wider font.
const SLACK: f64 = 1.12;

static SHIPPED: LazyLock<()> = LazyLock::new(|| {
    let regular = register_font(FAMILY, FontStyle::Normal, include_bytes!("../fonts/NotoSans-Regular.ttf"));
    let bold = register_font(FAMILY, FontStyle::Bold, include_bytes!("../fonts/NotoSans-Bold.ttf"));
    assert!(regular.is_ok() && bold.is_ok(), "the shipped fonts can be read");
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
        let known: String = text.chars().filter(|&c| c < '\u{1100}' || (c > '\u{1fff}' && c < '\u{2e80}')).collect();
        let others = (text.chars().count() - known.chars().count()) as f64;
        let (known, _) =
            self.plotters(1000.0 * HEIGHT_PER_EM).box_size(&known).expect("the shipped font measures text");
        (f64::from(known) / 1000.0 + others) * self.size * SLACK
    }

    /// Distance between the baselines of two lines.
    pub fn line_height(self) -> f64 {
        (self.size * 1.25).round()
    }

    /// Breaks a text into at most `most` lines of at most `width` pixels: between words, inside a word that is too long,
    /// and with an ellipsis where the text does not end.
    pub fn wrap(self, text: &str, width: f64, most: usize) -> Vec<String> {
        let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        for (word, spaced) in clean.split_whitespace().flat_map(pieces) {
            let gap = if line.is_empty() || !spaced { "" } else { " " };
            let joined = format!("{line}{gap}{word}");
            if self.width(&joined) <= width {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for character in word.chars() {
                line.push(character);
                if self.width(&line) > width && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, character.to_string()));
                }
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        if lines.len() > most {
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
        }
        lines
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
        let in_unit = step / self.dollars;
        (0..12)
            .find(|&decimals| {
                let scaled = in_unit * 10_f64.powi(decimals);
                (scaled - scaled.round()).abs() < 1e-6 * scaled
            })
            .unwrap_or(12) as usize
    }
}

/// What stands in place of an error that cannot be estimated.
pub(crate) const HEAVY_TAIL: &str = "(heavy tail)";

/// What [`HEAVY_TAIL`] means, of the figures of those names, or of the one before.
pub(crate) fn heavy_tail_note(names: &[&str]) -> String {
    let of = if names.is_empty() { String::new() } else { format!(" of {}", listed(names)) };
    format!(
        "{HEAVY_TAIL}: a few trials decide this figure{of}; its error cannot be estimated, and with other trials it may be much \
         larger."
    )
}

/// What stands before the item at that place of a list: `A`, `A and B`, `A, B and C`; semicolons where one of several has commas.
pub(crate) fn joint<T: AsRef<str>>(place: usize, items: &[T]) -> &'static str {
    let has_commas = items.len() > 2 && items.iter().any(|item| item.as_ref().contains(','));
    match (place, place + 1 == items.len()) {
        (0, _) => "",
        (_, true) if has_commas => "; and ",
        (_, true) => " and ",
        _ if has_commas => "; ",
        _ => ", ",
    }
}

/// Items in a sentence.
pub(crate) fn listed<T: AsRef<str>>(items: &[T]) -> String {
    items.iter().enumerate().map(|(place, item)| format!("{}{}", joint(place, items), item.as_ref())).collect()
}

/// The text with its first letter as a sentence has it.
pub(crate) fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
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
        return (dollars(amount), HEAVY_TAIL.to_owned());
    }
    let unit = DollarUnit::of(amount.abs().max(standard_error));
    let decimals = error_decimals(standard_error / unit.dollars, amount / unit.dollars);
    let error = rounded_up_from_nothing(standard_error / unit.dollars, decimals);
    (unit.write(amount, decimals), format!("± {error}{}", if error == "0" { "" } else { unit.suffix }))
}

/// A simulated probability and its standard error in per cent: `34.2%` and `± 0.5%`.
pub(crate) fn percent_with_error(probability: f64, standard_error: f64) -> (String, String) {
    // A certainty is printed whole; its error keeps its own digit.
    let whole = probability <= 0.0 || probability >= 1.0;
    let decimals = error_decimals(100.0 * standard_error, if whole { 0.0 } else { 100.0 * probability });
    let error = rounded_up_from_nothing(100.0 * standard_error, decimals);
    (percent(probability, if whole { 0 } else { decimals }), format!("± {error}%"))
}

/// A plain number and its standard error: `0.71` and `± 0.03`.
pub(crate) fn plain_with_error(value: f64, standard_error: f64) -> (String, String) {
    let decimals = error_decimals(standard_error, value);
    let error = rounded_up_from_nothing(standard_error, decimals);
    (format!("{value:.decimals$}"), format!("± {error}"))
}

/// A number with so many decimals and thousands separators: `2,184.2`.
pub(crate) fn thousands(figure: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", figure.abs());
    let sign = if figure < 0.0 && digits.contains(|digit| matches!(digit, '1'..='9')) { "-" } else { "" };
    match digits.split_once('.') {
        Some((whole, rest)) => format!("{sign}{}.{rest}", grouped(whole)),
        None => format!("{sign}{}", grouped(&digits)),
    }
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

/// One significant digit of the error, or two where the first is a 1 and the figure then has three; never more than four
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
    if first < 1.95 && two <= significant(figure, 3) { two } else { one.min(significant(figure, 4)) }
}

/// An error that is not zero is never printed as zero.
fn rounded_up_from_nothing(error: f64, decimals: usize) -> String {
    if error <= 0.0 {
        return "0".to_owned();
    }
    let least = 10_f64.powf(-(decimals as f64));
    format!("{:.decimals$}", error.max(least))
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
        assert!(short[1].ends_with('…') && FONT.width(&short[1]) <= 80.0);
    }

    #[test]
    fn a_word_longer_than_the_line_is_broken() {
        let lines = FONT.wrap(&"x".repeat(80), 60.0, 20);
        assert_eq!(lines.concat(), "x".repeat(80));
        assert!(lines.iter().all(|line| FONT.width(line) <= 60.0));
        assert_eq!(FONT.wrap("", 60.0, 3), Vec::<String>::new());
        assert_eq!(FONT.wrap("wide", 1.0, 9), ["w", "i", "d", "e"]);
        assert_eq!(FONT.shorten("a\u{0}b", 60.0), "a b");
    }

    #[test]
    fn row_6_thousands_are_set_apart() {
        assert_eq!(thousands(2_184.24, 1), "2,184.2");
        assert_eq!(thousands(-1_234.0, 0), "-1,234");
        assert_eq!(thousands(-0.01, 1), "0.0");
    }

    #[test]
    fn row_6_a_list_ends_with_and() {
        assert_eq!(listed::<&str>(&[]), "");
        assert_eq!(listed(&["A"]), "A");
        assert_eq!(listed(&["A", "B"]), "A and B");
        assert_eq!(listed(&["A", "B", "C"]), "A, B and C");
        assert_eq!(listed(&["A, old", "B", "C"]), "A, old; B; and C");
        assert!(heavy_tail_note(&["A", "B"]).contains("this figure of A and B; its error"));
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
        assert_eq!(text(dollars_with_error(3e6, 0.001)), "$3.000M ± 0.001M");
        assert_eq!(text(percent_with_error(0.3421, 0.0047)), "34.2% ± 0.5%");
        assert_eq!(text(percent_with_error(0.0, 0.0002)), "0% ± 0.02%");
        assert_eq!(text(percent_with_error(0.0, 0.000098)), "0% ± 0.01%");
    }
}
