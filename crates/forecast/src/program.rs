//! The program's level from year to year, and what its next years may be.

use crate::{Panel, Parameter};
use serde::{Deserialize, Serialize};

/// The program's level in one year: what all organizations share.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct YearLevel {
    /// Performance year.
    pub year: u16,
    /// Mean log ratio of benchmark to expenditure, of an organization without a difference of its own.
    pub level: Parameter,
}

/// How the program's level moves.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Levels, the first year first.
    pub levels: Vec<YearLevel>,
    /// Mean change in a year.
    pub drift: Parameter,
    /// Standard deviation of a year's change about the drift.
    pub sd: f64,
    /// Median growth of expenditure a year in the same organizations, and the standard deviation of a normal with its median distance
    /// from that: single years such as those of a pandemic do not count for more than others.
    pub trend: (f64, f64),
    /// What the level moves by if expenditure grows by one more than on average: benchmarks follow the rest.
    pub on_trend: Parameter,
    /// Standard deviation of a year's change that the trend does not explain.
    pub beside_trend: f64,
}

impl Program {
    /// What the levels of consecutive years say, with the growth of expenditure in the organizations of a panel.
    pub(crate) fn new(levels: Vec<YearLevel>, panel: &Panel) -> Self {
        let changes: Vec<f64> = levels.windows(2).map(|pair| pair[1].level.value - pair[0].level.value).collect();
        let count = changes.len() as f64;
        let drift = changes.iter().sum::<f64>() / count;
        let squares =
            |mean: f64, values: &[f64]| values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        let sd = (squares(drift, &changes) / (count - 1.0)).sqrt();
        let pairs: Vec<(f64, f64)> = levels
            .windows(2)
            .zip(&changes)
            .filter_map(|(pair, &change)| Some((growth(panel, pair[0].year, pair[1].year)?, change)))
            .collect();
        let growths: Vec<f64> = pairs.iter().map(|(growth, _)| *growth).collect();
        let center = growths.iter().sum::<f64>() / growths.len().max(1) as f64;
        let spread = squares(center, &growths);
        let trend = median(&growths);
        let apart: Vec<f64> = growths.iter().map(|growth| (growth - trend).abs()).collect();
        // 1 / the normal's 75% quantile.
        let trend_sd = 1.482_602 * median(&apart);
        let (on_trend, beside_trend) = if pairs.len() > 3 && spread > 0.0 {
            let of_pairs = pairs.iter().map(|(_, change)| change).sum::<f64>() / pairs.len() as f64;
            let slope = pairs.iter().map(|(growth, change)| (growth - center) * change).sum::<f64>() / spread;
            let left = |(growth, change): &(f64, f64)| {
                let left = change - of_pairs - slope * (growth - center);
                left * left
            };
            let variance = pairs.iter().map(left).sum::<f64>() / (pairs.len() - 2) as f64;
            (Parameter { value: slope, error: (variance / spread).sqrt() }, variance.sqrt())
        } else {
            (Parameter { value: 0.0, error: 0.0 }, sd)
        };
        let drift = Parameter { value: drift, error: sd / count.sqrt() };
        Self { levels, drift, sd, trend: (trend, trend_sd), on_trend, beside_trend }
    }

    /// The last year whose level is known.
    pub fn last(&self) -> YearLevel {
        *self.levels.last().expect("a program has a year")
    }

    /// The level of a year whose files were there.
    pub fn level(&self, year: u16) -> Option<f64> {
        self.levels.iter().find(|level| level.year == year).map(|level| level.level.value)
    }

    /// The program as it was known after a year; none where that is not one of its years, or the first.
    pub fn until(&self, year: u16) -> Option<Self> {
        let levels: Vec<YearLevel> = self.levels.iter().copied().filter(|level| level.year <= year).collect();
        let reaches = levels.len() > 1 && levels.last().is_some_and(|level| level.year == year);
        reaches.then(|| Self { levels, ..self.clone() })
    }

    /// Degrees of freedom of the standard deviation of changes.
    pub fn freedom(&self) -> f64 {
        (self.levels.len() - 2) as f64
    }

    /// Mean and variance of the level of a later year: a random walk whose drift and spread are known to their errors.
    pub fn later(&self, year: u16) -> (f64, f64) {
        let last = self.last();
        let ahead = f64::from(year.saturating_sub(last.year));
        let changes = (self.levels.len() - 1) as f64;
        // The standard deviation is known from the changes alone: the variance is that of Student's t.
        let freedom = changes - 1.0;
        let unknown = if freedom > 2.0 { freedom / (freedom - 2.0) } else { 3.0 };
        let variance = self.sd * self.sd * (ahead + ahead * ahead / changes) * unknown;
        (last.level.value + ahead * self.drift.value, variance)
    }
}

/// The middle of numbers; zero of none.
fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        count if count % 2 == 1 => sorted[half],
        _ => f64::midpoint(sorted[half - 1], sorted[half]),
    }
}

/// Growth of expenditure per person-year in the organizations that are in both years, as a logarithm; none where files lack it.
pub(crate) fn growth(panel: &Panel, from: u16, to: u16) -> Option<f64> {
    let (mut before, mut after) = (0.0, 0.0);
    for series in &panel.organizations {
        let of = |year: u16| series.years.iter().find(|own| own.year == year);
        let (Some(first), Some(second)) = (of(from), of(to)) else { continue };
        if let (Some(one), Some(other)) = (first.per_capita, second.per_capita) {
            before += one * first.people;
            after += other * first.people;
        }
    }
    (before > 0.0 && after > 0.0).then(|| libm::log(after / before))
}
