//! What keeps a text from being TOML.

use toml::de::Error;

use crate::{Problem, document::MOST_PROBLEMS, problem::Text, shortened};

/// Longest message of the parser that is shown.
const LONGEST_MESSAGE: usize = 200;

/// What the parser could not read, each fault of a line once. Beside it nothing else is said: what the text says elsewhere
/// cannot be told from what a fault makes of it.
pub(crate) fn problems(errors: &[Error], text: &Text) -> Vec<Problem> {
    let mut faults: Vec<(usize, Problem)> = Vec::new();
    for error in errors {
        if faults.len() == MOST_PROBLEMS {
            break;
        }
        let span = error.span().unwrap_or(0..0);
        let line = text.line(span.start);
        let (message, help) = fault(error.message());
        if !faults.iter().any(|(known_line, known)| *known_line == line && known.message == message) {
            faults.push((line, Problem { span, message, help: help.to_owned() }));
        }
    }
    let mut problems: Vec<Problem> = faults.into_iter().map(|(_, fault)| fault).collect();
    problems.sort_by_key(|problem| problem.span.start);
    problems
}

/// A message of the parser, and what would be right.
fn fault(message: &str) -> (String, &'static str) {
    let help = if message.contains("duplicate key") {
        "a key and a table are written once; remove one, or write [[…]] for another entry of a list"
    } else if message.contains("recursion") {
        return ("more than 80 levels of brackets, braces or dots".to_owned(), "no scenario needs more than ten");
    } else {
        "this is not TOML; see https://toml.io, or start from scenarios/first-steps.toml"
    };
    (shortened(message, LONGEST_MESSAGE), help)
}
