//! `twosided explain`.

use std::{num::NonZeroUsize, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use twosided::{
    Control, Overrides, RunOptions, Scenario,
    explain::{self, FoundTrial, LossRank, TrialChoice},
};
use twosided_aco::AcoForecast;
use twosided_actuals::Table;
use twosided_units::Dollars;

use crate::{
    Failure,
    counts::count,
    new::next_year::ForecastOfYear,
    print, progress, say,
    scenario::ScenarioArguments,
    stop::stop_without_folder,
    years::{MsspYears, ReachYears, TermsYears, Years, performance_year},
};

/// Explain one settled row or one simulated trial, step by step, with the rule of each step.
#[derive(Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct ExplainArguments {
    #[command(subcommand)]
    what: ExplainWhat,
}

#[derive(Subcommand)]
enum ExplainWhat {
    /// Explain one ACO of CMS's public results of the Medicare Shared Savings Program.
    #[command(after_long_help = "\
Example:
  twosided explain mssp tests/data/mssp-py2022.csv --performance-year 2022 --id A1736")]
    Mssp {
        #[command(flatten)]
        years: MsspYears,
        #[command(flatten)]
        aco: AcoArguments,
    },
    /// Explain one ACO of CMS's public results of ACO REACH.
    #[command(after_long_help = "\
Example:
  twosided explain reach tests/data/reach-2021-2022.csv --performance-year 2022 --id D0128")]
    Reach {
        #[command(flatten)]
        years: ReachYears,
        #[command(flatten)]
        aco: AcoArguments,
    },
    /// Explain the forecast of one ACO's next year: its last rate, the program's level, credibilities, and the band.
    #[command(after_long_help = "\
Example:
  twosided explain forecast tests/data/mssp-py2022.csv --performance-year 2022 --id A1736 --for-year 2023 --history tests/data/mssp-py2020.csv tests/data/mssp-py2021.csv")]
    Forecast {
        /// CMS's public results file, as published (CSV or Parquet).
        file: PathBuf,
        /// ACO: its identifier, or the number of its row, counting from 1.
        #[arg(long)]
        id: String,
        /// Performance year of the file; its rules apply.
        #[arg(long, value_name = "YYYY", value_parser = performance_year)]
        performance_year: u16,
        #[command(flatten)]
        next: Box<ForecastOfYear>,
    },
    /// Explain one row of data of your own under the terms of any contract.
    #[command(after_long_help = "\
Example:
  twosided explain terms tests/data/contracts/exact-minimum.toml tests/data/contracts/exact-minimum.csv --row 2")]
    Terms {
        #[command(flatten)]
        years: TermsYears,
        /// Row: the text in its first column that the contract does not use, or its number, counting from 1.
        #[arg(long)]
        row: String,
    },
    /// Explain one simulated trial of a scenario.
    ///
    /// With `--trial worst`, or a percentile such as p95, all trials are simulated first, and the one at that place is explained:
    /// trials are ordered by the loss of the contract over the horizon, so that p95 is the bad year that comes once in 20 (the
    /// 95% value at risk of the report, or near it where the report weighs its trials or has an exact law), p99 the one that comes
    /// once in 100, and p5 a good year.
    #[command(after_long_help = "\
Examples:
  twosided explain scenario scenarios/first-steps.toml --trial 3
  twosided explain scenario scenarios/first-steps.toml --trial p95 --contract \"Capitation with stop-loss\"")]
    Scenario(TrialArguments),
}

/// Which ACO of a results file.
#[derive(Args)]
struct AcoArguments {
    /// ACO: its identifier, or the number of its row, counting from 1.
    #[arg(long, alias = "row")]
    id: String,
}

#[derive(Args)]
struct TrialArguments {
    /// Scenario file, or a report's run.toml, or the report's folder.
    scenario: PathBuf,
    /// Trial: its number, counting from 0 as in trials.parquet; worst; or a percentile of the loss, such as p95.
    #[arg(long, value_name = "N|worst|p95")]
    trial: TrialChoice,
    /// Name of the contract; required by worst and percentiles if there are several [default: all].
    #[arg(long, value_name = "NAME")]
    contract: Option<String>,
    /// Number of trials (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(2..=1_000_000_000))]
    trials: Option<u64>,
    /// Key of all random streams (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(0..=i64::MAX as u64))]
    seed: Option<u64>,
    /// Number of threads, at most 256; results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", value_parser = count::<u64>(1..=256))]
    threads: Option<u64>,
    #[command(flatten)]
    reading: ScenarioArguments,
}

pub(crate) fn explain(arguments: &ExplainArguments) -> Result<(), Failure> {
    match &arguments.what {
        ExplainWhat::Mssp { years, aco } => row(years, &aco.id),
        ExplainWhat::Reach { years, aco } => row(years, &aco.id),
        ExplainWhat::Terms { years, row: wanted } => row(years, wanted),
        ExplainWhat::Forecast { file, id, performance_year, next } => {
            let found = next.forecast(&Table::load(file)?, *performance_year, id)?;
            print(&forecast(&found))
        }
        ExplainWhat::Scenario(arguments) => trial(arguments),
    }
}

fn row(years: &impl Years, wanted: &str) -> Result<(), Failure> {
    let rows = years.settled()?;
    let explained = explain::row(&rows, wanted)?.to_string();
    rows.remarks.iter().for_each(|remark| say(&format!("{remark}\n")));
    print(&explained)
}

fn trial(arguments: &TrialArguments) -> Result<(), Failure> {
    // A report's folder stands for the scenario that repeats its run.
    let path = &arguments.scenario;
    let path = if path.is_dir() { path.join("run.toml") } else { path.clone() };
    let overrides = Overrides { trials: arguments.trials, seed: arguments.seed, ..Overrides::default() };
    let scenario = arguments.reading.load(&path, &overrides)?;
    let wanted = arguments.contract.as_deref();
    let (heading, trial, wanted) = match arguments.trial {
        TrialChoice::Number(trial) => (String::new(), trial, wanted),
        TrialChoice::ByLoss(rank) => {
            let contract = explain::contract(&scenario, wanted)?;
            let name = scenario.contracts[contract].name.as_str();
            let found = simulated(arguments, &scenario, contract, rank)?;
            (format!("{name}: {found}\n\n"), found.trial, Some(name))
        }
    };
    let explained = explain::trial(&scenario, trial, wanted)?;
    print(&format!("{heading}{explained}"))
}

/// Simulates all trials, and finds the one at a rank of the losses of a contract.
fn simulated(
    arguments: &TrialArguments,
    scenario: &Scenario,
    contract: usize,
    rank: LossRank,
) -> Result<FoundTrial, Failure> {
    let threads = arguments.threads.and_then(|threads| NonZeroUsize::new(threads as usize));
    let control = Arc::new(Control::default());
    let options = RunOptions { threads, control: Some(&control), ..RunOptions::default() };
    twosided::check_size(scenario, &options)?;
    stop_without_folder(&control)?;
    let run = progress::watched(scenario.trials, "trials", &control, || twosided::run(scenario, &options))?;
    Ok(explain::find_trial(run.outcomes.gains_of(contract).iter().copied().map(Dollars), rank)?)
}

/// The steps of a forecast, and what the ACO's own figures count.
fn forecast(found: &AcoForecast) -> String {
    let steps: String = found.steps.iter().map(|step| format!("{step}\n")).collect();
    let remarks: String = found.scenario.remarks.iter().map(|remark| format!("Remark: {remark}.\n")).collect();
    let own = if found.credibilities.is_empty() {
        String::new()
    } else {
        format!("Credibility of the row's own figures, the rest the file's mean: {}.\n", found.credibilities.join(", "))
    };
    steps + &own + &remarks
}
