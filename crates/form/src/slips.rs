//! Numbers as people write them and TOML does not: `9,700`, `$800`, `85%`, in quotes or without.

use crate::figure;

/// What a number may be where one is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numeral {
    /// Any number.
    Number,
    /// A share, which a percent is a hundredth of.
    Share,
}

/// A number with separators, a dollar or a percent sign.
struct Written {
    /// The digits with `_` for separators.
    grouped: String,
    /// The same without separators.
    plain: String,
    percent: bool,
}

impl Written {
    fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let (sign, text) = text.strip_prefix('-').map_or(("", text), |text| ("-", text));
        let text = text.strip_prefix('$').unwrap_or(text).trim_start();
        let (text, percent) = text.strip_suffix('%').map_or((text, false), |text| (text.trim_end(), true));
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let mut groups = whole.split([',', '_']);
        let first = groups.next()?;
        let is_whole = is_digits(first)
            && (whole.len() == first.len() || first.len() <= 3)
            && groups.all(|group| group.len() == 3 && is_digits(group));
        if !is_whole || !fraction.is_none_or(is_digits) || text.len() > 30 {
            return None;
        }
        let fraction = fraction.map(|fraction| format!(".{fraction}")).unwrap_or_default();
        let trimmed = match whole.trim_start_matches('0') {
            "" => "0",
            _ if whole.starts_with('0') && whole.contains([',', '_']) => return None,
            trimmed => trimmed,
        };
        let grouped = format!("{sign}{}{fraction}", trimmed.replace(',', "_"));
        Some(Self { plain: grouped.replace('_', ""), grouped, percent })
    }

    /// The same as TOML has it.
    fn corrected(&self, numeral: Numeral) -> Option<String> {
        let number: f64 = self.plain.parse().ok()?;
        let is_percent = self.percent || (numeral == Numeral::Share && (2.0..=100.0).contains(&number));
        if is_percent {
            return (numeral == Numeral::Share).then(|| figure(number / 100.0));
        }
        Some(if self.grouped == self.plain {
            self.plain.clone()
        } else {
            format!("{} or {}", self.grouped, self.plain)
        })
    }
}

/// What to write in place of a number that stands in quotes.
pub(crate) fn in_quotes(text: &str, numeral: Numeral) -> Option<String> {
    Written::of(text)?.corrected(numeral)
}

/// What to write in place of a number in a line that is not TOML.
pub(crate) fn in_line(line: &str) -> Option<String> {
    let mut numbers = line.split('=').skip(1).filter_map(|rest| {
        let rest = rest.trim_start();
        let end = rest.find(|c: char| !(c.is_ascii_digit() || "$%,._-".contains(c))).unwrap_or(rest.len());
        let text = rest[..end].trim_end_matches(',');
        if !text.contains(['$', '%', ',']) {
            return None;
        }
        let written = Written::of(text)?;
        if written.percent {
            let share = written.corrected(Numeral::Share)?;
            return Some(format!("write {share}: a percent is written as a decimal"));
        }
        Some(format!("write {}", written.corrected(Numeral::Number)?))
    });
    numbers.next()
}

/// The part of a help that shows a key with a table of one number, as `benchmark = { per_capita = 11_800 }`, with another
/// number in it.
pub(crate) fn example(help: &str, key: &str, number: &str) -> Option<String> {
    let start = format!("{key} = {{ ");
    let (_, rest) = help.split_once(&start)?;
    let (inner, _) = rest.split_once(" }")?;
    let (inner_key, value) = inner.split_once(" = ")?;
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || b"_.-".contains(&byte));
    is_number.then(|| format!("{start}{inner_key} = {number} }}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_as_people_write_it_is_corrected() {
        let in_line = |line| in_line(line).unwrap_or_default();
        assert_eq!(in_line("per_capita = 9,700"), "write 9_700 or 9700");
        assert_eq!(in_line("benchmark = { per_capita = 1,009,700.50 }"), "write 1_009_700.50 or 1009700.50");
        assert_eq!(in_line("pmpm = $800"), "write 800");
        assert_eq!(in_line("pmpm=-$1,800 # a year"), "write -1_800 or -1800");
        assert_eq!(in_line("quality_score = 85%"), "write 0.85: a percent is written as a decimal");
        for line in ["a = 5", "a = { b = 9, c = 10 }", "a = 9,70", "a = 1,0000", "a = $", "a = \"85%\"", "x"] {
            assert_eq!(in_line(line), "", "{line}");
        }
        assert_eq!(in_quotes("85%", Numeral::Share).as_deref(), Some("0.85"));
        assert_eq!(in_quotes("85", Numeral::Share).as_deref(), Some("0.85"));
        assert_eq!(in_quotes("4%", Numeral::Number), None);
        assert_eq!(in_quotes(" $ 800 ", Numeral::Number).as_deref(), Some("800"));
        assert_eq!(in_quotes("many", Numeral::Number), None);
    }

    #[test]
    fn an_example_has_the_users_own_number() {
        let help = "give the target, as benchmark = { per_capita = 11_800 }";
        assert_eq!(example(help, "benchmark", "9_700").as_deref(), Some("benchmark = { per_capita = 9_700 }"));
        assert_eq!(example("as trend = { mean = 1.03, cv = 0.02 }", "trend", "1.04"), None);
        assert_eq!(example("none", "trend", "1.04"), None);
    }
}
