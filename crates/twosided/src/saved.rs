//! A run read back from the files that it left.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use twosided_actuals::{ActualsError, Table};
use twosided_files::read_input;
use twosided_form::{DocumentError, shortened};
use twosided_report::{
    Provenance, ReportError, SCHEMA_VERSION, Summary, outcomes_sha256, read_trials, scenario_sha256,
};
use twosided_scenario::{Overrides, Scenario};
use twosided_sim::Keep;

use crate::Run;

const RUN: &str = "run.toml";
pub(crate) const SUMMARY: &str = "summary.json";
pub(crate) const TRIALS: &str = "trials.parquet";
/// Most bytes of a summary.
pub(crate) const MOST_BYTES: u64 = 256 << 20;

/// A folder that does not hold a whole run.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The scenario cannot be read.
    #[error("cannot open the run: {0}")]
    Scenario(#[from] DocumentError),
    /// The trials cannot be read.
    #[error("cannot open the run: {0}")]
    Trials(#[from] ActualsError),
    /// The scenario's text cannot be hashed.
    #[error("cannot open the run: {0}")]
    Report(#[from] ReportError),
    /// What a file holds is wrong, or is not of this run.
    #[error("cannot open the run: {}: {reason}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What is wrong, and what would be right.
        reason: String,
    },
}

impl Run {
    /// Reads a run from the folder of its report: `run.toml`, `summary.json` and `trials.parquet`. Its report is the same to the
    /// byte.
    ///
    /// # Errors
    /// [`OpenError`] for a file that is missing, was changed, or is of another run, and for a run that kept no trials.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, OpenError> {
        let folder = folder.as_ref();
        let wrong = |name: &str, reason: String| OpenError::File { file: folder.join(name), reason };
        let bytes = read_input(&folder.join(SUMMARY), MOST_BYTES);
        let bytes = bytes.map_err(|error| wrong(SUMMARY, error.to_string()))?;
        let summary = summary(&bytes).map_err(|reason| wrong(SUMMARY, reason))?;
        let Provenance { trials, years, seed, .. } = summary.provenance;
        let keep = kept(&summary).map_err(|reason| wrong(SUMMARY, reason))?;
        let overrides = Overrides { keep, ..Overrides::default() };
        let scenario = Scenario::load_with(folder.join(RUN), &overrides)?;
        let of = |trials, years, seed| format!("{trials} trials of {years} years from seed {seed}");
        let (asked, summarized) = (of(scenario.trials, scenario.years, scenario.seed), of(trials, years, seed));
        if asked != summarized {
            return Err(wrong(RUN, format!("it asks for {asked}; {SUMMARY} is of {summarized}")));
        }
        let hash = scenario_sha256(&scenario)?;
        if hash != summary.provenance.scenario_sha256 {
            let expected = shortened(&summary.provenance.scenario_sha256, 64);
            return Err(wrong(RUN, format!("its SHA-256 is {hash}; the scenario of {SUMMARY} has {expected}")));
        }
        let names: Vec<&str> = scenario.contracts.iter().map(|contract| contract.name.as_str()).collect();
        check_names(&summary, &names, years).map_err(|reason| wrong(SUMMARY, reason))?;
        if keep == Keep::None {
            let reason = "the run kept no trials (--outcomes none), which its charts are drawn from; run it again with \
                          --outcomes gains or lines";
            return Err(wrong(TRIALS, reason.to_owned()));
        }
        let table = Table::load(&folder.join(TRIALS))?;
        let outcomes = read_trials(&table, keep, trials as usize, years as usize, &names);
        let outcomes = outcomes.map_err(|reason| wrong(TRIALS, reason))?;
        let hash = outcomes_sha256(&outcomes);
        if hash != summary.provenance.outcomes_sha256 {
            let expected = shortened(&summary.provenance.outcomes_sha256, 64);
            return Err(wrong(
                TRIALS,
                format!(
                    "the SHA-256 of its {} is {hash}; {SUMMARY} is of outcomes with {expected}",
                    if keep >= Keep::Lines { "gains and lines" } else { "gains" }
                ),
            ));
        }
        Ok(Self { scenario, outcomes, summary })
    }
}

/// Reads a summary of this version.
pub(crate) fn summary(bytes: &[u8]) -> Result<Summary, String> {
    #[derive(Deserialize)]
    struct Versioned {
        schema_version: u32,
    }
    let malformed = |error: serde_json::Error| format!("it is not the summary of a run: {error}");
    let Versioned { schema_version } = serde_json::from_slice(bytes).map_err(malformed)?;
    if schema_version != SCHEMA_VERSION {
        return Err(format!("its schema_version is {schema_version}; this version of twosided reads {SCHEMA_VERSION}"));
    }
    serde_json::from_slice(bytes).map_err(malformed)
}

/// What the run kept of each trial.
fn kept(summary: &Summary) -> Result<Keep, String> {
    let Some(kept) = &summary.provenance.outcomes else { return Ok(Keep::Lines) };
    let wrong = || format!("`outcomes` is \"{}\"; it must be none, gains, lines or cash", shortened(kept, 40));
    Keep::ALL.into_iter().find(|keep| keep.name() == kept).ok_or_else(wrong)
}

/// Makes sure that the summary has every contract, with every year.
fn check_names(summary: &Summary, names: &[&str], years: u32) -> Result<(), String> {
    if let Some(missing) = names.iter().find(|name| summary.contract(name).is_none()) {
        return Err(format!("it lacks the contract \"{}\" of {RUN}", shortened(missing, 60)));
    }
    for contract in &summary.contracts {
        let name = shortened(&contract.name, 60);
        if !names.contains(&contract.name.as_str()) {
            return Err(format!("{RUN} has no contract \"{name}\""));
        }
        if !contract.years.iter().map(|year| year.year).eq(1..=years) {
            return Err(format!("the contract \"{name}\" must have the years 1 to {years} in order"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::LazyLock};

    use tempfile::{TempDir, tempdir};

    use super::*;
    use crate::{RunOptions, run};

    const SCENARIO: &str = r#"
[run]
name = "=Two years, \"saved\""
trials = 40
years = 2
seed = 3
[population]
source = "assumed"
trend = { mean = 1.04, cv = 0.02 }
[[population.segments]]
name = "all"
members = 300
services.care = { annual = { lognormal = { mean = 9_000, cv = 2 }, zero = 0.1 } }
[[contracts]]
name = "Fees"
terms.fee_for_service = {}
[[contracts]]
name = "Track, until a loss"
terms.mssp = { track = "enhanced", benchmark = { per_capita = 9_000 } }
agreement.ends.losses_in_a_row = 1
[[contracts]]
name = "Capitation"
terms.capitation = { pmpm = 760 }
covers.specific = { attachment_point = 50_000, premium_pmpm = 60 }
"#;

    fn run_with(seed: u64) -> Run {
        let mut scenario = Scenario::parse("test.toml", SCENARIO).expect("the test's scenario is valid");
        scenario.seed = seed;
        run(&scenario, &RunOptions::default()).expect("it is small")
    }

    fn saved(run: &Run) -> TempDir {
        let folder = tempdir().expect("a folder");
        run.write(folder.path().join("run")).expect("the folder is new");
        folder
    }

    #[test]
    fn a_run_that_keeps_less_has_the_same_figures() {
        let all = run_with(3);
        for keep in [Keep::Gains, Keep::None] {
            let scenario = Scenario { keep, ..all.scenario.clone() };
            let run = run(&scenario, &RunOptions::default()).expect("it is small");
            assert!(run.outcomes.lines.is_empty());
            for (less, of_all) in run.summary.contracts.iter().zip(&all.summary.contracts) {
                let figures = less.measures.iter().chain(&less.mean_lines);
                for (figure, expected) in figures.zip(of_all.measures.iter().chain(&of_all.mean_lines)) {
                    let near = |found: f64, wanted: f64| (found - wanted).abs() <= 1e-12 * wanted.abs().max(1.0);
                    let (found, wanted) = (figure.estimate(), expected.estimate());
                    assert!(near(found.value, wanted.value), "{keep:?} {figure:?} {expected:?}");
                    assert!(near(found.lower, wanted.lower) || found.lower == wanted.lower, "{figure:?} {expected:?}");
                    assert_eq!(found.caution, wanted.caution);
                }
                assert_eq!(less.years, of_all.years);
            }
            assert_eq!(run.summary.differences, all.summary.differences);
            let folder = saved(&run);
            let opened = Run::open(folder.path().join("run"));
            if keep == Keep::None {
                assert!(!folder.path().join("run/trials.parquet").exists());
                let said = opened.expect_err("there are no trials").to_string();
                assert!(said.ends_with("with --outcomes gains or lines"), "{said}");
            } else {
                let opened = opened.expect("it was written whole");
                assert_eq!(
                    (&opened.outcomes, &opened.summary),
                    (&run.outcomes.clone().without_details(), &run.summary)
                );
                assert_eq!(opened.report().html(), run.report().html());
            }
        }
    }

    /// Two runs that differ in their seeds alone.
    static SAVED: LazyLock<[TempDir; 2]> = LazyLock::new(|| [3, 4].map(|seed| saved(&run_with(seed))));

    #[test]
    fn a_run_read_back_makes_the_same_report() {
        let run = run_with(3);
        let folder = saved(&run);
        let path = folder.path().join("run");
        let opened = Run::open(&path).expect("it was written whole");
        assert_eq!(opened.outcomes, run.outcomes.clone().without_details());
        assert_eq!(opened.summary, run.summary);
        assert!(opened.outcomes.in_force.iter().any(|&years| years == 1), "a contract ends early");
        let written = |name: &str| fs::read(path.join(name)).expect("it was written");
        assert!(opened.report().html().as_bytes() == written("report.html"), "the page differs");
        assert!(opened.report().summary_csv().expect("it can be written") == written("summary.csv"));
        assert!(opened.report().summary_json().expect("it can be written") == written(SUMMARY));
        assert_eq!(opened.report().table(Some(120)), run.report().table(Some(120)));
        // What was opened can be written again, over what was there.
        opened.write(&path).expect("the folder is of a run");
        assert!(Run::open(&path).is_ok());
    }

    /// What is said of a folder in which the files are changed so.
    fn refusal(change: impl FnOnce(&Path)) -> String {
        let folder = tempdir().expect("a folder");
        for name in [RUN, SUMMARY, TRIALS] {
            fs::copy(SAVED[0].path().join("run").join(name), folder.path().join(name)).expect("it was written");
        }
        change(folder.path());
        Run::open(folder.path()).expect_err("it is not a whole run").to_string()
    }

    fn replaced(name: &'static str, from: &'static str, to: &'static str) -> impl FnOnce(&Path) {
        move |folder| {
            let text = fs::read_to_string(folder.join(name)).expect("it was written");
            assert!(text.contains(from), "{name} has {from}");
            fs::write(folder.join(name), text.replacen(from, to, 1)).expect("it can be written");
        }
    }

    #[test]
    fn a_file_that_is_missing_or_cut_off_is_named() {
        for name in [RUN, SUMMARY, TRIALS] {
            let said = refusal(|folder| fs::remove_file(folder.join(name)).expect("it was written"));
            assert!(said.contains(name) && said.ends_with("there is no such file"), "{said}");
        }
        for name in [SUMMARY, TRIALS] {
            let said = refusal(|folder| {
                let bytes = fs::read(folder.join(name)).expect("it was written");
                fs::write(folder.join(name), &bytes[..bytes.len() / 2]).expect("it can be written");
            });
            assert!(said.contains(name) && said.contains("it is not"), "{said}");
        }
    }

    #[test]
    fn a_summary_of_another_form_is_refused_with_what_it_lacks() {
        let said = refusal(replaced(SUMMARY, "\"schema_version\": 1", "\"schema_version\": 7"));
        assert!(said.ends_with("its schema_version is 7; this version of twosided reads 1"), "{said}");
        let said = refusal(replaced(SUMMARY, "\"sd_gain\"", "\"sd\""));
        assert!(said.contains("missing field `sd_gain` at line"), "{said}");
        let said = refusal(replaced(SUMMARY, "\"Track, until a loss\": {", "\"Fees\": {"));
        assert!(said.contains("the contract \"Fees\" stands there twice"), "{said}");
        let said = refusal(replaced(SUMMARY, "\"Track, until a loss\": {", "\"Other\": {"));
        assert!(said.contains("it lacks the contract \"Track, until a loss\" of run.toml"), "{said}");
        let said = refusal(replaced(SUMMARY, "\"year\": 2", "\"year\": 3"));
        assert!(said.ends_with("must have the years 1 to 2 in order"), "{said}");
    }

    #[test]
    fn files_of_two_runs_do_not_go_together() {
        let from_other = |name: &'static str| {
            let path = SAVED[1].path().join("run").join(name);
            refusal(move |folder| {
                fs::copy(path, folder.join(name)).expect("it can be copied");
            })
        };
        let said = from_other(TRIALS);
        assert!(said.contains("trials.parquet: the SHA-256 of its gains and lines is "), "{said}");
        let said = from_other(RUN);
        assert!(
            said.contains("run.toml: it asks for 40 trials of 2 years from seed 4; summary.json is of 40"),
            "{said}"
        );
        let said = refusal(replaced(RUN, "pmpm = 760", "pmpm = 761"));
        assert!(said.contains("run.toml: its SHA-256 is "), "{said}");
        let said = refusal(replaced(RUN, "terms.mssp", "terms.msp"));
        assert!(said.contains("run.toml has 1 problem"), "{said}");
    }
}
