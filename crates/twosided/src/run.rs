//! A scenario, run: sampled, settled, measured, and written to a folder.

use std::{path::Path, sync::atomic::AtomicBool};

use twosided_files::{Kept, OutputFolder, Request};
use twosided_oracle::GainLaw;
use twosided_report::{Provenance, Report, ReportError, Summary, report_files};
use twosided_scenario::Scenario;
use twosided_sim::{Control, Outcomes, Simulated, simulate};

use crate::{
    COMMIT, VERSION, checkpoint,
    exact::{self, laws},
    options::{RunError, RunOptions, check_size},
};

/// A scenario with what came out of it.
#[derive(Clone, Debug)]
pub struct Run {
    /// What was asked.
    pub scenario: Scenario,
    /// What came out, trial by trial.
    pub outcomes: Outcomes,
    /// The figures, and where they come from.
    pub summary: Summary,
}

/// Samples the scenario's trials, settles every contract on the years of each, and measures what comes out.
///
/// # Errors
/// [`RunError`].
pub fn run(scenario: &Scenario, options: &RunOptions<'_>) -> Result<Run, RunError> {
    check_size(scenario, options)?;
    let unwatched = Control::default();
    let control = options.control.unwrap_or(&unwatched);
    let simulated = match &options.checkpoints {
        None => simulate(&scenario.job(), options.threads, control)?,
        Some(checkpoints) => checkpoint::simulate(scenario, checkpoints, options.threads, control)?,
    };
    measured(scenario, simulated)?.with_cover_table(options)
}

/// Measures what a simulation came to.
pub(crate) fn measured(scenario: &Scenario, simulated: Simulated) -> Result<Run, RunError> {
    measured_beside(scenario, simulated, &laws(scenario))
}

/// The same beside the exact laws of the scenario's contracts.
pub(crate) fn measured_beside(
    scenario: &Scenario,
    simulated: Simulated,
    laws: &[Option<GainLaw>],
) -> Result<Run, RunError> {
    let provenance = Provenance::new(scenario, &simulated.outcomes, VERSION, COMMIT)?;
    let mut summary = Summary::new(scenario, &simulated, provenance)?;
    exact::note(scenario, laws, &mut summary);
    Ok(Run { scenario: scenario.clone(), outcomes: simulated.outcomes, summary })
}

impl Run {
    /// Where the figures come from.
    pub fn provenance(&self) -> &Provenance {
        &self.summary.provenance
    }

    /// The report of the run, as a page, as tables and as files.
    pub fn report(&self) -> Report<'_> {
        Report { scenario: &self.scenario, outcomes: &self.outcomes, summary: &self.summary }
    }

    /// Writes the report's files into a folder, made if it is not there. Files of an earlier run written by this function are
    /// replaced; a folder that holds the report of a scenario file, or other files under the report's names, is refused.
    ///
    /// # Errors
    /// [`ReportError`], also for a scenario that was changed after it was read: its `run.toml` would not repeat the run. The
    /// folder is then as it was.
    pub fn write(&self, folder: impl AsRef<Path>) -> Result<Vec<Kept>, ReportError> {
        if !self.scenario.is_as_written() {
            return Err(ReportError::Changed);
        }
        let names = report_files(&self.scenario);
        let request = Request { folder: folder.as_ref(), command: "run", inputs: &[], names: &names, replace: false };
        self.write_into(&OutputFolder::open(&request)?, &AtomicBool::new(false))
    }

    /// Writes the files of a scenario as it was read into a folder that was opened before the run, unless it is stopped.
    ///
    /// # Errors
    /// [`ReportError`]; the folder is then as it was.
    pub fn write_into(&self, folder: &OutputFolder, stop: &AtomicBool) -> Result<Vec<Kept>, ReportError> {
        self.report().write(folder, stop)
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use twosided_scenario::Overrides;
    use twosided_sim::SimulateError;
    use twosided_units::Pmpm;

    use super::*;

    fn first_steps(trials: u64) -> Scenario {
        let overrides = Overrides { trials: Some(trials), seed: Some(9), ..Overrides::default() };
        Scenario::load_with("../../scenarios/first-steps.toml", &overrides).expect("shipped scenarios are valid")
    }

    #[test]
    fn a_run_that_cannot_be_measured_or_held_is_refused() {
        let refusal = |scenario: &Scenario| match run(scenario, &RunOptions::default()) {
            Err(RunError::Refused(reason)) => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(refusal(&first_steps(1)), "1 trials have no standard error; use at least 2");
        let absurd = refusal(&first_steps(1_000_000_000));
        assert!(absurd.starts_with("1,000,000,000 trials: this run would "), "{absurd}");
        let seed = Scenario { seed: u64::MAX, ..first_steps(10) };
        assert!(refusal(&seed).ends_with("use at most 9223372036854775807"));
    }

    #[test]
    fn a_run_is_stopped_from_outside() {
        let control = Control::default();
        control.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        let options = RunOptions { control: Some(&control), ..RunOptions::default() };
        let stopped = run(&first_steps(10), &options);
        assert!(matches!(stopped, Err(RunError::Simulate(SimulateError::Stopped))), "{stopped:?}");
    }

    #[test]
    fn a_scenario_changed_in_memory_is_run_and_not_written() {
        let mut scenario = first_steps(10);
        assert!(scenario.is_as_written());
        scenario.contracts[2].first_mut().administration = Pmpm(1.0);
        let run = run(&scenario, &RunOptions::default()).expect("it is small");
        let folder = tempfile::tempdir().expect("a folder");
        let written = run.write(folder.path().join("run"));
        assert!(matches!(written, Err(ReportError::Changed)), "{written:?}");
        assert!(!folder.path().join("run").exists());
    }

    #[test]
    fn every_shipped_scenario_is_as_it_is_written() {
        for entry in fs::read_dir("../../scenarios").expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.extension() == Some("toml".as_ref()) {
                let scenario = Scenario::load(Path::new(&path), &[]).expect("shipped scenarios are valid");
                assert!(scenario.is_as_written(), "{}", path.display());
            }
        }
    }
}
