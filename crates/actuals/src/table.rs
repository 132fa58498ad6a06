//! A file as a table of text.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use csv::StringRecord;
use twosided_files::open_input;
use twosided_form::{count, printable, shortened};

use crate::{csv_file, parquet_file};

/// Most bytes of a file, and of the text of its cells.
pub const MOST_BYTES: u64 = 512 << 20;
/// Most rows of a file, and most cells.
const MOST_ROWS: u64 = 5_000_000;
const MOST_CELLS: u64 = 100_000_000;

/// Largest number that a file may hold: no dollar, count or score of a year is near it.
const LARGEST: f64 = 1e13;
/// A column whose numbers reach this may be one of dollars.
const LEAST_AMOUNT: f64 = 1_000.0;
/// Most unknown columns that are named.
const MOST_NAMED: usize = 10;
/// Most problems of one file that are listed.
const MOST_PROBLEMS: usize = 50;

/// Data that cannot be settled.
#[derive(Debug, thiserror::Error)]
pub enum ActualsError {
    /// The file cannot be read at all.
    #[error("cannot read {file}: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why, and what would be right.
        reason: String,
    },
    /// Something in it is wrong.
    #[error("{}", listed(file, problems))]
    Invalid {
        /// The file.
        file: String,
        /// Each problem with its line, column, value and what would be right.
        problems: Vec<String>,
    },
}

fn listed(file: &str, problems: &[String]) -> String {
    let plural = if problems.len() == 1 { "" } else { "s" };
    let mut text = format!("{file} has {} problem{plural}", count(problems.len() as u64));
    for problem in problems.iter().take(MOST_PROBLEMS) {
        text.push_str("\n  ");
        text.push_str(problem);
    }
    if problems.len() > MOST_PROBLEMS {
        text.push_str(&format!("\n  … and {} more", count((problems.len() - MOST_PROBLEMS) as u64)));
    }
    text
}

/// The message for a file with too many rows or cells; none if there are not too many.
pub(crate) fn too_many(rows: u64, columns: u64) -> Option<String> {
    let split = "split it, or leave columns out";
    if rows > MOST_ROWS {
        return Some(format!("it has more than {} rows; {split}", count(MOST_ROWS)));
    }
    (rows.saturating_mul(columns) > MOST_CELLS)
        .then(|| format!("it has more than {} cells; {split}", count(MOST_CELLS)))
}

/// The cells of one column, one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column {
    text: String,
    /// Where each cell ends.
    ends: Vec<u32>,
}

impl Column {
    /// Adds a cell.
    pub(crate) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len() as u32);
    }

    fn cell(&self, row: usize) -> &str {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[row] as usize]
    }
}

/// What a file holds.
pub(crate) struct Cells {
    pub(crate) headers: StringRecord,
    pub(crate) columns: Vec<Column>,
    /// The line of each row; of Parquet, its number.
    pub(crate) lines: Vec<u64>,
}

/// A file as a table of text, with names for its columns.
#[derive(Clone, Debug)]
pub struct Table {
    file: String,
    headers: StringRecord,
    indices: BTreeMap<String, usize>,
    columns: Vec<Column>,
    lines: Vec<u64>,
}

/// Figures as CMS's files and other programs write those that they do not give.
const NO_FIGURE: [&str; 11] = [
    "NQ",
    "NaN",
    "NULL",
    "#N/A",
    "#NA",
    "<NA>",
    "None",
    "Not Available",
    "Not Applicable",
    "Not Reported",
    "Too Few to Report",
];

impl Table {
    /// Reads a file: Parquet if its name ends so, CSV otherwise.
    ///
    /// # Errors
    /// [`ActualsError::Unreadable`].
    pub fn load(path: &Path) -> Result<Self, ActualsError> {
        let file = printable(&path.display().to_string());
        let unreadable = |reason: String| ActualsError::Unreadable { file: file.clone(), reason };
        let opened = open_input(path, MOST_BYTES).map_err(|error| unreadable(error.to_string()))?;
        let ends_in = |ending| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending));
        let read =
            if ends_in("parquet") { parquet_file::read(opened) } else { csv_file::read(opened, ends_in("toml")) };
        let Cells { headers, columns, lines } = read.map_err(unreadable)?;
        let mut indices = BTreeMap::new();
        for (index, header) in headers.iter().enumerate() {
            indices.entry(plain(header)).or_insert(index);
        }
        if lines.is_empty() {
            return Err(ActualsError::Unreadable { file, reason: "it has no row below its header".to_owned() });
        }
        Ok(Self { file, headers, indices, columns, lines })
    }

    /// The file's name, safe to print.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Names of the columns.
    pub fn headers(&self) -> &StringRecord {
        &self.headers
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none; a table that was read has some.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Repeats the rows until there are this many.
    #[must_use]
    pub fn repeated(mut self, rows: usize) -> Self {
        let known = self.len();
        for column in &mut self.columns {
            let cells = std::mem::take(column);
            (0..rows).for_each(|row| column.push(cells.cell(row % known)));
        }
        self.lines = (0..rows).map(|row| self.lines[row % known]).collect();
        self
    }

    /// How many bytes of text a column has.
    pub(crate) fn bytes(&self, column: usize) -> u64 {
        self.columns[column].text.len() as u64
    }

    /// The place of a column under any of its names; capital letters and spaces around do not count.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.indices.get(&plain(name)).copied())
    }

    /// The text of a cell, without spaces around; empty where a file says that it has none.
    pub fn text(&self, row: usize, column: usize) -> &str {
        match self.raw(row, column).trim() {
            "-" | "*" | "^" | "~" | "." | "NA" | "N/A" => "",
            text => text,
        }
    }

    /// The text of a cell that holds a figure or a yes or no; empty also where a word says that there is no figure.
    pub(crate) fn figure_text(&self, row: usize, column: usize) -> &str {
        let text = self.text(row, column);
        if NO_FIGURE.iter().any(|word| word.eq_ignore_ascii_case(text)) { "" } else { text }
    }

    /// A cell as it stands.
    pub(crate) fn raw(&self, row: usize, column: usize) -> &str {
        self.columns[column].cell(row)
    }

    /// A number; `None` where the cell is empty.
    ///
    /// # Errors
    /// What is wrong with the cell, and what would be right.
    pub fn number(&self, row: usize, column: usize) -> Result<Option<f64>, String> {
        let text = self.figure_text(row, column);
        if text.is_empty() {
            return Ok(None);
        }
        number_of(text).map(Some).ok_or_else(|| self.wrong(row, column, "write a number, as 1234.5"))
    }

    /// A number that may be a percentage, with whether it carries a percent sign, which is not applied.
    pub(crate) fn number_or_percentage(&self, row: usize, column: usize) -> Result<Option<(f64, bool)>, String> {
        let text = self.figure_text(row, column);
        if text.is_empty() {
            return Ok(None);
        }
        let (digits, is_percentage) = text.strip_suffix('%').map_or((text, false), |digits| (digits.trim_end(), true));
        let number = number_of(digits).ok_or_else(|| self.wrong(row, column, "write a number, as 0.0717 or 7.17%"))?;
        Ok(Some((number, is_percentage)))
    }

    /// Names the columns of amounts that are not among those of a file's kind, given one a line, if there are any.
    pub(crate) fn unknown_amounts(&self, known: &str) -> Option<String> {
        let known: BTreeSet<&str> = known.lines().collect();
        let is_amount = |column: usize| {
            (0..self.len())
                .any(|row| matches!(self.number(row, column), Ok(Some(number)) if number.abs() >= LEAST_AMOUNT))
        };
        let unknown: Vec<String> = (self.headers.iter().enumerate())
            .filter(|&(column, header)| !known.contains(plain(header).as_str()) && is_amount(column))
            .map(|(_, header)| shortened(header, 40))
            .collect();
        (!unknown.is_empty()).then(|| {
            let (shown, more) = unknown.split_at(unknown.len().min(MOST_NAMED));
            let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            let names = shown.join(", ");
            format!("unknown columns of amounts, which are not used: {names}{more}; if they are part of the settlement, ours differs")
        })
    }

    /// What is said of columns of a file's kind, given one a line, that stand more than once: which one counts is unknown.
    pub(crate) fn standing_twice(&self, known: &str) -> Vec<String> {
        let known: BTreeSet<&str> = known.lines().collect();
        let headers = self.headers.iter().enumerate();
        let twice = headers.filter_map(|(index, header)| {
            let (plain, shown) = (plain(header), shortened(header.trim(), 60));
            let first =
                self.indices.get(&plain).copied().filter(|&first| first < index && known.contains(plain.as_str()))?;
            Some(format!("the column {shown} stands twice, as columns {} and {}; remove one", first + 1, index + 1))
        });
        twice.collect()
    }

    /// What is said of a wrong cell.
    pub fn wrong(&self, row: usize, column: usize, help: &str) -> String {
        let value = shortened(self.raw(row, column), 60);
        let column = shortened(self.headers.get(column).unwrap_or_default(), 60);
        format!("line {}: {column} is \"{value}\"; {help}", self.lines[row])
    }

    /// What is said of a cell that must not be empty.
    pub(crate) fn empty(&self, row: usize, column: usize) -> String {
        if !self.raw(row, column).trim().is_empty() {
            return self.wrong(row, column, "that is no figure, and one is needed to settle the row");
        }
        let column = shortened(self.headers.get(column).unwrap_or_default(), 60);
        format!("line {}: {column} is empty; it is needed to settle the row", self.lines[row])
    }

    /// The line of a row.
    pub fn line(&self, row: usize) -> u64 {
        self.lines[row]
    }

    /// The file with problems, if there are any.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`] with the problems.
    pub fn checked<T>(&self, value: T, problems: Vec<String>) -> Result<T, ActualsError> {
        if problems.is_empty() {
            return Ok(value);
        }
        Err(ActualsError::Invalid { file: self.file.clone(), problems })
    }
}

/// A column's name as it is compared.
fn plain(name: &str) -> String {
    name.trim().trim_start_matches('\u{feff}').to_lowercase()
}

/// A number as CMS's files and spreadsheets write it: thousands commas, a dollar sign, a minus sign of either kind, negative in
/// brackets.
fn number_of(text: &str) -> Option<f64> {
    let plain: Option<f64> = text.parse().ok();
    let number = plain.or_else(|| {
        let text = text.replacen('\u{2212}', "-", 1);
        let (text, sign) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            Some(text) => (text, -1.0),
            None => (text.as_str(), 1.0),
        };
        let (text, sign) = match text.strip_prefix('-') {
            Some(text) if sign < 0.0 || text.starts_with(['-', '+']) => return None,
            Some(text) => (text, -1.0),
            None => (text, sign),
        };
        let text = text.strip_prefix('$').map_or(text, str::trim_start);
        let number = without_commas(text)?.parse::<f64>().ok().filter(|number| sign > 0.0 || *number >= 0.0);
        number.map(|number| sign * number)
    });
    number.filter(|number| number.abs() <= LARGEST)
}

/// Digits without the commas between their groups of three, or without commas at all.
fn without_commas(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let (whole, decimals) = text.split_once('.').map_or((text, None), |(whole, decimals)| (whole, Some(decimals)));
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let first = groups.next().unwrap_or_default();
    let grouped = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    (grouped && !decimals.is_some_and(|decimals| decimals.contains(','))).then(|| text.replace(',', ""))
}

/// Where a file was read from, for tests of the readers.
#[cfg(test)]
pub(crate) fn test_file(name: &str, text: &str) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("twosided-{}-{name}", std::process::id()));
    std::fs::write(&path, text).expect("the folder for temporary files can be written");
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_files_write_them() {
        for (text, number) in [
            ("1,234", 1234.0),
            ("$1,234.50", 1234.5),
            ("$ 5000", 5000.0),
            ("-$5", -5.0),
            ("\u{2212}5", -5.0),
            ("(5)", -5.0),
            ("-3e2", -300.0),
        ] {
            assert!((number_of(text).expect("a number") - number).abs() < 1e-12, "{text}");
        }
        for text in [
            "", "x", "nan", "inf", "1e300", "1.2.3", "0,9", "1.234,5", "12,34", "1,2345", "7%", "--5", "$-$5", "(-5)",
            "-$-5",
        ] {
            assert_eq!(number_of(text), None, "{text}");
        }
    }

    #[test]
    fn headers_are_found_by_any_name_whatever_their_case() {
        let path = test_file("headers.csv", "\u{feff}ACO_ID,Sav_Rate\nA1,\"1,500\"\n");
        let table = Table::load(&path).expect("it is a table");
        assert_eq!(table.column(&["aco_id"]), Some(0));
        assert_eq!(table.column(&["Savings", "sav_rate"]), Some(1));
        assert_eq!(table.number(0, 1), Ok(Some(1500.0)));
        std::fs::remove_file(path).expect("it was written above");
    }

    #[test]
    fn lines_are_counted_however_they_end() {
        for (name, end) in [("lf.csv", "\n"), ("crlf.csv", "\r\n"), ("cr.csv", "\r")] {
            let path = test_file(name, &["a,b", "1,2", "\"x", "y\",2", "", "3,4", ""].join(end));
            let table = Table::load(&path).expect("it is a table");
            assert_eq!(table.lines, [2, 3, 6], "{name}");
            std::fs::remove_file(path).expect("it was written above");
        }
    }

    #[test]
    fn a_row_of_another_length_is_refused_with_its_line() {
        let path = test_file("ragged.csv", "a,b\n1,2\n1,2,3\n");
        let error = Table::load(&path).expect_err("the row is too long").to_string();
        assert!(error.contains("line 3 has 3 cells"), "{error}");
        std::fs::remove_file(path).expect("it was written above");
    }
}
