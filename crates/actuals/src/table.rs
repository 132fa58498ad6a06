//! A file as a table of text.

use std::{collections::BTreeMap, fs::File, io::Read as _, path::Path};

use csv::StringRecord;
use polars_core::prelude::{AnyValue, ArrowDataType};
use polars_io::{SerReader, parquet::read::ParquetReader};
use twosided_files::open_input;
use twosided_form::{count, printable, shortened};

/// Largest file read.
const MOST_BYTES: u64 = 4 << 30;
/// Largest number that a file may hold: no dollar, count or score of a year is near it.
const LARGEST: f64 = 1e13;
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

/// A file as a table of text, with names for its columns.
#[derive(Clone, Debug)]
pub struct Table {
    file: String,
    headers: StringRecord,
    places: BTreeMap<String, usize>,
    rows: Vec<StringRecord>,
    /// The line of each row; of Parquet, its number.
    lines: Vec<u64>,
}

impl Table {
    /// Reads a file: Parquet if its name ends so, CSV otherwise.
    ///
    /// # Errors
    /// [`ActualsError::Unreadable`].
    pub fn load(path: &Path) -> Result<Self, ActualsError> {
        let file = printable(&path.display().to_string());
        let unreadable = |reason: String| ActualsError::Unreadable { file: file.clone(), reason };
        let opened = open_input(path, MOST_BYTES).map_err(|error| unreadable(error.to_string()))?;
        let is_parquet = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
        let read = if is_parquet { of_parquet(opened) } else { of_csv(opened) };
        let (headers, rows, lines) = read.map_err(unreadable)?;
        let mut places = BTreeMap::new();
        for (place, header) in headers.iter().enumerate() {
            places.entry(plain(header)).or_insert(place);
        }
        if rows.is_empty() {
            return Err(ActualsError::Unreadable { file, reason: "it has no row below its header".to_owned() });
        }
        Ok(Self { file, headers, places, rows, lines })
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
        self.rows.len()
    }

    /// Whether there is none; a table that was read has some.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Repeats the rows until there are so many.
    #[must_use]
    pub fn repeated(mut self, rows: usize) -> Self {
        let known = self.rows.len();
        while self.rows.len() < rows {
            let place = self.rows.len() % known;
            self.rows.push(self.rows[place].clone());
            self.lines.push(self.lines[place]);
        }
        self.rows.truncate(rows);
        self.lines.truncate(rows);
        self
    }

    /// The place of a column under any of its names; capital letters and spaces around do not count.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.places.get(&plain(name)).copied())
    }

    /// The text of a cell, without spaces around; empty where a file says that it has none.
    pub fn text(&self, row: usize, column: usize) -> &str {
        match self.rows[row].get(column).unwrap_or_default().trim() {
            "-" | "*" | "^" | "~" | "." | "NA" | "N/A" => "",
            text => text,
        }
    }

    /// The whole row as it stands.
    pub(crate) fn row(&self, row: usize) -> &StringRecord {
        &self.rows[row]
    }

    /// A number; `None` where the cell is empty.
    ///
    /// # Errors
    /// What is wrong with the cell, and what would be right.
    pub fn number(&self, row: usize, column: usize) -> Result<Option<f64>, String> {
        let text = self.text(row, column);
        if text.is_empty() {
            return Ok(None);
        }
        number_of(text).map(Some).ok_or_else(|| self.wrong(row, column, "write a number, as 1234.5 or 7.17%"))
    }

    /// Whether any cell of a column carries a percent sign.
    pub(crate) fn has_percent_signs(&self, column: usize) -> bool {
        (0..self.len()).any(|row| self.text(row, column).ends_with('%'))
    }

    /// The largest number of a column, percent signs applied.
    pub(crate) fn largest(&self, column: usize) -> f64 {
        (0..self.len()).filter_map(|row| number_of(self.text(row, column))).fold(0.0, f64::max)
    }

    /// What is said of a wrong cell.
    pub fn wrong(&self, row: usize, column: usize, help: &str) -> String {
        let value = shortened(self.rows[row].get(column).unwrap_or_default(), 60);
        let column = shortened(self.headers.get(column).unwrap_or_default(), 60);
        format!("line {}: {column} is \"{value}\"; {help}", self.lines[row])
    }

    /// What is said of a cell that must not be empty.
    pub(crate) fn empty(&self, row: usize, column: usize) -> String {
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

/// A number as CMS's files and spreadsheets write it: thousands commas, a dollar sign, a percent sign, negative in brackets.
fn number_of(text: &str) -> Option<f64> {
    let (text, percent) = text.strip_suffix('%').map_or((text, false), |number| (number.trim_end(), true));
    let plain: Option<f64> = text.parse().ok();
    let number = plain.or_else(|| {
        let (text, sign) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
            Some(text) => (text, -1.0),
            None => (text, 1.0),
        };
        without_commas(&text.replacen('$', "", 1))?.parse::<f64>().ok().map(|number| sign * number)
    });
    let number = number.map(|number| if percent { number / 100.0 } else { number });
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

type Read = (StringRecord, Vec<StringRecord>, Vec<u64>);

/// Counts lines up to places that rise, whether they end in a line feed, a carriage return or both.
struct Lines<'a> {
    bytes: &'a [u8],
    place: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line on which the first character from a place on stands.
    fn at(&mut self, place: usize) -> u64 {
        let text_starts = |at: usize| self.bytes.get(at).is_none_or(|byte| !matches!(byte, b'\r' | b'\n'));
        let mut start = place;
        while !text_starts(start) {
            start += 1;
        }
        for at in self.place..start.min(self.bytes.len()) {
            let ends = match self.bytes[at] {
                b'\n' => true,
                b'\r' => self.bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += u64::from(ends);
        }
        self.place = self.place.max(start);
        self.line
    }
}

fn of_csv(mut file: File) -> Result<Read, String> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    let mut counted = Lines { bytes: &bytes, place: 0, line: 1 };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice());
    let headers = reader.headers().map_err(|error| reason_of(&error))?.clone();
    let headers: StringRecord = headers.iter().map(|header| header.trim_start_matches('\u{feff}')).collect();
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| reason_of(&error))?;
        let line = counted.at(record.position().map_or(0, |position| position.byte() as usize));
        if record.len() != headers.len() {
            let (cells, columns) = (record.len(), headers.len());
            let other = if columns == 1 && headers.iter().any(|header| header.contains([';', '\t'])) {
                "the file seems to be separated by semicolons or tabs: save it with commas"
            } else {
                "a cell with a comma stands in double quotes"
            };
            return Err(format!("line {line} has {cells} cells, the header has {columns}; {other}"));
        }
        lines.push(line);
        rows.push(record);
    }
    Ok((headers, rows, lines))
}

fn reason_of(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Utf8 { pos, .. } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            format!("line {line} is not UTF-8 text; save the file as UTF-8")
        }
        _ => printable(&error.to_string()),
    }
}

fn is_text_or_truth(dtype: &ArrowDataType) -> bool {
    use ArrowDataType::{Boolean, LargeUtf8, Null, Utf8, Utf8View};
    matches!(dtype, Boolean | LargeUtf8 | Null | Utf8 | Utf8View)
}

/// Rows of a Parquet file are counted from one, as lines of it.
fn of_parquet(file: File) -> Result<Read, String> {
    let mut reader = ParquetReader::new(file);
    let schema = reader.schema().map_err(|error| printable(&error.to_string()))?;
    for (name, field) in schema.iter() {
        let dtype = field.dtype();
        if !(dtype.is_numeric() || is_text_or_truth(dtype)) {
            let name = shortened(name, 60);
            return Err(format!("column {name} holds {dtype:?}; write numbers, text, or true and false"));
        }
    }
    let table = reader.finish().map_err(|error| printable(&error.to_string()))?;
    let headers: StringRecord = table.get_column_names().into_iter().map(|name| name.as_str().to_owned()).collect();
    let mut rows = vec![StringRecord::new(); table.height()];
    for column in table.columns() {
        for (row, record) in rows.iter_mut().enumerate() {
            let value = column.get(row).map_err(|error| printable(&error.to_string()))?;
            let text = match value {
                AnyValue::Null => String::new(),
                AnyValue::Boolean(truth) => truth.to_string(),
                AnyValue::String(text) => text.to_owned(),
                AnyValue::StringOwned(text) => text.as_str().to_owned(),
                other => other.extract::<f64>().map(|number| number.to_string()).ok_or_else(|| {
                    let name = shortened(column.name(), 60);
                    let dtype = column.dtype();
                    format!("column {name} holds {dtype}; write numbers, text, or true and false")
                })?,
            };
            record.push_field(&text);
        }
    }
    let lines = (1..=rows.len() as u64).collect();
    Ok((headers, rows, lines))
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
        for (text, number) in
            [("1,234", 1234.0), ("$1,234.50", 1234.5), ("7.17%", 0.0717), ("(5)", -5.0), ("-3e2", -300.0)]
        {
            assert!((number_of(text).expect("a number") - number).abs() < 1e-12, "{text}");
        }
        for text in ["", "x", "nan", "inf", "1e300", "1.2.3", "0,9", "1.234,5", "12,34", "1,2345"] {
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
