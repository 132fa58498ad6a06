//! A part of a run as files: its outcomes and its moments, as Parquet.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

use ::parquet::{
    basic::{Repetition, Type as Physical},
    data_type::{DoubleType, Int64Type},
    errors::ParquetError,
    schema::types::Type,
};
use ndarray::Array2;
use twosided_sim::{Keep, MomentTree, Moments, Part};

use crate::{
    ReportError, Stop,
    parquet::{create, read_groups, read_outcomes, write_column, write_trials},
};

/// The file of a part's outcomes.
pub const OUTCOMES: &str = "outcomes.parquet";
/// The file of a part's moments.
pub const MOMENTS: &str = "moments.parquet";

/// The file of a part's controls, where its trials have any.
pub const CONTROLS: &str = "controls.parquet";

/// A file of a part that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", .file.display())]
pub struct PartError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong, and what would be right.
    pub reason: String,
}

/// Writes the files of a part under contracts of these names into a folder.
///
/// # Errors
/// [`ReportError`].
pub fn write_part(folder: &Path, contracts: &[&str], part: &Part, stop: &AtomicBool) -> Result<(), ReportError> {
    let Part { trials, outcomes, moments } = part;
    write_trials(&folder.join(OUTCOMES), contracts, outcomes, trials.start, Stop(stop))?;
    write_moments(&folder.join(MOMENTS), moments)?;
    if outcomes.controls.ncols() > 0 { write_controls(&folder.join(CONTROLS), &outcomes.controls) } else { Ok(()) }
}

/// What a part is known to be before its files are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartShape {
    /// Its trials, counted from 0.
    pub trials: Range<u64>,
    /// Years of each.
    pub years: usize,
    /// How many contracts there are.
    pub contracts: usize,
    /// How many figures have moments.
    pub figures: usize,
    /// How many controls each trial has.
    pub controls: usize,
    /// What is kept of each trial.
    pub keep: Keep,
}

/// Reads the files of a part.
///
/// # Errors
/// [`PartError`].
pub fn read_part(folder: &Path, shape: &PartShape) -> Result<Part, PartError> {
    let wrong = |name: &str| {
        let file = folder.join(name);
        move |reason| PartError { file, reason }
    };
    let mut outcomes = read_outcomes(&folder.join(OUTCOMES), shape).map_err(wrong(OUTCOMES))?;
    if shape.controls > 0 {
        outcomes.controls = read_controls(&folder.join(CONTROLS), shape).map_err(wrong(CONTROLS))?;
    }
    let moments = read_moments(&folder.join(MOMENTS), shape).map_err(wrong(MOMENTS))?;
    Ok(Part { trials: shape.trials.clone(), outcomes, moments })
}

/// One row for each figure of each node: the node's first trial and how many it covers, then the count, the mean and the sum of squared
/// deviations of the figure.
fn schema() -> Result<Type, ParquetError> {
    let columns = [
        ("first_trial", Physical::INT64),
        ("trials", Physical::INT64),
        ("count", Physical::DOUBLE),
        ("mean", Physical::DOUBLE),
        ("squares", Physical::DOUBLE),
    ];
    let columns = columns.map(|(name, physical)| {
        let column = Type::primitive_type_builder(name, physical).with_repetition(Repetition::REQUIRED);
        column.build().map(Arc::new)
    });
    let columns = columns.into_iter().collect::<Result<_, _>>()?;
    Type::group_type_builder("moments").with_fields(columns).build()
}

fn write_moments(path: &Path, moments: &MomentTree) -> Result<(), ReportError> {
    let mut writer = create(path, schema()?)?;
    // A row group for each node.
    for (trials, moments) in moments.nodes() {
        let mut group = writer.next_row_group()?;
        let same = |value: u64| vec![value.cast_signed(); moments.len()];
        let of = |figure: fn(&Moments) -> f64| moments.iter().map(figure).collect::<Vec<f64>>();
        write_column::<Int64Type>(&mut group, &same(trials.start))?;
        write_column::<Int64Type>(&mut group, &same(trials.end - trials.start))?;
        write_column::<DoubleType>(&mut group, &of(Moments::count))?;
        write_column::<DoubleType>(&mut group, &of(Moments::mean))?;
        write_column::<DoubleType>(&mut group, &of(Moments::squares))?;
        group.close()?;
    }
    writer.close()?;
    Ok(())
}

fn read_moments(path: &Path, shape: &PartShape) -> Result<MomentTree, String> {
    let PartShape { trials, figures, .. } = shape;
    let rows = figures * nodes_of(trials);
    let mut nodes = Vec::new();
    let schema = schema().map_err(|error| error.to_string())?;
    read_groups(path, schema, rows, |columns| {
        let [first, covered] = [columns.next::<Int64Type>()?, columns.next::<Int64Type>()?];
        let [count, mean, squares] =
            [columns.next::<DoubleType>()?, columns.next::<DoubleType>()?, columns.next::<DoubleType>()?];
        let (Some(&start), Some(&length)) = (first.first(), covered.first()) else {
            return Err("a row group has no rows; it must have one for each figure".to_owned());
        };
        if first.iter().any(|other| *other != start) || covered.iter().any(|other| *other != length) {
            return Err(format!("the row group of the node at trial {start} has rows of another node"));
        }
        let (start, end) = (start.cast_unsigned(), start.wrapping_add(length).cast_unsigned());
        let moments = count.iter().zip(mean.iter().zip(&squares));
        nodes.push((
            start..end,
            moments.map(|(&count, (&mean, &squares))| Moments::of_sums(count, mean, squares)).collect(),
        ));
        Ok(())
    })?;
    MomentTree::of_nodes(trials, *figures, nodes)
}

/// One row for each trial, one column for each control.
fn schema_of_controls(controls: usize) -> Result<Type, ParquetError> {
    let columns = (1..=controls).map(|number| {
        let name = format!("control_{number}");
        let column = Type::primitive_type_builder(&name, Physical::DOUBLE);
        column.with_repetition(Repetition::REQUIRED).build().map(Arc::new)
    });
    Type::group_type_builder("controls").with_fields(columns.collect::<Result<_, _>>()?).build()
}

fn write_controls(path: &Path, controls: &Array2<f64>) -> Result<(), ReportError> {
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

fn read_controls(path: &Path, shape: &PartShape) -> Result<Array2<f64>, String> {
    let rows = (shape.trials.end - shape.trials.start) as usize;
    let schema = schema_of_controls(shape.controls).map_err(|error| error.to_string())?;
    let mut controls = Array2::zeros((rows, shape.controls));
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

/// How many nodes tile a range: each is the largest that begins where the one before ends.
fn nodes_of(trials: &Range<u64>) -> usize {
    let (mut next, mut nodes) = (trials.start, 0);
    while next < trials.end {
        let most = (trials.end - next).ilog2();
        let level = if next == 0 { most } else { most.min(next.trailing_zeros()) };
        next += 1 << level;
        nodes += 1;
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_tiled_by_as_many_nodes_as_its_tree_has() {
        let of = |range: Range<u64>| nodes_of(&range);
        assert_eq!([of(0..100), of(3..17), of(0..64), of(64..65), of(5..5)], [3, 4, 1, 1, 0]);
    }
}
