//! The outcomes trial by trial, as Parquet: written, and read back.

mod columns;
mod moments;
mod numbered;

pub(crate) use moments::{read_moments, write_moments};
pub(crate) use numbered::{read_numbered, write_numbered};

use std::{fs::File, ops::Range, path::Path, sync::Arc};

use ::parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel},
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};
use ndarray::Array3;
use twosided_actuals::Table;
use twosided_contracts::Against;
use twosided_form::shortened;
use twosided_provider::Line;
use twosided_sim::{Keep, Outcomes};
use twosided_units::Dollars;

use crate::{ReportError, Stop};

/// Rows held as a table at once.
pub(crate) const ROWS_AT_ONCE: usize = 200_000;

/// Writes one row per trial, year and contract: `trial`, `year` (counted from one), `contract`, `in_force`, `person_years`,
/// `gain`, `benchmark` and `expenditure` (null where the contract compares none), `earned_before_covers`, and the lines that
/// add up to the margin; what is not kept has no column. Trials are counted from the first.
pub(crate) fn write_trials(
    path: &Path,
    contracts: &[&str],
    outcomes: &Outcomes,
    first_trial: u64,
    stop: Stop<'_>,
) -> Result<(), ReportError> {
    let trials_at_once = (ROWS_AT_ONCE / (contracts.len() * outcomes.years())).max(1);
    let mut writer = create(path, schema(outcomes.keep)?)?;
    for first in (0..outcomes.trials()).step_by(trials_at_once) {
        stop.check()?;
        let trials = first..(first + trials_at_once).min(outcomes.trials());
        let mut group = writer.next_row_group()?;
        write_group(&mut group, contracts, outcomes, first_trial, trials)?;
        group.close()?;
    }
    writer.close()?;
    Ok(())
}

/// Begins a compressed file of that schema.
pub(crate) fn create(path: &Path, schema: Type) -> Result<SerializedFileWriter<File>, ReportError> {
    let file = File::create(path).map_err(ReportError::io(path))?;
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
    Ok(SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?)
}

/// The columns of figures after the row's own, lines aside.
const TRIAL: &str = "trial";
const YEAR: &str = "year";
const CONTRACT: &str = "contract";
const IN_FORCE: &str = "in_force";
const PERSON_YEARS: &str = "person_years";
const GAIN: &str = "gain";
const BENCHMARK: &str = "benchmark";
const EXPENDITURE: &str = "expenditure";
const EARNED: &str = "earned_before_covers";

/// The lines that are kept.
fn lines(keep: Keep) -> &'static [Line] {
    if keep >= Keep::Lines { &Line::ALL } else { &[] }
}

fn schema(keep: Keep) -> Result<Type, ParquetError> {
    let column = |name: &str, physical: Physical, logical: Option<LogicalType>, repetition: Repetition| {
        let column = Type::primitive_type_builder(name, physical);
        column.with_repetition(repetition).with_logical_type(logical).build().map(Arc::new)
    };
    let required = |name, physical, logical| column(name, physical, logical, Repetition::REQUIRED);
    let mut columns = vec![
        required(TRIAL, Physical::INT64, Some(LogicalType::integer(64, false)))?,
        required(YEAR, Physical::INT32, Some(LogicalType::integer(32, false)))?,
        required(CONTRACT, Physical::BYTE_ARRAY, Some(LogicalType::String))?,
        required(IN_FORCE, Physical::BOOLEAN, None)?,
    ];
    if keep >= Keep::Gains {
        columns.push(required(PERSON_YEARS, Physical::DOUBLE, None)?);
    }
    columns.push(required(GAIN, Physical::DOUBLE, None)?);
    if keep >= Keep::Gains {
        columns.extend([
            column(BENCHMARK, Physical::DOUBLE, None, Repetition::OPTIONAL)?,
            column(EXPENDITURE, Physical::DOUBLE, None, Repetition::OPTIONAL)?,
            required(EARNED, Physical::DOUBLE, None)?,
        ]);
    }
    for line in lines(keep) {
        columns.push(required(line.name(), Physical::DOUBLE, None)?);
    }
    Type::group_type_builder("trials").with_fields(columns).build()
}

/// Writes the columns in the order of the schema.
fn write_group(
    group: &mut SerializedRowGroupWriter<'_, File>,
    contracts: &[&str],
    outcomes: &Outcomes,
    first_trial: u64,
    trials: Range<usize>,
) -> Result<(), ParquetError> {
    let years = || (0..outcomes.years()).flat_map(|year| (0..contracts.len()).map(move |contract| (year, contract)));
    let rows = || trials.clone().flat_map(|trial| years().map(move |(year, contract)| (trial, year, contract)));
    let names: Vec<ByteArray> = contracts.iter().map(|&name| ByteArray::from(name)).collect();
    let in_force = |(trial, year, contract)| year < outcomes.in_force[(trial, contract)] as usize;
    let doubles = |group: &mut SerializedRowGroupWriter<'_, File>, figure: &dyn Fn((usize, usize, usize)) -> f64| {
        write_column::<DoubleType>(group, &rows().map(figure).collect::<Vec<f64>>())
    };
    let compared = |group: &mut SerializedRowGroupWriter<'_, File>, figure: fn(Against) -> Dollars| {
        let levels: Vec<i16> = rows().map(|index| i16::from(outcomes.against[index].is_some())).collect();
        let known = rows().filter_map(|index| outcomes.against[index]);
        let values: Vec<f64> = known.map(|against| figure(against).0).collect();
        let mut column = group.next_column()?.expect("a column is written for each of the schema");
        column.typed::<DoubleType>().write_batch(&values, Some(&levels), None)?;
        column.close()
    };
    write_column::<Int64Type>(
        group,
        &rows().map(|(trial, ..)| (first_trial + trial as u64).cast_signed()).collect::<Vec<_>>(),
    )?;
    write_column::<Int32Type>(group, &rows().map(|(_, year, _)| (year as u32 + 1).cast_signed()).collect::<Vec<_>>())?;
    write_column::<ByteArrayType>(group, &rows().map(|(.., contract)| names[contract].clone()).collect::<Vec<_>>())?;
    write_column::<BoolType>(group, &rows().map(in_force).collect::<Vec<_>>())?;
    if outcomes.keep >= Keep::Gains {
        doubles(group, &|index| outcomes.person_years[index])?;
    }
    doubles(group, &|index| outcomes.yearly[index])?;
    if outcomes.keep >= Keep::Gains {
        compared(group, |against| against.benchmark)?;
        compared(group, |against| against.expenditure)?;
        doubles(group, &|index| outcomes.earned_before_covers[index])?;
    }
    for &line in lines(outcomes.keep) {
        doubles(group, &|(trial, year, contract)| outcomes.lines[(trial, year, contract, line as usize)])?;
    }
    Ok(())
}

/// Writes the next column of a schema.
pub(crate) fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, File>,
    values: &[T::T],
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.expect("a column is written for each of the schema");
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

/// Reads the outcomes of a part, of which rows stand as [`write_trials`] writes them.
pub(crate) fn read_outcomes(
    path: &Path,
    keep: Keep,
    trials: &Range<u64>,
    (years, contracts): (usize, usize),
) -> Result<Outcomes, String> {
    let count = (trials.end - trials.start) as usize;
    let mut outcomes = Outcomes::zeros(keep, count, years, contracts);
    let schema = schema(keep).map_err(|error| error.to_string())?;
    let mut first = 0;
    columns::read_groups(path, schema, count * years * contracts, |columns| {
        let at = |row: usize| {
            let row = first + row;
            (row / (years * contracts), row / contracts % years, row % contracts)
        };
        let rows = 0..columns.rows();
        let of_trial: Vec<i64> = columns.next::<Int64Type>()?;
        let of_year: Vec<i32> = columns.next::<Int32Type>()?;
        columns.skip();
        for row in rows.clone() {
            let (trial, year, _) = at(row);
            let wanted = ((trials.start + trial as u64).cast_signed(), (year as u32 + 1).cast_signed());
            if (of_trial[row], of_year[row]) != wanted {
                let found = (of_trial[row], of_year[row]);
                return Err(format!(
                    "row {} is of trial {}, year {}; it must be of trial {}, year {}",
                    first + row + 1,
                    found.0,
                    found.1,
                    wanted.0,
                    wanted.1
                ));
            }
        }
        for (row, in_force) in columns.next::<BoolType>()?.into_iter().enumerate() {
            let (trial, _, contract) = at(row);
            outcomes.in_force[(trial, contract)] += u32::from(in_force);
        }
        let doubles = |columns: &mut columns::Columns<'_>, figures: &mut Array3<f64>| {
            for (row, figure) in columns.next::<DoubleType>()?.into_iter().enumerate() {
                figures[at(row)] = figure;
            }
            Ok::<_, String>(())
        };
        if keep >= Keep::Gains {
            doubles(columns, &mut outcomes.person_years)?;
        }
        doubles(columns, &mut outcomes.yearly)?;
        if keep >= Keep::Gains {
            let [benchmarks, expenditures] =
                [columns.next_optional::<DoubleType>()?, columns.next_optional::<DoubleType>()?];
            for (row, compared) in benchmarks.into_iter().zip(expenditures).enumerate() {
                let (Some(benchmark), Some(expenditure)) = compared else { continue };
                let [benchmark, expenditure] = [benchmark, expenditure].map(Dollars);
                outcomes.against[at(row)] = Some(Against { benchmark, expenditure });
            }
            doubles(columns, &mut outcomes.earned_before_covers)?;
        }
        for &line in lines(keep) {
            for (row, figure) in columns.next::<DoubleType>()?.into_iter().enumerate() {
                let (trial, year, contract) = at(row);
                outcomes.lines[(trial, year, contract, line as usize)] = figure;
            }
        }
        first += rows.len();
        Ok(())
    })?;
    Ok(outcomes.summed())
}

/// Reads the outcomes of a run that kept gains, or lines too, with these numbers of trials and years, under contracts of these names,
/// in the order of the file.
///
/// # Errors
/// What is wrong with the table, and what would be right.
pub fn read_trials(
    table: &Table,
    keep: Keep,
    trials: usize,
    years: usize,
    contracts: &[&str],
) -> Result<Outcomes, String> {
    let wanted = trials * years * contracts.len();
    if table.len() != wanted {
        return Err(format!(
            "it has {} rows; {trials} trials of {years} years under {} contracts are {wanted}",
            table.len(),
            contracts.len()
        ));
    }
    let columns = Columns { table };
    let lines: Vec<usize> = lines(keep).iter().map(|line| columns.index(line.name())).collect::<Result<_, _>>()?;
    let [trial, year, contract, in_force] = columns.indices([TRIAL, YEAR, CONTRACT, IN_FORCE])?;
    let [person_years, gain, benchmark, expenditure, earned] =
        columns.indices([PERSON_YEARS, GAIN, BENCHMARK, EXPENDITURE, EARNED])?;
    let mut outcomes = Outcomes::zeros(keep, trials, years, contracts.len());
    for row in 0..table.len() {
        let index @ (of_trial, of_year, of_contract) =
            (row / (years * contracts.len()), row / contracts.len() % years, row % contracts.len());
        let named = [table.text(row, trial), table.text(row, year), table.text(row, contract)];
        let (of_trial_text, of_year_text) = (of_trial.to_string(), (of_year + 1).to_string());
        if named != [&*of_trial_text, &*of_year_text, contracts[of_contract]] {
            return Err(format!(
                "row {} is of trial {}, year {}, contract \"{}\"; the run has trial {of_trial_text}, year {of_year_text}, \
                 contract \"{}\" there",
                row + 1,
                shortened(named[0], 20),
                shortened(named[1], 20),
                shortened(named[2], 60),
                shortened(contracts[of_contract], 60)
            ));
        }
        outcomes.in_force[(of_trial, of_contract)] += u32::from(columns.truth(row, in_force)?);
        outcomes.person_years[index] = columns.number(row, person_years)?;
        outcomes.yearly[index] = columns.number(row, gain)?;
        outcomes.earned_before_covers[index] = columns.number(row, earned)?;
        if !table.text(row, benchmark).is_empty() {
            let [benchmark, expenditure] =
                [columns.number(row, benchmark)?, columns.number(row, expenditure)?].map(Dollars);
            outcomes.against[index] = Some(Against { benchmark, expenditure });
        }
        for (line, &column) in lines.iter().enumerate() {
            outcomes.lines[(of_trial, of_year, of_contract, line)] = columns.number(row, column)?;
        }
    }
    Ok(outcomes.summed())
}

/// The columns of a table by what they hold.
struct Columns<'a> {
    table: &'a Table,
}

impl Columns<'_> {
    fn index(&self, name: &str) -> Result<usize, String> {
        self.table.column(&[name]).ok_or_else(|| format!("it lacks the column `{name}`"))
    }

    fn indices<const N: usize>(&self, names: [&str; N]) -> Result<[usize; N], String> {
        let mut indices = [0; N];
        for (index, name) in indices.iter_mut().zip(names) {
            *index = self.index(name)?;
        }
        Ok(indices)
    }

    fn number(&self, row: usize, column: usize) -> Result<f64, String> {
        let number = self.table.text(row, column).parse().ok().filter(|number: &f64| number.is_finite());
        number.ok_or_else(|| self.wrong(row, column, "a finite number"))
    }

    fn truth(&self, row: usize, column: usize) -> Result<bool, String> {
        self.table.text(row, column).parse().map_err(|_| self.wrong(row, column, "true or false"))
    }

    fn wrong(&self, row: usize, column: usize, right: &str) -> String {
        let (name, text) = (self.table.headers().get(column).unwrap_or_default(), self.table.text(row, column));
        format!("row {} has \"{}\" as `{name}`; it must be {right}", row + 1, shortened(text, 40))
    }
}
