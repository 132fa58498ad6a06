//! What several tests share: shipped scenarios and runs of them.
#![allow(dead_code, reason = "each test file uses a part")]

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use twosided_population::{Attachment, Limit, Observation, ServiceScope};
use twosided_prob::Design;
use twosided_report::{Provenance, Summary};
use twosided_scenario::Scenario;
use twosided_sim::{Control, Job, Moments, Observed, Outcomes, Simulated, simulate};

/// A file of the repository.
pub fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The program, run in the repository.
pub fn twosided(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twosided"));
    command.args(arguments).current_dir(file("")).output().expect("the program runs")
}

/// What the program wrote.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A shipped scenario.
pub fn scenario(name: &str) -> Scenario {
    Scenario::load(&file("scenarios").join(name), &[]).expect("shipped scenarios are valid")
}

/// A scenario given as text.
pub fn parse(text: &str) -> Scenario {
    Scenario::parse("test.toml", text).expect("the test's scenario is valid")
}

/// The job of a scenario.
pub fn job(scenario: &Scenario, trials: u64, seed: u64) -> Job<'_> {
    Job { trials, seed, ..scenario.job() }
}

/// A simulated scenario.
pub struct Run {
    /// What came out, trial by trial.
    pub outcomes: Outcomes,
    /// What was observed over all trials.
    pub observed: Observed,
    /// How the trials were drawn.
    pub design: Arc<Design>,
}

impl Run {
    /// Simulates on all cores.
    pub fn of(scenario: &Scenario, trials: u64, seed: u64) -> Self {
        Self::on(scenario, trials, seed, None)
    }

    /// Simulates on this many threads.
    pub fn on(scenario: &Scenario, trials: u64, seed: u64, threads: Option<NonZeroUsize>) -> Self {
        let job = job(scenario, trials, seed);
        let simulated = simulate(&job, threads, &Control::default()).expect("nothing stops it");
        let Simulated { outcomes, observed, design } = simulated;
        Self { outcomes, observed, design }
    }

    /// The figures of the run.
    pub fn summary(&self, scenario: &Scenario) -> Summary {
        let provenance =
            Provenance::new(scenario, &self.outcomes, twosided::VERSION, twosided::COMMIT).expect("it is TOML");
        let (outcomes, observed) = (self.outcomes.clone(), self.observed.clone());
        let simulated = Simulated { outcomes, observed, design: Arc::clone(&self.design) };
        Summary::new(scenario, &simulated, provenance).expect("gains are finite")
    }

    /// Expenditure truncated at the segments' points, in total and by segment.
    pub fn truncated(&self) -> (Vec<Moments>, Moments) {
        let truncated = Observation::Layer {
            services: ServiceScope::All,
            attachment: Attachment::ZERO,
            limit: Limit::TruncationPoint,
        };
        let (by_segment, total) = self.observed.observation(&truncated).expect("an MSSP contract observes it");
        (by_segment.to_vec(), total)
    }

    /// Expenditure truncated at the segments' points, in total.
    pub fn truncated_total(&self) -> Moments {
        self.truncated().1
    }
}
