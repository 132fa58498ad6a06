//! One settled row or one simulated trial, step by step, with the rule of each step.

use std::{fmt, str::FromStr};

use twosided_actuals::{SettledRow, SettledRows};
use twosided_form::shortened;
use twosided_prob::{Sample, SampleError};
use twosided_report::{explain_settlement, explain_trial};
use twosided_scenario::Scenario;
use twosided_sim::{Replayed, SimulateError, replay};
use twosided_units::{Dollars, Share, grouped};

/// A row or a trial that cannot be explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// No row has the name or the number.
    #[error("{0}")]
    NoRow(String),
    /// The scenario has fewer trials.
    #[error("there is no trial {trial}: the scenario has trials 0 to {last}")]
    NoTrial {
        /// The trial that was asked for.
        trial: u64,
        /// The last one, counting from 0.
        last: u64,
    },
    /// The scenario has no contract of this name.
    #[error("no contract is \"{wanted}\"; there are {}", names.join("; "))]
    NoContract {
        /// The name that was asked for.
        wanted: String,
        /// The names of the scenario's contracts.
        names: Vec<String>,
    },
    /// A trial can be drawn by the loss of one contract only.
    #[error("the worst trial and percentiles are of one contract's loss; name one of {}", names.join("; "))]
    WhichContract {
        /// The names of the scenario's contracts.
        names: Vec<String>,
    },
    /// The trial cannot be drawn.
    #[error(transparent)]
    Simulate(#[from] SimulateError),
    /// The gains cannot be ranked.
    #[error(transparent)]
    Sample(#[from] SampleError),
}

/// A settled row, of which [`Display`](fmt::Display) writes every step.
#[derive(Clone, Copy, Debug)]
pub struct ExplainedRow<'a> {
    rows: &'a SettledRows,
    row: &'a SettledRow,
}

/// The row of this identifier, or of this number, counting from 1.
///
/// # Errors
/// [`ExplainError::NoRow`], with the names of similar rows.
///
/// # Examples
/// ```
/// # let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/mssp-py2024.csv");
/// let rows = twosided::settle::mssp(file.as_ref(), 2024, None)?;
/// let explained = twosided::explain::row(&rows, "A5386")?;
/// assert!(explained.to_string().contains("\nUnder the contract the provider "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn row<'a>(rows: &'a SettledRows, wanted: &str) -> Result<ExplainedRow<'a>, ExplainError> {
    let row = rows.find(wanted).map_err(ExplainError::NoRow)?;
    Ok(ExplainedRow { rows, row })
}

impl fmt::Display for ExplainedRow<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, row } = self;
        let labels: Vec<String> = rows
            .labels
            .iter()
            .zip(&row.labels)
            .map(|(name, label)| format!("{name} {}", shortened(label, 60)))
            .collect();
        let heading = if labels.is_empty() { format!("line {}", row.line) } else { labels.join(", ") };
        write!(f, "{heading}\n{}", explain_settlement(&row.settlement, row.covers, row.administration))?;
        for (name, figure) in rows.published.iter().zip(&row.published) {
            if let Some(published) = figure.published {
                let name = name.replace('_', " ");
                let ours = figure.ours.map_or("not settled".to_owned(), |ours| ours.to_string());
                writeln!(f, "published {name}: {published}; ours {ours}")?;
            }
        }
        match &row.lacks {
            Some(lacks) => writeln!(f, "the file lacks {lacks}"),
            None => Ok(()),
        }
    }
}

/// Which trial of a scenario.
///
/// ```
/// use twosided::explain::{LossRank, TrialChoice};
///
/// assert_eq!("3".parse(), Ok(TrialChoice::Number(3)));
/// assert_eq!("worst".parse(), Ok(TrialChoice::ByLoss(LossRank::Worst)));
/// assert!("p95".parse::<TrialChoice>().is_ok() && "p100".parse::<TrialChoice>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TrialChoice {
    /// By its number, counting from 0.
    Number(u64),
    /// By the loss of one contract over the horizon, for which all trials must be simulated.
    ByLoss(LossRank),
}

/// Where a trial stands among all trials, ordered from the largest gain to the largest loss of one contract.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LossRank {
    /// The largest loss.
    Worst,
    /// The trial whose loss is the value at risk at this level: the smallest loss that at least this share of the trials do not
    /// exceed. At 0.95 it is the bad year that comes once in 20.
    Percentile(Share),
}

/// A choice of a trial that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "write a trial's number, counting from 0, or worst, or a percentile of the loss from p0.1 to p99.9, such as p95"
)]
pub struct TrialChoiceError;

impl FromStr for TrialChoice {
    type Err = TrialChoiceError;

    fn from_str(text: &str) -> Result<Self, TrialChoiceError> {
        if text == "worst" {
            return Ok(Self::ByLoss(LossRank::Worst));
        }
        if let Some(percent) = text.strip_prefix('p') {
            let is_plain = percent.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let percent: f64 = percent.parse().ok().filter(|_| is_plain).ok_or(TrialChoiceError)?;
            let level = Some(percent).filter(|percent| (0.1..=99.9).contains(percent));
            let level = level.and_then(|percent| Share::new(percent / 100.0).ok());
            return level.map(|level| Self::ByLoss(LossRank::Percentile(level))).ok_or(TrialChoiceError);
        }
        text.parse().map(Self::Number).map_err(|_| TrialChoiceError)
    }
}

/// A trial that was chosen by its loss; [`Display`](fmt::Display) says why it is the one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundTrial {
    /// Its number, counting from 0.
    pub trial: u64,
    /// By what it was chosen.
    pub rank: LossRank,
    /// The gain of the contract over the horizon; a loss is negative.
    pub gain: Dollars,
    /// How many trials lose more.
    pub worse: u64,
    /// How many trials there are.
    pub trials: u64,
}

/// The trial at a rank, among the gains of one contract over the horizon, trial by trial. Of equal trials it is the first.
///
/// # Errors
/// [`ExplainError::Sample`] for fewer than two gains, or one that is not finite.
pub fn find_trial(gains: impl IntoIterator<Item = Dollars>, rank: LossRank) -> Result<FoundTrial, ExplainError> {
    let gains: Vec<f64> = gains.into_iter().map(|gain| gain.0).collect();
    let sample = Sample::new(gains.clone())?;
    let gain = match rank {
        LossRank::Worst => sample.sorted()[0],
        LossRank::Percentile(level) => -sample.value_at_risk(level).value,
    };
    let trial = gains.iter().position(|&other| other == gain).expect("a quantile is one of the sample's numbers");
    let worse = gains.iter().filter(|&&other| other < gain).count() as u64;
    Ok(FoundTrial { trial: trial as u64, rank, gain: Dollars(gain), worse, trials: gains.len() as u64 })
}

impl fmt::Display for FoundTrial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |number: u64| grouped(&number.to_string());
        let (trial, trials) = (count(self.trial), count(self.trials));
        match self.rank {
            LossRank::Worst => write!(f, "trial {trial} is the worst of {trials}")?,
            LossRank::Percentile(level) => {
                // Percents are given with few digits; the product of a decimal has noise beyond them.
                let percent = (level.value() * 1e8).round() / 1e6;
                let (lose, worse) = (if self.worse == 1 { "loses" } else { "lose" }, count(self.worse));
                write!(
                    f,
                    "trial {trial} is at the {percent}% level of the loss: {worse} of {trials} trials {lose} more"
                )?;
            }
        }
        let (word, amount) = if self.gain < Dollars::ZERO { ("loss", -self.gain) } else { ("gain", self.gain) };
        write!(f, "; a {word} of {amount} over the horizon")
    }
}

/// One trial of a scenario under some of its contracts, of which [`Display`](fmt::Display) writes every step.
#[derive(Clone, Debug)]
pub struct ExplainedTrial {
    trial: u64,
    /// Of each contract its name, and what each year came to.
    contracts: Vec<(String, Vec<Replayed>)>,
}

/// The index of a contract by its name; without a name, of the scenario's only contract.
///
/// # Errors
/// [`ExplainError::NoContract`] where none has the name, [`ExplainError::WhichContract`] where there are several and no name.
pub fn contract(scenario: &Scenario, wanted: Option<&str>) -> Result<usize, ExplainError> {
    let names = || scenario.contracts.iter().map(|contract| contract.name.clone()).collect();
    let Some(wanted) = wanted else {
        return if scenario.contracts.len() == 1 { Ok(0) } else { Err(ExplainError::WhichContract { names: names() }) };
    };
    let index = scenario.contracts.iter().position(|contract| contract.name == wanted);
    index.ok_or_else(|| ExplainError::NoContract { wanted: shortened(wanted, 80), names: names() })
}

/// Draws one trial alone, and settles one contract, or all of them, on each of its years.
///
/// # Errors
/// [`ExplainError::NoTrial`], [`ExplainError::NoContract`] or [`ExplainError::Simulate`].
pub fn trial(scenario: &Scenario, trial: u64, wanted: Option<&str>) -> Result<ExplainedTrial, ExplainError> {
    if trial >= scenario.trials {
        return Err(ExplainError::NoTrial { trial, last: scenario.trials - 1 });
    }
    let only = wanted.map(|wanted| contract(scenario, Some(wanted))).transpose()?;
    let years = replay(&scenario.job(), trial)?;
    let contracts = scenario.contracts.iter().enumerate().filter(|(index, _)| only.is_none_or(|only| only == *index));
    let contracts = contracts.map(|(index, contract)| {
        let years = years.iter().map(|contracts| contracts[index].clone()).collect();
        (contract.name.clone(), years)
    });
    Ok(ExplainedTrial { trial, contracts: contracts.collect() })
}

impl fmt::Display for ExplainedTrial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, years) in &self.contracts {
            for (number, year) in (1..).zip(years) {
                let shown = if years.len() == 1 { String::new() } else { format!(", year {number}") };
                writeln!(f, "{name}, trial {}{shown}\n{}", self.trial, explain_trial(year))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(gains: &[f64], choice: &str) -> FoundTrial {
        let Ok(TrialChoice::ByLoss(rank)) = choice.parse() else { panic!("{choice} is a rank") };
        find_trial(gains.iter().copied().map(Dollars), rank).expect("the gains can be ranked")
    }

    #[test]
    fn a_percentile_is_of_the_loss_and_the_worst_is_the_largest_loss() {
        // Gains of 0 to 99 in an order of their own.
        let gains: Vec<f64> = (0..100_u32).map(|trial| f64::from(trial * 37 % 100)).collect();
        for (choice, gain) in
            [("worst", 0.0), ("p99.9", 0.0), ("p99", 1.0), ("p95", 5.0), ("p50", 50.0), ("p5", 95.0), ("p0.1", 99.0)]
        {
            let found = found(&gains, choice);
            assert_eq!((found.gain, gains[found.trial as usize]), (Dollars(gain), gain), "{choice}");
            assert_eq!(found.worse, gain as u64, "{choice}");
        }
    }

    #[test]
    fn of_equal_trials_the_first_is_taken() {
        assert_eq!(found(&[5.0, -2.0, -2.0, 7.0], "worst").trial, 1);
    }

    #[test]
    fn a_found_trial_says_why_it_is_the_one() {
        let gains: Vec<f64> = (0..40).map(|trial| f64::from(trial) - 20.0).collect();
        let worst = "trial 0 is the worst of 40; a loss of $20 over the horizon";
        assert_eq!(found(&gains, "worst").to_string(), worst);
        let bad = "trial 2 is at the 95% level of the loss: 2 of 40 trials lose more; a loss of $18 over the horizon";
        assert_eq!(found(&gains, "p95").to_string(), bad);
        let good = "trial 38 is at the 5% level of the loss: 38 of 40 trials lose more; a gain of $18 over the horizon";
        assert_eq!(found(&gains, "p5").to_string(), good);
    }

    #[test]
    fn what_is_no_choice_of_a_trial_is_refused() {
        for text in ["", "p", "p0", "p100", "p1e1", "p+5", "pNaN", "best", "-1", "Worst"] {
            assert_eq!(text.parse::<TrialChoice>(), Err(TrialChoiceError), "{text}");
        }
    }

    #[test]
    fn a_contract_must_be_named_where_there_are_several() {
        let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios/first-steps.toml"));
        let scenario = Scenario::parse("first-steps.toml", &text.expect("it is shipped")).expect("it is valid");
        assert!(matches!(contract(&scenario, None), Err(ExplainError::WhichContract { .. })));
        assert!(matches!(contract(&scenario, Some("none")), Err(ExplainError::NoContract { .. })));
        let last = scenario.contracts.last().expect("a contract").name.clone();
        let explained = trial(&scenario, 3, Some(&last)).expect("there is such a trial").to_string();
        assert!(explained.starts_with(&format!("{last}, trial 3\n")), "{explained}");
        assert!(matches!(trial(&scenario, scenario.trials, None), Err(ExplainError::NoTrial { .. })));
    }
}
