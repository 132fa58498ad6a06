//! What a forecast of an ACO is made from: the arguments that `new aco` and `explain forecast` share.

use std::path::{Path, PathBuf};

use clap::Args;
use twosided_aco::{AcoFile, AcoForecast, ForecastOptions};
use twosided_actuals::{HistoryYear, Table};
use twosided_contracts::Track;
use twosided_files::read_input;
use twosided_forecast::{Course, LawFile, QuarterFile};
use twosided_form::printable;

use crate::{
    Failure,
    years::{
        performance_year,
        year_file::{YearFile, histories, remark_other_year},
    },
};

/// Largest file of a law that is read.
const MOST_BYTES: u64 = 10_000_000;

/// A forecast of an ACO's next year.
#[derive(Args)]
pub(crate) struct NextYearArguments {
    /// Year to forecast, after that of the file.
    #[arg(long, value_name = "YYYY", value_parser = performance_year)]
    pub(crate) for_year: Option<u16>,
    #[command(flatten)]
    from: From,
}

/// The same, where a forecast is what is asked for.
#[derive(Args)]
pub(crate) struct ForecastOfYear {
    /// Year to forecast, after that of the file.
    #[arg(long, value_name = "YYYY", value_parser = performance_year)]
    for_year: u16,
    #[command(flatten)]
    from: From,
}

#[derive(Args)]
struct From {
    /// Results files of earlier years, each with its year in its name or before it: 2021=FILE [default: the row alone].
    #[arg(long, value_name = "FILE", num_args = 1..)]
    history: Vec<YearFile>,
    /// Law of ACOs over time, as `history` writes it [default: that of 2014 to 2022].
    #[arg(long, value_name = "FILE")]
    law: Option<PathBuf>,
    /// Year in which the agreement of the forecast year begins [default: that of the row, or a new one where it has ended].
    #[arg(long, value_name = "YYYY", value_parser = performance_year)]
    agreement_start: Option<u16>,
    /// Track of the forecast year, as enhanced [default: that of the row].
    #[arg(long, value_parser = track)]
    track: Option<Track>,
    /// Growth of expenditure per person-year in a year, as 0.03 [default: the median of the law's files].
    #[arg(long, value_name = "SHARE", value_parser = rate, allow_negative_numbers = true)]
    trend: Option<f64>,
    /// Last quarter of the forecast year that is known, 1 to 4.
    #[arg(long, value_name = "QUARTER", requires = "year_to_date", value_parser = clap::value_parser!(u8).range(1..=4))]
    through: Option<u8>,
    /// Table of the quarters that are known (CSV or Parquet): quarter, expenditure (dollars paid of that quarter alone, truncated as the
    /// benchmark's), and person-years in a column `person_years` (people times a quarter). As: 1,27900000,2570.
    #[arg(long, value_name = "FILE", requires = "through")]
    year_to_date: Option<PathBuf>,
    /// Shares of a year's expenditure by quarter [default: 0.248,0.248,0.249,0.255, assumed].
    #[arg(long, value_name = "Q1,Q2,Q3,Q4", value_delimiter = ',', num_args = 1, requires = "through", value_parser = share)]
    seasons: Vec<f64>,
    /// Standard deviation of the share that has happened, as a share of it [default: 0.01, assumed].
    #[arg(long, value_name = "SHARE", requires = "through", value_parser = share)]
    season_error: Option<f64>,
    /// Part of the quarters' expenditure that is paid and in the table [default: 0.98, assumed].
    #[arg(long, value_name = "SHARE", requires = "through", value_parser = share)]
    completion: Option<f64>,
    /// Standard deviation of that part [default: 0.005, assumed].
    #[arg(long, value_name = "SHARE", requires = "through", value_parser = share)]
    completion_error: Option<f64>,
}

impl NextYearArguments {
    /// Whether anything of a forecast is given without the year that it is for.
    pub(crate) fn without_year(&self) -> bool {
        let From { history, law, agreement_start, track, trend, through, .. } = &self.from;
        self.for_year.is_none()
            && (!history.is_empty()
                || law.is_some()
                || agreement_start.is_some()
                || track.is_some()
                || trend.is_some()
                || through.is_some())
    }

    /// The files that are read.
    pub(crate) fn files(&self) -> Vec<&Path> {
        self.from.files()
    }

    /// The forecast of a row for a year.
    pub(crate) fn forecast(&self, table: &Table, year: u16, id: &str, for_year: u16) -> Result<AcoForecast, Failure> {
        self.from.forecast(table, year, id, for_year)
    }
}

impl ForecastOfYear {
    /// The forecast of a row.
    pub(crate) fn forecast(&self, table: &Table, year: u16, id: &str) -> Result<AcoForecast, Failure> {
        self.from.forecast(table, year, id, self.for_year)
    }
}

impl From {
    fn files(&self) -> Vec<&Path> {
        let history = self.history.iter().map(|own| &own.file);
        history.chain(&self.law).chain(&self.year_to_date).map(PathBuf::as_path).collect()
    }

    fn forecast(&self, table: &Table, year: u16, id: &str, for_year: u16) -> Result<AcoForecast, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::Message(error.to_string());
        if let Some(own) = self.history.iter().find(|own| own.year >= year) {
            return Err(Failure::Usage(format!(
                "--history has a file of {}, which is not before {year}, the year of the row: {}",
                own.year,
                own.typed()
            )));
        }
        remark_other_year(Path::new(table.file()), year);
        let acos = AcoFile::new(table, year)?;
        let row = acos.find(id)?;
        let (_, mut history) = histories(&self.history)?;
        history.push(HistoryYear::read(table, year)?);
        let law = match &self.law {
            Some(file) => {
                let name = printable(&file.display().to_string());
                let read = read_input(file, MOST_BYTES).map_err(|error| Failure::Message(error.to_string()))?;
                let text = String::from_utf8_lossy(&read);
                LawFile::parse(&name, &text).map_err(|error| failed(&error))?
            }
            None => LawFile::of_2014_to_2022(),
        };
        let quarters = match (&self.year_to_date, self.through) {
            (Some(file), Some(through)) => {
                let quarters = QuarterFile::read(&Table::load(file)?, through.into());
                Some(quarters.map_err(|error| failed(&error))?)
            }
            _ => None,
        };
        let course = self.course()?;
        let options = ForecastOptions {
            for_year,
            law: &law,
            history: &history,
            agreement_start: self.agreement_start,
            track: self.track,
            trend: self.trend,
            quarters: quarters.as_ref().map(|quarters| (quarters, course)),
        };
        acos.forecast(row, &options).map_err(|error| failed(&error))
    }

    fn course(&self) -> Result<Course, Failure> {
        let mut course = Course::default();
        match self.seasons[..] {
            [] => {}
            [first, second, third, fourth]
                if (first + second + third + fourth - 1.0).abs() < 1e-6
                    && self.seasons.iter().all(|season| *season >= 0.1) =>
            {
                course.seasons = [first, second, third, fourth];
            }
            _ => {
                let given: Vec<String> = self.seasons.iter().map(f64::to_string).collect();
                let message =
                    format!("--seasons are {}; write four shares of at least 0.1 that add to 1", given.join(","));
                return Err(Failure::Usage(message));
            }
        }
        course.season_error = self.season_error.unwrap_or(course.season_error);
        course.completion_error = self.completion_error.unwrap_or(course.completion_error);
        course.completion = self.completion.unwrap_or(course.completion);
        if course.completion < 0.1 {
            return Err(Failure::Usage(format!(
                "--completion is {}; at least 0.1 of the expenditure is paid",
                course.completion
            )));
        }
        Ok(course)
    }
}

fn track(text: &str) -> Result<Track, String> {
    let found = Track::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map(|&(_, track)| track).ok_or_else(|| {
        let names: Vec<&str> = Track::NAMES.iter().map(|&(name, _)| name).collect();
        format!("write one of {}", names.join(", "))
    })
}

fn rate(text: &str) -> Result<f64, String> {
    let (number, of) = text.strip_suffix('%').map_or((text, 1.0), |percent| (percent, 100.0));
    let found = number.parse::<f64>().ok().map(|rate| rate / of).filter(|rate| (-0.5..=0.5).contains(rate));
    found.ok_or_else(|| "write a rate from -0.5 to 0.5, as 0.03 or 3%".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let found = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
    found.ok_or_else(|| "write a share from 0 to 1".to_owned())
}
