//! `twosided run`.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use twosided::{
    Checkpoints, Control, FIRST_LOOK, Overrides, Precise, Run, RunOptions, Scenario,
    report::{Summary, report_files},
    run_to_precision,
};
use twosided_files::{OutputFolder, Request};
use twosided_form::printable;
use twosided_sim::Keep;
use twosided_units::grouped;

use crate::{
    Failure,
    counts::{count, counted},
    exact::{Method, run_exact},
    precision::{PrecisionArguments, reached},
    print, progress, say,
    scenario::ScenarioArguments,
    shard::{self, WhichTrials},
    stop::{check, open_folder, say_what_is_kept},
    warn, warn_of,
};

/// Time between two checkpoints, and time that a run works before it keeps any.
const BETWEEN_CHECKPOINTS: Duration = Duration::from_secs(30);
const BEFORE_CHECKPOINTS: Duration = Duration::from_secs(20);

/// Sample years, settle every contract on each, print the summary and write the report.
#[derive(Args)]
pub(crate) struct RunArguments {
    /// Scenario file.
    scenario: PathBuf,
    /// Number of trials (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(2..=1_000_000_000), conflicts_with = "precision")]
    trials: Option<u64>,
    #[command(flatten)]
    precision: PrecisionArguments,
    /// Key of all random streams (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(0..=i64::MAX as u64))]
    seed: Option<u64>,
    /// Folder of the report [default: reports/ and the name of the scenario file, with -set if keys are set].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace another scenario's report in that folder, and move files in the way into a folder kept-1.
    #[arg(long)]
    replace: bool,
    /// Number of threads, at most 256; results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", value_parser = count::<u64>(1..=256))]
    threads: Option<u64>,
    /// What is kept of each trial: lines of the margin, gains, or none but what the report needs; lines and gains go to trials.parquet.
    /// Of a scenario with [cash], cash is lines and, month by month, cash.parquet.
    #[arg(long, value_name = "WHAT", value_parser = outcomes(), default_value = "lines", hide_possible_values = true)]
    outcomes: Keep,
    /// Refuse a scenario with warnings, before the run.
    #[arg(long)]
    strict: bool,
    /// Simulate one of N shards of the trials, counted from 1, and write it instead of a report; --out is then the folder of the shard.
    #[arg(long, value_name = "I/N", value_parser = shard::shard, conflicts_with_all = ["trials_range", "replace", "resume", "checkpoint"])]
    shard: Option<WhichTrials>,
    /// Simulate the trials from A up to but without B, counted from 0, and write them as a shard.
    #[arg(long, value_name = "A..B", value_parser = shard::trials_range, conflicts_with_all = ["replace", "resume", "checkpoint"])]
    trials_range: Option<WhichTrials>,
    /// Go on from the checkpoints of a run that was stopped or killed.
    #[arg(long)]
    resume: bool,
    /// Seconds between checkpoints, 0 for none [default: 30, once the run has worked for 20].
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    checkpoint: Option<Duration>,
    /// How figures come about; exact figures take no trials, seed or threads, and are written only where `--out` says so.
    #[arg(long, value_enum, value_name = "METHOD", default_value_t)]
    method: Method,
    #[command(flatten)]
    reading: ScenarioArguments,
}

pub(crate) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let overrides =
        Overrides { trials: arguments.trials, seed: arguments.seed, keep: arguments.outcomes, ..Overrides::default() };
    let precision = arguments.precision.precision();
    // Trials of the file do not count where precision decides.
    let overrides = Overrides { trials: precision.as_ref().map(|_| FIRST_LOOK).or(overrides.trials), ..overrides };
    let scenario = arguments.reading.load(&arguments.scenario, &overrides)?;
    if arguments.method == Method::Exact {
        return exact(arguments, &scenario);
    }
    if scenario.keep == Keep::Cash && scenario.cash.is_none() {
        let message = "--outcomes cash is for a scenario with a [cash] block; write one, or use --outcomes lines";
        return Err(Failure::Usage(message.to_owned()));
    }
    let control = Arc::new(Control::default());
    let threads = arguments.threads.and_then(|threads| NonZeroUsize::new(threads as usize));
    let options = RunOptions { threads, control: Some(&control), ..RunOptions::default() };
    let is_part = arguments.shard.is_some() || arguments.trials_range.is_some();
    if !is_part {
        twosided::check_size(&scenario, &options)?;
    }
    if arguments.strict {
        warn_of(&scenario, true)?;
    }
    if let Some(which) = arguments.shard.as_ref().or(arguments.trials_range.as_ref()) {
        let reports = arguments.default_folder();
        return shard::run(&scenario, which, arguments.out.as_deref(), &reports, &options, &control);
    }
    let folder = arguments.out.clone().unwrap_or_else(|| arguments.default_folder());
    let partial = partial_folder(&folder, "run");
    let checkpoints = arguments.checkpoints(&partial);
    if !arguments.resume && checkpoints.are_there() {
        return Err(Failure::Message(format!(
            "{} holds checkpoints of a run that has not ended; add --resume to go on from them, or remove that folder to \
             begin anew",
            shown(&partial)
        )));
    }
    let request = Request {
        folder: &folder,
        command: "run",
        inputs: &[&arguments.scenario],
        names: &report_files(&scenario),
        replace: arguments.replace,
    };
    let kept = checkpoints.check(&scenario)?;
    let destination = open_folder(&request, &control, Some(&partial))?;
    if kept > 0 {
        say(&format!("resuming: {} are in {}\n", counted(kept, "trial", "trials"), shown(&partial)));
    }
    let options = RunOptions { checkpoints: precision.is_none().then_some(checkpoints), ..options };
    let started = Instant::now();
    let run = progress::watched(scenario.trials, "trials", &control, || match &precision {
        None => twosided::run(&scenario, &options).map(|run| (run, Vec::new())),
        Some(precision) => {
            run_to_precision(&scenario, &options, precision).map(|Precise { run, missed }| (run, missed))
        }
    });
    let seconds = started.elapsed().as_secs_f64();
    let run = run.map_err(Failure::from).and_then(|run| check(&control).map(|()| run));
    let (run, missed) = run.map_err(|failure| failure.keeping(&partial))?;
    let run = with_board(run, &options, &control).map_err(|failure| failure.keeping(&partial))?;
    write_report(&run, &destination, &folder, &format!("in {seconds:.1} s"), &control)
        .map_err(|failure| failure.keeping(&partial))?;
    checkpoints.remove();
    precision.map_or(Ok(()), |precision| reached(&precision, &missed, run.scenario.trials))
}

/// Simulates what the first page of the report needs besides.
pub(crate) fn with_board(run: Run, options: &RunOptions<'_>, control: &Control) -> Result<Run, Failure> {
    control.done.store(0, Ordering::Relaxed);
    let trials = run.scenario.trials;
    let run = progress::watched(trials, "trials of the first page", control, || run.with_board(options));
    let run = run?;
    check(control)?;
    Ok(run)
}

/// Says what came out, and writes the report.
pub(crate) fn write_report(
    run: &Run,
    destination: &OutputFolder,
    folder: &Path,
    how: &str,
    control: &Control,
) -> Result<(), Failure> {
    let scenario = &run.scenario;
    let mut warnings = scenario.warnings.clone();
    run.summary.expected.note(&mut warnings);
    warn(&warnings, false)?;
    let kept = run.write_into(destination, &control.stop)?;
    print(&format!(
        "{}: gain against fee-for-service, {}\n{}± is one standard error of simulation; (... to ...) is a 95% interval that \
         begins or ends at its figure.\nVaR and TVaR are of the loss: positive is owed or lost.\n",
        scenario.name,
        run.summary.unit(),
        run.report().table(terminal_size::terminal_size().map(|(width, _)| width.0))
    ))?;
    say(&format!(
        "{} trials of {}{} people {how}; report in {}\n",
        grouped(&scenario.trials.to_string()),
        if scenario.years == 1 { String::new() } else { format!("{} years of ", scenario.years) },
        grouped(&scenario.population.members().to_string()),
        shown(&folder.join("report.html"))
    ));
    say_what_pools_leave(&run.summary);
    kept.iter().for_each(say_what_is_kept);
    Ok(())
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

impl RunArguments {
    /// The folder of the report where none is named: what is set in a scenario is no report of the scenario itself.
    fn default_folder(&self) -> PathBuf {
        let mut name = self.scenario.file_stem().unwrap_or(self.scenario.as_os_str()).to_owned();
        if self.reading.has_settings() {
            name.push("-set");
        }
        Path::new("reports").join(name)
    }

    fn checkpoints<'a>(&self, folder: &'a Path) -> Checkpoints<'a> {
        let (every, from) = match self.checkpoint {
            None => (Some(BETWEEN_CHECKPOINTS), BEFORE_CHECKPOINTS),
            Some(every) => (Some(every).filter(|every| !every.is_zero()), Duration::ZERO),
        };
        Checkpoints { folder, every, from }
    }
}

/// Where a command keeps what is done until all is: beside its folder, or in it where that is given without a name, as `.`.
pub(crate) fn partial_folder(folder: &Path, command: &str) -> PathBuf {
    let Some(name) = folder.file_name() else { return folder.join(format!("{command}.partial")) };
    let mut name = name.to_owned();
    name.push(".partial");
    folder.with_file_name(name)
}

/// Reads seconds, in decimals.
fn seconds(text: &str) -> Result<Duration, String> {
    const MOST: f64 = 86_400.0;
    let seconds = text.parse::<f64>().ok().filter(|seconds| (0.0..=MOST).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "write seconds from 0 to 86400, such as 30".to_owned())
}

/// Reads what is to be kept of each trial.
fn outcomes() -> impl TypedValueParser<Value = Keep> {
    let name_of = |name: String| Keep::ALL.into_iter().find(|keep| keep.name() == name);
    PossibleValuesParser::new(Keep::ALL.map(Keep::name)).map(move |name| name_of(name).expect("it is one of them"))
}

/// The exact figures of a scenario, without what belongs to samples.
fn exact(arguments: &RunArguments, scenario: &Scenario) -> Result<(), Failure> {
    let given = [
        ("--trials", arguments.trials.is_some()),
        ("--seed", arguments.seed.is_some()),
        ("--threads", arguments.threads.is_some()),
        ("--precision", arguments.precision.precision().is_some()),
        ("--shard", arguments.shard.is_some()),
        ("--trials-range", arguments.trials_range.is_some()),
        ("--outcomes", arguments.outcomes != Keep::Lines),
        ("--resume", arguments.resume),
        ("--checkpoint", arguments.checkpoint.is_some()),
    ];
    if let Some((option, _)) = given.iter().find(|(_, is_given)| *is_given) {
        return Err(Failure::Usage(format!("{option} is for sampled years; exact figures need no sample")));
    }
    warn(&scenario.warnings, arguments.strict)?;
    run_exact(&arguments.scenario, scenario, arguments.out.as_deref(), arguments.replace)
}

/// Says what no ± counts: the largest error of each pool.
fn say_what_pools_leave(summary: &Summary) {
    let pools = &summary.pools;
    let exact = if summary.has_exact_laws() { " (exact figures are not touched by it)" } else { "" };
    let mut segments: Vec<&str> = pools.iter().map(|layer| layer.segment.as_str()).collect();
    segments.dedup();
    for segment in segments {
        let of_segment = pools.iter().filter(|layer| layer.segment == segment);
        if let Some(worst) = of_segment.max_by(|a, b| a.standard_error.total_cmp(&b.standard_error)) {
            say(&format!(
                "pool of {segment}: mean cost of {} is ${:.1} ± ${:.1} a person, which no ± above counts{exact}\n",
                worst.layer, worst.mean, worst.standard_error
            ));
        }
    }
}
