//! The outcomes trial by trial, as Parquet.

use std::{fs::File, path::Path, sync::Arc};

use ::parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel},
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};
use twosided_provider::Line;
use twosided_sim::Outcomes;

use crate::{ReportError, Stop};

/// Rows held as a table at once.
const ROWS_AT_ONCE: usize = 200_000;

/// Writes one row per trial, year and contract: `trial`, `year` (counted from one), `contract`, `gain`, and the lines that add
/// up to the margin.
pub(crate) fn write_trials(
    path: &Path,
    contracts: &[&str],
    outcomes: &Outcomes,
    stop: Stop<'_>,
) -> Result<(), ReportError> {
    let trials_at_once = (ROWS_AT_ONCE / (contracts.len() * outcomes.years())).max(1);
    let file = File::create(path).map_err(ReportError::io(path))?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema()?), Arc::new(properties))?;
    for first in (0..outcomes.trials()).step_by(trials_at_once) {
        stop.check()?;
        let trials = first..(first + trials_at_once).min(outcomes.trials());
        let mut group = writer.next_row_group()?;
        write_group(&mut group, contracts, outcomes, trials)?;
        group.close()?;
    }
    writer.close()?;
    Ok(())
}

fn schema() -> Result<Type, ParquetError> {
    let column = |name: &str, physical: Physical, logical: Option<LogicalType>| {
        let column = Type::primitive_type_builder(name, physical);
        column.with_repetition(Repetition::REQUIRED).with_logical_type(logical).build().map(Arc::new)
    };
    let mut columns = vec![
        column("trial", Physical::INT64, Some(LogicalType::integer(64, false)))?,
        column("year", Physical::INT32, Some(LogicalType::integer(32, false)))?,
        column("contract", Physical::BYTE_ARRAY, Some(LogicalType::String))?,
        column("gain", Physical::DOUBLE, None)?,
    ];
    for line in Line::ALL {
        columns.push(column(line.name(), Physical::DOUBLE, None)?);
    }
    Type::group_type_builder("trials").with_fields(columns).build()
}

/// Writes the columns in the order of the schema.
fn write_group(
    group: &mut SerializedRowGroupWriter<'_, File>,
    contracts: &[&str],
    outcomes: &Outcomes,
    trials: std::ops::Range<usize>,
) -> Result<(), ParquetError> {
    let years = || (0..outcomes.years()).flat_map(|year| (0..contracts.len()).map(move |contract| (year, contract)));
    let rows = || trials.clone().flat_map(|trial| years().map(move |(year, contract)| (trial, year, contract)));
    let names: Vec<ByteArray> = contracts.iter().map(|&name| ByteArray::from(name)).collect();
    write_column::<Int64Type>(group, &rows().map(|(trial, ..)| (trial as u64).cast_signed()).collect::<Vec<_>>())?;
    write_column::<Int32Type>(group, &rows().map(|(_, year, _)| (year as u32 + 1).cast_signed()).collect::<Vec<_>>())?;
    write_column::<ByteArrayType>(group, &rows().map(|(.., contract)| names[contract].clone()).collect::<Vec<_>>())?;
    write_column::<DoubleType>(group, &rows().map(|index| outcomes.yearly[index]).collect::<Vec<_>>())?;
    for line in Line::ALL {
        let amount = |(trial, year, contract)| outcomes.lines[(trial, year, contract, line as usize)];
        write_column::<DoubleType>(group, &rows().map(amount).collect::<Vec<f64>>())?;
    }
    Ok(())
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, File>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.expect("a column is written for each of the schema");
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}
