//! Whether a column of shares holds shares or percents.
//!
//! A cell with a percent sign says so. The others are judged by every row that shows it, never by one: a share and a percentage
//! of a quality score or a minimum rate lie in ranges that do not meet. Where rows contradict each other, the fewer are refused.

use std::ops::RangeInclusive;

use crate::Table;

/// A column of shares, and what its numbers without a percent sign are to be divided by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scaled {
    pub(crate) column: usize,
    pub(crate) divisor: f64,
}

/// Divisors of numbers that are shares, percents, or shares divided by 100 once too often, as in copies of CMS's earliest files.
const DIVISORS: [f64; 3] = [1.0, 100.0, 0.01];

/// Of this many rows that show the scale, at most one may contradict the others.
const ROWS_TO_ONE: usize = 10;

/// Finds the divisor of a column whose shares other than zero lie in a range. Notes the rows that contradict the others, or
/// that no row shows it.
pub(crate) fn scaled(table: &Table, column: usize, shares: &RangeInclusive<f64>, problems: &mut Vec<String>) -> Scaled {
    let mut rows_of: [Vec<usize>; 3] = Default::default();
    let mut unexplained = None;
    for row in 0..table.len() {
        // A wrong cell is noted where the row is read.
        let Ok(Some((number, false))) = table.number_or_percentage(row, column) else { continue };
        if number == 0.0 {
            continue;
        }
        match DIVISORS.iter().position(|divisor| shares.contains(&(number / divisor))) {
            Some(index) => rows_of[index].push(row),
            None => unexplained = unexplained.or(Some(row)),
        }
    }
    let explained: usize = rows_of.iter().map(Vec::len).sum();
    let most = (0..DIVISORS.len()).max_by_key(|&index| (rows_of[index].len(), DIVISORS.len() - index)).unwrap_or(0);
    let others = explained - rows_of[most].len();
    let header = &table.headers()[column];
    if others * ROWS_TO_ONE > explained {
        problems.push(format!(
            "column {header}: {} rows hold shares, {} percents; write each percentage with a percent sign, as 2.5%",
            rows_of[0].len() + rows_of[2].len(),
            rows_of[1].len()
        ));
    } else {
        let say = |row: usize| table.wrong(row, column, "the other rows are in another unit; write it as 2.5%");
        let indices = (0..DIVISORS.len()).filter(|&index| index != most);
        problems.extend(indices.flat_map(|index| &rows_of[index]).map(|&row| say(row)));
    }
    if explained == 0
        && let Some(row) = unexplained
    {
        problems.push(table.wrong(row, column, "no row shows whether it is a share or a percentage; write it as 2.5%"));
    }
    Scaled { column, divisor: DIVISORS[most] }
}
