//! Files of another kind that are given as tables.

use twosided_form::Document;

use crate::Table;

/// First bytes of files that are no CSV, in capital letters or not, and what they are.
const BEGINNINGS: [(&[u8], &str); 5] = [
    (b"PAR1", "this is Parquet, not CSV; give its name the ending .parquet"),
    (b"PK\x03\x04", "this is a workbook or an archive, not CSV; save the sheet as CSV"),
    (b"%PDF", "this is PDF, not CSV"),
    (b"<!doctype", "this is a web page, not CSV; download the file itself"),
    (b"<html", "this is a web page, not CSV; download the file itself"),
];
/// Largest text that is looked at for being TOML.
const MOST_TOML: usize = 1 << 20;
/// What is said of TOML.
const TOML: &str = "this is TOML, not CSV; a file of terms comes before its data, as in `settle terms TERMS.toml DATA`";

/// What a file is in place of CSV, if that can be told.
pub(crate) fn no_csv(bytes: &[u8], is_named_toml: bool) -> Option<&'static str> {
    let begins = |beginning: &[u8]| bytes.get(..beginning.len()).is_some_and(|at| at.eq_ignore_ascii_case(beginning));
    let beginning = BEGINNINGS.iter().find(|(beginning, _)| begins(beginning)).map(|&(_, said)| said);
    beginning.or_else(|| (is_named_toml || is_toml(bytes)).then_some(TOML))
}

/// Whether a text has tables or keys as TOML has them.
fn is_toml(bytes: &[u8]) -> bool {
    let Some(text) = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= MOST_TOML) else { return false };
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    (line.starts_with('[') || line.contains('='))
        && Document::new("", text).read(|root| Some(root.names().next().is_some())).is_ok_and(|(has_keys, _)| has_keys)
}

/// Columns that the results of each program have, and those of the other do not.
const MSSP: [&str; 3] = ["N_AB", "ABtotBnchmk", "ABtotExp"];
const REACH: [&str; 2] = ["risk_arrangement", "final_benchmark"];

/// What is said of a table without the columns of the Shared Savings Program's results that is one of REACH.
pub(crate) fn reach_in_place_of_mssp(table: &Table) -> Option<String> {
    has_all(table, &REACH).then(|| "this looks like the REACH file; use `settle reach`".to_owned())
}

/// What is said of a table without the columns of REACH's results that is one of the Shared Savings Program.
pub(crate) fn mssp_in_place_of_reach(table: &Table) -> Option<String> {
    has_all(table, &MSSP).then(|| "this looks like the Shared Savings Program's file; use `settle mssp`".to_owned())
}

fn has_all(table: &Table, columns: &[&str]) -> bool {
    columns.iter().all(|column| table.column(&[column]).is_some())
}
