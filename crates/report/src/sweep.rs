//! What a sweep leaves behind: one long table, a picture of each figure, and a page of text.

mod figures;
mod page;
mod pictures;
mod tables;
mod unfinished;

use std::sync::atomic::AtomicBool;

use twosided_files::{Kept, OutputFolder};
use twosided_scenario::Quantity;

use crate::{ReportError, Stop, charts::Canvas, save};

pub use figures::{SweepDifference, SweepFigure, SweepKey, SweepPoint, SweepReport};
pub use unfinished::{SweepAsked, UnfinishedSweep};

/// The tables and the page of a sweep.
const SWEEP_FILES: [&str; 3] = ["sweep.csv", "sweep.parquet", "sweep.md"];

/// The names of all files that a sweep of these quantities may write.
pub fn sweep_files(quantities: &[Quantity]) -> Vec<String> {
    let pictures =
        pictures::names(quantities).into_iter().flat_map(|name| ["svg", "png"].map(|end| format!("{name}.{end}")));
    SWEEP_FILES.iter().map(|&name| name.to_owned()).chain(pictures).collect()
}

impl SweepReport {
    /// The figures as a table for a terminal of that width, in characters.
    pub fn table(&self, width: Option<u16>) -> String {
        tables::terminal(self, width)
    }

    /// The long table as CSV.
    ///
    /// # Errors
    /// [`ReportError::Csv`].
    pub fn csv(&self) -> Result<Vec<u8>, ReportError> {
        tables::csv(self)
    }

    /// Writes the files and, when all are complete, puts them in place of an older sweep's. Files of a user that stood in their
    /// way are kept.
    ///
    /// # Errors
    /// [`ReportError`]; what was there before is then as it was.
    pub fn write(&self, destination: &OutputFolder, stop: &AtomicBool) -> Result<Vec<Kept>, ReportError> {
        let stop = Stop(stop);
        let folder = destination.staging();
        save(&folder, "sweep.csv", &self.csv()?)?;
        tables::write_parquet(self, &folder.join("sweep.parquet"))?;
        let mut canvas = Canvas::default();
        let mut names = Vec::new();
        for (name, chart) in pictures::all(self) {
            stop.check()?;
            save(&folder, &format!("{name}.svg"), chart.svg()?.as_bytes())?;
            save(&folder, &format!("{name}.png"), &chart.png(&mut canvas)?)?;
            names.push((name, chart.title));
        }
        save(&folder, "sweep.md", page::markdown(self, &names).as_bytes())?;
        stop.check()?;
        Ok(destination.complete()?)
    }
}
