//! The files of a report.

use std::path::Path;

use twosided_files::{Kept, OutputFolder};
use twosided_prob::Sample;
use twosided_scenario::Scenario;
use twosided_sim::{Keep, Outcomes};
use twosided_units::Share;

use crate::{
    CashSummary, Ranking, Report, ReportError, RiskMeasure, Stop, cash_files,
    charts::{self, Canvas, Chart, ChartError, FanPoint, Gains, Ranked},
    html::{Picture, Pictures, page},
    parquet, people, save, tables,
};

/// The files of every report, histograms aside (`histogram-01.svg` and `.png`, …, in the order of the continuum).
pub const FILES: [&str; 13] = [
    "report.html",
    "continuum.svg",
    "continuum.png",
    "return-on-risk.svg",
    "return-on-risk.png",
    "exceedance.svg",
    "exceedance.png",
    "convergence.svg",
    "convergence.png",
    "summary.csv",
    "summary.json",
    "trials.parquet",
    "run.toml",
];

/// Cash by month; only where the scenario has a `[cash]` block.
const CASH: &str = "cash.csv";
/// Results by group of people; only where the population has groups.
const BY_GROUP: [&str; 2] = ["by-group.svg", "by-group.png"];
/// Cash of every trial; only where it is kept.
const CASH_TRIALS: &str = "cash.parquet";

/// Names of all files that the report of a scenario may have.
pub fn report_files(scenario: &Scenario) -> Vec<String> {
    let by_contract = (1..=scenario.contracts.len()).flat_map(|index| {
        ["histogram", "fan", "cash"]
            .into_iter()
            .flat_map(move |stem| ["svg", "png"].map(|kind| format!("{stem}-{index:02}.{kind}")))
    });
    FILES.into_iter().chain([CASH, CASH_TRIALS]).chain(BY_GROUP).map(str::to_owned).chain(by_contract).collect()
}

pub(crate) fn write(report: &Report<'_>, destination: &OutputFolder, stop: Stop<'_>) -> Result<Vec<Kept>, ReportError> {
    write_files(report, &destination.staging(), stop)?;
    stop.check()?;
    Ok(destination.complete()?)
}

/// The page of a report, its charts drawn in memory.
pub(crate) fn html(report: &Report<'_>) -> String {
    let drawn = pictures(report, |_, chart| picture(chart)).expect("drawing in memory needs the shipped fonts alone");
    page(report.scenario, report.summary, &drawn)
}

fn picture(chart: &Chart) -> Result<Picture, ChartError> {
    Ok(Picture { svg: chart.svg()?, slices: chart.svg_slices()? })
}

/// Draws every chart of a report, each with the stem of its files' names.
fn pictures<E>(report: &Report<'_>, mut draw: impl FnMut(&str, &Chart) -> Result<Picture, E>) -> Result<Pictures, E> {
    let Report { scenario, outcomes, summary } = report;
    let index = |name: &str| scenario.contracts.iter().position(|contract| contract.name == name);
    let indices: Vec<usize> =
        summary.contracts.iter().map(|contract| index(&contract.name).expect("a summary is of its scenario")).collect();
    let trials: Vec<Vec<f64>> = indices.iter().map(|&index| outcomes.gains_of(index).to_vec()).collect();
    let samples: Vec<Sample> = trials.iter().map(|trials| sample(trials.clone())).collect();
    let gains: Vec<Gains<'_>> = summary
        .contracts
        .iter()
        .zip(trials.iter().zip(&samples))
        .map(|(contract, (trials, sample))| Gains {
            name: &contract.name,
            lan: &contract.lan,
            trials,
            sample,
            measures: RiskMeasure::ALL.map(|measure| contract.shown(measure)),
            is_reference: contract.is_reference,
            is_exact: contract.has_exact_law(),
            period: summary.period(),
        })
        .collect();
    // What never differs from fee-for-service has nothing to settle.
    let risky: Vec<Gains<'_>> = gains.iter().filter(|gains| !gains.is_reference).copied().collect();
    let continuum = draw("continuum", &charts::continuum(&gains))?;
    let ranked = summary.ranking.as_ref().map(|ranking| ranked(ranking, &gains));
    let return_on_risk = ranked.map(|ranked| draw("return-on-risk", &charts::return_on_risk(&ranked))).transpose()?;
    let exceedance = draw("exceedance", &charts::exceedance(&gains))?;
    let convergence = draw("convergence", &charts::convergence(if risky.is_empty() { &gains } else { &risky }))?;
    let (mut histograms, mut fans) = (Vec::new(), Vec::new());
    for (number, gains) in (1..).zip(&gains) {
        let chart = (!gains.is_reference).then(|| charts::histogram(gains));
        histograms.push(chart.map(|chart| draw(&format!("histogram-{number:02}"), &chart)).transpose()?);
    }
    for (number, (gains, &index)) in (1..).zip(gains.iter().zip(&indices)) {
        let is_drawn = summary.period().years > 1 && !gains.is_reference;
        let chart = is_drawn.then(|| charts::fan(gains, &fan_years(outcomes, index)));
        fans.push(chart.map(|chart| draw(&format!("fan-{number:02}"), &chart)).transpose()?);
    }
    let mut cash = Vec::new();
    let opening = scenario.cash.as_ref().map_or(0.0, |cash| cash.financing.opening.0);
    for (number, contract) in (1..).zip(&summary.contracts) {
        let months = contract.cash.as_ref().map(cash_months);
        let chart = months.map(|months| charts::cash_fan(&contract.name, opening, &months));
        cash.push(chart.map(|chart| draw(&format!("cash-{number:02}"), &chart)).transpose()?);
    }
    let groups = people::points(summary);
    let by_group = groups.map(|groups| draw("by-group", &charts::by_group(&groups))).transpose()?;
    Ok(Pictures { continuum, return_on_risk, exceedance, convergence, histograms, fans, by_group, cash })
}

/// Contracts with what a ranking says of them.
fn ranked<'a>(ranking: &Ranking, contracts: &[Gains<'a>]) -> Vec<Ranked<'a>> {
    let is_efficient = |name: &str| ranking.by_limit_on_tvar_95.iter().any(|best| best.contract == name);
    let of = |&gains: &Gains<'a>| Ranked {
        gains,
        is_dominated: !ranking.better_than(gains.name).is_empty(),
        is_efficient: is_efficient(gains.name),
    };
    contracts.iter().map(of).collect()
}

fn sample(values: Vec<f64>) -> Sample {
    Sample::new(values).expect("a summary is of at least two trials, each finite")
}

fn fan_years(outcomes: &Outcomes, contract: usize) -> Vec<FanPoint> {
    let cumulative = outcomes.cumulative_of(contract);
    let quantile = |sample: &Sample, level: f64| sample.quantile(Share::new(level).expect("levels are shares")).value;
    let years = (0..outcomes.years()).map(|year| {
        let gains = sample(cumulative.iter().map(|years| years[year]).collect());
        FanPoint {
            mean: gains.mean().value,
            quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|level| quantile(&gains, level)),
        }
    });
    years.collect()
}

fn cash_months(cash: &CashSummary) -> Vec<FanPoint> {
    let months = cash.by_month.iter().map(|month| {
        let [mean, quantiles @ ..] = month.figures().map(|(_, figure)| figure.value);
        FanPoint { mean, quantiles }
    });
    months.collect()
}

fn write_files(report: &Report<'_>, folder: &Path, stop: Stop<'_>) -> Result<(), ReportError> {
    let Report { scenario, outcomes, summary } = report;
    let write = |name: &str, bytes: &[u8]| {
        stop.check()?;
        save(folder, name, bytes)
    };
    let mut canvas = Canvas::default();
    let drawn = pictures(report, |stem, chart| {
        let picture = picture(chart)?;
        write(&format!("{stem}.svg"), picture.svg.as_bytes())?;
        write(&format!("{stem}.png"), &chart.png(&mut canvas)?)?;
        Ok::<_, ReportError>(picture)
    })?;
    write("report.html", page(scenario, summary, &drawn).as_bytes())?;
    write("summary.csv", &tables::summary_csv(summary)?)?;
    write("summary.json", &tables::summary_json(summary)?)?;
    if summary.contracts.iter().any(|contract| contract.cash.is_some()) {
        write(CASH, &cash_files::months_csv(summary)?)?;
    }
    let names: Vec<&str> = scenario.contracts.iter().map(|contract| contract.name.as_str()).collect();
    if outcomes.keep >= Keep::Gains {
        parquet::write_trials(&folder.join("trials.parquet"), &names, outcomes, 0, stop)?;
    }
    // Of a run that is read back, details by payer and contract are not known.
    if outcomes.keep == Keep::Cash && scenario.cash.is_some() && outcomes.has_details() {
        cash_files::write_months(&folder.join(CASH_TRIALS), scenario, outcomes, stop)?;
    }
    write("run.toml", summary.provenance.run_file(&scenario.text)?.as_bytes())
}
