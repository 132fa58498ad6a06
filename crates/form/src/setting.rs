//! Settings: values of keys given outside of a file, as `population.members=6000`, which hold as if the file said so.

use std::{fmt, ops::Range, str::FromStr};

use toml::de::DeValue;

use crate::shortened;

/// The value of one key, in place of what a file says.
///
/// It is read from `KEY=VALUE`. The key is dotted as in TOML; a part with a dot, `=` or `[` in it stands in quotes, and one with
/// blanks may. The entry of an array of tables goes by its `name`, and any entry by its number, counted from 1. The value is TOML,
/// or else text.
///
/// ```
/// use twosided_form::Setting;
///
/// let setting: Setting = "contracts.MSSP ENHANCED.terms.mssp.corridor[1].share=0.5".parse()?;
/// assert_eq!(setting.value(), "0.5");
/// # Ok::<(), twosided_form::SettingError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    text: String,
    pub(crate) parts: Vec<Part>,
    value: Range<usize>,
}

/// A part of a key, and where it stands in the setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: Name,
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Key(String),
    /// Counted from 1.
    Number(usize),
}

/// A text that is no setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// It has no equals sign behind the key.
    #[error("\"{0}\" has no value; write KEY=VALUE, such as population.members=6000")]
    NoValue(String),
    /// A part of its key is empty.
    #[error("a part of the key in \"{0}\" is empty; write KEY=VALUE, such as population.members=6000")]
    EmptyPart(String),
    /// A quoted part of its key does not end, or is no text of TOML.
    #[error("the quoted part {0} of the key is not text of TOML; end it with the quotation mark that it begins with")]
    Quotes(String),
    /// The number of an entry is none.
    #[error("{0} is no number of an entry; count from 1, such as contracts[2]")]
    Number(String),
    /// Something else than the next part stands behind a part of its key.
    #[error("\"{0}\" stands behind a part of the key; part names by dots, and write = before the value")]
    Behind(String),
    /// Its key has too many parts.
    #[error("the key has more than {} parts; no scenario needs more than twenty", MOST_PARTS)]
    TooDeep,
}

/// Most parts of a key: as many levels as TOML may have.
const MOST_PARTS: usize = 80;
/// Most characters of a text that an error shows.
pub(crate) const MOST_SHOWN: usize = 60;

impl Setting {
    /// The setting of a key to a value.
    ///
    /// # Errors
    /// [`SettingError`] for a text that is no key.
    pub fn new(key: &str, value: &str) -> Result<Self, SettingError> {
        format!("{key}={value}").parse()
    }

    /// The key, as written.
    pub fn key(&self) -> &str {
        self.text[..self.value.start].trim_end().trim_end_matches('=').trim_end()
    }

    /// The value, as written.
    pub fn value(&self) -> &str {
        &self.text[self.value.clone()]
    }

    /// Where the value begins in the setting's own text.
    pub(crate) fn start_of_value(&self) -> usize {
        self.value.start
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Setting {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let shown = |text: &str| shortened(text, MOST_SHOWN);
        let mut parts = Vec::new();
        let mut at = 0;
        loop {
            at += blanks(&text[at..]);
            let (name, length) = first_name(&text[at..])?;
            if name.is_empty() {
                let is_whole = !text.contains('=');
                let error = if is_whole { SettingError::NoValue } else { SettingError::EmptyPart };
                return Err(error(shown(text)));
            }
            parts.push(Part { name: Name::Key(name), span: at..at + length });
            at += length;
            at += blanks(&text[at..]);
            while let Some(rest) = text[at..].strip_prefix('[') {
                let length = rest.find(']').map_or(text.len() - at, |end| end + 2);
                let number = rest.split(']').next().map(str::trim).and_then(|number| number.parse().ok());
                let number = number.filter(|&number: &usize| number > 0);
                let number = number.ok_or_else(|| SettingError::Number(shown(&text[at..at + length])))?;
                parts.push(Part { name: Name::Number(number), span: at..at + length });
                at += length;
                at += blanks(&text[at..]);
            }
            if parts.len() > MOST_PARTS {
                return Err(SettingError::TooDeep);
            }
            match text[at..].chars().next() {
                Some('.') => at += 1,
                Some('=') => break,
                Some(_) => return Err(SettingError::Behind(shown(&text[at..]))),
                None => return Err(SettingError::NoValue(shown(text))),
            }
        }
        let start = at + 1 + blanks(&text[at + 1..]);
        let end = start + text[start..].trim_end().len();
        Ok(Self { text: text.to_owned(), parts, value: start..end })
    }
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// The name at the start of a text, and how many bytes it takes.
fn first_name(text: &str) -> Result<(String, usize), SettingError> {
    let Some(mark) = text.chars().next().filter(|mark| matches!(mark, '"' | '\'')) else {
        let end = text.find(['.', '[', '=']).unwrap_or(text.len());
        let name = text[..end].trim_end();
        return Ok((name.to_owned(), name.len()));
    };
    let mut is_escaped = false;
    let end = text[1..].find(|character| {
        let is_end = character == mark && !is_escaped;
        is_escaped = character == '\\' && mark == '"' && !is_escaped;
        is_end
    });
    let quoted = &text[..end.map_or(text.len(), |end| end + 2)];
    let value = end.and_then(|_| DeValue::parse(quoted).ok());
    match value.as_ref().and_then(|value| value.get_ref().as_str()) {
        Some(name) if !name.is_empty() => Ok((name.to_owned(), quoted.len())),
        _ => Err(SettingError::Quotes(shortened(quoted, MOST_SHOWN))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<String> {
        let setting: Setting = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let shown = |part: &Part| match &part.name {
            Name::Key(key) => key.clone(),
            Name::Number(number) => format!("[{number}]"),
        };
        setting.parts.iter().map(shown).chain([format!("= {}", setting.value())]).collect()
    }

    #[test]
    fn keys_are_those_of_toml_and_need_no_quotes() {
        assert_eq!(parts("a.b=1"), ["a", "b", "= 1"]);
        assert_eq!(parts(" a . b [ 2 ] . c = x = y "), ["a", "b", "[2]", "c", "= x = y"]);
        assert_eq!(parts("contracts.MSSP ENHANCED.x=1"), ["contracts", "MSSP ENHANCED", "x", "= 1"]);
        assert_eq!(parts("c.\"St. Mary's \\\"A\\\"\".x='='"), ["c", "St. Mary's \"A\"", "x", "= '='"]);
        assert_eq!(parts("c.'a\\.b=c[1]'[10][2]="), ["c", "a\\.b=c[1]", "[10]", "[2]", "= "]);
        assert_eq!(Setting::new("a.'b' ", "{ x = 1 }").map(|setting| setting.key().to_owned()), Ok("a.'b'".to_owned()));
    }

    #[test]
    fn what_is_no_setting_is_refused_with_what_would_be_right() {
        for (text, said) in [
            ("", "\"\" has no value; write KEY=VALUE"),
            ("members", "\"members\" has no value"),
            ("a.=1", "a part of the key in \"a.=1\" is empty"),
            ("=1", "a part of the key in \"=1\" is empty"),
            ("a..b=1", "is empty"),
            ("a.\"b=1", "the quoted part \"b=1 of the key is not text"),
            ("a.\"\\q\"=1", "the quoted part \"\\q\" of the key"),
            ("a.\"\"=1", "the quoted part \"\" of the key"),
            ("a[0]=1", "[0] is no number of an entry; count from 1"),
            ("a[b]=1", "[b] is no number"),
            ("a[1=1", "[1=1 is no number"),
            ("a[99999999999999999999999]=1", "is no number"),
            ("a[1]b=1", "\"b=1\" stands behind a part"),
            ("'a'b=1", "\"b=1\" stands behind a part"),
        ] {
            let error = text.parse::<Setting>().expect_err(text).to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert_eq!(format!("{}a=1", "a.".repeat(100)).parse::<Setting>(), Err(SettingError::TooDeep));
        assert_eq!(format!("a{}=1", "[1]".repeat(100)).parse::<Setting>(), Err(SettingError::TooDeep));
    }
}
