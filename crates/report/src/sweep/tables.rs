//! The long table of a sweep, as CSV and as Parquet, and a wide one for a terminal.

use std::{path::Path, sync::Arc};

use ::parquet::{
    basic::{LogicalType, Repetition, Type as Physical},
    data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::ParquetError,
    schema::types::Type,
};
use comfy_table::{Cell, ContentArrangement, Table};
use twosided_form::{Cells, name_cell};
use twosided_prob::{Caution, Estimate};

use super::figures::{SweepFigure, SweepReport, number, shown};
use crate::{
    ReportError,
    parquet::{create, write_column},
    terminal::{STYLE, right},
};

/// Columns before and after those of the keys.
const POINT: &str = "point";
const NAMES: [&str; 3] = ["contract", "measure", "unit"];
const FIGURES: [&str; 6] =
    ["value", "standard_error", "lower_95", "upper_95", "difference_from_base", "difference_standard_error"];
const NOTE: &str = "note";

/// One row of the long table.
struct Row<'a> {
    point: usize,
    keys: Vec<&'a str>,
    names: [String; 3],
    figures: [f64; 6],
    note: &'static str,
}

/// Point 0 is the scenario as it is. Contracts and quantities follow each other within a point.
fn rows(report: &SweepReport) -> impl Iterator<Item = Row<'_>> {
    report.points.iter().enumerate().flat_map(move |(index, point)| {
        let pairs = report.contracts.iter().zip(&point.figures);
        pairs.flat_map(move |(contract, figures)| {
            report.quantities.iter().zip(figures).map(move |(quantity, figure)| {
                let SweepFigure { estimate, difference } = figure;
                let Estimate { value, standard_error, lower, upper, caution } = *estimate;
                Row {
                    point: index,
                    keys: (0..report.keys.len()).map(|key| report.value(point, key)).collect(),
                    names: [contract.clone(), quantity.to_string(), report.unit(quantity).name().to_owned()],
                    figures: [value, standard_error, lower, upper, difference.value, difference.standard_error],
                    note: caution.map_or("", Caution::reason),
                }
            })
        })
    })
}

/// A number; what is not known is an empty cell.
fn known(number: f64) -> String {
    if number.is_finite() { number.to_string() } else { String::new() }
}

pub(super) fn csv(report: &SweepReport) -> Result<Vec<u8>, ReportError> {
    let mut out = Cells::new(Vec::new());
    let keys = report.keys.iter().map(|key| key.key.as_str());
    out.row(
        [POINT]
            .into_iter()
            .chain(keys)
            .chain(NAMES)
            .chain(FIGURES)
            .chain([NOTE])
            .map(|name| name_cell(name).into_owned()),
    )?;
    for row in rows(report) {
        let keys = row.keys.iter().map(|&key| key.to_owned());
        let names = row.names.iter().map(|name| name_cell(name).into_owned());
        let figures = row.figures.map(known);
        out.row(
            [row.point.to_string()].into_iter().chain(keys).chain(names).chain(figures).chain([row.note.to_owned()]),
        )?;
    }
    Ok(out.finish()?)
}

/// Writes the rows of the CSV; values of keys are numbers where all values of the key are, and text elsewhere.
pub(super) fn write_parquet(report: &SweepReport, path: &Path) -> Result<(), ReportError> {
    let rows: Vec<Row<'_>> = rows(report).collect();
    let numbers: Vec<Option<Vec<f64>>> =
        (0..report.keys.len()).map(|key| rows.iter().map(|row| number(row.keys[key])).collect()).collect();
    let mut writer = create(path, schema(report, &numbers)?)?;
    let mut group = writer.next_row_group()?;
    let text = |texts: &mut dyn Iterator<Item = &str>| texts.map(ByteArray::from).collect::<Vec<_>>();
    write_column::<Int64Type>(
        &mut group,
        &rows.iter().map(|row| i64::try_from(row.point).unwrap_or(i64::MAX)).collect::<Vec<_>>(),
    )?;
    for (key, numbers) in numbers.iter().enumerate() {
        match numbers {
            Some(numbers) => write_column::<DoubleType>(&mut group, numbers)?,
            None => write_column::<ByteArrayType>(&mut group, &text(&mut rows.iter().map(|row| row.keys[key])))?,
        }
    }
    for index in 0..NAMES.len() {
        let texts = text(&mut rows.iter().map(|row| row.names[index].as_str()));
        write_column::<ByteArrayType>(&mut group, &texts)?;
    }
    for index in 0..FIGURES.len() {
        write_column::<DoubleType>(&mut group, &rows.iter().map(|row| row.figures[index]).collect::<Vec<_>>())?;
    }
    write_column::<ByteArrayType>(&mut group, &text(&mut rows.iter().map(|row| row.note)))?;
    group.close()?;
    writer.close()?;
    Ok(())
}

fn schema(report: &SweepReport, numbers: &[Option<Vec<f64>>]) -> Result<Type, ParquetError> {
    let column = |name: &str, physical: Physical, logical: Option<LogicalType>| {
        let column = Type::primitive_type_builder(name, physical).with_repetition(Repetition::REQUIRED);
        column.with_logical_type(logical).build().map(Arc::new)
    };
    let text = |name: &str| column(name, Physical::BYTE_ARRAY, Some(LogicalType::String));
    let mut columns = vec![column(POINT, Physical::INT64, None)?];
    for (key, numbers) in report.keys.iter().zip(numbers) {
        columns.push(if numbers.is_some() { column(&key.key, Physical::DOUBLE, None)? } else { text(&key.key)? });
    }
    for name in NAMES {
        columns.push(text(name)?);
    }
    for name in FIGURES {
        columns.push(column(name, Physical::DOUBLE, None)?);
    }
    columns.push(text(NOTE)?);
    Type::group_type_builder("sweep").with_fields(columns).build()
}

/// One row a point and contract, the quantities side by side.
pub(super) fn terminal(report: &SweepReport, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width.unwrap_or(160).max(60));
    let has_contracts = report.contracts.len() > 1;
    let keys = (0..report.keys.len()).map(|key| report.short_key(key).to_owned());
    let quantities = report.quantities.iter().map(ToString::to_string);
    table.set_header(keys.chain(has_contracts.then(|| "Contract".to_owned())).chain(quantities));
    for (index, point) in report.points.iter().enumerate() {
        for (contract, figures) in report.contracts.iter().zip(&point.figures) {
            let value = |key: usize| {
                let text = report.shown_value(point, key);
                right(if index == 0 { format!("{text} (as it is)") } else { text })
            };
            let mut row: Vec<Cell> = (0..report.keys.len()).map(value).collect();
            row.extend(has_contracts.then(|| Cell::new(contract)));
            row.extend(report.quantities.iter().zip(figures).map(|(quantity, figure)| right(shown(figure, quantity))));
            table.add_row(row);
        }
    }
    format!("{table}\n")
}
