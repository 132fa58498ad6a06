//! A year that has begun: what its first quarters say of the whole.

use twosided_actuals::{ActualsError, Table};

use crate::{Outlook, Parameter, fit::Spending};

/// The quarters of a year that are known: a table of `quarter`, `expenditure` and `person_years`.
#[derive(Clone, Debug, PartialEq)]
pub struct QuarterFile {
    /// Expenditure paid so far, dollars, and person-years lived, of each quarter from the first.
    pub quarters: Vec<(f64, f64)>,
}

/// Quarters that no year has.
#[derive(Debug, thiserror::Error)]
pub enum QuarterError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] ActualsError),
    /// Quarters are missing.
    #[error("{file}: quarters 1 to {wanted} are needed, each in one row; the file has {found}")]
    Quarters {
        /// The file.
        file: String,
        /// The last quarter asked for.
        wanted: usize,
        /// The quarters that there are.
        found: String,
    },
}

impl QuarterFile {
    /// Reads the quarters up to one.
    ///
    /// # Errors
    /// [`QuarterError`], with every cell that is wrong and the quarters that are missing.
    pub fn read(table: &Table, through: usize) -> Result<Self, QuarterError> {
        let mut problems = Vec::new();
        let names = ["quarter", "expenditure", "person_years"];
        for name in names {
            if table.column(&[name]).is_none() {
                problems.push(format!("there is no column {name}: the file has quarter, expenditure, person_years"));
            }
        }
        table.checked((), problems)?;
        let mut problems = Vec::new();
        let mut rows: Vec<(usize, (f64, f64))> = Vec::new();
        for row in 0..table.len() {
            let mut read = |name: &str, help: &str, right: &dyn Fn(f64) -> bool| {
                let column = table.column(&[name])?;
                match table.number(row, column) {
                    Ok(Some(number)) if right(number) => return Some(number),
                    Ok(_) => problems.push(table.wrong(row, column, help)),
                    Err(problem) => problems.push(problem),
                }
                None
            };
            let quarter =
                read("quarter", "a quarter is 1, 2, 3 or 4", &|number| [1.0, 2.0, 3.0, 4.0].contains(&number));
            let positive = |number: f64| number > 0.0 && number < 1e13;
            let expenditure = read("expenditure", "write the dollars of the quarter, above 0", &positive);
            let years = read("person_years", "write the person-years lived in the quarter, above 0", &positive);
            if let (Some(quarter), Some(expenditure), Some(years)) = (quarter, expenditure, years) {
                rows.push((quarter as usize, (expenditure, years)));
            }
        }
        table.checked((), problems)?;
        rows.sort_by_key(|row| row.0);
        let found: Vec<usize> = rows.iter().map(|row| row.0).collect();
        let is_whole = (1..=through).all(|quarter| found.iter().filter(|&&other| other == quarter).count() == 1);
        if !is_whole {
            let found: Vec<String> = found.iter().map(usize::to_string).collect();
            let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
            return Err(QuarterError::Quarters { file: table.file().to_owned(), wanted: through, found });
        }
        Ok(Self { quarters: rows.into_iter().take(through).map(|(_, figures)| figures).collect() })
    }
}

/// What is assumed of the course of a year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Course {
    /// Shares of a year's expenditure by quarter.
    pub seasons: [f64; 4],
    /// Standard deviation of the share that has happened, as a share of it; it falls to zero with the year.
    pub season_error: f64,
    /// The part of the expenditure of the quarters that is paid and in the file.
    pub completion: f64,
    /// Its standard deviation.
    pub completion_error: f64,
}

impl Default for Course {
    /// Assumed: seasons near even, one percent off, and two percent not paid yet, known to half a percent.
    fn default() -> Self {
        Self { seasons: [0.248, 0.248, 0.249, 0.255], season_error: 0.01, completion: 0.98, completion_error: 0.005 }
    }
}

/// A year as far as it has gone, and what is expected of its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YearSoFar {
    /// Share of a whole year's expected expenditure that has happened.
    pub share: f64,
    /// Dollars per person-year of the whole year that are spent, completed for run-out.
    pub per_capita: f64,
    /// How far spending per person-year is over what was expected of the year before it began, as a logarithm: with its error.
    pub spending: Parameter,
    /// What the benchmark moves by with it, as a logarithm.
    pub benchmark: f64,
    /// Dollars per person-year of the whole year that were expected of these quarters.
    pub expected: f64,
    /// Part of the expenditure of the quarters that is taken to be paid.
    pub completion: f64,
    /// Standard deviation of what no quarter shows: benchmark and risk scores.
    pub of_benchmark: f64,
    /// Standard deviation of the log ratio that is left, besides the claims noise that `share` leaves to sample.
    pub left: f64,
}

impl YearSoFar {
    /// What quarters say, given the outlook before the year began and its expected spending per person-year.
    pub fn new(quarters: &QuarterFile, course: &Course, outlook: &Outlook, spending: &Spending, expected: f64) -> Self {
        let count = quarters.quarters.len();
        let seasons: f64 = course.seasons.iter().sum();
        let share = if count == 4 { 1.0 } else { course.seasons[..count].iter().sum::<f64>() / seasons };
        let (dollars, lived) = quarters.quarters.iter().fold((0.0, 0.0), |sum, own| (sum.0 + own.0, sum.1 + own.1));
        let of_year = lived * 4.0 / count as f64;
        let per_capita = dollars / course.completion / of_year;
        let claims = outlook.claims * outlook.claims;
        let (before, program) = outlook.variances();
        let slope = spending.slope.value.clamp(0.1, 1.0);
        let rest = 1.0 - share;
        // Spending's part of what is not known; the rest is the benchmark's and the risk score's.
        let of_spending = (spending.explained * before / (slope * slope) - claims).max(0.0);
        // What moves all ACOs at once, no ACO's quarters show.
        let of_benchmark =
            ((1.0 - spending.explained) * before - claims * (1.0 - slope * slope) * rest).max(0.0) + program;
        let season = course.season_error * (1.0 - share);
        let completion = course.completion_error / course.completion;
        let seen = libm::log(per_capita / (expected * share));
        let noise = claims / share + season * season + completion * completion;
        let weight = of_spending / (of_spending + noise);
        let (mean, variance) = (weight * seen, of_spending * (1.0 - weight));
        // The quarters to come: their level, their seasons, and claims noise that a share of a sampled year has too little of.
        let left = of_benchmark
            + rest * rest * slope * slope * variance
            + season * season
            + share * share * completion * completion
            + claims * rest * share;
        let benchmark = (1.0 - slope) * mean;
        Self {
            share,
            per_capita,
            expected: expected * share,
            completion: course.completion,
            of_benchmark: of_benchmark.sqrt(),
            spending: Parameter { value: mean, error: variance.sqrt() },
            benchmark,
            left: left.sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LawFile, Target, Year};

    fn outlook(people: f64) -> Outlook {
        let LawFile { law, program, .. } = LawFile::of_2014_to_2022();
        let year = Year {
            year: 2022,
            log_ratio: 0.03,
            people,
            part: 1.0,
            agreement_start: Some(2019),
            per_capita: Some(11_000.0),
            is_initial: None,
        };
        Outlook::new(&law, &program, &[year], Target { year: 2023, people, agreement_start: None })
    }

    /// Quarters that cost this much of what was expected, $11,000 a person-year.
    fn quarters(count: usize, over: f64) -> QuarterFile {
        let of = |season: &f64| (11_000.0 * 10_000.0 * season * 0.98 * over, 2_500.0);
        QuarterFile { quarters: Course::default().seasons[..count].iter().map(of).collect() }
    }

    #[test]
    fn what_is_left_unknown_narrows_with_every_quarter() {
        let (outlook, spending) = (outlook(10_000.0), LawFile::of_2014_to_2022().spending);
        let total = |so_far: &YearSoFar| {
            let rest = 1.0 - so_far.share;
            (so_far.left * so_far.left + rest * rest * outlook.claims * outlook.claims).sqrt()
        };
        let mut last = outlook.sd();
        for count in 1..=4 {
            let so_far = YearSoFar::new(&quarters(count, 1.0), &Course::default(), &outlook, &spending, 11_000.0);
            assert!(total(&so_far) < last, "{count}: {} is not below {last}", total(&so_far));
            assert!(so_far.spending.value.abs() < 1e-9, "what was expected says nothing new");
            last = total(&so_far);
        }
        // At the end: what spending does not explain, and run-out.
        let (own, program) = outlook.variances();
        let completion = 0.005 / 0.98;
        let expected = (1.0 - spending.explained) * own + program + completion * completion;
        assert!((last * last - expected).abs() < 1e-12);
    }

    #[test]
    fn dear_quarters_raise_what_is_expected_by_their_credibility() {
        let (outlook, spending) = (outlook(10_000.0), LawFile::of_2014_to_2022().spending);
        let at =
            |count: usize| YearSoFar::new(&quarters(count, 1.04), &Course::default(), &outlook, &spending, 11_000.0);
        let (first, third) = (at(1).spending.value, at(3).spending.value);
        assert!(0.0 < first && first < third && third < 1.04_f64.ln(), "{first} {third}");
        // The benchmark follows in part.
        assert!((at(3).benchmark / third - (1.0 - spending.slope.value)).abs() < 1e-12);
        assert!((at(2).per_capita - 11_000.0 * 1.04 * at(2).share).abs() < 1e-6);
    }
}
