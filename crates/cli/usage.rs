//! Wrong usage: what the arguments probably mean.

use std::{
    ffi::{OsStr, OsString},
    iter,
    path::Path,
    process::ExitCode,
};

use clap::{
    Parser,
    error::{ContextKind, ContextValue, ErrorKind},
};
use twosided_form::terminal;

use crate::{Arguments, say};

/// Says what is wrong with the arguments, or shows the help that was asked for. Arguments are text of others too: with what
/// could steer a terminal among them, the message has no colors.
pub(crate) fn wrong_usage(mut error: clap::Error, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let words: Vec<String> = arguments.skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(of_value) = of_negative_number(&error, &words) {
        error = of_value;
    }
    if matches!(error.kind(), ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument)
        && let Some(right) = meant(&words)
    {
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::SuggestedSubcommand);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![format!("write `{right}`").into()]));
    }
    let text = error.render().to_string();
    if terminal(&text) == text {
        error.exit();
    }
    say(&text);
    ExitCode::from(2)
}

/// What a flag says of the negative number behind it, which stands there as if it were a flag.
fn of_negative_number(error: &clap::Error, words: &[String]) -> Option<clap::Error> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let is_negative = |word: &str| word.starts_with('-') && word.parse::<f64>().is_ok();
    let behind = (1..words.len()).find(|&index| {
        let flag = &words[index - 1];
        is_negative(&words[index]) && flag.starts_with("--") && !flag.contains('=')
    })?;
    let joined = format!("{}={}", words[behind - 1], words[behind]);
    let words = words[..behind - 1].iter().chain([&joined]).chain(&words[behind + 1..]);
    let found = Arguments::try_parse_from(iter::once("twosided").chain(words.map(String::as_str))).err()?;
    (found.kind() == ErrorKind::ValueValidation).then_some(found)
}

/// The command that is meant by a flag for a subcommand, by a file where a subcommand stands, or by other capital letters.
fn meant(words: &[String]) -> Option<&'static str> {
    let has = |flag: &str| words.iter().any(|word| word.split('=').next() == Some(flag));
    let second = words.get(1).map_or("", String::as_str);
    let lower = second.to_lowercase();
    let ending = Path::new(&lower).extension().and_then(OsStr::to_str);
    let (is_toml, is_table) = (ending == Some("toml"), matches!(ending, Some("csv" | "parquet")));
    let is_program = lower != second && ["mssp", "reach"].contains(&lower.as_str());
    let is_results = has("--puf") || is_table || is_program;
    match words.first()?.as_str() {
        "settle" if has("--data") || is_toml => Some("twosided settle terms TERMS.toml DATA"),
        "settle" if is_results && lower == "reach" => Some("twosided settle reach FILE --performance-year YYYY"),
        "settle" if is_results => Some("twosided settle mssp FILE --performance-year YYYY"),
        "explain" if has("--trial") => Some("twosided explain scenario SCENARIO.toml --trial N"),
        "explain" if has("--data") || is_toml => Some("twosided explain terms TERMS.toml DATA --row ROW"),
        "explain" if is_results && lower == "reach" => {
            Some("twosided explain reach FILE --performance-year YYYY --id ID")
        }
        "explain" if is_results => Some("twosided explain mssp FILE --performance-year YYYY --id ID"),
        "verify" if has("--tables") => Some("twosided verify tables"),
        "verify" if has("--backtest") || is_table => Some("twosided verify backtest FILE --performance-year YYYY"),
        "new" if has("--from-puf") || has("--aco") || is_table => {
            Some("twosided new aco FILE --id ID --performance-year YYYY")
        }
        "new" if has("--out") || is_toml || second == "scenario" => Some("twosided new scenario --out FILE"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_number_is_refused_by_the_flag_before_it() {
        let said = |typed: &str| {
            let words: Vec<String> = typed.split(' ').map(str::to_owned).collect();
            let error = Arguments::try_parse_from(iter::once("twosided").chain(typed.split(' '))).err();
            of_negative_number(&error.expect("it is not understood"), &words).map(|error| error.to_string())
        };
        let seed = said("run a.toml --seed -1 --trials 50").expect("the flag is known");
        assert!(seed.contains("invalid value '-1' for '--seed <N>': write a whole number from 0 to"), "{seed}");
        let seconds = said("run a.toml --checkpoint -2.5").expect("the flag is known");
        assert!(seconds.contains("'-2.5' for '--checkpoint <SECONDS>': write seconds from 0"), "{seconds}");
        assert_eq!(said("run a.toml -1"), None);
        assert_eq!(said("run a.toml --sed -1"), None);
        assert_eq!(said("run a.toml --strict -1"), None);
    }

    /// What usage errors suggest, whether anything else is wrong or not.
    #[test]
    fn flags_and_files_in_place_of_subcommands_are_set_right() {
        for (typed, right) in [
            ("settle mssp --puf f.csv --performance-year 2022", "settle mssp FILE --performance-year YYYY"),
            ("settle reach --puf=f.csv --performance-year 2022", "settle reach FILE --performance-year YYYY"),
            ("settle f.csv --performance-year 2022", "settle mssp FILE --performance-year YYYY"),
            ("settle MSSP f.csv --performance-year 2022", "settle mssp FILE --performance-year YYYY"),
            ("settle terms.toml --data f.csv", "settle terms TERMS.toml DATA"),
            (
                "explain mssp --puf f.csv --performance-year 2022 --row 1",
                "explain mssp FILE --performance-year YYYY --id ID",
            ),
            (
                "explain reach --puf f.csv --performance-year 2022 --row 1",
                "explain reach FILE --performance-year YYYY --id ID",
            ),
            ("explain terms.toml --data f.csv --row 1", "explain terms TERMS.toml DATA --row ROW"),
            ("explain plan.toml --trial 3", "explain scenario SCENARIO.toml --trial N"),
            ("verify --tables", "verify tables"),
            ("verify --backtest f.csv --performance-year 2022", "verify backtest FILE --performance-year YYYY"),
            ("new --from-puf f.csv --aco A1 --performance-year 2022", "new aco FILE --id ID --performance-year YYYY"),
            ("new --out plan.toml", "new scenario --out FILE"),
            ("new scenario plan.toml", "new scenario --out FILE"),
        ] {
            let words: Vec<String> = typed.split(' ').map(str::to_owned).collect();
            let error = Arguments::try_parse_from(["twosided"].into_iter().chain(typed.split(' '))).err();
            let kind = error.expect("it is not understood").kind();
            assert!(matches!(kind, ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument), "{typed}: {kind:?}");
            assert_eq!(meant(&words), Some(format!("twosided {right}").as_str()), "{typed}");
        }
    }
}
