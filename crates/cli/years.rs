//! Which actual years: the arguments that `settle` and `explain` share.

pub(crate) mod year_file;

use std::path::{Path, PathBuf};

use clap::Args;
use twosided::settle::{self, SettleError};
use twosided_actuals::SettledRows;

/// CMS's public results of the Medicare Shared Savings Program.
#[derive(Args)]
pub(crate) struct MsspYears {
    /// CMS's public results file, as published (CSV or Parquet).
    pub(crate) file: PathBuf,
    /// Performance year of the file; its rules apply.
    #[arg(long, value_name = "YYYY", value_parser = performance_year)]
    performance_year: u16,
    /// Table of `aco_id` and `participant_revenue`, which no public file has.
    #[arg(long, value_name = "FILE")]
    participant_revenue: Option<PathBuf>,
}

/// CMS's public results of ACO REACH.
#[derive(Args)]
pub(crate) struct ReachYears {
    /// CMS's public results file, as published (CSV or Parquet).
    file: PathBuf,
    /// Performance year to read from the file; its rules apply.
    #[arg(long, value_name = "YYYY", value_parser = performance_year)]
    performance_year: u16,
}

/// Years of any contract.
#[derive(Args)]
pub(crate) struct TermsYears {
    /// File of terms (TOML), which begins with [contract].
    terms: PathBuf,
    /// One row a year, group or contract (CSV or Parquet).
    data: PathBuf,
}

/// Actual years that can be read and settled.
pub(crate) trait Years {
    /// The files that are read, which are never written over.
    fn files(&self) -> Vec<&Path>;
    /// Reads the files and settles every row.
    fn settled(&self) -> Result<SettledRows, SettleError>;
}

impl Years for MsspYears {
    fn files(&self) -> Vec<&Path> {
        [Some(&self.file), self.participant_revenue.as_ref()].into_iter().flatten().map(PathBuf::as_path).collect()
    }

    fn settled(&self) -> Result<SettledRows, SettleError> {
        settle::mssp(&self.file, self.performance_year, self.participant_revenue.as_deref())
    }
}

impl Years for ReachYears {
    fn files(&self) -> Vec<&Path> {
        vec![&self.file]
    }

    fn settled(&self) -> Result<SettledRows, SettleError> {
        settle::reach(&self.file, self.performance_year)
    }
}

impl Years for TermsYears {
    fn files(&self) -> Vec<&Path> {
        vec![&self.terms, &self.data]
    }

    fn settled(&self) -> Result<SettledRows, SettleError> {
        settle::terms(&self.terms, &self.data)
    }
}

/// Reads a performance year.
pub(crate) fn performance_year(text: &str) -> Result<u16, String> {
    let year = text.parse().ok().filter(|year| (2012..=2100).contains(year));
    year.ok_or_else(|| "write a year from 2012 to 2100".to_owned())
}
