//! Settling actual years, without simulation: CMS's public results as published, or any contract on data of one's own.

use std::path::Path;

use twosided_actuals::{ActualsError, MsspFile, ReachFile, SettledRows, Table, Tolerance, YearsFile};
use twosided_form::{Document, DocumentError, printable, shortened};

/// First performance year of the Shared Savings Program.
const FIRST_YEAR: u16 = 2012;
/// Last performance year whose results file has been settled.
const LAST_SEEN: u16 = 2024;
/// Most ACOs that a remark names.
const MOST_NAMED: usize = 20;

/// Years that cannot be settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The terms are wrong, or cannot be read.
    #[error(transparent)]
    Terms(#[from] DocumentError),
    /// The data are wrong, or cannot be read.
    #[error(transparent)]
    Data(#[from] ActualsError),
    /// A table was given in place of terms.
    #[error("{file} is a table; the file of terms comes first, then the data")]
    TableForTerms {
        /// The file.
        file: String,
    },
}

/// Settles every row of CMS's public results of the Shared Savings Program under the rules of a performance year.
///
/// `participant_revenue` is a table of `aco_id` and `participant_revenue`, which no public file has.
///
/// # Errors
/// [`SettleError::Data`], with every problem of a file.
///
/// # Examples
/// ```
/// # let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/mssp-py2024.csv");
/// let rows = twosided::settle::mssp(file.as_ref(), 2024, None)?;
/// assert_eq!(rows.rows.len(), 21);
/// # Ok::<(), twosided::settle::SettleError>(())
/// ```
pub fn mssp(
    file: &Path,
    performance_year: u16,
    participant_revenue: Option<&Path>,
) -> Result<SettledRows, SettleError> {
    let table = Table::load(file)?;
    let mut results = MsspFile::new(&table, performance_year)?;
    let mut remarks = Vec::new();
    if let Some(path) = participant_revenue {
        results = results.with_participant_revenue(&Table::load(path)?)?;
        let unmatched = results.without_a_row();
        if !unmatched.is_empty() {
            let acos: Vec<String> = unmatched.into_iter().take(MOST_NAMED).map(|aco| shortened(aco, 20)).collect();
            remarks.push(format!("participant revenue names ACOs missing from the file: {}", acos.join(", ")));
        }
    }
    if performance_year > LAST_SEEN {
        remarks.push(format!("rules without a default after {LAST_SEEN} are taken as they last were"));
    }
    let mut rows = results.settle()?;
    rows.remarks.splice(0..0, remarks);
    Ok(rows)
}

/// Settles every row of CMS's public results of ACO REACH under the rules of a performance year.
///
/// # Errors
/// [`SettleError::Data`], with every problem of the file.
pub fn reach(file: &Path, performance_year: u16) -> Result<SettledRows, SettleError> {
    Ok(ReachFile::new(&Table::load(file)?, performance_year)?.settle()?)
}

/// Settles every row of a table under a file of terms.
///
/// # Errors
/// [`SettleError`], with every problem of the terms, or of the data.
pub fn terms(terms: &Path, data: &Path) -> Result<SettledRows, SettleError> {
    let is_table = |ending: &std::ffi::OsStr| ["csv", "parquet"].iter().any(|table| ending.eq_ignore_ascii_case(table));
    if terms.extension().is_some_and(is_table) {
        return Err(SettleError::TableForTerms { file: printable(&terms.display().to_string()) });
    }
    let file = YearsFile::new(Document::load(terms)?)?;
    Ok(file.settle(&Table::load(data)?)??)
}

/// Another performance year of the Shared Savings Program under whose rules more rows of a results file agree with what it
/// publishes than `agree`, and how many do: a sign that the file is of that year.
pub fn better_year(file: &Path, within: Tolerance, agree: usize) -> Option<(u16, usize)> {
    let table = Table::load(file).ok()?;
    let agreeing = |year: u16| {
        let rows = MsspFile::new(&table, year).and_then(|file| file.settle()).ok()?;
        Some((year, rows.compared(within).first()?.agree))
    };
    let best = (FIRST_YEAR..=LAST_SEEN).filter_map(agreeing).max_by_key(|&(_, agree)| agree);
    best.filter(|&(_, more)| more > agree)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn file(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
    }

    #[test]
    fn a_file_of_another_year_agrees_better_under_its_own_rules() {
        let puf = file("tests/data/mssp-py2024.csv");
        let dollar = Tolerance::DOLLAR;
        let agree = mssp(&puf, 2024, None).expect("it settles").compared(dollar)[0].agree;
        assert_eq!(better_year(&puf, dollar, 0), Some((2024, agree)));
        assert_eq!(better_year(&puf, dollar, agree), None);
    }

    #[test]
    fn revenue_of_an_aco_that_the_file_does_not_have_is_remarked_on() {
        let revenue = file("tests/data/participant-revenue-solved-back.csv");
        let rows = mssp(&file("tests/data/mssp-py2022.csv"), 2022, Some(&revenue)).expect("it settles");
        let remark = rows.remarks.first().expect("ACOs of 2021 are missing from 2022");
        assert!(remark.starts_with("participant revenue names ACOs missing from the file: A"), "{remark}");
    }

    #[test]
    fn terms_and_data_the_other_way_around_are_recognized() {
        let contract = |ending: &str| file(&format!("tests/data/contracts/exact-minimum.{ending}"));
        assert_eq!(terms(&contract("toml"), &contract("csv")).expect("it settles").rows.len(), 3);
        let error = terms(&contract("csv"), &contract("toml")).expect_err("they are swapped");
        assert!(matches!(error, SettleError::TableForTerms { .. }), "{error}");
    }
}
