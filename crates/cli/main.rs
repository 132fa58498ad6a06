//! The `twosided` program: arguments in, errors to people.
//!
//! Exit codes: 0 done, 1 something to fix in the input, 2 wrong usage, 130 stopped by Ctrl-C or another
//! signal. A command that answers a question has codes of its own for its answers.

mod check;
#[cfg(test)]
mod commands_page;
mod compare;
mod counts;
mod exact;
mod explain;
mod fit;
mod formats;
mod gate;
mod history;
mod manual;
mod merge;
mod national;
mod new;
mod precision;
mod price;
mod progress;
mod run;
mod scenario;
mod schema;
mod settle;
mod shard;
mod solve;
mod stop;
mod sweep;
mod usage;
mod verify;
mod years;

use std::{
    env,
    io::{self, IsTerminal, Write},
    path::Path,
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use counts::counted;
use miette::{GraphicalReportHandler, GraphicalTheme};
use twosided::{
    BoardError, MergeError, OpenError, RunError, Scenario, SolveError, explain::ExplainError, gate::GateError, pilot,
    settle::SettleError,
};
use twosided_actuals::ActualsError;
use twosided_files::{FolderError, OutputError};
use twosided_form::{DocumentError, Warnings, colored_terminal, terminal};
use twosided_prob::check_vectors;
use twosided_report::ReportError;
use twosided_sim::SimulateError;
use twosided_verify::AgainstExactError;

/// Monte Carlo risk of US provider payment contracts, from fee-for-service to full capitation.
///
/// A scenario names a population, contracts and a provider. `run` samples years of the population and settles every contract
/// on the same years. docs/commands.md lists every command.
#[derive(Parser)]
#[command(
    name = "twosided",
    version,
    arg_required_else_help = true,
    after_long_help = "Example:\n  twosided run scenarios/first-steps.toml"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(new::NewArguments),
    History(history::HistoryArguments),
    #[command(after_long_help = "\
Examples:
  twosided run scenarios/first-steps.toml
  twosided run scenarios/real-aco.toml --trials 500 --out reports/quick
  twosided run scenarios/first-steps.toml --set population.members=6000 --out reports/smaller
  twosided run scenarios/reference-job.toml --precision 1% --measure mean,var99,tvar99
  twosided run scenarios/first-steps.toml --method exact
  twosided run scenarios/first-steps.toml --shard 1/2
  twosided run scenarios/first-steps.toml --shard 2/2")]
    Run(run::RunArguments),
    #[command(after_long_help = "\
Example:
  twosided merge reports/first-steps/shard-1-of-2 reports/first-steps/shard-2-of-2 --out reports/merged")]
    Merge(merge::MergeArguments),
    #[command(after_long_help = "\
Example:
  twosided check scenarios/first-steps.toml --strict")]
    Check(check::CheckArguments),
    Gate(gate::GateArguments),
    #[command(after_long_help = "\
Examples:
  twosided sweep scenarios/reference-job.toml --contract \"MSSP ENHANCED\" --key \"contracts.MSSP ENHANCED.terms.mssp.minimum_rate\" --from 0 --to 0.04 --steps 9
  twosided sweep scenarios/first-steps.toml --tornado --key population.members --values 2_500,10_000 --key population.trend.cv --values 0.01,0.03")]
    Sweep(sweep::SweepArguments),
    Compare(compare::CompareArguments),
    #[command(after_long_help = "\
Examples:
  twosided solve scenarios/first-steps.toml --key \"contracts.Capitation with stop-loss.covers.specific.attachment_point\" --between 30_000 300_000 --until \"var95 <= 2_000_000\"
  twosided solve scenarios/first-steps.toml --key population.members --between 3_000 30_000 --contract \"Half of the savings, half of the losses\" --until \"P(loss > 2% of benchmark) <= 5%\"")]
    Solve(solve::SolveArguments),
    Settle(settle::SettleArguments),
    Explain(explain::ExplainArguments),
    National(national::NationalArguments),
    Fit(fit::FitArguments),
    #[command(after_long_help = "\
Examples:
  twosided price scenarios/commercial.toml --contract \"Global capitation\" --cover specific --at 150_000,250_000,500_000 --load 25%
  twosided price scenarios/commercial.toml --contract \"Global capitation\" --cover aggregate --from 1.0 --to 1.2 --steps 5 --trend 8%")]
    Price(price::PriceArguments),
    Verify(verify::VerifyArguments),
    Schema(schema::SchemaArguments),
    Completions(manual::CompletionsArguments),
    Man(manual::ManArguments),
}

/// Shows warnings, or refuses the scenario for them.
fn warn(warnings: &Warnings, strict: bool) -> Result<(), Failure> {
    say(&warnings.render(&handler()));
    let count = warnings.messages().count() as u64;
    if strict && count > 0 {
        let warnings = counted(count, "warning", "warnings");
        return Err(Failure::Message(format!("{warnings}, refused by --strict")));
    }
    Ok(())
}

/// The same of all that a scenario is warned of, also of covers that are expected to pay much more or less than they cost.
fn warn_of(scenario: &Scenario, strict: bool) -> Result<(), Failure> {
    let mut warnings = scenario.warnings.clone();
    if let Some(pilot) = pilot(scenario)? {
        pilot.expected.note(&mut warnings);
    }
    warn(&warnings, strict)
}

/// Why a command failed, for people.
#[derive(Debug)]
enum Failure {
    /// A file has problems.
    Document(DocumentError),
    /// Something else.
    Message(String),
    /// Arguments that do not go together.
    Usage(String),
    /// Ctrl-C.
    Stopped,
    /// Ctrl-C, with what is then said.
    StoppedSaying(String),
    /// An answer that has an exit code of its own; all is said.
    Ends(u8),
    /// A failure with an exit code that sets it apart from an answer.
    WithCode(u8, Box<Self>),
}

impl Failure {
    /// The same with another exit code, unless it is wrong usage or a signal.
    fn with_code(self, code: u8) -> Self {
        match self {
            Self::Document(_) | Self::Message(_) => Self::WithCode(code, Box::new(self)),
            other => other,
        }
    }

    /// The same of a run with checkpoints, which a run that is stopped leaves.
    fn keeping(self, partial: &Path) -> Self {
        match self {
            Self::Stopped => Self::StoppedSaying(stop::stopped(Some(partial))),
            other => other,
        }
    }
}

impl From<MergeError> for Failure {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::Run(error) => error.into(),
            other => Self::Message(other.to_string()),
        }
    }
}

impl From<BoardError> for Failure {
    fn from(error: BoardError) -> Self {
        match error {
            BoardError::Document(error) => Self::Document(error),
            BoardError::Run(error) => error.into(),
            other => Self::Message(other.to_string()),
        }
    }
}

impl From<ActualsError> for Failure {
    fn from(error: ActualsError) -> Self {
        Self::Message(error.to_string())
    }
}

impl From<SettleError> for Failure {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::Terms(error) => Self::Document(error),
            SettleError::Data(error) => error.into(),
            SettleError::TableForTerms { .. } => Self::Usage(error.to_string()),
        }
    }
}

impl From<ExplainError> for Failure {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::WhichContract { .. } => Self::Usage(format!("{error}, with --contract")),
            ExplainError::Simulate(SimulateError::Stopped) => Self::Stopped,
            _ => Self::Message(error.to_string()),
        }
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Input(_) => Self::Usage(error.to_string()),
            _ => Self::Message(error.to_string()),
        }
    }
}

impl From<FolderError> for Failure {
    fn from(error: FolderError) -> Self {
        match error {
            FolderError::Input { .. } => Self::Usage(error.to_string()),
            _ => Self::Message(error.to_string()),
        }
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Stopped => Self::Stopped,
            other => Self::Message(other.to_string()),
        }
    }
}

impl From<AgainstExactError> for Failure {
    fn from(error: AgainstExactError) -> Self {
        match error {
            AgainstExactError::Simulate(SimulateError::Stopped) => Self::Stopped,
            other => Self::Message(other.to_string()),
        }
    }
}

impl From<GateError> for Failure {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Run(error) => error.into(),
            other => Self::Message(other.to_string()),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Scenario(error) => Self::Document(error),
            other => Self::Message(other.to_string()),
        }
    }
}

impl From<SolveError> for Failure {
    fn from(error: SolveError) -> Self {
        match error {
            SolveError::Scenario(error) => Self::Document(error),
            SolveError::Run(error) => error.into(),
            SolveError::Key(_) | SolveError::Range(..) | SolveError::OfRun(_) => Self::Usage(error.to_string()),
            SolveError::Contract(_) => Self::Usage(format!("{error}; name one with --contract")),
            SolveError::NoEstimate { .. } => Self::Message(error.to_string()),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Simulate(SimulateError::Stopped) => Self::Stopped,
            RunError::Report(error) => error.into(),
            other => Self::Message(other.to_string()),
        }
    }
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        Self::Document(error)
    }
}

/// Carries out a command.
fn execute(command: &Command) -> Result<(), Failure> {
    check_vectors().map_err(|error| Failure::Usage(error.to_string()))?;
    match command {
        Command::New(arguments) => new::new(arguments),
        Command::History(arguments) => history::history(arguments),
        Command::Run(arguments) => run::run(arguments),
        Command::Merge(arguments) => merge::merge(arguments),
        Command::Check(arguments) => check::check(arguments),
        Command::Gate(arguments) => gate::run(arguments),
        Command::Sweep(arguments) => sweep::sweep(arguments),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Solve(arguments) => solve::solve(arguments),
        Command::Settle(arguments) => settle::settle(arguments),
        Command::Explain(arguments) => explain::explain(arguments),
        Command::National(arguments) => national::national(arguments),
        Command::Verify(arguments) => verify::verify(arguments),
        Command::Fit(arguments) => fit::fit(arguments),
        Command::Price(arguments) => price::run(arguments),
        Command::Schema(arguments) => schema::schema(arguments),
        Command::Completions(arguments) => manual::completions(arguments),
        Command::Man(arguments) => manual::man(arguments),
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage::wrong_usage(error, env::args_os()),
    };
    match execute(&arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => ExitCode::from(explain_failure(failure)),
    }
}

/// Says why a command failed, and returns its exit code.
fn explain_failure(failure: Failure) -> u8 {
    match failure {
        Failure::Document(error) => {
            show(&colored_terminal(&error.render(&handler())));
            1
        }
        Failure::Message(message) => {
            say(&format!("error: {message}\n"));
            1
        }
        Failure::Usage(message) => {
            say(&format!("error: {message}\n\nFor more information, try '--help'.\n"));
            2
        }
        Failure::Stopped => {
            say(&stop::stopped(None));
            130
        }
        Failure::StoppedSaying(message) => {
            say(&message);
            130
        }
        Failure::Ends(code) => code,
        Failure::WithCode(code, failure) => {
            explain_failure(*failure);
            code
        }
    }
}

/// Draws problems: in color on a terminal only.
fn handler() -> GraphicalReportHandler {
    let colored = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let theme = if colored { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    GraphicalReportHandler::new_themed(theme).with_width(100)
}

/// Writes results, made safe for a terminal. A reader that has gone away, as `head` does, is no error; a full disk is.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(terminal(text).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Message(format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes messages to people.
fn say(text: &str) {
    show(&terminal(text));
}

/// Writes what is safe for a terminal already.
fn show(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
