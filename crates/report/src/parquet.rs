//! The outcomes trial by trial, as Parquet.

use std::{fs::File, path::Path};

use polars_core::prelude::{Column, DataFrame};
use polars_io::parquet::write::{ParquetCompression, ParquetWriter};
use twosided_provider::Line;
use twosided_sim::Outcomes;

use crate::{ReportError, Stop};

/// Rows held as a table at once.
const ROWS_AT_ONCE: usize = 200_000;

/// Writes one row per trial and contract: `trial`, `contract`, `gain`, and the lines that add up to the margin.
pub(crate) fn write_trials(
    path: &Path,
    contracts: &[&str],
    outcomes: &Outcomes,
    stop: Stop<'_>,
) -> Result<(), ReportError> {
    let trials_at_once = (ROWS_AT_ONCE / contracts.len()).max(1);
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
    let rows = || trials.clone().flat_map(|trial| (0..contracts.len()).map(move |contract| (trial, contract)));
    let trial: Vec<u64> = rows().map(|(trial, _)| trial as u64).collect();
    let contract: Vec<&str> = rows().map(|(_, contract)| contracts[contract]).collect();
    let gain: Vec<f64> = rows().map(|place| outcomes.gains[place]).collect();
    let mut columns = vec![
        Column::new("trial".into(), trial),
        Column::new("contract".into(), contract),
        Column::new("gain".into(), gain),
    ];
    for line in Line::ALL {
        let amounts: Vec<f64> =
            rows().map(|(trial, contract)| outcomes.lines[(trial, contract, line as usize)]).collect();
        columns.push(Column::new(line.name().into(), amounts));
    }
    Ok(DataFrame::new(columns[0].len(), columns)?)
}
