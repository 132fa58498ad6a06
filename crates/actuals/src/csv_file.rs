//! CSV as cells.

use std::{fs::File, io::Read as _};

use csv::{ReaderBuilder, StringRecord};
use twosided_form::printable;

use crate::{
    other_kind::no_csv,
    quotes::wrong_quotes,
    table::{Cells, Column, too_many},
};

/// Separators that files have instead of commas.
const OTHER_SEPARATORS: [(u8, &str); 3] = [(b';', "semicolons"), (b'\t', "tabs"), (b'|', "vertical bars")];

/// Counts lines up to places that rise, whether they end in a line feed, a carriage return or both.
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    index: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, index: 0, line: 1 }
    }

    /// The line on which the first character from a place on stands.
    pub(crate) fn at(&mut self, index: usize) -> u64 {
        let text_starts = |at: usize| self.bytes.get(at).is_none_or(|byte| !matches!(byte, b'\r' | b'\n'));
        let mut start = index;
        while !text_starts(start) {
            start += 1;
        }
        for at in self.index..start.min(self.bytes.len()) {
            let ends = match self.bytes[at] {
                b'\n' => true,
                b'\r' => self.bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            self.line += u64::from(ends);
        }
        self.index = self.index.max(start);
        self.line
    }
}

pub(crate) fn read(mut file: File, is_named_toml: bool) -> Result<Cells, String> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if let Some(problem) = no_csv(&bytes, is_named_toml) {
        return Err(problem.to_owned());
    }
    if let Some(problem) = other_separator(&bytes).or_else(|| wrong_quotes(&bytes)) {
        return Err(problem);
    }
    let mut counted = Lines::new(&bytes);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice());
    let headers = reader.headers().map_err(|error| reason_of(&error))?.clone();
    let headers: StringRecord = headers.iter().map(|header| header.trim_start_matches('\u{feff}')).collect();
    let mut columns = vec![Column::default(); headers.len()];
    let mut lines = Vec::new();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| reason_of(&error))? {
        let line = counted.at(record.position().map_or(0, |position| position.byte() as usize));
        if record.len() != headers.len() {
            let (cells, columns) = (record.len(), headers.len());
            return Err(format!(
                "line {line} has {cells} cells, the header has {columns}; a cell with a comma stands in double quotes"
            ));
        }
        lines.push(line);
        if let Some(problem) = too_many(lines.len() as u64, columns.len() as u64) {
            return Err(problem);
        }
        columns.iter_mut().zip(&record).for_each(|(column, cell)| column.push(cell));
    }
    Ok(Cells { headers, columns, lines })
}

/// What to say of a file whose header and first row have more cells by another separator than by commas.
fn other_separator(bytes: &[u8]) -> Option<String> {
    let by_commas = cells_of_two(bytes, b',').0;
    let (_, name) = OTHER_SEPARATORS.into_iter().find(|&(separator, _)| {
        let (header, row) = cells_of_two(bytes, separator);
        header > by_commas && row.is_none_or(|row| row == header)
    })?;
    Some(format!("its cells seem to be separated by {name}; save the file with commas between them"))
}

/// How many cells the header has by a separator, and the first row, if there is one.
fn cells_of_two(bytes: &[u8], separator: u8) -> (usize, Option<usize>) {
    let mut reader = ReaderBuilder::new().flexible(true).has_headers(false).delimiter(separator).from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let mut next = || reader.read_byte_record(&mut record).is_ok_and(|found| found).then(|| record.len());
    (next().unwrap_or_default(), next())
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
