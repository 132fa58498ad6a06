//! What every page shares: its head, its policy, its style, and tables that a narrow screen stacks.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use twosided_form::markup;

use crate::text::{HEAVY_TAIL, heavy_tail_note};

/// A page runs no script and asks no network, whatever text it holds.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// Longest word that stays whole in the first column of a table.
const LONGEST_WORD: usize = 24;

/// Most rows of a table that print keeps on one page.
const SHORT_TABLE: usize = 10;

/// A whole page of that title and body.
pub(crate) fn page(title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · twosided" }
                style { (PreEscaped(include_str!("report.css"))) }
            }
            body { (body) }
        }
    };
    markup(&page.into_string())
}

/// One row of a table.
pub(crate) struct TableRow {
    /// What the row is of.
    pub(crate) name: String,
    /// Set apart as a total.
    pub(crate) total: bool,
    pub(crate) cells: Cells,
}

/// What stands in a row.
pub(crate) enum Cells {
    /// One figure a column.
    Figures(Vec<Markup>),
    /// A remark over all columns.
    Remark(String),
}

impl TableRow {
    pub(crate) fn new(name: &str, figures: Vec<Markup>) -> Self {
        Self { name: name.to_owned(), total: false, cells: Cells::Figures(figures) }
    }
}

/// A table of named rows under column headers, the first of which is of the names. On a narrow screen each row becomes a block
/// in which every figure stands beside its header, so that no column is out of sight. What a heavy tail is stands below it,
/// where a figure has one.
pub(crate) fn table(headers: &[String], rows: &[TableRow]) -> Markup {
    table_with_text(headers, rows, &[])
}

/// The same, where the columns of those headers hold words.
pub(crate) fn table_with_text(headers: &[String], rows: &[TableRow], of_words: &[&str]) -> Markup {
    let is_text = |header: &str| of_words.contains(&header);
    let heavy = rows.iter().filter(|row| match &row.cells {
        Cells::Figures(figures) => figures.iter().any(is_heavy),
        Cells::Remark(_) => false,
    });
    let heavy: Vec<&str> = heavy.map(|row| row.name.as_str()).collect();
    html! {
        div.wide { table.stacked.short[rows.len() <= SHORT_TABLE] {
            thead { tr { @for header in headers { th class=[is_text(header).then_some("text")] { (header) } } } }
            tbody { @for row in rows { tr.total[row.total] {
                th.long[is_long(&row.name)] scope="row" { (row.name) }
                @match &row.cells {
                    Cells::Figures(figures) => {
                        @for (header, figure) in headers[1..].iter().zip(figures) {
                            td class=[is_text(header).then_some("text")] data-of=(header) { span.figure { (figure) } }
                        }
                    }
                    Cells::Remark(remark) => td.reference colspan=(headers.len() - 1) { (remark) },
                }
            } } }
        } }
        @if !heavy.is_empty() { p.note { (heavy_tail_note(&heavy)) } }
    }
}

fn is_heavy(shown: &Markup) -> bool {
    shown.0.contains(HEAVY_TAIL)
}

/// What a heavy tail is, if what is shown has one.
pub(crate) fn heavy_tails(shown: &Markup) -> Markup {
    html! { @if is_heavy(shown) { p.note { (heavy_tail_note(&[])) } } }
}

/// A key of a scenario, which breaks after its dots and underscores alone.
pub(crate) fn key(path: &str) -> Markup {
    html! { code.key { @for part in path.split_inclusive(['.', '_']) { (part) wbr; } } }
}

/// Whether a name has a word that must break, as no column is wide enough for it.
fn is_long(name: &str) -> bool {
    name.split_whitespace().any(|word| word.chars().count() > LONGEST_WORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_policy_and_no_steering_characters() {
        let page = page("a\u{202e}b", &html! { p { "x\u{1b}[31m\u{fffe}" } });
        assert!(page.contains(
            "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\""
        ));
        assert!(!page.contains(['\u{202e}', '\u{1b}', '\u{fffe}']) && page.contains("<p>x\u{fffd}[31m\u{fffd}</p>"));
    }

    #[test]
    fn every_figure_of_a_stacked_row_says_what_it_is() {
        let headers = ["Contract", "Mean gain", "1-in-20 bad year"].map(str::to_owned);
        let rows = [
            TableRow::new("MSSP ENHANCED", vec![html! { "1" }, html! { "2" }]),
            TableRow::new(&"x".repeat(40), Vec::new()),
        ];
        let text = table(&headers, &rows).into_string();
        assert!(text.contains("<td data-of=\"1-in-20 bad year\"><span class=\"figure\">2</span></td>"));
        assert!(text.contains(">MSSP ENHANCED</th>"));
        assert_eq!(text.matches("class=\"long\"").count(), 1);
    }

    #[test]
    fn a_table_with_a_heavy_tail_says_what_that_is() {
        let headers = ["Contract", "Mean gain"].map(str::to_owned);
        let heavy = || TableRow::new("Heavy", vec![html! { "$1 " span.error { "(heavy tail)" } }]);
        let text = table(&headers, &[heavy(), TableRow::new("Light", vec![html! { "$2" }])]).into_string();
        assert!(text.ends_with(
            "a few trials decide this figure of Heavy; its error cannot be estimated, and with other \
                                trials it may be much larger.</p>"
        ));
        // A name says nothing of the figures.
        let text = table(&headers, &[TableRow::new("Light (heavy tail)", vec![html! { "$2" }])]).into_string();
        assert!(!text.contains("a few trials decide"));
    }

    #[test]
    fn a_key_breaks_between_its_words_alone() {
        let text = key("terms.care_management").into_string();
        assert_eq!(text, "<code class=\"key\">terms.<wbr>care_<wbr>management<wbr></code>");
    }
}
