//! Text that is read from the front, and what is wrong with it.

use std::{fmt, ops::Range};

use twosided_form::{Suggestions, list, printable, shortened};

/// The longest statement that is read, in bytes.
const LONGEST: usize = 300;
/// Amounts from here on are refused.
const TOO_MUCH: f64 = 1e15;

/// Text that is no statement, or no quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementError {
    /// The text.
    pub text: String,
    /// What is wrong in it, as bytes.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl fmt::Display for StatementError {
    /// What is wrong, the text with the place underlined, and what would be right.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, span, message, help } = self;
        let characters = |text: Option<&str>| text.map_or(0, |text| text.chars().count());
        let (before, marked) = (characters(text.get(..span.start)), characters(text.get(span.clone())).max(1));
        write!(f, "{message}\n  {}\n  {}{}\n{help}", printable(text), " ".repeat(before), "^".repeat(marked))
    }
}

impl std::error::Error for StatementError {}

/// A number as it is written.
pub(super) struct Amount {
    pub(super) value: f64,
    pub(super) span: Range<usize>,
    /// Whether it is marked as dollars, by `$` or by `k`, `m` or `b`.
    pub(super) dollars: bool,
    pub(super) percent: bool,
}

/// Text that is read from the front.
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, StatementError> {
        if text.len() <= LONGEST {
            return Ok(Self { text, at: 0 });
        }
        let text = shortened(text, LONGEST / 4);
        let message = format!("a statement has at most {LONGEST} bytes");
        let help = "write one requirement, as P(loss > $2m) <= 5%".to_owned();
        Err(StatementError { span: 0..text.len(), text, message, help })
    }

    pub(super) fn wrong<T>(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Result<T, StatementError> {
        Err(StatementError { text: self.text.to_owned(), span, message: message.into(), help: help.into() })
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes what the text goes on with, if it does.
    pub(super) fn takes(&mut self, wanted: &str) -> bool {
        let is_next = self.rest().starts_with(wanted);
        if is_next {
            self.at += wanted.len();
        }
        is_next
    }

    /// Takes the characters that are wanted from here on.
    pub(super) fn while_next(&mut self, wanted: impl Fn(char) -> bool) -> (&'a str, Range<usize>) {
        let start = self.at;
        let taken = self.rest().find(|character| !wanted(character)).map_or(self.rest(), |end| &self.rest()[..end]);
        self.at += taken.len();
        (taken, start..self.at)
    }

    /// Takes the next word of letters and dashes.
    pub(super) fn word(&mut self) -> (&'a str, Range<usize>) {
        self.skip_space();
        self.while_next(|character| character.is_alphabetic() || matches!(character, '-' | '_'))
    }

    /// Where the next thing stands, which is the end if nothing does.
    pub(super) fn here(&mut self) -> Range<usize> {
        self.skip_space();
        let next = self.rest().split([' ', ')']).next().filter(|next| !next.is_empty());
        let next = next.or_else(|| self.rest().get(..1)).unwrap_or_default();
        self.at..self.at + next.len()
    }

    pub(super) fn end(&mut self) -> Result<(), StatementError> {
        let here = self.here();
        if here.is_empty() {
            return Ok(());
        }
        let found = printable(&self.text[here.clone()]);
        self.wrong(
            here,
            format!("nothing may follow here, and `{found}` does"),
            "write one requirement; others go into limits of their own",
        )
    }

    /// One of several words.
    pub(super) fn chosen<T: Copy>(
        &self,
        word: &str,
        span: Range<usize>,
        words: &[(&'static str, T)],
        what: &str,
    ) -> Result<T, StatementError> {
        let lower = word.to_lowercase();
        if let Some((_, value)) = words.iter().find(|(known, _)| *known == lower) {
            return Ok(*value);
        }
        let known = words.iter().map(|(word, _)| *word);
        let all = list(known.clone());
        let help = nearest(&lower, known).map_or(format!("{what} {all}"), |near| format!("did you mean `{near}`?"));
        let message = if word.is_empty() {
            "a word is missing".to_owned()
        } else {
            format!("`{}` is not known here", shortened(word, 40))
        };
        self.wrong(span, message, help)
    }

    /// A number: `$2m`, `2_000_000`, `50k`, `-1.5m`, `5%`, `0.05`.
    pub(super) fn amount(&mut self) -> Result<Amount, StatementError> {
        self.skip_space();
        let start = self.at;
        let mut negative = self.takes("-");
        let dollar = self.takes("$");
        negative |= dollar && !negative && self.takes("-");
        let (digits, span) =
            self.while_next(|character| character.is_ascii_digit() || matches!(character, '.' | ',' | '_'));
        let Some(mut value) = number(digits) else {
            let (span, message) = if digits.is_empty() {
                (self.here(), "an amount is missing".to_owned())
            } else {
                (span, format!("`{}` is no number", shortened(digits, 40)))
            };
            return self.wrong(span, message, "write an amount, as $2m, 50k, -1_500_000, 5% or 0.05");
        };
        let (letters, of_letters) = self.while_next(char::is_alphabetic);
        let scale = match letters {
            "" => None,
            "k" | "K" => Some(1e3),
            "m" | "M" => Some(1e6),
            "b" | "B" => Some(1e9),
            other => {
                let message = format!("`{}` is no unit", shortened(other, 40));
                return self.wrong(
                    of_letters,
                    message,
                    "write k for thousands, m for millions or b for billions of dollars",
                );
            }
        };
        value *= scale.unwrap_or(1.0);
        let percent = self.takes("%");
        let dollars = dollar || scale.is_some();
        let span = start..self.at;
        if percent && dollars {
            return self.wrong(span, "an amount is of dollars or a percent, not both", "write $2m, or 2%");
        }
        if value >= TOO_MUCH {
            return self.wrong(span, "the amount is too large", "write less than $1,000,000b");
        }
        if percent {
            value /= 100.0;
        }
        // A zero has no sign.
        Ok(Amount { value: if negative && value != 0.0 { -value } else { value }, span, dollars, percent })
    }
}

/// A number without sign: digits with `_` or, in groups of three, `,` between them.
fn number(digits: &str) -> Option<f64> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let has_commas = whole.contains(',');
    let is_grouped = groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()));
    let is_right = is_grouped && (!has_commas || (1..=3).contains(&first.len())) && !fraction.contains([',', '.']);
    let is_begun = digits.starts_with(|character: char| character.is_ascii_digit() || character == '.');
    let plain = digits.replace([',', '_'], "");
    (is_right && is_begun).then(|| plain.parse().ok()).flatten()
}

pub(super) fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    Suggestions::default().nearest(&word.to_lowercase(), known)
}
