//! `twosided run`.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use clap::Args;
use twosided::{
    Control, FIRST_LOOK, Overrides, Precise, RunOptions, Scenario, pilot, report::report_files, run_to_precision,
};
use twosided_files::Request;
use twosided_form::printable;
use twosided_units::grouped;

use crate::{
    Failure, IncludeArguments,
    counts::count,
    precision::{PrecisionArguments, reached},
    print, progress, say,
    stop::{check, open_folder, say_what_is_kept},
    warn,
};

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
    /// Folder of the report [default: reports/ and the name of the scenario file].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace another scenario's report in that folder, and move files in the way into a folder kept-1.
    #[arg(long)]
    replace: bool,
    /// Number of threads, at most 256; results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", value_parser = count::<u64>(1..=256))]
    threads: Option<u64>,
    /// Refuse a scenario with warnings, before the run.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    include: IncludeArguments,
}

pub(crate) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let overrides = Overrides {
        trials: arguments.trials,
        seed: arguments.seed,
        include_from: arguments.include.allow_include.clone(),
        ..Overrides::default()
    };
    let precision = arguments.precision.precision();
    // Trials of the file do not count where precision decides.
    let overrides = Overrides { trials: precision.as_ref().map(|_| FIRST_LOOK).or(overrides.trials), ..overrides };
    let scenario = Scenario::load_with(&arguments.scenario, &overrides)?;
    let control = Arc::new(Control::default());
    let threads = arguments.threads.and_then(|threads| NonZeroUsize::new(threads as usize));
    let options = RunOptions { threads, control: Some(&control) };
    twosided::check_size(&scenario, &options)?;
    if arguments.strict {
        let mut warnings = scenario.warnings.clone();
        if let Some(pilot) = pilot(&scenario)? {
            pilot.expected.note(&mut warnings);
        }
        warn(&warnings, true)?;
    }
    let folder = arguments.out.clone().unwrap_or_else(|| default_folder(&arguments.scenario));
    let request = Request {
        folder: &folder,
        command: "run",
        inputs: &[&arguments.scenario],
        names: &report_files(&scenario),
        replace: arguments.replace,
    };
    let destination = open_folder(&request, &control)?;
    let started = Instant::now();
    let (run, missed) = progress::watched(scenario.trials, "trials", &control, || match &precision {
        None => twosided::run(&scenario, &options).map(|run| (run, Vec::new())),
        Some(precision) => {
            run_to_precision(&scenario, &options, precision).map(|Precise { run, missed }| (run, missed))
        }
    })?;
    let seconds = started.elapsed().as_secs_f64();
    check(&control)?;
    let mut warnings = scenario.warnings.clone();
    run.summary.expected.note(&mut warnings);
    warn(&warnings, false)?;
    let kept = run.write_into(&destination, &control.stop)?;
    print(&format!(
        "{}: gain against fee-for-service, {}\n{}± is one standard error of simulation; (... to ...) is a 95% interval that \
         begins or ends at its figure.\nVaR and TVaR are of the loss: positive is owed or lost.\n",
        scenario.name,
        run.summary.unit(),
        run.report().table(terminal_size::terminal_size().map(|(width, _)| width.0))
    ))?;
    say(&format!(
        "{} trials of {}{} people in {seconds:.1} s; report in {}\n",
        grouped(&run.scenario.trials.to_string()),
        if scenario.years == 1 { String::new() } else { format!("{} years of ", scenario.years) },
        grouped(&scenario.population.members().to_string()),
        printable(&folder.join("report.html").display().to_string())
    ));
    kept.iter().for_each(say_what_is_kept);
    precision.map_or(Ok(()), |precision| reached(&precision, &missed, run.scenario.trials))
}

fn default_folder(scenario: &Path) -> PathBuf {
    Path::new("reports").join(scenario.file_stem().unwrap_or(scenario.as_os_str()))
}
