//! Where figures come from: what a run needs to be repeated to the bit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml_edit::{DocumentMut, Item, Table, TomlError, value};
use twosided_form::toml_text;
use twosided_prob::GENERATOR;
use twosided_scenario::Scenario;
use twosided_sim::{Keep, Outcomes};

use crate::ReportError;

/// What was run, with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// The scenario's name.
    pub scenario: String,
    /// Trials, as run.
    pub trials: u64,
    /// Years of each.
    pub years: u32,
    /// Seed, as run.
    pub seed: u64,
    /// Whether variance is reduced: scores stratified, and measures corrected by controls. Absent where it is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub variance_reduction: bool,
    /// Version of the program.
    pub version: String,
    /// Commit of the program; `unknown` where it was built outside of its repository.
    pub commit: String,
    /// The generator of random numbers.
    pub generator: String,
    /// Hash of the scenario as run: its text with trials and seed as run, without a `[written_by]` block. A `run.toml` that is
    /// run again has the same.
    pub scenario_sha256: String,
    /// Hash of all gains and lines, trial by trial; where lines are not kept, of all gains.
    pub outcomes_sha256: String,
    /// What was kept of each trial: `gains` or `none`; absent where all was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcomes: Option<String>,
}

impl Provenance {
    /// Hashes what was read and what came out.
    ///
    /// # Errors
    /// [`ReportError::Scenario`] for a text that cannot be written back.
    pub fn new(scenario: &Scenario, outcomes: &Outcomes, version: &str, commit: &str) -> Result<Self, ReportError> {
        Ok(Self {
            scenario: scenario.name.clone(),
            trials: scenario.trials,
            years: scenario.years,
            seed: scenario.seed,
            variance_reduction: scenario.variance_reduction,
            version: version.to_owned(),
            commit: commit.to_owned(),
            generator: GENERATOR.to_owned(),
            scenario_sha256: scenario_sha256(scenario)?,
            outcomes_sha256: outcomes_sha256(outcomes),
            outcomes: (outcomes.keep != Keep::Lines).then(|| outcomes.keep.name().to_owned()),
        })
    }

    /// The scenario as read, with trials and seed as run and a `[written_by]` block: a scenario that repeats the run.
    pub(crate) fn run_file(&self, text: &str) -> Result<String, TomlError> {
        let mut document = as_run(text, self.trials, self.seed, self.variance_reduction)?;
        let mut written_by = Table::new();
        for (key, text) in [
            ("version", &self.version),
            ("commit", &self.commit),
            ("generator", &self.generator),
            ("scenario_sha256", &self.scenario_sha256),
            ("outcomes_sha256", &self.outcomes_sha256),
        ] {
            written_by[key] = value(text.as_str());
        }
        if let Some(kept) = &self.outcomes {
            written_by["outcomes"] = value(kept.as_str());
        }
        document["written_by"] = Item::Table(written_by);
        Ok(document.to_string())
    }
}

/// Hash of a scenario as it is run.
///
/// # Errors
/// [`ReportError::Scenario`] for a text that cannot be written back.
pub fn scenario_sha256(scenario: &Scenario) -> Result<String, ReportError> {
    Ok(hex(&Sha256::digest(text_as_run(scenario)?.as_bytes())))
}

/// Hash of all gains and lines, trial by trial; where lines are not kept, of all gains.
pub fn outcomes_sha256(outcomes: &Outcomes) -> String {
    let mut hash = Sha256::new();
    for figure in outcomes.yearly.iter().chain(&outcomes.lines) {
        hash.update(figure.to_le_bytes());
    }
    hex(&hash.finalize())
}

/// The text of a scenario as it is run: complete without the files that it includes, with trials and seed as run. It repeats the run, and
/// its hash is that of the scenario.
///
/// # Errors
/// [`ReportError::Scenario`] for a text that cannot be written back.
pub fn scenario_as_run(scenario: &Scenario) -> Result<String, ReportError> {
    Ok(text_as_run(scenario)?)
}

/// The text of a scenario as it is run; that of its `run.toml` is the same.
pub(crate) fn text_as_run(scenario: &Scenario) -> Result<String, TomlError> {
    Ok(as_run(&scenario.text, scenario.trials, scenario.seed, scenario.variance_reduction)?.to_string())
}

/// The scenario's text with trials, seed and variance reduction as run, without what the program says of itself and what steers a terminal.
fn as_run(text: &str, trials: u64, seed: u64, variance_reduction: bool) -> Result<DocumentMut, TomlError> {
    let mut document: DocumentMut = toml_text(text).parse()?;
    document["run"]["trials"] = value(i64::try_from(trials).unwrap_or(i64::MAX));
    document["run"]["seed"] = value(i64::try_from(seed).unwrap_or(i64::MAX));
    // A text that does not ask for it stays as it is where the run did not have it either.
    if variance_reduction || document["run"].get("variance_reduction").is_some() {
        document["run"]["variance_reduction"] = value(variance_reduction);
    }
    document.remove("written_by");
    Ok(document)
}

/// Bytes as text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
