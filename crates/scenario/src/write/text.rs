//! Numbers, strings and tables as TOML.

use toml_edit::{Key, Value};

/// A number to this many digits.
pub fn rounded(figure: f64, digits: usize) -> f64 {
    format!("{figure:.*e}", digits.max(1) - 1).parse().unwrap_or(figure)
}

/// A number to this many digits, as a person writes it: thousands apart from five digits on.
pub(super) fn number(figure: f64, digits: usize) -> String {
    let plain = rounded(figure, digits).to_string();
    let (sign, plain) = plain.strip_prefix('-').map_or(("", plain.as_str()), |plain| ("-", plain));
    match plain.split_once('.') {
        None => format!("{sign}{}", grouped(plain)),
        Some((whole, decimals)) => format!("{sign}{}.{decimals}", grouped(whole)),
    }
}

/// A whole number, every digit of it.
pub(super) fn whole(number: u64) -> String {
    grouped(&number.to_string())
}

/// Digits with thousands apart, from five digits on.
fn grouped(digits: &str) -> String {
    if digits.len() > 4 { thousands(digits) } else { digits.to_owned() }
}

/// Digits with thousands apart.
pub(super) fn thousands(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// A number with a decimal point, as one writes a factor.
pub(super) fn decimal(number: String) -> String {
    if number.contains('.') { number } else { number + ".0" }
}

/// A string.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A key, in quotes where it needs them.
pub(super) fn key_text(key: &str) -> String {
    Key::new(key).display_repr().into_owned()
}

/// A table in one line.
pub(super) fn braced(entries: impl IntoIterator<Item = String>) -> String {
    let entries: Vec<String> = entries.into_iter().collect();
    if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        let written = [0.123_456_789, 12.0, 8_100.777, 10_983.64, 1_234_567.0, -0.25, -23_456.78, 1e22];
        let written = written.map(|figure| number(figure, 6));
        let expected = [
            "0.123457",
            "12",
            "8100.78",
            "10_983.6",
            "1_234_570",
            "-0.25",
            "-23_456.8",
            "10_000_000_000_000_000_000_000",
        ];
        assert_eq!(written, expected);
        assert_eq!([number(1_234_567.891, 7), number(0.123_456_789, 7)], ["1_234_568", "0.1234568"]);
        assert_eq!([decimal(number(1.0, 6)), decimal(number(1.04, 6))], ["1.0", "1.04"]);
    }

    #[test]
    fn keys_and_strings_are_quoted_where_they_must() {
        assert_eq!([key_text("CT"), key_text("Part B drugs")], ["CT", "\"Part B drugs\""]);
        assert_eq!(quoted("a \\ b"), "'a \\ b'");
    }
}
