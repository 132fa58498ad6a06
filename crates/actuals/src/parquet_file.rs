//! Parquet as cells: columns of numbers, text, or true and false, each value as the text that a CSV file would have.

use std::fs::File;

use csv::StringRecord;
use parquet::{
    basic::{Compression, ConvertedType, LogicalType, Type as Physical},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{DataType, FixedLenByteArray},
    file::{
        metadata::ParquetMetaData,
        reader::{FileReader, RowGroupReader},
        serialized_reader::SerializedFileReader,
    },
    schema::types::ColumnDescriptor,
};
use twosided_form::{count, shortened};

use crate::{
    quiet::without_panic,
    table::{Cells, Column, MOST_BYTES, too_many},
};

/// Most digits of a decimal number.
const MOST_DIGITS: i32 = 38;
/// Records decoded at once.
const AT_ONCE: usize = 8_192;

/// How the values of a column are written as text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    IndependentSampler,
    Unsigned,
    Half,
    /// An integer in units of 10 to the minus this.
    Decimal(u32),
}

/// Rows of a Parquet file are counted from one, as lines of it.
pub(crate) fn read(file: File) -> Result<Cells, String> {
    // The library returns errors for what is corrupt; a panic of it is one more.
    let read = without_panic(|| {
        let reader = SerializedFileReader::new(file).map_err(|error| corrupt(&error))?;
        cells(&reader)
    });
    read.unwrap_or_else(|| Err("it is not a whole Parquet file".to_owned()))
}

fn corrupt(error: &parquet::errors::ParquetError) -> String {
    format!("it is not a whole Parquet file: {}", shortened(&error.to_string(), 200))
}

fn cells(reader: &SerializedFileReader<File>) -> Result<Cells, String> {
    let metadata = reader.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let forms: Vec<Form> = schema.columns().iter().map(|column| form_of(column)).collect::<Result<_, _>>()?;
    let rows = counted_rows(metadata)?;
    let headers: StringRecord = schema.columns().iter().map(|column| column.name()).collect();
    let mut columns = vec![Column::default(); forms.len()];
    let mut bytes = 0;
    for group in 0..metadata.num_row_groups() {
        let group = reader.get_row_group(group).map_err(|error| corrupt(&error))?;
        let rows = group.metadata().num_rows() as usize;
        for (index, column) in columns.iter_mut().enumerate() {
            let descriptor = schema.column(index);
            let is_optional = descriptor.max_def_level() > 0;
            let values = Values { rows, is_optional, name: descriptor.name(), column, bytes: &mut bytes };
            read_column(&*group, index, forms[index], values)?;
        }
    }
    Ok(Cells { headers, columns, lines: (1..=rows).collect() })
}

fn too_large(what: &str) -> String {
    format!("it has more than {} bytes {what}; split it, or leave columns out", count(MOST_BYTES))
}

/// The number of rows, after a check of all sizes that the file states of itself.
fn counted_rows(metadata: &ParquetMetaData) -> Result<u64, String> {
    let inconsistent = || "it is not a whole Parquet file: its sizes contradict each other".to_owned();
    let size = |value: i64| u64::try_from(value).map_err(|_| inconsistent());
    let rows = size(metadata.file_metadata().num_rows())?;
    let columns = metadata.file_metadata().schema_descr().num_columns() as u64;
    if let Some(problem) = too_many(rows, columns) {
        return Err(problem);
    }
    let (mut in_groups, mut bytes) = (0_u64, 0_u64);
    for group in metadata.row_groups() {
        let of_group = size(group.num_rows())?;
        in_groups = in_groups.checked_add(of_group).ok_or_else(inconsistent)?;
        for column in group.columns() {
            if let Some(codec) = refused_codec(column.compression()) {
                return Err(format!("it is compressed by {codec}; write it with Snappy, Zstandard or LZ4, or as CSV"));
            }
            let starts_well = column.data_page_offset() >= 0 && column.dictionary_page_offset().unwrap_or(0) >= 0;
            if size(column.num_values())? != of_group || column.compressed_size() < 0 || !starts_well {
                return Err(inconsistent());
            }
            bytes = bytes.checked_add(size(column.uncompressed_size())?).ok_or_else(inconsistent)?;
        }
    }
    if in_groups != rows {
        return Err(inconsistent());
    }
    if bytes > MOST_BYTES {
        return Err(too_large("before compression"));
    }
    Ok(rows)
}

/// The name of a codec that is not read: what it expands to is bounded by nothing that the file states.
fn refused_codec(codec: Compression) -> Option<&'static str> {
    match codec {
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::ZSTD(_) | Compression::LZ4_RAW => None,
        Compression::GZIP(_) => Some("gzip"),
        Compression::BROTLI(_) => Some("Brotli"),
        Compression::LZO => Some("LZO"),
        Compression::LZ4 => Some("the old form of LZ4"),
    }
}

/// How a column is written, where it is of a kind that is read.
fn form_of(column: &ColumnDescriptor) -> Result<Form, String> {
    let name = || shortened(column.path().parts().first().map_or("", String::as_str), 60);
    let refused = |holds: &str| Err(format!("column {} holds {holds}; write numbers, text, or true and false", name()));
    if column.max_rep_level() > 0 || column.path().parts().len() > 1 {
        return refused("lists or nested values");
    }
    let decimal = |scale: i32| match u32::try_from(scale) {
        Ok(units) if scale.max(column.type_precision()) <= MOST_DIGITS => Ok(Form::Decimal(units)),
        _ => refused("decimals of more than 38 digits"),
    };
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Decimal(decimals)), _) => decimal(decimals.scale),
        (Some(LogicalType::Integer(integer)), _) if !integer.is_signed => Ok(Form::Unsigned),
        (Some(LogicalType::Float16), _) => Ok(Form::Half),
        (
            Some(
                LogicalType::String
                | LogicalType::Enum
                | LogicalType::Json
                | LogicalType::Integer(_)
                | LogicalType::Unknown,
            ),
            _,
        ) => Ok(Form::IndependentSampler),
        (Some(other), _) => refused(&kind_of(other)),
        (None, ConvertedType::DECIMAL) => decimal(column.type_scale()),
        (None, ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64) => {
            Ok(Form::Unsigned)
        }
        (
            None,
            ConvertedType::NONE
            | ConvertedType::UTF8
            | ConvertedType::ENUM
            | ConvertedType::JSON
            | ConvertedType::INT_8
            | ConvertedType::INT_16
            | ConvertedType::INT_32
            | ConvertedType::INT_64,
        ) => match column.physical_type() {
            Physical::INT96 => refused("times"),
            Physical::FIXED_LEN_BYTE_ARRAY => refused("bytes"),
            _ => Ok(Form::IndependentSampler),
        },
        (None, other) => refused(&format!("{other:?}").to_lowercase()),
    }
}

fn kind_of(other: &LogicalType) -> String {
    match other {
        LogicalType::Date => "dates".to_owned(),
        LogicalType::Time(_) | LogicalType::Timestamp(_) => "times".to_owned(),
        _ => "values of another kind".to_owned(),
    }
}

fn read_column(group: &dyn RowGroupReader, index: usize, form: Form, mut values: Values<'_>) -> Result<(), String> {
    match group.get_column_reader(index).map_err(|error| corrupt(&error))? {
        ColumnReader::BoolColumnReader(reader) => values.add(reader, |value| Some(value.to_string())),
        ColumnReader::Int32ColumnReader(reader) => values.add(reader, |&value| {
            Some(match form {
                Form::Unsigned => (value as u32).to_string(),
                Form::Decimal(scale) => decimal(i128::from(value), scale),
                Form::IndependentSampler | Form::Half => value.to_string(),
            })
        }),
        ColumnReader::Int64ColumnReader(reader) => values.add(reader, |&value| {
            Some(match form {
                Form::Unsigned => (value as u64).to_string(),
                Form::Decimal(scale) => decimal(i128::from(value), scale),
                Form::IndependentSampler | Form::Half => value.to_string(),
            })
        }),
        ColumnReader::FloatColumnReader(reader) => values.add(reader, |value| Some(value.to_string())),
        ColumnReader::DoubleColumnReader(reader) => values.add(reader, |value| Some(value.to_string())),
        ColumnReader::ByteArrayColumnReader(reader) => values.add(reader, |value| match form {
            Form::Decimal(scale) => Some(decimal(integer_of(value.data())?, scale)),
            Form::IndependentSampler | Form::Unsigned | Form::Half => {
                std::str::from_utf8(value.data()).ok().map(str::to_owned)
            }
        }),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => {
            values.add(reader, |value: &FixedLenByteArray| match form {
                Form::Decimal(scale) => Some(decimal(integer_of(value.data())?, scale)),
                Form::Half => Some(half(u16::from_le_bytes(value.data().try_into().ok()?)).to_string()),
                Form::IndependentSampler | Form::Unsigned => None,
            })
        }
        ColumnReader::Int96ColumnReader(_) => Err("it holds times; write them as text".to_owned()),
    }
}

/// The values of one column in one row group.
struct Values<'a> {
    rows: usize,
    is_optional: bool,
    name: &'a str,
    column: &'a mut Column,
    /// Bytes of text in all columns so far.
    bytes: &'a mut u64,
}

impl Values<'_> {
    /// Adds every value as text; nothing for a null.
    fn add<T: DataType>(
        &mut self,
        mut reader: ColumnReaderImpl<T>,
        text: impl Fn(&T::T) -> Option<String>,
    ) -> Result<(), String> {
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let mut done = 0;
        while done < self.rows {
            values.clear();
            levels.clear();
            let wanted = AT_ONCE.min(self.rows - done);
            let (records, ..) = reader
                .read_records(wanted, self.is_optional.then_some(&mut levels), None, &mut values)
                .map_err(|error| corrupt(&error))?;
            let is_whole = if self.is_optional { levels.len() == records } else { values.len() == records };
            if records == 0 || !is_whole {
                let name = shortened(self.name, 60);
                return Err(format!("it is not a whole Parquet file: column {name} ends early"));
            }
            let is_null = |record: usize| levels.get(record).is_some_and(|level| *level == 0);
            let mut next = values.iter();
            for record in 0..records {
                if is_null(record) {
                    self.column.push("");
                    continue;
                }
                let written = next.next().and_then(&text).ok_or_else(|| {
                    let (name, row) = (shortened(self.name, 60), done + record + 1);
                    format!("column {name} has a value that is no text, row {row} of its row group")
                })?;
                *self.bytes += written.len() as u64;
                if *self.bytes > MOST_BYTES {
                    return Err(too_large("of text"));
                }
                self.column.push(&written);
            }
            done += records;
        }
        Ok(())
    }
}

/// A big-endian integer in two's complement.
fn integer_of(bytes: &[u8]) -> Option<i128> {
    let sign = bytes.first().map_or(0, |first| if first & 0x80 == 0 { 0x00 } else { 0xff });
    let mut whole = [sign; 16];
    let start = whole.len().checked_sub(bytes.len())?;
    whole[start..].copy_from_slice(bytes);
    Some(i128::from_be_bytes(whole))
}

/// An integer in units of 10 to the minus `scale`, as text.
fn decimal(units: i128, scale: u32) -> String {
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = scale as usize + 1);
    let (whole, part) = digits.split_at(digits.len() - scale as usize);
    let sign = if units < 0 { "-" } else { "" };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// A number of sixteen bits.
fn half(bits: u16) -> f32 {
    let (exponent, fraction) = (i32::from((bits >> 10) & 0x1f), f32::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2_f32.powi(-24),
        0x1f if fraction == 0.0 => f32::INFINITY,
        0x1f => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2_f32.powi(exponent - 15),
    };
    if bits >> 15 == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::{
        data_type::{ByteArray, ByteArrayType},
        file::{properties::WriterProperties, writer::SerializedFileWriter},
        schema::parser::parse_message_type,
    };

    use super::*;

    #[test]
    fn the_text_of_repeated_values_counts_every_time() {
        let path = std::env::temp_dir().join(format!("twosided-{}-repeated.parquet", std::process::id()));
        let schema = Arc::new(parse_message_type("message rows { REQUIRED BYTE_ARRAY s (UTF8); }").expect("a schema"));
        let file = File::create(&path).expect("the folder for temporary files can be written");
        let mut writer =
            SerializedFileWriter::new(file, schema, Arc::new(WriterProperties::default())).expect("a writer");
        let mut group = writer.next_row_group().expect("a row group");
        let mut column = group.next_column().expect("it is well-formed").expect("a column");
        let values = vec![ByteArray::from("x".repeat(2_000).as_str()); 300_000];
        column.typed::<ByteArrayType>().write_batch(&values, None, None).expect("it can be written");
        column.close().expect("it can be written");
        group.close().expect("it can be written");
        writer.close().expect("it can be written");
        assert!(std::fs::metadata(&path).expect("it was written").len() < 1 << 20);
        let problem = read(File::open(&path).expect("it was written")).err().expect("600 MB of text are too many");
        assert!(problem.contains("it has more than 536,870,912 bytes of text; split it"), "{problem}");
        std::fs::remove_file(path).expect("it was written above");
    }

    #[test]
    fn decimals_and_short_numbers_are_written_exactly() {
        assert_eq!(decimal(-5, 2), "-0.05");
        assert_eq!(decimal(123_456, 2), "1234.56");
        assert_eq!(decimal(12, 0), "12");
        assert_eq!(integer_of(&[0xff, 0x38]), Some(-200));
        assert_eq!(integer_of(&[0; 17]), None);
        assert_eq!(half(0x3c00), 1.0);
        assert_eq!(half(0xc580), -5.5);
        assert_eq!(half(0x0001), 2_f32.powi(-24));
        assert!(half(0x7c01).is_nan() && half(0x7c00).is_infinite());
    }
}
