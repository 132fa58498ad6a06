//! Numbered figures of a part's trials as Parquet: its controls, and its details.

use std::{path::Path, sync::Arc};

use ::parquet::{
    basic::{Repetition, Type as Physical},
    data_type::DoubleType,
    errors::ParquetError,
    schema::types::Type,
};
use ndarray::{Array2, ArrayView2};

use super::{columns::read_groups, create, write_column};
use crate::ReportError;

/// One column for each figure, as `control_1`.
fn schema_of(name: &str, figures: usize) -> Result<Type, ParquetError> {
    let columns = (1..=figures).map(|number| {
        let name = format!("{name}_{number}");
        let column = Type::primitive_type_builder(&name, Physical::DOUBLE);
        column.with_repetition(Repetition::REQUIRED).build().map(Arc::new)
    });
    Type::group_type_builder(&format!("{name}s")).with_fields(columns.collect::<Result<_, _>>()?).build()
}

/// Writes the columns of a table.
pub(crate) fn write_numbered(path: &Path, name: &str, figures: &ArrayView2<'_, f64>) -> Result<(), ReportError> {
    let schema = schema_of(name, figures.ncols())?;
    let mut writer = create(path, schema)?;
    let mut group = writer.next_row_group()?;
    for column in figures.columns() {
        write_column::<DoubleType>(&mut group, &column.to_vec())?;
    }
    group.close()?;
    writer.close()?;
    Ok(())
}

/// Reads a table of that many rows and columns.
pub(crate) fn read_numbered(path: &Path, name: &str, (rows, count): (usize, usize)) -> Result<Array2<f64>, String> {
    let schema = schema_of(name, count).map_err(|error| error.to_string())?;
    let mut figures = Array2::zeros((rows, count));
    let mut first = 0;
    read_groups(path, schema, rows, |columns| {
        for mut figure in figures.columns_mut() {
            let values = columns.next::<DoubleType>()?;
            for (kept, value) in figure.iter_mut().skip(first).zip(values) {
                *kept = value;
            }
        }
        first += columns.rows();
        Ok(())
    })?;
    Ok(figures)
}
