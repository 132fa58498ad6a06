//! The `twosided` program: arguments in, errors to people.
//!
//! Exit codes: 0 done, 1 something to fix in the input, 2 wrong usage, 130 stopped by Ctrl-C or another
//! signal.

mod check;
mod counts;
mod explain;
mod fit;
mod new;
mod progress;
mod run;
mod settle;
mod stop;
mod verify;

use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use miette::{GraphicalReportHandler, GraphicalTheme};
use twosided::{RunError, sim::SimulateError};
use twosided_actuals::ActualsError;
use twosided_files::{FolderError, OutputError};
use twosided_form::{DocumentError, Warnings, colored_terminal, terminal};
use twosided_report::ReportError;

/// Monte Carlo risk of US provider payment contracts, from fee-for-service to full capitation.
#[derive(Parser)]
#[command(name = "twosided", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(new::NewArguments),
    Run(run::RunArguments),
    Check(check::CheckArguments),
    Settle(settle::SettleArguments),
    Explain(explain::ExplainArguments),
    Fit(fit::FitArguments),
    Verify(verify::VerifyArguments),
}

/// What a scenario may read besides its own folder.
#[derive(Args)]
struct IncludeArguments {
    /// Another folder that the scenario may include files from, beside its own. Once for each.
    #[arg(long, value_name = "DIR")]
    allow_include: Vec<PathBuf>,
}

/// Shows warnings, or refuses the scenario for them.
fn warn(warnings: &Warnings, strict: bool) -> Result<(), Failure> {
    say(&warnings.render(&handler()));
    match warnings.messages().count() {
        1 if strict => Err(Failure::Message("1 warning, refused by --strict".to_owned())),
        several if strict && several > 0 => Err(Failure::Message(format!("{several} warnings, refused by --strict"))),
        _ => Ok(()),
    }
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
}

impl From<ActualsError> for Failure {
    fn from(error: ActualsError) -> Self {
        Self::Message(error.to_string())
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

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return wrong_usage(&error),
    };
    let done = match &arguments.command {
        Command::New(arguments) => new::new(arguments),
        Command::Run(arguments) => run::run(arguments),
        Command::Check(arguments) => check::check(arguments),
        Command::Settle(arguments) => settle::settle(arguments),
        Command::Explain(arguments) => explain::explain(arguments),
        Command::Verify(arguments) => verify::verify(arguments),
        Command::Fit(arguments) => fit::fit(arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Document(error)) => {
            show(&colored_terminal(&error.render(&handler())));
            ExitCode::from(1)
        }
        Err(Failure::Message(message)) => {
            say(&format!("error: {message}\n"));
            ExitCode::from(1)
        }
        Err(Failure::Usage(message)) => {
            say(&format!("error: {message}\n\nFor more information, try '--help'.\n"));
            ExitCode::from(2)
        }
        Err(Failure::Stopped) => {
            say("stopped: nothing was written\n");
            ExitCode::from(130)
        }
    }
}

/// Says what is wrong with the arguments, or shows the help that was asked for. Arguments are text of others too: with what
/// could steer a terminal among them, the message has no colors.
fn wrong_usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if terminal(&text) == text {
        error.exit();
    }
    say(&text);
    ExitCode::from(2)
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
