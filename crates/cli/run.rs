//! `twosided run`.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use clap::Args;
use twosided::{
    Control, Overrides, RunOptions, Scenario, pilot,
    report::{PooledLayer, report_files},
};
use twosided_files::Request;
use twosided_form::printable;
use twosided_units::grouped;

use crate::{
    Failure, IncludeArguments,
    counts::count,
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
    #[arg(long, value_name = "N", value_parser = count::<u64>(2..=1_000_000_000))]
    trials: Option<u64>,
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
    };
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
    let run = progress::watched(scenario.trials, "trials", &control, || twosided::run(&scenario, &options))?;
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
        grouped(&scenario.trials.to_string()),
        if scenario.years == 1 { String::new() } else { format!("{} years of ", scenario.years) },
        grouped(&scenario.population.members().to_string()),
        printable(&folder.join("report.html").display().to_string())
    ));
    say_what_pools_leave(&run.summary.pools);
    kept.iter().for_each(say_what_is_kept);
    Ok(())
}

/// Says what no ± counts: the largest error of each pool.
fn say_what_pools_leave(pools: &[PooledLayer]) {
    let mut segments: Vec<&str> = pools.iter().map(|layer| layer.segment.as_str()).collect();
    segments.dedup();
    for segment in segments {
        let of_segment = pools.iter().filter(|layer| layer.segment == segment);
        if let Some(worst) = of_segment.max_by(|a, b| a.standard_error.total_cmp(&b.standard_error)) {
            say(&format!(
                "pool of {segment}: mean cost of {} is ${:.0} ± ${:.1} a person, which no ± above counts\n",
                worst.layer, worst.mean, worst.standard_error
            ));
        }
    }
}

fn default_folder(scenario: &Path) -> PathBuf {
    Path::new("reports").join(scenario.file_stem().unwrap_or(scenario.as_os_str()))
}
