//! What keeps a text from being TOML.

use std::{collections::BTreeSet, path::Path};

use toml::de::Error;

use crate::{Problem, problem::Text, shortened, slips};

/// Longest message of the parser that is shown.
const LONGEST_MESSAGE: usize = 200;
/// Faults that are shown: one slip makes faults of all lines behind it, and of a file of another kind every line is one.
const MOST_FAULTS: usize = 5;
/// Endings of files that are something else.
const OTHERS: [&str; 11] = ["csv", "tsv", "parquet", "md", "json", "txt", "xlsx", "xls", "html", "yaml", "yml"];
/// What is said of such a file.
pub(crate) const NOT_TOML: &str =
    "this does not look like TOML: a scenario is a TOML file; data goes to `settle` or `fit`";

/// What the parser could not read, each fault of a line once: the first ones, and how many more there are. Beside them
/// nothing else is said: what the text says elsewhere cannot be distinguished from what a fault makes of it.
pub(crate) fn problems(errors: &[Error], text: &Text) -> (Vec<Problem>, usize) {
    let mut errors: Vec<&Error> = errors.iter().collect();
    errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    let mut known = BTreeSet::new();
    errors.retain(|error| known.insert((text.line(error.span().map_or(0, |span| span.start)), error.message())));
    let is_no_key = |error: &&Error| error.message().starts_with("key with no value");
    let is_other = is_data(text.name()) || (errors.len() >= MOST_FAULTS && errors[..MOST_FAULTS].iter().all(is_no_key));
    // Of a file of another kind, one place says as much as five.
    let shown = errors.len().min(if is_other { 1 } else { MOST_FAULTS });
    let problem = |error: &&Error| {
        let span = error.span().unwrap_or(0..0);
        let (message, help) = if text.is_withheld() {
            ("this line is not TOML".to_owned(), None)
        } else {
            (message(error), slips::in_line(text.text_of_line(text.line(span.start))))
        };
        let help = if is_other { NOT_TOML.to_owned() } else { help.unwrap_or_else(|| help_for(error).to_owned()) };
        Problem { span, message, help }
    };
    (errors[..shown].iter().map(problem).collect(), errors.len() - shown)
}

/// Whether a file's name ends as that of data or of a text for people.
pub(crate) fn is_data(file: &str) -> bool {
    let ending = Path::new(file).extension().and_then(|ending| ending.to_str()).map(str::to_lowercase);
    ending.is_some_and(|ending| OTHERS.contains(&ending.as_str()))
}

fn is_recursion(error: &Error) -> bool {
    error.message().contains("recursion")
}

/// A message of the parser.
fn message(error: &Error) -> String {
    if is_recursion(error) {
        "more than 80 levels of brackets, braces or dots".to_owned()
    } else {
        shortened(error.message(), LONGEST_MESSAGE)
    }
}

/// What would be right.
fn help_for(error: &Error) -> &'static str {
    if error.message().contains("duplicate key") {
        "a key and a table are written once; remove one, or write [[…]] for another entry of a list"
    } else if is_recursion(error) {
        "no scenario needs more than ten"
    } else {
        "this is not TOML; see https://toml.io, or start from scenarios/first-steps.toml"
    }
}
