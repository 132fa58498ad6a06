//! What a shard says of itself: `shard.json`.

use std::{collections::BTreeMap, ops::Range};

use serde::{Deserialize, Serialize};
use twosided_form::shortened;
use twosided_prob::GENERATOR;
use twosided_report::{ReportError, scenario_sha256};
use twosided_scenario::Scenario;
use twosided_sim::Keep;

use crate::{COMMIT, VERSION};

/// The file's name.
pub(crate) const MANIFEST: &str = "shard.json";
/// The version of its form.
const SCHEMA_VERSION: u32 = 1;

/// Of which run a shard is, which trials it holds, and the hashes of its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    schema_version: u32,
    /// The scenario's name, for a reader.
    scenario: String,
    version: String,
    commit: String,
    generator: String,
    pub(crate) scenario_sha256: String,
    pub(crate) seed: u64,
    /// Trials of the whole run.
    pub(crate) trials: u64,
    outcomes: String,
    first_trial: u64,
    /// The trial after the last.
    end_trial: u64,
    /// The SHA-256 of each file.
    pub(crate) files: BTreeMap<String, String>,
}

impl Manifest {
    /// Names of the files, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Of a shard that this program makes of a scenario.
    pub(crate) fn new(
        scenario: &Scenario,
        trials: &Range<u64>,
        files: BTreeMap<String, String>,
    ) -> Result<Self, ReportError> {
        Ok(Self {
            schema_version: SCHEMA_VERSION,
            scenario: scenario.name.clone(),
            version: VERSION.to_owned(),
            commit: COMMIT.to_owned(),
            generator: GENERATOR.to_owned(),
            scenario_sha256: scenario_sha256(scenario)?,
            seed: scenario.seed,
            trials: scenario.trials,
            outcomes: scenario.keep.name().to_owned(),
            first_trial: trials.start,
            end_trial: trials.end,
            files,
        })
    }

    /// Reads a manifest, of this form and with trials of its run.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Versioned {
            schema_version: u32,
        }
        let malformed = |error: serde_json::Error| format!("it is not the manifest of a shard: {error}");
        let Versioned { schema_version } = serde_json::from_slice(bytes).map_err(malformed)?;
        if schema_version != SCHEMA_VERSION {
            return Err(format!("its schema_version is {schema_version}; this program reads {SCHEMA_VERSION}"));
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(malformed)?;
        let Self { first_trial, end_trial, trials, .. } = manifest;
        if first_trial >= end_trial || end_trial > trials {
            return Err(format!(
                "its trials are {first_trial}..{end_trial}; they must be some of the {trials} trials of the run, 0..{trials}"
            ));
        }
        manifest.keep()?;
        Ok(manifest)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let text = serde_json::to_string_pretty(self).expect("text and numbers are JSON");
        format!("{text}\n").into_bytes()
    }

    /// The trials of the shard, counted from 0.
    pub(crate) fn range(&self) -> Range<u64> {
        self.first_trial..self.end_trial
    }

    /// What is kept of each trial.
    pub(crate) fn keep(&self) -> Result<Keep, String> {
        let wrong =
            || format!("`outcomes` is \"{}\"; it must be none, gains, lines or cash", shortened(&self.outcomes, 40));
        Keep::ALL.into_iter().find(|keep| keep.name() == self.outcomes).ok_or_else(wrong)
    }

    /// Why the shard was made by another program than this one, if it was: its trials could differ in their bits.
    pub(crate) fn of_another_program(&self) -> Option<String> {
        let of =
            |version: &str, commit: &str| format!("twosided {} ({})", shortened(version, 20), shortened(commit, 30));
        let (found, ours) = (of(&self.version, &self.commit), of(VERSION, COMMIT));
        if found != ours {
            return Some(format!("it was written by {found}; this is {ours}: use the program that wrote it"));
        }
        let generator = shortened(&self.generator, 80);
        (self.generator != GENERATOR).then(|| {
            format!("its generator of random numbers is \"{generator}\"; that of this program is \"{GENERATOR}\"")
        })
    }

    /// How the shard is of another run than one with these figures, if it is.
    pub(crate) fn of_another_run(&self, wanted: &Self, whose: &str) -> Option<String> {
        let differs = |what: &str, found: &str, right: &str| {
            (found != right)
                .then(|| format!("its {what} is {}; {whose} has {}", shortened(found, 64), shortened(right, 64)))
        };
        let number = |what, found: u64, right: u64| differs(what, &found.to_string(), &right.to_string());
        number("seed", self.seed, wanted.seed)
            .or_else(|| number("number of trials", self.trials, wanted.trials))
            .or_else(|| differs("scenario's SHA-256", &self.scenario_sha256, &wanted.scenario_sha256))
            .or_else(|| differs("--outcomes", &self.outcomes, &wanted.outcomes))
    }
}
