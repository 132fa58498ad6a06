//! `twosided new`.

pub(crate) mod next_year;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use twosided_aco::{AcoFile, PERSONS};
use twosided_actuals::Table;
use twosided_files::{IfThere, OutputFile};
use twosided_form::printable;
use twosided_scenario::Scenario;

use crate::{Failure, print, say, years::performance_year};
use next_year::NextYearArguments;

/// What `new scenario` writes.
const FIRST_STEPS: &str = include_str!("../../scenarios/first-steps.toml");
/// How that scenario says it is run, where it stands.
const RUN_FROM_SOURCE: &str = "cargo run --release -- run scenarios/first-steps.toml";

/// Write a scenario to start from.
#[derive(Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct NewArguments {
    #[command(subcommand)]
    what: NewWhat,
}

#[derive(Subcommand)]
enum NewWhat {
    /// Write a small scenario with comments.
    #[command(after_long_help = "\
Example:
  twosided new scenario --out plan.toml")]
    Scenario {
        #[command(flatten)]
        output: OutputArguments,
    },
    /// Write a scenario of one ACO in CMS's public results of the Medicare Shared Savings Program.
    ///
    /// With --for-year it is a forecast of that year from the ACO's own, its luck removed; without, the row's year is simulated
    /// again. What the row does not carry is a default, and its note says so. docs/new.md has the method.
    #[command(after_long_help = "\
Examples:
  twosided new aco tests/data/mssp-py2022.csv --id A1736 --performance-year 2022 --out a1736.toml
  twosided new aco tests/data/mssp-py2022.csv --id A1736 --performance-year 2022 --for-year 2023 --history tests/data/mssp-py2020.csv tests/data/mssp-py2021.csv --out a1736-2023.toml")]
    Aco {
        /// CMS's public results file, as published (CSV or Parquet).
        file: PathBuf,
        /// ACO: its identifier, or the number of its row, counting from 1.
        #[arg(long)]
        id: String,
        /// Performance year of the file; its rules apply.
        #[arg(long, value_name = "YYYY", value_parser = performance_year)]
        performance_year: u16,
        #[command(flatten)]
        next: Box<NextYearArguments>,
        #[command(flatten)]
        output: OutputArguments,
    },
}

/// Where the scenario goes.
#[derive(Args)]
struct OutputArguments {
    /// Scenario file to write, which must not exist yet [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn new(arguments: &NewArguments) -> Result<(), Failure> {
    let (NewWhat::Scenario { output } | NewWhat::Aco { output, .. }) = &arguments.what;
    let inputs = match &arguments.what {
        NewWhat::Aco { file, next, .. } => [&[file.as_path()][..], &next.files()].concat(),
        NewWhat::Scenario { .. } => Vec::new(),
    };
    let out = output.out.as_deref().map(|out| OutputFile::new(out, &inputs, IfThere::Refuse)).transpose()?;
    let text = match &arguments.what {
        NewWhat::Scenario { output } => first_steps(output.out.as_deref()),
        NewWhat::Aco { file, id, performance_year, next, .. } => of_aco(file, id, *performance_year, next)?,
    };
    let (Some(out), Some(path)) = (out, &output.out) else { return print(&text) };
    out.write(text.as_bytes())?;
    let shown = printable(&path.display().to_string());
    say(&format!("{shown} is written; run it with: twosided run {shown}\n"));
    Ok(())
}

/// The first steps, whose comment says how the file that is written is run.
fn first_steps(out: Option<&Path>) -> String {
    let written = out.map_or("FILE.toml".to_owned(), |out| printable(&out.display().to_string()));
    FIRST_STEPS.replacen(RUN_FROM_SOURCE, &format!("twosided run {written}"), 1)
}

fn of_aco(file: &Path, id: &str, year: u16, next: &NextYearArguments) -> Result<String, Failure> {
    if next.without_year() {
        return Err(Failure::Usage("a forecast needs the year that it is for: --for-year".to_owned()));
    }
    let table = Table::load(file)?;
    let written = if let Some(for_year) = next.for_year {
        next.forecast(&table, year, id, for_year)?.scenario
    } else {
        let acos = AcoFile::new(&table, year)?;
        acos.scenario(acos.find(id)?, PERSONS)?
    };
    // What is written can be read.
    Scenario::parse("the scenario that was written", &written.text)?;
    for remark in &written.remarks {
        say(&format!("{remark}\n"));
    }
    Ok(written.text)
}
