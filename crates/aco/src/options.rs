//! What a forecast is asked for, and why there is none.

use twosided_actuals::{ActualsError, HistoryYear};
use twosided_contracts::Track;
use twosided_forecast::{Course, LawFile, PanelError, QuarterFile};

/// What a forecast is made from, besides the row.
#[derive(Clone, Debug)]
pub struct ForecastOptions<'a> {
    /// The year that is forecast.
    pub for_year: u16,
    /// The law of ACOs over time.
    pub law: &'a LawFile,
    /// Results of the row's own file and of earlier years.
    pub history: &'a [HistoryYear],
    /// Year in which the agreement of the year begins; none for the one in force, or a new one where that has ended.
    pub agreement_start: Option<u16>,
    /// Track of the year; none for that of the row.
    pub track: Option<Track>,
    /// Growth of expenditure per person-year in a year; none for the median of the law's files.
    pub trend: Option<f64>,
    /// Quarters of the year that are known, and what is assumed of its course.
    pub quarters: Option<(&'a QuarterFile, Course)>,
}

/// A forecast that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// The row cannot be read.
    #[error(transparent)]
    File(#[from] ActualsError),
    /// The files make no panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// The year is not after the row's.
    #[error("--for-year is {for_year}; a forecast from results of {year} is for a later year, {} or {}", year + 1, year + 2)]
    NotLater {
        /// The year asked for.
        for_year: u16,
        /// The row's.
        year: u16,
    },
    /// The year is too far away.
    #[error("--for-year is {for_year}, {} years after the results of {year}; a forecast reaches 5 years", for_year - year)]
    TooFar {
        /// The year asked for.
        for_year: u16,
        /// The row's.
        year: u16,
    },
    /// The law does not know the level of the row's year.
    #[error(
        "the law is fitted to {first} to {last}, and the results are of {year}; fit one with that year's file (`twosided history`), and give it with \
         --law"
    )]
    Law {
        /// First year of the law.
        first: u16,
        /// Last year of the law.
        last: u16,
        /// The row's year.
        year: u16,
    },
    /// Too small.
    #[error("{0} has {1} beneficiaries; the law is of ACOs with 5,000 or more")]
    NoSeries(String, u64),
    /// No such track in the year.
    #[error("there is no track {track} in {year}; give another with --track")]
    Track {
        /// The track.
        track: &'static str,
        /// The year.
        year: u16,
    },
    /// Quarters that cannot be this ACO's.
    #[error("--year-to-date: {0}")]
    Quarters(String),
    /// The agreement cannot begin then.
    #[error(
        "--agreement-start is {start}; an agreement that is in force in {year} began in {year} or before, and has not ended"
    )]
    Agreement {
        /// The year given.
        start: u16,
        /// The year that is forecast.
        year: u16,
    },
}
