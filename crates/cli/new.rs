//! `twosided new`.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use clap::Args;
use twosided_aco::{AcoFile, PERSONS};
use twosided_actuals::Table;
use twosided_form::printable;
use twosided_scenario::Scenario;

use crate::{Failure, print, say};

/// What `new` writes without --from-puf.
const FIRST_STEPS: &str = include_str!("../../scenarios/first-steps.toml");

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
    if let Some(out) = &arguments.out {
        refuse_what_is_there(out)?;
    }
    let text = match (&arguments.from_puf, &arguments.aco, arguments.performance_year) {
        (Some(puf), Some(aco), Some(year)) => of_aco(puf, aco, year)?,
        _ => FIRST_STEPS.to_owned(),
    };
    match &arguments.out {
        Some(out) => write(out, &text),
        None => print(&text),
    }
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

fn refuse_what_is_there(out: &Path) -> Result<(), Failure> {
    if fs::symlink_metadata(out).is_ok() {
        let out = printable(&out.display().to_string());
        return Err(Failure::Message(format!("{out} is there already; give another --out, or remove it first")));
    }
    Ok(())
}

/// Writes a file that is not there.
fn write(out: &Path, text: &str) -> Result<(), Failure> {
    let shown = printable(&out.display().to_string());
    let cannot = |error: &std::io::Error| Failure::Message(format!("cannot write {shown}: {error}"));
    let mut file = fs::File::create_new(out).map_err(|error| cannot(&error))?;
    file.write_all(text.as_bytes()).map_err(|error| {
        let _ = fs::remove_file(out);
        cannot(&error)
    })?;
    say(&format!("{shown} is written; run it with: twosided run {shown}\n"));
    Ok(())
}
