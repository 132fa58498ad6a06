//! `--key` and what follows it: `--from`, `--to` and `--steps`, or `--values`, and the keys that are tied to it.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, error::ErrorKind};
use twosided::{SweptKey, SweptValues, Tie, Tied};

use crate::counts::count;

/// The keys of a sweep, in the order in which they are given.
pub(crate) struct SweptKeys(pub(crate) Vec<SweptKey>);

/// One argument, as it is given.
#[derive(Clone, Debug)]
enum Given {
    Key(String),
    From(f64),
    To(f64),
    Steps(u64),
    Values(Vec<String>),
    Tie(String),
    Power(f64),
}

/// A key whose arguments are being read.
#[derive(Default)]
struct Reading {
    key: String,
    from: Option<f64>,
    to: Option<f64>,
    steps: Option<u64>,
    values: Option<Vec<String>>,
    ties: Vec<(String, Option<Tied>)>,
}

impl Args for SweptKeys {
    fn augment_args(command: Command) -> Command {
        let argument = |name: &'static str, value: &'static str, help: &'static str| {
            Arg::new(name).long(name).value_name(value).help(help).action(ArgAction::Append).allow_hyphen_values(true)
        };
        command
            .arg(
                argument(
                    "key",
                    "KEY",
                    "Key to sweep, as in --set; repeat it for a grid. The arguments on its values follow it",
                )
                .required(true)
                .allow_hyphen_values(false),
            )
            .arg(argument("from", "FIRST", "First value of the key before it").value_parser(number))
            .arg(argument("to", "LAST", "Last value of the key before it").value_parser(number))
            .arg(
                argument("steps", "N", "Number of values from the first to the last, in equal steps")
                    .value_parser(count::<u64>(2..=10_000)),
            )
            .arg(argument("values", "LIST", "Values of the key before it, with commas between").value_parser(list))
            .arg(
                argument("tie", "KEY", "Key that follows the key before it, by --power or by --values of its own")
                    .allow_hyphen_values(false),
            )
            .arg(
                argument(
                    "power",
                    "P",
                    "Power by which the tied key follows: its own value times (value / value as it is)^P",
                )
                .value_parser(number),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for SweptKeys {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut all: Vec<(usize, Given)> = Vec::new();
        let mut take = |name: &str, given: &dyn Fn(&ArgMatches, &str) -> Vec<Given>| {
            let indices = matches.indices_of(name).into_iter().flatten();
            all.extend(indices.zip(given(matches, name)));
        };
        take("key", &|matches, name| texts(matches, name).map(Given::Key).collect());
        take("from", &|matches, name| numbers(matches, name).map(Given::From).collect());
        take("to", &|matches, name| numbers(matches, name).map(Given::To).collect());
        take("steps", &|matches, name| {
            matches.get_many::<u64>(name).into_iter().flatten().copied().map(Given::Steps).collect()
        });
        take("values", &|matches, name| {
            matches.get_many::<Vec<String>>(name).into_iter().flatten().cloned().map(Given::Values).collect()
        });
        take("tie", &|matches, name| texts(matches, name).map(Given::Tie).collect());
        take("power", &|matches, name| numbers(matches, name).map(Given::Power).collect());
        all.sort_by_key(|(index, _)| *index);
        let given = all.into_iter().map(|(_, given)| given);
        read(given).map(Self).map_err(|message| Error::raw(ErrorKind::ValueValidation, message + "\n"))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn texts<'m>(matches: &'m ArgMatches, name: &str) -> impl Iterator<Item = String> + use<'m> {
    matches.get_many::<String>(name).into_iter().flatten().cloned()
}

fn numbers<'m>(matches: &'m ArgMatches, name: &str) -> impl Iterator<Item = f64> + use<'m> {
    matches.get_many::<f64>(name).into_iter().flatten().copied()
}

/// Reads a number, with `_` between thousands or without.
fn number(text: &str) -> Result<f64, String> {
    let number = text.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| "write a number, such as 75_000 or 0.02".to_owned())
}

/// Reads values with commas between.
fn list(text: &str) -> Result<Vec<String>, String> {
    let values: Vec<String> = text.split(',').map(|value| value.trim().to_owned()).collect();
    if values.iter().any(String::is_empty) {
        return Err("write values with commas between, such as 0.01,0.02".to_owned());
    }
    Ok(values)
}

/// The keys of the arguments in their order.
fn read(given: impl Iterator<Item = Given>) -> Result<Vec<SweptKey>, String> {
    let mut keys: Vec<Reading> = Vec::new();
    for given in given {
        if let Given::Key(key) = given {
            keys.push(Reading { key, ..Reading::default() });
            continue;
        }
        let key = keys.last_mut().ok_or("--key comes before the arguments on its values")?;
        key.take(given)?;
    }
    keys.into_iter().map(Reading::swept).collect()
}

impl Reading {
    fn take(&mut self, given: Given) -> Result<(), String> {
        let twice = |name: &str, is_there: bool, of: &str| {
            if is_there { Err(format!("{name} is given twice for {of}; give each key its own")) } else { Ok(()) }
        };
        match (given, self.ties.last_mut()) {
            (Given::Tie(key), _) => self.ties.push((key, None)),
            (Given::Power(power), Some((key, tied))) => {
                twice("--power or --values", tied.is_some(), key)?;
                *tied = Some(Tied::Power(power));
            }
            (Given::Values(values), Some((key, tied))) => {
                twice("--power or --values", tied.is_some(), key)?;
                *tied = Some(Tied::Values(values));
            }
            (Given::Power(_), None) => return Err("--power follows --tie and its key".to_owned()),
            (Given::From(from), _) => {
                twice("--from", self.from.is_some(), &self.key)?;
                self.from = Some(from);
            }
            (Given::To(to), _) => {
                twice("--to", self.to.is_some(), &self.key)?;
                self.to = Some(to);
            }
            (Given::Steps(steps), _) => {
                twice("--steps", self.steps.is_some(), &self.key)?;
                self.steps = Some(steps);
            }
            (Given::Values(values), None) => {
                twice("--values", self.values.is_some(), &self.key)?;
                self.values = Some(values);
            }
            (Given::Key(_), _) => {}
        }
        Ok(())
    }

    fn swept(self) -> Result<SweptKey, String> {
        let Self { key, from, to, steps, values, ties } = self;
        let values = match (from, to, steps, values) {
            (Some(from), Some(to), Some(steps), None) => SweptValues::Between { from, to, steps: steps as usize },
            (None, None, None, Some(values)) => SweptValues::Listed(values),
            _ => return Err(format!("{key} needs --from, --to and --steps, or --values alone")),
        };
        let tie = |(tie, tied): (String, Option<Tied>)| {
            let tied = tied.ok_or_else(|| format!("{tie}, tied to {key}, needs --power or --values"))?;
            Ok(Tie { key: tie, tied })
        };
        let ties = ties.into_iter().map(tie).collect::<Result<_, String>>()?;
        Ok(SweptKey { key, values, ties })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Vec<SweptKey>, String> {
        let command = SweptKeys::augment_args(Command::new("sweep"));
        let matches =
            command.try_get_matches_from(["sweep"].iter().chain(arguments)).map_err(|error| error.to_string())?;
        SweptKeys::from_arg_matches(&matches).map(|keys| keys.0).map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_belong_to_the_key_before_them() {
        let keys = parsed(&[
            "--key",
            "members",
            "--values",
            "5_000,10_000",
            "--tie",
            "sd",
            "--power",
            "-0.5",
            "--tie",
            "cv",
            "--values",
            "1,2",
            "--key",
            "rate",
            "--from",
            "-0.01",
            "--to",
            "0.02",
            "--steps",
            "4",
        ])
        .expect("they go together");
        let listed = |values: [&str; 2]| values.map(str::to_owned).to_vec();
        let members = SweptKey {
            key: "members".to_owned(),
            values: SweptValues::Listed(listed(["5_000", "10_000"])),
            ties: vec![
                Tie { key: "sd".to_owned(), tied: Tied::Power(-0.5) },
                Tie { key: "cv".to_owned(), tied: Tied::Values(listed(["1", "2"])) },
            ],
        };
        let between = SweptValues::Between { from: -0.01, to: 0.02, steps: 4 };
        assert_eq!(keys, [members, SweptKey { key: "rate".to_owned(), values: between, ties: Vec::new() }]);
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for (arguments, expected) in [
            (&["--from", "1", "--key", "a", "--values", "1"][..], "--key comes before"),
            (&["--key", "a"], "a needs --from, --to and --steps, or --values alone"),
            (&["--key", "a", "--from", "1", "--to", "2"], "a needs --from"),
            (&["--key", "a", "--values", "1", "--steps", "3"], "a needs --from"),
            (&["--key", "a", "--values", "1", "--values", "2"], "--values is given twice for a"),
            (&["--key", "a", "--values", "1", "--power", "2"], "--power follows --tie"),
            (&["--key", "a", "--values", "1", "--tie", "b"], "b, tied to a, needs --power or --values"),
            (&["--key", "a", "--values", "1,,2"], "write values with commas between"),
            (&["--key", "a", "--from", "x"], "write a number"),
            (&["--values", "1"], "--key <KEY>"),
        ] {
            let refused = parsed(arguments).expect_err("it is refused");
            assert!(refused.contains(expected), "{arguments:?}: {refused}");
        }
    }
}
