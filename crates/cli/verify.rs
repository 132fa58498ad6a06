//! `twosided verify`.

use std::path::{Path, PathBuf};

use clap::Args;
use twosided_actuals::{MsspFile, Table};
use twosided_files::{IfThere, OutputFile};
use twosided_form::printable;
use twosided_verify::{Effort, Spread, ValidationRow, backtest, backtest_document, tables, tables_document};

use crate::{Failure, counts::count, print, say};

/// Reproduce published tables, or simulate a past year of the Shared Savings Program and compare it with what happened.
///
/// The document is Markdown, on standard output or in a file. Exit code 1 where a row fails that no sentence explains.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["tables", "backtest"]))]
pub(crate) struct VerifyArguments {
    /// Reproduce the published tables.
    #[arg(long)]
    tables: bool,
    /// CMS's results file of the year to be simulated, as CSV or Parquet.
    #[arg(long, value_name = "FILE", requires = "performance_year")]
    backtest: Option<PathBuf>,
    /// The year of the file.
    #[arg(long, requires = "backtest", value_parser = clap::value_parser!(u16).range(2012..=2100))]
    performance_year: Option<u16>,
    /// Where the document goes [default: standard output].
    #[arg(long)]
    out: Option<PathBuf>,
    /// With --tables: people sampled of each default population.
    #[arg(long, default_value_t = Effort::default().people, value_parser = count::<u64>(20_000..=100_000_000))]
    people: u64,
    /// With --backtest: how often the year is simulated.
    #[arg(long, default_value_t = 2_000, value_parser = count::<u64>(100..=1_000_000))]
    trials: u64,
    /// Key of all random streams.
    #[arg(long, default_value_t = 1, value_parser = count::<u64>(0..=i64::MAX as u64))]
    seed: u64,
}

pub(crate) fn verify(arguments: &VerifyArguments) -> Result<(), Failure> {
    let seed = arguments.seed;
    let inputs: Vec<&Path> = arguments.backtest.iter().map(PathBuf::as_path).collect();
    let out = arguments.out.as_deref().map(|out| OutputFile::new(out, &inputs, IfThere::Replace)).transpose()?;
    let (document, rows) = if let (Some(file), Some(year)) = (&arguments.backtest, arguments.performance_year) {
        let table = Table::load(file)?;
        let acos = MsspFile::new(&table, year)?.acos()?;
        let found = backtest(&acos, Spread::FITTED, arguments.trials, seed);
        let name = printable(&file.display().to_string());
        let found = found.map_err(|error| Failure::Message(format!("{name}: {error}")))?;
        let command = arguments.command(&format!("--backtest {name} --performance-year {year}"));
        (backtest_document(&found, year, &name, arguments.trials, &command), found.rows)
    } else {
        let effort = Effort { people: arguments.people, seed, ..Effort::default() };
        let rows = tables(effort)?;
        (tables_document(&rows, effort, &arguments.command("--tables")), rows)
    };
    match out {
        Some(out) => out.write(document.as_bytes())?,
        None => print(&document)?,
    }
    let count = |passes: Option<bool>| rows.iter().filter(|row| row.passes() == passes).count();
    let (pass, fail) = (count(Some(true)), count(Some(false)));
    say(&format!("{pass} rows pass, {fail} fail, {} are not compared\n", count(None)));
    let unexplained: Vec<&ValidationRow> =
        rows.iter().filter(|row| row.passes() == Some(false) && row.why.is_none()).collect();
    match unexplained.first() {
        Some(row) => {
            Err(Failure::Message(format!("{} rows fail without a reason, the first: {}", unexplained.len(), row.what)))
        }
        None => Ok(()),
    }
}

impl VerifyArguments {
    /// The command that writes the document again.
    fn command(&self, what: &str) -> String {
        let mut command = format!("twosided verify {what}");
        let defaults = Effort::default();
        if self.people != defaults.people && self.tables {
            command.push_str(&format!(" --people {}", self.people));
        }
        if self.trials != 2_000 && self.backtest.is_some() {
            command.push_str(&format!(" --trials {}", self.trials));
        }
        if self.seed != defaults.seed {
            command.push_str(&format!(" --seed {}", self.seed));
        }
        if let Some(out) = &self.out {
            command.push_str(&format!(" --out {}", printable(&out.display().to_string())));
        }
        command
    }
}
