//! `docs/commands.md` lists every command as `--help` does, and every example in it is understood.
//!
//! `UPDATE_DOCS=1 cargo test --release --bin twosided commands_page` writes the page.

use std::{collections::BTreeMap, env, fs, path::Path};

use clap::{Arg, Command, CommandFactory};

use crate::Arguments;

const PAGE: &str = "docs/commands.md";
const HEAD: &str = "# Commands\n\nEvery command, argument and option, as `--help` lists them. Files that a command reads stand after it; \
                    `--out` names what it writes. Examples run from the root of the repository. Written by `UPDATE_DOCS=1 cargo test \
                    --release --bin twosided commands_page`; change nothing here by hand.\n";

/// The command with everything that clap adds to it.
fn root() -> Command {
    let mut root = Arguments::command().disable_help_subcommand(true);
    root.build();
    root
}

/// Commands that do something themselves, each with its whole name.
fn leaves(command: &Command, name: &str) -> Vec<(String, Command)> {
    let below = command.get_subcommands().flat_map(|below| leaves(below, &format!("{name} {}", below.get_name())));
    let below: Vec<(String, Command)> = below.collect();
    if below.is_empty() { vec![(name.to_owned(), command.clone())] } else { below }
}

/// The examples of a command's help, one a line.
fn examples(command: &Command) -> Vec<String> {
    let text = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let text = text.replace("\\\n", " ");
    text.lines().filter_map(|line| line.strip_prefix("  ")).map(|line| line.trim().to_owned()).collect()
}

/// The words of a line as a shell has them; examples quote by double quotes only.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate().flat_map(|(index, part)| {
        if index % 2 == 1 { vec![part.to_owned()] } else { part.split_whitespace().map(str::to_owned).collect() }
    });
    parts.collect()
}

/// One row of a table of arguments.
fn row(argument: &Arg) -> String {
    let help = argument.get_help().map(ToString::to_string).unwrap_or_default().replace('|', "\\|");
    // What the help itself says of a default is that of an argument without a value of its own.
    let (meaning, stated) = match help.rsplit_once(" [default: ") {
        Some((meaning, default)) => {
            (meaning.to_owned(), default.trim_end_matches("].").trim_end_matches(']').to_owned())
        }
        None => (help, String::new()),
    };
    let values: Vec<String> =
        argument.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    let takes_value = argument.get_action().takes_values();
    let default = match (argument.is_required_set(), values.is_empty(), stated.is_empty()) {
        (true, ..) => "required".to_owned(),
        (_, false, _) if takes_value => values.join(", "),
        (_, _, false) => stated,
        _ => String::new(),
    };
    let possible: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|_| takes_value)
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    let possible = if possible.is_empty() { String::new() } else { format!(" One of {}.", possible.join(", ")) };
    let end = if meaning.ends_with('.') { "" } else { "." };
    let name = argument.to_string().replace('|', "\\|");
    format!("| `{name}` | {default} | {meaning}{end}{possible} |\n")
}

fn page() -> String {
    let mut text = HEAD.to_owned();
    let leaves = leaves(&root(), "twosided");
    text.push_str("\n| command | what it does |\n|:--|:--|\n");
    for (name, command) in &leaves {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        text.push_str(&format!("| [`{name}`](#{}) | {about} |\n", name.replace(' ', "-")));
    }
    for (name, mut command) in leaves {
        let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
        let usage = command.render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ");
        text.push_str(&format!("\n## {name}\n\n{}.\n\n```text\n{usage}\n```\n\n", about.trim().trim_end_matches('.')));
        text.push_str("| argument | default | meaning |\n|:--|:--|:--|\n");
        let shown = |argument: &&Arg| !matches!(argument.get_id().as_str(), "help" | "version");
        command.get_arguments().filter(shown).for_each(|argument| text.push_str(&row(argument)));
        let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        let lines: Vec<&str> = help.lines().skip(1).map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
        text.push_str(&format!("\n```sh\n{}\n```\n", lines.join("\n")));
    }
    text
}

#[test]
fn the_page_of_commands_is_what_the_program_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = page();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let again = "UPDATE_DOCS=1 cargo test --release --bin twosided commands_page writes it";
    assert!(page == written, "{PAGE} is not what the commands say; {again}");
}

#[test]
fn every_command_has_examples_that_are_understood_and_name_files_that_are_there() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, command) in leaves(&root(), "twosided") {
        let examples = examples(&command);
        assert!(!examples.is_empty(), "`{name} --help` has no example");
        for example in examples {
            assert!(example.starts_with(&name), "{example} is not an example of `{name}`");
            let words = words(&example);
            let parsed = root().try_get_matches_from(&words);
            assert!(parsed.is_ok(), "{example}: {}", parsed.err().map(|error| error.to_string()).unwrap_or_default());
            let names_no_file = ["--out", "--shard"]
                .map(|option| words.iter().position(|word| word == option).map(|index| &words[index + 1]));
            // What lies in reports/ is written by the examples before.
            let is_file = |word: &&String| word.contains('/') && !word.starts_with("reports/");
            for word in words.iter().filter(is_file).filter(|word| !names_no_file.contains(&Some(word))) {
                assert!(repository.join(word).exists(), "{example}: there is no {word}");
            }
        }
    }
}

#[test]
fn help_is_in_whole_sentences_and_one_option_has_one_meaning() {
    let mut values: BTreeMap<String, (String, String)> = BTreeMap::new();
    for (name, command) in leaves(&root(), "twosided") {
        for argument in command.get_arguments().filter(|argument| argument.get_id() != "help") {
            let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
            let shown = argument.to_string();
            assert!(help.starts_with(|first: char| first.is_uppercase()), "{name}: {shown}: {help}");
            // What is written is a file or a folder, and what is from one to another end is a number or a file.
            if let Some(long) = argument.get_long().filter(|long| !["out", "from", "to"].contains(long)) {
                let value = argument.get_value_names().map(|names| names.join(" ")).unwrap_or_default();
                let (first, of) = values.entry(long.to_owned()).or_insert((value.clone(), name.clone()));
                assert_eq!(*first, value, "--{long} takes different values in `{of}` and `{name}`");
            }
        }
    }
}

#[test]
fn the_tree_of_commands_is_sound() {
    Arguments::command().debug_assert();
}
