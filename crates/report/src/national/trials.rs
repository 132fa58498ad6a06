//! The trials of a national run, as Parquet.

use std::{path::Path, sync::Arc};

use ::parquet::{
    basic::{LogicalType, Repetition, Type as Physical},
    data_type::{DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    schema::types::Type,
};
use twosided_national::Totals;

use crate::{
    ReportError,
    parquet::{create, write_column},
};

/// Columns of dollars a year.
const DOLLARS: [&str; 6] = ["benchmark", "expenditure", "paid", "owed", "net_payments", "net_savings"];
/// Columns of numbers of ACOs.
const COUNTS: [&str; 2] = ["acos_earning", "acos_owing"];

/// Writes one row a trial: `trial`, then sums over all ACOs.
pub(super) fn write(path: &Path, totals: &Totals) -> Result<(), ReportError> {
    let mut writer = create(path, schema()?)?;
    let mut group = writer.next_row_group()?;
    write_column::<Int64Type>(&mut group, &(0_i64..).take(totals.paid.len()).collect::<Vec<_>>())?;
    let (net_payments, net_savings) = (totals.net_payments(), totals.net_savings());
    let dollars: [&[f64]; 6] =
        [&totals.benchmark, &totals.expenditure, &totals.paid, &totals.owed, &net_payments, &net_savings];
    for amounts in dollars {
        write_column::<DoubleType>(&mut group, amounts)?;
    }
    for counts in [&totals.earning, &totals.owing] {
        write_column::<Int32Type>(&mut group, &counts.iter().map(|count| count.cast_signed()).collect::<Vec<_>>())?;
    }
    group.close()?;
    writer.close()?;
    Ok(())
}

fn schema() -> Result<Type, ParquetError> {
    let column = |name: &str, physical: Physical, logical: Option<LogicalType>| {
        let column = Type::primitive_type_builder(name, physical).with_repetition(Repetition::REQUIRED);
        column.with_logical_type(logical).build().map(Arc::new)
    };
    let mut columns = vec![column("trial", Physical::INT64, Some(LogicalType::integer(64, false)))?];
    for name in DOLLARS {
        columns.push(column(name, Physical::DOUBLE, None)?);
    }
    for name in COUNTS {
        columns.push(column(name, Physical::INT32, Some(LogicalType::integer(32, false)))?);
    }
    Type::group_type_builder("trials").with_fields(columns).build()
}
