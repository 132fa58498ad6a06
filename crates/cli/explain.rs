//! `twosided explain`.

use clap::Args;
use twosided_form::shortened;
use twosided_report::{explain_settlement, explain_trial};
use twosided_scenario::Scenario;
use twosided_sim::replay;
use twosided_units::Dollars;

use crate::{Failure, IncludeArguments, counts::count, print, settle::YearsArguments};

/// Tell one settled row or one simulated trial step by step, with the rule of each step.
///
/// A row: `explain mssp --puf FILE --performance-year YYYY --row ID`, or `explain TERMS.toml --data FILE --row N`. A trial:
/// `explain SCENARIO.toml --trial N`.
#[derive(Args)]
#[command(mut_arg("what", |what| what.help("`mssp`, `reach`, or a file of terms; with --trial, a scenario or the run.toml of a report")))]
pub(crate) struct ExplainArguments {
    #[command(flatten)]
    years: YearsArguments,
    /// The row: what stands in its first column, as an ACO's identifier, or its number counted from one.
    #[arg(long, conflicts_with = "trial")]
    row: Option<String>,
    /// The trial of a scenario, counted from zero as in `trials.parquet`.
    #[arg(long, conflicts_with_all = ["puf", "data"], value_parser = count::<u64>(0..=i64::MAX as u64))]
    trial: Option<u64>,
    /// With --trial: the contract, by its name [default: all].
    #[arg(long, requires = "trial")]
    contract: Option<String>,
    #[command(flatten)]
    include: IncludeArguments,
}

pub(crate) fn explain(arguments: &ExplainArguments) -> Result<(), Failure> {
    match (arguments.trial, &arguments.row) {
        (Some(trial), _) => of_trial(arguments, trial),
        (None, Some(row)) => of_row(arguments, row),
        (None, None) => {
            let needed = "explaining a scenario needs --trial N; a row of data needs --row ROW";
            Err(Failure::Usage(needed.to_owned()))
        }
    }
}

fn of_row(arguments: &ExplainArguments, wanted: &str) -> Result<(), Failure> {
    let rows = arguments.years.settled()?;
    let row = rows.find(wanted).map_err(Failure::Message)?;
    let labels: Vec<String> =
        rows.labels.iter().zip(&row.labels).map(|(name, label)| format!("{name} {}", shortened(label, 60))).collect();
    let heading = if labels.is_empty() { format!("line {}", row.line) } else { labels.join(", ") };
    let mut text = format!("{heading}\n{}", explain_settlement(&row.settlement, row.covers, row.administration));
    for (name, figure) in rows.published.iter().zip(&row.published) {
        if let Some(published) = figure.published {
            let name = name.replace('_', " ");
            let published = Dollars(published);
            let ours = figure.ours.map_or("not settled".to_owned(), |ours| Dollars(ours).to_string());
            text.push_str(&format!("published {name}: {published}; ours {ours}\n"));
        }
    }
    if let Some(lacks) = &row.lacks {
        text.push_str(&format!("the file lacks {lacks}\n"));
    }
    print(&text)
}

fn of_trial(arguments: &ExplainArguments, trial: u64) -> Result<(), Failure> {
    let scenario = Scenario::load(&arguments.years.what, &arguments.include.allow_include)?;
    if trial >= scenario.trials {
        let last = scenario.trials - 1;
        return Err(Failure::Message(format!("--trial {trial}: the scenario has trials 0 to {last}")));
    }
    let wanted = arguments.contract.as_deref();
    if let Some(wanted) = wanted
        && !scenario.contracts.iter().any(|contract| contract.name == wanted)
    {
        let names: Vec<&str> = scenario.contracts.iter().map(|contract| contract.name.as_str()).collect();
        let wanted = shortened(wanted, 80);
        return Err(Failure::Message(format!("no contract is \"{wanted}\"; there are {}", names.join("; "))));
    }
    let replayed = replay(&scenario.job(), trial).map_err(|error| Failure::Message(error.to_string()))?;
    let mut text = String::new();
    for (index, contract) in scenario.contracts.iter().enumerate() {
        if wanted.is_some_and(|wanted| wanted != contract.name) {
            continue;
        }
        for (year, replayed) in (1..).zip(&replayed) {
            let year = if scenario.years == 1 { String::new() } else { format!(", year {year}") };
            text.push_str(&format!("{}, trial {trial}{year}\n{}\n", contract.name, explain_trial(&replayed[index])));
        }
    }
    print(&text)
}
