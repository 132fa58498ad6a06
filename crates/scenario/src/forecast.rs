//! The `[forecast]` block, which says what was found of the year that is simulated, and the `[replay]` block of a year that is only
//! simulated again. No figure of a trial depends on either.

use twosided_contracts::Arrangement;
use twosided_form::{Key, Range, Section, keys};

use crate::{RootKeys, limits::is_contract};

/// What was found of a year that is forecast from the years before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The contract that is in force.
    pub contract: String,
    /// The year that is forecast.
    pub year: u32,
    /// The last year that is known.
    pub last_year: u32,
    /// The savings rate of that year, as a share of its benchmark; losses negative.
    pub last_rate: f64,
    /// The part of that rate that is judged to be luck; bad luck negative.
    pub luck: LikelyRate,
    /// The savings rate that the forecast year is expected to bring.
    pub expected_rate: LikelyRate,
}

/// A share of a benchmark, as savings and losses are stated, with the interval in which it lies with a probability of 90%.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LikelyRate {
    /// The share.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// A year whose spending is expected once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The year.
    pub year: u32,
}

/// Shares of a benchmark that a year may save or lose.
const RATES: Range = Range::of(-10.0, 1.0);

/// Differences of such shares.
const LUCK: Range = Range::of(-10.0, 10.0);

keys! {
    /// A forecast.
    pub(crate) struct ForecastKeys "forecast" {
        CONTRACT: String = Key::text("contract").required("\"Track\"").meaning("the name of the contract that is in force");
        YEAR: u32 = Key::whole("year", 2012, 2100).required("2023").meaning("the year that is forecast");
        LAST_YEAR: u32 = Key::whole("last_year", 2012, 2100).required("2022").meaning("the last year that is known")
            .more("Before `year`");
        LAST_RATE: f64 = Key::number("last_rate", RATES).required("0.0646")
            .meaning("the savings rate of that year, as a share of its benchmark").more("Losses are negative");
        LUCK: f64 = Key::number("luck", LUCK).required("0.012")
            .meaning("the part of `last_rate` that is judged to be luck: claims noise").more("Bad luck is negative");
        LUCK_INTERVAL: Vec<f64> = Key::numbers("luck_interval", LUCK).required("[-0.003, 0.027]")
            .meaning("the two ends of its 90% interval, around `luck`");
        EXPECTED_RATE: f64 = Key::number("expected_rate", RATES).required("0.039")
            .meaning("the savings rate that `year` is expected to bring");
        RATE_INTERVAL: Vec<f64> = Key::numbers("rate_interval", RATES).required("[-0.01, 0.088]")
            .meaning("the two ends of its 90% prediction interval, around `expected_rate`");
    }
}

keys! {
    /// A year that is simulated again.
    pub(crate) struct ReplayKeys "replay" {
        YEAR: u32 = Key::whole("year", 2012, 2100).required("2022").meaning("the year whose spending is expected once more");
    }
}

/// Reads both blocks, of which a file has at most one; `None` when anything in them is wrong. Of contracts that could not be read, nothing
/// is said.
pub(crate) fn read(
    root: &Section<'_>,
    contracts: Option<&[Arrangement]>,
) -> Option<(Option<Forecast>, Option<Replay>)> {
    let forecast = root.optional_table(&RootKeys::FORECAST, |section| read_forecast(section, contracts));
    let replay = root.optional_table(&RootKeys::REPLAY, |section| {
        let year = section.read(&ReplayKeys::YEAR);
        section.finish();
        Some(Replay { year: year? })
    });
    if root.has(RootKeys::FORECAST.name) && root.has(RootKeys::REPLAY.name) {
        let message = "the scenario has both a forecast and a replay";
        let help = "keep [forecast] where the next year is expected, or [replay] where a past one is simulated again";
        root.wrong(&root.span_of(RootKeys::REPLAY.name), message, help);
        return None;
    }
    Some((forecast?, replay?))
}

fn read_forecast(section: Section<'_>, contracts: Option<&[Arrangement]>) -> Option<Forecast> {
    type Keys = ForecastKeys;
    let contract = section.read_at(&Keys::CONTRACT).filter(|name| is_contract(&section, name, contracts));
    let (year, last_year) = (section.read(&Keys::YEAR), section.read(&Keys::LAST_YEAR));
    let last_rate = section.read(&Keys::LAST_RATE);
    let luck = read_likely(&section, &Keys::LUCK, &Keys::LUCK_INTERVAL);
    let expected_rate = read_likely(&section, &Keys::EXPECTED_RATE, &Keys::RATE_INTERVAL);
    let is_later = match (year, last_year) {
        (Some(year), Some(last_year)) if year <= last_year => {
            let path = section.path_of(Keys::YEAR.name);
            let message = format!("{path} is {year}, which is not after last_year, {last_year}");
            section.wrong(&section.span_of(Keys::YEAR.name), message, "write a year after the last that is known");
            false
        }
        _ => true,
    };
    section.finish();
    let forecast = Forecast {
        contract: contract?.value,
        year: year?,
        last_year: last_year?,
        last_rate: last_rate?,
        luck: luck?,
        expected_rate: expected_rate?,
    };
    is_later.then_some(forecast)
}

/// Reads a share and the interval around it.
fn read_likely(section: &Section<'_>, value: &Key<f64>, interval: &Key<Vec<f64>>) -> Option<LikelyRate> {
    let (share, ends) = (section.read(value), section.read(interval)?);
    let wrong = |what: String, help: String| {
        let path = section.path_of(interval.name);
        section.wrong(&section.span_of(interval.name), format!("{path} {what}"), help);
        None
    };
    let &[low, high] = ends.as_slice() else {
        let numbers = if ends.len() == 1 { "number" } else { "numbers" };
        return wrong(
            format!("has {} {numbers}", ends.len()),
            format!("write its two ends, as {}", interval.example()),
        );
    };
    if low > high {
        return wrong(format!("is [{low}, {high}]"), "write the lower end first".to_owned());
    }
    let share = share?;
    if !(low..=high).contains(&share) {
        let help = format!("write an interval around {}", value.name);
        return wrong(format!("is [{low}, {high}], which does not hold {}, {share}", value.name), help);
    }
    Some(LikelyRate { value: share, low, high })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::of_blocks;

    const FORECAST: &str = "[forecast]\ncontract = \"Rate\"\nyear = 2023\nlast_year = 2022\nlast_rate = 0.0646\nluck = 0.012\n\
        luck_interval = [-0.003, 0.027]\nexpected_rate = 0.039\nrate_interval = [-0.01, 0.088]\nsource = \"its history\"\n";
    const REPLAY: &str = "[replay]\nyear = 2022\nsource = \"its results\"\n";

    #[test]
    fn blocks_are_read_as_they_are_written() {
        let read = of_blocks(FORECAST).expect("it is fine");
        let expected = Forecast {
            contract: "Rate".to_owned(),
            year: 2023,
            last_year: 2022,
            last_rate: 0.0646,
            luck: LikelyRate { value: 0.012, low: -0.003, high: 0.027 },
            expected_rate: LikelyRate { value: 0.039, low: -0.01, high: 0.088 },
        };
        assert_eq!((read.forecast.as_ref(), read.replay), (Some(&expected), None));
        assert!(read.is_as_written());
        assert!(read.sources.iter().any(|note| note.path == "forecast" && note.text == "its history"));
        let read = of_blocks(REPLAY).expect("it is fine");
        assert_eq!((read.forecast, read.replay), (None, Some(Replay { year: 2022 })));
        let read = of_blocks("").expect("it is fine");
        assert_eq!((read.forecast, read.replay), (None, None));
    }

    #[test]
    fn a_forecast_moves_nothing_that_is_simulated() {
        let (with, without) = (of_blocks(FORECAST).expect("it is fine"), of_blocks("").expect("it is fine"));
        assert_eq!(
            (&with.population, &with.provider, &with.contracts),
            (&without.population, &without.provider, &without.contracts)
        );
    }

    /// What is said of a forecast one line of which is another.
    fn found(line: &str, other: &str) -> Vec<String> {
        assert!(FORECAST.contains(line), "{line}");
        of_blocks(&FORECAST.replace(line, other)).expect_err("it is wrong")
    }

    #[test]
    fn every_wrong_key_is_noted() {
        for (line, other, said) in [
            ("\"Rate\"", "\"Rte\"", "no contract is named \"Rte\""),
            ("year = 2023\n", "year = 1999\n", "forecast.year is 1999"),
            ("year = 2023\n", "year = 2022\n", "forecast.year is 2022, which is not after last_year, 2022"),
            ("last_year = 2022", "last_year = 2_200", "forecast.last_year is 2"),
            ("last_rate = 0.0646", "last_rate = 1.5", "forecast.last_rate is 1.5"),
            ("luck = 0.012", "luck = \"none\"", "forecast.luck is"),
            ("[-0.003, 0.027]", "[-0.003]", "forecast.luck_interval has 1 number"),
            ("[-0.003, 0.027]", "[0.027, -0.003]", "forecast.luck_interval is [0.027, -0.003]"),
            (
                "[-0.003, 0.027]",
                "[0.02, 0.03]",
                "forecast.luck_interval is [0.02, 0.03], which does not hold luck, 0.012",
            ),
            ("expected_rate = 0.039", "expected_rate = -11", "forecast.expected_rate is -11"),
            (
                "[-0.01, 0.088]",
                "[-0.01, 0.03]",
                "forecast.rate_interval is [-0.01, 0.03], which does not hold expected_rate, 0.039",
            ),
            ("[-0.01, 0.088]", "[-0.01, 0.05, 0.088]", "forecast.rate_interval has 3 numbers"),
            ("[-0.01, 0.088]", "0.088", "forecast.rate_interval is"),
        ] {
            let found = found(line, other);
            assert!(found.len() == 1 && found[0].starts_with(said), "{other}: {found:?}");
        }
        for key in
            ["contract", "year", "last_year", "last_rate", "luck", "luck_interval", "expected_rate", "rate_interval"]
        {
            let without = FORECAST.lines().filter(|line| !line.starts_with(&format!("{key} ")));
            let without: String = without.map(|line| format!("{line}\n")).collect();
            let found = of_blocks(&without).expect_err("it is wrong");
            assert_eq!(found, [format!("forecast.{key} is missing")]);
        }
        let found = of_blocks("[replay]\nyear = 1\n").expect_err("it is wrong");
        assert_eq!(found, ["replay.year is 1"]);
    }

    #[test]
    fn a_scenario_has_one_of_both_blocks() {
        let found = of_blocks(&format!("{FORECAST}{REPLAY}")).expect_err("it is wrong");
        assert_eq!(found, ["the scenario has both a forecast and a replay"]);
        // What else is wrong is noted as well.
        let found = of_blocks(&format!("{FORECAST}[replay]\n")).expect_err("it is wrong");
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
