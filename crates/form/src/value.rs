//! Values of a table: numbers, words, names and arrays of them.

use std::ops::Range;

use toml::{Spanned, de::DeValue};
use twosided_units::Share;

use crate::{
    At, Section, figure, shortened,
    slips::{self, Numeral},
    steering::is_steering,
    wording::digits as grouped_digits,
};

/// Longest name.
pub(crate) const LONGEST_NAME: usize = 80;

/// A value as messages name it.
pub(crate) fn described(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{}\"", shortened(text, 60)),
        DeValue::Integer(number) => format!("the number {}", shortened(&number.to_string(), 60)),
        DeValue::Float(number) => format!("the number {}", shortened(number.as_str(), 60)),
        DeValue::Boolean(truth) => truth.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "an array".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

impl<'a> Section<'a> {
    /// Notes a value of another type than wanted.
    pub(crate) fn mistyped(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        if self.is_misplaced_include(key, value) {
            return;
        }
        let found = described(value.get_ref());
        self.wrong(&value.span(), format!("{} is {found}", self.path_of(key)), format!("write {wanted}"));
    }

    /// Whether a key holds text.
    pub fn is_text(&self, key: &'static str) -> bool {
        self.get(key).is_some_and(|value| value.get_ref().is_str())
    }

    /// Whether a key holds a table.
    pub fn is_table(&self, key: &'static str) -> bool {
        self.get(key).is_some_and(|value| value.get_ref().is_table())
    }

    fn number_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<At<f64>> {
        self.numeral_of(key, value, Numeral::Number)
    }

    pub(crate) fn numeral_of(&self, key: &str, value: &Spanned<DeValue<'_>>, numeral: Numeral) -> Option<At<f64>> {
        let digits = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str()),
            DeValue::Float(number) => Some(number.as_str()),
            _ => None,
        };
        // The TOML parser accepts some text that is not a number, such as 1_000''5.
        let Some(number) = digits.and_then(|digits| digits.parse::<f64>().ok()) else {
            let corrected = value.get_ref().as_str().and_then(|text| slips::in_quotes(text, numeral));
            let wanted = corrected.map(|number| format!("{number}, without quotes"));
            self.mistyped(key, value, wanted.as_deref().unwrap_or("a number"));
            return None;
        };
        if !number.is_finite() {
            self.wrong(&value.span(), format!("{} is {number}", self.path_of(key)), "write a finite number");
            return None;
        }
        Some(At { value: number, span: value.span() })
    }

    pub(crate) fn share_of(&self, key: &str, number: &At<f64>) -> Option<Share> {
        let share = Share::new(number.value).ok();
        if share.is_none() {
            let value = figure(number.value);
            let percent = if (2.0..=100.0).contains(&number.value) {
                format!("; {value}% is written {}", figure(number.value / 100.0))
            } else {
                String::new()
            };
            let help = format!("a share is a decimal from 0 to 1{percent}");
            self.wrong(&number.span, format!("{} is {value}", self.path_of(key)), help);
        }
        share
    }

    pub(crate) fn whole_of(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        low: u64,
        high: u64,
        help: &str,
    ) -> Option<u64> {
        let (whole, shown) = match value.get_ref() {
            DeValue::Integer(number) => {
                let digits = number.as_str();
                let plain = digits.bytes().all(|digit| digit.is_ascii_digit()) && number.radix() == 10;
                let shown =
                    if plain { grouped_digits(&shortened(digits, 60)) } else { shortened(&number.to_string(), 60) };
                (u64::from_str_radix(digits, number.radix()).ok(), shown)
            }
            DeValue::Float(number) => {
                let whole = number.as_str().parse::<f64>().ok();
                let whole = whole.filter(|number| number.fract() == 0.0 && (0.0..9e15).contains(number));
                (whole.map(|number| number as u64), shortened(number.as_str(), 60))
            }
            _ => {
                let corrected = value.get_ref().as_str().and_then(|text| slips::in_quotes(text, Numeral::Number));
                let wanted = corrected.map(|number| format!("{number}, without quotes"));
                self.mistyped(key, value, wanted.as_deref().unwrap_or("a whole number"));
                return None;
            }
        };
        let count = whole.filter(|count| (low..=high).contains(count));
        if count.is_none() {
            self.wrong(&value.span(), format!("{} is {shown}", self.path_of(key)), help);
        }
        count
    }

    /// Text.
    pub fn text(&self, key: &'static str) -> Option<At<&'a str>> {
        let value = self.get(key)?;
        self.text_of(key, value).map(|text| At { value: text, span: value.span() })
    }

    pub(crate) fn text_of<'v>(&self, key: &str, value: &'v Spanned<DeValue<'_>>) -> Option<&'v str> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            let wanted = match value.get_ref() {
                DeValue::Integer(number) => {
                    format!("text in quotes, as {key} = \"{}\"", shortened(number.as_str(), 60))
                }
                _ => "text in quotes".to_owned(),
            };
            self.mistyped(key, value, &wanted);
        }
        text
    }

    pub(crate) fn chosen<T: Copy>(&self, key: &str, text: &At<&str>, choices: &[(&'static str, T)]) -> Option<T> {
        let found = choices.iter().find(|(word, _)| *word == text.value).map(|&(_, choice)| choice);
        if found.is_none() {
            let words = choices.iter().map(|&(word, _)| word);
            let message = format!("{} is \"{}\"", self.path_of(key), shortened(text.value, 60));
            self.wrong(&text.span, message, self.findings.suggestions.help(text.value, words, "write one of"));
        }
        found
    }

    /// Notes what a name must not be.
    pub fn checked_name(&self, name: &str, span: &Range<usize>) -> bool {
        let Some((fault, help)) = name_fault(name) else { return true };
        self.wrong(span, format!("the name \"{}\" {fault}", shortened(name, 60)), help);
        false
    }

    pub(crate) fn texts_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Vec<At<String>>> {
        let Some(array) = value.get_ref().as_array() else {
            self.mistyped(key, value, "an array of names, as [\"…\", \"…\"]");
            return None;
        };
        let texts = array.iter().map(|entry| {
            let text = entry.get_ref().as_str();
            if text.is_none() {
                self.mistyped(key, entry, "text in quotes");
            }
            Some(At { value: text?.to_owned(), span: entry.span() })
        });
        // Every text is looked at before one that fails gives the rest up.
        let texts: Vec<Option<At<String>>> = texts.collect();
        texts.into_iter().collect()
    }

    pub(crate) fn pairs_of(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Vec<At<(f64, f64)>>> {
        let Some(array) = value.get_ref().as_array() else {
            self.mistyped(key, value, "an array of pairs, as [[0.0, 100], [1.0, 5_000]]");
            return None;
        };
        let pairs = array.iter().enumerate().map(|(index, entry)| {
            let key = format!("{key}[{}]", index + 1);
            let pair = entry.get_ref().as_array().filter(|pair| pair.len() == 2);
            let Some(pair) = pair else {
                self.mistyped(&key, entry, "a pair, as [0.5, 1_000]");
                return None;
            };
            let numbers: Vec<Option<At<f64>>> = pair.iter().map(|number| self.number_of(&key, number)).collect();
            let [Some(first), Some(second)] = &numbers[..] else { return None };
            Some(At { value: (first.value, second.value), span: entry.span() })
        });
        // Every pair is looked at before one that fails gives the rest up.
        let pairs: Vec<Option<At<(f64, f64)>>> = pairs.collect();
        pairs.into_iter().collect()
    }
}

/// What is wrong with a name, and what would be right.
pub fn name_fault(name: &str) -> Option<(&'static str, &'static str)> {
    let fault = if name.trim().is_empty() {
        ("is empty", "write at least one letter")
    } else if name.chars().any(is_steering) {
        ("has control or invisible characters", "use letters, digits, spaces and punctuation only")
    } else if name.chars().any(|character| character.is_whitespace() && character != ' ') {
        ("has a space of an unusual kind", "write it with the space bar's own")
    } else if name.contains(['/', '\\']) || name == "." || name == ".." {
        ("is a path", "a name may not contain `/` or `\\`, or be `.` or `..`; write `or`, `and`, or a dash")
    } else if name.chars().count() > LONGEST_NAME {
        ("is longer than 80 characters", "results are reported by name; choose a shorter one")
    } else if name.trim() != name {
        ("begins or ends with a space", "remove the space")
    } else {
        return None;
    };
    Some(fault)
}
