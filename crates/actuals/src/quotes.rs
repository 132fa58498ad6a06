//! Quotes of a CSV file that do not go together. Readers of CSV take them as they can, and lose the rows between two of them.

use crate::csv_file::Lines;

/// Most lines of a quoted cell: no cell of a table of years has more, and one that seems to lacks its closing quote.
const MOST_LINES: usize = 20;

/// Where in a cell a character stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// Before the first character of a cell.
    Before,
    /// In a cell without quotes.
    IndependentSampler,
    /// Between two quotes.
    Quoted,
    /// Right after a quote within a quoted cell: it closes the cell, or is the first of two.
    Closed,
    /// In spaces after a closing quote.
    Padded,
}

/// What is wrong with the quotes of a file, if anything is: where it is, and what would be right.
pub(crate) fn wrong_quotes(bytes: &[u8]) -> Option<String> {
    let first = bytes.iter().position(|&byte| byte == b'"')?;
    // Without quotes, what stands before is whole cells, or a mark of the byte order.
    let opens = match &bytes[..first] {
        [] | [.., b',' | b'\n' | b'\r'] | [0xef, 0xbb, 0xbf] => State::Before,
        _ => State::IndependentSampler,
    };
    let mut lines = Lines::new(bytes);
    let (mut state, mut opened) = (opens, 0);
    for (index, &byte) in bytes.iter().enumerate().skip(first) {
        let ends_cell = matches!(byte, b',' | b'\n' | b'\r');
        state = match (state, byte) {
            (State::Before, b'"') => {
                opened = index;
                State::Quoted
            }
            (State::Quoted, b'"') => State::Closed,
            (State::Closed, b'"') | (State::Quoted, _) => State::Quoted,
            (State::IndependentSampler, b'"') => {
                let line = lines.at(index);
                return Some(format!(
                    "line {line} has a quote inside a cell that does not begin with one; put the whole cell in double \
                     quotes, and write each quote in it twice"
                ));
            }
            (State::Closed | State::Padded, _) if ends_cell => {
                let ended = bytes[opened..index].split_inclusive(|&byte| byte == b'\n').count();
                if ended > MOST_LINES {
                    let line = lines.at(opened);
                    return Some(format!(
                        "the quote that opens in line {line} is closed {} lines below; close it in its own cell, and write \
                         a quote that is part of a text twice, in a cell in double quotes",
                        ended - 1
                    ));
                }
                State::Before
            }
            (_, _) if ends_cell => State::Before,
            (State::Closed | State::Padded, b' ' | b'\t') => State::Padded,
            (State::Closed | State::Padded, _) => {
                let (from, line) = (lines.at(opened), lines.at(index));
                let from = if from == line { String::new() } else { format!(" that opens in line {from}") };
                return Some(format!(
                    "line {line} has text after the closing quote of a cell{from}; end the cell with its closing quote, and \
                     write a quote that is part of a text twice"
                ));
            }
            (State::Before | State::IndependentSampler, _) => State::IndependentSampler,
        };
    }
    (state == State::Quoted).then(|| {
        let line = lines.at(opened);
        format!("the quote that opens in line {line} is still open at the end of the file; write its closing quote")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_that_do_not_match_are_refused_with_their_line() {
        let long = format!("a\n\"{}\"\n", "x\n".repeat(MOST_LINES + 5));
        for (text, said) in [
            ("a,b\n1,\"A\n2,B\n3,C\n", "opens in line 2 is still open at the end of the file"),
            ("a,b\r\n1,2\r\n3,\"", "opens in line 3 is still open"),
            ("a,b\r1,2\r3,\"x\"\"", "opens in line 3 is still open"),
            ("a,b\n1,\"A\n2,\"B\n", "line 3 has text after the closing quote of a cell that opens in line 2;"),
            ("a,b\n1,\"A\"x\n", "line 2 has text after the closing quote of a cell;"),
            ("a,b\n1,5\" pipe\n", "line 2 has a quote inside a cell that does not begin with one"),
            ("a,\"b\"\n1, \"x\"\n", "line 2 has a quote inside a cell"),
            ("a\"b,c\n", "line 1 has a quote inside a cell"),
            (&long, "opens in line 2 is closed 25 lines below"),
        ] {
            let problem = wrong_quotes(text.as_bytes()).unwrap_or_default();
            assert!(problem.contains(said), "{text:?}: {problem}");
        }
    }

    #[test]
    fn whole_quotes_are_no_problem() {
        let long = format!("a\n\"{}\"\n", "x\n".repeat(MOST_LINES - 1));
        for text in [
            "",
            "a,b\n1,2\n",
            "\u{feff}\"a\",b\n\"1,5\",\"x\"\"y\"\n\"\",\"\"\"\"\n",
            "a,b\r\n\"x\r\ny\",\"z\" \r\n",
            "\"a\"",
            &long,
        ] {
            assert_eq!(wrong_quotes(text.as_bytes()), None, "{text:?}");
        }
    }
}
