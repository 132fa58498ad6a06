//! Where figures come from: what a run needs to be repeated to the bit.

use sha2::{Digest, Sha256};
use toml_edit::{DocumentMut, Item, Table, value};
use twosided_prob::GENERATOR;
use twosided_scenario::Scenario;
use twosided_sim::Outcomes;

/// What was run, with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The scenario's name.
    pub scenario: String,
    /// Trials, as run.
    pub trials: u64,
    /// Seed, as run.
    pub seed: u64,
    /// Version of the program.
    pub version: &'static str,
    /// Commit of the program, where it is known.
    pub commit: &'static str,
    /// Hash of the scenario's text.
    pub scenario_sha256: String,
    /// Hash of all gains and lines, trial by trial.
    pub outcomes_sha256: String,
}

impl Provenance {
    /// Hashes what was read and what came out.
    pub fn new(scenario: &Scenario, outcomes: &Outcomes, version: &'static str, commit: &'static str) -> Self {
        let mut hash = Sha256::new();
        for figure in outcomes.yearly.iter().chain(&outcomes.lines) {
            hash.update(figure.to_le_bytes());
        }
        Self {
            scenario: scenario.name.clone(),
            trials: scenario.trials,
            seed: scenario.seed,
            version,
            commit,
            scenario_sha256: hex(&Sha256::digest(scenario.text.as_bytes())),
            outcomes_sha256: hex(&hash.finalize()),
        }
    }

    /// The scenario as read, with trials and seed as run and a `[written_by]` block: a scenario that repeats the run.
    pub(crate) fn run_file(&self, text: &str) -> Result<String, toml_edit::TomlError> {
        let mut document: DocumentMut = text.parse()?;
        document["run"]["trials"] = value(i64::try_from(self.trials).unwrap_or(i64::MAX));
        document["run"]["seed"] = value(i64::try_from(self.seed).unwrap_or(i64::MAX));
        let mut written_by = Table::new();
        for (key, text) in [
            ("version", self.version),
            ("commit", self.commit),
            ("generator", GENERATOR),
            ("scenario_sha256", &self.scenario_sha256),
            ("outcomes_sha256", &self.outcomes_sha256),
        ] {
            written_by[key] = value(text);
        }
        document["written_by"] = Item::Table(written_by);
        Ok(document.to_string())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
