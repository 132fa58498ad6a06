//! `twosided settle`.

use std::path::{Path, PathBuf};

use clap::Args;
use twosided_actuals::{Comparison, MsspFile, ReachFile, SettledRow, SettledRows, Table, Tolerance, YearsFile};
use twosided_files::{IfThere, OutputFile};
use twosided_form::{Document, Suggestions, printable, shortened};
use twosided_units::{Dollars, grouped};

use crate::{Failure, print, say};

/// Settle actual years, without simulation, with every step.
///
/// Of CMS's public files: `settle mssp --puf FILE --performance-year YYYY`, and `settle reach` likewise. Of any contract:
/// `settle TERMS.toml --data FILE`, with columns as docs/settle.md says.
#[derive(Args)]
pub(crate) struct SettleArguments {
    #[command(flatten)]
    pub(crate) years: YearsArguments,
    /// CSV file to write, one line a row [default: standard output].
    #[arg(long)]
    out: Option<PathBuf>,
    /// Compare with the results that the file publishes, and list rows that differ.
    #[arg(long)]
    expect: bool,
    /// With --expect: fail when fewer rows agree.
    #[arg(long, requires = "expect", value_name = "ROWS")]
    at_least: Option<usize>,
    /// With --expect: count a row as agreeing within this share of the published figure, if that is more than a dollar.
    #[arg(long, requires = "expect", value_name = "SHARE", default_value_t = 0.0)]
    within: f64,
}

/// Which actual years.
#[derive(Args)]
pub(crate) struct YearsArguments {
    /// `mssp`, `reach`, or a file of terms.
    pub(crate) what: PathBuf,
    /// CMS's public results file, as published.
    #[arg(long, value_name = "FILE", conflicts_with = "data")]
    puf: Option<PathBuf>,
    /// Performance year of that file.
    #[arg(long, value_name = "YYYY", requires = "puf", value_parser = clap::value_parser!(u16).range(2012..=2100))]
    performance_year: Option<u16>,
    /// Participants' revenue by ACO, a table of `aco_id` and `participant_revenue`, which no public file has.
    #[arg(long, value_name = "FILE", requires = "puf")]
    participant_revenue: Option<PathBuf>,
    /// Data of your own, CSV or Parquet.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
}

pub(crate) fn settle(arguments: &SettleArguments) -> Result<(), Failure> {
    if !(0.0..1.0).contains(&arguments.within) {
        return Err(Failure::Message(format!("--within {} is not a share from 0 to below 1", arguments.within)));
    }
    let out = arguments.out.as_deref().map(|out| OutputFile::new(out, &arguments.years.inputs(), IfThere::Replace));
    let out = out.transpose()?;
    let rows = arguments.years.settled()?;
    if arguments.expect && rows.compared(DOLLAR).iter().all(|comparison| comparison.compared == 0) {
        let message = "--expect compares with published results, and the file has none".to_owned();
        return Err(Failure::Message(message));
    }
    if out.is_some() || !arguments.expect {
        let mut text = Vec::new();
        rows.write(&mut text).map_err(|error| Failure::Message(error.to_string()))?;
        match out {
            Some(out) => out.write(&text)?,
            None => print(&String::from_utf8_lossy(&text))?,
        }
    }
    for remark in &rows.remarks {
        say(&format!("{remark}\n"));
    }
    let unsettled: Vec<&SettledRow> = rows.rows.iter().filter(|row| row.settlement.steps().is_empty()).collect();
    let lacking = |row: &&SettledRow| row.lacks.as_ref().map(|lacks| (row.line, lacks.clone()));
    for (line, lacks) in unsettled.iter().filter_map(lacking).take(MOST_LISTED) {
        say(&format!("line {line} is not settled: the file lacks {lacks}\n"));
    }
    let settled = rows.rows.len() - unsettled.len();
    let plural = if settled == 1 { "row" } else { "rows" };
    say(&format!("{} {plural} settled\n", grouped(&settled.to_string())));
    if arguments.expect { expect(arguments, &rows) } else { Ok(()) }
}

impl YearsArguments {
    /// The files that are read.
    fn inputs(&self) -> Vec<&Path> {
        let files = [Some(&self.what), self.puf.as_ref(), self.data.as_ref(), self.participant_revenue.as_ref()];
        files.into_iter().flatten().map(PathBuf::as_path).collect()
    }

    /// Reads the files and settles every row.
    pub(crate) fn settled(&self) -> Result<SettledRows, Failure> {
        let program = self.program()?;
        let (Some(program), Some(puf)) = (program, &self.puf) else {
            return self.of_terms(program);
        };
        let Some(year) = self.performance_year else {
            return Err(Failure::Usage(format!("{program} --puf needs --performance-year")));
        };
        if program == "reach" && self.participant_revenue.is_some() {
            return Err(Failure::Usage("--participant-revenue limits losses in mssp only".to_owned()));
        }
        let table = Table::load(puf)?;
        if program == "reach" {
            return Ok(ReachFile::new(&table, year)?.settle()?);
        }
        let file = MsspFile::new(&table, year)?;
        let file = match &self.participant_revenue {
            Some(path) => file.with_participant_revenue(&Table::load(path)?)?,
            None => file,
        };
        let unmatched = file.without_a_row();
        if !unmatched.is_empty() {
            let acos: Vec<String> = unmatched.into_iter().take(20).map(|aco| shortened(aco, 20)).collect();
            say(&format!("participant revenue names ACOs missing from the file: {}\n", acos.join(", ")));
        }
        if year > LAST_SEEN {
            say(&format!("rules without a default after {LAST_SEEN} are taken as they last were\n"));
        }
        Ok(file.settle()?)
    }

    /// The program of CMS whose results are meant, if one is.
    fn program(&self) -> Result<Option<&str>, Failure> {
        let Some(what) = self.what.to_str() else { return Ok(None) };
        if PROGRAMS.contains(&what) {
            return Ok(Some(what));
        }
        let near = if self.what.exists() { None } else { near_program(what) };
        match near {
            None => Ok(None),
            Some(near) => {
                let what = shortened(what, 40);
                Err(Failure::Usage(format!("there is no file \"{what}\"; did you mean {near}?")))
            }
        }
    }

    /// Another performance year of the Shared Savings Program under whose rules more rows agree than under the given one, and
    /// how many.
    fn better_year(&self, within: Tolerance, agree: usize) -> Option<(u16, usize)> {
        let puf = self.puf.as_ref().filter(|_| self.what.to_str() == Some("mssp"))?;
        let table = Table::load(puf).ok()?;
        let agreeing = |year: u16| {
            let rows = MsspFile::new(&table, year).and_then(|file| file.settle()).ok()?;
            Some((year, rows.compared(within).first()?.agree))
        };
        let best = (FIRST_YEAR..=LAST_SEEN).filter_map(agreeing).max_by_key(|&(_, agree)| agree);
        best.filter(|&(_, more)| more > agree)
    }

    fn of_terms(&self, program: Option<&str>) -> Result<SettledRows, Failure> {
        if let Some(program) = program {
            return Err(Failure::Usage(format!("{program} needs --puf, CMS's public results file")));
        }
        let Some(data) = &self.data else {
            return Err(Failure::Usage(
                "a file of terms needs --data; CMS's files are settled by mssp or reach".to_owned(),
            ));
        };
        if self
            .what
            .extension()
            .is_some_and(|ending| ["csv", "parquet"].iter().any(|data| ending.eq_ignore_ascii_case(data)))
        {
            return Err(Failure::Usage(format!(
                "{} is a table; first comes a file of terms, as TERMS.toml",
                printable(&self.what.display().to_string())
            )));
        }
        let file = YearsFile::new(Document::load(&self.what)?)?;
        Ok(file.settle(&Table::load(data)?)??)
    }
}

/// A program that a word is like, whatever its capital letters.
fn near_program(what: &str) -> Option<&'static str> {
    Suggestions::default().nearest(&what.to_lowercase(), PROGRAMS.into_iter())
}

/// Programs of CMS whose public results are settled.
const PROGRAMS: [&str; 2] = ["mssp", "reach"];
const DOLLAR: Tolerance = Tolerance { dollars: 1.0, share: 0.0 };
/// First performance year of the Shared Savings Program.
const FIRST_YEAR: u16 = 2012;
/// Last performance year of which a results file has been settled.
const LAST_SEEN: u16 = 2024;
/// Rows that differ which are listed.
const MOST_LISTED: usize = 100;

fn expect(arguments: &SettleArguments, rows: &SettledRows) -> Result<(), Failure> {
    let within = Tolerance { share: arguments.within, ..DOLLAR };
    let comparisons = rows.compared(within);
    let tolerance =
        if arguments.within > 0.0 { format!("$1 or {}%", arguments.within * 100.0) } else { "$1".to_owned() };
    let mut text = String::new();
    for (index, comparison) in comparisons.iter().enumerate() {
        let Comparison { figure, agree, compared, unpublished, differ } = comparison;
        let figure = figure.replace('_', " ");
        let agrees = if *compared == 1 { "row agrees" } else { "rows agree" };
        text.push_str(&format!("{figure}: {agree} of {compared} {agrees} to {tolerance}"));
        if *unpublished > 0 {
            let have = if *unpublished == 1 { "has" } else { "have" };
            text.push_str(&format!(", {unpublished} {have} no published figure"));
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
        && let Some((year, more)) = arguments.years.better_year(within, agree)
    {
        say(&format!(
            "fewer than half agree; under the rules of --performance-year {year}, {more} of {compared} would\n"
        ));
    }
    match arguments.at_least {
        Some(least) if agree < least => {
            let agrees = if agree == 1 { "row agrees" } else { "rows agree" };
            Err(Failure::Message(format!("{agree} {agrees}, fewer than the {least} of --at-least")))
        }
        _ => Ok(()),
    }
}

/// A row that differs in the published figure at a place.
fn differing(row: &SettledRow, index: usize) -> String {
    let published = row.published[index];
    let label = row.labels.first().map_or("", String::as_str);
    let lacks = row.lacks.as_ref().map_or(String::new(), |lacks| format!("; the file lacks {lacks}"));
    let ours = published.ours.map_or("not settled".to_owned(), |ours| Dollars(ours).to_string());
    format!(
        "  {} (line {}): ours {ours}, published {}{lacks}\n",
        shortened(label, 40),
        row.line,
        Dollars(published.published.unwrap_or_default()),
    )
}
