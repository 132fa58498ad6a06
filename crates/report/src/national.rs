//! What a national run leaves behind: tables, one page, trials, and a record that repeats the run.

mod acos;
mod page;
mod provenance;
mod summary;
mod tables;
mod trials;

use std::sync::atomic::AtomicBool;

use twosided_files::{Kept, OutputFolder};
use twosided_national::{AcoYears, LeftOut, Member, Totals};
use twosided_prob::SampleError;

use crate::{
    ReportError, Stop,
    charts::{Canvas, Chart},
    save,
};

pub use acos::AcoFigures;
pub use provenance::{NationalProvenance, outcomes_of_acos_sha256, sha256_of_file};
pub use summary::{
    BadYears, GroupFigures, LeftOutAco, NATIONAL_SCHEMA_VERSION, NationalFigures, NationalSummary, PublishedTotals,
    QuantityFigures,
};

/// The files of a national run.
pub const NATIONAL_FILES: [&str; 10] = [
    "national.html",
    "net-payments.svg",
    "net-payments.png",
    "net-savings.svg",
    "net-savings.png",
    "summary.csv",
    "summary.json",
    "acos.csv",
    "trials.parquet",
    "national.toml",
];

/// Everything that the report of a national run needs.
#[derive(Clone, Debug)]
pub struct NationalReport {
    /// The figures of the nation, of tracks and of sizes.
    pub summary: NationalSummary,
    /// The figures of each ACO, in the order of the file.
    pub acos: Vec<AcoFigures>,
    /// Sums over all ACOs, trial by trial.
    pub totals: Totals,
}

impl NationalReport {
    /// Measures what came out, in the order of the members.
    ///
    /// # Errors
    /// [`SampleError`] for fewer than two trials.
    pub fn new(
        members: &[Member],
        left_out: &[LeftOut],
        years: &[AcoYears],
        provenance: NationalProvenance,
    ) -> Result<Self, SampleError> {
        let totals = Totals::of(provenance.trials as usize, years);
        let summary = NationalSummary::new(members, left_out, years, &totals, provenance)?;
        let acos = members.iter().zip(years).map(|(member, years)| AcoFigures::new(member, years));
        Ok(Self { summary, acos: acos.collect::<Result<_, _>>()?, totals })
    }

    /// The figures as tables for a terminal of that width, in characters.
    pub fn table(&self, width: Option<u16>) -> String {
        tables::terminal(&self.summary, width)
    }

    /// Writes the files and, when all are complete, puts them in place of an older report. Files of a user that stood in their
    /// way are kept.
    ///
    /// # Errors
    /// [`ReportError`]; an older report is then as it was.
    pub fn write(&self, destination: &OutputFolder, stop: &AtomicBool) -> Result<Vec<Kept>, ReportError> {
        let stop = Stop(stop);
        let folder = destination.staging();
        let write = |name: &str, bytes: &[u8]| {
            stop.check()?;
            save(&folder, name, bytes)
        };
        let charts = page::charts(&self.summary, &self.totals);
        let mut canvas = Canvas::default();
        for chart in &charts {
            write(&format!("{}.svg", chart.stem), chart.svg()?.as_bytes())?;
            write(&format!("{}.png", chart.stem), &chart.png(&mut canvas)?)?;
        }
        let pictures = charts.iter().map(Chart::svg).collect::<Result<Vec<_>, _>>()?;
        write("national.html", page::page(self, &pictures).as_bytes())?;
        write("summary.csv", &tables::summary_csv(&self.summary)?)?;
        write("summary.json", &tables::summary_json(&self.summary)?)?;
        write("acos.csv", &tables::acos_csv(&self.acos)?)?;
        trials::write(&folder.join("trials.parquet"), &self.totals)?;
        write("national.toml", self.summary.provenance.record().as_bytes())?;
        stop.check()?;
        Ok(destination.complete()?)
    }
}
