//! `twosided completions` and `twosided man`: what a shell and a manual need to know of all commands.

use std::{fs, io, path::PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use twosided_files::{IfThere, OutputFile};
use twosided_form::printable;

use crate::{Arguments, Failure, counts::counted, print, say};

/// Write a completion script for a shell.
///
/// Where the script goes depends on the shell: with bash, `source <(twosided completions bash)` in ~/.bashrc.
#[derive(Args)]
#[command(after_long_help = "\
Example:
  twosided completions bash")]
pub(crate) struct CompletionsArguments {
    /// Shell that is to complete commands.
    shell: Shell,
}

/// Write the manual in the format of man.
///
/// Without --out, the main page goes to standard output: `twosided man | man -l -`.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  twosided man
  twosided man --out man1")]
pub(crate) struct ManArguments {
    /// Folder to write, one page for each command [default: the main page to standard output].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn completions(arguments: &CompletionsArguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "twosided", &mut script);
    print(&String::from_utf8_lossy(&script))
}

pub(crate) fn man(arguments: &ManArguments) -> Result<(), Failure> {
    let mut root = Arguments::command().disable_help_subcommand(true);
    root.build();
    let Some(folder) = &arguments.out else {
        return print(&String::from_utf8_lossy(&page(root)?));
    };
    let cannot = |error: io::Error| {
        Failure::Message(format!("cannot write the folder {}: {error}", printable(&folder.display().to_string())))
    };
    fs::create_dir_all(folder).map_err(cannot)?;
    let commands = all_commands(root);
    let pages = counted(commands.len() as u64, "page is", "pages are");
    for command in commands {
        let name = format!("{}.1", command.get_display_name().unwrap_or(command.get_name()));
        OutputFile::new(&folder.join(name), &[], IfThere::Replace)?.write(&page(command)?)?;
    }
    say(&format!("{pages} written to {}\n", printable(&folder.display().to_string())));
    Ok(())
}

/// A command and all commands below it.
fn all_commands(command: Command) -> Vec<Command> {
    let below: Vec<Command> = command.get_subcommands().cloned().flat_map(all_commands).collect();
    [command].into_iter().chain(below).collect()
}

fn page(command: Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    Man::new(command).render(&mut text).map_err(|error| Failure::Message(error.to_string()))?;
    Ok(text)
}
