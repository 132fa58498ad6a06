//! The files of a report.

use std::{fs, path::Path};

use twosided_files::{Kept, OutputFolder};
use twosided_prob::Sample;
use twosided_scenario::Scenario;
use twosided_units::Share;

use crate::{
    ContractSummary, Report, ReportError, RiskMeasure, Stop, YearSummary,
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

/// Names of all files that the report of a scenario may have.
pub fn report_files(scenario: &Scenario) -> Vec<String> {
    let by_contract = (1..=scenario.contracts.len()).flat_map(|index| {
        ["histogram", "fan"]
            .into_iter()
            .flat_map(move |stem| ["svg", "png"].map(|kind| format!("{stem}-{index:02}.{kind}")))
    });
    FILES.iter().map(|name| (*name).to_owned()).chain(by_contract).collect()
}

pub(crate) fn write(report: &Report<'_>, destination: &OutputFolder, stop: Stop<'_>) -> Result<Vec<Kept>, ReportError> {
    write_files(report, &destination.staging(), stop)?;
    stop.check()?;
    Ok(destination.complete()?)
}

fn fan_years(contract: &ContractSummary) -> Vec<FanYear> {
    let quantile = |sample: &Sample, level: f64| sample.quantile(Share::new(level).expect("levels are shares")).value;
    let years = contract.years.iter().map(|YearSummary { cumulative, .. }| FanYear {
        mean: cumulative.mean().value,
        quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|level| quantile(cumulative, level)),
    });
    years.collect()
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
        Ok::<_, ReportError>(Picture { svg, slices: chart.svg_slices()? })
    };
    let gains: Vec<Gains<'_>> = summary
        .contracts
        .iter()
        .map(|contract| Gains {
            name: &contract.name,
            lan: contract.lan,
            trials: &contract.trials,
            sample: &contract.gains,
            measures: RiskMeasure::ALL.map(|measure| contract.shown(measure)),
            is_reference: contract.is_reference,
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
            .map(|(index, (gains, contract))| {
                let chart = (!contract.is_reference).then(|| charts::histogram(gains));
                chart.map(|chart| draw(&format!("histogram-{index:02}"), &chart)).transpose()
            })
            .collect::<Result<_, _>>()?,
        fans: (1..)
            .zip(gains.iter().zip(&summary.contracts))
            .map(|(index, (gains, contract))| {
                let is_drawn = summary.period.years > 1 && !contract.is_reference;
                let chart = is_drawn.then(|| charts::fan(gains, &fan_years(contract)));
                chart.map(|chart| draw(&format!("fan-{index:02}"), &chart)).transpose()
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
