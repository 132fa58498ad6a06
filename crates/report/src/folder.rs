//! The report's folder, written aside and moved into place when complete.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process,
};

use crate::{
    Report, ReportError, Stop,
    charts::{self, Chart, Gains},
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

/// A folder that is removed unless it is moved away.
struct Aside(PathBuf);

impl Drop for Aside {
    fn drop(&mut self) {
        // Nothing more can be done about a folder that cannot be removed; after a move there is none.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The folder's path with something added to its name.
fn beside(folder: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(folder.file_name().unwrap_or_default());
    name.push(format!(".{suffix}-{}", process::id()));
    folder.with_file_name(name)
}

pub(crate) fn write(report: &Report<'_>, folder: &Path, stop: Stop<'_>) -> Result<(), ReportError> {
    let older = folder.symlink_metadata().is_ok();
    if older && !is_replaceable(folder) {
        return Err(ReportError::Occupied(folder.to_owned()));
    }
    let aside = Aside(beside(folder, "partial"));
    fs::create_dir_all(&aside.0).map_err(ReportError::io(&aside.0))?;
    write_files(report, &aside.0, stop)?;
    stop.check()?;
    let replaced = Aside(beside(folder, "replaced"));
    if older {
        fs::rename(folder, &replaced.0).map_err(ReportError::io(folder))?;
    }
    fs::rename(&aside.0, folder).map_err(ReportError::io(folder))
}

/// An older report, or an empty folder.
fn is_replaceable(folder: &Path) -> bool {
    let Ok(mut entries) = fs::read_dir(folder) else { return false };
    entries.next().is_none() || (folder.join("run.toml").is_file() && folder.join("report.html").is_file())
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
        })
        .collect();
    // What never differs from fee-for-service has nothing to settle.
    let differing = gains.iter().zip(&summary.contracts).filter(|(_, contract)| !contract.is_reference());
    let risky: Vec<Gains<'_>> = differing.map(|(gains, _)| *gains).collect();
    let pictures = Pictures {
        continuum: draw("continuum", &charts::continuum(&gains))?,
        exceedance: draw("exceedance", &charts::exceedance(&gains))?,
        convergence: draw("convergence", &charts::convergence(if risky.is_empty() { &gains } else { &risky }))?,
        histograms: (1..)
            .zip(gains.iter().zip(&summary.contracts))
            .map(|(place, (gains, contract))| {
                let chart = (!contract.is_reference()).then(|| charts::histogram(gains));
                chart.map(|chart| draw(&format!("histogram-{place:02}"), &chart)).transpose()
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
