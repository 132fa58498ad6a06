//! What keeps a text from being TOML.

use toml::de::Error;

use crate::{Problem, document::MOST_PROBLEMS, problem::Text, shortened};

/// Longest message of the parser that is shown.
const LONGEST_MESSAGE: usize = 200;

/// Adds what the parser could not read, each fault of a line once, and takes away the problems that follow from it: what
/// looks absent, and what stands where the parser stumbled.
pub(crate) fn add(errors: &[Error], text: &Text, problems: &mut Vec<Problem>) {
    if errors.is_empty() {
        return;
    }
    let mut faults: Vec<(usize, Problem)> = Vec::new();
    for error in errors {
        if faults.len() == MOST_PROBLEMS {
            break;
        }
        let span = error.span().unwrap_or(0..0);
        let line = text.line(span.start);
        let (message, help) = fault(error.message());
        if !faults.iter().any(|(known_line, known)| *known_line == line && known.message == message) {
            faults.push((line, Problem { span, message, help: help.to_owned(), missing: false }));
        }
    }
    problems.retain(|problem| {
        let follows = |(line, fault): &(usize, Problem)| {
            problem.span.start <= text.span_of_line(*line).end && problem.span.end >= fault.span.start
        };
        !problem.missing && !faults.iter().any(follows)
    });
    problems.extend(faults.into_iter().map(|(_, fault)| fault));
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
