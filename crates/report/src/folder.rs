//! The report's folder, written aside and moved into place when complete.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process,
};

use twosided_prob::Sample;
use twosided_units::Share;

use crate::{
    ContractSummary, Report, ReportError, Stop, YearSummary,
    charts::{self, Chart, FanYear, Gains},
    html::{Picture, Pictures, page},
    parquet, tables,
};

/// The files of a report, histograms aside (`histogram-01.svg` and `.png`, …, by place on the continuum).
pub const FILES: [&str; 11] = [
    "report.html",
    "continuum.svg",
    "continuum.png",
    "exceedance.svg",
    "exceedance.png",
    "convergence.svg",
    "convergence.png",
    "summary.csv",
    "summary.json",
    "trials.parquet",
    "run.toml",
];

/// Where a report will stand. Its files are written to a folder beside, which goes away with this value unless the report
/// is complete.
#[derive(Debug)]
pub struct Destination {
    folder: PathBuf,
    partial: PathBuf,
}

/// How often a move into place is tried: another run may put its report there between two steps of ours.
const TRIES: usize = 5;

impl Destination {
    /// Makes sure that a report can be written there: the place is free, or holds an older report or nothing, and its
    /// surroundings can be written to. A link is followed.
    ///
    /// # Errors
    /// [`ReportError::Occupied`], or [`ReportError::Io`].
    pub fn new(folder: &Path) -> Result<Self, ReportError> {
        Self::replacing(folder, ["run.toml", "report.html"])
    }

    /// The same of a fit, which takes the place of an older fit only.
    ///
    /// # Errors
    /// [`ReportError::Occupied`], or [`ReportError::Io`].
    pub fn of_fit(folder: &Path) -> Result<Self, ReportError> {
        Self::replacing(folder, ["fit.json", "fit.html"])
    }

    fn replacing(folder: &Path, marks: [&str; 2]) -> Result<Self, ReportError> {
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        if folder.symlink_metadata().is_ok() && !is_replaceable(&folder, marks) {
            return Err(ReportError::Occupied(folder));
        }
        let partial = beside(&folder, "partial");
        fs::create_dir_all(&partial).map_err(ReportError::io(&partial))?;
        Ok(Self { folder, partial })
    }

    /// Where files are written until the report is complete; whoever ends the process early removes it.
    pub fn partial(&self) -> &Path {
        &self.partial
    }

    /// Moves the complete report into place. An older report is kept until the new one stands.
    pub(crate) fn complete(&self) -> Result<(), ReportError> {
        let replaced = beside(&self.folder, "replaced");
        let mut outcome = Ok(());
        for _ in 0..TRIES {
            let older = fs::rename(&self.folder, &replaced).is_ok();
            outcome = fs::rename(&self.partial, &self.folder).map_err(ReportError::io(&self.folder));
            if outcome.is_err() && older {
                fs::rename(&replaced, &self.folder).map_err(ReportError::io(&self.folder))?;
            } else if older {
                fs::remove_dir_all(&replaced).map_err(ReportError::io(&replaced))?;
            }
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }
}

impl Drop for Destination {
    fn drop(&mut self) {
        // Nothing more can be done about a folder that cannot be removed; after a move there is none.
        let _ = fs::remove_dir_all(&self.partial);
    }
}

/// The folder's path with something added to its name.
fn beside(folder: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(folder.file_name().unwrap_or_default());
    name.push(format!(".{suffix}-{}", process::id()));
    folder.with_file_name(name)
}

pub(crate) fn write(report: &Report<'_>, destination: &Destination, stop: Stop<'_>) -> Result<(), ReportError> {
    write_files(report, &destination.partial, stop)?;
    stop.check()?;
    destination.complete()
}

fn fan_years(contract: &ContractSummary) -> Vec<FanYear> {
    let quantile = |sample: &Sample, level: f64| sample.quantile(Share::new(level).expect("levels are shares")).value;
    let years = contract.years.iter().map(|YearSummary { cumulative, .. }| FanYear {
        mean: cumulative.mean().value,
        quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|level| quantile(cumulative, level)),
    });
    years.collect()
}

/// An older report, known by two of its files, or an empty folder.
fn is_replaceable(folder: &Path, marks: [&str; 2]) -> bool {
    let Ok(mut entries) = fs::read_dir(folder) else { return false };
    entries.next().is_none() || marks.iter().all(|mark| folder.join(mark).is_file())
}

fn write_files(report: &Report<'_>, folder: &Path, stop: Stop<'_>) -> Result<(), ReportError> {
    let Report { scenario, outcomes, summary, provenance } = report;
    let save = |name: &str, bytes: &[u8]| {
        stop.check()?;
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(ReportError::io(&path))
    };
    let draw = |stem: &str, chart: &Chart| {
        let svg = chart.svg()?;
        save(&format!("{stem}.svg"), svg.as_bytes())?;
        save(&format!("{stem}.png"), &chart.png()?)?;
        Ok::<_, ReportError>(Picture { svg })
    };
    let gains: Vec<Gains<'_>> = summary
        .contracts
        .iter()
        .map(|contract| Gains {
            name: &contract.name,
            lan: contract.lan,
            trials: &contract.trials,
            sample: &contract.gains,
            period: summary.period,
        })
        .collect();
    // What never differs from fee-for-service has nothing to settle.
    let differing = gains.iter().zip(&summary.contracts).filter(|(_, contract)| !contract.is_reference);
    let risky: Vec<Gains<'_>> = differing.map(|(gains, _)| *gains).collect();
    let pictures = Pictures {
        continuum: draw("continuum", &charts::continuum(&gains))?,
        exceedance: draw("exceedance", &charts::exceedance(&gains))?,
        convergence: draw("convergence", &charts::convergence(if risky.is_empty() { &gains } else { &risky }))?,
        histograms: (1..)
            .zip(gains.iter().zip(&summary.contracts))
            .map(|(place, (gains, contract))| {
                let chart = (!contract.is_reference).then(|| charts::histogram(gains));
                chart.map(|chart| draw(&format!("histogram-{place:02}"), &chart)).transpose()
            })
            .collect::<Result<_, _>>()?,
        fans: (1..)
            .zip(gains.iter().zip(&summary.contracts))
            .map(|(place, (gains, contract))| {
                let is_drawn = summary.period.years > 1 && !contract.is_reference;
                let chart = is_drawn.then(|| charts::fan(gains, &fan_years(contract)));
                chart.map(|chart| draw(&format!("fan-{place:02}"), &chart)).transpose()
            })
            .collect::<Result<_, _>>()?,
    };
    save("report.html", page(scenario, summary, &pictures, provenance).as_bytes())?;
    save("summary.csv", &tables::summary_csv(summary)?)?;
    save("summary.json", &tables::summary_json(summary, provenance)?)?;
    let names: Vec<&str> = scenario.contracts.iter().map(|contract| contract.name.as_str()).collect();
    parquet::write_trials(&folder.join("trials.parquet"), &names, outcomes, stop)?;
    save("run.toml", provenance.run_file(&scenario.text)?.as_bytes())
}
