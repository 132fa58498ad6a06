//! Cash by month as files: its quantiles, and every trial.

use std::{fs::File, path::Path, sync::Arc};

use ::parquet::{
    basic::{LogicalType, Repetition, Type as Physical},
    data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::writer::SerializedRowGroupWriter,
    schema::types::Type,
};
use twosided_form::{Cells, name_cell};
use twosided_scenario::Scenario;
use twosided_sim::Outcomes;
use twosided_units::Dollars;

use crate::{
    ReportError, Stop, Summary,
    cash::MonthlyCash,
    parquet::{ROWS_AT_ONCE, create, write_column},
};

/// Cash at the end of each month under every contract, as CSV: one row a figure, with its error and its 95% interval.
pub(crate) fn months_csv(summary: &Summary) -> Result<Vec<u8>, ReportError> {
    let mut out = Cells::new(Vec::new());
    out.row(["contract", "month", "measure", "unit", "value", "standard_error", "lower_95", "upper_95"])?;
    // What is not known is an empty cell.
    let cell = |figure: f64| if figure.is_finite() { figure.to_string() } else { String::new() };
    for contract in &summary.contracts {
        let Some(cash) = &contract.cash else { continue };
        let name = name_cell(&contract.name);
        for of_month in &cash.by_month {
            let month = of_month.month.to_string();
            for (measure, figure) in of_month.figures() {
                let estimate = figure.estimate();
                let figures = [estimate.value, estimate.standard_error, estimate.lower, estimate.upper].map(cell);
                let row = [&*name, &month, measure, figure.unit.name()];
                out.row(row.into_iter().chain(figures.iter().map(String::as_str)))?;
            }
        }
    }
    Ok(out.finish()?)
}

/// Writes one row per trial, contract and month: `trial`, `contract`, `month` (counted from one), and `cash` at its end. Trials
/// are counted from 0.
pub(crate) fn write_months(
    path: &Path,
    scenario: &Scenario,
    outcomes: &Outcomes,
    stop: Stop<'_>,
) -> Result<(), ReportError> {
    let contracts = scenario.contracts.iter().enumerate().filter_map(|(index, contract)| {
        Some((ByteArray::from(contract.name.as_str()), MonthlyCash::new(scenario, outcomes, index)?))
    });
    let contracts: Vec<(ByteArray, MonthlyCash<'_>)> = contracts.collect();
    let rows: usize = contracts.iter().map(|(_, cash)| cash.months()).sum();
    let trials_at_once = (ROWS_AT_ONCE / rows.max(1)).max(1);
    let mut writer = create(path, schema()?)?;
    for first in (0..outcomes.trials()).step_by(trials_at_once) {
        stop.check()?;
        let mut rows_at_once = Rows::default();
        for trial in first..(first + trials_at_once).min(outcomes.trials()) {
            for (name, cash) in &contracts {
                rows_at_once.add(trial, name, &cash.of(trial).financed.cash);
            }
        }
        let mut group = writer.next_row_group()?;
        rows_at_once.write(&mut group)?;
        group.close()?;
    }
    writer.close()?;
    Ok(())
}

/// Rows, column by column.
#[derive(Default)]
struct Rows {
    trials: Vec<i64>,
    contracts: Vec<ByteArray>,
    months: Vec<i32>,
    cash: Vec<f64>,
}

impl Rows {
    fn add(&mut self, trial: usize, name: &ByteArray, cash: &[Dollars]) {
        for (month, cash) in (1..).zip(cash) {
            self.trials.push((trial as u64).cast_signed());
            self.contracts.push(name.clone());
            self.months.push(month);
            self.cash.push(cash.0);
        }
    }

    fn write(&self, group: &mut SerializedRowGroupWriter<'_, File>) -> Result<(), ParquetError> {
        write_column::<Int64Type>(group, &self.trials)?;
        write_column::<ByteArrayType>(group, &self.contracts)?;
        write_column::<Int32Type>(group, &self.months)?;
        write_column::<DoubleType>(group, &self.cash)
    }
}

fn schema() -> Result<Type, ParquetError> {
    let column = |name: &str, physical: Physical, logical: Option<LogicalType>| {
        let column = Type::primitive_type_builder(name, physical).with_repetition(Repetition::REQUIRED);
        column.with_logical_type(logical).build().map(Arc::new)
    };
    let columns = vec![
        column("trial", Physical::INT64, Some(LogicalType::integer(64, false)))?,
        column("contract", Physical::BYTE_ARRAY, Some(LogicalType::String))?,
        column("month", Physical::INT32, Some(LogicalType::integer(32, false)))?,
        column("cash", Physical::DOUBLE, None)?,
    ];
    Type::group_type_builder("cash").with_fields(columns).build()
}
