//! Where the figures of a national run come from: what it takes to repeat it to the bit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use toml_edit::{DocumentMut, Item, Table, value};
use twosided_national::AcoYears;

use crate::provenance::hex;

/// What was run, with what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NationalProvenance {
    /// CMS's results file, as named.
    pub file: String,
    /// Hash of its bytes.
    pub file_sha256: String,
    /// Its performance year.
    pub performance_year: u16,
    /// How far benchmarks follow the trend of a trial, from 0 to 1.
    pub trend_followed: f64,
    /// Further options of the command: which rows, and whether everybody is drawn in every trial; empty for all rows and pools.
    pub options: String,
    /// Rows of the file.
    pub rows: u64,
    /// Which of them take part, in words; absent where all do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selected: Option<String>,
    /// Trials.
    pub trials: u64,
    /// Seed.
    pub seed: u64,
    /// Persons of each enrollment type who were sampled for each ACO, to see what truncation takes.
    pub persons: u64,
    /// Version of the program.
    pub version: String,
    /// Commit of the program; `unknown` where it was built outside of its repository.
    pub commit: String,
    /// The generator of random numbers.
    pub generator: String,
    /// Hash of every ACO's benchmark, expenditure and gain, trial by trial.
    pub outcomes_sha256: String,
}

impl NationalProvenance {
    /// The command that repeats the run.
    pub fn command(&self) -> String {
        let Self { file, performance_year, trials, seed, trend_followed, options, .. } = self;
        let options = if options.is_empty() { String::new() } else { format!(" {options}") };
        format!(
            "twosided national {file} --performance-year {performance_year} --trials {trials} --seed {seed} \
             --trend-followed {trend_followed}{options}"
        )
    }

    /// The record of the run.
    pub(crate) fn record(&self) -> String {
        let mut national = Table::new();
        national["command"] = value(self.command());
        national["file"] = value(self.file.as_str());
        national["file_sha256"] = value(self.file_sha256.as_str());
        national["performance_year"] = value(i64::from(self.performance_year));
        national["trend_followed"] = value(self.trend_followed);
        national["options"] = value(self.options.as_str());
        national["trials"] = value(self.trials.cast_signed());
        national["seed"] = value(self.seed.cast_signed());
        let mut written_by = Table::new();
        written_by["version"] = value(self.version.as_str());
        written_by["commit"] = value(self.commit.as_str());
        written_by["generator"] = value(self.generator.as_str());
        written_by["persons"] = value(self.persons.cast_signed());
        written_by["outcomes_sha256"] = value(self.outcomes_sha256.as_str());
        let mut record = DocumentMut::new();
        record["national"] = Item::Table(national);
        record["written_by"] = Item::Table(written_by);
        record.to_string()
    }
}

/// Hash of the bytes of a file.
pub fn sha256_of_file(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Hash of every ACO's benchmark, expenditure and gain, trial by trial.
pub fn outcomes_of_acos_sha256(years: &[AcoYears]) -> String {
    let mut hash = Sha256::new();
    for aco in years {
        for figure in aco.benchmark.iter().chain(&aco.expenditure).chain(&aco.gain) {
            hash.update(figure.to_le_bytes());
        }
    }
    hex(&hash.finalize())
}
