//! `twosided new`.

use std::path::{Path, PathBuf};

use clap::Args;
use twosided_aco::{AcoFile, PERSONS};
use twosided_actuals::Table;
use twosided_files::{IfThere, OutputFile};
use twosided_form::printable;
use twosided_scenario::Scenario;

use crate::{Failure, print, say};

/// What `new` writes without --from-puf.
const FIRST_STEPS: &str = include_str!("../../scenarios/first-steps.toml");
/// How that scenario says it is run, where it stands.
const RUN_FROM_SOURCE: &str = "cargo run --release -- run scenarios/first-steps.toml";

/// Write a scenario to start from: a small one with comments, or one ACO of CMS's public results.
///
/// One ACO: `new --from-puf FILE --aco ID --performance-year YYYY --out FILE.toml`; what the row does not carry is a default and
/// says so. docs/new.md has the method.
#[derive(Args)]
pub(crate) struct NewArguments {
    /// CMS's public results file of the Shared Savings Program, as published.
    #[arg(long, value_name = "FILE", requires_all = ["aco", "performance_year"])]
    from_puf: Option<PathBuf>,
    /// The ACO: its identifier, or the number of its row, counted from one.
    #[arg(long, value_name = "ID", requires = "from_puf")]
    aco: Option<String>,
    /// Performance year of that file.
    #[arg(long, value_name = "YYYY", requires = "from_puf", value_parser = clap::value_parser!(u16).range(2012..=2100))]
    performance_year: Option<u16>,
    /// File to write, which must not be there yet [default: standard output].
    #[arg(long, value_name = "FILE.toml")]
    out: Option<PathBuf>,
}

pub(crate) fn new(arguments: &NewArguments) -> Result<(), Failure> {
    let out = arguments.out.as_deref().map(|out| OutputFile::new(out, &[], IfThere::Refuse)).transpose()?;
    let text = match (&arguments.from_puf, &arguments.aco, arguments.performance_year) {
        (Some(puf), Some(aco), Some(year)) => of_aco(puf, aco, year)?,
        _ => first_steps(arguments.out.as_deref()),
    };
    let (Some(out), Some(path)) = (out, &arguments.out) else { return print(&text) };
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

fn of_aco(puf: &Path, aco: &str, year: u16) -> Result<String, Failure> {
    let table = Table::load(puf)?;
    let file = AcoFile::new(&table, year)?;
    let written = file.scenario(file.find(aco)?, PERSONS)?;
    // What is written can be read.
    Scenario::parse("the scenario that was written", &written.text)?;
    for remark in &written.remarks {
        say(&format!("{remark}\n"));
    }
    Ok(written.text)
}
