//! Text of others at the places where it leaves the program: a terminal, a cell of a table, a page or picture.
//!
//! Every writer sends what it writes through the one function of its sink (`tests/files/boundaries.rs` looks for others), so that
//! no name, note, path or cell of a file can steer a terminal, run as a formula, reorder a page or make it invalid.

use std::{borrow::Cow, io};

use crate::{problem::printable, steering::is_steering};

/// Text for a terminal: line ends and tabs stay, what could steer or reorder becomes a question mark.
pub fn terminal(text: &str) -> String {
    let keep = |character: char| matches!(character, '\n' | '\t') || !is_steering(character);
    text.chars().map(|character| if keep(character) { character } else { '?' }).collect()
}

/// The same with colors: sequences that only set a color or weight stay.
pub fn colored_terminal(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        shown.push_str(&terminal(before));
        let length = after.find(|character: char| !matches!(character, '0'..='9' | ';')).unwrap_or(after.len());
        rest = if let Some(next) = after[length..].strip_prefix('m') {
            shown.push_str(&format!("\u{1b}[{}m", &after[..length]));
            next
        } else {
            shown.push_str("?[");
            after
        };
    }
    shown.push_str(&terminal(rest));
    shown
}

/// A cell of a CSV file: a number stays a number, text that a spreadsheet takes for a formula is quoted, and what steers or
/// reorders becomes a question mark.
pub fn cell(text: &str) -> Cow<'_, str> {
    if text.parse::<f64>().is_ok() { Cow::Borrowed(text) } else { name_cell(text) }
}

/// The same for a name, which is text even where it could be a number: a contract may be called `+1`.
pub fn name_cell(text: &str) -> Cow<'_, str> {
    let starts_formula = |text: &str| text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let clean = printable(text);
    if starts_formula(text) || starts_formula(clean.trim_start()) {
        Cow::Owned(format!("'{clean}"))
    } else {
        Cow::Owned(clean)
    }
}

/// A CSV file whose every cell is one of [`cell`].
#[derive(Debug)]
pub struct Cells<W: io::Write>(csv::Writer<W>);

impl<W: io::Write> Cells<W> {
    /// A file without rows yet.
    pub fn new(out: W) -> Self {
        Self(csv::Writer::from_writer(out))
    }

    /// Writes a row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl AsRef<str>>) -> Result<(), csv::Error> {
        for text in cells {
            self.0.write_field(cell(text.as_ref()).as_bytes())?;
        }
        self.0.write_record(None::<&[u8]>)
    }

    /// Writes what is held back, and gives back what was written to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<W, csv::Error> {
        self.0.into_inner().map_err(|error| error.into_error().into())
    }
}

/// A whole page or picture, or a part: what XML forbids, and what steers or reorders text, becomes the replacement character.
/// None of these is ever part of the markup itself.
pub fn markup(text: &str) -> String {
    let is_wrong = |character: char| !matches!(character, '\n' | '\t') && is_steering(character);
    let lines = text.replace("\r\n", "\n");
    lines.chars().map(|character| if is_wrong(character) { '\u{fffd}' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_steered() {
        assert_eq!(terminal("a\u{1b}[2J\tb\r\nc\u{202e}\u{9b}31m"), "a?[2J\tb?\nc??31m");
        assert_eq!(
            colored_terminal("\u{1b}[31mred\u{1b}[0m \u{1b}[2J\u{1b}]0;t\u{7}"),
            "\u{1b}[31mred\u{1b}[0m ?[2J?]0;t?"
        );
        assert_eq!(colored_terminal("end\u{1b}[3"), "end?[3");
    }

    #[test]
    fn a_cell_is_no_formula_and_a_number_stays_one() {
        for text in ["=1+1", "+cmd|' /C calc'!A0", "-1+2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"] {
            assert!(cell(text).starts_with('\''), "{text:?}");
        }
        for text in ["-12.5", "+3", "1e-7", "", "MSSP = best", "A1736"] {
            assert_eq!(cell(text), text);
        }
        assert_eq!((name_cell("+1"), name_cell("-1"), name_cell("2")), ("'+1".into(), "'-1".into(), "2".into()));
        assert_eq!(cell("a\u{1b}[31m\u{202e}b"), "a?[31m?b");
    }

    #[test]
    fn markup_has_only_characters_that_xml_allows() {
        let text = "<a>\r\n\tx\u{0}\u{b}\u{85}\u{fffe}\u{ffff}\u{1fffe}\u{fdd0}\u{202e}\u{2066}\u{1b}é合</a>";
        let clean = markup(text);
        assert!(clean.starts_with("<a>\n\tx\u{fffd}") && clean.ends_with("é合</a>"));
        assert_eq!(clean.matches('\u{fffd}').count(), 10);
    }
}
