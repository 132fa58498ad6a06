//! The outcomes trial by trial, as Parquet.

use std::{fs::File, path::Path};

use polars_core::prelude::{Column, DataFrame};
use polars_io::parquet::write::{ParquetCompression, ParquetWriter};
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
    let writer = ParquetWriter::new(file).with_compression(ParquetCompression::Zstd(None)).set_parallel(false);
    let mut writer = writer.batched(table(contracts, outcomes, 0..0)?.schema())?;
    for first in (0..outcomes.trials()).step_by(trials_at_once) {
        stop.check()?;
        let trials = first..(first + trials_at_once).min(outcomes.trials());
        let table = table(contracts, outcomes, trials)?;
        writer.write_batch(&table)?;
    }
    writer.finish()?;
    Ok(())
}

fn table(contracts: &[&str], outcomes: &Outcomes, trials: std::ops::Range<usize>) -> Result<DataFrame, ReportError> {
    let years = || (0..outcomes.years()).flat_map(|year| (0..contracts.len()).map(move |contract| (year, contract)));
    let rows = || trials.clone().flat_map(|trial| years().map(move |(year, contract)| (trial, year, contract)));
    let trial: Vec<u64> = rows().map(|(trial, ..)| trial as u64).collect();
    let year: Vec<u32> = rows().map(|(_, year, _)| year as u32 + 1).collect();
    let contract: Vec<&str> = rows().map(|(.., contract)| contracts[contract]).collect();
    let gain: Vec<f64> = rows().map(|place| outcomes.yearly[place]).collect();
    let mut columns = vec![
        Column::new("trial".into(), trial),
        Column::new("year".into(), year),
        Column::new("contract".into(), contract),
        Column::new("gain".into(), gain),
    ];
    for line in Line::ALL {
        let amounts: Vec<f64> =
            rows().map(|(trial, year, contract)| outcomes.lines[(trial, year, contract, line as usize)]).collect();
        columns.push(Column::new(line.name().into(), amounts));
    }
    Ok(DataFrame::new(columns[0].len(), columns)?)
}
