//! `twosided gate`.

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};
use twosided::{
    Control, FIRST_LOOK, FinishedRun, Overrides, RunOptions, RunSource, Scenario,
    decide::{Verdict, checks_of_limits, json_of_limits, table_of_limits},
    gate::{GateOptions, Gated, Limit, gate, gate_finished},
};
use twosided_form::printable;
use twosided_units::Share;

use crate::{
    Failure,
    counts::{count, counted},
    formats::{FormatArgument, Outputs, format},
    progress, say,
    scenario::ScenarioArguments,
    stop::{check, stop_without_folder},
    warn_of,
};

/// The formats of verdicts.
const FORMATS: &[&str] = &["text", "markdown", "json", "junit", "github"];

/// The exit code where a limit fails.
const FAILED: u8 = 1;
/// The exit code where none fails and one is undecided.
const UNDECIDED: u8 = 3;
/// The exit code where an input cannot be read or run, so that no limit is judged.
const NO_ANSWER: u8 = 4;

/// Decide whether contracts keep to the limits of a scenario, as far as the trials decide it.
///
/// A limit passes where its figure is within it at the stated confidence, fails where it is beyond it, and is undecided where the
/// error of simulation leaves both open. The exit code is 0 if every limit passes, 1 if one fails, 3 if none fails and one is undecided,
/// 2 for wrong usage, and 4 if an input cannot be read or run.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  twosided gate scenarios/first-steps.toml
  twosided gate scenarios/first-steps.toml --until-decided --max-trials 200000
  twosided gate scenarios/first-steps.toml --format github --format junit=gate.xml")]
pub(crate) struct GateArguments {
    /// Scenario to run, folder of a report, or summary.json.
    run: PathBuf,
    /// Scenario whose limits are judged [default: those of RUN; a summary.json has none].
    #[arg(long, value_name = "SCENARIO")]
    limits: Option<PathBuf>,
    /// Confidence of each verdict, as 99% or 0.99.
    #[arg(long, value_name = "SHARE", value_parser = confidence, default_value = "99%")]
    confidence: Share,
    /// Number of trials (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(2..=1_000_000_000), conflicts_with = "until_decided")]
    trials: Option<u64>,
    /// Run until every limit is decided, in looks after 2,048 trials and each time that they have doubled; the confidence holds for all
    /// looks together.
    #[arg(long)]
    until_decided: bool,
    /// Trials at which --until-decided gives up, or as many as this machine can hold.
    #[arg(long, value_name = "N", value_parser = count::<u64>(FIRST_LOOK..=1_000_000_000), default_value = "1_000_000", requires = "until_decided")]
    max_trials: u64,
    /// Key of all random streams (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(0..=i64::MAX as u64))]
    seed: Option<u64>,
    /// Number of threads, at most 256; results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", value_parser = count::<u64>(1..=256))]
    threads: Option<u64>,
    /// What an undecided limit counts as [default: neither; exit code 3].
    #[arg(long, value_enum, value_name = "VERDICT")]
    undecided: Option<Undecided>,
    /// What is shown: text, markdown, json, junit or github; as NAME=FILE it is written to a file. Repeat it for several [default: text].
    #[arg(long, value_name = "NAME[=FILE]", value_parser = format(FORMATS))]
    format: Vec<FormatArgument>,
    #[command(flatten)]
    reading: ScenarioArguments,
}

/// What an undecided limit counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Undecided {
    /// One that passes.
    Pass,
    /// One that fails.
    Fail,
}

/// Reads a confidence from a half to below one, in percent or as a decimal.
fn confidence(text: &str) -> Result<Share, String> {
    let percent = text.trim().strip_suffix('%').map(|number| format!("{}e-2", number.trim()));
    let number: Option<f64> = percent.as_deref().unwrap_or(text.trim()).parse().ok();
    match number {
        Some(share) if (0.5..=0.999_999).contains(&share) => Share::new(share).map_err(|error| error.to_string()),
        Some(share) if percent.is_none() && (50.0..100.0).contains(&share) => {
            Err(format!("write {share}% for {share} percent"))
        }
        _ => Err("write a confidence from 50% to 99.9999%, such as 99% or 0.99".to_owned()),
    }
}

pub(crate) fn run(arguments: &GateArguments) -> Result<(), Failure> {
    let inputs: Vec<&Path> =
        [Some(&arguments.run), arguments.limits.as_ref()].into_iter().flatten().map(PathBuf::as_path).collect();
    let outputs =
        Outputs::open(&arguments.format, FORMATS[0], &inputs).map_err(|failure| failure.with_code(NO_ANSWER))?;
    let unanswered = |failure: Failure| failure.with_code(NO_ANSWER);
    let gated = gated(arguments).map_err(unanswered)?;
    let Gated { judged, trials, looks } = &gated;
    let title = format!("gate {}", shown(&arguments.run));
    let is_scenario = RunSource::at(&arguments.run) == RunSource::Scenario;
    let file = arguments.limits.as_ref().or_else(|| is_scenario.then_some(&arguments.run)).map(|path| shown(path));
    let checks = checks_of_limits(title.clone(), file, judged, arguments.confidence);
    let render = |name: &str| match name {
        "markdown" => checks.markdown(),
        "json" => json_of_limits(&title, judged, arguments.confidence),
        "junit" => checks.junit(),
        "github" => checks.github(),
        _ => {
            let width = terminal_size::terminal_size().map(|(width, _)| width.0);
            let table = table_of_limits(judged, arguments.confidence, width);
            format!("{table}{}; ± is one standard error of simulation\n", checks.counted())
        }
    };
    outputs.write(render).map_err(unanswered)?;
    if arguments.until_decided {
        let looks = looks.iter().filter(|&&look| look <= *trials).count() as u64;
        say(&format!("{}, looked at {}\n", counted(*trials, "trial", "trials"), counted(looks, "time", "times")));
    }
    match (gated.verdict(), arguments.undecided) {
        (Verdict::Passed, _) | (Verdict::Undecided, Some(Undecided::Pass)) => Ok(()),
        (Verdict::Failed, _) | (Verdict::Undecided, Some(Undecided::Fail)) => Err(Failure::Ends(FAILED)),
        (Verdict::Undecided, None) => Err(Failure::Ends(UNDECIDED)),
    }
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string())
}

/// Judges the limits by whatever stands at the path.
fn gated(arguments: &GateArguments) -> Result<Gated, Failure> {
    let limits = |path: &Path| Scenario::load(path, arguments.reading.allowed()).map(|scenario| scenario.limits);
    let given = arguments.limits.as_deref().map(limits).transpose()?;
    let source = RunSource::at(&arguments.run);
    if source == RunSource::Scenario {
        return run_scenario(arguments, given);
    }
    refuse_options_of_runs(arguments)?;
    let limits = match (given, source) {
        (Some(given), _) => given,
        (None, RunSource::Folder) => limits(&arguments.run.join("run.toml"))?,
        (None, RunSource::Summary | RunSource::Scenario) => {
            let message = "a summary.json has no limits; name the scenario that has them with --limits";
            return Err(Failure::Usage(message.to_owned()));
        }
    };
    Ok(gate_finished(&FinishedRun::open(&arguments.run)?, &limits, arguments.confidence)?)
}

/// Runs a scenario and judges limits by its trials; its own where none are given.
fn run_scenario(arguments: &GateArguments, limits: Option<Vec<Limit>>) -> Result<Gated, Failure> {
    let trials = if arguments.until_decided { Some(FIRST_LOOK) } else { arguments.trials };
    let overrides = Overrides { trials, seed: arguments.seed, ..Overrides::default() };
    let scenario = arguments.reading.load(&arguments.run, &overrides)?;
    warn_of(&scenario, false)?;
    if scenario.pools.is_some() {
        say("what pools of large segments leave unknown counts in no verdict\n");
    }
    let limits = limits.unwrap_or_else(|| scenario.limits.clone());
    let control = Arc::new(Control::default());
    let threads = arguments.threads.and_then(|threads| NonZeroUsize::new(threads as usize));
    let options = RunOptions { threads, control: Some(&control), ..RunOptions::default() };
    let until_decided = arguments.until_decided.then_some(arguments.max_trials);
    let how = GateOptions { confidence: arguments.confidence, until_decided };
    stop_without_folder(&control)?;
    let gated = progress::watched(scenario.trials, "trials", &control, || gate(&scenario, &limits, &options, &how));
    check(&control)?;
    Ok(gated?)
}

/// Refuses options that are of a scenario that is run.
fn refuse_options_of_runs(arguments: &GateArguments) -> Result<(), Failure> {
    let given = [
        ("--trials", arguments.trials.is_some()),
        ("--until-decided", arguments.until_decided),
        ("--seed", arguments.seed.is_some()),
        ("--threads", arguments.threads.is_some()),
        ("--set", arguments.reading.has_settings()),
    ];
    match given.iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => {
            Err(Failure::Usage(format!("{option} is for a scenario; a run that is finished has its trials")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confidence_is_read_in_percent_or_as_a_decimal() {
        let read = |text: &str| confidence(text).map(Share::value);
        assert_eq!((read("99%"), read("0.95"), read("99.9 %")), (Ok(0.99), Ok(0.95), Ok(0.999)));
        assert_eq!(read("99"), Err("write 99% for 99 percent".to_owned()));
        for text in ["100%", "1", "40%", "", "nan", "-1%"] {
            assert!(read(text).is_err_and(|error| error.starts_with("write a confidence from 50%")), "{text}");
        }
    }
}
