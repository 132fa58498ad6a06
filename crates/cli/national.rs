//! `twosided national`.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use clap::Args;
use twosided::Control;
use twosided_aco::AcoFile;
use twosided_actuals::{MOST_BYTES, Table};
use twosided_files::{Request, read_input};
use twosided_form::printable;
use twosided_national::{LeftOut, PERSONS, Selection, Trials, members, rows, simulate};
use twosided_population::PoolOptions;
use twosided_prob::GENERATOR;
use twosided_report::{NATIONAL_FILES, NationalProvenance, NationalReport, outcomes_of_acos_sha256, sha256_of_file};
use twosided_sim::SimulateError;
use twosided_units::{Share, grouped};

use crate::{
    Failure,
    counts::{count, counted},
    print, progress, say,
    stop::{check, open_folder, say_what_is_kept},
    years::performance_year,
};

/// Simulate all ACOs of a year of the Medicare Shared Savings Program as one portfolio.
///
/// Each ACO has the people, the benchmark and the contract of its row; all share the trend of a trial. The report has what Medicare
/// pays, what ACOs owe, and every ACO's chances. docs/national.md has the method and what it assumes.
#[derive(Args)]
#[command(after_long_help = "\
Example:
  twosided national tests/data/mssp-py2022.csv --performance-year 2022 --trials 100 --every 60 --out reports/some-acos")]
pub(crate) struct NationalArguments {
    /// CMS's public results file, as published (CSV or Parquet).
    file: PathBuf,
    /// Performance year of the file; its rules apply.
    #[arg(long, value_name = "YYYY", value_parser = performance_year)]
    performance_year: u16,
    /// Number of trials: years sampled of every ACO.
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = count::<u64>(2..=100_000))]
    trials: u64,
    /// Key of all random streams.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = count::<u64>(0..=i64::MAX as u64))]
    seed: u64,
    /// Simulate the first row and every Nth after it alone.
    #[arg(long, value_name = "N", conflicts_with = "id", value_parser = count::<u64>(1..=1_000_000))]
    every: Option<u64>,
    /// Simulate this ACO alone, by its identifier or the number of its row, counting from 1; repeat it for several.
    #[arg(long)]
    id: Vec<String>,
    /// How far benchmarks follow the trend of a trial, from 0 (not at all, as in a scenario of `new aco`) to 1 (in full). The default
    /// leaves 0.62 points of savings rate that are common to all ACOs, as fitted to past results.
    #[arg(long, value_name = "SHARE", default_value = "0.38", value_parser = share_followed)]
    trend_followed: Share,
    /// Draw everybody in every trial, and no segment from a pool: slower, and without the pools' errors.
    #[arg(long)]
    person_by_person: bool,
    /// Folder of the report [default: reports/national- and the year].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace the report of another file in that folder, and move files in the way into a folder kept-1.
    #[arg(long)]
    replace: bool,
    /// Number of threads, at most 256; results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", value_parser = count::<u64>(1..=256))]
    threads: Option<u64>,
}

pub(crate) fn national(arguments: &NationalArguments) -> Result<(), Failure> {
    let NationalArguments { file, performance_year, trials, seed, .. } = arguments;
    let table = Table::load(file)?;
    let acos = AcoFile::new(&table, *performance_year)?;
    let rows = rows(&acos, &arguments.selection())?;
    let bytes = read_input(file, MOST_BYTES).map_err(|error| Failure::Message(error.to_string()))?;
    let folder = arguments.out.clone().unwrap_or_else(|| default_folder(*performance_year));
    let control = Arc::new(Control::default());
    let request = Request {
        folder: &folder,
        command: "national",
        inputs: &[file],
        names: &NATIONAL_FILES.map(str::to_owned),
        replace: arguments.replace,
    };
    let destination = open_folder(&request, &control, None)?;
    let threads = arguments.threads.and_then(|threads| NonZeroUsize::new(threads as usize));
    let started = Instant::now();
    let made = progress::watched(rows.len() as u64, "ACOs prepared", &control, || {
        members(&acos, &rows, arguments.trend_followed, threads, &control)
    });
    let made = made.map_err(failure)?;
    if made.members.is_empty() {
        say_left_out(&made.left_out);
        return Err(Failure::Message("no scenario can be made of any of these rows".to_owned()));
    }
    let people: u64 = made.members.iter().map(|member| member.population.members()).sum();
    let prepared = started.elapsed().as_secs_f64();
    control.done.store(0, std::sync::atomic::Ordering::Relaxed);
    let years = progress::watched(people * trials, "person-years", &control, || {
        simulate(&made.members, arguments.trials(), threads, &control)
    });
    let years = years.map_err(failure)?;
    let seconds = started.elapsed().as_secs_f64() - prepared;
    check(&control)?;
    let provenance = NationalProvenance {
        file: printable(&file.display().to_string()),
        file_sha256: sha256_of_file(&bytes),
        performance_year: *performance_year,
        trend_followed: arguments.trend_followed.value(),
        options: arguments.selected(),
        rows: acos.years().rows() as u64,
        selected: arguments.selection_in_words(),
        trials: *trials,
        seed: *seed,
        persons: PERSONS,
        version: twosided::VERSION.to_owned(),
        commit: twosided::COMMIT.to_owned(),
        generator: GENERATOR.to_owned(),
        outcomes_sha256: outcomes_of_acos_sha256(&years),
    };
    let report = NationalReport::new(&made.members, &made.left_out, &years, provenance);
    let report = report.map_err(|error| Failure::Message(error.to_string()))?;
    let kept = report.write(&destination, &control.stop)?;
    print(&format!(
        "Shared Savings Program {performance_year}, {}{}, dollars a year\n{}± is one standard error of simulation. A benchmark is not what \
         would have been spent without the program.\n",
        report.summary.acos_in_words(),
        report.summary.provenance.selected.as_ref().map_or(String::new(), |selected| format!(" ({selected})")),
        report.table(terminal_size::terminal_size().map(|(width, _)| width.0))
    ))?;
    say_left_out(&made.left_out);
    say(&format!(
        "{} of {} prepared in {prepared:.1} s, {} in {seconds:.1} s; report in {}\n",
        counted(people, "person", "people"),
        counted(made.members.len() as u64, "ACO", "ACOs"),
        counted(*trials, "trial", "trials"),
        printable(&folder.join("national.html").display().to_string())
    ));
    kept.iter().for_each(say_what_is_kept);
    Ok(())
}

impl NationalArguments {
    fn selection(&self) -> Selection {
        match self.every.and_then(|every| NonZeroUsize::new(every as usize)) {
            Some(every) => Selection::Every(every),
            None if self.id.is_empty() => Selection::All,
            None => Selection::Ids(self.id.clone()),
        }
    }

    /// Which rows take part, in words; none where all do.
    fn selection_in_words(&self) -> Option<String> {
        match self.every {
            Some(1) => None,
            Some(every) => Some(format!("the first row and every {} after it", ordinal(every))),
            None => (!self.id.is_empty()).then(|| "chosen by their identifiers".to_owned()),
        }
    }

    fn trials(&self) -> Trials {
        let pools = (!self.person_by_person).then(PoolOptions::default);
        Trials { count: self.trials, seed: self.seed, pools }
    }

    /// The options that decide figures, trials and seed aside, as typed.
    fn selected(&self) -> String {
        let every = self.every.iter().map(|every| format!("--every {every}"));
        let ids = self.id.iter().map(|id| format!("--id \"{}\"", printable(id)));
        let persons = self.person_by_person.then(|| "--person-by-person".to_owned());
        every.chain(ids).chain(persons).collect::<Vec<_>>().join(" ")
    }
}

/// Reads a share from 0 to 1.
fn share_followed(text: &str) -> Result<Share, String> {
    let share = text.parse().ok().and_then(|share| Share::new(share).ok());
    share.ok_or_else(|| "write a share from 0 to 1, such as 0.5".to_owned())
}

/// A number in the order of others: `2nd`, `60th`.
fn ordinal(number: u64) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{}{ending}", grouped(&number.to_string()))
}

fn default_folder(performance_year: u16) -> PathBuf {
    Path::new("reports").join(format!("national-{performance_year}"))
}

fn failure(error: SimulateError) -> Failure {
    match error {
        SimulateError::Stopped => Failure::Stopped,
        other => Failure::Message(other.to_string()),
    }
}

fn say_left_out(left_out: &[LeftOut]) {
    for LeftOut { id, name, line, reason } in left_out {
        say(&format!("left out: {} ({}), line {line}: {reason}\n", printable(name), printable(id)));
    }
}
