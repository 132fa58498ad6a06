//! The moments of a part, node by node.

use std::{ops::Range, path::Path, sync::Arc};

use ::parquet::{
    basic::{Repetition, Type as Physical},
    data_type::{DoubleType, Int64Type},
    errors::ParquetError,
    schema::types::Type,
};
use twosided_sim::{MomentTree, Moments};

use super::{columns::read_groups, create, write_column};
use crate::ReportError;

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

/// Writes the moments of a part.
pub(crate) fn write_moments(path: &Path, moments: &MomentTree) -> Result<(), ReportError> {
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

/// Reads the moments of a range of trials, with this many figures in each node.
pub(crate) fn read_moments(path: &Path, trials: &Range<u64>, figures: usize) -> Result<MomentTree, String> {
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
    MomentTree::of_nodes(trials, figures, nodes)
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
