//! `twosided price`.

use std::{num::NonZeroUsize, path::PathBuf, sync::Arc, time::Instant};

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use twosided::{
    Control, MOST_POINTS, Overrides, PriceError, PriceRequest, RunOptions, price,
    report::{PRICE_FILES, PremiumRule, PricedCover},
};
use twosided_files::Request;
use twosided_form::printable;
use twosided_units::grouped;

use crate::{
    Failure,
    counts::{count, counted},
    print, progress, say,
    scenario::ScenarioArguments,
    stop::{check, open_folder, say_what_is_kept, stop_without_folder},
    warn,
};

/// Say what a cover around a contract should cost, and what it does for the provider, over a list of attachment points.
///
/// The first years of the scenario's trials are sampled once. On the same years, the contract is settled without the cover and with it at each
/// attachment point. A cover of that kind in the scenario is the base: its coinsurance, limit and lasers are kept. docs/price.md has the formulas.
#[derive(Args)]
pub(crate) struct PriceArguments {
    /// Scenario file.
    scenario: PathBuf,
    /// Name of the contract.
    #[arg(long, value_name = "NAME")]
    contract: String,
    /// Kind of cover: specific or aggregate stop-loss, an aggregating deductible of specific stop-loss, or a risk corridor.
    #[arg(long, value_name = "KIND", value_parser = cover())]
    cover: PricedCover,
    /// Attachment points in rising order, with commas between: dollars as `50_000`, or ratios to expected claims as 1.1 or 110%.
    #[arg(long, value_name = "POINTS", value_delimiter = ',', value_parser = amount, required_unless_present = "from", conflicts_with_all = ["from", "to", "steps"])]
    at: Vec<f64>,
    /// The first of evenly spaced attachment points.
    #[arg(long, value_name = "FIRST", value_parser = amount, requires = "to", requires = "steps")]
    from: Option<f64>,
    /// The last of them.
    #[arg(long, value_name = "LAST", value_parser = amount, requires = "from")]
    to: Option<f64>,
    /// How many they are, both ends included.
    #[arg(long, value_name = "N", value_parser = count::<u64>(2..=MOST_POINTS as u64), requires = "from")]
    steps: Option<u64>,
    /// Load on the pure premium, as 25% or 0.25.
    #[arg(long, value_name = "SHARE", value_parser = rate, default_value = "0", hide_default_value = true, conflicts_with = "loss_ratio")]
    load: f64,
    /// Load in shares of the standard deviation of what the cover pays, as 20% or 0.2.
    #[arg(long, value_name = "SHARE", value_parser = rate, default_value = "0", hide_default_value = true, conflicts_with = "loss_ratio")]
    load_sd: f64,
    /// Expected payments over the premium, as 75% or 0.75, in place of a load.
    #[arg(long, value_name = "SHARE", value_parser = rate)]
    loss_ratio: Option<f64>,
    /// Growth of all claims, as 8% or 0.08: by how much the ceded cost grows (leveraged trend).
    #[arg(long, value_name = "SHARE", value_parser = rate, allow_hyphen_values = true)]
    trend: Option<f64>,
    /// Number of trials (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(2..=1_000_000_000))]
    trials: Option<u64>,
    /// Key of all random streams (overrides the scenario).
    #[arg(long, value_name = "N", value_parser = count::<u64>(0..=i64::MAX as u64))]
    seed: Option<u64>,
    /// Folder for price.csv, price.svg and price.png [default: they are not written].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Move files in the way into a folder kept-1.
    #[arg(long, requires = "out")]
    replace: bool,
    /// Number of threads, at most 256; results do not depend on it [default: one per core].
    #[arg(long, value_name = "N", value_parser = count::<u64>(1..=256))]
    threads: Option<u64>,
    #[command(flatten)]
    reading: ScenarioArguments,
}

pub(crate) fn run(arguments: &PriceArguments) -> Result<(), Failure> {
    let overrides = Overrides { trials: arguments.trials, seed: arguments.seed, ..Overrides::default() };
    let scenario = arguments.reading.load(&arguments.scenario, &overrides)?;
    let request = PriceRequest {
        contract: arguments.contract.clone(),
        cover: arguments.cover,
        points: arguments.points(),
        rule: arguments.rule(),
        trend: arguments.trend,
    };
    let control = Arc::new(Control::default());
    let threads = arguments.threads.and_then(|threads| NonZeroUsize::new(threads as usize));
    let options = RunOptions { threads, control: Some(&control), ..RunOptions::default() };
    let names = PRICE_FILES.map(str::to_owned);
    let destination = if let Some(folder) = &arguments.out {
        let (inputs, replace) = ([arguments.scenario.as_path()], arguments.replace);
        let request = Request { folder, command: "price", inputs: &inputs, names: &names, replace };
        Some(open_folder(&request, &control, None)?)
    } else {
        stop_without_folder(&control)?;
        None
    };
    let started = Instant::now();
    let report = progress::watched(scenario.trials, "trials", &control, || price(&scenario, &request, &options))?;
    let seconds = started.elapsed().as_secs_f64();
    check(&control)?;
    warn(&scenario.warnings, false)?;
    let kept = destination.map(|destination| report.write_into(&destination, &control.stop)).transpose()?;
    print(&format!(
        "{}: {} of {}, dollars of one year\n{}± is one standard error of simulation; VaR and TVaR are of the loss: positive is owed or lost.\n\
         The provider's figures count the premium as stated, without its error.\n",
        scenario.name,
        report.cover.label(),
        printable(&report.contract),
        report.table(terminal_size::terminal_size().map(|(width, _)| width.0))
    ))?;
    let files = arguments.out.as_ref().map_or(String::new(), |folder| {
        format!("; figures in {}", printable(&folder.join(PRICE_FILES[0]).display().to_string()))
    });
    say(&format!(
        "{} of {} people in {seconds:.1} s{files}\n",
        counted(scenario.trials, "trial", "trials"),
        grouped(&scenario.population.members().to_string())
    ));
    kept.iter().flatten().for_each(say_what_is_kept);
    Ok(())
}

impl From<PriceError> for Failure {
    fn from(error: PriceError) -> Self {
        match error {
            PriceError::Run(error) => error.into(),
            PriceError::NoContract { .. }
            | PriceError::Portfolio { .. }
            | PriceError::Count(_)
            | PriceError::NotRising { .. }
            | PriceError::Point { .. }
            | PriceError::Rate { .. } => Self::Usage(printable(&error.to_string())),
            PriceError::NoSpecific(_) | PriceError::Corridor { .. } | PriceError::Memory { .. } => {
                Self::Message(printable(&error.to_string()))
            }
        }
    }
}

impl PriceArguments {
    fn points(&self) -> Vec<f64> {
        let (Some(from), Some(to), Some(steps)) = (self.from, self.to, self.steps) else { return self.at.clone() };
        let last = steps - 1;
        (0..=last).map(|step| if step == last { to } else { from + (to - from) * step as f64 / last as f64 }).collect()
    }

    fn rule(&self) -> PremiumRule {
        let Self { load, load_sd, .. } = *self;
        self.loss_ratio.map_or(PremiumRule::Loaded { load, load_sd }, PremiumRule::LossRatio)
    }
}

/// Reads a kind of cover.
fn cover() -> impl TypedValueParser<Value = PricedCover> {
    let named = |name: String| PricedCover::ALL.into_iter().find(|cover| cover.name() == name);
    PossibleValuesParser::new(PricedCover::ALL.map(PricedCover::name))
        .map(move |name| named(name).expect("it is one of them"))
}

/// Reads an attachment point: dollars, with `_` between thousands or without, or a ratio, as a decimal or in percent.
fn amount(text: &str) -> Result<f64, String> {
    number(text).ok_or_else(|| "write dollars as 50_000, or a ratio as 1.1 or 110%".to_owned())
}

/// Reads a share, as a decimal or in percent.
fn rate(text: &str) -> Result<f64, String> {
    let wrong = || "write a share as 25% or 0.25".to_owned();
    let share = number(text).ok_or_else(wrong)?;
    // 25 is meant as 25%, and no share is that large.
    if share > 10.0 { Err(format!("write {share}% for {share} percent, or a decimal such as 0.25")) } else { Ok(share) }
}

/// A finite number in decimals, with `_` between digits, or in percent.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let (digits, scale) = text.strip_suffix('%').map_or((text, 1.0), |percent| (percent.trim_end(), 100.0));
    let is_plain = digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '_' | '.' | '-'));
    let is_grouped = !digits.starts_with('_') && !digits.ends_with('_') && !digits.contains("__");
    let number: f64 = digits.replace('_', "").parse().ok()?;
    (is_plain && is_grouped && number.is_finite()).then_some(number / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_dollars_or_ratios() {
        let read: Vec<f64> = ["50_000", "50000", "1.1", "110%", "12.5 %"].map(|text| amount(text).expect("one")).into();
        assert_eq!(read, [50_000.0, 50_000.0, 1.1, 1.1, 0.125]);
        for text in ["", "$5", "5k", "1e5", "nan", "inf", "_1", "1_", "1__0", "%"] {
            assert!(amount(text).is_err(), "{text}");
        }
        assert_eq!(rate("25"), Err("write 25% for 25 percent, or a decimal such as 0.25".to_owned()));
        assert_eq!((rate("25%"), rate("-0.05")), (Ok(0.25), Ok(-0.05)));
    }
}
