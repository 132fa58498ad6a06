//! `twosided settle`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use twosided::settle::better_year;
use twosided_actuals::{Comparison, SettledRow, SettledRows, Tolerance};
use twosided_files::{IfThere, OutputFile};
use twosided_form::shortened;
use twosided_units::Share;

use crate::{
    Failure,
    counts::{count, counted},
    print, say,
    years::{MsspYears, ReachYears, TermsYears, Years},
};

/// Settle years that have happened, without simulation, and write every step.
#[derive(Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct SettleArguments {
    #[command(subcommand)]
    what: SettleWhat,
}

#[derive(Subcommand)]
enum SettleWhat {
    /// Settle CMS's public results of the Medicare Shared Savings Program.
    ///
    /// Each row of the file is settled under the rules of its performance year. docs/settle.md lists the columns.
    #[command(after_long_help = "\
Examples:
  twosided settle mssp tests/data/mssp-py2022.csv --performance-year 2022 --out settled-2022.csv
  twosided settle mssp tests/data/mssp-py2022.csv --performance-year 2022 --expect")]
    Mssp {
        #[command(flatten)]
        years: MsspYears,
        #[command(flatten)]
        output: OutputArguments,
        #[command(flatten)]
        expect: ExpectArguments,
    },
    /// Settle CMS's public results of ACO REACH.
    ///
    /// Rows of other performance years are skipped. docs/settle.md lists the columns.
    #[command(after_long_help = "\
Example:
  twosided settle reach tests/data/reach-2021-2022.csv --performance-year 2022 --expect")]
    Reach {
        #[command(flatten)]
        years: ReachYears,
        #[command(flatten)]
        output: OutputArguments,
        #[command(flatten)]
        expect: ExpectArguments,
    },
    /// Settle data of your own under the terms of any contract.
    ///
    /// The columns of the data are named by what the contract settles on; docs/settle.md lists them.
    #[command(after_long_help = "\
Example:
  twosided settle terms tests/data/contracts/exact-minimum.toml tests/data/contracts/exact-minimum.csv")]
    Terms {
        #[command(flatten)]
        years: TermsYears,
        #[command(flatten)]
        output: OutputArguments,
    },
}

/// Where settled rows go.
#[derive(Args)]
struct OutputArguments {
    /// CSV file to write, one line a row [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The comparison with what a file publishes.
#[derive(Args)]
struct ExpectArguments {
    /// Compare with the results that the file publishes, and list the rows that differ.
    #[arg(long)]
    expect: bool,
    /// With --expect: fail if fewer rows agree.
    #[arg(long, requires = "expect", value_name = "ROWS", value_parser = count::<usize>(0..=5_000_000))]
    at_least: Option<usize>,
    /// With --expect: accept a difference of this share of the published figure, if it is more than $1.
    #[arg(long, requires = "expect", value_name = "SHARE", default_value = "0", value_parser = share_below_one)]
    within: Share,
}

/// Rows that are listed where they differ.
const MOST_LISTED: usize = 100;

pub(crate) fn settle(arguments: &SettleArguments) -> Result<(), Failure> {
    match &arguments.what {
        SettleWhat::Mssp { years, output, expect } => {
            let rows = write(years, output, expect.expect)?;
            let better = |within, agree| better_year(&years.file, within, agree);
            if expect.expect { compare(expect, &rows, better) } else { Ok(()) }
        }
        SettleWhat::Reach { years, output, expect } => {
            let rows = write(years, output, expect.expect)?;
            if expect.expect { compare(expect, &rows, |_, _| None) } else { Ok(()) }
        }
        SettleWhat::Terms { years, output } => write(years, output, false).map(|_| ()),
    }
}

/// Settles the years and writes the rows; where they are compared, to a file only.
fn write(years: &impl Years, output: &OutputArguments, compares: bool) -> Result<SettledRows, Failure> {
    let out = output.out.as_deref().map(|out| OutputFile::new(out, &years.files(), IfThere::Replace)).transpose()?;
    let rows = years.settled()?;
    if compares && rows.compared(Tolerance::DOLLAR).iter().all(|comparison| comparison.compared == 0) {
        let message = "--expect compares with published results, and the file has none".to_owned();
        return Err(Failure::Message(message));
    }
    if out.is_some() || !compares {
        let mut text = Vec::new();
        rows.write(&mut text).map_err(|error| Failure::Message(error.to_string()))?;
        match out {
            Some(out) => out.write(&text)?,
            None => print(&String::from_utf8_lossy(&text))?,
        }
    }
    rows.remarks.iter().for_each(|remark| say(&format!("{remark}\n")));
    let unsettled: Vec<&SettledRow> = rows.rows.iter().filter(|row| row.settlement.steps().is_empty()).collect();
    let lacking = unsettled.iter().filter_map(|row| row.lacks.as_ref().map(|lacks| (row.line, lacks)));
    for (line, lacks) in lacking.take(MOST_LISTED) {
        say(&format!("line {line} is not settled: the file lacks {lacks}\n"));
    }
    let settled = rows.rows.len() - unsettled.len();
    say(&format!("{} settled\n", counted(settled as u64, "row", "rows")));
    Ok(rows)
}

/// Says how many rows agree with what the file publishes, and which do not.
fn compare(
    arguments: &ExpectArguments,
    rows: &SettledRows,
    better_year: impl Fn(Tolerance, usize) -> Option<(u16, usize)>,
) -> Result<(), Failure> {
    let within = Tolerance::dollar_or(arguments.within);
    let comparisons = rows.compared(within);
    let share = arguments.within.value();
    let tolerance = if share > 0.0 { format!("$1 or {}%", share * 100.0) } else { "$1".to_owned() };
    let mut text = String::new();
    for (index, comparison) in comparisons.iter().enumerate() {
        let Comparison { figure, agree, compared, unpublished, differ } = comparison;
        let figure = figure.replace('_', " ");
        let agrees = if *compared == 1 { "row agrees" } else { "rows agree" };
        text.push_str(&format!("{figure}: {agree} of {compared} {agrees} to {tolerance}"));
        if *unpublished > 0 {
            let have = counted(*unpublished as u64, "has no published figure", "have no published figure");
            text.push_str(&format!(", {have}"));
        }
        text.push('\n');
        for &row in differ.iter().take(MOST_LISTED) {
            text.push_str(&differing(&rows.rows[row], index));
        }
        if differ.len() > MOST_LISTED {
            text.push_str(&format!("  … and {} more\n", differ.len() - MOST_LISTED));
        }
    }
    print(&text)?;
    let (agree, compared) = comparisons.first().map_or((0, 0), |comparison| (comparison.agree, comparison.compared));
    if 2 * agree < compared
        && let Some((year, more)) = better_year(within, agree)
    {
        say(&format!(
            "fewer than half agree; under the rules of --performance-year {year}, {more} of {compared} would\n"
        ));
    }
    match arguments.at_least {
        Some(least) if agree < least => {
            let agree = counted(agree as u64, "row agrees", "rows agree");
            Err(Failure::Message(format!("{agree}, fewer than the {least} of --at-least")))
        }
        _ => Ok(()),
    }
}

/// A row that differs in the published figure at an index.
fn differing(row: &SettledRow, index: usize) -> String {
    let figure = row.published[index];
    let label = row.labels.first().map_or("", String::as_str);
    let lacks = row.lacks.as_ref().map_or(String::new(), |lacks| format!("; the file lacks {lacks}"));
    let ours = figure.ours.map_or("not settled".to_owned(), |ours| ours.to_string());
    let published = figure.published.unwrap_or_default();
    format!("  {} (line {}): ours {ours}, published {published}{lacks}\n", shortened(label, 40), row.line)
}

fn share_below_one(text: &str) -> Result<Share, String> {
    let share = text.parse().ok().and_then(|value| Share::new(value).ok()).filter(|share| share.value() < 1.0);
    share.ok_or_else(|| "write a share from 0 to below 1, such as 0.0001".to_owned())
}
