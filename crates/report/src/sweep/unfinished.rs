//! The points of a sweep that is not finished, in a file, so that it goes on where it stopped.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use twosided_files::{IfThere, OutputFile, read_input};
use twosided_prob::{Caution, Estimate};

use super::figures::{SweepDifference, SweepFigure};
use crate::ReportError;

/// Largest file read.
const MOST_BYTES: u64 = 1 << 30;

/// What a sweep was asked, as a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepAsked(String);

impl SweepAsked {
    /// The hash of texts, each of which decides the figures, in their order.
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for text in texts {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        Self(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// Points that are done, by their index.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnfinishedSweep {
    /// Each with its figures, `[contract][quantity]`.
    pub points: Vec<(usize, Vec<Vec<SweepFigure>>)>,
}

/// One figure as the file has it: a line of JSON.
#[derive(Serialize, Deserialize)]
struct Line {
    point: usize,
    contract: usize,
    quantity: usize,
    /// Bits of the numbers, so that what is read is what was written, infinite ones too.
    bits: [u64; 6],
    caution: Option<bool>,
}

impl UnfinishedSweep {
    /// Reads what an earlier sweep has left; none where it has left nothing.
    ///
    /// # Errors
    /// What is wrong with the file, and what to do.
    pub fn read(path: &Path, asked: &SweepAsked, shape: (usize, usize)) -> Result<Option<Self>, String> {
        if fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return Ok(None);
        }
        let bytes = read_input(path, MOST_BYTES).map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.lines();
        if lines.next() != Some(&asked.0) {
            return Err("it is of another sweep; remove it to begin anew".to_owned());
        }
        let broken = || "it is not whole; remove it to begin anew".to_owned();
        let mut unfinished = Self::default();
        let mut figures: Vec<SweepFigure> = Vec::new();
        let (contracts, quantities) = shape;
        for line in lines {
            let Line { point, contract, quantity, bits, caution } = serde_json::from_str(line).map_err(|_| broken())?;
            if contract * quantities + quantity != figures.len() {
                return Err(broken());
            }
            let [value, standard_error, lower, upper, difference, error] = bits.map(f64::from_bits);
            let caution = caution.map(|heavy| if heavy { Caution::HeavyTail } else { Caution::FewTrials });
            let estimate = Estimate { value, standard_error, lower, upper, caution };
            figures.push(SweepFigure {
                estimate,
                difference: SweepDifference { value: difference, standard_error: error },
            });
            if figures.len() == contracts * quantities {
                let of_point = figures.chunks(quantities).map(<[SweepFigure]>::to_vec).collect();
                unfinished.points.push((point, of_point));
                figures.clear();
            }
        }
        if figures.is_empty() { Ok(Some(unfinished)) } else { Err(broken()) }
    }

    /// Writes the points, in place of those that were written before.
    ///
    /// # Errors
    /// [`ReportError`].
    pub fn write(&self, path: &Path, SweepAsked(asked): &SweepAsked) -> Result<(), ReportError> {
        let mut text = format!("{asked}\n");
        for (point, contracts) in &self.points {
            for (contract, figures) in contracts.iter().enumerate() {
                for (quantity, SweepFigure { estimate, difference }) in figures.iter().enumerate() {
                    let Estimate { value, standard_error, lower, upper, caution } = *estimate;
                    let numbers = [value, standard_error, lower, upper, difference.value, difference.standard_error];
                    let caution = caution.map(|caution| caution == Caution::HeavyTail);
                    let bits = numbers.map(f64::to_bits);
                    text += &serde_json::to_string(&Line { point: *point, contract, quantity, bits, caution })?;
                    text.push('\n');
                }
            }
        }
        let io = |error: &dyn std::error::Error| ReportError::io(path)(io::Error::other(error.to_string()));
        let file = OutputFile::new(path, &[], IfThere::Replace).map_err(|error| io(&error))?;
        file.write(text.as_bytes()).map_err(|error| io(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_to_the_bit_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("points");
        let figure = |value: f64| SweepFigure {
            estimate: Estimate {
                value,
                standard_error: f64::INFINITY,
                lower: f64::NEG_INFINITY,
                upper: 0.1 + value,
                caution: Some(Caution::HeavyTail),
            },
            difference: SweepDifference { value: -0.0, standard_error: 0.3 },
        };
        let points = vec![(3, vec![vec![figure(0.1), figure(0.2)]]), (0, vec![vec![figure(1e300), figure(2.0)]])];
        let unfinished = UnfinishedSweep { points };
        let asked = SweepAsked::new(["a scenario", "a key"]);
        assert_eq!(UnfinishedSweep::read(&path, &asked, (1, 2)), Ok(None));
        unfinished.write(&path, &asked).expect("it is written");
        assert_eq!(UnfinishedSweep::read(&path, &asked, (1, 2)), Ok(Some(unfinished)));
        let other = SweepAsked::new(["a scenario", "akey"]);
        let refused = UnfinishedSweep::read(&path, &other, (1, 2)).expect_err("it is of another");
        assert_eq!(refused, "it is of another sweep; remove it to begin anew");
        assert!(UnfinishedSweep::read(&path, &asked, (2, 2)).is_err());
        assert!(UnfinishedSweep::read(&path, &asked, (3, 1)).is_err());
    }
}
