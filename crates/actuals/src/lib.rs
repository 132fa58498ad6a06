//! Actual years, settled without simulation: tables of any file, CMS's public files, and the settlement of each row.
//!
//! A [`Table`] is a file as text. A reader knows what its columns mean and makes of each row a settlement; [`SettledRows`]
//! writes them with every step, and compares them with what was published.
#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod aco_people;
pub mod cms_columns;
mod csv_file;
mod mssp_columns;
mod mssp_file;
mod mssp_history;
mod mssp_part;
mod mssp_row;
mod near;
mod other_kind;
mod parquet_file;
mod quiet;
mod quotes;
mod reach_file;
mod scale;
mod settled;
mod table;
mod years;

pub use aco_people::{AcoPeople, EnrollmentType, PeopleFile, TypeFigures};
pub use mssp_file::{AcoYear, MsspFile};
pub use mssp_history::{HistoryRow, HistoryYear, types_of};
pub use quiet::without_panic;
pub use reach_file::ReachFile;
pub use settled::{Comparison, Published, SettledRow, SettledRows, Tolerance};
pub use table::{ActualsError, MOST_BYTES, Table};
pub use years::YearsFile;
