//! How far a figure of an organization, such as its admissions or its risk score, is its own: credibility by size.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use twosided_actuals::{ActualsError, EnrollmentType, Table, cms_columns};

/// The variances of a figure's logarithm over the program's mean.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FigureCredibility {
    /// Column of the results file.
    pub column: String,
    /// Between organizations, lasting from year to year.
    pub between: f64,
    /// Within an organization, at any size.
    pub within: f64,
    /// Within an organization, times its beneficiaries.
    pub of_one: f64,
    /// Pairs of consecutive years that it is from.
    pub pairs: usize,
}

impl FigureCredibility {
    /// What an organization's own figure counts against the program's mean.
    pub fn credibility(&self, people: f64) -> f64 {
        self.between / (self.between + self.within + self.of_one / people)
    }
}

/// Fewest pairs from which variances are estimated, and the farthest that a figure counts from the mean, as a logarithm.
const FEWEST_PAIRS: usize = 100;
const FARTHEST: f64 = 1.5;

/// Credibilities of use, spending by service and risk scores, by the columns of files of consecutive years; a column that fewer
/// than 100 pairs of rows have is left out.
///
/// # Errors
/// [`ActualsError::Invalid`] for cells that are no number.
///
/// # Source
/// Variances by moments, as of Bühlmann and Straub (1970).
pub fn credibilities(files: &[(u16, &Table)]) -> Result<Vec<FigureCredibility>, ActualsError> {
    let scores = EnrollmentType::ALL.map(|enrollment| enrollment.columns()[2]);
    let mut found = Vec::new();
    for column in cms_columns::FIGURES.iter().copied().chain(scores) {
        let mut years = BTreeMap::new();
        for &(year, table) in files {
            if let Some(figures) = figures(table, column)? {
                years.insert(year, figures);
            }
        }
        found.extend(of_column(column, &years));
    }
    Ok(found)
}

/// People and the logarithm of a figure over its mean, by identifier.
type OfYear = BTreeMap<String, (f64, f64)>;

/// The figures of a year; none where the file lacks the column or identifiers.
fn figures(table: &Table, name: &str) -> Result<Option<OfYear>, ActualsError> {
    let columns = (table.column(&["ACO_ID", "ACO_Num"]), table.column(&["N_AB"]), table.column(&[name]));
    let (Some(id), Some(people), Some(column)) = columns else { return Ok(None) };
    let mut problems = Vec::new();
    let mut rows = Vec::new();
    for row in 0..table.len() {
        let mut read = |column: usize| {
            table.number(row, column).unwrap_or_else(|problem| {
                problems.push(problem);
                None
            })
        };
        if let (Some(people), Some(figure)) = (read(people), read(column))
            && people >= crate::LEAST_PEOPLE
            && figure > 0.0
        {
            rows.push((table.text(row, id).to_uppercase(), people, figure));
        }
    }
    let all: f64 = rows.iter().map(|row| row.1).sum();
    let mean = rows.iter().map(|row| row.1 * row.2).sum::<f64>() / all;
    let over = |figure: f64| libm::log(figure / mean).clamp(-FARTHEST, FARTHEST);
    let rows = rows.into_iter().map(|(id, people, figure)| (id, (people, over(figure)))).collect();
    table.checked(Some(rows), problems)
}

fn of_column(column: &str, years: &BTreeMap<u16, OfYear>) -> Option<FigureCredibility> {
    let mut pairs: Vec<(f64, f64, f64)> = Vec::new();
    for (year, first) in years {
        let Some(second) = years.get(&(year + 1)) else { continue };
        let both = first.iter().filter_map(|(id, &(people, one))| Some((people, one, second.get(id)?.1)));
        let both: Vec<(f64, f64, f64)> = both.collect();
        let count = both.len() as f64;
        let (one, other) = both.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.1 / count, sum.1 + pair.2 / count));
        pairs.extend(both.into_iter().map(|(people, a, b)| (people, a - one, b - other)));
    }
    if pairs.len() < FEWEST_PAIRS {
        return None;
    }
    let count = pairs.len() as f64;
    let between = (pairs.iter().map(|(_, a, b)| a * b).sum::<f64>() / count).max(0.0);
    // What is not lasting, over the inverse of size: a line with no negative part.
    let left = |pair: &(f64, f64, f64)| 0.5 * (pair.1 - pair.2) * (pair.1 - pair.2);
    let inverse = |pair: &(f64, f64, f64)| 1.0 / pair.0;
    let mean = |of: &dyn Fn(&(f64, f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(&inverse), mean(&left));
    let spread = mean(&|pair| (inverse(pair) - x) * (inverse(pair) - x));
    let slope = mean(&|pair| (inverse(pair) - x) * (left(pair) - y)) / spread;
    let of_one = slope.clamp(0.0, y / x);
    let within = (y - of_one * x).max(0.0);
    Some(FigureCredibility { column: column.to_owned(), between, within, of_one, pairs: pairs.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variances_of_a_constructed_figure_are_found() {
        // Two kinds of organizations that stay what they are, with a disturbance that changes sign.
        let year = |sign: f64| -> OfYear {
            (0..400)
                .map(|index| {
                    let own = if index % 2 == 0 { 0.2 } else { -0.2 };
                    let people = if index % 4 < 2 { 10_000.0 } else { 40_000.0 };
                    let noise = if index % 8 < 4 { sign } else { -sign };
                    (format!("A{index}"), (people, own + noise * 10.0 / f64::sqrt(people)))
                })
                .collect()
        };
        let years = BTreeMap::from([(2020, year(1.0)), (2021, year(-1.0))]);
        let found = of_column("x", &years).expect("enough pairs");
        // Own parts have variance 0.04; the noise, which alternates, takes its mean square from their product.
        let noise = f64::midpoint(100.0 / 10_000.0, 100.0 / 40_000.0);
        assert!((found.between - (0.04 - noise)).abs() < 1e-12, "{found:?}");
        assert!((found.of_one - 200.0).abs() < 1e-9 && found.within < 1e-12);
        assert!(found.credibility(40_000.0) > found.credibility(10_000.0));
    }
}
