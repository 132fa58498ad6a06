//! Rows by what they are called.

use twosided_form::{Suggestions, shortened};

/// Most rows that are named where one is not found.
const NEAR: usize = 3;

/// A row as a person may call it.
pub(crate) struct SegmentName<'a> {
    /// Its identifier.
    pub(crate) identifier: &'a str,
    /// Its name; empty where it has none.
    pub(crate) name: &'a str,
}

/// The row that is wanted, by its identifier or counted from one.
///
/// # Errors
/// What is said where there is none, with those that are like it. `column` is where identifiers stand.
pub(crate) fn find(wanted: &str, rows: &[SegmentName<'_>], column: &str) -> Result<usize, String> {
    let by_identifier = rows.iter().position(|row| row.identifier.eq_ignore_ascii_case(wanted.trim()));
    let by_number = || wanted.parse::<usize>().ok()?.checked_sub(1).filter(|&row| row < rows.len());
    by_identifier.or_else(by_number).ok_or_else(|| {
        let lower = wanted.to_lowercase();
        let in_name = |row: &&SegmentName<'_>| wanted.len() > 2 && row.name.to_lowercase().contains(&lower);
        let mut near: Vec<String> = (rows.iter().filter(in_name).take(NEAR))
            .map(|row| format!("{} ({})", shortened(row.identifier, 40), shortened(row.name, 60)))
            .collect();
        if near.is_empty() {
            let identifiers = rows.iter().map(|row| row.identifier);
            let like = Suggestions::default().near(wanted, identifiers, NEAR);
            near = like.into_iter().map(|identifier| shortened(identifier, 40)).collect();
        }
        let help = if near.is_empty() {
            format!("give what stands in {column}, or a row's number from 1 to {}", rows.len())
        } else {
            format!("did you mean {}?", near.join(", "))
        };
        format!("no row is \"{}\"; {help}", shortened(wanted, 40))
    })
}
