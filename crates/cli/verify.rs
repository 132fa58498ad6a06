//! `twosided verify`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use twosided::{Control, Overrides, RunOptions, Scenario};
use twosided_aco::national_claims_cv;
use twosided_actuals::{AcoYear, HistoryYear, MsspFile, Table};
use twosided_files::{IfThere, OutputFile};
use twosided_forecast::{LawFile, Outlook, Panel, Parameter, Target, fit, tried};
use twosided_form::printable;
use twosided_verify::{
    BacktestLaw, Effort, ForecastYear, ValidationRow, against_exact, against_exact_document, backtest,
    backtest_document, claims_noise, forecast, forecast_document, tables, tables_document,
};

use crate::{
    Failure,
    counts::{count, counted},
    print, progress, say,
    scenario::ScenarioArguments,
    years::{
        performance_year,
        year_file::{YearFile, histories},
    },
};

/// Compare simulations with published figures, and write a document in Markdown.
#[derive(Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct VerifyArguments {
    #[command(subcommand)]
    what: VerifyWhat,
}

#[derive(Subcommand)]
enum VerifyWhat {
    /// Reproduce published tables by their stated methods.
    ///
    /// The exit code is 1 if any row fails without a documented reason.
    #[command(after_long_help = "\
Examples:
  twosided verify tables --out docs/validation.md
  twosided verify tables --people 200,000")]
    Tables(TablesArguments),
    /// Simulate a past year of the Medicare Shared Savings Program, and compare it with what happened.
    ///
    /// The exit code is 1 if any row fails without a documented reason.
    #[command(after_long_help = "\
Example:
  twosided verify backtest tests/data/mssp-py2022.csv --performance-year 2022 --history tests/data/mssp-py2014.csv tests/data/mssp-py2015.csv tests/data/mssp-py2016.csv tests/data/mssp-py2017.csv tests/data/mssp-py2018.csv tests/data/mssp-py2019.csv tests/data/mssp-py2020.csv tests/data/mssp-py2021.csv --out docs/backtest-2022.md")]
    Backtest(BacktestArguments),
    /// Forecast every ACO of a year from the files before it, and compare the forecasts with what happened.
    ///
    /// The document holds scores beside three simple forecasts, coverage by size and track, chances to earn and to owe, dollars, and
    /// the law. Bars that are not met are red in it; docs/forecast.md is such a document.
    #[command(after_long_help = "\
Example:
  twosided verify forecast --from tests/data/mssp-py2018.csv tests/data/mssp-py2019.csv tests/data/mssp-py2020.csv tests/data/mssp-py2021.csv --to tests/data/mssp-py2022.csv")]
    Forecast(ForecastArguments),
    /// Simulate a scenario of one year, and compare every figure with its exact law.
    ///
    /// A contract without an exact law is named with the reason. The exit code is 1 if a figure differs by more than chance
    /// explains: a right program fails once in a thousand documents.
    #[command(after_long_help = "\
Example:
  twosided verify scenario scenarios/first-steps.toml --trials 2,000 --out first-steps.md")]
    Scenario(AgainstExactArguments),
}

#[derive(Args)]
struct TablesArguments {
    /// Number of people sampled from each default population.
    #[arg(long, value_name = "N", default_value_t = Effort::default().people, value_parser = count::<u64>(20_000..=100_000_000))]
    people: u64,
    #[command(flatten)]
    document: DocumentArguments,
}

#[derive(Args)]
struct BacktestArguments {
    /// CMS's public results file of the year, as published (CSV or Parquet).
    file: PathBuf,
    /// Performance year of the file.
    #[arg(long, value_name = "YYYY", value_parser = performance_year)]
    performance_year: u16,
    /// Results files of the years before it, to which the law is fitted, each with its year in its name or before it: 2021=FILE [default:
    /// the law of 2014 to 2022, for a later year].
    #[arg(long, value_name = "FILE", num_args = 1..)]
    history: Vec<YearFile>,
    /// Number of trials: how often the year is simulated.
    #[arg(long, value_name = "N", default_value_t = TRIALS, value_parser = count::<u64>(100..=1_000_000))]
    trials: u64,
    #[command(flatten)]
    document: DocumentArguments,
}

#[derive(Args)]
struct ForecastArguments {
    /// Results files of consecutive years (CSV or Parquet), each with its year in its name or before it: 2021=FILE.
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    from: Vec<YearFile>,
    /// Results files of years to forecast, each from the files of --from before it.
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    to: Vec<YearFile>,
    /// Number of trials: how often a year's dollars are simulated.
    #[arg(long, value_name = "N", default_value_t = TRIALS, value_parser = count::<u64>(100..=1_000_000))]
    trials: u64,
    #[command(flatten)]
    document: DocumentArguments,
}

#[derive(Args)]
struct AgainstExactArguments {
    /// Scenario file.
    scenario: PathBuf,
    /// Number of trials (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(100..=10_000_000))]
    trials: Option<u64>,
    /// Key of all random streams (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(0..=i64::MAX as u64))]
    seed: Option<u64>,
    /// Markdown file to write [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    reading: ScenarioArguments,
}

#[derive(Args)]
struct DocumentArguments {
    /// Key of all random streams.
    #[arg(long, value_name = "N", default_value_t = Effort::default().seed, value_parser = count::<u64>(0..=i64::MAX as u64))]
    seed: u64,
    /// Markdown file to write [default: standard output].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How often a backtest simulates the year.
const TRIALS: u64 = 2_000;

pub(crate) fn verify(arguments: &VerifyArguments) -> Result<(), Failure> {
    match &arguments.what {
        VerifyWhat::Tables(arguments) => {
            let out = arguments.document.out(&[])?;
            let effort = Effort { people: arguments.people, seed: arguments.document.seed, ..Effort::default() };
            let rows = tables(effort)?;
            write(out, &tables_document(&rows, effort, &arguments.command()), &rows)
        }
        VerifyWhat::Backtest(arguments) => {
            let BacktestArguments { file, performance_year, trials, document, .. } = arguments;
            let out = document.out(&arguments.files())?;
            let table = Table::load(file)?;
            let acos = MsspFile::new(&table, *performance_year)?.acos()?;
            let law = arguments.law(&table, &acos)?;
            let found = backtest(&acos, law, *trials, document.seed);
            let name = printable(&file.display().to_string());
            let found = found.map_err(|error| Failure::Message(format!("{name}: {error}")))?;
            let text = backtest_document(&found, *performance_year, &name, *trials, &arguments.command());
            write(out, &text, &found.rows)
        }
        VerifyWhat::Forecast(arguments) => arguments.verify(),
        VerifyWhat::Scenario(arguments) => arguments.verify(),
    }
}

impl ForecastArguments {
    fn verify(&self) -> Result<(), Failure> {
        let inputs: Vec<&Path> = self.from.iter().chain(&self.to).map(|own| own.file.as_path()).collect();
        let out = self.document.out(&inputs)?;
        let failed = |error: &dyn std::fmt::Display| Failure::Message(error.to_string());
        for (index, own) in self.to.iter().enumerate() {
            if self.to[..index].iter().any(|other| other.year == own.year) {
                return Err(Failure::Usage(format!("--to has two files of {}; give one file a year", own.year)));
            }
            if self.from.iter().all(|other| other.year >= own.year) {
                return Err(Failure::Usage(format!("--from has no file of a year before {}", own.year)));
            }
        }
        let (_, before) = histories(&self.from)?;
        let (tables, targets) = histories(&self.to)?;
        let claims_cv = national_claims_cv();
        let mut proofs = Vec::new();
        for (table, target) in tables.iter().zip(&targets) {
            let acos = MsspFile::new(table, target.year)?.acos()?;
            let before: Vec<HistoryYear> = before.iter().filter(|own| own.year < target.year).cloned().collect();
            let year = ForecastYear { year: target.year, history: target, acos: &acos };
            let found = forecast(&before, year, claims_cv, self.trials, self.document.seed);
            proofs.push(found.map_err(|error| Failure::Message(format!("{}: {error}", target.year)))?);
        }
        let last = proofs.iter().max_by_key(|proof| proof.year).expect("a file is required");
        let of_last: Vec<HistoryYear> = before.into_iter().filter(|own| own.year < last.year).collect();
        let panel = Panel::new(&of_last).map_err(|error| failed(&error))?;
        let simpler = tried(&panel, &last.fitted);
        let names: Vec<String> = self.from.iter().chain(&self.to).map(|own| format!("`{}`", own.typed())).collect();
        let (text, rows) =
            forecast_document(&proofs, &simpler, &names, (self.trials, self.document.seed), &self.command());
        write(out, &text, &rows)
    }

    /// The command that writes the document again.
    fn command(&self) -> String {
        let files = |files: &[YearFile]| files.iter().map(YearFile::typed).collect::<Vec<_>>().join(" ");
        let trials = (self.trials != TRIALS).then(|| format!(" --trials {}", self.trials));
        format!(
            "twosided verify forecast --from {} --to {}{}{}",
            files(&self.from),
            files(&self.to),
            trials.unwrap_or_default(),
            self.document.options()
        )
    }
}

impl AgainstExactArguments {
    fn verify(&self) -> Result<(), Failure> {
        let out =
            self.out.as_deref().map(|out| OutputFile::new(out, &[&self.scenario], IfThere::Replace)).transpose()?;
        let overrides = Overrides { trials: self.trials, seed: self.seed, ..Overrides::default() };
        let scenario = self.reading.load(&self.scenario, &overrides)?;
        let control = Arc::new(Control::default());
        let person_by_person = Scenario { pools: None, ..scenario.clone() };
        twosided::check_size(&person_by_person, &RunOptions { control: Some(&control), ..RunOptions::default() })?;
        let found = progress::watched(scenario.trials, "trials", &control, || against_exact(&scenario, &control))?;
        let file = printable(&self.scenario.display().to_string());
        let text = against_exact_document(&found, &scenario, &file, &self.command());
        match out {
            Some(out) => out.write(text.as_bytes())?,
            None => print(&text)?,
        }
        let without = found.contracts.iter().filter(|(_, figures)| figures.is_err()).count() as u64;
        let failures: Vec<_> = found.failures().collect();
        let compared = found.figures().filter(|figure| figure.off.is_some()).count() as u64;
        let agree = counted(compared - failures.len() as u64, "figure agrees", "figures agree");
        let differ = counted(failures.len() as u64, "differs", "differ");
        let no_law = counted(without, "contract has no exact law", "contracts have no exact law");
        say(&format!("{agree}, {differ}, {no_law}\n"));
        match failures.first() {
            Some(figure) => {
                let differ = counted(failures.len() as u64, "figure differs", "figures differ");
                let more =
                    format!("{differ} from the exact law by more than chance explains, the first: {}", figure.what);
                Err(Failure::Message(more))
            }
            None => Ok(()),
        }
    }

    /// The command that writes the document again.
    fn command(&self) -> String {
        let option = |name: &str, value: Option<u64>| value.map_or(String::new(), |value| format!(" --{name} {value}"));
        let out = self.out.as_ref().map(|out| format!(" --out {}", printable(&out.display().to_string())));
        format!(
            "twosided verify scenario {}{}{}{}{}",
            printable(&self.scenario.display().to_string()),
            printable(&self.reading.settings_as_typed()),
            option("trials", self.trials),
            option("seed", self.seed),
            out.unwrap_or_default()
        )
    }
}

/// Writes the document and says how many rows pass.
fn write(out: Option<OutputFile>, document: &str, rows: &[ValidationRow]) -> Result<(), Failure> {
    match out {
        Some(out) => out.write(document.as_bytes())?,
        None => print(document)?,
    }
    let count = |passes: Option<bool>| rows.iter().filter(|row| row.passes() == passes).count() as u64;
    let [pass, fail, not_compared] = [
        counted(count(Some(true)), "row passes", "rows pass"),
        counted(count(Some(false)), "fails", "fail"),
        counted(count(None), "is not compared", "are not compared"),
    ];
    say(&format!("{pass}, {fail}, {not_compared}\n"));
    let unexplained: Vec<&ValidationRow> =
        rows.iter().filter(|row| row.passes() == Some(false) && row.why.is_none()).collect();
    match unexplained.first() {
        Some(row) => {
            let fail = counted(unexplained.len() as u64, "row fails", "rows fail");
            Err(Failure::Message(format!("{fail} without a documented reason, the first: {}", row.what)))
        }
        None => Ok(()),
    }
}

impl TablesArguments {
    /// The command that writes the document again.
    fn command(&self) -> String {
        let people = (self.people != Effort::default().people).then(|| format!(" --people {}", self.people));
        format!("twosided verify tables{}{}", people.unwrap_or_default(), self.document.options())
    }
}

impl BacktestArguments {
    fn files(&self) -> Vec<&Path> {
        std::iter::once(&self.file).chain(self.history.iter().map(|own| &own.file)).map(PathBuf::as_path).collect()
    }

    /// The law of the years before, and the claims noise of the year's ACOs.
    fn law(&self, table: &Table, acos: &[AcoYear]) -> Result<BacktestLaw, Failure> {
        let year = self.performance_year;
        let (organizations, program, panel) = if self.history.is_empty() {
            let law = LawFile::of_2014_to_2022();
            (law.law, law.program, None)
        } else {
            let (_, histories) = histories(&self.history)?;
            let panel = Panel::new(&histories).map_err(|error| Failure::Message(error.to_string()))?;
            let fitted = fit(&panel, national_claims_cv()).map_err(|error| Failure::Message(error.to_string()))?;
            (fitted.law, fitted.program, Some(panel))
        };
        let (first, last) = (program.levels[0].year, program.last().year);
        if last >= year {
            return Err(Failure::Usage(format!(
                "the law is fitted to {first} to {last}, and {year} is not after it; give the files of earlier years with --history"
            )));
        }
        let (level, variance) = program.later(year);
        let own = |aco: &AcoYear| {
            let years = panel
                .as_ref()
                .and_then(|panel| panel.find(&aco.aco.to_uppercase()))
                .map_or(&[][..], |series| &series.years);
            let people = aco.totals.assigned_beneficiaries as f64;
            let target = Target { year, people, agreement_start: Some(aco.terms.agreement_start) };
            (aco.aco.clone(), Outlook::without_results(&organizations, first, years, target))
        };
        Ok(BacktestLaw {
            organizations,
            fitted_to: (first, last),
            program: Parameter { value: level, error: variance.sqrt() },
            by_aco: acos.iter().map(own).collect(),
            claims: claims_noise(table, year, acos, self.document.seed),
        })
    }

    /// The command that writes the document again.
    fn command(&self) -> String {
        let file = printable(&self.file.display().to_string());
        let trials = (self.trials != TRIALS).then(|| format!(" --trials {}", self.trials));
        let history: Vec<String> = self.history.iter().map(YearFile::typed).collect();
        let history = if history.is_empty() { String::new() } else { format!(" --history {}", history.join(" ")) };
        format!(
            "twosided verify backtest {file} --performance-year {}{history}{}{}",
            self.performance_year,
            trials.unwrap_or_default(),
            self.document.options()
        )
    }
}

impl DocumentArguments {
    /// The file to write, which is none of those that are read.
    fn out(&self, inputs: &[&Path]) -> Result<Option<OutputFile>, Failure> {
        Ok(self.out.as_deref().map(|out| OutputFile::new(out, inputs, IfThere::Replace)).transpose()?)
    }

    /// The options as typed, those aside that have their defaults.
    fn options(&self) -> String {
        let seed = (self.seed != Effort::default().seed).then(|| format!(" --seed {}", self.seed));
        let out = self.out.as_ref().map(|out| format!(" --out {}", printable(&out.display().to_string())));
        seed.unwrap_or_default() + &out.unwrap_or_default()
    }
}
