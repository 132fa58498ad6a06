//! Simple forecasts that ours must beat: normal laws fitted to the last two years.

use twosided_forecast::{Panel, Year};

/// A normal law of a savings rate: its mean is a line in the last rate, its variance falls with size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    /// What it is.
    pub name: &'static str,
    /// Mean where the last rate is zero, and what it rises by with the last rate.
    pub line: (f64, f64),
    /// Variance at any size, and what falls with beneficiaries.
    pub variance: (f64, f64),
}

impl Baseline {
    /// Mean and standard deviation for an ACO with this last rate and as many beneficiaries.
    pub(crate) fn at(&self, last: f64, people: f64) -> (f64, f64) {
        (self.line.0 + self.line.1 * last, (self.variance.0 + self.variance.1 / people).sqrt())
    }
}

/// A rate, the one before it, and beneficiaries.
type Row = (f64, f64, f64);

/// The unconditional law of the last year, the last rate again, and the regression of the last year on that before it.
pub(crate) fn baselines(panel: &Panel) -> [Baseline; 3] {
    let last = |years: &[Year]| years.last().copied().filter(|year| year.year == panel.last_year);
    let all: Vec<Row> = panel
        .organizations
        .iter()
        .filter_map(|series| last(&series.years).map(|year| (year.rate(), 0.0, year.people)))
        .collect();
    let pairs: Vec<Row> = panel
        .organizations
        .iter()
        .filter_map(|series| {
            let [before, after] = series.years.last_chunk::<2>()?;
            let is_last = after.year == panel.last_year && before.year + 1 == after.year;
            is_last.then(|| (after.rate(), before.rate(), after.people))
        })
        .collect();
    let unconditional = fitted("unconditional law", &all, |rows, weights| {
        let total: f64 = weights.iter().sum();
        (rows.iter().zip(weights).map(|(row, weight)| weight * row.0).sum::<f64>() / total, 0.0)
    });
    let again = fitted("same again", &pairs, |_, _| (0.0, 1.0));
    let regression = fitted("normal regression", &pairs, |rows, weights| {
        let total: f64 = weights.iter().sum();
        let mean =
            |of: fn(&Row) -> f64| rows.iter().zip(weights).map(|(row, weight)| weight * of(row)).sum::<f64>() / total;
        let (y, x) = (mean(|row| row.0), mean(|row| row.1));
        let with: f64 = rows.iter().zip(weights).map(|(row, weight)| weight * (row.1 - x) * (row.0 - y)).sum();
        let of_x: f64 = rows.iter().zip(weights).map(|(row, weight)| weight * (row.1 - x) * (row.1 - x)).sum();
        let slope = with / of_x;
        (y - slope * x, slope)
    });
    [unconditional, again, regression]
}

/// The likeliest normal law: for each variance the line by weighted least squares, variances on a grid that is made finer.
fn fitted(name: &'static str, rows: &[Row], line: impl Fn(&[Row], &[f64]) -> (f64, f64)) -> Baseline {
    let at = |logs: (f64, f64)| {
        let variance = (libm::exp(logs.0), libm::exp(logs.1));
        let weights: Vec<f64> = rows.iter().map(|row| 1.0 / (variance.0 + variance.1 / row.2)).collect();
        let line = line(rows, &weights);
        let loss = |(row, weight): (&Row, &f64)| {
            let left = row.0 - line.0 - line.1 * row.1;
            left * left * weight - libm::log(*weight)
        };
        (rows.iter().zip(&weights).map(loss).sum::<f64>(), Baseline { name, line, variance })
    };
    // Between a tenth of a point and ten points, and a person's coefficient of variation between 0.1 and 10.
    let (mut center, mut width) = ((-9.2, 0.0), (4.6, 4.6));
    for _ in 0..14 {
        let grid = (-6..=6).flat_map(|i| (-6..=6).map(move |j| (f64::from(i) / 6.0, f64::from(j) / 6.0)));
        let points = grid.map(|(i, j)| (center.0 + i * width.0, center.1 + j * width.1));
        let best = points.min_by(|a, b| at(*a).0.total_cmp(&at(*b).0));
        center = best.expect("a grid has points");
        width = (0.5 * width.0, 0.5 * width.1);
    }
    at(center).1
}
