//! Checks as a Markdown table, for a summary of a step or a comment.

use super::{Check, Checks, Verdict};

/// Most bytes that GitHub takes as the summary of one step.
pub const MOST_SUMMARY_BYTES: usize = 1_024 * 1_024;

/// Room for the line that says what was left out.
const CLOSING_BYTES: usize = 200;

/// Text in a cell of a Markdown table, shown as it is: on one line, and without a meaning for Markdown or HTML.
pub fn markdown_cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => cell += "&amp;",
            '<' => cell += "&lt;",
            '>' => cell += "&gt;",
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => cell.extend(['\\', character]),
            control if control.is_control() => cell.push(' '),
            other => cell.push(other),
        }
    }
    cell
}

/// A table, or as many of its first rows as fit into this many bytes with a line that says how many are shown.
pub(crate) fn cut_table(head: &str, rows: impl Iterator<Item = String>, most_bytes: usize) -> String {
    let mut table = head.to_owned();
    let (mut shown, mut all) = (0_usize, 0_usize);
    for row in rows {
        all += 1;
        if shown + 1 == all && table.len() + row.len() + CLOSING_BYTES <= most_bytes {
            table += &row;
            shown = all;
        }
    }
    if shown < all {
        table +=
            &format!("\nThe table is cut: {shown} of {all} rows are shown, as many as fit into {most_bytes} bytes.\n");
    }
    table
}

impl Checks {
    /// A Markdown table of all checks, those that did not pass first, of at most [`MOST_SUMMARY_BYTES`].
    pub fn markdown(&self) -> String {
        self.markdown_within(MOST_SUMMARY_BYTES)
    }

    /// The same of at most this many bytes: it ends after a whole row, with a line that says what is left out.
    fn markdown_within(&self, most_bytes: usize) -> String {
        let row = |check: &Check| {
            let verdict = match check.verdict {
                Verdict::Passed => "passed",
                Verdict::Failed => "**failed**",
                Verdict::Undecided => "**undecided**",
            };
            let [group, name, reason] = [&check.group, &check.name, &check.reason].map(|text| markdown_cell(text));
            format!("| {verdict} | {group} | {name} | {reason} |\n")
        };
        let head =
            format!("### {}\n\n{}\n\n| | | | |\n|:--|:--|:--|:--|\n", markdown_cell(&self.title), self.counted());
        let order = [Verdict::Failed, Verdict::Undecided, Verdict::Passed];
        cut_table(&head, order.into_iter().flat_map(|verdict| self.with(verdict)).map(row), most_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::alike, *};

    #[test]
    fn names_cannot_leave_their_cell() {
        assert_eq!(markdown_cell("a|b\n<b>_c_</b>"), "a\\|b &lt;b&gt;\\_c\\_&lt;/b&gt;");
    }

    #[test]
    fn a_long_summary_is_cut_after_a_whole_row() {
        let checks = alike(Verdict::Failed, 40_000);
        let whole = checks.markdown_within(usize::MAX);
        assert!(whole.len() > MOST_SUMMARY_BYTES && !whole.contains("The table is cut"));
        let cut = checks.markdown();
        assert!(cut.len() <= MOST_SUMMARY_BYTES && cut.len() > MOST_SUMMARY_BYTES - 1_000, "{}", cut.len());
        let lines: Vec<&str> = cut.lines().collect();
        let [row, empty, closing] = lines[lines.len() - 3..] else { panic!("{cut}") };
        assert!(row.starts_with("| **failed** |") && row.ends_with(" |") && empty.is_empty(), "{row}");
        assert!(closing.starts_with("The table is cut: ") && closing.contains(" of 40000 rows"), "{closing}");
    }

    #[test]
    fn what_did_not_pass_stands_first() {
        let mut checks = alike(Verdict::Passed, 3);
        checks.checks[2].verdict = Verdict::Undecided;
        let markdown = checks.markdown();
        assert!(markdown.find("**undecided**") < markdown.find("| passed |"), "{markdown}");
    }
}
