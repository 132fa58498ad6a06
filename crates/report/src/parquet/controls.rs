//! The controls of a part's trials as Parquet.

use std::{ops::Range, path::Path, sync::Arc};

use ::parquet::{
    basic::{Repetition, Type as Physical},
    data_type::DoubleType,
    errors::ParquetError,
    schema::types::Type,
};
use ndarray::Array2;

use super::{columns::read_groups, create, write_column};
use crate::ReportError;

/// One row for each trial, one column for each control.
fn schema_of_controls(controls: usize) -> Result<Type, ParquetError> {
    let columns = (1..=controls).map(|number| {
        let name = format!("control_{number}");
        let column = Type::primitive_type_builder(&name, Physical::DOUBLE);
        column.with_repetition(Repetition::REQUIRED).build().map(Arc::new)
    });
    Type::group_type_builder("controls").with_fields(columns.collect::<Result<_, _>>()?).build()
}

pub(crate) fn write_controls(path: &Path, controls: &Array2<f64>) -> Result<(), ReportError> {
    let schema = schema_of_controls(controls.ncols())?;
    let mut writer = create(path, schema)?;
    let mut group = writer.next_row_group()?;
    for column in controls.columns() {
        write_column::<DoubleType>(&mut group, &column.to_vec())?;
    }
    group.close()?;
    writer.close()?;
    Ok(())
}

pub(crate) fn read_controls(path: &Path, trials: &Range<u64>, count: usize) -> Result<Array2<f64>, String> {
    let rows = (trials.end - trials.start) as usize;
    let schema = schema_of_controls(count).map_err(|error| error.to_string())?;
    let mut controls = Array2::zeros((rows, count));
    let mut first = 0;
    read_groups(path, schema, rows, |columns| {
        for mut control in controls.columns_mut() {
            let values = columns.next::<DoubleType>()?;
            for (kept, value) in control.iter_mut().skip(first).zip(values) {
                *kept = value;
            }
        }
        first += columns.rows();
        Ok(())
    })?;
    Ok(controls)
}
