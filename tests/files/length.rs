//! A file holds one idea. One that needs more than 400 lines says why in its first lines.

use crate::sources;

/// Lines of a file that needs no reason.
const MOST_LINES: usize = 400;
/// Lines within which the reason stands, after the words that it begins with.
const FIRST_LINES: usize = 12;
const REASON: &str = "//! Over 400 lines: ";

/// Files whose reason is no property of theirs.
const KNOWN: [(&str, &str); 1] = [("crates/aco/src/text.rs", "the writer of scenarios takes its place")];

fn has_reason(text: &str) -> bool {
    let mut first = text.lines().take(FIRST_LINES);
    first.any(|line| line.strip_prefix(REASON).is_some_and(|reason| reason.len() > 10))
}

#[test]
fn a_long_file_says_why() {
    let files: Vec<(String, String)> =
        ["crates", "tests", "benches", "examples"].into_iter().flat_map(sources).collect();
    assert!(files.len() > 200, "{} files of code", files.len());
    let is_known = |name: &str| KNOWN.iter().any(|(known, _)| name.starts_with(known));
    let long: Vec<String> = files
        .iter()
        .filter(|(name, text)| text.lines().count() > MOST_LINES && !has_reason(text) && !is_known(name))
        .map(|(name, text)| format!("{name}: {} lines", text.lines().count()))
        .collect();
    assert!(long.is_empty(), "look for two ideas, or begin a line near the top with `{REASON}`: {long:#?}");
}

#[test]
fn a_reason_stands_near_the_top_and_says_something() {
    assert!(has_reason("//! Rules.\n//!\n//! Over 400 lines: one table of law.\n"));
    assert!(!has_reason("//! Rules.\n//! Over 400 lines: yes.\n"));
    assert!(!has_reason(&format!("{}//! Over 400 lines: one table of law.\n", "//!\n".repeat(FIRST_LINES))));
}
