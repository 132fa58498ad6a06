//! A TOML file written back with nothing in it that steers a terminal, and with the same values.

use std::borrow::Cow;

use toml::de::DeValue;
use toml_parser::{Source, lexer::TokenKind};

use crate::steering::is_steering;

/// A text of TOML that says the same and is safe to print: in strings what could steer a terminal, or reorder or hide text,
/// is written by its number, `\u202e`; elsewhere, in remarks, it becomes a question mark.
pub fn toml_text(text: &str) -> Cow<'_, str> {
    let text = Cow::Borrowed(text);
    if !text.chars().any(is_to_replace) {
        return text;
    }
    let source = Source::new(&text);
    let tokens = source.lex().map(|token| {
        let raw = source.get(token).map_or("", |raw| raw.as_str());
        match token.kind() {
            _ if !raw.chars().any(is_to_replace) => raw.to_owned(),
            TokenKind::BasicString | TokenKind::MlBasicString => raw.chars().map(escaped).collect(),
            TokenKind::LiteralString | TokenKind::MlLiteralString => basic(raw),
            _ => raw.chars().map(|character| if is_to_replace(character) { '?' } else { character }).collect(),
        }
    });
    Cow::Owned(tokens.collect())
}

/// Line ends and tabs are part of the layout.
fn is_to_replace(character: char) -> bool {
    is_steering(character) && !matches!(character, '\n' | '\r' | '\t')
}

fn escaped(character: char) -> String {
    match u32::from(character) {
        _ if !is_to_replace(character) => character.to_string(),
        code @ ..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    }
}

/// A string in single quotes, which knows no escapes, as one in double quotes.
fn basic(raw: &str) -> String {
    let value = DeValue::parse(raw).ok().and_then(|value| Some(value.into_inner().as_str()?.to_owned()));
    let content: String = value
        .unwrap_or_default()
        .chars()
        .map(|character| match character {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            other => escaped(other),
        })
        .collect();
    format!("\"{content}\"")
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    fn values(text: &str) -> Vec<(String, String)> {
        let table = DeTable::parse(text).unwrap_or_else(|error| panic!("{error} in {text}"));
        let pairs = table.get_ref().iter().map(|(key, value)| {
            (key.get_ref().to_string(), value.get_ref().as_str().map_or_else(|| "other".to_owned(), str::to_owned))
        });
        pairs.collect()
    }

    #[test]
    fn a_toml_text_steers_nothing_and_says_the_same() {
        let text = "# \u{9b}31mred \u{202e}\r\na = \"x\u{9b}\\n\u{202e}\" # \u{1fffe}\nb = 'C:\\\u{200b}\"\t'\nc = \"\"\"\n1 \u{e0041}\r\n\\\\ \"\"\"\n\
            d = '''\n\\\"\u{2066}\n'x' '''\n\"k\u{ad}\" = 1\n'l\u{ad}' = [\"\u{feff}\", 1.5]\n";
        let written = toml_text(text);
        assert!(!written.chars().any(is_to_replace), "{written:?}");
        assert!(
            written.starts_with("# ?31mred ?\r\na = \"x\\u009b\\n\\u202e\" # ?\nb = \"C:\\\\\\u200b\\\"\\t\"\n"),
            "{written}"
        );
        assert_eq!(values(&written), values(text));
        assert_eq!(toml_text(&written), written);
        let plain = "# é\r\na = 'x\ty'\n";
        assert!(matches!(toml_text(plain), Cow::Borrowed(same) if same == plain));
    }
}
