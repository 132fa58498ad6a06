//! `twosided solve`.

use std::{num::NonZeroUsize, path::PathBuf, sync::Arc, time::Instant};

use clap::Args;
use serde_json::{Value, json};
use twosided::{
    Control, KeyQuestion, KeySolved, Overrides, RunOptions, Statement,
    decide::solve::{Answer, Point, Solution, Solved},
    prob::Estimate,
    report::{Figure, Period, Unit},
    solve_key,
};
use twosided_form::printable;
use twosided_units::grouped;

use crate::{
    Failure,
    counts::{count, counted},
    formats::{FormatArgument, Outputs, format},
    progress, say,
    scenario::ScenarioArguments,
    stop::stop_without_folder,
    warn_of,
};

/// Find the value of one key at which a measure meets a target, with its standard error.
#[derive(Args)]
pub(crate) struct SolveArguments {
    /// Scenario file.
    scenario: PathBuf,
    /// Key whose value is looked for, as --set has it: population.members, `contracts.NAME.covers.specific.attachment_point`.
    #[arg(long, value_name = "KEY")]
    key: String,
    /// Range in which it is looked for: the smaller value first.
    #[arg(long, value_names = ["LEAST", "MOST"], num_args = 2, allow_negative_numbers = true, value_parser = number)]
    between: Vec<f64>,
    /// What shall hold, as 'var95 <= `2_000_000`' or 'P(loss > 2% of benchmark) <= 5%'.
    #[arg(long, value_name = "STATEMENT")]
    until: Statement,
    /// Contract that the statement is about [default: the only one, or the one that the key belongs to].
    #[arg(long, value_name = "NAME")]
    contract: Option<String>,
    /// Contract whose gains are subtracted, trial by trial: the statement is then about the difference.
    #[arg(long, value_name = "NAME")]
    less: Option<String>,
    /// Number of trials (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(2..=1_000_000_000))]
    trials: Option<u64>,
    /// Key of all random streams (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(0..=i64::MAX as u64))]
    seed: Option<u64>,
    /// Number of threads, at most 256; results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", value_parser = count::<u64>(1..=256))]
    threads: Option<u64>,
    /// What is shown: text or json; as NAME=FILE it is written to a file. Repeat it for several [default: text].
    #[arg(long, value_name = "NAME[=FILE]", value_parser = format(FORMATS))]
    format: Vec<FormatArgument>,
    #[command(flatten)]
    reading: ScenarioArguments,
}

/// The formats of an answer.
const FORMATS: &[&str] = &["text", "json"];

/// Reads a number with or without `_` between thousands.
fn number(text: &str) -> Result<f64, String> {
    let number: Result<f64, _> = text.replace('_', "").parse();
    number.ok().filter(|number| number.is_finite()).ok_or_else(|| "write a number, such as 75_000 or 0.02".to_owned())
}

pub(crate) fn solve(arguments: &SolveArguments) -> Result<(), Failure> {
    let overrides = arguments.reading.overrides(&Overrides {
        trials: arguments.trials,
        seed: arguments.seed,
        ..Overrides::default()
    });
    let question = KeyQuestion {
        scenario: &arguments.scenario,
        overrides: &overrides,
        key: &arguments.key,
        between: (arguments.between[0], arguments.between[1]),
        until: arguments.until,
        contract: arguments.contract.as_deref(),
        less: arguments.less.as_deref(),
    };
    let outputs = Outputs::open(&arguments.format, FORMATS[0], &[&arguments.scenario])?;
    let control = Arc::new(Control::default());
    stop_without_folder(&control)?;
    let threads = arguments.threads.and_then(|threads| NonZeroUsize::new(threads as usize));
    let options = RunOptions { threads, control: Some(&control), ..RunOptions::default() };
    let started = Instant::now();
    let solved = progress::watched(0, "trials", &control, || solve_key(&question, &options))?;
    let seconds = started.elapsed().as_secs_f64();
    let warned = match &solved.solved.answer {
        Answer::Found(solution) => solution.value,
        _ => question.between.0,
    };
    warn_of(&question.scenario_at(warned)?, false)?;
    outputs.write(|name| match name {
        "json" => format!("{:#}\n", object(arguments, &solved)),
        _ => text(arguments, &solved),
    })?;
    let KeySolved { trials, seed, years, same_years, solved: Solved { answer, points }, .. } = &solved;
    say(&format!(
        "{} evaluated on the same {} trials{} of seed {seed}{} in {seconds:.1} s\n",
        counted(points.len() as u64, "value", "values"),
        grouped(&trials.to_string()),
        if *years == 1 { String::new() } else { format!(" of {years} years") },
        if *same_years { ", whose years are sampled once for many values," } else { "" },
    ));
    match answer {
        Answer::Found(_) | Answer::Always => Ok(()),
        Answer::Never => Err(Failure::Message("no value in the range meets the target".to_owned())),
        Answer::NoEffect => Err(Failure::Message(
            "the measure does not follow the key beyond noise: there is nothing to solve".to_owned(),
        )),
        Answer::NotMonotone { .. } => Err(Failure::Message(
            "the measure is not monotone in this range; choose a range within which it is".to_owned(),
        )),
    }
}

/// The quantity with its error, as a reader sees it.
fn shown(until: &Statement, years: u32, estimate: Estimate) -> String {
    let unit = if until.quantity.is_probability() { Unit::Probability } else { Period { years }.unit() };
    Figure::new(unit, estimate).in_words()
}

/// A value of a key with its standard error to two digits, both with commas between thousands.
fn with_error(value: f64, standard_error: f64) -> (String, String) {
    let decimals = (1.0 - standard_error.log10().floor()).clamp(-15.0, 15.0) as i32;
    let shown = |number: f64| match decimals {
        ..0 => plain((number / 10_f64.powi(-decimals)).round() * 10_f64.powi(-decimals)),
        places => plain(format!("{number:.*}", places as usize).parse().unwrap_or(number)),
    };
    (shown(value), format!("± {}", shown(standard_error)))
}

/// What is said of an answer.
fn text(arguments: &SolveArguments, solved: &KeySolved) -> String {
    let SolveArguments { until, key, less, .. } = arguments;
    let about = less.as_ref().map_or_else(String::new, |less| format!(" less {}", printable(less)));
    let mut text = format!("{}{about}: {until}\n", printable(&solved.contract));
    let points = &solved.solved.points;
    let shown = |estimate| shown(until, solved.years, estimate);
    match &solved.solved.answer {
        Answer::Found(solution) => text += &found(key, until, solution, &shown(solution.found)),
        Answer::Always => {
            text += &format!(
                "Every value of {key} from {} to {} that was tried meets it.\n",
                plain(points[0].value),
                plain(points[points.len() - 1].value)
            );
        }
        Answer::Never => {
            let off = |point: &&Point| (point.found.value - until.bound).abs();
            let nearest = points.iter().min_by(|a, b| off(a).total_cmp(&off(b))).expect("values were evaluated");
            text += &format!(
                "No value of {key} from {} to {} that was tried meets it. At {}, the {} is nearest: {}.\n",
                plain(points[0].value),
                plain(points[points.len() - 1].value),
                plain(nearest.value),
                until.quantity,
                shown(nearest.found)
            );
        }
        Answer::NoEffect => {
            text += &format!("The {} does not change with {key} by more than 4 standard errors.\n", until.quantity);
        }
        Answer::NotMonotone { from, to, change, standard_error } => {
            let change = Estimate { value: *change, standard_error: *standard_error, ..points[0].found };
            text += &format!(
                "The {} is not monotone here: from {} to {} it changes by {}, against its course over the range.\n",
                until.quantity,
                plain(*from),
                plain(*to),
                shown(Estimate { caution: None, ..change })
            );
        }
    }
    let shown_points = spread_out(points);
    let width = shown_points.iter().map(|point| plain(point.value).len()).max().unwrap_or_default();
    text += &format!("\nThe {} by {key}:\n", until.quantity);
    for Point { value, found } in shown_points {
        text += &format!("  {:>width$}  {}\n", plain(value), shown(found));
    }
    text
}

/// Points across the whole range, at most nine.
fn spread_out(points: &[Point]) -> Vec<Point> {
    const MOST: usize = 9;
    let (first, last) = (points[0].value, points[points.len() - 1].value);
    let mut shown: Vec<Point> = Vec::with_capacity(MOST);
    for index in 0..MOST {
        let wanted = first + (last - first) * index as f64 / (MOST - 1) as f64;
        let off = |point: &&Point| (point.value - wanted).abs();
        let nearest = points.iter().min_by(|a, b| off(a).total_cmp(&off(b))).expect("values were evaluated");
        if shown.last() != Some(nearest) {
            shown.push(*nearest);
        }
    }
    shown
}

fn found(key: &str, until: &Statement, solution: &Solution, measure: &str) -> String {
    let Solution { value, standard_error, interval, upward, jumps, .. } = solution;
    let side = if *upward { "from" } else { "up to" };
    let at = if standard_error.is_finite() && !jumps {
        let ends = [interval.0, interval.1].map(|end| with_error(end, *standard_error).0);
        let (value, error) = with_error(*value, *standard_error);
        format!("{value} {error} (95% interval {} to {})", ends[0], ends[1])
    } else {
        plain(*value)
    };
    let mut text = format!("It holds {side} {key} = {at}.\nThere the {} is {}.\n", until.quantity, measure);
    if *jumps {
        text +=
            &format!("The {} jumps over the target there, so that the value has no standard error.\n", until.quantity);
    } else if !standard_error.is_finite() {
        text +=
            &format!("The {} has no known error or no slope there, and so neither has the value.\n", until.quantity);
    }
    text
}

/// A value of a key to eight digits, with commas between thousands.
fn plain(value: f64) -> String {
    let rounded: f64 = format!("{:.7e}", value.abs()).parse().unwrap_or(value.abs());
    let digits = rounded.to_string();
    let (whole, rest) =
        digits.split_once('.').map_or((digits.as_str(), String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    format!("{}{}{rest}", if value < 0.0 { "-" } else { "" }, grouped(whole))
}

/// The answer as JSON; what is not known is null.
fn object(arguments: &SolveArguments, solved: &KeySolved) -> Value {
    let figure = |found: &Estimate| json!({ "value": found.value, "standard_error": found.standard_error, "lower": found.lower, "upper": found.upper });
    let answer = match &solved.solved.answer {
        Answer::Found(Solution { value, standard_error, interval, found, slope, upward, jumps }) => json!({
            "kind": "found",
            "value": value,
            "standard_error": if *jumps { None } else { Some(standard_error) },
            "interval": if *jumps { None } else { Some([interval.0, interval.1]) },
            "measure": figure(found),
            "slope": slope,
            "holds": if *upward { "from the value up" } else { "up to the value" },
            "jumps": jumps,
        }),
        Answer::Never => json!({ "kind": "never" }),
        Answer::Always => json!({ "kind": "always" }),
        Answer::NoEffect => json!({ "kind": "no_effect" }),
        Answer::NotMonotone { from, to, change, standard_error } => {
            json!({ "kind": "not_monotone", "from": from, "to": to, "change": change, "standard_error": standard_error })
        }
    };
    let points =
        solved.solved.points.iter().map(|point| json!({ "key": point.value, "measure": figure(&point.found) }));
    json!({
        "key": arguments.key,
        "until": arguments.until.to_string(),
        "contract": solved.contract,
        "less": arguments.less,
        "trials": solved.trials,
        "years": solved.years,
        "seed": solved.seed,
        "answer": answer,
        "points": points.collect::<Vec<Value>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_shown_to_eight_digits() {
        let shown = [75_000.0, 0.02, -1_234_567.25, 1e-9].map(plain);
        assert_eq!(shown, ["75,000", "0.02", "-1,234,567.2", "0.000000001"]);
        for (text, value) in [("75_000", 75_000.0), ("-0.5", -0.5), ("1e6", 1e6)] {
            assert_eq!(number(text), Ok(value));
        }
        assert!(number("inf").is_err() && number("many").is_err());
        assert_eq!(with_error(285_251.3, 12_833.0), ("285,000".to_owned(), "± 13,000".to_owned()));
        assert_eq!(with_error(0.123_456, 0.004_56), ("0.1235".to_owned(), "± 0.0046".to_owned()));
    }
}
