//! How words and numbers are shown in messages, and which known word an unknown one is like.

use std::cell::Cell;

use twosided_units::grouped;

/// Longest word for which a like one is looked for.
const LONGEST_WORD: usize = 64;
/// Known words that a message lists.
const MOST_LISTED: usize = 25;
/// Comparisons of words made for one file; a file of thousands of unknown words gets lists after that.
const MOST_COMPARISONS: usize = 300_000;
/// Likeness from which a word is suggested, and the lead over the next that it must have.
const LIKE: f64 = 0.8;
const LEAD: f64 = 0.01;

/// Words in a row, as `a, b or c`.
pub fn list<'a>(words: impl ExactSizeIterator<Item = &'a str>) -> String {
    let others = words.len().saturating_sub(MOST_LISTED);
    let quoted = words.take(MOST_LISTED).map(|word| format!("`{}`", crate::shortened(word, 60)));
    let mut quoted: Vec<String> = quoted.collect();
    if others > 0 {
        quoted.push(format!("one of {} others", count(others as u64)));
    }
    match &quoted[..] {
        [] => String::new(),
        [only] => only.clone(),
        [firsts @ .., last] => format!("{} or {last}", firsts.join(", ")),
    }
}

/// Finds known words that are like unknown ones, for as long as that takes no noticeable time.
#[derive(Debug)]
pub struct Suggestions(Cell<usize>);

impl Default for Suggestions {
    fn default() -> Self {
        Self(Cell::new(MOST_COMPARISONS))
    }
}

impl Suggestions {
    /// The one known word that is most like this one.
    pub fn nearest<'k>(&self, word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
        if word.len() > LONGEST_WORD {
            return None;
        }
        let (mut best, mut next) = ((LIKE, None), LIKE);
        for candidate in known {
            self.0.set(self.0.get().checked_sub(1)?);
            let likeness = strsim::jaro_winkler(word, candidate);
            if likeness > best.0 {
                (next, best) = (best.0, (likeness, Some(candidate)));
            } else if likeness > next {
                next = likeness;
            }
        }
        best.1.filter(|_| next == LIKE || best.0 >= next + LEAD)
    }

    /// The known words that are like this one, the likest first.
    pub fn near<'k>(&self, word: &str, known: impl Iterator<Item = &'k str>, most: usize) -> Vec<&'k str> {
        if word.len() > LONGEST_WORD {
            return Vec::new();
        }
        let likeness = |candidate: &'k str| (strsim::jaro_winkler(word, candidate), candidate);
        let mut near: Vec<(f64, &str)> =
            known.take(self.0.get()).map(likeness).filter(|&(likeness, _)| likeness > LIKE).collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        near.into_iter().take(most).map(|(_, candidate)| candidate).collect()
    }

    /// What to write instead: the nearest known word, or all of them.
    pub fn help<'k>(
        &self,
        word: &str,
        known: impl ExactSizeIterator<Item = &'k str> + Clone,
        otherwise: &str,
    ) -> String {
        match self.nearest(word, known.clone()) {
            Some(candidate) => format!("did you mean `{candidate}`?"),
            None => format!("{otherwise} {}", list(known)),
        }
    }
}

/// A number to twelve digits, without the last bits of a sum or a quotient.
pub fn figure(number: f64) -> String {
    let rounded: f64 = format!("{number:.11e}").parse().unwrap_or(number);
    match rounded.abs() {
        0.0 => "0".to_owned(),
        1e4..1e15 if rounded.fract() == 0.0 => {
            let sign = if rounded < 0.0 { "-" } else { "" };
            format!("{sign}{}", count(rounded.abs() as u64))
        }
        1e-6..1e15 => rounded.to_string(),
        _ => format!("{rounded:e}"),
    }
}

/// A count with thousands separators, from five digits on.
pub fn count(number: u64) -> String {
    digits(&number.to_string())
}

/// The digits of a whole number with thousands separators, from five digits on.
pub fn digits(digits: &str) -> String {
    if digits.len() > 4 { grouped(digits) } else { digits.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_word_is_suggested_unless_others_are_as_near() {
        let tracks = ["basic_a", "basic_e", "enhanced"];
        let suggestions = Suggestions::default();
        let help = |word| suggestions.help(word, tracks.into_iter(), "write one of");
        assert_eq!(help("enhancd"), "did you mean `enhanced`?");
        assert_eq!(help("basic_f"), "write one of `basic_a`, `basic_e` or `enhanced`");
        assert_eq!(help("commercial"), "write one of `basic_a`, `basic_e` or `enhanced`");
    }

    #[test]
    fn many_words_are_listed_in_part() {
        let words: Vec<String> = (0..1_020).map(|word| word.to_string()).collect();
        assert!(list(words.iter().map(String::as_str)).ends_with("`24` or one of 995 others"));
    }

    #[test]
    fn figures_are_rounded() {
        assert_eq!(figure(3.6 / 100.0), "0.036");
        assert_eq!(figure(0.1 + 0.2), "0.3");
        assert_eq!(figure(1e300), "1e300");
        assert_eq!(figure(-250_000.0), "-250,000");
        assert_eq!(figure(2_101.5), "2101.5");
    }
}
