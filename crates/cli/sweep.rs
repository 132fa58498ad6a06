//! `twosided sweep`.

mod keys;

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use clap::Args;
use twosided::{Control, KeptPoints, Overrides, RunOptions, Sweep, SweepError};
use twosided_files::{NewFolder, OutputFolder, Request};
use twosided_form::printable;
use twosided_report::{SweepReport, sweep_files};
use twosided_scenario::Quantity;

use crate::{
    Failure,
    counts::{count, counted},
    print, progress,
    run::partial_folder,
    say,
    scenario::ScenarioArguments,
    stop::{check, open_folder, say_what_is_kept},
    warn_of,
};
use keys::SweptKeys;

/// Run a scenario over values of its keys, and show how its figures move.
///
/// Every combination of the values is a point; `--tornado` moves one key at a time. Points that differ in contracts, covers or the
/// provider's books alone settle the same sampled years, so that a hundred of them take little longer than one run; all others share their
/// random streams. docs/sweep.md has the files and what their errors mean.
#[derive(Args)]
pub(crate) struct SweepArguments {
    /// Scenario file.
    scenario: PathBuf,
    #[command(flatten)]
    keys: SweptKeys,
    /// Move one key at a time, while the others stay as they are.
    #[arg(long)]
    tornado: bool,
    /// Contract whose figures are taken; repeat it for several [default: all but fee-for-service alone].
    #[arg(long, value_name = "NAME")]
    contract: Vec<String>,
    /// Figures, with commas between: measures, such as mean, sd, `p_loss`, var95 or tvar95, and events, such as 'P(loss > 2% of benchmark)'.
    #[arg(long, value_name = "NAME", value_parser = quantities, default_value = "mean,p_loss,var95,tvar95")]
    measure: Vec<Quantities>,
    /// Number of trials of each point (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(2..=1_000_000_000))]
    trials: Option<u64>,
    /// Key of all random streams (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(0..=i64::MAX as u64))]
    seed: Option<u64>,
    /// Folder of the files [default: reports/ and the name of the scenario file with -sweep].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace another scenario's sweep in that folder, and move files in the way into a folder kept-1.
    #[arg(long)]
    replace: bool,
    /// Number of threads, at most 256; results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", value_parser = count::<u64>(1..=256))]
    threads: Option<u64>,
    /// Go on from the points of a sweep that was stopped or killed.
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    reading: ScenarioArguments,
}

/// Figures that are given at once.
#[derive(Clone, Debug)]
struct Quantities(Vec<Quantity>);

pub(crate) fn sweep(arguments: &SweepArguments) -> Result<(), Failure> {
    let sweep = Sweep {
        keys: arguments.keys.0.clone(),
        is_one_at_a_time: arguments.tornado,
        contracts: arguments.contract.clone(),
        quantities: arguments.measure.iter().flat_map(|quantities| quantities.0.iter().copied()).collect(),
    };
    let overrides = Overrides { trials: arguments.trials, seed: arguments.seed, ..Overrides::default() };
    let scenarios = sweep.read(&arguments.scenario, &arguments.reading.overrides(&overrides))?;
    warn_of(scenarios.base(), false)?;
    let folder = arguments.out.clone().unwrap_or_else(|| default_folder(&arguments.scenario));
    let partial = partial_folder(&folder, "sweep");
    let file = partial.join("points");
    if !arguments.resume && file.exists() {
        return Err(Failure::Message(format!(
            "{} holds points of a sweep that has not ended; add --resume to go on from them, or remove that folder to begin anew",
            shown(&partial)
        )));
    }
    let control = Arc::new(Control::default());
    let destination = open_folder(
        &Request {
            folder: &folder,
            command: "sweep",
            inputs: &[&arguments.scenario],
            names: &sweep_files(&sweep.quantities),
            replace: arguments.replace,
        },
        &control,
        None,
    )?;
    fs::create_dir_all(&partial)
        .map_err(|error| Failure::Message(format!("cannot make the folder {}: {error}", shown(&partial))))?;
    let threads = arguments.threads.and_then(|threads| NonZeroUsize::new(threads as usize));
    let options = RunOptions { threads, control: Some(&control), ..RunOptions::default() };
    let kept = KeptPoints { file: &file, resume: arguments.resume };
    let started = Instant::now();
    let trials = scenarios.base().trials;
    let done = progress::watched(trials, "trials", &control, || scenarios.run(&options, Some(kept)));
    let seconds = started.elapsed().as_secs_f64();
    let report = done.map_err(Failure::from).and_then(|report| check(&control).map(|()| report));
    let written = report.and_then(|report| write(&report, &destination, &folder, seconds, &control));
    // A folder that holds points is kept.
    NewFolder::remove(&partial, if written.is_ok() { &["points"] } else { &[] });
    written.map_err(|failure| match failure {
        Failure::Stopped if file.exists() => Failure::StoppedSaying(format!(
            "stopped: the points that are done are kept in {}; run the same command with --resume to go on\n",
            shown(&partial)
        )),
        other => other,
    })
}

/// Says what came out, and writes the files.
fn write(
    report: &SweepReport,
    destination: &OutputFolder,
    folder: &Path,
    seconds: f64,
    control: &Control,
) -> Result<(), Failure> {
    let kept = report.write(destination, &control.stop)?;
    print(&format!(
        "{}: {}\n{}± is one standard error of simulation. VaR and TVaR are of the loss: positive is owed or lost.\n",
        report.name,
        report.contracts.join("; "),
        report.table(terminal_size::terminal_size().map(|(width, _)| width.0))
    ))?;
    say(&format!(
        "{} of {} in {seconds:.1} s; table and pictures in {}\n",
        counted(report.points.len() as u64 - 1, "point", "points"),
        counted(report.trials, "trial", "trials"),
        shown(&folder.join("sweep.md"))
    ));
    for key in report.without_effect() {
        say(&format!(
            "no figure follows {key}: does it belong to the contracts that are shown? Entries are counted from 1\n"
        ));
    }
    kept.iter().for_each(say_what_is_kept);
    Ok(())
}

impl From<SweepError> for Failure {
    fn from(error: SweepError) -> Self {
        match error {
            SweepError::Document(error) => Self::Document(error),
            SweepError::Run(error) => error.into(),
            SweepError::Keep(error) => error.into(),
            SweepError::Key(_) => Self::Usage(error.to_string()),
            SweepError::Refused(_) | SweepError::Figure { .. } | SweepError::Resume(_) => {
                Self::Message(error.to_string())
            }
        }
    }
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

fn default_folder(scenario: &Path) -> PathBuf {
    let mut name = scenario.file_stem().unwrap_or(scenario.as_os_str()).to_owned();
    name.push("-sweep");
    Path::new("reports").join(name)
}

/// Reads figures with commas between; those within parentheses and amounts are their own.
fn quantities(text: &str) -> Result<Quantities, String> {
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if character == ',' && depth == 0 {
            parts.push(String::new());
        } else {
            parts.last_mut().expect("there is one").push(character);
        }
    }
    let read = |part: &String| part.trim().parse::<Quantity>().map_err(|error| error.to_string());
    parts.iter().map(read).collect::<Result<_, _>>().map(Quantities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_with_commas_between() {
        let Quantities(read) = quantities("mean, P(loss > $1,500,000),var95").expect("three figures");
        assert_eq!(read.len(), 3);
        assert!(quantities("mean,,var95").is_err() && quantities("mean,loss").is_err());
    }
}
