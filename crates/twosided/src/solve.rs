//! The value of one key at which a statement about a contract begins to hold.

use std::path::Path;

use twosided_decide::{
    NoEstimate, Reading, Trials, readings,
    solve::{Curve, Question, Solved, solve},
};
use twosided_form::{DocumentError, Setting, SettingError};
use twosided_prob::Estimate;
use twosided_scenario::{Overrides, Scenario, Statement};

use crate::{
    options::{RunError, RunOptions},
    points::{Point, samples_alike, simulate_points},
};

/// What is to be solved.
#[derive(Clone, Debug)]
pub struct KeyQuestion<'a> {
    /// The scenario file.
    pub scenario: &'a Path,
    /// What holds in place of what the file says.
    pub overrides: &'a Overrides,
    /// The key, as settings have it.
    pub key: &'a str,
    /// The least and the largest value.
    pub between: (f64, f64),
    /// What is to hold.
    pub until: Statement,
    /// Name of the contract that it is about: the only one, or the one whose key is set, where absent.
    pub contract: Option<&'a str>,
    /// Name of the contract whose gains are subtracted.
    pub less: Option<&'a str>,
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct KeySolved {
    /// Name of the contract.
    pub contract: String,
    /// The answer, with all values that were evaluated.
    pub solved: Solved,
    /// Whether all values settle the same sampled years, and none is sampled again.
    pub same_years: bool,
    /// Sampled futures at every value.
    pub trials: u64,
    /// Key of their random streams.
    pub seed: u64,
    /// Years of each.
    pub years: u32,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum SolveError {
    /// The key is none.
    #[error(transparent)]
    Key(#[from] SettingError),
    /// The scenario cannot be read, or not with a value of the key.
    #[error(transparent)]
    Scenario(#[from] DocumentError),
    /// It cannot be run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The statement cannot be decided.
    #[error("{statement}: {reason}")]
    NoEstimate {
        /// The statement.
        statement: String,
        /// Why.
        reason: NoEstimate,
    },
    /// No contract, or no other one, has the name; or it is not said which is meant.
    #[error("{0}")]
    Contract(String),
    /// The key changes how it is run, and not what is run.
    #[error(
        "{0} changes how the scenario is run, so that its values have no trials in common; solve a key of the scenario itself"
    )]
    OfRun(String),
    /// The range is none.
    #[error("the range {0} to {1} has no two values; write the smaller one first")]
    Range(f64, f64),
}

/// Finds the value of a key at which a statement begins, or ceases, to hold, on common random numbers.
///
/// # Errors
/// [`SolveError`].
pub fn solve_key(question: &KeyQuestion<'_>, options: &RunOptions<'_>) -> Result<KeySolved, SolveError> {
    let (least, most) = question.between;
    if !(least.is_finite() && most.is_finite() && least < most) {
        return Err(SolveError::Range(least, most));
    }
    let mut curve = KeyCurve { question, options, contract: 0, less: None, readings: Vec::new() };
    let (first, last) = (curve.scenario(least)?, curve.scenario(most)?);
    curve.contract = contract(&first, question)?;
    curve.less = question.less.map(|name| position(&first, name)).transpose()?;
    if curve.less == Some(curve.contract) {
        return Err(SolveError::Contract("a contract less itself is nothing; name another one".to_owned()));
    }
    let how = |scenario: &Scenario| (scenario.trials, scenario.seed, scenario.years, scenario.variance_reduction);
    let bare: String = question.key.chars().filter(|c| !matches!(c, '"' | '\'' | ' ')).collect();
    if how(&first) != how(&last) || bare.starts_with("run.") {
        return Err(SolveError::OfRun(question.key.to_owned()));
    }
    let same_years = samples_alike(&first, &last);
    let asked = Question {
        between: question.between,
        whole: curve.is_whole(),
        target: question.until.bound,
        at_most: question.until.comparison.is_upper(),
        at_once: if same_years { 17 } else { 1 },
    };
    let solved = solve(&mut curve, asked)?;
    let contract = first.contracts[curve.contract].name.clone();
    let Scenario { trials, seed, years, .. } = first;
    Ok(KeySolved { contract, solved, same_years, trials, seed, years })
}

/// The contract that a statement is about.
fn contract(scenario: &Scenario, question: &KeyQuestion<'_>) -> Result<usize, SolveError> {
    if let Some(name) = question.contract {
        return position(scenario, name);
    }
    let changed = |value| question.scenario_at(value).map(|scenario| scenario.contracts);
    // The one that the key changes, where it changes one.
    let (least, most) = question.between;
    let (least, most) = (changed(least)?, changed(most)?);
    let differ = least.iter().zip(&most).enumerate().filter(|(_, (one, other))| one != other);
    let differ: Vec<usize> = differ.map(|(index, _)| index).collect();
    match differ[..] {
        [only] => Ok(only),
        _ if scenario.contracts.len() == 1 => Ok(0),
        _ => Err(SolveError::Contract(format!(
            "which contract is the statement about? The contracts are {}",
            names(scenario)
        ))),
    }
}

fn position(scenario: &Scenario, name: &str) -> Result<usize, SolveError> {
    let found = scenario.contracts.iter().position(|contract| contract.name == name);
    found.ok_or_else(|| {
        SolveError::Contract(format!("no contract is named \"{name}\"; the contracts are {}", names(scenario)))
    })
}

fn names(scenario: &Scenario) -> String {
    let names = scenario.contracts.iter().map(|contract| format!("\"{}\"", contract.name));
    names.collect::<Vec<String>>().join(", ")
}

impl KeyQuestion<'_> {
    /// The scenario with a value of the key.
    ///
    /// # Errors
    /// [`SolveError`] for a key or a value that is refused.
    pub fn scenario_at(&self, value: f64) -> Result<Scenario, SolveError> {
        let setting = Setting::new(self.key, &value.to_string())?;
        let mut overrides = Overrides { keep: self.until.quantity.keep(), ..self.overrides.clone() };
        overrides.set.push(setting);
        Ok(Scenario::load_with(self.scenario, &overrides)?)
    }
}

/// The quantity of a statement as a function of a key.
struct KeyCurve<'a> {
    question: &'a KeyQuestion<'a>,
    options: &'a RunOptions<'a>,
    contract: usize,
    less: Option<usize>,
    readings: Vec<(f64, Reading)>,
}

impl KeyCurve<'_> {
    /// Whether the key takes whole numbers alone: a fraction is refused of which the neighbor is not.
    fn is_whole(&self) -> bool {
        let (least, most) = self.question.between;
        let inner = least + 0.381_966 * (most - least);
        let fraction = inner.floor() + 0.5;
        let is_fraction_refused = fraction > least && fraction < most && self.scenario(fraction).is_err();
        is_fraction_refused && self.scenario(inner.round().clamp(least, most)).is_ok()
    }

    fn scenario(&self, value: f64) -> Result<Scenario, SolveError> {
        self.question.scenario_at(value)
    }

    fn reading(&self, value: f64) -> &Reading {
        let known = self.readings.iter().find(|(known, _)| *known == value);
        &known.expect("differences are of values that were evaluated").1
    }
}

impl Curve for KeyCurve<'_> {
    type Error = SolveError;

    fn at(&mut self, values: &[f64]) -> Result<Vec<Estimate>, SolveError> {
        let scenarios = values.iter().map(|&value| self.scenario(value)).collect::<Result<Vec<_>, _>>()?;
        let contracts: Vec<usize> = [self.contract].into_iter().chain(self.less).collect();
        let points: Vec<Point<'_>> =
            scenarios.iter().map(|scenario| Point { scenario, contracts: &contracts }).collect();
        let simulated = simulate_points(&points, self.options)?;
        let statement = &self.question.until;
        let mut found = Vec::with_capacity(values.len());
        for (&value, point) in values.iter().zip(&simulated) {
            let trials = Trials { outcomes: &point.outcomes, design: &point.design, tails: &point.tails };
            let (contract, less) = (point.contracts[0], point.contracts.get(1).copied());
            let readings = readings(&[statement.quantity], &trials, contract, less)
                .map_err(|(_, reason)| SolveError::NoEstimate { statement: statement.to_string(), reason })?;
            for reading in readings {
                found.push(reading.estimate);
                self.readings.push((value, reading));
            }
        }
        Ok(found)
    }

    fn error_of_difference(&self, one: f64, other: f64) -> f64 {
        self.reading(one).error_of_difference(self.reading(other))
    }
}
