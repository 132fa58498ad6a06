//! What a run leaves behind: tables, charts, one self-contained page, and a file that repeats the run.
//!
//! Every figure stands with its standard error. Text from a scenario is escaped in HTML and SVG, and cannot become a formula
//! in a spreadsheet.

mod assumptions;
mod attribution;
mod board;
mod capital;
mod cash;
mod cash_files;
mod cash_section;
pub mod charts;
mod compare;
mod exact;
mod explain;
mod figures;
mod fit_html;
mod fit_names;
mod fit_report;
mod fit_tables;
mod folder;
mod forecast;
mod html;
mod in_short;
mod methods;
mod national;
mod no_source;
mod page;
mod parquet;
mod part_files;
mod people;
mod practice;
mod precision;
mod price;
mod price_files;
mod provenance;
mod rank;
mod summary;
mod surplus;
mod sweep;
mod tables;
mod terminal;
mod text;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

pub use exact::{EXACT_FILES, ExactContract, ExactFigure, ExactReport};
pub use explain::{explain_settlement, explain_trial};
pub use figures::figure_text;
pub use fit_report::{FIT_FILES, FitReport, fit_files};
pub use folder::{FILES, report_files};
pub use national::{
    AcoFigures, BadYears, GroupFigures, LeftOutAco, NATIONAL_FILES, NATIONAL_SCHEMA_VERSION, NationalFigures,
    NationalProvenance, NationalReport, NationalSummary, PublishedTotals, QuantityFigures, outcomes_of_acos_sha256,
    sha256_of_file,
};
pub use parquet::read_trials;
pub use part_files::{CONTROLS, DETAILS, MOMENTS, OUTCOMES, PartError, PartShape, read_part, write_part};
pub use price::{PremiumRule, PriceFigure, PriceMeasure, PricePoint, PriceReport, PricedCover};
pub use price_files::PRICE_FILES;
pub use provenance::{Provenance, outcomes_sha256, scenario_as_run, scenario_sha256};
pub use summary::{
    Assumption, AttributedSegment, BestContract, BestContractFrom, CapitalSummary, CashMonth, CashSummary,
    ContractCapital, ContractSummary, ContractSurplus, CoverChoice, CoverPrice, CoverRelief, Difference,
    DominatedContract, Doubt, Expected, ExpectedContract, Figure, ForecastSummary, HeldAlone, HeldFigures, Interval,
    Ledger, MarginFigures, Mean, MeasureFigures, Method, MovedEnd, MovedKey, NoReturn, Owed, PayerFigures,
    PeopleSummary, PeopleUnder, Period, PooledLayer, PopulationFigure, PracticeSummary, ProgramFigures, Ranking,
    RateInterval, Repayment, RepaymentMechanism, ReturnOn, ReturnOnRisk, Revenue, RevenueFigures, RiskBased,
    SCHEMA_VERSION, ScoreFrom, Sensitivity, Settled, SettledBy, Summary, SurplusPart, SurplusSummary, TailFigures,
    Unit, Warning, YearSummary,
};
pub use sweep::{
    SweepAsked, SweepDifference, SweepFigure, SweepKey, SweepPoint, SweepReport, UnfinishedSweep, sweep_files,
};
pub use terminal::text_table;
use twosided_files::{FolderError, Kept, OutputFolder};
pub use twosided_prob::RiskMeasure;
use twosided_scenario::Scenario;
use twosided_sim::Outcomes;

use charts::ChartError;

/// Everything a report needs.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What was asked.
    pub scenario: &'a Scenario,
    /// What came out.
    pub outcomes: &'a Outcomes,
    /// The figures.
    pub summary: &'a Summary,
}

impl Report<'_> {
    /// The figures as a table for a terminal of that width, in characters.
    pub fn table(&self, width: Option<u16>) -> String {
        terminal::table(self.summary, width)
    }

    /// The report as one page that needs no other file.
    ///
    /// # Panics
    /// Where the summary or the outcomes are not of the scenario.
    pub fn html(&self) -> String {
        folder::html(self)
    }

    /// The summary as CSV.
    ///
    /// # Errors
    /// [`ReportError::Csv`].
    pub fn summary_csv(&self) -> Result<Vec<u8>, ReportError> {
        tables::summary_csv(self.summary)
    }

    /// The summary as JSON.
    ///
    /// # Errors
    /// [`ReportError::Json`].
    pub fn summary_json(&self) -> Result<Vec<u8>, ReportError> {
        tables::summary_json(self.summary)
    }

    /// Writes the files and, when all are complete, puts them in place of an older report. Files of a user that stood in their
    /// way are kept.
    ///
    /// # Errors
    /// [`ReportError`]; an older report is then as it was.
    pub fn write(&self, destination: &OutputFolder, stop: &AtomicBool) -> Result<Vec<Kept>, ReportError> {
        folder::write(self, destination, Stop(stop))
    }
}

/// Asks between steps whether to go on.
#[derive(Clone, Copy)]
pub(crate) struct Stop<'a>(&'a AtomicBool);

impl Stop<'_> {
    fn check(self) -> Result<(), ReportError> {
        if self.0.load(Ordering::Relaxed) { Err(ReportError::Stopped) } else { Ok(()) }
    }
}

/// Writes one file of a report into the folder in which it is prepared.
fn save(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), ReportError> {
    let path = folder.join(name);
    fs::write(&path, bytes).map_err(ReportError::io(&path))
}

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It was stopped.
    #[error("stopped before the report was complete")]
    Stopped,
    /// The files could not be put in place.
    #[error(transparent)]
    Folder(FolderError),
    /// A file or folder could not be written.
    #[error("cannot write {path}: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A chart could not be drawn.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The CSV could not be written.
    #[error("cannot write the summary as CSV: {0}")]
    Csv(#[from] csv::Error),
    /// The JSON could not be written.
    #[error("cannot write the summary as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The Parquet could not be written.
    #[error("cannot write the trials as Parquet: {0}")]
    Parquet(#[from] ::parquet::errors::ParquetError),
    /// `run.toml` would not repeat the run.
    #[error(
        "the scenario was changed after it was read, so that run.toml would not repeat the run; change its text and parse it again"
    )]
    Changed,
    /// The scenario's text could not be written back.
    #[error("cannot write the scenario back: {0}")]
    Scenario(#[from] toml_edit::TomlError),
}

impl From<FolderError> for ReportError {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Abandoned => Self::Stopped,
            other => Self::Folder(other),
        }
    }
}

impl ReportError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { path, error }
    }
}
