//! A Parquet file of a known schema, read column by column.

use std::{path::Path, sync::Arc};

use ::parquet::{
    column::reader::get_typed_column_reader,
    data_type::DataType,
    errors::ParquetError,
    file::{
        metadata::RowGroupMetaData,
        reader::{FileReader, RowGroupReader},
        serialized_reader::SerializedFileReader,
    },
    schema::types::{ColumnDescriptor, SchemaDescriptor, Type},
};
use twosided_actuals::without_panic;
use twosided_files::open_input;
use twosided_form::shortened;

/// Largest file read.
const MOST_BYTES: u64 = 1 << 36;

/// The columns of one row group, taken one after the other.
pub(crate) struct Columns<'a> {
    group: &'a dyn RowGroupReader,
    schema: &'a SchemaDescriptor,
    rows: usize,
    next: usize,
}

/// Hands the row groups of a file to a reader of their columns, in order. A file of another schema, or with another number of
/// rows, is refused.
pub(crate) fn read_groups(
    path: &Path,
    schema: Type,
    rows: usize,
    mut take: impl FnMut(&mut Columns<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let file = open_input(path, MOST_BYTES).map_err(|error| error.to_string())?;
    // The library returns errors for what is corrupt; a panic of it is one more.
    let read = without_panic(|| {
        let reader = SerializedFileReader::new(file).map_err(|error| corrupt(&error))?;
        let schema = SchemaDescriptor::new(Arc::new(schema));
        let metadata = reader.metadata();
        check_columns(metadata.file_metadata().schema_descr(), &schema)?;
        let sizes: Vec<i64> = metadata.row_groups().iter().map(RowGroupMetaData::num_rows).collect();
        let found: i128 = sizes.iter().map(|&rows| i128::from(rows)).sum();
        if found != rows as i128 || sizes.iter().any(|&rows| rows < 0) {
            return Err(format!("it has {found} rows; it must have {rows}"));
        }
        for (index, &rows) in sizes.iter().enumerate() {
            let group = reader.get_row_group(index).map_err(|error| corrupt(&error))?;
            take(&mut Columns { group: &*group, schema: &schema, rows: rows as usize, next: 0 })?;
        }
        Ok(())
    });
    read.unwrap_or_else(|| Err("it is not a whole Parquet file".to_owned()))
}

fn corrupt(error: &ParquetError) -> String {
    format!("it is not a whole Parquet file: {}", shortened(&error.to_string(), 200))
}

/// Makes sure that columns have the names and types of those wanted.
fn check_columns(found: &SchemaDescriptor, wanted: &SchemaDescriptor) -> Result<(), String> {
    let of = |column: &ColumnDescriptor| {
        (column.name().to_owned(), column.physical_type(), column.max_def_level(), column.max_rep_level())
    };
    let [found, wanted] =
        [found, wanted].map(|schema| schema.columns().iter().map(|column| of(column)).collect::<Vec<_>>());
    if found == wanted {
        return Ok(());
    }
    let differs = (0..=found.len()).find(|&index| found.get(index) != wanted.get(index)).expect("they differ");
    let said = |columns: &[(String, ::parquet::basic::Type, i16, i16)]| {
        let column = columns.get(differs);
        column.map_or("none".to_owned(), |(name, kind, ..)| format!("`{}` of type {kind}", shortened(name, 60)))
    };
    Err(format!("column {} is {}; it must be {}", differs + 1, said(&found), said(&wanted)))
}

impl Columns<'_> {
    /// How many rows the group has.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The next column, in which every row has a value.
    pub(crate) fn next<T: DataType>(&mut self) -> Result<Vec<T::T>, String> {
        let (values, _) = self.read::<T>()?;
        if values.len() == self.rows { Ok(values) } else { Err(self.short()) }
    }

    /// The next column, in which a row may have no value.
    pub(crate) fn next_optional<T: DataType>(&mut self) -> Result<Vec<Option<T::T>>, String> {
        let (values, levels) = self.read::<T>()?;
        let known = levels.iter().filter(|&&level| level > 0).count();
        if levels.len() != self.rows || known != values.len() {
            return Err(self.short());
        }
        let mut values = values.into_iter();
        Ok(levels.into_iter().map(|level| if level > 0 { values.next() } else { None }).collect())
    }

    /// Passes over the next column.
    pub(crate) fn skip(&mut self) {
        self.next += 1;
    }

    fn read<T: DataType>(&mut self) -> Result<(Vec<T::T>, Vec<i16>), String> {
        let reader = self.group.get_column_reader(self.next).map_err(|error| corrupt(&error))?;
        let is_optional = self.schema.column(self.next).max_def_level() > 0;
        self.next += 1;
        let mut reader = get_typed_column_reader::<T>(reader);
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let mut done = 0;
        while done < self.rows {
            let levels = is_optional.then_some(&mut levels);
            let read = reader.read_records(self.rows - done, levels, None, &mut values);
            match read.map_err(|error| corrupt(&error))? {
                (0, ..) => return Err(self.short()),
                (records, ..) => done += records,
            }
        }
        Ok((values, levels))
    }

    fn short(&self) -> String {
        let name = self.schema.column(self.next - 1).name().to_owned();
        format!("it is not a whole Parquet file: column `{name}` has fewer than {} values in a row group", self.rows)
    }
}
