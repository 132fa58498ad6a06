//! What moves a bad year: keys of the scenario, moved one at a time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Figure;

/// How much keys move the loss of a 1-in-20 bad year of one contract.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sensitivity {
    /// The contract.
    pub contract: String,
    /// The loss of a 1-in-20 bad year of the scenario as it is; below zero where it is a gain.
    pub value_at_risk_95: Figure,
    /// The keys, the one that moves it most first.
    pub keys: Vec<MovedKey>,
}

/// One key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MovedKey {
    /// The key, as `--set` has it.
    pub key: String,
    /// At the lower value.
    pub low: MovedEnd,
    /// At the higher value.
    pub high: MovedEnd,
}

/// A key at one value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MovedEnd {
    /// The value.
    pub value: f64,
    /// What it adds to the loss of a 1-in-20 bad year, by paired trials.
    pub change: Figure,
}

impl MovedKey {
    /// The larger change, whichever its sign.
    pub fn effect(&self) -> f64 {
        self.low.change.value.abs().max(self.high.change.value.abs())
    }

    /// The key in words: its last part, with the one before it where that alone says little.
    pub fn in_words(&self) -> String {
        const SAY_LITTLE: [&str; 8] = ["mean", "cv", "sd", "share", "zero", "weight", "cost_share", "dispersion"];
        let parts: Vec<&str> = self.key.split('.').map(|part| part.trim().trim_matches(['"', '\''])).collect();
        let said = match parts.as_slice() {
            [.., before, last] if SAY_LITTLE.contains(last) => format!("{before} {last}"),
            [.., last] => (*last).to_owned(),
            [] => String::new(),
        };
        said.replace('_', " ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Figure, Unit};

    #[test]
    fn a_key_is_said_by_its_last_part() {
        let end = || MovedEnd { value: 1.0, change: Figure::exact(Unit::UsdAYear, -2.0, 0.0) };
        let said = |key: &str| MovedKey { key: key.to_owned(), low: end(), high: end() }.in_words();
        assert_eq!(said("contracts.Track.terms.mssp.loss_rate"), "loss rate");
        assert_eq!(said("population.trend.mean"), "trend mean");
        assert_eq!(said("seed"), "seed");
        assert_eq!(MovedKey { key: String::new(), low: end(), high: end() }.effect(), 2.0);
    }
}
