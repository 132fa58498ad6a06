//! What is wrong with a file, and how it is shown.

use std::{ops::Range, sync::Arc};

use miette::{
    Diagnostic, LabeledSpan, MietteError, MietteSpanContents, Severity, SourceCode, SourceSpan, SpanContents,
};

use crate::steering::is_steering;

/// One thing wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as bytes of the text.
    pub span: Range<usize>,
    /// What is wrong, with the value.
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// The text of a file, made safe to print.
#[derive(Debug, PartialEq)]
pub(crate) struct Text {
    /// The files that the text is of, each with where it starts.
    files: Vec<(usize, String)>,
    safe: String,
    /// Where each line starts.
    lines: Vec<usize>,
    /// Whether no line is ever shown, but only its number.
    withheld: bool,
}

/// Longest stretch of a line that is shown.
const EXCERPT: usize = 120;

impl Text {
    /// Keeps the text with every character that could steer a terminal or reorder a line replaced by as many question marks as
    /// it has bytes, so that places stay where they are.
    pub fn new(files: Vec<(usize, String)>, text: &str) -> Self {
        let mut safe = String::with_capacity(text.len());
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\n' | '\t' => safe.push(character),
                '\r' if characters.peek() == Some(&'\n') => safe.push(' '),
                _ if is_steering(character) => safe.extend(std::iter::repeat_n('?', character.len_utf8())),
                _ => safe.push(character),
            }
        }
        let lines = std::iter::once(0).chain(safe.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        Self { files, safe, lines, withheld: false }
    }

    /// The same, of which no line is ever shown if so it is.
    pub fn withheld(self, withheld: bool) -> Self {
        Self { withheld, ..self }
    }

    /// Whether no line is ever shown.
    pub fn is_withheld(&self) -> bool {
        self.withheld
    }

    /// The text of a line, without its end.
    pub fn text_of_line(&self, line: usize) -> &str {
        &self.safe[self.span_of_line(line)]
    }

    /// The first file's name.
    pub fn name(&self) -> &str {
        &self.files[0].1
    }

    /// The file of a place: where it starts, and its name.
    pub fn file(&self, offset: usize) -> (usize, &str) {
        let file = &self.files[self.files.partition_point(|&(start, _)| start <= offset).max(1) - 1];
        (file.0, &file.1)
    }

    /// The line of a place, counted from zero.
    pub fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|&start| start <= offset) - 1
    }

    /// Where a line stands, without its end.
    pub fn span_of_line(&self, line: usize) -> Range<usize> {
        let end = self.lines.get(line + 1).map_or(self.safe.len(), |next| next - 1);
        self.lines[line]..end
    }

    /// Line of its file and column of a place, both counted from one; columns in characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let offset = self.boundary(offset);
        let line = self.line(offset);
        let (start, _) = self.file(offset);
        (line - self.line(start) + 1, self.safe[self.lines[line]..offset].chars().count() + 1)
    }

    fn boundary(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.safe.len());
        while !self.safe.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }

    /// What to underline: the part of a span on its first line and within the excerpt, and at the end of a line, where
    /// there is nothing, the last character.
    fn underlined(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.boundary(span.start);
        let line = self.span_of_line(self.line(start));
        let end = self.boundary(span.end.min(line.end).min(start + EXCERPT / 2)).max(start);
        if start < end {
            return start..end;
        }
        let next = self.safe[start..line.end].chars().next();
        match next {
            Some(character) => start..start + character.len_utf8(),
            None if start > line.start => self.boundary(start - 1)..start,
            None => start..start,
        }
    }
}

/// Text of others made safe to print: what could steer a terminal, or reorder or hide text, becomes a question mark.
pub fn printable(text: &str) -> String {
    text.chars().map(|character| if is_steering(character) { '?' } else { character }).collect()
}

/// Text of others made safe to print and cut to this many characters.
pub fn shortened(text: &str, most: usize) -> String {
    let mut shown: String = printable(&text.chars().take(most).collect::<String>());
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

/// Shows the line of the place alone, cut to what fits.
impl SourceCode for Text {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let index = self.boundary(span.offset());
        let line = self.span_of_line(self.line(index));
        let start = self.boundary(line.start.max(index.saturating_sub(EXCERPT / 2)));
        let end = self.boundary(line.end.min(start + EXCERPT)).max(index);
        let (line, column) = self.position(index);
        let contents = MietteSpanContents::new_named(
            self.file(index).1.to_owned(),
            &self.safe.as_bytes()[start..end],
            (start, end - start).into(),
            line - 1,
            column - 1,
            1,
        );
        Ok(Box::new(contents))
    }
}

/// One problem with the text it stands in, ready to be shown.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Shown {
    pub message: String,
    pub help: String,
    pub span: Range<usize>,
    pub severity: Severity,
    pub text: Arc<Text>,
}

impl Diagnostic for Shown {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help(&self) -> Option<Box<dyn std::fmt::Display + '_>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.text.is_withheld()).then_some(&*self.text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if self.text.is_withheld() {
            return None;
        }
        let Range { start, end } = self.text.underlined(&self.span);
        Some(Box::new(std::iter::once(LabeledSpan::underline((start, end - start)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_columns_of_characters() {
        let text = Text::new(vec![(0, "a.toml".into())], "é = 1\r\nb = 2\n");
        assert_eq!(text.position(0), (1, 1));
        assert_eq!(text.position(2), (1, 2));
        assert_eq!(text.position(8), (2, 1));
        assert_eq!(text.position(999), (3, 1));
    }

    #[test]
    fn places_of_an_included_file_are_its_own() {
        let text = Text::new(vec![(0, "a.toml".into()), (6, "b.toml".into())], "a = 1\nb = 2\nc = 3\n");
        assert_eq!((text.position(12), text.file(12).1), ((2, 1), "b.toml"));
        assert_eq!((text.position(4), text.file(4).1), ((1, 5), "a.toml"));
    }

    #[test]
    fn what_hides_or_steers_is_not_printed() {
        assert_eq!(printable("a\tb\u{1b}[2J\u{3164}\u{e0041}\u{ad}"), "a?b?[2J???");
        assert_eq!(shortened("éclair", 3), "écl…");
    }

    #[test]
    fn the_end_of_a_line_is_underlined_at_its_last_character() {
        let text = Text::new(vec![(0, "a.toml".into())], "members =\nx = 1");
        assert_eq!(text.underlined(&(9..9)), 8..9);
        assert_eq!(text.underlined(&(10..30)), 10..15);
    }
}
