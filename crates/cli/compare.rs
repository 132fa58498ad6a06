//! `twosided compare`.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use twosided::{
    Control, FinishedRun, Overrides, RunOptions, RunSource, Scenario, Setting, compare,
    decide::{CompareOptions, Comparison, Tolerance, bencher, benchmark_action, metrics},
};
use twosided_form::printable;

use crate::{
    Failure,
    counts::count,
    formats::{FormatArgument, Outputs, format},
    progress,
    scenario::IncludeArguments,
    stop::{check, stop_without_folder},
};

/// The formats of a comparison.
const FORMATS: &[&str] = &["text", "markdown", "json", "junit", "github", "bencher", "benchmark-action", "metrics"];

/// The exit code where something has moved.
const MOVED: u8 = 1;
/// The exit code where an input cannot be read or run, so that nothing is known of what moved.
const NO_ANSWER: u8 = 4;

/// Compare two runs, figure by figure: what is identical, what differs by chance, and what has moved.
///
/// Each run is a scenario file, which is run, the folder of a report, or a `summary.json`. The exit code is 0 if nothing moved, 1 if
/// something did, 2 for wrong usage, and 4 if an input cannot be read or run.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  twosided compare reports/first-steps scenarios/first-steps.toml --tolerance 1%
  twosided compare reports/first-steps/summary.json reports/first-steps --format github --format junit=compare.xml --format json=compare.json
  twosided compare reports/first-steps/summary.json scenarios/first-steps.toml --trials 2000 --seed 7 --tolerance 0.5pp
  twosided compare scenarios/first-steps.toml scenarios/first-steps.toml --set-b run.seed=7 --format markdown")]
pub(crate) struct CompareArguments {
    /// The baseline: scenario file, folder of a report, or summary.json.
    a: PathBuf,
    /// The run that is compared with it, in the same forms.
    b: PathBuf,
    /// Number of trials of a scenario that is run (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(2..=1_000_000_000))]
    trials: Option<u64>,
    /// Key of all random streams of a scenario that is run (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(0..=i64::MAX as u64))]
    seed: Option<u64>,
    /// Set a key of every scenario that is run, such as population.members=6000, as if its file said so; repeat it for several.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Setting>,
    /// The same of A alone.
    #[arg(long, value_name = "KEY=VALUE")]
    set_a: Vec<Setting>,
    /// The same of B alone.
    #[arg(long, value_name = "KEY=VALUE")]
    set_b: Vec<Setting>,
    /// Number of threads, at most 256; results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", value_parser = count::<u64>(1..=256))]
    threads: Option<u64>,
    /// A difference that does not matter: a share of A's figure (1%), dollars ($50k), or points of a probability (0.5pp); repeat it
    /// for several.
    #[arg(long, value_name = "TOLERANCE")]
    tolerance: Vec<Tolerance>,
    /// The share of comparisons of unchanged runs that may find something moved, from 0.000001 to 0.1.
    #[arg(long, value_name = "SHARE", value_parser = false_alarms, default_value = "0.001")]
    false_alarms: f64,
    /// The standard errors of a normal law beyond which a figure has moved, from 2 to 10, in place of --false-alarms.
    #[arg(long, value_name = "N", value_parser = standard_errors, conflicts_with = "false_alarms")]
    standard_errors: Option<f64>,
    /// What is shown: text, markdown, json, junit, github, bencher, benchmark-action or metrics; as NAME=FILE it is written to a file.
    /// Repeat it for several [default: text].
    #[arg(long, value_name = "NAME[=FILE]", value_parser = format(FORMATS))]
    format: Vec<FormatArgument>,
    #[command(flatten)]
    include: IncludeArguments,
}

pub(crate) fn run(arguments: &CompareArguments) -> Result<(), Failure> {
    let paths = [arguments.a.as_path(), arguments.b.as_path()];
    let outputs =
        Outputs::open(&arguments.format, FORMATS[0], &paths).map_err(|failure| failure.with_code(NO_ANSWER))?;
    let unanswered = |failure: Failure| failure.with_code(NO_ANSWER);
    let control = Arc::new(Control::default());
    if paths.iter().any(|path| RunSource::at(path) == RunSource::Scenario) {
        stop_without_folder(&control).map_err(unanswered)?;
    } else if arguments.trials.is_some() || arguments.seed.is_some() || !arguments.set.is_empty() {
        let message = "--trials, --seed and --set are for a scenario that is run; both are finished runs";
        return Err(Failure::Usage(message.to_owned()));
    }
    let a = arguments.finished(paths[0], ("--set-a", &arguments.set_a), &control).map_err(unanswered)?;
    let b = arguments.finished(paths[1], ("--set-b", &arguments.set_b), &control).map_err(unanswered)?;
    let [name_a, name_b] = paths.map(|path| printable(&path.display().to_string()));
    let CompareArguments { false_alarms, standard_errors, tolerance, .. } = arguments;
    let (false_alarms, standard_errors, tolerances) = (*false_alarms, *standard_errors, tolerance.clone());
    let options = CompareOptions { false_alarms, standard_errors, tolerances };
    let comparison = compare((&name_a, &a), (&name_b, &b), &options);
    let comparison = comparison.map_err(|error| unanswered(Failure::Message(error.to_string())))?;
    let file = (RunSource::at(paths[1]) == RunSource::Scenario).then_some(name_b);
    outputs.write(|name| render(name, &comparison, &b, file.clone())).map_err(unanswered)?;
    if comparison.has_moved() { Err(Failure::Ends(MOVED)) } else { Ok(()) }
}

fn render(name: &str, comparison: &Comparison, b: &FinishedRun, file: Option<String>) -> String {
    match name {
        "markdown" => comparison.markdown(),
        "json" => comparison.json(),
        "junit" => comparison.checks(file).junit(),
        "github" => comparison.checks(file).github(),
        "bencher" => bencher(b.summary()),
        "benchmark-action" => benchmark_action(b.summary()),
        "metrics" => metrics(b.summary()),
        _ => comparison.text(terminal_size::terminal_size().map(|(width, _)| width.0)),
    }
}

impl CompareArguments {
    /// Reads a run, or runs a scenario.
    fn finished(
        &self,
        path: &Path,
        (option, own): (&str, &[Setting]),
        control: &Arc<Control>,
    ) -> Result<FinishedRun, Failure> {
        if RunSource::at(path) != RunSource::Scenario {
            if !own.is_empty() {
                let path = printable(&path.display().to_string());
                return Err(Failure::Usage(format!(
                    "{option} is for a scenario that is run; {path} is a finished run"
                )));
            }
            return FinishedRun::open(path).map_err(|error| match error {
                twosided::OpenError::Scenario(error) => Failure::Document(error),
                other => Failure::Message(other.to_string()),
            });
        }
        let overrides = Overrides {
            trials: self.trials,
            seed: self.seed,
            include_from: self.include.allow_include.clone(),
            set: self.set.iter().chain(own).cloned().collect(),
            ..Overrides::default()
        };
        let scenario = Scenario::load_with(path, &overrides)?;
        let threads = self.threads.and_then(|threads| NonZeroUsize::new(threads as usize));
        let options = RunOptions { threads, control: Some(control), ..RunOptions::default() };
        let run = progress::watched(scenario.trials, "trials", control, || twosided::run(&scenario, &options))?;
        check(control)?;
        Ok(run.into())
    }
}

/// Reads a number of standard errors.
fn standard_errors(text: &str) -> Result<f64, String> {
    let number = text.trim().parse().ok().filter(|number| (2.0..=10.0).contains(number));
    number.ok_or_else(|| "write a number from 2 to 10, such as 4".to_owned())
}

/// Reads a share of false alarms.
fn false_alarms(text: &str) -> Result<f64, String> {
    let share = text.trim().parse().ok().filter(|share| (1e-6..=0.1).contains(share));
    share.ok_or_else(|| "write a share from 0.000001 to 0.1, such as 0.001 for one comparison in 1,000".to_owned())
}
