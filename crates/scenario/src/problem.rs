//! What is wrong with a file, and how it is shown.

use std::{ops::Range, sync::Arc};

use miette::{Diagnostic, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// One thing wrong with a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as bytes of the text.
    pub span: Range<usize>,
    /// What is wrong, with the value.
    pub message: String,
    /// What would be right.
    pub help: String,
    /// Whether something is absent, as opposed to present and wrong.
    pub(crate) missing: bool,
}

/// The text of a file, made safe to print.
#[derive(Debug)]
pub(crate) struct Text {
    name: String,
    text: String,
}

/// Longest stretch of a line that is shown.
const EXCERPT: usize = 120;

impl Text {
    /// Keeps the text with every character that could steer a terminal or reorder a line replaced by as many question marks as
    /// it has bytes, so that places stay where they are.
    pub(crate) fn new(name: String, text: &str) -> Self {
        let mut safe = String::with_capacity(text.len());
        for character in text.chars() {
            if is_steering(character) && character != '\n' {
                safe.extend(std::iter::repeat_n('?', character.len_utf8()));
            } else {
                safe.push(character);
            }
        }
        Self { name, text: safe }
    }

    /// The file's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Line and column of a place, both counted from one; columns in characters.
    pub(crate) fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..self.boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    fn boundary(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

/// Control characters, and those that reorder or hide text.
pub(crate) fn is_steering(character: char) -> bool {
    (character.is_control() && character != '\t')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// User text made safe to print.
pub(crate) fn printable(text: &str) -> String {
    let mut shown: String = text.chars().take(60).map(|c| if is_steering(c) { '?' } else { c }).collect();
    if text.chars().nth(60).is_some() {
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
        let place = self.boundary(span.offset());
        let line_start = self.text[..place].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = self.text[place..].find('\n').map_or(self.text.len(), |length| place + length);
        let start = self.boundary(line_start.max(place.saturating_sub(EXCERPT / 2)));
        let end = self.boundary(line_end.min(start + EXCERPT).max(place));
        let (line, column) = self.position(place);
        let contents = MietteSpanContents::new_named(
            self.name.clone(),
            self.text[start..end].as_bytes(),
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
    pub(crate) message: String,
    pub(crate) help: String,
    pub(crate) span: Range<usize>,
    pub(crate) text: Arc<Text>,
}

impl Diagnostic for Shown {
    fn help(&self) -> Option<Box<dyn std::fmt::Display + '_>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&*self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        // A label stays on its first line and within the excerpt.
        let (start, end) = (self.text.boundary(self.span.start), self.text.boundary(self.span.end));
        let line = self.text.text[start..end].split('\n').next().unwrap_or_default();
        let length = self.text.boundary(start + line.len().min(EXCERPT / 2)) - start;
        Some(Box::new(std::iter::once(LabeledSpan::underline((start, length)))))
    }
}
