//! `twosided history`.

use std::path::PathBuf;

use clap::Args;
use twosided_aco::national_claims_cv;
use twosided_files::{IfThere, OutputFile};
use twosided_forecast::{Fitted, LawFile, Panel, credibilities, exit, fit};
use twosided_form::printable;

use crate::{
    Failure, print, say,
    years::year_file::{YearFile, histories},
};

/// Fit the law of ACOs over time to CMS's public results of several years.
///
/// The law is what `new aco --for-year` and `verify forecast` forecast with. The program comes with the law of 2014 to 2022; later
/// files are added by naming them all. docs/forecast.md has the law and the proof of it.
#[derive(Args)]
#[command(
    arg_required_else_help = true,
    after_long_help = "\
Example:
  twosided history tests/data/mssp-py2018.csv tests/data/mssp-py2019.csv tests/data/mssp-py2020.csv tests/data/mssp-py2021.csv tests/data/mssp-py2022.csv --out law.json"
)]
pub(crate) struct HistoryArguments {
    /// Results files of consecutive years (CSV or Parquet), each with its year in its name or before it: 2021=FILE.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<YearFile>,
    /// File of the law to write (JSON) [default: the law is only shown].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) fn history(arguments: &HistoryArguments) -> Result<(), Failure> {
    let inputs: Vec<&std::path::Path> = arguments.files.iter().map(|own| own.file.as_path()).collect();
    let out = arguments.out.as_deref().map(|out| OutputFile::new(out, &inputs, IfThere::Replace)).transpose()?;
    let (tables, histories) = histories(&arguments.files)?;
    let panel = Panel::new(&histories).map_err(|error| Failure::Message(error.to_string()))?;
    let fitted = fit(&panel, national_claims_cv()).map_err(|error| Failure::Message(error.to_string()))?;
    let years: Vec<(u16, &twosided_actuals::Table)> = arguments.files.iter().map(|own| own.year).zip(&tables).collect();
    let figures = credibilities(&years)?;
    let source = format!(
        "CMS's public results of the Medicare Shared Savings Program, performance years {} to {}",
        panel.first_year, panel.last_year
    );
    let law = LawFile::new(source, &fitted, exit(&panel, &fitted.program), figures);
    print(&shown(&panel, &fitted, &law))?;
    if let (Some(out), Some(path)) = (out, &arguments.out) {
        out.write(law.text().as_bytes())?;
        say(&format!("{} is written\n", printable(&path.display().to_string())));
    }
    Ok(())
}

/// The law as text.
fn shown(panel: &Panel, fitted: &Fitted, law: &LawFile) -> String {
    let linked = panel.linked;
    let mut text = format!(
        "{} years of {} ACOs, {} to {}; {} rows by identifier, {} by a name that has one, {} by name alone; left out: {} whose name is not unique, {} \
         below 5,000 beneficiaries or incomplete\n\n",
        fitted.years,
        fitted.organizations,
        panel.first_year,
        panel.last_year,
        linked.by_identifier,
        linked.by_name,
        linked.by_name_alone,
        linked.ambiguous,
        linked.small
    );
    for (name, parameter) in &fitted.parameters {
        text.push_str(&format!("{name:22} {:8.4} ± {:.4}\n", parameter.value, parameter.error));
    }
    text.push_str(&format!("{:22} {:8.4}   (person engine)\n\n", "claims.cv", fitted.law.claims_cv));
    for level in &fitted.program.levels {
        let (value, error) = (100.0 * level.level.value, 100.0 * level.level.error);
        text.push_str(&format!("program's level {} {value:6.2}% ± {error:.2}\n", level.year));
    }
    let program = &fitted.program;
    text.push_str(&format!(
        "drift {:.2} ± {:.2} points a year, standard deviation {:.2}\n",
        100.0 * program.drift.value,
        100.0 * program.drift.error,
        100.0 * program.sd
    ));
    if let Some(exit) = &law.exit {
        text.push_str(&format!(
            "who leaves: {:.1}% of {} a year, in files with identifiers; the odds fall by {:.1} ± {:.1}% for each point of the savings rate\n",
            100.0 * exit.share,
            exit.years,
            100.0 * (1.0 - (exit.on_result.value / 100.0).exp()),
            exit.on_result.error
        ));
    }
    text
}
