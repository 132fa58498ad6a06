//! Sweeps: a scenario's figures over the values of some of its keys.

mod keys;
mod measure;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use twosided_contracts::Arrangement;
use twosided_decide::NoEstimate;
use twosided_form::{DocumentError, Setting, SettingError};
use twosided_report::{Period, ReportError, SweepAsked, SweepFigure, SweepPoint, SweepReport, UnfinishedSweep};
use twosided_scenario::{Overrides, Quantity, Scenario};
use twosided_sim::Keep;
use twosided_units::grouped;

pub use keys::{SweptKey, SweptValues, Tie, Tied};

use crate::{
    VERSION,
    options::{RunError, RunOptions},
    points::{Point, visit_points},
};
use keys::Grid;
use measure::Measure;

/// Most points of a sweep.
const MOST_POINTS: usize = 10_000;
/// Time between two looks at which the points that are done are kept.
const BETWEEN_KEEPING: Duration = Duration::from_secs(10);

/// What is to be swept.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// The keys with their values.
    pub keys: Vec<SweptKey>,
    /// Whether each key is moved alone while the others stay as they are; every combination of values otherwise.
    pub is_one_at_a_time: bool,
    /// Names of the contracts; where there are none, all but fee-for-service alone.
    pub contracts: Vec<String>,
    /// What is measured of each.
    pub quantities: Vec<Quantity>,
}

/// A sweep that could not be done.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The scenario, with the values of a point, has problems.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A key is none.
    #[error("{0}")]
    Key(#[from] SettingError),
    /// What is asked cannot be swept.
    #[error("{0}")]
    Refused(String),
    /// The points could not be run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A figure cannot be taken.
    #[error("{quantity} of {contract}: {reason}")]
    Figure {
        /// The figure.
        quantity: Quantity,
        /// The contract.
        contract: String,
        /// Why.
        reason: NoEstimate,
    },
    /// The points that are done could not be kept.
    #[error(transparent)]
    Keep(#[from] ReportError),
    /// The points that an earlier sweep has kept cannot be taken.
    #[error("cannot resume: {0}")]
    Resume(String),
}

/// The scenarios of a sweep, read and checked.
#[derive(Clone, Debug)]
pub struct SweepScenarios {
    grid: Grid,
    quantities: Vec<Quantity>,
    contracts: Vec<String>,
    /// The scenario as it is, then every point.
    scenarios: Vec<Scenario>,
    /// Indices of the contracts in each.
    indices: Vec<Vec<usize>>,
}

/// Where a sweep keeps the points that are done.
#[derive(Clone, Copy, Debug)]
pub struct KeptPoints<'a> {
    /// The file, in a folder that is there.
    pub file: &'a Path,
    /// Whether to go on from what the file holds.
    pub resume: bool,
}

impl Sweep {
    /// Reads the scenario as it is and with the values of each point, exactly as a file that says so.
    ///
    /// # Errors
    /// [`SweepError`].
    pub fn read(&self, path: &Path, overrides: &Overrides) -> Result<SweepScenarios, SweepError> {
        let overrides = Overrides { keep: self.keep(), ..overrides.clone() };
        let base = Scenario::load_with(path, &overrides)?;
        let grid = Grid::new(self, &base.text)?;
        let count = grid.count();
        if count > MOST_POINTS {
            return Err(SweepError::Refused(format!(
                "a sweep has at most {} points; these values make {}; use fewer values or keys",
                grouped(&MOST_POINTS.to_string()),
                grouped(&count.to_string())
            )));
        }
        let points = grid.points();
        let contracts = self.contracts_of(&base)?;
        let mut scenarios = vec![base];
        for values in &points {
            let set = overrides.set.iter().cloned().chain(grid.settings(values)?).collect();
            scenarios.push(Scenario::load_with(path, &Overrides { set, ..overrides.clone() })?);
        }
        for key in &self.keys {
            refuse_key_of_run(&key.key, overrides.trials.is_some(), overrides.seed.is_some())
                .map_err(SweepError::Refused)?;
        }
        let indices = scenarios.iter().map(|scenario| indices_of(scenario, &contracts)).collect::<Result<_, _>>()?;
        Ok(SweepScenarios { grid, quantities: self.quantities.clone(), contracts, scenarios, indices })
    }

    /// What must be kept of each trial for all quantities.
    fn keep(&self) -> Keep {
        self.quantities.iter().map(Quantity::keep).max().unwrap_or(Keep::None)
    }

    fn contracts_of(&self, scenario: &Scenario) -> Result<Vec<String>, SweepError> {
        let names = |wanted: &dyn Fn(&&Arrangement) -> bool| {
            scenario.contracts.iter().filter(wanted).map(|contract| contract.name.clone()).collect::<Vec<_>>()
        };
        if self.contracts.is_empty() {
            let risky = names(&|contract| !contract.is_fee_for_service_alone());
            return Ok(if risky.is_empty() { names(&|_| true) } else { risky });
        }
        indices_of(scenario, &self.contracts)?;
        Ok(self.contracts.clone())
    }
}

/// Where contracts are in a scenario.
fn indices_of(scenario: &Scenario, names: &[String]) -> Result<Vec<usize>, SweepError> {
    let position = |name: &String| {
        let position = scenario.contracts.iter().position(|contract| contract.name == *name);
        position.ok_or_else(|| {
            let known: Vec<&str> = scenario.contracts.iter().map(|contract| contract.name.as_str()).collect();
            SweepError::Refused(format!("there is no contract \"{name}\"; the contracts are: {}", known.join("; ")))
        })
    };
    names.iter().map(position).collect()
}

/// Refuses to move the length of the horizon, over which all figures are, and trials or a seed that an argument decides.
fn refuse_key_of_run(key: &str, has_trials: bool, has_seed: bool) -> Result<(), String> {
    let bare: String = key.chars().filter(|c| !matches!(c, '"' | '\'' | ' ')).collect();
    match bare.as_str() {
        "run.years" => {
            Err("run.years cannot be swept: figures of horizons of other lengths have no common unit; run each with --set run.years".to_owned())
        }
        "run.trials" if has_trials => Err("run.trials is swept and given by --trials; leave one out".to_owned()),
        "run.seed" if has_seed => Err("run.seed is swept and given by --seed; leave one out".to_owned()),
        _ => Ok(()),
    }
}

impl SweepScenarios {
    /// The scenario as it is.
    pub fn base(&self) -> &Scenario {
        &self.scenarios[0]
    }

    /// The scenario of every point.
    pub fn points(&self) -> &[Scenario] {
        &self.scenarios[1..]
    }

    /// Simulates all points and measures them. Points that differ in contracts and books alone share their sampled years; all others
    /// share their random streams. A sweep that is stopped leaves the points that are done in the file, if one is given.
    ///
    /// # Errors
    /// [`SweepError`].
    pub fn run(&self, options: &RunOptions<'_>, kept: Option<KeptPoints<'_>>) -> Result<SweepReport, SweepError> {
        let asked = self.asked();
        let mut done: Vec<Option<Vec<Vec<SweepFigure>>>> = vec![None; self.scenarios.len()];
        if let Some(KeptPoints { file, resume: true }) = kept {
            let shape = (self.contracts.len(), self.quantities.len());
            let earlier = UnfinishedSweep::read(file, &asked, shape)
                .map_err(|reason| SweepError::Resume(format!("{}: {reason}", file.display())))?;
            for (point, figures) in earlier.into_iter().flat_map(|earlier| earlier.points) {
                if let Some(slot) = done.get_mut(point) {
                    *slot = Some(figures);
                }
            }
        }
        let keep = |done: &[Option<Vec<Vec<SweepFigure>>>]| -> Result<(), SweepError> {
            let Some(KeptPoints { file, .. }) = kept else { return Ok(()) };
            let points = done.iter().enumerate().filter_map(|(index, figures)| Some((index, figures.clone()?)));
            Ok(UnfinishedSweep { points: points.collect() }.write(file, &asked)?)
        };
        // The scenario as it is comes first: differences are taken from its trials.
        let is_all_done = done.iter().all(Option::is_some);
        let left: Vec<usize> =
            (0..done.len()).filter(|&index| !is_all_done && (index == 0 || done[index].is_none())).collect();
        let point = |&index: &usize| Point { scenario: &self.scenarios[index], contracts: &self.indices[index] };
        let points: Vec<Point<'_>> = left.iter().map(point).collect();
        let mut measure = Measure::new(&self.quantities);
        let mut last = Instant::now();
        let visited = visit_points(&points, options, |index, outcomes| {
            let index = left[index];
            done[index] = Some(measure.of(&self.scenarios[index], &outcomes, &self.contracts)?);
            if last.elapsed() > BETWEEN_KEEPING {
                keep(&done)?;
                last = Instant::now();
            }
            Ok::<(), SweepError>(())
        });
        if let Err(error) = visited {
            if done.iter().any(Option::is_some) {
                keep(&done)?;
            }
            return Err(error);
        }
        let figures = done.into_iter().map(|figures| figures.expect("every point is visited"));
        let values = [self.grid.unmoved()].into_iter().chain(self.grid.points());
        let base = self.base();
        Ok(SweepReport {
            name: base.name.clone(),
            keys: self.grid.report_keys(),
            is_one_at_a_time: self.grid.is_one_at_a_time,
            period: Period { years: base.years },
            trials: base.trials,
            seed: base.seed,
            contracts: self.contracts.clone(),
            quantities: self.quantities.clone(),
            points: values.zip(figures).map(|(values, figures)| SweepPoint { values, figures }).collect(),
        })
    }

    /// Everything that decides the figures.
    fn asked(&self) -> SweepAsked {
        let base = self.base();
        let run = format!("{} {} {} {:?}", base.trials, base.seed, base.variance_reduction, base.keep);
        let quantities = self.quantities.iter().map(ToString::to_string);
        let texts = self.scenarios.iter().map(|scenario| scenario.text.clone());
        let all: Vec<String> = [VERSION.to_owned(), run]
            .into_iter()
            .chain(quantities)
            .chain(self.contracts.iter().cloned())
            .chain(texts)
            .collect();
        SweepAsked::new(all.iter().map(String::as_str))
    }
}

/// The setting of a key that stands where its value would.
fn setting(key: &str, value: &str) -> Result<Setting, SweepError> {
    Ok(Setting::new(key, value)?)
}
