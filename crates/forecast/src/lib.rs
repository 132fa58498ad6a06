//! The law of an accountable care organization over time, fitted to CMS's public results, and its next year given its own.
//!
//! A year's [log ratio](Year::log_ratio) of benchmark to expenditure is the program's level, the organization's lasting level, a
//! deviation of the year that fades, and claims noise. [`Panel`] links the rows of several files, [`fit`] estimates the
//! [`OrganizationLaw`] by maximum likelihood, and [`Outlook`] is what the law says of one organization's next year. Docs:
//! `docs/forecast.md`.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod credibility;
mod exit;
mod fit;
mod innovation;
mod law;
mod law_file;
mod likeliest;
mod names;
mod outlook;
mod panel;
mod program;
#[cfg(test)]
mod simulated;
mod state;
mod within_year;

use serde::{Deserialize, Serialize};

pub use credibility::{FigureCredibility, credibilities};
pub use exit::{Exit, exit};
pub use fit::{FitError, Fitted, Spending, Tried, fit, tried};
pub use innovation::Innovation;
pub use law::{Deviation, OrganizationLaw, Rebasing};
pub use law_file::{LawFile, LawFileError};
pub use names::plain_name;
pub use outlook::{Outlook, Weight};
pub use panel::{LEAST_PEOPLE, Panel, PanelError, Series, Target, Year};
pub use program::{Program, YearLevel};
pub use within_year::{Course, QuarterError, QuarterFile, YearSoFar};

/// A figure that was fitted, with its standard error.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Value.
    pub value: f64,
    /// Standard error.
    pub error: f64,
}
